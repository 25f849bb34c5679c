"""Whether one report was made from another: what the two share, and how much that says.

A copy, however reworded, tells what its original tells: sentence by sentence the same things, in much the same order,
with the same figures. Independent reports of one event share its bare facts, and quotations that everybody has, beside
much that is each one's own. Four shares of words tell them apart:

told     of the shorter report, in words, outside quotations: how much the best aligned sentences have in common (Dice)
taken    of the longer report, in words: how much of each sentence stands in the sentence of the shorter aligned to it
runs     six words on end outside quotations that both have; the 20th and later say no more
numbers  of both reports' numbers outside quotations, those that both have (Jaccard)

and, where these leave it open, two of meaning, for which each sentence is encoded:

meant    of the shorter report, in words: how close in meaning the best aligned sentences are
kept     the same of the longer one

Each decision is a logistic regression learned from ``eval/data/lineage``. Sentences are aligned in order, and words
weighed by their rarity in the news at large. Short reports have little to share, so each share is drawn towards what
says nothing. Texts rewritten from an agency's have been told from others by shared n-grams and aligned sentences before
(METER: Clough et al. 2002); quotations, lists and numbers are set apart here because the first two are shared without
copying, and the third survive a paraphrase.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from summarize.clustering.words import background, text_key
from summarize.documents import Article
from summarize.models import Encode
from summarize.text import STOP_WORDS, fold, normalise, numbers, quotations, sentences, stem

WORDS = ("told", "taken", "runs", "numbers")
MEANING = ("meant", "kept")
UNSURE = (-3.0, 1.5)
"""Log-odds by words alone between which meaning is asked: about one pair in ten of stories full of copies."""
RUN = 6
"""Words of a run: independent reports share hardly any of this length outside quotations."""
WORDING = 3
"""Words of a run without a capital or a digit: lists of results, where there are fewer, are everybody's."""
RUNS = 20
"""Shared runs from which their number says no more."""
PREFIX = 5
"""Letters by which words other than names meet: "operator" and "operation", "evacuate" and "evacuees"."""
ALIKE = 0.15
"""Share in common below which two sentences are not aligned."""
UNRELATED = 0.35
"""Cosine up to which two sentences have no meaning in common."""
SHORT = 22.0
"""Words, none of them shared, that are added to a report."""
FEW = 6.0
"""Nats of numbers, half of them shared, that are added to those of a report."""
SMALL_NUMBER, OTHER_NUMBER = 3.0, 6.0
"""Nats that a number up to twelve says, and any other."""
NEAREST = 32
"""Reports before it that a report is compared with sentence by sentence, those that may share most with it."""
BLOCK = 128
"""Reports that are compared with all others at once, so that memory grows with their number only."""

Floats = NDArray[np.float64]

_CUT = "|"
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")


@dataclass(frozen=True)
class Told:
    """Sentences as what they tell.

    Attributes:
        lengths: their words, shape (sentences,).
        rows: their weighted words, names and numbers, one row a sentence: the product of two rows is what both have,
            in nats.
        totals: what each row has, in nats, shape (sentences,).
    """

    lengths: Floats
    rows: sparse.csr_array
    totals: Floats

    @property
    def words(self) -> float:
        """Words of all sentences."""
        return float(self.lengths.sum())


@dataclass(frozen=True)
class Report:
    """An article as its sentences.

    Attributes:
        texts: the sentences; the title where there is no text.
        whole: the sentences as what they tell.
        plain: the same without quotations.
        numbers: columns of the rows that are numbers of this report outside quotations.
        runs: what it says outside quotations, as runs of ``RUN`` words.
    """

    article: Article
    texts: tuple[str, ...]
    whole: Told
    plain: Told
    numbers: frozenset[int]
    runs: frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Token:
    """A number by its value, a name, or the beginning of any other word; what it says in nats."""

    key: str
    kind: str
    nats: float


def reports(articles: Sequence[Article]) -> list[Report]:
    """The articles as reports, whose rows have the same columns."""
    texts = [tuple(s.text for s in sentences(a)) or ((a.title,) if a.title else ()) for a in articles]
    plain = [tuple(map(_unquoted, part)) for part in texts]
    both = [(_tokens(whole), _tokens(bare)) for whole, bare in zip(texts, plain, strict=True)]
    known = {t.key: t for pair in both for part in pair for sentence in part for t in sentence}
    index = {key: i for i, key in enumerate(sorted(known))}
    weights = np.array([math.sqrt(known[key].nats) for key in index], np.float64)
    return [
        Report(
            article=article,
            texts=part,
            whole=_told(part, whole, index, weights),
            plain=_told(bare, outside, index, weights),
            numbers=frozenset(index[t.key] for sentence in outside for t in sentence if t.kind == "number"),
            runs=frozenset(run for t in bare for run in _runs(t)),
        )
        for article, part, bare, (whole, outside) in zip(articles, texts, plain, both, strict=True)
    ]


