"""Batches: the same bytes on every engine, however often they are killed; what is broken fails alone."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing import active_children
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow.parquet as pq
import pytest
from conftest import DATA, Ran, bag_of_words
from hypothesis import given
from hypothesis import strategies as st

from summarize import Article, Config, Summarizer, read_articles
from summarize.cli import main
from summarize.clustering import groups, hybrid, pairs
from summarize.config import ClusteringSettings, EncoderSettings
from summarize.documents import Skipped
from summarize.engines import ENGINES, Map, articles, finish, shards, stories
from summarize.engines.articles import Part, parts_of
from summarize.engines.batch import MANIFEST, WORK, Batch, Progress, batch
from summarize.engines.folder import only_run
from summarize.errors import ConfigError, ModelError, NothingReadableError, OutputError, UnknownNameError
from summarize.models import Encode
from summarize.reading import Input
from summarize.rendering.contract import schema

QUICK = Config.parse({"summarizer": "lead", "clustering": {"clusterer": "tfidf"}, "plan": {"words": 40}})
INPUTS = [DATA / name for name in ("flood", "unrelated", "bridge", "messy")]


def run(output: Path, inputs: Sequence[object] = INPUTS, config: Config = QUICK, **more: object) -> Batch:
    return batch([str(i) for i in inputs], output, config, **{"workers": 1, "stories": 3, **more})  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a finished batch."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != ".lock"}


def known(value: object) -> object:
    """A record without what it does not have, which JSON leaves out and Parquet has as null."""
    if isinstance(value, dict):
        return {k: known(v) for k, v in value.items() if v is not None}
    return [known(v) for v in value] if isinstance(value, list) else value


def records(folder: Path) -> list[dict]:
    return [json.loads(line) for p in sorted(folder.glob("*.jsonl")) for line in p.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The folder of a batch that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    run(folder)
    return folder


# What is left behind


def test_every_story_is_in_one_shard_as_the_summarizer_writes_it(whole):
    maker = Summarizer(QUICK.replace(threads=1))
    expected = [maker.summarize(s).to_dict() | {"error": None} for s in maker.stories(read_articles(INPUTS))]
    assert records(whole) == sorted(expected, key=lambda r: r["id"])
    story = {"$ref": "#/$defs/story", "$defs": schema()["$defs"]}
    for record in records(whole):
        del record["error"]
        jsonschema.validate(record, story)


def test_the_manifest_tells_of_everything(whole):
    manifest = json.loads((whole / MANIFEST).read_text("utf-8"))
    found = records(whole)
    assert manifest["stories"] == len(found) == sum(s["stories"] for s in manifest["shards"])
    assert manifest["articles"] == sum(len(r["articles"]) for r in found) == 24
    assert manifest["failed"] == []
    skipped = {Path(s["path"]).name: s["reason"] for s in manifest["skipped"]}
    assert skipped.keys() == {"blank.txt", "empty.txt", "metro.jsonl", "picture.txt"}
    assert manifest["config"]["plan"]["words"] == 40
    assert {"summarize", "torch", "python"} <= manifest["versions"].keys()
    assert len(manifest["shards"]) > 1
    for shard in manifest["shards"]:
        data = (whole / shard["file"]).read_bytes()
        assert (len(data), shards.hashlib.sha256(data).hexdigest()) == (shard["bytes"], shard["sha256"])
    assert contents(whole).keys() == {MANIFEST, *(s["file"] for s in manifest["shards"])}


def test_parquet_holds_what_json_lines_hold(whole, tmp_path):
    done = run(tmp_path / "one", format="parquet")
    rows = [row for s in done.manifest["shards"] for row in pq.read_table(done.folder / s["file"]).to_pylist()]
    assert known(rows) == known(records(whole))
    run(tmp_path / "two", format="parquet")
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


def test_parquet_has_a_column_for_whatever_the_contract_has(flood_story):
    record = {**Summarizer(QUICK).summarize(flood_story).to_dict(), "error": None}
    text = "half a pair \ud800"
    data = shards.FORMATS["parquet"]([record, record | {"title": text}])
    first, second = pq.read_table(io.BytesIO(data)).to_pylist()
    assert known(first) == known(record)
    assert second["title"] == "half a pair ?"


def test_json_lines_can_be_read_by_lines_whatever_they_hold():
    record = {"id": "0", "title": "a\u2028b\x85c\x1b[31m", "error": None}
    (line,) = shards.FORMATS["jsonl"]([record]).decode().splitlines()
    assert json.loads(line) == record
    assert "\x1b" not in line


def test_neither_the_order_of_the_inputs_nor_a_second_run_changes_a_byte(whole, tmp_path):
    run(tmp_path, INPUTS[::-1])
    assert contents(tmp_path) == contents(whole)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.iterdir() if p.name != ".lock"}
    steps: list[Progress] = []
    run(tmp_path, watch=steps.append)
    assert steps == []
    assert {p: p.stat().st_mtime_ns for p in tmp_path.iterdir() if p.name != ".lock"} == before


def test_stories_with_too_few_articles_are_counted_and_left_out(whole, tmp_path):
    done = run(tmp_path, config=QUICK.replace(min_articles=2))
    large = [r for r in records(whole) if len(r["articles"]) > 1]
    assert records(tmp_path) == large
    assert done.manifest["stories"] == len(large) > 1
    assert done.manifest["left_out"] == len(records(whole)) - len(large) > 1


# Engines


def kill_workers() -> None:
    for process in active_children():
        os.kill(process.pid, signal.SIGKILL)  # type: ignore[arg-type]


def once(kill: Callable[[], None], stage: str = "stories") -> Callable[[Progress], None]:
    """A watch that kills something when the first story is done."""
    left = [kill]

    def watch(progress: Progress) -> None:
        if progress.stage == stage and progress.done and left:
            left.pop()()

    return watch


def test_several_processes_give_the_same_bytes_though_all_are_killed_once(whole, tmp_path):
    run(tmp_path, workers=2, watch=once(kill_workers))
    assert contents(tmp_path) == contents(whole)


def kill_actors() -> None:
    """Kill the actors of the Ray that this process started."""
    parents = {int(p.name): _stat(p) for p in Path("/proc").iterdir() if p.name.isdecimal()}
    actors = [
        pid
        for pid, (name, parent) in parents.items()
        if name.startswith("ray::MapWork") and parents.get(parent, ("", 0))[1] == os.getpid()
    ]
    assert actors
    for pid in actors:
        os.kill(pid, signal.SIGKILL)


def _stat(process: Path) -> tuple[str, int]:
    try:
        name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(")")
    except OSError:
        return "", 0
    return name, int(rest.split()[1])


def on_ray(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that uses the Ray of all tests; Ray warns of itself."""
    for mark in (
        pytest.mark.ray,
        pytest.mark.usefixtures("cluster"),
        pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.data.context"),
    ):
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def cluster():
    """A Ray of this machine, started once for all tests."""
    with ENGINES["ray"](2) as started:
        yield started


