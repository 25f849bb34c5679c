"""Finished summaries are kept, and not written again while nothing that they hang on has changed."""

import os
from pathlib import Path

from summarize.config import Config

VARIABLE = "SUMMARIZE_CACHE"
"""Environment variable with the folder of the cache, or ``none``."""


def with_cache(config: Config, wanted: bool = True) -> Config:
    """The settings with a folder for the cache: what the environment names, else the settings, else the user's own.

    Args:
        wanted: whether there is to be a cache at all.
    """
    folder = (os.environ.get(VARIABLE) or config.cache.folder or users_folder()) if wanted else "none"
    return config.replace(**{"cache.folder": folder})


def users_folder() -> str:
    """Where programs keep what can be made again (XDG Base Directory Specification): ``~/.cache/summarize``."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    base = named if Path(named).is_absolute() else "~/.cache"  # the specification has relative paths ignored
    return str(Path(base) / "summarize")
