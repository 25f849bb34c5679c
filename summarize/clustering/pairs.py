"""How probable it is that two articles report one event."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from scipy import sparse

Matrix = Any  # scipy.sparse.csr_array of float32, one unit-length row an article

KEPT = 40
"""Heaviest words of an article that are looked up to find the articles it may belong with."""
BLOCK = 512
"""Articles compared with all others at once; bounds the memory."""


def weigh(counts: Iterable[Mapping[str, int]], rare: Mapping[str, float], index: Mapping[str, int]) -> Matrix:
    """TF-IDF rows of unit length: ``(1 + ln tf) * rarity``; a row without words is zero."""
    data: list[float] = []
    columns: list[int] = []
    ends = [0]
    for row in counts:
        values = {index[s]: (1 + np.log(n)) * rare[s] for s, n in row.items()}
        norm = np.sqrt(sum(v * v for v in values.values())) or 1.0
        for column in sorted(values):
            columns.append(column)
            data.append(values[column] / norm)
        ends.append(len(columns))
    return sparse.csr_array(
        (np.array(data, np.float32), np.array(columns, np.int32), np.array(ends, np.int64)),
        shape=(len(ends) - 1, len(index)),
    )


def cosines(matrix: Matrix, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Cosines of the given pairs of rows, shape (pairs,)."""
    out = np.empty(len(left), np.float32)
    for at in range(0, len(left), 1 << 14):
        part = slice(at, at + (1 << 14))
        out[part] = matrix[left[part]].multiply(matrix[right[part]]).sum(axis=1)
    return out


def neighbours(matrix: Matrix, floor: float) -> tuple[np.ndarray, np.ndarray]:
    """All pairs ``i < j`` whose heaviest words overlap with a cosine of at least ``floor``."""
    kept = heaviest(matrix)
    turned = kept.T.tocsr()
    lefts: list[np.ndarray] = []
    rights: list[np.ndarray] = []
    for at in range(0, kept.shape[0], BLOCK):
        found = (kept[at : at + BLOCK] @ turned).tocoo()
        left, right = found.row + at, found.col
        keep = (found.data >= floor) & (left < right)
        lefts.append(left[keep])
        rights.append(right[keep])
    left, right = np.concatenate(lefts), np.concatenate(rights)
    order = np.lexsort((right, left))
    return left[order], right[order]


def heaviest(matrix: Matrix) -> Matrix:
    """The matrix with only the ``KEPT`` heaviest entries of each row."""
    rows = []
    for start, end in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        data = matrix.data[start:end]
        if len(data) > KEPT:
            top = np.sort(np.lexsort((matrix.indices[start:end], -data))[:KEPT])
        else:
            top = np.arange(len(data))
        rows.append(start + top)
    picks = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    ends = np.concatenate([[0], np.cumsum([len(r) for r in rows])])
    return sparse.csr_array((matrix.data[picks], matrix.indices[picks], ends), shape=matrix.shape)
