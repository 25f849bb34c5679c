"""What contradicts, with made examples, and what only seems to."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.conflicts import PLANTED, interval, is_right, learned_from, train
from summarize.conflicts import INTERCEPT, WEIGHTS, conflicts
from summarize.documents import Article, Citation, Conflict, ConflictKind, ConflictValue, Story


def _story(*texts: str, hours: tuple[int, ...] = (), lineages: tuple[tuple[str, ...], ...] = ()) -> Story:
    """Articles 1, 2, ... with these texts, published on one day at these hours, each a lineage unless told."""
    times: list[datetime | None] = (
        [datetime(2031, 5, 1, h, tzinfo=UTC) for h in hours] if hours else [None] * len(texts)
    )
    articles = tuple(
        Article(str(n), text, published=time) for n, (text, time) in enumerate(zip(texts, times, strict=True), 1)
    )
    return Story("s", articles, lineages or tuple((a.id,) for a in articles))


def _found(*texts: str, hours: tuple[int, ...] = ()) -> list[tuple[ConflictKind, list[str]]]:
    return [(c.kind, [v.value for v in c.values]) for c in conflicts(_story(*texts, hours=hours))]


def _fillers(first: str, second: str) -> tuple[str, str]:
    """The two sentences among others, so that a word is not rare in the story for want of company."""
    return (
        f"The council of Arnvik met twice this week. {first} Nobody from the harbour office came to the hearing.",
        f"A hearing at Arnvik was thinly attended. {second} The harbour office had sent a letter instead.",
    )


@pytest.mark.parametrize(
    ("kind", "first", "second", "values"),
    [
        (
            "number",
            "The ferry fire injured 47 passengers near the slipway.",
            "Near the slipway the ferry fire injured 74 passengers.",
            ["47", "74"],
        ),
        (
            "number",
            "The new breakwater will cost £36m, the treasurer said.",
            "The treasurer put the cost of the new breakwater at £63 million.",
            ["£36m", "£63 million"],
        ),
        (
            "number",
            "Residents recalled the two-year drought.",
            "The three-year drought emptied the reservoir.",
            ["two-year", "three-year"],
        ),
        (
            "number",
            "Skipper Arne Lunde, 58, steered the ferry ashore.",
            "The ferry was steered ashore by Arne Lunde, 85, its skipper.",
            ["58", "85"],
        ),
        (
            "date",
            "The breakwater is to be opened by the treasurer on 12 June.",
            "On 19 June the treasurer is to open the breakwater.",
            ["12 June", "19 June"],
        ),
        (
            "place",
            "The smuggled crates were unloaded at a disused cannery in Stavholm after dusk.",
            "Smuggled crates were unloaded after dusk at the disused cannery in Brekkefjord.",
            ["Stavholm", "Brekkefjord"],
        ),
        (
            "name",
            "The rescue was led from the bridge by captain Ingrid Solvang of the trawler Havmoy.",
            "From the bridge of the trawler Havmoy captain Berit Aune led the rescue.",
            ["Ingrid Solvang", "Berit Aune"],
        ),
        (
            "name",
            "The minister ordered the Norwegian navy to blockade the trawlers.",
            "The minister ordered the Norwegian air force to blockade the trawlers.",
            ["navy", "air force"],
        ),
        (
            "name",
            "A diver found the keel where sheriff Runa Eidsvold had marked it.",
            "Nobody was hurt, sheriff Runa Halvorsen told the evening paper.",
            ["Runa Eidsvold", "Runa Halvorsen"],
        ),
        (
            "negation",
            "Nobody asked for an inspection of the smuggled crates at the cannery.",
            "The smuggled crates were opened after a cannery worker asked for an inspection.",
            ["Nobody asked", "asked"],
        ),
        (
            "negation",
            "Nordsund has withdrawn its plan to scrap the night ferry.",
            "Nordsund has not withdrawn its plan to scrap the night ferry.",
            ["withdrawn", "not withdrawn"],
        ),
        (
            "quotation",
            "“We did not know the fuel line was cracked,” said Runa Eide.",
            "“We did know the fuel line was cracked,” Runa Eide said.",
            ["We did not know the fuel line was cracked", "We did know the fuel line was cracked"],
        ),
        (
            "quotation",
            "She called the talks “very good and productive ones”.",
            "She called the talks “excellent and productive ones”.",
            ["very good and productive ones", "excellent and productive ones"],
        ),
    ],
)
def test_contradictions_are_found_with_their_kind(kind: str, first: str, second: str, values: list[str]) -> None:
    assert _found(*_fillers(first, second)) == [(kind, values)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The fire injured 12 passengers near the slipway.", "The fire injured twelve passengers near the slipway."),
        ("The fire injured a dozen passengers at noon.", "The fire injured 12 passengers at noon."),
        ("The fire injured more than 130 passengers.", "The fire injured 137 passengers."),
        ("The fire burnt about 10 percent of the deck.", "The fire burnt 11 percent of the deck."),
        ("The fire burnt 5,900 square metres of the deck.", "The fire burnt nearly 6,000 square metres of the deck."),
        ("The fire injured 10 to 15 passengers near the deck.", "The fire injured 13 passengers near the deck."),
        ("The marsh lost 19,050 acres to the fire.", "The marsh lost 7,710 hectares to the fire."),
        ("The ferry sailed at 1 p.m. from the slipway.", "The ferry sailed at 12:00 GMT from the slipway."),
        (
            "The vote fell on 12 June in the council.",
            "The council voted on 19 June, a week later than it had meant to.",
        ),
        ("The runway closes before 2030.", "The runway stays open until the end of 2029."),
        ("The minister Ilyana Tosk spoke at the slipway.", "The minister Iliana Tosk spoke at the slipway."),
        ("The crates were unloaded at a cannery in Norway.", "The crates were unloaded at a cannery in Stavholm."),
        ("“The fuel line was cracked,” said Runa Eide.", "“We know that the fuel line was cracked,” Runa Eide said."),
        ("“It can’t recognise the labour,” said Runa Eide.", "“It cannot recognize the labor,” Runa Eide said."),
        ("“No one wants a blackened harbour,” she said.", "“No-one wants a blackened harbour,” she said."),
        ("Nordsund has withdrawn its plan for the ferry.", "Eastlink has not withdrawn its plan for the ferry."),
        (
            "What Nordsund did not do was accept the offer for the night ferry.",
            "Nordsund did not accept the offer for the night ferry.",
        ),
        (
            "In all 27 people fell ill at the harbour fair and two of them died.",
            "The ferry sank in 1972 with 72 people, all of them killed.",
        ),
        ("The treasurer denied that the ferry had been scrapped.", "The ferry has not been scrapped, clerks said."),
        ("The council meets on Tuesday.", "The harbour office meets on Wednesday."),
    ],
)
def test_what_can_hold_together_is_no_conflict(first: str, second: str) -> None:
    assert _found(*_fillers(first, second)) == []


def test_an_article_that_states_both_values_tells_them_apart() -> None:
    both = "The fire injured 47 passengers near the slipway; last year 74 passengers were injured."
    assert _found(both, "The fire injured 74 passengers near the slipway.") == []


def test_a_toll_that_rose_is_an_update_and_one_that_fell_a_conflict() -> None:
    early, late = "The landslide killed 23 people in Arnvik.", "The landslide killed 24 people in Arnvik."
    assert _found(early, late, hours=(6, 9)) == []
    assert _found(early, late, hours=(9, 6)) == [("number", ["23", "24"])]


def test_a_denial_is_overtaken_by_a_later_confirmation_only() -> None:
    denial = "Shells hit Petrosk on the river bank at dawn. The army denied firing on the village."
    confirmation = "Shells hit Petrosk on the river bank at dawn. The ministry confirmed that a battery had fired."
    more = "A school was closed. The market reopened. Traders returned. Buses ran. Snow fell on the pass. "
    assert _found(denial + " " + more, confirmation + " " + more, hours=(6, 9)) == []
    assert _found(denial + " " + more, confirmation + " " + more, hours=(9, 6)) == [
        ("negation", ["denied firing on the village", "confirmed that a battery had fired"])
    ]


def test_the_value_of_most_independent_reports_comes_first() -> None:
    wrong, right = "The breakwater will cost £63m in all.", "The breakwater will cost £36m in all."
    story = _story(wrong, wrong, right, right, lineages=(("1", "2"), ("3",), ("4",)))
    (conflict,) = conflicts(story)
    assert [v.value for v in conflict.values] == ["£36m", "£63m"]
    assert [[c.article for c in v.citations] for v in conflict.values] == [["3", "4"], ["1", "2"]]
    assert conflict.about == "The breakwater will cost … in all"


def test_what_independent_reports_dispute_comes_before_what_a_copy_broke_and_facts_before_wording() -> None:
    quoted = "“{} the fuel line was cracked,” said Runa Eide."
    did_not, did = quoted.format("We did not know that"), quoted.format("We did know that")
    first = f"The ferry fire injured 47 passengers near the slipway. {did_not} Nordsund has withdrawn its night ferry."
    copy = (
        f"The ferry fire injured 47 passengers near the slipway. {did_not} Nordsund has not withdrawn its night ferry."
    )
    other = f"Near the slipway the ferry fire injured 74 passengers. {did} The council meets again."
    found = conflicts(_story(first, copy, other, lineages=(("1", "2"), ("3",))))
    assert [c.kind for c in found] == ["number", "quotation", "negation"]


def test_asides_headlines_and_time_stamps_state_nothing() -> None:
    assert _found("Posted at 9:53 on 12 June\nThe ferry sailed.", "Posted at 10:24 on 13 June\nThe ferry sailed.") == []


def test_a_story_of_one_article_or_none_with_text_has_no_conflict() -> None:
    assert _found("The fire injured 47 people. The fire injured 74 people.") == []
    assert _found("", "") == []


def test_of_a_table_the_first_figures_are_compared_and_of_a_book_the_first_sentences() -> None:
    wrong, right = _fillers("The breakwater will cost £63m in all.", "The breakwater will cost £36m in all.")
    table = " ".join(f"Berth {n} holds {1000 + n} crates, {2000 + n} nets and {3000 + n} ropes." for n in range(100))
    book = "Gulls cried above the slipway. " * 200
    assert [kind for kind, _ in _found(wrong, right)] == ["number"]
    assert _found(f"{table} {wrong}", right) == _found(f"{book} {wrong}", right) == []


_sentences = st.sampled_from(
    [
        "The ferry fire injured 47 passengers near the slipway.",
        "Near the slipway the ferry fire injured 74 passengers.",
        "“We did not know the fuel line was cracked,” said Runa Eide.",
        "“We did know the fuel line was cracked”, Runa Eide said. ",
        "😀 The breakwater\u00a0opens on 12 June\u2014the treasurer said.",
        "The treasurer opens the breakwater on 19 June.",
        "Crates were unloaded at the cannery in Stavholm.\n",
        "Crates were unloaded at the cannery in Brekkefjord.",
        "It rained.",
    ]
)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.lists(_sentences, max_size=4).map(" ".join), min_size=1, max_size=4))
def test_every_citation_is_a_slice_and_no_article_states_two_values(texts: list[str]) -> None:
    story = _story(*texts)
    found = conflicts(story)
    for conflict in found:
        cited = [c.article for v in conflict.values for c in v.citations]
        assert len(conflict.values) >= 2
        assert all(v.citations for v in conflict.values)
        assert len(cited) == len(set(cited))
        for value in conflict.values:
            for c in value.citations:
                assert story.by_id[c.article].text[c.start : c.end] == c.quote
    assert found == conflicts(story)


# Its data, its measure and its weights


@pytest.mark.parametrize("path", sorted(PLANTED.glob("*.json")), ids=lambda path: path.stem)
def test_planted_values_stand_in_the_articles_listed_and_no_article_has_two(path: Path) -> None:
    story = json.loads(path.read_text("utf-8"))
    texts = {a["id"]: a["text"].casefold() for a in story["articles"]}
    assert sorted(i for lineage in story["lineages"] for i in lineage) == sorted(texts)
    assert 3 <= len(story["conflicts"]) <= 7
    for conflict in story["conflicts"]:
        listed = [article for value in conflict["values"] for article in value["articles"]]
        assert len(listed) == len(set(listed))
        assert len(conflict["values"]) >= 2
        for value in conflict["values"]:
            assert all(value["value"].casefold() in texts[article] for article in value["articles"])


def test_the_weights_are_those_that_training_gives() -> None:
    found = train(learned_from())
    assert found["weights"] == pytest.approx(WEIGHTS, abs=0.2)
    assert found["intercept"] == pytest.approx(INTERCEPT, abs=0.2)
    assert found["left out"]["precision"] >= 0.9


def _conflict(kind: ConflictKind, *values: tuple[str, str]) -> Conflict:
    return Conflict("", kind, tuple(ConflictValue(v, (Citation(a, 0, 1, "x", 1.0),)) for v, a in values))


GOLD = {"kind": "number", "values": [{"value": "£64m", "articles": ["1", "2"]}, {"value": "£46m", "articles": ["3"]}]}


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (_conflict("number", ("£64 million", "2"), ("£46million", "3")), True),
        (_conflict("number", ("£46million", "3"), ("£64 million", "2")), True),
        (_conflict("number", ("£64m", "2"), ("£47m", "3")), False),
        (_conflict("number", ("£64m", "3"), ("£46m", "1")), False),
        (_conflict("date", ("£64m", "2"), ("£46m", "3")), False),
    ],
)
def test_a_conflict_is_right_with_the_kind_and_two_values_of_gold(found: Conflict, right: bool) -> None:
    assert is_right(found, GOLD) is right


def test_the_interval_is_wilsons() -> None:
    low, high = interval(8, 10) or []
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)  # Newcombe 1998, by hand
    assert interval(0, 0) is None
