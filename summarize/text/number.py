"""Numbers with their values: digits, words, money, shares, dates, times, ranges.

How each kind states its value:

========  =======================================================================================
kind      value
========  =======================================================================================
cardinal  the number; a fraction as a decimal of four places ("two-thirds" is 0.6667)
ordinal   its place ("third" is 3); "first" counts only after a determiner ("his first visit"),
          "second" not where it is a stretch of time
percent   the number; unit "%", or "pp" for percentage points
money     the amount in whole units of the currency; unit "usd", "eur", "gbp", ...
date      yyyymmdd with 0 for what is not stated: "March 18" is 318, "March 2025" is 20250300; weekdays
          are 1 (Monday) to 7 with unit "weekday"
time      hhmm on the 24-hour clock: "3:30 p.m." is 1530
year      the year; a decade is its first year with unit "decade"
========  =======================================================================================

``high`` is the second number of a pair: the upper end of a range ("10-15", "between 10 and 15") or the other
side of a score ("3-1"). "From 10 to 15" may be a change and gives two numbers. A vague plural is the range it
spans: "hundreds" is 100 to 1,000, "tens of thousands" 10,000 to 100,000, with bound "about".
"One" is left out where it counts nothing ("no one", "one of the", "one another").
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from summarize.text.span import lower, plain

Kind = Literal["cardinal", "ordinal", "percent", "money", "date", "time", "year"]
Bound = Literal["about", "more", "less"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number as the text states it: ``whole[start:end] == text``, the unit included.

    Attributes:
        value: see the module's table.
        high: upper end of a range or second number of a pair, else None.
        unit: "%", a currency code, or a measure in the singular ("km", "day"); the noun counted is no unit.
        bound: what the words before it make of it: about this, more than this, less than this.
    """

    start: int
    end: int
    text: str
    value: Decimal
    high: Decimal | None
    unit: str | None
    kind: Kind
    bound: Bound | None


