"""What in an article is not reporting: bylines, headings, photo credits, sign-ups, stray remarks ...

Nothing is deleted: an aside is a stretch of the text that no sentence is taken from. Doubt is settled for the
text: what could be a sentence of the report stays one.

A text is looked at unit by unit. A unit is a line, or, in a text whose paragraphs are broken over several lines,
a block of lines; patterns below are matched against whole units, blanks around them and emphasis aside.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from summarize.documents import Aside
from summarize.reading.patterns import (
    CASED,
    CREDIT_TAIL,
    DATELINE,
    PATTERNS,
    PHRASES,
    STRONG_DATELINE,
    compiled,
)

KINDS = ("heading", "byline", "dateline", *PATTERNS)
"""Every kind of aside."""

LONGEST = 400
"""A unit of more characters than this is reporting, whatever it begins with."""


class Unit(NamedTuple):
    """A line or block of the text, blanks around it excluded.

    ``apart``: an empty line stands before it.
    """

    start: int
    end: int
    text: str
    apart: bool


def find_asides(text: str, title: str | None = None) -> tuple[Aside, ...]:
    """Find the stretches of ``text`` that are not reporting, in order, not overlapping.

    Args:
        title: the article's headline if known; repetitions of it are set aside.
    """
    units = _units(text)
    kinds = [_kind_by_words(unit.text) for unit in units]
    for index in _titles(units, kinds, title):
        kinds[index] = "heading"
    for index in _headings(units, kinds):
        kinds[index] = "heading"
    for index in _last_words(units, kinds):
        kinds[index] = "remark"
    asides: list[Aside] = []
    opening = 3  # a dateline stands before the first sentence, but a caption or a summary may come before it
    for unit, kind in zip(units, kinds, strict=True):
        if kind:
            asides.append(Aside(unit.start, unit.end, kind))
        else:
            asides.extend(_parts(unit, opening > 0))
            opening -= 1
    return tuple(asides)


def find_title(text: str, asides: tuple[Aside, ...]) -> str | None:
    """The headline that ``text`` opens with, or None."""
    end = 0
    for aside in asides:
        if text[end : aside.start].strip():
            return None
        if aside.kind == "heading":
            return " ".join(_bare(text[aside.start : aside.end]).split())
        end = aside.end
    return None


# --- units ---

_LINE = re.compile(r"[^\r\n\u2028\u2029]+")
_EMPTY_LINE = re.compile(r"(\r\n|[\r\n\u2028\u2029])\s*(\r\n|[\r\n\u2028\u2029])")


def _units(text: str) -> list[Unit]:
    lines: list[Unit] = []
    end = 0
    for match in _LINE.finditer(text):
        body = match[0].strip()
        if body:
            start = match.start() + match[0].index(body)
            apart = bool(_EMPTY_LINE.search(text, end, start))
            end = start + len(body)
            lines.append(Unit(start, end, body, apart))
    return _blocks(text, lines) if _is_wrapped(lines) else lines


def _is_wrapped(lines: list[Unit]) -> bool:
    """Whether paragraphs are broken over lines of about equal length, as in old mail and plain-text books."""
    inner = [line for line, after in pairwise(lines) if not after.apart]
    if len(inner) < 2 or max(len(line.text) for line in lines) > 120:
        return False
    full = sum(len(line.text) >= 45 for line in inner)
    closed = sum(_is_closed(line.text) for line in inner)
    return full > 0.6 * len(inner) and closed < 0.5 * len(inner)


def _blocks(text: str, lines: list[Unit]) -> list[Unit]:
    starts = [line for index, line in enumerate(lines) if line.apart or index == 0]
    ends = [line.end for line, after in pairwise(lines) if after.apart] + [lines[-1].end]
    return [Unit(line.start, end, text[line.start : end], line.apart) for line, end in zip(starts, ends, strict=True)]


# --- units that show by their words what they are ---

_EMPHASIS = re.compile(r"([*_>]+ ?|#{1,6} +)+")
_MARKED_HEADING = re.compile(r"#{1,6} +\S.{0,250}", re.DOTALL)


def _kind_by_words(text: str) -> str | None:
    if len(text) > LONGEST:
        return None
    if _MARKED_HEADING.fullmatch(text):
        return "heading"
    bare = _bare(text)
    lower = bare.lower()
    for kind, block in CASED.items():
        if compiled(block).fullmatch(bare):
            return kind
    for kind, block in PATTERNS.items():
        if compiled(block).fullmatch(lower):
            return kind
    for word, (kind, line) in PHRASES.items():
        if word in lower and compiled(line).search(lower):
            return kind
    return None


def _bare(text: str) -> str:
    """The words of a unit without Markdown's marks for headings, quotations and emphasis, if words are left."""
    marks = _EMPHASIS.match(text)
    return text[marks.end() if marks else 0 :].rstrip("*_ #") or text


# --- headings, told by their shape and place ---

