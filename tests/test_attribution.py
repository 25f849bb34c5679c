"""Freely written sentences get the source sentences that support them, or are replaced."""

from collections.abc import Sequence

import numpy as np
import pytest
from conftest import bag_of_words, story_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from test_laws import assert_lawful

from summarize import Config, Summarizer, SummarySentence
from summarize.attribution import CITED, CLOSE, FEATURES, POSSIBLE, WEIGHTS, Alignment, align, attribute, choose, drafts
from summarize.config import AttributionSettings
from summarize.documents import Article, Claim, Story, Written
from summarize.pipeline import SUMMARIZERS
from summarize.planning import Planned
from summarize.text import sentences

STORY = story_of(
    Article(
        "a",
        "The dam above Tarsholm overflowed on Tuesday after two days of rain. Mayor Ilse Brandvik resigned on Friday. "
        "Volunteers filled 4,000 sandbags.",
    ),
    Article("b", "Sirens in Tarsholm stayed silent for 40 minutes. The dam overflowed on Tuesday."),
)
ALL = {s.text: s for a in STORY.articles for s in sentences(a)}
JOINED = "The dam overflowed on Tuesday, and Mayor Ilse Brandvik resigned on Friday."


def fixed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Every text as close to every other as paraphrases are."""
    vectors = bag_of_words(texts)
    vectors[:, 0] += 1.0
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def supporting(text: str, story: Story = STORY) -> set[str]:
    (found,) = attribute([text], story, bag_of_words)
    return {s.text for s in found}


def planned(*heads: str) -> list[Planned]:
    return [Planned(Claim((ALL[h],), (ALL[h],)), rank) for rank, h in enumerate(heads)]


def test_a_sentence_is_given_every_report_of_what_it_says():
    assert supporting("On Tuesday the dam overflowed.") == {
        "The dam above Tarsholm overflowed on Tuesday after two days of rain.",
        "The dam overflowed on Tuesday.",
    }


def test_a_sentence_that_joins_two_sources_is_given_both():
    assert "Mayor Ilse Brandvik resigned on Friday." in supporting(JOINED)
    assert "The dam overflowed on Tuesday." in supporting(JOINED)


def test_a_sentence_that_nothing_supports_is_given_nothing():
    assert supporting("Bananas ripen faster in paper bags.") == set()
    assert supporting("") == set()


def alignments(*given: tuple[float, float]) -> list[Alignment]:
    """One of each closeness and probability, with the sentences of the story in their order."""
    return [Alignment(s, close, p, ()) for s, (close, p) in zip(ALL.values(), given, strict=False)]


def test_what_reaches_the_limit_is_cited_and_the_best_even_where_it_does_not():
    sure = alignments((CLOSE, CITED), (1.0, CITED), (1.0, CITED - 0.01))
    assert choose(sure) == tuple(a.sentence for a in sure[:2])
    unsure = alignments((1.0, POSSIBLE), (1.0, POSSIBLE))
    assert choose(unsure) == (unsure[0].sentence,)
    assert choose(unsure, named=frozenset({unsure[1].sentence})) == (unsure[0].sentence, unsure[1].sentence)
    assert choose(alignments((1.0, POSSIBLE - 0.01))) == ()


def test_what_is_not_close_is_never_cited_and_gives_way_to_the_best_of_the_rest():
    far, best = alignments((CLOSE - 0.01, 0.99), (CLOSE, POSSIBLE))
    assert choose([far, best]) == (best.sentence,)
    assert choose([far], named=frozenset({far.sentence})) == ()


def test_phrases_tell_which_source_says_which_part():
    (found,) = align([JOINED], STORY, bag_of_words)
    phrases = {a.sentence.text: a.features[FEATURES.index("phrases")] for a in found}
    assert min(phrases["The dam overflowed on Tuesday."], phrases["Mayor Ilse Brandvik resigned on Friday."]) > 0.3
    assert phrases["Volunteers filled 4,000 sandbags."] < 0.1
    assert all(len(a.features) == len(WEIGHTS) for a in found)


def test_no_texts_and_no_sentences_give_nothing():
    assert attribute([], STORY, bag_of_words) == ()
    assert attribute(["The dam overflowed."], story_of(Article("a", "")), bag_of_words) == ((),)


def test_a_draft_offers_the_written_sentence_and_then_its_best_source():
    (draft,) = drafts(["Volunteers had filled 4,000 sandbags."], STORY, (), bag_of_words)
    assert [(c.text, c.origin) for c in draft.candidates] == [
        ("Volunteers had filled 4,000 sandbags.", "written"),
        ("Volunteers filled 4,000 sandbags.", "extracted"),
    ]
    assert draft.evidence == (ALL["Volunteers filled 4,000 sandbags."],)


def test_where_nothing_supports_a_sentence_the_best_claim_that_no_other_tells_takes_its_place():
    plan = planned("Mayor Ilse Brandvik resigned on Friday.", "Volunteers filled 4,000 sandbags.")
    texts = ["Mayor Ilse Brandvik resigned on Friday.", "Bananas ripen faster in paper bags."]
    told, replaced = drafts(texts, STORY, plan, bag_of_words)
    assert told.candidates[0].text == texts[0]
    assert [c.text for c in replaced.candidates] == [texts[1], "Volunteers filled 4,000 sandbags."]


def test_what_the_writer_names_is_cited_where_alignment_alone_would_not_be_sure_enough():
    named = ALL["Sirens in Tarsholm stayed silent for 40 minutes."]
    text = "The dam gave way and water reached Tarsholm."
    story = story_of(*STORY.articles, Article("c", "Water stood in the town."))
    (alignment,) = (a for a in align([text], story, fixed)[0] if a.sentence == named)
    assert POSSIBLE <= alignment.probability < CITED
    (draft,) = drafts([text], story, (), fixed, [[named]])
    assert named in draft.evidence
    (plain,) = drafts([text], story, (), fixed)
    assert named not in plain.evidence


def test_what_the_writer_names_and_does_not_support_the_sentence_is_passed_over():
    named = ALL["Volunteers filled 4,000 sandbags."]
    (draft,) = drafts(["The dam overflowed on Tuesday."], STORY, (), bag_of_words, [[named]])
    assert named not in draft.evidence


def test_without_a_plan_an_unsupported_sentence_gives_way_to_the_closest_source_sentence():
    (draft,) = drafts(["Bananas ripen faster in paper bags."], STORY, (), bag_of_words)
    assert draft.candidates[-1].origin == "extracted"
    assert draft.candidates[-1].text in ALL


@given(st.lists(st.text(max_size=60), max_size=4), st.lists(st.text(max_size=120), min_size=1, max_size=3))
def test_any_text_is_given_sentences_of_the_story_whatever_the_order(texts, articles):
    story = story_of(*(Article(f"a{i}", text) for i, text in enumerate(articles)))
    found = attribute(texts, story, bag_of_words)
    assert len(found) == len(texts)
    for sentence in (s for support in found for s in support):
        assert story.by_id[sentence.article].text[sentence.start : sentence.end] == sentence.text
    assert attribute(texts[::-1], story, bag_of_words) == found[::-1]


def test_evidence_must_be_given_for_every_text():
    with pytest.raises(ValueError):
        drafts(["One.", "Two."], STORY, (), bag_of_words, [[]])


# What is said in the end


def said(monkeypatch, texts: Sequence[str], **settings: str | None) -> list[SummarySentence]:
    """The sentences of a summary that somebody wrote freely."""

    def write(stories, config, encode):
        for story in stories:
            yield Written(drafts(texts, story, planned("Mayor Ilse Brandvik resigned on Friday."), encode))

    monkeypatch.setitem(SUMMARIZERS, "freely", write)
    monkeypatch.setattr("summarize.pipeline.lazy_encode", lambda settings: bag_of_words)
    config = Config(summarizer="freely", attribution=AttributionSettings(**settings))
    summary = Summarizer(config).summarize(STORY)
    assert_lawful(summary)
    return list(summary.sentences)


PLAIN = "Volunteers filled 4,000 sandbags."
LOOSE = "Volunteers hurriedly filled 4,000 sandbags, working overnight."
FALSE = "Volunteers filled 9,000 sandbags."


def test_a_supported_sentence_stays_and_one_that_is_not_is_replaced_and_counted(monkeypatch):
    (sentence,) = said(monkeypatch, [PLAIN])
    assert (sentence.origin, sentence.replaced, sentence.unsupported) == ("written", 0, ())
    for text in (LOOSE, FALSE):
        (sentence,) = said(monkeypatch, [text])
        assert (sentence.text, sentence.origin, sentence.replaced) == (PLAIN, "extracted", 1)


def test_if_asked_a_sentence_stays_and_what_no_citation_holds_is_marked(monkeypatch):
    (sentence,) = said(monkeypatch, [LOOSE], unsupported="mark")
    assert (sentence.text, sentence.origin) == (LOOSE, "written")
    assert [LOOSE[a:b] for a, b in sentence.unsupported] == ["hurriedly", "working overnight"]
    (sentence,) = said(monkeypatch, ["Not volunteers filled 4,000 sandbags."], unsupported="mark")
    assert sentence.unsupported == ((0, len(sentence.text)),)  # no word is missing, but it says the opposite
    (sentence,) = said(monkeypatch, ["Bananas ripen faster in paper bags."], unsupported="mark")
    assert sentence.origin == "extracted"  # nothing supports any of it


@pytest.mark.parametrize(("entails", "text", "origin"), [(True, LOOSE, "written"), (False, PLAIN, "extracted")])
def test_a_model_for_inference_judges_words_all_at_once(monkeypatch, entails: bool, text: str, origin: str):
    asked = []

    class Model:
        def supports(self, pairs):
            asked.append(pairs)
            return [entails] * len(pairs)

    monkeypatch.setattr("summarize.pipeline.load_entailment", lambda name: Model())
    sentences = said(monkeypatch, [LOOSE, "Mayor Ilse Brandvik resigned in Oslo on Friday."], entailment="any")
    assert (sentences[0].text, sentences[0].origin) == (text, origin)
    assert sentences[1].text == "Mayor Ilse Brandvik resigned on Friday."  # a name that no source has is never said
    (pairs,) = asked
    assert pairs[0] == (LOOSE, (PLAIN,))
