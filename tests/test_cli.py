"""The command line as a person meets it: what is printed where, and with which exit status."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import DATA

import summarize
from summarize.cli import main

FLOOD = str(DATA / "flood")


# Pages


@pytest.mark.parametrize(
    ("format", "opening"),
    [("markdown", "#"), ("json", "{"), ("html", "<!doctype html>"), ("text", "")],
)
def test_a_story_is_printed_in_every_format_and_nothing_else_is(run, format, opening):
    done = run("story", FLOOD, "-s", "claims", "-f", format)
    assert (done.status, done.err) == (0, "")
    assert done.out.lower().startswith(opening)
    assert done.out.endswith("\n")
    assert "Orless" in done.out


def test_the_page_is_plain_when_it_is_piped(run):
    out = run("story", FLOOD, "-s", "lead").out
    assert "\x1b" not in out
    assert "[1]" in out


def test_the_json_page_is_the_contract(run):
    page = json.loads(run("story", FLOOD, DATA / "messy" / "empty.txt", "-s", "lead", "-f", "json", "-w", "60").out)
    assert page["schema"] == 1
    (story,) = page["stories"]
    assert len(story["articles"]) == 4
    assert story["summary"]["summarizer"] == "lead"
    assert story["summary"]["words"] <= 60
    assert [Path(s["path"]).name for s in page["skipped"]] == ["empty.txt"]
    texts = {str(p): p.read_text("utf-8") for p in (DATA / "flood").iterdir()}
    for sentence in story["summary"]["sentences"]:
        assert sentence["citations"]
        for c in sentence["citations"]:
            assert texts[c["article"]][c["start"] : c["end"]] == c["quote"]


def test_a_page_goes_to_a_file_whole_or_not_at_all(run, tmp_path):
    target = tmp_path / "page.html"
    target.write_text("what was there")
    assert run("story", tmp_path / "none", "-f", "html", "-o", target).status == 2
    assert target.read_text() == "what was there"
    done = run("story", FLOOD, "-s", "lead", "-f", "html", "-o", target)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert target.read_text("utf-8").rstrip().endswith("</html>")
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_cannot_be_written_is_our_failure_told_in_one_line(run, tmp_path):
    (tmp_path / "file").touch()
    for target in (tmp_path / "file" / "page.txt", tmp_path / "file" / "more" / "page.txt", tmp_path):
        done = run("story", FLOOD, "-s", "lead", "-o", target)
        assert (done.status, done.out) == (1, "")
        assert f"cannot write {target}: " in done.complaint


def test_folders_of_the_output_are_made(run, tmp_path):
    target = tmp_path / "results" / "today" / "stories.json"
    assert run("story", FLOOD, "-s", "lead", "-f", "json", "-o", target).status == 0
    assert len(json.loads(target.read_text("utf-8"))["stories"]) == 1


def test_articles_come_from_standard_input(run, monkeypatch):
    text = "The Varrow Dam overflowed on Tuesday. Fourteen people were killed in the valley below it."
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    page = json.loads(run("story", "-", "-s", "lead", "-f", "json").out)
    assert page["stories"][0]["summary"]["text"] == text


def test_options_are_settings_and_win_over_the_file(run, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text("summarizer: lexrank\nplan: {words: 40, redundancy: 0.5}\nmin_articles: 9\n")
    page = json.loads(
        run("story", FLOOD, "-c", settings, "-w", "80", "--min-articles", "2", "--query", "sirens", "-f", "json").out
    )
    used = page["signature"]["config"]
    assert (used["summarizer"], used["min_articles"]) == ("lexrank", 2)
    assert used["plan"] == {"words": 80, "redundancy": 0.5, "query": "sirens"}


def test_small_stories_are_left_out(run):
    page = json.loads(run("story", FLOOD, DATA / "unrelated", "-s", "lead", "--min-articles", "3", "-f", "json").out)
    assert [len(s["articles"]) for s in page["stories"]] == [4]


def test_stories_are_printed_largest_first(run):
    page = json.loads(run("story", DATA / "unrelated", FLOOD, "-s", "lead", "-f", "json").out)
    assert [len(s["articles"]) for s in page["stories"]] == [4, 1, 1, 1, 1, 1]


# cluster


def test_clusters_are_shown_as_json(run):
    stories = json.loads(run("cluster", FLOOD, DATA / "unrelated", "--format", "json").out)["stories"]
    assert [len(s["articles"]) for s in stories] == [4, 1, 1, 1, 1, 1]
    assert set(stories[0]) == {"id", "articles", "lineages"}
    assert sorted(a for group in stories[0]["lineages"] for a in group) == stories[0]["articles"]


def test_clusters_are_shown_as_text(run):
    out = run("cluster", FLOOD, DATA / "unrelated").out
    first, *others = out.split("\n\n")
    assert "4 articles" in first
    assert all("1 article\n" in other for other in others)
    assert len(others) == 5


def test_what_is_skipped_when_clustering_is_told_on_stderr_unless_quiet(run):
    empty = DATA / "messy" / "empty.txt"
    assert run("cluster", FLOOD, empty).complaint.startswith(f"skipped {empty}: ")
    assert run("cluster", FLOOD, empty, "--quiet").err == ""


def test_clusters_go_to_a_file(run, tmp_path):
    done = run("cluster", FLOOD, "-f", "json", "-o", tmp_path / "clusters.json")
    assert done.out == ""
    assert len(json.loads((tmp_path / "clusters.json").read_text())["stories"]) == 1


# Wrong use: status 2 and one line


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["story", FLOOD, "-s", "lexrnk"], "unknown summarizer 'lexrnk'. Did you mean 'lexrank'?"),
        (["story", FLOOD, "-s", "oracle"], "unknown summarizer 'oracle'."),
        (["story", FLOOD, "-f", "jsn"], "unknown format 'jsn'. Did you mean 'json'?"),
        (["cluster", FLOOD, "-f", "html"], "unknown format 'html'. Known: json, text"),
        (["story", FLOOD, "-w", "3"], "plan.words: Input should be greater than or equal to 10"),
        (["story", FLOOD, "--min-articles", "0"], "min_articles: Input should be greater than or equal to 1"),
        (["story", FLOOD, "-c", "/none/settings.yaml"], "cannot read config /none/settings.yaml"),
        (["story", "/none/at/all"], "/none/at/all"),
        (["story", str(DATA / "messy" / "empty.txt")], "empty.txt"),
        (["cluster", "/none/at/all"], "/none/at/all"),
    ],
)
def test_wrong_use_ends_with_status_2_and_one_line(run, arguments, told):
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert done.complaint.startswith("summarize: ")
    assert told in done.complaint


@pytest.mark.parametrize("arguments", [["story"], ["story", FLOOD, "-w", "many"], ["tell", FLOOD], ["story", "--none"]])
def test_usage_that_cannot_be_parsed_ends_with_status_2(run, arguments):
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert "Usage" in done.err
    assert "Traceback" not in done.err


def test_a_wrong_setting_in_a_file_names_the_file_and_the_nearest_setting(run, tmp_path):
    (tmp_path / "s.yaml").write_text("plan: {wrods: 80}")
    done = run("story", FLOOD, "-c", tmp_path / "s.yaml")
    assert done.status == 2
    assert "s.yaml: unknown setting 'plan.wrods'. Did you mean 'words'?" in done.complaint


def test_two_articles_with_one_id_are_wrong_use(run, tmp_path):
    record = {"id": "x", "text": "The dam broke on Tuesday in heavy rain."}
    (tmp_path / "two.jsonl").write_text(f"{json.dumps(record)}\n{json.dumps(record)}\n")
    done = run("story", tmp_path, "-s", "lead")
    assert done.status == 2
    assert "'x'" in done.complaint


# Our fault: status 1


def test_missing_weights_are_our_fault_told_in_one_line(run, tmp_path, monkeypatch):
    monkeypatch.undo()
    (tmp_path / "s.yaml").write_text(f"encoder: {{model: {tmp_path / 'none'}}}\nclustering: {{clusterer: tfidf}}\n")
    done = run("story", FLOOD, "-s", "claims", "-c", tmp_path / "s.yaml")
    assert (done.status, done.out) == (1, "")
    assert done.complaint.startswith("summarize: no model ") and "no such folder" in done.complaint


def test_an_unforeseen_error_is_one_line_that_names_the_way_to_more(run, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the wheel came off")

    monkeypatch.setattr("summarize.cli.read_articles", broken)
    done = run("story", FLOOD)
    assert (done.status, done.out) == (1, "")
    assert done.complaint == "summarize: internal error: RuntimeError: the wheel came off (--debug shows more)"
    for arguments in (["--debug", "story", FLOOD], ["story", "--debug", FLOOD], ["story", FLOOD, "--debug"]):
        with pytest.raises(RuntimeError, match="the wheel came off"):
            main(arguments)


# Help and version


def test_version(run):
    assert run("--version").out == f"summarize {summarize.__version__}\n"


def test_help_has_examples_and_completion(run):
    page = run("--help").out
    assert "Examples" in page
    assert "--install-completion" in page
    for command in ("story", "cluster"):
        assert run(command, "--help").status == 0
        assert command in page


def test_help_names_every_option(run):
    page = run("story", "--help").out
    for option in "summarizer words format output config query min-articles quiet".split():
        assert f"--{option}" in page


# As a process


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "import sys; from summarize.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, **options)  # type: ignore[call-overload,no-any-return]


def test_a_process_shows_no_traceback_without_debug():
    plain, debug = process("story", "/none/at/all"), process("--debug", "story", "/none/at/all")
    assert plain.returncode == 2
    assert b"Traceback" not in plain.stderr
    assert debug.returncode != 0
    assert b"Traceback" in debug.stderr


def test_a_process_reads_standard_input_and_writes_the_page_only(tmp_path):
    settings = tmp_path / "s.yaml"
    settings.write_text("clustering: {clusterer: tfidf}")
    text = "The Varrow Dam overflowed on Tuesday – “at last”, said the river."
    done = process("story", "-", "-s", "lead", "-f", "json", "-c", str(settings), input=text.encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["stories"][0]["summary"]["text"] == text


@pytest.fixture
def cheap(tmp_path):
    """Options that need no model."""
    (tmp_path / "s.yaml").write_text("clustering: {clusterer: tfidf}\nsummarizer: lead\n")
    return ("-c", str(tmp_path / "s.yaml"))


@pytest.mark.parametrize(
    "arguments",
    [["story", FLOOD], ["story", FLOOD, "-f", "html"], ["cluster", FLOOD], ["cluster", FLOOD, "-f", "json"]],
)
def test_a_reader_that_stops_early_is_no_error(arguments, cheap):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-c", "from summarize.cli import main; main()", *arguments, *cheap]
    with os.fdopen(write, "wb") as gone:
        done = subprocess.run(command, stdout=gone, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("format", ["text", "markdown", "json", "html"])
def test_a_page_is_printed_whatever_the_encoding_of_standard_output(format, cheap):
    ascii_only = {"env": os.environ | {"PYTHONIOENCODING": "ascii"}}
    text = "The Varrow Dam overflowed on Tuesday – “at last”, said the river."
    done = process("story", "-", "-f", format, *cheap, input=text.encode(), **ascii_only)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (r"\u201cat last" if format == "text" else "“at last”") in done.stdout.decode()
