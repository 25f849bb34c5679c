"""How many of the contradictions between a story's articles are found, and how many of those found are ones.

Run: ``python -m eval.conflicts [PATH]``; PATH is ``eval/data/stories`` unless given, in the form of its README.
Prints JSON: the signature, then for all stories and for either half of them the number of gold conflicts, of those
found and of those right, precision and recall with 95 per cent intervals (Wilson 1927), and the same by kind. The
halves are the first story by name and every second after it (``chosen``), and the others (``unseen``);
docs/conflicts.md says on which of them the rules were made.

``python -m eval.conflicts --train`` learns the weights of ``summarize.conflicts.Doubt`` from ``eval/data/stories`` and
the chosen half of ``eval/data/conflicts``, and prints them, with what they do on stories left out one by one.

A conflict found is right if it has a gold conflict's kind and two of its rival values: the words or the number of each,
cited from an article that gold lists for it. One gold conflict makes one found one right.
"""

import argparse
import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import combinations, product
from pathlib import Path
from typing import Any, get_args

import numpy as np

from eval.items import Item, Items, read_items
from eval.settings import DataSettings
from summarize.clustering import story_of
from summarize.config import EncoderSettings
from summarize.conflicts import WEIGHTS, conflicts, figures_in_doubt
from summarize.documents import Conflict, ConflictKind, ConflictValue
from summarize.errors import SummarizeError
from summarize.models import lazy_encode
from summarize.text import normalise, numbers

ENCODE = lazy_encode(EncoderSettings())
"""For lineages that words do not decide."""

STORIES = Path(__file__).parent / "data" / "stories"
PLANTED = Path(__file__).parent / "data" / "conflicts"
PENALTY = 3.0
"""Inverse strength of the ridge penalty on the weights (scikit-learn's C)."""
Z = 1.959964
"""Of a two-sided interval of 95 per cent."""


@dataclass(frozen=True)
class Verdict:
    """What became of one story: gold conflicts with whether they were found, found ones with whether they are right."""

    id: str
    gold: tuple[tuple[Mapping[str, Any], bool], ...]
    found: tuple[tuple[Conflict, bool], ...]


def judge(item: Item) -> Verdict:
    """Find the conflicts of a story and hold them against its gold."""
    gold = item.gold.conflicts if item.gold else ()
    found = conflicts(story_of(item.articles, ENCODE))
    right: set[int] = set()
    known: set[int] = set()
    for i, one in enumerate(found):
        match = next((g for g, record in enumerate(gold) if g not in known and is_right(one, record)), None)
        if match is not None:
            right.add(i)
            known.add(match)
    return Verdict(
        item.id,
        tuple((record, g in known) for g, record in enumerate(gold)),
        tuple((one, i in right) for i, one in enumerate(found)),
    )


def is_right(found: Conflict, gold: Mapping[str, Any]) -> bool:
    """Whether a conflict is the gold one: of its kind, and with two of its values."""
    if found.kind != gold["kind"]:
        return False
    return any(
        _is_value(a, x) and _is_value(b, y)
        for (x, y), (a, b) in product(combinations(gold["values"], 2), _ordered_pairs(found.values))
    )


def _ordered_pairs(values: Sequence[ConflictValue]) -> list[tuple[ConflictValue, ConflictValue]]:
    return [(a, b) for a in values for b in values if a is not b]


def _is_value(found: ConflictValue, gold: Mapping[str, Any]) -> bool:
    if not {c.article for c in found.citations} & set(gold["articles"]):
        return False
    mine, its = ({(n.value, n.kind) for n in numbers(text)} for text in (found.value, gold["value"]))
    if mine & its:
        return True
    short, long = sorted((normalise(text).casefold() for text in (found.value, gold["value"])), key=len)
    return re.search(rf"(?<!\w){re.escape(short)}(?!\d|[^\W\d_]{{3}})", long) is not None


