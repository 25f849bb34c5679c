"""Story to claims: sentences of different articles that report one proposition, aligned.

Proposition clustering in the sense of Ernst et al. 2022 (arXiv:2112.08770), over whole sentences: average-link
agglomeration (Sokal & Michener 1958) of sentence vectors, cut where the mean cosine falls below a threshold.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from summarize.config import ClaimSettings
from summarize.documents import Claim, Sentence, Story
from summarize.models import Encode
from summarize.text import content_words, dangles, sentences

MAX_SENTENCES = 3000
"""Sentences aligned at most; the pairwise distances of more would not fit a laptop's memory."""


@dataclass(frozen=True)
class Aligned:
    """The claims of one story with what planning needs to weigh them.

    Attributes:
        claims: every claim, by the earliest relative position of its sentences.
        vectors: (len(claims), d) unit vectors, the mean of each claim's sentence vectors.
        centre: (d,) unit vector, the mean of the articles' mean sentence vectors.
        sentence_counts: number of sentences of each article, by its id.
    """

    claims: tuple[Claim, ...]
    vectors: NDArray[np.float32]
    centre: NDArray[np.float32]
    sentence_counts: dict[str, int]


def align(story: Story, encode: Encode, settings: ClaimSettings, spun: frozenset[str] = frozenset()) -> Aligned:
    """Group a story's sentences into claims.

    Args:
        story: the articles.
        encode: maps n texts to (n, d) unit vectors.
        settings: thresholds.
        spun: ids of machine-spun articles; their sentences report claims but are never fused while an
            article in plain language reports the same claim.

    Returns:
        Every sentence in exactly one claim, ``unread_sentences`` apart; no claims when the articles hold none.
    """
    found = _earliest([s for a in story.articles for s in sentences(a)], MAX_SENTENCES)
    counts = {a.id: 0 for a in story.articles}
    for s in found:
        counts[s.article] += 1
    if not found:
        empty = np.zeros((0, 1), dtype=np.float32)
        return Aligned((), empty, np.zeros(1, dtype=np.float32), counts)
    vectors = encode([s.text for s in found])
    cosines = vectors @ vectors.T
    groups = _average_link(cosines, settings.threshold)
    groups.sort(key=lambda g: min((_position(found[i], counts), found[i].article) for i in g))
    claims = tuple(_claim([found[i] for i in g], cosines[np.ix_(g, g)], settings, spun) for g in groups)
    means = _unit(np.stack([vectors[g].mean(0) for g in groups]))
    by_article = [np.array([s.article == a.id for s in found]) for a in story.articles]
    centre = _unit(np.stack([vectors[rows].mean(0) for rows in by_article if rows.any()]).mean(0, keepdims=True))
    return Aligned(claims, means, centre[0], counts)


def unread_sentences(story: Story) -> int:
    """How many sentences of a story are past ``MAX_SENTENCES``: the ends of its longest articles, not aligned."""
    return max(0, sum(len(sentences(a)) for a in story.articles) - MAX_SENTENCES)


def _earliest(found: list[Sentence], limit: int) -> list[Sentence]:
    """All sentences, or, past the limit, those that stand earliest in their articles; in the given order."""
    kept = sorted(range(len(found)), key=lambda i: found[i].index)[:limit]
    return [found[i] for i in sorted(kept)]


def _average_link(cosines: NDArray[np.float32], threshold: float) -> list[list[int]]:
    if len(cosines) == 1:
        return [[0]]
    from scipy.cluster.hierarchy import fcluster, linkage

    condensed = (1.0 - cosines[np.triu_indices(len(cosines), 1)]).clip(0.0).round(5)
    labels = fcluster(linkage(condensed, "average"), 1.0 - threshold, "distance")
    groups: dict[int, list[int]] = {}
    for i, group in enumerate(labels):
        groups.setdefault(int(group), []).append(i)
    return list(groups.values())


def _claim(group: list[Sentence], cosines: NDArray[np.float32], settings: ClaimSettings, spun: frozenset[str]) -> Claim:
    """Order a group by centrality, sentences fit to be quoted first, and find the head's kin."""
    plain = [s.article not in spun for s in group]
    centrality = cosines.mean(1)
    order = sorted(
        range(len(group)),
        key=lambda i: (not plain[i], -_fitness(group[i]) - float(centrality[i]), group[i].article, i),
    )
    head = order[0]
    kin = [
        i
        for i in order
        if i == head
        or (
            plain[i] == plain[head]
            and cosines[i, head] >= settings.kin_threshold
            and tells_the_same(group[head].text, group[i].text)
        )
    ]
    return Claim(tuple(group[i] for i in order), tuple(group[i] for i in kin))


def tells_the_same(a: str, b: str, share: float = 0.4) -> bool:
    """Whether two aligned sentences share enough content words to be fused without joining two facts."""
    first, second = set(content_words(a)), set(content_words(b))
    return len(first & second) >= share * min(len(first), len(second)) > 0


def _fitness(sentence: Sentence) -> float:
    """Small bonus or malus that prefers self-contained sentences of readable length as a claim's head."""
    words = sentence.text.split()
    dangling = 0.3 if dangles(sentence.text) else 0.0
    length = 0.1 * min(1.0, max(0.0, abs(len(words) - 24) - 8) / 16)
    opens_quote = 0.15 if sentence.text[:1] in "\"“‘'" else 0.0
    unfinished = 0.5 if sentence.text.rstrip("\"'”’")[-1:] not in ".!?" else 0.0
    return -dangling - length - opens_quote - unfinished


def _position(sentence: Sentence, counts: dict[str, int]) -> float:
    """Relative position in its article, 0 (first) to below 1."""
    return sentence.index / max(1, counts[sentence.article])


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths == 0, 1, lengths), dtype=np.float32)
