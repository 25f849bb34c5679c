"""The cache: the same bytes with and without it, nothing old after a change, and no summary that fails with it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from conftest import DATA, story_of
from fault_server import FaultServer, fails, says
from hypothesis import given, settings
from hypothesis import strategies as st

from summarize import Article, Config, Story, Summarizer, Summary
from summarize.caching import remembering, store, users_folder, with_cache
from summarize.caching.remembering import key_of, load, load_stories, remembered
from summarize.caching.store import ASIDE, MEGABYTE, NAME, Cache, Contents, Store
from summarize.config import CacheSettings, ChatSettings, ClaimSettings, FusionSettings, PlanSettings
from summarize.documents import TOLD, Aside
from summarize.engines.batch import batch
from summarize.fingerprints import BESIDE, PACKAGE, PACKAGES, code_fingerprint, versions

pytestmark = pytest.mark.usefixtures("no_model")

FLOOD = str(DATA / "flood")


@cache
def facts() -> tuple[str, dict[str, str]]:
    """The real code fingerprint and versions, looked up once."""
    return code_fingerprint([PACKAGE], BESIDE), versions(PACKAGES)


@pytest.fixture(autouse=True)
def told_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is warned of once a process is warned of in every test; what a process looks up, once for all tests."""
    store.warn.cache_clear()
    monkeypatch.setattr(remembering, "code_fingerprint", lambda *arguments: facts()[0])
    monkeypatch.setattr(remembering, "versions", lambda packages: facts()[1])


