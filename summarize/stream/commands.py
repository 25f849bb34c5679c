"""What ``summarize cluster --state`` and ``summarize story --state`` do."""

from collections.abc import Sequence
from pathlib import Path

from summarize.config import Config
from summarize.documents import Article
from summarize.errors import ConfigError
from summarize.stream.following import Window, follow
from summarize.stream.pages import HISTORY, STORIES
from summarize.stream.state import State
from summarize.stream.times import parse_span


def cluster_page(
    path: Path,
    articles: Sequence[Article] | None,
    config: Config,
    format: str,
    window: str | None = None,
    history: str | None = None,
) -> str:
    """Put articles into a state, if there are any, and show its stories, or the history of one.

    Args:
        path: the state.
        articles: None only shows what the state knows.
        config: how articles become stories.
        format: a name in ``STORIES``.
        window: as ``parse_span`` reads it; None for that of the last run.
        history: id of the story whose history is shown.

    Raises:
        ConfigError: a window without articles, or a history with them; or the window is none.
        StateError: the file is no usable state, or knows no such story.
    """
    if articles is None:
        if window is not None:
            raise ConfigError("--window needs articles: it is set by the run that reads them")
        with State(path) as state:
            return STORIES[format](state, None) if history is None else HISTORY[format](state, history)
    if history is not None:
        raise ConfigError("--history shows what a state knows: give it no PATH")
    span: Window = "kept" if window is None else parse_span(window)
    with State(path, create=True) as state:
        return STORIES[format](state, follow(state, articles, config, window=span))
