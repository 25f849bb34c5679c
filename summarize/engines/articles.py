"""Inputs to articles on the disk: read in parts, each kept whole or not at all, and found again by their place.

A part is a file with one line an article, its place and the article as JSON with a tab between, and one line
``["path", "reason"]`` for each thing that gave none, in the order of the inputs. Nothing larger than one article is
held in memory, but for an input's own bytes (``reading.max_bytes``).
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from summarize.config import ReadingSettings
from summarize.documents import Article, Skipped
from summarize.engines.folder import kept
from summarize.engines.local import describe
from summarize.reading import (
    Fault,
    Input,
    UnreadableError,
    dump_article,
    faults_of,
    find_inputs,
    load_article,
    read_input,
)
from summarize.rendering import open_atomically

PART_INPUTS = 256
"""Most inputs that are read as one task."""
PART_BYTES = 16_000_000
"""Bytes of inputs after which a part is full."""

LOST = "reading it ended the process"


@dataclass(frozen=True)
class Inputs:
    """What a batch reads.

    Attributes:
        entries: in order, with their sizes in bytes.
        skipped: what gave no input.
        sha256: fingerprint of all names and contents.
    """

    entries: tuple[tuple[Input, int], ...]
    skipped: tuple[Skipped, ...]
    sha256: str

    @property
    def bytes(self) -> int:
        """Size of all inputs together."""
        return sum(size for _, size in self.entries)


@dataclass(frozen=True)
class Part:
    """Inputs that are read as one task, and the name of the file they are read to."""

    name: str
    inputs: tuple[Input, ...]

    def split(self) -> tuple["Part", ...]:
        """One part an input; a part of one input is its own."""
        if len(self.inputs) == 1:
            return (self,)
        return tuple(Part(f"{self.name}-{n:03d}", (entry,)) for n, entry in enumerate(self.inputs))


@dataclass(frozen=True, slots=True)
class Stored:
    """Where on the disk an article is: a file, and the offset and length of its line in bytes."""

    file: str
    start: int
    size: int


def take_inputs(given: Sequence[str], output: Path, settings: ReadingSettings, stdin: Path) -> Inputs:
    """What the paths lead to, the output folder left out, with a fingerprint of every byte of it.

    A file that is too large to be read is known by its size alone.

    Args:
        given: the paths.
        output: the folder that the batch writes to.
        settings: the largest input.
        stdin: a file that holds what came by standard input, for ``"-"``.
    """
    inside = os.path.realpath(output)
    digest = hashlib.sha256()
    entries: list[tuple[Input, int]] = []
    skipped = [
        Skipped(str(output), "the folder that the batch writes to")
        for path in given
        if path and Path(path).is_dir() and _holds(os.path.realpath(path), inside)
    ][:1]
    for entry in find_inputs(given):
        if isinstance(entry, Skipped):
            if "\0" in entry.path or not _holds(inside, os.path.realpath(entry.path)):
                skipped.append(entry)
                digest.update(json.dumps([entry.path, entry.reason]).encode() + b"\n")
        elif entry.path is None or not _holds(inside, os.path.realpath(entry.path)):
            path = (entry.path or stdin).absolute()  # workers may run in another folder
            size, content = _content(path, entry.is_dataset, settings.max_bytes)
            entries.append((replace(entry, path=path), size))
            digest.update(json.dumps([entry.label, content]).encode() + b"\n")
    return Inputs(tuple(entries), tuple(skipped), digest.hexdigest())


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _content(where: Path, is_folder: bool, max_bytes: int) -> tuple[int, str]:
    """Size of an input in bytes and the fingerprint of its content."""
    files = sorted(p for p in where.rglob("*") if p.is_file()) if is_folder else [where]
    digest = hashlib.sha256()
    total = 0
    for path in files:
        try:
            size = path.stat().st_size
            total += size
            digest.update(f"{path.name} {size} ".encode("utf-8", "surrogateescape"))
            if is_folder or size <= max_bytes:
                with path.open("rb") as file:
                    while block := file.read(1 << 20):
                        digest.update(block)
        except OSError as error:
            digest.update(str(error.strerror).encode())
    return total, digest.hexdigest()


def parts_of(entries: Sequence[tuple[Input, int]]) -> list[Part]:
    """The inputs in parts of bounded size, always the same for the same inputs."""
    parts: list[list[Input]] = []
    left = 0
    for entry, size in entries:
        if not parts or left <= 0 or len(parts[-1]) == PART_INPUTS:
            parts.append([])
            left = PART_BYTES
        parts[-1].append(entry)
        left -= size
    return [Part(f"{n:06d}", tuple(part)) for n, part in enumerate(parts)]


def unread(folder: Path, parts: Iterable[Part]) -> list[Part]:
    """The parts that no file holds yet, those split earlier in their smallest pieces."""
    left: list[Part] = []
    for part in parts:
        if _file(folder, part).exists():
            continue
        pieces = part.split()
        missing = [piece for piece in pieces if not _file(folder, piece).exists()]
        left += [part] if len(missing) == len(pieces) else missing
    return left


def reader(folder: Path, settings: ReadingSettings) -> Callable[[Part], int]:
    """A function that reads a part to its file and returns how many articles it holds."""
    return partial(_read, folder, settings)


def _read(folder: Path, settings: ReadingSettings, part: Part) -> int:
    articles = 0
    with open_atomically(_file(folder, part)) as file:
        for entry in part.inputs:
            start = file.tell()
            faults: list[Fault] = []
            found = 0
            try:
                for one in read_input(entry, settings):
                    if isinstance(one, Fault):
                        faults.append(one)
                    else:
                        file.write(f"{json.dumps(one.place)}\t{dump_article(one.article)}\n".encode())
                        found += 1
                skipped = faults_of(entry, faults)
            except Exception as error:  # whatever is wrong with one input is told of that input
                file.seek(start)
                file.truncate()
                found = 0
                why = str(error) if isinstance(error, UnreadableError) else describe(error)
                skipped = [Skipped(entry.label, why)]
            articles += found
            file.writelines(_skipped_line(s) for s in skipped)
    return articles


def give_up(folder: Path, part: Part) -> None:
    """Note of a part that nothing can be read from without an end of the process."""
    with open_atomically(_file(folder, part)) as file:
        file.writelines(_skipped_line(Skipped(entry.label, LOST)) for entry in part.inputs)


def stored_articles(folder: Path, parts: Iterable[Part]) -> Iterator[tuple[Stored, Article] | Skipped]:
    """What the parts hold, in the order of the inputs; of articles with one id only the first.

    Raises:
        OutputError: a file is gone, or damaged.
    """
    places: dict[str, str] = {}
    for part in parts:
        for file in _files(folder, part):
            start = 0
            with kept(file), file.open("rb") as lines:
                for line in lines:
                    head, _, tail = line.partition(b"\t")
                    if not tail:
                        yield Skipped(*json.loads(head))
                    elif (article := load_article(tail)).id in places:
                        why = f"its id {article.id!r} is that of {places[article.id]}"
                        yield Skipped(json.loads(head), why)
                    else:
                        places[article.id] = json.loads(head)
                        yield Stored(file.name, start + len(line) - len(tail), len(tail)), article
                    start += len(line)


def load(folder: Path, stored: Stored) -> Article:
    """The article at a place.

    Raises:
        OutputError: the file is gone, or damaged.
    """
    path = folder / stored.file
    with kept(path), path.open("rb") as file:
        file.seek(stored.start)
        return load_article(file.read(stored.size))


def _file(folder: Path, part: Part) -> Path:
    return folder / f"{part.name}.jsonl"


def _files(folder: Path, part: Part) -> list[Path]:
    whole = _file(folder, part)
    return [whole] if whole.exists() else [_file(folder, piece) for piece in part.split()]


def _skipped_line(skipped: Skipped) -> bytes:
    return json.dumps([skipped.path, skipped.reason]).encode() + b"\n"
