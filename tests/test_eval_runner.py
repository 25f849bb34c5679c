"""Runs of an evaluation: killed and gone on with, in one process or several, with items that fail."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from eval import reports, runner, systems, workers
from eval.items import Item
from eval.journal import Journal, read_lines
from eval.runner import Progress, evaluate
from eval.settings import EvalSettings
from summarize.config import Config
from summarize.engines.folder import only_run
from summarize.errors import ConfigError, OutputError
from summarize.extractive.oracle import select as oracle_select
from summarize.extractive.view import View
from summarize.fingerprints import weights_fingerprints

PLACES = "Lund Varrow Orless Tema".split()
SAME_BYTES = ("items.jsonl", "results.json", "scores.csv", "table.tex")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Four small items with two references each."""
    path = tmp_path_factory.mktemp("data") / "items.jsonl"
    rows = [
        {
            "id": place.lower(),
            "articles": [
                {
                    "text": f"The ferry to {place} ran aground on Monday. All {n + 40} passengers were taken ashore.\n"
                    "The captain said that fog had hidden the sandbank. Divers will look at the hull on Tuesday."
                },
                {
                    "text": f"A ferry ran aground near {place} on Monday in thick fog. Lifeboats took {n + 40} people"
                    " ashore.\nNobody was hurt, the coast guard said. Traffic was stopped until the evening."
                },
            ],
            "summaries": [
                f"A ferry ran aground near {place} in fog, and its {n + 40} passengers were taken ashore.",
                f"Lifeboats took {n + 40} people off a ferry that ran onto a sandbank near {place}.",
            ],
        }
        for n, place in enumerate(PLACES)
    ]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    return path


def values(data: Path, output: Path, **more: object) -> dict[str, object]:
    return {
        "data": {"path": str(data)},
        "summarizers": ["lead", "random"],
        "length": {"words": 20},
        "metrics": {"groups": ["rouge", "length"]},
        "workers": 1,
        "output": str(output),
        **more,
    }


def settings(data: Path, output: Path, **more: object) -> EvalSettings:
    return EvalSettings.parse(values(data, output, **more))


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory) -> Path:
    """The folder of a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    evaluate(settings(data, folder))
    return folder


def same(left: Path, right: Path) -> None:
    for name in SAME_BYTES:
        assert (left / name).read_bytes() == (right / name).read_bytes(), name


def test_a_run_leaves_every_summary_with_its_scores_and_all_reports(whole):
    lines = read_lines(whole / "items.jsonl")
    expected = [(place.lower(), label) for place in PLACES for label in ("lead", "random")]
    assert [(line["item"], line["summarizer"]) for line in lines] == expected
    for line in lines:
        assert line["error"] is None
        assert 0 < len(line["text"].split()) <= 20
        assert {"rouge1.p", "rouge1.r", "rouge1.f", "rougeLsum.f", "words"} <= set(line["scores"])
        assert all(s["citations"] for s in line["sentences"])
    results = json.loads((whole / "results.json").read_text())
    assert set(results["summarizers"]) == {"lead", "random"}
    assert len(results["summarizers"]["lead"]["rouge1"]["ci95"]) == 2
    assert [t["metric"] for t in results["tests"]].count("rouge2") == 1
    assert {p.name for p in whole.iterdir() if not p.name.startswith(".")} == {
        *SAME_BYTES,
        *("timings.jsonl", "report.md", "report.html"),
    }


def test_means_are_those_of_the_items(whole):
    lines = [line for line in read_lines(whole / "items.jsonl") if line["summarizer"] == "lead"]
    mean = sum(line["scores"]["rouge2.f"] for line in lines) / len(lines)
    results = json.loads((whole / "results.json").read_text())
    assert results["summarizers"]["lead"]["rouge2"]["f"] == pytest.approx(mean, abs=1e-6)


def test_the_signature_says_what_the_scores_hang_on(whole, data):
    signature = json.loads((whole / "results.json").read_text())["signature"]
    assert signature["length"]["words"] == 20
    assert signature["seed"] == 13
    assert signature["metric_settings"]["stem"] is True
    assert signature["data"]["items"] == 4
    assert signature["data"]["references"] == {"2": 4}
    assert signature["data"]["sha256"] == runner.read_items(settings(data, whole).data).fingerprint
    assert signature["summarizers"]["lead"]["plan"]["words"] == 20
    assert {"python", "summarize", "rouge-score", "torch"} <= set(signature["versions"])
    assert signature["machine"]["system"]
    assert len(signature["code_sha256"]) == 64


def test_timings_are_kept_apart(whole):
    timings = read_lines(whole / "timings.jsonl")
    assert len(timings) == 8
    assert all(t["seconds"] > 0 for t in timings)
    assert "seconds" not in (whole / "items.jsonl").read_text()


# Killed at any moment

KILLED = """
import os, signal, sys
from pathlib import Path
from eval.runner import evaluate
from eval.settings import EvalSettings
def watch(state):
    if state.done == 3:
        with Path(sys.argv[2], "items.jsonl").open("ab") as file:
            file.write(b'{"item": "orless", "summ')
        os.kill(os.getpid(), signal.SIGKILL)
