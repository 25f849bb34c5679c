"""Stories and summaries from the cache where it has them, and into it where it has not.

Each is known by all that it hangs on: the articles, for a summary who copied whom, the settings, the code, the weights,
the prompts, and the versions of packages. Whatever of it changes, nothing that was made before is shown again.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter, ValidationError

from summarize.caching.store import Cache, reason_of, warn
from summarize.config import Config
from summarize.documents import Article, Asked, Conflict, Story, Summary, SummarySentence
from summarize.fingerprints import (
    BESIDE,
    PACKAGE,
    PACKAGES,
    code_fingerprint,
    hub_commits,
    versions,
    weights_fingerprints,
)
from summarize.models import writer_facts
from summarize.reading import dump_article

BESIDE_SETTINGS: Mapping[str, bool | set[str]] = {
    "min_articles": True,
    "threads": True,
    "reading": True,
    "clustering": True,
    "cache": True,
    "chat": {"key_variable", "max_tokens_total", "concurrency", "retries", "connect_timeout", "timeout"},
}
"""Settings that no summary hangs on, once its articles are read and grouped and every question is answered."""


@dataclass(frozen=True)
class Made:
    """What is kept of a ``Summary``: all but the story, which is at hand."""

    title: str
    summarizer: str
    sentences: tuple[SummarySentence, ...]
    conflicts: tuple[Conflict, ...]
    unread_sentences: int
    asked: Asked | None

    def of(self, story: Story) -> Summary:
        """The summary of a story."""
        return Summary(
            story, self.title, self.summarizer, self.sentences, self.conflicts, self.unread_sentences, self.asked
        )


def remembered(
    stories: Iterable[Story], write: Callable[[Iterable[Story]], Iterator[Summary]], config: Config
) -> Iterator[Summary]:
    """One summary a story, in their order.

    Args:
        write: gives one summary a story, in their order; may read stories ahead. It is given those that are not in the
            cache, and its summaries are put there, but for those where a model that was asked gave no answer.
        config: all settings, with a folder for the cache.

    Raises:
        ConfigError, ModelError: the model that writes cannot be loaded.
    """
    made_with = _writes_with(config)
    if made_with is None:
        yield from write(stories)
        return
    with Cache(config.cache) as known:
        coming = iter(stories)
        waiting: deque[tuple[Story, bytes, Summary | None]] = deque()
        unwritten: deque[Story] = deque()

        def take_one() -> bool:
            """Put one more story among those that wait; whether there was one."""
            for story in coming:
                key = key_of(story, made_with)
                found = _find(known, key, story)
                waiting.append((story, key, found))
                if found is None:
                    unwritten.append(story)
                return True
            return False

        def to_write() -> Iterator[Story]:
            while unwritten or take_one():
                if unwritten:
                    yield unwritten.popleft()

        written = write(to_write())
        while waiting or take_one():
            _, key, found = waiting[0]
            if found is None:
                found = next(written)
                if found.asked is None or not found.asked.fault:
                    _keep(known, key, found)
            waiting.popleft()
            yield found


def grouped(
    articles: Sequence[Article], group: Callable[[Sequence[Article]], tuple[Story, ...]], config: Config
) -> tuple[Story, ...]:
    """The stories of articles with unique ids, largest first; known if the same articles were grouped before.

    Args:
        articles: in any order.
        group: makes stories of them.
        config: all settings, with a folder for the cache.
    """
    made_with = _groups_with(config)
    if made_with is None:
        return group(articles)
    key = _key(made_with, sorted(_digest(a) for a in articles))
    with Cache(config.cache) as known:
        value = known.get(key)
        found = None if value is None else load_stories(value, articles)
        if found is None:
            found = group(articles)
            known.put(key, "stories", dump_stories(found))
    return found


def key_of(story: Story, made_with: str) -> bytes:
    """SHA-256 over a story's articles and lineages, and what its summary is made with.

    What is not new stands aside in the articles; since when, as the story's id, is told beside the summary.
    """
    return _key(made_with, [_digest(article) for article in story.articles], story.lineages)


def _key(*facts: Any) -> bytes:
    return sha256(json.dumps(facts).encode()).digest()


def _digest(article: Article) -> str:
    """SHA-256 over an article but for its metadata, which neither stories nor summaries hang on."""
    return sha256(dump_article(replace(article, metadata={})).encode()).hexdigest()


# Told once a process, as models are loaded once a process.


@cache
def _writes_with(config: Config) -> str | None:
    return _made_with(config, config.model_dump(exclude=BESIDE_SETTINGS), writer_facts(config))


@cache
def _groups_with(config: Config) -> str | None:
    its_own = Config(encoder=config.encoder, clustering=config.clustering, cache=config.cache)
    return _made_with(its_own, its_own.signed(), None)


def _made_with(config: Config, settings: Any, model: Any) -> str | None:
    """What is made with these settings hangs on; None where the weights cannot be told."""
    commits = hub_commits(config)
    if None in commits.values():  # the model will be fetched first
        return None
    with Cache(config.cache) as known:
        try:
            facts = {
                "settings": settings,
                "model": model,
                "weights": weights_fingerprints(config, known.recall),
                "commits": commits,
                "code": code_fingerprint([PACKAGE], BESIDE, known.recall),
                "versions": versions(PACKAGES),
            }
        except OSError as error:
            warn(f"no summary is cached: {error.filename} cannot be read: {reason_of(error)}")
            return None
    return json.dumps(facts, sort_keys=True)


def dump_stories(stories: Sequence[Story]) -> bytes:
    """Stories without their articles, as JSON."""
    return json.dumps([[s.id, [a.id for a in s.articles], s.lineages] for s in stories]).encode()


def load_stories(value: bytes, articles: Sequence[Article]) -> tuple[Story, ...] | None:
    """The stories that ``dump_stories`` was given; None where the value is none, or they are not of these articles."""
    by_id = {a.id: a for a in articles}
    try:
        found = tuple(
            Story(id, tuple(by_id[a] for a in members), tuple(tuple(group) for group in lineages))
            for id, members, lineages in json.loads(value)
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    whole = sorted(by_id)
    members = sorted(a.id for s in found for a in s.articles)
    return found if members == whole and sorted(a for s in found for g in s.lineages for a in g) == whole else None


@cache
def _made() -> TypeAdapter[Made]:
    return TypeAdapter(Made)


def dump(summary: Summary) -> bytes:
    """A summary without its story, as JSON."""
    made = Made(
        summary.title,
        summary.summarizer,
        summary.sentences,
        summary.conflicts,
        summary.unread_sentences,
        summary.asked,
    )
    return json.dumps(asdict(made)).encode()


def load(value: bytes, story: Story) -> Summary | None:
    """The summary that ``dump`` was given; None where the value is none, or cites what the story does not hold."""
    try:
        summary = _made().validate_json(value).of(story)
    except ValidationError:
        return None
    cited = [*summary.citations, *(c for conflict in summary.conflicts for v in conflict.values for c in v.citations)]
    for c in cited:
        if c.article not in story.by_id or story.by_id[c.article].text[c.start : c.end] != c.quote:
            return None
    return summary


def _find(known: Cache, key: bytes, story: Story) -> Summary | None:
    value = known.get(key)
    if value is None:
        return None
    summary = load(value, story)
    if summary is None:
        known.drop(key)
    return summary


def _keep(known: Cache, key: bytes, summary: Summary) -> None:
    """Put a summary into the cache, unless JSON has no form for it (a half of a surrogate pair in an article)."""
    value = dump(summary)
    if load(value, summary.story) == summary:
        known.put(key, "summary", value)
