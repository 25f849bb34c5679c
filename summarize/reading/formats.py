"""The readers, one a format, and how the format of an input is told."""

import csv
import io
import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from summarize.reading.decoding import decode
from summarize.reading.records import Fault, Record, UnreadableError, text_column, wrong_columns


@dataclass(frozen=True)
class Source:
    """What a reader is given.

    Attributes:
        name: the path as given; only its endings are looked at.
        data: the bytes, decompressed; empty for a saved data set.
        max_bytes: the most text that may be unpacked from it, in bytes.
        folder: where a saved data set is.
    """

    name: str
    data: bytes
    max_bytes: int
    folder: Path | None = None

    @cached_property
    def text(self) -> str:
        """The bytes decoded.

        Raises:
            UnreadableError: empty, or not text.
        """
        return decode(self.data)


class Reader(Protocol):
    """Takes an input apart into records; what is wrong with one record is a ``Fault`` in its place."""

    def __call__(self, source: Source) -> Iterator[Record | Fault]:
        """Raises ``UnreadableError`` if the whole input cannot be read."""


def read_txt(source: Source) -> Iterator[Record | Fault]:
    """The text as it stands."""
    yield Record({"text": source.text})


_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.{0,20000}?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def read_md(source: Source) -> Iterator[Record | Fault]:
    """Markdown as it stands, not rendered; YAML front matter becomes the other fields."""
    fields: Mapping[str, Any] = {}
    text = source.text
    if (match := _FRONT_MATTER.match(text)) and (fields := _yaml_mapping(match[1])):
        text = text[match.end() :]
    # The body goes by the preferred name, so that no key of the front matter can take its place.
    yield Record({**fields, "text": text})


def _yaml_mapping(text: str) -> Mapping[str, Any]:
    import yaml

    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}


def read_html(source: Source) -> Iterator[Record | Fault]:
    """The main text of a page, and the title, date, site and address it states."""
    import trafilatura

    for name in ("trafilatura", "htmldate", "courlan"):  # the core never prints, so neither may these
        logging.getLogger(name).addHandler(logging.NullHandler())
    try:
        page = trafilatura.bare_extraction(
            source.text,
            include_comments=False,
            with_metadata=True,
            # Only a stated date counts, not one found somewhere in the text; and the result must not depend
            # on the day of the run, which is the default for the latest date.
            date_extraction_params={
                "extensive_search": False,
                "original_date": True,
                "max_date": "2100-01-01",
            },
        )
    except Exception as error:  # a stranger's parser on a stranger's page: any fault is the page's
        raise UnreadableError(f"not readable as HTML: {type(error).__name__}: {error}") from None
    if not isinstance(page, trafilatura.settings.Document) or not page.text:
        raise UnreadableError("no text found in the page")
    yield Record(
        {
            "text": page.text,
            "title": page.title,
            "published": page.date,
            "source": page.sitename,
            "url": page.url,
            **({"author": page.author} if page.author else {}),
        }
    )


def read_json(source: Source) -> Iterator[Record | Fault]:
    """One record, a list of records, or ``{"articles": [records]}``."""
    try:
        value = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"broken JSON: {error}") from None
    if isinstance(value, dict) and isinstance(value.get("articles"), list) and not text_column(list(value)):
        value = value["articles"]
    if isinstance(value, dict):
        yield Record(value)
        return
    if not isinstance(value, list):
        raise UnreadableError(f"expected a record or a list of records, found {type(value).__name__}")
    for number, item in enumerate(value, 1):
        if isinstance(item, dict):
            yield Record(item, number)
        else:
            yield Fault(f"record {number}", f"expected a record, found {type(item).__name__}")


