"""Lineage: which reports copy or rewrite one another, which came first, which a machine has spun."""

import random
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from conftest import DATA
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eval.lineage import remembering
from summarize.clustering import kinship, spun_copies
from summarize.clustering import lineages as found_by
from summarize.clustering.wording import common
from summarize.config import EncoderSettings
from summarize.documents import Article
from summarize.models import lazy_encode
from summarize.reading import read_articles

ENCODE = remembering(lazy_encode(EncoderSettings()))
SPIN = {
    "people": "folks", "said": "stated", "water": "liquid", "dam": "barrier", "town": "metropolis",
    "killed": "slain", "after": "following", "hours": "instances", "reached": "attained", "army": "navy",
    "help": "assist", "taking": "grabbing", "roofs": "ceilings", "home": "house", "level": "degree",
    "evening": "night time", "built": "constructed", "opened": "unlocked", "noon": "midday hour",
    "more": "extra", "governor": "chief", "region": "space", "emergency": "crisis", "state": "nation",
    "asked": "queried", "sent": "despatched", "soldiers": "troopers", "villages": "hamlets",
    "declared": "introduced", "woman": "female", "heard": "listened", "neighbour": "close by",
    "measured": "gauged", "operator": "handler", "sounded": "resonated", "residents": "dwellers",
    "visit": "go to", "valley": "vale", "rain": "moisture", "two": "2", "days": "moons", "least": "fewest",
    "services": "companies", "shortly": "briefly", "began": "commenced", "crest": "emblem", "minutes": "mins",
    "most": "majority", "asleep": "sleepy", "missing": "lacking", "reporters": "journos", "capital": "money",
    "belongings": "stuff", "finished": "completed", "collapsed": "crumpled", "second": "2nd", "fetch": "get",
    "engineers": "technicians", "dropped": "fell down", "station": "depot", "usually": "often", "falls": "drops",
    "both": "each", "disputed": "contested", "shouting": "yelling", "never": "by no means", "still": "nonetheless",
}  # fmt: skip


def spin(text: str) -> str:
    """A synonym machine: every known word is replaced, whatever it means where it stands."""
    return re.sub(r"[A-Za-z]+", lambda m: SPIN.get(m.group(), m.group()), text)


def folder(path: Path) -> list[Article]:
    return [a for a in read_articles(path).articles if not a.id.endswith("README.md")]


def named(articles: list[Article], part: str) -> Article:
    return next(a for a in articles if part in a.id)


def lineages(articles: Sequence[Article]) -> tuple[tuple[str, ...], ...]:
    return found_by(articles, ENCODE)


WIRE = named(folder(DATA / "flood"), "kestrel")
SPUN = Article("a-spun", spin(WIRE.text))


def test_the_seed_story_has_three_independent_reports() -> None:
    seeds = folder(Path(__file__).parent.parent / "seeds")
    found = [[Path(i).stem for i in lineage] for lineage in lineages(seeds)]
    assert found == [["northgate-wire", "clearly-put", "pressmill-daily"], ["the-meridian"], ["volta-morning-post"]]
    assert {Path(i).stem for i in spun_copies(seeds, lineages(seeds))} == {"pressmill-daily"}


@pytest.mark.parametrize("name", ["flood", "bridge"])
def test_independent_reports_of_one_event_stay_apart(name: str) -> None:
    reports = folder(DATA / name)
    assert lineages(reports) == tuple((a.id,) for a in reports)
    assert spun_copies(reports, lineages(reports)) == frozenset()


def test_a_spun_copy_joins_its_original_and_is_known_as_spun() -> None:
    for others in ([], [a for a in folder(DATA / "flood") if a.id != WIRE.id]):
        story = [SPUN, WIRE, *others]
        assert lineages(story)[0] == (WIRE.id, SPUN.id)
        assert len(lineages(story)) == 1 + len(others)
        assert spun_copies(story, lineages(story)) == {SPUN.id}


def test_a_spun_copy_is_never_the_original_even_when_it_is_dated_first() -> None:
    story = [
        replace(SPUN, published=datetime(2025, 5, 6, 3, tzinfo=UTC)),
        replace(WIRE, published=datetime(2025, 5, 6, 9, tzinfo=UTC)),
    ]
    assert lineages(story) == ((WIRE.id, SPUN.id),)


def test_of_equal_texts_the_earlier_is_the_original() -> None:
    early = replace(WIRE, id="z", published=datetime(2025, 5, 6, 3, tzinfo=UTC))
    late = replace(WIRE, id="a", published=datetime(2025, 5, 6, 9, tzinfo=UTC))
    assert lineages([late, early]) == (("z", "a"),)
    assert lineages([replace(late, published=None), replace(early, published=None)]) == (("a", "z"),)


