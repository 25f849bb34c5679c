"""Files, archives and data sets to Articles, and what was skipped and why."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, overload

from summarize.config import ReadingSettings
from summarize.documents import Article, Skipped
from summarize.errors import DuplicateIdError, NothingReadableError
from summarize.reading.decoding import decompress
from summarize.reading.files import Input, find_inputs, read_bytes
from summarize.reading.formats import READERS, Reader, Source, tell_format
from summarize.reading.records import COLUMNS, Fault, UnreadableError, to_article
from summarize.reading.stored import dump_article, load_article

__all__ = [
    "COLUMNS",
    "READERS",
    "Fault",
    "Found",
    "Input",
    "Reader",
    "Reading",
    "UnreadableError",
    "dump_article",
    "faults_of",
    "find_inputs",
    "load_article",
    "nothing_read",
    "read_articles",
    "read_input",
]


_DEFAULTS = ReadingSettings()


@dataclass(frozen=True, slots=True)
class Found:
    """An article, and where it stands: the path of its input, with its number where that holds several."""

    place: str
    article: Article


@dataclass(frozen=True)
class Reading(Sequence[Article]):
    """The articles that were read, as a sequence, and the inputs that gave none."""

    articles: tuple[Article, ...]
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(self.articles)

    @overload
    def __getitem__(self, index: int) -> Article: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Article, ...]: ...
    def __getitem__(self, index: int | slice) -> Article | tuple[Article, ...]:
        return self.articles[index]


def read_articles(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    settings: ReadingSettings = _DEFAULTS,
    stdin: BinaryIO | None = None,
) -> Reading:
    """Read articles from files, folders, saved data sets, or standard input.

    Args:
        paths: one path or several; ``"-"`` is standard input. Folders are walked through, in order.
        settings: the largest input, the shortest article.
        stdin: read for ``"-"`` in place of the process's standard input.

    Returns:
        The articles in the order of their inputs' paths, whatever the order of the arguments. An article's id
        is its record's own, or the path as given, with ``#`` and the line or row where an input holds several.

    Raises:
        NothingReadableError: no input gives an article.
        DuplicateIdError: two articles carry one id; the message names both places.
    """
    if isinstance(paths, str | os.PathLike):
        paths = [paths]
    articles: list[Article] = []
    skipped: list[Skipped] = []
    places: dict[str, str] = {}
    for entry in find_inputs(paths):
        if isinstance(entry, Skipped):
            skipped.append(entry)
            continue
        try:
            # All of it before any of it: an input found damaged half-way gives nothing.
            found = list(read_input(entry, settings, stdin))
        except UnreadableError as error:
            skipped.append(Skipped(entry.label, str(error)))
            continue
        for one in found:
            if isinstance(one, Fault):
                continue
            if one.article.id in places:
                raise DuplicateIdError(
                    f"two articles have the id {one.article.id!r}: {places[one.article.id]} and {one.place}"
                )
            places[one.article.id] = one.place
            articles.append(one.article)
        skipped += faults_of(entry, (f for f in found if isinstance(f, Fault)))
    if not articles:
        raise NothingReadableError(nothing_read(skipped))
    return Reading(tuple(articles), tuple(skipped))


def read_input(entry: Input, settings: ReadingSettings, stdin: BinaryIO | None = None) -> Iterator[Found | Fault]:
    """What one input holds, in its order: articles, and records that give none.

    Raises:
        UnreadableError: it cannot be read, or is damaged half-way; what it gave before does not count then.
    """
    source = _open(entry, settings, stdin)
    for record in READERS[tell_format(source, entry.named)](source):
        if isinstance(record, Fault):
            yield record
            continue
        try:
            article = to_article(record, entry.label, settings)
        except UnreadableError as error:
            yield Fault(record.where, str(error))
        else:
            yield Found(record.place(entry.label), article)


def faults_of(entry: Input, faults: Iterable[Fault]) -> list[Skipped]:
    """The faults of an input as what is told of them: one line a reason."""
    wheres: dict[str, list[str]] = {}
    for fault in faults:
        wheres.setdefault(fault.reason, []).append(fault.where)
    return [Skipped(entry.label, _reason(places, why)) for why, places in wheres.items()]


def _open(entry: Input, settings: ReadingSettings, stdin: BinaryIO | None) -> Source:
    if entry.is_dataset:
        return Source(entry.label, b"", settings.max_bytes, folder=entry.path)
    data = decompress(read_bytes(entry, settings.max_bytes, stdin), settings.max_bytes)
    return Source(entry.label, data, settings.max_bytes)


def _reason(wheres: list[str], why: str) -> str:
    """One line for all records of an input that are skipped for one reason."""
    named = [where for where in wheres[:3] if where]
    if not named:
        return why
    more = f" and {len(wheres) - 3} more" if len(wheres) > 3 else ""
    return f"{', '.join(named)}{more}: {why}"


def nothing_read(skipped: Sequence[Skipped]) -> str:
    """What is told where no input gives an article."""
    if not skipped:
        return "nothing to read: no input was given"
    shown = "; ".join(f"{s.path}: {s.reason}" for s in skipped[:3])
    more = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
    return f"no article in {len(skipped)} input{'s' if len(skipped) > 1 else ''} ({shown}{more})"
