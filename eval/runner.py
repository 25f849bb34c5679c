"""Items times summarizers to a folder of results; killed at any moment, the same command goes on where it stopped.

A result is known by its key, a fingerprint of item, summarizer with its settings, metrics, code and versions. A folder
that holds results with other keys is refused rather than mixed or overwritten. When all is done the lines are put in
the order of the items, so that the same run ends with the same bytes whatever happened on the way.
"""

import hashlib
import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval import workers
from eval.items import Item, Items, read_items
from eval.journal import ITEMS, TIMINGS, Journal, Line, read_lines, rewrite
from eval.robustness import MARK, measure, vary
from eval.settings import EvalSettings, MeasureSettings
from eval.systems import code_fingerprint
from eval.workers import Task
from summarize import fingerprints
from summarize.engines.folder import only_run
from summarize.errors import ConfigError
from summarize.fingerprints import weights_fingerprints
from summarize.rendering import write_atomically

RESULTS = "results.json"

PACKAGES = ("summarize", "rouge-score", "nltk", "numpy", "regex", "scipy", "sentencex", "torch", "transformers")
"""Those whose version a score may hang on."""


@dataclass(frozen=True)
class Progress:
    """How far a run is: ``done`` of ``total`` results, ``failed`` of them errors, ``kept`` from an earlier run."""

    done: int
    total: int
    failed: int
    kept: int


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        folder: where the results are; None if they were not written.
        results: what results.json holds.
        lines: what items.jsonl holds.
        kept: how many of them an earlier run had left.
    """

    folder: Path | None
    results: Mapping[str, Any]
    lines: tuple[Line, ...]
    kept: int

    @property
    def failures(self) -> tuple[Line, ...]:
        """The lines that tell of an error."""
        return tuple(line for line in self.lines if line["error"])


Watch = Callable[[Progress], None]


def evaluate(settings: EvalSettings, *, fresh: bool = False, watch: Watch = lambda progress: None) -> Run:
    """Run an evaluation, or what is left of it, and write its results to ``settings.output``.

    Args:
        fresh: throw earlier results in the folder away.
        watch: told once before the first result and after every one.

    Raises:
        ConfigError: the data cannot be read, or the folder holds results of other settings, data or code.
        ReadingError: there is no item.
        OutputError: a file cannot be written, or another run is writing there.
    """
    data = read_items(settings.data, settings.limit)
    items = with_changes(data, settings)
    tasks = plan(items, settings)
    folder = settings.output
    with only_run(folder):
        if fresh:
            for name in (ITEMS, TIMINGS, RESULTS):
                (folder / name).unlink(missing_ok=True)
        kept = _earlier(folder, tasks)
        _work(
            folder,
            [t for t in tasks if t.key not in kept],
            Progress(len(kept), len(tasks), 0, len(kept)),
            settings,
            watch,
        )
        lines = _settle(folder, tasks)
        signature = signature_of(settings) | {
            "data": data.describe(),
            "data_settings": settings.data.model_dump(mode="json"),
            "summarizers": {s.label: settings.config(s).signed() for s in settings.summarizers},
        }
        results = conclude(lines, [item.id for item in data], settings, signature)
        moved = measure(lines, settings.robustness)
        if moved is not None:
            results["robustness"] = moved
        write_results(folder, results, items)
    return Run(folder, results, tuple(lines), len(kept))


def with_changes(data: Items, settings: EvalSettings) -> list[Item]:
    """The items, each with its changed versions after it where robustness is measured.

    Raises:
        ConfigError: an id has the mark that changed items are known by.
    """
    if settings.robustness is not None and (marked := next((i.id for i in data if MARK in i.id), None)):
        raise ConfigError(f"item {marked!r} has {MARK!r} in its id, which changed items are known by")
    changed = settings.robustness
    return [v for n, item in enumerate(data) for v in (item, *vary(item, data, n, changed, settings.seed))]


def plan(items: Sequence[Item], settings: EvalSettings) -> list[Task]:
    """Every item for every summarizer, item by item, so that progress foretells the time that is left."""
    common = [
        settings.length.model_dump(),
        settings.metrics.model_dump(),
        settings.encoder.model_dump(),
        code_fingerprint(),
        versions(),
    ]
    own = {}
    for system in settings.summarizers:
        config = settings.config(system)
        own[system.label] = [*common, config.signed(), weights_fingerprints(config)]
    found = []
    for item in items:
        fingerprint = item.fingerprint
        found += [Task(item, label, _digest([fingerprint, label, made])[:16]) for label, made in own.items()]
    return found


def conclude(
    lines: Sequence[Line], items: Sequence[str], settings: MeasureSettings, signature: Mapping[str, Any]
) -> dict[str, Any]:
    """Means, intervals and tests over the items with these ids, with the signature: what results.json holds."""
    from eval.statistics import summarise

    scores = {(line["summarizer"], line["item"]): line["scores"] for line in lines}
    labels = dict.fromkeys(line["summarizer"] for line in lines)
    rows = {label: [scores.get((label, item), {}) for item in items] for label in labels}
    return {**summarise(rows, settings.statistics, settings.seed), "signature": dict(signature)}


def signature_of(settings: MeasureSettings) -> dict[str, Any]:
    """What scores hang on besides data and summarizers: settings of what is measured, code, versions, machine."""
    from eval.metrics import signature

    return {
        "length": settings.length.model_dump(),
        "metrics": signature(settings.metrics),
        "metric_settings": settings.metrics.model_dump(mode="json"),
        "statistics": settings.statistics.model_dump(),
        "seed": settings.seed,
        "code_sha256": code_fingerprint(),
        "versions": versions(),
        "machine": {"system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count()},
    }


def versions() -> dict[str, str]:
    """Python, and the packages whose version a score may hang on."""
    return fingerprints.versions(PACKAGES)


def write_results(folder: Path, results: Mapping[str, Any], items: Sequence[Item]) -> None:
    """Write results.json and the reports.

    Raises:
        OutputError: a file cannot be written.
    """
    from eval import reports

    write_atomically(folder / RESULTS, json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    reports.write(folder, items)


def _earlier(folder: Path, tasks: Sequence[Task]) -> set[str]:
    """Keys of the tasks that an earlier run has done; those that failed are tried again.

    Raises:
        ConfigError: the folder holds results that are not of these tasks.
    """
    lines = read_lines(folder / ITEMS)
    wanted = {t.key for t in tasks}
    foreign = next((line for line in lines if line["key"] not in wanted), None)
    if foreign is not None:
        same = any((t.item.id, t.label) == (foreign["item"], foreign["summarizer"]) for t in tasks)
        why = "made with other settings, data or code" if same else "that this run would not make"
        raise ConfigError(
            f"{folder} holds a result of {foreign['summarizer']!r} for {foreign['item']!r} {why};"
            " --fresh throws it away, --output names another folder"
        )
    return {line["key"] for line in lines if not line["error"]}


def _work(folder: Path, tasks: Sequence[Task], progress: Progress, settings: EvalSettings, watch: Watch) -> None:
    """Do the tasks, each written to the disk as it is done."""
    watch(progress)
    if not tasks:
        return
    results, timings = Journal(folder / ITEMS), Journal(folder / TIMINGS)
    try:
        failed = 0
        for n, done in enumerate(workers.run(tasks, settings), 1):
            if done.timing is not None:
                timings.append(done.timing)
            results.append(done.line)
            failed += bool(done.line["error"])
            watch(Progress(progress.done + n, progress.total, failed, progress.kept))
    finally:
        results.close()
        timings.close()


def _settle(folder: Path, tasks: Sequence[Task]) -> list[Line]:
    """Put both files in the order of the tasks, the last line of each task counting; what items.jsonl then holds."""
    settled: list[Line] = []
    for name in (TIMINGS, ITEMS):
        by_task = {(line["item"], line["summarizer"]): line for line in read_lines(folder / name)}
        settled = [by_task[key] for t in tasks if (key := (t.item.id, t.label)) in by_task]
        rewrite(folder / name, settled)
    return settled


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
