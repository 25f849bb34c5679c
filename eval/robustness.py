"""How much summaries and their scores move when the articles of a story change in ways that should matter little.

Each item is summarised as it is and once for each change. Measured per summarizer and change, as means over the items:

unchanged   share of items whose summary is the same, byte for byte
sentences   sentences that both summaries have, by those that either has (Jaccard index)
words       F of the words that both have, counted with repetition: 2 * common / (words of one + words of the other)
intruder    with an unrelated article added: share of the summary's sentences that cite it
scores      for every score, mean of (changed - as it is) as ``moved`` and of its size as ``moved_abs``
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from eval.items import Item
from eval.journal import Line
from eval.settings import RobustnessSettings
from summarize.config import ReadingSettings
from summarize.documents import Article
from summarize.reading.records import Record, to_article

MARK = "~"
"""Stands between an item's id and the change in the id of a changed item."""


@dataclass(frozen=True)
class Setting:
    """What a change may draw from.

    Attributes:
        others: articles of other items, from which an unrelated one is taken.
    """

    item: Item
    others: tuple[Article, ...]
    random: Random


def shuffled(given: Setting) -> tuple[Article, ...] | None:
    """The articles in another order, with ids that follow it: summarizers go by ids, as by the names of files."""
    articles = list(given.item.articles)
    if len(articles) < 2:
        return None
    while articles == list(given.item.articles):
        given.random.shuffle(articles)
    return tuple(replace(a, id=f"{given.item.id}/{n:02d}") for n, a in enumerate(articles, 1))


def dropped(given: Setting) -> tuple[Article, ...] | None:
    """One article less."""
    articles = given.item.articles
    gone = given.random.randrange(len(articles))
    return (*articles[:gone], *articles[gone + 1 :]) or None


def duplicated(given: Setting) -> tuple[Article, ...]:
    """One article twice."""
    twice = given.random.choice(given.item.articles)
    return (*given.item.articles, replace(twice, id=twice.id + MARK + "copy"))


def unrelated(given: Setting) -> tuple[Article, ...] | None:
    """One article of another item more."""
    if not given.others:
        return None
    return (*given.item.articles, replace(given.random.choice(given.others), id=intruder(given.item.id)))


def spun(given: Setting) -> tuple[Article, ...]:
    """One article replaced by a copy of it in which a machine has put other words."""
    place = given.random.randrange(len(given.item.articles))
    return tuple(respun(a) if n == place else a for n, a in enumerate(given.item.articles))


CHANGES: Mapping[str, Callable[[Setting], tuple[Article, ...] | None]] = {
    "shuffled": shuffled,
    "dropped": dropped,
    "duplicated": duplicated,
    "unrelated": unrelated,
    "spun": spun,
}
"""Every change by name; None from one means that the item cannot be changed so."""


def intruder(item: str) -> str:
    """The id of the unrelated article added to an item."""
    return f"{item}{MARK}unrelated"


def vary(item: Item, items: Sequence[Item], place: int, settings: RobustnessSettings | None, seed: int) -> list[Item]:
    """The changed versions of ``items[place]``, whose gold no longer holds; none without settings."""
    if settings is None:
        return []
    others = items[(place + 1) % len(items)].articles if len(items) > 1 else ()
    found = []
    for change in settings.changes:
        for n in range(1, settings.draws + 1):
            name = change if n == 1 else f"{change}.{n}"
            articles = CHANGES[change](Setting(item, others, Random(f"{seed} {item.id} {name}")))
            if articles is not None:
                found.append(Item(item.id + MARK + name, articles, item.references))
    return found


@cache
def synonyms() -> Mapping[str, str]:
    """What the spinning machine puts for a word."""
    lines = (Path(__file__).parent / "synonyms.txt").read_text("utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return dict(pairs)


def respun(article: Article) -> Article:
    """The article in other words; numbers and names stay, so that it reports the same."""
    fields = {"id": article.id, "text": spin(article.text), "source": article.source, "published": article.published}
    return replace(to_article(Record(fields), article.id, ReadingSettings(min_words=1)), title=article.title)


def spin(text: str) -> str:
    """Every word that has a synonym replaced by it, its first letter as large as it was."""

    def other(match: re.Match[str]) -> str:
        word = match[0]
        found = synonyms().get(word.lower(), word)
        return found.capitalize() if found != word and word[0].isupper() else found

    return re.sub(r"[^\W\d_]+", other, text)


def measure(lines: Sequence[Line], settings: RobustnessSettings | None) -> dict[str, dict[str, Any]] | None:
    """How much each summarizer's texts and scores moved, by summarizer and change; None without settings.

    Items that failed, as they are or changed, are left out; ``items`` says how many pairs count.
    """
    if settings is None:
        return None
    done = {(line["summarizer"], line["item"]): line for line in lines if not line["error"]}
    pairs: dict[str, dict[str, list[tuple[Line, Line]]]] = {}
    for (label, identity), line in done.items():
        original, mark, change = identity.rpartition(MARK)
        before = done.get((label, original)) if mark else None
        if before is not None:
            pairs.setdefault(label, {}).setdefault(change.partition(".")[0], []).append((before, line))
    return {label: {change: _moved(found) for change, found in by.items()} for label, by in pairs.items()}


def _moved(pairs: Sequence[tuple[Line, Line]]) -> dict[str, Any]:
    differences: dict[str, list[float]] = {}
    for before, after in pairs:
        for key in before["scores"].keys() & after["scores"].keys():
            differences.setdefault(key, []).append(after["scores"][key] - before["scores"][key])
    return {
        "items": len(pairs),
        "unchanged": fmean(float(a["text"] == b["text"]) for a, b in pairs),
        "sentences": fmean(_jaccard(_sentences(a), _sentences(b)) for a, b in pairs),
        "words": fmean(_overlap(a["text"].lower().split(), b["text"].lower().split()) for a, b in pairs),
        "intruder": fmean(_cites_intruder(a) for _, a in pairs),
        "scores": {key: {"moved": fmean(d), "moved_abs": fmean(map(abs, d))} for key, d in sorted(differences.items())},
    }


def _sentences(line: Line) -> set[str]:
    return {s["text"] for s in line["sentences"]}


def _jaccard(left: set[str], right: set[str]) -> float:
    return len(left & right) / len(left | right) if left | right else 1.0


def _overlap(left: Sequence[str], right: Sequence[str]) -> float:
    common = (Counter(left) & Counter(right)).total()
    return 2 * common / (len(left) + len(right)) if left or right else 1.0


def _cites_intruder(line: Line) -> float:
    cited = [any(c["article"].endswith(MARK + "unrelated") for c in s["citations"]) for s in line["sentences"]]
    return fmean(cited) if cited else 0.0
