"""Labelled sets in which most stories are told once or twice."""

import json
import lzma
from collections import Counter
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from eval.clusters import read
from eval.samples import app


def run(*arguments: object) -> None:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output


@pytest.fixture
def events(tmp_path):
    path = tmp_path / "events.jsonl"
    with path.open("w", encoding="utf-8") as lines:
        for n in range(80):
            articles = [{"id": str(k), "title": "", "text": f"Veldhaven report {n}, {k}."} for k in range(3)]
            lines.write(json.dumps({"id": f"event-{n}", "articles": articles}) + "\n")
    return path


def test_roundups_keep_one_to_three_reports_of_every_fourth_event(events, tmp_path):
    run("roundups", events, tmp_path / "a.jsonl")
    data = read(tmp_path / "a.jsonl")
    assert set(data.stories) == {f"event-{n}" for n in range(0, 80, 4)}
    assert set(Counter(data.stories).values()) == {1, 2, 3}
    assert all(a.title is None for a in data.articles)
    run("roundups", events, tmp_path / "b.jsonl")
    assert read(tmp_path / "b.jsonl") == read(tmp_path / "a.jsonl").__class__("b", data.articles, data.stories)


def test_singles_are_days_apart_and_leave_out_every_other_span(tmp_path):
    source = tmp_path / "articles.jsonl.xz"
    with lzma.open(source, "wt", encoding="utf-8") as lines:
        for n in range(60):
            published = f"2019-03-{1 + n // 2:02}" if n % 7 else ""
            lines.write(
                json.dumps({"id": f"{n:02}", "title": "T", "text": f"Text {n}.", "published": published}) + "\n"
            )
    run("singles", source, tmp_path / "a.jsonl")
    data = read(tmp_path / "a.jsonl")
    assert data.stories == tuple(a.id for a in data.articles) == tuple(sorted(data.stories))
    days = sorted(int(a.id) // 2 for a in data.articles)
    assert 6 <= len(days) <= 9
    assert all(3 <= later - day <= 5 for day, later in pairwise(days))
    assert not any(a.published for a in data.articles)
