"""Whether a sentence can stand alone: the words by which it shows that it cannot.

Everything is told by surface patterns. Doubt is settled for the sentence, since what cannot stand alone is not said
while anything else can be.
"""

import re

from summarize.text.quotation import quotations
from summarize.text.span import normalise

DANGLING = frozenset("he she it they this that these those there here his her its their such both neither".split())
CONNECTIVES = frozenset("but and so however yet still also meanwhile instead additionally".split())
SPEAKER = re.compile(
    r",[\"']* (?:he|she|they) (?:also )?(?:said|says|added|argued|stated|wrote|told|warned|insisted|claimed)\b"
)
BACK = re.compile(
    r"\b(?:exactly|precisely|just|only|all of) (?:that|this|those|these|so)\b"
    r"|\bthe (?:corresponding|aforementioned|abovementioned|above-mentioned)\b"
    r"|^(?:\w+ ){1,3}(?:responded|replied)\b(?! (?:\w+ )?(?:to|by|with|that)\b)"
    r"|\b(?:the (?:matter|issue|same|former|latter)|doing so|did so|do so|done so|that|this|those|these)[.!]$"
)
"""Words that stand for what the sentence before said, wherever they are or at the end."""
EXPLETIVE = re.compile(
    r"there (?:is|are|was|were|has|have|had|will|would|could|may|might|remains?|appears?|appeared|seems?) (?!also\b)"
    r"|it (?:is|was|has been|remains|remained|became) (?:also |still |not |yet )*(?:immediately )?"
    r"(?:un|im)?(?:clear|known|possible|likely|certain|reported|estimated|believed|expected|understood|feared)\b"
    r"|it (?:turn(?:s|ed) out|emerged|appear(?:s|ed)) that\b"
)
"""Openings of a sentence in which "there" and "it" stand for nothing said before."""
FIRST_PERSON = re.compile(
    r"\b(?:[Ww]e|[Oo]urs?|us|[Mm]y|[Mm]e|[Mm]yself|[Oo]urselves|[Yy]ou|[Yy]ours?|[Ll]et's)\b"
    r"|(?:^|[,;:(\"]\"? ?|\b(?!(?:phase|type|class|stage|part|grade|level)\b)[a-z][\w'-]* "
    r"|\b(?:And|But|So|If|When|As|While|Yet|Then) )I\b(?=[ '])"
)
"""Somebody speaks who is not named; "US" is no "us", and the "I" of a king, a war or a phase nobody."""
FURNITURE = re.compile(
    r"https?:|www\.|\S@\S|[©|•]|^(?:Plus |And |But |Also |Please )*(?:Join|Click|Subscribe|Sign up|Tune in|Stay tuned"
    r"|Check out|Scroll|Download|Follow (?:us|our|@|along)|Read (?:more|the)|Watch (?:the|live|more)|Listen to)\b"
    r"|^(?!(?:\w+ ){0,2}(?:said|says|added|asked|wrote)\b)\w+(?: \w+){0,2}: (?!\")"
)
"""Addresses, signs of a page, what readers are told to do, and labels: "Summary: ...", "Information from: ..."."""
HALF = re.compile(
    r"(?:if|because|when|while|although|though|unless)\b[^,;:]*$"
    r"|(?:by|in|on|at|during|since|until|from|with|after|before) (?:\S+ ){0,2}\S+,"
    r" (?:when|where|who|whose|which)\b[^,]*$"
)
"""A clause or a time that waits for the one that says what happened."""
TOLD_WHOM = re.compile(
    r"^[^,;:]*\b(?:told|tells|asked) (?:(?:[A-Z][\w'.-]*|\"\"|the|an?|of|on|in)(?: |(?=\.)))+"
    r"(?:(?:at|during|after|before) (?:\w+ ?){1,4})?\.?$"
)
"""Somebody told somebody, and the sentence does not say what."""
ENDED = re.compile(r"[.!…][\"')\]]*$")
BARE = 0.9
"""Share of a sentence in quotation marks from which nobody is left to have said it."""


def dangles(text: str) -> bool:
    """Whether a sentence cannot stand alone.

    It opens with a word that points back or rests on one, is what an unnamed "he said", is somebody's words only or
    speaks in the first or second person outside quotation marks, asks a question, is half a sentence (opened or ended
    in the middle, a quotation mark without its other, told nothing), or is no reporting (an address, an invitation, a
    label).
    """
    plain = normalise(text).strip()
    spans = [(q.start, q.end) for q in quotations(plain) if q.depth == 0]
    if sum(end - start for start, end in spans) >= BARE * len(plain):
        return True
    if not ENDED.search(plain) or plain.count('"') % 2 or _opens_small(plain):
        return True
    if SPEAKER.search(plain) or BACK.search(plain.rstrip("\"' ")):
        return True
    told = _without(plain, spans)
    if FIRST_PERSON.search(told) or FURNITURE.search(told) or HALF.match(plain.lower()) or TOLD_WHOM.match(told):
        return True
    if EXPLETIVE.match(plain.lower()):
        return False
    opening = [w.strip("\"',").lower() for w in plain.split()[:2]]
    if opening and opening[0] in CONNECTIVES:
        opening = opening[1:]
    return bool(opening) and opening[0] in DANGLING


def _opens_small(plain: str) -> bool:
    """Whether it goes on from somewhere: a small letter opens it, and no capital follows as in "iPhone"."""
    first = next((c for c in plain if c.isalnum()), "")
    word = next((w for w in plain.split() if any(c.isalnum() for c in w)), "")
    return first.islower() and word.islower()


def _without(plain: str, spans: list[tuple[int, int]]) -> str:
    """The text with quoted stretches reduced to their marks."""
    for start, end in reversed(spans):
        plain = plain[:start] + '""' + plain[end:]
    return plain
