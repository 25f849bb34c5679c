"""Light compression of one source sentence: only words are left out, none is added or moved.

What goes: an opening connective set off by a comma ("However, ..."), a bare opening "But" or "And", the article's own
outlet as the reporter ("..., the outlet reported"), and round brackets. Square brackets stay: they are an editor's mark
inside a quotation.
"""

import re

CONNECTIVE = re.compile(
    r"^(?:(?:however|meanwhile|additionally|notably|moreover|furthermore|besides|also|still|yet|but|and|instead|indeed"
    r"|in addition|at the same time|on the other hand|for (?:its|his|her|their) part|despite this(?: development)?"
    r"|as a result|of course|separately),\s+|(?:but|and|however)\s+(?=he\b|she\b|they\b|it\b|the\b))(?=\S)",
    re.IGNORECASE,
)
_OUTLET = r"(?:Al Jazeera|Reuters|AFP|AP|the Associated Press|CNN|the BBC|BBC|DPA|Xinhua|Bloomberg|ANSA|EFE|PTI)"
OUTLET_TAIL = re.compile(rf",\s+(?:{_OUTLET} (?:reports|reported|said in its reports?)|reported {_OUTLET})(?=\.$)")
"""News agencies only: who else "reported" something (a ministry, a witness) is part of the fact."""

BRACKETS = re.compile(r"\s*\([^()]*\)")


def compress(sentence: str) -> str:
    """The sentence without connective, outlet tail and round brackets; unchanged when nothing is to go."""
    text = " ".join(sentence.split())
    rest = CONNECTIVE.sub("", text, count=1)
    if rest != text:
        rest = rest[:1].upper() + rest[1:]
    return BRACKETS.sub("", OUTLET_TAIL.sub("", rest))
