"""Freely written sentences to the source sentences that support them.

A model that writes freely does not say where its words come from. Each of its sentences is aligned here with the
sentences of the story, by what they mean (the cosine of their vectors) and by what they say (weighed words, among them
names and numbers); a sentence that joins two sources is given both.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from summarize.claims import dangles
from summarize.documents import Candidate, Draft, Sentence, Story
from summarize.models import Encode
from summarize.planning import Planned
from summarize.text import content_words, sentences

SUPPORT = 0.5
"""Score from which a source sentence supports a written one, 0 to 1."""

ADDED = 0.2
"""Share of a sentence's weighed words that a further source sentence must add to those already found."""


def attribute(texts: Sequence[str], story: Story, encode: Encode) -> tuple[tuple[Sentence, ...], ...]:
    """The source sentences that support each text, best first; none where nothing does.

    Args:
        texts: n sentences, written by whatever means.
        story: the articles they were written from.
        encode: maps n texts to (n, d) unit vectors.

    Returns:
        n tuples, in the order of ``texts``.
    """
    found = [s for a in story.articles for s in sentences(a)]
    if not texts or not found:
        return tuple(() for _ in texts)
    cosines = encode(texts) @ encode([s.text for s in found]).T
    words = [set(content_words(s.text)) for s in found]
    idf = _idf(words)
    return tuple(_supporting(set(content_words(t)), cosines[i], found, words, idf) for i, t in enumerate(texts))


def _idf(words: Sequence[set[str]]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for one in words:
        for word in one:
            counts[word] = counts.get(word, 0) + 1
    return {word: float(np.log((1 + len(words)) / (1 + n)) + 1) for word, n in counts.items()}


def _supporting(
    wanted: set[str],
    cosines: NDArray[np.float32],
    found: Sequence[Sentence],
    words: Sequence[set[str]],
    idf: dict[str, float],
) -> tuple[Sentence, ...]:
    rare = max(idf.values(), default=1.0)
    weight = {w: idf.get(w, rare) for w in wanted}
    total = sum(weight[w] for w in sorted(wanted)) or 1.0

    def share(held: set[str]) -> float:
        return sum(weight[w] for w in sorted(held)) / total

    scores = [0.5 * max(0.0, float(c)) + 0.5 * share(wanted & held) for c, held in zip(cosines, words, strict=True)]
    order = sorted(range(len(found)), key=lambda j: (-round(scores[j], 4), found[j].article, found[j].index))
    best = order[0]
    if scores[best] < SUPPORT:
        return ()
    chosen, covered = [best], wanted & words[best]
    for j in order[1:]:
        new = (wanted & words[j]) - covered
        if scores[j] >= SUPPORT or share(new) >= ADDED:
            chosen.append(j)
            covered |= new
    return tuple(found[j] for j in chosen)


def drafts(
    texts: Sequence[str],
    story: Story,
    planned: Sequence[Planned],
    encode: Encode,
    evidence: Sequence[Sequence[Sentence]] | None = None,
) -> tuple[Draft, ...]:
    """One draft a written sentence: the sentence, and behind it a source sentence to be said in its place.

    That is the sentence's best supporting one that can stand alone. Where nothing supports a sentence, the most
    important planned claim that none of the others tells takes its place.

    Args:
        texts: n written sentences, in their order, the more important first.
        story: the articles they were written from.
        planned: what is worth saying.
        encode: maps n texts to (n, d) unit vectors.
        evidence: for each text what the writer says it was written from; it goes first, and alignment adds the rest.

    Raises:
        ValueError: there is not one entry of ``evidence`` for each text.
    """
    given: Sequence[Sequence[Sentence]] = [()] * len(texts) if evidence is None else evidence
    aligned = attribute(texts, story, encode)
    supports = [tuple(dict.fromkeys((*said, *own))) for said, own in zip(given, aligned, strict=True)]
    told = {s for support in supports for s in support}
    rest = [p.claim for p in sorted(planned, key=lambda p: p.rank) if not told & set(p.claim.sentences)]
    made = []
    for rank, (text, support) in enumerate(zip(texts, supports, strict=True)):
        behind = support or (rest.pop(0).kin if rest else ())
        if not behind:
            continue
        instead = next((s for s in behind if not dangles(s.text)), behind[0])
        fallback = Candidate(" ".join(instead.text.split()), "extracted")
        made.append(Draft((Candidate(" ".join(text.split()), "written"), fallback), behind, rank))
    return tuple(made)
