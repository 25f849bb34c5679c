"""How certain a mean is, and whether a difference is luck: seeded, vectorised, item by item.

Means are those of the items' scores. Intervals are percentile bootstraps over items (Efron & Tibshirani 1993); the
same samples serve all summarizers. Differences are tested by paired approximate randomisation (Noreen 1989; Riezler &
Maxwell 2005): the two scores of each item are exchanged or not, by chance, and p is the share of exchanges whose mean
difference is at least as large; every exchange is tried where they are no more than the trials. Within a metric the p
of all pairs are corrected by Holm's method (1979), and summarizers that no test tells apart share a letter (Piepho
2004, insert and absorb).

An item without a score (it failed, or the metric does not apply) counts neither in the mean nor in a pair.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.metrics import figure
from eval.metrics.settings import StatisticsSettings

Floats = NDArray[np.float64]

DIGITS = 6
"""Decimals of a result: the last bits of a sum depend on how many threads made it."""
CHUNK = 1 << 22
"""Numbers held at once while samples and exchanges are drawn."""

Rows = Mapping[str, Sequence[Mapping[str, float]]]
"""For each summarizer the scores of each item, the same items in the same order; empty where it failed."""


def summarise(rows: Rows, settings: StatisticsSettings, seed: int) -> dict[str, Any]:
    """Means, intervals, letters and tests, as they stand in results.json.

    Returns:
        ``summarizers``: for each, by metric, ``p``, ``r``, ``f`` or ``mean``, their intervals (``ci95`` is that of
        ``f`` or ``mean``), ``letters`` and ``n``, the number of items that have it; ``tests``: for each metric and
        pair ``difference`` (the first's mean minus the second's), ``p``, ``p_holm``, ``n`` and ``different``.
    """
    names = list(rows)
    keys = sorted({key for scores in rows.values() for row in scores for key in row})
    if not keys:
        return {"summarizers": {name: {} for name in names}, "tests": []}
    values = np.array([[[row.get(key, np.nan) for row in rows[name]] for name in names] for key in keys])
    means, known = _means(values), (~np.isnan(values)).sum(-1)
    intervals = bootstrap(values, settings.resamples, seed)
    main = [k for k, key in enumerate(keys) if key.endswith(".f") or "." not in key]
    tests, letters = _tests(names, [metric(keys[k]) for k in main], values[main], settings, seed)
    found: dict[str, dict[str, Any]] = {name: {} for name in names}
    for k, key in enumerate(keys):
        for s, name in enumerate(names):
            if not known[k, s]:
                continue
            entry = found[name].setdefault(metric(key), {})
            part = key.partition(".")[2] or "mean"
            entry[part] = _rounded(means[k, s])
            interval = [_rounded(x) for x in intervals[k, s]]
            if k in main:
                entry |= {"ci95": interval, "letters": letters[metric(key)][name], "n": int(known[k, s])}
            else:
                entry[f"{part}_ci95"] = interval
    return {"summarizers": found, "tests": tests}


def metric(key: str) -> str:
    """The metric that a score belongs to: ``rouge1`` for ``rouge1.p``."""
    return key.partition(".")[0]


def _rounded(value: float) -> float:
    return round(float(value), DIGITS)


def _means(values: Floats) -> Floats:
    """Means over the last axis of what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        means: Floats = np.where(known, values, 0).sum(-1) / known.sum(-1)
    return means


def bootstrap(values: Floats, resamples: int, seed: int) -> Floats:
    """95% percentile intervals of the means over the last axis.

    Args:
        values: shape (..., items); NaN where there is no score.
        resamples: samples of the items, drawn with replacement.
        seed: of the samples.

    Returns:
        Shape (..., 2): lower and upper bound, NaN where an item has no score at all.
    """
    *shape, items = values.shape
    flat = values.reshape(-1, items)
    known = (~np.isnan(flat)).astype(np.float64)
    filled = np.where(known > 0, flat, 0)
    random = np.random.default_rng([seed, 0])
    parts = []
    for size in _chunks(resamples, items):
        weights = random.multinomial(items, np.full(items, 1 / items), size=size).astype(np.float64)
        with np.errstate(invalid="ignore"):
            parts.append((weights @ filled.T) / (weights @ known.T))
    samples = np.concatenate(parts)
    bounds = np.full((len(flat), 2), np.nan)
    for column in range(len(flat)):
        drawn = samples[:, column]
        drawn = drawn[~np.isnan(drawn)]
        if len(drawn):
            bounds[column] = np.percentile(drawn, [2.5, 97.5])
    return bounds.reshape(*shape, 2)


