"""Numbers and dates of which no two can both hold."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from summarize.conflicts.merging import merged
from summarize.conflicts.told import Mention, Rivals, Told, meeting, nearest, ordered, tells_apart
from summarize.documents import Conflict, ConflictKind, Story
from summarize.text import Number, content_words, fold, names, normalise, numbers, same_number

WEIGHTS = {"met": 1.96, "permuted": 3.42, "slipped": 2.52, "ratio": -2.08, "date": 1.12, "lineages": 1.49}
INTERCEPT = -6.16
"""Log-odds that two figures contradict one another, over ``Doubt``; from ``python -m eval.conflicts --train``."""
AGREED = 3
"""Lineages that agree on a figure above which more say no more."""
TIMES = 10
"""How many times the other a figure may be."""
WITHIN = 2
"""The same for the lengths of what has one name ("three-year war")."""
FIGURES = 300
"""Figures of one article that are compared, its first: an article of more is a table."""
CONVERTED = 0.03
"""How far, as a share, two measures may lie apart that were converted or rounded on the way."""
ABOUT = 0.15
"""How far, as a share, "about" reaches."""

_FALLEN = frozenset(
    content_words("dead die dies died dying death killed killing kills body toll perished victim fatal")
)
_PERSONS = frozenset(
    content_words(
        """people person customer client member resident man men woman women child children worker staff employee
        soldier serviceman servicemen trooper passenger patient student prisoner captive detainee civilian voter
        protester demonstrator fan saver user subscriber refugee guest visitor participant volunteer"""
    )
)
_DAYS_APART = re.compile(
    r"\b(?:a|an|one|two|three|\d+) (?:hour|day|week|month|year)s? (?:later|earlier|before|after)\b"
)
_ZONE = re.compile(r" ?\(?(?:GMT|UTC|[ECMP][SD]?T|BST|CES?T)\b")
_DATELINE = re.compile(r"[A-Z][^a-z]{3,}.{0,60}?\) ?[-–—] ?")
_REACHING = re.compile(
    r"\b(?:end of|start of|until|till|before|after|since|by|from|to|through|early|late|beyond) (?:the )?$"
)
_COUNTED = re.compile(r"(?:[ -](?:of (?:the|its|their|his|her) )?[\"'“‘]?[^\W\d_]+(?:[-'’][^\W\d_]+)*[\"'”’]?){1,3}")
_CLOCK = re.compile(r"(?:\d|1\d|2[0-3])\.[0-5]\d")  # "at 4.12" without a.m. is a time of day, not a number
_OLD = 40  # characters between "old" and a name
_AGED = re.compile(r"([^\W\d_]+)(?:,| \() ?$")
_MEASURES = frozenset("km m cm mile ft in yard kg g tonne ton lb acre hectare degree".split())
_SPANS = frozenset("hour day night week month year".split())
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class _Figure:
    """A number of the story with all its mentions.

    ``counted`` holds stems of what it counts, ``lasting`` those of what it is the length of ("three-year war").
    """

    number: Number
    mentions: tuple[Mention, ...]
    counted: frozenset[str]
    lasting: frozenset[str]

    @property
    def digits(self) -> str:
        """Its significant digits; of a date those of the day."""
        if self.number.kind == "date":
            return str(int(self.number.value) % 100)
        return "".join(map(str, self.number.value.normalize().as_tuple().digits))

    @property
    def month(self) -> int:
        """The month of a date, with its year where that is told."""
        return int(self.number.value) // 100

    @property
    def ages(self) -> frozenset[str]:
        """Whose age it is."""
        return frozenset(c for c in self.counted if c.startswith("age of "))

    @property
    def senses(self) -> frozenset[str]:
        """What it can be a figure of: whose age, so much of a unit, or so many of what is counted."""
        if self.ages:
            return self.ages
        if self.number.kind != "cardinal" or self.number.unit is not None:
            return frozenset([f"{self.number.kind} {self.number.unit}"])
        alike = ("person" if c in _PERSONS else "dead" if c in _FALLEN else c for c in self.counted)
        return frozenset(alike)

    @property
    def is_toll(self) -> bool:
        """Whether it counts the dead."""
        return bool(self.counted & _FALLEN)


@dataclass(frozen=True, slots=True)
class Doubt:
    """What speaks for two figures contradicting one another, rather than telling of two things.

    Attributes:
        met: context that they share, in nats of word rarity, as the logarithm of one and that: the first counts most.
        permuted: their digits are the same in another order, and they are of one size.
        slipped: one digit differs, or one is missing; of dates, within one month.
        ratio: how far apart they are, as the decimal logarithm of the larger over the smaller; 0 for dates.
        date: they are days.
        lineages: how many lineages agree on one of them at most, less one; up to ``AGREED``, less one.
    """

    met: float
    permuted: bool
    slipped: bool
    ratio: float
    date: bool
    lineages: int

    @property
    def logit(self) -> float:
        """Log-odds that they contradict one another."""
        return INTERCEPT + sum(weight * float(getattr(self, name)) for name, weight in WEIGHTS.items())


def figures_in_doubt(story: Story) -> list[tuple[Doubt, Conflict]]:
    """Every two figures that cannot both hold of one thing, each with the conflict it would be; to learn from."""
    told = Told(story)
    pairs = [(a, b, doubt) for a, b in _rival_figures(told) if (doubt := _doubt(told, a, b))]
    return [(doubt, conflict) for a, b, doubt in pairs for conflict in merged(told, [_both(told, a, b)])]


def rivals(told: Told) -> list[Rivals]:
    """Figures of one matter, by their words alone or by what ``Doubt`` weighs; of each in an article the nearest."""
    near = []
    for a, b in _rival_figures(told):
        doubt = _doubt(told, a, b)
        if _is_one_matter(a, b) or (doubt and doubt.logit > 0):
            near.append((meeting(told, a.mentions, b.mentions), _both(told, a, b)))
    return nearest(near)


def _both(told: Told, a: _Figure, b: _Figure) -> Rivals:
    kind: ConflictKind = "date" if a.number.kind in ("date", "time", "year") else "number"
    return ordered(told, kind, a.mentions, b.mentions)


def _rival_figures(told: Told) -> Iterator[tuple[_Figure, _Figure]]:
    """Figures of one sense that do not agree, that no article states together, and of which neither is an update."""
    figures = _figures(told)
    of_sense: dict[str, list[int]] = defaultdict(list)
    for i, figure in enumerate(figures):
        for sense in sorted(figure.senses):
            of_sense[sense].append(i)
    for i, j in sorted({pair for indices in of_sense.values() for pair in combinations(indices, 2)}):
        a, b = figures[i], figures[j]
        if (
            a.is_toll == b.is_toll
            and not _agree(a.number, b.number)
            and tells_apart(a.mentions, b.mentions)
            and not any(told.states(f.number.value, g.mentions) for f, g in ((a, b), (b, a)))
            and not _is_update(told, a, b)
        ):
            yield a, b


def _figures(told: Told) -> list[_Figure]:
    groups: list[tuple[Number, list[Mention], set[str]]] = []
    bounds: dict[str, set[str | None]] = defaultdict(set)
    held: Counter[str] = Counter()
    for sentence in told.sentences:
        dateline = _DATELINE.match(sentence.text)
        for number in numbers(sentence.text):
            if not _is_telling(number, sentence.text) or (dateline and number.start < dateline.end()):
                continue
            held[sentence.article] += 1
            if held[sentence.article] > FIGURES:
                break
            group = next((g for g in groups if g[0].kind == number.kind and same_number(g[0], number)), None)
            if group is None:
                group = (number, [], set())
                groups.append(group)
            key = f"{number.kind} {group[0].value} {number.unit}"
            group[1].append(Mention(sentence, number.start, number.end, key))
            group[2].update(_counted(sentence.text, number))
            bounds[key].add(number.bound)
    # A bound holds where every mention has it: "handed over 214" bounds nothing.
    return [
        _Figure(
            n if len(bounds[m[0].key]) == 1 else replace(n, bound=None),
            tuple(m),
            frozenset(c),
            frozenset(w for mention in m if n.unit in _SPANS for w in _lasting(mention)),
        )
        for n, m, c in groups
    ]


def _is_telling(number: Number, text: str) -> bool:
    """Whether a number can be compared at all: one exact day, time, year, amount or count."""
    if number.high is not None or number.kind == "ordinal" or number.unit in ("weekday", "decade"):
        return False
    if text[: number.start].endswith("."):  # a share as ".308"
        return False
    if number.kind == "date":
        return int(number.value) % 100 != 0 and not _DAYS_APART.search(text)
    if number.kind == "time":
        return not _ZONE.match(text, number.end)
    if number.kind == "cardinal" and _CLOCK.fullmatch(number.text):
        return False
    if number.kind == "year":
        return not _REACHING.search(text[: number.start])
    return number.value >= 2


def _counted(text: str, number: Number) -> set[str]:
    """Stems of the two content words after a count, "dead" where people are counted who died, or whose age it is."""
    if number.kind != "cardinal" or (number.unit is not None and number.unit != "year"):
        return set()
    aged = _AGED.search(text[: number.start])
    if aged and aged[1][0].isupper() and re.match(r"[,)]", text[number.end :]):
        return {f"age of {fold(aged[1])}"}
    old = re.match(r"[ -]old ", text[number.end :])
    if old:
        named = [n for n in names(text) if 0 <= n.start - number.end - old.end() <= _OLD]
        return {f"age of {named[0].tokens[-1]}"} if named else set()
    after = _COUNTED.match(text, number.end) if number.unit is None else None
    found = set(content_words(after[0])[:2]) if after else set()
    if found & _PERSONS and set(content_words(_clause(text, number))) & _FALLEN and not _YEAR.search(text):
        found.add("dead")
    return found


def _clause(text: str, number: Number) -> str:
    """The words around a number as far as the next one: "27 people fell ill and two of them died" counts no 27 dead."""
    others = [n for n in numbers(text) if n.start != number.start]
    start = max((n.end for n in others if n.end <= number.start), default=0)
    return text[start : min((n.start for n in others if n.start >= number.end), default=len(text))]


def _lasting(mention: Mention) -> list[str]:
    """The stem of the noun after a hyphened stretch of time: "war" of "three-year war"."""
    text = mention.sentence.text
    after = re.match(r" ([^\W\d_]+)", text[mention.end :])
    return content_words(after[1]) if after and "-" in normalise(mention.text) else []


def _agree(a: Number, b: Number) -> bool:
    """Whether both can hold: one rounds the other, is about it, or bounds it."""
    if a.value == b.value:
        return True
    if a.kind in ("date", "year"):
        return False
    if a.kind == "time":
        gap = abs(_minutes(a) - _minutes(b))
        return gap <= (30 if 0 in (_minutes(a) % 30, _minutes(b) % 30) else 15)
    for x, y in ((a, b), (b, a)):
        own, other = x.value.normalize().as_tuple(), y.value.normalize().as_tuple()
        if len(own.digits) < len(other.digits) and abs(x.value - y.value) < Decimal(1).scaleb(int(own.exponent)):
            return True
        if x.unit in _MEASURES and abs(x.value - y.value) <= Decimal(CONVERTED) * y.value:
            return True
        if x.bound == "about" and abs(x.value - y.value) <= Decimal(ABOUT) * max(x.value, y.value):
            return True
        if x.bound == "more" and x.value <= y.value <= 2 * x.value:
            return True
        if x.bound == "less" and x.value / 2 <= y.value <= x.value:
            return True
    return False


def _minutes(time: Number) -> int:
    return int(time.value) // 100 * 60 + int(time.value) % 100


def _is_one_matter(a: _Figure, b: _Figure) -> bool:
    """Whether figures are of one thing by their words alone: an age, the length of one thing, a toll by a slip."""
    low, high = sorted((a.number.value, b.number.value))
    if a.ages & b.ages or (a.lasting & b.lasting and high <= WITHIN * low):
        return True
    return a.is_toll and min(len(a.digits), len(b.digits)) > 1 and (_slipped(a.digits, b.digits) or _permuted(a, b))


def _doubt(told: Told, a: _Figure, b: _Figure) -> Doubt | None:
    """What speaks for a contradiction; None where nothing around the figures meets, or where they are of two sizes."""
    low, high = sorted((a.number.value, b.number.value))
    met = meeting(told, a.mentions, b.mentions)
    if not met or high > TIMES * low:
        return None
    is_date = a.number.kind == "date"
    return Doubt(
        met=math.log1p(met),
        permuted=_permuted(a, b),
        slipped=not _permuted(a, b) and _slipped(a.digits, b.digits) and (not is_date or a.month == b.month),
        ratio=0.0 if is_date or not low else math.log10(high / low),
        date=is_date,
        lineages=min(AGREED, max(len(told.lineages(f.mentions)) for f in (a, b))) - 1,
    )


def _permuted(a: _Figure, b: _Figure) -> bool:
    """Whether two figures of one size have the same digits in another order."""
    sizes = {f.number.value.adjusted() for f in (a, b)}
    return len(sizes) == 1 and a.digits != b.digits and sorted(a.digits) == sorted(b.digits)


def _slipped(a: str, b: str) -> bool:
    """Whether one digit differs, or one is missing."""
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) == 1
    short, long = sorted((a, b), key=len)
    return len(long) - len(short) == 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _is_update(told: Told, a: _Figure, b: _Figure) -> bool:
    """Whether a count that grows with time was told later where it is larger."""
    counts = a.number.kind == "cardinal" and a.number.unit in (None, "acre", "hectare")
    if not (told.dated and counts and (a.is_toll or not _permuted(a, b))):
        return False
    low, high = sorted((a, b), key=lambda f: f.number.value)
    return told.since(low.mentions) < told.since(high.mentions)
