"""What in a summary sentence its cited quotes do not support.

A sentence is supported when every number, name and quotation in it stands in a cited quote, its content words do, and
nothing about who did what was bent on the way: the noun a number counts, negation and modality, and the order in which
words stand together. The last checks exist because copying words is not being faithful: clauses of two facts, each
true, can be stitched into a falsehood of which every word has a source. Numbers and names are compared by what they
mean, in whichever spelling.

Of the 80 pairs in eval/data/support/negatives.jsonl, on which the rule for joins was chosen, 54 false sentences are
caught and 66 faithful ones passed: a balanced accuracy of 0.75.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from summarize.documents import Origin
from summarize.text import (
    Name,
    Number,
    content_words,
    names,
    normalise,
    numbers,
    quotations,
    same_name,
    same_number,
    tokens,
    words,
)

Kind = Literal[
    "number", "name", "quotation", "words", "counted", "negation", "modality", "person", "join", "entailment"
]

JUDGED = frozenset({"words", "join"})
"""Kinds of problems that stand for what a model for natural language inference judges better."""

MIN_COVERAGE = 0.85
"""Share of a written sentence's content words that must stand in its quotes."""

JOIN_SPAN = 8
"""Content words between which two words still count as standing together in a source."""

MIN_SHARED = 2
"""Content words that two quotes share at least if a sentence may go from the one to the other."""

AGE = re.compile(r"\b((?:[A-Z][\w'-]+ )?)([A-Z][\w'-]+), (\d{1,3})(?=[,.;])")
"""The last two words of a name, or its only one, and the number set behind it."""

ARTICLES = frozenset("a an the of".split())
NEGATIONS = frozenset("not no never nor cannot without n't".split())
MODALS = frozenset("may might could would should must can will if whether".split())
FIRST_PERSON = frozenset("We we us Our our ours My my me myself ourselves".split())
"""As they are written: "US" is a country, "I" a numeral as often as not, and "mine" a pit."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the cited quotes do not support: what kind it is, and the words in question."""

    kind: Kind
    text: str


def problems(
    text: str,
    quotes: Sequence[str],
    origin: Origin = "fused",
    readings: Sequence[str] = (),
    entailed: bool | None = None,
) -> tuple[Problem, ...]:
    """Everything in ``text`` that ``quotes`` do not support; empty when it is supported.

    Args:
        text: the summary sentence.
        quotes: the cited quotes, verbatim.
        origin: a sentence taken as it stands is checked for numbers, names and quotations only; every other one for
            all, a freely written one like one fused.
        readings: source sentences with their pronouns resolved; words may stand together there as well.
        entailed: what a model for natural language inference says, if one was asked; it has the last word on words and
            on how they are joined.
    """
    if text in (" ".join(q.split()) for q in quotes):
        return ()
    found = [*_numbers(text, quotes), *_names(text, quotes), *_quotations(text, quotes)]
    if origin != "extracted":
        alike = [_respelt(q, text) for q in quotes]
        found += [
            *_words(text, alike),
            *_counted(text, alike),
            *_governed("negation", NEGATIONS, text, alike),
            *_governed("modality", MODALS, text, alike),
            *_first_person(text),
            *_joins(text, alike, [_respelt(r, text) for r in readings]),
        ]
    if entailed is not None:
        found = [p for p in found if p.kind not in JUDGED] + ([] if entailed else [Problem("entailment", text)])
    return tuple(found)


