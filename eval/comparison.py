"""Runs side by side: the results of several folders as if they were of one, if they can be compared at all."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.items import read_items
from eval.journal import ITEMS, Line, read_lines, rewrite
from eval.robustness import MARK
from eval.runner import RESULTS, Run, conclude, write_results
from eval.settings import DataSettings, MeasureSettings
from summarize.engines.folder import only_run
from summarize.errors import ConfigError

SAME = ("length", "metric_settings", "seed", "statistics")
"""What of two signatures must be the same, besides the data."""


@dataclass(frozen=True)
class Folder:
    """What a run left."""

    path: Path
    results: dict[str, Any]
    lines: tuple[Line, ...]


def read_folder(path: Path) -> Folder:
    """Read a folder of results.

    Raises:
        ConfigError: it holds no finished run.
    """
    try:
        results = json.loads((path / RESULTS).read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} holds no finished run: {path / RESULTS}: {error.strerror}") from None
    except ValueError:
        raise ConfigError(f"{path / RESULTS} is damaged") from None
    changed = "robustness" in results
    lines = tuple(line for line in read_lines(path / ITEMS) if not (changed and MARK in line["item"]))
    return Folder(path, results, lines)


def compare(paths: Sequence[Path], output: Path | None = None) -> Run:
    """Means, intervals and tests over the summarizers of all folders.

    A label that several folders have is followed by the folder it is of.

    Args:
        output: where to write the reports; nowhere if None.

    Raises:
        ConfigError: the runs differ in data or in what is measured, or a folder holds none.
    """
    folders = [read_folder(path) for path in paths]
    first, *others = folders
    for other in others:
        _check(first, other)
    labels = [label for f in folders for label in dict.fromkeys(line["summarizer"] for line in f.lines)]
    lines: list[Line] = []
    for folder in folders:
        for line in folder.lines:
            label = line["summarizer"]
            lines.append({**line, "summarizer": f"{label} ({folder.path})" if labels.count(label) > 1 else label})
    signature = first.results["signature"]
    settings = MeasureSettings.parse(
        {
            "length": signature["length"],
            "metrics": signature["metric_settings"],
            "statistics": signature["statistics"],
            "seed": signature["seed"],
        }
    )
    ids = list(dict.fromkeys(line["item"] for line in first.lines))
    joined = {**signature, "compared": {str(f.path): f.results["signature"] for f in folders}}
    results = conclude(lines, ids, settings, joined)
    if output is not None:
        items = read_items(DataSettings.model_validate(signature["data_settings"]), len(ids))
        if items.fingerprint != signature["data"]["sha256"]:
            raise ConfigError(f"the data of {first.path} has changed since; a report needs it")
        with only_run(output):
            rewrite(output / ITEMS, lines)
            write_results(output, results, items)
    return Run(output, results, tuple(lines), 0)


def _check(first: Folder, other: Folder) -> None:
    left, right = first.results["signature"], other.results["signature"]
    both = f"{first.path} and {other.path} cannot be compared"
    if left["data"]["sha256"] != right["data"]["sha256"]:
        raise ConfigError(f"{both}: {left['data']['items']} and {right['data']['items']} items of different data")
    for key in SAME:
        if left[key] != right[key]:
            raise ConfigError(f"{both}: {key} is {_shown(left[key], right[key])} and {_shown(right[key], left[key])}")


def _shown(value: Any, against: Any) -> str:
    """What of a setting differs."""
    if isinstance(value, dict) and isinstance(against, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items() if against.get(k) != v)
    return str(value)
