"""Everything a stream of articles has left behind, in one SQLite file.

A run is written in one transaction, so that a kill leaves all of it or nothing; sentence vectors, which are only a
cache, are kept as they are made. Versions of an article are never overwritten. A story that merged into another
stays as a row, so that its id always leads somewhere and is never given twice.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from summarize.clustering.words import text_key
from summarize.documents import Article, Story
from summarize.errors import StateError
from summarize.reading import dump_article, load_article
from summarize.stream.matching import Event

VERSION = 1
"""Version of the tables below; a state of another one is refused."""

APPLICATION = 0x53544F52
"""What SQLite's header calls a file of ours ("STOR")."""

PATIENCE = 30.0
"""Seconds to wait for another process that is writing."""

TABLES = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE run (number INTEGER PRIMARY KEY, time TEXT NOT NULL);
CREATE TABLE article (
  id BLOB NOT NULL, version INTEGER NOT NULL, run INTEGER NOT NULL, digest BLOB NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (id, version)
);
CREATE INDEX article_run ON article (run);
CREATE TABLE member (article BLOB PRIMARY KEY, story TEXT NOT NULL, text BLOB NOT NULL, time REAL NOT NULL);
CREATE INDEX member_story ON member (story);
CREATE INDEX member_text ON member (text);
CREATE TABLE story (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, born INTEGER NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
  asleep INTEGER NOT NULL DEFAULT 0, merged_into TEXT, lineages TEXT NOT NULL
);
CREATE INDEX story_last ON story (last);
CREATE TABLE event (
  run INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, story TEXT NOT NULL, other TEXT,
  articles TEXT NOT NULL, PRIMARY KEY (run, number)
);
CREATE INDEX event_story ON event (story);
CREATE INDEX event_other ON event (other);
CREATE TABLE vector (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Tracked:
    """A story as the state knows it, without texts.

    Attributes:
        id: stays the same as long as the story lives.
        articles: ids, sorted.
        lineages: as ``Story.lineages``.
        born: when the run was that first saw it.
        first: time of its first article; ``last`` that of its last one.
        asleep: whether ``last`` lies further back than the window.
    """

    id: str
    articles: tuple[str, ...]
    lineages: tuple[tuple[str, ...], ...]
    born: datetime
    first: datetime
    last: datetime
    asleep: bool


@dataclass(frozen=True)
class Told:
    """An event and when it happened."""

    run: int
    time: datetime
    event: Event


@dataclass(frozen=True)
class Changed:
    """A story with something new.

    Attributes:
        story: all of it, under its lasting id.
        new: ids of the articles that came, or came again with another text, at or after the time asked for.
        old: of those that came again, the newest text of before.
    """

    story: Story
    new: frozenset[str]
    old: tuple[Article, ...]


class State:
    """The state of a stream; a context manager that closes the file.

    Args:
        path: the file.
        create: make the tables if there is no file, or an empty one.

    Raises:
        StateError: there is no such file and none may be made, or it is no state, damaged, of another version,
            or in use for longer than ``PATIENCE``.
    """

    def __init__(self, path: Path, create: bool = False) -> None:
        self.path = path
        if not create and not (path.is_file() and path.stat().st_size):
            raise StateError(f"there is no state {path}: 'summarize cluster PATH... --state {path}' makes one")
        with self._told():
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
            # Transactions are begun and ended here, by hand.
            self._db = sqlite3.connect(path.absolute(), timeout=PATIENCE, isolation_level=None)
        try:
            with self._told():
                self._check(create)
                self._db.execute("PRAGMA journal_mode = WAL").fetchone()
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _check(self, create: bool) -> None:
        if create and not self._value("PRAGMA schema_version"):
            with self._transaction("IMMEDIATE"):
                if not self._value("PRAGMA schema_version"):  # another process may have been first
                    for statement in TABLES.split(";\n"):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA application_id = {APPLICATION}")
                    self._db.execute(f"PRAGMA user_version = {VERSION}")
        if self._value("PRAGMA application_id") != APPLICATION:
            raise StateError(f"{self.path} is an SQLite file but no state of stories")
        version = self._value("PRAGMA user_version")
        if version != VERSION:
            raise StateError(f"{self.path} is a state of version {version}; this program knows version {VERSION} only")

    # Reading

    @property
    def last_run(self) -> int:
        """Number of the last run, from 1; 0 before any."""
        with self._told():
            return int(self._value("SELECT coalesce(max(number), 0) FROM run"))

    @property
    def window(self) -> timedelta | None:
        """The window of the last run; None when nothing sleeps."""
        with self._told():
            stored = self._value("SELECT value FROM setting WHERE name = 'window'")
            return None if stored is None or stored == "none" else timedelta(seconds=float(stored))

    def time_of(self, run: int) -> datetime:
        """When a run was."""
        with self._told():
            return datetime.fromisoformat(self._certain("SELECT time FROM run WHERE number = ?", run))

    def digests(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The ``digest`` of the newest version of those articles that are known."""
        with self._told():
            found = {}
            for id in ids:
                row = self._newest(id, "digest")
                if row is not None:
                    found[id] = row[0]
            return found

    def touched(self, articles: Sequence[tuple[Article, datetime]], window: timedelta | None) -> dict[str, set[str]]:
        """Article ids by story of the stories that new articles may change, the oldest story first.

        Those that do not sleep once the new articles are in, have an article within the window of a new one or with
        the text of a new one, or hold a new version's article.

        Args:
            articles: new ones and new versions, each with its time.
            window: None when nothing sleeps.
        """
        with self._told(), self._transaction("DEFERRED"):
            if window is None:
                rows = self._db.execute("SELECT id FROM story WHERE merged_into IS NULL").fetchall()
                return self._members(r[0] for r in rows)
            width = window.total_seconds()
            times = [_seconds(time) for _, time in articles]
            newest = self._value("SELECT max(last) FROM story WHERE merged_into IS NULL")
            latest = max([*times, *([] if newest is None else [newest])])
            spans = [(t - width, t + width) for t in (*times, latest)]
            found: set[str] = set()
            for start, end in _joined(spans):
                found.update(
                    r[0]
                    for r in self._db.execute(
                        "SELECT id FROM story WHERE last >= ? AND first <= ? AND merged_into IS NULL", (start, end)
                    )
                )
            for article, _ in articles:
                found.update(
                    r[0]
                    for r in self._db.execute(
                        "SELECT story FROM member WHERE text = ? OR article = ?", (_text(article), _blob(article.id))
                    )
                )
            return self._members(found)

    def articles(self, ids: Iterable[str]) -> list[Article]:
        """The newest versions of known articles.

        Raises:
            StateError: one is damaged.
        """
        with self._told():
            return [self._article(id) for id in ids]

    def arrivals(self, ids: Iterable[str]) -> dict[str, datetime]:
        """When the first version of each known article came."""
        with self._told():
            return {
                id: datetime.fromisoformat(
                    self._certain(
                        "SELECT time FROM article JOIN run ON number = run WHERE id = ? ORDER BY version", _blob(id)
                    )
                )
                for id in ids
            }

    def stories(self) -> tuple[Tracked, ...]:
        """Every living story: those awake first, then by number of articles, largest first, then by id."""
        with self._told(), self._transaction("DEFERRED"):
            rows = self._db.execute(
                "SELECT id, time, first, last, asleep, lineages FROM story JOIN run ON run.number = born"
                " WHERE merged_into IS NULL"
            ).fetchall()
            members = self._members(r[0] for r in rows)
            tracked = [
                Tracked(
                    id,
                    tuple(sorted(members[id])),
                    _groups(lineages),
                    datetime.fromisoformat(time),
                    _time(first),
                    _time(last),
                    bool(asleep),
                )
                for id, time, first, last, asleep, lineages in rows
            ]
        return tuple(sorted(tracked, key=lambda t: (t.asleep, -len(t.articles), t.id)))

    def living(self, story: str) -> str:
        """The story that an id stands for: itself, or the one it merged into at last.

        Raises:
            StateError: there never was such a story.
        """
        with self._told():
            while True:
                row = self._db.execute("SELECT merged_into FROM story WHERE id = ?", (story,)).fetchone()
                if row is None:
                    raise StateError(f"{self.path} has no story {story!r}")
                if row[0] is None:
                    return story
                story = row[0]

    def history(self, story: str | None = None) -> tuple[Told, ...]:
        """All events, or those of one story, also as the other one, in order.

        Raises:
            StateError: there never was such a story.
        """
        if story is not None:
            self.living(story)
        with self._told():
            rows = self._db.execute(
                "SELECT run, time, kind, story, other, articles FROM event JOIN run ON run.number = event.run"
                " WHERE ?1 IS NULL OR story = ?1 OR other = ?1 ORDER BY run, event.number",
                (story,),
            ).fetchall()
            return tuple(
                Told(run, datetime.fromisoformat(time), Event(kind, name, _groups(f"[{articles}]")[0], other))
                for run, time, kind, name, other, articles in rows
            )

    def story(self, id: str) -> Story:
        """A living story with the newest versions of its articles.

        Raises:
            StateError: there is no such story, or an article is damaged.
        """
        with self._told(), self._transaction("DEFERRED"):
            return self._story(id)

    def changed(self, since: datetime) -> tuple[Changed, ...]:
        """The stories with articles that came at or after a time: those with the most new articles first."""
        with self._told(), self._transaction("DEFERRED"):
            ids = [
                r[0]
                for r in self._db.execute(
                    "SELECT DISTINCT story FROM article JOIN run ON number = run JOIN member ON member.article = id"
                    " WHERE run.time >= ?",
                    (_stamp(since),),
                )
            ]
            found = [self._changed(id, since) for id in ids]
        return tuple(sorted(found, key=lambda c: (-len(c.new), c.story.id)))

    def news_of(self, story: str, since: datetime) -> Changed:
        """What is new in one living story.

        Raises:
            StateError: there is no such story, or an article is damaged.
        """
        with self._told(), self._transaction("DEFERRED"):
            return self._changed(story, since)

    # Writing

    def keep_vectors(self, vectors: Mapping[bytes, Vector]) -> None:
        """Add vectors to the cache; they stay whatever becomes of the run."""
        with self._told(), self._transaction("IMMEDIATE"):
            self._db.executemany(
                "INSERT OR IGNORE INTO vector VALUES (?, ?)",
                ((key, np.asarray(v, "<f4").tobytes()) for key, v in vectors.items()),
            )

    def vectors(self, keys: Iterable[bytes]) -> dict[bytes, Vector]:
        """Those of the vectors that are in the cache."""
        with self._told():
            found: dict[bytes, Vector] = {}
            for key in keys:
                row = self._db.execute("SELECT value FROM vector WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    found[key] = np.frombuffer(row[0], "<f4").astype(np.float32)
            return found

    def write_run(
        self,
        seen: int,
        now: datetime,
        window: timedelta | None,
        arrived: Sequence[tuple[Article, datetime]],
        groups: Mapping[str, Story],
        events: Sequence[Event],
    ) -> bool:
        """Write a run whole, or nothing of it if another run came between.

        Args:
            seen: number of the last run when this one began.
            now: when this one began.
            window: None when nothing sleeps.
            arrived: new articles and new versions, each with its time.
            groups: the stories that were looked at, as they are now, by lasting id.
            events: what happened to them.

        Returns:
            Whether it was written.
        """
        with self._told(), self._transaction("IMMEDIATE"):
            if self.last_run != seen:
                return False
            run = seen + 1
            self._db.execute("INSERT INTO run VALUES (?, ?)", (run, _stamp(now)))
            width = "none" if window is None else repr(window.total_seconds())
            self._db.execute("INSERT OR REPLACE INTO setting VALUES ('window', ?)", (width,))
            for article, _ in arrived:
                version = self._value("SELECT count(*) FROM article WHERE id = ?", _blob(article.id))
                row = (_blob(article.id), version, run, digest(article), dump_article(article))
                self._db.execute("INSERT INTO article VALUES (?, ?, ?, ?, ?)", row)
            self._write_members(groups, arrived)
            self._write_stories(run, groups)
            merged = [(e.other, e.story) for e in events if e.kind == "merged"]
            self._db.executemany("UPDATE story SET merged_into = ? WHERE id = ?", merged)
            for number, event in enumerate((*events, *self._sleep(window))):
                row_ = (run, number, event.kind, event.story, event.other, json.dumps(event.articles))
                self._db.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", row_)
        return True

    def is_free(self, story: str) -> bool:
        """Whether no story ever had this id."""
        with self._told():
            return self._value("SELECT 1 FROM story WHERE id = ?", story) is None

    def _write_stories(self, run: int, groups: Mapping[str, Story]) -> None:
        for id, story in groups.items():
            self._db.execute(
                "INSERT INTO story (id, born, first, last, lineages)"
                " SELECT ?1, ?2, min(time), max(time), ?3 FROM member WHERE story = ?1"
                " ON CONFLICT (id) DO UPDATE SET first = excluded.first, last = excluded.last,"
                " lineages = excluded.lineages",
                (id, run, json.dumps(story.lineages)),
            )

    def _write_members(self, groups: Mapping[str, Story], arrived: Sequence[tuple[Article, datetime]]) -> None:
        for article, time in arrived:
            self._db.execute(
                "INSERT OR REPLACE INTO member VALUES (?, '', ?, ?)",
                (_blob(article.id), _text(article), _seconds(time)),
            )
        for id, story in groups.items():
            self._db.executemany(
                "UPDATE member SET story = ?1 WHERE article = ?2 AND story <> ?1",
                [(id, _blob(a.id)) for a in story.articles],
            )

    def _sleep(self, window: timedelta | None) -> list[Event]:
        """Send stories behind the window to sleep and wake the others; the events of it."""
        edge = -np.inf
        if window is not None:
            edge = self._value("SELECT max(last) FROM story WHERE merged_into IS NULL") - window.total_seconds()
        events = []
        for kind, asleep, wrong in (("slept", 1, "last < ?"), ("woke", 0, "last >= ?")):
            condition = f"merged_into IS NULL AND asleep <> {asleep} AND {wrong}"
            ids = self._db.execute(f"SELECT id FROM story WHERE {condition} ORDER BY number", (edge,)).fetchall()
            self._db.execute(f"UPDATE story SET asleep = {asleep} WHERE {condition}", (edge,))
            events += [Event("slept" if kind == "slept" else "woke", r[0]) for r in ids]
        return events

    # Within a transaction

    def _value(self, query: str, *values: Any) -> Any:
        row = self._db.execute(query, values).fetchone()
        return None if row is None else row[0]

    def _certain(self, query: str, *values: Any) -> Any:
        """A value that is there unless the file is damaged."""
        value = self._value(query, *values)
        if value is None:
            raise StateError(f"{self.path} is damaged: something it refers to is missing")
        return value

    def _newest(self, id: str, columns: str) -> Any:
        query = f"SELECT {columns} FROM article WHERE id = ? ORDER BY version DESC LIMIT 1"
        return self._db.execute(query, (_blob(id),)).fetchone()

    def _article(self, id: str) -> Article:
        row = self._newest(id, "digest, body")
        if row is None:
            raise StateError(f"{self.path} is damaged: article {id!r} is missing")
        return _read(row[1], row[0], self.path)

    def _members(self, stories: Iterable[str]) -> dict[str, set[str]]:
        wanted = set(stories)
        found: dict[str, set[str]] = {}
        # A table of the wanted ids would be read no faster than this: each lookup is by index.
        numbers = {s: self._certain("SELECT number FROM story WHERE id = ?", s) for s in wanted}
        for story in sorted(wanted, key=lambda s: int(numbers[s])):
            rows = self._db.execute("SELECT article FROM member WHERE story = ?", (story,))
            found[story] = {_unblob(r[0]) for r in rows}
        return found

    def _story(self, id: str) -> Story:
        lineages = self._value("SELECT lineages FROM story WHERE id = ? AND merged_into IS NULL", id)
        if lineages is None:
            raise StateError(f"{self.path} has no story {id!r}")
        articles = tuple(self._article(a) for a in sorted(self._members([id])[id]))
        return Story(id, articles, _groups(lineages))

    def _changed(self, id: str, since: datetime) -> Changed:
        story = self._story(id)
        new, old = set(), []
        for article in story.articles:
            versions = self._db.execute(
                "SELECT time, digest, body FROM article JOIN run ON number = run WHERE id = ? ORDER BY version DESC",
                (_blob(article.id),),
            ).fetchall()
            if not versions or versions[0][0] < _stamp(since):
                continue
            new.add(article.id)
            before = next((v for v in versions if v[0] < _stamp(since)), None)
            if before is not None:
                old.append(_read(before[2], before[1], self.path))
        return Changed(story, frozenset(new), tuple(old))

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[None]:
        self._db.execute(f"BEGIN {kind}")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Every fault of the file as one line."""
        try:
            yield
        except (sqlite3.Error, OSError, ValueError, OverflowError) as error:
            raise StateError(_explain(self.path, error)) from None


def digest(article: Article) -> bytes:
    """Equal for two versions of an article that say the same: text, title, source, address and date."""
    published = article.published.isoformat() if article.published else None
    shown = json.dumps([article.text, article.title, article.source, article.url, published])
    return sha256(shown.encode()).digest()


def _text(article: Article) -> bytes:
    """Equal for articles that the clusterer takes for copies."""
    return sha256(text_key(article).encode("utf-8", "surrogatepass")).digest()


def _read(body: str, stored: bytes, path: Path) -> Article:
    article = load_article(body)
    if digest(article) != stored:
        raise StateError(f"{path} is damaged: the text of article {article.id!r} is not what was written")
    return article


def _groups(stored: str) -> tuple[tuple[str, ...], ...]:
    """Groups of article ids.

    Raises:
        ValueError: that is not what was stored.
    """
    groups = json.loads(stored)
    if not isinstance(groups, list) or not all(isinstance(g, list) for g in groups):
        raise ValueError("groups of articles were expected")
    return tuple(tuple(group) for group in groups)


def _blob(id: str) -> bytes:
    """An id as SQLite can hold any: a path may have bytes that are no text."""
    return id.encode("utf-8", "surrogatepass")


def _unblob(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogatepass")


def _stamp(time: datetime) -> str:
    """A point in time as text that sorts as time does."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _seconds(time: datetime) -> float:
    return (time - _EPOCH).total_seconds()


def _time(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans of time with those that overlap made one."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _explain(path: Path, error: Exception) -> str:
    told = " ".join(str(error).split())
    if isinstance(error, OSError):
        return f"cannot open {path}: {error.strerror or told}"
    if "locked" in told:
        return f"{path} is in use by another process; try again when it is done"
    if "not a database" in told:
        return f"{path} is no state of stories: it is not an SQLite file"
    if "unable to open" in told or "readonly" in told or "full" in told:
        return f"cannot open {path}: {told}"
    return f"{path} is damaged: {told}"
