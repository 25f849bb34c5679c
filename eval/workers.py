"""One task to its line: in this process, or in several."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.items import Item
from eval.settings import EvalSettings, MeasureSettings
from eval.systems import WARM_UP, Make, build
from summarize.engines.local import Died, Processes, cores, describe, in_this_process
from summarize.models import Encode, lazy_encode, set_threads


@dataclass(frozen=True)
class Task:
    """One item for one summarizer.

    Attributes:
        key: fingerprint of all that the result hangs on.
    """

    item: Item
    label: str
    key: str


@dataclass(frozen=True)
class Done:
    """What became of a task: its line of items.jsonl, and its line of timings.jsonl unless it failed."""

    line: dict[str, Any]
    timing: dict[str, Any] | None


Perform = Callable[[Task], Done]


def performer(settings: EvalSettings) -> Perform:
    """A function that writes and scores summaries; each summarizer is made and warmed up when first needed."""
    systems = {s.label: s for s in settings.summarizers}
    made: dict[str, Make] = {}
    encode = encoder(settings)

    def perform(task: Task) -> Done:
        try:
            if task.label not in made:
                made[task.label] = build(systems[task.label], settings)
                with suppress(Exception):  # what is wrong with it is told of the item itself
                    made[task.label](WARM_UP)
            reset_peak()
            start = time.perf_counter()
            summary = made[task.label](task.item)
            seconds = time.perf_counter() - start
            memory = peak_megabytes()
            scored = score_summary(task.item, summary, settings, encode)
        except Exception as error:
            return failed(task, describe(error))
        timing = {"item": task.item.id, "summarizer": task.label, "seconds": seconds, "peak_mb": memory}
        return Done({**_head(task), **scored, "error": None}, timing)

    return perform


def score_summary(item: Item, summary: Any, settings: EvalSettings, encode: Encode) -> dict[str, Any]:
    """Text as scored, its sentences with their citations, and every score of a `Summary`."""
    from eval.metrics import Sample, score
    from eval.metrics.length import truncate

    kept = truncate([s.text for s in summary.sentences], settings.length, settings.metrics)
    sample = Sample(item, " ".join(kept), kept, summary)
    return {
        "text": sample.text,
        "sentences": [s.to_dict() for s in summary.sentences],
        "scores": score(sample, settings.metrics, encode),
    }


def failed(task: Task, why: str) -> Done:
    """What is told of a task that came to nothing."""
    return Done({**_head(task), "text": "", "sentences": [], "scores": {}, "error": why}, None)


def run_here(tasks: Iterable[Task], settings: EvalSettings) -> Iterator[Done]:
    """Work through the tasks in this process."""
    return in_this_process(tasks, partial(performer, settings))


def run_in_processes(
    tasks: Sequence[Task], settings: EvalSettings, count: int, make: Callable[[EvalSettings], Perform] = performer
) -> Iterator[Done]:
    """Work through the tasks in ``count`` processes, results as they come; a process that dies fails its task.

    Args:
        make: called in each process for what does its tasks.
    """
    processes = Processes(count)
    try:
        for place, done in processes.run(partial(make, settings), tasks):
            if isinstance(done, Died):
                yield failed(tasks[place], f"the process that worked on it ended with {done.status}")
            else:
                yield done
    finally:
        processes.stop()


def encoder(settings: MeasureSettings) -> Encode:
    """The sentence encoder that metrics use, on one thread, loaded at the first call."""
    encode = lazy_encode(settings.encoder)

    def alone(texts: Sequence[str]) -> NDArray[np.float32]:
        set_threads(1)
        return encode(texts)

    return alone


_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


def reset_peak() -> None:
    """Let the process's peak memory start anew, where the system can (Linux)."""
    with suppress(OSError):
        _CLEAR.write_text("5", "ascii")


def peak_megabytes() -> float | None:
    """Peak memory of this process since ``reset_peak``, in megabytes; None where it cannot be told."""
    with suppress(OSError):
        for line in _STATUS.read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) * 1024 / 1e6, 1)
    return None


def worker_count(settings: EvalSettings, tasks: int) -> int:
    """How many processes are worth starting."""
    return max(1, min(settings.workers or cores(), tasks))


def _head(task: Task) -> dict[str, Any]:
    return {"item": task.item.id, "summarizer": task.label, "key": task.key}


def run(tasks: Sequence[Task], settings: EvalSettings) -> Iterator[Done]:
    """Work through the tasks, in as many processes as the settings say."""
    count = worker_count(settings, len(tasks))
    yield from run_here(tasks, settings) if count == 1 else run_in_processes(tasks, settings, count)
