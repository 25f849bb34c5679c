"""Whether the way a wording takes through its sources can be trusted.

Every copied word knows the source and the offsets it was copied from. Following these places shows the faults that a
copying model makes and that the words alone do not show: it leaves one sentence near its end and goes on near the
beginning of another, it stops before the noun that a phrase was heading for, or it starts behind the subject.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from summarize.text import content_words, normalise, quotations

if TYPE_CHECKING:
    from summarize.models.fusion import Candidate, Word

DRIFT = 0.35
"""Largest difference between relative positions at which one sentence may be left for another."""

TURNS = 1
"""Times a wording may go over from one source to another: every further turn is one more chance to break a sentence."""

UNQUOTED = 6
"""Words that may be taken out of quotation marks: more are an opinion without its owner."""

STOPS = frozenset(
    "a about after against ahead along although amid among and around as at because before being but by despite during"
    " following for from if in including into like near of off on onto or out over since so than that through to toward"
    " towards under until when where whether which while who whom with within without".split()
)
"""Words that open a new phrase, so that a sentence may end before them."""

OPENERS = frozenset("that but and because although while when as if since after before said says whether".split())
"""Words behind which a clause begins, so that a sentence may start after them."""


def trusted(wording: "Candidate", sources: Sequence[str]) -> bool:
    """Whether a wording starts and ends at phrase boundaries and every step between copied words is sound.

    Args:
        wording: a written sentence; those of its words that are of the closed vocabulary have no source.
        sources: the source sentences the offsets refer to.
    """
    words = wording.words
    if _unquotes(wording, sources):
        return False
    places = [i for i, w in enumerate(words) if w.source is not None and any(c.isalnum() for c in w.text)]
    if not places:
        return False
    turns = sum(words[i].source != words[j].source for i, j in pairwise(places))
    return (
        turns <= TURNS
        and _starts_clean(words, words[places[0]], sources)
        and _ends_clean(words[places[-1]], sources)
        and all(_sound(wording, i, j, sources) for i, j in pairwise(places))
        and _one_subject(words[places[0]], words[places[-1]], sources)
    )


def _one_subject(first: "Word", last: "Word", sources: Sequence[str]) -> bool:
    """Whether the source a wording ends in also knows whom or what it begins with.

    Otherwise the one who acts or speaks in one source is given what the other source says of something else.
    """
    if first.source == last.source:
        return True
    opening = content_words(_source(first, sources)[first.source_start or 0 :])[:2]
    return bool(set(opening) & set(content_words(_source(last, sources))))


def _unquotes(wording: "Candidate", sources: Sequence[str]) -> bool:
    """Whether a run of words that stands in quotation marks is told as a fact: nobody would know who said it."""
    kept = [(q.start, q.end) for q in quotations(wording.text)]
    told = [w for w in wording.words if not any(a <= w.start < b for a, b in kept)]
    for source, text in enumerate(sources):
        spans = [(q.start, q.end) for q in quotations(text)]
        taken = [w for w in told if w.source == source and any(a <= _start(w) < b for a, b in spans)]
        if len(taken) > UNQUOTED:
            return True
    return False


def merged(words: Sequence["Word"], share: float = 0.15) -> bool:
    """Whether at least two sources give ``share`` of the copied words each."""
    copied = [w.source for w in words if w.source is not None and any(c.isalnum() for c in w.text)]
    return sum(copied.count(source) >= share * len(copied) for source in set(copied)) > 1


def _starts_clean(words: Sequence["Word"], first: "Word", sources: Sequence[str]) -> bool:
    if words[0].source is None:  # an article or preposition of the model's own opens the sentence
        return True
    before = normalise(_source(first, sources)[: first.source_start]).rstrip()
    if not before:
        return True
    surface = _source(first, sources)[first.source_start : first.source_end]
    noun_phrase = surface[:1].isupper() or not content_words(surface)
    return noun_phrase and (before[-1] in ",;:\"'(" or before.split()[-1].lower() in OPENERS)


def _ends_clean(last: "Word", sources: Sequence[str]) -> bool:
    after = normalise(_source(last, sources)[last.source_end :])
    following = re.match(r"\s*([\w'-]+)", after)
    return following is None or after[:1] in ".,;:!?\"')" or following[1].lower() in STOPS


def _sound(wording: "Candidate", i: int, j: int, sources: Sequence[str]) -> bool:
    """Whether going on from copied word ``i`` to the next copied one, ``j``, can be trusted."""
    a, b = wording.words[i], wording.words[j]
    if a.source == b.source:
        return _sound_within(a, wording.words[i + 1 : j], b, sources)
    left, right = _source(a, sources), _source(b, sources)
    if abs(_start(a) / max(1, len(left)) - _start(b) / max(1, len(right))) > DRIFT:
        return False
    if _functions_before(left[: a.source_end]) != _functions_before(right[: b.source_start]):
        return False
    # A phrase that ends in one source must end in the other too, or a mark must stand between them.
    leaves = normalise(left[a.source_end :]).lstrip("\"' ")[:1] in ",;:.!?"
    enters = normalise(right[: b.source_start]).rstrip("\"' ")[-1:] in ",;:"
    return leaves == enters or any(mark in wording.text[a.end : b.start] for mark in ",;:")


def _functions_before(text: str) -> list[str]:
    """The function words that lead up to a jump, back to a content word or a mark: both sides must have the same."""
    tail = re.split(r"[,;:.()\"]", normalise(text).lower())[-1].split()
    run: list[str] = []
    while tail and not content_words(tail[-1]):
        run.insert(0, tail.pop())
    return run


def _sound_within(a: "Word", between: Sequence["Word"], b: "Word", sources: Sequence[str]) -> bool:
    """Within one source: forward only, nothing put into a run, and no function word alone left out."""
    if _start(b) < _start(a):
        return False
    gap = normalise(_source(a, sources)[a.source_end : b.source_start])
    if not any(c.isalnum() for c in gap):
        return all(w.source is not None for w in between)
    if gap.startswith("'s"):
        return False
    # A word of the model's own that stood in the gap anyway does not replace the others there.
    own = {w.text.lower() for w in between if w.source is None} - set(gap.lower().split())
    return bool(content_words(gap)) or bool(own)


def _start(word: "Word") -> int:
    return word.source_start or 0


def _source(word: "Word", sources: Sequence[str]) -> str:
    return sources[word.source or 0]