_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_SMALL = {w: i for i, w in enumerate([*_ONES.split(), "seventeen", "eighteen", "nineteen"])}
_TENS_NAMES = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {w: 10 * i for i, w in enumerate(_TENS_NAMES.split(), 2)}
_ORDINAL_ONES = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
fifteenth sixteenth seventeenth eighteenth nineteenth
"""
_ORDINALS = {w: i for i, w in enumerate(_ORDINAL_ONES.split(), 1)} | {
    w.removesuffix("y") + "ieth": n for w, n in _TENS.items()
}
_SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SHORT_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "mln": 10**6, "b": 10**9, "bn": 10**9, "bln": 10**9} | {
    "tn": 10**12,
    "trn": 10**12,
}
_VAGUE = {"tens": 10, "dozens": 24, "scores": 40} | {f"{w}s": n for w, n in _SCALES.items()}
_PARTS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "eighth": 8,
} | {"tenth": 10}
_MONTH_NAMES = "january february march april may june july august september october november december"
_MONTHS = {name: i for i, name in enumerate(_MONTH_NAMES.split(" "), 1)}
_MONTHS |= {name[:3]: i for name, i in _MONTHS.items()} | {"sept": 9}
_DAY_NAMES = "monday tuesday wednesday thursday friday saturday sunday"
_WEEKDAYS = {name: i for i, name in enumerate(_DAY_NAMES.split(" "), 1)}

_SIGNS = {"$": "usd", "us$": "usd", "c$": "cad", "ca$": "cad", "a$": "aud", "au$": "aud", "nz$": "nzd"} | {
    "hk$": "hkd",
    "s$": "sgd",
    "€": "eur",
    "£": "gbp",
    "¥": "jpy",
    "₹": "inr",
    "₽": "rub",
    "₪": "ils",
    "₩": "krw",
    "₴": "uah",
}
_CODES = frozenset({"usd", "eur", "gbp", "jpy", "cny", "chf", "rub", "inr", "uah", "cad", "aud"})
_MONEY_WORDS = """
usd:dollar,dollars,buck,bucks,usd eur:euro,euros,eur gbp:sterling,gbp pound:pound,pounds cent:cent,cents
penny:penny,pence jpy:yen,jpy cny:yuan,renminbi,cny rub:ruble,rubles,rouble,roubles,rub
inr:rupee,rupees,inr uah:hryvnia,hryvnias,uah chf:franc,francs,chf mxn:peso,pesos ils:shekel,shekels
try:lira krw:won zar:rand crown:crown,crowns,kronor,kroner,krona,krone real:reais riyal:riyal,riyals
dinar:dinar,dinars dirham:dirham,dirhams
"""
_MEASURES = """
%:%,percent,pct pp:pp second:second,seconds,sec,secs minute:minute,minutes,min,mins hour:hour,hours,hr,hrs
day:day,days night:night,nights week:week,weeks month:month,months year:year,years,yr,yrs
decade:decade,decades century:century,centuries km:km,kms,kilometre,kilometres,kilometer,kilometers
m:metre,metres,meter,meters cm:cm,centimetre,centimetres,centimeter,centimeters
mm:mm,millimetre,millimetres,millimeter,millimeters mile:mile,miles ft:ft,foot,feet in:inch,inches
yard:yard,yards kg:kg,kgs,kilo,kilos,kilogram,kilograms g:gram,grams tonne:tonne,tonnes ton:ton,tons
lb:lb,lbs oz:ounce,ounces litre:litre,litres,liter,liters gallon:gallon,gallons barrel:barrel,barrels
acre:acre,acres hectare:hectare,hectares mph:mph kph:kph,kmh degree:degree,degrees
mw:mw,megawatt,megawatts gw:gw,gigawatt,gigawatts kwh:kwh gb:gb,gigabytes knot:knots
"""


def _units(table: str) -> dict[str, str]:
    rows = (row.partition(":") for row in table.split())
    return {word: unit for unit, _, listed in rows for word in listed.split(",")}


_CURRENCIES = _units(_MONEY_WORDS)
_UNITS = _units(_MEASURES) | _CURRENCIES
_UNITS |= {"per cent": "%", "p.c.": "%", "percentage point": "pp", "percentage points": "pp"} | {
    "basis point": "bp",
    "basis points": "bp",
    "nautical mile": "nmi",
    "nautical miles": "nmi",
}


def _any(words: Iterable[str]) -> str:
    """An alternation that prefers longer words."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_SPELT = rf"(?:(?:{_any(_TENS)})(?:[- ](?:{_any(list(_SMALL)[1:10])}))?|{_any(_SMALL)})(?![a-z])"
_SPELT_ORDINAL = rf"(?:(?:{_any(_TENS)})-)?(?:{_any(_ORDINALS)})(?![a-z])"
_MONTH = rf"(?:{_any(_MONTHS)})(?![a-z])"
_SCALE = rf"(?:{_any(_SCALES)})(?![a-z])"

