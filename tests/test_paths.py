"""Which ways of a wording through its sources are trusted."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from summarize.abstractive.paths import merged, trusted
from summarize.models.fusion import Word

WIRE = "The mayor, Ana Holt, said the old bridge would stay closed for three months."
PAPER = "Mayor Ana Holt told reporters that the old bridge would stay shut until the summer."
KREMLIN = [
    "The order was given at once, according to the council.",
    "The council says the mayor gave the order at once.",
]


def wording(sources: list[str], *parts: tuple[int | None, str]) -> Any:
    """A wording made of stretches of sources (or, with None, of the model's own words), blanks between them."""
    text = ""
    words = []
    for source, stretch in parts:
        text += " " if text else ""
        start = sources[source].index(stretch) if source is not None else None
        for piece in re.finditer(r"[^\s,.“”]+", stretch):
            begin, end = (None, None) if start is None else (start + piece.start(), start + piece.end())
            place = len(text) + piece.start()
            words.append(Word(piece[0], place, place + len(piece[0]), source, begin, end))
        text += stretch
    return SimpleNamespace(text=text.rstrip(".") + ".", words=words)


BOTH = [WIRE, PAPER]


@pytest.mark.parametrize(
    ("sources", "parts"),
    [
        ([WIRE], [(0, WIRE)]),
        (BOTH, [(1, "Mayor Ana Holt told reporters that the old bridge would stay"), (0, "closed for three months")]),
        (BOTH, [(0, "The mayor"), (0, "said the old bridge would stay closed")]),
        (BOTH, [(1, "the old bridge would stay shut until the summer")]),
    ],
    ids=["whole", "one turn", "phrase left out", "clause alone"],
)
def test_a_sound_way_is_trusted(sources, parts):
    assert trusted(wording(sources, *parts), sources)


@pytest.mark.parametrize(
    ("sources", "parts"),
    [
        (BOTH, [(0, "The mayor"), (1, "told reporters that"), (0, "the old bridge would stay closed")]),
        (KREMLIN, [(0, "The order was given at once"), (0, "according to the council"), (1, "says the mayor gave")]),
        ([WIRE], [(0, "said the old bridge would stay closed")]),
        ([WIRE], [(0, "The mayor, Ana Holt, said the old")]),
        ([WIRE], [(0, "The mayor, Ana"), (None, "been"), (0, "Holt, said the old bridge would stay closed")]),
        ([WIRE], [(0, "the old bridge would stay closed"), (0, "Ana Holt")]),
        ([WIRE], [(None, "the")]),
    ],
    ids=[
        "two turns",
        "from an end to a beginning",
        "no subject",
        "stops before the noun",
        "put into a run",
        "backwards",
        "nothing copied",
    ],
)
def test_an_unsound_way_is_not(sources, parts):
    assert not trusted(wording(sources, *parts), sources)


def test_a_sentence_may_not_begin_with_one_and_end_with_another_subject():
    sources = [
        "Engineers consider the dam, finished in 1964, to be stable.",
        "The dam, built in 1964, has not collapsed.",
    ]
    stitched = wording(sources, (0, "Engineers consider the dam"), (1, "built in 1964, has not collapsed"))
    assert not trusted(stitched, sources)


def test_words_out_of_quotation_marks_are_not_told_as_facts():
    sources = ["“The pressure must go on for the sake of peace in the valley,” Holt said."]
    assert not trusted(wording(sources, (0, "The pressure must go on for the sake of peace in the valley")), sources)
    kept = "“The pressure must go on for the sake of peace in the valley,” Holt said"
    assert trusted(wording(sources, (0, kept)), sources)


def test_a_mark_may_stand_where_one_source_is_left_and_none_stood_there():
    sources = [
        "The bridge was shut on Monday, the council said.",
        "The bridge was shut on Monday by the mayor herself.",
    ]
    assert not trusted(wording(sources, (0, "The bridge was shut on Monday"), (1, "by the mayor herself")), sources)
    assert trusted(wording(sources, (0, "The bridge was shut on Monday,"), (1, "by the mayor herself")), sources)


def test_merged_needs_a_fair_share_of_two_sources():
    assert merged(wording(BOTH, (1, "Mayor Ana Holt told reporters"), (0, "the old bridge would stay closed")).words)
    assert not merged(wording(BOTH, (0, "said the old bridge would stay closed for three months"), (1, "Mayor")).words)
