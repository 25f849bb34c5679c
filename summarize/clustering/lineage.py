"""Which reports of a story copy or rewrite one another, which came first, and which a machine has spun.

``kinship`` says of two reports whether one was made from the other, or both from a third. What is kin is one lineage.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from summarize.clustering.kinship import Report, Told, best_in_order, kin, reports
from summarize.clustering.wording import Pair, known_share, substitutions, word_pairs
from summarize.documents import Article, zoned
from summarize.models import Encode
from summarize.text import fold

ALIKE = 0.3
"""Weighted word overlap from which two sentences may tell the same."""
SPUN_SHARE = 0.68
"""Share of known word pairs around substituted words below which a copy may be spun."""
SPUN_LOSS = 0.12
"""How much lower than its original's that share must be."""
SPUN_PLACES = 20
"""Fewer substitutions than this decide nothing."""
OPENING = 0.4
"""Share of a report's first sentence that another must have in one of its own to tell it."""
RIVALS = 8
"""Reports of its lineage that a copy is held against, those that read best."""

Floats = NDArray[np.float64]


def lineages(articles: Sequence[Article], encode: Encode) -> tuple[tuple[str, ...], ...]:
    """Groups of article ids that copy or rewrite one another, the original first; the largest group first.

    The original is, in this order of trust: not machine-spun, the earliest where publication times differ,
    credited by the others, the one whose first sentence the others tell, the one whose wording other reports share,
    the longest.

    Args:
        articles: with unique ids.
        encode: maps n texts to (n, d) unit vectors; called only for articles whose words alone do not decide.
    """
    ordered = sorted(articles, key=lambda a: a.id)
    found = reports(ordered)
    members: dict[int, list[Report]] = {}
    for report, number in zip(found, kin(found, encode), strict=True):
        members.setdefault(number, []).append(report)
    wording = _Wording.of(ordered) if len(members) < len(ordered) else None
    groups = [_original_first(m, wording) if wording else (m[0].article.id,) for m in members.values()]
    return tuple(sorted(groups, key=lambda ids: (-len(ids), ids)))


def spun_copies(articles: Sequence[Article], lineages: Sequence[Sequence[str]]) -> frozenset[str]:
    """Ids of the articles whose wording was made by a synonym machine from another of their lineage."""
    several = [lineage for lineage in lineages if len(lineage) > 1]
    if not several:
        return frozenset()
    by_id = {a.id: a for a in articles}
    wording = _Wording.of(articles)
    return frozenset(i for ids in several for i in _spun(reports([by_id[i] for i in sorted(ids)]), wording))


@dataclass(frozen=True)
class _Wording:
    """The word pairs of each article of a story, and how many articles hold each."""

    pairs: Mapping[str, Sequence[Pair]]
    held: Mapping[Pair, int]

    @classmethod
    def of(cls, articles: Sequence[Article]) -> "_Wording":
        pairs = {a.id: word_pairs(a.text) for a in articles}
        return cls(pairs, Counter(p for found in pairs.values() for p in set(found)))

    def elsewhere(self, lineage: Sequence[Report]) -> frozenset[Pair]:
        """Those pairs of a lineage that an article outside it holds, too."""
        inside = Counter(p for r in lineage for p in set(self.pairs[r.article.id]))
        return frozenset(p for p, count in inside.items() if self.held[p] > count)


def _aligned(a: Report, b: Report) -> list[tuple[str, str]]:
    """The sentences of the two reports that tell the same, in order."""
    best = best_in_order(_gains(a.whole, b.whole))
    i, j = best.shape[0] - 1, best.shape[1] - 1
    found = []
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            found.append((a.texts[i], b.texts[j]))
    return found[::-1]


def _gains(a: Told, b: Told) -> Floats:
    """Words that a pair of sentences contributes, shape (sentences of a, sentences of b).

    The mean of containment and Dice of their weighted words, times the shorter length; 0 below ``ALIKE``.
    """
    overlap = (a.rows @ b.rows.T).toarray()
    left, right = a.totals[:, None], b.totals[None, :]
    contained = overlap / np.maximum(np.minimum(left, right), 1e-9)
    dice = 2 * overlap / np.maximum(left + right, 1e-9)
    alike: Floats = (contained + dice) / 2
    return np.where(alike >= ALIKE, alike, 0) * np.minimum(a.lengths[:, None], b.lengths[None, :])


def _spun(lineage: Sequence[Report], wording: _Wording) -> set[str]:
    """Ids of the reports that read worse than another of their lineage wherever the two differ."""
    elsewhere = wording.elsewhere(lineage)
    fluent = {r.article.id: known_share(wording.pairs[r.article.id], elsewhere) for r in lineage}
    best = sorted(lineage, key=lambda r: (-fluent[r.article.id], r.article.id))[:RIVALS]
    spun = set()
    for copy in lineage:
        for other in best:
            if other is copy:
                continue
            places = [p for x, y in _aligned(copy, other) for p in substitutions(x, y)]
            if len(places) < SPUN_PLACES:
                continue
            mine = known_share([p for m, _ in places for p in m], elsewhere)
            its = known_share([p for _, o in places for p in o], elsewhere)
            if mine < SPUN_SHARE and its - mine >= SPUN_LOSS:
                spun.add(copy.article.id)
    return spun


def _original_first(lineage: Sequence[Report], wording: _Wording) -> tuple[str, ...]:
    if len(lineage) == 1:
        return (lineage[0].article.id,)
    members = [r.article for r in lineage]
    spun = _spun(lineage, wording)
    elsewhere = wording.elsewhere(lineage)
    dated = all(a.published for a in members)
    credits = _credits(members)
    told = dict(zip((a.id for a in members), _openings_told(lineage), strict=True))

    def rank(report: Report) -> tuple[object, ...]:
        article = report.article
        shared = sum(p in elsewhere for p in set(wording.pairs[article.id]))
        first = zoned(article.published).timestamp() if dated and article.published else 0.0
        words = report.whole.words
        return (article.id in spun, first, -credits[article.id], -told[article.id], -shared, -words, article.id)

    return tuple(r.article.id for r in sorted(lineage, key=rank))


def _credits(members: Sequence[Article]) -> dict[str, int]:
    """For each article how many of the others name its outlet, less how many outlets of the others it names."""
    texts = {a.id: fold(a.text) for a in members}
    outlets = {a.id: fold(a.source) for a in members if a.source and len(a.source) > 3}
    found = dict.fromkeys(texts, 0)
    for credited, outlet in outlets.items():
        for naming, text in texts.items():
            if naming != credited and outlet in text:
                found[credited] += 1
                found[naming] -= 1
    return found


def _openings_told(lineage: Sequence[Report]) -> list[int]:
    """For each report how many tell its first sentence: a piece that embeds an original opens with its own."""
    spoken = [r.whole for r in lineage if len(r.whole.lengths)]
    if not spoken:
        return [0] * len(lineage)
    every: Any = sparse.vstack([told.rows for told in spoken]).tocsr()
    starts = np.cumsum([0, *(len(told.lengths) for told in spoken[:-1])])
    found = []
    for report in lineage:
        if not len(report.whole.lengths):
            found.append(0)
            continue
        shared = (every @ report.whole.rows[[0]].T).toarray()[:, 0]
        found.append(int((np.maximum.reduceat(shared, starts) >= OPENING * report.whole.totals[0]).sum()))
    return found
