"""How much of a summary is copied (Grusky, Naaman and Artzi 2018, "Newsroom", arXiv:1804.11283).

Fragments are the stretches a summary shares with the articles, found from its first word on: at each word the longest
stretch that stands in the articles is taken, and the search goes on behind it. With F the fragments, S the words of
the summary and A those of all articles,

    coverage = sum |f| / |S|        density = sum |f|^2 / |S|        compression = |A| / |S|

``novel1`` to ``novel4`` are the shares of the summary's n-grams, each as often as it stands there, that stand in no
article. Words are lower-cased and without punctuation. No fragment or n-gram reaches over the end of an article, and
no n-gram over that of a summary sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from eval.metrics.sample import Sample
from eval.metrics.settings import MetricSettings
from summarize import text
from summarize.models import Encode

SIZES = (1, 2, 3, 4)
_END = ""
"""Between two articles; no word is empty."""


@dataclass(frozen=True)
class _Articles:
    """All articles in a row: their words, where each word stands, and their n-grams."""

    words: Sequence[str]
    places: dict[str, list[int]]
    grams: frozenset[tuple[str, ...]]
    size: int


def fragments(summary: Sequence[str], article: Sequence[str]) -> list[int]:
    """Lengths of the fragments, in the order of the summary, as the greedy procedure of the paper finds them."""
    return _fragments(summary, article, _places(article))


def measure(sample: Sample, settings: MetricSettings, encode: Encode) -> dict[str, float]:
    """``coverage``, ``density``, ``compression``, ``novel1`` to ``novel4``; nothing of an empty summary."""
    articles = _read(tuple(a.text for a in sample.item.articles))
    words = text.words(sample.text)
    if not words or not articles.size:
        return {}
    lengths = _fragments(words, articles.words, articles.places)
    found = {
        "coverage": sum(lengths) / len(words),
        "density": sum(n * n for n in lengths) / len(words),
        "compression": articles.size / len(words),
    }
    sentences = [text.words(s) for s in sample.sentences]
    for n in SIZES:
        grams = [gram for s in sentences for gram in _grams(s, n)]
        if grams:
            found[f"novel{n}"] = sum(gram not in articles.grams for gram in grams) / len(grams)
    return found


@lru_cache(maxsize=16)
def _read(texts: tuple[str, ...]) -> _Articles:
    articles = [text.words(t) for t in texts]
    words = [word for article in articles for word in (*article, _END)]
    grams = frozenset(gram for article in articles for n in SIZES for gram in _grams(article, n))
    return _Articles(words, _places(words), grams, sum(map(len, articles)))


def _places(words: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for i, word in enumerate(words):
        places.setdefault(word, []).append(i)
    return places


def _grams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[i:] for i in range(size)), strict=False))


def _fragments(summary: Sequence[str], article: Sequence[str], places: dict[str, list[int]]) -> list[int]:
    found, i = [], 0
    while i < len(summary):
        longest = after = 0
        for j in places.get(summary[i], ()):
            if j < after:
                continue  # the procedure goes on behind a match, not inside it
            n = 1
            while i + n < len(summary) and j + n < len(article) and summary[i + n] == article[j + n]:
                n += 1
            longest, after = max(longest, n), j + n
        if longest:
            found.append(longest)
        i += max(1, longest)
    return found
