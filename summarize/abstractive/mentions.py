"""First mentions in full, later ones short: "Russian President Vladimir Putin", then "Putin"."""

import re
from collections.abc import Iterable, Mapping

from summarize.text import STOP_WORDS, quotations

TITLES = (
    r"(?i:president|prime minister|chancellor|foreign minister|defen[cs]e minister|secretary of state|minister"
    r"|secretary|senator|governor|mayor|general|king|queen|pope|judge|envoy)"
)
FULL = re.compile(
    rf"(?:(?i:the|an?|its|his|her|their)\s+)?(?:(?:outgoing|former|then|interim|acting)\s+)?(?:[A-Z][\w.]*(?:[’']s)?\s+){{0,2}}?"
    rf"(?:(?:[Vv]ice|[Dd]eputy)[ -])?{TITLES}\s+(?P<first>[A-Z][\w’'-]+)\s+(?P<last>[A-Z][\w’'-]+)"
)
ADDRESSED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Dr|{TITLES})\.?\s+(?P<last>[A-Z][\w-]+)(?![\w-]|\s+[A-Z])")
"""A person called by the last name, with what shows that it is one."""

NO_NAMES = STOP_WORDS | frozenset(
    "mr mrs ms miss dr president yet still meanwhile however today yesterday later".split()
)
"""What stands before a last name and is no first name."""

BARE = re.compile(
    r"(?<![\w’'-])(?P<more>(?:[A-Z][\w.-]*\s+)*)(?P<first>[A-Z][\w-]+)\s+(?P<last>[A-Z][\w-]+)(?![\w-]|\s+[A-Z])"
)
"""A run of capitalised words; with no ``more`` before them the last two may be a first and a last name."""


def shorten(text: str, known: Mapping[str, str]) -> str:
    """Replace full names, with or without title, by the last name for persons already introduced.

    Args:
        text: a summary sentence.
        known: the first name of each last name that earlier sentences introduced.
    """
    quoted = [(q.start, q.end) for q in quotations(text)]

    def short(m: re.Match[str]) -> str:
        inside = any(a <= m.start() < b for a, b in quoted)
        more = m.groupdict().get("more")
        return m["last"] if known.get(m["last"]) == m["first"] and not inside and not more else m[0]

    untitled = FULL.sub(short, text)
    quoted = [(q.start, q.end) for q in quotations(untitled)]
    return BARE.sub(short, untitled)


def persons(texts: Iterable[str]) -> dict[str, str]:
    """First names, by last name, of who is called by title or as Mr or Ms somewhere; of two namesakes neither."""
    found: dict[str, set[str]] = {}
    addressed: set[str] = set()
    for text in texts:
        addressed |= {m["last"] for m in (*FULL.finditer(text), *ADDRESSED.finditer(text))}
        for m in (*FULL.finditer(text), *_alone(text)):
            found.setdefault(m["last"], set()).add(m["first"])
    return {last: first for last, (first, *others) in found.items() if last in addressed and not others}


def introduced(text: str, persons: Mapping[str, str]) -> dict[str, str]:
    """First names, by last name, of the persons a sentence names in full.

    Args:
        text: a sentence.
        persons: who is a person, as ``persons`` finds them.
    """
    named = {(m["last"], m["first"]) for m in (*FULL.finditer(text), *_alone(text))}
    return {last: first for last, first in sorted(named) if persons.get(last) == first}


def _alone(text: str) -> list[re.Match[str]]:
    return [m for m in BARE.finditer(text) if not m["more"] and m["first"].lower() not in NO_NAMES]
