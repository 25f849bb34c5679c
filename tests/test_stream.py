"""Stories as a stream: what a state keeps, and that nothing is lost, counted twice or dependent on the runs."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from conftest import DATA, Ran, bag_of_words
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eval.arrivals import arrivals, measure
from eval.clusterers import packaged
from eval.clusters import Labelled
from summarize import Article, Config
from summarize.cli import main
from summarize.clustering import CLUSTERERS, cluster
from summarize.config import ClaimSettings, ClusteringSettings
from summarize.documents import TOLD, Citation, Conflict, ConflictValue, Story
from summarize.errors import ConfigError, DuplicateIdError, StateError, UnknownNameError
from summarize.rendering.contract import schema
from summarize.stream import Changed, Event, Run, State, follow, replay
from summarize.stream.matching import changes, match
from summarize.stream.news import news
from summarize.stream.times import parse_since, parse_span, show_span
from summarize.text import sentences

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TFIDF = Config(clustering=ClusteringSettings(clusterer="tfidf"))


@pytest.fixture
def labels(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A clusterer that puts articles of one label together; the test says who has which, an article alone its own."""
    given: dict[str, str] = {}

    def group(articles: Sequence[Article], *_: object) -> list[list[int]]:
        groups: dict[str, list[int]] = {}
        for n, article in enumerate(articles):
            groups.setdefault(given.get(article.id, article.id), []).append(n)
        return list(groups.values())

    monkeypatch.setitem(CLUSTERERS, "labels", group)  # type: ignore[misc]
    return given


LABELS = Config(clustering=ClusteringSettings(clusterer="labels"))


def article(id: str, day: float | None = None, text: str | None = None) -> Article:
    published = None if day is None else NOON + day * DAY
    return Article(id, text or f"The ferry {id} left Port Ellis on time.", published=published)


def run(state: State, articles: Iterable[Article], config: Config = LABELS, **more: object) -> Run:
    more.setdefault("window", None)
    return follow(state, articles, config, **{"now": NOON + 100 * DAY, "encode": bag_of_words} | more)  # type: ignore[arg-type]


def groups(state: State) -> set[tuple[str, ...]]:
    return {s.articles for s in state.stories()}


def by_articles(state: State) -> dict[tuple[str, ...], str]:
    return {s.articles: s.id for s in state.stories()}


def kinds(done: Run) -> list[str]:
    return [e.kind for e in done.events]


