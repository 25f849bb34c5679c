"""How well the citations found for freely written sentences agree with those that people gave.

    python -m eval.attribution FILE.jsonl            # held out, beside the closest sentences by cosine
    python -m eval.attribution --train FILE.jsonl    # learn the weights that are shipped, from all records

One record a line: ``id``, ``articles`` (``id``, ``text``) and ``alignments``, each a sentence of a summary
(``summary_span.text``), an article (``doc``) and the stretches of it that people marked because they carry what the
summary says (``doc_spans[].start``, ``end``), as in Slobodkin et al. 2024 ("Attribute First, then Generate",
arXiv:2403.17104). A source sentence is *marked* if the two overlap by half of the shorter at least: the stretches
decide, not the sentences around them, which other tools split otherwise. Stretches without a content word are left out.

"held out" is cross-validation that leaves one story out: the sentences of each story are cited with weights and a limit
learned from all others, the limit by another cross-validation among those. Prints JSON: the signature, standard errors
over stories, and by system:

citations      a sentence
precision      share of the citations that are marked
recall         of what people traced of a sentence, the share that citations carry, mean over sentences: content words
               of the sentence in those of its stretches that stand in a cited sentence, over those in all. Who cites
               one of two equal reports carries the same.
same precision like precision, and what tells the same as a marked sentence is right too: people did not mark every
               report of a fact. The two share 0.8 of the content words of the longer.
pair recall    share of the marked sentences that are cited: all reports of a fact that people marked
article precision, article recall
               of articles cited for a sentence, and of articles marked for it
unsupported    share of the sentences that get no citation
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from summarize.attribution import BIAS, CITED, FEATURES, WEIGHTS, Alignment, align, attribute, choose, probability
from summarize.clustering import story_id
from summarize.config import EncoderSettings
from summarize.documents import Article, Sentence, Story
from summarize.errors import ReadingError, SummarizeError
from summarize.models import Encode, lazy_encode
from summarize.text import content_words, sentences

SAME = 0.8
"""Share of the content words of the longer of two sentences from which they tell the same."""

PENALTY = 0.3
"""Inverse strength of the L2 penalty of the regression."""

LEAST = 0.5
"""What a marked sentence weighs in learning that carries nothing people traced; one that carries all weighs 1 more."""

LIMITS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
"""Probabilities from which to cite that are tried."""

FOLDS = 7
"""Of the cross-validation that chooses one."""


@dataclass(frozen=True)
class Mark:
    """A stretch of an article that people marked, and the content words of the summary's sentence that it holds."""

    article: str
    start: int
    end: int
    carried: frozenset[str]

    def meets(self, sentence: Sentence) -> bool:
        """Whether the sentence is marked by it: they overlap by half of the shorter."""
        overlap = min(self.end, sentence.end) - max(self.start, sentence.start)
        shorter = min(self.end - self.start, sentence.end - sentence.start)
        return self.article == sentence.article and overlap > 0 and 2 * overlap >= shorter


@dataclass(frozen=True)
class Record:
    """A story, the sentences of a summary of it, and what people marked for each: stretches, and source sentences."""

    story: Story
    texts: tuple[str, ...]
    marks: tuple[tuple[Mark, ...], ...]
    marked: tuple[tuple[Sentence, ...], ...]


