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
    paragraph = _SURROGATE.sub("?", text[start:end])
    cuts = [0, *(b["end_index"] for b in sentencex.get_sentence_boundaries("en", paragraph))]
    if cuts[-1] != len(paragraph):
        cuts.append(len(paragraph))
    trimmed = (_trim(text, start + a, start + b) for a, b in pairwise(cuts))
    return [(a, b) for a, b in trimmed if a < b]
