"""What the evaluation adds to each summary: ``python -m eval.bench harness``.

The stories of ``eval/data/stories`` are summarised in one process. From the end of one result to the end of the next
passes the time of the summarizer, which a plain loop would take as well, and what the harness adds to it: the cut to
length, the key, two lines written and synced to the disk. Both are taken of the same calls, so that other work on the
machine slows both. The first summary, before which models are loaded, does not count.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, get_args

import typer

from eval.bench.processes import ROOT
from eval.journal import TIMINGS, read_lines
from eval.metrics.settings import Group
from eval.runner import Progress, evaluate
from eval.settings import EvalSettings


@dataclass(frozen=True)
class Spent:
    """Seconds of all summaries but the first: of the summarizer, and of all until the next result was on the disk."""

    summarizer: float
    whole: float
    count: int


def main(
    summarizer: str = "fusion", limit: Annotated[int, typer.Option(help="Stories that are summarised.")] = 6
) -> None:
    """Print one JSON line: time with the harness by time of the summarizer alone, without metrics and with all."""
    print(
        json.dumps(record(summarizer, spend(summarizer, limit, ("length",)), spend(summarizer, limit, get_args(Group))))
    )


def record(summarizer: str, bare: Spent, scored: Spent) -> dict[str, Any]:
    """What is printed; ``ratio`` is that of a run that measures nothing but length."""
    return {
        "bench": "harness",
        "summarizer": summarizer,
        "ratio": round(bare.whole / bare.summarizer, 3),
        "target": 1.05,
        "milliseconds_added": round(1000 * (bare.whole - bare.summarizer) / bare.count, 2),
        "ratio_all_metrics": round(scored.whole / scored.summarizer, 3),
        "milliseconds_all_metrics": round(1000 * (scored.whole - scored.summarizer) / scored.count, 1),
        "seconds_a_summary": round(bare.summarizer / bare.count, 3),
        "summaries": bare.count,
    }


def spend(summarizer: str, limit: int, groups: tuple[str, ...]) -> Spent:
    """Run an evaluation of one summarizer in this process, and tell where its time went."""
    ends: list[float] = []

    def watch(state: Progress) -> None:
        if state.done:
            ends.append(time.perf_counter())

    with TemporaryDirectory() as folder:
        settings = EvalSettings.parse(
            {
                "data": {"path": str(ROOT / "eval" / "data" / "stories")},
                "summarizers": [summarizer],
                "length": {"words": 150},
                "metrics": {"groups": groups},
                "statistics": {"resamples": 100, "trials": 100},
                "limit": limit,
                "workers": 1,
                "output": folder,
            }
        )
        evaluate(settings, watch=watch)
        seconds = [line["seconds"] for line in read_lines(Path(folder) / TIMINGS)]
    return Spent(sum(seconds[1:]), ends[-1] - ends[0], len(seconds) - 1)
