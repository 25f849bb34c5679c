"""Centroid: sentences full of the words that make the story what it is, early in their article.

Radev, Jing, Styś and Tam, "Centroid-based summarization of multiple documents" (IPM 40, 2004), the mean of
the MEAD features, each divided by its greatest value:

    C(s)  sum over the words of s of their weight in the centroid, which holds the words whose mean
          ``count * idf`` over the articles is at least the mean of all words
    P(s)  (m - i + 1) / m for sentence i of the m of its article
    F(s)  cosine with the first sentence of its article

With a query the score is the mean of that and of the cosine with the query, again divided by its greatest
value. As in MEAD, sentences of fewer than 9 words come last, and what is too close to a chosen one is passed
over.
"""

import numpy as np

from summarize.extractive.choosing import fill, ranked
from summarize.extractive.view import Floats, View, times

SHORT = 9
"""Sentences of fewer words stand behind all others."""


def select(view: View, words: int) -> list[int]:
    """Best scores first, as many as fit."""
    return fill(view, ranked(view, scores(view)), words)


def scores(view: View) -> Floats:
    """(n,) from 0 to 1; 1 less for short sentences."""
    means = (_scaled(times(view.counts, centroid(view))) + _places(view) + _scaled(_first(view))) / 3
    if view.asked is not None:
        means = (means + _scaled(view.asked)) / 2
    return means - (view.lengths < SHORT)


def centroid(view: View) -> Floats:
    """(vocabulary,) mean over the articles of count * idf, without the words below the mean of that."""
    mean = times(view.counts.T, np.ones(len(view.sentences))) * view.idf / len(view.story.articles)
    return np.where(mean >= mean.mean(), mean, 0) if len(mean) else mean


def _places(view: View) -> Floats:
    sizes = np.bincount(view.first)[view.first]
    return 1 - (np.arange(len(sizes)) - view.first) / sizes


def _first(view: View) -> Floats:
    return times(view.tfidf.multiply(view.tfidf[view.first]), np.ones(view.tfidf.shape[1]))


def _scaled(values: Floats) -> Floats:
    return values / (values.max(initial=0) or 1.0)
