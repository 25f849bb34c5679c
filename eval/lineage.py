"""How many of the copies among a story's articles are found, and how many of those found are ones.

Run: ``python -m eval.lineage [PATH ...]``; PATH is a file of ``eval/data/lineage`` or another in the form of its
README, such as a story of ``eval/data/stories``; the three files of the former unless given.
Prints JSON: the signature, then for each path the pairs of one story's articles that are of one lineage in the gold, of
those found and of those right, precision and recall with 95 per cent intervals (Wilson 1927); for lineages of several
articles that were found at all, whether the right one is called the original; for each way of copying the share of
copies found to be of one lineage with what they were made from.

    cd eval/data && python -m eval.lineage --train ../../summarize/clustering/kinship.json \\
        lineage/{develop,develop-2,more}.jsonl stories/*.json

learns the weights of the decision from the pairs of these files: copies with what they were made from, and reports of
different lineages. Two copies of one original are in neither: they need not be kin to be of one lineage.
Beside the weights stand the lineages of each story as found by weights learned from the others.
"""

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.conflicts import interval
from summarize.clustering import kinship, lineages
from summarize.config import EncoderSettings, ReadingSettings
from summarize.documents import Article
from summarize.errors import ReadingError, SummarizeError
from summarize.models import Encode, lazy_encode
from summarize.reading import read_articles
from summarize.reading.records import Record, to_article
from summarize.rendering import write_atomically

ROOT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "data" / "lineage"
SETS = tuple(DATA / f"{name}.jsonl" for name in ("develop", "develop-2", "test"))
PENALTY = 1.0
"""Inverse strength of the L2 penalty."""
MARGIN = 0.25
"""Log-odds from which two reports are called kin: a little more than even, because a merged source is a voice lost, and
amid those (0 to 0.4) between which the left-out stories show hardly a difference."""

Groups = tuple[tuple[str, ...], ...]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Labelled:
    """A story's articles, which are copies of one another, the original first, and how each copy was made."""

    id: str
    articles: tuple[Article, ...]
    lineages: Groups

    @property
    def made_from(self) -> Iterator[tuple[str, str, str]]:
        """Of each copy its id, that of the article it was made from, the way: of the original, unless told."""
        told = {a.id: (a.metadata["of"], a.metadata["how"]) for a in self.articles if a.metadata.get("of")}
        for original, *copies in self.lineages:
            for copy in copies:
                yield copy, *told.get(copy, (original, "unknown"))


def read(path: Path) -> tuple[Labelled, ...]:
    """The stories of a file: one JSON record a line, or one in all.

    Raises:
        ReadingError: the file cannot be read, or holds something else.
    """
    try:
        text = path.read_text("utf-8")
        records = (
            [json.loads(line) for line in text.splitlines() if line] if path.suffix == ".jsonl" else [json.loads(text)]
        )
        return tuple(_labelled(r) for r in records)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadingError(f"{path}: no stories with lineages ({error or type(error).__name__})") from None


def _labelled(record: dict[str, Any]) -> Labelled:
    settings = ReadingSettings()
    if "folder" in record:
        files = sorted((ROOT / record["folder"]).glob("*.txt"))
        articles = tuple(replace(read_articles(path, settings=settings)[0], id=path.name) for path in files)
    else:
        articles = tuple(to_article(Record(a), record["id"], settings) for a in record["articles"])
    listed = tuple(tuple(group) for group in record["lineages"])
    alone = tuple((a.id,) for a in articles if not any(a.id in group for group in listed))
    return Labelled(record["id"], articles, (*listed, *alone))


def pairs(groups: Groups) -> set[frozenset[str]]:
    """All pairs of articles of one group."""
    return {frozenset(p) for group in groups for p in combinations(group, 2)}


