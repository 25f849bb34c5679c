"""Claims: sentences of different articles that report one thing, aligned."""

import numpy as np
import pytest
from conftest import bag_of_words, story_of

from summarize.claims import MAX_SENTENCES, align, tells_the_same, unread_sentences
from summarize.config import ClaimSettings
from summarize.documents import Article, Claim
from summarize.text import sentences

LOOSE = ClaimSettings(threshold=0.3, kin_threshold=0.4)
"""Word overlap is far lower than the cosine of a trained encoder."""


def holding(claims: tuple[Claim, ...], words: str) -> Claim:
    """The one claim with a sentence that holds the words."""
    (found,) = [c for c in claims if any(words in s.text for s in c.sentences)]
    return found


@pytest.mark.parametrize(
    ("words", "reported_by"),
    [
        ("At least 14 people were killed", {"highland-ledger", "kestrel-press-agency", "radio-meridiem"}),
        (
            "both of the dam’s sirens had sounded",
            {"highland-ledger", "kestrel-press-agency", "radio-meridiem", "the-orless-courier"},
        ),
        (
            "600 soldiers and eight helicopters",
            {"highland-ledger", "kestrel-press-agency", "the-orless-courier"},
        ),
        ("210 millimetres was measured", {"kestrel-press-agency", "radio-meridiem", "the-orless-courier"}),
        ("Another 30 are missing", {"highland-ledger", "kestrel-press-agency"}),
    ],
)
def test_a_claim_holds_the_sentences_of_every_article_that_reports_it(flood_story, words, reported_by):
    assert set(holding(align(flood_story, bag_of_words, LOOSE).claims, words).articles) == reported_by


def test_the_real_encoder_aligns_paraphrases_at_the_default_thresholds(flood_story, minilm):
    claims = align(flood_story, minilm, ClaimSettings()).claims
    assert set(holding(claims, "both of the dam’s sirens had sounded").articles) >= {
        "highland-ledger",
        "kestrel-press-agency",
        "the-orless-courier",
    }
    assert set(holding(claims, "At least 14 people were killed").articles) == {"kestrel-press-agency", "radio-meridiem"}
    assert len(holding(claims, "Prime Minister Johan Ebbesen will visit").kin) == 3
    assert len(holding(claims, "“My father is 80").sentences) == 1


def test_every_sentence_is_in_exactly_one_claim(flood_story):
    claims = align(flood_story, bag_of_words, LOOSE).claims
    aligned = [(s.article, s.index) for c in claims for s in c.sentences]
    assert sorted(aligned) == sorted((s.article, s.index) for a in flood_story.articles for s in sentences(a))


def test_the_head_is_always_kin_and_kin_are_among_the_sentences(flood_story):
    for claim in align(flood_story, bag_of_words, LOOSE).claims:
        assert claim.kin[0] == claim.sentences[0]
        assert set(claim.kin) <= set(claim.sentences)


def test_a_sentence_that_stands_alone_comes_before_one_that_does_not():
    story = story_of(
        Article("a", "He said the operator knew about the broken sirens at the dam."),
        Article("b", "The operator knew about the broken sirens at the dam."),
    )
    (claim,) = align(story, bag_of_words, LOOSE).claims
    assert claim.sentences[0].article == "b"


def test_a_spun_copy_reports_a_claim_but_is_never_its_head_or_kin_while_plain_words_are_left():
    story = story_of(
        Article("a", "The operator of the dam knew about the broken sirens."),
        Article("b", "The operator of the dam knew about the broken sirens well."),
    )
    (claim,) = align(story, bag_of_words, LOOSE, spun=frozenset("a")).claims
    assert claim.articles == ("a", "b")
    assert [s.article for s in claim.kin] == ["b"]
    (alone,) = align(story_of(story.articles[0]), bag_of_words, LOOSE, spun=frozenset("a")).claims
    assert [s.article for s in alone.kin] == ["a"]


def test_vectors_and_centre_have_length_one(flood_story):
    aligned = align(flood_story, bag_of_words, LOOSE)
    assert aligned.vectors.shape == (len(aligned.claims), 256)
    assert np.allclose(np.linalg.norm(aligned.vectors, axis=1), 1, atol=1e-5)
    assert np.isclose(np.linalg.norm(aligned.centre), 1, atol=1e-5)
    assert aligned.sentence_counts["kestrel-press-agency"] == 16


def test_the_order_of_the_articles_changes_nothing(flood_story):
    forward = align(flood_story, bag_of_words, LOOSE)
    backward = align(story_of(*flood_story.articles[::-1]), bag_of_words, LOOSE)
    assert forward.claims == backward.claims
    assert np.array_equal(forward.vectors, backward.vectors)


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_a_story_without_a_sentence_has_no_claims(text):
    aligned = align(story_of(Article("a", text)), bag_of_words, ClaimSettings())
    assert aligned.claims == ()
    assert aligned.sentence_counts == {"a": 0}


def test_a_story_of_one_sentence_has_one_claim():
    (claim,) = align(story_of(Article("a", "The dam broke on Tuesday.")), bag_of_words, ClaimSettings()).claims
    assert [s.text for s in claim.sentences] == ["The dam broke on Tuesday."]


def test_sentences_without_a_word_are_claims_too():
    aligned = align(story_of(Article("a", "!!!\n???\nThe dam broke.")), bag_of_words, ClaimSettings())
    assert sum(len(c.sentences) for c in aligned.claims) == 3
    assert np.isfinite(aligned.vectors).all()


def test_of_a_huge_story_the_first_sentences_of_each_article_are_aligned():
    long = Article("a", " ".join(f"Guard number{i} saw place{i} burn." for i in range(4990)))
    short = Article("b", " ".join(f"Nurse {word} left early." for word in "Ada Bea Cleo".split()))
    story = story_of(long, short)
    aligned = align(story, lambda texts: np.ones((len(texts), 1), dtype=np.float32), ClaimSettings())
    kept = [s for c in aligned.claims for s in c.sentences]
    assert len(kept) == MAX_SENTENCES == 4993 - unread_sentences(story)
    assert {s.index for s in kept if s.article == "b"} == {0, 1, 2}
    found = sorted(s.index for s in kept if s.article == "a")
    assert found == list(range(len(found)))


def test_of_more_articles_than_sentences_that_can_be_aligned_the_limit_is_kept(monkeypatch):
    monkeypatch.setattr("summarize.claims.MAX_SENTENCES", 3)
    story = story_of(*(Article(str(i), f"Guard{i} saw it. Nurse{i} did not.") for i in range(5)))
    kept = [s for c in align(story, bag_of_words, LOOSE).claims for s in c.sentences]
    assert sorted((s.article, s.index) for s in kept) == [("0", 0), ("1", 0), ("2", 0)]
    assert unread_sentences(story) == 7


def test_of_a_story_of_common_length_nothing_is_unread(flood_story):
    assert unread_sentences(flood_story) == 0


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("The dam overflowed on Tuesday.", "On Tuesday the dam overflowed after rain.", True),
        ("The dam overflowed on Tuesday.", "The mayor resigned on Friday.", False),
        ("It is what it is.", "The dam overflowed.", False),
        ("", "", False),
    ],
)
def test_sentences_tell_the_same_when_they_share_enough_content(a, b, same):
    assert tells_the_same(a, b) is same
    assert tells_the_same(b, a) is same
