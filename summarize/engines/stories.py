"""Articles on the disk to stories, and stories to records: what a batch keeps of each."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from summarize.clustering import groups, story_id, story_of
from summarize.clustering.blocks import Each, in_turn
from summarize.config import Config, EncoderSettings
from summarize.documents import Article, Skipped
from summarize.engines import Map, finish
from summarize.engines.articles import Stored, load
from summarize.engines.folder import kept
from summarize.engines.local import describe
from summarize.errors import ModelError, SummarizeError
from summarize.models import Encode, in_batch_order, lazy_encode, load_encoder, set_threads
from summarize.pipeline import Summarizer
from summarize.rendering import open_atomically

T = TypeVar("T")
R = TypeVar("R")

ENCODED = 4
"""Batches of the encoder that are encoded as one task."""
AT_ONCE = 4
"""Blocks of articles a worker that are handed out together."""
TOGETHER = 8
"""Most stories that are summarised as one task."""

LOST = "summarising it ended the process"

Record = dict[str, Any]
"""One story as a batch keeps it: the keys of the JSON contract, and ``error``, null where it was summarised."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A story to be summarised: its id, and where its articles are."""

    id: str
    articles: tuple[Stored, ...]


@dataclass(frozen=True)
class Plan:
    """What is to be summarised.

    Attributes:
        stories: in the order of their ids.
        articles: how many were read.
        left_out: stories with fewer articles than ``min_articles``.
        skipped: what gave no article.
    """

    stories: tuple[Planned, ...]
    articles: int
    left_out: int
    skipped: tuple[Skipped, ...]

    def write(self, path: Path) -> None:
        """Write the plan, whole or not at all."""
        head = {
            "articles": self.articles,
            "left_out": self.left_out,
            "skipped": [[s.path, s.reason] for s in self.skipped],
        }
        with open_atomically(path) as file:
            file.write(json.dumps(head).encode() + b"\n")
            for story in self.stories:
                row = [story.id, [[a.file, a.start, a.size] for a in story.articles]]
                file.write(json.dumps(row).encode() + b"\n")

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """The plan that an earlier run wrote.

        Raises:
            OutputError: it is gone or damaged.
        """
        with kept(path), path.open("rb") as file:
            head = json.loads(file.readline())
            rows = [json.loads(line) for line in file]
            return cls(
                tuple(Planned(id, tuple(Stored(*a) for a in articles)) for id, articles in rows),
                head["articles"],
                head["left_out"],
                tuple(Skipped(*s) for s in head["skipped"]),
            )


def plan(
    stored: Iterable[tuple[Stored, Article] | Skipped], config: Config, encode: Encode, each: Each = in_turn
) -> Plan:
    """Group the articles into stories; an article that cannot be looked at is skipped alone.

    All articles are held in memory meanwhile.
    """
    places: dict[str, Stored] = {}
    articles: list[Article] = []
    skipped: list[Skipped] = []
    for one in stored:
        if isinstance(one, Skipped):
            skipped.append(one)
        else:
            places[one[1].id] = one[0]
            articles.append(one[1])
    try:
        found = groups(articles, config.clustering, encode, each)
    except SummarizeError:
        raise
    except Exception:
        poisoned = {a.id: why for a in articles if (why := _why_poisoned(a, config, encode))}
        if not poisoned:
            raise
        skipped += [Skipped(id, why) for id, why in poisoned.items()]
        articles = [a for a in articles if a.id not in poisoned]
        found = groups(articles, config.clustering, encode, each)
    wanted = [sorted(group, key=lambda a: a.id) for group in found if len(group) >= config.min_articles]
    stories = [Planned(story_id(group), tuple(places[a.id] for a in group)) for group in wanted]
    return Plan(tuple(sorted(stories, key=lambda s: s.id)), len(articles), len(found) - len(wanted), tuple(skipped))


def _why_poisoned(article: Article, config: Config, encode: Encode) -> str | None:
    try:
        groups([article], config.clustering, encode)
    except Exception as error:
        return describe(error)
    return None


