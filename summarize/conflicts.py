"""Where the reports of a story contradict one another: numbers, dates, names, places, negations, quotations.

Two statements of different articles are rivals when

- they are of one sense: the same unit, the same noun counted, the same verb negated, the same sentence quoted;
- they cannot both hold: no rounding, bound, range or other spelling makes them one;
- no article states both: one that has 23 dead and 31 dead tells of a toll that rose, or of two different things;
- their contexts meet: words that stand near both count by their rarity in the news (inverse document frequency,
  Sparck Jones 1972) and by the share of the story's sentences with that word that hold one of the two values.

Every rule prefers silence to a false alarm. docs/conflicts.md has what is found and what is left, with figures.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations, pairwise, product

from summarize.clustering.lineage import spun_copies
from summarize.clustering.words import background
from summarize.documents import Citation, Conflict, ConflictKind, ConflictValue, Sentence, Story, zoned
from summarize.text import (
    Name,
    Number,
    content_words,
    fold,
    names,
    normalise,
    numbers,
    quotations,
    same_name,
    same_number,
    sentences,
    split,
    tokens,
    words,
)

MIN_WORDS = 3
"""A shorter sentence is a fragment."""
WEIGHTS = {"met": 1.96, "permuted": 3.42, "slipped": 2.52, "ratio": -2.08, "date": 1.12, "lineages": 1.49}
INTERCEPT = -6.16
"""Log-odds that two figures contradict one another, over ``Doubt``; from ``python -m eval.conflicts --train``."""
AGREED = 3
"""Lineages that agree on a figure above which more say no more."""
TIMES = 10
"""How many times the other a figure may be."""
SENTENCES = 200
"""Sentences of one article that are compared, its first: time grows with the square, and reports are shorter."""
QUOTED = 60
"""Quoted sentences of one article that are compared, its first."""
FIGURES = 300
"""Figures of one article that are compared, its first: an article of more is a table."""
WITHIN = 2
"""The same for the lengths of what has one name ("three-year war")."""
NEGATED = 4.0
"""Context that a verb needs which is negated in one report and not in another."""
DEED = 6.0
"""What a denial and a confirmation must share, each read with the sentence before it."""
NAMED = 3.0
"""Context that two names need; none where title and first name are the same."""
CONVERTED = 0.03
"""How far, as a share, two measures may lie apart that were converted or rounded on the way."""
ABOUT = 0.15
"""How far, as a share, "about" reaches."""
COMMON = 0.6
"""Share of the shorter quoted sentence that both must have in common, in runs of two words and more."""
COMMON_CONTENT = 0.5
"""The same for its content words that are no names."""
ABOUT_WORDS = 8
"""Words before a value that say what a conflict is about; half as many after it."""


def conflicts(story: Story) -> tuple[Conflict, ...]:
    """What the reports of a story tell differently, in the order in which an editor wants to know.

    What independent reports dispute comes before what a copy tells otherwise than its own original; in either, facts
    come before altered quotations, and what many reports tell before what few do.

    Args:
        story: the articles, with lineages; publication times, where all have one, tell updates from conflicts.

    Returns:
        Conflicts with at least two values each, the value of most lineages first; every value is cited once an
        article, by the sentence that states it. A copy that differs from its own original counts as differing.
    """
    told = _Told(story)
    found = [
        conflict
        for rivals in (_quotations(told), _numbers(told), _names(told), _negations(told))
        for conflict in _merged(told, rivals)
    ]
    spun = spun_copies(story.articles, story.lineages) if found else frozenset()
    return tuple(sorted(found, key=lambda c: _urgency(story, spun, c)))


def _urgency(story: Story, spun: frozenset[str], conflict: Conflict) -> tuple[bool, bool, int, int, str, str]:
    """Sorts what independent reports dispute before what a copy broke, facts before wording, the widely told first.

    A lineage speaks with its original where that states one of the values; a spun copy never speaks for one.
    """
    value_of = {c.article: i for i, v in enumerate(conflict.values) for c in v.citations}
    held = {i for a, i in value_of.items() if a not in spun and value_of.get(story.source_of(a), i) == i}
    return (
        len(held) < 2,
        conflict.kind == "quotation",
        -story.independent(value_of),
        -len(value_of),
        conflict.kind,
        conflict.about,
    )


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far a context goes: characters on either side, within the sentence; whether figures belong to it."""

    characters: int
    figures: bool = False


