"""Batches of a generated stream, on each engine: ``python -m eval.bench.batch``.

Each run has a process of its own and prints one JSON line: seconds of each stage by the clock, articles per second,
the most memory that its first process held, and that of the largest worker. A last line says whether all runs of a size
left the same bytes, and how much faster two workers were than one. With several sizes, the growth of the first
process's memory with the articles is told: the rest of it does not grow.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.bench.processes import output_of

MODULE = "eval.bench.batch"
RUNS = ("local:1", "local:2", "ray:2")

FILE = 1000
"""Articles of an input file."""


def write_stream(articles: int, seed: int, folder: Path) -> None:
    """A stream of articles as files of JSON lines."""
    from eval.streams import stream

    folder.mkdir()
    for number, a in enumerate(stream(articles, seed).articles):
        published = a.published.isoformat() if a.published else None
        line = json.dumps({"id": a.id, "title": a.title, "published": published, "text": a.text})
        with (folder / f"{number // FILE:05d}.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def measure(run: str, source: Path, output: Path, summarizer: str) -> dict[str, Any]:
    """One batch, in this process and the workers of its engine."""
    from eval.workers import peak_megabytes, reset_peak
    from summarize.config import Config
    from summarize.engines.batch import Progress, batch

    engine, _, workers = run.partition(":")
    config = Config().replace(summarizer=summarizer)
    ends: dict[str, float] = {}
    largest = 0.0

    def watch(progress: Progress) -> None:
        nonlocal largest
        ends[progress.stage] = time.perf_counter()
        largest = max(largest, _largest_child())

    reset_peak()
    start = time.perf_counter()
    done = batch([source], output, config, engine=engine, workers=int(workers), watch=watch)
    seconds = time.perf_counter() - start
    peak = peak_megabytes()
    stages = {}
    for stage, previous in (("inputs", start), ("stories", ends.get("grouping", start))):
        stages[stage] = round(ends[stage] - previous, 2)
    articles = done.manifest["articles"]
    return {
        "bench": "batch",
        "run": run,
        "summarizer": summarizer,
        "articles": articles,
        "stories": done.manifest["stories"],
        "failed": len(done.failed),
        "seconds": round(seconds, 2),
        "seconds_reading": stages["inputs"],
        "seconds_after_reading": stages["stories"],
        "articles_per_second": round(articles / seconds, 1),
        "megabytes_first_process": peak,
        "megabytes_largest_worker": largest or None,
    }


def _largest_child() -> float:
    """Memory that the largest child of this process holds now, in megabytes; 0 where it cannot be told."""
    from multiprocessing import active_children

    found = 0.0
    for child in active_children():
        try:
            pages = int(Path(f"/proc/{child.pid}/statm").read_text("ascii").split()[1])
        except (OSError, ValueError, IndexError):
            continue
        found = max(found, round(pages * 4096 / 1e6, 1))
    return found


def main(
    articles: Annotated[list[int] | None, typer.Option(help="Sizes measured; by default 2500 and 10000.")] = None,
    run: Annotated[list[str] | None, typer.Option(help="Engine and workers, e.g. local:2; by default three.")] = None,
    summarizer: Annotated[str, typer.Option(help="Who picks or writes the sentences.")] = "lexrank",
    seed: Annotated[int, typer.Option(help="Seed of the streams.")] = 13,
    one: Annotated[str | None, typer.Option(help="Measure one run in this process.", hidden=True)] = None,
    folder: Annotated[Path | None, typer.Option(help="Where the stream of --one is.", hidden=True)] = None,
    stream_only: Annotated[bool, typer.Option(help="Write a stream and end.", hidden=True)] = False,
) -> None:
    """Measure how long batches take on each engine, and what memory."""
    sizes = sorted(set(articles or (2_500, 10_000)))
    if folder is not None and stream_only:
        write_stream(sizes[0], seed, folder / "news")
        return
    if folder is not None and one is not None:
        name = one.replace(":", "-")
        print(json.dumps(measure(one, folder / "news", folder / name, summarizer)))
        return
    peaks: list[tuple[int, float]] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            # In a process of its own: what this one holds, its children would begin with.
            output_of(MODULE, "--articles", str(size), "--seed", str(seed), "--folder", name, "--stream-only")
            records = []
            for each in run or RUNS:
                line = output_of(MODULE, "--folder", name, "--one", each, "--summarizer", summarizer)
                print(line, end="", flush=True)
                records.append(json.loads(line))
            print(json.dumps(conclude(size, Path(name), records)), flush=True)
            peaks.append((size, records[0]["megabytes_first_process"]))
    if len(peaks) > 1:
        (few, low), (many, high) = peaks[0], peaks[-1]
        print(json.dumps({"bench": "batch", "kilobytes_an_article": round(1000 * (high - low) / (many - few), 1)}))


def conclude(size: int, folder: Path, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Whether all runs of a size left the same bytes, and how much faster the second was than the first."""
    found = set()
    for record in records:
        output = folder / record["run"].replace(":", "-")
        found.add(tuple((p.name, p.read_bytes()) for p in sorted(output.iterdir()) if p.name != ".lock"))
    faster = round(records[0]["seconds"] / records[1]["seconds"], 2) if len(records) > 1 else None
    return {"bench": "batch", "articles": size, "same_bytes": len(found) == 1, "second_is_faster_by": faster}


if __name__ == "__main__":
    typer.run(main)
