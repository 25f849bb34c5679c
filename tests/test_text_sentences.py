"""Sentences: where news text is cut, and that offsets are exact on any text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarize.documents import Article, Aside
from summarize.text import sentences, split

WHOLE = [
    "The U.S. Army left the base at 3 p.m. on Tuesday.",
    "Sen. Bob Lee, Gov. Ann Roe and Lt. Gen. Max Orr met in St. Louis.",
    "It was shut by No. 10 Downing St. on Monday.",
    "J. K. Marlow and George W. Stone agreed, Mr. Orr said.",
    '"We go. We stay," he said.',
    "“Will you come?” she asked.",
    "“Was it a raid”? he asks, pointing at the map.",
    "He waited ... and left.",
    "The train stops at 5 p.m. EST in winter.",
    "Prices rose 3.5 percent, i.e. less than in Jan. 2020.",
    "1. The first demand is a truce.",
    "Amb. Kim Doe and Messrs. Roe and Poe were present.",
    "a line without a final mark",
    "He said: “It failed. We know why.”",
]


@pytest.mark.parametrize("text", WHOLE)
def test_stays_one_sentence(text: str) -> None:
    assert split(text) == [(0, len(text))]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It ended. They left.", ["It ended.", "They left."]),
        ("He went to the U.S. He stayed.", ["He went to the U.S.", "He stayed."]),
        ("“It ended.” They left.", ["“It ended.”", "They left."]),
        ('She said "no." He left.', ['She said "no."', "He left."]),
        ("A heading\nThe text. More", ["A heading", "The text.", "More"]),
        ("One.\r\n\r\nTwo.\u2028Three.", ["One.", "Two.", "Three."]),
        ("It cost $3. 5 men paid.", ["It cost $3.", "5 men paid."]),
        ('He left." She stayed. "We go."', ['He left."', "She stayed.", '"We go."']),
        ("It fell 😀. Then it rose.", ["It fell 😀.", "Then it rose."]),
        ("it is lower. it is all so. why? no.", ["it is lower.", "it is all so.", "why?", "no."]),
        ("It rained. * * *", ["It rained. * * *"]),
        ("The boys' club fell. It was sad. The girls' club stood.",
         ["The boys' club fell.", "It was sad.", "The girls' club stood."]),
    ],
)  # fmt: skip
def test_split(text: str, parts: list[str]) -> None:
    assert [text[a:b] for a, b in split(text)] == parts


def test_a_very_long_quotation_is_opened() -> None:
    inner = "We looked at the river and the bridges for a very long time before we said anything at all. " * 6
    text = f"“{inner.strip()}” the engineer said."
    parts = [text[a:b] for a, b in split(text)]
    assert len(parts) >= 6
    assert parts[0].startswith("“We looked") and parts[-1].endswith("the engineer said.")


def test_asides_are_cut_out() -> None:
    text = "By Ann Roe\nIt ended on Monday. Read more here They left."
    aside = text.index("Read")
    article = Article("a", text, asides=(Aside(0, 10, "byline"), Aside(aside, aside + 14, "link")))
    found = sentences(article)
    assert [s.text for s in found] == ["It ended on Monday.", "They left."]
    assert [s.index for s in found] == [0, 1]
    assert all(text[s.start : s.end] == s.text and s.article == "a" for s in found)


def test_paragraphs_are_counted() -> None:
    found = sentences(Article("a", "One. Two.\n\nThree.\n"))
    assert [(s.paragraph, s.text) for s in found] == [(0, "One."), (0, "Two."), (1, "Three.")]


def test_empty() -> None:
    assert split("") == [] and split(" \n\t ") == [] and sentences(Article("a", "")) == ()


PIECES = st.sampled_from(
    ["He said", "it. ", "“No", ".” ", '"', "'", "’", " ", "\n", "\r\n", "\u2028", "\x00", "U.S. ", "😀", "e\u0301",
     "...", "? ", "1. ", "\u200b", "\x85", "\ud800", "İ", "p.m. ", "EST ", "(", ") ", "» ", "«a"]
)  # fmt: skip
TEXTS = st.one_of(st.text(st.characters(exclude_categories=[])), st.lists(PIECES).map("".join))


@given(TEXTS)
def test_every_character_that_is_not_blank_is_in_exactly_one_sentence(text: str) -> None:
    spans = split(text)
    covered = "".join(text[a:b] for a, b in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(0 <= a < b <= len(text) and text[a:b] == text[a:b].strip() for a, b in spans)
    assert all(x[1] <= y[0] for x, y in pairwise(spans))


@given(TEXTS, st.data())
def test_offsets_are_exact_around_asides(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    asides = tuple(Aside(a, b, "x") for a, b in zip(cuts[::2], cuts[1::2], strict=False))
    for s in sentences(Article("a", text, asides=asides)):
        assert text[s.start : s.end] == s.text
        assert not any(s.start < x.end and x.start < s.end for x in asides)
