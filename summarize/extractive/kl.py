"""KL-Sum: the summary whose words are spread most like those of the story.

Haghighi and Vanderwende, "Exploring Content Models for Multi-Document Summarization" (NAACL 2009): again and
again the sentence s that makes

    KL(P || Q) = sum_w P(w) * ln(P(w) / Q(w))

least, with P the distribution of content words in the story and Q that in the summary so far with s added,
every word counted ``SMOOTHING`` times more than it stands there, since Q must not be zero.
"""

import numpy as np

from summarize.extractive.choosing import grow
from summarize.extractive.view import Floats, View, times

SMOOTHING = 0.01
"""Added to the count of every word of the summary."""


def select(view: View, words: int) -> list[int]:
    """Least divergence first, as many sentences as fit."""
    return grow(view, words, lambda chosen, fitting: -divergences(view, chosen)[fitting])


def divergences(view: View, chosen: list[int]) -> Floats:
    """(n,) the divergence in nats when each sentence is added to those chosen."""
    counts = view.counts
    totals = times(counts.T, np.ones(counts.shape[0]))
    p = totals / max(totals.sum(), 1)
    said = times(counts[chosen].T, np.ones(len(chosen))) + SMOOTHING
    # ln Q differs from that of the chosen sentences only at the words that a sentence adds.
    gains = counts.copy()
    gains.data = p[counts.indices] * np.log1p(counts.data / said[counts.indices])
    ones = np.ones(len(p))
    sizes = np.maximum(said.sum() + times(counts, ones), SMOOTHING)
    divergence: Floats = np.sum(p * np.log(p / said)) + np.log(sizes) - times(gains, ones)
    return divergence
