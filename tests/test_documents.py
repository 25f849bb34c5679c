"""Documents answer questions about themselves and show themselves as JSON and Markdown."""

import json
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from summarize.documents import (
    Article,
    Citation,
    Claim,
    Digest,
    Sentence,
    Skipped,
    Story,
    Summary,
    SummarySentence,
    escape_markdown,
    label,
)

FIRST = Article(
    "b.txt",
    "The bridge is closed. It is old.",
    title="Bridge *closed*",
    source="The Courier",
    published=datetime(2025, 5, 6, 7, tzinfo=UTC),
)
SECOND = Article("a.txt", "A bridge was shut on Monday.")
STORY = Story("s1", (SECOND, FIRST), (("b.txt", "a.txt"),))
CLOSED = SummarySentence(
    "The bridge is closed.",
    (Citation("b.txt", 0, 21, "The bridge is closed.", 1.0), Citation("a.txt", 0, 28, SECOND.text, 1 / 3)),
    "extracted",
)
OLD = SummarySentence("It is old.", (Citation("b.txt", 22, 32, "It is old.", 1.0),), "compressed", replaced=2)
SUMMARY = Summary(STORY, "Bridge [shut]", "claims", (CLOSED, OLD))


def test_a_summary_joins_its_sentences_and_counts_their_words():
    assert SUMMARY.text == "The bridge is closed. It is old."
    assert SUMMARY.words == 7
    assert SUMMARY.citations == (*CLOSED.citations, *OLD.citations)


def test_sources_are_numbered_in_the_order_of_the_articles_and_marks_follow_the_citations():
    assert SUMMARY.numbers == {"a.txt": 1, "b.txt": 2}
    assert [SUMMARY.marks(s) for s in SUMMARY.sentences] == [(2, 1), (2,)]


def test_a_story_knows_its_articles_and_their_originals():
    assert STORY.by_id["b.txt"] is FIRST
    assert STORY.original == {"a.txt": "b.txt", "b.txt": "b.txt"}


def test_a_claim_names_each_article_once_sorted():
    said = [Sentence(article, 0, 0, 0, 2, "Yes") for article in ("b", "a", "b")]
    assert Claim(tuple(said), (said[0],)).articles == ("a", "b")


def test_documents_are_frozen():
    with pytest.raises(FrozenInstanceError):
        SUMMARY.title = "other"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        FIRST.text = "other"  # type: ignore[misc]


def test_articles_with_metadata_can_be_in_a_set():
    assert len({Article("a", "x", metadata={"k": [1]}), Article("a", "x", metadata={"k": [1]})}) == 1


def test_the_json_of_a_story_is_the_contract():
    assert json.loads(SUMMARY.to_json()) == {
        "id": "s1",
        "title": "Bridge [shut]",
        "since": None,
        "articles": [
            {
                "id": "a.txt",
                "title": None,
                "source": None,
                "url": None,
                "published": None,
                "words": 6,
                "lineage": "b.txt",
            },
            {
                "id": "b.txt",
                "title": "Bridge *closed*",
                "source": "The Courier",
                "url": None,
                "published": "2025-05-06T07:00:00+00:00",
                "words": 7,
                "lineage": "b.txt",
            },
        ],
        "independent_sources": 1,
        "summary": {
            "summarizer": "claims",
            "text": "The bridge is closed. It is old.",
            "words": 7,
            "unread_sentences": 0,
            "sentences": [
                {
                    "text": "The bridge is closed.",
                    "citations": [
                        {"article": "b.txt", "start": 0, "end": 21, "quote": "The bridge is closed.", "score": 1.0},
                        {"article": "a.txt", "start": 0, "end": 28, "quote": SECOND.text, "score": 0.3333},
                    ],
                    "independent_sources": 1,
                    "origin": "extracted",
                    "replaced": 0,
                    "unsupported": [],
                },
                {
                    "text": "It is old.",
                    "citations": [{"article": "b.txt", "start": 22, "end": 32, "quote": "It is old.", "score": 1.0}],
                    "independent_sources": 1,
                    "origin": "compressed",
                    "replaced": 2,
                    "unsupported": [],
                },
            ],
            "asked": None,
        },
        "conflicts": [],
    }


def test_json_keeps_other_scripts_readable():
    assert "Ωmega" in Summary(STORY, "Ωmega", "lead", ()).to_json()


def test_a_digest_is_the_whole_contract():
    shown = Digest((SUMMARY,), (Skipped("c.txt", "empty"),), {"seed": 13}).to_dict()
    assert shown == {
        "schema": 1,
        "signature": {"seed": 13},
        "stories": [SUMMARY.to_dict()],
        "skipped": [{"path": "c.txt", "reason": "empty"}],
    }


def test_markdown_has_title_cited_text_and_numbered_sources():
    assert SUMMARY.to_markdown() == (
        "## Bridge \\[shut\\]\n\n"
        "The bridge is closed.\\[2\\]\\[1\\] It is old.\\[2\\]\n\n"
        "Sources:\n\n"
        "1. a.txt\n"
        "2. The Courier — Bridge \\*closed\\* — 2025-05-06 — b.txt\n"
    )


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a *b* _c_ [d](e) <f> `g` #h", r"a \*b\* \_c\_ \[d\](e) \<f\> \`g\` \#h"),
        ("back\\slash | pipe ~x~ !", r"back\\slash \| pipe \~x\~ \!"),
        ("two\nlines\n\n# not a heading", r"two lines \# not a heading"),
        ("1. Not a list", r"1\. Not a list"),
        ("- nor this", r"\- nor this"),
        ("&lt;b&gt; stays as it is", r"\&lt;b\&gt; stays as it is"),
    ],
)
def test_markdown_markup_in_a_text_is_escaped(text, escaped):
    assert escape_markdown(text) == escaped


def test_an_article_is_labelled_by_outlet_title_date_and_id():
    assert label(FIRST) == "The Courier — Bridge *closed* — 2025-05-06 — b.txt"
    assert label(SECOND) == "a.txt"