@on_ray
def test_ray_gives_the_same_bytes_though_its_actors_are_killed_once(whole, tmp_path):
    run(tmp_path, engine="ray", workers=2, watch=once(kill_actors))
    assert contents(tmp_path) == contents(whole)


@on_ray
def test_the_default_summarizer_writes_the_same_on_every_engine(tmp_path):
    inputs = [DATA / "flood", DATA / "unrelated" / "ferry-fire.txt"]
    for name, engine, workers in (("one", "local", 1), ("two", "local", 2), ("ray", "ray", 2)):
        run(tmp_path / name, inputs, Config().replace(**{"plan.words": 80}), engine=engine, workers=workers, stories=1)
    assert len(records(tmp_path / "one")) == 2
    assert any(s["origin"] != "extracted" for r in records(tmp_path / "one") for s in r["summary"]["sentences"])
    assert contents(tmp_path / "two") == contents(tmp_path / "one")
    assert contents(tmp_path / "ray") == contents(tmp_path / "one")


@on_ray
def test_a_task_that_ends_its_actor_is_given_up_after_some_attempts(cluster, tmp_path):
    import ray

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    check_finish(cluster, tmp_path)


def squares(marks: Path) -> Callable[[Sequence[int]], list[int]]:
    """Squares of numbers; 3 always ends the process, 5 does so once."""

    def work(task: Sequence[int]) -> list[int]:
        for number in task:
            mark = marks / str(number)
            if number == 3 or (number == 5 and not mark.exists()):
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return [n * n for n in task]

    return work