_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "de",
        "for",
        "from",
        "in",
        "into",
        "is",
        "la",
        "le",
        "nor",
        "of",
        "off",
        "on",
        "onto",
        "or",
        "over",
        "per",
        "so",
        "than",
        "the",
        "to",
        "up",
        "via",
        "vs",
        "with",
        "after",
        "against",
        "amid",
        "before",
        "between",
        "during",
        "under",
        "about",
        "around",
        "without",
        "behind",
    ]
)
_CLOSED = re.compile(r"[.!?…:;。！？।؟۔][\"'”’»)\]*_]*$")
_QUESTION = re.compile(
    r"(Who|What|When|Where|Why|How|Which|Will|Can|Could|Is|Are|Does|Do|Did|Has|Should)\b[^.!?“”\"]*\?"
)
_LIST_ITEM = re.compile(r"[-–—+*•·‣▪●◦►] |\(?(\d{1,3}|[a-z])[.)] ")
_NUMBERED = re.compile(r"\d{1,2}[.)] (?=[A-Z])")
_QUOTING = re.compile(r"[“”\"]|: ")
_SAYING = re.compile(r"\b(said|says|told|added|asked|wrote|tweeted|replied|told)\b", re.IGNORECASE)


def _titles(units: list[Unit], kinds: list[str | None], title: str | None) -> list[int]:
    """The headline above the text, and repetitions of it, as long as other text is left."""
    known = _key(title or "")
    found = [i for i, unit in enumerate(units) if known and known == _key(unit.text[: LONGEST + 1])]
    top = next((i for i, kind in enumerate(kinds) if kind not in ("separator", "advertisement", "share")), None)
    if top is not None and kinds[top] is None and _looks_like_title(units[top].text):
        found.append(top)
    rest = any(kind is None and i not in found for i, kind in enumerate(kinds))
    return found if rest else []


def _looks_like_title(text: str) -> bool:
    text = _bare(text)
    words = text.split()
    if len(words) > 25 or len(text) > 200 or not _starts_big(text) or compiled(CREDIT_TAIL).search(text):
        return False
    if text.endswith(("?", "!")):
        return _mostly_capitals(words) or len(words) <= 8
    return not (_is_closed(text) or text.endswith(","))


def _headings(units: list[Unit], kinds: list[str | None]) -> list[int]:
    """Short lines between paragraphs that are no sentences."""
    between = [i for i, kind in enumerate(kinds) if kind is None][:-1]
    # Where nothing ends in a full stop, as in some scripts and transcripts, the lack of one tells nothing.
    if not any(_is_closed(unit.text) for unit in units):
        return []
    return [i for i in between if _looks_like_heading(units[i].text) and not _follows_on(units, kinds, i)]


def _looks_like_heading(text: str) -> bool:
    if _LIST_ITEM.match(text) and not _NUMBERED.match(text):
        return False
    text = _NUMBERED.sub("", _bare(text), count=1)
    words = text.split()
    if not 1 <= len(words) <= 14 or len(text) > 100 or not _starts_big(text):
        return False
    if _QUESTION.fullmatch(text):
        return len(words) <= 8
    if text.endswith(":"):
        return len(words) <= 6 and _mostly_capitals(words) and not _SAYING.search(text)
    if _is_closed(text) or text.endswith((",", "—", "–", "-")):
        return False
    if _QUOTING.search(text) or compiled(CREDIT_TAIL).search(text):
        return text.isupper()
    return len(words) <= 10 or _mostly_capitals(words)


def _last_words(units: list[Unit], kinds: list[str | None]) -> list[int]:
    """A few words without a full stop at the very end: a stray remark."""
    reporting = [i for i, kind in enumerate(kinds) if kind is None]
    if len(reporting) < 2 or not any(_is_closed(units[i].text) for i in reporting):
        return []
    last = reporting[-1]
    text = units[last].text
    stray = len(text.split()) < 6 and not _is_closed(text) and not _LIST_ITEM.match(text)
    return [last] if stray and not _follows_on(units, kinds, last) else []


def _follows_on(units: list[Unit], kinds: list[str | None], index: int) -> bool:
    """Whether a unit may be the rest of the sentence in the line before it."""
    if index == 0 or units[index].apart or kinds[index - 1] is not None:
        return False
    before = units[index - 1].text
    return len(before) >= 45 and not _is_closed(before)


def _is_closed(text: str) -> bool:
    """Whether a text ends as a sentence does; only its end is looked at."""
    return bool(_CLOSED.search(text[-12:]))


def _starts_big(text: str) -> bool:
    first = text.lstrip("“\"‘'¿¡[$€£")[:1]
    return first.isupper() or first.isdigit()


def _mostly_capitals(words: list[str]) -> bool:
    """Whether the words that a headline would capitalise are capitalised."""
    telling = [w for w in (word.strip("“”\"'‘’(),:;?!") for word in words) if w and w.lower() not in _SMALL]
    capitals = sum(w[0].isupper() or w[0].isdigit() for w in telling)
    return bool(telling) and capitals >= 0.8 * len(telling)


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


# --- parts of a unit ---


def _parts(unit: Unit, opening: bool) -> Iterator[Aside]:
    """A dateline before, and a credit after, the sentences of a unit."""
    start, end = unit.start, unit.end
    dateline = compiled(DATELINE).match(unit.text[:140])
    if dateline and (opening or compiled(STRONG_DATELINE).search(dateline[0])) and dateline.end() < len(unit.text):
        start += dateline.end()
        yield Aside(unit.start, start, "dateline")
    tail_start = max(start, end - 200)
    tail = unit.text[tail_start - unit.start :]
    if (tail.endswith((")", "]")) or ": " in tail) and (credit := compiled(CREDIT_TAIL).search(tail)):
        end = tail_start + credit.start()
        caption = unit.text[start - unit.start : end - unit.start].rstrip()
        # What stands before a credit without a full stop is a caption; a finished sentence is kept.
        whole = len(caption) <= 200 and not _is_closed(caption)
        yield Aside(start if whole else end, unit.end, "credit")
