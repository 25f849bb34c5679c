"""The measure of citations for freely written sentences, on alignments made up here."""

import json
from pathlib import Path

import pytest
from conftest import bag_of_words

from eval.attribution import LIMITS, closest, errors, example, held_out, learn, main, measure, read
from summarize.attribution import FEATURES

DAM = "The dam above Tarsholm overflowed on Tuesday after two days of rain."
MAYOR = "Mayor Ilse Brandvik resigned on Friday."
COPY = "On Tuesday the dam above Tarsholm overflowed after two days of rain."
TEXT = "The dam overflowed on Tuesday and Mayor Ilse Brandvik resigned."


def aligned(doc: str, text: str, *stretches: str) -> dict[str, object]:
    starts = [text.index(stretch) for stretch in stretches]
    return {
        "summary": 0,
        "summary_span": {"start": 0, "end": len(TEXT), "text": TEXT},
        "doc": doc,
        "doc_spans": [{"start": a, "end": a + len(s), "text": s} for a, s in zip(starts, stretches, strict=True)],
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    first, second = f"{DAM} {MAYOR}", f"Sirens in Tarsholm stayed silent. {COPY}"
    rows = [
        {
            "id": id,
            "articles": [{"id": "a", "text": first}, {"id": "b", "text": second}],
            "alignments": [aligned("a", first, "dam", "overflowed on Tuesday"), aligned("a", first, MAYOR, ". ")],
        }
        for id in ("one", "two", "three")
    ]
    file = tmp_path / "alignments.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_what_is_cited_is_held_against_what_people_marked(path: Path) -> None:
    records = read(path)
    all_of = {s.text: s for s in closest(bag_of_words, 4)(records[0])[0]}

    def figures(*cited: str) -> dict[str, float]:
        return measure(records, lambda record: [[all_of[c] for c in cited]])

    both = figures(DAM, MAYOR)
    assert [both[k] for k in ("precision", "recall", "same precision", "pair recall", "f")] == [1, 1, 1, 1, 1]
    one = figures(MAYOR)
    # Of dam, overflow, Tuesday, mayor, Ilse, Brandvik and resign the second sentence carries four.
    assert (one["precision"], one["recall"], one["pair recall"]) == (1, pytest.approx(4 / 7, abs=1e-4), 0.5)
    copy = figures(COPY, "Sirens in Tarsholm stayed silent.")
    assert (copy["precision"], copy["same precision"], copy["recall"], copy["article precision"]) == (0, 0.5, 0, 0)
    of = dict(zip(map(id, records), ([DAM], [MAYOR, COPY], [COPY]), strict=True))
    spread = errors(records, lambda record: [[all_of[c] for c in of[id(record)]]])
    # Without one story each, precision is 1/3, 1/2 and 2/3.
    assert spread["precision"] == pytest.approx((2 * 2 / 3) ** 0.5 / 6, abs=1e-3)
    nothing = figures()
    assert (nothing["unsupported"], nothing["recall"], nothing["citations"], nothing["f"]) == (1, 0, 0, 0)


def test_the_stretches_decide_which_sentence_is_marked_and_not_what_stands_around_them(tmp_path: Path) -> None:
    text = f"{DAM} {MAYOR}"
    row = {"id": "one", "articles": [{"id": "a", "text": text}], "alignments": [aligned("a", text, "resigned")]}
    row["alignments"][0]["doc_sentence"] = {"start": 0, "end": len(text)}
    (tmp_path / "one.jsonl").write_text(json.dumps(row))
    (record,) = read(tmp_path / "one.jsonl")
    assert [[s.text for s in marked] for marked in record.marked] == [[MAYOR]]


def test_learning_finds_that_shared_words_speak_for_support(path: Path) -> None:
    examples = [example(record, bag_of_words) for record in read(path)]
    learned = learn(examples)
    assert learned.weights["alone"] > 0 > learned.weights["behind"]
    assert learned == learn(examples)
    assert learned.limit in LIMITS


def test_a_story_is_cited_by_what_is_learned_from_the_others(path: Path, monkeypatch) -> None:
    examples = [example(record, bag_of_words) for record in read(path)]
    seen = []

    def learn_from(chosen):
        seen.append([e.record for e in chosen])
        return learn(chosen)

    monkeypatch.setattr("eval.attribution.learn", learn_from)
    system = held_out(examples)
    one, two, three = (e.record for e in examples)
    assert [[id(r) for r in records] for records in seen] == [
        [id(two), id(three)],
        [id(one), id(three)],
        [id(one), id(two)],
    ]
    assert all(len(system(e.record)) == len(e.record.texts) for e in examples)


@pytest.mark.parametrize(
    "content", ["{", '{"id": 1}', "\x00\x01", '"text"', '{"id": 1, "articles": [], "alignments": [3]}']
)
def test_a_file_of_something_else_is_one_clear_line(tmp_path: Path, content: str, capsys) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(content)
    assert main([str(file)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"eval.attribution: cannot read alignments from {file}")


def test_the_command_prints_each_system_and_learns_what_is_shipped(path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("eval.attribution.lazy_encode", lambda settings: bag_of_words)
    assert main([str(path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["records"], shown["sentences"]) == (3, 3)
    assert set(shown["systems"]) >= {"closest 1", "held out", "shipped", "shipped, foreign story"}
    assert len(shown["signature"]["data_sha256"]) == 64
    assert main([str(path), "--train"]) == 0
    assert set(json.loads(capsys.readouterr().out)["learned"]) == {*FEATURES, "bias", "limit"}
