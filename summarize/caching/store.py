"""The file of a cache: values by key in SQLite, checked when read, the least recently used dropped first.

A value is one row with a SHA-256 over its key and itself, so that a damaged one is known and dropped. A file that is
no cache of ours, or one that SQLite calls damaged, is set aside, and a new one begun.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from logging import getLogger
from pathlib import Path
from typing import Literal, Self, TypeVar

from summarize.config import CacheSettings

T = TypeVar("T")

NAME = "results.sqlite"
ASIDE = "results.damaged"
"""What a file that was no cache is renamed to."""

PATIENCE = 5.0
"""Seconds to wait for another process that is writing; each holds the file for milliseconds."""

MEGABYTE = 1_000_000

SCHEMA = (
    "CREATE TABLE result (key BLOB PRIMARY KEY, kind TEXT NOT NULL, used INTEGER NOT NULL, digest BLOB NOT NULL,"
    " value BLOB NOT NULL)",
    "CREATE INDEX result_used ON result (used)",
)
"""A file with any other is set aside."""

AT_ONCE = 16
"""Values that are dropped together where room is needed."""

DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH})
"""What SQLite says where the fault is the file's: our own statements are right."""

Kind = Literal["summary", "stories", "files"]
"""What a value is: a summary, the stories of some articles, or the digest of files that need not be read again."""


@dataclass(frozen=True)
class Contents:
    """What a cache holds: summaries, and bytes of its file."""

    summaries: int = 0
    bytes: int = 0


class DamagedError(Exception):
    """The file is no cache of ours, or is damaged."""


class Store:
    """An open cache; a context manager that closes the file.

    Args:
        path: the file; made where there is none.
        limit: bytes it may take.

    Raises:
        DamagedError: it is no cache of ours, or is damaged; so do all methods.
        sqlite3.Error, OSError: it cannot be read or written now; so do all methods.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self.path = path
        self._limit = limit
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and not _can_be_ours(path):
            raise DamagedError("it is no file that SQLite writes to")
        # Transactions are begun and ended here, by hand. A generator may be taken on by another thread.
        self._db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            with _told():
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _prepare(self) -> None:
        run = self._db.execute
        run("PRAGMA trusted_schema = OFF")
        run("PRAGMA synchronous = NORMAL")
        if not _schema(self._db):
            with _alone(self.path.parent):
                if not _schema(self._db):  # another process may have been first
                    run("PRAGMA auto_vacuum = FULL")  # what is dropped makes the file smaller
                    run("PRAGMA journal_mode = WAL")
                    with self._writing():
                        for statement in SCHEMA:
                            run(statement)
        if _schema(self._db) != SCHEMA:
            raise DamagedError("it is no cache of this program")

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, now the most recently used; a damaged one is dropped, and is none."""
        with _told():
            query = "SELECT CAST(digest AS BLOB), CAST(value AS BLOB) FROM result WHERE key = ?"
            row = self._db.execute(query, (key,)).fetchone()
            if row is None:
                return None
            digest, value = row
            if not isinstance(value, bytes) or digest != _digest(key, value):
                self.drop(key)
                return None
            self._db.execute("UPDATE result SET used = ? WHERE key = ?", (time.time_ns(), key))
            return value

    def put(self, key: bytes, kind: Kind, value: bytes) -> None:
        """Keep a value, and drop the least recently used ones until all fit; one that never fits is not kept."""
        if len(value) > self._limit:
            return
        with _told(), self._writing():
            row = (key, kind, time.time_ns(), _digest(key, value), value)
            self._db.execute("INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?)", row)
            while self._size() > self._limit:
                oldest = "SELECT rowid FROM result ORDER BY used LIMIT ?"
                if not self._db.execute(f"DELETE FROM result WHERE rowid IN ({oldest})", (AT_ONCE,)).rowcount:
                    break

    def drop(self, key: bytes) -> None:
        """Forget a value."""
        with _told():
            self._db.execute("DELETE FROM result WHERE key = ?", (key,))

    def contents(self) -> Contents:
        """What there is."""
        with _told():
            return Contents(self._number("SELECT count(*) FROM result WHERE kind = 'summary'"), self._size())

    def clear(self) -> None:
        """Forget everything."""
        with _told():
            self._db.execute("DELETE FROM result")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def _size(self) -> int:
        pages = self._number("PRAGMA page_count") - self._number("PRAGMA freelist_count")
        return pages * self._number("PRAGMA page_size")

    def _number(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):  # SQLite itself has rolled back after some faults
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


