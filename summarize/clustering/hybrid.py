"""Agglomerative clustering with a learned merge decision: the default."""

import heapq
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from summarize.clustering.blocks import Each, blocks, in_turn
from summarize.clustering.evidence import (
    Evidence,
    Features,
    Weights,
    encode_groups,
    encode_leads,
    features,
    gap_cost,
    gather,
    likely_cohesion,
    likely_cosines,
    merged,
    part_of,
    shipped,
)
from summarize.clustering.pairs import EXACT, Floats, Indices, cosines, neighbours, unit
from summarize.config import ClusteringSettings
from summarize.documents import Article
from summarize.models import Encode

Merge = tuple[float, int, int]
Heap = list[tuple[float, int, int, int, int]]

CHUNK = 1 << 14
"""Pairs that are looked at in one step; bounds the memory."""
FLOOR = 0.02
"""Cosine of the heaviest words below which two articles are never compared."""
MARGIN = 2.0
"""Logits by which joins of the first rounds are surer than they must be."""
SETTLED = 0.01
"""A round that joins no larger share of the groups is the last."""
BLOCK = 2048
"""Most articles or groups that are joined in one go."""


def group(
    articles: Sequence[Article], settings: ClusteringSettings, encode: Encode, each: Each = in_turn
) -> list[list[int]]:
    """Groups of positions in ``articles``, which must have different texts and a fixed order.

    Up to ``EXACT`` articles are joined at once. More are joined in rounds: in each, candidates are looked for
    among the groups so far, blocks of them are joined apart, and only what is surer by ``MARGIN`` than it must
    be is joined at first, so that the best partner is found though it is in another block. The first round goes
    by words alone; whatever it joins is one event without asking the encoder, which then reads a few articles
    for all of the group.
    """
    evidence, wanted, model = gather(articles), logit(settings.threshold), shipped()
    if len(articles) <= EXACT:
        left, right = candidates(evidence)
        vectors = encode_leads(articles, np.unique(np.concatenate([left, right])).tolist(), encode)
        return groups_of(len(articles), join(replace(evidence, vectors=vectors), left, right, model, wanted))
    merges = join_in_blocks(evidence, *candidates(evidence), model, wanted + MARGIN, by_words=True, each=each)
    groups = groups_of(len(articles), merges)
    evidence = merged(evidence, groups)
    left, right = candidates(evidence)
    chosen = np.unique(np.concatenate([left, right])).tolist()
    evidence = replace(evidence, vectors=encode_groups(articles, groups, chosen, encode))
    surer = MARGIN
    while True:
        merges = join_in_blocks(evidence, left, right, model, wanted + surer, each=each)
        last = not surer and len(merges) <= SETTLED * len(groups)
        surer = 0.0
        joined = groups_of(len(groups), merges)
        groups = [sorted(i for g in part for i in groups[g]) for part in joined]
        if last:
            return groups
        evidence = merged(evidence, joined)
        left, right = candidates(evidence)


def candidates(evidence: Evidence) -> tuple[Indices, Indices]:
    """The pairs of rows ``i < j`` that are compared."""
    return neighbours(unit(evidence.lexical[0]), FLOOR, evidence.days[:, 1])


def join_in_blocks(
    evidence: Evidence,
    left: Indices,
    right: Indices,
    model: Weights,
    wanted: float,
    by_words: bool = False,
    each: Each = in_turn,
) -> list[Merge]:
    """As ``join``, in blocks of at most ``BLOCK`` rows that know nothing of one another.

    The joins of one block hang on its rows and pairs alone, so blocks may be worked on in any order, anywhere.
    """
    words, inner = cosines(evidence.lexical[0], left, right), evidence.lexical[0].power(2).sum(axis=1)
    strength = words / np.sqrt(np.maximum(inner[left] * inner[right], np.finfo(np.float32).tiny))
    parts = blocks(len(evidence.sizes), left, right, strength, BLOCK)
    number, place = np.empty((2, len(evidence.sizes)), np.int64)
    for k, rows in enumerate(parts):
        number[rows], place[rows] = k, np.arange(len(rows))
    inside = np.flatnonzero(number[left] == number[right])
    inside = inside[np.argsort(number[left[inside]], kind="stable")]
    cuts = np.searchsorted(number[left[inside]], np.arange(len(parts) + 1))
    some = [k for k in range(len(parts)) if cuts[k] < cuts[k + 1]]

    def apart() -> Iterator[Block]:
        for k in some:
            own = inside[cuts[k] : cuts[k + 1]]
            rows = part_of(evidence, parts[k])
            yield Block(rows, place[left[own]], place[right[own]], model, wanted, by_words, words[own])

    found = zip(some, each(join_block, apart()), strict=True)
    return [(sure, parts[k][i], parts[k][j]) for k, merges in found for sure, i, j in merges]


