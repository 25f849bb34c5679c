"""Story to claims: sentences of different articles that report one proposition, aligned.

Proposition clustering in the sense of Ernst et al. 2022 (arXiv:2112.08770), over whole sentences: average-link
agglomeration (Sokal & Michener 1958) of sentence vectors, cut where the mean cosine falls below a threshold.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from summarize.config import ClaimSettings
from summarize.documents import Claim, Sentence, Story
from summarize.models import Encode
from summarize.text import content_words, normalise, quotations, sentences

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


DANGLING = frozenset("he she it they this that these those there here his her its their such both neither".split())
CONNECTIVES = frozenset("but and so however yet still also meanwhile instead additionally".split())


SPEAKER = re.compile(
    r",[\"']* (?:he|she|they) (?:also )?(?:said|says|added|argued|stated|wrote|told|warned|insisted|claimed)\b"
)
BACK = re.compile(
    r"\b(?:exactly|precisely|just|only|all of) (?:that|this|those|these|so)\b"
    r"|^(?:\w+ ){1,3}(?:responded|replied)\b(?! (?:\w+ )?(?:to|by|with|that)\b)"
    r"|\b(?:the (?:matter|issue|same|former|latter)|doing so|did so|do so|done so|that|this|those|these)[.!]$"
)
"""Words that stand for what the sentence before said, wherever they are or at the end."""
EXPLETIVE = re.compile(
    r"there (?:is|are|was|were|has|have|had|will|would|could|may|might|remains?|appears?|appeared|seems?) (?!also\b)"
    r"|it (?:is|was|has been|remains|remained|became) (?:also |still |not |yet )*(?:immediately )?"
    r"(?:un|im)?(?:clear|known|possible|likely|certain|reported|estimated|believed|expected|understood|feared)\b"
    r"|it (?:turn(?:s|ed) out|emerged|appear(?:s|ed)) that\b"
)
"""Openings of a sentence in which "there" and "it" stand for nothing said before."""
BARE = 0.9
"""Share of a sentence in quotation marks from which nobody is left to have said it."""


def dangles(text: str) -> bool:
    """Whether a sentence cannot stand alone.

    It opens with a word that points back or rests on one, is somebody's words only, asks a question, or is what an
    unnamed "he said".
    """
    plain = normalise(text)
    if plain.rstrip("\"' ").endswith("?"):
        return True
    if sum(q.end - q.start for q in quotations(plain) if q.depth == 0) >= BARE * len(plain):
        return True
    if SPEAKER.search(plain) or BACK.search(plain.rstrip("\"' ")):
        return True
    if EXPLETIVE.match(plain.lower()):
        return False
    opening = [w.strip("\"',").lower() for w in plain.split()[:2]]
    if opening and opening[0] in CONNECTIVES:
        opening = opening[1:]
    return bool(opening) and opening[0] in DANGLING


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