_WORDS_THAT_BEGIN = [*_TENS, *_SMALL, *_ORDINALS, *_VAGUE, *_MONTHS, *_WEEKDAYS]
# Where a number may begin; every match is then read by the rules below, so it may promise too much.
_START = re.compile(
    rf"(?<![a-z])(?:\d|(?:us|ca?|au?|nz|hk|s)?\$|[€£¥₹₽₪₩₴]|(?:{_any(_CODES)}) \d"
    rf"|{_any(_WORDS_THAT_BEGIN)}|half|dozen|noon|midnight"
    r"|(?:an?|several|a few|some|many) (?:hundred|thousand|million|billion|trillion|dozen|third|quarter|fifth"
    r"|half|couple of))"
)
_SIGN = re.compile(rf"({_any(_SIGNS)}|(?:{_any(_CODES)})(?= )) ?(?=\d)")
_DIGITS = re.compile(r"(\d{1,3}(?:,\d{3})+(?!\d)|\d+)(\.\d+)?(?: ?([½¼¾])| ([1-9])/([2-9])(?!\d))?")
_GLYPHS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}
_DIGIT_SCALE = re.compile(rf"[ -]?({_SCALE}|(?:mn|mln|bn|bln|tn|trn)(?![a-z]))|([kmb])(?![a-z])")
_WORDS = re.compile(
    rf"(?:((?:an? )?half(?=[ -]{_SCALE})|half an?|an?)[ -])?(?:({_SPELT})( and a half)?|(?={_SCALE}|dozen))"
)
_NEXT_SCALE = re.compile(rf"[ -]?({_SCALE}|dozen(?![a-z]))")
_MORE_WORDS = re.compile(rf"[ -](?:and )?({_SPELT})")
_UNIT = re.compile(rf"(?: |-)?({_any(_UNITS)})(?![a-z])")
_RANGE = re.compile(r"-(?:to-)?| - | to | or ")
_VAGUE_WORDS = re.compile(
    rf"({_any(_VAGUE)})(?: of (thousands|millions|billions))?(?![a-z])"
    rf"|(?:several|a few|some|many) (hundred|thousand|million|billion|dozen)(?![a-z])|(a couple) of"
)
_PART = "half|third|quarter|fourth|fifth|sixth|eighth|tenth"
_FRACTION = re.compile(
    rf"(?:(?:an?|one)[ -]({_PART})(?= of|-(?!{_SCALE}|dozen)| the)|one-({_PART})(?![a-z]))"
    rf"|(two|three|four|five|six|seven|nine|[2-9])[- ]({_PART})s(?![a-z])"
    r"|(half)(?= of | the | its | their | his | her | as )|([1-9])/([2-9])(?![\d/])"
)
_ORDINAL = re.compile(rf"(\d+)(?:st|nd|rd|th)(?![a-z])|({_SPELT_ORDINAL})")
_DECADE = re.compile(r"(\d{3}0|\d0)'?s(?![a-z])")
_CLOCK = re.compile(
    r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})? ?([ap])(?:\.m\.|m(?![a-z]))"
    r"|([01]?\d|2[0-3]):([0-5]\d)(?![\d:])|([01]\d|2[0-3])([0-5]\d) ?(?:gmt|hours|utc)|(noon|midnight)(?![a-z])"
    rf"|({_SPELT}|\d{{1,2}}) o'clock"
)
_NO_MORE = r"(?![\d,.:]*\d)"
_DATE = re.compile(
    r"(?P<y1>\d{4})-(?P<m1>\d{2})-(?P<d1>\d{2})(?!\d)"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:-(?P<to2>\d{{1,2}}))?(?: of)? (?P<m2>{_MONTH})(?:\.(?=,? \d{{4}}))?"
    r"(?:,? (?P<y2>\d{4})(?!\d))?"
    rf"|(?P<m3>{_MONTH})\.? (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?(?:-(?P<to3>\d{{1,2}}))?{_NO_MORE}(?![a-z%]| ?[ap]\.?m)"
    r"(?:,? (?P<y3>\d{4})(?!\d))?"
    rf"|(?P<m4>{_MONTH})\.?,? (?:of )?(?P<y4>\d{{4}}){_NO_MORE}"
    rf"|(?P<m5>{_MONTH})"
    rf"|(?P<weekday>{_any(_WEEKDAYS)})s?(?![a-z])"
    r"|(?P<a6>\d{1,2})/(?P<b6>\d{1,2})/(?P<y6>\d{4}|\d{2})(?![\d/])"
)

