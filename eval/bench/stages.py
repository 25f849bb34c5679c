"""What each stage of a batch costs: ``python -m eval.bench.stages``.

Prints one JSON line: milliseconds of processor time an article (of summaries: a story of three articles and more), and
bytes an article of what the stages hand to one another. From these it reckons a day of many articles (``--day``):
core hours of each stage, gigabytes handed on, and the memory of one block (``docs/scale.md`` says how).
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import numpy as np
import typer
from numpy.typing import NDArray

from eval.bench.scale import hashed
from eval.streams import stream
from summarize.clustering import groups, story_of
from summarize.clustering.blocks import blocks
from summarize.clustering.evidence import KINDS, encode_leads, gather, shipped
from summarize.clustering.hybrid import BLOCK, MARGIN, candidates, join_in_blocks
from summarize.clustering.pairs import KEPT, cosines
from summarize.config import ClusteringSettings, Config, EncoderSettings
from summarize.models import lazy_encode
from summarize.pipeline import Summarizer
from summarize.reading import dump_article, load_article

T = TypeVar("T")


def main(
    articles: Annotated[int, typer.Option(help="Articles; above 4096, candidates are bounded.")] = 10_000,
    encoded: Annotated[int, typer.Option(help="Leads encoded.")] = 500,
    stories: Annotated[int, typer.Option(help="Stories summarised by each summarizer.")] = 5,
    summarizer: Annotated[list[str] | None, typer.Option(help="By default fusion, claims and lexrank.")] = None,
    day: Annotated[int, typer.Option(help="Articles of the day that is reckoned.")] = 10_000_000,
) -> None:
    """Measure what each stage costs an article and what the stages hand on, and reckon a day of many articles."""
    record = measure(articles, encoded, stories, summarizer or ["fusion", "claims", "lexrank"])
    print(json.dumps({**record, "day": reckon(record, day)}))


def reckon(record: Mapping[str, Any], articles: int) -> dict[str, Any]:
    """A day of that many articles from what was measured, every cost growing with the number of articles.

    Stories of several articles are summarised; of the leads the measured share is encoded.
    """
    cost, size, share = record["milliseconds"], record["bytes"], record["encoded"]
    several = articles / record["articles_a_story"] * record["stories_of_several"]

    def hours(milliseconds: float) -> float:
        return round(milliseconds / 3_600_000, 1)

    written = {name: hours(several * value) for name, value in cost.items() if name.startswith("summarise")}
    handed = {name: size[name] * (share if name == "sentence vector" else 1) for name in size}
    row = size["evidence"] + 8 * size["sentence vector"] // 4 + 2 * record["pairs"] * (8 + 8 * len(KINDS))
    return {
        "articles": articles,
        "stories_of_several": round(several),
        "core_hours": {
            "read": hours(articles * cost["read as JSON"]),
            "group": hours(articles * cost["group in all, no encoder"]),
            "of it not spread (cut into blocks)": hours(articles * cost["cut into blocks"]),
            "encode": hours(articles * share * cost["encode a lead"]),
            "find lineages": hours(articles * cost["find lineages"]),
            **written,
        },
        "gigabytes_handed_on": {name: round(articles * value / 1e9, 1) for name, value in handed.items()},
        "megabytes_of_a_block": round(BLOCK * row / 1e6, 1),
    }


def measure(count: int, encoded: int, stories: int, summarizers: list[str]) -> dict[str, Any]:
    """All stages, in this process."""
    spent: dict[str, float] = {}

    def timed(name: str, per: int, work: Callable[[], T]) -> T:
        start = time.process_time()
        result = work()
        spent[name] = round(1000 * (time.process_time() - start) / max(per, 1), 3)
        return result

    data = stream(count)
    encode = lazy_encode(EncoderSettings())
    encode(["The first call loads the model."])
    lines = timed("write as JSON", count, lambda: [dump_article(a) for a in data.articles])
    timed("read as JSON", count, lambda: [load_article(line) for line in lines])
    evidence = timed("count and weigh", count, lambda: gather(data.articles))
    left, right = timed("find candidates", count, lambda: candidates(evidence))
    strength = cosines(evidence.lexical[0], left, right)
    timed("cut into blocks", count, lambda: blocks(count, left, right, strength, BLOCK))
    timed("join by words, with cutting", count, lambda: join_in_blocks(evidence, left, right, shipped(), MARGIN, True))
    vectors = timed("encode a lead", encoded, lambda: encode_leads(data.articles[:encoded], range(encoded), encode))
    asked: set[str] = set()

    def counted(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.update(texts)
        return hashed(texts)

    found = timed("group in all, no encoder", count, lambda: groups(data.articles, ClusteringSettings(), counted))
    made = timed("find lineages", count, lambda: [story_of(group, counted) for group in found])
    several = [s for s in made if len(s.articles) >= 3][:stories]
    if several:
        for name in summarizers:
            writer = Summarizer(Config(summarizer=name))
            writer.summarize(replace(several[0], id="first"))  # the first call loads the model
            timed(f"summarise a story: {name}", len(several), lambda w=writer: [w.summarize(s) for s in several])  # type: ignore[misc]
    sparse = sum(m.data.nbytes + m.indices.nbytes + m.indptr.nbytes for m in evidence.lexical)
    return {
        "bench": "stages",
        "articles": count,
        "milliseconds": spent,
        "bytes": {
            "article as JSON": round(sum(map(len, lines)) / count),
            "words, to find candidates": 12 * KEPT,  # a word's number, its weight, the article's number
            "candidate pairs": round(12 * len(left) / count),  # two numbers and a cosine
            "evidence": round((sparse + evidence.traits.nbytes + evidence.days.nbytes) / count),
            "sentence vector": int(np.prod(vectors.shape[1:])) * 4,
        },
        "encoded": round(len(asked) / count, 3),
        "pairs": round(len(left) / count, 1),
        "articles_a_story": round(count / len(found), 2),
        "stories_of_several": round(sum(len(g) > 1 for g in found) / len(found), 3),
    }


if __name__ == "__main__":
    typer.run(main)
