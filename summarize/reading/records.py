"""Records to Articles: which keys are understood, how dates are read, what is too little to be an article."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from summarize.config import ReadingSettings
from summarize.documents import Article, zoned
from summarize.errors import ReadingError
from summarize.reading.boilerplate import find_asides, find_title

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("id", "article_id", "document_id", "doc_id", "guid"),
    "text": ("text", "body", "content", "article", "document"),
    "title": ("title", "headline"),
    "source": ("source", "outlet", "publisher", "site"),
    "url": ("url", "link"),
    "published": ("published", "date", "publish_date", "published_at", "pubdate"),
}
"""What a field of an article may be called in a record, the preferred name first; case does not matter.

Every other key, and every value that does not fit its field, is kept in ``Article.metadata``.
"""

_DATE_FORMATS = (
    *("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%b. %d, %Y", "%A, %B %d, %Y", "%A, %d %B %Y"),
    *("%d %B %Y %H:%M", "%B %d, %Y %H:%M", "%B %d, %Y %I:%M %p", "%b %d, %Y %I:%M %p"),
    *("%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y", "%d.%m.%Y %H:%M"),
)
"""Unambiguous common forms beside ISO 8601 and RFC 2822; ``03/04/2025`` is two dates, so it is none."""

# Scripts written without blanks: each character counts as a word, so that such an article is not "too short".
_WORD = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class UnreadableError(ReadingError):
    """One input, or one record of it, gives no article; caught by ``read_articles`` and listed as skipped."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a reader found: the fields of one article under the names the input uses.

    Attributes:
        number: its line or row number from 1 in an input of several records; None if it is the whole input.
        unit: what is counted, ``"line"`` or ``"row"``.
        part: name of the part of the input it stands in, e.g. a split of a data set.
    """

    fields: Mapping[str, Any]
    number: int | None = None
    unit: str = "record"
    part: str = ""

    @property
    def where(self) -> str:
        """Where in its input it stands, ``""`` if it is the whole of it."""
        return "" if self.number is None else f"{self.part} {self.unit} {self.number}".strip()

    def place(self, label: str) -> str:
        """Where it stands, given the path of its input; also its id if it states none."""
        path = f"{label}/{self.part}" if self.part else label
        return path if self.number is None else f"{path}#{self.number}"


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that cannot be read: where in the input (``"line 3"``), and why."""

    where: str
    reason: str


def to_article(record: Record, label: str, settings: ReadingSettings) -> Article:
    """Build the article a record holds.

    Args:
        label: path of the input, as given.

    Raises:
        UnreadableError: no text column, no text, or fewer than ``settings.min_words`` words of reporting.
    """
    rest = {str(key): _clean(value) for key, value in record.fields.items()}
    text = _take(rest, "text", _text)
    if text is None:
        raise UnreadableError(_why_no_text(rest))
    title = _take(rest, "title", _line)
    source = _take(rest, "source", _line)
    url = _take(rest, "url", _line)
    published = _take(rest, "published", parse_date)
    identity = _take(rest, "id", _line)
    asides = find_asides(text, title)
    reporting = _count_words(text) - sum(_count_words(text[a.start : a.end]) for a in asides)
    if reporting <= 0:
        raise UnreadableError("no text found" if not asides else "no text found beside headings, bylines and the like")
    if reporting < settings.min_words:
        raise UnreadableError(f"too short: {reporting} word{'s' if reporting > 1 else ''} of text")
    return Article(
        id=identity or record.place(label),
        text=text,
        title=title or find_title(text, asides),
        source=source,
        url=url,
        published=published,
        asides=asides,
        metadata={key: value for key, value in rest.items() if value is not None},
    )


def text_column(names: list[str]) -> str | None:
    """The name among ``names`` that holds the text, if any."""
    return next(_matching(names, "text"), None)


def wrong_columns(names: list[str]) -> str:
    """Why a record with these keys cannot be read: names found and expected."""
    expected, *others = COLUMNS["text"]
    found = ", ".join(repr(name) for name in names[:12]) + (", ..." if len(names) > 12 else "")
    return f"wrong columns: found {found or 'none'}; expected {expected!r} (or {', '.join(map(repr, others))})"


def parse_date(value: Any) -> datetime | None:
    """A point in time from a date, a date-time, a number of seconds or milliseconds since 1970, or a text.

    Times that state no zone are taken as UTC. None if it is no date or an ambiguous one.
    """
    parsed = _parse_date(value)
    return None if parsed is None else zoned(parsed)


def _parse_date(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return datetime.fromisoformat(value.isoformat()[:26]) if type(value) is not datetime else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        seconds = value / 1000 if abs(value) > 1e11 else value
        return datetime.fromtimestamp(seconds, UTC) if 1e8 < seconds < 1e11 else None
    if not isinstance(value, str) or not (text := " ".join(value.split())) or len(text) > 60:
        return None
    if not text.isdecimal():  # fromisoformat takes "20250318"; a bare number of seconds it must not take
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _matching(names: list[str], column: str) -> Any:
    by_lower = {name.strip().lower(): name for name in reversed(names)}
    return (by_lower[alias] for alias in COLUMNS[column] if alias in by_lower)


def _take(rest: dict[str, Any], column: str, convert: Any) -> Any:
    """Move the first value that fits ``column`` out of ``rest``."""
    for name in _matching(list(rest), column):
        value = convert(rest[name])
        if value is not None:
            del rest[name]
            return value
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _line(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return (" ".join(value.split()) or None) if isinstance(value, str) else None


def _clean(value: Any) -> Any:
    """Half a surrogate pair, which JSON can carry, is in no encoding: shown as U+FFFD, one for one."""
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value


def _why_no_text(fields: Mapping[str, Any]) -> str:
    name = text_column(list(fields))
    if name is None:
        return wrong_columns(list(fields))
    value = fields[name]
    if value is None or isinstance(value, str):
        return "no text found"
    return f"{name!r} holds {type(value).__name__}, not text"


def _count_words(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))
