"""Files, archives and data sets to Articles, and what was skipped and why."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, overload

from summarize.config import ReadingSettings
from summarize.documents import Article, Skipped
from summarize.errors import DuplicateIdError, NothingReadableError
from summarize.reading.decoding import decompress
from summarize.reading.files import Input, find_inputs, read_bytes
from summarize.reading.formats import READERS, Reader, Source, tell_format
from summarize.reading.records import COLUMNS, Fault, UnreadableError, to_article

__all__ = ["COLUMNS", "READERS", "Reader", "Reading", "read_articles"]


_DEFAULTS = ReadingSettings()


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
        faults: dict[str, list[str]] = {}
        try:
            source = _open(entry, settings, stdin)
            # All of it before any of it: an input found damaged half-way gives nothing.
            for found in list(READERS[tell_format(source, entry.named)](source)):
                if isinstance(found, Fault):
                    faults.setdefault(found.reason, []).append(found.where)
                    continue
                try:
                    article = to_article(found, entry.label, settings)
                except UnreadableError as error:
                    faults.setdefault(str(error), []).append(found.where)
                    continue
                place = found.place(entry.label)
                if article.id in places:
                    raise DuplicateIdError(f"two articles have the id {article.id!r}: {places[article.id]} and {place}")
                places[article.id] = place
                articles.append(article)
        except UnreadableError as error:
            skipped.append(Skipped(entry.label, str(error)))
        skipped += [Skipped(entry.label, _reason(wheres, why)) for why, wheres in faults.items()]
    if not articles:
        raise NothingReadableError(_nothing(skipped))
    return Reading(tuple(articles), tuple(skipped))


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


def _nothing(skipped: list[Skipped]) -> str:
    if not skipped:
        return "nothing to read: no input was given"
    shown = "; ".join(f"{s.path}: {s.reason}" for s in skipped[:3])
    more = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
    return f"no article in {len(skipped)} input{'s' if len(skipped) > 1 else ''} ({shown}{more})"
