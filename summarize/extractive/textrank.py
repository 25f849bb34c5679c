"""TextRank: a sentence is important if important sentences share words with it.

Mihalcea and Tarau, "TextRank: Bringing Order into Text" (EMNLP 2004): PageRank over the sentences, linked by

    w(u, v) = |words of both u and v| / (ln |u| + ln |v|),    u != v,

where |u| is the number of content words of u. Two sentences of one content word each, for which the paper's
denominator is zero, are not linked. With a query the walk starts anew at sentences that resemble it (see
``graph.pagerank``).
"""

import numpy as np
from scipy.sparse import csr_matrix

from summarize.extractive.choosing import fill, ranked
from summarize.extractive.graph import pagerank, similarities
from summarize.extractive.view import Floats, Ints, View, times


def select(view: View, words: int) -> list[int]:
    """Best scores first, as many as fit."""
    return fill(view, ranked(view, scores(view)), words)


def scores(view: View) -> Floats:
    """(n,) TextRank of each sentence, summing to 1."""
    links = overlaps(view)
    return pagerank(lambda p: times(links, p), len(view.sentences), view.asked)


def overlaps(view: View) -> csr_matrix[np.float64]:
    """(n, n) the similarities w, zero on the diagonal."""
    logs = np.log(np.maximum(times(view.counts, np.ones(view.counts.shape[1])), 1))

    def weigh(shared: Floats, i: Ints, j: Ints) -> Floats:
        sizes = logs[i] + logs[j]
        weights = np.zeros(len(shared))
        np.divide(shared, sizes, out=weights, where=(i != j) & (sizes > 0))
        return weights

    return similarities(view.counts.sign(), weigh)