def check_finish(run: Map, marks: Path) -> None:
    tasks = [(0, 1), (2, 3), (4, 5), (6,)]
    done = dict(finish(run, partial(squares, marks), tasks, lambda task: [(n,) for n in task]))
    assert done == {(0, 1): [0, 1], (2,): [4], (3,): None, (4,): [16], (5,): [25], (6,): [36]}


def test_a_task_that_ends_its_process_is_given_up_after_some_attempts(tmp_path):
    with ENGINES["local"](2) as started:
        check_finish(started, tmp_path)


def refusing(marks: Path, whole: bool) -> Callable[[int], int]:
    """Raises an error on purpose, when it is made or at a task, and marks how often it came to that."""

    def work(task: int) -> int:
        (marks / f"{task}-{os.getpid()}-{len(list(marks.iterdir()))}").touch()
        raise UnknownNameError("weight", "leed", ["lead"])

    return work if whole else work(0)  # type: ignore[return-value]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("whole", [True, False])
def test_an_error_raised_on_purpose_ends_everything_at_once_and_no_process(tmp_path, workers, whole):
    with ENGINES["local"](workers) as started, pytest.raises(UnknownNameError, match="unknown weight 'leed'"):
        list(finish(started, partial(refusing, tmp_path, whole), [1], lambda task: [task]))
    assert len(list(tmp_path.iterdir())) == 1


def sleeping() -> Callable[[float], float]:
    def work(seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    return work


def test_no_process_outlives_its_engine_though_it_is_at_work_and_its_results_are_held():
    before = set(active_children())
    with ENGINES["local"](2) as started:
        held = started(sleeping, [0.0, 600.0, 600.0])
        assert next(held) == (0, 0.0)
        assert set(active_children()) - before
    assert not set(active_children()) - before
    held.close()


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3), max_size=6), st.data())
def test_whatever_is_lost_every_smallest_task_has_one_result(tasks, data):
    numbered = [tuple((t, n, value) for n, value in enumerate(task)) for t, task in enumerate(tasks)]

    def flaky(make, left):
        for place, task in enumerate(left):
            if data.draw(st.booleans()):
                yield place, make()(task)

    results = list(finish(flaky, lambda: len, numbered, lambda task: [(one,) for one in task]))
    assert sorted(one for task, _ in results for one in task) == [one for task in numbered for one in task]
    assert all(size in (None, len(task)) for task, size in results)


# Killed at any moment


def killed(output: Path, when: str, step: int) -> bool:
    """Whether a batch in a process of its own came to the step at which it would be killed."""
    child = os.fork()
    if not child:
        try:
            left = [step]

            def tick(*_: object) -> None:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            if when == "watched":
                run(output, watch=tick)
            else:
                real = getattr(os, when)
                setattr(os, when, lambda *args: (tick(), real(*args))[1])
                run(output)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("when", ["watched", "fsync"])
def test_killed_at_every_step_a_batch_goes_on_and_ends_with_the_same_bytes(whole, tmp_path, when):
    step = 0
    while killed(tmp_path / str(step), when, step):
        run(tmp_path / str(step))
        assert contents(tmp_path / str(step)) == contents(whole), step
        step += 5
    assert step > 12
    assert contents(tmp_path / str(step)) == contents(whole)