def spread(run: Map) -> Each:
    """An ``Each`` whose work is done by an engine, ``AT_ONCE`` parts a worker at a time: they are held in memory."""

    def each(work: Callable[[T], R], parts: Iterable[T]) -> Iterable[R]:
        left = iter(parts)
        while some := list(islice(left, AT_ONCE * run.workers)):
            done: dict[int, R] = {}
            for (place, part), result in finish(run, partial(_with_place, work), list(enumerate(some)), _whole):
                # What ended its process again and again is done here: without it there are no stories at all.
                done[place] = work(part) if result is None else result
            yield from (done[place] for place in range(len(some)))

    return each


def _with_place(work: Callable[[T], R]) -> Callable[[tuple[int, T]], R]:
    return lambda task: work(task[1])


def _whole(task: T) -> Sequence[T]:
    return [task]


def pooled(run: Map, settings: EncoderSettings, folder: Path) -> Encode:
    """An ``Encode`` whose texts are encoded by an engine; what was encoded once is found again in the folder.

    The texts are put into the batches that the encoder itself would make of them, so that the vectors are the same.
    """

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        distinct = in_batch_order(texts)
        size = ENCODED * settings.batch_size
        tasks = [tuple(distinct[start : start + size]) for start in range(0, len(distinct), size)]
        left = [t for t in tasks if not _vectors(folder, settings, t).exists()]
        for _, done in finish(run, partial(_encoder, folder, settings), left, _whole):
            if done is None:
                raise ModelError("encoding sentences ended the process that did it")
        rows: dict[str, NDArray[np.float32]] = {}
        for task in tasks:
            path = _vectors(folder, settings, task)
            with kept(path):
                rows.update(zip(task, np.load(path, allow_pickle=False), strict=True))
        return np.stack([rows[text] for text in texts])

    return encode


def _vectors(folder: Path, settings: EncoderSettings, texts: Sequence[str]) -> Path:
    digest = hashlib.sha256(json.dumps([settings.model_dump(), texts]).encode())
    return folder / f"vectors-{digest.hexdigest()[:32]}.npy"


def _encoder(folder: Path, settings: EncoderSettings) -> Callable[[Sequence[str]], bool]:
    def perform(texts: Sequence[str]) -> bool:
        set_threads(1)
        vectors = load_encoder(settings).encode(texts)
        with open_atomically(_vectors(folder, settings, texts)) as file:
            np.save(file, vectors, allow_pickle=False)
        return True

    return perform


def summariser(folder: Path, config: Config) -> Callable[[Sequence[Planned]], list[Record]]:
    """A function that summarises stories, whose articles are in the folder, to their records.

    Errors raised on purpose (weights, settings, the disk) are not about one story: they end the batch.
    """
    maker, encode = Summarizer(config), lazy_encode(config.encoder)

    def perform(stories: Sequence[Planned]) -> list[Record]:
        try:
            return _all(stories)
        except SummarizeError:
            raise
        except Exception:
            return [one for story in stories for one in _alone(story)]

    def _all(stories: Sequence[Planned]) -> list[Record]:
        read = [story_of([load(folder, a) for a in story.articles], encode) for story in stories]
        return [{**summary.to_dict(), "error": None} for summary in maker.summaries(read)]

    def _alone(story: Planned) -> Iterator[Record]:
        try:
            yield from _all([story])
        except SummarizeError:
            raise
        except Exception as error:
            yield failed(folder, story, describe(error))

    return perform


def failed(folder: Path, story: Planned, why: str) -> Record:
    """The record of a story that could not be summarised; who copied whom is not looked for, it may be what failed."""
    return {
        "id": story.id,
        "title": None,
        "since": None,
        "articles": [{**load(folder, a).to_dict(), "lineage": None} for a in story.articles],
        "independent_sources": None,
        "summary": None,
        "conflicts": [],
        "error": why,
    }


def summarised(run: Map, folder: Path, config: Config, tasks: Sequence[tuple[Planned, ...]]) -> Iterator[Record]:
    """The record of every story, as they are done.

    Raises:
        ModelError: weights are missing or damaged.
    """
    make = partial(summariser, folder, config)
    for task, done in finish(run, make, tasks, lambda stories: [(story,) for story in stories]):
        yield from [failed(folder, story, LOST) for story in task] if done is None else done
