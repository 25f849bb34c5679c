"""Closeness in meaning to the references, by the sentence encoder.

As BERTScore (Zhang et al. 2020) with sentences for tokens: ``semantic.p`` is the mean over summary sentences of the
highest cosine with a reference sentence, ``semantic.r`` the mean over reference sentences of the highest cosine with a
summary sentence, ``semantic.f`` their harmonic mean. Cosines below 0 count as 0.
"""

from functools import lru_cache
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from eval.metrics.rouge import lines
from eval.metrics.sample import Sample
from eval.metrics.settings import MetricSettings
from summarize.models import Encode

DIGITS = 4
"""Decimals of a score; the encoder's vectors are good for no more."""


def measure(sample: Sample, settings: MetricSettings, encode: Encode) -> dict[str, float]:
    """``semantic.p``, ``semantic.r`` and ``semantic.f``; nothing without references."""
    references = [r for r in (lines(r) for r in sample.item.references) if r]
    if not references:
        return {}
    if not sample.sentences:
        return {f"semantic.{part}": 0.0 for part in "prf"}
    # What a text is encoded with changes the last digits of its vector: each call has the texts of one summary only.
    ours = encode(sample.sentences)
    rows = [_compare(ours, _vectors(encode, reference)) for reference in references]
    if settings.references == "max":
        rows = [max(rows, key=lambda row: row[2])]
    figures = (round(fmean(column), DIGITS) for column in zip(*rows, strict=True))
    return dict(zip(("semantic.p", "semantic.r", "semantic.f"), figures, strict=True))


@lru_cache(maxsize=64)
def _vectors(encode: Encode, sentences: tuple[str, ...]) -> NDArray[np.float32]:
    return encode(sentences)


def _compare(ours: NDArray[np.float32], reference: NDArray[np.float32]) -> tuple[float, float, float]:
    cosines = np.clip(ours.astype(np.float64) @ reference.astype(np.float64).T, 0, 1)
    precision, recall = float(cosines.max(1).mean()), float(cosines.max(0).mean())
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0
