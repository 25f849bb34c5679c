"""First mentions in full, later ones short: "Russian President Vladimir Putin", then "Putin"."""

import re

from summarize.text import quotations

TITLES = (
    r"(?i:president|prime minister|chancellor|foreign minister|defen[cs]e minister|secretary of state|minister"
    r"|secretary|senator|governor|mayor|general|king|queen|pope|judge|envoy)"
)
FULL = re.compile(
    rf"(?:(?:outgoing|former|then|interim|acting)\s+)?(?:[A-Z][\w.]*(?:[’']s)?\s+){{0,2}}?"
    rf"(?:[Vv]ice[ -])?{TITLES}\s+(?P<first>[A-Z][\w’'-]+)\s+(?P<last>[A-Z][\w’'-]+)"
)


def shorten(text: str, known: frozenset[str]) -> str:
    """Replace title and full name by the last name for persons already introduced.

    Args:
        text: a summary sentence.
        known: last names introduced by earlier sentences.
    """
    quoted = [(q.start, q.end) for q in quotations(text)]

    def short(m: re.Match[str]) -> str:
        inside = any(a <= m.start() < b for a, b in quoted)
        return m["last"] if m["last"] in known and not inside else m[0]

    return FULL.sub(short, text)


def introduced(text: str) -> frozenset[str]:
    """Last names of the persons a sentence introduces with title and full name."""
    return frozenset(m["last"] for m in FULL.finditer(text))
