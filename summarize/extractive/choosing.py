"""From scores to a summary within a word budget: by one ranking, or choice by choice."""

from collections.abc import Callable, Sequence

import numpy as np

from summarize.extractive.view import Floats, Ints, View

REDUNDANCY = 0.5
"""Cosine from which a sentence says too little that a chosen one does not (0.5 to 0.8 do nearly as well)."""

SHORT = 5
"""A sentence of fewer words ("Nobody yet.") says little on its own; it is left out where there are others."""


def ranked(view: View, scores: Floats) -> list[int]:
    """All sentences, best score first; ties go to the earlier position, then the smaller article id."""
    keys = _comparable(scores)[view.reading]
    order: Ints = view.reading[np.argsort(-keys, kind="stable")]
    return [int(i) for i in order]


def eligible(view: View, words: int) -> Ints:
    """The sentences to choose from, in reading order: those that fit and are not SHORT.

    If there are none, those that fit; if there are none of these either, all.
    """
    lengths = view.lengths[view.reading]
    fits = lengths <= words
    for wanted in (fits & (lengths >= SHORT), fits):
        if wanted.any():
            return view.reading[wanted]
    return view.reading


def fill(view: View, order: Sequence[int], words: int, redundancy: float | None = REDUNDANCY) -> list[int]:
    """Take in rank order every eligible sentence that still fits into ``words``.

    Passed over are those whose cosine to one already taken is ``redundancy`` or more (None: nothing is
    passed over). If no sentence fits, the first one is taken alone.
    """
    rank = np.empty(len(order))
    rank[list(order)] = np.arange(len(order))
    return grow(view, words, lambda _, fitting: -rank[fitting], redundancy)


def grow(
    view: View,
    words: int,
    score: Callable[[list[int], Ints], Floats],
    redundancy: float | None = REDUNDANCY,
) -> list[int]:
    """Choose the best sentence given those chosen before, again and again, while one fits into ``words``.

    Args:
        view: the story.
        words: the budget.
        score: from the sentences chosen so far and the (k,) eligible ones that still fit, the (k,) worth of
            each; minus infinity forbids one, and when all are forbidden the summary is finished. Called
            once before every choice.
        redundancy: as in ``fill``.

    If no sentence fits at the start, the best one is taken alone.
    """
    chosen: list[int] = []
    left = eligible(view, words)
    while len(left):
        scores = _comparable(score(chosen, left))
        best = int(np.argmax(scores))
        if np.isneginf(scores[best]):
            break
        pick = int(left[best])
        chosen.append(pick)
        words -= int(view.lengths[pick])
        left = left[(view.lengths[left] <= words) & (left != pick)]
        if redundancy is not None:
            left = left[view.cosines(pick)[left] < redundancy]
    return chosen


def _comparable(scores: Floats) -> Floats:
    """Scores relative to the largest, rounded so that sums in another order do not decide between equals."""
    finite = np.abs(scores[np.isfinite(scores)])
    scale = finite.max(initial=0.0) or 1.0
    return np.round(scores / scale, 9).astype(np.float64)
