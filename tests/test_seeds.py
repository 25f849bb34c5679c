"""The main job as it is shipped: the five reports in seeds/, with the real models."""

import re
from pathlib import Path

import pytest
from test_laws import assert_lawful

from summarize import Story, Summarizer, Summary, read_articles

SEEDS = Path(__file__).parent.parent / "seeds"
UNRELATED = Path(__file__).parent / "data" / "unrelated"


@pytest.fixture(scope="module")
def story() -> Story:
    (found,) = Summarizer().stories(read_articles(SEEDS))
    return found


@pytest.fixture(scope="module")
def summary(story: Story) -> Summary:
    return Summarizer().summarize(story)


def test_the_five_reports_are_one_story_of_three_lineages(story):
    assert len(story.articles) == 5
    assert sorted(len(group) for group in story.lineages) == [1, 1, 3]


def test_the_summary_is_a_page_an_editor_can_use(summary):
    assert_lawful(summary)
    assert 110 <= summary.words <= 190
    assert 5 <= len(summary.sentences) <= 9
    assert sum(len(summary.marks(s)) > 1 for s in summary.sentences) >= 3
    assert any(s.origin == "fused" for s in summary.sentences)
    assert re.search(r"30 days|30-day", summary.text)


def test_no_wording_of_the_spun_copy_is_used(summary):
    assert not re.search(r"power amenities|White Home|armistice|\bnavy\b|telephone dialog", summary.text)


def test_the_same_articles_give_the_same_bytes(story, summary):
    assert Summarizer().summarize(tuple(reversed(story.articles))).to_json() == summary.to_json()


def test_unrelated_articles_leave_the_story_as_it_is(story, summary):
    stories = Summarizer().stories(read_articles([SEEDS, UNRELATED]))
    assert stories[0] == story
    assert [len(s.articles) for s in stories[1:]] == [1] * 5
