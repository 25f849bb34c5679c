"""Scores on every set, one summarizer tested against each other one, and the mean over sets.

Tests: paired approximate randomisation over the stories, Holm's correction over the rivals of one metric; the interval
of a difference is its paired bootstrap (``eval.statistics``). The mean over sets gives every set the same weight; in
its test the difference on a story weighs 1 / (stories of the set x sets).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.items import Items, read_items
from eval.journal import ITEMS, TIMINGS, read_lines
from eval.metrics.facts import KINDS
from eval.metrics.settings import StatisticsSettings
from eval.quality.counts import Counts, count_all
from eval.quality.sets import Plan
from eval.runner import Watch, evaluate
from eval.settings import DataSettings
from eval.statistics import bootstrap, holm, randomisation
from summarize.errors import ConfigError
from summarize.rendering import write_atomically

Floats = NDArray[np.float64]
Scores = dict[str, Any]

QUALITY = "quality.json"
FACTS = "unsupported.jsonl"

ROUGE = ("rouge1", "rouge2", "rougeL", "rougeLsum")
PARTS = ("f", "r")
SHARES = ("verbatim", "fused", "several_articles")
HOW = ("unsupported", "invented")
ORACLE = "oracle"
"""Chooses by the references: a bound, never tested against."""
DIGITS = 6

WatchSet = Callable[[str], AbstractContextManager[Watch]]


def _unwatched(name: str) -> AbstractContextManager[Watch]:
    return nullcontext(lambda progress: None)


def measure(plan: Plan, tested: str, *, fresh: bool = False, watch: WatchSet = _unwatched) -> dict[str, Any]:
    """Write and score the summaries of every set, or what is left of them.

    Writes a folder of results for each set, ``unsupported.jsonl`` with every fact that no cited quote holds, and
    ``quality.json``: ``sets`` with ``summarizers``, ``tests`` and ``signature`` for each, ``mean`` over them,
    ``left_out`` and ``failed``.

    Args:
        tested: who is tested against each other one; no tests are made where it is not measured.
        fresh: throw earlier results away.
        watch: opens, for the set it is told, what is told of the progress.

    Raises:
        ConfigError: a folder holds results of other settings, data or code.
        OutputError: a file cannot be written.
    """
    sets: dict[str, Any] = {}
    values: dict[str, dict[str, dict[str, Floats]]] = {}
    facts: list[dict[str, Any]] = []
    failed = 0
    output = next(iter(plan.settings.values())).output.parent
    for name, settings in plan.settings.items():
        with watch(name) as tell:
            run = evaluate(settings, fresh=fresh, watch=tell)
        failed += len(run.failures)
        items = read_items(settings.data, settings.limit)
        counts = count_all(items, run.lines)
        facts += [
            {"set": name, "summarizer": label, **asdict(fact)}
            for label, several in counts.items()
            for one in several
            for fact in one.facts
        ]
        values[name] = arrays(items, run.lines)
        sets[name] = {
            "data": str(settings.data.path),
            "words": settings.length.words,
            "items": len(items),
            "summarizers": _rows(run.results["summarizers"], counts, _seconds(settings.output)),
            "tests": tests([values[name]], tested, settings.statistics, settings.seed),
            "signature": run.results["signature"],
        }
    first = next(iter(plan.settings.values()))
    found = {
        "tested": tested,
        "sets": sets,
        "mean": {
            "summarizers": _mean([s["summarizers"] for s in sets.values()]),
            "tests": tests(list(values.values()), tested, first.statistics, first.seed),
        },
        "left_out": [asdict(s) for s in plan.left_out],
        "failed": failed,
    }
    write_atomically(output / QUALITY, json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    write_atomically(output / FACTS, "".join(json.dumps(f, ensure_ascii=False) + "\n" for f in facts))
    return found


@dataclass(frozen=True)
class Finished:
    """A set of a finished run.

    Attributes:
        lines: of items.jsonl, of summaries that did not fail.
        signature: what they hang on.
    """

    items: Items
    lines: tuple[Mapping[str, Any], ...]
    signature: Mapping[str, Any]


def finished(output: Path) -> dict[str, Finished]:
    """The sets of a finished run, by name.

    Raises:
        ConfigError: there is no run, or its data is no longer what it was.
    """
    found: dict[str, Finished] = {}
    for name, entry in load(output)["sets"].items():
        signed = entry["signature"]
        items = read_items(DataSettings.model_validate({"path": entry["data"]}), entry["items"])
        if items.fingerprint != signed["data"]["sha256"]:
            raise ConfigError(f"{entry['data']} has changed since {output / name} was made of it")
        found[name] = Finished(items, tuple(x for x in read_lines(output / name / ITEMS) if not x["error"]), signed)
    return found


def load(output: Path) -> dict[str, Any]:
    """What quality.json holds.

    Raises:
        ConfigError: it is not there, or damaged.
    """
    try:
        found: dict[str, Any] = json.loads((output / QUALITY).read_text("utf-8"))
    except (OSError, ValueError):
        raise ConfigError(f"{output} holds no readable {QUALITY}; run `python -m eval.quality` first") from None
    return found


def arrays(items: Items, lines: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Floats]]:
    """ROUGE F by metric and summarizer over the items in their order; NaN where a summary failed."""
    scores = {(line["summarizer"], line["item"]): line["scores"] for line in lines}
    labels = dict.fromkeys(line["summarizer"] for line in lines)
    return {
        metric: {
            label: np.array([scores.get((label, item.id), {}).get(f"{metric}.f", np.nan) for item in items])
            for label in labels
        }
        for metric in ROUGE
    }


def tests(
    sets: Sequence[Mapping[str, Mapping[str, Floats]]], tested: str, settings: StatisticsSettings, seed: int
) -> list[dict[str, Any]]:
    """The one that is tested against each rival, on one set or on the mean over several.

    Args:
        sets: for each set what ``arrays`` gives, the same summarizers in each.

    Returns:
        For each metric and rival ``difference`` (tested minus rival), ``p``, ``p_holm``, ``different`` and ``n``, the
        number of stories; on one set also ``ci95`` of the difference.
    """
    found: list[dict[str, Any]] = []
    for metric in ROUGE:
        rivals = [label for label in sets[0][metric] if label not in (tested, ORACLE)]
        if tested not in sets[0][metric] or not rivals:
            continue
        differences = [np.array([one[metric][tested] - one[metric][rival] for rival in rivals]) for one in sets]
        known = [(~np.isnan(d)).sum(1) for d in differences]
        weighted = np.concatenate(
            [np.nan_to_num(d) / np.maximum(1, n)[:, None] / len(sets) for d, n in zip(differences, known, strict=True)],
            axis=1,
        )
        p = randomisation(weighted, settings.trials, seed)
        corrected = holm(p)
        interval = bootstrap(differences[0], settings.resamples, seed) if len(sets) == 1 else None
        for i, rival in enumerate(rivals):
            found.append(
                {
                    "metric": metric,
                    "rival": rival,
                    "difference": round(float(weighted[i].sum()), DIGITS),
                    **({} if interval is None else {"ci95": [round(float(x), DIGITS) for x in interval[i]]}),
                    "p": round(float(p[i]), DIGITS),
                    "p_holm": round(float(corrected[i]), DIGITS),
                    "different": bool(corrected[i] < settings.alpha),
                    "n": int(sum(n[i] for n in known)),
                }
            )
    return found


def signature(entry: Mapping[str, Any]) -> str:
    """One line that says what the figures of a set hang on."""
    signed = entry["signature"]
    return " | ".join(
        (
            signed["metrics"]["rouge"],
            f"stems: {signed['metrics']['stemming']}",
            f"tokens: {signed['metrics']['tokenizer']}",
            f"references: {signed['metrics']['references']}",
            f"sentences: {signed['metrics']['sentences']}",
            f"{entry['words']} words asked for, the first {entry['words']} scored",
            f"{signed['data']['items']} stories, {signed['data']['articles']} articles,"
            f" data {signed['data']['sha256'][:12]}",
            f"seed {signed['seed']}",
            f"{signed['statistics']['resamples']} resamples, {signed['statistics']['trials']} trials",
            f"summarize {signed['versions']['summarize']}, code and weights {signed['code_sha256'][:12]}",
            f"Python {signed['versions']['python']}, torch {signed['versions']['torch']},"
            f" numpy {signed['versions']['numpy']}, {signed['machine']['processor']}",
        )
    )


def _rows(
    results: Mapping[str, Mapping[str, Any]], counts: Mapping[str, Sequence[Counts]], seconds: Mapping[str, float]
) -> dict[str, Scores]:
    """For each summarizer its ROUGE with intervals, its counts, words and seconds a summary."""
    found: dict[str, Scores] = {}
    for label, several in counts.items():
        total = Counts.total(several)
        found[label] = {
            **{
                metric: {k: v for k, v in results[label][metric].items() if k != "letters"}
                for metric in ROUGE
                if metric in results[label]
            },
            **total.to_dict(),
            "words": round(total.words / max(1, len(several)), 1),
            "seconds": round(seconds[label], 3) if label in seconds else None,
        }
    return found


def _seconds(folder: Path) -> dict[str, float]:
    """Mean seconds a summary, by summarizer."""
    found: dict[str, list[float]] = {}
    for line in read_lines(folder / TIMINGS):
        if line["seconds"] is not None:
            found.setdefault(line["summarizer"], []).append(line["seconds"])
    return {label: fmean(each) for label, each in found.items()}


def _mean(sets: Sequence[Mapping[str, Scores]]) -> dict[str, Scores]:
    """Means of the shares over the sets, sums of the counts, for those who have a score in every set."""
    found: dict[str, Scores] = {}
    for label in sets[0]:
        rows = [one[label] for one in sets if label in one and ROUGE[0] in one[label]]
        if len(rows) < len(sets):
            continue
        found[label] = {
            **{m: {part: round(fmean(row[m][part] for row in rows), DIGITS) for part in PARTS} for m in ROUGE},
            **{share: round(fmean(row[share] for row in rows), 4) for share in SHARES},
            "sentences": sum(row["sentences"] for row in rows),
            **{f"{how}_{kind}": sum(row[f"{how}_{kind}"] for row in rows) for how in HOW for kind in KINDS},
        }
    return found
