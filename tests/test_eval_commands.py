"""The commands of the harness as a person meets them: what is printed where, and with which exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Ran

from eval import terminal, workers
from eval.external import read_summaries
from eval.journal import read_lines
from eval.runner import Progress
from summarize.cli import main
from summarize.errors import ConfigError

ROOT = Path(__file__).parent.parent
STORIES = ROOT / "eval" / "data" / "stories"
CONFIG = f"""
data: {{path: {STORIES}}}
summarizers: [random, lead, kl]
length: {{words: 60}}
metrics: {{groups: [rouge, length, citations, gold]}}
limit: 3
workers: 1
"""


@pytest.fixture
def run(capsys):
    def ran(*arguments: str | Path) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main(["eval", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "internal error" not in err, err
        return Ran(ended.value.code or 0, out, err)

    return ran


@pytest.fixture
def config(tmp_path) -> Path:
    (tmp_path / "small.yaml").write_text(f"{CONFIG}output: {tmp_path / 'out'}\n")
    return tmp_path / "small.yaml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """The folder of a finished run."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "c.yaml").write_text(f"{CONFIG}output: {folder / 'out'}\n")
    with pytest.raises(SystemExit) as ended:
        main(["eval", str(folder / "c.yaml"), "--quiet"])
    assert not ended.value.code
    return folder / "out"


def rows(page: str) -> list[str]:
    """The first cell of each row of a table."""
    names = {"random", "lead", "kl", "oracle", "theirs", "other"}
    return [line.split()[0] for line in page.splitlines() if line.split() and line.split()[0] in names]


# run


def test_a_run_prints_who_won_and_where_the_rest_is(run, config, tmp_path):
    done = run(config, "--quiet", "--set", "summarizers=[random, oracle, lead]")
    assert (done.status, done.err) == (0, "")
    assert rows(done.out)[0] == "oracle"
    assert set(rows(done.out)) == {"random", "lead", "oracle"}
    assert "small, 3 items" in done.out
    assert "R-2" in done.out and "95%" in done.out
    assert "report.html" in done.out
    assert "\x1b" not in done.out
    assert max(len(line) for line in done.out.splitlines() if str(tmp_path) not in line) <= 80
    assert (tmp_path / "out" / "report.html").is_file()


def test_progress_is_told_on_standard_error_with_the_time_left(run, config):
    first, *_, last = run(config).err.splitlines()
    assert first == "0 of 9 summaries"
    assert last.startswith("9 of 9 summaries, ")
    again = run(config).err.splitlines()
    assert again[0] == "9 of 9 summaries, 9 kept from an earlier run"


def test_options_win_over_the_file(run, config, tmp_path):
    done = run(config, "-o", tmp_path / "else", "--limit", "2", "--workers", "1", "--set", "length.words=30", "-q")
    assert done.status == 0
    lines = read_lines(tmp_path / "else" / "items.jsonl")
    assert len(lines) == 6
    assert all(line["scores"]["words"] <= 30 for line in lines)
    assert not (tmp_path / "out").exists()


def test_several_configs_have_a_folder_each(run, config, tmp_path):
    (tmp_path / "other.yaml").write_text(config.read_text())
    done = run(config, tmp_path / "other.yaml", "-o", tmp_path / "both", "--limit", "1", "-q")
    assert done.status == 0
    assert sorted(p.name for p in (tmp_path / "both").iterdir()) == ["other", "small"]
    assert "small, 1 item " in done.out
    assert "other, 1 item " in done.out


def test_earlier_results_are_thrown_away_only_on_request(run, config):
    assert run(config, "-q").status == 0
    refused = run(config, "-q", "--set", "seed=3")
    assert refused.status == 2
    assert "--fresh throws it away" in refused.complaint
    assert run(config, "-q", "--set", "seed=3", "--fresh").status == 0


def test_some_failures_end_with_status_3_and_are_named(run, config, monkeypatch):
    score = workers.score_summary

    def brittle(item, summary, *rest):
        if summary.summarizer == "kl" and item.id.startswith("c"):
            raise ValueError("the wheel came off")
        return score(item, summary, *rest)

    monkeypatch.setattr(workers, "score_summary", brittle)
    done = run(config, "-q")
    assert done.status == 3
    assert "failed: kl on corrigan-ice-shelf: ValueError: the wheel came off" in " ".join(done.out.split())
    assert "kl" in rows(done.out)


