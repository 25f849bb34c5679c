"""One quotation in different words."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, pairwise

from summarize.conflicts.told import Mention, Rivals, Told, distance, tells_apart
from summarize.documents import Sentence
from summarize.text import content_words, fold, names, quotations, same_name, split, words

QUOTED = 60
"""Quoted sentences of one article that are compared, its first."""
COMMON = 0.6
"""Share of the shorter quoted sentence that both must have in common, in runs of two words and more."""
COMMON_CONTENT = 0.5
"""The same for its content words that are no names."""

_NOT = frozenset(["not", "never", "no"])
_CLOSED = re.compile(r"[\s.,;:!?…\"'’”–—-]+$")


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One sentence within a quotation: where it stands, its plain words, those of its names, and who said it."""

    mention: Mention
    words: tuple[str, ...]
    named: frozenset[str]
    speaker: str | None


def rivals(told: Told) -> list[Rivals]:
    """Sentences quoted in other words: some exchanged, or a "not" more or less."""
    by_article: dict[str, list[_Spoken]] = defaultdict(list)
    for sentence in told.sentences:
        by_article[sentence.article] += _spoken(sentence)
    spoken = [s for said in by_article.values() for s in said[:QUOTED]]
    printed: dict[str, str] = defaultdict(str)
    for sentence in told.sentences:
        printed[sentence.article] += f" {' '.join(_plain_words(sentence.text))} "
    found = []
    for a, b in _overlapping(spoken):
        if not tells_apart([a.mention], [b.mention]) or not _altered(a, b):
            continue
        elsewhere = ((a, b.mention.sentence.article), (b, a.mention.sentence.article))
        if _same_speaker(a, b) and not any(f" {s.mention.key} " in printed[article] for s, article in elsewhere):
            found.append(Rivals("quotation", (a.mention,), (b.mention,)))
    return found


def _overlapping(spoken: Sequence[_Spoken]) -> list[tuple[_Spoken, _Spoken]]:
    """Pairs that share two pairs of neighbouring words at least: comparing all would take the square of the quotes."""
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, s in enumerate(spoken):
        for pair in sorted(set(pairwise(s.words))):
            holders[pair].append(i)
    shared = Counter(pair for indices in holders.values() for pair in combinations(indices, 2))
    return [(spoken[i], spoken[j]) for (i, j), n in sorted(shared.items()) if n > 1]


def _spoken(sentence: Sentence) -> Iterator[_Spoken]:
    for quotation in quotations(sentence.text):
        if quotation.depth:
            continue
        at = quotation.start + 1
        for start, end in split(quotation.inner):
            text = _CLOSED.sub("", quotation.inner[start:end])
            said = tuple(_plain_words(text))
            if said:
                mention = Mention(sentence, at + start, at + start + len(text), " ".join(said))
                named = frozenset(w for name in names(text) for w in content_words(name.text))
                yield _Spoken(mention, said, named, quotation.speaker)


def _same_speaker(a: _Spoken, b: _Spoken) -> bool:
    """Whether the speakers may be one: not where both are named, and otherwise."""
    first, second = names(a.speaker or ""), names(b.speaker or "")
    return not first or not second or any(same_name(x, y) for x in first for y in second)


_NEGATED = re.compile(r"n't$|(?<=can)not$")
_SPELLINGS = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"ou(?=r)", "o"),
        (r"is(?=e|ing|ation)", "iz"),
        (r"tre$", "ter"),
        (r"ll", "l"),
        ("ae", "e"),
        ("-", ""),
    )
)


def _plain_words(text: str) -> list[str]:
    """Words as said: without accents, contractions of "not" written out, British and American spelling made one."""
    found: list[str] = []
    for word in words(text):
        bare, negated = _NEGATED.subn(r"", fold(word))
        for pattern, put in _SPELLINGS:
            bare = pattern.sub(put, bare)
        found += [{"ca": "can", "wo": "will"}.get(bare, bare), "not"] if negated else [bare]
    return found


def _altered(a: _Spoken, b: _Spoken) -> bool:
    """Whether one quoted sentence is the other with words exchanged, or with a negation more or less.

    Words in common count in runs of two and more; a comparison of sentences, Ratcliff & Metzener 1988 (difflib).
    """
    matcher = SequenceMatcher(None, a.words, b.words, autojunk=False)
    runs = [m for m in matcher.get_matching_blocks() if m.size > 1]
    if not runs:
        return False
    shared, shorter = sum(m.size for m in runs), min(len(a.words), len(b.words))
    if shared < COMMON * shorter or (max(m.size for m in runs) < 3 and shared < shorter):
        return False
    common = {w for m in runs for w in _carrying(a.words[m.a : m.a + m.size])} - a.named
    if not common or len(common) < COMMON_CONTENT * min(len(_carrying(s.words) - s.named) for s in (a, b)):
        return False
    for op, i, j, k, m in matcher.get_opcodes():
        at_end = i == 0 or j == len(a.words) or k == 0 or m == len(b.words)
        if op == "equal" or (at_end and op != "replace"):  # words more at an end are another cut of the same
            continue
        if _NOT & (set(a.words[i:j]) ^ set(b.words[k:m])) and "".join(a.words[i:j]) != "".join(b.words[k:m]):
            return True
        if _differ(a.words[i:j], b.words[k:m], 2 if at_end else 1):
            return True
    return False


def _carrying(said: Sequence[str]) -> set[str]:
    return set(content_words(" ".join(said))) - {"one"}


def _differ(a: Sequence[str], b: Sequence[str], least: int) -> bool:
    """Whether the words exchanged, ``least`` content words of both sides together, are more than another spelling."""
    lost, put = _carrying(a) - _carrying(b), _carrying(b) - _carrying(a)
    if len(lost | put) < (least if lost and put else 2 * least):
        return False
    return distance("".join(a), "".join(b)) > 1 + min(len("".join(a)), len("".join(b))) // 6
