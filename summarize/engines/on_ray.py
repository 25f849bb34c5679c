"""Tasks done by a pool of Ray actors, fed by Ray Data; on this machine, or on the cluster of ``RAY_ADDRESS``."""

import logging
import os
import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from summarize.engines.local import cores, one_thread
from summarize.errors import ConfigError

T = TypeVar("T")
R = TypeVar("R")

STORE_BYTES = 256_000_000
"""Object store of a Ray that is started here: what passes through it is small, the articles stay on the disk."""


@contextmanager
def start_ray(workers: int) -> Iterator[Any]:
    """The engine of a Ray cluster; a Ray of this machine is started where ``RAY_ADDRESS`` names none.

    Every machine of a cluster must see the inputs and the output folder under the same paths.

    Raises:
        ConfigError: Ray is not installed, or the cluster cannot be reached.
    """
    try:
        import ray
    except ImportError:
        raise ConfigError("the engine 'ray' needs Ray: pip install 'summarize[ray]'") from None
    import ray.data  # its loggers are configured by this import

    ours = not ray.is_initialized()
    if ours:
        _connect(ray, workers)
    for name in ("ray", "ray.data"):  # what matters of a dead actor is told by the manifest
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield _Actors(ray, workers or int(ray.cluster_resources().get("CPU", 1)))
    finally:
        if ours:
            ray.shutdown()


@dataclass(frozen=True)
class _Actors:
    """The ``Map`` of a Ray cluster."""

    ray: Any
    workers: int

    def __call__(self, make: Callable[[], Callable[[T], R]], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        return _run(self.ray, self.workers, make, tasks)


def _connect(ray: Any, workers: int) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    if os.environ.get("RAY_ADDRESS"):
        try:
            ray.init(**quiet)
        except ConnectionError as error:
            raise ConfigError(f"no Ray at {os.environ['RAY_ADDRESS']}: {error}") from None
    else:
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # its C++ part writes to standard error
        ray.init(
            address="local",
            num_cpus=workers or cores(),
            include_dashboard=False,
            object_store_memory=STORE_BYTES,
            **quiet,
        )


def _run(ray: Any, count: int, make: Callable[[], Callable[[T], R]], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # a task that comes to nothing has no result, as in every engine
    starts = ray.remote(num_cpus=0)(_Starts).remote()
    rows = [{"place": place, "task": pickle.dumps(task)} for place, task in enumerate(tasks)]
    done = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
        _Worker,
        fn_constructor_args=(ray.cloudpickle.dumps(make), starts),
        compute=ray.data.ActorPoolStrategy(size=max(1, min(count, len(rows)))),
        num_cpus=1,
    )
    for row in done.iter_rows():
        if row["result"] is not None:
            yield row["place"], pickle.loads(row["result"])


class _Starts:
    """How often each task was begun. Ray begins a task anew, for ever, when its actor dies of it."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()

    def count(self, place: int) -> int:
        self.counts[place] += 1
        return self.counts[place]


class _Worker:
    """What an actor does with a row: its task, unless that has ended an actor before."""

    def __init__(self, make: bytes, starts: Any) -> None:
        self.make = make
        self.starts = starts
        self.perform: Any = None

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        import ray

        if ray.get(self.starts.count.remote(row["place"])) > 1:
            return {"place": row["place"], "result": None}
        with one_thread():
            if self.perform is None:  # not in the constructor: an actor that cannot be made is made for ever
                self.perform = pickle.loads(self.make)()
            return {"place": row["place"], "result": pickle.dumps(self.perform(pickle.loads(row["task"])))}
