"""Citations: for each article the sentence that supports a summary sentence best, exact to the character."""

import pytest
from conftest import story_of
from hypothesis import given
from hypothesis import strategies as st

from summarize.citing import cite, originals_first
from summarize.documents import Article, Sentence, Story
from summarize.text import sentences

STORY = story_of(
    Article("a", "The mayor resigned on Friday. The dam overflowed on Tuesday after two days of rain."),
    Article("b", "Rain fell. The dam overflowed. Sirens were silent."),
    Article("c", "The cup final was won by Tarsholm."),
)
EVIDENCE = [s for a in STORY.articles for s in sentences(a)]


def quotes(text: str, evidence: list[Sentence] | None = None) -> list[tuple[str, str]]:
    return [(c.article, c.quote) for c in cite(text, evidence or EVIDENCE)]


def test_each_article_is_cited_by_its_best_sentence_and_others_not_at_all():
    assert quotes("The dam overflowed on Tuesday.") == [
        ("a", "The dam overflowed on Tuesday after two days of rain."),
        ("b", "The dam overflowed."),
    ]


def test_quotes_are_slices_of_their_articles():
    for citation in cite("The dam overflowed on Tuesday.", EVIDENCE):
        assert STORY.by_id[citation.article].text[citation.start : citation.end] == citation.quote


def test_the_score_is_the_share_of_content_words_in_the_quote():
    scores = {c.article: c.score for c in cite("The dam overflowed on Tuesday.", EVIDENCE)}
    assert scores == {"a": 1.0, "b": pytest.approx(2 / 3)}


def test_the_order_of_the_evidence_does_not_change_who_is_cited():
    assert quotes("The dam overflowed on Tuesday.", EVIDENCE[::-1]) == quotes("The dam overflowed on Tuesday.")


def test_the_best_quote_is_cited_however_little_it_holds():
    assert quotes("Tarsholm rejoiced, danced, sang, drank and slept.") == [("c", "The cup final was won by Tarsholm.")]


def test_a_weaker_quote_is_cited_when_it_alone_holds_a_word():
    text = "The dam overflowed on Tuesday after two days of rain as sirens kept silent."
    evidence = [EVIDENCE[1], sentences(STORY.by_id["b"])[2]]
    found = cite(text, evidence)
    assert [c.quote for c in found] == [EVIDENCE[1].text, "Sirens were silent."]
    assert found[1].score < 0.5


def test_of_two_equally_good_sentences_of_an_article_the_first_in_the_evidence_is_cited():
    found = sentences(Article("a", "Rain fell in Tamsin. In Tamsin, rain fell."))
    assert quotes("Rain fell on Tamsin.", list(found)) == [("a", "Rain fell in Tamsin.")]
    assert quotes("Rain fell on Tamsin.", list(found[::-1])) == [("a", "In Tamsin, rain fell.")]


def test_a_quote_that_is_the_sentence_itself_is_cited_before_one_of_the_same_words():
    found = sentences(Article("a", "In Tamsin, rain fell. Rain fell in Tamsin."))
    assert quotes("Rain fell in Tamsin.", list(found)) == [("a", "Rain fell in Tamsin.")]


def test_a_sentence_without_content_words_is_cited_by_itself():
    evidence = [*sentences(Article("b", "It was. Who are we?")), *sentences(Article("a", "They were."))]
    assert quotes("Who are we?", evidence) == [("b", "Who are we?")]


def test_a_widened_stretch_is_cited_when_only_it_shows_the_name():
    article = Article("a", "Delcourt flew to Tamsin. She thanked the soldiers.")
    _, said = sentences(article)
    wide = Sentence("a", 0, 0, 0, len(article.text), article.text)
    assert quotes("Delcourt thanked the soldiers.", [said, wide]) == [("a", article.text)]
    assert quotes("She thanked the soldiers.", [said, wide]) == [("a", said.text)]


def test_citations_of_one_lineage_stand_together_and_the_original_first():
    articles = tuple(Article(id, "The dam overflowed on Tuesday.") for id in "abcde")
    found = cite("The dam overflowed on Tuesday.", [s for a in articles for s in sentences(a)])
    lineages = (("d", "a", "e"), ("b",), ("c",))

    def order(story: Story) -> str:
        assert set(originals_first(found[::-1], story)) == set(found)
        return "".join(c.article for c in originals_first(found[::-1], story))

    assert order(Story("s", articles, lineages)) == "bcdae"
    assert order(Story("s", articles, lineages[::-1])) == "bcdae"
    assert order(Story("s", articles)) == "abcde"
    without_original = Story("s", articles, (("a", "e"), ("b",), ("c",), ("d",)))
    assert [c.article for c in originals_first(found[1:], without_original)] == ["e", "b", "c", "d"]


def test_nothing_can_be_cited_without_evidence():
    with pytest.raises(ValueError, match="without evidence"):
        cite("The dam overflowed.", [])


@given(text=st.text(), sources=st.lists(st.text(), min_size=1, max_size=4))
def test_whatever_the_texts_there_is_a_citation_at_most_one_an_article_and_each_is_exact(text, sources):
    articles = [Article(str(n), source) for n, source in enumerate(sources)]
    evidence = [s for a in articles for s in sentences(a)]
    if not evidence:
        return
    found = cite(text, evidence)
    assert found
    assert len({c.article for c in found}) == len(found)
    assert [c.article for c in found] == sorted(c.article for c in found)
    for c in found:
        assert articles[int(c.article)].text[c.start : c.end] == c.quote
        assert 0 <= c.score <= 1
