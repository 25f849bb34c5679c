"""What a run tells people: report.md, report.html, table.tex and scores.csv, made from its results."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eval.reports.page import html
from eval.reports.results import Results
from eval.reports.tables import markdown, scores_csv, table_tex
from summarize.rendering.files import write_atomically

if TYPE_CHECKING:
    from eval.items import Item

__all__ = ["write"]


def write(folder: Path, items: "Sequence[Item]" = ()) -> None:
    """Make the reports of a folder that holds results.json, items.jsonl and perhaps timings.jsonl.

    Args:
        folder: of the results; the reports go there too.
        items: what was summarised, for references and the names of articles.

    Raises:
        ReadingError: results are missing or damaged.
        OutputError: a report cannot be written.
    """
    results = Results.read(folder)
    write_atomically(folder / "report.md", markdown(results))
    write_atomically(folder / "report.html", html(results, items))
    write_atomically(folder / "table.tex", table_tex(results))
    write_atomically(folder / "scores.csv", scores_csv(results))
