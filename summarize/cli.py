"""The command line: parse, load, call, print.

Exit status: 0 done, 1 our fault, 2 bad usage or nothing readable; of ``eval`` and ``batch``, 3 where some summaries
failed.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

import summarize
from summarize.caching import with_cache
from summarize.command import ConfigFile, NoCache, Output, Quiet, Threads, command_line
from summarize.config import Config, Settings
from summarize.documents import Article, Story
from summarize.errors import ConfigError, ModelError, OutputError, SummarizeError, UnknownNameError
from summarize.models import lazy_encode, set_threads
from summarize.pipeline import SUMMARIZERS, Summarizer
from summarize.reading import read_articles
from summarize.rendering import RENDERERS, print_page, render, write_atomically
from summarize.rendering.characters import one_line
from summarize.rendering.contract import json_text
from summarize.rendering.facts import count


class _Commands(TyperGroup):
    """The commands of this module, and those of others, which are imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *ELSEWHERE]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in ELSEWHERE:
            return typer.main.get_command(import_module(ELSEWHERE[cmd_name]).app)
        return super().get_command(ctx, cmd_name)


ELSEWHERE: Mapping[str, str] = {
    "batch": "summarize.engines.commands",
    "cache": "summarize.caching.commands",
    "eval": "eval.commands",
    "models": "summarize.listing",
    "train": "summarize.training.commands",
}
"""Commands of other modules, by name; each has its Typer app as ``app``."""

app = command_line("summarize", cls=_Commands, add_completion=True)

Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Files, folders, or - for standard input.", show_default=False),
]
StateFile = Annotated[
    Path | None,
    typer.Option("--state", help="Keep the stories in this file from run to run.", show_default=False),
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"summarize {summarize.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; may stand anywhere.")] = False,
) -> None:
    """Many news articles in; one merged summary per story out, every sentence cited.

    [bold]Examples[/bold]

      summarize story seeds/                         one page in the terminal

      summarize story news/ --format html -o day.html

      summarize cluster news/ --format json          which articles belong together

      summarize eval configs/eval/stories.yaml       how good are the summarizers?
    """


