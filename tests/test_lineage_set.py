"""The benchmark of lineages keeps the promises of its README, and its scorer counts what it says."""

import json
from collections import Counter
from pathlib import Path

import pytest

from eval.lineage import DATA, SETS, Labelled, main, mistakes, pairs, read, report

README = (DATA / "README.md").read_text("utf-8")


@pytest.fixture(scope="module", params=SETS, ids=lambda path: path.stem)
def stories(request: pytest.FixtureRequest) -> tuple[Labelled, ...]:
    return read(request.param)


def test_the_files_share_no_story_and_no_text() -> None:
    every = [s for path in SETS for s in read(path)]
    assert len({s.id for s in every}) == len(every) == 77
    texts = [a.text for s in every for a in s.articles]
    assert len(set(texts)) == len(texts)


def test_every_article_is_in_one_lineage_and_copies_in_that_of_their_source(stories: tuple[Labelled, ...]) -> None:
    for story in stories:
        members = [i for group in story.lineages for i in group]
        assert sorted(members) == sorted(a.id for a in story.articles)
        assert [i.split("/")[0] for i in members] == [story.id] * len(members)
        assert 3 <= len(story.articles) <= 7
        group_of = {i: group for group in story.lineages for i in group}
        copies = {copy: source for copy, source, _ in story.made_from}
        assert all(group_of[copy] == group_of[source] for copy, source in copies.items())
        assert {group[0] for group in story.lineages} == set(group_of) - set(copies)
        assert len({a.published is None for a in story.articles}) == 1
        dates = {a.id: a.published for a in story.articles}
        assert all(dates[c] > dates[s] for c, s in copies.items() if dates[c] and dates[s])


def test_the_readme_counts_the_ways_right() -> None:
    counts = [Counter(a.metadata["how"] for s in read(path) for a in s.articles) for path in SETS]
    for way in set().union(*counts):
        row = next(line for line in README.splitlines() if line.startswith(f"| `{way}` |"))
        assert [int(cell) for cell in row.split("|")[-4:-1]] == [c[way] for c in counts]
    together = sum(len(pairs(s.lineages)) for path in SETS for s in read(path))
    assert f"{together} pairs of one lineage" in README


def test_the_scorer_counts_pairs_originals_and_ways() -> None:
    story = next(s for s in read(SETS[0]) if s.id == "tollgate-bridge")
    ids = [a.id for a in story.articles]
    assert story.lineages[0] == (ids[0], ids[2], ids[3])
    found = ((ids[2], ids[0], ids[1]), (ids[3],), (ids[4],))
    row = report([story], [found])
    assert (row["pairs"], row["gold"], row["found"], row["right"]) == (10, 3, 3, 1)
    assert row["precision"] == row["recall"] == 0.3333
    assert row["originals"] == {"lineages": 1, "right": 0, "share": 0.0}
    assert row["ways"] == {"light": {"copies": 1, "found": 1}, "shortened": {"copies": 1, "found": 0}}
    lines = list(mistakes([story], [found]))
    assert [line.split()[0] for line in lines] == ["JOINED", "missed", "JOINED", "missed", "ORIGINAL"]
    perfect = report([story], [story.lineages])
    assert perfect["precision"] == perfect["recall"] == perfect["originals"]["share"] == 1
    assert perfect["whole_stories_right"] == 1


def test_the_command_prints_json_and_refuses_what_is_no_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("".join(SETS[0].read_text("utf-8").splitlines(keepends=True)[:2]), "utf-8")
    assert main([str(few)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["few"]["stories"] == 2
    assert set(shown["signature"]) == {"data", "versions"}
    for bad in (b"", b"\x00\xff", b'{"id": 1}\n', b"[]\n", b'{"id": "a", "articles": [{}], "lineages": []}\n'):
        broken = tmp_path / "broken.json"
        broken.write_bytes(bad)
        assert main([str(broken)]) == 1
        error = capsys.readouterr().err
        assert error.startswith("eval.lineage: ") and error.count("\n") == 1
    assert main([str(tmp_path / "none.jsonl")]) == 1
