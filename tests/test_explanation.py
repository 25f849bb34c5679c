"""Why two articles are, or are not, in one story."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import bag_of_words
from test_clustering import QUAKE_NORTH, QUAKE_SOUTH

from summarize.cli import main
from summarize.clustering import cluster
from summarize.clustering.evidence import FEATURES, SIMILARITIES, shipped
from summarize.clustering.explanation import explain, nearest
from summarize.config import ClusteringSettings
from summarize.documents import Article
from summarize.errors import ConfigError
from summarize.rendering.explanation import explanation_json, explanation_text, nearest_json, nearest_text

HYBRID = ClusteringSettings()
EVERY = [*QUAKE_NORTH, *QUAKE_SOUTH]


@pytest.mark.parametrize(("one", "other"), [("north/1", "north/3"), ("north/1", "south/2"), ("south/3", "south/1")])
def test_the_parts_make_up_the_logits_and_the_verdict_is_the_clusterers(one: str, other: str) -> None:
    found = explain(EVERY, one, other, HYBRID, bag_of_words)
    story = next(s for s in cluster(EVERY, HYBRID, bag_of_words) if one in {a.id for a in s.articles})
    assert found.together == (other in {a.id for a in story.articles}) == (one[0] == other[0])
    for verdict in (found.alone, found.join):
        assert verdict is not None
        total = verdict.nothing_shared + sum(p.logits for p in verdict.parts) - verdict.gap_cost
        assert verdict.logits == pytest.approx(total)
        assert [p.name for p in verdict.parts] == list(SIMILARITIES)
        assert all(p.logits >= 0 for p in verdict.parts if p.value >= 0)
    assert found.join is not None
    assert (found.join.logits >= found.threshold) == found.together
    sides = [set(found.join.left), set(found.join.right)]
    assert sorted(one in s for s in sides) == sorted(other in s for s in sides) == [False, True]


def test_contributions_add_up_to_the_logits_whatever_the_values() -> None:
    random = np.random.default_rng(3)
    for values in random.uniform(-0.2, 1, (50, len(FEATURES))):
        nothing, added = shipped().contributions(values)
        assert nothing + added.sum() == pytest.approx(float(shipped().logits(values[None])[0]))


def test_no_two_groups_are_parted_for_being_more_alike() -> None:
    random = np.random.default_rng(4)
    low = random.uniform(0, 0.5, (200, len(FEATURES)))
    high = low.copy()
    high[:, : len(SIMILARITIES)] += random.uniform(0, 0.5, (200, len(SIMILARITIES)))
    assert (shipped().logits(high) >= shipped().logits(low) - 1e-9).all()


def test_what_is_shared_is_told_as_the_first_article_writes_it() -> None:
    found = explain(EVERY, "north/1", "north/2", HYBRID, bag_of_words)
    assert {"Veldhaven", "Halmar", "Astrid", "Kolbe"} <= set(found.names)
    assert set(found.numbers) == {"6.4", "41"}
    assert "earthquake" in found.words
    assert explain(EVERY, "north/2", "north/1", HYBRID, bag_of_words).names != ()


def test_articles_of_one_text_need_no_other_reason() -> None:
    copies = [Article("a", QUAKE_NORTH[0].text), Article("b", QUAKE_NORTH[0].text + " "), *QUAKE_SOUTH]
    found = explain(copies, "a", "b", ClusteringSettings(threshold=1), bag_of_words)
    assert (found.together, found.same_text, found.join) == (True, True, None)
    assert "the same text" in explanation_text(found)
    assert json.loads(explanation_json(found))["threshold"] is None


def test_articles_that_share_nothing_were_never_compared() -> None:
    found = explain([Article("a", "Rain fell."), Article("b", "Seven geese swam")], "a", "b", HYBRID, bag_of_words)
    assert (found.together, found.join, found.names, found.words) == (False, None, (), ())
    assert "never compared" in explanation_text(found)


def test_an_article_may_be_named_by_its_file_alone() -> None:
    moved = [*QUAKE_NORTH, Article("far/2", QUAKE_SOUTH[0].text), Article("far/9", QUAKE_SOUTH[1].text)]
    assert explain(moved, "9", "north/1", HYBRID, bag_of_words).articles == ("far/9", "north/1")
    with pytest.raises(ConfigError, match="2 articles are named '2', 'far/2' and 'north/2' among them"):
        explain(moved, "2", "north/1", HYBRID, bag_of_words)


def test_the_nearest_articles_come_first() -> None:
    copy = Article("copy", QUAKE_NORTH[0].text)
    found = nearest([*EVERY, copy], "north/1", HYBRID, bag_of_words)
    assert [n.article for n in found][:3] in (["copy", "north/2", "north/3"], ["copy", "north/3", "north/2"])
    assert [n.together for n in found] == [True] * 3 + [False] * 3
    assert json.loads(nearest_json("north/1", found))["nearest"][0]["logits"] is None
    assert "same text  copy" in nearest_text("north/1", found)
    assert len(nearest(EVERY, "north/1", HYBRID, bag_of_words, most=2)) == 2
    assert nearest([copy], "copy", HYBRID, bag_of_words) == ()


@pytest.mark.parametrize(
    ("one", "other", "clusterer", "message"),
    [
        ("north/9", "north/1", "hybrid", r"no article 'north/9' was read\. Did you mean 'north/"),
        ("north/1", "north/1", "hybrid", "together with itself"),
        ("north/1", "north/2", "tfidf", "clusterer 'tfidf' gives no reasons"),
    ],
)
def test_what_cannot_be_explained_is_told(one: str, other: str, clusterer: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        explain(EVERY, one, other, ClusteringSettings(clusterer=clusterer), bag_of_words)


@pytest.fixture
def folder(tmp_path) -> Path:
    for article in EVERY:
        (tmp_path / f"{article.id.replace('/', '-')}.txt").write_text(f"{article.title or 'Quake'}\n\n{article.text}")
    return tmp_path


@pytest.mark.parametrize("format", ["text", "json"])
def test_the_command_explains_a_pair_and_an_article(folder: Path, format: str, capsys) -> None:
    for asked, expected in (
        (["north-1.txt", "south-1.txt"], '"together": false' if format == "json" else "in two stories"),
        (["north-1.txt"], '"nearest"' if format == "json" else "north-1.txt, two by two"),
    ):
        options = [part for id in asked for part in ("--explain", id)]
        with pytest.raises(SystemExit) as ended:
            main(["cluster", str(folder), *options, "--format", format])
        assert not ended.value.code
        out = capsys.readouterr().out
        assert expected in out
        assert format == "text" or json.loads(out)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--explain", "a", "--explain", "b", "--explain", "c"], "--explain"),
        (["--explain", "nowhere.txt"], "no article 'nowhere.txt' was read"),
    ],
)
def test_wrong_questions_are_answered_in_one_line(folder: Path, options: list[str], message: str, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["cluster", str(folder), *options])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
