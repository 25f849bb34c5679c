"""How far a written sentence can be trusted, from 0 to 1.

Logistic regression over the evidence of its path (``paths.evidence``) and the log-odds of the judge's verdicts. The
weights were learned from readers' verdicts on sentences the model wrote (``eval/data/support/read.jsonl``,
``summarize.training.trust``): the probability that a reader finds a sentence both grammatical and supported.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, log
from pathlib import Path

JUDGED = ("grammatical", "supported")
"""Names of the judge's probabilities among the evidence."""


@dataclass(frozen=True)
class Weights:
    """A fitted logistic regression over standardised evidence.

    Attributes:
        mean: of each kind of evidence, by name.
        scale: its standard deviation.
        weight: what one standard deviation weighs, in log-odds.
        bias: log-odds of a sentence with average evidence.
    """

    mean: Mapping[str, float]
    scale: Mapping[str, float]
    weight: Mapping[str, float]
    bias: float


@cache
def shipped() -> Weights:
    """The weights in the package."""
    values = json.loads((Path(__file__).parent / "trust.json").read_text(encoding="utf-8"))
    return Weights(values["mean"], values["scale"], values["weight"], values["bias"])


def with_marks(evidence: Mapping[str, float], marks: Sequence[float]) -> dict[str, float]:
    """The evidence of a path and the judge's probabilities, as log-odds.

    Args:
        evidence: of ``paths.evidence``.
        marks: the judge's two probabilities, from 0 to 1.
    """
    return {**evidence, **{name: _log_odds(mark) for name, mark in zip(JUDGED, marks, strict=True)}}


def trust(evidence: Mapping[str, float], weights: Weights, marks: Sequence[float] | None = None) -> float:
    """Probability that a reader would find a sentence grammatical and supported, from 0.0001 to 1.

    Args:
        evidence: of ``paths.evidence``.
        weights: what each kind of it weighs.
        marks: the judge's two probabilities; None where the judge was not asked: average ones are assumed.
    """
    known = with_marks(evidence, marks) if marks else {**evidence, **{name: weights.mean[name] for name in JUDGED}}
    odds = weights.bias + sum(
        weight * (known[name] - weights.mean[name]) / weights.scale[name] for name, weight in weights.weight.items()
    )
    return round(max(1 / (1 + exp(-odds)), 1e-4), 4)


def _log_odds(probability: float) -> float:
    held = min(max(probability, 1e-4), 1 - 1e-4)
    return log(held / (1 - held))