_PREFIXES = frozenset({"mid", "pre", "post", "early", "late", "under", "over", "non", "sub", "all", "nearly"})
_PREFIX = re.compile(r"[a-z]+(?=-$)")
_BEFORE = re.compile(
    r"(?<![a-z])"
    r"(?:(?P<less>no more than|not more than|at most|up to|as (?:many|much) as|fewer than|less than|under|below"
    r"|a maximum of)|(?P<more>no fewer than|no less than|at least|more than|greater than|over|above"
    r"|exceed(?:s|ed|ing)|in excess of|upwards of|topped|a minimum of)|(?P<about>about|around|nearly|almost|roughly"
    r"|approximately|some|an? (?:estimated|average)|estimated|close to|or so|circa|approaching|virtually))"
    r"(?: the| an?)? ?-?$"
)
_AFTER = re.compile(
    r"(?P<more>\+| or (?:more|higher|older|over))|(?P<less> or (?:less|fewer|lower|under))|(?P<about> or so)"
)
_FROM = re.compile(r"from (?:about |around |nearly |just |some |over |roughly )?(?:an? )?$")
_BETWEEN = re.compile(r"between (?:about |around )?$")
_NO_COUNT = re.compile(r"(?:no|any|every|each|this|that|which|the|another|some|new|last|good|big|only|square)[ -]$")
_ONE_OF = re.compile(
    r" (?:of (?:the|his|her|its|their|those|these|our|my|your|many|several|a|[a-z']+'s)\b|another\b|by one\b"
    r"|(?:can|could|should|would|must|might|may|who|that|where|which|when|thing|point)\b)|'s|[.,;:!?\")]|$|-"
)
_DETERMINED = re.compile(r"(?:the|an?|his|her|its|their|our|my|your|'s|this|that|very|s'|for) $")
_TIMED = re.compile(r"(?:per|split|every|each|\d|any) ?-?$")
_MONTH_BEFORE = re.compile(
    r"(?:in|last|since|until|till|by|early|late|mid|this|next|of|from|through|during|to|before|after|between"
    r"|and)[ -]$"
)


def numbers(text: str) -> list[Number]:
    """Every number of a text, in order of offset, none overlapping."""
    flat = lower(plain(text))
    found: list[Number] = []
    end = 0
    for m in _START.finditer(flat):
        if m.start() < end or _inside_word(flat, m.start()):
            continue
        number = _read(text, flat, m.start())
        if number:
            found.append(number)
            end = number.end
    return found


def same_number(a: Number, b: Number) -> bool:
    """Whether two numbers state the same value in the same unit, however written.

    Bounds are not compared. Dates agree where both state a part and one at least is stated by both ("March
    18" and "18 March 2025"). A year may stand as a plain number, pounds may be money or weight; places in an
    order and times of day meet only their own kind.
    """
    if _unit(a) != _unit(b) or _family(a) != _family(b):
        return False
    if a.kind == "date" and a.unit is None and a.high is None and b.high is None:
        pairs = list(zip(_date_parts(a.value), _date_parts(b.value), strict=True))
        return any(x == y for x, y in pairs if x) and all(x == y for x, y in pairs if x and y)
    return a.value == b.value and a.high == b.high


def _unit(number: Number) -> str | None:
    return "pound" if number.unit == "gbp" else number.unit


def _family(number: Number) -> str:
    return "cardinal" if number.kind == "year" or _unit(number) == "pound" else number.kind


def _date_parts(value: Decimal) -> tuple[int, int, int]:
    whole = int(value)
    return whole // 10000, whole // 100 % 100, whole % 100


def _inside_word(flat: str, at: int) -> bool:
    """Whether the number belongs to a longer word or figure: F-16, Covid-19, 1.2.3."""
    if at == 0:
        return False
    before = flat[at - 1]
    if before == "_" or (flat[at].isdigit() and (before.isalnum() or before == "#")):
        return True
    if (
        flat[at].isdigit()
        and at > 1
        and ((before in ".,:" and flat[at - 2].isdigit()) or (before == "/" and flat[at - 2].isalnum()))
    ):
        return True
    if before != "-" or at < 2 or not flat[at - 2].isalpha():
        return False
    prefix = _PREFIX.search(flat, max(0, at - 12), at)
    return prefix is None or prefix[0] not in _PREFIXES


def _read(text: str, flat: str, at: int) -> Number | None:
    for rule in (_clock, _date, _vague, _fraction, _decade, _ordinal, _quantity_with_unit):
        number = rule(text, flat, at)
        if number:
            return number
    return None


