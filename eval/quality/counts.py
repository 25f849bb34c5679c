"""What is counted in the sentences of a summary: copies, sources, facts that no source holds.

Nothing of ``summarize.verification`` or ``summarize.text`` is used here or in ``eval.metrics.facts``: who writes must
not count his own faults.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eval.items import Item
from eval.metrics.facts import KINDS, Source, unheld

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """A number, name or quotation that no quote which its sentence cites holds.

    Attributes:
        place: ``ITEM/N``, N being the sentence's position in the summary from 1.
        kind: ``numbers``, ``names`` or ``quotations``.
        text: as the sentence spells it.
        invented: whether it stands in no article of the item at all.
    """

    place: str
    kind: str
    text: str
    invented: bool


@dataclass(frozen=True)
class Counts:
    """What was counted in one summary or in several.

    Attributes:
        sentences: how many there are.
        verbatim: those that stand in an article as they are, blanks folded.
        several: those that cite two or more articles.
        origins: how many are ``fused``, ``compressed`` and ``extracted``, as the summarizer says.
        words: blank-separated.
        facts: unsupported ones.
    """

    sentences: int
    verbatim: int
    several: int
    origins: Mapping[str, int]
    words: int
    facts: tuple[Fact, ...]

    @classmethod
    def total(cls, several: Sequence["Counts"]) -> "Counts":
        """The sum of several."""
        origins = {name for one in several for name in one.origins}
        return cls(
            sum(one.sentences for one in several),
            sum(one.verbatim for one in several),
            sum(one.several for one in several),
            {name: sum(one.origins.get(name, 0) for one in several) for name in sorted(origins)},
            sum(one.words for one in several),
            tuple(fact for one in several for fact in one.facts),
        )

    def to_dict(self) -> dict[str, Any]:
        """The counts, and the shares of sentences that are copied, that cite several articles, that are fused."""
        size = max(1, self.sentences)
        return {
            "sentences": self.sentences,
            "verbatim": round(self.verbatim / size, 4),
            "several_articles": round(self.several / size, 4),
            "fused": round(self.origins.get("fused", 0) / size, 4),
            "origins": dict(self.origins),
            **{f"unsupported_{kind}": sum(f.kind == kind for f in self.facts) for kind in KINDS},
            **{f"invented_{kind}": sum(f.kind == kind and f.invented for f in self.facts) for kind in KINDS},
        }


def count(item: Item, sentences: Sequence[Record]) -> Counts:
    """Count in one summary.

    Args:
        sentences: of the summary, uncut, as ``SummarySentence.to_dict`` gives them.
    """
    articles = _articles(tuple((a.source or "", a.title or "", a.text) for a in item.articles))
    texts = [_folded(a.text) for a in item.articles]
    facts: list[Fact] = []
    origins: dict[str, int] = {}
    for number, sentence in enumerate(sentences, 1):
        origins[sentence["origin"]] = origins.get(sentence["origin"], 0) + 1
        cited = Source.of("\n".join(c["quote"] for c in sentence["citations"]))
        nowhere = unheld(sentence["text"], articles)
        facts += [
            Fact(f"{item.id}/{number}", kind, text, text in nowhere[kind])
            for kind, found in unheld(sentence["text"], cited).items()
            for text in found
        ]
    return Counts(
        len(sentences),
        sum(any(_folded(s["text"]) in text for text in texts) for s in sentences),
        sum(len({c["article"] for c in s["citations"]}) > 1 for s in sentences),
        origins,
        sum(len(s["text"].split()) for s in sentences),
        tuple(facts),
    )


def count_all(items: Iterable[Item], lines: Sequence[Record]) -> dict[str, list[Counts]]:
    """For each summarizer the counts of its summaries in the order of the items, those that failed left out.

    Args:
        lines: of items.jsonl.
    """
    written = {(line["summarizer"], line["item"]): line for line in lines if not line["error"]}
    found: dict[str, list[Counts]] = {label: [] for label in dict.fromkeys(line["summarizer"] for line in lines)}
    for item in items:
        for label, counts in found.items():
            if (label, item.id) in written:
                counts.append(count(item, written[label, item.id]["sentences"]))
    return found


@lru_cache(maxsize=4)
def _articles(texts: tuple[tuple[str, str, str], ...]) -> Source:
    return Source.of("\n\n".join(part for text in texts for part in text))


def _folded(text: str) -> str:
    return " ".join(text.split())
