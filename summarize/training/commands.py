"""The command ``summarize train``.

Only what the command line needs is imported at the top, since ``summarize --help`` reads this module.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from summarize.command import command_line
from summarize.config import EncoderSettings, read_settings
from summarize.errors import ConfigError, OutputError, UnknownNameError
from summarize.training.recipe import COMMON

app = command_line("train")


@app.command()
def train(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="YAML file (configs/train/ has one a recipe).", show_default=False)
    ],
    data: Annotated[
        str | None,
        typer.Option("--data", "-d", help="What is trained on, if not what the file names.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder of the result, if not what the file names.", show_default=False),
    ] = None,
    push: Annotated[
        str | None,
        typer.Option("--push", metavar="NAME", help="Upload a seq2seq model to the hub under this name."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on stderr but errors.")] = False,
) -> None:
    """Train a model; stopped at any moment, the same command goes on.

    [bold]Examples[/bold]

      summarize train configs/train/seq2seq.yaml --data stories.jsonl --output mine/

      summarize story news/ --summarizer seq2seq --model mine/

      summarize train configs/train/fusion.yaml --data pairs/ --output fusion/
    """
    values = read_settings(config)
    job = Job(
        config,
        {k: v for k, v in values.items() if k not in COMMON},
        _data(values.get("data"), data),
        output or _folder(config, values.get("output")),
        push,
        _hushed if quiet else _on_stderr,
    )
    if values.get("recipe") is None:
        raise ConfigError(f"config {config} names no recipe: {', '.join(RECIPES)}")
    recipe = str(values["recipe"])
    if recipe not in RECIPES:
        raise UnknownNameError("recipe", recipe, RECIPES)
    if push is not None and recipe != "seq2seq":
        raise ConfigError(f"--push goes with the recipe seq2seq, not with {recipe}")
    RECIPES[recipe](job)


def _hushed(line: str) -> None:
    pass


def _on_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")


@dataclass(frozen=True)
class Job:
    """What a recipe is given.

    Attributes:
        config: the file it was asked for with.
        settings: what the file says, without the keys that all files have in common.
        data: what is trained on: a path or, for seq2seq, a mapping.
        output: folder of the result.
        push: name on the hub, if the result is to be uploaded.
        report: takes a line for whoever watches.
    """

    config: Path
    settings: Mapping[str, Any]
    data: Any
    output: Path
    push: str | None
    report: Callable[[str], None]

    def paths(self) -> list[Path]:
        """The data as paths that are there.

        Raises:
            ConfigError: none is named, or one is not there.
        """
        named = [self.data] if isinstance(self.data, str) else list(self.data or ())
        if not named:
            raise ConfigError(f"config {self.config} names no data: --data PATH")
        for name in named:
            if not isinstance(name, str) or not Path(name).exists():
                raise ConfigError(f"no data at {name}")
        return [Path(name) for name in named]


def _data(named: Any, given: str | None) -> Any:
    """What the file names, or what was given instead; of a mapping all but where the data are is kept."""
    if given is None:
        return named
    return {**named, "train": given, "validation": None} if isinstance(named, Mapping) else given


def _folder(config: Path, named: Any) -> Path:
    if named is None:
        raise ConfigError(f"config {config} names no output: --output FOLDER")
    return Path(str(named))


def _seq2seq(job: Job) -> None:
    from summarize.training.seq2seq import TrainingSettings
    from summarize.training.seq2seq import train as go

    try:
        settings = TrainingSettings.parse(
            {**job.settings, "data": job.data, **({"push": job.push} if job.push else {})}
        )
    except ConfigError as error:
        raise ConfigError(f"config {job.config}: {error}") from None
    go(settings, job.output, job.report)


def _fusion(job: Job) -> None:
    from summarize.training import fusion

    with _told(job):
        fusion.train(fusion.TrainingConfig.from_file(job.config), job.paths()[0], job.output)
    _card(job, "A fusion model", "fusion.model")


def _judge(job: Job) -> None:
    from summarize.training import judge

    with _told(job):
        judge.fit(judge.FitConfig.from_file(job.config), job.paths()[0], job.output)
    _card(job, "A judge of grammar and support", "fusion.judge")


def _clusters(job: Job) -> None:
    from eval.clusters import read_sets
    from eval.merging import train as learn
    from eval.merging import write_weights
    from summarize.models import lazy_encode

    if job.settings:
        raise ConfigError(f"config {job.config}: the recipe clusters has no setting {next(iter(job.settings))!r}")
    sets = read_sets(job.paths())
    with _told(job):
        job.output.mkdir(parents=True, exist_ok=True)
        write_weights(job.output / "weights.json", learn(sets, lazy_encode(EncoderSettings())), sets)
    job.report(f"weights in {job.output / 'weights.json'}")


@contextmanager
def _told(job: Job) -> Iterator[None]:
    """Faults of data and settings within as one line that names the file."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot read or write {error.filename or job.output}: {error.strerror or error}") from None
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"config {job.config}: {' '.join(str(error).split())[:300]}") from None


def _card(job: Job, title: str, setting: str) -> None:
    from summarize.training.card import write_card

    run = json.loads((job.output / "run.json").read_text("utf-8"))
    use = f"{setting}: {job.output / 'weights'}    # in the file that summarize story --config names"
    write_card(job.output / "weights", title, use, {"recipe": setting.partition(".")[2], **run})
    job.report(f"weights in {job.output / 'weights'}; set {setting} to use them")


RECIPES: Mapping[str, Callable[[Job], None]] = {
    "seq2seq": _seq2seq,
    "fusion": _fusion,
    "judge": _judge,
    "clusters": _clusters,
}
"""Everything that can be trained, by name."""
