"""Citation precision and recall (Gao et al. 2023, "ALCE", arXiv:2305.14627).

- ``citations.r``: share of a summary's sentences that all their quotes together support; one without quotes is not.
- ``citations.p``: share of its citations that are to the point: the sentence is supported, and the quote either
  supports it alone, or is needed, in that the other quotes no longer support it without this one.
- ``citations.f``: their harmonic mean.

Who says whether quotes support a sentence is a setting: ``verifier`` (``summarize.verification``, which also decides
what the summarizers of this project may write, and so cannot judge them without favour), ``judge`` (the shipped model,
which ranks their wordings, likewise), or the name or folder of any model for natural language inference, which is
independent of both.
"""

from collections.abc import Callable, Sequence
from functools import cache

from eval.metrics.sample import Sample
from eval.metrics.settings import MetricSettings
from summarize.config import FusionSettings
from summarize.models import Encode, load_entailment
from summarize.verification import problems

Pair = tuple[str, tuple[str, ...]]
"""A sentence and its quotes."""
Supports = Callable[[Sequence[Pair]], list[bool]]


def measure(sample: Sample, settings: MetricSettings, encode: Encode) -> dict[str, float]:
    """``citations.p``, ``citations.r``, ``citations.f``; nothing without a summary of this project."""
    if not sample.cited:
        return {}
    sentences = [(s.text, tuple(dict.fromkeys(c.quote for c in s.citations))) for s in sample.cited]
    return scores(sentences, load_support(settings.support))


def scores(sentences: Sequence[Pair], supports: Supports) -> dict[str, float]:
    """The three figures of sentences with their quotes."""
    wanted = [pair for pair in sentences if pair[1]]
    wanted += [(text, (quote,)) for text, quotes in sentences if len(quotes) > 1 for quote in quotes]
    wanted += [
        (text, (*quotes[:i], *quotes[i + 1 :]))
        for text, quotes in sentences
        if len(quotes) > 1
        for i in range(len(quotes))
    ]
    distinct = list(dict.fromkeys(wanted))
    supported = dict(zip(distinct, supports(distinct) if distinct else [], strict=True))
    whole = [bool(pair[1]) and supported[pair] for pair in sentences]
    good = sum(
        _to_the_point(text, quotes, i, supported)
        for (text, quotes), holds in zip(sentences, whole, strict=True)
        if holds
        for i in range(len(quotes))
    )
    number = sum(len(quotes) for _, quotes in sentences)
    recall = sum(whole) / len(sentences)
    precision = good / number if number else 0.0
    both = precision + recall
    return {
        "citations.p": precision,
        "citations.r": recall,
        "citations.f": 2 * precision * recall / both if both else 0.0,
    }


def _to_the_point(text: str, quotes: tuple[str, ...], i: int, supported: dict[Pair, bool]) -> bool:
    if len(quotes) == 1:
        return True
    return supported[text, (quotes[i],)] or not supported[text, (*quotes[:i], *quotes[i + 1 :])]


@cache
def load_support(name: str) -> Supports:
    """What judges support, loaded once per process.

    Raises:
        ModelError: a model cannot be found, is damaged, or does not judge entailment.
    """
    if name == "verifier":
        return lambda pairs: [not problems(text, quotes) for text, quotes in pairs]
    if name == "judge":
        return _judge
    return load_entailment(name).supports


def _judge(pairs: Sequence[Pair]) -> list[bool]:
    from summarize.models import load_judge

    model = load_judge(FusionSettings())
    if model is None:
        raise AssertionError("the default settings have a judge")
    return [bool(p >= model.config.thresholds[1]) for p in model.judge(pairs)[:, 1]]
