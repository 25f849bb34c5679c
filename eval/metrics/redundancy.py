"""How often a summary says the same thing again.

``repeated_trigrams`` is the share of its trigrams, within sentences, that stood in it before (one minus the unique
n-gram ratio of Xiao and Carenini 2020). ``similar_sentences`` is the mean, over sentences, of the highest ROUGE-L F
with another sentence.
"""

from collections.abc import Sequence

from eval.metrics.rouge import rouge_l, tokenizer_of
from eval.metrics.sample import Sample
from eval.metrics.settings import MetricSettings
from summarize.models import Encode


def measure(sample: Sample, settings: MetricSettings, encode: Encode) -> dict[str, float]:
    """``repeated_trigrams`` and ``similar_sentences``; the second needs two sentences."""
    sentences = [tokenizer_of(settings)(s) for s in sample.sentences]
    found = {}
    trigrams = [gram for s in sentences for gram in zip(s, s[1:], s[2:], strict=False)]
    if trigrams:
        found["repeated_trigrams"] = 1 - len(set(trigrams)) / len(trigrams)
    if len(sentences) > 1:
        found["similar_sentences"] = sum(_nearest(i, sentences) for i in range(len(sentences))) / len(sentences)
    return found


def _nearest(i: int, sentences: Sequence[tuple[str, ...]]) -> float:
    return max(float(rouge_l(other, sentences[i]).fmeasure) for j, other in enumerate(sentences) if j != i)
