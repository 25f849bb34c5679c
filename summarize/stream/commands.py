"""What ``summarize cluster --state`` and ``summarize story --state`` do."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from summarize.config import Config
from summarize.documents import Article, Digest, Skipped, Story
from summarize.errors import ConfigError
from summarize.models import lazy_encode
from summarize.pipeline import Summarizer
from summarize.stream.following import Window, follow
from summarize.stream.news import news
from summarize.stream.pages import HISTORY, STORIES
from summarize.stream.state import State
from summarize.stream.times import parse_since, parse_span


def width(given: bool, window: str | None, history: str | None) -> Window:
    """The window that a command asks for.

    Args:
        given: whether articles are.
        window: as ``parse_span`` reads it; None for that of the last run.
        history: id of the story whose history is shown.

    Raises:
        ConfigError: a window without articles, or a history with them; or the window is none.
    """
    if window is not None and not given:
        raise ConfigError("--window needs articles: it is set by the run that reads them")
    if history is not None and given:
        raise ConfigError("--history shows what a state knows: give it no PATH")
    return "kept" if window is None else parse_span(window)


def cluster_page(
    path: Path,
    articles: Sequence[Article] | None,
    config: Config,
    format: str,
    window: Window = "kept",
    history: str | None = None,
) -> str:
    """Put articles into a state, if there are any, and show its stories, or the history of one.

    Args:
        path: the state.
        articles: None only shows what the state knows.
        config: how articles become stories.
        format: a name in ``STORIES``.
        window: as ``width`` gives it.
        history: id of the story whose history is shown, without articles.

    Raises:
        StateError: the file is no usable state, or knows no such story.
    """
    if articles is None:
        with State(path) as state:
            return STORIES[format](state, None) if history is None else HISTORY[format](state, history)
    with State(path, create=True) as state:
        return STORIES[format](state, follow(state, articles, config, window=window))


def story_digest(
    path: Path,
    config: Config,
    since: str | None = None,
    story: str | None = None,
    watch: Callable[[Sequence[Story]], Iterable[Story]] = iter,
) -> Digest:
    """Summaries of the stories of a state: of those awake, of one, or of what is new in them.

    Args:
        path: the state.
        config: all settings; a story counts with all its articles for ``min_articles``.
        since: as ``parse_since`` reads it, or ``last`` for what the last run brought; None for stories as a whole.
        story: id of the only story wanted; that of one which merged stands for the one it merged into.
        watch: wraps the stories while they are worked through, for a progress bar.

    Raises:
        ConfigError: ``since`` is no time.
        StateError: the file is no usable state, or knows no such story.
        ModelError: weights are missing or damaged.
    """
    maker = Summarizer(config)
    with State(path) as state:
        run = state.last_run
        start = _start(since, state)
        silent: tuple[Skipped, ...] = ()
        if start is None:
            ids = [state.living(story)] if story is not None else [s.id for s in state.stories() if not s.asleep]
            found = _large(map(state.story, ids), config)
        else:
            found, silent = _news(state, start, config, story)
    digest = maker.digest_of(found, [a for s in found for a in s.articles], silent, watch)
    facts = {"run": run, "since": start.isoformat() if start else None}
    return replace(digest, signature={**digest.signature, **facts})


def _start(since: str | None, state: State) -> datetime | None:
    if since == "last":
        return state.time_of(state.last_run) if state.last_run else None
    return None if since is None else parse_since(since, datetime.now(UTC))


def _large(stories: Iterable[Story], config: Config) -> list[Story]:
    return [s for s in stories if len(s.articles) >= config.min_articles]


def _news(state: State, start: datetime, config: Config, story: str | None) -> tuple[list[Story], tuple[Skipped, ...]]:
    """What is new in the stories, and the new articles that tell nothing new."""
    encode = lazy_encode(config.encoder)
    changed = state.changed(start) if story is None else [state.news_of(state.living(story), start)]
    found: list[Story] = []
    silent: list[Skipped] = []
    for change in changed:
        if len(change.story.articles) < config.min_articles:
            continue
        new = news(change, start, config.claims, encode)
        telling = new.by_id if new else {}
        silent += [
            Skipped(a, f"tells nothing new of story {change.story.id}") for a in sorted(change.new) if a not in telling
        ]
        if new:
            found.append(new)
    return found, tuple(silent)