@app.command()
def story(
    context: typer.Context,
    paths: Paths = None,
    summarizer: Annotated[
        str | None,
        typer.Option("--summarizer", "-s", help="Who writes or picks the sentences.", show_default="fusion"),
    ] = None,
    words: Annotated[
        int | None, typer.Option("--words", "-w", help="Word budget of a summary.", show_default="150")
    ] = None,
    format: Annotated[str, typer.Option("--format", "-f", help="text, markdown, json or html.")] = "text",
    output: Output = None,
    config: ConfigFile = None,
    query: Annotated[
        str | None,
        typer.Option("--query", help="What you want to know; claims close to it come first.", show_default=False),
    ] = None,
    min_articles: Annotated[
        int | None,
        typer.Option("--min-articles", help="Leave out stories with fewer articles.", show_default="1"),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="Model of the summarizer: preset, folder or hub name.", show_default=False),
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option("--endpoint", metavar="URL", help="Server that runs the model of chat.", show_default=False),
    ] = None,
    max_tokens_total: Annotated[
        int | None,
        typer.Option("--max-tokens-total", min=0, help="Tokens that chat may spend in all.", show_default="no limit"),
    ] = None,
    long: Annotated[
        str | None,
        typer.Option("--long", help="Too much for a seq2seq model: plan, truncate or merge.", show_default="plan"),
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", help="auto, cpu, cuda or mps, for seq2seq and chat.", show_default="auto")
    ] = None,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run code that comes with the model.")
    ] = False,
    state: StateFile = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="Only what is new since then: last, 24h, 2026-11-20T18:00.", show_default=False),
    ] = None,
    story_id: Annotated[
        str | None,
        typer.Option("--story", metavar="ID", help="Only this story of the state.", show_default=False),
    ] = None,
    no_cache: NoCache = False,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Read articles, group them into stories, and write one cited summary of each.

    [bold]Examples[/bold]

      summarize story seeds/

      summarize story seeds/ --words 80 --format markdown

      cat one.txt | summarize story -

      summarize story --state news.state --since last     what the last run brought

      summarize story seeds/ -s seq2seq -m primera-multi-news
    """
    if format not in RENDERERS:
        raise UnknownNameError("format", format, RENDERERS)
    _need_paths_or_state(context, paths, state, since=since, story=story_id)
    settings = Config.load(
        config,
        **{
            "summarizer": summarizer,
            "plan.words": words,
            "plan.query": query,
            "min_articles": min_articles,
            "seq2seq.long": long,
            "seq2seq.device": device,
            "seq2seq.trust_remote_code": trust_remote_code or None,
            "chat.endpoint": endpoint,
            "chat.max_tokens_total": max_tokens_total,
            "chat.device": device,
            "chat.trust_remote_code": trust_remote_code or None,
            "threads": threads,
        },
    )
    settings = with_cache(_with_model(settings, model), wanted=not no_cache)
    if settings.summarizer != "chat" and (endpoint is not None or max_tokens_total is not None):
        raise ConfigError("--endpoint and --max-tokens-total go with --summarizer chat")
    if state is not None:
        from summarize.stream.commands import story_digest

        if paths:
            raise ConfigError("--state tells what a state knows; 'cluster PATH... --state FILE' adds articles to it")
        digest = story_digest(state, settings, since, story_id, _progress(quiet))
    else:
        maker = Summarizer(settings)
        reading = read_articles(paths or (), settings=settings.reading)
        digest = maker.digest(reading, reading.skipped, _progress(quiet))
    if output is None and format == "text":
        with _standard_output():
            print_page(digest, _Terminal())
    else:
        _deliver(render(digest, format), output)


@app.command()
def cluster(
    context: typer.Context,
    paths: Paths = None,
    format: Annotated[str, typer.Option("--format", "-f", help="text or json.")] = "text",
    output: Output = None,
    config: ConfigFile = None,
    state: StateFile = None,
    window: Annotated[
        str | None,
        typer.Option("--window", help="Stories older than this sleep: 36h, 14d, none.", show_default="14d, then kept"),
    ] = None,
    history: Annotated[
        str | None,
        typer.Option("--history", metavar="ID", help="Show what happened to this story.", show_default=False),
    ] = None,
    explained: Annotated[
        list[str] | None,
        typer.Option(
            "--explain",
            metavar="ARTICLE",
            help="Given twice: why two articles are together or not; once: which others are closest.",
            show_default=False,
        ),
    ] = None,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Show which articles report the same story; with --state, keep the stories and go on with them.

    [bold]Examples[/bold]

      summarize cluster news/ --format json

      summarize cluster news/ --explain a.txt --explain b.txt      why these two are together, or are not

      summarize cluster today/ --state news.state     new articles to the stories of before

      summarize cluster --state news.state            the stories as they are
    """
    if format not in CLUSTER_FORMATS:
        raise UnknownNameError("format", format, CLUSTER_FORMATS)
    _need_paths_or_state(context, paths, state, window=window, history=history)
    settings = Config.load(config, threads=threads)
    if explained and (state is not None or len(explained) > 2):
        raise ConfigError("--explain asks about one or two articles of the paths, not of a --state")
    if state is not None:
        from summarize.stream.commands import cluster_page, width

        span = width(bool(paths), window, history)  # wrong use is told before anything is read
    reading = read_articles(paths, settings=settings.reading) if paths else None
    if explained:
        page = _explanation(explained, reading or (), settings, format)
    elif state is not None:
        page = cluster_page(state, reading, settings, format, span, history)
    else:
        page = CLUSTER_FORMATS[format](Summarizer(settings).stories(reading or ()))
    if not quiet and reading is not None:
        for skipped in reading.skipped:
            typer.echo(one_line(f"skipped {skipped.path}: {skipped.reason}"), err=True)
    _deliver(page, output)


