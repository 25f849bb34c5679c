"""What speaks for one event behind two groups of articles, and how much: features and learned weights.

A group is the sum of its articles' vectors, so one formula serves two articles and two groups of any size, and
a look-alike that differs only in who and where shows more clearly the more articles there are: the chance
words cancel, the names that one event has and the other lacks stay. The mean cosine of their articles, which does
not rise with size, stands beside it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from summarize.clustering.pairs import Floats, Matrix, weigh
from summarize.clustering.words import body, count, rarity, text_key
from summarize.documents import Article, zoned
from summarize.models import Encode

Features = NDArray[np.float64]

KINDS = ("words", "lead", "names", "numbers")
"""The lexical similarities; the sentence vectors are the fifth."""
SIMILARITIES = ("words", "lead", "names", "numbers", "meaning", "words on average", "meaning on average")
"""Cosines of the two groups' sums, then means of the cosines of their articles."""
FEATURES = (*SIMILARITIES, "smaller", "larger", "short", "named", "numbered", "looser", "tighter")
"""What a decision is made of; all but the similarities tell what kind of groups they are."""
LEAD_CHARACTERS = 500
"""Characters of the text that are encoded after the title."""
REPRESENTATIVES = 4
"""Articles of a group, joined by words alone, that are encoded to speak for all of it."""
LIKELY = 0.8
"""Least likely cosine of the sentence vectors of two articles of the same words."""
SMALL, LARGE = 8, 128
"""Articles of the smaller and of the larger group above which size says nothing: few joins of larger ones were seen."""
FREE_DAYS = 7.0
"""A gap between publication times up to this says nothing."""
LONGEST_DAYS = 365.0
"""No story sleeps longer than this: reports further apart are of two events, however alike."""
GAP_WEIGHT = 0.5
"""Loss in logits for each doubling of a longer gap. Set by hand: no labelled set has trustworthy dates."""
DOUBT = 6.0
"""Most logits that the dates of a group may cost for each of its articles: a date alone may be wrong."""


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
        out[g] = vectors[some].sum(axis=0) * (len(groups[g]) / len(some)) * _shrinkage(vectors[some], len(groups[g]))
    return out


def _shrinkage(vectors: Floats, size: int) -> float:
    """By how much the mean of so many vectors is shorter than that of these, which are as close to one another."""
    some = len(vectors)
    if size == some or some == 1:
        return 1.0
    squared = float(np.square(vectors.mean(axis=0)).sum())
    close = (squared * some - 1) / (some - 1)
    return float(np.sqrt(max(0.0, (1 + (size - 1) * close) / size) / squared)) if squared else 1.0


def likely_cohesion(inner: Features, sizes: Features) -> Features:
    """What the length of a group's mean sentence vector is at least likely to be.

    Args:
        inner: (m,) squared length of the sum of its articles' words.
        sizes: (m,) articles.
    """
    within = np.clip((inner - sizes) / np.maximum(sizes * (sizes - 1), 1), 0, 1)
    cohesion: Features = np.sqrt((1 + (sizes - 1) * likely_cosines(within)) / sizes)
    return cohesion


def _hash(article: Article) -> bytes:
    return blake2b(text_key(article).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def likely_cosines(words: Features) -> Features:
    """What the cosine of two leads' sentence vectors is at least likely to be, from the cosine of their words.

    About nine in ten pairs of the development sets have more.
    """
    return LIKELY * np.maximum(words, 0) ** 0.75


def features(cosines: Features, means: Features, sizes: Features, traits: Features, cohesion: Features) -> Features:
    """Features of m pairs of groups, shape (m, len(FEATURES)).

    Args:
        cosines: (m, 5) cosines of the groups' summed vectors: ``KINDS``, then sentence vectors.
        means: (m, 2) mean cosine of an article of one with an article of the other: all words, sentence vectors.
        sizes: (2, m) articles of either group.
        traits: (m, 3) larger shortness, smaller share of names, smaller share of numbers of the two.
        cohesion: (2, m) length of either group's mean sentence vector, 0 to 1.
    """
    small, large = np.minimum(np.minimum(*sizes), SMALL), np.minimum(np.maximum(*sizes), LARGE)
    shape = [np.log2(small) / 5, np.log2(large) / 7, *traits.T, np.minimum(*cohesion), np.maximum(*cohesion)]
    return np.column_stack([cosines, means, *shape])


def gap_cost(gaps: Features, sizes: Features) -> Features:
    """Logits lost by a gap in days between two groups; none where it is unknown (NaN).

    Args:
        gaps: (m,) days from the last report of one to the first of the other.
        sizes: (2, m) articles of either group.
    """
    known = np.nan_to_num(gaps, nan=0.0)
    cost = GAP_WEIGHT * np.log2(np.maximum(known, FREE_DAYS) / FREE_DAYS)
    most: Features = DOUBT * np.minimum(*sizes)
    return np.minimum(np.where(known > LONGEST_DAYS, np.inf, cost), most)


@dataclass(frozen=True)
class Weights:
    """A perceptron over ``FEATURES`` with one hidden layer and a direct way past it.

    It never falls when a similarity rises: no two groups are parted because they are more alike.

    Attributes:
        bias: log-odds where everything else is 0.
        direct: (features,) weight of each feature.
        inward: (features, units) weights into the hidden units.
        offsets: (units,) what is added to them.
        outward: (units,) weights of their tanh.
    """

    bias: float
    direct: Features
    inward: Features
    offsets: Features
    outward: Features

    def logits(self, values: Features) -> Features:
        """Log-odds of one event, shape (m,)."""
        hidden = np.tanh(values @ self.inward + self.offsets)
        logits: Features = self.bias + values @ self.direct + hidden @ self.outward
        return logits

    def contributions(self, values: Features) -> tuple[float, Features]:
        """What each similarity of one pair adds to the log-odds that it would have if nothing were shared.

        Integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365) from no similarity to the given ones,
        in closed form: along a straight way a unit's rise is shared out by each feature's part in its input.

        Args:
            values: (features,) of one pair.

        Returns:
            The log-odds without any similarity, and (similarities,) what each adds; their sum is ``logits``.
        """
        alike = len(SIMILARITIES)
        base = np.where(np.arange(len(values)) < alike, 0.0, values)
        start = base @ self.inward + self.offsets
        parts = values[:alike, None] * self.inward[:alike]
        rise = parts.sum(axis=0)
        slope = np.where(
            np.abs(rise) > 1e-9,
            (np.tanh(start + rise) - np.tanh(start)) / np.where(np.abs(rise) > 1e-9, rise, 1.0),
            1 - np.tanh(start) ** 2,
        )
        return float(self.logits(base[None])[0]), values[:alike] * self.direct[:alike] + parts @ (slope * self.outward)


@cache
def shipped() -> Weights:
    """The weights in the package (``weights.json``), made by ``python -m eval.merging --train``."""
    stored = json.loads((files(__package__) / "weights.json").read_text("utf-8"))
    layers = (np.array(stored[name], np.float64) for name in ("direct", "inward", "offsets", "outward"))
    return Weights(stored["bias"], *layers)


FIRST_DAY = datetime(1, 1, 1, tzinfo=UTC)


def _day(article: Article) -> float:
    """When an article was published, in days to the minute, whatever the zone it is told in; NaN where unknown."""
    if article.published is None:
        return np.nan
    since = zoned(article.published) - FIRST_DAY
    return 1 + since.days + since.seconds // 60 / 1440
