"""Cuts summaries to one length, so that none gains by saying more."""

from collections.abc import Callable, Sequence

from eval.metrics.rouge import tokenizer_of
from eval.metrics.settings import LengthSettings, MetricSettings, Unit


def truncate(sentences: Sequence[str], length: LengthSettings, settings: MetricSettings) -> tuple[str, ...]:
    """The sentences up to the limit, the one that crosses it cut, or with ``whole`` left out.

    Words are blank-separated, tokens are counted as ROUGE does, and bytes are those of the sentences in UTF-8 joined
    by blanks. With ``whole``, sentences are taken from the first on while they fit.
    """
    if length.limit is None:
        return tuple(sentences)
    unit, left = length.limit
    size = _measure(unit, settings)
    kept: list[str] = []
    for sentence in sentences:
        if kept and unit == "bytes":
            left -= 1
        if size(sentence) > left:
            part = "" if length.whole else _beginning(sentence, left, size)
            return (*kept, part) if part else tuple(kept)
        kept.append(sentence)
        left -= size(sentence)
    return tuple(kept)


def _measure(unit: Unit, settings: MetricSettings) -> Callable[[str], int]:
    if unit == "words":
        return lambda text: len(text.split())
    if unit == "bytes":
        return lambda text: len(text.encode("utf-8", "surrogatepass"))
    tokenize = tokenizer_of(settings)
    return lambda text: len(tokenize(text))


def _beginning(text: str, limit: int, size: Callable[[str], int]) -> str:
    """The longest beginning that fits: words and tokens stay whole, bytes end between two characters."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if size(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip()