def test_killed_again_and_again_a_batch_comes_to_its_end(whole, tmp_path):
    kills = 0
    while killed(tmp_path, "fsync", 4):
        kills += 1
        assert kills < 50
    assert kills > 3
    assert contents(tmp_path) == contents(whole)


def test_what_an_earlier_run_finished_is_not_done_again(whole, tmp_path, monkeypatch):
    assert killed(tmp_path, "watched", 12)
    kept = sorted(p.name for p in tmp_path.glob("*.jsonl"))
    assert kept
    summarised: list[str] = []
    real = Summarizer.summaries
    monkeypatch.setattr(
        Summarizer, "summaries", lambda self, given: real(self, [summarised.append(s.id) or s for s in given])
    )
    monkeypatch.setattr("summarize.engines.articles.read_input", lambda *_: pytest.fail("read again"))
    run(tmp_path)
    assert contents(tmp_path) == contents(whole)
    assert not set(summarised) & {
        json.loads(line)["id"] for name in kept for line in (whole / name).read_text().splitlines()
    }


# What is broken fails alone


def test_a_story_that_cannot_be_summarised_is_listed_and_the_others_are_written(whole, tmp_path, monkeypatch):
    real = Summarizer.summaries

    def summaries(self, given):
        for story in given:
            if any("ferry-fire" in a.id for a in story.articles):
                raise ValueError("the wheel\ncame off")
            yield from real(self, [story])

    monkeypatch.setattr(Summarizer, "summaries", summaries)
    done = run(tmp_path)
    (failure,) = done.failed
    assert failure["error"] == "ValueError: the wheel came off"
    assert [Path(a).name for a in failure["articles"]] == ["ferry-fire.txt"]
    by_id = {r["id"]: r for r in records(tmp_path)}
    broken = by_id.pop(failure["story"])
    assert broken["summary"] is None and broken["title"] is None
    assert broken["error"] == failure["error"]
    good = next(iter(by_id.values()))
    assert list(broken) == list(good) and broken["articles"][0].keys() == good["articles"][0].keys()
    assert sum(s["failed"] for s in done.manifest["shards"]) == 1
    assert list(by_id.values()) == [r for r in records(whole) if r["id"] != failure["story"]]
    run(tmp_path / "parquet", format="parquet")  # a record without a summary has a place there too


def test_a_story_that_ends_its_process_is_listed_and_the_others_are_written(whole, tmp_path, monkeypatch):
    broken = next(r["id"] for r in records(whole) if "ferry-fire" in r["articles"][0]["id"])

    def dying(engine):
        def work(make, tasks):
            alive = [n for n, task in enumerate(tasks) if not any(getattr(s, "id", None) == broken for s in task)]
            for place, result in engine(make, [tasks[n] for n in alive]):
                yield alive[place], result

        return work

    real = stories.summarised
    monkeypatch.setattr("summarize.engines.batch.summarised", lambda engine, *rest: real(dying(engine), *rest))
    (failure,) = run(tmp_path).failed
    assert (failure["story"], failure["error"]) == (broken, "summarising it ended the process")
    assert [r for r in records(tmp_path) if r["error"] is None] == [r for r in records(whole) if r["id"] != broken]


def test_an_input_that_cannot_be_read_is_listed_and_gives_nothing(whole, tmp_path, monkeypatch):
    real = articles.read_input

    def read_input(entry: Input, settings: object):
        yield from real(entry, settings)
        if entry.label.endswith("herons.csv"):
            raise RuntimeError("half-way")

    monkeypatch.setattr(articles, "read_input", read_input)
    done = run(tmp_path)
    (skipped,) = [s for s in done.skipped if s.path.endswith("herons.csv")]
    assert skipped.reason == "RuntimeError: half-way"
    assert not any("herons" in a["id"] for r in records(tmp_path) for a in r["articles"])
    assert done.manifest["articles"] < json.loads((whole / MANIFEST).read_text())["articles"]


