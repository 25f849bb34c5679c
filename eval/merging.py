"""Learn from labelled sets which groups of articles are to be joined.

    python -m eval.merging --held-out SET.jsonl ...            # each set with weights learned from the others
    python -m eval.merging --train weights.json SET.jsonl ...

The form of a set: see ``eval.clusters``, which measures the weights that are shipped.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from eval.clusters import Labelled, mean, read_sets, scores
from summarize.clustering.evidence import FEATURES, Evidence, Features, Weights, encode_leads, features, gather
from summarize.clustering.hybrid import FLOOR, groups_of, join
from summarize.clustering.pairs import neighbours
from summarize.config import EncoderSettings
from summarize.models import Encode, lazy_encode

SIZES = (1, 1, 1, 2, 2, 3, 4, 6, 9, 14, 25)
"""Sizes of the groups drawn for training; most merges are between small groups."""
DRAWS = 3000
"""Groups drawn from each set, each compared with one of its own story and one of another."""
NEAREST = 8
"""Other stories that wrong partners are drawn from, the nearer the oftener."""
PENALTY = 1.0
"""Inverse strength of the L2 penalty."""
SEED = 13


def shorter(data: Labelled) -> list[Labelled]:
    """The set as headlines alone and as leads alone, so that the weights serve texts of every size."""
    titles = [a.title or next(iter(a.text.splitlines()), "") for a in data.articles]
    leads = [" ".join(a.text.splitlines()[:3]) for a in data.articles]
    if not any(leads):
        return []
    return [
        replace(
            data,
            name=data.name + "/headlines",
            articles=tuple(replace(a, title=t, text="") for a, t in zip(data.articles, titles, strict=True)),
        ),
        replace(
            data,
            name=data.name + "/leads",
            articles=tuple(replace(a, title=None, text=t) for a, t in zip(data.articles, leads, strict=True)),
        ),
    ]


def evidence_of(data: Labelled, encode: Encode) -> Evidence:
    """Full evidence of a set, every lead encoded."""
    evidence = gather(data.articles)
    return replace(evidence, vectors=encode_leads(data.articles, range(len(data.articles)), encode))


def draw(data: Labelled, evidence: Evidence) -> tuple[Features, Features]:
    """Pairs of groups of one story (1) and of two near stories (0): features and labels."""
    random = np.random.default_rng(SEED)
    stories: dict[str, list[int]] = defaultdict(list)
    for i, story in enumerate(data.stories):
        stories[story].append(i)
    names = sorted(stories)
    centres = np.stack([evidence.vectors[stories[s]].mean(axis=0) for s in names])
    words = np.stack([evidence.lexical[0][stories[s]].sum(axis=0) / len(stories[s]) for s in names])
    alike = centres @ centres.T + words @ words.T
    np.fill_diagonal(alike, -np.inf)
    nearest = np.argsort(-alike, axis=1, kind="stable")[:, : min(NEAREST, len(names) - 1)]
    several = [k for k, s in enumerate(names) if len(stories[s]) > 1]
    groups: list[tuple[np.ndarray, np.ndarray]] = []
    for _ in range(DRAWS):
        k = several[random.integers(len(several))]
        members = random.permutation(stories[names[k]])
        first = min(int(random.choice(SIZES)), len(members) - 1)
        groups.append((members[:first], members[first : first + int(random.choice(SIZES))]))
        other = nearest[k][int(nearest.shape[1] * random.random() * random.random())]
        groups.append((members[:first], random.permutation(stories[names[other]])[: int(random.choice(SIZES))]))
    return compare(evidence, groups), np.tile([1.0, 0.0], DRAWS)


def compare(evidence: Evidence, groups: Sequence[tuple[np.ndarray, np.ndarray]]) -> Features:
    """Features of pairs of groups, as the clusterer computes them."""
    from scipy import sparse

    sums: list[Any] = []
    for side in (0, 1):
        rows = np.repeat(np.arange(len(groups)), [len(g[side]) for g in groups])
        columns = np.concatenate([g[side] for g in groups])
        sums.append(sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(groups), len(evidence.traits))))
    cosines = []
    for matrix in (*evidence.lexical, sparse.csr_array(evidence.vectors)):
        left, right = (s @ matrix for s in sums)
        lengths = np.sqrt(left.power(2).sum(axis=1) * right.power(2).sum(axis=1))
        cosines.append(left.multiply(right).sum(axis=1) / np.where(lengths > 0, lengths, 1))
    sizes = [s.sum(axis=1) for s in sums]
    mean = [s @ evidence.traits / n[:, None] for s, n in zip(sums, sizes, strict=True)]
    traits = np.column_stack([np.maximum(mean[0][:, 0], mean[1][:, 0]), np.minimum(mean[0][:, 1:], mean[1][:, 1:])])
    return features(np.column_stack(cosines), np.sqrt(sizes[0] * sizes[1]), traits)


def learn(drawn: Sequence[tuple[Features, Features]]) -> Weights:
    """Logistic regression on the drawn pairs, every set weighing the same."""
    from sklearn.linear_model import LogisticRegression

    x, y = (np.concatenate(part) for part in zip(*drawn, strict=True))
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    model = LogisticRegression(C=PENALTY, max_iter=5000).fit((x - mean) / spread, y)
    weights = model.coef_[0] / spread
    intercept = float(model.intercept_[0] - weights @ mean)
    return Weights(intercept, dict(zip(FEATURES, weights.tolist(), strict=True)))


def tune(sets: Sequence[Labelled], evidence: Mapping[str, Evidence], weights: Weights) -> Weights:
    """Move the intercept to where the mean of pairwise F1 and B-cubed F1 over the sets is best."""
    grid = np.linspace(-3, 3, 61)
    totals = np.zeros(len(grid))
    for data in sets:
        left, right = neighbours(evidence[data.name].lexical[0], FLOOR)
        merges = join(evidence[data.name], left, right, weights, grid[0])
        for k, cut in enumerate(grid):
            until = next((n for n, m in enumerate(merges) if m[0] < cut), len(merges))
            found = labels(len(data.stories), groups_of(len(data.stories), merges[:until]))
            result = scores(data.stories, found)
            totals[k] += result["pair F1"] + result["B3 F1"]
    return replace(weights, intercept=weights.intercept - float(grid[totals.argmax()]))


def labels(n: int, groups: Sequence[Sequence[int]]) -> list[int]:
    """The number of each item's group, shape (n,)."""
    out = [0] * n
    for number, group in enumerate(groups):
        for i in group:
            out[i] = number
    return out


