"""The documents that flow through the pipeline: frozen, typed, pointing back into the articles.

An article's text is never changed after reading. Every later object that shows text points into it by
``(article, start, end)`` with offsets in Unicode code points, so that for every citation
``article.text[c.start:c.end] == c.quote`` holds exactly.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

SCHEMA = 1
"""Version of the JSON contract (``rendering/schema.json``)."""

Origin = Literal["written", "fused", "compressed", "extracted"]
"""How a sentence came to be: written freely by a model, joined from the words of several sources, shortened from one,
or taken as it stands."""

ConflictKind = Literal["number", "date", "name", "place", "negation", "quotation"]
"""What sources differ on; a time of day is a date, and a quotation is one whose words were altered."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A stretch of an article that is not reporting: byline, share buttons, heading, photo credit ...

    It stays in the article's text; sentences are never taken from it.
    """

    start: int
    end: int
    kind: str


TOLD = "told before"
"""Kind of an aside that is reporting, but nothing new: older articles of the story told it."""


@dataclass(frozen=True)
class Article:
    """One document.

    Attributes:
        id: unique within a run: the path as given, or the record's own id.
        text: what was read, unchanged; all offsets refer to it.
        title: headline, if the input states one.
        source: outlet or site name, if stated.
        url: address, if stated.
        published: publication time, if stated.
        asides: stretches of ``text`` that are not reporting, in order, not overlapping.
        metadata: whatever else the record carried.
    """

    id: str
    text: str
    title: str | None = None
    source: str | None = None
    url: str | None = None
    published: datetime | None = None
    asides: tuple[Aside, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def words(self) -> int:
        """Number of blank-separated words in the text."""
        return len(self.text.split())

    def to_dict(self) -> dict[str, Any]:
        """The article as the JSON contract shows it (without its text)."""
        return {
            "id": self.id,
            "title": self.title,
            "source": self.source,
            "url": self.url,
            "published": self.published.isoformat() if self.published else None,
            "words": self.words,
        }


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input that gave no article, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an article: ``article.text[start:end] == text``.

    Attributes:
        article: id of the article.
        index: position among the article's sentences, from 0.
        paragraph: position of its paragraph among the article's paragraphs, from 0.
    """

    article: str
    index: int
    paragraph: int
    start: int
    end: int
    text: str

    @property
    def words(self) -> int:
        """Number of blank-separated words."""
        return len(self.text.split())


@dataclass(frozen=True)
class Story:
    """The articles about one event, in the order of their ids.

    Attributes:
        id: derived from the articles' ids and texts, so the same articles give the same id.
        articles: at least one.
        lineages: groups of article ids that copy or rewrite one another, the original first; every article
            is in exactly one. Their number is the number of independent reports.
        since: if only the articles are here that came at or after a time, and only what is new in them is to be
            told: that time.
    """

    id: str
    articles: tuple[Article, ...]
    lineages: tuple[tuple[str, ...], ...] = ()
    since: datetime | None = None

    @cached_property
    def by_id(self) -> Mapping[str, Article]:
        """Articles by id."""
        return {a.id: a for a in self.articles}

    @cached_property
    def original(self) -> Mapping[str, str]:
        """For each article id, the id of the article its lineage began with."""
        return {member: lineage[0] for lineage in self.lineages for member in lineage}

    def source_of(self, article: str) -> str:
        """The id of the article that an article's lineage began with: its own where it was not copied."""
        return self.original.get(article, article)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """For each article id its place, from 0, where those of one lineage stand together, the original first."""
        ranks = {member: rank for lineage in self.lineages for rank, member in enumerate(lineage)}
        ordered = sorted((self.source_of(a.id), ranks.get(a.id, 0), a.id) for a in self.articles)
        return {id: place for place, (_, _, id) in enumerate(ordered)}

    def independent(self, articles: Iterable[str]) -> int:
        """How many independent reports there are among articles: those of one lineage count once."""
        return len({self.source_of(a) for a in articles})


