"""From scores to a summary within a word budget: by one ranking, or choice by choice."""

from collections.abc import Callable, Sequence

import numpy as np

from summarize.extractive.view import Floats, Ints, View

REDUNDANCY = 0.7
"""Cosine from which a sentence says nothing new beside a chosen one (as the default reranker of MEAD)."""


def ranked(view: View, scores: Floats) -> list[int]:
    """All sentences, best score first; ties go to the earlier position, then the smaller article id."""
    keys = _comparable(scores)[view.reading]
    order: Ints = view.reading[np.argsort(-keys, kind="stable")]
    return [int(i) for i in order]


def fill(view: View, order: Sequence[int], words: int, redundancy: float | None = REDUNDANCY) -> list[int]:
    """Take in rank order every sentence that still fits into ``words``.

    Passed over are those whose cosine to one already taken is ``redundancy`` or more (None: nothing is
    passed over). If no sentence fits, the first one is taken alone.
    """
    chosen: list[int] = []
    closest = np.zeros(len(view.sentences))
    for i in order:
        if view.lengths[i] > words or (redundancy is not None and closest[i] >= redundancy):
            continue
        chosen.append(i)
        words -= int(view.lengths[i])
        closest = np.maximum(closest, view.cosines(i))
    return chosen or list(order[:1])


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
        score: from the sentences chosen so far and the (k,) sentences that still fit, the (k,) worth of each;
            minus infinity forbids one, and when all are forbidden the summary is finished. Called once
            before every choice.
        redundancy: as in ``fill``.

    If no sentence fits at the start, the best one is taken alone.
    """
    chosen: list[int] = []
    left = view.reading
    alone = not np.any(view.lengths <= words)
    while True:
        fitting = left if alone else left[view.lengths[left] <= words]
        if not len(fitting):
            return chosen
        scores = _comparable(score(chosen, fitting))
        best = int(np.argmax(scores))
        if np.isneginf(scores[best]):
            return chosen
        pick = int(fitting[best])
        chosen.append(pick)
        if alone:
            return chosen
        words -= int(view.lengths[pick])
        left = fitting[fitting != pick]
        if redundancy is not None:
            left = left[view.cosines(pick)[left] < redundancy]


def _comparable(scores: Floats) -> Floats:
    """Scores relative to the largest, rounded so that sums in another order do not decide between equals."""
    finite = np.abs(scores[np.isfinite(scores)])
    scale = finite.max(initial=0.0) or 1.0
    return np.round(scores / scale, 9).astype(np.float64)
