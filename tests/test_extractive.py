"""What every sentence-picking method keeps to: budget, order, ties, odd inputs."""

import subprocess
import sys
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.bench.lexrank import generated, ours, plain
from summarize.documents import Article, Story
from summarize.errors import ConfigError, UnknownNameError
from summarize.extractive import EXTRACTIVE, draft
from summarize.extractive.view import View

REFERENCE = "The old lighthouse caught fire on Sunday and two keepers were rescued by boat."
QUERIED = ["textrank", "lexrank", "mmr", "centroid", "submodular"]

LIGHTHOUSE = [
    """The old lighthouse on Gull Rock caught fire early on Sunday.

Two keepers were rescued by boat before the roof fell in.

The cause of the fire is not known, the harbour police said.

Volunteers had repainted the tower only last summer.""",
    """A fire broke out on Sunday in the lighthouse on Gull Rock, the harbour police said.

A fishing boat took both keepers to safety.

Insurance will cover the repairs, according to the owners, but not the lost paintings.

The lighthouse was built in 1874.""",
    """Two keepers escaped unhurt when their lighthouse burned on Sunday.

The flames were seen from villages thirty kilometres away.

The lamp was the brightest on the coast.""",
]


def story(*texts: str) -> Story:
    return Story("s", tuple(Article(f"a{i}", text) for i, text in enumerate(texts)))


def texts_of(name: str, texts: list[str], words: int = 40, query: str | None = None) -> list[str]:
    drafts = draft(name, story(*texts), words, seed=13, query=query, references=[REFERENCE])
    return [d.candidates[0].text for d in drafts]


def test_the_table_lists_every_method() -> None:
    assert list(EXTRACTIVE) == [
        "random", "lead", "textrank", "lexrank", "mmr", "centroid", "sumbasic", "kl", "submodular", "oracle",
    ]  # fmt: skip


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'lexrank'"):
        draft("lexrnk", story(*LIGHTHOUSE), 40)


def test_the_oracle_needs_references() -> None:
    with pytest.raises(ConfigError, match="needs reference summaries"):
        draft("oracle", story(*LIGHTHOUSE), 40)


@pytest.mark.parametrize("name", EXTRACTIVE)
def test_drafts_point_into_the_articles_in_reading_order(name: str) -> None:
    lighthouse = story(*LIGHTHOUSE)
    drafts = draft(name, lighthouse, 40, references=[REFERENCE])
    places = [(d.evidence[0].index, d.evidence[0].article) for d in drafts]
    assert len(drafts) >= 2
    assert places == sorted(set(places))
    assert sorted(d.rank for d in drafts) == list(range(len(drafts)))
    for d in drafts:
        (candidate,), (sentence, *_) = d.candidates, d.evidence
        assert candidate.origin == "extracted"
        assert candidate.text == sentence.text
        assert lighthouse.by_id[sentence.article].text[sentence.start : sentence.end] == sentence.text


def test_runs_of_blanks_inside_a_sentence_are_folded() -> None:
    (d,) = draft("lead", story("The bridge over  the river\twas closed on Monday."), 40)
    assert d.candidates[0].text == "The bridge over the river was closed on Monday."
    assert d.evidence[0].text == "The bridge over  the river\twas closed on Monday."


@pytest.mark.parametrize("name", EXTRACTIVE)
def test_the_order_of_articles_does_not_matter(name: str) -> None:
    lighthouse = story(*LIGHTHOUSE, LIGHTHOUSE[0])
    expected = draft(name, lighthouse, 40, query="keepers", references=[REFERENCE])
    for seed in range(4):
        articles = Random(seed).sample(lighthouse.articles, 4)
        shuffled = Story("s", tuple(articles))
        assert draft(name, shuffled, 40, query="keepers", references=[REFERENCE]) == expected


@pytest.mark.parametrize("name", [name for name in EXTRACTIVE if name not in ("random", "oracle")])
def test_no_method_says_a_copied_sentence_twice(name: str) -> None:
    said = texts_of(name, [*LIGHTHOUSE, *LIGHTHOUSE], words=400)
    assert len(said) == len(set(said)) >= 5


