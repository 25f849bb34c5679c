"""Citations against the source sentences that people marked for each sentence of a reference.

A cited slice and a marked sentence are the same source sentence if they overlap by at least half of the shorter one.
``gold.p`` is the share of cited slices that are marked, ``gold.r`` the share of marked sentences that are cited,
``gold.f`` their harmonic mean. Since several sentences may carry one fact, ``gold_covered`` is the share of reference
sentences of which at least one source is cited.
"""

from collections.abc import Collection, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Protocol

from eval.metrics.sample import Sample
from eval.metrics.settings import MetricSettings
from summarize.models import Encode

if TYPE_CHECKING:
    from eval.items import GoldSentence

KEYS = ("gold.p", "gold.r", "gold.f", "gold_covered")


class _Slice(Protocol):
    @property
    def article(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def measure(sample: Sample, settings: MetricSettings, encode: Encode) -> dict[str, float]:
    """``gold.p``, ``gold.r``, ``gold.f`` and ``gold_covered``; nothing without marks or without citations."""
    gold = sample.item.gold
    marked = [a for a in gold.attributions if any(s.sources for s in a)] if gold else []
    if sample.summary is None or not marked:
        return {}
    cited = {(c.article, c.start, c.end): c for s in sample.cited for c in s.citations}
    rows = [_compare(cited.values(), attribution) for attribution in marked]
    if settings.references == "max":
        rows = [max(rows, key=lambda row: row[2])]
    return {key: fmean(column) for key, column in zip(KEYS, zip(*rows, strict=True), strict=True)}


def _compare(cited: Collection[_Slice], marked: "Sequence[GoldSentence]") -> tuple[float, float, float, float]:
    sources = {(s.article, s.start, s.end): s for sentence in marked for s in sentence.sources}.values()
    precision = sum(_among(c, sources) for c in cited) / max(1, len(cited))
    recall = sum(_among(s, cited) for s in sources) / len(sources)
    both = precision + recall
    sentences = [sentence.sources for sentence in marked if sentence.sources]
    covered = sum(any(_among(s, cited) for s in group) for group in sentences) / len(sentences)
    return precision, recall, 2 * precision * recall / both if both else 0.0, covered


def _among(one: _Slice, others: Collection[_Slice]) -> bool:
    return any(one.article == other.article and _overlap(one, other) for other in others)


def _overlap(a: _Slice, b: _Slice) -> bool:
    return 2 * (min(a.end, b.end) - max(a.start, b.start)) >= max(1, min(a.end - a.start, b.end - b.start))
