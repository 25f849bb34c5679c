"""A folder that one run at a time writes to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from summarize.errors import OutputError


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Make a folder and hold it: a second run in it is refused while the first one goes on, or is killed.

    Raises:
        OutputError: another run works there, or the folder cannot be made.
    """
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    with lock:
        try:
            import fcntl
        except ImportError:  # no such locks on Windows
            yield
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OutputError(f"another run is writing to {folder}") from None
        yield


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Errors of the system on the way are told as one line that names the path."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None


@contextmanager
def kept(path: Path) -> Iterator[None]:
    """What is wrong with a file that an earlier step wrote, as one line: it cannot be read, or is not as written.

    Raises:
        OutputError: that.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, EOFError):
        raise OutputError(f"{path} is damaged; --fresh starts anew") from None