@pytest.fixture
def cached(tmp_path: Path) -> Callable[..., Config]:
    def make(summarizer: str = "claims", **changes: Any) -> Config:
        loose = ClaimSettings(threshold=0.3, kin_threshold=0.4)
        values = {"claims": loose, "cache": CacheSettings(folder=str(tmp_path / "cache"))} | changes
        return Config(summarizer=summarizer, **values)

    return make


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the stories that a summarizer wrote, as they are written."""
    ids: list[str] = []
    real = Summarizer._written

    def noting(self: Summarizer, stories: Iterable[Story]) -> Iterator[Summary]:
        for summary in real(self, stories):
            ids.append(summary.story.id)
            yield summary

    monkeypatch.setattr(Summarizer, "_written", noting)
    return ids


TEXTS = (
    "The mill at Orlund burned down on Sunday. Nobody was hurt, the fire brigade said. It had stood for 200 years.",
    "The council of Brask voted on Monday to close the ferry. The last boat sails on 3 March, the mayor said.",
    "Rovers won the cup on Saturday. Ida Holm scored twice before 41,000 people. It was their first win since 1990.",
)
STORIES = [story_of(Article(f"{n}.txt", f"{TEXTS[n % 3]} That was day {n}.")) for n in range(9)]


def digest(config: Config) -> Any:
    """A digest of a few short stories that need not be grouped."""
    return Summarizer(config).digest_of(STORIES, [])


def file_of(config: Config) -> Path:
    return Path(config.cache.folder or "") / NAME


# The same bytes


@pytest.mark.parametrize("name", ["claims", "lead"])
def test_the_same_bytes_come_with_and_without_a_cache(name, cached, flood, unrelated, written):
    config = cached(name)
    articles = (*flood, *unrelated)
    without = Summarizer(config.model_copy(update={"cache": CacheSettings()})).digest(articles)
    wrote = len(written)
    first = Summarizer(config).digest(articles)
    again = Summarizer(config).digest(articles[::-1])
    assert first == again == without
    assert json.dumps(first.to_dict()) == json.dumps(again.to_dict()) == json.dumps(without.to_dict())
    assert len(written) == 2 * wrote > 0


def test_known_articles_are_not_grouped_again_in_whatever_order_they_come(cached, flood, unrelated, monkeypatch):
    maker = Summarizer(cached())
    stories = maker.stories((*flood, *unrelated))
    monkeypatch.setattr("summarize.pipeline.cluster", None)
    assert maker.stories((*unrelated, *flood)) == stories
    with pytest.raises(TypeError):
        maker.stories(flood)


def test_what_json_has_no_form_for_is_written_every_time(cached, written):
    half = [Article("a", "The dam at Varrow broke \ud800 on Tuesday, the mayor of Lower Tamsin said.")]
    maker = Summarizer(cached("lead"))
    assert maker.summarize(half) == maker.summarize(half)
    assert len(written) == 2


def test_metadata_that_json_has_no_form_for_does_no_harm(cached, written):
    odd = [Article("a", "The dam at Varrow broke on Tuesday, the mayor said.", metadata={(1, 2): {3}})]
    maker = Summarizer(cached("lead"))
    assert maker.summarize(odd) == maker.summarize(odd)
    assert len(written) == 1


class Ahead:
    """Writes after reading some stories ahead."""

    def __init__(self, at_once: int) -> None:
        self.at_once, self.read = at_once, 0

    def __call__(self, stories: Iterable[Story]) -> Iterator[Summary]:
        coming = iter(stories)
        while group := list(islice(coming, self.at_once)):
            self.read += len(group)
            yield from (Summary(s, f"of {s.id}", "lead", ()) for s in group)


def test_known_and_new_stories_come_in_their_order_whatever_is_read_ahead(cached):
    config, number = cached(), count()

    @settings(max_examples=25)
    @given(st.lists(st.booleans(), max_size=12), st.integers(1, 4))
    def check(known: list[bool], at_once: int) -> None:
        stories = [Story(str(n), (Article("a", f"Text {next(number)}."),)) for n in range(len(known))]
        list(remembered([s for s, k in zip(stories, known, strict=True) if k], Ahead(1), config))
        write = Ahead(at_once)
        found = list(remembered(stories, write, config))
        assert [s.story for s in found] == stories
        assert [s.title for s in found] == [f"of {n}" for n in range(len(known))]
        assert write.read == known.count(False)

    check()


def test_a_known_story_is_given_before_the_next_is_asked_for(cached, flood, unrelated):
    maker = Summarizer(cached("lead"))
    stories = maker.stories((*flood, *unrelated))
    list(maker.summaries(stories))
    asked: list[Story] = []

    def coming() -> Iterator[Story]:
        for story in stories:
            asked.append(story)
            yield story

    summaries = maker.summaries(coming())
    assert asked == []
    for n in range(1, 4):
        next(summaries)
        assert len(asked) == n


# Nothing old after a change

TEXT = "The dam at Varrow broke on Tuesday, the mayor of Lower Tamsin said."
STORY = story_of(
    Article("a", TEXT, "Dam breaks", "Wire", None, datetime(2031, 5, 1, tzinfo=UTC)), Article("b", "It rained.")
)


def with_article(**changes: Any) -> Story:
    return replace(STORY, articles=(replace(STORY.articles[0], **changes), STORY.articles[1]))


@pytest.mark.parametrize(
    "changed",
    [
        with_article(text=TEXT + " "),
        with_article(id="c"),
        with_article(title="Dam holds"),
        with_article(source="Post"),
        with_article(published=datetime(2031, 5, 2, tzinfo=UTC)),
        with_article(published=None),
        replace(STORY, lineages=(("a", "b"),)),
        with_article(asides=(Aside(0, 9, TOLD),)),
        replace(STORY, articles=STORY.articles[:1]),
    ],
)
def test_a_changed_story_is_another(changed):
    assert key_of(changed, "") != key_of(STORY, "")


def test_what_is_told_beside_a_summary_makes_no_other_story(cached, written):
    same = replace(with_article(metadata={"fetched": 1}), id="other", since=datetime(2031, 5, 1, tzinfo=UTC))
    assert key_of(same, "") == key_of(STORY, "")
    maker = Summarizer(cached("lead"))
    assert maker.summarize(same) == replace(maker.summarize(STORY), story=same)
    assert len(written) == 1


COUNTING = {
    "seed": 14,
    "summarizer": "lead",
    "plan.words": 60,
    "plan.query": "sirens",
    "claims.threshold": 0.31,
    "fusion.beams": 5,
    "fusion.max_sources": 3,
    "encoder.max_pieces": 64,
    "encoder.batch_size": 8,
    "attribution.unsupported": "mark",
    "chat.window": 9000,
    "chat.structured": False,
    "seq2seq.beams": 2,
}
NOT_COUNTING = {
    "threads": 2,
    "min_articles": 3,
    "reading.min_words": 9,
    "clustering.threshold": 0.4,
    "cache.limit_mb": 9,
    "chat.max_tokens_total": 100,
    "chat.concurrency": 2,
    "chat.retries": 1,
    "chat.timeout": 9.0,
    "chat.connect_timeout": 3.0,
    "chat.key_variable": "KEY",
}


@pytest.mark.parametrize("setting", [*COUNTING, *NOT_COUNTING])
def test_a_setting_makes_another_summary_if_it_can_change_one(cached, setting):
    config = cached()
    other = config.replace(**{setting: (COUNTING | NOT_COUNTING)[setting]})
    assert other != config
    assert (remembering._writes_with(other) != remembering._writes_with(config)) == (setting in COUNTING)


def test_stories_hang_on_the_settings_that_group_and_on_no_others(cached):
    config = cached()
    same = [("plan.words", 60), ("summarizer", "lead"), ("fusion.model", "/none"), ("threads", 2)]
    other = [("clustering.threshold", 0.4), ("clustering.clusterer", "tfidf"), ("encoder.max_pieces", 64)]
    for setting, value in same:
        assert remembering._groups_with(config.replace(**{setting: value})) == remembering._groups_with(config)
    for setting, value in other:
        assert remembering._groups_with(config.replace(**{setting: value})) != remembering._groups_with(config)


@pytest.mark.parametrize("what", ["code_fingerprint", "weights_fingerprints", "versions"])
def test_other_code_weights_or_versions_write_anew(cached, flood, written, monkeypatch, what):
    Summarizer(cached("lead")).summarize(flood)
    remembering._writes_with.cache_clear()  # as another process
    monkeypatch.setattr(remembering, what, lambda *a: {"other": "1"})
    Summarizer(cached("lead")).summarize(flood)
    assert len(written) == 2
    remembering._writes_with.cache_clear()


def test_a_changed_file_of_weights_writes_anew(cached, tmp_path, flood, written):
    weights = tmp_path / "weights"
    weights.mkdir()
    config = cached("lead", fusion=FusionSettings(model=str(weights)))
    for content, wrote in ((b"1", 1), (b"1", 1), (b"2", 2), (b"1", 2)):
        (weights / "model.safetensors").write_bytes(content)
        remembering._writes_with.cache_clear()  # as another process
        Summarizer(config).summarize(flood)
        assert len(written) == wrote


def test_nothing_is_kept_of_a_hub_model_whose_commit_is_not_known_yet(cached, flood, written):
    config = cached("lead").replace(**{"encoder.model": "nobody/none"})
    Summarizer(config).summarize(flood)
    Summarizer(config).summarize(flood)
    assert len(written) == 2


def test_what_was_looked_up_is_recalled_and_a_poisoned_digest_is_not(tmp_path):
    chosen = CacheSettings(folder=str(tmp_path))
    with Cache(chosen) as known:
        assert known.recall("a file", lambda: "1") == "1"
        assert known.recall("a file", lambda: "2") == "1"
        assert known.recall("another", lambda: "2") == "2"
    change(tmp_path / NAME, "UPDATE result SET value = '3'")
    with Cache(chosen) as known:
        assert known.recall("a file", lambda: "4") == "4"
        assert store.contents(chosen).summaries == 0


def test_what_cannot_be_read_keeps_nothing_and_stops_nothing(cached, written, monkeypatch, caplog):
    def unreadable(*arguments: Any) -> str:
        raise PermissionError(13, "Permission denied", "/code/one.py")

    monkeypatch.setattr(remembering, "code_fingerprint", unreadable)
    assert digest(cached("lead")) == digest(cached("lead"))
    assert len(written) == 2 * len(STORIES)
    assert [r.getMessage() for r in caplog.records] == [
        "no summary is cached: /code/one.py cannot be read: Permission denied"
    ]


# Models behind an address

SAID = json.dumps(
    {"sentences": [{"id": 1, "text": "The army sent eight helicopters and 600 soldiers to the valley.", "claims": []}]}
)


def chat(config: Callable[..., Config], server: FaultServer, **changes: Any) -> Config:
    options = {"retries": 0, "concurrency": 1} | changes
    return config(
        "chat", chat=ChatSettings(model="tiny", endpoint=server.address, **options), plan=PlanSettings(words=30)
    )


def test_a_server_is_not_asked_again_and_the_counts_of_its_answer_stay(cached, flood):
    with FaultServer(says(SAID)) as server:
        first = Summarizer(chat(cached, server)).digest(flood)
        asked = len(server.requests)
        again = Summarizer(chat(cached, server)).digest(flood)
        spent = Summarizer(chat(cached, server, max_tokens_total=0)).digest(flood)
        assert len(server.requests) == asked > 0
    assert again.to_dict() == first.to_dict()
    assert again.summaries[0].asked == first.summaries[0].asked
    assert again.signature["asked"]["prompt_tokens"] > 0
    assert spent.summaries == first.summaries


def test_what_a_fault_of_the_server_left_is_not_kept(cached, flood, unrelated):
    with FaultServer(says(SAID), fails(500), says(SAID)) as server:
        maker = Summarizer(chat(cached, server))
        stories = maker.stories((*flood, *unrelated))[:2]
        faults = [bool(s.asked and s.asked.fault) for s in maker.summaries(stories)]
        assert any(faults)
        assert not any(s.asked and s.asked.fault for s in maker.summaries(stories))


# A poisoned file


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def foreign(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE t (x)")


def flip(path: Path) -> None:
    body = bytearray(path.read_bytes())
    for at in range(200, len(body), 97):
        body[at] ^= 0xFF
    path.write_bytes(body)


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "empty": lambda p: p.write_bytes(b""),
    "text": lambda p: p.write_text("no database" * 1000),
    "binary": lambda p: p.write_bytes(bytes(range(256)) * 64),
    "cut": lambda p: p.write_bytes(p.read_bytes()[:9000]),
    "cut in the header": lambda p: p.write_bytes(p.read_bytes()[:50]),
    "flipped": flip,
    "later format": lambda p: p.write_bytes(p.read_bytes()[:18] + b"\x03" + p.read_bytes()[19:]),
    "foreign": foreign,
    "folder": as_folder,
    "trigger": lambda p: change(p, "CREATE TRIGGER t AFTER UPDATE ON result BEGIN DELETE FROM result; END"),
    "escape codes": lambda p: change(
        p, "PRAGMA writable_schema = 1", "UPDATE sqlite_master SET sql = char(27) || '[2J'"
    ),
    "no table": lambda p: change(p, "DROP TABLE result"),
    "view": lambda p: change(p, "DROP TABLE result", "CREATE VIEW result AS SELECT 1"),
    "values": lambda p: change(p, "UPDATE result SET value = replace(CAST(value AS TEXT), 'a', 'b')"),
    "not text": lambda p: change(p, "UPDATE result SET value = CAST(x'ff22' AS TEXT)"),
    "numbers": lambda p: change(p, "UPDATE result SET value = 7, digest = 1.5, used = 'never'"),
    "digests": lambda p: change(p, "UPDATE result SET digest = x''"),
    "swapped": lambda p: change(p, "UPDATE result SET value = (SELECT value FROM result ORDER BY used LIMIT 1),"
                                   " digest = (SELECT digest FROM result ORDER BY used LIMIT 1)"),
    "two tables": lambda p: change(p, "CREATE TABLE more (x)"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_poisoned_file_is_found_out_and_rebuilt(damage, cached, written, caplog):
    config = cached("lead")
    first = digest(config)
    wrote = len(written)
    DAMAGES[damage](file_of(config))
    assert digest(config) == first
    assert len(written) > wrote
    wrote = len(written)
    assert digest(config) == first
    assert len(written) == wrote, "what was rebuilt is a cache again"
    assert all(r.getMessage().isprintable() for r in caplog.records)
    assert len(caplog.records) <= 1


def test_a_damaged_file_is_set_aside_with_one_warning(cached, caplog):
    config = cached("lead")
    file_of(config).parent.mkdir()
    file_of(config).write_text("these are my notes, not your cache" * 100)
    digest(config)
    assert file_of(config).with_name(ASIDE).read_text().startswith("these are my notes")
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage() == f"the cache {file_of(config)} was damaged, and is made anew"


def damaged_within(path: Path) -> None:
    """Damage the pages of a large cache behind those that are read when it is opened."""
    body = bytearray(path.read_bytes())
    body[3 * 4096 :] = b"\x5a" * (len(body) - 3 * 4096)
    path.write_bytes(body)


def test_damage_that_shows_only_later_is_found_out_as_well(tmp_path, caplog):
    chosen = CacheSettings(folder=str(tmp_path))
    keys = [bytes([n]) * 32 for n in range(200)]
    with Cache(chosen) as cache:
        for key in keys:
            cache.put(key, "summary", key * 100)
    damaged_within(tmp_path / NAME)
    with Cache(chosen) as cache:
        assert all(cache.get(key) in (None, key * 100) for key in keys)
        cache.put(keys[0], "summary", b"new")
        assert cache.get(keys[0]) == b"new"
    assert [r.levelname for r in caplog.records] == ["WARNING"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@settings(max_examples=40)
@given(st.binary(max_size=40) | ANY_JSON)
def test_no_value_is_taken_for_a_summary_or_stories_that_is_none(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    assert load(text, STORY) is None
    assert load_stories(text, STORY.articles) is None


def test_a_value_that_cites_what_no_article_says_is_none(cached, flood):
    summary = Summarizer(cached("lead")).summarize(flood)
    value = remembering.dump(summary)
    assert load(value, summary.story) == summary
    changed = replace(summary.story.articles[0], text="x" + summary.story.articles[0].text)
    other = replace(summary.story, articles=(changed, *summary.story.articles[1:]))
    assert load(value, other) is None
    assert load(value, replace(summary.story, articles=summary.story.articles[:1])) is None


def test_stories_that_are_not_of_the_articles_are_none(flood):
    (story,) = Summarizer(Config(summarizer="lead")).stories(flood)
    value = remembering.dump_stories([story])
    assert load_stories(value, flood) == (story,)
    assert load_stories(value, flood[1:]) is None
    assert load_stories(value, (*flood, Article("z", "More."))) is None
    assert load_stories(remembering.dump_stories([story, story]), flood) is None
    assert load_stories(remembering.dump_stories([replace(story, lineages=())]), flood) is None


# Room


def test_the_least_recently_used_go_first_and_the_limit_is_kept(tmp_path):
    keys = [n.to_bytes(32) for n in range(150)]
    with Store(tmp_path / NAME, MEGABYTE) as cache:
        for key in keys[:40]:
            cache.put(key, "summary", os.urandom(10_000))
        for key in keys[40:]:
            assert cache.get(keys[0])
            cache.put(key, "summary", os.urandom(10_000))
        assert cache.get(keys[0])
        assert cache.get(keys[1]) is None
        assert cache.get(keys[-1])
        found = cache.contents()
        assert 40 < found.summaries < 100
        assert found.bytes <= MEGABYTE
        cache.put(b"large", "summary", b"x" * 2 * MEGABYTE)
        assert cache.contents() == found, "a value that never fits drops nothing"
    assert (tmp_path / NAME).stat().st_size <= MEGABYTE + 100_000


# Others at the same time, and the end in the middle

WRITER = """
import sys
from summarize.caching.store import Cache
from summarize.config import CacheSettings
name, folder = sys.argv[1:]
with Cache(CacheSettings(folder=folder, limit_mb=1)) as cache:
    for n in range({times}):
        key = (f"{{name}} {{n}}" if n % 2 else f"all {{n}}").encode()
        cache.put(key, "summary", key * 400)
        assert cache.get(key) in (None, key * 400), "torn"
        print(n, flush=True)
