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
_OUTLET = r"[A-Z][\w’'.-]*(?:\s+[A-Z][\w’'.-]*){0,3}"
OUTLET_TAIL = re.compile(
    rf",\s+(?:{_OUTLET}\s+(?:reports?|reported|said in its reports?)|reported {_OUTLET}"
    rf"|according to (?:{_OUTLET}\s+)?(?:reports?|media|news agency))(?=\.$)"
)
BRACKETS = re.compile(r"\s*\([^()]*\)")


def compress(sentence: str) -> str:
    """The sentence without connective, outlet tail and round brackets; unchanged when nothing is to go."""
    text = " ".join(sentence.split())
    text = CONNECTIVE.sub("", text, count=1)
    text = OUTLET_TAIL.sub("", text)
    text = BRACKETS.sub("", text)
    return text[:1].upper() + text[1:]
