"""TF-IDF rows, their cosines, and which pairs of articles are worth comparing at all."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Matrix = Any
"""A scipy.sparse.csr_array of float32 with one row an article, of unit length or zero."""

KEPT = 40
"""Heaviest words of an article that are looked up to find the articles it may belong with."""
NEAREST = 256
"""Most articles that each article is compared with for its own sake."""
BLOCK = 512
"""Articles compared with all others at once; bounds the memory."""


def weigh(counts: Iterable[Mapping[str, int]], rare: Mapping[str, float], index: Mapping[str, int]) -> Matrix:
    """TF-IDF rows of unit length: ``(1 + ln tf) * rarity``; a row without words is zero."""
    data: list[float] = []
    columns: list[int] = []
    ends = [0]
    for row in counts:
        stems = sorted(row)
        values = np.array([(1 + math.log(row[s])) * rare[s] for s in stems])
        data.extend(values / (np.sqrt(values @ values) or 1.0))
        columns.extend(index[s] for s in stems)
        ends.append(len(columns))
    return sparse.csr_array(
        (np.array(data, np.float32), np.array(columns, np.int32), np.array(ends, np.int32)),
        shape=(len(ends) - 1, len(index)),
    )


def cosines(matrix: Matrix, left: Indices, right: Indices) -> Floats:
    """Cosines of the given pairs of rows, shape (pairs,)."""
    out = np.zeros(len(left), np.float32)
    for at in range(0, len(left), 1 << 14):
        part = slice(at, at + (1 << 14))
        out[part] = matrix[left[part]].multiply(matrix[right[part]]).sum(axis=1)
    return out


def neighbours(matrix: Matrix, floor: float) -> tuple[Indices, Indices]:
    """The pairs ``i < j`` worth comparing, ascending.

    Those whose heaviest words overlap with a cosine of at least ``floor``, and of which one is among the
    ``NEAREST`` of the other; so their number grows with that of the articles, not with its square.
    """
    kept = heaviest(matrix)
    turned = kept.T.tocsr()
    n = kept.shape[0]
    pairs = [np.zeros(0, np.int64)]
    for at in range(0, n, BLOCK):
        found = (kept[at : at + BLOCK] @ turned).tocoo()
        left, right = found.row.astype(np.int64) + at, found.col.astype(np.int64)
        wanted = (found.data >= floor) & (left != right)
        left, right, cosine = left[wanted], right[wanted], found.data[wanted]
        order = np.lexsort((right, -cosine, left))
        left, right = left[order], right[order]
        rank = np.arange(len(left)) - np.searchsorted(left, left)
        left, right = left[rank < NEAREST], right[rank < NEAREST]
        pairs.append(np.minimum(left, right) * n + np.maximum(left, right))
    codes = np.unique(np.concatenate(pairs))
    return codes // max(n, 1), codes % max(n, 1)


def heaviest(matrix: Matrix) -> Matrix:
    """The matrix with only the ``KEPT`` heaviest entries of each row."""
    data = matrix.data.copy()
    for start, end in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        if end - start > KEPT:
            order = np.lexsort((matrix.indices[start:end], -data[start:end]))
            data[start + order[KEPT:]] = 0
    out = sparse.csr_array((data, matrix.indices.copy(), matrix.indptr.copy()), shape=matrix.shape)
    out.eliminate_zeros()
    return out
