"""What readers are given: sentences with the text they cite, and pairs of summaries that do not say who wrote them.

The files hold news text, so they are written outside the repository; of what readers find only ids and verdicts are
kept (eval/reading/README.md, which is also the rubric).
"""

import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

from eval.items import Item
from eval.quality.scores import ORACLE, Finished, finished, load
from summarize.errors import ConfigError, OutputError
from summarize.rendering import write_atomically

ROOT = Path(__file__).parents[2]
BEFORE = 240
"""Characters of the article shown before what is cited, so that a reader knows who "he" is."""

ORIGINS = ("fused", "compressed")
"""Sentences to be judged: written ones first; what stands in an article as it is needs no judge."""

Record = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Drawn:
    """A sentence to be judged.

    Attributes:
        id: ``SET/ITEM/N``, N from 1.
        sentence: as ``SummarySentence.to_dict`` gives it.
    """

    id: str
    item: Item
    sentence: Record


@dataclass(frozen=True)
class Pair:
    """Two summaries of one story.

    Attributes:
        id: says nothing of who wrote them.
        story: ``SET/ITEM``.
        writers: of A and of B.
        texts: A and B, whole, without citations.
    """

    id: str
    story: str
    item: Item
    writers: tuple[str, str]
    texts: tuple[str, str]


def sample(run: Path, summarizer: str, number: int, seed: int, out: Path) -> list[Drawn]:
    """Draw sentences and write ``sentences.md``, to be read, and ``sentences-verdicts.jsonl``, to be filled in.

    Every set gives as many as every other one while it has any, each text once; fused sentences go before compressed
    ones, and the order is shuffled.

    Args:
        run: folder of a finished run.
        out: folder outside the repository.

    Raises:
        ConfigError: the run is not there or is of other data, it has no such sentence, or ``out`` is in the repository.
        OutputError: a file cannot be written.
    """
    sets = finished(run)
    found = draw({name: list(_written(name, one, summarizer)) for name, one in sets.items()}, number, seed)
    if not found:
        raise ConfigError(f"{summarizer} has written no sentence of its own in {run}")
    about = _about(sets, "sentences", seed, summarizer=summarizer, number=len(found))
    blank = {"grammatical": None, "faithful": None, "keeps": None, "attribution": None, "fault": None, "note": ""}
    _write(
        out,
        {
            "sentences.md": "\n".join(_sentences(found)),
            "sentences-verdicts.jsonl": _jsonl(
                [about, *({"id": d.id, "sha256": short_hash(d.sentence["text"]), **blank} for d in found)]
            ),
        },
    )
    return found


def draw(written: Mapping[str, Sequence[Drawn]], number: int, seed: int) -> list[Drawn]:
    """So many sentences, the sets taking turns, fused before compressed, in shuffled order.

    Args:
        written: the sentences of each set.
    """
    dice = random.Random(seed)
    chosen: list[Drawn] = []
    texts: set[str] = set()
    for origin in ORIGINS:
        heaps = [[d for d in sentences if d.sentence["origin"] == origin] for sentences in written.values()]
        for heap in heaps:
            dice.shuffle(heap)
        for one in _in_turns(heaps):
            if len(chosen) < number and one.sentence["text"] not in texts:
                texts.add(one.sentence["text"])
                chosen.append(one)
    dice.shuffle(chosen)
    return chosen


def pairs(run: Path, summarizer: str, rivals: Sequence[str], number: int, seed: int, out: Path) -> list[Pair]:
    """Draw pairs and write them: to be read, to be filled in, and, apart, the key.

    Writes ``pairs.md``, ``articles/ID.md``, ``pairs-verdicts.jsonl`` and ``pairs-key.jsonl``.

    Raises:
        ConfigError: as for ``sample``.
        OutputError: a file cannot be written.
    """
    sets = finished(run)
    texts: dict[str, dict[str, dict[str, str]]] = {}
    for name, one in sets.items():
        texts[name] = {}
        for line in one.lines:
            if line["summarizer"] in (summarizer, *rivals):
                text = " ".join(s["text"] for s in line["sentences"])
                texts[name].setdefault(line["item"], {})[line["summarizer"]] = text
    found = match(texts, {name: one.items for name, one in sets.items()}, summarizer, rivals, number, seed)
    if not found:
        raise ConfigError(f"{run} has no story that {summarizer} and {' and '.join(rivals)} tell differently")
    about = _about(sets, "pairs", seed, summarizer=summarizer, rivals=list(rivals), number=len(found))
    _write(
        out,
        {
            "pairs.md": "\n".join(_pairs(found)),
            **{f"articles/{p.id}.md": "\n".join(_articles(p)) for p in found},
            "pairs-verdicts.jsonl": _jsonl([about, *({"id": p.id, "prefer": None, "note": ""} for p in found)]),
            "pairs-key.jsonl": _jsonl(
                [about, *({"id": p.id, "story": p.story, "A": p.writers[0], "B": p.writers[1]} for p in found)]
            ),
        },
    )
    return found


