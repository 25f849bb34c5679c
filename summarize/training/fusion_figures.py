"""Figures of a fusion model on held-out pairs: what it writes beside what was wanted.

Run: ``python -m summarize.training.fusion_figures --data PAIRS.jsonl [--weights FOLDER] [--show 20]``.
The baseline is the best source: the source sentence with the highest ROUGE-2 F against the target, which
no system can choose without knowing the target.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rouge_score.rouge_scorer import RougeScorer

from summarize.models.fusion import Candidate, FusionModel, normalise
from summarize.training.fusion import read_pairs


@dataclass(frozen=True)
class Figures:
    """Means over pairs of one kind; ROUGE in points, stemmed.

    Attributes:
        pairs: Number of pairs.
        rouge1: ROUGE-1 F of the best candidate against the target.
        rouge2: ROUGE-2 F of it.
        first: ROUGE-2 F of the first source, the order being random.
        best: ROUGE-2 F of the best source.
        words: Words of the best candidate.
        verbatim: Share of candidates that are a source sentence word for word.
        several: Share of candidates that draw on two or more sources, among pairs with as many.
        unanchored: Share of candidates with an unanchored switch.
        empty: Share of pairs without a candidate.
    """

    pairs: int
    rouge1: float
    rouge2: float
    first: float
    best: float
    words: float
    verbatim: float
    several: float
    unanchored: float
    empty: float


def plain(text: str) -> str:
    """The words of a sentence alone, for comparing word for word."""
    return " ".join("".join(c if c.isalnum() else " " for c in normalise(text).lower()).split())


def figures(pairs: Sequence[dict[str, Any]], written: Sequence[tuple[Candidate, ...]]) -> Figures:
    """Figures of the best candidates of `pairs`, which `written` has in the same order."""
    scorer = RougeScorer(["rouge1", "rouge2"], use_stemmer=True)
    sums: dict[str, float] = defaultdict(float)
    many = 0
    for pair, candidates in zip(pairs, written, strict=True):
        bigrams = [scorer.score(pair["target"], s)["rouge2"].fmeasure for s in pair["sources"]]
        sums["first"] += bigrams[0]
        sums["best"] += max(bigrams)
        if not candidates:
            sums["empty"] += 1
            continue
        candidate = candidates[0]
        score = scorer.score(pair["target"], candidate.text)
        sums["rouge1"] += score["rouge1"].fmeasure
        sums["rouge2"] += score["rouge2"].fmeasure
        sums["words"] += len(candidate.words)
        sums["verbatim"] += plain(candidate.text) in {plain(s) for s in pair["sources"]}
        sums["unanchored"] += candidate.jumps.unanchored > 0
        if len(pair["sources"]) > 1:
            many += 1
            sums["several"] += len({w.source for w in candidate.words if w.source is not None}) > 1
    n = max(1, len(pairs))
    points = {k: round(100 * sums[k] / n, 1) for k in ("rouge1", "rouge2", "first", "best")}
    return Figures(
        pairs=len(pairs),
        **points,
        words=round(sums["words"] / n, 1),
        verbatim=round(sums["verbatim"] / n, 3),
        several=round(sums["several"] / max(1, many), 3),
        unanchored=round(sums["unanchored"] / n, 3),
        empty=round(sums["empty"] / n, 3),
    )


def wanted_ratio(pair: dict[str, Any]) -> float:
    """Length of the target over the longest source, in words."""
    return len(pair["target"].split()) / max(len(s.split()) for s in pair["sources"])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="JSON-lines file of held-out pairs")
    parser.add_argument("--weights", type=Path, default=None, help="folder of weights [the shipped ones]")
    parser.add_argument("--limit", type=int, default=60, help="most pairs of each kind [60]")
    parser.add_argument("--ratio", type=float, default=None, help="length ratio [each target's own]")
    parser.add_argument("--show", type=int, default=0, help="pairs of each kind to print in full [0]")
    options = parser.parse_args(arguments)
    model = FusionModel.from_pretrained(options.weights) if options.weights else FusionModel.shipped()
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for pair in read_pairs(options.data):
        if len(by_kind[pair.get("kind", "pair")]) < options.limit and len(pair["sources"]) <= model.config.max_sources:
            by_kind[pair.get("kind", "pair")].append(pair)
    for kind, pairs in sorted(by_kind.items()):
        ratios = [options.ratio or wanted_ratio(p) for p in pairs]
        written: list[tuple[Candidate, ...]] = []
        began = time.perf_counter()
        for k in range(0, len(pairs), 8):
            written += model.fuse([p["sources"] for p in pairs[k : k + 8]], ratio=ratios[k : k + 8])
        seconds = time.perf_counter() - began
        row = {"kind": kind, **vars(figures(pairs, written)), "claims_per_second": round(len(pairs) / seconds, 1)}
        sys.stdout.write(json.dumps(row) + "\n")
        for pair, candidates in list(zip(pairs, written, strict=True))[: options.show]:
            sys.stdout.write("\n" + "".join(f"  source: {s}\n" for s in pair["sources"]))
            sys.stdout.write(f"  target: {pair['target']}\n")
            for candidate in candidates[:2]:
                sys.stdout.write(
                    f"  {candidate.score:.2f} {candidate.weakest:.1f} {candidate.text} {candidate.jumps}\n"
                )
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