@dataclass(frozen=True)
class Claim:
    """One proposition and the sentences that report it (a proposition cluster).

    Attributes:
        sentences: every sentence that reports it, the most central first.
        kin: those of ``sentences`` that truly tell the same thing as the first one, so that they may be
            fused into one sentence with it; always holds the first one.
        importance: how much the claim matters to the story; higher is more.
    """

    sentences: tuple[Sentence, ...]
    kin: tuple[Sentence, ...]
    importance: float = 0.0

    @property
    def articles(self) -> tuple[str, ...]:
        """Ids of the articles that report it, sorted."""
        return tuple(sorted({s.article for s in self.sentences}))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One wording for a summary sentence."""

    text: str
    origin: Origin
    score: float = 0.0


@dataclass(frozen=True)
class Draft:
    """A summary sentence before it is cited and verified.

    Attributes:
        candidates: wordings from the most to the least wanted; the last one is a source sentence as it
            stands, so that something supportable is always left.
        evidence: the source sentences it was written from, best first.
        rank: order of importance within the summary, from 0.
        readings: the same sentences as the writer read them, an opening pronoun put back to its name.
    """

    candidates: tuple[Candidate, ...]
    evidence: tuple[Sentence, ...]
    rank: int
    readings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What it took to ask a large language model for a summary, and what came of it.

    Attributes:
        model: the name under which the model answered; empty where it did not.
        requests: questions put to it, the ones that came to nothing among them.
        prompt_tokens: tokens it read, as it counted them itself where it did.
        answer_tokens: tokens it wrote.
        withheld_sentences: sentences of the articles that it was not shown because they give orders to a model, or are
            too long to be sentences.
        unknown_claims: claim numbers it named that it was not given.
        repaired_sentences: sentences sent back to it because they said more than their sources.
        fault: why an answer is missing, in one line, so that sentences of the sources stand for it; else empty.
    """

    model: str = ""
    requests: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    withheld_sentences: int = 0
    unknown_claims: int = 0
    repaired_sentences: int = 0
    fault: str = ""


@dataclass(frozen=True)
class Written:
    """What a summarizer made of a story.

    Attributes:
        drafts: the sentences, in the order of the text.
        unread_sentences: sentences of the story that it was not given, or not to their ends.
        asked: what asking a model took, where one was asked.
    """

    drafts: tuple[Draft, ...]
    unread_sentences: int = 0
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A slice of an article that supports a summary sentence.

    ``score`` is the share of the summary sentence's content words that stand in the quote, 0 to 1.
    """

    article: str
    start: int
    end: int
    quote: str
    score: float

    def to_dict(self) -> dict[str, Any]:
        """The citation as the JSON contract shows it."""
        return {
            "article": self.article,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "score": round(self.score, 4),
        }


@dataclass(frozen=True)
class SummarySentence:
    """A sentence of a summary with the slices that support it (never none).

    Attributes:
        replaced: how many more wanted wordings failed verification before this one.
        unsupported: start and end of the stretches of a freely written text whose words stand in no citation.
    """

    text: str
    citations: tuple[Citation, ...]
    origin: Origin
    replaced: int = 0
    unsupported: tuple[tuple[int, int], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The sentence as the JSON contract shows it."""
        return {
            "text": self.text,
            "citations": [c.to_dict() for c in self.citations],
            "origin": self.origin,
            "replaced": self.replaced,
            "unsupported": [{"start": start, "end": end} for start, end in self.unsupported],
        }


