"""The command ``summarize cache``: what the cache holds, and how to empty it.

Only what the command line needs is imported at the top, since ``summarize --help`` reads this module.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from summarize.caching import with_cache
from summarize.command import ConfigFile, command_line
from summarize.config import CacheSettings, Config
from summarize.errors import OutputError, UnknownNameError

if TYPE_CHECKING:
    from summarize.caching.store import Contents

app = command_line("cache")


@app.callback()
def _cache() -> None:
    """Look at the cache of finished summaries, or empty it.

    It is in $SUMMARIZE_CACHE, else where the settings say, else in ~/.cache/summarize.
    """


@app.command()
def info(
    format: Annotated[str, typer.Option("--format", "-f", help="text or json.")] = "text",
    config: ConfigFile = None,
) -> None:
    """Show where the cache is, how many summaries it holds, and how much room they take."""
    if format not in FORMATS:
        raise UnknownNameError("format", format, FORMATS)
    settings = _settings(config)
    with _told(settings):
        from summarize.caching.store import contents

        typer.echo(FORMATS[format](settings, contents(settings)), nl=False)


@app.command("clear")
def clear_(config: ConfigFile = None) -> None:
    """Forget every summary in the cache."""
    from summarize.rendering.facts import count

    settings = _settings(config)
    with _told(settings):
        from summarize.caching.store import clear

        found = clear(settings)
    typer.echo(f"forgot {count(found.summaries, 'summary', 'summaries')}, {found.bytes / 1e6:,.2f} MB")


def _text(settings: CacheSettings, found: "Contents") -> str:
    from summarize.rendering.characters import one_line

    size = f"{found.bytes / 1e6:,.2f} of {settings.limit_mb:,} MB"
    return f"folder     {one_line(settings.folder or 'none')}\nsummaries  {found.summaries:,}\nsize       {size}\n"


def _json(settings: CacheSettings, found: "Contents") -> str:
    from summarize.rendering.contract import json_text

    return json_text({**settings.model_dump(), **asdict(found)})


FORMATS: Mapping[str, Callable[[CacheSettings, "Contents"], str]] = {"text": _text, "json": _json}


def _settings(config: Path | None) -> CacheSettings:
    return with_cache(Config.load(config) if config else Config()).cache


@contextmanager
def _told(settings: CacheSettings) -> Iterator[None]:
    """What keeps the cache from being opened, on one line."""
    from summarize.caching.store import FAULTS, DamagedError, reason_of

    try:
        yield
    except DamagedError as error:
        raise OutputError(
            f"the cache in {settings.folder} is damaged, and will be made anew: {reason_of(error)}"
        ) from None
    except FAULTS as error:
        raise OutputError(f"cannot open the cache in {settings.folder}: {reason_of(error)}") from None