class Cache:
    """A cache as its users want it: it never fails, but forgets; a context manager that closes the file.

    What keeps it from working (a folder that is read-only, a full disk, a file that another program holds) is told once
    a process, as a warning in the log.

    Args:
        settings: with a folder.
    """

    def __init__(self, settings: CacheSettings) -> None:
        self._settings = settings
        self._store: Store | None = None
        self._works = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, if it is known and whole."""
        return self._do(lambda store: store.get(key))

    def put(self, key: bytes, kind: Kind, value: bytes) -> None:
        """Keep a value, if that can be done."""
        self._do(lambda store: store.put(key, kind, value))

    def drop(self, key: bytes) -> None:
        """Forget a value."""
        self._do(lambda store: store.drop(key))

    def recall(self, told: str, compute: Callable[[], str]) -> str:
        """A ``summarize.fingerprints.Recall`` that is kept in the cache."""
        key = sha256(told.encode()).digest()
        known = self.get(key)
        if known is not None:
            return known.decode("ascii", "replace")
        digest = compute()
        self.put(key, "files", digest.encode())
        return digest

    def _do(self, work: Callable[[Store], T]) -> T | None:
        for again in (True, False):
            if not self._works:
                break
            try:
                if self._store is None:
                    self._store = open_store(self._settings)
                return work(self._store)
            except DamagedError as error:
                self._close()
                if not (again and self._renewed()):
                    self._give_up(error)
            except FAULTS as error:
                self._close()
                self._give_up(error)
        return None

    def _renewed(self) -> bool:
        """Make place for a new file; whether that could be done."""
        try:
            path = path_of(self._settings)
            if set_aside(path):
                warn(f"the cache {path} was damaged, and is made anew")
        except FAULTS as error:
            self._give_up(error)
        return self._works

    def _give_up(self, error: Exception) -> None:
        if not self._works:
            return
        self._works = False
        warn(f"no summary is cached in {self._settings.folder}: {reason_of(error)}")

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None


FAULTS = (sqlite3.Error, OSError, ValueError, RuntimeError)
"""What keeps a cache from working; the last two where its path holds a null character, or nobody has a home."""


def reason_of(error: Exception) -> str:
    """What went wrong, on one line that is safe to print: SQLite quotes what it finds in a file."""
    from summarize.rendering.characters import one_line

    return one_line(getattr(error, "strerror", None) or str(error))


def path_of(settings: CacheSettings) -> Path:
    """The file of a cache, where there is a folder for it."""
    return Path(settings.folder or ".").expanduser() / NAME


def open_store(settings: CacheSettings) -> Store:
    """The cache that the settings name, made where there is none; raises as ``Store`` does."""
    return Store(path_of(settings), settings.limit_mb * MEGABYTE)


def contents(settings: CacheSettings) -> Contents:
    """What the cache holds; none is made to tell that there is none. Raises as ``Store`` does."""
    if not settings.wanted or not path_of(settings).exists():
        return Contents()
    with open_store(settings) as store:
        return store.contents()


def clear(settings: CacheSettings) -> Contents:
    """Forget everything, and what was set aside as damaged; what the cache held. Raises as ``Store`` does."""
    if not settings.wanted:
        return Contents()
    path, found = path_of(settings), Contents()
    if path.exists():
        try:
            with open_store(settings) as store:
                found = store.contents()
                store.clear()
        except DamagedError:
            found = Contents(bytes=path.stat().st_size)
            set_aside(path)
    path.with_name(ASIDE).unlink(missing_ok=True)
    return found


def set_aside(path: Path) -> bool:
    """Rename a damaged file, unless another process has already done so; whether it was renamed.

    Raises:
        sqlite3.Error, OSError: it cannot be read, or not be renamed.
    """
    with _alone(path.parent):
        if _is_whole(path):
            return False
        for suffix in ("-wal", "-shm"):  # first: they must never be taken for those of a new file
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.replace(path.with_name(ASIDE))
        return True


def _is_whole(path: Path) -> bool:
    """Whether a file is a cache, or none yet."""
    if not _can_be_ours(path):
        return not path.exists()
    try:
        with _told(), closing(sqlite3.connect(path, timeout=PATIENCE)) as db:
            return _schema(db) in ((), SCHEMA) and db.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
    except DamagedError:
        return False


def _can_be_ours(path: Path) -> bool:
    """Whether it is a file of no format that SQLite only reads (byte 18 of its header; sqlite.org/fileformat2.html)."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(19)[18:] <= b"\x02"


def _schema(db: sqlite3.Connection) -> tuple[str, ...]:
    rows = db.execute("SELECT CAST(sql AS BLOB) FROM sqlite_master WHERE sql IS NOT NULL")
    return tuple(row[0].decode("utf-8", "replace") for row in rows)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Within, no other process makes or renames a cache in the folder.

    Raises:
        OSError: one has been at it for longer than ``PATIENCE``, or the folder cannot be written to.
    """
    try:
        import fcntl
    except ImportError:  # no such locks on Windows, where an open file cannot be renamed at all
        yield
        return
    with (folder / ".lock").open("w") as lock:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)
        yield


@contextmanager
def _told() -> Iterator[None]:
    """Tells faults of the file from those of the moment."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED:
            raise DamagedError(str(error)) from None
        raise
    except UnicodeDecodeError:  # SQLite shows what is damaged
        raise DamagedError("it holds what is no text") from None


def _digest(key: bytes, value: bytes) -> bytes:
    return sha256(key + value).digest()


@cache
def warn(text: str) -> None:
    """Log a warning, on one line, once a process."""
    from summarize.rendering.characters import one_line

    getLogger(__name__).warning(one_line(text))
