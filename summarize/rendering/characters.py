"""Makes characters harmless that act on a screen instead of showing on it.

Article text is data: an escape sequence in it must not colour, move or retitle a reader's terminal, and an
address in it becomes a link only if a browser can do no more with it than fetch a page.
"""

import re
import unicodedata
from urllib.parse import quote

_WEB_ADDRESS = re.compile(r"https?://[^\s/\\?#][^\s\\]*", re.IGNORECASE)
_OVERRIDES = (0x202D, 0x202E)  # they turn the reading order of what follows, whatever its script


def _replacement(code: int) -> str | None:
    """What stands for one character on a page; None where it may stay."""
    char = chr(code)
    if char in "\t\n\r":
        return None
    if unicodedata.category(char) == "Cc":
        return " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"
    if 0xD800 <= code <= 0xDFFF or code in _OVERRIDES:  # a lone surrogate cannot be encoded
        return "\N{REPLACEMENT CHARACTER}"
    return None


_HARMLESS = {
    code: replacement
    for code in (*range(0xA0), *_OVERRIDES, *range(0xD800, 0xE000))
    if (replacement := _replacement(code)) is not None
}


def visible(text: str) -> str:
    """The text with every control character replaced, one for one, so that offsets still hold.

    Tabs, line feeds and carriage returns stay; other control characters that are white space become blanks;
    the rest, the bidirectional overrides and lone surrogates become U+FFFD.
    """
    return text.translate(_HARMLESS)


def one_line(text: str) -> str:
    """The visible text with every run of white space folded to one blank."""
    return " ".join(visible(text).split())


def web_address(url: str | None) -> str | None:
    """The address in ASCII if it is an http or https one that is safe to link to, else None."""
    if url is None or visible(url) != url or not _WEB_ADDRESS.fullmatch(url):
        return None
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~")


def encodable(text: str, encoding: str) -> str:
    """The text with every character that ``encoding`` lacks written as a backslash escape."""
    if encoding.startswith("utf"):
        return text
    return text.encode(encoding, "backslashreplace").decode(encoding)