NEARBY = _Reach(90)
AROUND_NAME = _Reach(45, figures=True)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A value where a sentence states it: ``sentence.text[start:end]``; ``key`` is equal for equal values."""

    sentence: Sentence
    start: int
    end: int
    key: str

    @property
    def text(self) -> str:
        return self.sentence.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Rivals:
    """Two values that contradict each other, with their mentions, the nearest to the rival first."""

    kind: ConflictKind
    first: tuple[_Mention, ...]
    second: tuple[_Mention, ...]


class _Told:
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

    def published(self, mention: _Mention) -> datetime:
        """When the first report of the mention's lineage was published."""
        return self.first_told[self.lineage[mention.sentence.article]]

    def since(self, mentions: Iterable[_Mention]) -> datetime:
        """When a value was first reported, a copy counting as its original."""
        return min(map(self.published, mentions))

    def states(self, value: Decimal, mentions: Iterable[_Mention]) -> bool:
        """Whether an article that has one of the mentions holds the number too, in whatever unit; never a small one."""
        return any(value in self.values[m.sentence.article] for m in mentions)

    def lineages(self, mentions: Iterable[_Mention]) -> set[str]:
        return {self.lineage[m.sentence.article] for m in mentions}


def _is_small(value: Decimal) -> bool:
    """Whether a number is one of those that count anything: a whole one up to a dozen."""
    return value <= 12 and value == value.to_integral_value()


def _is_prose(text: str) -> bool:
    """Whether a sentence is one: headlines, captions, datelines and time stamps state nothing to be compared."""
    return len(text.split()) >= MIN_WORDS and normalise(text).rstrip("\"') ]")[-1:] in (".", "!", "?", "…", ",")


def _rarity(word: str) -> float:
    known = background()
    return -math.log(min(known.share.get(word, known.unseen), 0.99))


def _measured(text: str) -> list[str]:
    """The figures of a text as words that no text holds: "71-day" and "71 days" are one."""
    return [f"{n.value}/{n.unit}" for n in numbers(text) if n.kind not in ("date", "ordinal")]


@lru_cache(maxsize=1 << 16)
def _context(mention: _Mention, reach: _Reach) -> frozenset[str]:
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


def _meeting(told: _Told, first: Sequence[_Mention], second: Sequence[_Mention], reach: _Reach = NEARBY) -> float:
    """How much the contexts of two values share where they are nearest, in nats."""
    holding = {m.sentence for m in (*first, *second)}
    return max(_nearness(told, a, b, holding, reach) for a in first for b in second)


def _nearness(told: _Told, a: _Mention, b: _Mention, holding: set[Sentence], reach: _Reach) -> float:
    shared = _context(a, reach) & _context(b, reach)
    weights = (
        _rarity(w) * len(told.holders[w] & holding) / len(told.holders[w]) for w in sorted(shared) if told.holders[w]
    )
    return sum(weights)


# Numbers and dates

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
    mentions: tuple[_Mention, ...]
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
    told = _Told(story)
    pairs = [(a, b, doubt) for a, b in _rival_figures(told) if (doubt := _doubt(told, a, b))]
    return [(doubt, conflict) for a, b, doubt in pairs for conflict in _merged(told, [_both(told, a, b)])]


def _numbers(told: _Told) -> list[_Rivals]:
    near = []
    for a, b in _rival_figures(told):
        doubt = _doubt(told, a, b)
        if _is_one_matter(a, b) or (doubt and doubt.logit > 0):
            near.append((_meeting(told, a.mentions, b.mentions), _both(told, a, b)))
    return _nearest(near)


