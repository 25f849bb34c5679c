"""Numbers: what counts as one, its value and unit, and when two are the same."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarize.text import numbers, same_number

# sentence -> the numbers in it, written "text=value[..high][ unit]"
CASES = [
    ("The raid left 1,300 people without power.", ["1,300=1300"]),
    ("Prices rose 10.5 percent in a year of 3 shocks.", ["10.5 percent=10.5 %", "3=3"]),
    ("Support fell by 10 per cent, or 4 p.c. a month.", ["10 per cent=10 %", "4 p.c.=4 %"]),
    ("It grew 2.5% and then 7pct.", ["2.5%=2.5 %", "7pct=7 %"]),
    ("Rates went up 2 percentage points.", ["2 percentage points=2 pp"]),
    ("The bank cut rates by 50 basis points.", ["50 basis points=50 bp"]),
    ("The deal is worth $3.2bn.", ["$3.2bn=3200000000 usd"]),
    ("They sent €5 million and £1m.", ["€5 million=5000000 eur", "£1m=1000000 gbp"]),
    ("They sent 5 million euros.", ["5 million euros=5000000 eur"]),
    ("A ticket is US$40 or C$55.", ["US$40=40 usd", "C$55=55 cad"]),
    ("Aid of two billion dollars was promised.", ["two billion dollars=2000000000 usd"]),
    ("The fee is $1.5 trillion-a-year.", ["$1.5 trillion=1500000000000 usd"]),
    ("It costs 50 cents.", ["50 cents=50 cent"]),
    ("Three men and twenty-one women were freed.", ["Three=3", "twenty-one=21"]),
    ("Two dozen guests and half a dozen dogs came.", ["Two dozen=24", "half a dozen=6"]),
    ("A hundred houses and half a million trees burned.", ["A hundred=100", "half a million=500000"]),
    ("One hundred and fifty thousand fled.", ["One hundred and fifty thousand=150000"]),
    ("Two million three hundred thousand voted.", ["Two million three hundred thousand=2300000"]),
    ("Two and a half million voted.", ["Two and a half million=2500000"]),
    ("Some 1.5m people fled.", ["1.5m=1500000"]),
    ("She won the 100m final.", ["100m=100 m"]),
    ("He ran a 10k race.", ["10k=10000"]),
    ("Hundreds of people marched.", ["Hundreds=100..1000"]),
    ("Tens of thousands marched.", ["Tens of thousands=10000..100000"]),
    ("Dozens were hurt; scores of cars burned.", ["Dozens=24..100", "scores=40..100"]),
    ("He scores of late.", ["scores=40..100"]),
    ("Several hundred homes were lost.", ["Several hundred=200..1000"]),
    ("It lasted a couple of days.", ["a couple=2"]),
    ("Two-thirds of voters and a third of members agreed.", ["Two-thirds=0.6667", "a third=0.3333"]),
    ("One-third left, three quarters stayed.", ["One-third=0.3333", "three quarters=0.75"]),
    ("Half of them and half the town left.", ["Half=0.5", "half=0.5"]),
    ("It took 3 1/2 years and 2½ hours.", ["3 1/2 years=3.5 year", "2½ hours=2.5 hour"]),
    ("It was the third raid and the 25th since spring.", ["third=3", "25th=25"]),
    ("The twenty-first century began.", ["twenty-first=21"]),
    ("It was his first visit and her second.", ["first=1", "second=2"]),
    ("First, they talked at first light.", []),
    ("It took a second. He ran at ten metres per second.", ["ten metres=10 m"]),
    ("The clip lasts 30 seconds.", ["30 seconds=30 second"]),
    ("A 30-day truce was agreed.", ["30-day=30 day"]),
    ("A three-year term and a 30-year-old man.", ["three-year=3 year", "30-year=30 year"]),
    ("He is 5ft tall and runs 5km.", ["5ft=5 ft", "5km=5 km"]),
    ("A two-day visit to a nine-member panel.", ["two-day=2 day", "nine=9"]),
    ("There were 10-15 people.", ["10-15=10..15"]),
    ("There were between 10 and 15 people.", ["10 and 15=10..15"]),
    ("There were 10 to 15 percent more.", ["10 to 15 percent=10..15 %"]),
    ("It rose from 10 to 15 percent.", ["10=10 %", "15 percent=15 %"]),
    ("It rose from $5 to $10.", ["$5=5 usd", "$10=10 usd"]),
    ("It costs $5-$10 million.", ["$5-$10 million=5000000..10000000 usd"]),
    ("About 5-10 million fled.", ["5-10 million=5000000..10000000"]),
    ("Between $1 billion and $2 billion.", ["$1 billion and $2 billion=1000000000..2000000000 usd"]),
    ("It was 10% to 15% lower, 20-25% at most.", ["10% to 15%=10..15 %", "20-25%=20..25 %"]),
    ("Two or three ships sank.", ["Two or three=2..3"]),
    ("The home side won 3-1.", ["3-1=3..1"]),
    ("The bill passed 52 to 48.", ["52 to 48=52..48"]),
    ("They met on 18 March 2025.", ["18 March 2025=20250318"]),
    ("They met on March 18.", ["March 18=318"]),
    ("They met on March 18, 2025, in Oslo.", ["March 18, 2025=20250318"]),
    ("They met on the 18th of March.", ["18th of March=318"]),
    ("Filed 2025-03-18 or 3/18/2025 or 18/3/2025.",
     ["2025-03-18=20250318", "3/18/2025=20250318", "18/3/2025=20250318"]),
    ("The attack of Jan. 6 and Sept. 11, 2001.", ["Jan. 6=106", "Sept. 11, 2001=20010911"]),
    ("It runs March 10-12.", ["March 10-12=310..312"]),
    ("It began in March 2025.", ["March 2025=20250300"]),
    ("It began in March and ended in July.", ["March=300", "July=700"]),
    ("They may march in august company.", []),
    ("Theresa May and April Doe left in May.", ["May=500"]),
    ("They spoke on Tuesday.", ["Tuesday=2 weekday"]),
    ("The shop opens at 3 p.m. and shuts at 5:30pm.", ["3 p.m.=1500", "5:30pm=1730"]),
    ("It began at 15:30, or 1430 GMT.", ["15:30=1530", "1430 GMT=1430"]),
    ("It ended at noon; at 12:15 a.m. it rained.", ["noon=1200", "12:15 a.m.=15"]),
    ("Dinner is at six o'clock.", ["six o'clock=600"]),
    ("He was elected in 2014.", ["2014=2014"]),
    ("In the 1990s and the '80s.", ["1990s=1990 decade", "80s=1980 decade"]),
    ("The season of 2014-15 was long.", ["2014-15=2014..2015"]),
    ("The attacks of 9/11 changed it.", ["9/11=9..11"]),
    ("One man died.", ["One=1"]),
    ("No one knew one another, and one of the men left.", []),
    ("At one point one could see it.", []),
    ("It was a one-off and a zero-sum game.", []),
    ("An F-16, the G7, a 5G mast, Covid-19 and MH17.", []),
    ("It should be ready by mid-2025.", ["2025=2025"]),
    ("It struck No. 10 and Article 5.", ["10=10", "5=5"]),
    ("It was −5 degrees.", ["5 degrees=5 degree"]),
    ("The phone rang often; someone won; the tense bone.", []),
    ("A half-million-dollar house.", ["A half-million-dollar=500000 usd"]),
    ("The town—45 percent of it—burned.", ["45 percent=45 %"]),
    ("See example.org/a/12 or b.org/3.", []),
    ("Nothing here.", []),
    ("", []),
]  # fmt: skip


def shown(text: str) -> list[str]:
    out = []
    for n in numbers(text):
        value = f"{n.value.normalize():f}" + (f"..{n.high.normalize():f}" if n.high is not None else "")
        out.append(f"{n.text}={value}" + (f" {n.unit}" if n.unit else ""))
    return out


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_numbers(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("12 men", "cardinal"), ("the 12th man", "ordinal"), ("12 percent", "percent"), ("$12", "money"),
        ("12 May", "date"), ("on Friday", "date"), ("at 12:30", "time"), ("in 1912", "year"), ("the 1910s", "year"),
        ("12 pounds", "money"), ("1,912 men", "cardinal"),
    ],
)  # fmt: skip
def test_kind(text: str, kind: str) -> None:
    assert [n.kind for n in numbers(text)] == [kind]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("about 30", "about"), ("nearly 30", "about"), ("some 30", "about"), ("an estimated 30", "about"),
        ("more than 30", "more"), ("at least 30", "more"), ("over $30", "more"), ("no fewer than 30", "more"),
        ("up to 30", "less"), ("fewer than 30", "less"), ("less than 30%", "less"), ("as many as 30", "less"),
        ("30 or more", "more"), ("30+", "more"), ("30 or so", "about"), ("moreover 30", None), ("the 30", None),
    ],
)  # fmt: skip
def test_bound(text: str, bound: str | None) -> None:
    assert [n.bound for n in numbers(text)] == [bound]


SAME = [
    ("1,000 men", "one thousand men"),
    ("a 30-day truce", "a truce of 30 days"),
    ("10%", "ten percent"),
    ("$3.2bn", "3.2 billion dollars"),
    ("18 March 2025", "March 18"),
    ("in March", "on March 18"),
    ("Tuesday", "Tuesdays"),
    ("3 p.m.", "15:00"),
    ("24 men", "two dozen men"),
    ("the 3rd", "the third"),
    ("10-15 men", "between 10 and 15 men"),
    ("in 2014", "the year 2014"),
    ("half a million", "500,000"),
    ("more than 100 men", "100 men"),
    ("hundreds", "Hundreds of men"),
    ("£5m", "five million pounds"),
    ("200-pound", "200 pounds"),
]
OTHER = [
    ("30 days", "30 weeks"),
    ("10 percent", "10 men"),
    ("5 million euros", "5 million dollars"),
    ("hundreds", "100"),
    ("the third", "three"),
    ("March 18", "March 19"),
    ("March 18", "May 18"),
    ("Tuesday", "Wednesday"),
    ("3 p.m.", "3 a.m."),
    ("10-15", "10"),
    ("18 March 2025", "18 March 2024"),
    ("1 million", "1 billion"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_same_number(a: str, b: str) -> None:
    (x,), (y,) = numbers(a), numbers(b)
    assert same_number(x, y) and same_number(y, x)


@pytest.mark.parametrize(("a", "b"), OTHER)
def test_other_number(a: str, b: str) -> None:
    (x,), (y,) = numbers(a), numbers(b)
    assert not same_number(x, y) and not same_number(y, x)


PIECES = st.sampled_from(
    ["1", "2,000", ".5", "%", " ", "-", " to ", "ten", "hundred", " million", "$", "€", " percent", "th", "May ",
     "March", " 18", ", ", "2025", "/", ":", "30", " p.m.", "a ", "half ", "one", "third", " of", "½", "٣", "²", "İ",
     "tens", "between ", " and ", "'", "s", "\ud800", "days", "no ", "from ", "one-", "m", "k", "31"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_offsets_are_exact(text: str) -> None:
    found = numbers(text)
    assert all(text[n.start : n.end] == n.text and n.start < n.end for n in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(st.integers(0, 10**13))
def test_grouping_does_not_change_the_value(value: int) -> None:
    (plain,), (grouped,) = numbers(f"with {value} men"), numbers(f"with {value:,} men")
    assert plain.value == grouped.value == Decimal(value) and same_number(plain, grouped)
