"""A run: new articles to the stories they belong to, old and new.

The articles of a run are clustered together with those of every story they may change. While nothing sleeps that is
all articles, so that several runs give the groups of one run over the same articles.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from summarize.clustering import cluster
from summarize.config import Config, EncoderSettings
from summarize.documents import Article, Story, zoned
from summarize.models import Encode, in_batch_order, lazy_encode, set_threads
from summarize.pipeline import distinct_ids
from summarize.stream.matching import Event, changes, match
from summarize.stream.state import State, digest

WINDOW = timedelta(days=14)
"""The window of a new state."""

Window = timedelta | Literal["kept"] | None
"""How far back a story may lie before it sleeps; None for no sleep, ``"kept"`` for the window of the last run."""

CHUNK = 512
"""Texts encoded before their vectors are kept: what a kill costs at most."""


@dataclass(frozen=True)
class Run:
    """What one run brought.

    Attributes:
        number: of the run, from 1; that of the last run if this one brought nothing, which is then no run.
        new: ids of the articles that came for the first time, sorted.
        revised: ids of those that came again with another text, title, source, address or date, sorted.
        known: how many came again as they were.
        events: what happened to stories, apart from those that slept or woke.
    """

    number: int
    new: tuple[str, ...]
    revised: tuple[str, ...]
    known: int
    events: tuple[Event, ...]


def follow(
    state: State,
    articles: Iterable[Article],
    config: Config,
    *,
    window: Window = "kept",
    now: datetime | None = None,
    encode: Encode | None = None,
) -> Run:
    """Put articles into the stories of a state.

    What a state knows already is not counted again, so that a run that was killed is simply started again. The order
    of the articles does not matter.

    Args:
        state: where the stories are.
        articles: with unique ids.
        config: encoder, clustering and threads.
        window: how far behind the newest article of the state a story's newest may lie before it sleeps; None for
            no sleep, ``"kept"`` for that of the last run (``WINDOW`` at first).
        now: time of arrival; the clock's when None. Never earlier than the last run's.
        encode: the sentence encoder; that of the config when None.

    Raises:
        DuplicateIdError: two articles carry one id.
        StateError: the state is damaged or in use.
        UnknownNameError: the config names no known clusterer.
        ModelError: weights are missing or damaged.
    """
    given = {a.id: a for a in distinct_ids(articles)}
    set_threads(config.threads)
    remembering = _remembering(encode or lazy_encode(config.encoder), config.encoder, state)
    while True:
        seen = state.last_run
        known = state.digests(given)
        new = sorted(given.keys() - known.keys())
        revised = sorted(id for id, stored in known.items() if stored != digest(given[id]))
        if not new and not revised:
            return Run(seen, (), (), len(given), ())
        moment = _not_before(now or datetime.now(UTC), state, seen)
        width = _window(window, state, seen)
        came = dict.fromkeys(new, moment) | state.arrivals(revised)
        arrived = [(given[id], time_of(given[id], came[id])) for id in sorted(came)]
        before = state.touched(arrived, width)
        old = sorted(set().union(*before.values()) - came.keys())
        groups = cluster([*state.articles(old), *(a for a, _ in arrived)], config.clustering, remembering)
        named = _named(groups, before, state)
        events = changes({id: s.by_id.keys() for id, s in named.items()}, before)
        events += _revisions(named, set(revised))
        if state.write_run(seen, moment, width, arrived, named, events):
            return Run(seen + 1, tuple(new), tuple(revised), len(given) - len(came), tuple(events))
        # Another process wrote a run meanwhile: once more, with its stories.


def time_of(article: Article, arrived: datetime) -> datetime:
    """When an article was published, as far as it says so and can be right; else when it came."""
    return arrived if article.published is None else min(zoned(article.published), arrived)


def _not_before(now: datetime, state: State, seen: int) -> datetime:
    """Time of a run: a clock that was set back must not put it before the last one."""
    return max(now, state.time_of(seen)) if seen else now


def _window(window: Window, state: State, seen: int) -> timedelta | None:
    if window != "kept":
        return window
    return state.window if seen else WINDOW


def _named(groups: Sequence[Story], before: Mapping[str, set[str]], state: State) -> dict[str, Story]:
    """The groups by the id they live under: that of the story they go on as, or a new one."""
    named: dict[str, Story] = {}
    for group, old in zip(groups, match([g.by_id.keys() for g in groups], before), strict=True):
        id, salt = old or group.id, 0
        while old is None and (id in named or not state.is_free(id)):
            salt += 1  # the same articles were another story once
            id = sha256(f"{group.id} {salt}".encode()).hexdigest()[:12]
        named[id] = group
    return named


def _revisions(named: Mapping[str, Story], revised: set[str]) -> list[Event]:
    found = {id: tuple(sorted(revised & s.by_id.keys())) for id, s in named.items()}
    return [Event("revised", id, articles) for id, articles in found.items() if articles]


def _remembering(encode: Encode, settings: EncoderSettings, state: State) -> Encode:
    """An encoder that looks a text up among the vectors of the state before it encodes it."""
    name = json.dumps([settings.model, settings.max_pieces])

    def key(text: str) -> bytes:
        return sha256(f"{name}\n{text}".encode("utf-8", "surrogatepass")).digest()

    def encoded(texts: Sequence[str]) -> NDArray[np.float32]:
        keys = {t: key(t) for t in texts}
        found = state.vectors(keys.values())
        missing = in_batch_order(t for t, k in keys.items() if k not in found)
        for start in range(0, len(missing), CHUNK):
            chunk = missing[start : start + CHUNK]
            vectors = {keys[t]: v for t, v in zip(chunk, encode(chunk), strict=True)}
            state.keep_vectors(vectors)
            found |= vectors
        return np.stack([found[keys[t]] for t in texts]) if texts else encode(texts)

    return encoded
