"""Tasks done in this process, or in several that die with it and whose death is told."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from summarize.errors import SummarizeError

T = TypeVar("T")
R = TypeVar("R")
Make = Callable[[], Callable[[T], R]]


@dataclass(frozen=True)
class Died:
    """What became of a task whose process ended before it was done; ``status`` is its signal or exit status."""

    status: str


@contextmanager
def start_local(workers: int) -> Iterator[Any]:
    """The engine of one machine: one worker is this process, several are processes of their own."""
    count = workers or cores()

    def run(make: Make[T, R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        if count == 1:
            yield from enumerate(in_this_process(tasks, make))
        else:
            for place, done in in_processes(tasks, count, make):
                if not isinstance(done, Died):
                    yield place, done

    yield run


def in_this_process(tasks: Iterable[T], make: Make[T, R]) -> Iterator[R]:
    """Work through the tasks here, one after the other."""
    with one_thread():
        perform = make()
        for task in tasks:
            yield perform(task)


def in_processes(tasks: Sequence[T], count: int, make: Make[T, R]) -> Iterator[tuple[int, R | Died]]:
    """Work through the tasks in ``count`` processes: the place of each task and its result, as they come.

    A process that dies takes its task with it; another process takes its place.

    Args:
        make: called once in each process, for what does its tasks; can be pickled.
    """
    queue = deque(enumerate(tasks))
    workers: dict[Connection, _Worker[T, R]] = {}
    try:
        while queue or workers:
            while queue and len(workers) < count:
                worker = _Worker.started(make, *queue.popleft())
                workers[worker.connection] = worker
            for connection in wait(list(workers)):
                worker = workers[connection]  # type: ignore[index]
                place = worker.place
                done: R | Died
                try:
                    done = worker.connection.recv()
                except (EOFError, ConnectionError):
                    worker.process.join()
                    done = Died(worker.status)
                    del workers[worker.connection]
                else:
                    if queue:
                        worker.give(*queue.popleft())
                    else:
                        del workers[worker.connection]
                        worker.stop()
                yield place, done
    finally:
        for worker in workers.values():
            worker.process.terminate()
            worker.process.join()


@dataclass
class _Worker(Generic[T, R]):
    process: BaseProcess
    connection: Connection
    place: int

    @classmethod
    def started(cls, make: Make[T, R], place: int, task: T) -> "_Worker[T, R]":
        context = get_context("spawn")  # a fork would copy the threads' locks of numpy and torch
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, make), daemon=True)
        process.start()
        theirs.close()
        worker = cls(process, ours, place)
        worker.give(place, task)
        return worker

    def give(self, place: int, task: T) -> None:
        self.place = place
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


def _serve(connection: Connection, make: Make[T, R]) -> None:
    """A worker's life: tasks until it is told to stop, or until the process that started it is gone."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the first process decides
    with one_thread(), suppress(EOFError, ConnectionError):
        perform = make()
        while (task := connection.recv()) is not None:
            connection.send(perform(task))


@contextmanager
def one_thread() -> Iterator[None]:
    """Matrix products on one thread: on several, sums may come out in another order."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe(error: BaseException) -> str:
    """An error on one line; those raised on purpose say what is wrong without their kind."""
    text = " ".join(str(error).split())
    return text if isinstance(error, SummarizeError) and text else f"{type(error).__name__}: {text}".rstrip(": ")
