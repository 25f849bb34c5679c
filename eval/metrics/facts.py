"""Numbers, names and quotations of a summary that its sources do not hold, per 100 sentences.

An audit of ``summarize.verification``: nothing of it, or of the text functions it stands on, is used here, so that one
mistake is not made on both sides. What is said against what:

- ``unsupported_numbers``, ``unsupported_names``, ``unsupported_quotations``: in no quote that the sentence cites.
- ``invented_numbers``, ``invented_names``, ``invented_quotations``: in no article of the item, nor in the titles and
  names of their outlets.

A number is a value, whatever its spelling ("1,300", "1.3 thousand", "thirteen hundred"), without its unit. A name is a
run of capitalised words; each of its words, the words of which it is the initials, or the country whose people it
names (with -n, -an, -ian, -i, -ish, -ese) must stand in the source, but not side by side. A quotation is what stands
between double quotation marks; its words must stand in the source in that order, with nothing between but what an
ellipsis leaves out. A capital at the beginning of a sentence makes no name unless the next word has one as well, and
single quotation marks make no quotation.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from eval.metrics.sample import Sample
from eval.metrics.settings import MetricSettings
from summarize.models import Encode

KINDS = ("numbers", "names", "quotations")

_UNITS = {
    word: Decimal(value)
    for value, names in enumerate(
        "zero;one first;two second;three third;four fourth;five fifth;six sixth;seven seventh;eight eighth;nine ninth;"
        "ten tenth;eleven eleventh;twelve twelfth;thirteen thirteenth;fourteen fourteenth;fifteen fifteenth;"
        "sixteen sixteenth;seventeen seventeenth;eighteen eighteenth;nineteen nineteenth".split(";")
    )
    for word in names.split()
}
_TENS = {
    word: Decimal(10 * value)
    for value, names in enumerate(
        "twenty twentieth;thirty thirtieth;forty fortieth;fifty fiftieth;sixty sixtieth;seventy seventieth;"
        "eighty eightieth;ninety ninetieth".split(";"),
        start=2,
    )
    for word in names.split()
}
_SCALES = {
    "dozen": Decimal(12),
    "hundred": Decimal(100),
    "thousand": Decimal(1000),
    "k": Decimal(1000),
    "million": Decimal(10**6),
    "m": Decimal(10**6),
    "mn": Decimal(10**6),
    "billion": Decimal(10**9),
    "bn": Decimal(10**9),
    "b": Decimal(10**9),
    "trillion": Decimal(10**12),
    "tn": Decimal(10**12),
}
_SCALE_WORDS = "dozen hundred thousand million billion trillion".split()
_VAGUE = frozenset("one first second".split())  # pronouns, adverbs and spans of time as often as numbers
_ORDINALS = frozenset(word for word in (*_UNITS, *_TENS) if word.endswith(("th", "first", "second", "third")))
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join([*_UNITS, *_TENS])}|(?:{'|'.join(_SCALE_WORDS)})s?)\b", re.IGNORECASE)
_DIGITS = re.compile(
    r"(?<![\w.,])[^\w\s]*?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:(?:[ -]?(?P<scale>dozen|hundred|thousand|million|billion|trillion|bn|mn|tn)|(?P<letter>[kmb]))\b)?",
    re.IGNORECASE,
)
_FRAGMENT = re.compile(r"\d+(?:\.\d+)?")

_QUOTED = re.compile(r"[“„«]([^“”„«»]*)(?:[”»“]|$)|\"([^\"]*)(?:\"|$)")
_LEFT_OUT = re.compile(r"\.\.\.|…|\[[^\]]*\]")
_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*\.?", re.UNICODE)
_LETTERS = re.compile(r"[^\W_]+")
_SMALL = frozenset(
    "a an the this that these those in on at by for from with but and or as after before when while where who what how"
    " his her its their our my we he she it they i if not no of to there some many most all two three both since"
    " under over about more so then yet still also is was are were will may one".split()
)
_PEOPLE = ("n", "an", "ian", "i", "ish", "ese")
_CALENDAR = tuple(
    "january february march april may june july august september october november december"
    " monday tuesday wednesday thursday friday saturday sunday".split()
)


@dataclass(frozen=True)
class Source:
    """What a text holds, ready to be asked.

    Attributes:
        numbers: values of its numbers.
        words: its words, plain, with the parts of compounds, and days and months by three letters.
        initials: those of every two to six words with capitals in a row, small ones left out.
        line: its words in order, each with a blank before and behind.
    """

    numbers: frozenset[Decimal]
    words: frozenset[str]
    initials: frozenset[str]
    line: str

    @classmethod
    def of(cls, text: str) -> "Source":
        """Read a text."""
        words = [word for token in _tokens(text) for word in _forms(token)]
        return cls(frozenset(_values(text)), frozenset(words), frozenset(_initials(text)), _line(text))


def unheld(sentence: str, source: Source) -> dict[str, list[str]]:
    """The numbers, names and quotations of a sentence that the source does not hold, as the sentence spells them."""
    return {
        "numbers": [text for text, value in numbers(sentence) if value not in source.numbers],
        "names": [name for name in names(sentence) if not all(_holds(source, word) for word in name.split())],
        "quotations": [q for q in quotations(sentence) if not _quotes(source, q)],
    }


def measure(sample: Sample, settings: MetricSettings, encode: Encode) -> dict[str, float]:
    """The six counts per 100 sentences; those against citations only where the summary has some."""
    found: dict[str, float] = {}
    if sample.sentences and sample.item.articles:
        articles = _articles(tuple("\n".join((a.source or "", a.title or "", a.text)) for a in sample.item.articles))
        counts = [unheld(s, articles) for s in sample.sentences]
        found |= {f"invented_{kind}": _rate([len(c[kind]) for c in counts]) for kind in KINDS}
    if sample.cited:
        counts = [unheld(s.text, Source.of("\n".join(c.quote for c in s.citations))) for s in sample.cited]
        found |= {f"unsupported_{kind}": _rate([len(c[kind]) for c in counts]) for kind in KINDS}
    return found


def _rate(counts: Sequence[int]) -> float:
    return 100 * sum(counts) / len(counts)


@lru_cache(maxsize=16)
def _articles(texts: tuple[str, ...]) -> Source:
    return Source.of("\n\n".join(texts))


def numbers(text: str) -> list[tuple[str, Decimal]]:
    """The numbers of a text as spelt there, and their values; "one", "first" and "second" alone are none."""
    text = unicodedata.normalize("NFKC", text)
    found = []
    for m in _DIGITS.finditer(text):
        scale = _SCALES.get((m["scale"] or m["letter"] or "").lower(), Decimal(1))
        found.append((m.start(), m[0], scale * Decimal(m["digits"].replace(",", ""))))
    for start, words, value in _spelt(text):
        if not text[:start].rstrip()[-1:].isdigit() and words.lower() not in _VAGUE:  # "5 million" was read above
            found.append((start, words, value))
    return [(spelling, value) for _, spelling, value in sorted(found)]


def _values(text: str) -> Iterator[Decimal]:
    """All values a source may be said to hold: also parts of dates and times, and vague words."""
    text = unicodedata.normalize("NFKC", text)
    yield from (value for _, value in numbers(text))
    yield from (Decimal(m[0]) for m in _FRAGMENT.finditer(text))
    yield from (value for _, _, value in _spelt(text))


def _spelt(text: str) -> Iterator[tuple[int, str, Decimal]]:
    """Start, wording and value of the numbers in words; "dozens" and "thousands" alone are none."""
    groups: list[list[re.Match[str]]] = []
    for m in _NUMBER_WORD.finditer(text):
        if groups and _continues(groups[-1][-1], text[groups[-1][-1].end() : m.start()], m):
            groups[-1].append(m)
        else:
            groups.append([m])
    for group in groups:
        if len(group) > 1 or group[0][0].lower() in _UNITS | _TENS | _SCALES:
            yield group[0].start(), text[group[0].start() : group[-1].end()], _value([m[0].lower() for m in group])


def _continues(last: re.Match[str], gap: str, word: re.Match[str]) -> bool:
    """Whether two number words are parts of one number: "twenty-three", "hundred and five", not "two-three"."""
    before, after = last[0].lower(), word[0].lower()
    if before in _ORDINALS or gap not in (" ", "-", " and ") or (before.endswith("s") and before not in _UNITS):
        return False
    if gap == " and ":
        return before in _SCALES and before != "dozen" and after not in _SCALES
    if after.removesuffix("s") in _SCALES:
        return True
    return before in _SCALES or (before in _TENS and 0 < _UNITS.get(after, Decimal(0)) < 10)


def _value(words: Sequence[str]) -> Decimal:
    """The value of a number in words: two, hundred, five, thousand is 205,000."""
    whole = part = Decimal(0)
    for word in words:
        scale = _SCALES.get(word.removesuffix("s"))
        if scale is None:
            part += _UNITS.get(word, Decimal(0)) + _TENS.get(word, Decimal(0))
        elif scale < 1000:
            part = (part or 1) * scale
        else:
            whole, part = whole + (part or 1) * scale, Decimal(0)
    return whole + part


def names(text: str) -> list[str]:
    """Runs of capitalised words, a sentence's first word among them if the next is capitalised as well."""
    found: list[str] = []
    run: list[str] = []
    matches = list(_WORD.finditer(text))
    for i, m in enumerate(matches):
        capital = m[0][0].isupper() and m[0] != "I"
        gap = text[matches[i - 1].end() : m.start()] if i else ""
        opens = i == 0 or bool(re.search(r"[.?!:]|[\"“„«]|(?<!\w)['‘]", gap)) or _ends(matches[i - 1][0])
        follows = (
            i + 1 < len(matches) and matches[i + 1][0][0].isupper() and text[m.end() : matches[i + 1].start()] == " "
        )
        if run and (not capital or gap.strip(" ") or _ends(matches[i - 1][0])):
            found.append(" ".join(run))
            run = []
        if capital and not (opens and (not follows or _plain(m[0]) in _SMALL)):
            run.append(_bare(m[0]))
    return found + ([" ".join(run)] if run else [])


