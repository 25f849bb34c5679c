"""What the way of a wording through its sources shows."""

import re

import pytest

from summarize.abstractive.paths import breaks, evidence, merged
from summarize.models.fusion import Candidate, Jumps, Word

WIRE = "The mayor, Ana Holt, said the old bridge would stay closed for three months."
PAPER = "Mayor Ana Holt told reporters that the old bridge would stay shut until the summer."
KREMLIN = [
    "The order was given at once, according to the council.",
    "The council says the mayor gave the order at once.",
]


def wording(sources: list[str], *parts: tuple[int | None, str]) -> Candidate:
    """A wording made of stretches of sources (or, with None, of the model's own words), blanks between them."""
    text = ""
    words = []
    for source, stretch in parts:
        text += " " if text else ""
        start = sources[source].index(stretch.rstrip(",")) if source is not None else None
        for piece in re.finditer(r"[^\s,.“”]+", stretch):
            begin, end = (None, None) if start is None else (start + piece.start(), start + piece.end())
            place = len(text) + piece.start()
            words.append(Word(piece[0], place, place + len(piece[0]), source, begin, end))
        text += stretch
    return Candidate(text.rstrip(".") + ".", -0.2, tuple(words), Jumps(), 0.5, -1.0)


def flaws(wording: Candidate, sources: list[str]) -> set[str]:
    """The names of what speaks against a wording."""
    found = evidence(wording, sources)
    wanted = {"unsound": 0, "starts_clean": 1, "ends_clean": 1, "one_subject": 1, "unquoted": 0}
    return {name for name, value in wanted.items() if found[name] != value}


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
def test_a_sound_way_has_no_flaws(sources, parts):
    assert not flaws(wording(sources, *parts), sources)


@pytest.mark.parametrize(
    ("sources", "parts", "flaw"),
    [
        (
            KREMLIN,
            [(0, "The order was given at once"), (0, "according to the council"), (1, "says the mayor gave")],
            "unsound",
        ),
        ([WIRE], [(0, "said the old bridge would stay closed")], "starts_clean"),
        ([WIRE], [(0, "The mayor, Ana Holt, said the old")], "ends_clean"),
        (
            [WIRE],
            [(0, "The mayor, Ana"), (None, "been"), (0, "Holt, said the old bridge would stay closed")],
            "unsound",
        ),
        ([WIRE], [(0, "the old bridge would stay closed"), (0, "Ana Holt")], "unsound"),
    ],
    ids=["from an end to a beginning", "no subject", "stops before the noun", "put into a run", "backwards"],
)
def test_an_unsound_way_shows(sources, parts, flaw):
    assert flaw in flaws(wording(sources, *parts), sources)


def test_turns_from_source_to_source_are_counted():
    parts = [(0, "The mayor"), (1, "told reporters that"), (0, "the old bridge would stay closed")]
    found = evidence(wording(BOTH, *parts), BOTH)
    assert found["turns"] == 2
    assert 0 < found["drift"] < 1
    assert found["words"] == 11


def test_nothing_copied_is_no_evidence():
    assert evidence(wording([WIRE], (None, "the")), [WIRE]) == {}


def test_a_sentence_may_not_begin_with_one_and_end_with_another_subject():
    sources = [
        "Engineers consider the dam, finished in 1964, to be stable.",
        "The dam, built in 1964, has not collapsed.",
    ]
    stitched = wording(sources, (0, "Engineers consider the dam"), (1, "built in 1964, has not collapsed"))
    assert "one_subject" in flaws(stitched, sources)


def test_words_out_of_quotation_marks_are_not_told_as_facts():
    sources = ["“The pressure must go on for the sake of peace in the valley,” Holt said."]
    told = wording(sources, (0, "The pressure must go on for the sake of peace in the valley"))
    assert "unquoted" in flaws(told, sources)
    kept = "“The pressure must go on for the sake of peace in the valley,” Holt said"
    assert not flaws(wording(sources, (0, kept)), sources)


def test_a_mark_may_stand_where_one_source_is_left_and_none_stood_there():
    sources = [
        "The bridge was shut on Monday, the council said.",
        "The bridge was shut on Monday by the mayor herself.",
    ]
    bare = wording(sources, (0, "The bridge was shut on Monday"), (1, "by the mayor herself"))
    marked = wording(sources, (0, "The bridge was shut on Monday,"), (1, "by the mayor herself"))
    assert flaws(bare, sources) == {"unsound"}
    assert not flaws(marked, sources)


def test_merged_needs_a_fair_share_of_two_sources():
    assert merged(wording(BOTH, (1, "Mayor Ana Holt told reporters"), (0, "the old bridge would stay closed")).words)
    assert not merged(wording(BOTH, (0, "said the old bridge would stay closed for three months"), (1, "Mayor")).words)


@pytest.mark.parametrize(
    ("source", "parts", "broken"),
    [
        ("Ada Holt, 25, and Ben Holt, 22, were found.", ["Ada Holt", ", 22, were found"], True),
        ("Actors, as well as several bankers, give money.", ["Actors", ", give money"], True),
        ("The bill signed into law cut the fund.", ["The bill,", "signed into law cut the fund"], True),
        ("The mayor, who is 62, and a former judge, may go.", ["The mayor", "may go"], True),
        ("The mayor, a former judge, may go.", ["The mayor", "may go"], False),
        ("The mayor said that she may go in May.", ["The mayor said that she may go"], False),
        ("The mayor closed the bridge for a month.", ["The mayor closed the bridge"], True),
        ("They meet in Lund, where Ada Holt, 25, is mayor.", ["They meet in Lund, where Ada Holt"], True),
        ("They meet in Lund, where Ada Holt lives, at last.", ["They meet in Lund, where Ada Holt lives"], False),
    ],
    ids=[
        "another's age",
        "part of a list",
        "comma put in",
        "half an aside",
        "apposition left out",
        "end left out",
        "how long left out",
        "clause without its verb",
        "clause with its verb",
    ],
)
def test_a_copied_stretch_is_not_broken(source, parts, broken):
    assert breaks(wording([source], *((0, part) for part in parts)), [source]) is broken


def test_figures_of_two_sources_do_not_meet_in_one_sentence():
    west = "Sales in the West jumped 9.8 percent to an annual rate of 1.12 million in December."
    east = "Sales in the East jumped 10.1 percent to an annual rate of 1.20 million in March."
    crossed = [(0, "Sales in the West jumped 9.8 percent to an annual rate of"), (1, "1.20 million in March")]
    assert breaks(wording([west, east], *crossed), [west, east])
    assert not breaks(wording([west, east], (0, west.rstrip("."))), [west, east])


def test_what_is_so_serious_that_something_follows_keeps_what_follows():
    source = "The board was so serious about closing the bridge, it was counting votes."
    assert breaks(wording([source], (0, "The board was so serious about closing the bridge")), [source])
