"""Articles as counted stems, and how common each stem is in the news at large.

The rarity of a word cannot be learned from five articles of one story, where the very words that make the
story are in all of them. So document frequencies start from a table learned once from tens of thousands of
news articles (``background.txt``) and move to the frequencies of the corpus as it grows.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from summarize.documents import Article
from summarize.text import fold, normalise, stem

WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
"""A word or number of a normalised text, with its possessive."""
LEAD_WORDS = 60
"""Words of title and text together that count as the lead."""
PRIOR = 2000.0
"""The background weighs as much as this many articles of the corpus."""


@dataclass(frozen=True, slots=True)
class Background:
    """How common stems are in the news at large.

    Attributes:
        share: for a stem, the share of articles that hold it, 0 to 1; rarer stems are not in the table.
        unseen: the share taken for a stem that is not in the table.
        names: stems that are mostly written with a capital inside sentences.
        plain: stems that are mostly not.
    """

    share: Mapping[str, float]
    unseen: float
    names: frozenset[str]
    plain: frozenset[str]

    def is_name(self, stem: str, capital: bool) -> bool:
        """Whether a word is (part of) a name; in headlines the capital alone does not tell."""
        return stem in self.names or (capital and stem not in self.plain)


@dataclass(frozen=True, slots=True)
class Words:
    """The counted stems of one article: of its title, of its lead, of all; its names; its numbers."""

    title: Counter[str]
    lead: Counter[str]
    all: Counter[str]
    names: frozenset[str]
    numbers: frozenset[str]


@lru_cache(maxsize=1 << 18)
def _stem(word: str) -> str:
    return stem(fold(word).removesuffix("'s").strip("'"))


@cache
def background() -> Background:
    """The table shipped with the package.

    Each line of ``background.txt`` is ``bits kind word word ...``: all words whose share of articles is about
    ``2 ** (-bits / 2)``; ``kind`` is ``n`` for names, ``w`` for other words, ``u`` where it is not known.
    The words of one stem are taken to fall into articles independently of one another.
    """
    lacking: dict[str, float] = {}
    kinds: dict[str, set[str]] = {"n": set(), "w": set(), "u": set()}
    for line in (files(__package__) / "background.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        bits, kind, *words = line.split()
        share = 2 ** (-int(bits) / 2)
        for s in map(stem, words):
            lacking[s] = lacking.get(s, 1.0) * (1 - share)
            kinds[kind].add(s)
    shares = {s: 1 - lack for s, lack in lacking.items()}
    return Background(shares, min(shares.values()) / 2, frozenset(kinds["n"] - kinds["w"]), frozenset(kinds["w"]))


def body(article: Article) -> str:
    """The article's text with everything blanked that is not reporting."""
    text = article.text
    for aside in reversed(article.asides):
        text = text[: aside.start] + "\n" + text[aside.end :]
    return text


def text_key(article: Article) -> str:
    """Equal for articles with one text (for headlines alone, one title), however it is spaced."""
    return " ".join(article.text.split()) or " ".join((article.title or "").split())


def distinct(articles: Sequence[Article]) -> list[list[Article]]:
    """The articles by their texts: those of one text together, all in the order of their ids."""
    same: dict[str, list[Article]] = {}
    for article in sorted(articles, key=lambda a: a.id):
        same.setdefault(text_key(article), []).append(article)
    return list(same.values())


def written(article: Article) -> dict[str, str]:
    """How the article first writes each of its stems, in its text rather than in its title."""
    words = WORD.findall(normalise(body(article))) + WORD.findall(normalise(article.title or ""))
    return {_stem(w): w for w in reversed(words)}


def count(article: Article) -> Words:
    """Count an article's stems."""
    known = background()
    title = WORD.findall(normalise(article.title or ""))
    text = WORD.findall(normalise(body(article)))
    stems = [_stem(w) for w in title + text]
    names = {s for s, w in zip(stems, title + text, strict=True) if len(s) > 1 and known.is_name(s, w[0].isupper())}
    return Words(
        Counter(stems[: len(title)]),
        Counter(stems[:LEAD_WORDS]),
        Counter(stems),
        frozenset(names),
        frozenset(s for s in stems if s[0].isdigit()),
    )


def rarity(corpus: Sequence[Words]) -> dict[str, float]:
    """Inverse document frequency of every stem of the corpus, in nats.

    ``-log((PRIOR * background share + articles with the stem) / (PRIOR + articles))``
    """
    known = background()
    holding: Counter[str] = Counter()
    for words in corpus:
        holding.update(words.all.keys())
    total = PRIOR + len(corpus)
    return {s: -math.log(min(1.0, (PRIOR * known.share.get(s, known.unseen) + n) / total)) for s, n in holding.items()}