def _ends(token: str) -> bool:
    """Whether a token with its full stop ends a sentence: not "U.S.", "Dr.", "J."."""
    return token.endswith(".") and len(token) > 4 and "." not in token[:-1]


def _bare(token: str) -> str:
    return re.sub(r"['’]s$|\.$|['’]$", "", token)


def quotations(text: str) -> list[str]:
    """What stands between double quotation marks; up to the end where a closing mark is missing."""
    found = [(m[1] or m[2] or "").strip() for m in _QUOTED.finditer(text)]
    return [q for q in found if _line(q).strip()]


def _quotes(source: Source, quotation: str) -> bool:
    return all(_line(part) in source.line for part in _LEFT_OUT.split(quotation) if _line(part).strip())


def _line(text: str) -> str:
    return f" {' '.join(_plain(word) for word in _LETTERS.findall(text))} "


def _holds(source: Source, word: str) -> bool:
    forms = list(_forms(word))
    if forms[0] in source.words or all(f in source.words for f in forms[1:] or forms):
        return True
    if any(forms[0].endswith(end) and forms[0].removesuffix(end) in source.words for end in _PEOPLE):
        return True
    return word.replace(".", "").isupper() and forms[0] in source.initials


def _tokens(text: str) -> list[str]:
    return [_bare(m[0]) for m in _WORD.finditer(text)]


def _forms(token: str) -> Iterator[str]:
    """A word as it is compared: the whole without its stops, then the parts of a compound."""
    whole = _plain(token.replace(".", "").replace("&", "").replace("-", "").replace("’", "'"))
    yield next(
        (day[:3] for day in _CALENDAR if whole == day or (len(whole) in (3, 4) and day.startswith(whole))), whole
    )
    parts = re.split(r"[-.&]", token)
    if len(parts) > 1 and "-" in token:
        yield from (_plain(p) for p in parts if p)


def _initials(text: str) -> Iterator[str]:
    capitals = []
    for token in _tokens(text):
        if token[0].isupper():
            capitals.append(token[0].lower())
            for size in range(2, min(6, len(capitals)) + 1):
                yield "".join(capitals[-size:])
        elif token.lower() not in _SMALL:
            capitals = []


def _plain(word: str) -> str:
    """Lower case without accents."""
    apart = unicodedata.normalize("NFKD", word)
    return "".join(c for c in apart if not unicodedata.combining(c)).lower()
