"""Freely written sentences to the source sentences that support them.

A model that writes freely does not say where its words come from. Each of its sentences is aligned here with the
sentences of the story by what they mean (cosines of sentence and phrase vectors) and by what they say (words, numbers).
A source sentence supports a written one with the probability of a logistic regression over the ``FEATURES`` of the
pair, learned from people who marked what each sentence of a summary was written from
(``python -m eval.attribution --train``; docs/attribution.md).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import exp, log, log1p

import numpy as np
from numpy.typing import NDArray

from summarize.documents import Candidate, Draft, Sentence, Story
from summarize.models import Encode
from summarize.planning import Planned
from summarize.text import content_words, dangles, numbers, same_number, sentences, words

FEATURES = ("rank", "run", "behind", "own", "numbers", "around", "elsewhere", "alone", "kin", "phrases")
"""Of a written sentence t and a source sentence s, where closeness is cosine + share, and share is the share of t's
content words that s holds, each weighed by how few source sentences hold it (idf):

rank       log(1 + how many source sentences have a greater cosine with t)
run        log(1 + words of the longest stretch of words that both hold)
behind     how much greater the share of the best source sentence is
own        share of s's content words that t holds, weighed alike
numbers    how many numbers of t stand in s
around     the greater closeness of the sentences before and behind s in its article
elsewhere  how much greater the closeness of the best sentence of s's article is
alone      share of t's content words that s holds, each divided among all source sentences that hold it
kin        cosine of s with the closest source sentence
phrases    share of t's phrases of which s has the best match among the candidates, each weighed by the cosine of that
           match; less than whole where s is behind the best, nothing from ``BEHIND`` on