def read(path: Path) -> list[Record]:
    """The records of a file, by id.

    Raises:
        ReadingError: it cannot be read, or a line is no record of the form above.
    """
    try:
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
        rows = sorted((json.loads(line) for line in lines), key=lambda r: str(r["id"]))
        return [_record(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadingError(f"cannot read alignments from {path}: {type(error).__name__}: {error}") from None


def _record(row: Mapping[str, Any]) -> Record:
    articles = {a["id"]: Article(a["id"], a["text"]) for a in row["articles"]}
    found: dict[tuple[int, int, str], list[Mark]] = defaultdict(list)
    for a in row["alignments"]:
        span = a["summary_span"]
        marks = found[a.get("summary", 0), span["start"], span["text"]]
        for stretch in a["doc_spans"]:
            start, end = stretch["start"], stretch["end"]
            held = frozenset(content_words(articles[a["doc"]].text[start:end]))
            if held:
                marks.append(Mark(a["doc"], start, end, held & frozenset(content_words(span["text"]))))
    keys = sorted(found)
    of_story = [s for a in articles.values() for s in sentences(a)]
    marked = (tuple(s for s in of_story if any(m.meets(s) for m in found[k])) for k in keys)
    ordered = tuple(sorted(articles.values(), key=lambda a: a.id))
    story = Story(story_id(ordered), ordered)
    return Record(story, tuple(text for _, _, text in keys), tuple(tuple(found[k]) for k in keys), tuple(marked))


System = Callable[[Record], Sequence[Sequence[Sentence]]]
"""The citations for each sentence of a record."""


def closest(encode: Encode, count: int) -> System:
    """Cites the ``count`` source sentences of the greatest cosine."""

    def cited(record: Record) -> list[list[Sentence]]:
        found = [s for a in record.story.articles for s in sentences(a)]
        cosines = encode(record.texts) @ encode([s.text for s in found]).T
        return [[found[i] for i in np.argsort(-row, kind="stable")[:count]] for row in cosines]

    return cited


def measure(records: Sequence[Record], system: System) -> dict[str, float]:
    """The figures of a system on records, as the module's docstring defines them."""
    right = same = citations = aligned = unsupported = 0
    carried: list[float] = []
    both = cited_articles = gold_articles = 0
    for cited, marks, gold in _sentences(records, system):
        citations += len(cited)
        unsupported += not cited
        hits = [s in gold for s in cited]
        right += sum(hits)
        same += sum(hit or any(_same(s.text, g.text) for g in gold) for hit, s in zip(hits, cited, strict=True))
        aligned += len(gold)
        whole = _carried(marks)
        if whole:
            carried.append(len(_carried([m for m in marks if any(m.meets(s) for s in cited)])) / len(whole))
        mine, theirs = {s.article for s in cited}, {g.article for g in gold}
        both += len(mine & theirs)
        cited_articles += len(mine)
        gold_articles += len(theirs)
    count = sum(len(r.texts) for r in records)
    shares = {
        "citations": citations / max(1, count),
        "precision": right / max(1, citations),
        "recall": sum(carried) / max(1, len(carried)),
        "same precision": same / max(1, citations),
        "pair recall": right / max(1, aligned),
        "article precision": both / max(1, cited_articles),
        "article recall": both / max(1, gold_articles),
        "unsupported": unsupported / max(1, count),
    }
    precision, recall = shares["precision"], shares["recall"]
    shares["f"] = 2 * precision * recall / max(1e-9, precision + recall)
    return {name: round(value, 4) for name, value in shares.items()}


def errors(records: Sequence[Record], system: System) -> dict[str, float]:
    """Standard errors of precision and recall over stories, by the jackknife (Efron & Stein 1981)."""
    count = len(records)
    left = [measure([r for r in records if r is not out], system) for out in records]
    return {
        name: round(float(np.std([m[name] for m in left]) * (count - 1) ** 0.5), 4) for name in ("precision", "recall")
    }


def _sentences(
    records: Sequence[Record], system: System
) -> Iterator[tuple[Sequence[Sentence], Sequence[Mark], Sequence[Sentence]]]:
    for record in records:
        yield from zip(system(record), record.marks, record.marked, strict=True)


def _carried(marks: Sequence[Mark]) -> frozenset[str]:
    return frozenset[str]().union(*(m.carried for m in marks))


def _same(a: str, b: str) -> bool:
    first, second = set(content_words(a)), set(content_words(b))
    return len(first & second) >= SAME * max(1, len(first), len(second))


@dataclass(frozen=True)
class Learned:
    """A regression, and the probability from which to cite."""

    weights: Mapping[str, float]
    bias: float
    limit: float

    def cite(self, found: Sequence[Alignment]) -> tuple[Sentence, ...]:
        """What it cites of the alignments of one text."""
        scored = [replace(a, probability=probability(a.features, self.weights, self.bias)) for a in found]
        return choose(sorted(scored, key=lambda a: -a.probability), self.limit)


@dataclass(frozen=True)
class Example:
    """A record with its alignments, and what is learned from them.

    Attributes:
        record: the record.
        aligned: the alignments of each of its sentences.
        rows: the features of every alignment.
        labels: whether its source sentence is marked, or tells the same as one that is.
        weights: how much it counts.
    """

    record: Record
    aligned: Sequence[Sequence[Alignment]]
    rows: Sequence[Sequence[float]]
    labels: Sequence[bool]
    weights: Sequence[float]


def example(record: Record, encode: Encode) -> Example:
    """What can be learned from a record."""
    aligned = align(record.texts, record.story, encode)
    labels, weights = [], []
    for found, marks, gold in zip(aligned, record.marks, record.marked, strict=True):
        whole = max(1, len(_carried(marks)))
        for sentence in (a.sentence for a in found):
            labels.append(sentence in gold or any(_same(sentence.text, g.text) for g in gold))
            carries = len(_carried([m for m in marks if m.meets(sentence)])) / whole
            weights.append(LEAST + carries if labels[-1] else 1.0)
    return Example(record, aligned, [a.features for found in aligned for a in found], labels, weights)


def learn(chosen: Sequence[Example]) -> Learned:
    """A regression, and the limit by which it serves stories it was not learned from best.

    That is the limit of the greatest lower one of precision and recall in a cross-validation by story.
    """
    folds = min(FOLDS, len(chosen))
    if folds < 2:
        return Learned(*_fit(chosen), CITED)
    fitted = [_fit([e for i, e in enumerate(chosen) if i % folds != fold]) for fold in range(folds)]

    def lower(limit: float) -> float:
        cited = {
            id(e.record): [Learned(*fitted[i % folds], limit).cite(a) for a in e.aligned] for i, e in enumerate(chosen)
        }
        figures = measure([e.record for e in chosen], lambda record: cited[id(record)])
        return min(figures["precision"], figures["recall"])

    return Learned(*_fit(chosen), max(LIMITS, key=lower))


def _fit(chosen: Sequence[Example]) -> tuple[dict[str, float], float]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    rows = [row for e in chosen for row in e.rows]
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=PENALTY, max_iter=2000).fit(
        scaler.transform(rows),
        [label for e in chosen for label in e.labels],
        sample_weight=[weight for e in chosen for weight in e.weights],
    )
    slopes = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - slopes @ scaler.mean_)
    return {name: round(float(w), 4) for name, w in zip(FEATURES, slopes, strict=True)}, round(bias, 4)


