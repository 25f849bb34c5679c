"""Agglomerative clustering with a learned merge decision: the default."""

import heapq
import math
from collections.abc import Iterable, Sequence

import numpy as np

from summarize.clustering.evidence import (
    Evidence,
    Features,
    Weights,
    encode_leads,
    features,
    gap_cost,
    gather,
    shipped,
)
from summarize.clustering.pairs import Indices, cosines, neighbours
from summarize.config import ClusteringSettings
from summarize.documents import Article
from summarize.models import Encode

Merge = tuple[float, int, int]

FLOOR = 0.02
"""Cosine of the heaviest words below which two articles are never compared."""


def group(articles: Sequence[Article], settings: ClusteringSettings, encode: Encode) -> list[list[int]]:
    """Groups of positions in ``articles``, which must have different texts and a fixed order."""
    evidence = gather(articles)
    left, right = neighbours(evidence.lexical[0], FLOOR)
    chosen = np.unique(np.concatenate([left, right]))
    evidence = Evidence(
        evidence.lexical, encode_leads(articles, chosen.tolist(), encode), evidence.traits, evidence.days
    )
    return groups_of(len(articles), join(evidence, left, right, shipped(), logit(settings.threshold)))


def logit(probability: float) -> float:
    """Log-odds; 0 and 1 are infinitely far."""
    if probability in (0, 1):
        return math.copysign(math.inf, probability - 0.5)
    return math.log(probability / (1 - probability))


def join(evidence: Evidence, left: Indices, right: Indices, model: Weights, wanted: float) -> list[Merge]:
    """Join the two groups most probably of one event until no two reach ``wanted`` logits.

    The cosine of two groups is that of their summed vectors, kept up as groups grow from the dot products of
    the given pairs (those of pairs not given count as 0) and, for the sentence vectors, from the sums
    themselves. Time and memory grow with the number of pairs, not with the square of the articles.

    Returns:
        The joins in order: log-odds, the group that stays, the group that goes into it; a group is known by
        the position of its first article. A prefix up to the first join below some log-odds is what a run
        with that ``wanted`` would have returned.
    """
    return _Groups(evidence, left, right, model).run(wanted)


def groups_of(n: int, merges: Iterable[Merge]) -> list[list[int]]:
    """The groups that joins leave of n articles, each ascending, in the order of their first article."""
    members = {i: [i] for i in range(n)}
    for _, i, j in merges:
        members[i] += members.pop(j)
    return [sorted(m) for m in members.values()]


class _Groups:
    """The state of the agglomeration; a group is known by the position of its first article."""

    def __init__(self, evidence: Evidence, left: np.ndarray, right: np.ndarray, model: Weights) -> None:
        n = len(evidence.traits)
        self.model = model
        self.members = {i: [i] for i in range(n)}
        self.root = np.arange(n)
        self.version = [0] * n
        self.size = np.ones(n)
        self.inner = np.ones((n, len(evidence.lexical)))  # squared lengths of the summed lexical vectors
        for column, matrix in enumerate(evidence.lexical):
            self.inner[:, column] = matrix.power(2).sum(axis=1)
        self.vectors = evidence.vectors.astype(np.float64)
        self.traits = evidence.traits.copy()
        self.first, self.last = evidence.days.T.copy()
        dots = np.stack([cosines(m, left, right) for m in evidence.lexical], axis=1).astype(np.float64)
        ends = np.concatenate([left, right])
        order = np.argsort(ends, kind="stable")
        cuts = np.searchsorted(ends[order], np.arange(1, n))
        self.near = np.split(np.concatenate([right, left])[order], cuts)
        self.dots = np.split(np.concatenate([dots, dots])[order], cuts)

    def run(self, wanted: float) -> list[Merge]:
        """Join groups while the best two reach ``wanted`` logits; the joins in order."""
        heap: list[tuple[float, int, int, int, int]] = []
        for i in range(len(self.near)):
            self._push(heap, i, wanted)
        merges: list[Merge] = []
        while heap:
            cost, i, j, version_i, version_j = heapq.heappop(heap)
            if self.version[i] == version_i and self.version[j] == version_j:
                merges.append((-cost, i, j))
                self._merge(i, j)
                self._push(heap, i, wanted)
        return merges

    def _push(self, heap: list[tuple[float, int, int, int, int]], i: int, wanted: float) -> None:
        logits = self._logits(i)
        for k in np.flatnonzero(logits >= wanted).tolist():
            first, second = sorted((i, int(self.near[i][k])))
            heapq.heappush(heap, (-float(logits[k]), first, second, self.version[first], self.version[second]))

    def _logits(self, i: int) -> Features:
        others = self.near[i]
        inner = self.inner[i] * self.inner[others]
        lexical = self.dots[i] / np.sqrt(np.where(inner > 0, inner, 1.0))
        lengths = np.linalg.norm(self.vectors[others], axis=1) * np.linalg.norm(self.vectors[i])
        meaning = self.vectors[others] @ self.vectors[i] / np.where(lengths > 0, lengths, 1.0)
        traits = np.stack(
            [
                np.maximum(self.traits[i, 0], self.traits[others, 0]),
                np.minimum(self.traits[i, 1], self.traits[others, 1]),
                np.minimum(self.traits[i, 2], self.traits[others, 2]),
            ],
            axis=1,
        )
        gaps = np.maximum(self.first[others] - self.last[i], self.first[i] - self.last[others])
        values = features(np.column_stack([lexical, meaning]), np.sqrt(self.size[i] * self.size[others]), traits)
        return self.model.logits(values) - gap_cost(gaps)

    def _merge(self, i: int, j: int) -> None:
        between = self.dots[i][self.root[self.near[i]] == j].sum(axis=0)
        self.inner[i] += self.inner[j] + 2 * between
        total = self.size[i] + self.size[j]
        self.traits[i] = (self.traits[i] * self.size[i] + self.traits[j] * self.size[j]) / total
        self.size[i] = total
        self.vectors[i] += self.vectors[j]
        self.first[i] = np.fmin(self.first[i], self.first[j])
        self.last[i] = np.fmax(self.last[i], self.last[j])
        self.members[i] += self.members.pop(j)
        self.root[self.members[i]] = i
        self.version[i] += 1
        self.version[j] += 1
        near = self.root[np.concatenate([self.near[i], self.near[j]])]
        dots = np.concatenate([self.dots[i], self.dots[j]])[near != i]
        self.near[i], where = np.unique(near[near != i], return_inverse=True)
        self.dots[i] = np.zeros((len(self.near[i]), dots.shape[1]))
        np.add.at(self.dots[i], where, dots)
        self.near[j], self.dots[j] = near[:0], dots[:0]
