"""Sentences, words, numbers, names and quotations of a text, each with exact offsets."""

from summarize.text.name import Name, names, same_name
from summarize.text.number import Number, numbers, same_number
from summarize.text.quotation import Quotation, quotations
from summarize.text.sentence import sentences, split
from summarize.text.span import Span, fold, normalise
from summarize.text.standing import dangles
from summarize.text.word import STOP_WORDS, content_words, stem, tokens, words

__all__ = [
    "STOP_WORDS",
    "Name",
    "Number",
    "Quotation",
    "Span",
    "content_words",
    "dangles",
    "fold",
    "names",
    "normalise",
    "numbers",
    "quotations",
    "same_name",
    "same_number",
    "sentences",
    "split",
    "stem",
    "tokens",
    "words",
]