def report(stories: Sequence[Labelled], found: Sequence[Groups]) -> dict[str, Any]:
    """Counts, precision and recall of pairs; originals; copies found by the way they were made."""
    gold_pairs = set().union(*(pairs(s.lineages) for s in stories))
    found_pairs = set().union(*map(pairs, found))
    right = len(gold_pairs & found_pairs)
    originals = [known for s, f in zip(stories, found, strict=True) for known in _originals(s, f)]
    ways: dict[str, list[bool]] = defaultdict(list)
    for s in stories:
        for copy, source, way in s.made_from:
            ways[way].append(frozenset((copy, source)) in found_pairs)
    return {
        "stories": len(stories),
        "articles": sum(len(s.articles) for s in stories),
        "pairs": sum(len(s.articles) * (len(s.articles) - 1) // 2 for s in stories),
        "gold": len(gold_pairs),
        "found": len(found_pairs),
        "right": right,
        "precision": _share(right, len(found_pairs)),
        "precision_95": interval(right, len(found_pairs)),
        "recall": _share(right, len(gold_pairs)),
        "recall_95": interval(right, len(gold_pairs)),
        "whole_stories_right": sum(_sets(s.lineages) == _sets(f) for s, f in zip(stories, found, strict=True)),
        "originals": {
            "lineages": len(originals),
            "right": sum(originals),
            "share": _share(sum(originals), len(originals)),
        },
        "ways": {way: {"copies": len(hits), "found": sum(hits)} for way, hits in sorted(ways.items())},
    }


def _originals(story: Labelled, found: Groups) -> Iterator[bool]:
    """For each gold lineage of which two articles or more were found together: whether its original comes first."""
    for gold in story.lineages:
        for group in found:
            if len(set(gold) & set(group)) > 1:
                yield group[0] == gold[0]


def _sets(groups: Groups) -> set[frozenset[str]]:
    return {frozenset(g) for g in groups}


def _share(hits: int, of: int) -> float | None:
    return round(hits / of, 4) if of else None


def mistakes(stories: Sequence[Labelled], found: Sequence[Groups]) -> Iterator[str]:
    """Each pair wrongly joined or parted, and each lineage whose original is another, a line each."""
    for story, groups in zip(stories, found, strict=True):
        gold, mine = pairs(story.lineages), pairs(groups)
        hows = {frozenset((copy, source)): way for copy, source, way in story.made_from}
        for pair in sorted(mine ^ gold, key=sorted):
            yield f"{'JOINED' if pair in mine else 'missed'} {' '.join(sorted(pair))} {hows.get(pair, '')}".rstrip()
        for lineage in story.lineages:
            for group in groups:
                if len(set(lineage) & set(group)) > 1 and group[0] != lineage[0]:
                    yield f"ORIGINAL {group[0]}, not {lineage[0]}"


@dataclass(frozen=True)
class _Told:
    """A story's reports, the shares of those pairs that tell, and which of them are copies."""

    reports: Sequence[kinship.Report]
    shares: Values
    copies: NDArray[np.bool_]


def train(sets: Mapping[Path, Sequence[Labelled]]) -> dict[str, Any]:
    """The weights learned from all pairs that tell, and what they were learned from."""
    encode = remembering(lazy_encode(EncoderSettings()))
    stories = [story for read in sets.values() for story in read]
    told = [_told(story, encode) for story in stories]
    left_out = report(
        stories,
        [
            in_lineages(reports.reports, encode, _learn([other for other in told if other is not reports]))
            for reports in told
        ],
    )
    weights = _learn(told)
    return {
        "recipe": {
            "command": " ".join(["python -m eval.lineage --train kinship.json", *(path.name for path in sets)]),
            "data": signature(sets)["data"],
            "copies": int(sum(t.copies.sum() for t in told)),
            "independent": int(sum((~t.copies).sum() for t in told)),
            "penalty": PENALTY,
            "margin": MARGIN,
            "left out": {name: left_out[name] for name in ("gold", "found", "right", "precision", "recall")},
        },
        "words": _stored(weights.words, kinship.WORDS),
        "meaning": _stored(weights.meaning, (*kinship.WORDS, *kinship.MEANING)),
    }


def _told(story: Labelled, encode: Encode) -> _Told:
    gold = pairs(story.lineages)
    made = {frozenset((copy, source)) for copy, source, _ in story.made_from}
    found = kinship.reports(story.articles)
    rows = {frozenset(found[k].article.id for k in ij): row for ij, row in kinship.features(found, encode).items()}
    telling = [pair for pair in rows if pair in made or pair not in gold]
    shares = np.array([rows[pair] for pair in telling]).reshape(len(telling), -1)
    return _Told(found, shares, np.array([pair in made for pair in telling], bool))


def in_lineages(found: Sequence[kinship.Report], encode: Encode, weights: kinship.Weights) -> Groups:
    """The ids of the reports by lineage, in the order of the reports."""
    groups: dict[int, list[str]] = {}
    for one, number in zip(found, kinship.kin(found, encode, weights), strict=True):
        groups.setdefault(number, []).append(one.article.id)
    return tuple(map(tuple, groups.values()))


def remembering(encode: Encode) -> Encode:
    """An ``Encode`` that encodes the same texts once."""
    known: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def encoded(texts: Sequence[str]) -> NDArray[np.float32]:
        if tuple(texts) not in known:
            known[tuple(texts)] = encode(texts)
        return known[tuple(texts)]

    return encoded


def _learn(told: Sequence[_Told]) -> kinship.Weights:
    shares = np.concatenate([t.shares for t in told if len(t.shares)])
    copies = np.concatenate([t.copies for t in told])
    meaning = _logistic(shares, copies)
    return kinship.Weights(
        _logistic(shares[:, : len(kinship.WORDS)], copies),
        kinship.Logistic(round(meaning.intercept - MARGIN, 4), meaning.weights),
    )


def _logistic(values: Values, labels: NDArray[np.bool_]) -> kinship.Logistic:
    """A logistic regression whose penalty weighs all features alike, however far they spread."""
    from sklearn.linear_model import LogisticRegression

    spread = values.std(axis=0)
    model = LogisticRegression(C=PENALTY, max_iter=5000).fit(values / spread, labels)
    weights = model.coef_[0] / spread
    return kinship.Logistic(round(float(model.intercept_[0]), 4), tuple(round(float(w), 4) for w in weights))


def _stored(part: kinship.Logistic, shares: Sequence[str]) -> dict[str, Any]:
    return {"intercept": part.intercept, "weights": dict(zip(shares, part.weights, strict=True))}


def signature(paths: Iterable[Path]) -> dict[str, Any]:
    """What the figures hang on: the data's fingerprints, and versions."""
    return {
        "data": {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in paths},
        "versions": {name: version(name) for name in ("summarize", "sentencex")},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="*", default=SETS)
    parser.add_argument("--train", type=Path, metavar="FILE", help="learn the weights from these files and write them")
    parser.add_argument("--list", action="store_true", help="print each mistake, too")
    options = parser.parse_args(arguments)
    try:
        sets = {path: read(path) for path in options.paths}
    except SummarizeError as error:
        sys.stderr.write(f"eval.lineage: {error}\n")
        return 1
    encode = lazy_encode(EncoderSettings())
    if options.train:
        write_atomically(options.train, json.dumps(train(sets), indent=2) + "\n")
        return 0
    shown: dict[str, Any] = {"signature": signature(sets)}
    for path, stories in sets.items():
        found = [lineages(s.articles, encode) for s in stories]
        shown[path.stem] = report(stories, found)
        if options.list:
            sys.stderr.write("".join(f"{line}\n" for line in mistakes(stories, found)))
    sys.stdout.write(json.dumps(shown, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