def _make(
    text: str,
    flat: str,
    at: int,
    end: int,
    value: int | Decimal,
    kind: Kind,
    unit: str | None = None,
    high: int | Decimal | None = None,
    bound: Bound | None = None,
) -> Number:
    if bound is None:
        hint = _BEFORE.search(flat, max(0, at - 26), at) or _AFTER.match(flat, end)
        bound = hint.lastgroup if hint else None  # type: ignore[assignment]
    top = None if high is None else Decimal(high)
    return Number(at, end, text[at:end], Decimal(value), top, unit, kind, bound)


def _clock(text: str, flat: str, at: int) -> Number | None:
    m = _CLOCK.match(flat, at)
    if not m:
        return None
    hour, minute, half, hour24, minute24, zulu, zulu_minute, named, spelt = m.groups()
    if half:
        value = (int(hour) % 12 + (12 if half == "p" else 0)) * 100 + int(minute or 0)
    elif hour24:
        value = int(hour24) * 100 + int(minute24)
    elif zulu:
        value = int(zulu) * 100 + int(zulu_minute)
    elif spelt:
        value = int(_spelt(spelt)) * 100
    else:
        value = 1200 if named == "noon" else 0
    return _make(text, flat, at, m.end(), value, "time")


def _date(text: str, flat: str, at: int) -> Number | None:
    m = _DATE.match(flat, at)
    if not m:
        return None
    if m["weekday"]:
        if not text[at].isupper():
            return None
        return _make(text, flat, at, m.end(), _WEEKDAYS[m["weekday"]], "date", "weekday")
    year, month, day, to = (
        m["y1"] or m["y2"] or m["y3"] or m["y4"] or m["y6"],
        m["m1"] or m["m2"] or m["m3"] or m["m4"] or m["m5"],
        m["d1"] or m["d2"] or m["d3"],
        m["to2"] or m["to3"],
    )
    if m["a6"]:  # 3/18/2025 as Americans write it, unless it cannot be
        month, day = sorted((m["a6"], m["b6"]), key=int) if int(m["a6"]) > 12 else (m["a6"], m["b6"])
        year = year if len(year) == 4 else f"20{year}"
    if m["m5"] and not _is_bare_month(text, flat, at, m):
        return None
    number = int(month) if month.isdigit() else _MONTHS[month]
    if not (1 <= number <= 12 and int(day or 1) in range(1, 32)):
        return None
    if not month.isdigit() and not text[m.start(next(g for g in ("m2", "m3", "m4", "m5") if m[g]))].isupper():
        return None
    value = int(year or 0) * 10000 + number * 100 + int(day or 0)
    high = value - int(day) + int(to) if to else None
    return _make(text, flat, at, m.end(), value, "date", high=high)


def _is_bare_month(text: str, flat: str, at: int, m: re.Match[str]) -> bool:
    """Whether a month's name standing alone is the month, not a person, a verb or an abbreviation."""
    if len(m[0]) < 4 and m[0] != "may":
        return False
    if m[0] in ("may", "march", "april", "june", "august"):
        following = text[m.end() + 1 : m.end() + 2]
        named = following.isupper() and text[m.end() : m.end() + 1] == " "
        return not named and (
            m[0] in ("april", "june", "august") or _MONTH_BEFORE.search(flat, max(0, at - 9), at) is not None
        )
    return True


def _vague(text: str, flat: str, at: int) -> Number | None:
    m = _VAGUE_WORDS.match(flat, at)
    if not m:
        return None
    plural, of_scale, few, couple = m.groups()
    if couple:
        return _make(text, flat, at, m.end() - 3, 2, "cardinal", bound="about")
    if few:
        low = 12 if few == "dozen" else _SCALES[few]
        unit = _UNIT.match(flat, m.end())
        kind: Kind = "money" if unit and _UNITS[unit[1]] in _CURRENCIES.values() else "cardinal"
        end = unit.end() if unit else m.end()
        name = _UNITS[unit[1]] if unit else None
        high = 10 * low if few != "dozen" else 100
        return _make(text, flat, at, end, 2 * low, kind, name, high, "about")
    if plural == "scores" and not flat.startswith(" of", m.end()):
        return None
    if plural == "tens" and not of_scale:
        return None
    low = _VAGUE[plural] * (_VAGUE[of_scale] if of_scale else 1)
    high = 100 * (_VAGUE[of_scale] if of_scale else 1) if plural in ("tens", "dozens", "scores") else 10 * low
    return _make(text, flat, at, m.end(), low, "cardinal", None, high, "about")