def test_an_article_that_grouping_stumbles_over_is_listed_alone(tmp_path, monkeypatch):
    real = stories.groups

    def groups(given, *more):
        for article in given:
            if "ferry-fire" in article.id:
                raise OverflowError("too hot")
        return real(given, *more)

    monkeypatch.setattr(stories, "groups", groups)
    done = run(tmp_path)
    (skipped,) = [s for s in done.skipped if s.path.endswith("ferry-fire.txt")]
    assert skipped.reason == "OverflowError: too hot"
    assert done.manifest["articles"] == 23


def test_of_two_articles_with_one_id_the_first_counts_and_the_other_is_listed(tmp_path):
    text = "The harbour of Tema was closed on Monday after a crane fell."
    lines = [{"id": "x", "text": text}, {"id": "x", "text": text + " Nobody was hurt."}, {"id": "y", "text": text}]
    source = tmp_path / "twice.jsonl"
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = run(tmp_path / "out", [source])
    assert done.skipped == (Skipped(f"{source}#2", f"its id 'x' is that of {source}#1"),)
    assert done.manifest["articles"] == 2


def test_hostile_records_are_kept_as_they_are_or_listed(tmp_path):
    text = "A bridge near Varrow\u2028was closed\x00 on Monday, \x1b[31mthe police\x1b[0m said."
    rows = [
        json.dumps({"id": "\ud800\x1b]0;", "text": text, "title": "\x85"}),
        json.dumps({"id": 7, "text": {"not": "text"}}),
        "[" * 5000,
        json.dumps({"text": text * 500, "id": "../../etc"}),
    ]
    source = tmp_path / "hostile.jsonl"
    source.write_text("\n".join(rows), "utf-8", newline="")
    done = run(tmp_path / "out", [source])
    assert done.manifest["articles"] == 2
    assert done.failed == []
    assert {a["id"] for r in records(tmp_path / "out") for a in r["articles"]} == {"\ufffd\x1b]0;", "../../etc"}
    assert [s.path for s in done.skipped] == [str(source)] * len(done.skipped)
    assert done.skipped


