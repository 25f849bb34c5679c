"""TF-IDF of texts: which words weigh how much in which of them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from summarize.text.word import content_words

Floats = NDArray[np.float64]
Token = TypeVar("Token", bound=Hashable)


@dataclass(frozen=True, eq=False)
class TfIdf:
    """The content words of n texts, counted and weighed (Salton and Buckley 1988).

    Attributes:
        columns: the column of each content word.
        counts: (n, vocabulary) how often each content word stands in each text.
        idf: (vocabulary,) ``idf(w) = ln((1 + n) / (1 + df(w))) + 1`` with ``df(w)`` the number of texts that
            hold w. Smoothed, so that a word of every text still counts for something.
        rows: (n, vocabulary) ``count * idf``, each row scaled to length 1 (rows without content words stay zero).
    """

    columns: dict[str, int]
    counts: csr_matrix[np.float64]
    idf: Floats
    rows: csr_matrix[np.float64]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Count and weigh texts."""
        columns: dict[str, int] = {}
        counts = count([content_words(t) for t in texts], columns)
        document_frequency = np.bincount(counts.indices, minlength=len(columns))
        idf = np.log((1 + len(texts)) / (1 + document_frequency)) + 1
        return cls(columns, counts, idf, unit_rows(counts @ diags(idf)))

    @cached_property
    def centroid(self) -> Floats:
        """(vocabulary,) unit vector towards the middle of the texts."""
        return unit(times(self.rows.T, np.ones(self.rows.shape[0])))

    def cosines(self, i: int) -> Floats:
        """(n,) cosine of every text with text ``i``."""
        held = slice(self.rows.indptr[i], self.rows.indptr[i + 1])
        row = np.zeros(self.rows.shape[1])
        row[self.rows.indices[held]] = self.rows.data[held]
        return times(self.rows, row)


def count(texts: Sequence[Sequence[Token]], columns: dict[Token, int]) -> csr_matrix[np.float64]:
    """(texts, vocabulary) occurrences of each token; new tokens are given the next columns."""
    ids = [columns.setdefault(token, len(columns)) for tokens in texts for token in tokens]
    ends = np.cumsum([0, *map(len, texts)])
    matrix: csr_matrix[np.float64] = csr_matrix(
        (np.ones(len(ids)), np.array(ids, dtype=np.int64), ends), shape=(len(texts), len(columns))
    )
    matrix.sum_duplicates()
    return matrix


def times(matrix: Any, vector: Floats) -> Floats:
    """A sparse matrix times a dense vector or matrix."""
    return np.asarray(matrix @ vector, dtype=np.float64)


def unit_rows(matrix: Any) -> csr_matrix[np.float64]:
    """Each row divided by its Euclidean length; zero rows stay zero."""
    rows: csr_matrix[np.float64] = csr_matrix(matrix)
    norms = np.sqrt(times(rows.multiply(rows), np.ones(rows.shape[1])))
    norms[norms == 0] = 1
    rows.data /= np.repeat(norms, np.diff(rows.indptr))
    return rows


def unit(vector: Floats) -> Floats:
    """The vector divided by its Euclidean length; a zero vector stays zero."""
    norm = float(np.linalg.norm(vector))
    return vector / norm if norm else vector
