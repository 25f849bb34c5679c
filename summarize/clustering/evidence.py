"""What speaks for one event behind two groups of articles, and how much: features and learned weights.

A group is the sum of its articles' vectors, so one formula serves two articles and two groups of any size, and
a look-alike that differs only in who and where shows more clearly the more articles there are: the chance
words cancel, the names that one event has and the other lacks stay.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from summarize.clustering.pairs import Floats, Matrix, weigh
from summarize.clustering.words import body, count, rarity, text_key
from summarize.documents import Article
from summarize.models import Encode

Features = NDArray[np.float64]

KINDS = ("words", "lead", "names", "numbers")
"""The lexical similarities; the sentence vectors are the fifth."""
FEATURES = (
    "words", "words x short", "words x size",
    "lead", "lead x short", "lead x size",
    "names", "names x size", "has names",
    "numbers", "numbers x size", "has numbers",
    "vectors", "vectors x short", "vectors x size", "close vectors",
    "short", "size", "size x short",
)  # fmt: skip
LEAD_CHARACTERS = 500
"""Characters of the text that are encoded after the title."""
REPRESENTATIVES = 4
"""Articles of a group, joined by words alone, that are encoded to speak for all of it."""
LIKELY = 0.8
"""Least likely cosine of the sentence vectors of two articles of the same words."""
FREE_DAYS = 7.0
"""A gap between publication times up to this says nothing."""
LONGEST_DAYS = 365.0
"""No story sleeps longer than this: reports further apart are of two events, however alike."""
GAP_WEIGHT = 0.5
"""Loss in logits for each doubling of a longer gap. Set by hand: no labelled set has trustworthy dates."""


@dataclass(frozen=True)
class Evidence:
    """Everything that is compared, one row an article or a group of articles.

    Attributes:
        lexical: for each of ``KINDS`` a sparse matrix: rows of unit length, of a group their sum.
        vectors: (n, d) unit vectors of title and lead, of a group their sum; zero where they were not asked for.
        traits: (n, 3): shortness of the text, share of four names and of four numbers that it has, 0 to 1; of a
            group the mean.
        days: (n, 2) first and last publication day, NaN where unknown.
        sizes: (n,) number of articles.
    """

    lexical: tuple[Matrix, ...]
    vectors: Floats
    traits: Features
    days: Features
    sizes: Features


def gather(articles: Sequence[Article]) -> Evidence:
    """Lexical evidence of the articles; the vectors are still zero."""
    counted = [count(a) for a in articles]
    rare = rarity(counted)
    index = {s: i for i, s in enumerate(sorted(rare))}
    lexical = (
        weigh((w.all for w in counted), rare, index),
        weigh((w.lead for w in counted), rare, index),
        weigh(({s: w.all[s] for s in w.names} for w in counted), rare, index),
        weigh((dict.fromkeys(w.numbers, 1) for w in counted), rare, index),
    )
    traits = np.array(
        [(20 / (20 + w.all.total()), min(len(w.names), 4) / 4, min(len(w.numbers), 4) / 4) for w in counted],
        np.float64,
    ).reshape(-1, 3)
    days = np.array([_day(a) for a in articles], np.float64)
    vectors = np.zeros((len(articles), 1), np.float32)
    return Evidence(lexical, vectors, traits, np.stack([days, days], 1), np.ones(len(articles)))


def part_of(evidence: Evidence, rows: Sequence[int]) -> Evidence:
    """The given rows alone."""
    lexical = tuple(m[rows] for m in evidence.lexical)
    return Evidence(lexical, evidence.vectors[rows], evidence.traits[rows], evidence.days[rows], evidence.sizes[rows])


def merged(evidence: Evidence, groups: Sequence[Sequence[int]]) -> Evidence:
    """One row for each group of rows."""
    order = np.array([i for g in groups for i in g], np.int64)
    ends = np.cumsum([0, *map(len, groups)])
    add: Matrix = sparse.csr_array((np.ones(len(order), np.float32), order, ends), shape=(len(groups), len(order)))
    sizes = add @ evidence.sizes
    traits = add @ (evidence.traits * evidence.sizes[:, None]) / sizes[:, None]
    first, last = evidence.days[order].T
    days = np.stack([np.fmin.reduceat(first, ends[:-1]), np.fmax.reduceat(last, ends[:-1])], axis=1)
    return Evidence(tuple((add @ m).tocsr() for m in evidence.lexical), add @ evidence.vectors, traits, days, sizes)


def encode_leads(articles: Sequence[Article], chosen: Sequence[int], encode: Encode) -> Floats:
    """Unit vectors of title and lead of the chosen articles, zero for the others."""
    if not len(chosen):
        return np.zeros((len(articles), 1), np.float32)
    found = encode([f"{a.title or ''}\n{body(a)[:LEAD_CHARACTERS]}".strip() for a in (articles[i] for i in chosen)])
    out = np.zeros((len(articles), found.shape[1]), np.float32)
    out[np.asarray(chosen)] = found
    return out


def encode_groups(
    articles: Sequence[Article], groups: Sequence[Sequence[int]], chosen: Sequence[int], encode: Encode
) -> Floats:
    """Summed vectors of the chosen groups, zero for the others; of a large group, from some of its articles.

    Which ones, the hash of their texts tells: the first by id or time would all be early reports.
    """
    spoken = [sorted(groups[g], key=lambda i: (_hash(articles[i]), i))[:REPRESENTATIVES] for g in chosen]
    vectors = encode_leads(articles, [i for some in spoken for i in some], encode)
    out = np.zeros((len(groups), vectors.shape[1]), np.float32)
    for g, some in zip(chosen, spoken, strict=True):
        out[g] = vectors[some].sum(axis=0) * (len(groups[g]) / len(some))
    return out


def _hash(article: Article) -> bytes:
    return blake2b(text_key(article).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def likely_cosines(words: Features) -> Features:
    """What the cosine of two leads' sentence vectors is at least likely to be, from the cosine of their words.

    About nine in ten pairs of the development sets have more.
    """
    return LIKELY * np.maximum(words, 0) ** 0.75


def features(cosines: Features, sizes: Features, traits: Features) -> Features:
    """Features of m pairs of groups, shape (m, len(FEATURES)).

    Args:
        cosines: (m, 5) cosines of the groups' summed vectors: ``KINDS``, then sentence vectors.
        sizes: (m,) geometric mean of the two groups' numbers of articles.
        traits: (m, 3) larger shortness, smaller share of names, smaller share of numbers of the two.
    """
    words, lead, names, numbers, vectors = cosines.T
    short, named, numbered = traits.T
    size = np.minimum(np.log2(sizes), 3) / 3
    return np.stack(
        [
            words, words * short, words * size,
            lead, lead * short, lead * size,
            names * named, names * named * size, named,
            numbers * numbered, numbers * numbered * size, numbered,
            vectors, vectors * short, vectors * size, np.maximum(vectors - 0.4, 0),
            short, size, size * short,
        ],
        axis=1,
    )  # fmt: skip


def gap_cost(gaps: Features) -> Features:
    """Logits lost by a gap in days between two groups; none where it is unknown (NaN)."""
    known = np.nan_to_num(gaps, nan=0.0)
    cost = GAP_WEIGHT * np.log2(np.maximum(known, FREE_DAYS) / FREE_DAYS)
    return np.where(known > LONGEST_DAYS, np.inf, cost)


@dataclass(frozen=True)
class Weights:
    """A logistic regression over ``FEATURES``."""

    intercept: float
    weights: Mapping[str, float]

    def logits(self, values: Features) -> Features:
        """Log-odds of one event, shape (m,)."""
        by_feature: Features = np.array([self.weights[name] for name in FEATURES])
        logits: Features = self.intercept + values @ by_feature
        return logits


@cache
def shipped() -> Weights:
    """The weights in the package (``weights.json``), made by ``python -m eval.merging --train``."""
    stored = json.loads((files(__package__) / "weights.json").read_text("utf-8"))
    return Weights(stored["intercept"], stored["weights"])


def _day(article: Article) -> float:
    if article.published is None:
        return np.nan
    return article.published.toordinal() + (article.published.hour * 60 + article.published.minute) / 1440
