"""Submodular: cover what all sentences say, and take from many topics.

Lin and Bilmes, "A Class of Submodular Functions for Document Summarization" (ACL 2011): within the budget,
make ``F(S) = L(S) + DIVERSITY * R(S)`` great, with

    L(S) = sum_i min(sum_{j in S} cos(i, j), alpha * sum_j cos(i, j)),    alpha = COVERAGE / n
    R(S) = sum over topics T of sqrt(sum_{j in S and T} r(j)),    r(j) = mean_i cos(i, j),

where the topics are n / 5, at most TOPICS, clusters of the sentences (spherical k-means). With a query, r(j)
is the mean of that and the cosine with the query. Greedily the sentence of greatest gain / words ** COST is
taken; if a single sentence is worth more than all taken, it is the summary (Lin and Bilmes, NAACL 2010: this
guarantees a constant share of the greatest F). Gains only fall as S grows, so a sentence is weighed again
only when its last known gain leads (lazy greedy: Minoux 1978). The constants were set on development stories.
"""

import heapq
from random import Random

import numpy as np
from scipy.sparse import csr_matrix

from summarize.extractive.choosing import REDUNDANCY, eligible
from summarize.extractive.graph import products
from summarize.extractive.view import Floats, Ints, View, times, unit_rows

COVERAGE = 5.0
"""A sentence is covered when the summary resembles it this many times as much as an average one does."""

DIVERSITY = 20.0
"""Weight of diversity (R) against coverage (L)."""

COST = 0.1
"""Power of its length by which a sentence's gain is divided."""

TOPICS = 100
"""At most so many topics: more than a summary has sentences make no difference."""

ROUNDS = 20
"""At most so many rounds of k-means."""


def select(view: View, words: int) -> list[int]:
    """Greatest gain for its length first, as many sentences as fit."""
    worth = Worth(view)
    alone = [round(float(value), 9) for value in worth.alone()]
    costs = [max(int(length), 1) ** COST for length in view.lengths]
    pool = [int(j) for j in eligible(view, words)]
    heap = [(-round(alone[j] / costs[j], 9), place, j) for place, j in enumerate(pool)]
    heapq.heapify(heap)
    chosen: list[int] = []
    room, closest = words, np.zeros(len(view.sentences))
    while heap:
        _, place, j = heapq.heappop(heap)
        if (chosen and view.lengths[j] > room) or closest[j] >= REDUNDANCY:
            continue
        entry = (-round(worth.gain(j) / costs[j], 9), place, j)
        if heap and entry > heap[0]:
            heapq.heappush(heap, entry)
            continue
        chosen.append(j)
        worth.take(j)
        room -= int(view.lengths[j])
        closest = np.maximum(closest, view.cosines(j))
    best = max(pool, key=lambda j: alone[j], default=None)
    return chosen if best is None or alone[best] <= round(worth.total(), 9) else [best]


class Worth:
    """F of a growing set of sentences."""

    def __init__(self, view: View) -> None:
        n = len(view.sentences)
        similarity = times(view.tfidf, times(view.tfidf.T, np.ones(n)))
        self.view = view
        self.topics = topics(view)
        self.limits = min(1.0, COVERAGE / max(n, 1)) * similarity
        self.rewards = similarity / max(n, 1)
        if view.asked is not None:
            self.rewards = (self.rewards + view.asked) / 2
        self.covered = np.zeros(n)
        self.held = np.zeros(n)
        """Sum of the rewards of the sentences taken from each topic."""

    def total(self) -> float:
        """F of the sentences taken."""
        return float(self.covered.sum() + DIVERSITY * np.sqrt(self.held).sum())

    def gain(self, j: int) -> float:
        """By how much F would grow with sentence ``j``."""
        covered = np.minimum(self.covered + self.view.cosines(j), self.limits)
        before = self.held[self.topics[j]]
        diversity = np.sqrt(before + self.rewards[j]) - np.sqrt(before)
        return float((covered - self.covered).sum() + DIVERSITY * diversity)

    def take(self, j: int) -> None:
        """Add sentence ``j``."""
        self.covered = np.minimum(self.covered + self.view.cosines(j), self.limits)
        self.held[self.topics[j]] += self.rewards[j]

    def alone(self) -> Floats:
        """(n,) F of each single sentence."""
        coverage = np.zeros(len(self.covered))
        for cosine, i, j in products(self.view.tfidf):
            coverage += np.bincount(j, np.minimum(cosine, self.limits[i]), minlength=len(coverage))
        return coverage + DIVERSITY * np.sqrt(self.rewards)


def topics(view: View) -> Ints:
    """(n,) the cluster of each sentence: spherical k-means from sentences drawn by the seed."""
    vectors, n = view.tfidf, len(view.sentences)
    k = min(-(-n // 5), TOPICS)
    labels = np.zeros(n, dtype=np.int64)
    centers = vectors[sorted(Random(view.seed).sample(range(n), k))]
    for _ in range(ROUNDS):
        nearest = times(vectors, centers.toarray().T).argmax(axis=1) if n else labels
        if np.array_equal(nearest, labels):
            break
        labels = nearest
        members = csr_matrix((np.ones(n), (labels, np.arange(n))), shape=(k, n))
        centers = unit_rows(members @ vectors)
    return labels