@dataclass(frozen=True, slots=True)
class ConflictValue:
    """One of the values that sources give: its words in the best citation, and the sentences that state it."""

    value: str
    citations: tuple[Citation, ...]

    def to_dict(self) -> dict[str, Any]:
        """The value as the JSON contract shows it."""
        return {"value": self.value, "citations": [c.to_dict() for c in self.citations]}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A point on which independent reports contradict one another.

    Attributes:
        about: what is in dispute, in words of the sources.
        kind: what sort of statement differs.
        values: at least two, the one of most independent reports first.
    """

    about: str
    kind: ConflictKind
    values: tuple[ConflictValue, ...]

    @property
    def label(self) -> str:
        """What a reader is told is in dispute, with its kind."""
        return f"{self.about} ({'altered quotation' if self.kind == 'quotation' else self.kind})"

    def to_dict(self) -> dict[str, Any]:
        """The conflict as the JSON contract shows it."""
        return {"about": self.about, "kind": self.kind, "values": [v.to_dict() for v in self.values]}


@dataclass(frozen=True)
class Summary:
    """One merged summary of a story, and what its sources differ on.

    ``unread_sentences`` says how many sentences of the story were too many for the summarizer, ``asked`` what asking a
    large language model took, where one was asked.
    """

    story: Story
    title: str
    summarizer: str
    sentences: tuple[SummarySentence, ...]
    conflicts: tuple[Conflict, ...] = ()
    unread_sentences: int = 0
    asked: Asked | None = None

    @property
    def text(self) -> str:
        """The sentences joined by single blanks."""
        return " ".join(s.text for s in self.sentences)

    @property
    def words(self) -> int:
        """Number of blank-separated words."""
        return len(self.text.split())

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations, in the order of the text."""
        return tuple(c for s in self.sentences for c in s.citations)

    @property
    def doubts(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """Of each sentence with words that stand in no citation: its number, from 1, and these words."""
        return tuple(
            (number, tuple(s.text[a:b] for a, b in s.unsupported))
            for number, s in enumerate(self.sentences, 1)
            if s.unsupported
        )

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number each article is cited by, from 1, in the order of the story's articles."""
        return {a.id: n for n, a in enumerate(self.story.articles, 1)}

    def marks(self, sentence: SummarySentence) -> tuple[int, ...]:
        """The source numbers a sentence cites, in the order of its citations."""
        return self._numbers_of(sentence.citations)

    def sources_of(self, value: ConflictValue) -> tuple[int, ...]:
        """The source numbers that state a value, in the order of its citations."""
        return self._numbers_of(value.citations)

    def _numbers_of(self, citations: tuple[Citation, ...]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.numbers[c.article] for c in citations))

    def to_dict(self) -> dict[str, Any]:
        """The story as the JSON contract shows it."""
        return {
            "id": self.story.id,
            "title": self.title,
            "since": self.story.since.isoformat() if self.story.since else None,
            "articles": [{**a.to_dict(), "lineage": self.story.source_of(a.id)} for a in self.story.articles],
            "independent_sources": self.story.independent(a.id for a in self.story.articles),
            "summary": {
                "summarizer": self.summarizer,
                "text": self.text,
                "words": self.words,
                "unread_sentences": self.unread_sentences,
                "sentences": [self._told(s) for s in self.sentences],
                "asked": asdict(self.asked) if self.asked else None,
            },
            "conflicts": [c.to_dict() for c in self.conflicts],
        }

    def _told(self, sentence: SummarySentence) -> dict[str, Any]:
        """A sentence as the JSON contract shows it, with the independent reports among those it cites."""
        told = sentence.to_dict()
        return {
            "text": told.pop("text"),
            "citations": told.pop("citations"),
            "independent_sources": self.story.independent(c.article for c in sentence.citations),
            **told,
        }

    def to_json(self) -> str:
        """The story as a JSON text, as one element of ``stories`` in the contract."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)

    def to_markdown(self) -> str:
        """Title, cited text, what sources differ on, and numbered sources as Markdown."""

        def marked(text: str, numbers: tuple[int, ...]) -> str:
            return escape_markdown(text) + "".join(f"\\[{n}\\]" for n in numbers)

        body = " ".join(marked(s.text, self.marks(s)) for s in self.sentences)
        differ = "".join(
            f"- {escape_markdown(c.label)}: {'; '.join(marked(v.value, self.sources_of(v)) for v in c.values)}\n"
            for c in self.conflicts
        )
        differ = f"Sources differ:\n\n{differ}\n" if differ else ""
        doubts = "".join(f"- sentence {n}: {escape_markdown('; '.join(words))}\n" for n, words in self.doubts)
        differ = (f"In no source cited:\n\n{doubts}\n" if doubts else "") + differ
        sources = "\n".join(f"{self.numbers[a.id]}. {escape_markdown(label(a))}" for a in self.story.articles)
        return f"## {escape_markdown(self.title)}\n\n{body}\n\n{differ}Sources:\n\n{sources}\n"


@dataclass(frozen=True)
class Digest:
    """The summaries of one run, what was skipped, and the signature that says how they were made."""

    summaries: tuple[Summary, ...]
    skipped: tuple[Skipped, ...] = ()
    signature: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_dict(self) -> dict[str, Any]:
        """The whole JSON contract."""
        return {
            "schema": SCHEMA,
            "signature": dict(self.signature),
            "stories": [s.to_dict() for s in self.summaries],
            "skipped": [{"path": s.path, "reason": s.reason} for s in self.skipped],
        }


def zoned(time: datetime) -> datetime:
    """A point in time; one that states no zone is taken as UTC, so that any two can be compared."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def label(article: Article) -> str:
    """What a reader knows an article by: outlet and title where stated, and its id."""
    parts = [p for p in (article.source, article.title) if p]
    if article.published:
        parts.append(article.published.date().isoformat())
    return " — ".join([*parts, article.id]) if parts else article.id


_MARKUP = str.maketrans({c: "\\" + c for c in "\\`*_{}[]<>#|~!&"})
_LIST_MARKER = re.compile(r"^(\d+(?=[.)])|(?=[-+]))")


def escape_markdown(text: str) -> str:
    """Escape every character that Markdown could take for markup, and fold line breaks."""
    return _LIST_MARKER.sub(r"\1\\", " ".join(text.split()).translate(_MARKUP))
