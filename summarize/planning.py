"""Claims to the ones worth saying, in the order they are said.

Importance of a claim c, whose head is its best sentence::

    importance = 0.25 * spread + 0.20 * centrality + 0.45 * topicality + 0.10 * lead    (+ 0.8 * cosine with the query)

spread      log(1 + reports of c) / log(3), so that two independent reports weigh 1. A report is an article with a
            sentence that truly tells the same (the claim's kin); an article with a merely close sentence counts 0.3
            of one. A copy of another report counts half: whoever ran it still thought it worth running.
centrality  cosine of c's sentence vector with the centre of the story
topicality  cosine of the head's TF-IDF vector with the centroid of all sentences' (Radev et al. 2004, "Centroid-based
            summarization of multiple documents")
lead        how early it is reported: mean over its articles of 1 / (1 + 0.35 * index of its first sentence)

The summary opens with the claim of the highest importance + 0.3 * lead, or, where the reader asks for something, of the
highest importance. The others are chosen greedily by importance minus redundancy (maximal marginal relevance,
Carbonell & Goldstein 1998) plus news until the word budget is full.

redundancy  ``redundancy`` times the greatest cosine of the head's TF-IDF vector with that of a chosen claim's head
news        weight of the concepts in the head that no chosen head has, for each of its words (at least 15), as a share
            of the richest head's weight for 3 words; left out where the reader asks for something. A concept is a
            pair of neighbouring words, not both function words (Gillick & Favre 2009, "A scalable global model for
            summarization"); it weighs the sum over its articles of 1 / (1 + 0.1 * index of the first sentence that
            has it), copies half, and a fifth of that where one report alone has it.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from math import fsum, log

import numpy as np
from numpy.typing import NDArray

from summarize.claims import Aligned
from summarize.config import PlanSettings
from summarize.documents import Claim, Sentence, Story
from summarize.models import Encode
from summarize.text import STOP_WORDS, stem, words
from summarize.text.tfidf import TfIdf, times

Concept = tuple[str, str]
"""The stems of two neighbouring words."""

OPENING = 0.3
"""How much more an early claim counts when the summary's first sentence is chosen."""

ALONE = 0.2
"""What a concept of one report weighs, as a share of what it weighed were it another's too."""

RICH_WORDS = 3
"""Words for which the richest head's concepts are worth 1."""

TERSE_WORDS = 15
"""A shorter head counts as one of so many words, since what it leaves out stands in the sentences around it."""

SPARE = 4 / 3
"""Words planned for each that may be said, since sentences come out shorter than expected, or say nothing new."""

MIN_WORDS = 6
"""A claim said in fewer words is a fragment and is not planned while there are others."""


@dataclass(frozen=True)
class Planned:
    """A claim that will be said: ``rank`` 0 is the most important; a plan's order is the text's order."""

    claim: Claim
    rank: int


def plan(
    story: Story,
    aligned: Aligned,
    settings: PlanSettings,
    encode: Encode,
    wordings: Mapping[Sentence, str] | None = None,
    sentence_words: int = 24,
) -> tuple[Planned, ...]:
    """Choose claims within a word budget and put them in order.

    Args:
        story: the articles, with lineages.
        aligned: the story's claims and their vectors.
        settings: budget, redundancy, query.
        encode: used for the query only.
        wordings: how each claim would be said, by its head; a claim that is not among them is not planned. By default
            every claim by its head as it stands.
        sentence_words: words a written claim is expected to take at most; a shorter best sentence counts
            with its own length.

    Returns:
        Planned claims in the order of the text. A third more than the budget is planned, since a sentence may
        come out shorter than expected; who joins the sentences takes them by rank.
    """
    said = {
        i: c.kin[0].text if wordings is None else wordings[c.kin[0]]
        for i, c in enumerate(aligned.claims)
        if wordings is None or c.kin[0] in wordings
    }
    eligible = {i: text for i, text in said.items() if len(text.split()) >= MIN_WORDS} or said
    if not eligible:
        return ()
    weighed = TfIdf.of([s.text for c in aligned.claims for s in c.sentences])
    weights = importance(story, aligned, weighed)
    if settings.query:
        weights = weights + 0.8 * (aligned.vectors @ encode([settings.query])[0])
    wanted = {} if settings.query else concept_weights(story, aligned)
    chosen = _choose(aligned, weighed, weights, wanted, eligible, settings, sentence_words)
    ranks = {i: rank for rank, i in enumerate(chosen)}
    ordered = _order([aligned.claims[i] for i in chosen], aligned.sentence_counts)
    return tuple(
        Planned(replace(aligned.claims[chosen[k]], importance=float(weights[chosen[k]])), ranks[chosen[k]])
        for k in ordered
    )


