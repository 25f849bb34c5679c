"""The benchmarks measure what they say, and print it in one shape; nothing here asserts how fast anything is."""

import json
import sys
from subprocess import CompletedProcess

import pytest
from conftest import bag_of_words
from typer.testing import CliRunner

from eval.bench import __main__ as door
from eval.bench import fusion, harness, machine, memory, processes, scoring, seq2seq, startup, warm
from eval.bench.processes import in_turns, main_job, run
from summarize.config import Seq2SeqSettings

TINY = {
    **fusion.BART_LARGE,
    "vocab_size": 60,
    "d_model": 8,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 8,
    "decoder_ffn_dim": 8,
}
RECORDS = {
    "machine": {"bench": "machine"},
    "startup": {"bench": "startup", "ratio": 1.9, "target": 2.0},
    "memory": {"bench": "memory", "megabytes": 1100, "target": 1000},
    "warm": {"bench": "warm", "stories_per_second": 4.2},
    "fusion": {"bench": "fusion", "ratio": 31.0, "target": 30},
    "lexrank": {"bench": "lexrank", "ratio": 12.0, "target": 20},
    "scoring": {"bench": "scoring", "ratio": 18.0, "target": 10},
    "harness": {"bench": "harness", "ratio": 1.01, "target": 1.05},
}


def test_commands_run_in_turns_after_one_that_is_not_counted(tmp_path):
    log = tmp_path / "log"

    def command(letter):
        return [sys.executable, "-c", f"open({str(log)!r}, 'a').write({letter!r})"]

    ours, reference = in_turns(command("a"), command("b"), runs=2)
    assert log.read_text() == "ababab"
    assert len(ours) == len(reference) == 2
    assert all(r.seconds > 0 and r.peak > 1_000_000 for r in ours + reference)


def test_a_command_that_fails_is_no_measurement():
    with pytest.raises(SystemExit, match="ended with status 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"])


def test_the_command_that_is_measured_works():
    assert run(main_job("lead")).seconds > 0


def test_startup_compares_medians_of_the_same_turns():
    record = startup.record("claims", [3.0, 9.0, 4.0], [2.0, 2.0, 8.0])
    assert record == {
        "bench": "startup",
        "summarizer": "claims",
        "ratio": 2.0,
        "target": 2.0,
        "seconds": 4.0,
        "seconds_reference": 2.0,
        "runs": 3,
    }


def test_memory_counts_the_highest_peak():
    record = memory.record("claims", [60 * 10**9, 80 * 10**9], [40 * 10**9, 20 * 10**9])
    assert (record["megabytes"], record["megabytes_reference"], record["ratio"]) == (80_000, 40_000, 2.0)
    assert (record["target"], record["runs"]) == (1000, 2)


def test_memory_refuses_a_peak_that_may_be_its_own():
    with pytest.raises(SystemExit, match="no smaller peak can be told"):
        memory.record("claims", [80 * 10**9], [1000])


def test_warm_splits_the_time_of_one_run(no_model):
    record = warm.measure("claims", repeats=2)
    assert record["stories"] == 2 * len(warm.FOLDERS)
    assert record["words"] > 0
    assert record["stories_per_second"] == pytest.approx(record["stories"] / record["seconds"], rel=0.1)
    assert list(record["share"]) == [*warm.STAGES, "other"]
    assert sum(record["share"].values()) == pytest.approx(1, abs=0.01)
    assert record["share"]["align"] > 0
    assert record["share"]["cite+verify"] > 0


def test_warm_stories_differ_in_their_ids_only():
    first, second = warm.stories("a"), warm.stories("b")
    assert [len(s.articles) for s in first] == [5, 4, 3]
    assert not {a.id for s in first for a in s.articles} & {a.id for s in second for a in s.articles}
    assert [a.text for s in first for a in s.articles] == [a.text for s in second for a in s.articles]


def test_a_stage_is_timed_without_the_stages_it_calls(monkeypatch):
    times = iter([0.0, 1.0, 4.0, 10.0])
    monkeypatch.setattr(warm.time, "perf_counter", lambda: next(times))
    clock = warm.Clock({"outer": 0.0, "inner": 0.0})
    inner = clock.timed("inner", lambda x: x + 1)
    outer = clock.timed("outer", lambda x: 2 * inner(x))
    assert outer(20) == 42
    assert clock.seconds == {"outer": 7.0, "inner": 3.0}


def test_fusion_compares_times_of_one_run(monkeypatch, no_model):
    monkeypatch.setattr(fusion, "lazy_encode", lambda settings: bag_of_words)
    seconds = iter([0.5, 1.0, 20.0, 10.0])

    def timed(work):
        work()
        return next(seconds)

    monkeypatch.setattr(fusion, "_time", timed)
    record = fusion.measure("claims", 1, TINY)
    assert (record["ratio"], record["ratio_greedy"], record["ratio_whole"]) == (40.0, 20.0, 20.0)
    assert (record["seconds"], record["seconds_whole"]) == (0.5, 1.0)
    assert (record["seconds_reference"], record["seconds_reference_greedy"]) == (20.0, 10.0)
    assert record["target"] == 30
    assert 100 < record["words"] <= 175
    assert 100 < record["source_pieces"] <= 1024
    assert record["threads"] >= 1