def test_an_interrupted_run_says_how_to_go_on(run, config, monkeypatch):
    score = workers.score_summary

    def interrupted(item, summary, *rest):
        if summary.summarizer == "kl":
            raise KeyboardInterrupt
        return score(item, summary, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(workers, "score_summary", interrupted)
        done = run(config, "-q")
    assert (done.status, done.out) == (130, "")
    assert "the same command goes on from here" in done.complaint
    assert run(config).err.startswith("2 of 9 summaries, 2 kept from an earlier run")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "lenght.words=3"], "unknown setting 'lenght'. Did you mean 'length'?"),
        (["--set", "words"], "--set 'words' is not of the form key=value"),
        (["--set", "summarizers=[laed]"], "unknown summarizer 'laed'. Did you mean 'lead'?"),
        (["--set", "data.path=/none/at/all"], "data.path: there is no /none/at/all"),
        (["--set", "data.preset=duk"], "unknown preset 'duk'. Did you mean 'duc'?"),
        (["/none.yaml"], "cannot read config /none.yaml"),
    ],
)
def test_wrong_use_ends_with_status_2_and_one_line(run, config, tmp_path, arguments, told):
    done = run(config, *arguments, "-q")
    assert (done.status, done.out) == (2, "")
    assert done.complaint.startswith("summarize: ")
    assert told in done.complaint
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments", [["run"], ["--none"], ["compare"], ["score", "x.jsonl"], ["a.yaml", "--limit", "0"]]
)
def test_usage_that_cannot_be_parsed_ends_with_status_2(run, arguments):
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert "Usage" in done.err
    assert "Traceback" not in done.err


def test_help_names_the_commands_and_options(run):
    page = run("--help").out
    assert all(word in page for word in ("run", "compare", "score", "Examples"))
    page = run("run", "--help").out
    assert all(f"--{o}" in page for o in ("output", "limit", "workers", "resume", "fresh", "set", "quiet"))


def test_the_module_is_the_same_as_the_command():
    done = subprocess.run([sys.executable, "-m", "eval", "--help"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0
    assert "summarize eval configs/eval/stories.yaml" in done.stdout


def test_help_of_the_package_loads_no_more_of_the_harness_than_its_commands():
    code = (
        "import sys\nfrom summarize.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted(m for m in sys.modules if m == 'eval' or m.startswith('eval.')), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "['eval', 'eval.commands']"
    assert "Measure summarizers" in done.stdout


# compare


def test_runs_are_compared_side_by_side_and_changes_told(run, config, finished, tmp_path):
    # kl writes another text where it is asked for more words, all of which are scored alike.
    assert run(config, "-q", "--set", "summarizers=[{name: kl, plan: {words: 90}}, oracle]").status == 0
    done = run("compare", finished, tmp_path / "out", "-o", tmp_path / "both")
    assert done.status == 0
    results = json.loads((tmp_path / "both" / "results.json").read_text())
    assert set(results["summarizers"]) == {"random", "lead", f"kl ({finished})", f"kl ({tmp_path / 'out'})", "oracle"}
    alone = json.loads((finished / "results.json").read_text())
    assert results["summarizers"]["lead"]["rouge2"]["f"] == alone["summarizers"]["lead"]["rouge2"]["f"]
    assert results["summarizers"][f"kl ({finished})"]["rouge2"]["f"] == alone["summarizers"]["kl"]["rouge2"]["f"]
    assert "Changes" in done.out
    assert (tmp_path / "both" / "report.html").is_file()


def test_runs_of_other_data_or_measures_are_not_compared(run, config, finished, tmp_path):
    assert run(config, "-q", "--limit", "2").status == 0
    done = run("compare", finished, tmp_path / "out")
    assert done.status == 2
    assert "cannot be compared: 3 and 2 items of different data" in done.complaint
    assert run(config, "-q", "--fresh", "--set", "length.words=50").status == 0
    done = run("compare", finished, tmp_path / "out")
    assert "cannot be compared: length is words: 60 and words: 50" in done.complaint
    assert "holds no finished run" in run("compare", finished, tmp_path).complaint


# score


def write(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    return path


@pytest.fixture
def references(tmp_path) -> Path:
    return write(
        tmp_path / "refs.jsonl",
        {"id": "a", "summaries": ["A ferry ran aground in fog.", "A ferry hit a sandbank."]},
        {"id": 2, "summaries": ["Divers looked at the hull."]},
    )


def test_text_of_another_system_is_scored_like_ours(run, finished, tmp_path):
    lines = read_lines(finished / "items.jsonl")
    texts = [{"id": x["item"], "summarizer": x["summarizer"], "summary": x["text"]} for x in lines]
    refs = write(tmp_path / "refs.jsonl", *(json.loads(p.read_text()) for p in sorted(STORIES.glob("*.json"))[:3]))
    (tmp_path / "c.yaml").write_text("metrics: {groups: [rouge]}\n")
    done = run(
        "score", write(tmp_path / "t.jsonl", *texts), "-r", refs, "-c", tmp_path / "c.yaml", "-o", tmp_path / "o"
    )
    assert done.status == 0
    assert set(rows(done.out)) == {"random", "lead", "kl"}
    ours = json.loads((finished / "results.json").read_text())["summarizers"]
    theirs = json.loads((tmp_path / "o" / "results.json").read_text())["summarizers"]
    for label, scores in theirs.items():
        for metric in ("rouge1", "rouge2", "rougeL"):
            assert scores[metric]["f"] == ours[label][metric]["f"]


def test_references_need_no_articles(run, references, tmp_path):
    summaries = write(
        tmp_path / "theirs.jsonl", {"id": "a", "summary": "A ferry ran aground."}, {"id": "2", "text": "Divers dived."}
    )
    done = run("score", summaries, "--references", references, "--set", "metrics.groups=[rouge,length,fragments]")
    assert done.status == 0
    assert rows(done.out) == ["theirs"]


def test_what_is_missing_on_either_side_is_told(run, references, tmp_path):
    rest = ("-r", references, "--set", "metrics.groups=[rouge]", "-o", tmp_path / "o")
    one = write(tmp_path / "theirs.jsonl", {"id": "a", "summary": "A ferry."}, {"id": "x", "summary": "Else."})
    done = run("score", one, *rest)
    assert done.status == 3
    assert "failed: theirs on 2: no summary" in done.out
    signature = json.loads((tmp_path / "o" / "results.json").read_text())["signature"]
    assert signature["summaries"]["theirs"] == {"items": 2, "without_reference": ["x"]}
    done = run("score", write(tmp_path / "none.jsonl", {"id": "x", "summary": "Else."}), *rest)
    assert done.status == 2
    assert "no summary has the id of a reference: 'x' against 'a'" in done.complaint


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"summary": "x"}, "no 'id'"),
        ({"id": 1, "txt": "x"}, "no text; expected 'sentences' or one of 'summary', 'text', 'prediction'"),
        (["x"], "a list is no record"),
    ],
)
def test_a_summary_that_is_none_is_refused(tmp_path, row, told):
    with pytest.raises(ConfigError, match=told):
        read_summaries(write(tmp_path / "s.jsonl", row))