def _told(texts: Sequence[str], tokens: Sequence[Sequence[_Token]], index: dict[str, int], weights: Floats) -> Told:
    columns = [sorted({index[t.key] for t in sentence}) for sentence in tokens]
    lengths = np.array([len(_WORD.findall(t)) for t in texts], np.float64)
    return Told(lengths, _matrix(columns, weights), np.array([(weights[c] ** 2).sum() for c in columns], np.float64))


def _unquoted(text: str) -> str:
    """The text with each quotation replaced by a mark that no run of words reaches across."""
    outer = [q for q in quotations(text) if q.depth == 0]
    for q in reversed(outer):
        text = f"{text[: q.start]} {_CUT} {text[q.end :]}"
    return text


def _tokens(texts: Sequence[str]) -> list[list[_Token]]:
    """What each sentence of an article tells; a word that is a name inside one is a name at the start of others."""
    known = background()
    words = [[(m.start(), m.group()) for m in _WORD.finditer(normalise(t))] for t in texts]
    named = {_bare(word) for sentence in words for at, word in sentence if at and word[0].isupper()}
    found = []
    for text, sentence in zip(texts, words, strict=True):
        tokens = [_number(n.value) for n in numbers(text) if n.kind != "ordinal"]
        for _, word in sentence:
            bare = _bare(word)
            if not bare or bare in STOP_WORDS or bare[0].isdigit():
                continue
            key = stem(bare)
            if known.is_name(key, bare in named and word[0].isupper()):
                tokens.append(_Token(key, "name", _nats(known.share.get(key, known.unseen))))
            else:
                tokens.append(_Token(f"{key[:PREFIX]}-", "word", _nats(_families().get(key[:PREFIX], known.unseen))))
        found.append(tokens)
    return found


def _bare(word: str) -> str:
    return fold(word).removesuffix("'s").strip("'")


def _number(value: Decimal) -> _Token:
    return _Token(f"#{value.normalize()}", "number", SMALL_NUMBER if abs(value) <= 12 else OTHER_NUMBER)


def _nats(share: float) -> float:
    return -math.log(min(share, 0.99))


@cache
def _families() -> dict[str, float]:
    """For each beginning of words the share of articles that hold the most common of them."""
    found: dict[str, float] = {}
    for key, share in background().share.items():
        found[key[:PREFIX]] = max(found.get(key[:PREFIX], 0.0), share)
    return found


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    for part in normalise(text).split(_CUT):
        words = _WORD.findall(part)
        for i in range(len(words) - RUN + 1):
            run = words[i : i + RUN]
            if sum(not (w[0].isupper() or w[0].isdigit()) for w in run) >= WORDING:
                yield tuple(map(fold, run))


def _matrix(columns: Sequence[Sequence[int]], weights: Floats) -> sparse.csr_array:
    found = np.array([c for row in columns for c in row], np.int32)
    ends = np.cumsum([0, *map(len, columns)])
    return sparse.csr_array((weights[found], found, ends), shape=(len(columns), len(weights)))