def assert_whole(state: State) -> None:
    """The history leads to the stories, and every article is in exactly one."""
    stories = state.stories()
    assert replay(t.event for t in state.history()) == {s.id: set(s.articles) for s in stories}
    members = [a for s in stories for a in s.articles]
    assert len(members) == len(set(members))
    for story in stories:
        assert sorted(a for group in story.lineages for a in group) == list(story.articles)


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All a state holds, apart from cached vectors."""
    with closing(sqlite3.connect(path)) as db:
        return {
            table: db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("setting", "run", "article", "member", "story", "event")
        }


# Several runs and one


@pytest.mark.parametrize("clusterer", ["tfidf", "hybrid"])
def test_several_runs_give_the_stories_of_one_whatever_the_order(clusterer, flood, unrelated, tmp_path):
    articles = [replace(a, id=f"{a.id}.{n}") for n, a in enumerate((*flood, *unrelated))]
    config = Config(clustering=ClusteringSettings(clusterer=clusterer))
    at_once = {tuple(s.by_id) for s in cluster(articles, config.clustering, bag_of_words)}
    numbers = iter(range(1000))

    @settings(max_examples=8)
    @given(st.permutations(articles), st.lists(st.integers(0, len(articles)), max_size=4))
    def check(ordered: list[Article], cuts: list[int]) -> None:
        edges = [0, *sorted(cuts), len(ordered)]
        with State(tmp_path / f"{next(numbers)}.state", create=True) as state:
            for start, end in pairwise(edges):
                run(state, ordered[start:end], config)
                assert_whole(state)
            assert groups(state) == at_once

    check()


def test_the_order_within_a_run_changes_no_byte_of_the_state(flood, unrelated, tmp_path):
    articles = [*flood, *unrelated]
    for name, ordered in (("one", articles), ("two", articles[::-1])):
        with State(tmp_path / name, create=True) as state:
            run(state, ordered, TFIDF)
    assert rows(tmp_path / "one") == rows(tmp_path / "two")


def test_what_is_known_is_not_counted_again(flood, tmp_path):
    path = tmp_path / "news.state"
    with State(path, create=True) as state:
        first = run(state, flood, TFIDF)
    before = rows(path)
    with State(path, create=True) as state:
        again = run(state, flood, TFIDF)
        assert (again.number, again.new, again.revised, again.known, again.events) == (1, (), (), len(flood), ())
    assert (first.number, len(first.new), first.known) == (1, len(flood), 0)
    assert rows(path) == before


def test_nothing_is_encoded_twice(flood, unrelated, tmp_path):
    asked: list[str] = []

    def encode(texts):
        asked.extend(texts)
        return bag_of_words(texts)

    with State(tmp_path / "news.state", create=True) as state:
        run(state, flood[:3], Config(), encode=encode)
        run(state, [*flood, *unrelated], Config(), encode=encode)
        run(state, [*flood, *unrelated, article("last")], Config(), encode=encode)
    assert asked
    assert len(asked) == len(set(asked))


def test_vectors_come_back_as_they_were(tmp_path):
    vectors = {b"a": np.array([0.1, -0.25, 3e-5], np.float32)}
    with State(tmp_path / "news.state", create=True) as state:
        state.keep_vectors(vectors)
        found = state.vectors([b"a", b"b"])
    assert found.keys() == vectors.keys()
    assert (found[b"a"] == vectors[b"a"]).all()


def test_agreement_with_one_run_is_measured(flood, unrelated):
    dated = [replace(a, published=NOON + n * DAY) for n, a in enumerate((*flood, *unrelated))]
    data = Labelled("flood", tuple(dated), tuple("flood" if a in dated[:4] else a.id for a in dated))
    once = packaged(data.articles, TFIDF.clustering, bag_of_words, TFIDF.seed)
    awake, asleep = (measure(data, once, window, 1, TFIDF, bag_of_words) for window in ("none", "1h"))
    assert (awake["runs"], awake["same pair"], awake["slept"]) == (len(dated), 100, 0)
    assert asleep["slept"] == len(dated) - 1
    assert asleep["same pair"] < 100


def test_an_article_without_a_time_comes_with_the_one_before_it():
    given = [article("a"), article("c", 0), article("b", 1), article("d")]
    assert [(a.id, time) for time, a in arrivals(given)] == [
        ("a", NOON), ("c", NOON), ("b", NOON + DAY), ("d", NOON + DAY)
    ]  # fmt: skip
    assert [(time, a.id) for time, a in arrivals([article("b"), article("a")])] == [(None, "a"), (None, "b")]


# Stories change


def test_a_story_is_born_and_grows_under_one_id(labels, tmp_path):
    labels |= dict.fromkeys("abc", "x")
    with State(tmp_path / "news.state", create=True) as state:
        assert kinds(run(state, [article("a"), article("b"), article("z")])) == ["born", "born"]
        id = by_articles(state)[("a", "b")]
        done = run(state, [article("c")])
        assert done.events == (Event("grew", id, ("c",)),)
        assert by_articles(state) == {("a", "b", "c"): id, ("z",): by_articles(state)[("z",)]}
        assert state.story(id).id == id
        assert_whole(state)


def test_stories_merge_into_the_larger_one_and_its_id_leads_on(labels, tmp_path):
    labels |= {"a": "x", "b": "x", "c": "y"}
    with State(tmp_path / "news.state", create=True) as state:
        run(state, map(article, "abc"))
        large, small = by_articles(state)[("a", "b")], by_articles(state)[("c",)]
        labels |= dict.fromkeys("cd", "x")
        done = run(state, [article("d")])
        assert done.events == (Event("merged", small, ("c",), large), Event("grew", large, ("d",)))
        assert by_articles(state) == {("a", "b", "c", "d"): large}
        assert state.living(small) == large
        assert [t.event.kind for t in state.history(small)] == ["born", "merged"]
        with pytest.raises(StateError, match="has no story"):
            state.story(small)
        assert_whole(state)


def test_a_story_splits_and_the_larger_part_keeps_the_id(labels, tmp_path):
    labels |= dict.fromkeys("abcde", "x")
    with State(tmp_path / "news.state", create=True) as state:
        run(state, map(article, "abcde"))
        (whole,) = by_articles(state).values()
        labels |= {"a": "y", "b": "y", "f": "y"}
        done = run(state, [article("f")])
        part = by_articles(state)[("a", "b", "f")]
        assert done.events == (Event("split", part, ("a", "b"), whole), Event("grew", part, ("f",)))
        assert by_articles(state)[("c", "d", "e")] == whole
        assert_whole(state)


def test_an_id_is_never_given_twice(labels, tmp_path):
    labels |= {"a": "x", "b": "y", "c": "y"}
    with State(tmp_path / "news.state", create=True) as state:
        run(state, map(article, "abc"))
        alone = by_articles(state)[("a",)]
        labels["a"] = "y"
        run(state, [article("d")])
        labels["a"] = "x"
        run(state, [article("e")])
        again = by_articles(state)[("a",)]
        assert again != alone
        assert state.living(alone) == by_articles(state)[("b", "c")]
        assert_whole(state)


def test_another_text_under_a_known_id_is_a_revision(labels, tmp_path):
    labels |= dict.fromkeys("ab", "x")
    with State(tmp_path / "news.state", create=True) as state:
        run(state, [article("a", 1), article("b", 1)])
        (id,) = by_articles(state).values()
        revised = article("a", 1, "The ferry a left Port Ellis an hour late.")
        done = run(state, [revised, article("b", 1)], now=NOON + 101 * DAY)
        assert (done.new, done.revised, done.known) == ((), ("a",), 1)
        assert done.events == (Event("revised", id, ("a",)),)
        assert state.story(id).by_id["a"] == revised
        (changed,) = state.changed(NOON + 101 * DAY)
        assert changed.new == {"a"}
        assert changed.old == (article("a", 1),)
        assert run(state, [revised]).number == 2


def test_metadata_alone_is_no_revision(labels, tmp_path):
    with State(tmp_path / "news.state", create=True) as state:
        run(state, [article("a")])
        assert run(state, [replace(article("a"), metadata={"fetched": "today"})]).known == 1


LABEL = st.sampled_from("uvwx")
RUNS = st.lists(st.dictionaries(st.sampled_from("abcdefghij"), LABEL, min_size=1), min_size=1, max_size=5)


def test_whatever_happens_the_history_leads_to_the_stories(labels, tmp_path):
    numbers = iter(range(1000))

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(RUNS)
    def check(runs: list[dict[str, str]]) -> None:
        labels.clear()
        with State(tmp_path / f"{next(numbers)}.state", create=True) as state:
            for number, given in enumerate(runs):
                labels.update(given)
                run(state, [*map(article, given), article(f"new{number}")])
                assert_whole(state)
                known = [a for s in state.stories() for a in s.articles]
                wanted = {tuple(sorted(b for b in known if labels.get(b, b) == labels.get(a, a))) for a in known}
                assert groups(state) == wanted

    check()


PARTITION = st.dictionaries(st.integers(0, 9).map(str), LABEL)


def parts(labelled: Mapping[str, str]) -> list[set[str]]:
    return [{a for a, x in labelled.items() if x == label} for label in sorted(set(labelled.values()))]


@given(PARTITION, PARTITION)
def test_changes_lead_from_any_stories_to_any_groups(old: dict[str, str], new: dict[str, str]) -> None:
    before = {f"old {n}": part for n, part in enumerate(parts(old))}
    after_parts = parts({**old, **new})
    kept = match(after_parts, before)
    assert len([k for k in kept if k]) == len({k for k in kept if k})
    after = {story or f"new {n}": part for n, (story, part) in enumerate(zip(kept, after_parts, strict=True))}
    born = [Event("born", story, tuple(part)) for story, part in before.items()]
    assert replay([*born, *changes(after, before)]) == after


# Sleep


def test_old_stories_sleep_and_are_left_alone(labels, tmp_path):
    labels |= dict.fromkeys("abc", "x")
    with State(tmp_path / "news.state", create=True) as state:
        run(state, [article("a", 0)], window=2 * DAY)
        old = by_articles(state)[("a",)]
        done = run(state, [article("b", 3)], window=2 * DAY)
        assert kinds(done) == ["born"]
        assert [(s.articles, s.asleep) for s in state.stories()] == [(("b",), False), (("a",), True)]
        assert [t.event for t in state.history(old)][-1] == Event("slept", old)
        run(state, [article("c", 4)], window="kept")
        assert groups(state) == {("a",), ("b", "c")}
        assert state.window == 2 * DAY
        assert_whole(state)


def test_a_late_article_finds_the_story_of_its_own_days(labels, tmp_path):
    labels |= dict.fromkeys("ac", "x")
    with State(tmp_path / "news.state", create=True) as state:
        run(state, [article("a", 0)], window=2 * DAY)
        run(state, [article("b", 9)], window=2 * DAY)
        old = by_articles(state)[("a",)]
        done = run(state, [article("c", 1)], window=2 * DAY)
        assert done.events == (Event("grew", old, ("c",)),)
        assert [s.asleep for s in state.stories() if s.id == old] == [True]


def test_a_story_wakes_when_the_window_opens(labels, tmp_path):
    with State(tmp_path / "news.state", create=True) as state:
        run(state, [article("a", 0)], window=2 * DAY)
        run(state, [article("b", 9)], window=2 * DAY)
        old = by_articles(state)[("a",)]
        run(state, [article("c", 9)], window=20 * DAY)
        assert [t.event.kind for t in state.history(old)] == ["born", "slept", "woke"]
        assert not any(s.asleep for s in state.stories())


def test_the_same_text_is_never_in_two_stories_even_when_one_sleeps(tmp_path):
    text = "The Varrow Dam overflowed on Tuesday and fourteen people died in the valley below."
    with State(tmp_path / "news.state", create=True) as state:
        run(state, [article("a", 0, text)], TFIDF, window=2 * DAY)
        run(state, [article("b", 50, "Voters in Lund chose a new mayor by nine ballots.")], TFIDF, window=2 * DAY)
        run(state, [article("c", 60, text)], TFIDF, window=2 * DAY)
        assert groups(state) == {("a", "c"), ("b",)}


def test_an_article_without_a_date_has_that_of_its_arrival_and_none_is_of_the_future(labels, tmp_path):
    with State(tmp_path / "news.state", create=True) as state:
        run(state, [article("a"), article("b", 9999), article("c", 1)], now=NOON + 5 * DAY)
        assert {s.articles: s.last for s in state.stories()} == {
            ("a",): NOON + 5 * DAY,
            ("b",): NOON + 5 * DAY,
            ("c",): NOON + DAY,
        }


def test_a_clock_that_was_set_back_puts_no_run_before_the_last(labels, tmp_path):
    with State(tmp_path / "news.state", create=True) as state:
        run(state, [article("a")], now=NOON)
        run(state, [article("b")], now=NOON - DAY)
        assert state.time_of(2) == NOON


# What may go wrong


def test_two_articles_with_one_id_are_refused(tmp_path):
    with State(tmp_path / "news.state", create=True) as state, pytest.raises(DuplicateIdError, match="'a'"):
        run(state, [article("a"), article("a", text="Something else entirely was said about the ferry.")])


def test_a_run_that_fails_leaves_nothing(flood, tmp_path):
    path = tmp_path / "news.state"
    with State(path, create=True) as state:
        before = rows(path)
        with pytest.raises(UnknownNameError):
            run(state, flood, Config(clustering=ClusteringSettings(clusterer="none")))
    assert rows(path) == before


def sqlite_of_others(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipe (name TEXT)")


def another_version(path: Path) -> None:
    State(path, create=True).__exit__()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda p: p.write_text("This is an article about a dam. " * 50), "is not an SQLite file"),
        (lambda p: p.write_bytes(os.urandom(5000)), "is not an SQLite file"),
        (lambda p: p.mkdir(), "news.state"),
        (sqlite_of_others, "no state of stories"),
        (another_version, "version 99; this program knows version 1"),
    ],
)
def test_a_file_that_is_no_usable_state_is_refused_and_left_alone(make, told, create, tmp_path):
    path = tmp_path / "news.state"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StateError, match=told):
        State(path, create)
    assert (path.read_bytes() if path.is_file() else b"") == before


@pytest.mark.parametrize("name", ["none.state", "empty.state", "no/such/folder.state"])
def test_there_must_be_a_state_to_look_at(name, tmp_path):
    (tmp_path / "empty.state").touch()
    with pytest.raises(StateError, match="there is no state"):
        State(tmp_path / name)
    assert list(tmp_path.iterdir()) == [tmp_path / "empty.state"]


def test_an_empty_file_becomes_a_state(labels, tmp_path):
    path = tmp_path / "folder" / "news.state"
    with State(path, create=True) as state:
        assert (state.last_run, state.stories(), state.window) == (0, (), None)
        run(state, [article("a")])
    path = tmp_path / "empty.state"
    path.touch()
    with State(path, create=True) as state:
        run(state, [article("a")])
        assert groups(state) == {("a",)}


def test_damage_is_told_in_one_line_and_never_as_anything_else(flood, unrelated, tmp_path):
    path = tmp_path / "whole.state"
    with State(path, create=True) as state:
        run(state, [*flood, *unrelated], TFIDF)
        good = [state.story(s.id) for s in state.stories()]
    data = path.read_bytes()
    random = np.random.default_rng(7)
    refused = 0
    for number in range(60):
        hurt = bytearray(data)
        if number % 3:
            for at in random.integers(100, len(data), 40):
                hurt[at] = random.integers(256)
        else:
            del hurt[int(random.integers(1, len(data))) :]
        path = tmp_path / f"{number}.state"
        path.write_bytes(hurt)
        try:
            with State(path) as state:
                found = [state.story(s.id) for s in state.stories()]
                state.history()
                state.changed(NOON)
                run(state, [article("last")], TFIDF)
        except StateError as error:
            refused += 1
            assert "\n" not in str(error)
            assert str(path) in str(error)
        else:
            texts = {a.id: a.text for s in good for a in s.articles}
            assert all(texts.get(a.id, a.text) == a.text for s in found for a in s.articles)
    assert refused > 30


def test_a_text_that_was_changed_in_the_file_is_found_out(labels, tmp_path):
    path = tmp_path / "news.state"
    with State(path, create=True) as state:
        run(state, [article("a")])
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE article SET body = replace(body, 'ferry', 'ghost')")
        db.commit()
    with State(path) as state, pytest.raises(StateError, match="article 'a' is not what was written"):
        state.story(state.stories()[0].id)


# Kills and company

FEED = """
import json, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from summarize import Article, Config
from summarize.config import ClusteringSettings
from summarize.stream import State, follow

