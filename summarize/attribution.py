"""Freely written sentences to the source sentences that support them.

A model that writes freely does not say where its words come from. Each of its sentences is aligned here with the
sentences of the story by what they mean (cosines of sentence vectors) and by what they say (words, numbers). A source
sentence supports a written one with the probability of a logistic regression over the ``FEATURES`` of the pair, learned
from people who aligned summaries with their sources (``python -m eval.attribution --train``; docs/attribution.md).
A sentence that joins two sources is given both: one that is less sure is taken where it adds words that no better one
has.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import exp, log, log1p

import numpy as np
from numpy.typing import NDArray

from summarize.documents import Candidate, Draft, Sentence, Story
from summarize.models import Encode
from summarize.planning import Planned
from summarize.text import content_words, dangles, numbers, same_number, sentences, words

FEATURES = ("cosine", "rank", "run", "share", "behind", "own", "numbers", "around", "elsewhere")
"""Of a written sentence t and a source sentence s:

cosine     of their vectors
rank       log(1 + how many source sentences are closer to t)
run        log(1 + words of the longest stretch of words that both hold)
share      share of t's content words that s holds, each weighed by how few source sentences hold it (idf)
behind     how much greater the share of the best source sentence is
own        share of s's content words that t holds, weighed alike
numbers    how many numbers of t stand in s
around     the greater cosine + share of the sentences before and behind s in its article
elsewhere  how much greater cosine + share of the best sentence of s's article is
"""

WEIGHTS = dict(zip(FEATURES, (2.6796, -0.4714, 1.6210, 2.0116, -1.6134, 1.6925, 1.1638, 1.4601, -0.3597), strict=True))
BIAS = -5.0488

SURE = 0.6
"""Probability from which a source sentence is always cited."""

LIKELY = 0.3
"""Probability from which it is cited if it adds words."""

POSSIBLE = 0.15
"""Probability from which it is cited if it is the best of all, or the writer named it. Of sentences held against a
story they do not belong to, one in twenty reaches it."""

ADDED = 0.1
"""Share of a sentence's content words that a likely source sentence must add to those already found."""

CANDIDATES = 32
"""Source sentences that are weighed for each written one: those of the greatest cosine + share."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """A source sentence, and how probable it is that it supports the written one."""

    sentence: Sentence
    probability: float
    features: tuple[float, ...]


def attribute(texts: Sequence[str], story: Story, encode: Encode) -> tuple[tuple[Sentence, ...], ...]:
    """The source sentences that support each text, best first; none where nothing does.

    Args:
        texts: n sentences, written by whatever means.
        story: the articles they were written from.
        encode: maps n texts to (n, d) unit vectors.

    Returns:
        n tuples, in the order of ``texts``.
    """
    return tuple(_choose(t, found) for t, found in zip(texts, align(texts, story, encode), strict=True))


def align(texts: Sequence[str], story: Story, encode: Encode) -> tuple[tuple[Alignment, ...], ...]:
    """For each text the source sentences that may support it, the most probable first.

    Args:
        texts: n sentences.
        story: the articles they were written from.
        encode: maps n texts to (n, d) unit vectors.

    Returns:
        n tuples of at most ``CANDIDATES`` alignments; empty where the story holds no sentence.
    """
    found = [s for a in story.articles for s in sentences(a)]
    if not texts or not found:
        return tuple(() for _ in texts)
    sources = _Sources.of(found)
    cosines = encode(texts) @ encode([s.text for s in found]).T
    return tuple(sources.align(t, cosines[i]) for i, t in enumerate(texts))


@dataclass(frozen=True)
class _Sources:
    """The sentences of a story with their content words.

    Attributes:
        found: the sentences, article by article.
        held: the content words of each.
        idf: how much a content word weighs: log of n over the number of sentences that hold it, smoothed.
    """

    found: Sequence[Sentence]
    held: Sequence[frozenset[str]]
    idf: dict[str, float]

    @classmethod
    def of(cls, found: Sequence[Sentence]) -> "_Sources":
        held = [frozenset(content_words(s.text)) for s in found]
        counts = Counter(word for one in held for word in one)
        return cls(found, held, {w: log((1 + len(held)) / (1 + n)) + 1 for w, n in counts.items()})

    def align(self, text: str, cosines: NDArray[np.float32]) -> tuple[Alignment, ...]:
        """``text`` with each of its candidates; ``cosines`` (len(found),) are those of all sentences with it."""
        wanted = frozenset(content_words(text))
        shares = [self._share(wanted, held) for held in self.held]
        close = [round(float(c) + s, 4) for c, s in zip(cosines, shares, strict=True)]
        best: dict[str, float] = {}
        for sentence, value in zip(self.found, close, strict=True):
            best[sentence.article] = max(value, best.get(sentence.article, value))
        ranks = np.empty(len(cosines), dtype=np.int64)
        ranks[np.argsort(-cosines, kind="stable")] = np.arange(len(cosines))
        spoken, counted = words(text), numbers(text)
        aligned = []
        for i in sorted(range(len(close)), key=lambda i: (-close[i], i))[:CANDIDATES]:
            source = self.found[i]
            theirs = numbers(source.text)
            near = [j for j in (i - 1, i + 1) if 0 <= j < len(close) and self.found[j].article == source.article]
            features = (
                float(cosines[i]),
                log1p(int(ranks[i])),
                log1p(_run(spoken, words(source.text))),
                shares[i],
                max(shares) - shares[i],
                self._share(self.held[i], wanted),
                float(sum(any(same_number(n, k) for k in theirs) for n in counted)),
                max((close[j] for j in near), default=0.0),
                best[source.article] - close[i],
            )
            aligned.append(Alignment(source, probability(features), features))
        return tuple(sorted(aligned, key=lambda a: (-a.probability, a.sentence.article, a.sentence.index)))

    def _share(self, wanted: frozenset[str], held: frozenset[str]) -> float:
        """The weighed share of the wanted words that are held; a word of no source weighs as much as the rarest."""
        rarest = log((1 + len(self.held)) / 2) + 1
        weight = {w: self.idf.get(w, rarest) for w in sorted(wanted)}
        return sum(v for w, v in weight.items() if w in held) / max(1e-9, sum(weight.values()))


def probability(features: Sequence[float]) -> float:
    """How probable it is that a source sentence supports a written one, 0 to 1."""
    logit = BIAS + sum(WEIGHTS[name] * value for name, value in zip(FEATURES, features, strict=True))
    return round(1 / (1 + exp(-logit)), 4)


def _run(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest stretch of words that stands in both."""
    return SequenceMatcher(None, a, b, autojunk=False).find_longest_match().size


