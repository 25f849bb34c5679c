"""LexRank against plain Python: ``python -m eval.bench.lexrank``.

Both rank the same generated story, from its text to the ranking: ours with sparse products, the reference
with a dict a sentence, a loop over all pairs, and lists. The two must agree on the 100 best sentences. Seconds
are of processor time, so that other work on the machine does not count.
"""

import json
import math
import time
from collections import Counter
from itertools import accumulate
from random import Random

from summarize.documents import Article, Story
from summarize.extractive import lexrank
from summarize.extractive.choosing import ranked
from summarize.extractive.view import View
from summarize.text import content_words, sentences

SENTENCES = 2_000
ARTICLES = 20
VOCABULARY = 20_000
COMPARED = 100


def main() -> None:
    """Print one JSON line; a ranking that differs is an error."""
    story = generated(SENTENCES, ARTICLES)
    ours(generated(50, 2))  # the first call loads what later calls find loaded
    start = time.process_time()
    fast = ours(story)
    middle = time.process_time()
    slow = plain(story)
    end = time.process_time()
    if fast[:COMPARED] != slow[:COMPARED]:
        raise SystemExit(f"the rankings differ in their first {COMPARED} sentences")
    print(
        json.dumps(
            {
                "bench": "lexrank",
                "ratio": round((end - middle) / (middle - start), 1),
                "target": 20,
                "seconds": round(middle - start, 3),
                "seconds_reference": round(end - middle, 3),
                "sentences": len(fast),
                "same_top": COMPARED,
            }
        )
    )


def ours(story: Story) -> list[int]:
    """The ranking of ``summarize.extractive.lexrank``."""
    view = View.of(story)
    return ranked(view, lexrank.scores(view))


def plain(story: Story) -> list[int]:
    """The same formulas, written as one would without arrays."""
    found = [s for article in sorted(story.articles, key=lambda a: a.id) for s in sentences(article)]
    counts = [Counter(content_words(s.text)) for s in found]
    n = len(found)
    frequency = Counter(word for c in counts for word in c)
    vectors = []
    for c in counts:
        vector = {w: k * (math.log((1 + n) / (1 + frequency[w])) + 1) for w, k in c.items()}
        norm = math.sqrt(sum(x * x for x in vector.values())) or 1.0
        vectors.append({w: x / norm for w, x in vector.items()})

    links: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    for i in range(n):
        for j in range(i, n):
            cosine = sum(x * vectors[j][w] for w, x in vectors[i].items() if w in vectors[j])
            if cosine > 0:
                links[i].append((j, cosine))
                if i != j:
                    links[j].append((i, cosine))

    degrees = [sum(cosine for _, cosine in row) for row in links]
    p = [1 / n] * n
    while True:
        shares = [p[i] / degrees[i] for i in range(n)]
        following = [0.15 / n + 0.85 * sum(cosine * shares[j] for j, cosine in row) for row in links]
        moved = sum(abs(a - b) for a, b in zip(p, following, strict=True))
        p = following
        if moved < 1e-13:
            break
    best = max(p)
    return sorted(range(n), key=lambda i: (-round(p[i] / best, 9), found[i].index, found[i].article))


def generated(n: int, articles: int, seed: int = 13) -> Story:
    """A story of n sentences of 8 to 30 made-up words, drawn by the law of Zipf and Mandelbrot.

    Its shift of 10 stands for the function words, which are not among the content words of a story.
    """
    random = Random(seed)
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    vocabulary = ["".join(random.choices(syllables, k=random.randint(2, 4))) for _ in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(1, VOCABULARY + 1)))
    lines = [
        " ".join(random.choices(vocabulary, cum_weights=weights, k=random.randint(8, 30))).capitalize() + "."
        for _ in range(n)
    ]
    texts = ["\n\n".join(lines[a::articles]) for a in range(articles)]
    return Story("generated", tuple(Article(f"{a:02}", text) for a, text in enumerate(texts)))


if __name__ == "__main__":
    main()
