"""The command ``summarize batch``.

Exit status: 0 done, 1 our fault, 2 bad usage or nothing readable, 3 done but some stories failed, 130 interrupted.

Only what the command line needs is imported at the top, since ``summarize --help`` reads this module.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from summarize.command import INTERRUPTED, SOME_FAILED, ConfigFile, command_line

if TYPE_CHECKING:
    from summarize.engines.batch import Progress, Watch

SHOWN = 5
"""Failures and skipped inputs that are shown; the manifest lists all."""

app = command_line("batch")


@app.command()
def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Files, folders, or - for standard input.", show_default=False),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the shards.", show_default=False)],
    engine: Annotated[str, typer.Option("--engine", help="Where the work is done: local or ray.")] = "local",
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Processes; 1 is this one.", show_default="one a core")
    ] = 0,
    config: ConfigFile = None,
    summarizer: Annotated[
        str | None,
        typer.Option("--summarizer", "-s", help="Who writes or picks the sentences.", show_default="fusion"),
    ] = None,
    format: Annotated[str, typer.Option("--format", "-f", help="jsonl or parquet.")] = "jsonl",
    shard: Annotated[int, typer.Option("--shard", min=1, help="Stories of a shard, about.")] = 64,
    fresh: Annotated[
        bool, typer.Option("--fresh/--resume", help="Throw an earlier batch away, or go on where it stopped.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on stderr but errors.")] = False,
) -> None:
    """Summarise any number of articles: shards of stories and a manifest; killed, the same command goes on.

    [bold]Examples[/bold]

      summarize batch news/ --output day

      summarize batch news/ more.jsonl.gz --output day --workers 8 --format parquet

      summarize batch /shared/news --output /shared/day --engine ray
    """
    from summarize.config import Config
    from summarize.engines.batch import MANIFEST
    from summarize.engines.batch import batch as work

    settings = Config.load(config, summarizer=summarizer)
    try:
        with _progress(quiet) as watch:
            done = work(
                inputs,
                output,
                settings,
                engine=engine,
                workers=workers,
                format=format,
                stories=shard,
                fresh=fresh,
                watch=watch,
            )
    except KeyboardInterrupt:
        typer.echo("summarize: interrupted; without --fresh, the same command goes on from here", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if not quiet:
        from summarize.rendering.characters import one_line

        for skipped in done.skipped[:SHOWN]:
            typer.echo(one_line(f"skipped {skipped.path}: {skipped.reason}"), err=True)
        for failure in done.failed[:SHOWN]:
            typer.echo(one_line(f"failed {failure['story']}: {failure['error']}"), err=True)
        manifest = done.manifest
        typer.echo(
            f"{manifest['articles']} articles, {len(done.skipped)} inputs skipped; {manifest['stories']} stories,"
            f" {len(done.failed)} failed: {output / MANIFEST}",
            err=True,
        )
    if done.failed:
        raise typer.Exit(SOME_FAILED)


@contextmanager
def _progress(quiet: bool) -> Iterator["Watch"]:
    """A bar on stderr, if that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True, refresh_per_second=2) as bar:
        task = bar.add_task("starting", total=None)

        def show(progress: "Progress") -> None:
            bar.update(task, description=progress.stage, completed=progress.done, total=progress.total)

        yield show