def _fraction(text: str, flat: str, at: int) -> Number | None:
    m = _FRACTION.match(flat, at)
    if not m:
        return None
    single, hyphened, count, parts, half, above, below = m.groups()
    single = single or hyphened
    if half:
        top, bottom = 1, 2
    elif above:
        top, bottom = int(above), int(below)
    elif single:
        top, bottom = 1, _PARTS[single]
    else:
        top, bottom = int(count) if count.isdigit() else _SMALL[count], _PARTS[parts]
    if above and top >= bottom:
        return None
    return _make(text, flat, at, m.end(), (Decimal(top) / bottom).quantize(Decimal("0.0001")), "cardinal")


def _decade(text: str, flat: str, at: int) -> Number | None:
    m = _DECADE.match(flat, at)
    if not m:
        return None
    value = int(m[1])
    if value < 100 and (flat[:at].endswith("'") or (value >= 30 and flat[:at].endswith("the "))):
        value += 1900
    return _make(text, flat, at, m.end(), value, "year", "decade")


def _ordinal(text: str, flat: str, at: int) -> Number | None:
    m = _ORDINAL.match(flat, at)
    if not m:
        return None
    word = m[2]
    if word == "first" and not _DETERMINED.search(flat, max(0, at - 6), at):
        return None
    if word == "second":
        after = flat[m.end() : m.end() + 1]
        if _TIMED.search(flat, max(0, at - 7), at) or (flat[:at].endswith(" a ") and after in ("", *".,;:!?")):
            return None
    if m[1]:
        return _make(text, flat, at, m.end(), int(m[1]), "ordinal")
    tens, _, ones = word.rpartition("-")
    return _make(text, flat, at, m.end(), _TENS.get(tens, 0) + _ORDINALS[ones], "ordinal")


@dataclass(frozen=True, slots=True)
class _Quantity:
    value: Decimal
    end: int
    scale: int = 1
    digits: str = ""


def _quantity(flat: str, at: int, money: bool) -> _Quantity | None:
    return _digits(flat, at, money) if flat[at : at + 1].isdigit() else _spelt_out(flat, at)


def _digits(flat: str, at: int, money: bool) -> _Quantity | None:
    m = _DIGITS.match(flat, at)
    if not m or not (m[1] + (m[2] or "")).isascii():  # digits of other scripts are left alone
        return None
    value = Decimal((m[1] + (m[2] or "")).replace(",", ""))
    if m[3]:
        value += _GLYPHS[m[3]]
    if m[4]:
        value += (Decimal(m[4]) / int(m[5])).quantize(Decimal("0.0001"))
    end, scale = m.end(), 1
    s = _DIGIT_SCALE.match(flat, end)
    if s and s[1]:
        scale = (_SCALES | _SHORT_SCALES)[s[1]]
        end = s.end()
    elif s and (s[2] != "m" or money or m[2] or flat.startswith(" people", s.end())):
        scale = _SHORT_SCALES[s[2]]
        end = s.end()
    return _Quantity(value * scale, end, scale, m[0])


def _spelt_out(flat: str, at: int) -> _Quantity | None:
    m = _WORDS.match(flat, at)
    if not m or not (m[0] or _NEXT_SCALE.match(flat, at)):
        return None
    article, spelt, and_half = m.groups()
    if article and spelt:  # "a two-day visit": the article is no number
        return None
    current = Decimal("0.5") if article and "half" in article else Decimal(1)
    if spelt:
        current = _spelt(spelt) + (Decimal("0.5") if and_half else Decimal(0))
    end, total, biggest = m.end(), Decimal(0), 1
    while s := _NEXT_SCALE.match(flat, end):
        scale = 12 if s[1] == "dozen" else _SCALES[s[1]]
        end, biggest = s.end(), max(biggest, scale)
        if scale > 100:
            total, current = total + (current or Decimal(1)) * scale, Decimal(0)
        else:
            current = (current or Decimal(1)) * scale
        more = _MORE_WORDS.match(flat, end)
        if more and scale != 12:
            current += _spelt(more[1])
            end = more.end()
    if biggest == 1 and not spelt:
        return None
    return _Quantity(total + current, end, biggest)