"""

WEIGHTS = {
    "rank": -0.5502,
    "run": 1.0251,
    "behind": -1.5056,
    "own": 1.387,
    "numbers": 1.1727,
    "around": 1.0508,
    "elsewhere": -1.072,
    "alone": 5.6565,
    "kin": 0.3739,
    "phrases": 5.2848,
}
BIAS = -3.071

CITED = 0.55
"""Probability from which a source sentence is cited."""

POSSIBLE = 0.1
"""Probability from which it is cited if it is the best of all, or the writer named it."""

CLOSE = 0.5
"""Closeness below which a source sentence is never cited, however far it is before all others. Of sentences held
against a story they do not belong to, one in fifty has a source sentence as close as that."""

CANDIDATES = 24
"""Source sentences that are weighed for each written one: the closest."""

WRITTEN_PHRASE, SOURCE_PHRASE = 4, 6
"""Words of a phrase. The next phrase begins half a phrase later. Those of the source are longer: it says more at
length."""

BEHIND = 0.1
"""Cosine by which a match must be behind the best one to count for nothing."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """A source sentence, how close it is to the written one, and how probable it is that it supports it."""

    sentence: Sentence
    close: float
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
    return tuple(choose(found) for found in align(texts, story, encode))


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
    sources = _Sources.of(found, encode)
    cosines = np.asarray(encode(texts) @ sources.vectors.T, dtype=np.float64).round(4)
    near = [sources.near(t, row) for t, row in zip(texts, cosines, strict=True)]
    written = [_phrases(t, WRITTEN_PHRASE) for t in texts]
    of_source = {i: _phrases(found[i].text, SOURCE_PHRASE) for i in sorted({i for n in near for i in n.candidates})}
    phrases = sorted({p for some in (*written, *of_source.values()) for p in some})
    row_of = {p: row for row, p in enumerate(phrases)}
    vectors = encode(phrases)
    aligned = []
    for text, mine, one in zip(texts, written, near, strict=True):
        theirs = [vectors[[row_of[p] for p in of_source[i]]] for i in one.candidates]
        matched = _matched(vectors[[row_of[p] for p in mine]], theirs)
        aligned.append(sources.align(text, one, matched))
    return tuple(aligned)


@dataclass(frozen=True)
class _Near:
    """How close n source sentences are to a text.

    Attributes:
        cosines, shares, close: (n,) each; the last is the sum of the first two.
        candidates: the closest ``CANDIDATES``, closest first.
    """

    cosines: NDArray[np.float64]
    shares: NDArray[np.float64]
    close: NDArray[np.float64]
    candidates: tuple[int, ...]


@dataclass(frozen=True)
class _Sources:
    """The sentences of a story with their content words.

    Attributes:
        found: the n sentences, article by article.
        vectors: theirs, (n, d).
        held: the content words of each.
        counts: how many sentences hold a content word.
    """

    found: Sequence[Sentence]
    vectors: NDArray[np.float32]
    held: Sequence[frozenset[str]]
    counts: Counter[str]

    @classmethod
    def of(cls, found: Sequence[Sentence], encode: Encode) -> "_Sources":
        texts = [s.text for s in found]
        held = [frozenset(content_words(t)) for t in texts]
        return cls(found, encode(texts), held, Counter(word for one in held for word in one))

    def near(self, text: str, cosines: NDArray[np.float64]) -> _Near:
        """How close each sentence is to the text; ``cosines`` (n,), are those with it."""
        wanted = frozenset(content_words(text))
        shares = np.array(self._shares(wanted, self.held))
        close = (cosines + shares).round(4)
        candidates = np.argsort(-close, kind="stable")[:CANDIDATES]
        return _Near(cosines, shares, close, tuple(int(i) for i in candidates))

    def align(self, text: str, near: _Near, matched: Sequence[float]) -> tuple[Alignment, ...]:
        """``text`` with each of its candidates; ``matched`` is the feature "phrases" of each."""
        wanted = frozenset(content_words(text))
        total = sum(self._weight(w) for w in sorted(wanted))
        best: dict[str, float] = {}
        for sentence, value in zip(self.found, near.close, strict=True):
            best[sentence.article] = max(float(value), best.get(sentence.article, float(value)))
        spoken, counted = words(text), numbers(text)
        kin = np.asarray(self.vectors @ self.vectors[near.candidates[0]], dtype=np.float64).round(4)
        aligned = []
        for i, phrases in zip(near.candidates, matched, strict=True):
            source, held = self.found[i], self.held[i]
            theirs = numbers(source.text)
            beside = [j for j in (i - 1, i + 1) if 0 <= j < len(self.found) and self.found[j].article == source.article]
            features = (
                log1p(int((near.cosines > near.cosines[i]).sum())),
                log1p(_run(spoken, words(source.text))),
                float(near.shares.max() - near.shares[i]),
                *self._shares(held, [wanted]),
                float(sum(any(same_number(n, k) for k in theirs) for n in counted)),
                max((float(near.close[j]) for j in beside), default=0.0),
                best[source.article] - float(near.close[i]),
                sum(self._weight(w) / self.counts[w] for w in sorted(wanted & held)) / max(1e-9, total),
                float(kin[i]),
                phrases,
            )
            aligned.append(Alignment(source, float(near.close[i]), probability(features), features))
        return tuple(sorted(aligned, key=lambda a: (-a.probability, a.sentence.article, a.sentence.index)))

    def _weight(self, word: str) -> float:
        """Smoothed idf; a word of no source weighs as much as the rarest."""
        return log((1 + len(self.held)) / (1 + (self.counts[word] or 1))) + 1

    def _shares(self, wanted: frozenset[str], held: Sequence[frozenset[str]]) -> list[float]:
        """The weighed share of the wanted words that each holds."""
        weight = {w: self._weight(w) for w in sorted(wanted)}
        total = max(1e-9, sum(weight.values()))
        return [sum(v for w, v in weight.items() if w in one) / total for one in held]


def _phrases(text: str, size: int) -> list[str]:
    """Stretches of ``size`` words, each beginning half a stretch behind the last; the rest is in the last one."""
    spoken = text.split()
    last = max(0, len(spoken) - size)
    starts = [*range(0, last, size // 2), last]
    return [" ".join(spoken[start : start + size]) for start in starts]


def _matched(written: NDArray[np.float32], sources: Sequence[NDArray[np.float32]]) -> list[float]:
    """The feature "phrases" of each of n sources.

    Args:
        written: (p, d), the vectors of a written sentence's phrases.
        sources: n of (q, d), those of the phrases of each source sentence.
    """
    found = np.stack([np.asarray(written @ s.T, dtype=np.float64).max(axis=1) for s in sources])
    best = found.max(axis=0)
    nearly = np.maximum(0, 1 - (best - found) / BEHIND)
    return [float(v) for v in (nearly * best).mean(axis=1).round(4)]


def probability(features: Sequence[float], weights: Mapping[str, float] = WEIGHTS, bias: float = BIAS) -> float:
    """How probable it is that a source sentence supports a written one, 0 to 1."""
    logit = bias + sum(weights[name] * value for name, value in zip(FEATURES, features, strict=True))
    return round(1 / (1 + exp(-logit)), 4)


def _run(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest stretch of words that stands in both."""
    return SequenceMatcher(None, a, b, autojunk=False).find_longest_match().size


def choose(
    aligned: Sequence[Alignment], limit: float = CITED, named: frozenset[Sentence] = frozenset()
) -> tuple[Sentence, ...]:
    """What to cite: close alignments that reach the limit, and from ``POSSIBLE`` the best and those the writer named.

    Args:
        aligned: those of one text, the most probable first.
        limit: probability from which any is cited.
        named: what the writer says the text was written from.
    """
    near = [one for one in aligned if one.close >= CLOSE]
    return tuple(
        one.sentence
        for rank, one in enumerate(near)
        if one.probability >= (POSSIBLE if rank == 0 or one.sentence in named else limit)
    )


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
    supports = [choose(a, named=frozenset(n)) for a, n in zip(aligned, named, strict=True)]
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
