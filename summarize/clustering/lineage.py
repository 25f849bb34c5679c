"""Which reports of a story copy or rewrite one another, which came first, and which a machine has spun.

A copy, however reworded, tells the same things in the same order; independent reports of one event share facts
but not their order. So two reports are kin when sentences that share words, names and numbers, taken in order,
make up much of the shorter one (a weighted longest common subsequence of sentences).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from summarize.clustering.wording import known_share, substitutions, word_pairs
from summarize.clustering.words import background, text_key
from summarize.documents import Article
from summarize.text import content_words, fold, sentences

ALIKE = 0.3
"""Weighted word overlap from which two sentences may tell the same."""
KIN = 0.42
"""Share of the shorter report, in words, that aligned sentences must make up when it is long. Independent
reports of one event reach about 0.33, rewritten ones 0.47 and more."""
KIN_SHORT = 0.82
"""The same for a report of no length; short reports have little to tell but the same few facts."""
LONG = 240
"""Words from which ``KIN`` holds; below, the demand rises evenly to ``KIN_SHORT``."""
SHARED = 0.3
"""Share of the smaller report's distinct words, weighted, that the other must have to be compared at all."""
SPUN_SHARE = 0.68
"""Share of known word pairs around substituted words below which a copy may be spun."""
SPUN_LOSS = 0.12
"""How much lower than its original's that share must be."""
SPUN_PLACES = 20
"""Fewer substitutions than this decide nothing."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Report:
    """An article as its sentences: texts, lengths in words, rows of weighted words, their totals; a row of all."""

    article: Article
    texts: tuple[str, ...]
    lengths: Floats
    rows: sparse.csr_array
    whole: sparse.csr_array
    totals: Floats


def lineages(articles: Sequence[Article]) -> tuple[tuple[str, ...], ...]:
    """Groups of article ids that copy or rewrite one another, the original first; the largest group first.

    The original is, in this order of trust: not machine-spun, the earliest where publication times differ,
    credited by the others, the one whose wording other reports share, the longest.
    """
    ordered = sorted(articles, key=lambda a: a.id)
    reports = _reports(ordered)
    members: dict[int, list[int]] = {}
    for i, g in enumerate(_kin(reports)):
        members.setdefault(g, []).append(i)
    found = [_original_first([reports[i] for i in m], ordered) for m in members.values()]
    return tuple(sorted(found, key=lambda ids: (-len(ids), ids)))


def spun_copies(articles: Sequence[Article], lineages: Sequence[Sequence[str]]) -> frozenset[str]:
    """Ids of the articles whose wording was made by a synonym machine from another of their lineage."""
    by_id = {a.id: a for a in articles}
    spun: set[str] = set()
    for lineage in lineages:
        reports = _reports([by_id[i] for i in lineage])
        spun.update(_spun(reports, list(articles)))
    return frozenset(spun)


def _reports(articles: Sequence[Article]) -> list[_Report]:
    found = [sentences(a) for a in articles]
    texts = [tuple(s.text for s in f) or ((a.title,) if a.title else ()) for a, f in zip(articles, found, strict=True)]
    stems = [[sorted(set(content_words(t))) for t in part] for part in texts]
    index: dict[str, int] = {}
    for part in stems:
        for sentence in part:
            for s in sentence:
                index.setdefault(s, len(index))
    known = background()
    weight = np.array([np.sqrt(-np.log(min(known.share.get(s, known.unseen), 0.99))) for s in index])
    return [
        _Report(
            article=a,
            texts=t,
            lengths=np.array([len(x.split()) for x in t], np.float64),
            rows=_rows(part, index, weight),
            whole=_rows([sorted({s for sentence in part for s in sentence})], index, weight),
            totals=np.array([sum(weight[index[s]] ** 2 for s in sentence) for sentence in part], np.float64),
        )
        for a, t, part in zip(articles, texts, stems, strict=True)
    ]


def _rows(stems: Sequence[Sequence[str]], index: dict[str, int], weight: Floats) -> sparse.csr_array:
    columns = np.array([index[s] for sentence in stems for s in sentence], np.int32)
    ends = np.cumsum([0, *map(len, stems)])
    return sparse.csr_array((weight[columns], columns, ends), shape=(len(stems), len(weight)))


def _kin(reports: Sequence[_Report]) -> list[int]:
    """For each report the number of its lineage: that of the first report it is kin to, directly or not."""
    if not reports:
        return []
    whole: Any = sparse.vstack([r.whole for r in reports]).tocsr()
    totals = whole.power(2).sum(axis=1)
    every: Any = sparse.vstack([r.rows for r in reports]).tocsr()
    ends = np.cumsum([0, *(len(r.texts) for r in reports)])
    keys = [text_key(r.article) for r in reports]
    lineage = list(range(len(reports)))
    for i in range(1, len(reports)):
        shared = (whole[:i] @ whole[[i]].T).toarray()[:, 0]
        near = np.flatnonzero(shared >= SHARED * np.minimum(totals[:i], totals[i])).tolist()
        overlaps = (every[: ends[i]] @ reports[i].rows.T).toarray()
        for j in near:
            if lineage[i] == lineage[j]:
                continue
            overlap = overlaps[ends[j] : ends[j + 1]]
            if keys[i] == keys[j] or _are_kin(reports[j], reports[i], overlap):
                old, new = sorted((lineage[i], lineage[j]), reverse=True)
                lineage = [new if g == old else g for g in lineage]
    return lineage


def _are_kin(a: _Report, b: _Report, overlap: Floats) -> bool:
    shorter = min(a.lengths.sum(), b.lengths.sum())
    if not shorter:
        return False
    demand = KIN + (KIN_SHORT - KIN) * max(0.0, 1 - shorter / LONG)
    gains = _gains(a, b, overlap)
    if gains.max(axis=1).sum() < demand * shorter:
        return False  # even the best partner of every sentence, in any order, is too little
    return bool(_best(gains)[-1, -1] >= demand * shorter)


def _gains(a: _Report, b: _Report, overlap: Floats) -> Floats:
    """Words that a pair of sentences contributes, shape (sentences of a, sentences of b).

    The mean of containment and Dice of their weighted words, times the shorter length; 0 below ``ALIKE``.
    """
    left, right = a.totals[:, None], b.totals[None, :]
    contained = overlap / np.maximum(np.minimum(left, right), 1e-9)
    dice = 2 * overlap / np.maximum(left + right, 1e-9)
    alike = (contained + dice) / 2
    return np.where(alike >= ALIKE, alike, 0) * np.minimum(a.lengths[:, None], b.lengths[None, :])


def _best(gains: Floats) -> Floats:
    """Best total of aligned sentences in order among the first i of a and the first j of b, at [i, j]."""
    best = np.zeros((gains.shape[0] + 1, gains.shape[1] + 1))
    for i, row in enumerate(gains):
        best[i + 1, 1:] = np.maximum.accumulate(np.maximum(best[i, 1:], best[i, :-1] + row))
    return best


def _aligned(a: _Report, b: _Report) -> list[tuple[str, str]]:
    """The sentences of the two reports that tell the same, in order."""
    best = _best(_gains(a, b, (a.rows @ b.rows.T).toarray()))
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


def _spun(lineage: Sequence[_Report], articles: Sequence[Article]) -> set[str]:
    """Ids of the reports that read worse than another of their lineage wherever the two differ."""
    if len(lineage) < 2:
        return set()
    inside = {r.article.id for r in lineage}
    elsewhere = {p for a in articles if a.id not in inside for p in word_pairs(a.text)}
    spun = set()
    for copy in lineage:
        for other in lineage:
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


def _original_first(lineage: Sequence[_Report], articles: Sequence[Article]) -> tuple[str, ...]:
    if len(lineage) == 1:
        return (lineage[0].article.id,)
    members = [r.article for r in lineage]
    spun = _spun(lineage, articles)
    inside = {a.id for a in members}
    elsewhere = {p for a in articles if a.id not in inside for p in word_pairs(a.text)}
    dated = all(a.published for a in members)

    def rank(report: _Report) -> tuple[object, ...]:
        article = report.article
        credits = sum(_credits(m, article) - _credits(article, m) for m in members if m is not article)
        shared = sum(p in elsewhere for p in set(word_pairs(article.text)))
        first = article.published.timestamp() if dated and article.published else 0.0
        return (article.id in spun, first, -credits, -shared, -report.lengths.sum(), article.id)

    return tuple(r.article.id for r in sorted(lineage, key=rank))


def _credits(article: Article, other: Article) -> int:
    """Whether an article names the outlet of another in its text."""
    return int(bool(other.source) and len(other.source or "") > 3 and fold(other.source or "") in fold(article.text))
