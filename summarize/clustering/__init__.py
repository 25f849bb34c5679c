"""Articles to Stories: a few registered clusterers, and the lineage of reports within a story."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Protocol

from summarize.clustering import hybrid, tfidf
from summarize.clustering.blocks import Each, in_turn
from summarize.clustering.lineage import lineages, spun_copies
from summarize.clustering.words import distinct
from summarize.config import ClusteringSettings
from summarize.documents import Article, Story
from summarize.errors import UnknownNameError
from summarize.models import Encode

__all__ = ["CLUSTERERS", "Clusterer", "cluster", "groups", "lineages", "spun_copies", "story_id", "story_of"]


class Clusterer(Protocol):
    """Groups articles by the event they report."""

    def __call__(
        self, articles: Sequence[Article], settings: ClusteringSettings, encode: Encode, each: Each = in_turn
    ) -> list[list[int]]:
        """Groups of positions in ``articles``, whose texts all differ; every position is in exactly one."""
        ...


CLUSTERERS: Mapping[str, Clusterer] = {"hybrid": hybrid.group, "tfidf": tfidf.group}


def cluster(articles: Sequence[Article], settings: ClusteringSettings, encode: Encode) -> tuple[Story, ...]:
    """Group articles into stories, the largest first, ties by story id.

    The result does not depend on the order of the articles.

    Args:
        articles: with unique ids.
        settings: which clusterer, and how sure it must be.
        encode: called only for articles whose words alone do not decide.

    Raises:
        UnknownNameError: ``settings.clusterer`` is not in ``CLUSTERERS``.
    """
    stories = [story_of(group, encode) for group in groups(articles, settings, encode)]
    return tuple(sorted(stories, key=lambda s: (-len(s.articles), s.id)))


def groups(
    articles: Sequence[Article], settings: ClusteringSettings, encode: Encode, each: Each = in_turn
) -> list[list[Article]]:
    """The articles of each story, in no particular order; the rest as ``cluster``.

    Args:
        articles: as for ``cluster``.
        settings: as for ``cluster``.
        encode: as for ``cluster``.
        each: works on what can be clustered apart; the result does not hang on where.

    Raises:
        UnknownNameError: ``settings.clusterer`` is not in ``CLUSTERERS``.
    """
    if settings.clusterer not in CLUSTERERS:
        raise UnknownNameError("clusterer", settings.clusterer, CLUSTERERS)
    copies = distinct(articles)
    clusterer = CLUSTERERS[settings.clusterer]
    found = clusterer([c[0] for c in copies], settings, encode, each) if copies else []
    return [[a for i in group for a in copies[i]] for group in found]


def story_of(articles: Sequence[Article], encode: Encode) -> Story:
    """The given articles as one story, without asking whether they belong together.

    Args:
        articles: with unique ids.
        encode: as for ``lineages``.
    """
    ordered = tuple(sorted(articles, key=lambda a: a.id))
    return Story(story_id(ordered), ordered, lineages(ordered, encode))


def story_id(articles: Sequence[Article]) -> str:
    """The id of the story of these articles, in the order of their ids."""
    digest = hashlib.sha256()
    for article in articles:
        for part in (article.id, article.title or "", article.text):
            digest.update(len(part.encode("utf-8", "surrogatepass")).to_bytes(8, "big"))
            digest.update(part.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:12]
