"""What the commands have in common: how each is set up and ends, and the options that several take.

Only typer is imported here, since ``summarize --help`` reads this module.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

SOME_FAILED = 3
"""Exit status: done, but some summaries failed."""
INTERRUPTED = 130
"""Exit status: Ctrl-C, as a shell tells of it."""

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="YAML settings (configs/default.yaml shows all).", show_default=False),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write to this file instead of the terminal.", show_default=False),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no list of skipped inputs on stderr.")]
Threads = Annotated[
    int | None,
    typer.Option("--threads", min=1, help="CPU threads for the models.", show_default="torch's choice"),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Write every summary anew, and keep none.")]


def command_line(name: str, **changes: Any) -> typer.Typer:
    """A Typer app with the manners of ``summarize``: rich help, ``-h``, errors left to ``summarize.cli.main``.

    Args:
        name: of the command.
        changes: arguments of ``typer.Typer`` that are its own.
    """
    manners: dict[str, Any] = {
        "add_completion": False,
        "no_args_is_help": True,
        "rich_markup_mode": "rich",
        "pretty_exceptions_enable": False,
        "context_settings": {"help_option_names": ["-h", "--help"]},
    }
    return typer.Typer(name=name, **(manners | changes))