evaluate(EvalSettings.load(Path(sys.argv[1])), watch=watch)
"""


def test_a_killed_run_goes_on_where_it_was_and_ends_with_the_same_bytes(data, whole, tmp_path):
    (tmp_path / "c.yaml").write_text(json.dumps(values(data, tmp_path / "out")))
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "c.yaml"), str(tmp_path / "out")])
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "out" / "results.json").exists()
    assert len(read_lines(tmp_path / "out" / "items.jsonl")) == 3
    seen: list[Progress] = []
    run = evaluate(settings(data, tmp_path / "out"), watch=seen.append)
    assert run.kept == 3
    assert [(s.done, s.kept) for s in seen] == [(n, 3) for n in range(3, 9)]
    same(tmp_path / "out", whole)


def test_no_finished_item_is_done_twice(data, whole, tmp_path, monkeypatch):
    lines = (whole / "items.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "items.jsonl").write_bytes(b"".join(lines[:5]))
    done: list[tuple[str, str]] = []
    score = workers.score_summary

    def counted(item, summary, *rest):
        done.append((item.id, summary.summarizer))
        return score(item, summary, *rest)

    monkeypatch.setattr(workers, "score_summary", counted)
    evaluate(settings(data, tmp_path))
    assert done == [("orless", "random"), ("tema", "lead"), ("tema", "random")]
    same(tmp_path, whole)
    done.clear()
    assert evaluate(settings(data, tmp_path)).kept == 8
    assert done == []
    same(tmp_path, whole)


@pytest.fixture
def no_reports(monkeypatch):
    monkeypatch.setattr(reports, "write", lambda folder, items: None)


@pytest.mark.usefixtures("no_reports")
def test_wherever_a_file_was_torn_the_run_ends_with_the_same_bytes(data, whole, tmp_path):
    lines = (whole / "items.jsonl").read_bytes().splitlines(keepends=True)

    @hypothesis_settings(max_examples=15)
    @given(st.permutations(lines), st.data())
    def check(order: list[bytes], draw: st.DataObject) -> None:
        written = b"".join(order)
        (tmp_path / "items.jsonl").write_bytes(written[: draw.draw(st.integers(0, len(written)))])
        evaluate(settings(data, tmp_path))
        for name in ("items.jsonl", "results.json"):
            assert (tmp_path / name).read_bytes() == (whole / name).read_bytes()

    check()


def test_two_processes_end_with_the_same_bytes_as_one(data, whole, tmp_path):
    seen: list[Progress] = []
    evaluate(settings(data, tmp_path, workers=2), watch=seen.append)
    assert [s.done for s in seen] == list(range(9))
    same(tmp_path, whole)


# What a folder may hold


@pytest.mark.usefixtures("no_reports")
def test_results_of_other_settings_are_neither_mixed_nor_lost(data, whole, tmp_path):
    (tmp_path / "items.jsonl").write_bytes((whole / "items.jsonl").read_bytes())
    for other, why in (
        ({"length": {"words": 30}}, "made with other settings, data or code"),
        ({"seed": 14}, "made with other settings, data or code"),
        ({"summarizers": ["random"]}, "that this run would not make"),
        ({"limit": 2}, "that this run would not make"),
    ):
        with pytest.raises(ConfigError, match=f"{why}; --fresh throws it away"):
            evaluate(settings(data, tmp_path, **other))
    assert (tmp_path / "items.jsonl").read_bytes() == (whole / "items.jsonl").read_bytes()
    assert evaluate(settings(data, tmp_path, seed=14), fresh=True).kept == 0
    assert len(read_lines(tmp_path / "items.jsonl")) == 8


@pytest.mark.usefixtures("no_reports")
def test_a_run_may_be_widened_by_summarizers_and_items(data, whole, tmp_path):
    evaluate(settings(data, tmp_path, summarizers=["random"], limit=2))
    assert evaluate(settings(data, tmp_path)).kept == 2
    assert (tmp_path / "items.jsonl").read_bytes() == (whole / "items.jsonl").read_bytes()


@pytest.mark.usefixtures("no_reports")
def test_the_number_of_workers_the_place_and_the_tests_do_not_make_a_run_another(data, whole, tmp_path):
    (tmp_path / "items.jsonl").write_bytes((whole / "items.jsonl").read_bytes())
    assert evaluate(settings(data, tmp_path, workers=2, statistics={"trials": 200})).kept == 8


def test_a_damaged_line_is_told_by_its_number(data, tmp_path):
    (tmp_path / "items.jsonl").write_bytes(b'{"a": 1}\n{"b\n{"c": 1}\n')
    with pytest.raises(OutputError, match=r"items\.jsonl, line 2 is damaged"):
        evaluate(settings(data, tmp_path))


def test_two_runs_do_not_write_to_one_folder(data, tmp_path):
    with only_run(tmp_path), pytest.raises(OutputError, match="another run is writing"):
        evaluate(settings(data, tmp_path))


def test_a_folder_that_cannot_be_made_is_one_line(data, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        evaluate(settings(data, tmp_path / "file"))


def test_a_journal_cuts_off_what_was_torn(tmp_path):
    (tmp_path / "j").write_bytes('{"a": "ü"}\n{"b": "'.encode() + b"\xc3")
    journal = Journal(tmp_path / "j")
    journal.append({"c": "ß\ud800"})
    journal.close()
    assert (tmp_path / "j").read_bytes().startswith('{"a": "ü"}\n{"c": "ß'.encode())
    assert (tmp_path / "j").read_bytes().count(b"\n") == 2


# Failures


@pytest.mark.usefixtures("no_reports")
def test_one_failing_item_does_not_stop_the_others_and_is_tried_again(data, whole, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        build = systems.build

        def brittle(system, given):
            make = build(system, given)

            def made(item: Item):
                if item.id == "orless" and system.name == "random":
                    raise ValueError("the wheel\ncame off")
                return make(item)

            return made

        patch.setattr(workers, "build", brittle)
        run = evaluate(settings(data, tmp_path))
    (failure,) = run.failures
    assert (failure["item"], failure["summarizer"]) == ("orless", "random")
    assert failure["error"] == "ValueError: the wheel came off"
    assert len(run.lines) == 8
    assert run.results["summarizers"]["random"]["rouge1"]["n"] == 3
    assert evaluate(settings(data, tmp_path)).kept == 7
    assert (tmp_path / "items.jsonl").read_bytes() == (whole / "items.jsonl").read_bytes()


def dying(given: EvalSettings) -> workers.Perform:
    """What does the tasks of a process that does not survive the second item."""
    perform = workers.performer(given)

    def work(task: workers.Task) -> workers.Done:
        if task.item.id == "varrow":
            os.kill(os.getpid(), signal.SIGKILL)
        return perform(task)

    return work


def test_a_process_that_dies_takes_one_task_with_it(data, tmp_path):
    given = settings(data, tmp_path, summarizers=["lead"])
    tasks = runner.plan(runner.read_items(given.data), given)
    done = {d.line["item"]: d.line["error"] for d in workers.run_in_processes(tasks, given, 1, dying)}
    assert done.pop("varrow") == "the process that worked on it ended with signal 9"
    assert done == {"lund": None, "orless": None, "tema": None}


# Who is measured


def test_the_oracle_sees_the_references_and_is_cited(data, tmp_path):
    given = settings(data, tmp_path, summarizers=["oracle"])
    item = runner.read_items(given.data)[0]
    summary = systems.build(given.summarizers[0], given)(item)
    view = View.of(summary.story, references=item.references)
    chosen = {" ".join(view.sentences[i].text.split()) for i in oracle_select(view, 20)}
    assert {s.text for s in summary.sentences} == chosen
    texts = {a.id: a.text for a in item.articles}
    for citation in summary.citations:
        assert texts[citation.article][citation.start : citation.end] == citation.quote


def test_a_key_hangs_on_item_summarizer_settings_and_code(data, tmp_path, monkeypatch):
    def keys(**more: object) -> set[str]:
        given = settings(data, tmp_path, **more)
        return {t.key for t in runner.plan(runner.read_items(given.data), given)}

    first = keys()
    assert len(first) == 8
    assert keys(workers=4, statistics={"trials": 500}) == first
    for other in (
        {"length": {"words": 21}},
        {"metrics": {"groups": ["rouge"]}},
        {"settings": {"plan": {"redundancy": 0.4}}},
        {"settings": {"encoder": {"batch_size": 8}}},
    ):
        assert not keys(**other) & first
    monkeypatch.setattr(runner, "code_fingerprint", lambda: "other code")
    assert not keys() & first


def test_weights_in_a_folder_are_part_of_the_key(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"1")
    given = settings(tmp_path, tmp_path, settings={"fusion": {"model": str(tmp_path)}})
    before = weights_fingerprints(given.config(given.summarizers[0]))
    (tmp_path / "model.safetensors").write_bytes(b"2")
    after = weights_fingerprints(given.config(given.summarizers[0]))
    assert set(before) == {"fusion.model"}
    assert before != after
    assert weights_fingerprints(Config()) == {}


def test_memory_is_that_of_one_summary():
    workers.reset_peak()
    before = workers.peak_megabytes()
    if before is None:
        pytest.skip("peak memory cannot be told here")
    block = bytearray(b"x" * 80_000_000)
    high = workers.peak_megabytes()
    del block
    workers.reset_peak()
    after = workers.peak_megabytes()
    assert high is not None and after is not None
    assert high - before > 60
    assert high - after > 60


def test_an_article_of_odd_characters_is_written_and_read_back(tmp_path):
    path = tmp_path / "odd.jsonl"
    text = "The ferry\u2028ran aground \ud83d near “Lund” on Monday.\x85 All were saved, said Ærøskøbing’s mayor."
    row = {"id": "a/ü", "articles": [{"text": text}], "summaries": ["Ferry – aground\u2028today."]}
    path.write_text(json.dumps(row) + "\n", "utf-8")
    evaluate(settings(path, tmp_path / "out"))
    lines = read_lines(tmp_path / "out" / "items.jsonl")
    assert [line["error"] for line in lines] == [None, None]
    assert "Ærøskøbing’s" in lines[0]["text"]
