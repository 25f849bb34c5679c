"""A finished run as the reports read it: means, tests and signature, and what stands in every line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from eval.metrics import figure
from eval.metrics.settings import StatisticsSettings
from eval.robustness import MARK
from summarize.errors import ReadingError


@dataclass(frozen=True)
class Cell:
    """A mean as people read it.

    Attributes:
        value: the stored mean.
        text: the mean, scaled and rounded.
        interval: the 95% interval likewise, e.g. ``[31.0, 35.2]``; empty where there is none.
        letters: summarizers that share one are not told apart.
        best: no summarizer has a better mean and some a worse one; never so where neither way is better.
    """

    value: float
    text: str
    interval: str = ""
    letters: str = ""
    best: bool = False


@dataclass(frozen=True)
class Results:
    """A run.

    Attributes:
        name: of the folder.
        summarizers: metric by summarizer, as in results.json.
        tests: as in results.json.
        signature: as in results.json.
        lines: the lines of items.jsonl.
        timings: those of timings.jsonl; empty where there are none.
        robustness: by summarizer and change how far texts and scores moved, as in results.json; empty if not measured.
    """

    name: str
    summarizers: Mapping[str, Mapping[str, Mapping[str, Any]]]
    tests: Sequence[Mapping[str, Any]]
    signature: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    timings: Sequence[Mapping[str, Any]] = ()
    robustness: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> "Results":
        """Read a folder of results.

        Raises:
            ReadingError: a file is missing or damaged.
        """
        try:
            results = json.loads((folder / "results.json").read_text("utf-8"))
            lines = _lines(folder / "items.jsonl")
            times = folder / "timings.jsonl"
            timings = _lines(times) if times.exists() else []
            return cls(
                folder.resolve().name,
                results["summarizers"],
                results["tests"],
                results["signature"],
                lines,
                timings,
                results.get("robustness", {}),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReadingError(f"{folder} holds no readable results: {error}") from None

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric that some summarizer has, those of ROUGE first as they stand in the results."""
        found = dict.fromkeys(metric for metrics in self.summarizers.values() for metric in metrics)
        return tuple(sorted(found, key=lambda m: not m.startswith("rouge")))

    @property
    def main(self) -> str | None:
        """The metric that summarizers are ordered by: ROUGE-2, where it was not measured the first of all."""
        return "rouge2" if "rouge2" in self.metrics else next(iter(self.metrics), None)

    @property
    def order(self) -> tuple[str, ...]:
        """The summarizers, the best by ``main`` first."""
        main = self.main
        if main is None:
            return tuple(self.summarizers)
        sign = 1 if figure(main).better == "lower" else -1

        def place(name: str) -> tuple[float, str]:
            value = mean(self.summarizers[name].get(main, {}))
            return (float("inf") if value is None else sign * value, name)

        return tuple(sorted(self.summarizers, key=place))

    @property
    def failures(self) -> tuple[tuple[str, str, str], ...]:
        """Item, summarizer and error of what failed."""
        return tuple((x["item"], x["summarizer"], x["error"]) for x in self.lines if x.get("error"))

    @property
    def items(self) -> tuple[str, ...]:
        """Ids of the items, in their order; versions of them that were changed for robustness are none."""
        found = dict.fromkeys(line["item"] for line in self.lines)
        return tuple(i for i in found if not (self.robustness and MARK in i))

    @property
    def statistics(self) -> StatisticsSettings:
        """The settings of the statistics, from the signature; the defaults where it does not say."""
        given = self.signature.get("statistics")
        known = {k: given[k] for k in StatisticsSettings.model_fields if k in given} if isinstance(given, dict) else {}
        return StatisticsSettings(**known)

    def cell(self, name: str, metric: str) -> Cell | None:
        """A summarizer's mean on a metric; None where it has none."""
        entry = self.summarizers[name].get(metric, {})
        value = mean(entry)
        if value is None:
            return None
        interval = ", ".join(shown(metric, bound) for bound in entry.get("ci95", ()))
        better = figure(metric).better
        others = [v for v in (mean(m.get(metric, {})) for m in self.summarizers.values()) if v is not None]
        best = better != "neither" and min(others) < max(others)
        best = best and value == (min if better == "lower" else max)(others)
        return Cell(value, shown(metric, value), f"[{interval}]" if interval else "", entry.get("letters", ""), best)

    def times(self, name: str) -> tuple[float, float] | None:
        """Median seconds a story and highest peak memory in MB of a summarizer; None where not measured.

        The median, since the first story of a process waits for the models.
        """
        rows = [t for t in self.timings if t["summarizer"] == name]
        if not rows:
            return None
        return median(t["seconds"] for t in rows), max(t["peak_mb"] for t in rows)


def mean(entry: Mapping[str, Any]) -> float | None:
    """The figure of a metric's entry that counts: F or the mean."""
    value = entry.get("f", entry.get("mean"))
    return None if value is None else float(value)


def key_of(metric: str, results: Results) -> str:
    """The score of an item that a metric's mean is made of."""
    return f"{metric}.f" if any("f" in e.get(metric, {}) for e in results.summarizers.values()) else metric


def shown(metric: str, value: float) -> str:
    """A figure as the tables show it."""
    how = figure(metric)
    return f"{how.scale * value:.{how.digits}f}"


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
