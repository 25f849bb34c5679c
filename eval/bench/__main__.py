"""All benchmarks: ``python -m eval.bench``; one of them: ``python -m eval.bench NAME``; ``--help`` lists them.

Each runs in a fresh process and prints one JSON line to standard output; a table follows on standard error. The
environment is passed on: ``OMP_NUM_THREADS`` sets the threads of ours and of what ours is measured against.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from eval.bench import (
    batch,
    fusion,
    harness,
    lexrank,
    machine,
    memory,
    scale,
    scoring,
    seq2seq,
    stages,
    startup,
    warm,
)
from eval.bench.processes import output_of


@dataclass(frozen=True)
class Bench:
    """A benchmark of ``make bench``.

    Attributes:
        main: the command.
        what: the row's label.
        key: the figure of its record that counts, and its unit.
        bound: whether the figure must be "at most" or "at least" the record's target; None without a target.
        writes: takes ``--summarizer``.
    """

    main: Callable[..., None]
    what: str
    key: str
    unit: str
    bound: str | None
    writes: bool = True


BENCHES = {
    "startup": Bench(startup.main, "summarize story seeds/, time of the bare import", "ratio", "×", "at most"),
    "memory": Bench(memory.main, "summarize story seeds/, peak memory", "megabytes", "MB", "at most"),
    "warm": Bench(warm.main, "stories in one loaded process", "stories_per_second", "/s", None),
    "fusion": Bench(fusion.main, "fusion, speed of a BART-large-sized seq2seq", "ratio", "×", "at least"),
    "lexrank": Bench(lexrank.main, "lexrank, speed of plain Python", "ratio", "×", "at least", writes=False),
    "scoring": Bench(scoring.main, "ROUGE, speed of plain rouge-score", "ratio", "×", "at least", writes=False),
    "harness": Bench(harness.main, "evaluation, time of the bare summarizer", "ratio", "×", "at most"),
}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command("machine")(machine.main)
for _name, _bench in BENCHES.items():
    app.command(_name)(_bench.main)
app.command("seq2seq")(seq2seq.main)
app.command("scale")(scale.main)
app.command("batch")(batch.main)
app.command("stages")(stages.main)


@app.callback(invoke_without_command=True)
def everything(
    context: typer.Context,
    summarizer: Annotated[str, typer.Option(help="Who is measured where a summary is written.")] = "fusion",
) -> None:
    """Run every benchmark, each in a fresh process; or one of the commands below."""
    if context.invoked_subcommand:
        return
    commands = {"machine": ["machine"]}
    for name, bench in BENCHES.items():
        commands[name] = [name, "--summarizer", summarizer] if bench.writes else [name]
    records: dict[str, dict[str, Any] | None] = dict.fromkeys(commands)
    for name, arguments in commands.items():
        with suppress(SystemExit):  # the process has said why
            line = output_of("eval.bench", *arguments)
            print(line, end="", flush=True)
            records[name] = json.loads(line)
    Console(stderr=True).print(table(records))
    if None in records.values():
        raise typer.Exit(1)


def table(records: dict[str, dict[str, Any] | None]) -> Table:
    """What was measured beside what was aimed at."""
    page = Table("benchmark", "measured", "target", "met")
    for name, bench in BENCHES.items():
        page.add_row(bench.what, *row(bench, records[name]))
    return page


def row(bench: Bench, record: dict[str, Any] | None) -> tuple[str, str, str]:
    """Measured, target, and whether it is met; a record of None is a benchmark that failed."""
    if record is None:
        return "failed", "", "no"
    measured = f"{record[bench.key]} {bench.unit}"
    if bench.bound is None:
        return measured, "", ""
    above = record[bench.key] - record["target"]
    met = above <= 0 if bench.bound == "at most" else above >= 0
    return measured, f"{bench.bound} {record['target']}", "yes" if met else "no"


if __name__ == "__main__":
    app()