def _chunks(total: int, width: int) -> Iterator[int]:
    """``total`` rows of ``width`` numbers in parts that fit ``CHUNK``."""
    size = max(1, CHUNK // max(1, width))
    for start in range(0, total, size):
        yield min(size, total - start)


def randomisation(differences: Floats, trials: int, seed: int) -> Floats:
    """Two-sided p of paired randomisation for several lists of differences.

    Args:
        differences: shape (pairs, items); 0 where the two do not differ or one has no score.
        trials: random exchanges; where 2 to the number of items is no more, each exchange is tried once instead.
        seed: of the exchanges; all pairs are tested with the same ones.

    Returns:
        Shape (pairs,): the share of exchanges, the observed one among them, with a sum at least as far from 0.
    """
    items = differences.shape[1]
    observed = np.abs(differences.sum(1))
    limit = observed - 1e-9 * (1 + observed)  # sums of the same numbers in another order differ in their last bits
    hits = np.zeros(len(differences), dtype=np.int64)
    every = items < 63 and 2**items <= trials
    total = 2**items if every else trials
    random = np.random.default_rng([seed, 1])
    start = 0
    for size in _chunks(total, max(items, len(differences))):
        if every:
            exchanged = (np.arange(start, start + size)[:, None] >> np.arange(items) & 1).astype(np.bool_)
        else:
            exchanged = random.random((size, items)) < 0.5
        signs = np.where(exchanged, -1.0, 1.0)
        hits += (np.abs(signs @ differences.T) >= limit).sum(0)
        start += size
    p: Floats = hits / total if every else (hits + 1) / (total + 1)
    return p


def holm(p: Floats) -> Floats:
    """Holm's step-down correction of the p of one family."""
    order = np.argsort(p, kind="stable")
    steps = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    corrected = np.empty(len(p))
    corrected[order] = steps
    return corrected


def _tests(
    names: Sequence[str], metrics: Sequence[str], values: Floats, settings: StatisticsSettings, seed: int
) -> tuple[list[dict[str, Any]], dict[str, dict[str, str]]]:
    """All pairs on all metrics, and the letters that follow; values have shape (metrics, summarizers, items)."""
    pairs = list(combinations(range(len(names)), 2))
    tests: list[dict[str, Any]] = []
    letters: dict[str, dict[str, str]] = {}
    for k, name in enumerate(metrics):
        scores = values[k]
        raw = np.array([scores[a] - scores[b] for a, b in pairs]).reshape(len(pairs), scores.shape[1])
        both = (~np.isnan(raw)).sum(1)
        differences = np.nan_to_num(raw)
        p = randomisation(differences, settings.trials, seed)
        tested = both > 0
        corrected = np.ones(len(pairs))
        corrected[tested] = holm(p[tested])
        different: list[tuple[str, str]] = []
        for (a, b), n, d, chance, after in zip(pairs, both, differences.sum(1), p, corrected, strict=True):
            if not n:
                continue
            if after < settings.alpha:
                different.append((names[a], names[b]))
            tests.append(
                {
                    "metric": name,
                    "a": names[a],
                    "b": names[b],
                    "difference": _rounded(d / n),
                    "p": _rounded(chance),
                    "p_holm": _rounded(after),
                    "n": int(n),
                    "different": bool(after < settings.alpha),
                }
            )
        means = _means(scores)
        sign = -1 if figure(name).better == "lower" else 1
        known = [s for s in range(len(names)) if not np.isnan(means[s])]
        ordered = [names[s] for s in sorted(known, key=lambda s: (-sign * means[s], names[s]))]
        letters[name] = compact_letters(ordered, different)
    return tests, letters


def compact_letters(names: Sequence[str], different: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Letters such that two names share one exactly if they are no different pair.

    Args:
        names: the best first, which gets the letter a.
        different: pairs that are told apart.
    """
    groups = [frozenset(names)]
    for a, b in different:
        split = []
        for group in groups:
            split += [group - {a}, group - {b}] if a in group and b in group else [group]
        distinct = list(dict.fromkeys(split))
        groups = [g for g in distinct if not any(g < other for other in distinct)]
    place = {name: i for i, name in enumerate(names)}
    groups.sort(key=lambda group: sorted(place[name] for name in group))
    found = dict.fromkeys(names, "")
    for number, group in enumerate(groups):
        for name in group:
            found[name] += _letter(number)
    return found


def _letter(number: int) -> str:
    """a to z, then a2 to z2 and so on."""
    turn, place = divmod(number, len(ascii_lowercase))
    return ascii_lowercase[place] + (str(turn + 1) if turn else "")
