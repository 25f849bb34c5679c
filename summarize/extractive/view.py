"""A story as the sentence-picking methods see it: sentences, word counts, tf-idf vectors."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from summarize.documents import Sentence, Story
from summarize.text import content_words, sentences

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Token = TypeVar("Token", bound=Hashable)


@dataclass(frozen=True, eq=False)
class View:
    """One story, computed once for any number of methods.

    Sentences stand article by article, the articles in the order of their ids, so that nothing computed
    from a view depends on the order in which a story lists its articles.

    Attributes:
        story: what is to be summarised.
        sentences: all n sentences.
        counts: (n, vocabulary) how often each content word stands in each sentence.
        tfidf: (n, vocabulary) ``count * idf``, each row scaled to length 1 (rows without content words stay
            zero), with ``idf(w) = ln((1 + n) / (1 + df(w))) + 1`` and ``df(w)`` the number of sentences that
            hold w. Smoothed, so that a word of every sentence still counts for something.
        idf: (vocabulary,) as above.
        lengths: (n,) blank-separated words of each sentence.
        seed: of everything random.
        query: (vocabulary,) unit tf-idf vector of what the reader asks for; None if nothing was asked, or
            if no word of the question stands in the story.
        references: summaries people wrote, which only the oracle may see.
    """

    story: Story
    sentences: tuple[Sentence, ...]
    counts: csr_matrix[np.float64]
    tfidf: csr_matrix[np.float64]
    idf: Floats
    lengths: Ints
    seed: int
    query: Floats | None
    references: tuple[str, ...] = ()

    @classmethod
    def of(cls, story: Story, *, seed: int = 13, query: str | None = None, references: Iterable[str] = ()) -> Self:
        """Split, count and weigh a story."""
        articles = sorted(story.articles, key=lambda a: a.id)
        found = tuple(s for a in articles for s in sentences(a))
        columns: dict[str, int] = {}
        counts = count([content_words(s.text) for s in found], columns)
        document_frequency = np.bincount(counts.indices, minlength=len(columns))
        idf = np.log((1 + len(found)) / (1 + document_frequency)) + 1
        asked = count([[w for w in content_words(query or "") if w in columns]], columns)
        return cls(
            story=story,
            sentences=found,
            counts=counts,
            tfidf=unit_rows(counts @ diags(idf)),
            idf=idf,
            lengths=np.array([s.words for s in found], dtype=np.int64),
            seed=seed,
            query=unit_rows(asked @ diags(idf)).toarray().ravel() if asked.nnz else None,
            references=tuple(references),
        )

    @cached_property
    def reading(self) -> Ints:
        """(n,) the sentences by position in their article, then by article id: how ties are broken."""
        return np.argsort(np.array([s.index for s in self.sentences], dtype=np.int64), kind="stable")

    @cached_property
    def first(self) -> Ints:
        """(n,) for each sentence the first one of its article."""
        starts: dict[str, int] = {}
        return np.array([starts.setdefault(s.article, i) for i, s in enumerate(self.sentences)], dtype=np.int64)

    @cached_property
    def centroid(self) -> Floats:
        """(vocabulary,) unit vector towards the middle of the story."""
        return unit(times(self.tfidf.T, np.ones(len(self.sentences))))

    def cosines(self, i: int) -> Floats:
        """(n,) cosine of every sentence with sentence ``i``."""
        held = slice(self.tfidf.indptr[i], self.tfidf.indptr[i + 1])
        row = np.zeros(self.tfidf.shape[1])
        row[self.tfidf.indices[held]] = self.tfidf.data[held]
        return times(self.tfidf, row)

    @cached_property
    def asked(self) -> Floats | None:
        """(n,) cosine of every sentence with the query, or None without one."""
        return None if self.query is None else times(self.tfidf, self.query)


class Select(Protocol):
    """A sentence-picking method."""

    def __call__(self, view: View, words: int) -> list[int]:
        """Positions in ``view.sentences``, most wanted first, together at most ``words`` words long.

        Only if no sentence at all fits is the most wanted one taken alone, so that a summary of a story
        that has sentences is never empty.
        """
        ...


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
