"""Words: tokens with offsets, stop words, and stems by which words of one family meet."""

import re
from functools import lru_cache

from summarize.text.span import Span, fold, lower, normalise

_FUNCTION_WORDS = """
a about above after again against all also am an and any are aren't as at be because been before being
below between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down
during each few for from further had hadn't has hasn't have haven't having he he'd he'll he's her here
here's hers herself him himself his how how's i i'd i'll i'm i've if in into is isn't it it's its itself
let's me more most mustn't my myself no nor not of off on once only or other ought our ours ourselves out
over own same shan't she she'd she'll she's should shouldn't so some such than that that's the their
theirs them themselves then there there's these they they'd they'll they're they've this those through to
too under until up upon us very was wasn't we we'd we'll we're we've were weren't what what's when when's
where where's which while who who's whom whose why why's will with won't would wouldn't you you'd you'll
you're you've your yours yourself yourselves may might must shall
"""
STOP_WORDS: frozenset[str] = frozenset(_FUNCTION_WORDS.split())
"""Function words: they carry grammar, not content."""

_TOKEN = re.compile(
    r"""
    (?:US|[ACNHZ]{1,2})?[$€£¥₹₽₪₩₴]?\d+(?:[.,:/]\d+)*(?:%|[a-z]{1,3}\b)?(?:-[^\W\d_]+)*  # $3.2bn 1,300 30-day
    | (?:[^\W\d_]\.){2,}                                                      # U.S. a.m.
    | [\w\u0300-\u036f]+(?:['-][\w\u0300-\u036f]+)*                           # don't well-known O'Neill
    | \S
    """,
    re.VERBOSE,
)


def tokens(text: str) -> list[Span]:
    """Words, numbers (``1,300``, ``$3.2bn``, ``30-day`` each whole) and punctuation marks, one by one."""
    return [Span(m.start(), m.end(), text[m.start() : m.end()]) for m in _TOKEN.finditer(normalise(text))]


def words(text: str) -> list[str]:
    """Lower-cased word and number tokens, without punctuation."""
    return [t for t in _TOKEN.findall(lower(normalise(text))) if t[0].isalnum() or len(t) > 1]


def content_words(text: str) -> list[str]:
    """Stems of the words that carry content: folded, without possessives and stop words."""
    return [stem(bare) for word in words(text) if (bare := _bare(word)) and bare not in STOP_WORDS]


@lru_cache(maxsize=1 << 16)
def _bare(word: str) -> str:
    if word in STOP_WORDS:
        return word
    return fold(word).removesuffix("'s")


_UNCHANGED = frozenset({"news", "series", "species", "during", "evening", "morning", "nothing", "something", "united"})


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A light stem: plural, -ed, -ing and -ly endings cut, a doubled last consonant and a mute e dropped."""
    if len(word) < 4 or word in _UNCHANGED or not word.isalpha():
        return word
    for suffix, put in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if word.endswith(suffix) and not word.endswith(("ss", "us", "is")):
            word = word.removesuffix(suffix) + put
            break
    if len(word) > 5 and word.endswith("eed") and not word.endswith("ceed"):  # agreed, but succeed
        word = word[:-1]
    for suffix in ("ingly", "edly", "ing", "ed", "ly"):
        root = word.removesuffix(suffix)
        if root != word and len(root) >= 3 and any(c in "aeiouy" for c in root):
            word = root
            if word[-1] == word[-2] and word[-1] not in "aeioulsz":
                word = word[:-1]
            break
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word