def held_out(chosen: Sequence[Example]) -> System:
    """Cites the sentences of each record by what is learned from all other records."""
    learned = [(e, learn([other for other in chosen if other is not e])) for e in chosen]
    cited = {id(e.record): [one.cite(a) for a in e.aligned] for e, one in learned}
    return lambda record: cited[id(record)]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--train", action="store_true", help="learn weights and limit from all records")
    options = parser.parse_args(arguments)
    encode = lazy_encode(EncoderSettings())
    try:
        records = read(options.path)
        shown = _learned(records, encode) if options.train else report(records, encode)
    except SummarizeError as error:
        sys.stderr.write(f"eval.attribution: {error}\n")
        return 1
    signature = {
        "data_sha256": sha256(options.path.read_bytes()).hexdigest(),
        "same": SAME,
        "encoder": EncoderSettings().model,
        "weights": {**WEIGHTS, "bias": BIAS, "limit": CITED},
        "versions": {name: version(name) for name in ("summarize", "torch", "sentencex", "scikit-learn")},
    }
    sys.stdout.write(json.dumps({"signature": signature, **shown}, indent=1) + "\n")
    return 0


def _learned(records: Sequence[Record], encode: Encode) -> dict[str, Any]:
    learned = learn([example(r, encode) for r in records])
    return {"learned": {**learned.weights, "bias": learned.bias, "limit": learned.limit}}


def report(records: Sequence[Record], encode: Encode) -> dict[str, Any]:
    """Figures by system. What is shipped has learned from these records if they are those it was made with.

    Held against the next record's story, which nothing supports, all its sentences should be unsupported.
    """
    chosen = [example(r, encode) for r in records]
    shipped = {id(e.record): [choose(a) for a in e.aligned] for e in chosen}
    after = {id(r): other.story for r, other in zip(records, [*records[1:], *records[:1]], strict=True)}
    tested = held_out(chosen)
    systems: dict[str, System] = {
        **{f"closest {n}": closest(encode, n) for n in (1, 2, 3)},
        "held out": tested,
        "shipped": lambda record: shipped[id(record)],
        "shipped, foreign story": lambda record: attribute(record.texts, after[id(record)], encode),
    }
    return {
        "records": len(records),
        "sentences": sum(len(r.texts) for r in records),
        "systems": {name: measure(records, system) for name, system in systems.items()},
        "standard errors, held out": errors(records, tested),
    }


if __name__ == "__main__":
    sys.exit(main())
