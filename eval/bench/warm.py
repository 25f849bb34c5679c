"""Stories per second in one process whose models are loaded, and where the time goes.

The stories are the one in ``seeds/`` and two of the tests', taken again and again under other ids. Each stage is timed
without the stages it calls; what is left (lineages, titles, joining) is "other".
"""

import importlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from eval.bench.processes import ROOT
from summarize import Config, Story, Summarizer, read_articles
from summarize.clustering import story_of
from summarize.config import EncoderSettings
from summarize.models import lazy_encode

FOLDERS = ("seeds", "tests/data/flood", "tests/data/bridge")

STAGES: Mapping[str, tuple[str, ...]] = {
    "encode": ("summarize.models.encoder:Encoder.encode",),
    "align": ("summarize.pipeline:align",),
    "plan": ("summarize.pipeline:plan",),
    "write": ("summarize.pipeline:fuse", "summarize.pipeline:claims.extract", "summarize.pipeline:draft"),
    "cite+verify": ("summarize.pipeline:cite", "summarize.pipeline:problems"),
}
"""Each stage and the functions it is, as the pipeline sees them."""


def main(summarizer: str = "fusion", repeats: int = 20) -> None:
    """Count the stories a second that one loaded process summarises, and split the time by stage."""
    print(json.dumps(measure(summarizer, repeats)))


def measure(summarizer: str, repeats: int) -> dict[str, Any]:
    """Summarise every story once to load and warm, then ``repeats`` times under the clock."""
    maker = Summarizer(Config(summarizer=summarizer))
    for story in stories("warming"):
        maker.summarize(story)
    work = [story for n in range(repeats) for story in stories(f"{n}")]
    clock = Clock()
    with clock.watching(STAGES):
        start = time.perf_counter()
        for story in work:
            maker.summarize(story)
        seconds = time.perf_counter() - start
    spent = {stage: clock.seconds[stage] for stage in STAGES}
    spent["other"] = seconds - sum(spent.values())
    return {
        "bench": "warm",
        "summarizer": summarizer,
        "stories_per_second": round(len(work) / seconds, 2),
        "seconds": round(seconds, 3),
        "stories": len(work),
        "words": sum(a.words for story in work for a in story.articles),
        "share": {stage: round(s / seconds, 3) for stage, s in spent.items()},
    }


def stories(mark: str) -> list[Story]:
    """The stories of ``FOLDERS``, each article's id ending in ``mark``."""
    encode = lazy_encode(EncoderSettings())
    read = ([replace(a, id=f"{a.id}#{mark}") for a in read_articles(ROOT / folder)] for folder in FOLDERS)
    return [story_of(articles, encode) for articles in read]


@dataclass
class Clock:
    """Seconds by stage, each without those of the stages called from it."""

    seconds: dict[str, float] = field(default_factory=dict)
    _inside: list[float] = field(default_factory=list)

    def watching(self, stages: Mapping[str, tuple[str, ...]]) -> ExitStack:
        """Put a timer round every function of ``stages`` (``module:name``) until the block ends.

        Raises:
            AttributeError: a module has no such function.
        """
        stack = ExitStack()
        for stage, places in stages.items():
            self.seconds[stage] = 0.0
            for place in places:
                module, _, name = place.partition(":")
                *owners, leaf = name.split(".")
                owner: Any = importlib.import_module(module)
                for part in owners:
                    owner = getattr(owner, part)
                stack.enter_context(patch.object(owner, leaf, self.timed(stage, getattr(owner, leaf))))
        return stack

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, its time added to ``stage``."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._inside.append(0.0)
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                whole = time.perf_counter() - start
                self.seconds[stage] += whole - self._inside.pop()
                if self._inside:
                    self._inside[-1] += whole

        return timed