# What a folder holds already


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"config": QUICK.replace(**{"plan.words": 50, "seed": 2})}, r"other settings \(plan.words, seed\);"),
        ({"inputs": INPUTS[:2]}, "other inputs;"),
        ({"format": "parquet"}, "other format;"),
        ({"stories": 4}, "other size of shards;"),
    ],
)
def test_another_batch_is_refused_and_nothing_changed_unless_fresh(tmp_path, changes, told):
    run(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(ConfigError, match=told):
        run(tmp_path, **changes)
    assert contents(tmp_path) == before
    run(tmp_path, **changes, fresh=True)
    anew = tmp_path.with_name("anew")
    run(anew, **changes, fresh=True)
    assert contents(tmp_path) == contents(anew)


def test_a_changed_byte_of_an_input_is_another_batch(tmp_path):
    source = tmp_path / "a.txt"
    source.write_text("The ferry to Lund ran aground on Monday in thick fog.")
    assert killed_with(tmp_path / "out", [source])
    source.write_text("The ferry to Lund ran aground on Sunday in thick fog.")
    with pytest.raises(ConfigError, match="other inputs"):
        run(tmp_path / "out", [source])
    run(tmp_path / "out", [source], fresh=True)
    assert "Sunday" in records(tmp_path / "out")[0]["summary"]["text"]


def killed_with(output: Path, inputs: Sequence[Path]) -> bool:
    child = os.fork()
    if not child:
        try:
            run(output, inputs, watch=lambda progress: os.kill(os.getpid(), signal.SIGKILL))
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_fresh_removes_only_what_a_batch_leaves(tmp_path):
    run(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "stories-of-old.jsonl").write_text("mine")
    run(tmp_path, format="parquet", fresh=True)
    assert not [p.name for p in tmp_path.glob("stories-0*.jsonl")]
    assert (tmp_path / "notes.txt").exists() and (tmp_path / "stories-of-old.jsonl").exists()


def test_a_shard_that_went_or_changed_since_is_told(tmp_path):
    run(tmp_path)
    (tmp_path / "stories-00000.jsonl").write_text("")
    with pytest.raises(OutputError, match=r"stories-00000\.jsonl is missing or was changed"):
        run(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00", '{"batch": 2}'])
def test_a_manifest_that_is_none_is_refused(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(OutputError, match="not of a batch, or damaged; --fresh starts anew"):
        run(tmp_path)


def test_a_damaged_plan_is_told(tmp_path):
    assert killed(tmp_path, "watched", 12)
    (tmp_path / WORK / "plan.jsonl").write_text('{"articles": 3}\n[')
    with pytest.raises(OutputError, match=r"plan\.jsonl is damaged; --fresh starts anew"):
        run(tmp_path)


def test_damaged_articles_of_an_earlier_run_are_told(tmp_path):
    assert killed(tmp_path, "watched", 12)  # the articles are read, and grouped
    for path in (tmp_path / WORK).glob("0*.jsonl"):
        path.write_text("{" * path.stat().st_size)
    with pytest.raises(OutputError, match=r"0\.jsonl is damaged; --fresh starts anew"):
        run(tmp_path)
    (tmp_path / WORK / "plan.jsonl").unlink()
    with pytest.raises(OutputError, match=r"0\.jsonl is damaged; --fresh starts anew"):
        run(tmp_path)
    for path in (tmp_path / WORK).glob("0*.jsonl"):
        path.unlink()
        path.mkdir()
    with pytest.raises(OutputError, match=r"cannot read .*0\.jsonl: Is a directory"):
        run(tmp_path)


def test_a_second_batch_in_a_folder_is_refused_meanwhile(tmp_path):
    with only_run(tmp_path), pytest.raises(OutputError, match="another run is writing"):
        run(tmp_path)


def test_nothing_readable_is_told_and_leaves_nothing(tmp_path):
    with pytest.raises(NothingReadableError, match="no article in 1 input"):
        run(tmp_path, [DATA / "messy" / "empty.txt"])
    assert contents(tmp_path) == {}
    run(tmp_path)


@pytest.mark.parametrize("wrong", [{"engine": "locl"}, {"format": "json"}, {"config": Config(summarizer="leed")}])
def test_an_unknown_name_is_told_before_anything_is_written(tmp_path, wrong):
    with pytest.raises(UnknownNameError, match="Known: "):
        run(tmp_path / "out", **wrong)
    assert not (tmp_path / "out").exists()


def test_missing_weights_end_the_batch_rather_than_fail_every_story(tmp_path):
    config = QUICK.replace(**{"summarizer": "fusion", "fusion.model": str(tmp_path / "none")})
    with pytest.raises(ModelError, match="cannot load the fusion model"):
        run(tmp_path / "out", INPUTS[1:2], config)


# Inputs


def test_the_output_folder_is_no_input_though_it_stands_in_one(tmp_path):
    for n, name in enumerate(("a.txt", "b.txt")):
        (tmp_path / name).write_text(f"A ferry ran aground near Lund on Monday, and {n + 4} people were hurt.")
    output = tmp_path / "out"
    done = run(output, [tmp_path])
    assert done.skipped == (Skipped(str(output), "the folder that the batch writes to"),)
    assert run(output, [tmp_path]).manifest == done.manifest
    assert done.manifest["articles"] == 2


def test_standard_input_is_read(tmp_path):
    line = json.dumps({"id": "a", "text": "A ferry ran aground near Lund on Monday in thick fog."}).encode()
    done = run(tmp_path, ["-"], stdin=io.BytesIO(line))
    assert done.manifest["articles"] == 1
    assert run(tmp_path, ["-"], stdin=io.BytesIO(line)).manifest == done.manifest
    with pytest.raises(ConfigError, match="other inputs"):
        run(tmp_path, ["-"], stdin=io.BytesIO(line + b"\n{}"))


@given(st.lists(st.integers(0, 20_000_000), max_size=600))
def test_parts_hold_every_input_once_and_are_bounded(sizes):
    entries = [(Input(str(n), Path(str(n)), named=True), size) for n, size in enumerate(sizes)]
    parts = parts_of(entries)
    assert [i for part in parts for i in part.inputs] == [entry for entry, _ in entries]
    by_label = {entry.label: size for entry, size in entries}
    for part in parts:
        assert 0 < len(part.inputs) <= articles.PART_INPUTS
        assert sum(by_label[i.label] for i in part.inputs[:-1]) < articles.PART_BYTES
        assert tuple(i for piece in part.split() for i in piece.inputs) == part.inputs
        assert all(piece.split() == (piece,) for piece in part.split())


def test_a_part_that_ends_its_process_gives_up_only_the_input_that_does(tmp_path):
    texts = {name: f"The mayor of {name} resigned on Friday after a vote." for name in ("Lund", "Tema", "Orless")}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    part = Part("000000", tuple(Input(name, tmp_path / name, named=True) for name in texts))
    read = articles.reader(tmp_path, QUICK.reading)
    for piece in part.split()[:2]:
        read(piece)
    assert articles.unread(tmp_path, [part]) == [part.split()[2]]
    articles.give_up(tmp_path, part.split()[2])
    assert articles.unread(tmp_path, [part]) == []
    found = list(articles.stored_articles(tmp_path, [part]))
    assert found[2] == Skipped("Orless", "reading it ended the process")
    for stored, article in found[:2]:
        assert articles.load(tmp_path, stored) == article
        assert article.text == texts[article.id]


@given(st.lists(st.text("0123456789abcdef", min_size=12, max_size=12), min_size=1), st.integers(1, 5000))
def test_shards_are_ranges_of_ids(ids, count):
    found = [shards.shard_of(id, count) for id in sorted(ids)]
    assert found == sorted(found)
    assert found[0] >= 0 and found[-1] < count


# Encoding


def test_what_an_engine_encodes_is_what_the_encoder_gives_and_is_kept(tmp_path, minilm: Encode):
    texts = [f"The council of Varrow met {'again ' * (n % 7)}on day {n % 90}." for n in range(300)]
    settings = EncoderSettings(batch_size=16)
    with ENGINES["local"](1) as started:
        encode = stories.pooled(started, settings, tmp_path)
        found = encode(texts)
    expected = stories.load_encoder(settings).encode(texts)
    assert np.array_equal(found, expected)
    kept = stories.pooled(lambda *_: pytest.fail("encoded again"), settings, tmp_path)
    assert np.array_equal(kept(texts), expected)


def test_blocks_grouped_by_an_engine_are_those_grouped_in_turn(monkeypatch):
    from eval.streams import stream

    monkeypatch.setattr(pairs, "EXACT", 60)
    monkeypatch.setattr(hybrid, "EXACT", 60)
    monkeypatch.setattr(hybrid, "BLOCK", 16)
    given = stream(150).articles
    expected = groups(given, ClusteringSettings(), bag_of_words)
    blocks: list[object] = []
    most: list[int] = []
    with ENGINES["local"](1) as started:

        def losing(make, tasks):
            blocks.extend(tasks)
            most.append(len(tasks))
            return (done for done in started(make, tasks) if done[0] % 3)

        losing.workers = 2
        assert groups(given, ClusteringSettings(), bag_of_words, stories.spread(losing)) == expected
    assert len(blocks) > 30
    assert max(most) == 2 * stories.AT_ONCE
    assert max(len(group) for group in expected) > 4


# The command


def command(capsys: pytest.CaptureFixture[str], *arguments: object) -> Ran:
    with pytest.raises(SystemExit) as ended:
        main(["batch", *map(str, arguments)])
    out, err = capsys.readouterr()
    return Ran(ended.value.code or 0, out, err)


@pytest.fixture
def settings_file(tmp_path) -> Path:
    path = tmp_path / "quick.yaml"
    path.write_text("clustering: {clusterer: tfidf}\nplan: {words: 40}\n")
    return path


def test_the_command_writes_the_same_and_says_what_it_did(capsys, whole, tmp_path, settings_file):
    given = (*INPUTS, "--output", tmp_path / "out", "--config", settings_file, "-s", "lead")
    ran = command(capsys, *given, "--workers", 1, "--shard", 3)
    assert (ran.status, ran.out) == (0, "")
    *skipped, last = ran.err.splitlines()
    assert len(skipped) == 4 and all(line.startswith("skipped ") for line in skipped)
    assert last.startswith("24 articles, 4 inputs skipped; ") and last.endswith(MANIFEST)
    assert contents(tmp_path / "out") == contents(whole)
    assert command(capsys, *given, "--shard", 3, "--quiet").err == ""
    refused = command(capsys, *given, "--shard", 4)
    assert refused.status == 2
    assert "other size of shards; --fresh throws it away, --output names another folder" in refused.complaint


def test_the_command_ends_with_3_where_some_stories_failed(capsys, tmp_path, settings_file, monkeypatch):
    monkeypatch.setattr(Summarizer, "summaries", lambda self, given: 1 // 0)
    ran = command(capsys, INPUTS[0], "-o", tmp_path / "out", "-c", settings_file, "-s", "lead", "--workers", 1)
    assert ran.status == 3
    assert "ZeroDivisionError" in ran.err
    assert ran.err.splitlines()[-1].startswith("4 articles, 0 inputs skipped; 1 stories, 1 failed: ")


def test_the_command_refuses_what_it_does_not_know(capsys, tmp_path):
    assert (
        "unknown engine 'rai'. Did you mean 'ray'?"
        in command(capsys, INPUTS[0], "-o", tmp_path / "out", "--engine", "rai").complaint
    )


def test_help_loads_no_library_of_models_or_clusters():
    check = (
        "import summarize.cli, sys\ntry: summarize.cli.main(['batch', '--help'])\n"
        "finally: print([m for m in ('torch', 'ray', 'pyarrow', 'datasets') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")
    assert "--engine" in done.stdout


def test_without_ray_its_engine_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'summarize\[ray\]'"), ENGINES["ray"](2):
        pass


def test_an_article_keeps_all_that_a_summary_shows_of_it(tmp_path):
    kept = Article("a", "Text of the article.", "Title", "Outlet", "https://outlet.example/a")
    stored = articles.Stored("a.jsonl", 3, len(articles.dump_article(kept)))
    (tmp_path / "a.jsonl").write_text("12\t" + articles.dump_article(kept) + "\n")
    assert articles.load(tmp_path, stored).to_dict() == kept.to_dict()


def test_the_benchmark_tells_whether_runs_left_the_same_bytes(tmp_path):
    from eval.bench.batch import conclude, write_stream

    write_stream(12, 3, tmp_path / "news")
    folders = ("local-1", "local-2")
    for name in folders:
        run(tmp_path / name, [tmp_path / "news"])
    lines = [{"run": name.replace("-", ":"), "seconds": seconds} for name, seconds in zip(folders, (3, 2), strict=True)]
    same = {"bench": "batch", "articles": 12, "same_bytes": True, "second_is_faster_by": 1.5}
    assert conclude(12, tmp_path, lines) == same
    (tmp_path / "local-2" / MANIFEST).write_text("{}")
    assert conclude(12, tmp_path, lines) == {**same, "same_bytes": False}