def _both(told: _Told, a: _Figure, b: _Figure) -> _Rivals:
    kind: ConflictKind = "date" if a.number.kind in ("date", "time", "year") else "number"
    return _ordered(told, kind, a.mentions, b.mentions)


def _rival_figures(told: _Told) -> Iterator[tuple[_Figure, _Figure]]:
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
            and _tells_apart(a.mentions, b.mentions)
            and not any(told.states(f.number.value, g.mentions) for f, g in ((a, b), (b, a)))
            and not _is_update(told, a, b)
        ):
            yield a, b


def _figures(told: _Told) -> list[_Figure]:
    groups: list[tuple[Number, list[_Mention], set[str]]] = []
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
            group[1].append(_Mention(sentence, number.start, number.end, key))
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


def _lasting(mention: _Mention) -> list[str]:
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


def _doubt(told: _Told, a: _Figure, b: _Figure) -> Doubt | None:
    """What speaks for a contradiction; None where nothing around the figures meets, or where they are of two sizes."""
    low, high = sorted((a.number.value, b.number.value))
    met = _meeting(told, a.mentions, b.mentions)
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


def _is_update(told: _Told, a: _Figure, b: _Figure) -> bool:
    """Whether a count that grows with time was told later where it is larger."""
    counts = a.number.kind == "cardinal" and a.number.unit in (None, "acre", "hectare")
    if not (told.dated and counts and (a.is_toll or not _permuted(a, b))):
        return False
    low, high = sorted((a, b), key=lambda f: f.number.value)
    return told.since(low.mentions) < told.since(high.mentions)


# Names and places

_PLACING = {"in": "in a place", "at": "at a place", "near": "at a place", "outside": "at a place", "off": "at a place"}
_FORCE = "force of"
_FORCES = re.compile(r"(?:'s|’s)? (military|army|navy|air force|coast guard)\b", re.IGNORECASE)
_FORCE_SORTS = {
    "military": "military",
    "army": "military",
    "navy": "navy",
    "air force": "air force",
    "coast guard": "coast guard",
}
REGIONS = frozenset(
    """
    africa america antarctica asia europe middle_east north_america south_america latin_america scandinavia balkans
    afghanistan albania algeria angola argentina armenia australia austria azerbaijan bahrain bangladesh belarus
    belgium bolivia bosnia botswana brazil britain bulgaria cambodia cameroon canada chad chile china colombia congo
    costa_rica croatia cuba cyprus czech_republic denmark ecuador egypt england eritrea estonia ethiopia fiji
    finland france gabon georgia germany ghana greece greenland guatemala guinea haiti honduras hungary iceland
    india indonesia iran iraq ireland israel italy ivory_coast jamaica japan jordan kazakhstan kenya kosovo kuwait
    kyrgyzstan laos latvia lebanon liberia libya lithuania luxembourg macedonia madagascar malawi malaysia mali
    malta mauritania mexico moldova mongolia montenegro morocco mozambique myanmar namibia nepal netherlands
    new_zealand nicaragua niger nigeria north_korea norway oman pakistan palestine panama paraguay peru philippines
    poland portugal qatar romania russia rwanda saudi_arabia scotland senegal serbia sierra_leone slovakia slovenia
    somalia south_africa south_korea south_sudan spain sri_lanka sudan sweden switzerland syria taiwan tajikistan
    tanzania thailand tunisia turkey turkmenistan uganda ukraine united_arab_emirates united_kingdom united_states
    uruguay us uk uzbekistan venezuela vietnam wales yemen zambia zimbabwe alabama alaska arizona arkansas
    california colorado connecticut delaware florida hawaii idaho illinois indiana iowa kansas kentucky louisiana
    maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada new_hampshire
    new_jersey new_mexico new_york_state north_carolina north_dakota ohio oklahoma oregon pennsylvania rhode_island
    south_carolina south_dakota tennessee texas utah vermont virginia west_virginia wisconsin wyoming queensland
    victoria new_south_wales ontario quebec alberta british_columbia
    """.split()
)
_SAYING = frozenset(content_words("said says say told tells added adds caption and with by for of like unlike"))
_BEFORE = re.compile(r"([^\W\d_]+(?:[-'][^\W\d_]+)*) $")


