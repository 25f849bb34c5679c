"""Writes a result to a file whole or not at all."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from summarize.errors import OutputError
from summarize.rendering.characters import one_line

TEMPORARY = ".summarize-*.tmp"
"""Names of files that are being written; a process that was killed leaves one behind."""


def write_atomically(path: Path, text: str) -> None:
    """Write UTF-8 text so that a reader of ``path`` finds the old file or the new one, never a part.

    Raises:
        OutputError: the file cannot be written; one line that names it and says why.
    """
    with open_atomically(path) as file:
        file.write(text.encode("utf-8"))


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """A file to write bytes to, which takes the name ``path`` when all of them are written.

    The bytes go to a new file in the same folder, are flushed to the disk, and take the name in one step;
    whatever fails, the new file is removed and the old one is as it was. Permissions of a file that is
    there are kept; a new one gets what the umask gives. A symbolic link stays a link. What is no regular
    file (``/dev/stdout``, a pipe) is written to directly: there is nothing to keep whole.

    Raises:
        OutputError: the file cannot be written; one line that names it and says why.
    """
    try:
        with _replacement(path) as file:
            yield file
    except OSError as error:
        raise OutputError(f"cannot write {one_line(str(path))}: {error.strerror or error}") from None
    except ValueError as error:  # a path with a null character
        raise OutputError(f"cannot write {one_line(str(path))}: {error}") from None


@contextmanager
def _replacement(path: Path) -> Iterator[BinaryIO]:
    if path.exists() and not path.is_file():
        with path.open("wb") as file:  # raises IsADirectoryError for a folder
            yield file
        return
    target = path.resolve()
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only")
    temporary = target.with_name(TEMPORARY.replace("*", secrets.token_hex(8)))
    try:
        with temporary.open("xb") as file:
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:  # an interrupt leaves no litter either
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Flush the new name to the disk, where the system can: the file itself is whole already."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
