"""Average-link clustering on the TF-IDF cosine alone: the baseline, and what needs no encoder."""

from collections.abc import Sequence

from summarize.clustering.blocks import Each, in_turn
from summarize.clustering.linkage import average_link
from summarize.clustering.pairs import cosines, neighbours, weigh
from summarize.clustering.words import count, rarity
from summarize.config import ClusteringSettings
from summarize.documents import Article
from summarize.models import Encode

SAME = 0.17
"""Mean cosine at which groups join when the threshold is 0.5."""


def group(
    articles: Sequence[Article], settings: ClusteringSettings, encode: Encode, each: Each = in_turn
) -> list[list[int]]:
    """Groups of positions in ``articles``, all joined at once."""
    words = [count(a) for a in articles]
    rare = rarity(words)
    index = {s: i for i, s in enumerate(sorted(rare))}
    matrix = weigh((w.all for w in words), rare, index)
    threshold = SAME * settings.threshold / 0.5
    left, right = neighbours(matrix, 0.01)
    pairs = zip(left.tolist(), right.tolist(), cosines(matrix, left, right).tolist(), strict=True)
    return average_link(len(articles), pairs, threshold)
