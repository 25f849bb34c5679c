"""Articles to lines and back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarize import Article
from summarize.documents import Aside
from summarize.reading import dump_article, load_article

DATES = st.none() | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))
LINES = st.none() | st.text(min_size=1)
ARTICLES = st.builds(
    Article,
    id=st.text(min_size=1),
    text=st.text(st.characters(exclude_categories=())),  # half a surrogate pair too
    title=LINES,
    source=LINES,
    url=LINES,
    published=DATES,
    asides=st.lists(st.builds(Aside, st.integers(0, 9), st.integers(9, 99), st.sampled_from(["byline", "credit"]))).map(
        tuple
    ),
    metadata=st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())),
)


@given(ARTICLES)
def test_a_stored_article_comes_back_equal_from_one_line(article):
    line = dump_article(article)
    assert "\n" not in line
    assert load_article(line) == article
    assert load_article(line.encode()) == article


def test_metadata_that_json_has_no_form_for_comes_back_as_text():
    article = Article("a", "Text.", metadata={"seen": datetime(2031, 5, 2, tzinfo=UTC), "blob": b"\xff"})
    assert load_article(dump_article(article)).metadata == {"seen": "2031-05-02 00:00:00+00:00", "blob": "b'\\xff'"}


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"id": "a"}', "null", '"text"', "{", "7", b"\xff\xfe"])
def test_what_is_no_stored_article_is_refused(line):
    with pytest.raises(ValueError):
        load_article(line)
