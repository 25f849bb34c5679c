"""What was measured, as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.metrics.facts import KINDS
from eval.quality.scores import HOW, ROUGE, SHARES, signature

SHORT = {"rouge1": "R-1", "rouge2": "R-2", "rougeL": "R-L", "rougeLsum": "R-Lsum"}
TESTED = ("rouge1", "rouge2")
"""Metrics whose tests are shown; quality.json has all."""


def markdown(found: Mapping[str, Any]) -> str:
    """The tables of quality.json: each set with its signature, the mean over sets, the tests."""
    return "\n".join(_lines(found))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A Markdown table, the first column to the left, the others to the right, padded so that it reads as text."""
    widths = [max(3, *(len(row[i]) for row in (headings, *rows))) for i in range(len(headings))]
    for n, row in enumerate((headings, *rows)):
        cells = [cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))]
        yield f"| {' | '.join(cells)} |"
        if n == 0:
            yield "|" + "|".join("-" * (w + 2 - bool(i)) + ":" * bool(i) for i, w in enumerate(widths)) + "|"


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    for name, entry in found["sets"].items():
        yield f"### {name}: {entry['items']} stories, {entry['words']} words"
        yield ""
        yield from _scores(entry["summarizers"])
        yield ""
        yield f"Signature: {signature(entry)}"
        yield ""
    sets = list(found["sets"])
    if len(sets) > 1:
        yield f"### Mean over {', '.join(sets)}"
        yield ""
        yield from _scores(found["mean"]["summarizers"])
        yield ""
    tests = {**{name: found["sets"][name]["tests"] for name in sets}, "mean": found["mean"]["tests"]}
    if found["mean"]["tests"]:
        yield f"### {found['tested']} minus each other one, F x 100"
        yield ""
        yield from _tests({name: tests[name] for name in (sets if len(sets) == 1 else tests)})
        yield ""
        yield "Bold: p < 0.05 by paired approximate randomisation, corrected by Holm over the rivals of a column."
        yield ""
    for skipped in found["left_out"]:
        yield f"Left out: {skipped['path']}: {skipped['reason']}"
    if found["failed"]:
        yield f"Failed: {found['failed']} summaries; items.jsonl of the set says why"


def _scores(rows: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    headings = [
        "summarizer",
        *(f"{SHORT[m]} F" for m in ROUGE),
        *(f"{SHORT[m]} R" for m in ROUGE),
        "verbatim",
        "fused",
        "2+ articles",
        "unsupported",
        "invented",
        "words",
        "seconds",
    ]
    ordered = sorted(rows, key=lambda label: (-_f(rows[label], "rouge2"), label))
    cells = [[label, *_cells(rows[label])] for label in ordered]
    kept = [i for i in range(len(headings)) if any(row[i] for row in cells)]  # the mean has no words and seconds
    yield from table([headings[i] for i in kept], [[row[i] for i in kept] for row in cells])


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    for part in "fr":
        for metric in ROUGE:
            yield f"{100 * row[metric][part]:.2f}" if metric in row else ""
    for share in SHARES:
        yield f"{100 * row[share]:.0f}%"
    for how in HOW:
        yield " / ".join(str(row[f"{how}_{kind}"]) for kind in KINDS)
    yield f"{row['words']:.0f}" if "words" in row else ""
    yield "" if row.get("seconds") is None else f"{row['seconds']:.2f}"


def _f(row: Mapping[str, Any], metric: str) -> float:
    return float(row[metric]["f"]) if metric in row else -1.0


def _tests(by_set: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    cells = {(name, test["metric"], test["rival"]): test for name, tests in by_set.items() for test in tests}
    columns = [(name, metric) for name in by_set for metric in TESTED]
    rivals = list(dict.fromkeys(rival for _, _, rival in cells))
    rows = [[rival, *(_test(cells.get((*column, rival))) for column in columns)] for rival in rivals]
    yield from table(["rival", *(f"{name} {SHORT[metric]}" for name, metric in columns)], rows)


def _test(test: Mapping[str, Any] | None) -> str:
    if test is None:
        return ""
    text = f"{100 * test['difference']:+.2f} (p {test['p_holm']:.3f})"
    return f"**{text}**" if test["different"] else text
