"""What a person sees of a run: how far it is, who won, and whether that is luck."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from eval.clusters import ClusterRun, figures, table_names
from eval.metrics import figure
from eval.runner import Progress as State
from eval.runner import Run, Watch

COLUMNS = ("rouge1", "rouge2", "rougeLsum", "citations", "gold", "unsupported_numbers", "words")
"""Metrics with a column in the terminal, where they were measured; the reports have all of them."""

LEGEND = {
    "rouge2": "ROUGE: F × 100.",
    "citations": "cited: F of citations.",
    "gold": "gold: F of citations against gold sources.",
    "unsupported_numbers": "unsup.: numbers per 100 sentences that no citation holds.",
}

SHORT = {
    "rouge1": "R-1",
    "rouge2": "R-2",
    "rougeLsum": "R-Lsum",
    "citations": "cited",
    "gold": "gold",
    "unsupported_numbers": "unsup.",
    "words": "words",
}

CLUSTER_COLUMNS = ("pair P", "pair R", "pair F1", "B3 F1", "ARI", "V", "stories")
"""Scores of ``task: clustering`` that a terminal has room for; the report has all of them."""

EVERY = 20.0
"""Seconds between two lines of progress where there is no terminal."""

SHOWN_FAILURES = 5


@contextmanager
def progress(quiet: bool) -> Iterator[Watch]:
    """Progress with the time left on standard error: a bar in a terminal, else a line now and then."""
    if quiet:
        yield lambda state: None
    elif sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]}", style="red"),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(elapsed_when_finished=False),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=2) as bar:
            task = bar.add_task("Starting", failed="", total=None)

            def show(state: State) -> None:
                failed = f"{state.failed} failed" if state.failed else ""
                what = "Reporting" if state.done == state.total else "Summarising"
                bar.update(task, description=what, completed=state.done, total=state.total, failed=failed)

            yield show
    else:
        start = last = time.monotonic()
        first: tuple[int, float] | None = None  # when the first result came: before it, models were loaded

        def tell(state: State) -> None:
            nonlocal last, first
            now = time.monotonic()
            if first is None and state.done > state.kept:
                first = state.done, now
            if state.done == state.kept or state.done == state.total or now - last >= EVERY:
                last = now
                pace = (now - first[1]) / (state.done - first[0]) if first and state.done > first[0] else None
                typer.echo(line(state, now - start, pace), err=True)

        yield tell


def line(state: State, elapsed: float, pace: float | None) -> str:
    """One line of progress.

    Args:
        elapsed: seconds since the start.
        pace: seconds a summary; None before that can be told.
    """
    parts = [f"{state.done} of {state.total} summaries"]
    if state.failed:
        parts.append(f"{state.failed} failed")
    if state.done == state.kept:
        parts += [f"{state.kept} kept from an earlier run"] if state.kept else []
    elif state.done == state.total:
        parts.append(duration(elapsed))
    elif pace is not None:
        parts.append(f"about {duration(pace * (state.total - state.done))} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """``75`` is ``1 min 15 s``."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def show_clusters(done: ClusterRun, folder: Path, console: Console) -> None:
    """Print a table a set, who was not run, and where the rest is."""
    for name in table_names(done):
        shown = Table(title=Text(name), title_justify="left")
        shown.add_column("clusterer")
        for column in CLUSTER_COLUMNS:
            shown.add_column(column, justify="right", no_wrap=True)
        for label in done.rows:
            shown.add_row(Text(label), *figures(done, label, name, CLUSTER_COLUMNS))
        console.print(shown)
    for label, why in done.skipped.items():
        console.print(Text(f"{label} was not run: {why}"))
    console.print(Text(f"Scores in hundredths; signature and every assignment are in {folder}"), soft_wrap=True)


def show(run: Run, title: str, console: Console) -> None:
    """Print who won, whether it is luck, what was left out, and where the rest is."""
    found = run.results["summarizers"]
    metrics = [m for m in COLUMNS if any(m in scores for scores in found.values())]
    main = next((m for m in ("rouge2", "rouge1", *metrics) if m in metrics), None)
    console.print(table(found, metrics, main, title))
    if main is not None:
        level = run.results["signature"]["statistics"]["alpha"]
        legend = [LEGEND[m] for m in metrics if m in LEGEND]
        luck = f"95%: interval of {SHORT[main]}; who share a letter may differ by chance (p ≥ {level})."
        console.print(Text(" ".join([luck, *legend]), style="dim"))
    for text in notes(run):
        console.print(Text(text, style="dim"))
    if "robustness" in run.results:
        console.print(robustness(run.results["robustness"]))
    if run.folder is not None:
        console.print(Text(str(run.folder / "report.html")), soft_wrap=True)
        console.print(Text("beside it: report.md, scores.csv, table.tex, results.json, items.jsonl"))


