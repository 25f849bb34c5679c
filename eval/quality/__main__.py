"""The commands: ``python -m eval.quality``, and with a name behind it ``sample``, ``pairs`` or ``agree``.

Exit status: 0 done, 1 our fault, 2 bad usage or data, 3 done but some summaries failed.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.quality import agreement, reading, scores, tables
from eval.quality.sets import SETS, SUMMARIZERS, plan
from eval.runner import Watch
from eval.terminal import progress
from summarize.command import SOME_FAILED
from summarize.errors import ModelError, OutputError, SummarizeError
from summarize.rendering import write_atomically

app = typer.Typer(name="eval.quality", add_completion=False, pretty_exceptions_enable=False)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
Run = Annotated[Path, typer.Option("--run", help="Folder of a finished run.")]
Summarizer = Annotated[str, typer.Option(help="Whose sentences or summaries are read.")]
Out = Annotated[Path, typer.Option(help="Folder outside the repository: the files hold news text.")]

RUN = Path("results/quality")


@app.callback(invoke_without_command=True)
def measure(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder with neus/ and mds_dev/; without it, only the stories of this repository."),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the results.")] = RUN,
    sets: Annotated[str, typer.Option(help="Sets, parted by commas.")] = ",".join(SETS),
    summarizers: Annotated[str, typer.Option(help="Who is measured, parted by commas.")] = ",".join(SUMMARIZERS),
    tested: Annotated[str, typer.Option(help="Who is tested against each other one.")] = "fusion",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many stories of each set.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 is one a core.")] = 0,
    seed: Seed = 13,
    fresh: Annotated[
        bool, typer.Option("--fresh/--resume", help="Throw earlier results away, or go on where a run stopped.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:
    """Score every summarizer on every set, and test one against each other one; or one of the commands below."""
    if context.invoked_subcommand:
        return
    planned = plan(
        data, output, sets=_names(sets), summarizers=_names(summarizers), limit=limit, workers=workers, seed=seed
    )

    @contextmanager
    def watch(name: str) -> Iterator[Watch]:
        if not quiet:
            typer.echo(name, err=True)
        with progress(quiet) as tell:
            yield tell

    found = scores.measure(planned, tested, fresh=fresh, watch=watch)
    text = tables.markdown(found)
    write_atomically(output / "quality.md", text + "\n")
    typer.echo(text)
    if found["failed"]:
        raise typer.Exit(SOME_FAILED)


@app.command()
def sample(
    out: Out,
    run: Run = RUN,
    number: Annotated[int, typer.Option("--number", "-n", min=1, help="Sentences.")] = 200,
    seed: Seed = 13,
    summarizer: Summarizer = "fusion",
) -> None:
    """Draw sentences of a finished run for readers to judge."""
    drawn = reading.sample(run, summarizer, number, seed, out)
    origins = [d.sentence["origin"] for d in drawn]
    counts = ", ".join(f"{origins.count(o)} {o}" for o in reading.ORIGINS)
    typer.echo(f"{out}: sentences.md to read, sentences-verdicts.jsonl to fill in; {counts}")


@app.command()
def pairs(
    out: Out,
    run: Run = RUN,
    number: Annotated[int, typer.Option("--number", "-n", min=1, help="Pairs with each rival.")] = 40,
    seed: Seed = 13,
    summarizer: Summarizer = "fusion",
    rivals: Annotated[
        str | None, typer.Option(help="Parted by commas; by default the best extractive one of the run, and lead.")
    ] = None,
) -> None:
    """Draw pairs of whole summaries of a finished run, blind and in shuffled order."""
    others = _names(rivals) if rivals else list(dict.fromkeys((reading.best(run, summarizer), "lead")))
    drawn = reading.pairs(run, summarizer, others, number, seed, out)
    counts = ", ".join(f"{sum(r in p.writers for p in drawn)} with {r}" for r in others)
    typer.echo(f"{out}: pairs.md to read, pairs-verdicts.jsonl to fill in, pairs-key.jsonl to look away from; {counts}")


@app.command()
def agree(
    first: Annotated[Path, typer.Argument(help="One reader's verdicts.", show_default=False)],
    second: Annotated[Path, typer.Argument(help="The other one's.", show_default=False)],
    key: Annotated[Path | None, typer.Option(help="Of pairs: who wrote A and B.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """What two readers found, how far they agree, and where they do not."""
    found = agreement.agree(first, second, key)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else agreement.markdown(found))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; errors raised on purpose are shown as one line."""
    run: Callable[..., Any] = app
    try:
        run(args=list(sys.argv[1:] if arguments is None else arguments), prog_name="python -m eval.quality")
    except SummarizeError as error:
        typer.echo(f"eval.quality: {error}", err=True)
        sys.exit(1 if isinstance(error, ModelError | OutputError) else 2)


if __name__ == "__main__":
    main()
