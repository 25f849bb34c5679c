"""Oracle: the sentences that bring a summary closest to what people wrote; a ceiling, for evaluation only.

Greedy (Nallapati, Zhai and Zhou, "SummaRuNNer", AAAI 2017): again and again the sentence that raises

    mean over the references of ROUGE-1 F + ROUGE-2 F

most, until none raises it. With c and r the counts of n-grams in summary and reference,

    F = 2 * sum_g min(c(g), r(g)) / (sum_g c(g) + sum_g r(g)).

Words are lower-cased and not stemmed; pairs of words do not reach over the end of a summary sentence.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix

from summarize import text
from summarize.errors import ConfigError
from summarize.extractive.choosing import grow
from summarize.extractive.view import Floats, Ints, View, count, times

Gram = str | tuple[str, str]


def select(view: View, words: int) -> list[int]:
    """Greatest gain first, as many sentences as fit and help.

    Raises:
        ConfigError: there are no references.
    """
    if not view.references:
        raise ConfigError("summarizer 'oracle' needs reference summaries; it is for evaluation only")
    sentences = [text.words(s.text) for s in view.sentences]
    rouges = [_Rouge.of(sentences, text.words(r), size) for r in view.references for size in (1, 2)]

    def score(chosen: list[int], fitting: Ints) -> Floats:
        after = sum((r.with_each(chosen) for r in rouges), np.zeros(len(sentences)))
        now = sum(r.of_all(chosen) for r in rouges) if chosen else -np.inf
        return np.where(after > now + 1e-12, after, -np.inf)[fitting]

    return grow(view, words, score, redundancy=None)


@dataclass(frozen=True, eq=False)
class _Rouge:
    """ROUGE-N F of any set of sentences against one reference, by counts."""

    reference: Floats
    """(grams,) how often each n-gram of the reference stands in it."""
    held: csr_matrix[np.float64]
    """(n, grams) how often it stands in each sentence."""
    sizes: Floats
    """(n,) number of all n-grams of each sentence."""

    @classmethod
    def of(cls, sentences: list[list[str]], reference: list[str], size: int) -> "_Rouge":
        wanted = Counter(_grams(reference, size))
        columns = {gram: j for j, gram in enumerate(wanted)}
        grams = [_grams(s, size) for s in sentences]
        return cls(
            reference=np.array(list(wanted.values()), dtype=np.float64),
            held=count([[g for g in gs if g in columns] for gs in grams], columns),
            sizes=np.array([len(gs) for gs in grams], dtype=np.float64),
        )

    def of_all(self, chosen: list[int]) -> float:
        hits = np.minimum(self._said(chosen), self.reference).sum()
        return float(2 * hits / max(self.sizes[chosen].sum() + self.reference.sum(), 1))

    def with_each(self, chosen: list[int]) -> Floats:
        """(n,) F of the chosen sentences and each one more."""
        said = self._said(chosen)
        at = self.held.indices
        hit = np.minimum(said, self.reference)
        more = self.held.copy()
        more.data = np.minimum(said[at] + more.data, self.reference[at]) - hit[at]
        hits = float(hit.sum()) + times(more, np.ones(len(said)))
        sizes = float(self.sizes[chosen].sum() + self.reference.sum()) + self.sizes
        return 2 * hits / np.maximum(sizes, 1)

    def _said(self, chosen: list[int]) -> Floats:
        return times(self.held[chosen].T, np.ones(len(chosen)))


def _grams(words: list[str], size: int) -> list[Gram]:
    return list(words) if size == 1 else list(pairwise(words))