path, articles, size, death = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
if death:
    whole, calls = getattr(State, death), iter(range(9))
    def killed(self, *given, **named):
        second = next(calls) == 1
        if second and death != "write_run":
            os.kill(os.getpid(), signal.SIGKILL)
        result = whole(self, *given, **named)
        if second:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(State, death, killed)
config = Config(clustering=ClusteringSettings(clusterer="tfidf"))
with State(Path(path), create=True) as state:
    for start in range(0, len(articles), size):
        batch = [Article(id, text) for id, text in articles[start : start + size]]
        follow(state, batch, config, window=None, now=datetime(2026, 3, 2, 12, tzinfo=UTC), encode=None)
"""


def feed(path: Path, articles: Sequence[Article], size: int, death: str = "") -> subprocess.Popen[bytes]:
    given = json.dumps([(a.id, a.text) for a in articles])
    command = [sys.executable, "-c", FEED, str(path), given, str(size), death]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


@pytest.fixture(scope="module")
def undisturbed(flood, unrelated, tmp_path_factory) -> Path:
    """A state that was fed in runs of five, and nobody killed."""
    path: Path = tmp_path_factory.mktemp("quiet") / "news.state"
    process = feed(path, [*flood, *unrelated], 5)
    _, err = process.communicate()
    assert process.returncode == 0, err
    return path


@pytest.mark.parametrize("death", ["touched", "_write_members", "write_run"])
def test_a_run_that_is_killed_anywhere_is_whole_or_was_not(death, flood, unrelated, undisturbed, tmp_path):
    articles = [Article(a.id, a.text) for a in (*flood, *unrelated)]
    process = feed(tmp_path / "killed", articles, 5, death)
    _, err = process.communicate()
    assert process.returncode == -signal.SIGKILL, err
    with State(tmp_path / "killed") as state:
        assert state.last_run == (2 if death == "write_run" else 1)
        assert_whole(state)
        assert len(run(state, articles, TFIDF, now=NOON).new) == (0 if death == "write_run" else len(articles) - 5)
    assert rows(tmp_path / "killed") == rows(undisturbed)


def test_two_processes_at_once_lose_nothing(flood, unrelated, tmp_path):
    articles = [Article(a.id, a.text) for a in (*flood, *unrelated)]
    path = tmp_path / "news.state"
    processes = [feed(path, articles[::2], 1), feed(path, articles[1::2], 1)]
    for process in processes:
        _, err = process.communicate()
        assert process.returncode == 0, err
    with State(path) as state:
        assert groups(state) == {tuple(s.by_id) for s in cluster(articles, TFIDF.clustering, bag_of_words)}
        assert state.last_run == len(articles)
        assert_whole(state)


def test_a_run_that_another_one_overtakes_begins_anew(labels, tmp_path):
    path = tmp_path / "news.state"
    labels |= dict.fromkeys("abc", "x")
    overtaken = []

    def group(articles: Sequence[Article], *more: object) -> list[list[int]]:
        overtaken.append([a.id for a in articles])
        if len(overtaken) == 1:
            with State(path) as other:
                run(other, [article("b")])
        return CLUSTERERS["labels"](articles, *more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch, State(path, create=True) as state:
        run(state, [article("a")])
        patch.setitem(CLUSTERERS, "overtaken", group)  # type: ignore[misc]
        done = run(state, [article("c")], Config(clustering=ClusteringSettings(clusterer="overtaken")))
        assert overtaken == [["a", "c"], ["a", "b", "c"]]
        assert (done.number, done.new) == (3, ("c",))
        assert groups(state) == {("a", "b", "c")}


def test_a_state_in_use_is_told(labels, tmp_path, monkeypatch):
    monkeypatch.setattr("summarize.stream.state.PATIENCE", 0.01)
    path = tmp_path / "news.state"
    with State(path, create=True) as state, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError, match="in use by another process"):
            run(state, [article("a")])


# What is new

DAM = "The Varrow Dam broke on Tuesday evening above Orless. Fourteen people died in the valley below the dam."
LATER = (
    "The Varrow Dam broke on Tuesday evening above Orless. Nineteen people died in the valley below the dam. "
    "A judge ordered the engineer of the dam company to hand over his inspection notes."
)


def two_days(path: Path, first: Sequence[Article], second: Sequence[Article]) -> tuple[Changed, ...]:
    """What changed on the second of two days, all articles being of one story."""
    labels = Config(clustering=ClusteringSettings(clusterer="one"))
    with State(path, create=True) as state:
        run(state, first, labels, now=NOON)
        run(state, second, labels, now=NOON + DAY)
        return state.changed(NOON + DAY)


@pytest.fixture
def one_story(monkeypatch):
    monkeypatch.setitem(CLUSTERERS, "one", lambda articles, *_: [list(range(len(articles)))])


def left(story: Story) -> list[str]:
    return [s.text for a in story.articles for s in sentences(a)]


@pytest.mark.usefixtures("one_story")
class TestNews:
    def test_what_older_articles_told_is_set_aside_and_a_new_number_is_not(self, tmp_path):
        (changed,) = two_days(tmp_path / "n", [article("a", 0, DAM)], [article("b", 1, LATER)])
        found = news(changed, NOON + DAY, ClaimSettings(), bag_of_words)
        assert found is not None
        assert (found.id, found.since) == (changed.story.id, NOON + DAY)
        assert [a.id for a in found.articles] == ["b"]
        assert left(found) == [
            "Nineteen people died in the valley below the dam.",
            "A judge ordered the engineer of the dam company to hand over his inspection notes.",
        ]
        assert [a.kind for a in found.articles[0].asides] == [TOLD]
        assert found.articles[0].text == LATER

    def test_what_contradicts_older_articles_is_new(self, tmp_path, monkeypatch):
        citations = [Citation("a", 0, 9, DAM[:9], 1.0), Citation("b", 0, 9, LATER[:9], 1.0)]
        dispute = Conflict("the dam", "name", tuple(ConflictValue(c.quote, (c,)) for c in citations))
        monkeypatch.setattr("summarize.stream.news.conflicts", lambda story: (dispute,))
        (changed,) = two_days(tmp_path / "n", [article("a", 0, DAM)], [article("b", 1, LATER)])
        found = news(changed, NOON + DAY, ClaimSettings(), bag_of_words)
        assert found is not None
        assert left(found)[0] == "The Varrow Dam broke on Tuesday evening above Orless."

    def test_an_article_that_tells_nothing_new_is_none(self, tmp_path):
        (changed,) = two_days(tmp_path / "n", [article("a", 0, DAM)], [article("b", 1, DAM)])
        assert changed.new == {"b"}
        assert news(changed, NOON + DAY, ClaimSettings(), bag_of_words) is None

    def test_of_a_revised_article_only_what_its_older_text_lacked_is_new(self, tmp_path):
        (changed,) = two_days(tmp_path / "n", [article("a", 0, DAM)], [article("a", 0, LATER)])
        found = news(changed, NOON + DAY, ClaimSettings(), bag_of_words)
        assert found is not None
        assert len(left(found)) == 2

    def test_a_story_that_is_all_new_is_told_in_full(self, tmp_path):
        (changed,) = two_days(tmp_path / "n", [], [article("a", 0, DAM)])
        found = news(changed, NOON + DAY, ClaimSettings(), bag_of_words)
        assert found is not None
        assert found.articles == changed.story.articles

    def test_lineages_are_those_of_the_articles_that_are_left(self, tmp_path):
        (changed,) = two_days(tmp_path / "n", [article("a", 0, DAM)], [article("b", 1, LATER), article("c", 1, LATER)])
        found = news(changed, NOON + DAY, ClaimSettings(), bag_of_words)
        assert found is not None
        assert found.lineages == (("b", "c"),)


# Spans and points of time


@pytest.mark.parametrize(("text", "span"), [("14d", 14 * DAY), ("36h", 1.5 * DAY), ("2w", 14 * DAY), ("none", None)])
def test_spans_are_read(text, span):
    assert parse_span(text) == span


@pytest.mark.parametrize("text", ["", "14", "d", "-3d", "0d", "14 days", "1e9d", "99999999d", "nan"])
def test_what_is_no_span_is_refused(text):
    with pytest.raises(ConfigError, match="no span of time"):
        parse_span(text)


@given(st.integers(1, 99999), st.sampled_from("mhdw"))
def test_a_span_is_shown_as_it_is_read(count, unit):
    span = parse_span(f"{count}{unit}")
    assert span is not None
    assert abs(parse_span(show_span(span)) - span) < timedelta(seconds=1)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("24h", NOON - DAY),
        ("2026-02-20", datetime(2026, 2, 20, tzinfo=UTC)),
        ("2026-02-20T18:00", datetime(2026, 2, 20, 18, tzinfo=UTC)),
        ("2026-02-20T18:00+02:00", datetime(2026, 2, 20, 16, tzinfo=UTC)),
    ],
)
def test_points_of_time_are_read(text, time):
    assert parse_since(text, NOON) == time


@pytest.mark.parametrize("text", ["", "yesterday", "none", "03/04/2026", "12"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ConfigError, match="is no time"):
        parse_since(text, NOON)


# The command line


@pytest.fixture
def command(capsys, tmp_path):
    (tmp_path / "s.yaml").write_text("clustering: {clusterer: tfidf}\nsummarizer: lead\n")

    def ran(*arguments: str | Path) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in (*arguments, "-c", tmp_path / "s.yaml")])
        out, err = capsys.readouterr()
        return Ran(ended.value.code or 0, out, err)

    return ran


def test_stories_are_kept_from_run_to_run(command, tmp_path):
    path = tmp_path / "news.state"
    first = command("cluster", DATA / "flood", "--state", path)
    assert (first.status, first.err) == (0, "")
    assert first.out.startswith("run 1: 4 new, 0 revised, 0 known; 1 story, 0 asleep (window 14d)\n")
    second = json.loads(command("cluster", DATA / "flood", DATA / "unrelated", "--state", path, "-f", "json").out)
    assert (second["state"]["run"], len(second["new"]), second["known"]) == (2, 5, 4)
    assert [len(s["articles"]) for s in second["stories"]] == [4, 1, 1, 1, 1, 1]
    assert {e["kind"] for e in second["events"]} == {"born"}
    shown = json.loads(command("cluster", "--state", path, "-f", "json").out)
    assert shown["stories"] == second["stories"]
    assert "new" not in shown
    again = command("cluster", DATA / "flood", "--state", path).out
    assert again.startswith("nothing new: 4 articles known already; 6 stories")


def test_the_history_of_a_story_is_shown(command, tmp_path):
    path = tmp_path / "news.state"
    command("cluster", *sorted((DATA / "flood").iterdir())[:2], "--state", path)
    grown = json.loads(command("cluster", DATA / "flood", "--state", path, "-f", "json").out)
    id = next(s["id"] for s in grown["stories"] if len(s["articles"]) == 4)
    history = command("cluster", "--state", path, "--history", id).out.splitlines()
    assert history[0] == id
    assert "run 1  born of 2 articles (" in history[1]
    assert "run 2  grew by 2 articles (" in history[2]
    page = json.loads(command("cluster", "--state", path, "--history", id, "-f", "json").out)
    assert (page["story"], page["lives_as"]) == (id, id)
    assert [(e["run"], e["kind"]) for e in page["events"]] == [(1, "born"), (2, "grew")]


@pytest.fixture
def two_runs(command, tmp_path):
    """A state that read half of the flood first, and all of it and a copy later."""
    path = tmp_path / "news.state"
    half = sorted((DATA / "flood").iterdir())[:2]
    command("cluster", *half, "--state", path)
    copy = tmp_path / "copy.txt"
    copy.write_bytes(half[0].read_bytes())
    command("cluster", DATA / "flood", DATA / "unrelated" / "volcano.txt", copy, "--state", path)
    return path


@pytest.mark.usefixtures("no_model")
def test_what_the_last_run_brought_is_told(command, two_runs, tmp_path, monkeypatch):
    monkeypatch.setattr("summarize.stream.commands.lazy_encode", lambda _: bag_of_words)
    whole = json.loads(command("story", "--state", two_runs, "-f", "json").out)
    assert [len(s["articles"]) for s in whole["stories"]] == [5, 1]
    assert not any(s["since"] for s in whole["stories"])
    page = json.loads(command("story", "--state", two_runs, "--since", "last", "-f", "json").out)
    jsonschema.validate(page, schema())
    first, other = sorted(page["stories"], key=lambda s: -len(s["articles"]))
    assert {Path(a["id"]).name for a in first["articles"]} == {p.name for p in sorted((DATA / "flood").iterdir())[2:]}
    assert [Path(a["id"]).name for a in other["articles"]] == ["volcano.txt"]
    assert first["since"] == other["since"]
    assert datetime.fromisoformat(first["since"]) == datetime.fromisoformat(page["signature"]["since"])
    (silent,) = page["skipped"]
    assert silent == {"path": str(tmp_path / "copy.txt"), "reason": f"tells nothing new of story {first['id']}"}
    for sentence in first["summary"]["sentences"]:
        for c in sentence["citations"]:
            assert Path(c["article"]).read_text("utf-8")[c["start"] : c["end"]] == c["quote"]
    only = json.loads(
        command("story", "--state", two_runs, "--since", "last", "--story", other["id"], "-f", "json").out
    )
    assert only["stories"] == [other]
    large = command("story", "--state", two_runs, "--since", "last", "--min-articles", "4", "-f", "json").out
    assert json.loads(large)["stories"] == [first]


@pytest.mark.usefixtures("no_model")
@pytest.mark.parametrize("format", ["text", "markdown", "html"])
def test_every_page_says_since_when_it_is_new(format, command, two_runs, monkeypatch):
    monkeypatch.setattr("summarize.stream.commands.lazy_encode", lambda _: bag_of_words)
    page = command("story", "--state", two_runs, "--since", "24h", "-f", format).out
    assert re.search(r"New since \d{4}-\d\d-\d\d \d\d:\d\d UTC: ", page)
    assert "New since" not in command("story", "--state", two_runs, "-f", format).out


@pytest.mark.usefixtures("no_model")
def test_nothing_new_is_no_story(command, two_runs):
    page = json.loads(command("story", "--state", two_runs, "--since", "2999-01-01", "-f", "json").out)
    assert (page["stories"], page["skipped"]) == ([], [])


def test_wrong_use_is_told_before_anything_is_read(command, tmp_path, monkeypatch):
    monkeypatch.setattr("summarize.cli.read_articles", lambda *_, **__: pytest.fail("read"))
    state = ("--state", tmp_path / "news.state")
    for options, told in (
        ((*state, "--history", "x"), "give it no PATH"),
        ((*state, "--window", "three"), "no span of time"),
        ((*state, "--explain", "a"), "--explain asks"),
        (("--explain", "a", "--explain", "b", "--explain", "c"), "--explain asks"),
    ):
        assert told in command("cluster", DATA / "flood", *options).complaint


def test_wrong_use_of_a_state_ends_with_status_2(command, tmp_path):
    path = tmp_path / "news.state"
    flood = DATA / "flood"
    for arguments, told in (
        (["cluster", flood, "--window", "3d"], "it needs --state FILE"),
        (["cluster", flood, "--history", "x"], "it needs --state FILE"),
        (["cluster"], "PATH"),
        (["cluster", "--state", path], "there is no state"),
        (["cluster", flood, "--state", path, "--history", "x"], "give it no PATH"),
        (["cluster", "--state", path, "--window", "3d"], "--window needs articles"),
        (["cluster", flood, "--state", path, "--window", "three"], "no span of time"),
        (["cluster", flood, "--state", flood], "cannot open"),
        (["cluster", tmp_path / "none", "--state", path], "none"),
        (["story", flood, "--since", "last"], "it needs --state FILE"),
        (["story", flood, "--story", "x"], "it needs --state FILE"),
        (["story", "--state", path], "there is no state"),
        (["story", flood, "--state", path], "adds articles to it"),
    ):
        done = command(*arguments)
        assert (done.status, done.out) == (2, ""), arguments
        assert told in done.err
        assert not path.exists()
    command("cluster", flood, "--state", path)
    assert "has no story 'x'" in command("cluster", "--state", path, "--history", "x").complaint
    assert "has no story 'x'" in command("story", "--state", path, "--story", "x").complaint
    assert "has no story 'x'" in command("story", "--state", path, "--story", "x", "--since", "24h").complaint
    assert "is no time" in command("story", "--state", path, "--since", "soon").complaint
