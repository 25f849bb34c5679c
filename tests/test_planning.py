"""The plan: which claims are said, in which order, within the budget."""

import numpy as np
import pytest
from conftest import bag_of_words, story_of

from summarize.claims import align
from summarize.config import ClaimSettings, PlanSettings
from summarize.documents import Article, Story
from summarize.planning import Planned, concept_weights, importance, plan
from summarize.text.tfidf import TfIdf

LOOSE = ClaimSettings(threshold=0.3, kin_threshold=0.4)


def planned(story: Story, **settings: object) -> tuple[Planned, ...]:
    return plan(story, align(story, bag_of_words, LOOSE), PlanSettings(**settings), bag_of_words)  # type: ignore[arg-type]


def weights(story: Story) -> dict[str, float]:
    """Importance of the claim that each sentence of a story belongs to."""
    aligned = align(story, bag_of_words, LOOSE)
    weighed = TfIdf.of([s.text for c in aligned.claims for s in c.sentences])
    scores = importance(story, aligned, weighed).tolist()
    return {s.text: score for c, score in zip(aligned.claims, scores, strict=True) for s in c.sentences}


def heads(plan: tuple[Planned, ...]) -> list[str]:
    return [p.claim.kin[0].text for p in plan]


def test_the_summary_opens_with_the_lead(flood_story):
    found = planned(flood_story)
    assert found[0].rank == 0
    assert heads(found)[0].startswith("At least 14 people were killed")


def test_a_summary_for_a_query_opens_with_the_most_important_claim(flood_story):
    found = planned(flood_story, query="warning sirens")
    assert found[0].claim.importance == max(p.claim.importance for p in found)


def test_ranks_count_from_nought_without_a_gap(flood_story):
    found = planned(flood_story)
    assert sorted(p.rank for p in found) == list(range(len(found)))


def test_no_claim_is_said_twice(flood_story):
    said = [s for p in planned(flood_story, words=5000) for s in p.claim.sentences]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("words", [10, 40, 80, 150, 400])
def test_the_plan_is_at_most_a_third_over_the_budget(flood_story, words):
    found = planned(flood_story, words=words)
    expected = [min(p.claim.kin[0].words, 24) for p in found]
    assert len(found) == 1 or sum(expected) <= words * 4 / 3


def test_a_larger_budget_says_more(flood_story):
    counts = [len(planned(flood_story, words=words)) for words in (40, 80, 150, 400)]
    assert counts == sorted(set(counts))


def test_a_query_moves_its_claim_up(flood_story):
    def rank(**settings: object) -> int:
        found = planned(flood_story, words=5000, **settings)
        (match,) = [p.rank for p in found if "resignation of the operator" in p.claim.kin[0].text]
        return match

    assert rank(query="Kaspar Wyndham resignation opposition director") == 0
    assert rank() > 3


def test_what_more_independent_reports_carry_matters_more():
    pair = "The mayor of Tamsin resigned over the broken sirens."
    single = "The baker of Orlessa reopened with a larger oven."
    story = story_of(Article("a", f"{single} {pair}"), Article("b", pair))
    scores = weights(story)
    assert scores[pair] > scores[single]
    as_one = weights(Story(story.id, story.articles, (("a", "b"),)))
    assert as_one[pair] - as_one[single] < scores[pair] - scores[single]


def test_importance_lies_between_nought_and_one_without_a_query(flood_story):
    assert all(0 <= score <= 1 for score in weights(flood_story).values())


def test_topicality_is_the_cosine_of_the_head_with_the_middle_of_all_sentences(flood_story):
    aligned = align(flood_story, bag_of_words, LOOSE)
    said = [s.text for c in aligned.claims for s in c.sentences]
    weighed, wordless = TfIdf.of(said), TfIdf.of([""] * len(said))
    dense = weighed.rows.toarray()
    middle = dense.mean(axis=0)
    topicality = dense @ middle / np.linalg.norm(middle)
    expected = [0.45 * topicality[said.index(c.kin[0].text)] for c in aligned.claims]
    found = importance(flood_story, aligned, weighed) - importance(flood_story, aligned, wordless)
    assert found == pytest.approx(np.array(expected))