def _explanation(ids: Sequence[str], articles: Iterable[Article], settings: Config, format: str) -> str:
    from summarize.clustering.explanation import explain, nearest
    from summarize.rendering import explanation as pages

    set_threads(settings.threads)
    encode = lazy_encode(settings.encoder)
    if len(ids) == 1:
        near = nearest(tuple(articles), ids[0], settings.clustering, encode)
        return pages.nearest_json(ids[0], near) if format == "json" else pages.nearest_text(ids[0], near)
    found = explain(tuple(articles), ids[0], ids[1], settings.clustering, encode)
    return pages.explanation_json(found) if format == "json" else pages.explanation_text(found)


def _need_paths_or_state(
    context: typer.Context, paths: Sequence[str] | None, state: Path | None, **options: str | None
) -> None:
    """Without a state there must be paths, and none of the options that are about a state."""
    if state is not None:
        return
    for name, value in options.items():
        if value is not None:
            raise typer.BadParameter("it needs --state FILE", context, param_hint=f"--{name}")
    if not paths:
        raise typer.BadParameter("name at least one, or --state FILE", context, param_hint="PATH...")


def _deliver(page: str, output: Path | None) -> None:
    """Write a page to a file, in folders made as needed, or to standard output; in UTF-8 either way."""
    if output is None:
        with _standard_output():
            sys.stdout.buffer.write(page.encode("utf-8"))
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {output}: {error.strerror}") from None
    write_atomically(output, page)


class _Terminal(Console):
    def on_broken_pipe(self) -> None:  # rich would end with status 1
        raise BrokenPipeError


@contextmanager
def _standard_output() -> Iterator[None]:
    """What is printed within may meet a reader that stops early (``| head``): a quiet end, with status 0."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered must go somewhere, or the interpreter complains at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None


def _cluster_text(stories: Sequence[Story]) -> str:
    return "\n".join(
        f"{s.id}  {count(s.articles, 'article')}\n" + "".join(f"  {one_line(a.id)}\n" for a in s.articles)
        for s in stories
    )


def _cluster_json(stories: Sequence[Story]) -> str:
    rows: list[dict[str, Any]] = [
        {
            "id": s.id,
            "articles": [a.id for a in s.articles],
            "lineages": [list(group) for group in s.lineages],
        }
        for s in stories
    ]
    return json_text({"stories": rows})


CLUSTER_FORMATS: dict[str, Callable[[Sequence[Story]], str]] = {"text": _cluster_text, "json": _cluster_json}


def _with_model(settings: Config, model: str | None) -> Config:
    """The settings with the model of their summarizer changed."""
    if model is None:
        return settings
    having = [
        name for name, section in settings if isinstance(section, Settings) and "model" in type(section).model_fields
    ]
    takers = [name for name in having if name in SUMMARIZERS]
    if settings.summarizer not in takers:
        raise ConfigError(f"--model goes with the summarizers {', '.join(takers)}, not with {settings.summarizer!r}")
    return settings.replace(**{f"{settings.summarizer}.model": model})


def _progress(quiet: bool) -> Callable[[Sequence[Story]], Iterable[Story]]:
    """A progress bar on stderr that shows itself after a second of work."""

    def watch(stories: Sequence[Story]) -> Iterator[Story]:
        if quiet or not sys.stderr.isatty():
            yield from stories
            return
        from rich.progress import track

        yield from track(stories, "Writing", console=Console(stderr=True), transient=True)

    return watch


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; the one place where errors are caught and shown as one line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    try:
        app(args=[a for a in given if a != "--debug"], standalone_mode=True)
    except SummarizeError as error:
        if debug:
            raise
        typer.echo(f"summarize: {error}", err=True)
        sys.exit(1 if isinstance(error, ModelError | OutputError) else 2)
    except Exception as error:
        if debug:
            raise
        typer.echo(f"summarize: internal error: {type(error).__name__}: {error} (--debug shows more)", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