def unsupported(text: str, quotes: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Start and end of every run of content words of ``text`` that no quote holds, in whichever spelling."""
    known = {w for q in quotes for w in content_words(_respelt(q, text))}
    runs: list[tuple[int, int]] = []
    joined = False
    for token in tokens(text):
        stems = content_words(token.text)
        if stems and not known.issuperset(stems):
            runs.append((runs.pop()[0] if joined else token.start, token.end))
            joined = True
        elif stems or not any(c.isalnum() for c in token.text):
            joined = False
    return tuple(runs)


def _respelt(quote: str, text: str) -> str:
    """The quote with numbers and names in the spelling of ``text``, where ``text`` has them in another one."""
    edits = [
        *_edits(numbers(quote), numbers(text), same_number),
        *_edits(_name_words(quote), _name_words(text), same_name),
    ]
    pieces, end = [], 0
    for start, stop, put in sorted(edits):
        if start >= end:
            pieces += [quote[end:start], put]
            end = stop
    return "".join([*pieces, quote[end:]])


T = TypeVar("T", Number, Name)


def _edits(known: Sequence[T], wanted: Sequence[T], same: Callable[[T, T], bool]) -> Iterator[tuple[int, int, str]]:
    """Start and end of all of ``known`` that ``wanted`` spells otherwise only, with that spelling."""
    spelt = {w.text for w in wanted}
    for k in known:
        other = next((w.text for w in wanted if same(k, w)), None)
        if other is not None and k.text not in spelt:
            yield k.start, k.end, other


def _name_words(text: str) -> list[Name]:
    """The words of the names of a text, each as a name of its own."""
    return [
        Name(n.start + w.start, n.start + w.end, w.text, tuple(words(w.text)))
        for n in names(text)
        for w in tokens(n.text)
    ]


def _numbers(text: str, quotes: Sequence[str]) -> Iterator[Problem]:
    known = [n for q in quotes for n in numbers(q)]
    for number in numbers(text):
        if not any(same_number(number, k) for k in known):
            yield Problem("number", number.text)


def _names(text: str, quotes: Sequence[str]) -> Iterator[Problem]:
    known = [n for q in quotes for n in names(q)]
    flat = [f" {' '.join(words(q))} " for q in quotes]
    for name in names(text):
        if any(_holds(k, name) for k in known):
            continue
        if not any(f" {' '.join(words(name.text))} " in q for q in flat):
            yield Problem("name", name.text)


def _holds(known: Name, name: Name) -> bool:
    """Whether ``known`` says at least as much as ``name``: "Vladimir Putin" holds "Putin", not the reverse."""
    return len(name.tokens) <= len(known.tokens) and same_name(known, name)


def _quotations(text: str, quotes: Sequence[str]) -> Iterator[Problem]:
    known = [_plain(k.inner) for q in quotes for k in quotations(q)]
    whole = [_plain(q) for q in quotes]
    for quotation in quotations(text):
        inner = _plain(quotation.inner)
        # A sentence from inside a longer quotation carries one mark or none, yet is all quotation.
        if not any(inner in k for k in known) and not any(inner in w and '"' in w for w in whole):
            yield Problem("quotation", quotation.text)
    if normalise(text).count('"') % 2 and text not in quotes:
        yield Problem("quotation", text)


def _plain(text: str) -> str:
    return " ".join(normalise(text).casefold().split()).strip(" .,;:!?")


def _words(text: str, quotes: Sequence[str]) -> Iterator[Problem]:
    known = {w for q in quotes for w in content_words(q)}
    wanted = content_words(text)
    missing = [w for w in wanted if w not in known]
    if len(missing) > (1 - MIN_COVERAGE) * len(wanted):
        yield Problem("words", ", ".join(dict.fromkeys(missing)))


def _counted(text: str, quotes: Sequence[str]) -> Iterator[Problem]:
    """A count must count the same thing in a quote: the content word right after it stands near it there as well.

    A number set behind a name ("Ana Holt, 42,") must stand behind that name, or be an age, in a quote too.
    """
    for number in numbers(text):
        counted = re.match(r"[ -]([^\W\d]+)", text[number.end :])
        after = content_words(counted[1]) if counted and number.kind == "cardinal" else []
        if not after:
            continue
        near = [
            content_words(q[max(0, k.start - 60) : k.end + 60])
            for q in quotes
            for k in numbers(q)
            if same_number(number, k)
        ]
        if near and not any(after[0] in n for n in near):
            yield Problem("counted", f"{number.text} {after[0]}")
    for first, last, number in AGE.findall(normalise(text)):
        if not any(_aged(first.strip(), last, number, normalise(q)) for q in quotes):
            yield Problem("counted", f"{first}{last}, {number}")


def _aged(first: str, last: str, number: str, quote: str) -> bool:
    """Whether a quote sets the number behind this name, and not behind a namesake's, or calls it an age."""
    if f"{number}-year-old" in quote:
        return True
    behind = re.findall(rf"(?:\b([A-Z][\w'-]+) )?{re.escape(last)}\W+{number}\b", quote)
    return any(not first or not before or before == first for before in behind)


def _governed(kind: Kind, cues: frozenset[str], text: str, quotes: Sequence[str]) -> Iterator[Problem]:
    """A word that every quote puts under a negation or a modal must not be said plainly, nor the reverse."""
    under, plain = _scope(text, cues)
    sources = [_scope(q, cues) for q in quotes]
    for word in sorted(plain - under):
        holders = [s for s in sources if word in s[0] or word in s[1]]
        if holders and all(word in s[0] and word not in s[1] for s in holders):
            yield Problem(kind, word)
    for word in sorted(under - plain):
        holders = [s for s in sources if word in s[0] or word in s[1]]
        if holders and not any(word in s[0] for s in holders):
            yield Problem(kind, word)


def _scope(text: str, cues: frozenset[str]) -> tuple[set[str], set[str]]:
    """Content words under a cue (the first content word within three words after it), and all others."""
    under: set[str] = set()
    plain: set[str] = set()
    open_for = 0
    for token in tokens(normalise(text)):
        word = token.text.lower()
        if (word in cues and token.text not in ("May", "Will")) or (word.endswith("n't") and "not" in cues):
            open_for = 3
            continue
        stems = content_words(word)
        if stems:
            (under if open_for else plain).update(stems)
            open_for = 0
        elif any(c.isalnum() for c in word):
            open_for = max(0, open_for - 1)
    return under, plain


def _first_person(text: str) -> Iterator[Problem]:
    """Words of the first person outside quotation marks: copied from somebody's mouth without saying so."""
    spans = [(q.start, q.end) for q in quotations(text)]
    for token in tokens(text):
        if token.text in FIRST_PERSON and not any(a <= token.start < b for a, b in spans):
            yield Problem("person", token.text)


def _joins(text: str, quotes: Sequence[str], readings: Sequence[str]) -> Iterator[Problem]:
    """Neighbouring content words must stand near each other, in that order, in one single quote.

    A sentence fused from n quotes may do otherwise n + 1 times, but never by going from one quote to another that
    shares next to nothing with it, nor by pushing words together: no more than an article or "of" between two that
    stand in one quote as well, but apart or the other way round.
    """
    places = [_places(q) for q in (*quotes, *readings)]
    loose: list[Problem] = []
    wrong: list[Problem] = []
    for left, right, tight in _pairs(text):
        holders = [p for p in places if left in p and right in p]
        if any(0 <= j - i <= JOIN_SPAN for p in holders for i in p[left] for j in p[right]):
            continue
        pushed_together = tight and holders
        stitched = not _meet(left, right, places)
        (wrong if pushed_together or stitched else loose).append(Problem("join", f"{left} {right}"))
    yield from wrong
    if len(loose) > len(quotes) + 1:
        yield from loose


def _pairs(text: str) -> Iterator[tuple[str, str, bool]]:
    """Neighbouring content words, and whether no more than an article or "of" stands between them."""
    left, tight = None, True
    for token in tokens(normalise(text)):
        stems = content_words(token.text)
        for right in stems:
            if left is not None:
                yield left, right, tight
            left, tight = right, True
        if not stems:
            tight = tight and token.text.lower() in ARTICLES


def _meet(left: str, right: str, places: Sequence[dict[str, list[int]]]) -> bool:
    """Whether quotes that hold the one word and the other share enough to be of one fact; unknown words do."""
    pairs = [(a, b) for a in places if left in a for b in places if right in b]
    return not pairs or any(len(a.keys() & b.keys()) >= MIN_SHARED for a, b in pairs)


def _places(quote: str) -> dict[str, list[int]]:
    where: dict[str, list[int]] = {}
    for i, word in enumerate(content_words(quote)):
        where.setdefault(word, []).append(i)
    return where
