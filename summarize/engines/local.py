"""Tasks done in this process, or in several that die with it and whose death is told."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

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
    processes = Processes(workers or cores())
    try:
        yield _Local(processes)
    finally:
        processes.stop()


@dataclass(frozen=True)
class _Local:
    """The ``Map`` of one machine."""

    processes: "Processes"

    @property
    def workers(self) -> int:
        return self.processes.count

    def __call__(self, make: Make[T, R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        if self.workers == 1:
            yield from enumerate(in_this_process(tasks, make))
        else:
            for place, done in self.processes.run(make, tasks):
                if not isinstance(done, Died):
                    yield place, done


def in_this_process(tasks: Iterable[T], make: Make[T, R]) -> Iterator[R]:
    """Work through the tasks here, one after the other."""
    with one_thread():
        perform = make()
        for task in tasks:
            yield perform(task)


class Processes:
    """Up to ``count`` processes that do tasks, started when first needed; they die with the one that started them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()

    def run(self, make: Make[T, R], tasks: Sequence[T]) -> Iterator[tuple[int, R | Died]]:
        """Work through the tasks: the place of each and its result, as they come.

        A process that dies takes its task with it; another process takes its place.

        Args:
            make: called once in each process, for what does its tasks; can be pickled.
            tasks: can be pickled.
        """
        queue = deque(enumerate(tasks))
        busy: dict[Connection, tuple[_Worker, int]] = {}
        try:
            while queue or busy:
                self._give(make, queue, busy)
                for connection in wait(list(busy)):
                    worker, place = busy.pop(connection)  # type: ignore[call-overload]
                    done: R | Died
                    self._busy.discard(worker)
                    try:
                        done = worker.connection.recv()
                        self._idle.append(worker)
                    except (EOFError, ConnectionError):
                        worker.process.join()
                        done = Died(worker.status)
                    self._give(make, queue, busy)  # before the result is looked at, which may take time
                    yield place, done
        finally:
            for worker, _ in busy.values():
                self._busy.discard(worker)
                worker.end()

    def _give(
        self, make: Make[T, R], queue: deque[tuple[int, T]], busy: dict[Connection, tuple["_Worker", int]]
    ) -> None:
        while queue and len(busy) < self.count:
            place, task = queue.popleft()
            worker = self._idle.pop() if self._idle else _Worker()
            worker.give(make, task)
            self._busy.add(worker)
            busy[worker.connection] = worker, place

    def stop(self) -> None:
        """End the processes, also those at work, since a ``run`` that an error left half-way may still be held."""
        for worker in self._idle:
            worker.stop()
        for worker in self._busy:
            worker.end()
        self._idle.clear()
        self._busy.clear()


class _Worker:
    """A process, and this process's end of the pipe to it."""

    def __init__(self) -> None:
        context = get_context("spawn")  # a fork would copy the threads' locks of numpy and torch
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.make: Any = None

    def give(self, make: Any, task: Any) -> None:
        with suppress(ConnectionError):  # it has died; the next `recv` tells
            self.connection.send((None if make is self.make else make, task))
        self.make = make

    def stop(self) -> None:
        with suppress(ConnectionError):
            self.connection.send(None)
        self.process.join()

    def end(self) -> None:
        self.process.terminate()
        self.process.join()

    @property
    def status(self) -> str:
        code = self.process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"status {code}"


def _serve(connection: Connection) -> None:
    """A worker's life: tasks until it is told to stop, or until the process that started it is gone."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the first process decides
    with one_thread(), suppress(EOFError, ConnectionError):
        perform: Any = None
        while (given := connection.recv()) is not None:
            make, task = given
            if make is not None:
                perform = make()
            connection.send(perform(task))


@contextmanager
def one_thread() -> Iterator[None]:
    """Matrix products of numpy on one thread: on several, sums may come out in another order.

    Only libraries that are loaded by now are held; numpy's is, with the package. ``set_threads`` is for torch.
    """
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