"""


def start(name: str, folder: Path, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER.format(times=times), name, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def assert_whole(folder: Path) -> None:
    with closing(sqlite3.connect(folder / NAME)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with Store(folder / NAME, MEGABYTE) as cache:
        keys = [row[0] for row in cache._db.execute("SELECT key FROM result")]
        assert keys
        assert all(cache.get(key) == key * 400 for key in keys)


def test_processes_that_write_at_once_leave_a_whole_file_though_one_is_killed(tmp_path):
    lasting, killed = start("a", tmp_path / "cache", 120), start("b", tmp_path / "cache", 1_000_000)
    assert killed.stdout is not None
    for line in killed.stdout:
        if line == "60\n":
            killed.send_signal(signal.SIGKILL)
            break
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    _, err = lasting.communicate()
    assert (lasting.returncode, err) == (0, "")
    assert_whole(tmp_path / "cache")


def test_threads_may_summarise_at_once(cached):
    config = cached("lead")
    without = digest(config.model_copy(update={"cache": CacheSettings()}))
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(digest(config))) for _ in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [without] * 3


# What keeps it from working


def limited(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """Every cache is opened with a setting that makes SQLite fail as the system would make it."""
    real = Store._prepare

    def prepare(self: Store) -> None:
        real(self)
        self._db.execute(statement)

    monkeypatch.setattr(Store, "_prepare", prepare)


def locked(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(store, "PATIENCE", 0.01)
    with Store(path, MEGABYTE):
        pass
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(store, "_held", db, raising=False)


FAILURES: dict[str, tuple[Callable[[pytest.MonkeyPatch, Path], Any], str]] = {
    "full": (lambda m, p: limited(m, "PRAGMA max_page_count = 5"), "database or disk is full"),
    "read-only": (lambda m, p: limited(m, "PRAGMA query_only = 1"), "attempt to write a readonly database"),
    "in use": (lambda m, p: locked(m, p), "database is locked"),
    "no folder": (lambda m, p: p.parent.write_text(""), "File exists"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_what_keeps_a_cache_from_working_is_one_warning_and_never_stops_a_summary(failure, cached, monkeypatch, caplog):
    config = cached("lead")
    without = digest(config.model_copy(update={"cache": CacheSettings()}))
    fail, reason = FAILURES[failure]
    fail(monkeypatch, file_of(config))
    assert digest(config) == without
    assert digest(config) == without
    (record,) = caplog.records
    assert record.getMessage() == f"no summary is cached in {config.cache.folder}: {reason}"
    if failure == "in use":
        store._held.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("folder", ["a\0b", "~nobody-of-this-name/cache", "/proc/none/cache"])
def test_a_folder_that_cannot_be_is_one_warning(folder, caplog):
    assert digest(Config(summarizer="lead", cache=CacheSettings(folder=folder))).summaries
    assert len(caplog.records) == 1


def test_a_process_that_holds_the_folder_for_too_long_is_not_waited_for(cached, monkeypatch, caplog):
    monkeypatch.setattr(store, "PATIENCE", 0.01)
    config = cached("lead")
    file_of(config).parent.mkdir()
    with store._alone(file_of(config).parent):
        assert digest(config).summaries
    assert "Resource temporarily unavailable" in caplog.records[0].getMessage()
    assert digest(config).summaries
    assert store.contents(config.cache).summaries == len(STORIES)


# Where it is


def test_the_environment_goes_before_the_settings_and_both_before_the_users_own_folder(monkeypatch, tmp_path):
    named = Config(cache=CacheSettings(folder="named", limit_mb=7))
    monkeypatch.setenv("SUMMARIZE_CACHE", "here")
    assert with_cache(named).cache == CacheSettings(folder="here", limit_mb=7)
    monkeypatch.setenv("SUMMARIZE_CACHE", "")
    assert with_cache(named) == named
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert with_cache(Config()).cache.folder == str(tmp_path / "summarize")
    for ignored in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert users_folder() == "~/.cache/summarize"


@pytest.mark.parametrize("name", ["here", "none", ""])
def test_no_cache_is_none_wherever_it_is_named(monkeypatch, name):
    monkeypatch.setenv("SUMMARIZE_CACHE", name)
    assert with_cache(Config(cache=CacheSettings(folder="named")), wanted=False).cache.wanted is False
    assert with_cache(Config(cache=CacheSettings(folder="none"))).cache.folder == (name or "none")


def test_a_batch_finds_what_another_one_wrote_where_the_settings_name_a_folder(cached, tmp_path, written):
    config = cached("lead").replace(**{"clustering.clusterer": "tfidf"})
    first, again = (batch([FLOOD], tmp_path / name, config, workers=1) for name in ("first", "again"))
    without = batch([FLOOD], tmp_path / "without", config.replace(**{"cache.folder": "none"}), workers=1)
    assert first.manifest == again.manifest == without.manifest
    assert len(written) == 2


def test_python_keeps_nothing_unless_it_is_told_to(monkeypatch, tmp_path):
    monkeypatch.setenv("SUMMARIZE_CACHE", str(tmp_path / "cache"))
    digest(Config(summarizer="lead"))
    assert not (tmp_path / "cache").exists()


def test_the_folder_is_for_its_owner_alone(cached):
    config = cached("lead")
    digest(config)
    assert file_of(config).parent.stat().st_mode & 0o077 == 0


# The command line


def test_a_story_is_known_the_second_time_and_forgotten_on_request(run, monkeypatch, tmp_path, written):
    monkeypatch.setenv("SUMMARIZE_CACHE", str(tmp_path / "cache"))
    asked = ("story", FLOOD, "-s", "lead", "-f", "json")
    first = run(*asked)
    assert (first.err, len(written)) == ("", 1)
    assert run(*asked).out == first.out
    assert len(written) == 1
    assert run(*asked, "--no-cache").out == first.out
    assert len(written) == 2
    assert "summaries  1\n" in run("cache", "info").out
    told = json.loads(run("cache", "info", "-f", "json").out)
    assert told == {"folder": str(tmp_path / "cache"), "limit_mb": 512, "summaries": 1, "bytes": told["bytes"]}
    assert run("cache", "clear").out == f"forgot 1 summary, {told['bytes'] / 1e6:,.2f} MB\n"
    assert "summaries  0\n" in run("cache", "info").out
    run(*asked)
    assert len(written) == 3


def test_no_cache_makes_no_file(run, monkeypatch, tmp_path):
    monkeypatch.setenv("SUMMARIZE_CACHE", str(tmp_path / "cache"))
    run("story", FLOOD, "-s", "lead", "--no-cache")
    assert "summaries  0\n" in run("cache", "info").out
    assert run("cache", "clear").out == "forgot 0 summaries, 0.00 MB\n"
    assert not (tmp_path / "cache").exists()


def test_where_there_is_no_cache_this_is_told(run):
    assert run("cache", "info").out.startswith("folder     none\nsummaries  0\n")
    assert run("cache", "clear").status == 0


def test_a_damaged_cache_is_told_and_cleared(run, monkeypatch, tmp_path):
    monkeypatch.setenv("SUMMARIZE_CACHE", str(tmp_path))
    (tmp_path / NAME).write_text("no database" * 100)
    done = run("cache", "info")
    assert done.status == 1
    assert "is damaged, and will be made anew" in done.complaint
    assert run("cache", "clear").status == 0
    assert [p.name for p in tmp_path.iterdir() if p.name != ".lock"] == []


def test_a_cache_that_cannot_be_opened_is_one_line(run, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "file2").mkdir()
    monkeypatch.setenv("SUMMARIZE_CACHE", "a\0b" if os.name == "nt" else "~nobody-of-this-name")
    for command in ("info", "clear"):
        done = run("cache", command)
        assert done.status == 1
        assert done.complaint.startswith("summarize: cannot open the cache in ~nobody-of-this-name: ")


def test_an_unknown_format_is_told_with_the_known_ones(run):
    done = run("cache", "info", "-f", "jsn")
    assert done.status == 2
    assert "unknown format 'jsn'. Did you mean 'json'?" in done.complaint


def test_a_cache_says_what_it_holds_without_making_one(tmp_path):
    assert store.contents(CacheSettings(folder=str(tmp_path / "none"))) == Contents()
    assert store.clear(CacheSettings(folder=str(tmp_path / "none"))) == Contents()
    assert store.clear(CacheSettings()) == Contents()
    assert list(tmp_path.iterdir()) == []
