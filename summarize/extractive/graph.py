"""PageRank over the sentences of a story, and similarity graphs that fit into memory."""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.sparse import csr_matrix

from summarize.extractive.view import Floats, Ints

DAMPING = 0.85
"""Probability that the walk follows a link instead of starting anew."""

QUERY_DAMPING = 0.5
"""The same when the reader asks for something: half of a sentence's worth then comes from the query."""

CHUNK = 250
"""Rows of a similarity matrix that exist at one time."""


def pagerank(weigh: Callable[[Floats], Floats], n: int, relevance: Floats | None = None) -> Floats:
    """(n,) stationary probabilities of a random walk over n sentences, by power iteration.

    ``p(u) = (1 - d) s(u) + d * sum_v w(u, v) / sum_z w(z, v) * p(v)`` with d = DAMPING and s uniform, or,
    with a query, d = QUERY_DAMPING and s proportional to ``relevance`` (biased LexRank: Otterbacher, Erkan
    and Radev, "Using Random Walks for Question-focused Sentence Retrieval", 2005). The walk starts anew
    from a sentence without links.

    Args:
        weigh: multiplies the symmetric (n, n) matrix w with an (n,) vector; w itself need never exist.
        n: number of sentences.
        relevance: (n,) not negative and not all zero.
    """
    restart = np.ones(n) / max(n, 1) if relevance is None else relevance / relevance.sum()
    damping = DAMPING if relevance is None else QUERY_DAMPING
    degrees = weigh(np.ones(n))
    linked = degrees > 1e-9  # not 0: ``weigh`` may leave the dust of a sum that should vanish
    p = restart
    for _ in range(500):
        shares = np.divide(p, degrees, out=np.zeros(n), where=linked)
        lost = 1 - p[linked].sum()
        following = (1 - damping) * restart + damping * (weigh(shares) + lost * restart)
        moved = np.abs(following - p).sum()
        p = following
        if moved < 1e-13:
            break
    return p


def products(rows: csr_matrix[np.float64]) -> Iterator[tuple[Floats, Ints, Ints]]:
    """All pairs of rows with a dot product other than 0, CHUNK rows at a time: products, i, j, each (k,)."""
    for start in range(0, rows.shape[0], CHUNK):
        block = (rows[start : start + CHUNK] @ rows.T).tocoo()
        yield block.data, block.row.astype(np.int64) + start, block.col.astype(np.int64)


def links(rows: csr_matrix[np.float64], threshold: float) -> csr_matrix[np.float64]:
    """(n, n) dot products of all pairs of rows, those below ``threshold`` left out."""
    blocks = [(v[v >= threshold], i[v >= threshold], j[v >= threshold]) for v, i, j in products(rows)]
    values, i, j = (np.concatenate([block[part] for block in blocks]) for part in range(3))
    return csr_matrix((values, (i, j)), shape=(rows.shape[0], rows.shape[0]))