def items(count: int) -> str:
    """``1 item``, ``2 items``."""
    return f"{count} item" + ("" if count == 1 else "s")


def show_changes(run: Run, folders: Sequence[str], console: Console) -> None:
    """Print, for every summarizer that several folders have, how it changed from one to another."""
    page = Table(title="Changes", title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0))
    for heading in ("summarizer", "from", "to", "metric"):
        page.add_column(heading)
    page.add_column("change", justify="right", no_wrap=True)
    page.add_column("p (Holm)", justify="right", no_wrap=True)
    places = {f" ({folder})": folder for folder in folders}
    shown = [t for t in run.results["tests"] if t["metric"] in COLUMNS]
    for test in sorted(shown, key=lambda t: (t["a"], t["b"], COLUMNS.index(t["metric"]))):
        left, right = (next((p for p in places if test[side].endswith(p)), "") for side in "ab")
        label = test["a"].removesuffix(left)
        if left and right and left != right and label == test["b"].removesuffix(right):
            read = figure(test["metric"])
            change = f"{0.0 - test['difference'] * read.scale:+.{read.digits}f}"
            page.add_row(
                *map(
                    Text, (label, places[left], places[right], SHORT[test["metric"]], change, f"{test['p_holm']:.3f}")
                ),
                style="bold" if test["different"] else "",
            )
    if page.row_count:
        console.print(page)


def table(found: Mapping[str, Mapping[str, Any]], metrics: Sequence[str], main: str | None, title: str) -> Table:
    """Summarizers by metrics, the best in the main metric first, its interval and letters beside it."""
    page = Table(title=Text(title), title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0))
    page.add_column("summarizer", overflow="fold")
    for metric in metrics:
        page.add_column(SHORT[metric], justify="right", no_wrap=True)
        if metric == main:
            page.add_column("95%", no_wrap=True)
            page.add_column("", no_wrap=True)
    best = {m: _best(found, m) for m in metrics}
    for label in sorted(found, key=lambda n: (-_value(found[n].get(main or "")), n)):
        cells: list[Text] = [Text(label)]
        for metric in metrics:
            entry = found[label].get(metric)
            value = _cell(metric, entry)
            cells.append(Text(value, style="bold" if value and value == best[metric] else ""))
            if metric == main:
                cells.append(Text(_interval(metric, entry), style="dim"))
                cells.append(Text(entry["letters"] if entry else "", style="dim"))
        page.add_row(*cells)
    return page


def robustness(moved: Mapping[str, Mapping[str, Any]]) -> Table:
    """Summarizers by changes: share of words kept, and how far the main score moved."""
    changes = list(dict.fromkeys(change for by in moved.values() for change in by))
    title = "Robustness: words that stay, %, and change of R-2"
    page = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0))
    page.add_column("summarizer", no_wrap=True)
    for change in changes:
        page.add_column(change, justify="right", no_wrap=True)
    for label, by in moved.items():
        page.add_row(Text(label), *(Text(_change(by.get(change))) for change in changes))
    return page


def notes(run: Run) -> Iterator[str]:
    """What was left out of the data, and which results failed."""
    for reason in run.results["signature"]["data"].get("left_out", ()):
        more = ", ..." if reason["count"] > len(reason["first"]) else ""
        yield f"left out, {reason['reason']}: {reason['count']} ({', '.join(reason['first'])}{more})"
    for failure in run.failures[:SHOWN_FAILURES]:
        yield f"failed: {failure['summarizer']} on {failure['item']}: {failure['error']}"
    if len(run.failures) > SHOWN_FAILURES:
        yield f"failed: {len(run.failures) - SHOWN_FAILURES} more, see items.jsonl"


def _value(entry: Mapping[str, Any] | None) -> float:
    return float("-inf") if not entry else float(entry.get("f", entry.get("mean", float("-inf"))))


def _cell(metric: str, entry: Mapping[str, Any] | None) -> str:
    read = figure(metric)
    digits = 0 if metric == "words" else read.digits
    return f"{_value(entry) * read.scale:.{digits}f}" if entry else ""


def _interval(metric: str, entry: Mapping[str, Any] | None) -> str:
    if not entry:
        return ""
    read = figure(metric)
    low, high = (x * read.scale for x in entry["ci95"])
    return f"{low:.1f}–{high:.1f}"


def _best(found: Mapping[str, Mapping[str, Any]], metric: str) -> str:
    better = figure(metric).better
    known = [entry for scores in found.values() if (entry := scores.get(metric))]
    if better == "neither" or not known:
        return ""
    return _cell(metric, max(known, key=_value) if better == "higher" else min(known, key=_value))


def _change(entry: Mapping[str, Any] | None) -> str:
    if not entry:
        return ""
    score = entry["scores"].get("rouge2.f", {}).get("moved")
    return f"{entry['words'] * 100:.0f}" + ("" if score is None else f"  {score * 100:+.1f}")
