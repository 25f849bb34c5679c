"""Random: sentences in an order drawn by the seed; the floor every method must stand above."""

from random import Random

from summarize.extractive.choosing import fill
from summarize.extractive.view import View


def select(view: View, words: int) -> list[int]:
    """Sentences in random order, as many as fit."""
    order = Random(view.seed).sample(range(len(view.sentences)), len(view.sentences))
    return fill(view, order, words, redundancy=None)
