"""What is new in a story: the articles that came, with everything set aside that older articles had told.

A sentence is told when an older one says much the same (a cosine of ``ClaimSettings.threshold`` and more), unless it
states a number that no older article has, or contradicts them. A machine-spun copy of an older article tells nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import numpy as np

from summarize.clustering import spun_copies
from summarize.config import ClaimSettings
from summarize.conflicts import conflicts
from summarize.documents import TOLD, Article, Aside, Sentence, Story
from summarize.models import Encode
from summarize.stream.state import Changed
from summarize.text import Number, numbers, same_number, sentences


def news(changed: Changed, since: datetime, settings: ClaimSettings, encode: Encode) -> Story | None:
    """The story as told by its new articles alone, for a summarizer.

    Args:
        changed: the story, and which of its articles are new.
        since: the time they are new since.
        settings: from which cosine on two sentences report one claim.
        encode: maps n texts to (n, d) unit vectors.

    Returns:
        The story with only those new articles that tell something new; what was told is an aside of them. None if
        there is nothing new.
    """
    new = [s for a in changed.story.articles if a.id in changed.new for s in sentences(a)]
    rest = [a for a in changed.story.articles if a.id not in changed.new]
    old = [s for a in (*rest, *changed.old) for s in sentences(a)]
    told = set(_told(new, old, changed, settings, encode))
    spun = _spun(changed) if len(told) < len(new) else frozenset()
    asides: dict[str, list[Sentence]] = defaultdict(list)
    kept: set[str] = set()
    for sentence in new:
        if sentence in told or sentence.article in spun:
            asides[sentence.article].append(sentence)
        else:
            kept.add(sentence.article)
    if not kept:
        return None
    articles = tuple(_set_aside(a, asides[a.id]) for a in changed.story.articles if a.id in kept)
    lineages = (tuple(a for a in group if a in kept) for group in changed.story.lineages)
    return replace(changed.story, articles=articles, lineages=tuple(g for g in lineages if g), since=since)


def _told(
    new: list[Sentence], old: list[Sentence], changed: Changed, settings: ClaimSettings, encode: Encode
) -> list[Sentence]:
    """The new sentences that older ones had told."""
    if not new or not old:
        return []
    vectors = encode([s.text for s in (*new, *old)])
    nearest = np.max(vectors[: len(new)] @ vectors[len(new) :].T, axis=1)
    close = [s for s, cosine in zip(new, nearest.tolist(), strict=True) if cosine >= settings.threshold]
    if not close:
        return []
    stated = _numbers(old)
    disputed = _disputed(changed)
    return [
        s
        for s in close
        if (s.article, s.start) not in disputed
        and all(any(same_number(n, other) for other in stated) for n in _numbers([s]))
    ]


def _numbers(found: Iterable[Sentence]) -> list[Number]:
    """The numbers of sentences, each wording once."""
    return list({n.text.lower(): n for s in found for n in numbers(s.text)}.values())


def _disputed(changed: Changed) -> set[tuple[str, int]]:
    """Where new articles state what no older one does and an older one contradicts: article and start."""
    found: set[tuple[str, int]] = set()
    for conflict in conflicts(changed.story):
        articles = [{c.article for c in value.citations} for value in conflict.values]
        if any(not group <= changed.new for group in articles):
            for value, group in zip(conflict.values, articles, strict=True):
                if group <= changed.new:
                    found.update((c.article, c.start) for c in value.citations)
    return found


def _spun(changed: Changed) -> frozenset[str]:
    """New articles that a machine made of older ones."""
    with_old = [group for group in changed.story.lineages if not changed.new.issuperset(group)]
    return spun_copies(changed.story.articles, with_old) & changed.new


def _set_aside(article: Article, told: Iterable[Sentence]) -> Article:
    asides = sorted((*article.asides, *(Aside(s.start, s.end, TOLD) for s in told)), key=lambda a: a.start)
    return replace(article, asides=tuple(asides))
