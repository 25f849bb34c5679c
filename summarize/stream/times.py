"""Spans and points of time as a person writes them."""

import re
from datetime import UTC, datetime, timedelta

from summarize.errors import ConfigError
from summarize.reading.records import parse_date

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)([mhdw])")


def parse_span(text: str) -> timedelta | None:
    """A span such as ``90m``, ``36h``, ``14d`` or ``2w``; None for ``none``.

    Raises:
        ConfigError: it is no span, or one of no length.
    """
    if text == "none":
        return None
    match = _SPAN.fullmatch(text)
    span = timedelta(**{UNITS[match[2]]: float(match[1])}) if match else timedelta()
    if not span:
        raise ConfigError(f"{text!r} is no span of time: write a number and m, h, d or w, such as 14d, or none")
    return span


def parse_since(text: str, now: datetime) -> datetime:
    """A point in time: a date or time (in UTC unless it says otherwise), or how long ago, such as ``24h``.

    Raises:
        ConfigError: it is neither.
    """
    try:
        if _SPAN.fullmatch(text):
            return now - (parse_span(text) or timedelta())
        time = parse_date(text)
        if time is not None:
            return time.astimezone(UTC)
    except OverflowError:
        pass  # before the year 1
    raise ConfigError(f"{text!r} is no time: write 2026-11-20, 2026-11-20T18:00, 24h, or last")


def show_span(span: timedelta | None) -> str:
    """A span in days, hours or minutes, as ``parse_span`` reads it."""
    if span is None:
        return "none"
    for unit in ("d", "h"):
        count = span / timedelta(**{UNITS[unit]: 1})
        if count == int(count):
            return f"{int(count)}{unit}"
    return f"{span / timedelta(minutes=1):g}m"
