"""The commands of the harness: ``summarize eval ...`` and ``python -m eval ...``.

Exit status: 0 done, 1 our fault, 2 bad usage or data, 3 done but some summaries failed.

Only what the command line needs is imported at the top, since ``summarize --help`` reads this module.
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from summarize.command import INTERRUPTED, SOME_FAILED, command_line

OPTIONS_OF_GROUP = ("--help", "-h")


class _Group(TyperGroup):
    """``eval CONFIG...`` is ``eval run CONFIG...``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in OPTIONS_OF_GROUP:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = command_line(
    "eval",
    cls=_Group,
    subcommand_metavar="CONFIG... | COMMAND ...",
)

Configs = Annotated[
    list[Path], typer.Argument(metavar="CONFIG...", help="YAML files (configs/eval/ has some).", show_default=False)
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting, e.g. length.words=100.", show_default=False),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]


@app.callback()
def _everything() -> None:
    """Measure summarizers on stories with reference summaries, or how well articles are parted into stories.

    [bold]Examples[/bold]

      summarize eval configs/eval/stories.yaml

      summarize eval configs/eval/stories.yaml --limit 2 --output /tmp/try

      summarize eval configs/eval/clusters.yaml

      summarize eval compare results/before results/after

      summarize eval score theirs.jsonl --references references.jsonl
    """


@app.command()
def run(
    configs: Configs,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Folder of the results; of several configs, one folder each in it.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only the first so many items.", show_default="all")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=0, help="Processes.", show_default="one a core")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh/--resume", help="Throw earlier results away, or go on where a run stopped.")
    ] = False,
    changes: Sets = None,
    quiet: Quiet = False,
) -> None:
    """Run evaluations (`summarize eval CONFIG...` is the same)."""
    from rich.console import Console

    from eval import terminal
    from eval.clusters import TASK, ClusterEvalSettings
    from eval.clusters import evaluate as evaluate_clusters
    from eval.runner import evaluate
    from eval.settings import EvalSettings, parse_change, task
    from summarize.config import read_settings

    given: dict[str, Any] = dict(map(parse_change, changes or []))
    given |= {k: v for k, v in (("limit", limit), ("workers", workers)) if v is not None}
    several = len(configs) > 1
    plans: list[EvalSettings | ClusterEvalSettings] = []
    for config in configs:  # a mistake in the last config is told before the first one is run
        folder = {} if output is None else {"output": str(output / config.stem if several else output)}
        found = read_settings(config)
        kind = ClusterEvalSettings if task(config, found) == TASK else EvalSettings
        plans.append(kind.load(config, given | folder, found))
    failures = 0
    for config, settings in zip(configs, plans, strict=True):
        if isinstance(settings, ClusterEvalSettings):
            watch_rows = (lambda line: None) if quiet else (lambda line: typer.echo(line, err=True))
            terminal.show_clusters(evaluate_clusters(settings, watch_rows), settings.output, Console())
            continue
        try:
            with terminal.progress(quiet) as watch:
                done = evaluate(settings, fresh=fresh, watch=watch)
        except KeyboardInterrupt:
            typer.echo("summarize: interrupted; without --fresh, the same command goes on from here", err=True)
            raise typer.Exit(INTERRUPTED) from None
        terminal.show(done, f"{config.stem}, {terminal.items(done.results['signature']['data']['items'])}", Console())
        failures += len(done.failures)
    if failures:
        raise typer.Exit(SOME_FAILED)


@app.command()
def compare(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR DIR...", help="Folders of results.", show_default=False)
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the full reports to this folder.", show_default=False)
    ] = None,
) -> None:
    """Set finished runs side by side: same data and settings, any summarizers."""
    from rich.console import Console

    from eval import comparison, terminal

    done = comparison.compare(folders, output)
    console = Console()
    terminal.show(done, ", ".join(map(str, folders)), console)
    terminal.show_changes(done, [str(f) for f in folders], console)


@app.command()
def score(
    summaries: Annotated[
        Path,
        typer.Argument(metavar="SUMMARIES.jsonl", help='Lines {"id", "summary", "summarizer"?}.', show_default=False),
    ],
    references: Annotated[
        Path,
        typer.Option(
            "--references",
            "-r",
            help='Records {"id", "summaries", "articles"?}, or a folder of them.',
            show_default=False,
        ),
    ],
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="YAML with length, metrics, statistics, seed.", show_default=False),
    ] = None,
    preset: Annotated[str, typer.Option("--preset", help="Form of the references.")] = "common",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the full reports to this folder.", show_default=False)
    ] = None,
    changes: Sets = None,
) -> None:
    """Score text that any other system wrote."""
    from rich.console import Console

    from eval import external, terminal
    from eval.settings import DataSettings, MeasureSettings, parse_change

    settings = MeasureSettings.load(config, dict(map(parse_change, changes or [])))
    done = external.score_written(
        external.read_summaries(summaries), DataSettings(path=references, preset=preset), settings, output
    )
    terminal.show(done, f"{summaries.name}, {terminal.items(done.results['signature']['data']['items'])}", Console())
    if done.failures:
        raise typer.Exit(SOME_FAILED)
