"""Maximal marginal relevance: what is to the point and not said yet.

Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing
Summaries" (SIGIR 1998): again and again the sentence s with the greatest

    lambda * cos(s, q) - (1 - lambda) * max_{c chosen} cos(s, c),    lambda = 0.7,

where q is the centre of the story or, with a query, the direction half way between the two, so that
sentences that share no word with the query are still told apart.
"""

import numpy as np

from summarize.extractive.choosing import grow
from summarize.extractive.view import Floats, Ints, View, times, unit

RELEVANCE = 0.7
"""Weight of relevance against novelty (lambda)."""


def select(view: View, words: int) -> list[int]:
    """Greatest marginal relevance first, as many as fit."""
    target = view.centroid if view.query is None else unit(view.centroid + view.query)
    relevance = times(view.tfidf, target)
    closest = np.zeros(len(view.sentences))

    def score(chosen: list[int], fitting: Ints) -> Floats:
        if chosen:
            np.maximum(closest, view.cosines(chosen[-1]), out=closest)
        return RELEVANCE * relevance[fitting] - (1 - RELEVANCE) * closest[fitting]

    return grow(view, words, score)