@dataclass(frozen=True)
class Shares:
    """What every two of n reports share, one row a report.

    Attributes:
        order: position of each report from the shortest, shape (n,).
        told, taken: words of a report that each column carries, outside quotations and in all.
        has_told, has_taken: which columns a report has, outside quotations and in all.
    """

    reports: Sequence[Report]
    order: NDArray[np.int64]
    runs: Any
    numbers: Any
    told: Any
    has_told: Any
    taken: Any
    has_taken: Any

    @classmethod
    def of(cls, found: Sequence[Report]) -> "Shares":
        """Gather what the reports have into sparse matrices."""
        index: dict[tuple[str, ...], int] = {}
        runs = [sorted(index.setdefault(run, len(index)) for run in r.runs) for r in found]
        words = np.array([r.whole.words for r in found])
        whole, plain = [r.whole for r in found], [r.plain for r in found]
        return cls(
            found,
            np.argsort(np.argsort(words, kind="stable"), kind="stable"),
            _matrix(runs, np.ones(len(index))),
            sparse.vstack([_numbers(r) for r in found]).tocsr(),
            *(sparse.vstack([f(part) for part in parts]).tocsr() for parts in (plain, whole) for f in (_carried, _has)),
        )

    def bounds(self) -> Iterator[tuple[int, Floats]]:
        """From each first row, the shares of a block of reports with all up to its last; at most what they can be.

        Shape (block, reports up to its end, len(WORDS)). ``told`` and ``taken`` are those of sentences whose
        words may stand anywhere in the other report; Dice of a sentence of which a share s does is at most
        2s / (1 + s), and that of all, by concavity, at most the same of their mean.
        """
        totals = self.numbers.power(2).sum(axis=1)
        for start in range(0, len(self.reports), BLOCK):
            end = min(start + BLOCK, len(self.reports))
            longer = self.order[start:end, None] > self.order[None, :end]
            mine, its = np.arange(start, end)[:, None], np.arange(end)[None, :]
            long, short = np.where(longer, mine, its), np.where(longer, its, mine)
            told = np.where(
                longer, self._product("has_told", "told", start, end), self._product("told", "has_told", start, end)
            )
            taken = np.where(
                longer, self._product("taken", "has_taken", start, end), self._product("has_taken", "taken", start, end)
            )
            plain, whole = (np.array([getattr(r, part).words for r in self.reports]) for part in ("plain", "whole"))
            share = told / np.maximum(plain[short], 1.0)
            common = self._product("numbers", "numbers", start, end)
            values = [
                2 * share / (1 + share) * plain[short] / (plain[short] + SHORT),
                taken / (whole[long] + SHORT),
                np.minimum(self._product("runs", "runs", start, end), RUNS) / RUNS,
                (common + FEW / 2) / (totals[mine] + totals[its] - common + FEW),
            ]
            yield start, np.stack(values, axis=2)

    def _product(self, left: str, right: str, start: int, end: int) -> Floats:
        product: Floats = (getattr(self, left)[start:end] @ getattr(self, right)[:end].T).toarray()
        return product

    def ranked(self, i: int, j: int) -> tuple[Report, Report]:
        """The longer and the shorter of two reports."""
        long, short = (i, j) if self.order[i] > self.order[j] else (j, i)
        return self.reports[long], self.reports[short]

    def exact(self, i: int, j: int, bounds: Floats) -> Floats:
        """The shares of words of two reports, given their bounds; shape (len(WORDS),)."""
        a, b = self.ranked(i, j)
        told = _aligned(b.plain, a.plain, dice=True) / (b.plain.words + SHORT)
        taken = _aligned(a.whole, b.whole, dice=False) / (a.whole.words + SHORT)
        return np.array([told, taken, *bounds[2:]])


def _numbers(report: Report) -> sparse.csr_array:
    """A row of the report's numbers: the product of two is what both have, in nats."""
    rows = report.plain.rows
    weights = np.zeros(rows.shape[1])
    weights[rows.indices] = rows.data
    return _matrix([sorted(report.numbers)], weights)


def _has(told: Told) -> sparse.csr_array:
    """A row of ones where any sentence has a column."""
    columns = sorted(set(told.rows.indices.tolist()))
    return _matrix([columns], np.ones(told.rows.shape[1]))


def _carried(told: Told) -> sparse.csr_array:
    """A row that, multiplied by another report's ``_has``, gives the words that can stand there."""
    per_sentence = told.lengths / np.maximum(told.totals, 1e-9)
    row: Any = sparse.csr_array(per_sentence[None, :]) @ told.rows.power(2)
    return sparse.csr_array(row)


def _aligned(mine: Told, other: Told, dice: bool) -> float:
    """Words of one report that sentences of the other, aligned in order, share."""
    if not len(mine.lengths) or not len(other.lengths):
        return 0.0
    shared = (mine.rows @ other.rows.T).toarray()
    total = (mine.totals[:, None] + other.totals[None, :]) / 2 if dice else mine.totals[:, None]
    alike = shared / np.maximum(total, 1e-9)
    return float(best_in_order(np.where(alike >= ALIKE, alike, 0) * mine.lengths[:, None])[-1, -1])


