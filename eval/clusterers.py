"""Who is measured on labelled clusters: the package's own clusterers, and what others would use in their place."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from pydantic import Field

from summarize import clustering
from summarize.clustering.evidence import encode_leads
from summarize.config import ClusteringSettings, Settings
from summarize.documents import Article
from summarize.models import Encode

Labels = list[int]
"""The number of each article's cluster, in the order of the articles."""


class DbscanSettings(Settings):
    """DBSCAN over sentence vectors."""

    eps: float = Field(0.35, gt=0, le=2, description="cosine distance up to which articles are neighbours")
    min_samples: int = Field(2, ge=1, description="neighbours, itself among them, that make an article a core")


class BertopicSettings(Settings):
    """BERTopic as it comes; only the size of the smallest topic is worth a setting."""

    min_topic_size: int = Field(10, ge=2, description="articles of the smallest topic")


@dataclass(frozen=True)
class Kind:
    """A way to cluster.

    Attributes:
        run: articles, its settings, a sentence encoder and a seed to labels.
        settings: the class of its settings.
        needs: the module it is imported from, where that is no dependency of this project.
    """

    run: Callable[[Sequence[Article], Any, Encode, int], Labels]
    settings: type[Settings]
    needs: str | None = None

    @property
    def installed(self) -> bool:
        """Whether it can be run here."""
        return self.needs is None or find_spec(self.needs) is not None


def packaged(articles: Sequence[Article], settings: ClusteringSettings, encode: Encode, seed: int) -> Labels:
    """``summarize.clustering`` with a clusterer of its own."""
    return labels(articles, (s.by_id for s in clustering.cluster(articles, settings, encode)))


def labels(articles: Iterable[Article], groups: Iterable[Iterable[str]]) -> Labels:
    """For each article the number of the group, of ids, that it is in."""
    number = {id: n for n, group in enumerate(groups) for id in group}
    return [number[a.id] for a in articles]


def dbscan(articles: Sequence[Article], settings: DbscanSettings, encode: Encode, seed: int) -> Labels:
    """DBSCAN (Ester et al. 1996) on the cosine distance of title and lead; each outlier is a story of its own."""
    from sklearn.cluster import DBSCAN

    vectors = encode_leads(articles, range(len(articles)), encode)
    model = DBSCAN(eps=settings.eps, min_samples=settings.min_samples, metric="cosine")
    return alone(model.fit_predict(vectors).tolist())


def bertopic(articles: Sequence[Article], settings: BertopicSettings, encode: Encode, seed: int) -> Labels:
    """BERTopic (Grootendorst 2022, arXiv:2203.05794) with its defaults; each outlier is a story of its own.

    Its default encoder is the MiniLM that is in this package. UMAP is given a seed, so that a run can be repeated.
    """
    from bertopic import BERTopic
    from umap import UMAP

    vectors = encode_leads(articles, range(len(articles)), encode)
    reducer = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=seed)
    model = BERTopic(umap_model=reducer, min_topic_size=settings.min_topic_size)
    topics, _ = model.fit_transform([f"{a.title or ''}\n{a.text}".strip() for a in articles], np.asarray(vectors))
    return alone([int(t) for t in topics])


def alone(found: Sequence[int]) -> Labels:
    """The labels with each outlier, marked -1, in a cluster of its own."""
    free = max(found, default=-1) + 1
    return [label if label >= 0 else free + n for n, label in enumerate(found)]


KINDS: Mapping[str, Kind] = {
    **{name: Kind(packaged, ClusteringSettings) for name in clustering.CLUSTERERS},
    "dbscan": Kind(dbscan, DbscanSettings),
    "bertopic": Kind(bertopic, BertopicSettings, needs="bertopic"),
}
"""Every way to cluster by name."""