def report(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Counts, precision and recall, over all kinds and by kind."""
    gold = [(record["kind"], known) for v in verdicts for record, known in v.gold]
    found = [(one.kind, right) for v in verdicts for one, right in v.found]
    rows = {kind: _row([k for n, k in gold if n == kind], [r for n, r in found if n == kind]) for kind in _KINDS}
    return {"all": _row([k for _, k in gold], [r for _, r in found]), **rows}


_KINDS: tuple[str, ...] = get_args(ConflictKind)


def _row(gold: Sequence[bool], found: Sequence[bool]) -> dict[str, Any]:
    return {
        "gold": len(gold),
        "found": len(found),
        "right": sum(found),
        "precision": _share(found),
        "precision_95": interval(sum(found), len(found)),
        "recall": _share(gold),
        "recall_95": interval(sum(gold), len(gold)),
    }


def _share(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None


def interval(hits: int, of: int) -> list[float] | None:
    """Wilson's score interval of a share, 95 per cent; None of nothing."""
    if not of:
        return None
    p, z2 = hits / of, Z * Z
    middle, half = p + z2 / (2 * of), Z * math.sqrt(p * (1 - p) / of + z2 / (4 * of * of))
    return [round((middle + sign * half) / (1 + z2 / of), 4) for sign in (-1, 1)]


def learned_from() -> list[Item]:
    """The stories that the weights are learned from."""
    stories, planted = (sorted(read_items(DataSettings(path=path)), key=lambda i: i.id) for path in (STORIES, PLANTED))
    return [*stories, *planted[::2]]


def train(items: Sequence[Item]) -> dict[str, Any]:
    """Weights of a logistic regression that tells figures that contradict one another from others.

    Returns:
        intercept, weights by name, and precision and recall among figures in doubt of the stories left out one by one.
    """
    from sklearn.linear_model import LogisticRegression

    rows: list[list[float]] = []
    labels: list[bool] = []
    stories: list[int] = []
    for number, item in enumerate(items):
        gold = item.gold.conflicts if item.gold else ()
        for doubt, conflict in figures_in_doubt(story_of(item.articles, ENCODE)):
            rows.append([float(getattr(doubt, name)) for name in WEIGHTS])
            labels.append(any(is_right(conflict, record) for record in gold))
            stories.append(number)
    values, right, story = np.array(rows), np.array(labels), np.array(stories)
    model = LogisticRegression(C=PENALTY, max_iter=1000)
    found = np.zeros(len(right), bool)
    for left_out in sorted(set(stories)):
        rest = story != left_out
        found[~rest] = model.fit(values[rest], right[rest]).predict(values[~rest])
    model.fit(values, right)
    return {
        "figures": len(right),
        "left out": {"precision": _share(right[found].tolist()), "recall": _share(found[right].tolist())},
        "intercept": round(float(model.intercept_[0]), 2),
        "weights": {name: round(float(w), 2) for name, w in zip(WEIGHTS, model.coef_[0], strict=True)},
    }


def signature(items: Items) -> dict[str, Any]:
    """What the figures hang on: the data's fingerprint, and versions."""
    versions = {name: version(name) for name in ("summarize", "sentencex")}
    return {"data": items.describe(), "match": "kind and two values", "versions": versions}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, nargs="?", default=STORIES)
    parser.add_argument("--list", choices=("chosen", "unseen", "all"), help="print each conflict of these stories, too")
    parser.add_argument("--train", action="store_true", help="learn the weights and print them")
    options = parser.parse_args(arguments)
    if options.train:
        sys.stdout.write(json.dumps(train(learned_from()), indent=1) + "\n")
        return 0
    try:
        items = read_items(DataSettings(path=options.path))
    except SummarizeError as error:
        sys.stderr.write(f"eval.conflicts: {error}\n")
        return 1
    verdicts = sorted(map(judge, items), key=lambda v: v.id)
    parts = {"all": verdicts, "chosen": verdicts[::2], "unseen": verdicts[1::2]}
    if options.list:
        for verdict in parts[options.list]:
            sys.stderr.write("".join(f"{line}\n" for line in _lines(verdict)))
    shown = {"signature": signature(items), **{k: report(v) for k, v in parts.items()}}
    sys.stdout.write(json.dumps(shown, indent=1) + "\n")
    return 0


def _lines(verdict: Verdict) -> list[str]:
    found = []
    for one, right in verdict.found:
        values = " / ".join(v.value for v in one.values)
        found.append(f"{verdict.id} {'right' if right else 'WRONG'} {one.kind}: {one.about}: {values}")
    missed = [f"{verdict.id} missed {record['kind']}: {record['about']}" for record, known in verdict.gold if not known]
    return found + missed


if __name__ == "__main__":
    sys.exit(main())
