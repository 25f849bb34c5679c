"""A summary sentence to its citations: for each article, the sentence that supports it best.

A quote's score is the share of the summary sentence's content words that stand in it. An article is cited when its
best sentence scores at least ``MIN_SCORE``; the best quote of all is always cited, and a sentence that still holds
words no cited quote has gets the quotes that hold them, while there are any. A quote that is the sentence itself
supports it best, even where neither holds a content word.
"""

from collections.abc import Iterable, Sequence

from summarize.documents import Citation, Sentence, Story
from summarize.text import content_words

MIN_SCORE = 0.5


def cite_each(text: str, evidence: Sequence[Sentence]) -> tuple[Citation, ...]:
    """Every one of the source sentences as a citation, ordered by article id and place.

    Args:
        text: the summary sentence.
        evidence: the source sentences that support it.
    """
    wanted = set(content_words(text))
    return tuple(
        Citation(s.article, s.start, s.end, s.text, len(wanted & set(content_words(s.text))) / max(1, len(wanted)))
        for s in sorted(evidence, key=lambda s: (s.article, s.start))
    )


def cite(text: str, evidence: Sequence[Sentence]) -> tuple[Citation, ...]:
    """Citations for a sentence, at most one an article, ordered by article id.

    Args:
        text: the summary sentence.
        evidence: source sentences that may support it; at least one.

    Raises:
        ValueError: there is no evidence.
    """
    if not evidence:
        raise ValueError("a sentence cannot be cited without evidence")
    wanted = set(content_words(text))
    found = [set(content_words(s.text)) & wanted for s in evidence]
    itself = " ".join(text.split())
    support = [(len(words), " ".join(s.text.split()) == itself) for words, s in zip(found, evidence, strict=True)]
    best: dict[str, int] = {}
    for i, sentence in enumerate(evidence):
        rival = best.get(sentence.article)
        if rival is None or support[i] > support[rival]:
            best[sentence.article] = i
    ranked = sorted(sorted(best.values(), key=lambda i: evidence[i].article), key=lambda i: support[i], reverse=True)
    cited = [i for i in ranked if i == ranked[0] or len(found[i]) >= MIN_SCORE * max(1, len(wanted))]
    covered = set().union(*(found[i] for i in cited))
    for i in ranked:
        if i not in cited and found[i] - covered:
            cited.append(i)
            covered |= found[i]
    return tuple(
        Citation(s.article, s.start, s.end, s.text, len(found[i]) / max(1, len(wanted)))
        for i, s in sorted(((i, evidence[i]) for i in cited), key=lambda pair: pair[1].article)
    )


def originals_first(citations: Iterable[Citation], story: Story) -> tuple[Citation, ...]:
    """The citations with those of one lineage together, its original first, and lineages by the id of their original.

    Args:
        citations: of articles of the story.
        story: the articles, with lineages.
    """
    return tuple(sorted(citations, key=lambda c: (story.places[c.article], c.start)))
