"""Who is measured: the summarizers of the package, and the oracle, which only an evaluation may ask."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from eval.items import Item
from eval.settings import EvalSettings, SystemSettings
from summarize.citing import cite
from summarize.clustering import story_of
from summarize.config import Config
from summarize.documents import Article, Summary, SummarySentence
from summarize.extractive import draft
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
    story = story_of(item.articles)
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
    import eval
    import summarize

    digest = hashlib.sha256()
    for package in (summarize, eval):
        folder = Path(package.__file__ or "").parent
        for path in sorted(folder.rglob("*")):
            place = path.relative_to(folder)
            if path.is_file() and not BESIDE & set(place.parts):
                digest.update(f"{folder.name}/{place.as_posix()} ".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def weights_fingerprints(config: Config) -> dict[str, str]:
    """SHA-256 of the weights in every folder that the settings name, by the setting."""
    named = {
        "encoder.model": config.encoder.model,
        "fusion.model": config.fusion.model,
        "fusion.judge": config.fusion.judge,
    }
    found: dict[str, str] = {}
    for key, folder in named.items():
        if Path(folder).is_dir():
            digest = hashlib.sha256()
            for path in sorted(p for p in Path(folder).iterdir() if p.is_file()):
                digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
            found[key] = digest.hexdigest()
    return found
