"""Who is measured: the summarizers of the package, and the oracle, which only an evaluation may ask."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from eval.items import Item
from eval.settings import EvalSettings, SystemSettings
from summarize import fingerprints
from summarize.citing import cite
from summarize.clustering import story_of
from summarize.config import Config
from summarize.documents import Article, Summary, SummarySentence
from summarize.extractive import draft
from summarize.models import lazy_encode
from summarize.pipeline import Summarizer
from summarize.titles import title

Make = Callable[[Item], Summary]
"""Writes the summary of an item."""

WARM_UP = Item(
    "warm-up",
    (
        Article("1", "The ferry to Lund ran aground on Monday. All 40 passengers were taken ashore by lifeboat."),
        Article("2", "A ferry ran aground near Lund on Monday. Lifeboats took its 40 passengers ashore."),
    ),
    ("A ferry ran aground near Lund.",),
)
"""Summarised once before anything is timed, so that loading a model is no item's time."""


def build(system: SystemSettings, settings: EvalSettings) -> Make:
    """The summarizer with its settings over those of the evaluation.

    Raises:
        ConfigError: a setting is unknown or wrong, or the summarizer is.
    """
    config = settings.config(system)
    if system.name == "oracle":
        return lambda item: oracle(item, config)
    maker = Summarizer(config)
    return lambda item: maker.summarize(item.articles)


def oracle(item: Item, config: Config) -> Summary:
    """The sentences that bring ROUGE closest to the item's references, as a cited summary.

    Raises:
        ConfigError: the item has no reference.
    """
    story = story_of(item.articles, lazy_encode(config.encoder))
    drafts = draft("oracle", story, config.plan.words, seed=config.seed, references=item.references)
    sentences = tuple(
        SummarySentence(d.candidates[0].text, cite(d.candidates[0].text, d.evidence), d.candidates[0].origin)
        for d in drafts
    )
    return Summary(story, title(story, sentences), "oracle", sentences)


BESIDE = frozenset(
    {"__pycache__", "bench", "cli.py", "commands.py", "data", "rendering", "reports", "terminal.py", "training"}
)
"""Parts of both packages that neither write nor score a summary."""


@cache
def code_fingerprint() -> str:
    """SHA-256 over the code, word lists and weights that write and score summaries."""
    return fingerprints.code_fingerprint((fingerprints.PACKAGE, Path(__file__).parent), BESIDE)