def read_jsonl(source: Source) -> Iterator[Record | Fault]:
    """One record a line."""
    for number, line in enumerate(source.text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            at = (
                f"{error.msg.removesuffix(' at')}: character {error.pos + 1}"
                if isinstance(error, json.JSONDecodeError)
                else error
            )
            yield Fault(f"line {number}", f"broken JSON: {at}")
            continue
        if isinstance(value, dict):
            yield Record(value, number, "line")
        else:
            yield Fault(f"line {number}", f"expected a record, found {type(value).__name__}")


_DELIMITERS = ",;\t|"


def read_csv(source: Source) -> Iterator[Record | Fault]:
    """One record a row, under a header; commas, semicolons, tabs or bars between the columns."""
    names = _header(source.text)
    if not text_column(names):
        raise UnreadableError(wrong_columns(names))
    limit = csv.field_size_limit(len(source.text) + 1)  # its default of 131,072 is less than a long article
    try:
        yield from _rows(source.text, len(names))
    finally:
        csv.field_size_limit(limit)


def _rows(text: str, width: int) -> Iterator[Record | Fault]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    number = 0
    try:
        names = next(rows)
        for row in rows:
            if not row:
                continue
            number += 1
            if len(row) > width:
                yield Fault(f"row {number}", f"{len(row)} fields under a header of {width}")
            else:
                yield Record({name: value or None for name, value in zip(names, row, strict=False)}, number, "row")
    except csv.Error as error:
        # strict: without it, one quotation mark left open would swallow the rest of the file in silence
        yield Fault(f"row {number + 1}", f"broken CSV, nothing is read from here on: {error}")


def _delimiter(text: str) -> str:
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _header(text: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except (csv.Error, StopIteration):
        return []


def read_parquet(source: Source) -> Iterator[Record | Fault]:
    """One record a row."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(pa.BufferReader(source.data))
        names = table.schema_arrow.names
        if not text_column(names):
            raise UnreadableError(wrong_columns(names))
        yield from _batches(table.iter_batches(batch_size=32), source.max_bytes)
    except (pa.ArrowException, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableError(f"bad parquet: {_one_line(error)}") from None


def read_dataset(source: Source) -> Iterator[Record | Fault]:
    """One record a row of a folder saved by ``datasets``, of every split."""
    import datasets

    try:
        loaded = datasets.load_from_disk(str(source.folder), keep_in_memory=False)
    except Exception as error:  # whatever is wrong with the folder, `datasets` raises it in many kinds
        raise UnreadableError(f"not readable as a saved data set: {_one_line(error)}") from None
    splits = loaded if isinstance(loaded, datasets.DatasetDict) else {"": loaded}
    for part, split in sorted(splits.items()):
        if not text_column(split.column_names):
            raise UnreadableError(wrong_columns(split.column_names))
        # Rows as Arrow has them: decoding images or sound would open files the data set points to.
        rows = split.with_format("arrow").iter(batch_size=32)
        yield from _batches(rows, source.max_bytes, part)


def _batches(batches: Any, max_bytes: int, part: str = "") -> Iterator[Record]:
    number = size = 0
    for batch in batches:
        size += batch.nbytes
        if size > max_bytes:
            raise UnreadableError(f"too large: more than {max_bytes:,} bytes when unpacked (reading.max_bytes)")
        for row in batch.to_pylist():
            number += 1
            yield Record(row, number, "row", part)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


READERS: dict[str, Reader] = {
    "txt": read_txt,
    "md": read_md,
    "html": read_html,
    "json": read_json,
    "jsonl": read_jsonl,
    "csv": read_csv,
    "parquet": read_parquet,
    "datasets": read_dataset,
}

EXTENSIONS: dict[str, str] = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}

_PACKED = re.compile(r"\.(gz|xz|zst|bz2)$", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[a-z][a-z0-9]{0,9}$")
_PAGE = re.compile(
    r"\s*(<\?xml[^>]{0,200}\?>\s*)?(<!--.{0,2000}?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S
)
_MARKUP = re.compile(r"\s*<(article|div|p|section|main|header|h1|meta|title)\b", re.I)
_CLOSING = re.compile(r"</(article|div|p|section|main|header|h1|title|a|span)>", re.I)
_TAG = re.compile(r"<[a-z!/]", re.I)


def tell_format(source: Source, named: bool) -> str:
    """The name in ``READERS`` for an input: by its ending, unless its content says otherwise.

    Args:
        named: the input stood among the arguments, so that an unknown ending is read as text.

    Raises:
        UnreadableError: empty, binary, or of a kind that no reader is for.
    """
    if source.folder is not None:
        return "datasets"
    if source.data.startswith(b"PAR1"):
        return "parquet"
    text = source.text
    match = _EXTENSION.search(_PACKED.sub("", source.name.lower()))
    stated = EXTENSIONS.get(match[0]) if match else "txt"
    if stated == "parquet":
        raise UnreadableError("bad parquet: it does not begin as one")
    content = _by_content(text, stated)
    if content is None and text.lstrip().startswith("<?xml"):
        raise UnreadableError(f"no reader for XML; known: {', '.join(READERS)}")
    if content or stated:
        return content or stated or "txt"
    if not named and match:
        raise UnreadableError(f"no reader for {match[0]!r} files; name it on the command line to read it as text")
    return "txt"


def _by_content(text: str, stated: str | None) -> str | None:
    """The format the content leaves no doubt about, if any."""
    if _PAGE.match(text):
        return "html"
    if stated == "html":
        return None if _TAG.search(text) else "txt"
    if stated != "md" and _MARKUP.match(text) and len(_CLOSING.findall(text)) >= 3:
        return "html"
    if text.lstrip()[:1] in ("{", "["):
        return _which_json(text, stated)
    if stated in (None, "txt") and len(names := _header(text[:2000])) > 1 and text_column(names):
        return "csv"
    return None


def _which_json(text: str, stated: str | None) -> str | None:
    first, _, others = text.strip().partition("\n")
    record = _loads(first)
    if isinstance(record, dict) and (others.strip() or stated == "jsonl"):
        kind: str | None = "jsonl"
    elif isinstance(record := _loads(text), list | dict):
        kind = "json"
    else:
        kind = None
    if stated in ("json", "jsonl") or kind is None:
        return kind
    # Under another name, only what holds an article is taken for JSON: a text may be "{}" or "[1]".
    sample = record[0] if isinstance(record, list) and record else record
    holds = isinstance(sample, dict) and (text_column(list(sample)) or "articles" in sample)
    return kind if holds else None


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
