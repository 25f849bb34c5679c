"""Light compression of one source sentence: only words are left out, none is added or moved.

What goes: an opening connective ("However, ..."), a closing or opening attribution to the outlet itself ("..., the
outlet reported"), and round brackets. Square brackets stay: they are an editor's mark inside a quotation.
"""

import re

CONNECTIVE = re.compile(
    r"^(?:however|meanwhile|additionally|notably|moreover|furthermore|besides|also|still|yet|but|and|instead|indeed"
    r"|in addition|at the same time|on the other hand|for (?:its|his|her|their) part|despite this(?: \w+)?"
    r"|as a result|of course|earlier|separately)\b,?\s+(?=\S)",
    re.IGNORECASE,
)
OUTLET_TAIL = re.compile(
    r",\s+(?:[A-Z][\w’'.-]*(?:\s+[A-Z][\w’'.-]*){0,3}\s+(?:reports?|reported|said in its reports?)"
    r"|according to (?:[A-Z][\w’'.-]*\s+){0,3}(?:reports?|media|news agency)|reported [A-Z][\w’'.-]*(?:\s+[A-Z][\w’'.-]*){0,3})"
    r"(?=\.$)"
)
BRACKETS = re.compile(r"\s*\([^()]*\)")


def compress(sentence: str) -> str:
    """The sentence without connective, outlet tail and round brackets; unchanged when nothing is to go."""
    text = " ".join(sentence.split())
    text = CONNECTIVE.sub("", text, count=1)
    text = OUTLET_TAIL.sub("", text)
    text = BRACKETS.sub("", text)
    return text[:1].upper() + text[1:]
