"""A slice of a text, and the one-to-one character map every extractor reads through."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Span:
    """A slice of a text: ``whole[start:end] == text``, offsets in code points."""

    start: int
    end: int
    text: str


_PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»〝〞＂", '"'),
        **dict.fromkeys("‘’‚‛′ʼʻ`´＇‹›", "'"),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
        **dict.fromkeys("\u00a0\u1680\u202f\u205f\u3000\u200b\ufeff", " "),
        **{chr(code): " " for code in range(0x2000, 0x200B)},
    }
)


@lru_cache(maxsize=32)  # the extractors read one text after the other through it
def normalise(text: str) -> str:
    """Curly quotes, dashes and odd spaces as ASCII, one character for one, so offsets stay true."""
    return text.replace("`", "'") if text.isascii() else text.translate(_PLAIN)


def plain(text: str) -> str:
    """As ``normalise``, but an em dash, which parts words where a hyphen joins them, becomes a bar."""
    return normalise(text.replace("—", "|"))


def lower(text: str) -> str:
    """Lower case, one character for one (``str.lower`` makes two of some, e.g. of a dotted capital I)."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(c if len(c.lower()) > 1 else c.lower() for c in text)


def fold(text: str) -> str:
    """Lower case without accents, for comparing; the length may change."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", normalise(text)).translate(_LETTERS)
    return "".join(c for c in apart if not unicodedata.combining(c)).lower()


_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss", "æ": "ae", "Æ": "AE"}
)
