"""One task to its line: in this process, or in several that die with it and whose death is told."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.items import Item
from eval.settings import EvalSettings, MeasureSettings
from eval.systems import WARM_UP, Make, build
from summarize.errors import SummarizeError
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


def describe(error: BaseException) -> str:
    """An error on one line; those raised on purpose say what is wrong without their kind."""
    text = " ".join(str(error).split())
    return text if isinstance(error, SummarizeError) and text else f"{type(error).__name__}: {text}".rstrip(": ")


def run_here(tasks: Iterable[Task], settings: EvalSettings) -> Iterator[Done]:
    """Work through the tasks in this process."""
    with one_thread():
        perform = performer(settings)
        for task in tasks:
            yield perform(task)


def run_in_processes(
    tasks: Sequence[Task], settings: EvalSettings, count: int, make: Callable[[EvalSettings], Perform] = performer
) -> Iterator[Done]:
    """Work through the tasks in ``count`` processes, results as they come.

    A process that dies takes its task with it, which is told as failed; another process takes its place.

    Args:
        make: called in each process for what does its tasks.
    """
    queue = deque(tasks)
    workers: dict[Connection, _Worker] = {}
    try:
        while queue or workers:
            while queue and len(workers) < count:
                worker = _Worker.started(settings, make, queue.popleft())
                workers[worker.connection] = worker
            for connection in wait(list(workers)):
                worker = workers[connection]  # type: ignore[index]
                try:
                    done: Done = worker.connection.recv()
                except (EOFError, ConnectionError):
                    worker.process.join()
                    done = failed(worker.task, f"the process that worked on it ended with {worker.status}")
                    del workers[worker.connection]
                else:
                    if queue:
                        worker.give(queue.popleft())
                    else:
                        del workers[worker.connection]
                        worker.stop()
                yield done
    finally:
        for worker in workers.values():
            worker.process.terminate()
            worker.process.join()


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    task: Task

    @classmethod
    def started(cls, settings: EvalSettings, make: Callable[[EvalSettings], Perform], task: Task) -> "_Worker":
        context = get_context("spawn")  # a fork would copy the threads' locks of numpy and torch
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, settings, make), daemon=True)
        process.start()
        theirs.close()
        worker = cls(process, ours, task)
        worker.give(task)
        return worker

    def give(self, task: Task) -> None:
        self.task = task
        with suppress(ConnectionError):  # it has died; the next `recv` tells
            self.connection.send(task)

    def stop(self) -> None:
        with suppress(ConnectionError):
            self.connection.send(None)
        self.process.join()

    @property
    def status(self) -> str:
        code = self.process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"status {code}"


def _serve(connection: Connection, settings: EvalSettings, make: Callable[[EvalSettings], Perform]) -> None:
    """A worker's life: tasks until it is told to stop, or until the process that started it is gone."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the first process decides
    with one_thread(), suppress(EOFError, ConnectionError):
        perform = make(settings)
        while (task := connection.recv()) is not None:
            connection.send(perform(task))


@contextmanager
def one_thread() -> Iterator[None]:
    """Matrix products on one thread: on several, sums may come out in another order."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


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


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(settings: EvalSettings, tasks: int) -> int:
    """How many processes are worth starting."""
    return max(1, min(settings.workers or cores(), tasks))


def _head(task: Task) -> dict[str, Any]:
    return {"item": task.item.id, "summarizer": task.label, "key": task.key}


def run(tasks: Sequence[Task], settings: EvalSettings) -> Iterator[Done]:
    """Work through the tasks, in as many processes as the settings say."""
    count = worker_count(settings, len(tasks))
    yield from run_here(tasks, settings) if count == 1 else run_in_processes(tasks, settings, count)
