"""Which ways of a wording through its sources are trusted."""

from types import SimpleNamespace
from typing import Any

import pytest

from summarize.abstractive.paths import merged, trusted

WIRE = "The mayor, Ana Holt, said the old bridge would stay closed for three months."
PAPER = "Mayor Ana Holt told reporters that the old bridge would stay shut until the summer."
KREMLIN = [
    "The order was given at once, according to the council.",
    "The council says the mayor gave the order at once.",
]


def words(sources: list[str], *parts: tuple[int | None, str]) -> list[Any]:
    """The words of a wording made of stretches of sources (or, with None, of the model's own words)."""
    found = []
    for source, stretch in parts:
        start = sources[source].index(stretch) if source is not None else None
        at = 0
        for piece in stretch.replace(",", " ").replace(".", " ").split():
            place = stretch.index(piece, at)
            at = place + len(piece)
            begin = None if start is None else start + place
            end = None if begin is None else begin + len(piece)
            found.append(SimpleNamespace(text=piece, source=source, source_start=begin, source_end=end))
    return found


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
    assert trusted(words(sources, *parts), sources)


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
    assert not trusted(words(sources, *parts), sources)


def test_a_sentence_may_not_begin_with_one_and_end_with_another_subject():
    sources = [
        "Engineers consider the dam, finished in 1964, to be stable.",
        "The dam, built in 1964, has not collapsed.",
    ]
    stitched = words(sources, (0, "Engineers consider the dam"), (1, "built in 1964, has not collapsed"))
    assert not trusted(stitched, sources)


def test_words_out_of_quotation_marks_are_not_told_as_facts():
    sources = ["“The pressure must go on for the sake of peace in the valley,” Holt said."]
    assert not trusted(words(sources, (0, "The pressure must go on for the sake of peace in the valley")), sources)


def test_merged_needs_a_fair_share_of_two_sources():
    assert merged(words(BOTH, (1, "Mayor Ana Holt told reporters"), (0, "the old bridge would stay closed")))
    assert not merged(words(BOTH, (0, "said the old bridge would stay closed for three months"), (1, "Mayor")))
