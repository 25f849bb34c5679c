"""What the way a wording takes through its sources says about it.

Every copied word knows the source and the offsets it was copied from. Following these places shows the faults that a
copying model makes and that the words alone do not show: it leaves one sentence near its end and goes on near the
beginning of another, it stops before the noun that a phrase was heading for, or it starts behind the subject. What each
of these weighs is learned (``trust``).
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from summarize.text import content_words, normalise, numbers, quotations

if TYPE_CHECKING:
    from summarize.models.fusion import Candidate, Word

DRIFT = 0.35
"""Difference between relative positions beyond which leaving one sentence for another is unsound."""

UNQUOTED = 6
"""Words that may be taken out of quotation marks: more are an opinion without its owner."""

COORDINATED = re.compile(r"\b(?:and|or|nor|but|as well as|both|either|neither)\b")
"""Words that join the parts of an enumeration."""

CONTRAST = re.compile(
    r"(?:but|while|although|though) (?:the|an?|its?|his|her|their|he|she|they|it|this|that|these|those|some|many|most"
    r"|several|there|no|neither|officials|critics|(?-i:[A-Z])[\w'.-]*|\d[\d.,]*)(?=\W)",
    re.IGNORECASE,
)
"""Words that begin a clause with a subject of its own, which stands for itself."""

SUBORDINATE = re.compile(r"(?:while|although|though|if|when|because|since|as|despite|unless|until|whether)\b")
"""Words without which a clause at the beginning of a sentence stands unjoined before the next."""

HOW_LONG = re.compile(r"(?:for|until|till|by|within|over|during|after|before|since|from|every|each|a|an)\b")
"""Words that begin a time which says how long or how often something holds, not just when it was told."""

CLAUSE = re.compile(r"\b(?:where|who|whom|whose|which|that|when|while|because|if|after|before|since|until|as)\b")
"""Words that open a subordinate clause."""

DEGREE = re.compile(r"\b(?:so|too|such an?) (?!that\b)\w+", re.IGNORECASE)
"""What waits for its consequence: "so serious that ...", "too late to ..."."""

SAYING = re.compile(
    r"\b(?:said|says?|saying|told|tells|according|reported|announced|claim\w*|alleg\w*|warned|added|argued|believe\w*)\b"
)
"""Words that name who says so, which a wording may not lose."""

TIMES = frozenset(
    content_words(
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august"
        " september october november december morning afternoon evening night noon midnight today yesterday tomorrow"
        " day week month year early late later earlier last next first but and so however yet meanwhile also still"
        " instead then now finally"
    )
)
"""Stems of times and connectives: what a sentence may lose at its beginning."""

STOPS = frozenset(
    "a about after against ahead along although amid among and around as at because before being but by despite during"
    " following for from if in including into like near of off on onto or out over since so than that through to toward"
    " towards under until when where whether which while who whom with within without".split()
)
"""Words that open a new phrase, so that a sentence may end before them."""

OPENERS = frozenset("that but and because although while when as if since after before said says whether".split())
"""Words behind which a clause begins, so that a sentence may start after them."""


def evidence(wording: "Candidate", sources: Sequence[str]) -> dict[str, float]:
    """What the path of a wording shows, by name; empty where nothing was copied.

    - ``turns``: times it goes over from one source to another; ``drift``: the largest difference between the relative
      positions of two words between which it does; ``unsound``: steps between copied words that break a phrase;
    - ``starts_clean``, ``ends_clean``: 1 where it begins and ends at the boundary of a phrase; ``one_subject``: 1 where
      the source it ends in knows what it begins with; ``unquoted``: 1 where words lose their quotation marks;
    - ``deletions``, ``switches``, ``unanchored``: see ``models.fusion.Jumps``;
    - ``likelihood``, ``weakest``: mean and lowest log-probability of a piece; ``agreement``: how many sources hold its
      words; ``own``: share of the model's own words; ``words``: their number; ``merged``: 1 where it draws on two
      sources; ``sources``: their number.

    Args:
        wording: a written sentence; those of its words that are of the closed vocabulary have no source.
        sources: the source sentences the offsets refer to.
    """
    words = wording.words
    places = [i for i, w in enumerate(words) if w.source is not None and any(c.isalnum() for c in w.text)]
    if not places:
        return {}
    first, last = words[places[0]], words[places[-1]]
    steps = list(pairwise(places))
    turns = [(words[i], words[j]) for i, j in steps if words[i].source != words[j].source]
    return {
        "turns": len(turns),
        "drift": max((_drift(a, b, sources) for a, b in turns), default=0.0),
        "unsound": sum(not _sound(wording, i, j, sources) for i, j in steps),
        "starts_clean": float(_starts_clean(words, first, sources)),
        "ends_clean": float(_ends_clean(last, sources)),
        "one_subject": float(_one_subject(first, last, sources)),
        "unquoted": float(_unquotes(wording, sources)),
        "deletions": wording.jumps.deletions,
        "switches": wording.jumps.switches,
        "unanchored": wording.jumps.unanchored,
        "likelihood": wording.score,
        "weakest": wording.weakest,
        "agreement": wording.agreement,
        "own": sum(w.source is None for w in words) / len(words),
        "words": len(words),
        "merged": float(merged(words)),
        "sources": len(sources),
    }


def breaks(wording: "Candidate", sources: Sequence[str]) -> bool:
    """Whether a wording breaks what it copies, so that no trust in the rest can mend it.

    What a wording may leave out of a source is a time, an aside between two commas, a connective at the beginning and
    what a mark parts from the end; never who says so, and no part of an enumeration: "Ada, 25, and Ben, 22, were found"
    must not become "Ada, 22, was found". It puts no word or mark of its own into a copied stretch, and goes over to
    another source only by a sound step. All its numbers stand in one source: two regions' figures may not meet.
    """
    words = wording.words
    places = [i for i, w in enumerate(words) if w.source is not None and any(c.isalnum() for c in w.text)]
    if not places or not _opens(words, places[0], sources) or not _closes(words[places[-1]], sources):
        return True
    told, held = _counts(wording.text), [_counts(source) for source in sources]
    if told <= set().union(*held) and not any(told <= counts for counts in held):
        return True
    return any(
        not _sound(wording, i, j, sources)
        or (words[i].source == words[j].source and not _same_marks(wording, i, j, sources))
        or (words[i].source != words[j].source and j > i + 1)
        for i, j in pairwise(places)
    )


def _counts(text: str) -> set[str]:
    return {n.text.lower() for n in numbers(text)}


def _opens(words: Sequence["Word"], first: int, sources: Sequence[str]) -> bool:
    """Whether what a wording leaves out before its first word says when, or joins it to the sentence before."""
    before = normalise(_source(words[first], sources)[: words[first].source_start]).lower()
    own = [w.text.lower() for w in words[:first]]
    if (own and before.split()[-len(own) :] != own) or SUBORDINATE.match(before):
        return False
    return TIMES.issuperset(content_words(before))


def _closes(last: "Word", sources: Sequence[str]) -> bool:
    """Whether what a wording leaves out behind its last word says when, or is parted from it by a mark.

    It may be neither who says so, nor the rest of an enumeration, nor what a subordinate clause with an aside was
    heading for: "where Ada, 25, [lives]".
    """
    tail = normalise(_source(last, sources)[last.source_end :]).strip().lstrip("\"'")
    if not any(c.isalnum() for c in tail):
        return True
    if TIMES.issuperset(content_words(tail)):
        return not HOW_LONG.match(tail)
    kept = normalise(_source(last, sources)[: last.source_end])
    if DEGREE.search(kept):
        return False
    _, *clauses = CLAUSE.split(kept)
    if clauses and ("," in clauses[-1] or tail.count(",") > 1):
        return False
    clause = tail.lstrip(",;: ")
    if CONTRAST.match(clause):
        return tail[:1] in ",;"
    return tail[:1] in ",;:" and not SAYING.search(clause) and not COORDINATED.match(clause)


def _same_marks(wording: "Candidate", i: int, j: int, sources: Sequence[str]) -> bool:
    """Whether what stands between two words of one source is what stands there, less whole asides or phrases."""
    a, b = wording.words[i], wording.words[j]
    gap = normalise(_source(a, sources)[a.source_end : b.source_start])
    written = normalise(wording.text[a.end : b.start])
    if any(w.text.lower() not in gap.lower().split() for w in wording.words[i + 1 : j]):
        return False
    marks = re.sub(r"[\w\s'-]", "", written)
    if not any(c.isalnum() for c in gap):
        return written.strip() == gap.strip()
    if TIMES.issuperset(content_words(gap)):
        return marks in ("", ",") and gap.count(",") <= 1 and bool(marks) == gap.rstrip("\"' ").endswith(",")
    aside = gap.lstrip("\"' ")[:1] == "," == gap.rstrip("\"' ")[-1:]
    return aside and not marks and not COORDINATED.search(gap) and not SAYING.search(gap)


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
    if _drift(a, b, sources) > DRIFT:
        return False
    left, right = _source(a, sources), _source(b, sources)
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


def _drift(a: "Word", b: "Word", sources: Sequence[str]) -> float:
    """Difference between the relative positions of two words in their sources."""
    return abs(_start(a) / max(1, len(_source(a, sources))) - _start(b) / max(1, len(_source(b, sources))))


def _start(word: "Word") -> int:
    return word.source_start or 0


def _source(word: "Word", sources: Sequence[str]) -> str:
    return sources[word.source or 0]