def train(sets: Sequence[Labelled], encode: Encode) -> Weights:
    """Learn the merge decision from sets and their shorter forms, and put its threshold to 0.5."""
    every = [part for data in sets for part in (data, *shorter(data))]
    evidence = {data.name: evidence_of(data, encode) for data in every}
    return tune(sets, evidence, learn([draw(data, evidence[data.name]) for data in every]))


def held_out(sets: Sequence[Labelled], encode: Encode) -> dict[str, dict[str, float]]:
    """Scores of each set with weights and threshold learned from the others alone (copies are not merged)."""
    rows = {}
    for data in sets:
        weights = train([other for other in sets if other is not data], encode)
        evidence = evidence_of(data, encode)
        merges = join(evidence, *neighbours(evidence.lexical[0], FLOOR), weights, 0.0)
        rows[data.name] = scores(data.stories, labels(len(data.stories), groups_of(len(data.stories), merges)))
    return rows


def main() -> None:
    """Parse, train, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--train", type=Path, metavar="WEIGHTS", help="learn the weights and write them here")
    what.add_argument("--held-out", action="store_true", help="learn from the other sets for each set")
    options = parser.parse_args()
    encode = lazy_encode(EncoderSettings())
    sets = read_sets(options.sets)
    if options.train:
        write_weights(options.train, train(sets, encode), sets)
        return
    rows = held_out(sets, encode)
    rows["mean"] = mean(list(rows.values()))
    width = max(map(len, rows))
    sys.stdout.write(" ".join([" " * width, *(f"{k:>8}" for k in rows["mean"])]) + "\n")
    for name, row in rows.items():
        shown = (f"{v:8.0f}" if k == "stories" else f"{100 * v:8.1f}" for k, v in row.items())
        sys.stdout.write(" ".join([f"{name:{width}}", *shown]) + "\n")


def write_weights(path: Path, weights: Weights, sets: Sequence[Labelled]) -> None:
    """Write the weights with the recipe that made them."""
    stored = {
        "recipe": {
            "command": "python -m eval.merging --train weights.json " + " ".join(d.name for d in sets),
            "articles": {d.name: len(d.articles) for d in sets},
            "draws": DRAWS,
            "penalty": PENALTY,
            "seed": SEED,
        },
        "intercept": round(weights.intercept, 4),
        "weights": {name: round(value, 4) for name, value in weights.weights.items()},
    }
    path.write_text(json.dumps(stored, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
