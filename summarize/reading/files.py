"""Path arguments to inputs: folders walked in order, each file once, everything passed over listed."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from summarize.documents import Skipped
from summarize.reading.records import UnreadableError

STDIN = "-"

_NOT_ARTICLES = re.compile(
    r"(README|LICEN[CS]E|CHANGELOG|COPYING).*|(readme|licen[cs]e|changelog|copying)(\.[a-z]+)?", re.DOTALL
)
_DATASET_MARKS = ("dataset_dict.json", "state.json")


@dataclass(frozen=True, slots=True)
class Input:
    """One file, saved data set, or standard input.

    Attributes:
        label: the path as given (posix style), which becomes the article's id.
        path: where it is; None for standard input.
        named: stood among the arguments itself, rather than being found in a folder.
        is_dataset: a folder saved by ``datasets``.
    """

    label: str
    path: Path | None
    named: bool
    is_dataset: bool = False


def find_inputs(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Input | Skipped]:
    """What the arguments lead to, sorted by label, each real file once.

    Folders are walked through, hidden files and folders aside; symbolic links are followed, loops survived.
    """
    found = sorted((entry for path in paths for entry in _expand(os.fspath(path))), key=_order)
    first: dict[str, str] = {}
    passed_over: list[tuple[str, str]] = []
    for entry in found:
        if isinstance(entry, Skipped):
            yield entry
            continue
        real = STDIN if entry.path is None else os.path.realpath(entry.path)
        if real in first:
            yield Skipped(entry.label, f"already read as {first[real]}")
        elif not entry.named and entry.path is not None and _NOT_ARTICLES.fullmatch(entry.path.name):
            passed_over.append((entry.label, real))
        else:
            first[real] = entry.label
            yield entry
    for label, real in passed_over:
        if real not in first:
            yield Skipped(label, "not an article by its name; name it on the command line to read it")


def read_bytes(source: Input, max_bytes: int, stdin: BinaryIO | None) -> bytes:
    """The content of a file or of standard input.

    Raises:
        UnreadableError: it cannot be opened, or holds more than ``max_bytes``.
    """
    try:
        if source.path is None:
            data = (stdin or sys.stdin.buffer).read(max_bytes + 1)
        else:
            if source.path.stat().st_size > max_bytes:
                raise UnreadableError(_too_large(max_bytes))
            with source.path.open("rb") as file:
                data = file.read(max_bytes + 1)
    except OSError as error:
        raise UnreadableError(f"unreadable: {error.strerror or error}") from None
    if len(data) > max_bytes:
        raise UnreadableError(_too_large(max_bytes))
    return data


def _too_large(max_bytes: int) -> str:
    return f"too large: more than {max_bytes:,} bytes (reading.max_bytes)"


def _order(entry: Input | Skipped) -> tuple[str, bool]:
    # An argument goes before the same path found in a folder, so that naming a README reads it.
    return (entry.path, False) if isinstance(entry, Skipped) else (entry.label, not entry.named)


def _label(path: str | Path) -> str:
    return os.fsencode(Path(path).as_posix()).decode("utf-8", "backslashreplace")


def _expand(argument: str) -> Iterator[Input | Skipped]:
    if argument == STDIN:
        yield Input(STDIN, None, named=True)
        return
    if not argument:  # an unset variable of a shell; as a path it would be the working directory
        yield Skipped("", "no path")
        return
    path = Path(argument)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        yield Skipped(_label(path), "no such file")
    except (OSError, ValueError) as error:
        yield Skipped(_label(path), f"unreadable: {getattr(error, 'strerror', None) or error}")
    else:
        if not stat.S_ISDIR(mode):
            yield Input(_label(path), path, named=True)
        elif any((path / mark).is_file() for mark in _DATASET_MARKS):
            yield Input(_label(path), path, named=True, is_dataset=True)
        else:
            yield from _walk(path)


def _walk(top: Path) -> Iterator[Input | Skipped]:
    seen: dict[str, str] = {}
    faults: list[Skipped] = []

    def unreadable(error: OSError) -> None:
        faults.append(Skipped(_label(error.filename), f"unreadable: {error.strerror}"))

    top_real = os.path.realpath(top)
    empty = True
    for folder, subfolders, files in os.walk(top, followlinks=True, onerror=unreadable):
        here = Path(folder)
        real = os.path.realpath(here)
        if real in seen or top_real.startswith(real + os.sep):
            subfolders.clear()
            why = f"already read as {seen[real]}" if real in seen else "a link back to a folder it stands in"
            yield Skipped(_label(here), why)
            empty = False
            continue
        seen[real] = _label(here)
        if here != top and any(mark in files for mark in _DATASET_MARKS):
            subfolders.clear()
            yield Input(_label(here), here, named=False, is_dataset=True)
            empty = False
            continue
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith("."):
                continue
            empty = False
            path = here / name
            try:
                regular = stat.S_ISREG(path.stat().st_mode)
            except OSError as error:
                yield Skipped(_label(path), f"unreadable: {error.strerror}")
            else:
                # A pipe in a folder would make the reader wait for ever.
                yield (
                    Input(_label(path), path, named=False) if regular else Skipped(_label(path), "not a regular file")
                )
    yield from faults
    if empty and not faults:
        yield Skipped(_label(top), "no files in this folder")
