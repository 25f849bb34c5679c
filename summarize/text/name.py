"""Names: capitalised runs, normalised so that two mentions of one person meet."""

import re
from dataclasses import dataclass

from summarize.text.span import fold, normalise
from summarize.text.word import STOP_WORDS


@dataclass(frozen=True, slots=True)
class Name:
    """A name; ``tokens`` are its words lower-cased, without titles, possessives and accents."""

    start: int
    end: int
    text: str
    tokens: tuple[str, ...]


_TITLES = frozenset(
    "president prime minister mr mrs ms dr sir lord lady senator sen rep gov governor chancellor secretary "
    "general gen king queen prince princess pope judge justice foreign vice".split()
)
_DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december".split()
)
_WORD = r"(?:(?:[A-Z]\.)+(?=\W|$)|[A-ZÀ-ÖØ-Þ][\w\u0300-\u036f]*(?:['-][\w\u0300-\u036f]+)*)"
_RUN = re.compile(rf"(?<![\w'-]){_WORD}(?:\.? (?:(?:de|van|der|von|bin|al|la|du|da) )*{_WORD})*")


def names(text: str) -> list[Name]:
    """Every name of a text, in order."""
    plain = normalise(text)
    found = []
    for m in _RUN.finditer(plain):
        start, end = m.span()
        while start < end:
            word, _, rest = plain[start:end].partition(" ")
            if fold(word) not in STOP_WORDS and fold(word) not in _DAYS:
                break
            start = end - len(rest) if rest else end
        tokens = tuple(
            t
            for w in plain[start:end].split()
            if (t := fold(w).removesuffix("'s").strip(".'")) not in _TITLES
        )
        if start < end and tokens:
            found.append(Name(start, end, text[start:end], tokens))
    return found


def same_name(a: Name, b: Name) -> bool:
    """Whether two names may mean the same: the tokens of one are all among the other's."""
    return set(a.tokens) <= set(b.tokens) or set(b.tokens) <= set(a.tokens)