def _choose(text: str, aligned: Sequence[Alignment], named: frozenset[Sentence] = frozenset()) -> tuple[Sentence, ...]:
    """The alignments that are sure, those named by the writer, and likely ones that add words; best first."""
    wanted = set(content_words(text))
    chosen: list[Sentence] = []
    covered: set[str] = set()
    for one in aligned:
        held = wanted & set(content_words(one.sentence.text))
        if not chosen or one.sentence in named:
            enough = POSSIBLE
        else:
            enough = LIKELY if len(held - covered) >= ADDED * len(wanted) else SURE
        if one.probability >= enough:
            chosen.append(one.sentence)
            covered |= held
    return tuple(chosen)


def drafts(
    texts: Sequence[str],
    story: Story,
    planned: Sequence[Planned],
    encode: Encode,
    evidence: Sequence[Sequence[Sentence]] | None = None,
) -> tuple[Draft, ...]:
    """One draft a written sentence: the sentence, and behind it a source sentence to be said in its place.

    That is the sentence's best supporting one that can stand alone. Where nothing supports a sentence, the most
    important planned claim that no written sentence tells takes its place, or else the source sentence closest to it.

    Args:
        texts: n written sentences, in their order, the more important first.
        story: the articles they were written from.
        planned: what is worth saying.
        encode: maps n texts to (n, d) unit vectors.
        evidence: for each text what the writer says it was written from; what does not support it is passed over,
            and alignment adds what is missing.

    Returns:
        n drafts; none if the story holds no sentence.

    Raises:
        ValueError: there is not one entry of ``evidence`` for each text.
    """
    named: Sequence[Sequence[Sentence]] = [()] * len(texts) if evidence is None else evidence
    aligned = align(texts, story, encode)
    supports = [_choose(t, a, frozenset(n)) for t, a, n in zip(texts, aligned, named, strict=True)]
    told = {s for support in supports for s in support}
    untold = [p.claim.kin for p in sorted(planned, key=lambda p: p.rank) if not told & set(p.claim.sentences)]
    made = []
    for rank, (text, support, closest) in enumerate(zip(texts, supports, aligned, strict=True)):
        if not closest:
            continue
        behind = support or (untold.pop(0) if untold else (closest[0].sentence,))
        instead = next((s for s in behind if not dangles(s.text)), behind[0])
        written = Candidate(" ".join(text.split()), "written")
        made.append(Draft((written, Candidate(" ".join(instead.text.split()), "extracted")), behind, rank))
    return tuple(made)