@dataclass(frozen=True)
class Block:
    """Rows and pairs to be joined apart from all others; the arguments of ``join``."""

    evidence: Evidence
    left: Indices
    right: Indices
    model: Weights
    wanted: float
    by_words: bool
    words: Floats


def join_block(block: Block) -> list[Merge]:
    """The joins of a block."""
    return join(block.evidence, block.left, block.right, block.model, block.wanted, block.by_words, block.words)


def logit(probability: float) -> float:
    """Log-odds; 0 and 1 are infinitely far."""
    if probability in (0, 1):
        return math.copysign(math.inf, probability - 0.5)
    return math.log(probability / (1 - probability))


def join(
    evidence: Evidence,
    left: Indices,
    right: Indices,
    model: Weights,
    wanted: float,
    by_words: bool = False,
    words: Floats | None = None,
) -> list[Merge]:
    """Join the two groups most probably of one event until no two reach ``wanted`` logits.

    The cosine of two groups is that of their summed vectors, kept up as groups grow from the dot products of
    the given pairs (those of pairs not given count as 0) and, for the sentence vectors, from the sums
    themselves. Time and memory grow with the number of pairs, not with the square of the articles.

    Args:
        evidence: one row an article, or a group already joined.
        left: first rows of the pairs.
        right: second rows.
        model: the merge decision.
        wanted: log-odds at which two groups are joined.
        by_words: there are no sentence vectors yet; their cosine is taken to be the least likely one.
        words: dot products of all words of the pairs, if they are known.

    Returns:
        The joins in order: log-odds, the group that stays, the group that goes into it; a group is known by
        the position of its first article. A prefix up to the first join below some log-odds is what a run
        with that ``wanted`` would have returned.
    """
    return Groups(evidence, left, right, model, by_words, words).run(wanted)


def groups_of(n: int, merges: Iterable[Merge]) -> list[list[int]]:
    """The groups that joins leave of n articles, each ascending, in the order of their first article."""
    members = {i: [i] for i in range(n)}
    for _, i, j in merges:
        members[i] += members.pop(j)
    return [sorted(m) for m in members.values()]


