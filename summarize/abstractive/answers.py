"""What a chat model wrote, read as sentences with the claims they name, however badly it kept to the form.

Models put thoughts before their answer and fences around it, leave out braces, or stop in the middle; some write plain
text with marks such as [2]. Whatever is whole is read, and what is not is left.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from summarize.abstractive.hostile import plain
from summarize.text import content_words, split

MOST = 300
"""Sentences read of an answer."""

TRIES = 2000
"""Braces at which an object may begin that are looked at."""

LONGEST = 100
"""Words of a sentence; nobody wants to read a longer one."""

SHORTEST = 2
"""Content words of a sentence that says something."""

_THOUGHTS = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHTS_END = re.compile(r"\A.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_NUMBERED = r"[\[(【]\s*(?:claims?|sources?)?\s*\d{1,3}(?:\s*[,;&]\s*\d{1,3})*\s*[\])】]"
_MARK = re.compile(rf"\s*({_NUMBERED})(?=\s*[.!?]?\s*$)", re.IGNORECASE)
_MARKS_BEHIND = re.compile(rf"([.!?][\"'”’]?)((?:\s*{_NUMBERED})+)", re.IGNORECASE)
_BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")
_EMPHASIS = re.compile(r"\*\*|__|`|^#+\s*")
_ADDRESS = re.compile(r"https?:|www\.|\]\(|\S@\S|\w\.[a-z]{2,}/\w", re.IGNORECASE)
_END = re.compile(r"[.!?…][\"'”’)]*$")


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence as a model wrote it.

    Attributes:
        id: its number, as the model gave it or as it was counted.
        text: the sentence, on one line, without marks.
        claims: the numbers of claims it names, each once, in its order, whether there are such claims or not.
    """

    id: int
    text: str
    claims: tuple[int, ...]


def read_answer(text: str) -> tuple[Told, ...]:
    """The sentences of an answer; none where there is nothing that could be one."""
    text = _THOUGHTS_END.sub("", _THOUGHTS.sub("", text))
    records = [record for value in _objects(text) for record in _records(value)]
    found = [told for record in records for told in _of_record(record)] if records else list(_of_text(text))
    return tuple(islice((t for t in _numbered(found) if _says_something(t.text)), MOST))


def _objects(text: str) -> Iterator[Any]:
    """Every outermost JSON object that is whole."""
    decoder, at = json.JSONDecoder(), 0
    for brace in islice(re.finditer(r"\{", text), TRIES):
        if brace.start() < at:
            continue
        try:
            value, at = decoder.raw_decode(text, brace.start())
        except (ValueError, RecursionError):
            continue
        yield value


def _records(value: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(value, dict):
        return
    if isinstance(value.get("text"), str):
        yield value
    for held in value.values():
        if isinstance(held, list):
            yield from (r for r in held if isinstance(r, dict) and isinstance(r.get("text"), str))


def _of_record(record: dict[str, Any]) -> Iterator[Told]:
    whole = _with_marks_inside(record["text"])
    claims = _numbers(record.get("claims"))
    number = _number(record.get("id")) or 0
    for start, end in split(whole):
        sentence, marks = _without_marks(whole[start:end])
        yield Told(
            number, sentence if _END.search(sentence) else sentence + ".", tuple(dict.fromkeys((*claims, *marks)))
        )


def _of_text(text: str) -> Iterator[Told]:
    """Plain text; a sentence without an end is where the model was cut off, or a heading."""
    for line in text.splitlines():
        whole = _BULLET.sub("", _with_marks_inside(line))
        for start, end in split(whole):
            sentence, marks = _without_marks(whole[start:end])
            if _END.search(sentence):
                yield Told(0, sentence, marks)


def _with_marks_inside(text: str) -> str:
    """The text on one line, with marks that stand behind a sentence before its end, so that they are not parted."""
    return _MARKS_BEHIND.sub(r"\2\1", plain(text))


def _without_marks(sentence: str) -> tuple[str, tuple[int, ...]]:
    """A sentence without emphasis and without the marks at its end, and the numbers that stand in these."""
    sentence, numbers = _EMPHASIS.sub("", sentence).strip(), []
    while mark := _MARK.search(sentence):
        numbers += [int(n) for n in re.findall(r"\d+", mark[1])]
        sentence = sentence[: mark.start()] + sentence[mark.end() :].strip()
    return sentence, tuple(dict.fromkeys(numbers))


def _numbers(value: Any) -> tuple[int, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(n for v in values if (n := _number(v)) is not None))


def _number(value: Any) -> int | None:
    """A number, or the first one in a text such as "claim 3"."""
    if isinstance(value, str):
        digits = re.search(r"\d{1,6}", value)
        return int(digits[0]) if digits else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _numbered(found: Sequence[Told]) -> Iterator[Told]:
    """Every sentence once; those without a number of their own are counted."""
    seen: set[str] = set()
    for place, told in enumerate(found, 1):
        if told.text not in seen:
            seen.add(told.text)
            yield told if told.id > 0 else Told(place, told.text, told.claims)


def _says_something(text: str) -> bool:
    """Whether a text can be a sentence of a summary; one that leads the reader elsewhere cannot."""
    return not _ADDRESS.search(text) and len(text.split()) <= LONGEST and len(set(content_words(text))) >= SHORTEST
