"""What is measured of a summary: the table of metrics, and how the figures are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal

from eval.metrics import citations, facts, fragments, gold, redundancy, rouge, semantic
from eval.metrics.sample import Measure, Sample
from eval.metrics.settings import Group, LengthSettings, MetricSettings, StatisticsSettings
from summarize.models import Encode

__all__ = [
    "METRICS",
    "Figure",
    "LengthSettings",
    "MetricSettings",
    "Sample",
    "StatisticsSettings",
    "figure",
    "score",
    "signature",
]

Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True)
class Figure:
    """How a metric's mean is read.

    Attributes:
        label: the column's heading.
        better: which way is up.
        scale: what the stored number is multiplied by for people: 100 for shares.
        digits: decimals shown.
    """

    label: str
    better: Better = "higher"
    scale: float = 1
    digits: int = 1


def _rouge(sample: Sample, settings: MetricSettings, encode: Encode) -> dict[str, float]:
    return rouge.scores(sample.item.references, sample.sentences, settings)


def _length(sample: Sample, settings: MetricSettings, encode: Encode) -> dict[str, float]:
    return {"words": len(sample.text.split()), "sentences": len(sample.sentences)}


def _sources(sample: Sample, settings: MetricSettings, encode: Encode) -> dict[str, float]:
    """Articles cited, and independent reports among them: copies and rewrites of one article count once."""
    if sample.summary is None:
        return {}
    original = sample.summary.story.original
    cited = {c.article for s in sample.cited for c in s.citations}
    return {"sources": len(cited), "independent_sources": len({original.get(article, article) for article in cited})}


METRICS: Mapping[Group, Measure] = {
    "rouge": _rouge,
    "length": _length,
    "fragments": fragments.measure,
    "redundancy": redundancy.measure,
    "semantic": semantic.measure,
    "citations": citations.measure,
    "unsupported": facts.measure,
    "sources": _sources,
    "gold": gold.measure,
}
"""Everything that can be measured, by the name the settings use."""

FIGURES: Mapping[str, Figure] = {
    "semantic": Figure("Semantic similarity F", scale=100),
    "citations": Figure("Citations F", scale=100),
    "gold": Figure("Gold sources F", scale=100),
    "gold_covered": Figure("Gold covered", scale=100),
    "unsupported_numbers": Figure("Unsupported numbers", "lower"),
    "unsupported_names": Figure("Unsupported names", "lower"),
    "unsupported_quotations": Figure("Unsupported quotations", "lower"),
    "invented_numbers": Figure("Invented numbers", "lower"),
    "invented_names": Figure("Invented names", "lower"),
    "invented_quotations": Figure("Invented quotations", "lower"),
    "sources": Figure("Articles cited"),
    "independent_sources": Figure("Independent reports"),
    "repeated_trigrams": Figure("Repeated trigrams", "lower", scale=100),
    "similar_sentences": Figure("Similar sentences", "lower", scale=100),
    "coverage": Figure("Coverage", "neither", scale=100),
    "density": Figure("Density", "neither"),
    "compression": Figure("Compression", "neither"),
    "novel1": Figure("Novel words", "neither", scale=100),
    "novel2": Figure("Novel bigrams", "neither", scale=100),
    "novel3": Figure("Novel trigrams", "neither", scale=100),
    "novel4": Figure("Novel 4-grams", "neither", scale=100),
    "words": Figure("Words", "neither"),
    "sentences": Figure("Sentences", "neither"),
}
"""How the metrics other than ROUGE are read, in the order of the tables."""


def figure(metric: str) -> Figure:
    """How a metric is read; one that is in no table by its own name."""
    if metric.startswith("rouge"):
        return Figure(f"ROUGE-{metric.removeprefix('rouge')}", scale=100, digits=2)
    return FIGURES.get(metric, Figure(metric, "neither"))


def score(sample: Sample, settings: MetricSettings, encode: Encode) -> dict[str, float]:
    """All scores of a summary by key: ``rouge1.p``, ``rouge1.r``, ``rouge1.f``, ``coverage`` and so on.

    Shares are from 0 to 1. What does not apply is missing: there are no references, citations or marks.
    """
    found: dict[str, float] = {}
    for name in settings.groups:
        found |= METRICS[name](sample, settings, encode)
    return found


def signature(settings: MetricSettings) -> dict[str, str]:
    """What the scores hang on, in words."""
    return {
        "rouge": f"rouge-score {version('rouge-score')}, {', '.join(settings.rouge)}",
        "stemming": f"Porter, nltk {version('nltk')}" if settings.stem else "none",
        "tokenizer": "rouge-score: a-z and 0-9"
        if settings.tokenizer == "rouge"
        else f"Unicode, regex {version('regex')}",
        "sentences": f"summarize.text.split, sentencex {version('sentencex')}, both sides of rougeLsum",
        "references": "mean over the references"
        if settings.references == "mean"
        else "the reference with the highest F",
        "truncation": "the summary only, never the references",
        "support": settings.support,
        "groups": ", ".join(settings.groups),
    }
