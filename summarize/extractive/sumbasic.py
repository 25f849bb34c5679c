"""SumBasic: sentences made of frequent words, each word worth less once it is said.

Nenkova and Vanderwende, "The Impact of Frequency on Summarization" (MSR-TR-2005-101, 2005). With p(w) the
share of w among all content words, again and again: among the sentences that hold the most probable word,
take the one whose words have the greatest mean probability; then square the probability of its words.
"""

import numpy as np

from summarize.extractive.choosing import grow
from summarize.extractive.view import Floats, Ints, View, times

NEVER = -1e6
"""Logarithm of a probability that is as good as zero."""


def select(view: View, words: int) -> list[int]:
    """Most frequent words first, as many sentences as fit."""
    counts, holds = view.counts, view.counts.sign()
    sizes = np.maximum(times(counts, np.ones(counts.shape[1])), 1)
    # Logarithms, because squared over and over the probabilities would vanish.
    totals = times(counts.T, np.ones(counts.shape[0]))
    logs = np.log(totals / max(totals.sum(), 1))

    def score(chosen: list[int], fitting: Ints) -> Floats:
        if chosen:
            said = holds[[chosen[-1]]].indices
            logs[said] = np.maximum(2 * logs[said], NEVER)
        open_words = np.flatnonzero(times(holds[fitting].T, np.ones(len(fitting))))
        if not len(open_words):
            return np.zeros(len(fitting))
        top = open_words[np.argmax(logs[open_words])]
        means = times(counts[fitting], np.exp(logs)) / sizes[fitting]
        return np.where(holds[fitting][:, [top]].toarray().ravel() > 0, means, -np.inf)

    return grow(view, words, score)