def match(
    texts: Mapping[str, Mapping[str, Mapping[str, str]]],
    items: Mapping[str, Sequence[Item]],
    summarizer: str,
    rivals: Sequence[str],
    number: int,
    seed: int,
) -> list[Pair]:
    """So many pairs with each rival, no story twice, the sets taking turns, sides and order shuffled.

    A story told twice would show who is the same in both pairs.

    Args:
        texts: for each set and item the summary of each summarizer.
        number: of pairs with each rival; fewer where there are no more stories.
    """
    dice = random.Random(seed)
    heaps: list[list[tuple[str, Item, str]]] = []
    for turn, name in enumerate(items):
        told = [i for i in items[name] if _differ(texts[name].get(i.id, {}), summarizer, rivals)]
        dice.shuffle(told)
        heaps.append([(name, item, rivals[(turn + n) % len(rivals)]) for n, item in enumerate(told)])
    left = dict.fromkeys(rivals, number)
    chosen: list[tuple[str, Item, str]] = []
    for one in _in_turns(heaps):
        if left[one[2]]:
            left[one[2]] -= 1
            chosen.append(one)
    dice.shuffle(chosen)
    found = []
    for n, (name, item, rival) in enumerate(chosen, 1):
        first, second = dice.sample([summarizer, rival], 2)
        both = texts[name][item.id]
        found.append(Pair(f"p{n:03}", f"{name}/{item.id}", item, (first, second), (both[first], both[second])))
    return found


def best(run: Path, summarizer: str) -> str:
    """The rival with the highest mean of ROUGE-1 and ROUGE-2 F over the sets of a run.

    Raises:
        ConfigError: there is no run, or no rival in it.
    """
    rows: dict[str, Any] = load(run)["mean"]["summarizers"]
    rivals = sorted(name for name in rows if name not in (summarizer, ORACLE))
    if not rivals:
        raise ConfigError(f"{run}: nobody but {summarizer} was measured on every set")
    return max(rivals, key=lambda name: float(rows[name]["rouge1"]["f"] + rows[name]["rouge2"]["f"]))


def short_hash(text: str) -> str:
    """The first 12 digits of the SHA-256 of a text: a verdict stays bound to its sentence without showing it."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _written(name: str, one: Finished, summarizer: str) -> Iterator[Drawn]:
    """The sentences of a summarizer, in the order of the set."""
    lines = {line["item"]: line for line in one.lines if line["summarizer"] == summarizer}
    for item in one.items:
        if item.id in lines:
            for n, sentence in enumerate(lines[item.id]["sentences"], 1):
                yield Drawn(f"{name}/{item.id}/{n}", item, sentence)


def _differ(texts: Mapping[str, str], summarizer: str, rivals: Sequence[str]) -> bool:
    """Whether all have told the story, and none of the rivals in the same words."""
    return all(texts.get(name) for name in (summarizer, *rivals)) and all(
        texts[summarizer] != texts[rival] for rival in rivals
    )


def _in_turns(heaps: Sequence[Sequence[T]]) -> Iterator[T]:
    for row in zip_longest(*heaps):
        yield from (one for one in row if one is not None)


def _about(sets: Mapping[str, Finished], kind: str, seed: int, **more: Any) -> dict[str, Any]:
    """The first line of a file: what the verdicts are about."""
    signatures = {
        name: {
            "stories": len(one.items),
            "data_sha256": one.signature["data"]["sha256"],
            "code_sha256": one.signature["code_sha256"],
        }
        for name, one in sets.items()
    }
    return {"about": {"kind": kind, "seed": seed, **more, "sets": signatures}}


def _sentences(found: Sequence[Drawn]) -> Iterator[str]:
    yield "# Sentences to judge"
    yield ""
    yield "Rubric: eval/reading/README.md. What is cited stands in bold, a little of the article before it in plain."
    for n, one in enumerate(found, 1):
        by_id = {a.id: a for a in one.item.articles}
        yield from ("", f"## {n}. {one.id}", "", f"> {_folded(one.sentence['text'])}", "")
        for c in one.sentence["citations"]:
            article = by_id[c["article"]]
            head = ", ".join(
                filter(None, (article.source, article.title and f'"{_folded(article.title)}"', _day(article)))
            )
            before = _folded(article.text[max(0, c["start"] - BEFORE) : c["start"]])
            yield f"- [{article.id}] {head}: {'... ' if c['start'] > BEFORE else ''}{before} **{_folded(c['quote'])}**"
    yield ""


def _pairs(found: Sequence[Pair]) -> Iterator[str]:
    yield "# Which would you print?"
    yield ""
    yield "Rubric: eval/reading/README.md. The articles of each pair are in articles/."
    for p in found:
        yield from ("", f"## {p.id}", "")
        yield from (
            f"- {', '.join(filter(None, (a.source, a.title and _folded(a.title)))) or a.id}" for a in p.item.articles
        )
        for letter, text in zip("AB", p.texts, strict=True):
            yield from ("", f"**{letter}.** {_folded(text)}")
    yield ""


def _articles(pair: Pair) -> Iterator[str]:
    for a in pair.item.articles:
        yield from (f"# {', '.join(filter(None, (a.source, a.title and _folded(a.title), _day(a)))) or a.id}", "")
        yield from (a.text, "")


def _day(article: Any) -> str | None:
    return article.published.date().isoformat() if article.published else None


def _folded(text: str) -> str:
    return " ".join(text.split())


def _jsonl(lines: Sequence[Record]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _write(out: Path, files: Mapping[str, str]) -> None:
    """Write files that hold news text.

    Raises:
        ConfigError: the folder lies in the repository, or holds verdicts already.
        OutputError: a file cannot be written.
    """
    if out.resolve().is_relative_to(ROOT):
        raise ConfigError(f"{out} lies in the repository, which keeps no news text; name a folder outside it")
    taken = [name for name in files if name.endswith("-verdicts.jsonl") and (out / name).exists()]
    if taken:
        raise ConfigError(f"{out / taken[0]} is there already and may hold verdicts; name another folder")
    for name, text in files.items():
        try:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot make {(out / name).parent}: {error.strerror}") from None
        write_atomically(out / name, text)
