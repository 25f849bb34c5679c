"""How well the citations found for freely written sentences agree with those that people gave.

    python -m eval.attribution FILE.jsonl            # the shipped weights, beside the closest sentences by cosine
    python -m eval.attribution --train FILE.jsonl    # learn the weights from the half to develop on

One record a line: ``id``, ``articles`` (``id``, ``text``) and ``alignments``, each a sentence of a summary
(``summary_span.text``), an article (``doc``), a sentence of it (``doc_sentence.start``, ``end``) and the stretches that
carry what the summary says (``doc_spans[].text``), as in Slobodkin et al. 2024 ("Attribute First, then Generate",
arXiv:2403.17104). The first record by id and every second after it is for developing, the others are for testing.

Prints JSON: the signature, and for either half, by system:

citations      a sentence
precision      share of the citations that are right: people aligned the cited source sentence (the two overlap by half
               of the shorter at least) or one that tells the same (0.8 of the content words of the shorter)
recall         of what people traced of a sentence, the share that right citations carry, mean over sentences: content
               words of the sentence in the stretches of the source sentences that are both aligned and cited, over
               those in all its stretches. Who cites one of two equal reports carries the same.
pair precision, pair recall, pair f
               strictly by source sentence: citations that were aligned, aligned sentences that are cited. Another
               article's equal report counts as wrong where people did not align it, and as missed where they did.
article precision, article recall
               of articles cited for a sentence, and of articles aligned with it
unsupported    share of the sentences that get no citation
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from summarize.attribution import BIAS, FEATURES, WEIGHTS, align, attribute
from summarize.clustering import story_of
from summarize.config import EncoderSettings
from summarize.documents import Article, Sentence, Story
from summarize.errors import ReadingError, SummarizeError
from summarize.models import Encode, lazy_encode
from summarize.text import content_words, sentences

SAME = 0.8
"""Share of the content words of the shorter of two sentences from which they tell the same."""

PENALTY = 0.3
"""Inverse strength of the L2 penalty of the regression."""


@dataclass(frozen=True)
class Aligned:
    """A source sentence that people aligned: its place, and the stretches that carry what the summary says."""

    article: str
    start: int
    end: int
    spans: tuple[str, ...]

    def meets(self, sentence: Sentence) -> bool:
        """Whether the sentence is this one, however either was split: they overlap by half of the shorter."""
        overlap = min(self.end, sentence.end) - max(self.start, sentence.start)
        shorter = min(self.end - self.start, sentence.end - sentence.start)
        return self.article == sentence.article and overlap > 0 and 2 * overlap >= shorter


@dataclass(frozen=True)
class Record:
    """A story, the sentences of a summary of it, and what people aligned with each."""

    story: Story
    texts: tuple[str, ...]
    gold: tuple[tuple[Aligned, ...], ...]


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
    found: dict[tuple[int, int, str], list[Aligned]] = defaultdict(list)
    for a in row["alignments"]:
        span, place = a["summary_span"], a["doc_sentence"]
        key = (a.get("summary", 0), span["start"], span["text"])
        found[key].append(Aligned(a["doc"], place["start"], place["end"], tuple(s["text"] for s in a["doc_spans"])))
    keys = sorted(found)
    story = story_of([Article(a["id"], a["text"]) for a in row["articles"]])
    return Record(story, tuple(text for _, _, text in keys), tuple(tuple(found[k]) for k in keys))


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
    right = strict = citations = met = aligned = unsupported = 0
    carried: list[float] = []
    both = cited_articles = gold_articles = 0
    for record, text, cited, gold in _sentences(records, system):
        citations += len(cited)
        unsupported += not cited
        hits = [any(g.meets(s) for g in gold) for s in cited]
        told = [_told(record.story, g) for g in gold]
        strict += sum(hits)
        right += sum(hit or any(_same(s.text, t) for t in told) for hit, s in zip(hits, cited, strict=True))
        found = [any(g.meets(s) for s in cited) for g in gold]
        met += sum(found)
        aligned += len(gold)
        traced = [set(content_words(text)) & set(content_words(" ".join(g.spans))) for g in gold]
        whole = set().union(*traced)
        if whole:
            held = set().union(*(t for t, f in zip(traced, found, strict=True) if f))
            carried.append(len(held) / len(whole))
        mine, theirs = {s.article for s in cited}, {g.article for g in gold}
        both += len(mine & theirs)
        cited_articles += len(mine)
        gold_articles += len(theirs)
    precision, recall = strict / max(1, citations), met / max(1, aligned)
    shares = {
        "citations": citations / max(1, len(carried)),
        "precision": right / max(1, citations),
        "recall": sum(carried) / max(1, len(carried)),
        "pair precision": precision,
        "pair recall": recall,
        "pair f": 2 * precision * recall / max(1e-9, precision + recall),
        "article precision": both / max(1, cited_articles),
        "article recall": both / max(1, gold_articles),
        "unsupported": unsupported / max(1, sum(len(r.texts) for r in records)),
    }
    return {name: round(value, 4) for name, value in shares.items()}


def _sentences(
    records: Sequence[Record], system: System
) -> Iterator[tuple[Record, str, Sequence[Sentence], Sequence[Aligned]]]:
    for record in records:
        for text, cited, gold in zip(record.texts, system(record), record.gold, strict=True):
            yield record, text, cited, gold


def _told(story: Story, gold: Aligned) -> str:
    return story.by_id[gold.article].text[gold.start : gold.end]


def _same(a: str, b: str) -> bool:
    first, second = set(content_words(a)), set(content_words(b))
    return len(first & second) >= SAME * max(1, min(len(first), len(second)))


def learn(records: Sequence[Record], encode: Encode) -> tuple[dict[str, float], float]:
    """Weights and bias of the regression, from aligned pairs, all others of their stories, and foreign stories.

    Every sentence is also held against the next record's story, where nothing supports it, so that what the features
    say absolutely counts as well as what they say of one source sentence against the others.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    rows, labels = [], []
    for record, other in zip(records, [*records[1:], *records[:1]], strict=True):
        for gold, aligned in zip(record.gold, align(record.texts, record.story, encode), strict=True):
            rows += [a.features for a in aligned]
            labels += [any(g.meets(a.sentence) for g in gold) for a in aligned]
        foreign = [a for aligned in align(record.texts, other.story, encode) for a in aligned]
        rows += [a.features for a in foreign]
        labels += [False] * len(foreign)
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=PENALTY, max_iter=2000).fit(scaler.transform(rows), labels)
    slopes = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - slopes @ scaler.mean_)
    return {name: round(float(w), 4) for name, w in zip(FEATURES, slopes, strict=True)}, round(bias, 4)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--train", action="store_true", help="learn the weights from the half to develop on")
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
        "weights": {**WEIGHTS, "bias": BIAS},
        "versions": {name: version(name) for name in ("summarize", "torch", "sentencex")},
    }
    sys.stdout.write(json.dumps({"signature": signature, **shown}, indent=1) + "\n")
    return 0


def _learned(records: Sequence[Record], encode: Encode) -> dict[str, Any]:
    weights, bias = learn(records[::2], encode)
    return {"learned": {**weights, "bias": bias}}


def report(records: Sequence[Record], encode: Encode) -> dict[str, Any]:
    """Figures by half and system."""
    systems: dict[str, System] = {
        **{f"closest {n}": closest(encode, n) for n in (1, 2, 3)},
        "attribute": lambda record: attribute(record.texts, record.story, encode),
        "attribute, foreign story": lambda record: attribute(record.texts, _after(record, records).story, encode),
    }
    halves = {"develop": records[::2], "test": records[1::2]}
    return {
        half: {
            "records": len(chosen),
            "sentences": sum(len(r.texts) for r in chosen),
            "systems": {name: measure(chosen, system) for name, system in systems.items()},
        }
        for half, chosen in halves.items()
    }


def _after(record: Record, records: Sequence[Record]) -> Record:
    return records[(records.index(record) + 1) % len(records)]


if __name__ == "__main__":
    sys.exit(main())
