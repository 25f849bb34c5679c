"""ROUGE (Lin 2004) as rouge-score computes it, to the last digit, with its slow half made fast.

N-gram scores are rouge-score's own. Scores by longest common subsequence, for which it fills a table cell by cell in
Python, are computed here on bit vectors: one integer holds a whole column of the table, and one step of additions and
masks makes the next (Hyyrö 2004, "Bit-parallel LCS-length computation revisited"). Where several subsequences are
longest, the one that rouge-score reads out of its table is read out of the columns.

ROUGE-Lsum is computed on sentences, one a line, by the splitter of this project on both sides.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from statistics import fmean
from typing import Literal
from unicodedata import normalize

import regex
from nltk.stem.porter import PorterStemmer
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.scoring import Score, fmeasure
from rouge_score.tokenize import tokenize

from eval.metrics.settings import MetricSettings
from summarize.text import split

Tokens = tuple[str, ...]
Tokenize = Callable[[str], Tokens]

NOTHING = Score(precision=0, recall=0, fmeasure=0)

_UNICODE = regex.compile(
    r"""[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*  # no blanks between their words
      | (?:(?![\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])[\p{L}\p{M}\p{N}])+""",
    regex.VERBOSE,
)


class _Stemmer:
    """The Porter stemmer of rouge-score, which remembers the stems of words it has met."""

    def __init__(self) -> None:
        self.stem = lru_cache(maxsize=1 << 17)(PorterStemmer().stem)


_STEMMER = _Stemmer()


@lru_cache(maxsize=1 << 12)
def tokens(text: str, stem: bool = True, tokenizer: Literal["rouge", "unicode"] = "rouge") -> Tokens:
    """The tokens ROUGE compares.

    ``rouge`` is rouge-score's tokenizer: lower-cased runs of a-z and 0-9. ``unicode`` takes runs of letters, marks and
    digits of any script, each character by itself in scripts that put no blanks between words, and gives the same
    tokens on ASCII text; letters with accents are composed first. Stems are Porter's, of ASCII words of more than three
    letters.
    """
    if tokenizer == "rouge":
        return tuple(tokenize(text, _STEMMER if stem else None))
    found = _UNICODE.findall(normalize("NFC", text.lower()))
    return tuple(_STEMMER.stem(t) if stem and len(t) > 3 and t.isascii() else t for t in found)


@lru_cache(maxsize=1 << 12)
def lines(text: str) -> tuple[str, ...]:
    """The sentences of a text."""
    return tuple(text[start:end] for start, end in split(text))


def score(
    reference: str, sentences: Sequence[str], types: Sequence[str], tokenize: Tokenize = tokens
) -> dict[str, Score]:
    """Each ROUGE of a summary, given as its sentences, against one reference.

    Equal to ``RougeScorer(types).score(reference, " ".join(sentences))``; for ``rougeLsum``, to that of the sentences
    of both joined by line feeds.
    """
    text = " ".join(sentences)
    found: dict[str, Score] = {}
    for name in types:
        if name == "rougeL":
            found[name] = rouge_l(tokenize(reference), tokenize(text))
        elif name == "rougeLsum":
            found[name] = rouge_lsum([tokenize(s) for s in lines(reference)], [tokenize(s) for s in sentences])
    ngrams = tuple(name for name in types if name not in found)
    if ngrams:
        found |= _ngram_scorer(ngrams, tokenize).score(reference, text)
    return found


def scores(references: Sequence[str], sentences: Sequence[str], settings: MetricSettings) -> dict[str, float]:
    """``rouge1.p``, ``rouge1.r``, ``rouge1.f`` and so on against several references; empty without references.

    With ``references: mean`` every figure is the mean over the references; with ``max`` the three figures of a type
    are those of the reference with the highest F, as rouge-score's ``score_multi``.
    """
    if not references:
        return {}
    tokenize = tokenizer_of(settings)
    each = [score(reference, sentences, settings.rouge, tokenize) for reference in references]
    found: dict[str, float] = {}
    for name in settings.rouge:
        rows = [s[name] for s in each]
        if settings.references == "max":
            rows = [max(rows, key=lambda row: row.fmeasure)]
        for part, value in (("p", "precision"), ("r", "recall"), ("f", "fmeasure")):
            found[f"{name}.{part}"] = fmean(getattr(row, value) for row in rows)
    return found


@cache
def _tokenizer(stem: bool, tokenizer: Literal["rouge", "unicode"]) -> Tokenize:
    return lambda text: tokens(text, stem, tokenizer)


def tokenizer_of(settings: MetricSettings) -> Tokenize:
    """The tokenizer that the settings name; equal settings give the same function."""
    return _tokenizer(settings.stem, settings.tokenizer)


class _Tokenizer:
    """A function as rouge-score wants tokenizers."""

    def __init__(self, tokenize: Tokenize) -> None:
        self.tokenize = tokenize


@cache
def _ngram_scorer(types: tuple[str, ...], tokenize: Tokenize) -> RougeScorer:
    return RougeScorer(types, tokenizer=_Tokenizer(tokenize))


def rouge_l(reference: Tokens, summary: Tokens) -> Score:
    """ROUGE-L of two tokenized texts."""
    if not reference or not summary:
        return NOTHING
    length = lcs_length(reference, summary)
    return _score(length, len(summary), len(reference))


def _score(hits: int, summary: int, reference: int) -> Score:
    precision, recall = hits / summary, hits / reference
    return Score(precision=precision, recall=recall, fmeasure=fmeasure(precision, recall))


def lcs_length(reference: Sequence[str], summary: Sequence[str]) -> int:
    """Length of the longest common subsequence; each step makes the next column of its table."""
    places = _places(reference)
    whole = (1 << len(reference)) - 1
    flat = whole
    for token in summary:
        matches = places.get(token)
        if matches:
            flat = _next(flat, matches, whole)
    return len(reference) - flat.bit_count()


def _places(reference: Sequence[str]) -> dict[str, int]:
    """For each token the positions it stands at, as bits."""
    places: dict[str, int] = {}
    for i, token in enumerate(reference):
        places[token] = places.get(token, 0) | 1 << i
    return places


def _next(flat: int, matches: int, whole: int) -> int:
    """The next column: bit i is 0 where the table's value rises from row i to row i + 1."""
    hits = flat & matches
    return (flat + hits | flat - hits) & whole


def rouge_lsum(reference: Sequence[Tokens], summary: Sequence[Tokens]) -> Score:
    """ROUGE-Lsum of two texts given as tokenized sentences.

    For each reference sentence, the union of one longest common subsequence with each summary sentence; a token counts
    as often as it stands in both texts at most (Lin 2004, section 3.2, and ROUGE-1.5.5).
    """
    size, summary_size = sum(map(len, reference)), sum(map(len, summary))
    if not size or not summary_size:
        return NOTHING
    left = Counter(t for sentence in summary for t in sentence)
    left &= Counter(t for sentence in reference for t in sentence)
    hits = 0
    for sentence in reference:
        for token in _union(sentence, summary):
            if left[token] > 0:
                left[token] -= 1
                hits += 1
    return _score(hits, summary_size, size)


def _union(reference: Tokens, summary: Sequence[Tokens]) -> list[str]:
    """The tokens of a reference sentence that are in its subsequence with one summary sentence or another."""
    places = _places(reference)
    whole = (1 << len(reference)) - 1
    union = 0
    for sentence in summary:
        union |= _subsequence(places, whole, sentence)
    return [token for i, token in enumerate(reference) if union >> i & 1]


def _subsequence(places: dict[str, int], whole: int, summary: Tokens) -> int:
    """The positions, as bits, of the longest common subsequence that rouge-score reads out of its table.

    It goes back from the last cell: to the diagonal where the tokens match, else up where the value above is no
    smaller, else left. Within a column, up leads to the highest row that matches or rises. A run of unmatched tokens
    leaves the table's columns equal, so one of them stands for all.
    """
    columns: list[tuple[int, int]] = []
    flat = whole
    for token in summary:
        matches = places.get(token, 0)
        if matches:
            flat = _next(flat, matches, whole)
        elif columns and not columns[-1][0]:
            continue
        columns.append((matches, flat ^ whole))
    found, below = 0, whole
    for matches, rises in reversed(columns):
        row = ((matches | rises) & below).bit_length()
        if not row:
            break
        last = 1 << row - 1
        if matches & last:
            found |= last
            below = last - 1
        else:
            below = last | last - 1
    return found