def _spelt(words: str) -> Decimal:
    if words.isdigit():
        return Decimal(words)
    return Decimal(sum(_TENS.get(w, 0) or _SMALL.get(w, 0) for w in re.split("[- ]", words)))


def _quantity_with_unit(text: str, flat: str, at: int) -> Number | None:
    sign = _SIGN.match(flat, at)
    currency = (_SIGNS.get(sign[1]) or sign[1]) if sign else None
    first = _quantity(flat, sign.end() if sign else at, sign is not None)
    if not first:
        return None
    unit, end = (currency, first.end) if currency else _unit_at(flat, first.end)
    value, high = first.value, None
    pair = _pair(flat, at, first, unit, end, currency)
    if pair:
        value, high, unit, end = pair
        if high is None:  # from A to B: only the unit is B's
            end = first.end
    follows = flat[end : end + 1]
    if first.digits and (follows.isalpha() or follows == "_") and follows != "x":
        return None
    if not first.digits and value in (0, 1) and not unit and high is None and first.scale == 1:
        if value == 0 and follows == "-":
            return None
        if value == 1 and (_ONE_OF.match(flat, end) or _NO_COUNT.search(flat, max(0, at - 8), at)):
            return None
    kind: Kind = "cardinal"
    if currency or unit in _CURRENCIES.values():
        kind = "money"
    elif unit in ("%", "pp"):
        kind = "percent"
    elif unit is None and len(first.digits) == 4 and first.scale == 1 and 1500 <= value < 2100:
        kind = "year"
    return _make(text, flat, at, end, value, kind, unit, high)


def _unit_at(flat: str, end: int) -> tuple[str | None, int]:
    m = _UNIT.match(flat, end)
    if m:
        return _UNITS[m[1]], m.end()
    if flat.startswith("m", end) and not flat[end + 1 : end + 2].isalpha():
        return "m", end + 1
    return None, end


def _pair(
    flat: str, at: int, first: _Quantity, unit: str | None, end: int, currency: str | None
) -> tuple[Decimal, Decimal | None, str | None, int] | None:
    """Value, high, unit and end of a pair that begins with ``first``; None if it is no pair."""
    between = _BETWEEN.search(flat, max(0, at - 16), at)
    if between and flat.startswith(" and ", end):
        link, start = "and", end + 5
    elif m := _RANGE.match(flat, end):
        link, start = m[0].strip(), m.end()
    elif flat.startswith("/", end) and first.digits:
        link, start = "/", end + 1
    else:
        return None
    sign = _SIGN.match(flat, start)
    if sign and (link == "or" or (_SIGNS.get(sign[1]) or sign[1]) != currency):
        return None
    second = _quantity(flat, sign.end() if sign else start, currency is not None)
    if not second or bool(second.digits) != bool(first.digits):
        return None
    unit2, end2 = (None, second.end) if currency else _unit_at(flat, second.end)
    if unit and not currency and unit != unit2:
        return None
    low, high = first.value, second.value
    if second.scale > 1 and first.scale == 1 and low < high / second.scale:
        low *= second.scale
    if link == "-" and len(first.digits) == 4 and len(second.digits) == 2 and low % 100 < high:
        high += low // 100 * 100
    if link == "to" and _FROM.search(flat, max(0, at - 24), at):
        return low, None, unit2 or unit, end
    if re.match(r"-\d", flat[end2 : end2 + 2]) or (link == "or" and high <= low):
        return None
    return low, high, unit or unit2, end2
