"""One summary to be measured, and the type of what measures it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eval.metrics.settings import MetricSettings
from summarize.documents import Summary, SummarySentence
from summarize.models import Encode

if TYPE_CHECKING:  # items import the settings of all the harness, which import those of the metrics
    from eval.items import Item


@dataclass(frozen=True)
class Sample:
    """A summary of an item.

    Attributes:
        text: what is scored: the sentences joined by blanks, cut to the length that was asked for.
        sentences: the same by sentences.
        summary: where it came from, uncut, with its citations; None for text written by another system.
    """

    item: "Item"
    text: str
    sentences: tuple[str, ...]
    summary: Summary | None = None

    @property
    def cited(self) -> tuple[SummarySentence, ...]:
        """The summary's sentences of which the cut left something; empty without a summary."""
        return self.summary.sentences[: len(self.sentences)] if self.summary else ()


Measure = Callable[[Sample, MetricSettings, Encode], dict[str, float]]
"""Scores of a sample by key; a key that does not apply to it is missing."""
