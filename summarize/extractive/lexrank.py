"""LexRank: a sentence is important if important sentences resemble it.

Erkan and Radev, "LexRank: Graph-based Lexical Centrality as Salience in Text Summarization" (JAIR 22, 2004),
the continuous version: PageRank over all sentences linked by their tf-idf cosine (a sentence resembles
itself, as in the paper),

    p(u) = (1 - d) / n + d * sum_v cos(u, v) / sum_z cos(z, v) * p(v),    d = 0.85.

With a query the walk starts anew at sentences that resemble it (see ``graph.pagerank``).
"""

from summarize.extractive.choosing import fill, ranked
from summarize.extractive.graph import links, pagerank
from summarize.extractive.view import Floats, View, times


def select(view: View, words: int) -> list[int]:
    """Best scores first, as many as fit."""
    return fill(view, ranked(view, scores(view)), words)


def scores(view: View, threshold: float = 0.0) -> Floats:
    """(n,) LexRank of each sentence, summing to 1.

    Args:
        view: the story.
        threshold: cosines below it are no link.
    """
    vectors = view.tfidf
    if threshold > 0:
        cosines = links(vectors, threshold)
        return pagerank(lambda p: times(cosines, p), len(view.sentences), view.asked)
    # The cosine matrix is vectors @ vectors.T: multiplying by one and then the other never builds it.
    return pagerank(lambda p: times(vectors, times(vectors.T, p)), len(view.sentences), view.asked)
