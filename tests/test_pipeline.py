"""The stages joined: what a summary holds, and what happens when a written sentence is not supported."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import bag_of_words
from test_laws import assert_lawful

from summarize import Article, Config, Skipped, Story, Summarizer, Summary
from summarize.clustering import story_of
from summarize.config import ClaimSettings, ClusteringSettings, EncoderSettings, FusionSettings, PlanSettings
from summarize.errors import ConfigError, DuplicateIdError, ModelError, UnknownNameError
from summarize.models import load_fusion
from summarize.pipeline import SUMMARIZERS, fingerprint

pytestmark = pytest.mark.usefixtures("no_model")

LOOSE = ClaimSettings(threshold=0.3, kin_threshold=0.4)


def summarizer(name: str = "claims", **changes: Any) -> Summarizer:
    return Summarizer(Config(summarizer=name, claims=LOOSE, **changes))


# What a person gets


@pytest.mark.parametrize("name", sorted(set(SUMMARIZERS) - {"fusion", "seq2seq", "chat"}))
def test_every_summarizer_sums_up_the_flood_within_the_budget(name, flood):
    summary = summarizer(name).summarize(flood)
    assert summary.summarizer == name
    assert 60 <= summary.words <= 175
    assert_lawful(summary)


def test_articles_and_their_story_give_the_same_summary(flood):
    by_articles = summarizer().summarize(flood)
    assert summarizer().summarize(by_articles.story) == by_articles
    assert summarizer().summarize(iter(flood)) == by_articles


def test_a_summary_tells_the_story_with_its_lead_first(flood):
    summary = summarizer().summarize(flood)
    assert summary.sentences[0].text.startswith("At least 14 people were killed when the Varrow Dam")
    assert len(summary.marks(summary.sentences[0])) >= 3


@pytest.mark.parametrize("words", [40, 80, 150])
def test_the_budget_is_kept(flood, words):
    assert summarizer(plan=PlanSettings(words=words)).summarize(flood).words <= words + words // 20


def test_one_sentence_is_said_even_if_it_is_over_the_budget():
    long = "The dam and " + "the next dam and " * 20 + "the last one broke."
    assert summarizer(plan=PlanSettings(words=10)).summarize([Article("a", long)]).text == long


def test_a_query_puts_what_was_asked_for_into_the_summary(flood):
    plan = PlanSettings(words=60, query="resignation of director Kaspar Wyndham demanded by opposition")
    assert "Kaspar Wyndham" in summarizer(plan=plan).summarize(flood).text
    assert "Kaspar Wyndham" not in summarizer(plan=PlanSettings(words=60)).summarize(flood).text


def test_nothing_is_said_twice():
    text = "The Varrow Dam overflowed on Tuesday in heavy rain."
    for name in ("lead", "claims"):
        summary = summarizer(name).summarize([Article("a", text), Article("b", text)])
        assert [s.text for s in summary.sentences] == [text]


def test_the_title_is_the_headline_closest_to_the_lead_else_the_leads_opening():
    text = "The Varrow Dam overflowed on Tuesday and flooded the town of Lower Tamsin within less than half an hour."
    titled = [Article("a", text, title="Cup won"), Article("b", text, title="Varrow Dam floods Lower Tamsin")]
    assert summarizer("lead").summarize(titled).title == "Varrow Dam floods Lower Tamsin"
    made = summarizer("lead").summarize([Article("a", text)]).title
    assert made == "The Varrow Dam overflowed on Tuesday and flooded the town of Lower…"
    assert (
        summarizer("lead").summarize([Article("a", "Sirens failed in the town.")]).title == "Sirens failed in the town"
    )


@pytest.mark.parametrize("name", ["claims", "fusion", "lead", "lexrank"])
def test_a_story_without_a_sentence_gives_a_summary_without_sentences(name):
    summary = summarizer(name).summarize([Article("a.txt", " \n")])
    assert (summary.text, summary.sentences, summary.title) == ("", (), "a.txt")


# Stories and digests


@pytest.mark.parametrize("clusterer", ["hybrid", "tfidf"])
def test_unrelated_articles_leave_a_story_as_it_is(flood, unrelated, clusterer):
    maker = summarizer(clustering=ClusteringSettings(clusterer=clusterer))
    (alone,) = maker.digest(flood).summaries
    largest, *others = maker.digest((*unrelated, *flood)).summaries
    assert [a.id for a in largest.story.articles] == [a.id for a in flood]
    assert largest == alone
    assert {a.id for s in others for a in s.story.articles} == {a.id for a in unrelated}


def test_a_digest_has_the_largest_story_first_and_what_was_skipped_and_its_signature(flood, unrelated):
    maker = summarizer("lead")
    digest = maker.digest((*unrelated, *flood), [Skipped("x", "empty")])
    sizes = [len(s.story.articles) for s in digest.summaries]
    assert sizes == sorted(sizes, reverse=True)
    assert digest.skipped == (Skipped("x", "empty"),)
    assert digest.signature["config"]["summarizer"] == "lead"
    assert digest.signature["articles_sha256"] == fingerprint(flood + unrelated)
    assert set(digest.signature["versions"]) >= {"summarize", "torch", "transformers"}


def test_a_digest_says_how_many_sentences_were_not_read(flood, monkeypatch):
    assert summarizer().digest(flood).signature["unread_sentences"] == 0
    monkeypatch.setattr("summarize.claims.MAX_SENTENCES", 10)
    assert summarizer().digest(flood).signature["unread_sentences"] > 0
    assert summarizer("lead").digest(flood).signature["unread_sentences"] == 0


def test_small_stories_are_left_out_on_request(flood, unrelated):
    digest = summarizer("lead", min_articles=2).digest((*flood, *unrelated))
    assert [len(s.story.articles) for s in digest.summaries] == [len(flood)]


def test_who_watches_the_stories_sees_each_before_it_is_written(flood):
    seen: list[Story] = []

    def watch(stories: Sequence[Story]) -> Any:
        for story in stories:
            seen.append(story)
            yield story

    digest = summarizer("lead").digest(flood, watch=watch)
    assert seen == [s.story for s in digest.summaries]


def test_no_article_gives_an_empty_digest():
    assert summarizer("lead").digest([]).summaries == ()
    assert summarizer("lead").stories([]) == ()


def test_a_fingerprint_tells_texts_apart_and_not_their_order():
    a, b = Article("a", "one"), Article("b", "two")
    assert fingerprint([a, b]) == fingerprint([b, a])
    assert (
        len({fingerprint(x) for x in ([a], [b], [a, b], [Article("a", "two")], [Article("a", "one", title="t")])}) == 5
    )


# What is refused


def test_an_unknown_summarizer_is_refused_at_once():
    with pytest.raises(UnknownNameError, match=r"unknown summarizer 'lexrnk'\. Did you mean 'lexrank'\?"):
        Summarizer(Config(summarizer="lexrnk"))


def test_the_oracle_is_no_summarizer():
    with pytest.raises(UnknownNameError):
        Summarizer(Config(summarizer="oracle"))


def test_an_unknown_clusterer_is_refused(flood):
    with pytest.raises(UnknownNameError, match="unknown clusterer 'kmeans'"):
        summarizer("lead", clustering=ClusteringSettings(clusterer="kmeans")).stories(flood)


def test_no_article_is_no_story():
    with pytest.raises(ConfigError, match="no article"):
        summarizer("lead").summarize([])


def test_two_articles_with_one_id_are_refused_everywhere():
    pair = [Article("x", "The dam broke on Tuesday."), Article("x", "A different text stands here.")]
    for call in (summarizer("lead").summarize, summarizer("lead").stories, summarizer("lead").digest):
        with pytest.raises(DuplicateIdError, match="'x'"):
            call(pair)


def test_weights_that_cannot_be_found_are_a_model_error(tmp_path, flood, monkeypatch):
    monkeypatch.undo()
    config = Config(summarizer="claims", encoder=EncoderSettings(model=str(tmp_path / "none")))
    with pytest.raises(ModelError, match=r"no model .* there is no such folder"):
        Summarizer(config).summarize(flood)


@pytest.mark.parametrize("name", ["none", "."])
def test_a_folder_without_fusion_weights_is_told_in_one_line(tmp_path, name):
    with pytest.raises(ModelError) as caught:
        load_fusion(FusionSettings(model=str(tmp_path / name)))
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


# Fusion, with a model that says what it is told


Wordings = Callable[[Sequence[str]], Sequence[tuple[Any, ...]]]


@dataclass(frozen=True)
class Scripted:
    """A fusion model whose wordings are given: each a text and its score, or also its count of unanchored jumps."""

    wordings: Wordings

    def fuse(self, groups: Sequence[Sequence[str]], *, ratio: Any = None, beams: int = 6, **rest: Any) -> list[Any]:
        def candidate(sources: Sequence[str], text: str, score: float, unanchored: int = 0) -> SimpleNamespace:
            end = len(sources[0])
            whole = SimpleNamespace(text=text, start=0, end=len(text), source=0, source_start=0, source_end=end)
            jumps = SimpleNamespace(deletions=0, switches=unanchored, unanchored=unanchored)
            return SimpleNamespace(text=text, score=score, words=(whole,), jumps=jumps, agreement=1.0, weakest=0.0)

        return [[candidate(group, *wording) for wording in self.wordings(group)] for group in groups]


BRIDGE = "The old bridge over the Elm was closed on Monday after cracks were found in its eastern piers."
SHORT = "The old bridge over the Elm was closed on Monday."
WRONG = "The old bridge over the Elm was closed on Friday."
FALSE = "The new bridge over the Oder was opened by 16 dancers."


@pytest.fixture
def write(monkeypatch):
    def written(wordings: Wordings, *texts: str | Article) -> Summary:
        monkeypatch.setattr("summarize.abstractive.fusion.load_fusion", lambda settings: Scripted(wordings))
        articles = [t if isinstance(t, Article) else Article(str(n), t) for n, t in enumerate(texts)]
        summary = summarizer("fusion", fusion=FusionSettings(judge="none")).summarize(articles)
        assert_lawful(summary)
        return summary

    return written


def test_the_best_supported_wording_is_taken(write):
    (sentence,) = write(lambda sources: [(SHORT, 0.9), (BRIDGE, -0.5)], BRIDGE, BRIDGE).sentences
    assert (sentence.text, sentence.origin, sentence.replaced) == (SHORT, "fused", 0)
    assert [c.quote for c in sentence.citations] == [BRIDGE, BRIDGE]


def test_wordings_that_are_not_supported_are_passed_over_and_counted(write):
    (sentence,) = write(lambda sources: [(WRONG, 2.0), (FALSE, 1.9), (SHORT, 0.9)], BRIDGE).sentences
    assert (sentence.text, sentence.origin, sentence.replaced) == (SHORT, "fused", 2)


def test_a_wording_is_tried_once_however_often_it_was_written(write):
    (sentence,) = write(lambda sources: [(WRONG, 2.0), (WRONG, 1.0), (SHORT, 0.9)], BRIDGE).sentences
    assert sentence.replaced == 1


def test_a_wording_with_a_jump_that_nothing_anchors_is_never_taken(write):
    (sentence,) = write(lambda sources: [(SHORT, 5.0, 1)], BRIDGE).sentences
    assert (sentence.text, sentence.origin) == (BRIDGE, "extracted")


def test_when_no_wording_is_supported_the_source_is_compressed(write):
    (sentence,) = write(lambda sources: [(WRONG, 1.0)], f"However, {BRIDGE[0].lower()}{BRIDGE[1:]}").sentences
    assert (sentence.text, sentence.origin, sentence.replaced) == (BRIDGE, "compressed", 1)


def test_when_nothing_can_be_compressed_the_source_stands_as_it_is(write):
    for wordings in ([(WRONG, 1.0), (FALSE, 0.9)], []):
        (sentence,) = write(lambda sources, found=wordings: found, BRIDGE).sentences
        assert (sentence.text, sentence.origin, sentence.replaced) == (BRIDGE, "extracted", len(wordings))


def test_a_name_put_for_a_pronoun_is_shown_by_a_wider_quote(write):
    text = "Governor Marisa Delcourt flew to Lower Tamsin. She thanked the soldiers for filling 9,000 sandbags by hand."
    resolved = "Delcourt thanked the soldiers for filling 9,000 sandbags by hand."
    other = "Delcourt later opened a bridge in the capital."
    sentences = write(lambda sources: [(sources[0], 0.0)], f"{text} {other}").sentences
    (said,) = [s for s in sentences if "sandbags" in s.text]
    assert said.text == resolved
    assert [c.quote for c in said.citations] == [text]


def test_fusion_keeps_the_order_of_the_plan_and_the_budget(write, flood):
    found = write(lambda sources: [], *flood)
    assert found.words <= 175
    assert found.sentences[0].text.startswith("At least 14 people were killed")


@pytest.mark.parametrize(
    ("full", "alone", "later"),
    [("Johan Ebbesen", "Ebbesen", "Ebbesen thanked"), ("Xi Jinping", "Xi", "President Xi Jinping thanked")],
)
def test_a_person_is_called_by_the_last_name_later_if_the_sources_do_so_too(write, full, alone, later):
    opened = f"President {full} opened the rebuilt harbour of Tarsholm before nine hundred fishermen on Monday"
    thanked = f"On Tuesday President {full} thanked the builders of its northern breakwater for {alone}’s medal"
    text = f"{opened} with a long speech. {thanked}, at last."
    shorter = [(f"{opened}.", 9.0), (f"{thanked}.", 9.0)]
    found = write(lambda sources: [w for w in shorter if w[0][:40] == sources[0][:40]], text).text
    assert f"{opened}." in found
    assert later in found


def test_a_shortened_sentence_is_kept_only_if_its_sources_support_it(write, monkeypatch):
    monkeypatch.setattr("summarize.pipeline.shorten", lambda text, known: WRONG)
    (sentence,) = write(lambda sources: [(SHORT, 1.0)], BRIDGE).sentences
    assert sentence.text == SHORT


def test_stories_in_a_row_get_the_summaries_each_gets_alone(flood, unrelated):
    maker = summarizer("claims")
    stories = maker.stories((*unrelated, *flood))
    assert list(maker.summaries(stories)) == [maker.summarize(s) for s in stories]


def test_a_summary_is_given_before_the_next_story_is_asked_for(flood):
    def stories() -> Any:
        yield story_of(flood[:2], bag_of_words)
        raise RuntimeError("asked too early")

    assert next(summarizer("lead").summaries(stories())).sentences