def test_of_two_claims_the_one_that_repeats_a_chosen_one_comes_later():
    first = "The dam of Tamsin flooded the town on Monday."
    again = "Town fields flooded: Friday, Tamsin lost another dam."
    other = "Engineers had warned the ministry of cracks in spring."
    story = story_of(Article("a", f"{first} {again} {other}"))
    strict = align(story, bag_of_words, ClaimSettings(threshold=0.95, kin_threshold=0.95))

    def later(redundancy: float) -> str:
        settings = PlanSettings(redundancy=redundancy)
        return max(plan(story, strict, settings, bag_of_words), key=lambda p: p.rank).claim.kin[0].text

    assert later(0.0) == other
    assert later(1.0) == again


def test_what_two_reports_say_comes_before_what_one_says_and_what_was_said():
    first = "The dam of Tamsin broke on Monday and flooded nine villages below the town."
    told = "Engineers had warned the ministry of deep cracks in the wall since the spring of last year."
    alone = "Farmers near the lake of Orbel have asked the crown for seed and feed before winter comes."
    story = story_of(
        Article("a", f"{first} {told} {alone}"),
        Article(
            "b", f"{first} The report says engineers had warned the ministry of deep cracks, and nothing was done."
        ),
    )
    aligned = align(story, bag_of_words, ClaimSettings(threshold=0.99, kin_threshold=0.99))
    weights = concept_weights(story, aligned)
    assert weights["dam", "of"] == pytest.approx(2 * 1.0)
    assert weights["deep", "crack"] == pytest.approx(2 / 1.1)
    assert weights["lak", "of"] == pytest.approx(0.2 / 1.2)
    assert ("of", "the") not in weights
    ranks = {p.claim.kin[0].text: p.rank for p in plan(story, aligned, PlanSettings(), bag_of_words)}
    assert ranks[first] == 0
    assert ranks[alone] > min(rank for text, rank in ranks.items() if "warned" in text)


def test_claims_follow_the_order_their_articles_share():
    first = "The river rose over the old quay in Tamsin."
    second = "Firemen carried forty patients out of the hospital."
    third = "The governor promised new sirens for every village."
    story = story_of(Article("a", f"{first} {second} {third}"), Article("b", f"{first} {second} {third}"))
    assert heads(planned(story, redundancy=0)) == [first, second, third]


def test_a_fragment_is_planned_only_when_there_is_nothing_else():
    whole = "The governor promised new sirens for every village."
    story = story_of(Article("a", f"Sirens, sirens, sirens. {whole}"))
    assert heads(planned(story)) == [whole]
    assert heads(planned(story_of(Article("a", "Sirens at last.")))) == ["Sirens at last."]


def test_the_order_of_the_articles_changes_nothing(flood_story):
    assert planned(flood_story) == planned(story_of(*flood_story.articles[::-1]))


@pytest.mark.parametrize("query", [None, "anything"])
def test_a_story_without_a_sentence_has_an_empty_plan(query):
    assert planned(story_of(Article("a", "")), query=query) == ()


def test_a_story_of_one_sentence_says_it_whatever_the_budget():
    long = "The dam " + "and the next dam " * 20 + "broke."
    assert len(planned(story_of(Article("a", long)), words=10)) == 1


def test_a_story_of_5000_sentences_is_planned():
    texts = [" ".join(f"Guard{i} of tower{i} rang bell{i} for town{j}." for i in range(2500)) for j in range(2)]
    story = story_of(*(Article(str(j), text) for j, text in enumerate(texts)))

    def encode(found: list[str]) -> np.ndarray:
        return np.eye(64, dtype=np.float32)[[len(t) * 7 % 64 for t in found]]

    found = plan(story, align(story, encode, ClaimSettings()), PlanSettings(words=300), encode)  # type: ignore[arg-type]
    assert found
    assert sum(p.claim.kin[0].words for p in found) <= 400
