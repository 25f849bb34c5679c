"""Sentences with exact offsets: paragraphs first, then sentencex, then a few repairs for news text."""

import re
from itertools import pairwise

import sentencex

from summarize.documents import Article, Sentence

_BREAK = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def sentences(article: Article) -> tuple[Sentence, ...]:
    """The sentences of an article; asides are cut out first."""
    found: list[Sentence] = []
    for paragraph, (start, end) in enumerate(_paragraphs(article)):
        for s, e in _split_paragraph(article.text, start, end):
            found.append(Sentence(article.id, len(found), paragraph, s, e, article.text[s:e]))
    return tuple(found)


def split(text: str) -> list[tuple[int, int]]:
    """Sentence spans of a text, in order; a line break ends a paragraph and so a sentence."""
    return [span for start, end in _blocks(text, 0, len(text)) for span in _split_paragraph(text, start, end)]


def _paragraphs(article: Article) -> list[tuple[int, int]]:
    found, at = [], 0
    for aside in article.asides:
        found += _blocks(article.text, at, aside.start)
        at = max(at, aside.end)
    return found + _blocks(article.text, at, len(article.text))


def _blocks(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans between line breaks, without blanks at their ends and without empty ones."""
    cuts = [start]
    for m in _BREAK.finditer(text, start, end):
        cuts += [m.start(), m.end()]
    cuts.append(end)
    trimmed = (_trim(text, a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=True))
    return [(a, b) for a, b in trimmed if a < b]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _split_paragraph(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found = _joined(text, _segments(text, start, end, text[start:end]))
    if all(b - a <= _LONG for a, b in found):
        return found
    return [part for a, b in found for part in (_opened(text, a, b) if b - a > _LONG else [(a, b)])]


def _segments(text: str, start: int, end: int, shown: str) -> list[tuple[int, int]]:
    """What sentencex makes of ``shown``, which stands for ``text[start:end]``, trimmed."""
    cuts = [0, *(b["end_index"] for b in sentencex.get_sentence_boundaries("en", _SURROGATE.sub("?", shown)))]
    if cuts[-1] != len(shown):
        cuts.append(len(shown))
    cuts = [start + cut + _slip(text, start, start + cut, end) for cut in cuts]
    trimmed = (_trim(text, a, b) for a, b in pairwise(cuts))
    return [(a, b) for a, b in trimmed if a < b]


# Repairs of what sentencex leaves on news text, each with its cases in tests/test_text_sentences.py.

_LONG = 400  # characters; a quotation of several sentences stays whole up to here
_QUOTES = re.compile("[\"“”„«»‘]|(?<!\\w)['’]|['’](?!\\w)")
_ITEM = re.compile(r"(?:\W*|\(?(?:\d{1,2}|[A-Za-z]|[ivx]{1,4})[.)])")  # "1.", "(b)", "•": no sentence of its own
_OPEN_END = re.compile(r"(?:[?!…]|\.\.)[\"'”’)]*$|[\"”’]$")
_HOUR_END = re.compile(r"\b[ap]\.m\.$")
_HOUR_TAIL = re.compile(r"(?:E[SD]?T|P[SD]?T|C[ES]*T|GMT|BST|UTC|Eastern|Pacific|Central|Moscow|Kyiv|local)\b")
_ABBREVIATION = re.compile(
    r"\b(?:Amb|Asst|Atty|Ald|Messrs|Sens|Reps|Govs|Gens|Cmdr|Supt|Det|Insp|Est|approx|Approx)\.$"
)


def _slip(text: str, start: int, cut: int, end: int) -> int:
    """How far a cut must move so that a quotation mark stays on its side of it."""
    if start < cut < end:
        mark = _STRAY_CLOSE.match(text, cut, end)
        if mark and not text[cut - 1].isspace():
            return mark.end() - cut
        last = cut
        while last > start and text[last - 1].isspace():
            last -= 1
        if last - start > 1 and text[last - 1] in '"“‘«' and text[last - 2].isspace():
            return last - 1 - cut
    return 0


_STRAY_CLOSE = re.compile('["”’»]+(?=\\s|$)')


def _joined(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces that are no sentences of their own joined to their neighbours."""
    out: list[tuple[int, int]] = []
    for start, end in pieces:
        if out and _belongs(text[out[-1][0] : out[-1][1]], text[start:end]):
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _belongs(before: str, piece: str) -> bool:
    if _ITEM.fullmatch(before) or not any(c.isalnum() for c in piece):
        return True
    if piece[0].islower():  # "Why?" he asked. -- but not in texts that are lower-case throughout
        return before.lstrip("\"“‘'(")[:1].isupper() and _OPEN_END.search(before) is not None
    if before.endswith("."):
        return _ABBREVIATION.search(before) is not None or (
            _HOUR_TAIL.match(piece) is not None and _HOUR_END.search(before) is not None
        )
    return False


def _opened(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences inside a long quotation: split as if it had no marks."""
    return _joined(text, _segments(text, start, end, _QUOTES.sub(" ", text[start:end])))