class Groups:
    """The state of the agglomeration; a group is known by the position of its first article."""

    def __init__(
        self,
        evidence: Evidence,
        left: Indices,
        right: Indices,
        model: Weights,
        by_words: bool = False,
        words: Floats | None = None,
    ) -> None:
        n = len(evidence.traits)
        self.model = model
        self.by_words = by_words
        self.members = {i: [i] for i in range(n)}
        self.root = np.arange(n)
        self.version = [0] * n
        self.size = evidence.sizes.copy()
        self.inner = np.ones((n, len(evidence.lexical)))  # squared lengths of the summed lexical vectors
        for column, matrix in enumerate(evidence.lexical):
            self.inner[:, column] = matrix.power(2).sum(axis=1)
        self.vectors = evidence.vectors.copy()
        self.lengths = np.linalg.norm(self.vectors, axis=1).astype(np.float64)
        self.traits = evidence.traits.copy()
        self.first, self.last = evidence.days.T.copy()
        self.left, self.right = left, right
        # Of articles these are cosines, of groups of them dot products.
        known = cosines(evidence.lexical[0], left, right) if words is None else words
        dots = [known, *(cosines(m, left, right) for m in evidence.lexical[1:])]
        self.pairs = np.stack(dots, axis=1).astype(np.float64)
        ends = np.concatenate([left, right])
        order = np.argsort(ends, kind="stable")
        cuts = np.searchsorted(ends[order], np.arange(1, n))
        self.near = np.split(np.concatenate([right, left])[order], cuts)
        self.dots = np.split(np.concatenate([self.pairs, self.pairs])[order], cuts)

    def run(self, wanted: float) -> list[Merge]:
        """Join groups while the best two reach ``wanted`` logits; the joins in order."""
        heap: Heap = []
        for at in range(0, len(self.left), CHUNK):
            left, right = self.left[at : at + CHUNK], self.right[at : at + CHUNK]
            logits = self.logits(left, right, self.pairs[at : at + CHUNK])
            chosen = np.flatnonzero(logits >= wanted)
            rows = zip(logits[chosen].tolist(), left[chosen].tolist(), right[chosen].tolist(), strict=True)
            heap += [(-logit, i, j, 0, 0) for logit, i, j in rows]
        heapq.heapify(heap)
        merges: list[Merge] = []
        while heap:
            cost, i, j, version_i, version_j = heapq.heappop(heap)
            if self.version[i] == version_i and self.version[j] == version_j:
                merges.append((-cost, i, j))
                self.merge(i, j)
                self.push(heap, i, wanted)
        return merges

    def push(self, heap: Heap, i: int, wanted: float) -> None:
        """Put the joins of group i that reach ``wanted`` logits on the heap."""
        others = self.near[i]
        logits = self.logits(np.array([i]), others, self.dots[i])
        for k in np.flatnonzero(logits >= wanted).tolist():
            first, second = sorted((i, int(others[k])))
            heapq.heappush(heap, (-float(logits[k]), first, second, self.version[first], self.version[second]))

    def features(self, left: Indices, right: Indices, dots: Features) -> Features:
        """Features of pairs of groups.

        Args:
            left: (m,) or, where one group is compared with all others, (1,).
            right: (m,).
            dots: (m, 4) lexical dot products.
        """
        inner = self.inner[left] * self.inner[right]
        lexical = dots / np.sqrt(np.where(inner > 0, inner, 1.0))
        sizes = np.stack(np.broadcast_arrays(self.size[left], self.size[right]))
        if self.by_words:
            cohesion = np.stack(
                np.broadcast_arrays(*(likely_cohesion(self.inner[k, 0], self.size[k]) for k in (left, right)))
            )
            cosine = likely_cosines(lexical[:, 0])
            meaning = cosine * cohesion.prod(axis=0)
        else:
            lengths = np.stack(np.broadcast_arrays(self.lengths[left], self.lengths[right]))
            cohesion = lengths / sizes
            between = np.einsum("ij,ij->i", self.vectors[left], self.vectors[right]).astype(np.float64)
            cosine = between / np.where(lengths.prod(axis=0) > 0, lengths.prod(axis=0), 1.0)
            meaning = between / sizes.prod(axis=0)
        traits = np.column_stack(
            [
                np.maximum(self.traits[left, 0], self.traits[right, 0]),
                np.minimum(self.traits[left, 1:], self.traits[right, 1:]),
            ]
        )
        means = np.column_stack([dots[:, 0] / sizes.prod(axis=0), meaning])
        return features(np.column_stack([lexical, cosine]), means, sizes, traits, cohesion)

    def gaps(self, left: Indices, right: Indices) -> tuple[Features, Features]:
        """Days between the given pairs of groups, NaN where unknown, and the logits they cost."""
        days = np.maximum(self.first[right] - self.last[left], self.first[left] - self.last[right])
        return days, gap_cost(days, np.stack(np.broadcast_arrays(self.size[left], self.size[right])))

    def logits(self, left: Indices, right: Indices, dots: Features) -> Features:
        """Log-odds of one event of pairs of groups, less what their gaps cost; arguments as of ``features``."""
        return self.model.logits(self.features(left, right, dots)) - self.gaps(left, right)[1]

    def merge(self, i: int, j: int) -> None:
        """Let group j go into group i."""
        between = self.dots[i][self.root[self.near[i]] == j].sum(axis=0)
        self.inner[i] += self.inner[j] + 2 * between
        total = self.size[i] + self.size[j]
        self.traits[i] = (self.traits[i] * self.size[i] + self.traits[j] * self.size[j]) / total
        self.size[i] = total
        self.vectors[i] += self.vectors[j]
        self.lengths[i] = np.linalg.norm(self.vectors[i])
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
