"""Quotations, with who said them where the text says so."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation with its marks; ``inner`` is without them; ``depth`` 0 is outer, 1 nested."""

    start: int
    end: int
    text: str
    inner: str
    depth: int
    speaker: str | None


_QUOTED = re.compile(r"“([^”\n]*)”|\"([^\"\n]*)\"|(?<!\w)‘([^’\n]*(?:’\w[^’\n]*)*)’(?!\w)")


def quotations(text: str) -> list[Quotation]:
    """Every quotation of a text, in order of its start."""
    return [Quotation(m.start(), m.end(), m[0], m[m.lastindex or 1], 0, None) for m in _QUOTED.finditer(text)]
