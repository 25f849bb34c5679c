"""Quotations, with who said them where the text says so.

Marks are paired paragraph by paragraph. An apostrophe (don't, the Ukrainians' army, the '90s) opens nothing,
and closes a single quotation only where none that fits better follows. A quotation that its paragraph leaves
open runs to the paragraph's end, as when a speech goes on over several paragraphs, each opening and only the
last one closing; each part is a quotation of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from summarize.text.span import normalise


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation: ``whole[start:end] == text``.

    Attributes:
        text: with its marks.
        inner: without them.
        depth: 0 for an outer quotation, 1 for one inside it, and so on.
        speaker: who said it, in the words of the text ("Mr Peskov", "he", "Kremlin spokesman Dmitry Peskov");
            None where the sentence does not say.
    """

    start: int
    end: int
    text: str
    inner: str
    depth: int
    speaker: str | None


_MARK = re.compile("[\"']")
_PARAGRAPH = re.compile(r"[^\n\r\u2028\u2029]+")
_ELISION = re.compile(r"'(?:\d\ds?|em|til|tis|twas|cause|n|bout|round|cos|kay)\b", re.IGNORECASE)
_OPENING = frozenset("“„‟«‘‚‛‹〝`")
_CLOSING = frozenset("”»›〞")


def quotations(text: str) -> list[Quotation]:
    """Every quotation of a text, in order of its start; a nested one follows the one it stands in."""
    plain = normalise(text)
    if '"' not in plain and "'" not in plain:
        return []
    spans: list[tuple[int, int, bool]] = []  # start, end, whether closed
    for paragraph in _PARAGRAPH.finditer(plain):
        if _MARK.search(paragraph[0]):
            spans += sorted(_pair(text, plain, *paragraph.span()), key=lambda span: (span[0], -span[1]))
    found: list[Quotation] = []
    around: list[int] = []  # ends of the quotations the current one stands in
    before: tuple[int, bool, str | None] = (0, True, None)  # the last outer one: end, closed, speaker
    for start, end, closed in spans:
        while around and around[-1] <= start:
            around.pop()
        speaker = None
        if not around:
            speaker = _speaker(plain, start, end) or _inherited(plain, before, start)
            before = (end, closed, speaker)
        inner = text[start + 1 : end - closed]
        found.append(Quotation(start, end, text[start:end], inner, len(around), speaker))
        around.append(end)
    return found


