"""First mentions in full, later ones short: "Russian President Vladimir Putin", then "Putin"."""

import re
from collections.abc import Mapping

from summarize.text import quotations

TITLES = (
    r"(?i:president|prime minister|chancellor|foreign minister|defen[cs]e minister|secretary of state|minister"
    r"|secretary|senator|governor|mayor|general|king|queen|pope|judge|envoy)"
)
FULL = re.compile(
    rf"(?:(?i:the|an?|its|his|her|their)\s+)?(?:(?:outgoing|former|then|interim|acting)\s+)?(?:[A-Z][\w.]*(?:[’']s)?\s+){{0,2}}?"
    rf"(?:(?:[Vv]ice|[Dd]eputy)[ -])?{TITLES}\s+(?P<first>[A-Z][\w’'-]+)\s+(?P<last>[A-Z][\w’'-]+)"
)


def shorten(text: str, known: Mapping[str, str]) -> str:
    """Replace title and full name by the last name for persons already introduced.

    Args:
        text: a summary sentence.
        known: the first name of each last name that earlier sentences introduced.
    """
    quoted = [(q.start, q.end) for q in quotations(text)]

    def short(m: re.Match[str]) -> str:
        inside = any(a <= m.start() < b for a, b in quoted)
        return m["last"] if known.get(m["last"]) == m["first"] and not inside else m[0]

    return FULL.sub(short, text)


def introduced(text: str) -> dict[str, str]:
    """First names, by last name, of the persons a sentence introduces with title and full name."""
    return {m["last"]: m["first"] for m in FULL.finditer(text)}