def _names(told: _Told) -> list[_Rivals]:
    """Names in one sort of slot: after a preposition of place, after the same word, or a country's armed forces."""
    slots: dict[str, dict[tuple[str, ...], list[tuple[Name, _Mention]]]] = defaultdict(lambda: defaultdict(list))
    everywhere: dict[tuple[str, ...], tuple[Name, set[str]]] = {}
    for sentence in told.sentences:
        found = names(sentence.text)
        for name in found:
            everywhere.setdefault(name.tokens, (name, set()))[1].add(sentence.article)
        for name, slot in [*((n, _slot(sentence.text, n)) for n in found), *_forces(sentence.text, found)]:
            if slot:
                mention = _Mention(sentence, name.start, name.end, " ".join(name.tokens))
                slots[slot][name.tokens].append((name, mention))
    near: list[tuple[float, _Rivals]] = []
    for slot, by_name in sorted(slots.items()):
        listed = [(pairs[0][0], [m for _, m in pairs]) for pairs in by_name.values()]
        for (a, first), (b, second) in combinations(listed, 2):
            if not _tells_apart(first, second):
                continue
            met = _meeting(told, first, second, AROUND_NAME)
            if met < NAMED and not (min(len(a.tokens), len(b.tokens)) > 1 and a.tokens[0] == b.tokens[0]):
                continue
            if not _comparable(a, b, slot):
                continue
            if not _holders(a, everywhere) & _holders(b, everywhere):
                kind: ConflictKind = "place" if slot in _PLACING.values() else "name"
                near.append((met, _ordered(told, kind, first, second, AROUND_NAME)))
    return _nearest(near)


def _comparable(a: Name, b: Name, slot: str) -> bool:
    """Whether two names can be of one sense, and are not two spellings of one."""
    if slot in _PLACING.values():
        return _is_region(a) == _is_region(b) and not _spelt_alike(a, b)
    return (slot.startswith(_FORCE) or min(len(a.tokens), len(b.tokens)) > 1) and not _spelt_alike(a, b)


def _slot(text: str, name: Name) -> str | None:
    """The word before a name, titles within it included; prepositions of place by their sense."""
    bare = text.lower().find(name.tokens[0], name.start, name.end)
    before = _BEFORE.search(normalise(text[: name.start if bare < 0 else bare]))
    if before is None:
        return None
    word = before[1].lower()
    stems = [w for w in content_words(word) if w.isalpha() and w not in _SAYING]
    return _PLACING.get(word) or next(iter(stems), None)


def _forces(text: str, found: Iterable[Name]) -> Iterator[tuple[Name, str]]:
    """Armed forces after a country ("the Russian navy"), as names whose slot is that country."""
    for name in found:
        force = _FORCES.match(text, name.end)
        if force:
            sort = _FORCE_SORTS[force[1].lower()]
            yield Name(force.start(1), force.end(1), force[1], (sort,)), f"{_FORCE} {' '.join(name.tokens)[:4]}"


def _is_region(name: Name) -> bool:
    """Whether a name is a country's, a state's or a continent's: a town in it does not contradict it."""
    return "_".join(name.tokens) in REGIONS


def _holders(name: Name, everywhere: dict[tuple[str, ...], tuple[Name, set[str]]]) -> set[str]:
    """Articles that hold the name or another spelling of it."""
    return {a for other, articles in everywhere.values() if _spelt_alike(name, other) for a in articles}


def _spelt_alike(a: Name, b: Name) -> bool:
    """Whether two names may be one: the same, one part of the other, or few letters apart."""
    if same_name(a, b):
        return True
    x, y = "".join(a.tokens), "".join(b.tokens)
    return _distance(x, y) <= (2 if min(len(x), len(y)) > 5 else 1)


