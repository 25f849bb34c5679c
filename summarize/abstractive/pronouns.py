"""An opening "he", "she", "his" or "her", "he said" behind a quotation, and "it said", put back to the name meant.

A sentence taken out of its article must not begin with a pronoun whose owner stays behind, nor quote nobody known. The
antecedent is looked for in the sentences just before: the person who is the subject of the sentence or is stated as the
speaker of its quotation. Anything less plain (another subject, a second person, no known person) leaves the sentence as
it is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from summarize.documents import TOLD, Article, Sentence
from summarize.text import Name, fold, names, quotations

OPENING = re.compile(
    r"^(?P<before>(?:(?:However|But|And|Yet|Still|Also|Meanwhile|Instead|Additionally|Earlier|Later)\b,?\s+)?)"
    r"(?P<pronoun>[Hh]e|[Ss]he|[Hh]is|[Hh]er)\b(?![’'])"
)
SAYS = r"(?:also |later )?(?:said|says|added|argued|stated|wrote|told|warned|insisted|claimed)\b"
SAID = re.compile(rf"^[^,]+,(?:[^\"“”]*|.*[\"”]) (?P<pronoun>he|she)(?= {SAYS})")
"""Whose words the sentence opens with, behind a comma or a quotation."""
BODY_SAID = re.compile(rf"^(?P<pronoun>It)(?= {SAYS})")
"""What a ministry, a company or another body said."""
_BODY = (
    r"(?:White House|Kremlin|Pentagon|administration|agency|army|association|authority|bank|board|bureau|cabinet"
    r"|charity|club|commission|committee|company|council|court|department|firm|foundation|government|group|institute|ministry"
    r"|office|organi[sz]ation|party|union|university)"
)
BODY = re.compile(
    rf"^(?P<opens>[Tt]he (?:[\w’'-]+ ){{0,3}}?(?:[\w’'-]+(?= {SAYS})|{_BODY}(?= [a-z]))|[A-Z]{{2,6}}(?= {SAYS}))"
    rf"|, (?P<ends>the (?:[\w’'-]+ ){{0,3}}?[\w’'-]+) {SAYS}(?: (?:in|on) [^,]{{1,40}})?\.$"
)
"""A body that is the subject of a sentence or says what it reports, where its name is all that stands there."""
PREFACE = re.compile(r"^(?:(?:During|In|On|At|After|Before|Following|Speaking|Later|Earlier|Last)\b[^,“\"]{0,50},\s+)?")
GENDER = {"he": "m", "his": "m", "she": "f", "her": "f", "it": "n"}
PERSON = re.compile(
    r"(?:\b(?:man|woman|men|women|people|mother|father|president|minister|mayor|judge|spokes\w+|chief|king|queen|pope)"
    r"|(?:[eo]r|ian|ist|[^s]s|yee|ant))$",
    re.IGNORECASE,
)
"""How the name of a person's office, or of more than one, ends: "the mayor", "the lawyer", "the officials"."""
OFFICE = re.compile(rf"\s+[a-z-]+(?: [a-z-]+){{0,2}} [A-Z][\w’'-]+ [A-Z][\w’'-]+ {SAYS}")
"""What follows a name that only says whose somebody is: "Orlava coach Mario Castel"."""
REACH = 2
"""Sentences looked back over."""


@dataclass(frozen=True)
class Resolved:
    """A sentence with its pronoun replaced, and the stretch of the article that shows why."""

    text: str
    span: Sentence


def people(texts: Iterable[str]) -> frozenset[str]:
    """Last names of persons: last words of longer names that also stand alone as a name somewhere."""
    full: set[str] = set()
    alone: set[str] = set()
    for text in texts:
        for name in names(text):
            article = text[: name.start].split()[-1:]
            if len(name.tokens) == 1:
                alone.add(name.tokens[0])
            elif not (article and article[0].lower() == "the"):
                full.add(name.tokens[-1])
    return frozenset(full & alone)


def resolve(
    sentence: Sentence, before: Sequence[Sentence], article: Article, persons: frozenset[str]
) -> Resolved | None:
    """Replace an opening pronoun, or the one that says whose quotation opens the sentence.

    Args:
        sentence: the sentence in question.
        before: the article's sentences before it, in order.
        article: where they stand.
        persons: last names of known persons, as ``people`` finds them.

    Returns:
        None when the sentence has no such pronoun, or its owner is not beyond doubt.
    """
    opening = _pronoun(sentence.text)
    if not opening:
        return None
    for earlier in reversed(before[-REACH:]):
        if any(a.kind == TOLD and earlier.end <= a.start < sentence.start for a in article.asides):
            return None  # a sentence between the two is not seen here
        body = opening.re is BODY_SAID
        owner = _body(earlier.text, persons) if body else _subject(earlier.text, persons)
        if owner is not None:
            possessive = "’s" if opening["pronoun"].lower() in ("his", "her") else ""
            text = (
                sentence.text[: opening.start("pronoun")] + owner + possessive + sentence.text[opening.end("pronoun") :]
            )
            span = replace(
                sentence,
                start=earlier.start,
                index=earlier.index,
                text=article.text[earlier.start : sentence.end],
            )
            return Resolved(text, span)
        again = _pronoun(earlier.text)
        if not again or GENDER[again["pronoun"].lower()] != GENDER[opening["pronoun"].lower()]:
            return None
    return None


def _pronoun(text: str) -> re.Match[str] | None:
    return OPENING.match(text) or SAID.match(text) or BODY_SAID.match(text)


def _body(text: str, persons: frozenset[str]) -> str | None:
    """The body that says what a sentence reports, or None where that is a person or not plain."""
    found = {m["opens"] or m["ends"] for m in BODY.finditer(text)}
    if len(found) != 1:
        return None
    (name,) = found
    if any(_is_person(n, persons) for n in names(name)) or PERSON.search(name):
        return None
    return name[:1].upper() + name[1:]


def _subject(text: str, persons: frozenset[str]) -> str | None:
    """Surface of the last name of the only person a sentence is about, or None."""
    quoted = quotations(text)
    named = {
        n.tokens[-1]
        for n in names(text)
        if _is_person(n, persons) and not any(q.start < n.start < q.end for q in quoted)
    }
    if len(named) > 1:
        return None
    speaker = next((q.speaker for q in reversed(quoted) if q.speaker), None)
    if speaker:
        last = speaker.split()[-1]
        return last if fold(last) in persons else None
    preface = PREFACE.match(text)
    start = preface.end() if preface else 0
    subject = next((n for n in names(text) if n.start >= start), None)
    if subject is None or subject.start != start or not _is_person(subject, persons):
        return None
    rest = text[subject.end :]
    if re.match(r"\s+and\b|[’']s\b|-", rest) or subject.text.endswith(("’s", "'s")):
        return None
    if OFFICE.match(rest) or not any(w[0].islower() for w in rest.split()):
        return None  # the name of somebody else's club, or a stray name that is no sentence
    return subject.text.split()[-1]


def _is_person(name: Name, persons: frozenset[str]) -> bool:
    return bool(name.tokens) and name.tokens[-1] in persons
