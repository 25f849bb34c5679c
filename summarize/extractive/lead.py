"""Lead: the first sentence of each article in turn, then the second of each, and so on.

Newsrooms put the most important first, which makes this the baseline that is hard to beat in news. Articles
take turns in the order of their ids; what a chosen sentence already says is passed over.
"""

from summarize.extractive.choosing import fill
from summarize.extractive.view import View


def select(view: View, words: int) -> list[int]:
    """First sentences first, as many as fit."""
    return fill(view, view.reading.tolist(), words)
