"""A story as the sentence-picking methods see it: sentences, word counts, tf-idf vectors."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from summarize.documents import Sentence, Story
from summarize.text import content_words, sentences
from summarize.text.tfidf import Floats, TfIdf, count, times, unit, unit_rows

__all__ = ["Floats", "Ints", "Select", "View", "count", "times", "unit", "unit_rows"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class View:
    """One story, computed once for any number of methods.

    Sentences stand article by article, the articles in the order of their ids, so that nothing computed
    from a view depends on the order in which a story lists its articles.

    Attributes:
        story: what is to be summarised.
        sentences: all n sentences.
        weighed: the content words of the sentences, see ``TfIdf``.
        lengths: (n,) blank-separated words of each sentence.
        seed: of everything random.
        query: (vocabulary,) unit tf-idf vector of what the reader asks for; None if nothing was asked, or
            if no word of the question stands in the story.
        references: summaries people wrote, which only the oracle may see.
    """

    story: Story
    sentences: tuple[Sentence, ...]
    weighed: TfIdf
    lengths: Ints
    seed: int
    query: Floats | None
    references: tuple[str, ...] = ()

    @classmethod
    def of(cls, story: Story, *, seed: int = 13, query: str | None = None, references: Iterable[str] = ()) -> Self:
        """Split, count and weigh a story."""
        articles = sorted(story.articles, key=lambda a: a.id)
        found = tuple(s for a in articles for s in sentences(a))
        weighed = TfIdf.of([s.text for s in found])
        columns = weighed.columns
        asked = count([[w for w in content_words(query or "") if w in columns]], columns)
        return cls(
            story=story,
            sentences=found,
            weighed=weighed,
            lengths=np.array([s.words for s in found], dtype=np.int64),
            seed=seed,
            query=unit_rows(asked @ diags(weighed.idf)).toarray().ravel() if asked.nnz else None,
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

    @property
    def counts(self) -> csr_matrix[np.float64]:
        """(n, vocabulary) how often each content word stands in each sentence."""
        return self.weighed.counts

    @property
    def tfidf(self) -> csr_matrix[np.float64]:
        """(n, vocabulary) TF-IDF vectors of the sentences, of length 1 or zero."""
        return self.weighed.rows

    @property
    def idf(self) -> Floats:
        """(vocabulary,) the rarer a word, the greater."""
        return self.weighed.idf

    @property
    def centroid(self) -> Floats:
        """(vocabulary,) unit vector towards the middle of the story."""
        return self.weighed.centroid

    def cosines(self, i: int) -> Floats:
        """(n,) cosine of every sentence with sentence ``i``."""
        return self.weighed.cosines(i)

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
