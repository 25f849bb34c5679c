"""Which metrics stand in which table, and the tables as Markdown, LaTeX and CSV."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

from eval.metrics import figure
from eval.reports.results import Cell, Results, key_of
from summarize.documents import escape_markdown
from summarize.rendering.characters import one_line


@dataclass(frozen=True)
class Table:
    """A table of all summarizers.

    Attributes:
        metrics: its columns; those that no summarizer has are left out.
    """

    title: str
    note: str
    metrics: tuple[str, ...]


TABLES: Sequence[Table] = (
    Table("Closeness to the references", "In hundredths; F where a metric has precision and recall.", ("semantic",)),
    Table(
        "Faithfulness and sources",
        "Unsupported: in no quote that the sentence cites; invented: in no article; both per 100 sentences. Gold "
        "covered: reference sentences of which a marked source is cited. Shares in hundredths.",
        (
            "citations",
            "gold",
            "gold_covered",
            "unsupported_numbers",
            "unsupported_names",
            "unsupported_quotations",
            "invented_numbers",
            "invented_names",
            "invented_quotations",
            "sources",
            "independent_sources",
        ),
    ),
    Table(
        "The text",
        "Shares in hundredths. Neither way is better unless a heading says so.",
        (
            "words",
            "sentences",
            "coverage",
            "density",
            "compression",
            "novel1",
            "novel2",
            "novel3",
            "novel4",
            "repeated_trigrams",
            "similar_sentences",
        ),
    ),
)
"""The tables; ROUGE stands before all others in the first."""


def tables(results: Results) -> list[Table]:
    """The tables that this run fills, with ROUGE in the first, and all that is in no table in the last."""
    rouge = tuple(m for m in results.metrics if m.startswith("rouge"))
    placed = {m for t in TABLES for m in t.metrics} | set(rouge)
    rest = tuple(m for m in results.metrics if m not in placed)
    found = []
    for number, table in enumerate(TABLES):
        before, after = (rouge if number == 0 else ()), (rest if number == len(TABLES) - 1 else ())
        metrics = (*before, *(m for m in table.metrics if m in results.metrics), *after)
        if metrics:
            found.append(Table(table.title, table.note, metrics))
    return found


MOVES = (
    "Each item was summarised again with its articles changed. Unchanged: summaries that stayed the same; sentences, "
    "words: how much of them both have; intruder: sentences that cite the unrelated article; last, how far the score "
    "moved, up or down, and in size. All in hundredths, means over items."
)
TIMES = (
    "Median seconds a story; highest peak of the process in MB. A process that has written for several summarizers "
    "shows the peak of all of them."
)


def moves(results: Results) -> list[list[str]]:
    """The head, and a row for every summarizer and change, of how far texts and scores moved."""
    main = results.main
    key = key_of(main, results) if main else ""
    label = figure(main).label if main else ""
    scale = figure(main).scale if main else 1.0
    rows = [["summarizer, change", "items", "unchanged", "sentences", "words", "intruder", f"{label} moved", "size"]]
    for name in results.order:
        for change, found in results.robustness.get(name, {}).items():
            moved = found["scores"].get(key)
            intruder = f"{100 * found['intruder']:.1f}" if change == "unrelated" else "–"
            shares = [f"{100 * found[share]:.1f}" for share in ("unchanged", "sentences", "words")]
            last = [f"{scale * moved['moved']:+.2f}", f"{scale * moved['moved_abs']:.2f}"] if moved else ["–", "–"]
            rows.append([f"{name}, {change}", str(found["items"]), *shares, intruder, *last])
    return rows


def reading(results: Results) -> str:
    """How to read intervals and letters, in two sentences."""
    s = results.statistics
    return (
        f"In brackets the 95% bootstrap interval over items ({s.resamples:,} samples). Summarizers that share a letter "
        f"are not told apart: paired randomisation ({s.trials:,} exchanges, or all where they are fewer), "
        f"p < {s.alpha:g} after Holm's correction over all pairs of a metric."
    )


def markdown(results: Results) -> str:
    """The report as Markdown."""
    parts = [f"# {escape_markdown(results.name)}", counts(results), reading(results)]
    for table in tables(results):
        head = ["summarizer", *(_heading(m) for m in table.metrics)]
        rows = [
            [escape_markdown(name), *(_markdown_cell(results.cell(name, m)) for m in table.metrics)]
            for name in results.order
        ]
        parts += [f"## {table.title}", table.note, _markdown_table(head, rows)]
    halves = [m for m in results.metrics if any("p" in e.get(m, {}) for e in results.summarizers.values())]
    if halves:
        head = ["summarizer", *(f"{figure(m).label.removesuffix(' F')} P / R" for m in halves)]
        rows = [[escape_markdown(name), *(_halves(results, name, m) for m in halves)] for name in results.order]
        parts += ["## Precision and recall", "In hundredths.", _markdown_table(head, rows)]
    head, *moved = moves(results)
    if moved:
        rows = [[escape_markdown(name), *figures] for name, *figures in moved]
        parts += ["## Robustness", MOVES, _markdown_table(head, rows)]
    timed = [(name, results.times(name)) for name in results.order]
    if any(times for _, times in timed):
        rows = [[escape_markdown(n), f"{t[0]:.2f}", f"{t[1]:.0f}"] for n, t in timed if t]
        parts += ["## Time and memory", TIMES]
        parts.append(_markdown_table(["summarizer", "seconds", "MB"], rows))
    if results.failures:
        failed = (f"- {escape_markdown(i)}, {escape_markdown(n)}: {escape_markdown(e)}" for i, n, e in results.failures)
        parts += ["## Failures", "\n".join(failed)]
    signature = json.dumps(results.signature, indent=2, ensure_ascii=True)
    parts += ["## Signature", f"````json\n{signature}\n````"]
    return "\n\n".join(parts) + "\n"


def counts(results: Results) -> str:
    """How many items and summarizers, and how many summaries failed."""
    failed = f", {len(results.failures)} of the summaries failed" if results.failures else ""
    return f"{len(results.items)} items, {len(results.summarizers)} summarizers{failed}."


def _heading(metric: str) -> str:
    arrow = {"higher": " ↑", "lower": " ↓", "neither": ""}[figure(metric).better]
    return escape_markdown(figure(metric).label) + arrow


def _markdown_cell(cell: Cell | None) -> str:
    if cell is None:
        return "–"
    text = f"**{cell.text}**" if cell.best else cell.text
    return " ".join(part for part in (text, cell.interval, cell.letters) if part)


def _markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def _halves(results: Results, name: str, metric: str) -> str:
    entry = results.summarizers[name].get(metric, {})
    if "p" not in entry:
        return "–"
    return f"{100 * entry['p']:.1f} / {100 * entry['r']:.1f}"


def scores_csv(results: Results) -> str:
    """Every score of every item, unrounded: one row a summary."""
    keys = sorted({key for line in results.lines for key in line["scores"]})
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["item", "summarizer", *keys, "error"])
    for line in results.lines:
        values = (line["scores"].get(key, "") for key in keys)
        writer.writerow([line["item"], line["summarizer"], *values, line.get("error") or ""])
    return file.getvalue()


_TEX = str.maketrans(
    {
        **{c: "\\" + c for c in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
    }
)


def tex(text: str) -> str:
    """The text with everything escaped that LaTeX takes for a command."""
    return one_line(text).translate(_TEX)


def table_tex(results: Results) -> str:
    """The first table and the counts of what is unsupported, for a paper (needs the package booktabs)."""
    first = tables(results)[:1]
    unsupported = [m for m in results.metrics if m.startswith("unsupported_")]
    metrics = [*(m for t in first for m in t.metrics), *unsupported]
    head = " & ".join(["", *(tex(figure(m).label) for m in metrics)])
    rows = [
        " & ".join([tex(name), *(_tex_cell(results.cell(name, m)) for m in metrics)]) + r" \\" for name in results.order
    ]
    return "\n".join(
        [
            f"% {tex(counts(results))}",
            f"% {tex(reading(results))}",
            rf"\begin{{tabular}}{{l{'r' * len(metrics)}}}",
            r"\toprule",
            head + r" \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def _tex_cell(cell: Cell | None) -> str:
    if cell is None:
        return "--"
    text = rf"\textbf{{{cell.text}}}" if cell.best else cell.text
    letters = rf"\textsuperscript{{{cell.letters}}}" if cell.letters else ""
    interval = rf" {{\scriptsize {cell.interval}}}" if cell.interval else ""
    return text + letters + interval
