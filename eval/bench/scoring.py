"""ROUGE-1, -2, -L and -Lsum against plain rouge-score: ``python -m eval.bench.scoring``.

Pairs are beginnings of two articles of one story of ``eval/data/stories``, as long as the usual summary of several
articles. Both sides score the same pairs and must agree to the last digit. Ours splits the reference into sentences
itself and remembers no text from before, only stems; rouge-score is given lines. Seconds are of processor time, so that
other work on the machine does not count.
"""

import json
import time
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from statistics import fmean
from typing import Annotated

import typer
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.scoring import Score

from eval.metrics import rouge

STORIES = Path(__file__).parents[1] / "data" / "stories"
WORDS = 260
TYPES = ("rouge1", "rouge2", "rougeL", "rougeLsum")

Pair = tuple[str, tuple[str, ...]]
"""A reference, and a summary's sentences."""
Scores = list[dict[str, Score]]


def main(limit: Annotated[int, typer.Option(help="Pairs that are scored; 0 for all.")] = 60) -> None:
    """Print one JSON line; a score that differs is an error."""
    pairs = read()[: limit or None]
    record: dict[str, object] = {"bench": "scoring"}
    for name, types in (("", TYPES), ("_lcs", TYPES[2:])):
        ours(pairs[:1], types)  # the first call loads what later calls find loaded
        fast, scores = timed(lambda types=types: ours(pairs, types))  # type: ignore[misc]
        slow, expected = timed(lambda types=types: plain(pairs, types))  # type: ignore[misc]
        if scores != expected:
            raise SystemExit("the scores differ from those of rouge-score")
        record |= {f"ratio{name}": round(slow / fast, 1), f"milliseconds{name}": round(1000 * fast / len(pairs), 2)}
        record[f"milliseconds_reference{name}"] = round(1000 * slow / len(pairs), 2)
    words = round(fmean(len(" ".join(s).split()) for _, s in pairs))
    print(json.dumps(record | {"target": 10, "pairs": len(pairs), "words": words}))


def read() -> list[Pair]:
    """Each beginning of an article with that of each other one of its story, in the order of their ids."""
    pairs: list[Pair] = []
    for path in sorted(STORIES.glob("*.json")):
        texts = [beginning(a["text"]) for a in json.loads(path.read_text("utf-8"))["articles"]]
        pairs += [("\n".join(a), b) for a, b in permutations(texts, 2)]
    return pairs


def beginning(text: str) -> tuple[str, ...]:
    """The sentences of a text up to the one in which the limit of words is reached."""
    taken: list[str] = []
    for sentence in rouge.lines(text):
        if sum(len(s.split()) for s in taken) >= WORDS:
            break
        taken.append(sentence)
    return tuple(taken)


def ours(pairs: list[Pair], types: tuple[str, ...]) -> Scores:
    """The scores by ``eval.metrics.rouge``."""
    rouge.tokens.cache_clear()
    rouge.lines.cache_clear()
    return [rouge.score(reference, sentences, types) for reference, sentences in pairs]


def plain(pairs: list[Pair], types: tuple[str, ...]) -> Scores:
    """The scores by rouge-score alone."""
    scorer = RougeScorer(types, use_stemmer=True)
    return [scorer.score(reference, "\n".join(sentences)) for reference, sentences in pairs]


def timed(work: Callable[[], Scores]) -> tuple[float, Scores]:
    """Seconds of processor time, and what came of it."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


if __name__ == "__main__":
    typer.run(main)
