"""How the cost of clustering grows with the number of articles: ``python -m eval.bench.scale``.

Each way at each size runs in a fresh process on a generated stream (``eval/streams.py``) whose stories are known, and
prints one JSON line: seconds of processor time, of which encoding; megabytes above what the process held with its
encoder loaded, the articles included; and how well the stories were found. A last line for each way has the exponents
of growth: the slope of the logarithms of time and memory over that of the number of articles (least squares).

Ways: ``hybrid`` is ours; ``average link`` is exact, over all pairs of TF-IDF rows; ``dbscan`` is DBSCAN over MiniLM
vectors of all articles. The last two compare every pair, so each has a size it can bear.
"""

import json
import math
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from eval.bench.processes import UNIT, output_of
from eval.clusterers import DbscanSettings, dbscan, labels
from eval.clusters import scores
from eval.streams import stream
from summarize.clustering import groups
from summarize.clustering.evidence import gather
from summarize.clustering.tfidf import SAME
from summarize.config import ClusteringSettings, EncoderSettings
from summarize.documents import Article
from summarize.models import Encode, lazy_encode

SIZES = (2_500, 10_000, 40_000, 160_000)
TARGETS = {"time": 1.15, "memory": 1.05}
"""Exponents of growth that are aimed at for ``hybrid``."""
WIDTH = 384
"""Numbers of a vector of the stand-in encoder, as many as MiniLM's."""


def hybrid(articles: Sequence[Article], encode: Encode) -> list[int]:
    """The default clusterer."""
    return labels(articles, ([a.id for a in group] for group in groups(articles, ClusteringSettings(), encode)))


def average_link(articles: Sequence[Article], encode: Encode) -> list[int]:
    """UPGMA over the cosines of all pairs; holds n * (n - 1) / 2 distances of 8 bytes, and the square for a while."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    rows = gather(articles).lexical[0]
    distances = np.maximum(1 - (rows @ rows.T).toarray().astype(np.float64), 0)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average")
    return [int(label) for label in fcluster(tree, 1 - SAME, "distance")]


def vectors_alone(articles: Sequence[Article], encode: Encode) -> list[int]:
    """DBSCAN over the vectors of title and lead, every outlier a story of its own."""
    return dbscan(articles, DbscanSettings(), encode, 13)


WAYS: Mapping[str, Callable[[Sequence[Article], Encode], list[int]]] = {
    "hybrid": hybrid,
    "average link": average_link,
    "dbscan": vectors_alone,
}
BEARS = {"hybrid": max(SIZES), "average link": 10_000, "dbscan": 40_000}
"""The most articles each way is given: at 40,000, average link would hold more than 25 GB."""


def hashed(texts: Sequence[str]) -> NDArray[np.float32]:
    """A stand-in for the encoder that costs next to nothing: words hashed into unit vectors."""
    vectors = np.zeros((len(texts), WIDTH), np.float32)
    for row, text in zip(vectors, texts, strict=True):
        for word in set(text.split()):
            row[int.from_bytes(blake2b(word.encode(), digest_size=2).digest()) % WIDTH] += 1
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1)
    return vectors


def measure(way: str, count: int, encoder: str, seed: int = 13) -> dict[str, Any]:
    """One way at one size, in this process."""
    encode = lazy_encode(EncoderSettings()) if encoder == "minilm" else hashed
    encode(["The first call loads the model."])
    held = _peak()
    data = stream(count, seed)
    spent, encoded = 0.0, 0

    def timed(texts: Sequence[str]) -> NDArray[np.float32]:
        nonlocal spent, encoded
        start = time.process_time()
        vectors = encode(texts)
        spent += time.process_time() - start
        encoded += len(set(texts))
        return vectors

    start = time.process_time()
    found = WAYS[way](data.articles, timed)
    seconds = time.process_time() - start
    quality = scores(data.stories, found)
    return {
        "bench": "scale",
        "way": way,
        "articles": count,
        "encoder": encoder,
        "seed": seed,
        "seconds": round(seconds, 2),
        "seconds_encoding": round(spent, 2),
        "articles_per_second": round(count / seconds, 1),
        "encoded": round(encoded / count, 3),
        "megabytes": round((_peak() - held) / 1e6, 1),
        **{name: round(100 * quality[name], 1) for name in ("pair F1", "B3 F1")},
        "stories": int(quality["stories"]),
        "stories_true": len(set(data.stories)),
    }


def growth(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Exponents of growth of one way over its sizes, with and without the time of the encoder."""
    logs = [math.log(r["articles"]) for r in records]

    def slope(values: Sequence[float]) -> float:
        return round(float(np.polyfit(logs, [math.log(max(v, 1e-3)) for v in values], 1)[0]), 3)

    return {
        "bench": "scale",
        "way": records[0]["way"],
        "sizes": [r["articles"] for r in records],
        "exponent_time": slope([r["seconds"] for r in records]),
        "exponent_time_without_encoding": slope([r["seconds"] - r["seconds_encoding"] for r in records]),
        "exponent_memory": slope([r["megabytes"] for r in records]),
        **({"targets": TARGETS} if records[0]["way"] == "hybrid" else {}),
    }


def main(
    articles: Annotated[list[int] | None, typer.Option(help="Sizes measured; by default 2500 to 160000.")] = None,
    way: Annotated[list[str] | None, typer.Option(help="Ways measured; by default all, as far as they bear.")] = None,
    encoder: Annotated[str, typer.Option(help="'minilm', or 'hashed', which costs next to nothing.")] = "minilm",
    seed: Annotated[int, typer.Option(help="Seed of the streams.")] = 13,
    one: Annotated[bool, typer.Option(help="Measure in this process, one way at one size.", hidden=True)] = False,
) -> None:
    """Measure how time and memory of clustering grow with the number of articles."""
    sizes, ways = sorted(set(articles or SIZES)), way or list(WAYS)
    if unknown := [w for w in ways if w not in WAYS]:
        raise SystemExit(f"unknown way {unknown[0]!r}; known: {', '.join(WAYS)}")
    if encoder not in ("minilm", "hashed"):
        raise SystemExit(f"unknown encoder {encoder!r}; known: minilm, hashed")
    if one:
        print(json.dumps(measure(ways[0], sizes[0], encoder, seed)))
        return
    for name in ways:
        records = []
        for size in (s for s in sizes if s <= BEARS[name]):
            given = ("--one", "--way", name, "--articles", str(size), "--encoder", encoder, "--seed", str(seed))
            line = output_of("eval.bench.scale", *given)
            print(line, end="", flush=True)
            records.append(json.loads(line))
        if len(records) > 1:
            print(json.dumps(growth(records)), flush=True)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


if __name__ == "__main__":
    typer.run(main)
