"""A story read once, and what statements in it have in common: mentions, their contexts, rivals among them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from summarize.clustering.words import background
from summarize.documents import ConflictKind, Sentence, Story, zoned
from summarize.text import content_words, normalise, numbers, sentences

MIN_WORDS = 3
"""A shorter sentence is a fragment."""
SENTENCES = 200
"""Sentences of one article that are compared, its first: time grows with the square, and reports are shorter."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a context goes: characters on either side, within the sentence; whether figures belong to it."""

    characters: int
    figures: bool = False


NEARBY = Reach(90)
AROUND_NAME = Reach(45, figures=True)


@dataclass(frozen=True, slots=True)
class Mention:
    """A value where a sentence states it: ``sentence.text[start:end]``; ``key`` is equal for equal values."""

    sentence: Sentence
    start: int
    end: int
    key: str

    @property
    def text(self) -> str:
        """The value as the sentence has it."""
        return self.sentence.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Rivals:
    """Two values that contradict each other, with their mentions, the nearest to the rival first."""

    kind: ConflictKind
    first: tuple[Mention, ...]
    second: tuple[Mention, ...]


class Told:
    """A story read once: its sentences, which words they hold, lineages, and when each was first told."""

    def __init__(self, story: Story) -> None:
        self.sentences = [s for a in story.articles for s in sentences(a)[:SENTENCES] if _is_prose(s.text)]
        self.place = {s: i for i, s in enumerate(self.sentences)}
        self.lineage = {a.id: story.original.get(a.id, a.id) for a in story.articles}
        self.holders: dict[str, set[Sentence]] = defaultdict(set)
        self.values: dict[str, set[Decimal]] = defaultdict(set)
        for sentence in self.sentences:
            self.values[sentence.article].update(n.value for n in numbers(sentence.text) if not _is_small(n.value))
            for word in (*content_words(sentence.text), *_measured(sentence.text)):
                self.holders[word].add(sentence)
        self.dated = all(a.published for a in story.articles)
        self.first_told: dict[str, datetime] = {}
        for article in story.articles if self.dated else ():
            assert article.published is not None  # for the type checker: all are dated
            when, origin = zoned(article.published), self.lineage[article.id]
            self.first_told[origin] = min(when, self.first_told.get(origin, when))

    def published(self, mention: Mention) -> datetime:
        """When the first report of the mention's lineage was published."""
        return self.first_told[self.lineage[mention.sentence.article]]

    def since(self, mentions: Iterable[Mention]) -> datetime:
        """When a value was first reported, a copy counting as its original."""
        return min(map(self.published, mentions))

    def states(self, value: Decimal, mentions: Iterable[Mention]) -> bool:
        """Whether an article that has one of the mentions holds the number too, in whatever unit; never a small one."""
        return any(value in self.values[m.sentence.article] for m in mentions)

    def lineages(self, mentions: Iterable[Mention]) -> set[str]:
        """The originals of the articles that have one of the mentions."""
        return {self.lineage[m.sentence.article] for m in mentions}


def _is_small(value: Decimal) -> bool:
    """Whether a number is one of those that count anything: a whole one up to a dozen."""
    return value <= 12 and value == value.to_integral_value()


def _is_prose(text: str) -> bool:
    """Whether a sentence is one: headlines, captions, datelines and time stamps state nothing to be compared."""
    return len(text.split()) >= MIN_WORDS and normalise(text).rstrip("\"') ]")[-1:] in (".", "!", "?", "…", ",")


def rarity(word: str) -> float:
    """How rare a stem is in the news, in nats."""
    known = background()
    return -math.log(min(known.share.get(word, known.unseen), 0.99))


def _measured(text: str) -> list[str]:
    """The figures of a text as words that no text holds: "71-day" and "71 days" are one."""
    return [f"{n.value}/{n.unit}" for n in numbers(text) if n.kind not in ("date", "ordinal")]


@lru_cache(maxsize=1 << 16)
def _context(mention: Mention, reach: Reach) -> frozenset[str]:
    """Stems of the words around a value, and the figures there where they are asked for."""
    text = mention.sentence.text
    far = reach.characters
    left, right = text[max(0, mention.start - far) : mention.start], text[mention.end : mention.end + far]
    if len(left) == far:
        left = left.partition(" ")[2]
    if len(right) == far:
        right = right.rpartition(" ")[0]
    stems = frozenset(w for part in (left, right) for w in content_words(part) if not w[0].isdigit())
    return stems.union(_measured(left), _measured(right)) if reach.figures else stems


def meeting(told: Told, first: Sequence[Mention], second: Sequence[Mention], reach: Reach = NEARBY) -> float:
    """How much the contexts of two values share where they are nearest, in nats."""
    holding = {m.sentence for m in (*first, *second)}
    return max(_nearness(told, a, b, holding, reach) for a in first for b in second)


def _nearness(told: Told, a: Mention, b: Mention, holding: set[Sentence], reach: Reach) -> float:
    shared = _context(a, reach) & _context(b, reach)
    weights = (
        rarity(w) * len(told.holders[w] & holding) / len(told.holders[w]) for w in sorted(shared) if told.holders[w]
    )
    return sum(weights)


def tells_apart(a: Sequence[Mention], b: Sequence[Mention]) -> bool:
    """Whether no article states both values."""
    return not {m.sentence.article for m in a} & {m.sentence.article for m in b}


def nearest(found: Iterable[tuple[float, Rivals]]) -> list[Rivals]:
    """Of rivals of one value within one article, the nearest."""
    kept: list[Rivals] = []
    taken: set[tuple[str, str]] = set()
    for _, rivals in sorted(found, key=lambda pair: -round(pair[0], 6)):
        pairs = ((rivals.first, rivals.second), (rivals.second, rivals.first))
        claimed = {(mine[0].key, m.sentence.article) for mine, others in pairs for m in others}
        if not claimed & taken:
            kept.append(rivals)
            taken |= claimed
    return kept


def ordered(
    told: Told, kind: ConflictKind, first: Sequence[Mention], second: Sequence[Mention], reach: Reach = NEARBY
) -> Rivals:
    """The rivals, the mentions of each by how near their contexts are to the other's."""
    holding = {m.sentence for m in (*first, *second)}

    def near(mine: Mention, others: Sequence[Mention]) -> tuple[float, str, int]:
        best = max(_nearness(told, mine, other, holding, reach) for other in others)
        return -round(best, 6), mine.sentence.article, mine.sentence.index

    return Rivals(
        kind,
        tuple(sorted(first, key=lambda m: near(m, second))),
        tuple(sorted(second, key=lambda m: near(m, first))),
    )


def distance(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[len(b)]
