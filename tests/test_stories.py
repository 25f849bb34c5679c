"""The benchmark's stories keep the promises of their README."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

STORIES = sorted((Path(__file__).parents[1] / "eval" / "data" / "stories").glob("*.json"))
KINDS = {"number", "date", "name", "place", "negation", "quotation"}


@pytest.fixture(params=STORIES, ids=lambda path: path.stem)
def story(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.param.read_text("utf-8"))
    assert found["id"] == request.param.stem
    return found


def _texts(story: dict[str, Any]) -> dict[str, str]:
    return {a["id"]: a["text"] for a in story["articles"]}


def test_there_are_twelve_with_the_articles_and_conflicts_that_are_counted() -> None:
    stories = [json.loads(path.read_text("utf-8")) for path in STORIES]
    assert len(stories) == 12
    assert sum(len(s["articles"]) for s in stories) == 67
    assert sum(len(s["conflicts"]) for s in stories) == 45
    assert sum(len(s["summaries"]) for s in stories) == 24


def test_articles_are_numbered_and_dated(story: dict[str, Any]) -> None:
    ids = [a["id"] for a in story["articles"]]
    assert ids == [f"{story['id']}/{n}" for n in range(1, len(ids) + 1)]
    for article in story["articles"]:
        assert datetime.fromisoformat(article["published"]).tzinfo is not None
        assert article["title"] and article["source"]
        assert 150 <= len(article["text"].split()) <= 650


def test_every_article_is_in_one_lineage(story: dict[str, Any]) -> None:
    members = Counter(member for lineage in story["lineages"] for member in lineage)
    assert members == Counter(list(_texts(story)))


def test_sources_are_slices_and_sentences_stand_in_their_summary(story: dict[str, Any]) -> None:
    texts = _texts(story)
    assert len(story["attributions"]) == len(story["summaries"]) == 2
    for summary, records in zip(story["summaries"], story["attributions"], strict=True):
        at = 0
        for record in records:
            at = summary.index(record["sentence"], at) + len(record["sentence"])
            for source in record["sources"]:
                assert texts[source["article"]][source["start"] : source["end"]] == source["text"]


def test_values_stand_in_the_articles_listed_and_no_article_has_two(story: dict[str, Any]) -> None:
    texts = _texts(story)
    for conflict in story["conflicts"]:
        assert conflict["kind"] in KINDS
        assert len(conflict["values"]) >= 2
        listed = [article for value in conflict["values"] for article in value["articles"]]
        assert len(listed) == len(set(listed))
        for value in conflict["values"]:
            assert value["articles"]
            assert all(value["value"].casefold() in texts[article].casefold() for article in value["articles"])