def _pair(text: str, plain: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """The quotations of one paragraph, each where it is closed or given up: start, end, whether closed."""
    missing = text.count("“", start, end) > text.count("”", start, end)
    open_marks: list[int] = []
    for m in _MARK.finditer(plain, start, end):
        at, mark = m.start(), m[0]
        before = plain[at - 1] if at > start else " "
        after = plain[at + 1] if at + 1 < end else " "
        inside = [plain[i] for i in open_marks]
        if mark == "'":
            if before.isalnum() and after.isalnum():
                continue
            if _opens_single(text, plain, at, end, before, after):
                open_marks.append(at)
            elif inside and inside[-1] == "'" and not before.isspace() and not _is_possessive(plain, at, end):
                yield open_marks.pop(), at + 1, True
            continue
        if _opens_double(text[at], before, after, '"' in inside):
            if inside and inside[-1] == '"' and (missing or text[at] not in _OPENING):
                yield open_marks.pop(), _trimmed(plain, at), False  # its closing mark was forgotten
            open_marks.append(at)
        elif '"' in inside:
            while plain[open_marks[-1]] != '"':
                open_marks.pop()  # it was an apostrophe after all
            yield open_marks.pop(), at + 1, True
    for at in open_marks:
        if plain[at] == '"' or (text[at] == "‘" and at == start):
            yield at, _trimmed(plain, end), False


def _opens_double(shape: str, before: str, after: str, within: bool) -> bool:
    if shape in _OPENING:
        return True
    looks_open = not after.isspace() and not before.isalnum() and before not in ".,!?;:)…%\"'"
    if shape in _CLOSING:
        return looks_open and not within and after.isalnum() and before.isspace()
    if within:
        return looks_open and before.isspace() and after.isalnum()
    return looks_open or (not after.isspace() and not before.isdigit() and after not in ".,;:!?)")


def _opens_single(text: str, plain: str, at: int, end: int, before: str, after: str) -> bool:
    if before.isalnum() or after.isspace() or text[at] in "’›" or _ELISION.match(plain, at):
        return False
    if not (after.isalnum() or after in "\"$([.-'#@"):
        return False
    return text[at] in _OPENING or _closes_single(plain, at + 1, end)


def _closes_single(plain: str, at: int, end: int) -> bool:
    """Whether an apostrophe that could close a quotation follows in the paragraph."""
    return _SINGLE_CLOSE.search(plain, at, end) is not None


_SINGLE_CLOSE = re.compile(r"(?<=[^\s(\[-])'(?!\w)")
_CLEAR_CLOSE = re.compile(r"(?<=[^\s(\[-])'(?!\w)(?! [a-z])|(?<=[,.!?])'|\s'\w|\"(?!\w)")


def _is_possessive(plain: str, at: int, end: int) -> bool:
    """Whether the apostrophe in a single quotation ends a plural: a better place to close follows."""
    if plain[at - 1] != "s" or not re.match(r" [a-z]", plain[at + 1 : at + 3]):
        return False
    closing = _CLEAR_CLOSE.search(plain, at + 1, end)
    return closing is not None and closing[0] == "'"


def _trimmed(plain: str, end: int) -> int:
    while plain[end - 1].isspace():
        end -= 1
    return end


_SAY = (
    r"(?:said|says|say|told|tells|added|adds|wrote|writes|tweeted|asked|asks|warned|warns|argued|argues|claimed|claims"
    r"|insisted|explained|explains|noted|notes|stated|announced|declared|replied|responded|continued|concluded"
    r"|stressed|acknowledged|admitted|recalled|observed|remarked|testified|countered|commented|confirmed|suggested"
    r"|posted|joked|shouted|vowed|promised|called|described|dismissed|denounced|hailed|quoted|demanded|urged|thinks"
    r"|thought|complained|predicted|pointed out)"
)
_DOTTED = r"(?:(?:Mr|Mrs|Ms|Dr|St|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Capt|Maj|Adm|Rev|Prof|Jr|Sr|[A-Z])\.)"
_WHO_WORD = rf"(?:{_DOTTED}+|[\w'&-]+)"
_PRONOUN = r"(?:he|she|they|it|I|we|He|She|They|It|We)"
_NO_WHO = (
    r"(?!(?:that|on|in|at|to|of|for|and|but|which|as|when|while|after|before|if|because|there|what|how|during|by"
    r"|with|from|about|so|or|not|then|where|who|this|these)\b)"
)
_END_WHO = (
    r"(?=[,.;:!?\"()\n-]|$| (?:in|on|at|during|after|before|as|when|while|to|from|who|with|by|told|late|earlier"
    r"|yesterday|today|last|this|via|through|and|about|for|following|because|that|whose|is|was|were|Monday|Tuesday"
    r"|Wednesday|Thursday|Friday|Saturday|Sunday)\b)"
)
_WHO = rf"({_PRONOUN}(?=\W|$)|{_NO_WHO}{_WHO_WORD}(?: {_WHO_WORD}){{0,7}}?{_END_WHO})"
_HEDGE = r"(?:also |later |then |has |had |have |once |reportedly |repeatedly |\w+ly )*"
_APART = r"(?:, [^,.\n\"]{1,60},)?"  # Ann Roe, 34, said
_AFTER = re.compile(rf",? (?:{_SAY} {_WHO}|according to {_WHO})")
_SUBJECT = rf"({_PRONOUN}|{_NO_WHO}{_WHO_WORD}(?: {_WHO_WORD}){{0,6}}?){_APART} {_HEDGE}{_SAY}\b"
_AFTER_SUBJECT = re.compile(rf",? {_SUBJECT}")
_BEFORE = re.compile(rf"(?:^|, |; |\b(?:and|but|that|while|as|when|because|after) ){_SUBJECT}")
_BEFORE_ACCORDING = re.compile(rf"\b[Aa]ccording to {_WHO}")
_SENTENCE_START = re.compile(r"(?:[.!?][\"']* |\n|\" )(?=[\"']?[A-Z]|$)")


def _speaker(plain: str, start: int, end: int) -> str | None:
    """Who says it, by what stands in the same sentence, first after the quotation, then before it."""
    after = _AFTER.match(plain, end) or _AFTER_SUBJECT.match(plain, end)
    if after:
        return next(g for g in after.groups() if g)
    clause = plain[max(0, start - 200) : start]
    for m in _SENTENCE_START.finditer(clause):
        cut = m.end()
        if not re.search(rf"{_DOTTED}$", clause[: m.start() + 1]):
            clause = " " * cut + clause[cut:]
    clause = clause.lstrip()
    said = list(_BEFORE.finditer(clause))
    if said:
        return said[-1][1]
    according = _BEFORE_ACCORDING.search(clause)
    return according[1] if according else None


def _inherited(plain: str, before: tuple[int, bool, str | None], start: int) -> str | None:
    """The speaker of the quotation before, if this one plainly goes on with it."""
    end, closed, speaker = before
    between = plain[end:start]
    if not closed and not between.strip():
        return speaker
    same_breath = "\n" not in between and len(between) < 120 and between.count(". ") <= 1
    return speaker if speaker and same_breath and re.search(_SAY, between) else None