def _distance(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[len(b)]


# Negations

_NOT = frozenset(["not", "never", "no"])
_UNDONE = frozenset("not never nobody none".split())
_ADVERBS = frozenset("also already yet ever still since".split())
_DONE = re.compile(r"[^\W\d_]+(?:ed|en|wn|pt|ught|ost|eft|aid|ade|old|ent|ung|un)")
_PAST = re.compile(r"[^\W\d_]{3,}ed")
_HELPING = frozenset("has have had was were is are be been being do does did".split())
_DENIES = re.compile(r"\bden(?:y|ies|ied|ying)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"(?:(?! and\b| but\b)[^,.;:“”\"]){0,60}(?!\w)")
_ADMITS = re.compile(r"(?<!\bbeen )(?<!\bwas )(?<!\bwere )\b(?:confirm|admitt|acknowledg|conced)ed\b", re.IGNORECASE)


def _negations(told: _Told) -> list[_Rivals]:
    return [*_undone(told), *_denied(told)]


def _undone(told: _Told) -> Iterator[_Rivals]:
    """What some report as done and others as not done, by the same verb."""
    verbs: dict[str, tuple[list[_Mention], list[_Mention]]] = defaultdict(lambda: ([], []))
    for sentence in told.sentences:
        for stem, is_done, start, end in _deeds(sentence.text):
            verbs[stem][is_done].append(_Mention(sentence, start, end, f"{is_done} {stem}"))
    for _, (undone, done) in sorted(verbs.items()):
        if not undone or not done or not _tells_apart(undone, done):
            continue
        rivals = _ordered(told, "negation", undone, done)
        if _meeting(told, undone, done) >= NEGATED and _of_one_subject(rivals.first[0], rivals.second[0]):
            yield rivals


def _deeds(text: str) -> Iterator[tuple[str, bool, int, int]]:
    """Verbs of deeds, as stem, whether done, start and end; not those of quotations and denials.

    Participles after "has", "was" and their like, verbs after "did", and words in -ed that stand without either.
    """
    left_out = [(q.start, q.end) for q in quotations(text)]
    left_out += [(d.end(), d.end() + NEARBY.characters) for d in _DENIES.finditer(text)]
    spans = tokens(normalise(text))
    for i, token in enumerate(spans):
        if not token.text.isalpha() or any(a <= token.start < b for a, b in left_out):
            continue
        helping: list[str] = []
        while len(helping) < min(i, 5) and _is_helping(word := spans[i - 1 - len(helping)].text.lower()):
            helping.append(word)
        nots = [k for k, w in enumerate(helping) if w in _UNDONE or w.endswith("n't")]
        helped = any(w.removesuffix("n't") in _HELPING for w in helping)
        bare = any(w.startswith("did") for w in helping)
        if not bare and not (_DONE if helped else _PAST).fullmatch(token.text):
            continue
        at = spans[i - 1 - nots[-1]].start if nots else token.start
        for stem in content_words(token.text):
            yield stem, not nots, at, token.end


def _is_helping(word: str) -> bool:
    """Whether a word before a verb belongs to it: an auxiliary, a negation, an adverb."""
    return word.removesuffix("n't") in _HELPING or word in _UNDONE | _ADVERBS or word.endswith("ly")


def _of_one_subject(a: _Mention, b: _Mention) -> bool:
    """Whether the subjects of two verbs may be one: not where both are names, and not the same."""
    first, second = _subject(a), _subject(b)
    return not first or not second or same_name(first, second)


def _subject(mention: _Mention) -> Name | None:
    """The name that stands before a verb, with nothing between but what belongs to the verb."""
    before = mention.sentence.text[: mention.start]
    last = next(iter(names(before)[::-1]), None)
    return last if last and all(map(_is_helping, before[last.end :].lower().split())) else None


def _denied(told: _Told) -> Iterator[_Rivals]:
    """What somebody denied in some reports, and it was confirmed in others, but not later."""
    denials, admissions = ([m for s in told.sentences for m in _said(s, cue)] for cue in (_DENIES, _ADMITS))
    scenes = sorted(
        ((_in_one_scene(told, a, b), i, j) for i, a in enumerate(denials) for j, b in enumerate(admissions)),
        key=lambda x: (-round(x[0], 6), *x[1:]),
    )
    taken: set[_Mention] = set()
    for met, i, j in scenes:
        if met < DEED or denials[i] in taken or admissions[j] in taken:
            continue
        denied = [denials[k] for score, k, n in scenes if n == j and score >= DEED]
        confirmed = [admissions[k] for score, n, k in scenes if n == i and score >= DEED]
        if not _tells_apart(denied, confirmed):
            continue
        taken.update(denied, confirmed)
        if told.dated and max(map(told.published, denied)) > min(map(told.published, confirmed)):
            yield _Rivals("negation", tuple(denied), tuple(confirmed))


def _said(sentence: Sentence, cue: re.Pattern[str]) -> Iterator[_Mention]:
    """A denial or a confirmation with the words that tell of what."""
    for said in cue.finditer(sentence.text):
        of_what = _CLAUSE.match(sentence.text, said.end())
        yield _Mention(sentence, said.start(), of_what.end() if of_what else said.end(), cue.pattern)


def _in_one_scene(told: _Told, a: _Mention, b: _Mention) -> float:
    """How much two sentences share, each read with the one before it; a word counts by its rarity in the story, too."""
    shared = _scene(told, a) & _scene(told, b)
    return sum(min(_rarity(w), math.log(len(told.sentences) / len(told.holders[w]))) for w in sorted(shared))


def _scene(told: _Told, mention: _Mention) -> set[str]:
    at = told.place[mention.sentence]
    pair = told.sentences[max(0, at - 1) : at + 1]
    return {w for s in pair if s.article == mention.sentence.article for w in content_words(s.text)}


# Quotations

_CLOSED = re.compile(r"[\s.,;:!?…\"'’”–—-]+$")


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One sentence within a quotation: where it stands, its plain words, those of its names, and who said it."""

    mention: _Mention
    words: tuple[str, ...]
    named: frozenset[str]
    speaker: str | None


def _quotations(told: _Told) -> list[_Rivals]:
    """Sentences quoted in other words: some exchanged, or a "not" more or less."""
    by_article: dict[str, list[_Spoken]] = defaultdict(list)
    for sentence in told.sentences:
        by_article[sentence.article] += _spoken(sentence)
    spoken = [s for said in by_article.values() for s in said[:QUOTED]]
    printed: dict[str, str] = defaultdict(str)
    for sentence in told.sentences:
        printed[sentence.article] += f" {' '.join(_plain_words(sentence.text))} "
    found = []
    for a, b in _overlapping(spoken):
        if not _tells_apart([a.mention], [b.mention]) or not _altered(a, b):
            continue
        elsewhere = ((a, b.mention.sentence.article), (b, a.mention.sentence.article))
        if _same_speaker(a, b) and not any(f" {s.mention.key} " in printed[article] for s, article in elsewhere):
            found.append(_Rivals("quotation", (a.mention,), (b.mention,)))
    return found


def _overlapping(spoken: Sequence[_Spoken]) -> list[tuple[_Spoken, _Spoken]]:
    """Pairs that share two pairs of neighbouring words at least: comparing all would take the square of the quotes."""
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, s in enumerate(spoken):
        for pair in sorted(set(pairwise(s.words))):
            holders[pair].append(i)
    shared = Counter(pair for indices in holders.values() for pair in combinations(indices, 2))
    return [(spoken[i], spoken[j]) for (i, j), n in sorted(shared.items()) if n > 1]


def _spoken(sentence: Sentence) -> Iterator[_Spoken]:
    for quotation in quotations(sentence.text):
        if quotation.depth:
            continue
        at = quotation.start + 1
        for start, end in split(quotation.inner):
            text = _CLOSED.sub("", quotation.inner[start:end])
            said = tuple(_plain_words(text))
            if said:
                mention = _Mention(sentence, at + start, at + start + len(text), " ".join(said))
                named = frozenset(w for name in names(text) for w in content_words(name.text))
                yield _Spoken(mention, said, named, quotation.speaker)


def _same_speaker(a: _Spoken, b: _Spoken) -> bool:
    """Whether the speakers may be one: not where both are named, and otherwise."""
    first, second = names(a.speaker or ""), names(b.speaker or "")
    return not first or not second or any(same_name(x, y) for x in first for y in second)


_NEGATED = re.compile(r"n't$|(?<=can)not$")
_SPELLINGS = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"ou(?=r)", "o"),
        (r"is(?=e|ing|ation)", "iz"),
        (r"tre$", "ter"),
        (r"ll", "l"),
        ("ae", "e"),
        ("-", ""),
    )
)


def _plain_words(text: str) -> list[str]:
    """Words as said: without accents, contractions of "not" written out, British and American spelling made one."""
    found: list[str] = []
    for word in words(text):
        bare, negated = _NEGATED.subn(r"", fold(word))
        for pattern, put in _SPELLINGS:
            bare = pattern.sub(put, bare)
        found += [{"ca": "can", "wo": "will"}.get(bare, bare), "not"] if negated else [bare]
    return found


def _altered(a: _Spoken, b: _Spoken) -> bool:
    """Whether one quoted sentence is the other with words exchanged, or with a negation more or less.

    Words in common count in runs of two and more; a comparison of sentences, Ratcliff & Metzener 1988 (difflib).
    """
    matcher = SequenceMatcher(None, a.words, b.words, autojunk=False)
    runs = [m for m in matcher.get_matching_blocks() if m.size > 1]
    if not runs:
        return False
    shared, shorter = sum(m.size for m in runs), min(len(a.words), len(b.words))
    if shared < COMMON * shorter or (max(m.size for m in runs) < 3 and shared < shorter):
        return False
    common = {w for m in runs for w in _carrying(a.words[m.a : m.a + m.size])} - a.named
    if not common or len(common) < COMMON_CONTENT * min(len(_carrying(s.words) - s.named) for s in (a, b)):
        return False
    for op, i, j, k, m in matcher.get_opcodes():
        at_end = i == 0 or j == len(a.words) or k == 0 or m == len(b.words)
        if op == "equal" or (at_end and op != "replace"):  # words more at an end are another cut of the same
            continue
        if _NOT & (set(a.words[i:j]) ^ set(b.words[k:m])) and "".join(a.words[i:j]) != "".join(b.words[k:m]):
            return True
        if _differ(a.words[i:j], b.words[k:m], 2 if at_end else 1):
            return True
    return False


def _carrying(said: Sequence[str]) -> set[str]:
    return set(content_words(" ".join(said))) - {"one"}


def _differ(a: Sequence[str], b: Sequence[str], least: int) -> bool:
    """Whether the words exchanged, ``least`` content words of both sides together, are more than another spelling."""
    lost, put = _carrying(a) - _carrying(b), _carrying(b) - _carrying(a)
    if len(lost | put) < (least if lost and put else 2 * least):
        return False
    return _distance("".join(a), "".join(b)) > 1 + min(len("".join(a)), len("".join(b))) // 6


# Together


def _tells_apart(a: Sequence[_Mention], b: Sequence[_Mention]) -> bool:
    """Whether no article states both values."""
    return not {m.sentence.article for m in a} & {m.sentence.article for m in b}


def _nearest(found: Iterable[tuple[float, _Rivals]]) -> list[_Rivals]:
    """Of rivals of one value within one article, the nearest."""
    kept: list[_Rivals] = []
    taken: set[tuple[str, str]] = set()
    for _, rivals in sorted(found, key=lambda pair: -round(pair[0], 6)):
        pairs = ((rivals.first, rivals.second), (rivals.second, rivals.first))
        claimed = {(mine[0].key, m.sentence.article) for mine, others in pairs for m in others}
        if not claimed & taken:
            kept.append(rivals)
            taken |= claimed
    return kept


def _ordered(
    told: _Told, kind: ConflictKind, first: Sequence[_Mention], second: Sequence[_Mention], reach: _Reach = NEARBY
) -> _Rivals:
    """The rivals, the mentions of each by how near their contexts are to the other's."""
    holding = {m.sentence for m in (*first, *second)}

    def near(mine: _Mention, others: Sequence[_Mention]) -> tuple[float, str, int]:
        best = max(_nearness(told, mine, other, holding, reach) for other in others)
        return -round(best, 6), mine.sentence.article, mine.sentence.index

    return _Rivals(
        kind,
        tuple(sorted(first, key=lambda m: near(m, second))),
        tuple(sorted(second, key=lambda m: near(m, first))),
    )


def _merged(told: _Told, rivals: Iterable[_Rivals]) -> Iterator[Conflict]:
    """Conflicts of one kind: pairs of rivals that share a value are one; quotations only if all contradict one another.

    A long quotation may be a rival of two short ones that say different things.
    """
    rivals = tuple(rivals)
    pairs = {frozenset((r.first[0].key, r.second[0].key)) for r in rivals}

    def all_rivals(some: Iterable[str], others: Iterable[str]) -> bool:
        return all(frozenset((x, y)) in pairs for x, y in product(some, others) if x != y)

    groups: list[tuple[ConflictKind, dict[str, list[_Mention]]]] = []
    for r in rivals:
        sides = {r.first[0].key: list(r.first), r.second[0].key: list(r.second)}
        joined = [
            g
            for g in groups
            if g[0] == r.kind and g[1].keys() & sides.keys() and (r.kind != "quotation" or all_rivals(g[1], sides))
        ]
        values: dict[str, list[_Mention]] = {}
        for _, known in [*joined, (r.kind, sides)]:
            for key, mentions in known.items():
                values.setdefault(key, []).extend(m for m in mentions if m not in values.get(key, []))
        groups = [*(g for g in groups if g not in joined), (r.kind, values)]
    for kind, values in groups:
        stated = [_one_an_article(mentions) for mentions in values.values()]
        stated.sort(key=lambda ms: (-len(told.lineages(ms)), -len(ms), ms[0].sentence.article, ms[0].key))
        yield Conflict(_about(kind, stated), kind, tuple(_value(mentions) for mentions in stated))


def _one_an_article(mentions: Iterable[_Mention]) -> list[_Mention]:
    """The first of the mentions, the nearest to a rival, of each article; in the order of articles."""
    first: dict[str, _Mention] = {}
    for mention in mentions:
        first.setdefault(mention.sentence.article, mention)
    return [first[article] for article in sorted(first)]


def _value(mentions: Sequence[_Mention]) -> ConflictValue:
    cited = (m.sentence for m in mentions)
    return ConflictValue(
        " ".join(mentions[0].text.split()), tuple(Citation(s.article, s.start, s.end, s.text, 1.0) for s in cited)
    )


def _about(kind: ConflictKind, stated: Sequence[Sequence[_Mention]]) -> str:
    """What the first value stands in, the value left out: "will be sentenced on …"; for a quotation, its speaker."""
    if kind == "quotation":
        speakers = [
            q.speaker
            for mentions in stated
            for m in mentions
            for q in quotations(m.sentence.text)
            if q.start <= m.start < q.end and q.speaker
        ]
        return next((" ".join(s.split()) for s in speakers if names(s)), "words quoted")
    best = stated[0][0]
    text = best.sentence.text
    before, after = text[: best.start].split(), text[best.end :].split()
    left, right = " ".join(before[-ABOUT_WORDS:]), " ".join(after[: ABOUT_WORDS // 2])
    gaps = [" " if text[at : at + 1].isspace() else "" for at in (best.start - 1, best.end)]
    return f"{left}{gaps[0] if left else ''}…{gaps[1]}{right}".strip("\"'“”‘’ ,;:.()")
