"""Rivals to the conflicts that a reader is shown."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from summarize.conflicts.told import Mention, Rivals, Told
from summarize.documents import Citation, Conflict, ConflictKind, ConflictValue
from summarize.text import names, quotations

ABOUT_WORDS = 8
"""Words before a value that say what a conflict is about; half as many after it."""


def merged(told: Told, rivals: Iterable[Rivals]) -> Iterator[Conflict]:
    """Conflicts of one kind: pairs of rivals that share a value are one; quotations only if all contradict one another.

    A long quotation may be a rival of two short ones that say different things.
    """
    rivals = tuple(rivals)
    pairs = {frozenset((r.first[0].key, r.second[0].key)) for r in rivals}

    def all_rivals(some: Iterable[str], others: Iterable[str]) -> bool:
        return all(frozenset((x, y)) in pairs for x, y in product(some, others) if x != y)

    groups: list[tuple[ConflictKind, dict[str, list[Mention]]]] = []
    for r in rivals:
        sides = {r.first[0].key: list(r.first), r.second[0].key: list(r.second)}
        joined = [
            g
            for g in groups
            if g[0] == r.kind and g[1].keys() & sides.keys() and (r.kind != "quotation" or all_rivals(g[1], sides))
        ]
        values: dict[str, list[Mention]] = {}
        for _, known in [*joined, (r.kind, sides)]:
            for key, mentions in known.items():
                values.setdefault(key, []).extend(m for m in mentions if m not in values.get(key, []))
        groups = [*(g for g in groups if g not in joined), (r.kind, values)]
    for kind, values in groups:
        stated = [_one_an_article(mentions) for mentions in values.values()]
        stated.sort(key=lambda ms: (-len(told.lineages(ms)), -len(ms), ms[0].sentence.article, ms[0].key))
        yield Conflict(_about(kind, stated), kind, tuple(_value(mentions) for mentions in stated))


def _one_an_article(mentions: Iterable[Mention]) -> list[Mention]:
    """The first of the mentions, the nearest to a rival, of each article; in the order of articles."""
    first: dict[str, Mention] = {}
    for mention in mentions:
        first.setdefault(mention.sentence.article, mention)
    return [first[article] for article in sorted(first)]


def _value(mentions: Sequence[Mention]) -> ConflictValue:
    cited = (m.sentence for m in mentions)
    return ConflictValue(
        " ".join(mentions[0].text.split()), tuple(Citation(s.article, s.start, s.end, s.text, 1.0) for s in cited)
    )


def _about(kind: ConflictKind, stated: Sequence[Sequence[Mention]]) -> str:
    """What the first value stands in, the value left out: "will be sentenced on …"; for a quotation, its speaker."""
    if kind == "quotation":
        speakers = [
            q.speaker
            for mentions in stated
            for m in mentions
            for q in quotations(m.sentence.text)
            if q.start <= m.start < q.end and q.speaker
        ]
        return next((" ".join(s.split()) for s in speakers if names(s)), "words quoted")
    best = stated[0][0]
    text = best.sentence.text
    before, after = text[: best.start].split(), text[best.end :].split()
    left, right = " ".join(before[-ABOUT_WORDS:]), " ".join(after[: ABOUT_WORDS // 2])
    gaps = [" " if text[at : at + 1].isspace() else "" for at in (best.start - 1, best.end)]
    return f"{left}{gaps[0] if left else ''}…{gaps[1]}{right}".strip("\"'“”‘’ ,;:.()")