def meanings(long: Report, short: Report, vectors: Callable[[Report], Floats]) -> Floats:
    """The shares of meaning of two reports, shape (len(MEANING),).

    Args:
        long: the longer report.
        short: the other.
        vectors: unit vectors of a report's sentences, shape (sentences, d).
    """
    if not short.texts or not long.texts:
        return np.zeros(len(MEANING))
    alike = np.clip((vectors(short) @ vectors(long).T - UNRELATED) / (1 - UNRELATED), 0, 1)
    sides = ((alike, short.whole), (alike.T, long.whole))
    return np.array([best_in_order(a * told.lengths[:, None])[-1, -1] / (told.words + SHORT) for a, told in sides])


def best_in_order(gains: Floats) -> Floats:
    """Best total of pairs in order among the first i of one side and the first j of the other, at [i, j].

    A weighted longest common subsequence, shape (rows + 1, columns + 1).
    """
    best = np.zeros((gains.shape[0] + 1, gains.shape[1] + 1))
    for i, row in enumerate(gains):
        best[i + 1, 1:] = np.maximum.accumulate(np.maximum(best[i, 1:], best[i, :-1] + row))
    return best


@dataclass(frozen=True)
class Logistic:
    """A logistic regression."""

    intercept: float
    weights: tuple[float, ...]

    def logits(self, values: Floats) -> Floats:
        """Log-odds that one of two reports was made from the other, or both from a third; shape (...,)."""
        logits: Floats = self.intercept + values @ np.array(self.weights)
        return logits


@dataclass(frozen=True)
class Weights:
    """What decides.

    Attributes:
        words: over ``WORDS``; decides outside ``UNSURE``.
        meaning: over ``WORDS`` and ``MEANING``; decides the rest.
    """

    words: Logistic
    meaning: Logistic


@cache
def shipped() -> Weights:
    """The weights in the package (``kinship.json``), made by ``python -m eval.lineage --train``."""
    stored = json.loads((files(__package__) / "kinship.json").read_text("utf-8"))

    def part(name: str, shares: tuple[str, ...]) -> Logistic:
        return Logistic(stored[name]["intercept"], tuple(stored[name]["weights"][share] for share in shares))

    return Weights(part("words", WORDS), part("meaning", (*WORDS, *MEANING)))


def features(found: Sequence[Report], encode: Encode) -> dict[tuple[int, int], Floats]:
    """The shares of every two reports, of words and of meaning, by their positions, the lower first."""
    shares, vectors = Shares.of(found), vectors_of(encode)
    return {
        (j, i): np.append(shares.exact(i, j, bounds[i - start, j]), meanings(*shares.ranked(i, j), vectors))
        for start, bounds in shares.bounds()
        for i in range(start, start + len(bounds))
        for j in range(i)
    }


def vectors_of(encode: Encode) -> Callable[[Report], Floats]:
    """The vectors of a report's sentences, encoded once, and apart from all others so that they are always the same."""
    known: dict[str, Floats] = {}

    def vectors(report: Report) -> Floats:
        if report.article.id not in known:
            known[report.article.id] = encode(report.texts).astype(np.float64)
        return known[report.article.id]

    return vectors


def kin(found: Sequence[Report], encode: Encode, weights: Weights | None = None) -> list[int]:
    """For each report the number of its lineage: that of the first report it is kin to, directly or not.

    Args:
        found: the reports, of articles with unique ids.
        encode: maps n texts to (n, d) unit vectors; called only for reports whose words do not decide.
        weights: those in the package unless given.
    """
    same: dict[str, int] = {}
    lineage = [same.setdefault(text_key(r.article), i) for i, r in enumerate(found)]
    if not found:
        return lineage
    weights = weights or shipped()
    shares, vectors = Shares.of(found), vectors_of(encode)
    low, high = UNSURE

    def related(i: int, j: int, bounds: Floats) -> bool:
        words = shares.exact(i, j, bounds)
        sure = weights.words.logits(words)
        if low < sure < high:
            return bool(weights.meaning.logits(np.append(words, meanings(*shares.ranked(i, j), vectors))) >= 0)
        return bool(sure >= high)

    for start, bounds in shares.bounds():
        most = weights.words.logits(bounds)
        for i in range(start, start + len(bounds)):
            nearest = np.argsort(-most[i - start, :i], kind="stable")[:NEAREST]
            for j in nearest[most[i - start, nearest] > low].tolist():
                if lineage[i] != lineage[j] and related(i, j, bounds[i - start, j]):
                    old, new = max(lineage[i], lineage[j]), min(lineage[i], lineage[j])
                    lineage = [new if g == old else g for g in lineage]
    return lineage