PIECES = st.one_of(
    st.sampled_from("fire boat keeper tower the of said 12 lamp 東京 пожар".split()), st.text(max_size=6)
)
SENTENCES = st.lists(PIECES, min_size=1, max_size=12).map(lambda words: " ".join(words) + ".")
TEXTS = st.lists(st.lists(SENTENCES, max_size=6).map("\n\n".join), min_size=1, max_size=4)


@settings(deadline=None, max_examples=60)
@given(texts=TEXTS, words=st.integers(1, 40), query=st.sampled_from([None, "fire", "nothing of this"]))
@pytest.mark.parametrize("name", EXTRACTIVE)
def test_whole_sentences_within_the_budget(name: str, texts: list[str], words: int, query: str | None) -> None:
    view = View.of(story(*texts), query=query, references=[REFERENCE])
    chosen = EXTRACTIVE[name](view, words)
    assert len(chosen) == len(set(chosen))
    assert bool(chosen) == bool(view.sentences)
    if any(s.words <= words for s in view.sentences):
        assert sum(view.sentences[i].words for i in chosen) <= words
    else:
        assert len(chosen) <= 1


@pytest.mark.parametrize("name", EXTRACTIVE)
@pytest.mark.parametrize(
    ("texts", "sentences"),
    [
        ([""], 0),
        (["One sentence is all there is here."], 1),
        (["It is what it is.\n\nAnd so on and on it was."], 2),
        (["火災が発生した。\n\n二人が救助された。"], 2),
        (["The same words again and again here."] * 40, 40),
    ],
)
def test_odd_stories(name: str, texts: list[str], sentences: int) -> None:
    view = View.of(story(*texts), references=[REFERENCE])
    assert len(view.sentences) == sentences
    chosen = EXTRACTIVE[name](view, 20)
    assert bool(chosen) == bool(sentences)
    assert set(chosen) <= set(range(sentences))


@pytest.mark.parametrize("name", EXTRACTIVE)
def test_a_sentence_longer_than_the_budget_is_taken_alone(name: str) -> None:
    assert len(texts_of(name, LIGHTHOUSE, words=3)) == 1


@pytest.mark.parametrize("name", [name for name in EXTRACTIVE if name != "oracle"])
def test_very_short_sentences_do_not_fill_the_budget(name: str) -> None:
    assert "Nobody knows." not in texts_of(name, [*LIGHTHOUSE, "Nobody knows."], words=400)
    assert texts_of(name, ["Nobody knows."]) == ["Nobody knows."]


def test_lead_takes_turns() -> None:
    drafts = draft("lead", story(*LIGHTHOUSE), 60)
    in_turn = sorted(drafts, key=lambda d: d.rank)
    assert [(d.evidence[0].article, d.evidence[0].index) for d in in_turn[:4]] == [
        ("a0", 0), ("a1", 0), ("a2", 0), ("a0", 1),
    ]  # fmt: skip


def test_random_is_drawn_by_the_seed() -> None:
    lighthouse = story(*LIGHTHOUSE)
    draws = [draft("random", lighthouse, 40, seed=seed) for seed in (1, 2, 1)]
    assert draws[0] == draws[2] != draws[1]


@pytest.mark.parametrize("name", QUERIED)
def test_a_query_draws_the_summary_to_itself(name: str) -> None:
    asked = "Insurance will cover the repairs, according to the owners, but not the lost paintings."
    assert asked not in texts_of(name, LIGHTHOUSE, words=25)
    assert asked in texts_of(name, LIGHTHOUSE, words=25, query="insurance for lost paintings")


@pytest.mark.parametrize("name", QUERIED)
def test_a_query_without_a_word_of_the_story_changes_nothing(name: str) -> None:
    assert texts_of(name, LIGHTHOUSE, query="zebra") == texts_of(name, LIGHTHOUSE)


def test_the_benchmark_compares_like_with_like() -> None:
    small = generated(120, 4)
    assert ours(small) == plain(small)


def test_the_table_is_cheap_to_import() -> None:
    code = (
        "import sys, summarize.extractive;print([m for m in ('sklearn', 'torch', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
