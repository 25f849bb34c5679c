"""What a run leaves behind as it goes: one JSON line a result, appended, flushed and synced, so that a kill loses none.

While a run goes on the lines stand in the order of their making; a finished run puts them in the order of the items.
"""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from summarize.engines.folder import told
from summarize.errors import OutputError
from summarize.rendering import write_atomically

Line = Mapping[str, Any]

ITEMS = "items.jsonl"
"""Summaries, citations and scores: the same bytes for the same run, however it went."""

TIMINGS = "timings.jsonl"
"""Seconds and memory: never the same twice, and so kept apart."""


def dump(line: Line) -> str:
    """A line of JSON, its keys sorted; floats in full, so that reading gives the same numbers again."""
    return json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n"


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a file; a last line without its end was being written when its run was killed.

    Raises:
        OutputError: the file cannot be read, or a line in it is damaged.
    """
    try:
        data = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise OutputError(f"cannot read {path}: {error.strerror}") from None
    *whole, _torn = data.split(b"\n")
    lines = []
    for number, line in enumerate(whole, 1):
        try:
            lines.append(json.loads(line))
        except ValueError:
            raise OutputError(f"{path}, line {number} is damaged; --fresh starts anew") from None
    return lines


class Journal:
    """A file that lines are appended to; what a kill left of a last line is cut off first.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with told(path):
            self._file: BinaryIO = path.open("a+b")
            self._file.seek(0)
            self._file.truncate(self._file.read().rfind(b"\n") + 1)

    def append(self, line: Line) -> None:
        """Write a line to the disk before returning."""
        with told(self.path):
            self._file.write(dump(line).encode("utf-8", "surrogatepass"))
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def rewrite(path: Path, lines: Iterable[Line]) -> None:
    """Put the lines of a file in this order, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    write_atomically(path, "".join(dump(line) for line in lines))