def test_two_summaries_of_one_item_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="a second summary of 'a'"):
        read_summaries(write(tmp_path / "s.jsonl", {"id": "a", "summary": "x"}, {"id": "a", "summary": "y"}))


def test_summaries_are_read_by_system_with_their_sentences(tmp_path):
    path = write(
        tmp_path / "s.jsonl",
        {"id": "a", "summary": "One ran. Two\nfell."},
        {"item": "a", "summarizer": "other", "sentences": [{"text": "Mr. One ran."}, "Two fell."]},
    )
    assert read_summaries(path) == {
        "s": {"a": ["One ran.", "Two", "fell."]},
        "other": {"a": ["Mr. One ran.", "Two fell."]},
    }


# What is shown


@pytest.mark.parametrize(
    ("state", "elapsed", "pace", "shown"),
    [
        (Progress(0, 40, 0, 0), 0, None, "0 of 40 summaries"),
        (Progress(1, 40, 0, 0), 9, None, "1 of 40 summaries"),
        (Progress(10, 40, 0, 0), 20, 2, "10 of 40 summaries, about 1 min 0 s left"),
        (Progress(30, 40, 2, 20), 5, 0.5, "30 of 40 summaries, 2 failed, about 5 s left"),
        (Progress(20, 40, 0, 20), 0, None, "20 of 40 summaries, 20 kept from an earlier run"),
        (Progress(40, 40, 1, 0), 7260, 2, "40 of 40 summaries, 1 failed, 2 h 1 min"),
    ],
)
def test_a_line_of_progress(state, elapsed, pace, shown):
    assert terminal.line(state, elapsed, pace) == shown


def test_what_was_left_out_is_shown_with_its_reason(run, config, tmp_path):
    record = json.loads(next(iter(sorted(STORIES.glob("*.json")))).read_text())
    data = write(tmp_path / "d.jsonl", record, {"id": "empty", "articles": [], "summaries": ["x"]})
    page = " ".join(run(config, "-q", "--set", f"data.path={data}").out.split())
    assert "left out, no article with text: 1 (empty)" in page