def test_a_time_without_a_zone_is_the_same_on_every_machine(monkeypatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        early = replace(WIRE, id="z", published=datetime(2025, 5, 6, 3))
        late = replace(WIRE, id="a", published=datetime(2025, 5, 6, 5, tzinfo=UTC))
        assert lineages([late, early]) == (("z", "a"),)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_credited_report_is_the_original() -> None:
    source = replace(WIRE, id="z", source="Morning Herald")
    copy = replace(WIRE, id="a", text=WIRE.text + "\nThe Morning Herald reported it first.")
    assert lineages([copy, source]) == (("z", "a"),)


def test_agency_text_inside_a_longer_piece_is_no_independent_source() -> None:
    own = named(folder(DATA / "bridge"), "national").text
    longer = Article("longer", own + "\n" + WIRE.text)
    assert lineages([longer, WIRE]) == (("longer", WIRE.id),) or lineages([longer, WIRE]) == ((WIRE.id, "longer"),)


def test_the_same_sentences_in_another_order_are_a_copy() -> None:
    lines = WIRE.text.split("\n")
    assert len(lineages([WIRE, Article("turned", "\n".join(lines[::-1]))])) == 1
    assert len(lineages([WIRE, Article("cut", "\n".join(lines[:-3]))])) == 1


def test_a_quotation_in_common_is_no_copying() -> None:
    said = "“We opened the gates at four, then at five, and after that nobody asked us about gates any more,” {} said."
    first = f"Nine boats sank at Corle on Sunday.\n{said.format('Ines Bloch')}\nTwo crews are in hospital."
    second = (
        f"Fishermen in Corle have lost their living.\n{said.format('Bloch')}\nThe ice house will not reopen before May."
    )
    assert len(lineages([Article("a", first), Article("b", second)])) == 2
    assert len(lineages([Article("a", first), Article("b", first.replace("on Sunday", "at the weekend"))])) == 1


def test_a_piece_that_embeds_an_agency_text_is_not_the_original() -> None:
    own = named(folder(DATA / "bridge"), "national").text.split("\n")
    longer = Article("a", "\n".join([*own[:4], *WIRE.text.split("\n"), *own[4:]]))
    assert lineages([longer, WIRE]) == ((WIRE.id, "a"),)


def test_every_two_reports_have_the_features_that_decide_and_bounds_hold() -> None:
    found = kinship.reports([*folder(DATA / "flood"), *folder(DATA / "bridge"), SPUN, Article("none", "")])
    exact = kinship.features(found, ENCODE)
    assert len(exact) == len(found) * (len(found) - 1) // 2
    for start, bounds in kinship.Shares.of(found).bounds():
        for (j, i), values in exact.items():
            assert (values[: len(kinship.WORDS)] <= bounds[i - start, j] + 1e-9).all()
            assert (values >= 0).all() and (values <= 1).all()


def test_a_large_story_is_compared_block_by_block_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    story = [SPUN, *folder(DATA / "flood"), *folder(DATA / "bridge")]
    whole = lineages(story)
    monkeypatch.setattr(kinship, "BLOCK", 2)
    assert lineages(story) == whole


def test_only_reports_whose_words_do_not_decide_are_encoded() -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return ENCODE(texts)

    sure = [WIRE, Article("light", WIRE.text.replace("said", "stated")), *folder(DATA / "unrelated")]
    assert found_by(sure, encode)[0] == (WIRE.id, "light")
    assert not asked
    found_by([*folder(DATA / "flood"), *folder(DATA / "unrelated")], encode)
    assert asked
    assert not any(a.text.startswith(asked_one) for asked_one in asked for a in folder(DATA / "unrelated"))


def test_a_list_of_results_in_common_is_no_copying() -> None:
    table = "1. Ada Brandt (Norway) 31:05.2, 2. Li Chen (China) 31:09.8, 3. Una Moss (Wales) 31:11.0."
    one = "Ada Brandt skied away from everybody in the falling snow at Lund. She had chosen the harder wax by mistake."
    other = "Nobody expected the Norwegian to start, or to win. A virus had cost her all of January, said her coach."
    first, second = (Article(name, f"{text}\n{table}") for name, text in (("a", one), ("b", other)))
    assert not kinship.reports([first])[0].runs & kinship.reports([second])[0].runs
    assert len(lineages([first, second])) == 2


def test_short_reports_that_share_one_fact_are_not_copies() -> None:
    first = Article("a", "Fourteen people died when the Varrow Dam overflowed, officials in Orlessa said on Tuesday.")
    second = Article("b", "The Varrow Dam has overflowed after days of rain and 14 people died, Orlessa radio reports.")
    assert lineages([first, second]) == (("a",), ("b",))


def test_empty_articles_and_headlines() -> None:
    assert lineages([]) == ()
    assert lineages([Article("a", "")]) == (("a",),)
    assert lineages([Article("a", "", title="Dam overflows"), Article("b", "", title="Dam overflows")]) == (("a", "b"),)


@hypothesis.settings(max_examples=15)
@given(st.permutations([SPUN, *folder(DATA / "flood")]))
def test_the_order_of_the_reports_does_not_matter(reports: list[Article]) -> None:
    assert lineages(reports) == lineages(sorted(reports, key=lambda a: a.id))


def test_common_word_pairs_are_known_and_odd_ones_are_not() -> None:
    assert all(common(*pair.split()) for pair in ("phone call", "white house", "prime minister", "of the"))
    odd = ("telephone name", "white home", "navy help", "power amenities", "center east", "raised considerations")
    assert not any(common(*pair.split()) for pair in odd)


def test_the_filter_is_rarely_wrong_about_pairs_that_nobody_writes() -> None:
    letters = random.Random(3)
    made = ["".join(letters.choices("bcdfgklmnprstvz", k=9)) for _ in range(4000)]
    assert sum(common(a, b) for a, b in zip(made[::2], made[1::2], strict=True)) < 60
