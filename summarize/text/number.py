"""Numbers with their values and units."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from summarize.text.span import lower, normalise

Kind = Literal["cardinal", "ordinal", "percent", "money", "date", "time", "year"]
Bound = Literal["about", "more", "less"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number as the text states it."""

    start: int
    end: int
    text: str
    value: Decimal
    high: Decimal | None
    unit: str | None
    kind: Kind
    bound: Bound | None


_SMALL = {
    w: i
    for i, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
} | {w: 10 * i for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_SCALE = {
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "trillion": 10**12,
}
_UNITS = {"percent": "%", "per cent": "%", "%": "%"} | {
    f"{u}{s}": u for u in ("second", "minute", "hour", "day", "week", "month", "year") for s in ("", "s")
}
_CURRENCY = {"$": "usd", "€": "eur", "£": "gbp"}
_NUMBER = re.compile(
    r"(?P<money>[$€£])?(?<![\w.,])(?P<value>\d[\d,]*(?:\.\d+)?|\b(?:"
    + "|".join(_SMALL)
    + r")(?:-(?:"
    + "|".join(_SMALL)
    + r"))?\b)(?:[ -]?(?P<scale>"
    + "|".join(_SCALE)
    + r")\b)?(?:[ -]?(?P<unit>"
    + "|".join(_UNITS)
    + r")(?!\w))?"
)


def numbers(text: str) -> list[Number]:
    """Every number of a text, in order."""
    found = []
    for m in _NUMBER.finditer(lower(normalise(text))):
        raw = m["value"]
        value = (
            Decimal(raw.replace(",", ""))
            if raw[0].isdigit()
            else Decimal(sum(_SMALL[w] for w in raw.split("-")))
        )
        value *= _SCALE.get(m["scale"] or "", 1)
        unit = _CURRENCY.get(m["money"] or "") or _UNITS.get(m["unit"] or "")
        kind: Kind = "money" if m["money"] else "percent" if unit == "%" else "cardinal"
        found.append(Number(m.start(), m.end(), text[m.start() : m.end()], value, None, unit, kind, None))
    return found


def same_number(a: Number, b: Number) -> bool:
    """Whether two numbers state the same: equal values, units that agree."""
    return (a.value, a.high) == (b.value, b.high) and (a.unit == b.unit or a.unit is None or b.unit is None)
