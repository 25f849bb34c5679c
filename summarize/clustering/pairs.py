"""TF-IDF rows, their cosines, and which pairs of articles are worth comparing at all."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Days = NDArray[np.float64]
Matrix = Any
"""A scipy.sparse.csr_array of float32 with one row an article, of unit length or zero."""

KEPT = 40
"""Heaviest words of an article that are looked up to find the articles it may belong with."""
NEAREST = 256
"""Most articles that each article is compared with for its own sake, among as many as ``EXACT``."""
NEAREST_OF_MANY = 64
"""The same among more."""
EXACT = 4096
"""Up to this many articles, all that share a heavy word are looked at."""
POSTINGS = 256
"""Among more, an article finds by one word at most this many, of about its own time."""
LOOKED_AT = 2048
"""Among more, an article looks up its rarest words until this many others were found by them."""
LONG = 1024
"""Words of a row from which on it is written out to be compared."""
BLOCK = 4_000_000
"""Products of two words computed at once; bounds the memory."""


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
    """Cosines of the given pairs of rows, shape (pairs,).

    A row of more than ``LONG`` words, such as that of a large group, is written out once for all its pairs, so that
    each costs as much as its shorter row.
    """
    out = np.zeros(len(left), np.float32)
    held = np.diff(matrix.indptr)
    long = np.maximum(held[left], held[right]) > LONG
    few = np.flatnonzero(~long)
    for at in range(0, len(few), 1 << 14):
        part = few[at : at + (1 << 14)]
        out[part] = matrix[left[part]].multiply(matrix[right[part]]).sum(axis=1)
    if long.any():
        many = np.flatnonzero(long)
        turn = held[left[many]] < held[right[many]]
        longer, shorter = np.where(turn, right[many], left[many]), np.where(turn, left[many], right[many])
        order = np.argsort(longer, kind="stable")
        cuts = np.flatnonzero(np.diff(longer[order])) + 1
        row = np.zeros(matrix.shape[1], np.float32)
        for pairs in np.split(order, cuts):
            own = slice(*matrix.indptr[longer[pairs[0]] :][:2])
            row[matrix.indices[own]] = matrix.data[own]
            out[many[pairs]] = matrix[shorter[pairs]] @ row
            row[matrix.indices[own]] = 0
    return out


def neighbours(matrix: Matrix, floor: float, days: Days | None = None) -> tuple[Indices, Indices]:
    """The pairs ``i < j`` worth comparing, ascending.

    Those whose heaviest words overlap with a cosine of at least ``floor``, and of which one is among the
    ``NEAREST`` of the other. Among more than ``EXACT`` rows the postings of a word (the rows that hold it, by
    day and number) are cut into stretches of at most ``POSTINGS``, a row finds by that word only those of its
    own stretch, and it asks its rarest words first, until it has found ``LOOKED_AT``. So the number of pairs,
    and the time to find them, grow with the number of rows, not with its square.

    Args:
        matrix: rows of unit length or zero.
        floor: least cosine.
        days: (n,) when each row was published, NaN where unknown; by it postings are ordered.
    """
    kept = heaviest(matrix)
    n = kept.shape[0]
    nearest = NEAREST if n <= EXACT else NEAREST_OF_MANY
    if n > EXACT:
        kept = in_stretches(kept, np.full(n, np.nan) if days is None else days)
    turned = kept.T.tocsr()
    if n > EXACT:
        kept = rarest(kept)
    reach = np.concatenate([[0], np.cumsum(np.diff(turned.indptr)[kept.indices])])[kept.indptr]
    pairs = [np.zeros(0, np.int64)]
    at = 0
    while at < n:
        end = max(at + 1, int(np.searchsorted(reach, reach[at] + BLOCK, side="right")) - 1)
        found = (kept[at:end] @ turned).tocoo()
        left, right = found.row.astype(np.int64) + at, found.col.astype(np.int64)
        wanted = (found.data >= floor) & (left != right)
        left, right, cosine = left[wanted], right[wanted], found.data[wanted]
        order = np.lexsort((right, -cosine, left))
        left, right = left[order], right[order]
        rank = np.arange(len(left)) - np.searchsorted(left, left)
        left, right = left[rank < nearest], right[rank < nearest]
        pairs.append(np.minimum(left, right) * n + np.maximum(left, right))
        at = end
    codes = np.unique(np.concatenate(pairs))
    return codes // max(n, 1), codes % max(n, 1)


def in_stretches(matrix: Matrix, days: Days) -> Matrix:
    """The matrix with each column of more than ``POSTINGS`` entries cut into several, by day and row."""
    n = matrix.shape[0]
    rank = np.empty(n, np.int64)
    rank[np.lexsort((np.arange(n), days))] = np.arange(n)
    rows = np.repeat(np.arange(n), np.diff(matrix.indptr))
    order = np.lexsort((rank[rows], matrix.indices))
    columns = matrix.indices[order]
    place = np.arange(len(order)) - np.searchsorted(columns, columns)
    stretches = -(-np.bincount(columns, minlength=matrix.shape[1]) // POSTINGS)
    first = np.concatenate([[0], np.cumsum(stretches)])
    # Stretches of one word are of one length, give or take one, so that none is left with a few.
    held = np.bincount(columns, minlength=matrix.shape[1])[columns]
    new = np.empty(len(order), np.int64)
    new[order] = first[columns] + place * stretches[columns] // held
    out = sparse.csr_array((matrix.data, new, matrix.indptr), shape=(n, int(first[-1])))
    out.sort_indices()
    return out


def rarest(matrix: Matrix) -> Matrix:
    """The matrix with only the entries of each row whose columns, the rarest first, have ``LOOKED_AT`` entries."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    entries = np.bincount(matrix.indices, minlength=matrix.shape[1])[matrix.indices]
    order = np.lexsort((matrix.indices, entries, rows))
    found = np.concatenate([[0], np.cumsum(entries[order])])
    return _entries(matrix, rows, np.sort(order[found[1:] - found[matrix.indptr[rows]] <= LOOKED_AT]))


def heaviest(matrix: Matrix) -> Matrix:
    """The matrix with only the ``KEPT`` heaviest entries of each row."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, rows))
    place = np.arange(len(order)) - matrix.indptr[:-1].astype(np.int64)[rows]
    return _entries(matrix, rows, np.sort(order[place < KEPT]))


def _entries(matrix: Matrix, rows: Indices, chosen: Indices) -> Matrix:
    """The matrix with only the chosen entries, ascending; ``rows`` are those of all."""
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows[chosen], minlength=matrix.shape[0]))])
    return sparse.csr_array((matrix.data[chosen], matrix.indices[chosen], ends), shape=matrix.shape)


def unit(matrix: Matrix) -> Matrix:
    """The matrix with every row scaled to length one; zero rows stay."""
    lengths = np.sqrt(matrix.power(2).sum(axis=1))
    return sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)).astype(np.float32).tocsr() @ matrix
