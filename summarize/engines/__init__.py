"""Batches: any number of articles to shards of cited summaries, worked through by an engine.

An engine does tasks somewhere and knows nothing of articles. Everything a task needs and leaves behind is on the
disk, so that the same stages run in one process, in several, or on Ray, and end with the same bytes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from summarize.engines.local import start_local
from summarize.engines.on_ray import start_ray
from summarize.errors import SummarizeError

__all__ = ["ENGINES", "Map", "Start", "finish"]

T = TypeVar("T")
R = TypeVar("R")

ATTEMPTS = 3
"""How often a task may take its process with it before it is given up."""


class Map(Protocol):
    """Does tasks, wherever; results come as they are done, in any order."""

    @property
    def workers(self) -> int:
        """How many tasks are done at the same time."""
        ...

    def __call__(self, make: Callable[[], Callable[[T], R]], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        """The place of each task in ``tasks`` and its result; a task whose process ended meanwhile has none.

        Args:
            make: called once in each process, for what does its tasks; can be pickled.
            tasks: can be pickled.
        """
        ...


class Start(Protocol):
    """Makes an engine ready: workers are its processes, 0 as many as it has cores for."""

    def __call__(self, workers: int) -> AbstractContextManager[Map]:
        """A context that gives the engine's ``Map``, and within which it may be called."""
        ...


ENGINES: Mapping[str, Start] = {"local": start_local, "ray": start_ray}


def finish(
    run: Map, make: Callable[[], Callable[[T], R]], tasks: Sequence[T], split: Callable[[T], Sequence[T]]
) -> Iterator[tuple[T, R | None]]:
    """Every task with its result, and again what lost its process, in ever smaller parts.

    A process may end for a reason of its own, or because of what it was given. So what it had in hand is taken
    apart and done again; None is the result of what took a process with it ``ATTEMPTS`` times.

    Args:
        split: a task as the smallest tasks it is made of.

    Raises:
        SummarizeError: a task raised it; it ends everything, as it would have without an engine.
    """
    careful = partial(_guarded, make)
    left = list(tasks)
    for attempt in range(ATTEMPTS):
        if attempt:
            left = [part for task in left for part in split(task)]
        lost = set(range(len(left)))
        for place, result in run(careful, left) if left else ():
            if isinstance(result, _Raised):
                raise result.error
            lost.discard(place)
            yield left[place], result
        left = [left[place] for place in sorted(lost)]
    for task in left:
        yield task, None


@dataclass(frozen=True)
class _Raised:
    """The result of a task that raised an error on purpose: as a result it does not end the process."""

    error: SummarizeError


def _guarded(make: Callable[[], Callable[[T], R]]) -> Callable[[T], R | _Raised]:
    """What does tasks, with errors raised on purpose as results; also that of making it."""
    try:
        perform = make()
    except SummarizeError as error:
        raised = _Raised(error)
        return lambda task: raised

    def careful(task: T) -> R | _Raised:
        try:
            return perform(task)
        except SummarizeError as error:
            return _Raised(error)

    return careful
