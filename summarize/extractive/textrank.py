"""TextRank: a sentence is important if important sentences share words with it.

Mihalcea and Tarau, "TextRank: Bringing Order into Text" (EMNLP 2004): PageRank over the sentences, linked by

    w(u, v) = |words of both u and v| / (ln |u| + ln |v|),    u != v,

where |u| is the number of content words of u. Two sentences of one content word each, for which the paper's
denominator is zero, are not linked. With a query the walk starts anew at sentences that resemble it (see
``graph.pagerank``).
"""

from collections.abc import Callable

import numpy as np

from summarize.extractive.choosing import fill, ranked
from summarize.extractive.graph import pagerank
from summarize.extractive.view import Floats, View, times


def select(view: View, words: int) -> list[int]:
    """Best scores first, as many as fit."""
    return fill(view, ranked(view, scores(view)), words)


def scores(view: View) -> Floats:
    """(n,) TextRank of each sentence, summing to 1."""
    return pagerank(overlap(view), len(view.sentences), view.asked)


def overlap(view: View) -> Callable[[Floats], Floats]:
    """What multiplies the (n, n) matrix w with a vector without ever building it.

    The denominator depends on u only through its length, so for each length that occurs the vector is
    divided by the denominators, sent to the words and back, and the sentences of that length are read off.
    """
    holds = view.counts.sign()
    ones = np.ones(holds.shape[1])
    lengths, kind = np.unique(times(view.counts, ones), return_inverse=True)
    logs = np.log(np.maximum(lengths, 1))
    sizes = logs[kind][:, None] + logs  # (n, lengths)
    inverse = np.divide(1.0, sizes, out=np.zeros_like(sizes), where=sizes > 0)
    rows = np.arange(len(kind))
    own = times(holds, ones) * inverse[rows, kind]

    def weigh(vector: Floats) -> Floats:
        spread = times(holds, times(holds.T, vector[:, None] * inverse))
        return np.asarray(spread[rows, kind] - own * vector, dtype=np.float64)

    return weigh
