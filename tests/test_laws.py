"""What must hold for any input: exact offsets, a citation under every sentence, the same bytes again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import DATA
from hypothesis import given, settings
from hypothesis import strategies as st

from summarize import Article, Config, Summarizer, Summary
from summarize.config import ClaimSettings, PlanSettings

CHEAP = ("claims", "lead", "lexrank", "random", "submodular")

ENDS = st.sampled_from([". ", "! ", "? ", ".\n", "\n\n", "。", "… ", ".” ", '." ', "؟ ", "; "])
ODD = st.text(max_size=60)
WORDS = st.lists(
    st.sampled_from(
        "The dam Varrow “we 14 killed Tuesday said Mr. U.S. don't 30-day 3 p.m. Straße éte 川 e\u0301".split()
    ),
    max_size=25,
).map(" ".join)
TEXTS = st.lists(st.tuples(st.one_of(ODD, WORDS), ENDS).map("".join), max_size=8).map("".join)
STORIES = st.lists(TEXTS, min_size=1, max_size=4).map(
    lambda texts: [Article(f"{n}.txt", text) for n, text in enumerate(texts)]
)


def cheap(name: str, words: int = 40) -> Summarizer:
    return Summarizer(
        Config(summarizer=name, plan=PlanSettings(words=words), claims=ClaimSettings(threshold=0.3, kin_threshold=0.4))
    )


def assert_lawful(summary: Summary) -> None:
    by_id = {a.id: a.text for a in summary.story.articles}
    for sentence in summary.sentences:
        assert sentence.citations, f"no citation under {sentence.text!r}"
        assert sentence.text.strip()
        for c in sentence.citations:
            assert 0 <= c.start < c.end <= len(by_id[c.article])
            assert by_id[c.article][c.start : c.end] == c.quote
            assert 0 <= c.score <= 1


@pytest.mark.usefixtures("no_model")
class TestAnyArticles:
    @pytest.mark.parametrize("name", CHEAP)
    def test_citations_are_exact_and_under_every_sentence(self, name):
        @settings(max_examples=60)
        @given(STORIES)
        def check(articles: list[Article]) -> None:
            assert_lawful(cheap(name).summarize(articles))

        check()

    @pytest.mark.parametrize("name", CHEAP)
    def test_neither_repetition_nor_the_order_of_the_articles_changes_a_byte(self, name):
        @settings(max_examples=30)
        @given(STORIES, st.randoms(use_true_random=False))
        def check(articles: list[Article], random: object) -> None:
            shuffled = list(articles)
            random.shuffle(shuffled)  # type: ignore[attr-defined]
            first = cheap(name).summarize(articles).to_json()
            assert cheap(name).summarize(articles).to_json() == first
            assert cheap(name).summarize(shuffled).to_json() == first

        check()

    def test_stories_do_not_hang_on_the_order_of_the_articles(self, flood, unrelated):
        articles = (*flood, *unrelated)
        assert cheap("lead").stories(articles) == cheap("lead").stories(articles[::-1])

    @pytest.mark.parametrize("name", CHEAP)
    def test_sentences_taken_as_they_stand_are_among_their_quotes(self, name, flood):
        summary = cheap(name, 150).summarize(flood)
        assert summary.sentences
        for sentence in summary.sentences:
            assert sentence.origin == "extracted"
            assert sentence.text in [" ".join(c.quote.split()) for c in sentence.citations]


def test_the_same_bytes_come_from_processes_that_hash_differently(tmp_path: Path):
    (tmp_path / "settings.yaml").write_text("clustering: {clusterer: tfidf}\n")
    command = "import sys; from summarize.cli import main; main(sys.argv[1:])"
    arguments = ["story", str(DATA / "flood"), "-s", "lexrank", "-f", "json", "-c", str(tmp_path / "settings.yaml")]
    pages = [
        subprocess.run(
            [sys.executable, "-c", command, *arguments],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert pages[0] == pages[1]
    assert len(pages[0]) > 1000
