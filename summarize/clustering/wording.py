"""Whether a wording is one that people write: the share of its word pairs that are known from the news.

A synonym machine replaces words one by one and does not hear that "telephone name" is not English. The known
word pairs are shipped as a Bloom filter (Bloom 1970): it can say of a pair only that it is common, wrongly for
about one strange pair in a hundred, and holds no text.
"""

from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from summarize.clustering.words import WORD, background
from summarize.text import fold, normalise, stem

BITS = 2_400_000
"""Size of the filter."""
HASHES = 7
LONGEST = 3
"""Words that a synonym machine replaces, or writes, at one place."""

Pair = tuple[str, str]


def words(text: str) -> tuple[list[str], list[bool]]:
    """Folded words without possessives, and for each whether only a blank parts it from the one before."""
    plain = normalise(text)
    found: list[str] = []
    joined: list[bool] = []
    end = -1
    for m in WORD.finditer(plain):
        found.append(fold(m.group()).removesuffix("'s"))
        joined.append(m.start() == end + 1 and plain[end] == " ")
        end = m.end()
    return found, joined


def word_pairs(text: str) -> list[Pair]:
    """All pairs of neighbouring words."""
    found, joined = words(text)
    return [(found[k - 1], found[k]) for k in range(1, len(found)) if joined[k]]


def substitutions(text: str, other: str) -> list[tuple[list[Pair], list[Pair]]]:
    """Where a few words of one text stand in the place of a few of the other, between words both have.

    Returns:
        For each such place the word pairs that hold a substituted word, in ``text`` and in ``other``.
    """
    (mine, joined), (its, its_joined) = words(text), words(other)
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, mine, its, autojunk=False).get_opcodes():
        if tag == "replace" and b - a <= LONGEST and d - c <= LONGEST:
            found.append((_around(mine, joined, a, b), _around(its, its_joined, c, d)))
    return found


def _around(found: Sequence[str], joined: Sequence[bool], start: int, end: int) -> list[Pair]:
    return [(found[k - 1], found[k]) for k in range(max(start, 1), min(end + 1, len(found))) if joined[k]]


def known_share(pairs: Sequence[Pair], also: Collection[Pair]) -> float:
    """Share of the pairs that are common in the news or in ``also``.

    A pair with a word that is not in the background table, such as a rare name, is not asked.
    """
    known = background().share
    asked = [p for p in pairs if p in also or all(stem(w) in known for w in p)]
    return sum(p in also or common(*p) for p in asked) / max(len(asked), 1)


def common(first: str, second: str) -> bool:
    """Whether the two words often stand together in the news."""
    bits = _bits()
    return all(bits[p >> 3] >> (p & 7) & 1 for p in places(first, second))


def places(first: str, second: str) -> Iterator[int]:
    """The bits of a word pair in the filter (double hashing, Kirsch & Mitzenmacher 2006)."""
    digest = blake2b(f"{first} {second}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
    start, step = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little") | 1
    return ((start + k * step) % BITS for k in range(HASHES))


@cache
def _bits() -> bytes:
    return (files(__package__) / "word_pairs.bin").read_bytes()
