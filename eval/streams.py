"""Lifelike streams of articles of any length, whose stories are known: ``stream(articles, seed)``.

What makes clustering of real news hard is drawn by law, from one seed:

- **Sizes and lives.** Most stories have one article, a few have hundreds (a Zipf law); a story lasts minutes or weeks
  (log-normal), and its articles come in bursts, one a development, each of which brings new facts.
- **Shared vocabulary.** Common words stand at the rates that English news has (``background.txt`` of the package),
  stories of one topic share its words, and a person or place in the news is in many stories at once.
- **Look-alikes.** One story in six repeats the kind of another (a second earthquake): topic and words the same,
  persons, places and numbers its own.
- **Copies.** One report in five copies an earlier one of its story: word for word, cut and with another headline, or
  with words replaced by others.

All articles fall into the same ``DAYS`` days however many they are, so a longer stream is a denser one: more outlets
watched, not a longer time, which a time window alone would make easy. The texts are tables of words, not language:
they test what is counted and found, at any scale, and say little about how well sentence vectors serve.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import accumulate, pairwise
from random import Random

from eval.clusters import Labelled
from summarize.documents import Article

DAYS = 14.0
"""Days in which the stories of a stream begin."""
START = datetime(2026, 1, 5, tzinfo=UTC)
SHAPE = 1.1
"""Exponent of the sizes of stories: the share of stories with at least k articles is ``k ** -SHAPE``."""
LARGEST = 0.02
"""The largest story has at most this share of all articles (but may always have 30)."""
TOPICS = 60
LOOK_ALIKE = 1 / 6
"""Share of stories that repeat the kind of an earlier one."""
COPIES = 0.2
"""Share of the reports after the first that copy an earlier one."""
DATED = 0.9
"""Share of articles with a publication time."""
MEDIAN_WORDS, SPREAD = 90, 0.75
"""Lengths of articles are log-normal, kept between 20 and 300 words."""


@dataclass(frozen=True)
class _Words:
    """Words to draw from, with the running sums of their weights."""

    words: Sequence[str]
    sums: Sequence[float]

    def draw(self, random: Random, count: int) -> list[str]:
        return random.choices(self.words, cum_weights=self.sums, k=count)


def _zipf(words: Sequence[str], exponent: float = 1.0) -> _Words:
    return _Words(words, list(accumulate((rank + 2) ** -exponent for rank in range(len(words)))))


@dataclass(frozen=True)
class _World:
    """What all stories share: common words, those of each topic, names in the news, outlets, synonyms."""

    seed: int
    common: _Words
    topics: Sequence[_Words]
    names: _Words
    outlets: _Words
    synonyms: dict[str, str]


@dataclass(frozen=True)
class _Kind:
    """What look-alikes have in common: a topic and the words that belong to the event."""

    topic: int
    words: tuple[str, ...]


def stream(articles: int, seed: int = 13) -> Labelled:
    """That many articles with the story of each, in the order of their publication times.

    Ids are running numbers in that order. The same arguments give the same stream on every machine.
    """
    world = _world(articles, seed)
    random = Random(f"{seed}/sizes")
    largest = max(30, round(LARGEST * articles))
    made: list[tuple[datetime, str, Article]] = []
    kinds: list[_Kind] = []
    while len(made) < articles:
        number = len(kinds)
        size = min(int((1 - random.random()) ** (-1 / SHAPE)), largest, articles - len(made))
        kind = random.choice(kinds) if kinds and random.random() < LOOK_ALIKE else _kind(world, random)
        kinds.append(kind)
        made += [(when, f"{number:06}", a) for when, a in _story(world, kind, number, size)]
    made.sort(key=lambda row: (row[0], row[1]))
    named = tuple(
        Article(f"{n:07}", a.text, title=a.title, source=a.source, published=a.published)
        for n, (_, _, a) in enumerate(made)
    )
    return Labelled(f"stream-{articles}", named, tuple(story for _, story, _ in made))


def _world(articles: int, seed: int) -> _World:
    random = Random(f"{seed}/world")
    shares: list[tuple[str, float]] = []
    for line in (files("summarize.clustering") / "background.txt").read_text("utf-8").splitlines():
        bits, kind, *words = line.split()
        if kind == "w" and bits.isdigit():
            shares += [(w, 2 ** (-int(bits) / 2)) for w in words if w.isalpha()]
    # A word that is in this share of articles stands in them at this rate, if it falls in by chance.
    rates = [-math.log(1 - min(share, 0.95)) for _, share in shares]
    common = _Words([w for w, _ in shares], list(accumulate(rates)))
    special = [w for w, share in shares if share < 0.02 and len(w) > 3]
    topics = [_zipf(random.sample(special, 120)) for _ in range(TOPICS)]
    # Heaps' law: the names in the news grow more slowly than the news.
    names = [_name(random) for _ in range(round(12 * articles**0.7))]
    shuffled = random.sample(special, len(special))
    synonyms = dict(pairwise(shuffled))
    return _World(seed, common, topics, _zipf(names, 0.8), _zipf([_name(random) for _ in range(200)]), synonyms)


def _name(random: Random) -> str:
    syllables = random.randint(2, 4)
    name = "".join(random.choice("bdfghjklmnprstvwz") + random.choice("aeiouy") for _ in range(syllables))
    return (name + random.choice(["", "n", "r", "s", "th", "ck"])).capitalize()


def _kind(world: _World, random: Random) -> _Kind:
    topic = random.randrange(len(world.topics))
    words = {*world.topics[topic].draw(random, 14), *(w for w in world.common.draw(random, 60) if len(w) > 5)}
    return _Kind(topic, tuple(sorted(words)))


def _story(world: _World, kind: _Kind, number: int, size: int) -> list[tuple[datetime, Article]]:
    """The articles of one story with their true times; some do not show theirs."""
    random = Random(f"{world.seed}/story/{number}")
    cast = [*world.names.draw(random, 3), *(_name(random) for _ in range(random.randint(1, 4)))]
    life = timedelta(hours=18 * random.lognormvariate(0, 1))
    developments = 1 + min(6, int(math.log2(size)))
    begins = START + timedelta(days=DAYS * random.random())
    times = sorted([begins, *(begins + life * random.random() for _ in range(developments - 1))])
    facts: list[list[str]] = []
    told: list[list[list[str]]] = []
    for _ in times:
        cast += [_name(random) for _ in range(random.random() < 0.5)]
        facts = facts + [_fact(kind, cast, random) for _ in range(5)]
        told.append(facts)
    reports: list[tuple[datetime, Article]] = []
    for k in range(size):
        stage = min(random.randrange(developments), random.randrange(developments)) if k else 0
        when = times[stage] + life * (0.2 * random.expovariate(1.0))
        when = when.replace(microsecond=0)
        if k and random.random() < COPIES:
            title, text = _copy(world, random.choice(reports)[1], random)
        else:
            title, text = _report(world, kind, told[stage], random)
        shown = when if random.random() < DATED else None
        (source,) = world.outlets.draw(random, 1)
        reports.append((when, Article("", text, title=title, source=source, published=shown)))
    return reports


def _fact(kind: _Kind, cast: Sequence[str], random: Random) -> list[str]:
    """A few words that are told together: some of the cast, some of the event, sometimes a number."""
    words = random.sample(kind.words, min(3, len(kind.words))) + random.sample(cast, min(2, len(cast)))
    return words + [str(random.choice([random.randint(2, 60), random.randint(61, 5000)]))] * (random.random() < 0.5)


def _report(world: _World, kind: _Kind, facts: Sequence[list[str]], random: Random) -> tuple[str, str]:
    """Title and text of an independent report: its own choice of facts, the weightier first, in its own words."""
    length = min(300, max(20, round(random.lognormvariate(math.log(MEDIAN_WORDS), SPREAD))))
    order = sorted(facts, key=lambda _: random.random())
    # The news comes first: a report leads with one of the latest facts.
    order.insert(0, facts[-random.randint(1, 5)])
    paragraphs: list[str] = []
    words = 0
    while words < length:
        fact = order[len(paragraphs) % len(order)]
        filler = world.common.draw(random, random.randint(6, 16))
        filler += world.topics[kind.topic].draw(random, random.randint(1, 3))
        sentence = random.sample(filler, len(filler))
        for word in random.sample(fact, max(2, len(fact) - random.randint(0, 2))):
            sentence.insert(random.randrange(len(sentence) + 1), word)
        words += len(sentence)
        paragraphs.append(_sentence(sentence))
    title = order[0] + world.topics[kind.topic].draw(random, 1) + world.common.draw(random, 2)
    return _sentence(random.sample(title, len(title))).rstrip("."), "\n\n".join(paragraphs)


def _sentence(words: Sequence[str]) -> str:
    text = " ".join(words)
    return text[0].upper() + text[1:] + "."


def _copy(world: _World, article: Article, random: Random) -> tuple[str, str]:
    """Title and text of a copy: exact, cut and with another headline, or spun."""
    title, text = article.title or "", article.text
    way = random.random()
    if way < 0.3:
        return title, text
    if way < 0.7:
        paragraphs = text.split("\n\n")
        kept = paragraphs[: max(1, round(len(paragraphs) * random.uniform(0.5, 1)))]
        return " ".join(title.split()[::-1]), "\n\n".join(kept)
    spun = re.sub(r"[a-z]+", lambda m: world.synonyms.get(m[0], m[0]) if random.random() < 0.6 else m[0], text)
    return title, spun
