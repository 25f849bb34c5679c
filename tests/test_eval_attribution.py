"""The measure of citations for freely written sentences, on alignments made up here."""

import json
from pathlib import Path

import pytest
from conftest import bag_of_words

from eval.attribution import closest, learn, main, measure, read

DAM = "The dam above Tarsholm overflowed on Tuesday after two days of rain."
MAYOR = "Mayor Ilse Brandvik resigned on Friday."
BRIEF = "The dam overflowed on Tuesday."
TEXT = "The dam overflowed on Tuesday and Mayor Ilse Brandvik resigned."


def aligned(doc: str, text: str, sentence: str, span: str) -> dict[str, object]:
    start = text.index(sentence)
    return {
        "summary": 0,
        "summary_span": {"start": 0, "end": len(TEXT), "text": TEXT},
        "doc": doc,
        "doc_sentence": {"start": start, "end": start + len(sentence), "text": sentence},
        "doc_spans": [{"start": start, "end": start + len(span), "text": span}],
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    first, second = f"{DAM} {MAYOR}", f"Sirens in Tarsholm stayed silent. {BRIEF}"
    rows = [
        {
            "id": id,
            "articles": [{"id": "a", "text": first}, {"id": "b", "text": second}],
            "alignments": [aligned("a", first, DAM, "dam overflowed on Tuesday"), aligned("a", first, MAYOR, MAYOR)],
        }
        for id in ("one", "two")
    ]
    file = tmp_path / "alignments.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_what_is_cited_is_held_against_what_people_aligned(path: Path) -> None:
    records = read(path)
    all_of = {s.text: s for s in closest(bag_of_words, 4)(records[0])[0]}

    def figures(*cited: str) -> dict[str, float]:
        return measure(records, lambda record: [[all_of[c] for c in cited]])

    both = figures(DAM, MAYOR)
    assert (both["precision"], both["recall"], both["pair precision"], both["pair recall"]) == (1, 1, 1, 1)
    one = figures(MAYOR)
    # Of dam, overflow, Tuesday, mayor, Ilse, Brandvik and resign the second sentence carries four.
    assert (one["precision"], one["recall"], one["pair recall"]) == (1, pytest.approx(4 / 7, abs=1e-4), 0.5)
    copy = figures(BRIEF, "Sirens in Tarsholm stayed silent.")
    assert (copy["precision"], copy["pair precision"], copy["article precision"]) == (0.5, 0, 0)
    nothing = figures()
    assert (nothing["unsupported"], nothing["recall"], nothing["citations"]) == (1, 0, 0)


def test_learning_finds_that_shared_words_speak_for_support(path: Path) -> None:
    weights, bias = learn(read(path), bag_of_words)
    assert weights["share"] > 0 > bias
    assert learn(read(path), bag_of_words) == (weights, bias)


@pytest.mark.parametrize(
    "content", ["{", '{"id": 1}', "\x00\x01", '"text"', '{"id": 1, "articles": [], "alignments": [3]}']
)
def test_a_file_of_something_else_is_one_clear_line(tmp_path: Path, content: str, capsys) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(content)
    assert main([str(file)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"eval.attribution: cannot read alignments from {file}")


def test_the_command_prints_both_halves(path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("eval.attribution.lazy_encode", lambda settings: bag_of_words)
    assert main([str(path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["develop"]["records"] == shown["test"]["records"] == 1
    assert set(shown["test"]["systems"]) >= {"closest 1", "attribute"}
    assert len(shown["signature"]["data_sha256"]) == 64