@pytest.mark.parametrize("name", sorted(seq2seq.SHAPES))
def test_seq2seq_writes_as_much_in_batches_as_in_a_loop(monkeypatch, name):
    shape = {**seq2seq.SHAPES[name], **TINY, "vocab_size": 2_000}
    if name == "primera":
        del shape["max_position_embeddings"]
        shape |= {"max_encoder_position_embeddings": 1_024, "attention_window": 16}
    seconds = iter([0.5, 2.0])
    monkeypatch.setattr(seq2seq, "_timed", lambda work, model: (next(seconds), work()))
    record = seq2seq.measure(name, shape, Seq2SeqSettings(device="cpu", beams=2), stories=6, loop=2, tokens=4)
    assert record["same_text"] == record["stories_loop"] == 2
    assert (record["stories_per_second"], record["stories_per_second_loop"], record["ratio"]) == (12.0, 1.0, 12.0)
    assert 64 <= record["input_tokens"] <= 1_024
    assert record["target"] is None


def test_scoring_compares_equal_scores_of_one_run(monkeypatch, capsys):
    seconds = iter([0.0, 0.5, 1.0, 11.0, 20.0, 20.25, 21.0, 26.0])
    monkeypatch.setattr(scoring.time, "process_time", lambda: next(seconds))
    scoring.main(limit=2)
    record = json.loads(capsys.readouterr().out)
    assert (record["ratio"], record["ratio_lcs"], record["pairs"], record["target"]) == (20.0, 20.0, 2, 10)
    assert (record["milliseconds"], record["milliseconds_reference"]) == (250, 5000)
    assert 260 <= record["words"] < 300


def test_scoring_refuses_scores_that_differ(monkeypatch):
    monkeypatch.setattr(scoring, "plain", lambda pairs, types: [{} for _ in pairs])
    with pytest.raises(SystemExit, match="differ from those of rouge-score"):
        scoring.main(limit=1)


def test_harness_compares_times_of_the_same_calls():
    bare, scored = harness.Spent(10.0, 10.2, 4), harness.Spent(10.0, 11.0, 4)
    assert harness.record("claims", bare, scored) == {
        "bench": "harness",
        "summarizer": "claims",
        "ratio": 1.02,
        "target": 1.05,
        "milliseconds_added": 50.0,
        "ratio_all_metrics": 1.1,
        "milliseconds_all_metrics": 250.0,
        "seconds_a_summary": 2.5,
        "summaries": 4,
    }


def test_harness_counts_all_summaries_but_the_first():
    spent = harness.spend("lead", 3, ("length",))
    assert spent.count == 2
    assert 0 < spent.summarizer < spent.whole


def test_the_machine_is_described(capsys):
    machine.main()
    record = json.loads(capsys.readouterr().out)
    assert record["bench"] == "machine"
    assert record["threads"] >= 1
    assert record["memory_gb"] > 0
    assert set(record["versions"]) == set(machine.PACKAGES)


@pytest.fixture
def canned(monkeypatch):
    """Benchmarks are not run but answered; returns what was asked for, and the names that fail."""
    asked, failing = [], set()

    def answer(command, **_):
        asked.append(command[command.index("eval.bench") + 1 :])
        name = asked[-1][0]
        return CompletedProcess(command, 1, "") if name in failing else CompletedProcess(
            command, 0, json.dumps(RECORDS[name]) + "\n"
        )  # fmt: skip

    monkeypatch.setattr(processes.subprocess, "run", answer)
    return asked, failing


def test_the_door_runs_all_and_prints_a_line_of_json_for_each(canned):
    asked, _ = canned
    done = CliRunner().invoke(door.app, ["--summarizer", "claims"])
    assert done.exit_code == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == list(RECORDS.values())
    assert asked[0] == ["machine"]
    assert asked[1:] == [
        [name, "--summarizer", "claims"] if bench.writes else [name] for name, bench in door.BENCHES.items()
    ]
    assert all(bench.what[:20] in done.stderr for bench in door.BENCHES.values())


def test_a_benchmark_that_fails_is_shown_and_the_others_run(canned):
    asked, failing = canned
    failing.add("memory")
    done = CliRunner().invoke(door.app, [])
    assert done.exit_code == 1
    assert len(asked) == len(RECORDS)
    assert len(done.stdout.splitlines()) == len(RECORDS) - 1
    assert "failed" in done.stderr


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("startup", ("1.9 ×", "at most 2.0", "yes")),
        ("memory", ("1100 MB", "at most 1000", "no")),
        ("warm", ("4.2 /s", "", "")),
        ("fusion", ("31.0 ×", "at least 30", "yes")),
        ("lexrank", ("12.0 ×", "at least 20", "no")),
        ("scoring", ("18.0 ×", "at least 10", "yes")),
        ("harness", ("1.01 ×", "at most 1.05", "yes")),
    ],
)
def test_a_row_says_whether_the_target_is_met(name, shown):
    assert door.row(door.BENCHES[name], RECORDS[name]) == shown