def importance(story: Story, aligned: Aligned, weighed: TfIdf) -> NDArray[np.float64]:
    """The formula of the module's docstring, without the query, for every claim.

    Args:
        story: the articles, with lineages.
        aligned: the story's claims and their vectors.
        weighed: TF-IDF of the claims' sentences, claim by claim.

    Returns:
        Shape (len(claims),).
    """
    topicality = times(weighed.rows, weighed.centroid)[_heads(aligned)]
    scores = np.zeros(len(aligned.claims))
    for i, claim in enumerate(aligned.claims):
        told = _reports(story, {s.article for s in claim.kin})
        spread = log(1 + 0.7 * told + 0.3 * _reports(story, set(claim.articles))) / log(3)
        centrality = float(aligned.vectors[i] @ aligned.centre)
        scores[i] = 0.25 * spread + 0.20 * centrality + 0.45 * topicality[i] + 0.10 * _lead(claim)
    return scores


def _heads(aligned: Aligned) -> NDArray[np.int64]:
    """(len(claims),) where each claim's head stands among all claims' sentences, claim by claim."""
    return np.cumsum([0, *(len(c.sentences) for c in aligned.claims[:-1])])


def _lead(claim: Claim) -> float:
    """How early a claim is reported, 1 for the first sentence of every article that reports it."""
    firsts = [min(s.index for s in claim.sentences if s.article == a) for a in claim.articles]
    return sum(1 / (1 + 0.35 * first) for first in firsts) / len(firsts)


def concepts(text: str) -> frozenset[Concept]:
    """Pairs of neighbouring words, as stems, of which at least one carries content."""
    found = [word if word in STOP_WORDS else stem(word) for word in words(text)]
    return frozenset((a, b) for a, b in pairwise(found) if a not in STOP_WORDS or b not in STOP_WORDS)


def concept_weights(story: Story, aligned: Aligned) -> dict[Concept, float]:
    """How much each concept of a story is worth saying; see the module's docstring."""
    firsts: dict[Concept, dict[str, int]] = {}
    for sentence in (s for c in aligned.claims for s in c.sentences):
        for concept in concepts(sentence.text):
            first = firsts.setdefault(concept, {})
            first[sentence.article] = min(first.get(sentence.article, sentence.index), sentence.index)
    return {concept: _concept_weight(story, first) for concept, first in firsts.items()}


def _concept_weight(story: Story, first: Mapping[str, int]) -> float:
    told: set[str] = set()
    weight = 0.0
    for article in sorted(first, key=lambda a: (first[a], a)):
        report = story.original.get(article, article)
        weight += (0.5 if report in told else 1.0) / (1 + 0.1 * first[article])
        told.add(report)
    return weight * (ALONE if len(told) == 1 else 1.0)


def _reports(story: Story, articles: Set[str]) -> float:
    """Number of independent reports among articles, copies counting half."""
    independent = len({story.original.get(a, a) for a in articles})
    return independent + 0.5 * (len(articles) - independent)


def _choose(
    aligned: Aligned,
    weighed: TfIdf,
    weights: NDArray[np.float64],
    wanted: Mapping[Concept, float],
    eligible: Mapping[int, str],
    settings: PlanSettings,
    sentence_words: int,
) -> list[int]:
    heads = _heads(aligned)
    held = {i: concepts(text) & wanted.keys() for i, text in eligible.items()}
    length = {i: len(text.split()) for i, text in eligible.items()}
    richest = max(fsum(wanted[c] for c in held[i]) for i in eligible)
    said: set[Concept] = set()

    def news(i: int) -> float:
        fresh = fsum(wanted[c] for c in held[i] - said)
        return fresh / richest * RICH_WORDS / max(TERSE_WORDS, length[i]) if fresh else 0.0

    redundancy = np.zeros(len(weights))
    chosen: list[int] = []
    left, remaining = settings.words * SPARE, list(eligible)
    early = 0.0 if settings.query else OPENING
    opening = max(eligible, key=lambda i: (round(float(weights[i] + early * _lead(aligned.claims[i])), 9), -i))
    while remaining:
        best = max(
            remaining,
            key=lambda i: (
                i == opening,
                round(float(weights[i] - settings.redundancy * redundancy[i]) + news(i), 9),
                -i,
            ),
        )
        remaining.remove(best)
        size = min(length[best], sentence_words)
        if chosen and size > left:
            continue
        chosen.append(best)
        said |= held[best]
        left -= size
        redundancy = np.maximum(redundancy, weighed.cosines(int(heads[best]))[heads])
        if left < MIN_WORDS:
            break
    return chosen


def _order(claims: list[Claim], counts: dict[str, int]) -> list[int]:
    """Merge the articles' own orders topologically: the most important claim first, then always the claim that
    fewest of the remaining ones precede in the articles that carry both; ties by mean relative position."""
    if not claims:
        return []
    first = [{a: min(s.index for s in c.sentences if s.article == a) for a in c.articles} for c in claims]
    position = [sum(f[a] / max(1, counts[a]) for a in f) / len(f) for f in first]

    def precedes(i: int, j: int) -> int:
        shared = first[i].keys() & first[j].keys()
        return sum(first[i][a] < first[j][a] for a in shared) - sum(first[i][a] > first[j][a] for a in shared)

    ordered, remaining = [0], list(range(1, len(claims)))
    while remaining:
        best = min(remaining, key=lambda i: (sum(precedes(j, i) > 0 for j in remaining if j != i), position[i], i))
        ordered.append(best)
        remaining.remove(best)
    return ordered
