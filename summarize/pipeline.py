"""The stages joined: articles in, cited and verified summaries out."""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import Any, Protocol, TypeVar

from summarize.abstractive import chat, seq2seq
from summarize.abstractive.fusion import fuse, sources
from summarize.abstractive.mentions import introduced, persons, shorten
from summarize.abstractive.pronouns import people
from summarize.citing import cite, cite_each, originals_first
from summarize.claims import Aligned, align, unread_sentences
from summarize.clustering import cluster, spun_copies, story_of
from summarize.config import AttributionSettings, Config
from summarize.conflicts import conflicts
from summarize.documents import (
    Article,
    Candidate,
    Citation,
    ConflictValue,
    Digest,
    Draft,
    Origin,
    Skipped,
    Story,
    Summary,
    SummarySentence,
    Written,
)
from summarize.errors import ConfigError, DuplicateIdError, UnknownNameError
from summarize.extractive import EXTRACTIVE, claims, draft
from summarize.models import Encode, lazy_encode, load_entailment, set_threads, writer_facts
from summarize.planning import Planned, plan
from summarize.text import content_words, fold
from summarize.titles import title
from summarize.verification import problems, unsupported

Cited = TypeVar("Cited", SummarySentence, ConflictValue)

PICKERS = frozenset({"claims", *EXTRACTIVE})
"""Summarizers whose sentences are shown as they stand."""

PARTLY = 0.3
"""Share of a freely written sentence's content words in one citation from which it may stay, the rest marked."""

REPEATED = 0.6
"""Share of a sentence's content words in an earlier one from which it says nothing new."""


class Write(Protocol):
    """Drafts stories: what to say of each and in which wordings, in the order of the text."""

    def __call__(self, stories: Iterable[Story], config: Config, encode: Encode) -> Iterator[Written]:
        """What was made of each story, in their order; how many are read ahead of the first result is its own affair.

        A draft's ``rank`` says which are dropped first when the budget is full.
        """
        ...


def _each(
    draft_story: Callable[[Story, Config, Encode], tuple[Draft, ...]],
    unread: Callable[[Story], int] = unread_sentences,
) -> Write:
    """A summarizer that drafts one story after the other; ``unread`` counts the sentences it leaves out."""

    def write(stories: Iterable[Story], config: Config, encode: Encode) -> Iterator[Written]:
        for story in stories:
            yield Written(draft_story(story, config, encode), unread(story))

    return write


def _extract(name: str, story: Story, config: Config, encode: Encode) -> tuple[Draft, ...]:
    return draft(name, story, config.plan.words, seed=config.seed, query=config.plan.query)


def _aligned(story: Story, config: Config, encode: Encode) -> Aligned:
    return align(story, encode, config.claims, spun_copies(story.articles, story.lineages))


def _planned(story: Story, config: Config, encode: Encode) -> tuple[Planned, ...]:
    return plan(story, _aligned(story, config, encode), config.plan, encode)


def _claims(story: Story, config: Config, encode: Encode) -> tuple[Draft, ...]:
    return claims.extract(_planned(story, config, encode))


def _fusion(story: Story, config: Config, encode: Encode) -> tuple[Draft, ...]:
    aligned = _aligned(story, config, encode)
    read = sources(story, aligned.claims, config.fusion.max_sources)
    planned = plan(story, aligned, config.plan, encode, {head: group[0].text for head, group in read.items()})
    return fuse(planned, read, config.fusion)


def _seq2seq(stories: Iterable[Story], config: Config, encode: Encode) -> Iterator[Written]:
    return seq2seq.write(((story, _aligned(story, config, encode)) for story in stories), config, encode)


def _chat(stories: Iterable[Story], config: Config, encode: Encode) -> Iterator[Written]:
    return chat.write(stories, config, encode, partial(_planned, config=config, encode=encode), _complaints)


SUMMARIZERS: Mapping[str, Write] = {
    "fusion": _each(_fusion),
    "claims": _each(_claims),
    "chat": _chat,
    "seq2seq": _seq2seq,
    **{name: _each(partial(_extract, name), lambda story: 0) for name in EXTRACTIVE if name != "oracle"},
}
"""Every summarizer by name; ``oracle`` needs references and exists in evaluation only."""


class Summarizer:
    """Articles to stories, and stories to cited summaries.

    Args:
        config: all settings; the defaults when None.

    Raises:
        UnknownNameError: the config names no known summarizer.

    Example::

        articles = read_articles("seeds/")
        for story in Summarizer().stories(articles): ...
    """

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or Config()
        if self.config.summarizer not in SUMMARIZERS:
            raise UnknownNameError("summarizer", self.config.summarizer, SUMMARIZERS)
        self._encode = lazy_encode(self.config.encoder)
        self._write = SUMMARIZERS[self.config.summarizer]

    def stories(self, articles: Iterable[Article]) -> tuple[Story, ...]:
        """Group articles by the event they report, largest story first.

        The result does not depend on the order of the articles.

        Raises:
            DuplicateIdError: two articles carry one id.
        """
        found = distinct_ids(articles)
        if not self.config.cache.wanted:
            return self._grouped(found)
        from summarize.caching.remembering import grouped

        return grouped(found, self._grouped, self.config)

    def _grouped(self, articles: Sequence[Article]) -> tuple[Story, ...]:
        set_threads(self.config.threads)
        return cluster(articles, self.config.clustering, self._encode)

    def summarize(self, story: Story | Iterable[Article]) -> Summary:
        """One summary of a story, or of articles taken as one story.

        Every sentence carries at least one citation, and every number, name and quotation in it stands in a
        cited quote. A story without a sentence gives a summary without sentences.

        Raises:
            ConfigError: there is no article.
            DuplicateIdError: two articles carry one id.
            ModelError: weights are missing or damaged.
        """
        if not isinstance(story, Story):
            articles = distinct_ids(story)
            if not articles:
                raise ConfigError("there is no article to summarize")
            story = story_of(articles, self._encode)
        (summary,) = self.summaries([story])
        return summary

    def summaries(self, stories: Iterable[Story]) -> Iterator[Summary]:
        """One summary a story, in their order; each is what ``summarize`` makes of the story alone.

        A summarizer that writes several stories at once reads some of them ahead. Where the settings name a folder for
        the cache, what stands in it is not written again.

        Raises:
            ModelError: weights are missing or damaged.
        """
        if not self.config.cache.wanted:
            return self._written(stories)
        from summarize.caching.remembering import remembered

        return remembered(stories, self._written, self.config)

    def _written(self, stories: Iterable[Story]) -> Iterator[Summary]:
        set_threads(self.config.threads)
        ahead: deque[Story] = deque()

        def watched() -> Iterator[Story]:
            for story in stories:
                ahead.append(story)
                yield story

        for written in self._write(watched(), self.config, self._encode):
            story = ahead.popleft()
            name = self.config.summarizer
            said = _fit(_said(written.drafts, self.config.attribution), self.config.plan.words)
            sentences = tuple(sentence for _, sentence in said) if name in PICKERS else _introduce(said)
            found = (replace(c, values=_in_order(c.values, story)) for c in conflicts(story))
            yield Summary(
                story,
                title(story, sentences),
                name,
                _in_order(sentences, story),
                tuple(found),
                written.unread_sentences,
                written.asked,
            )

    def digest(
        self,
        articles: Sequence[Article],
        skipped: Sequence[Skipped] = (),
        watch: Callable[[Sequence[Story]], Iterable[Story]] = iter,
    ) -> Digest:
        """Everything at once: cluster, summarise each story, sign.

        The signature says as ``unread_sentences`` how many sentences were too many for the summarizer.

        Args:
            articles: what was read.
            skipped: inputs that gave no article; passed on.
            watch: wraps the stories while they are worked through, for a progress bar.
        """
        stories = [s for s in self.stories(articles) if len(s.articles) >= self.config.min_articles]
        return self.digest_of(stories, articles, skipped, watch)

    def digest_of(
        self,
        stories: Sequence[Story],
        articles: Sequence[Article],
        skipped: Sequence[Skipped] = (),
        watch: Callable[[Sequence[Story]], Iterable[Story]] = iter,
    ) -> Digest:
        """As ``digest``, of stories that are known already; ``articles`` are what the signature is of."""
        summaries = tuple(self.summaries(watch(stories)))
        unread = sum(s.unread_sentences for s in summaries)
        made = {"unread_sentences": unread, **chat.signature(self.config, [s.asked for s in summaries if s.asked])}
        return Digest(summaries, tuple(skipped), self.signature(articles) | made)

    def signature(self, articles: Sequence[Article] = ()) -> dict[str, Any]:
        """What a result hangs on: versions, settings, a fingerprint of the articles, and the model that writes."""
        return {
            "config": self.config.signed(),
            "model": writer_facts(self.config),
            "articles_sha256": fingerprint(articles),
            "versions": {name: version(name) for name in ("summarize", "torch", "transformers", "sentencex", "scipy")},
        }


def _in_order(cited: Iterable[Cited], story: Story) -> tuple[Cited, ...]:
    return tuple(replace(c, citations=originals_first(c.citations, story)) for c in cited)


def distinct_ids(articles: Iterable[Article]) -> tuple[Article, ...]:
    """The articles, in their order.

    Raises:
        DuplicateIdError: two articles carry one id.
    """
    found = tuple(articles)
    seen: set[str] = set()
    for article in found:
        if article.id in seen:
            raise DuplicateIdError(f"two articles have the id {article.id!r}")
        seen.add(article.id)
    return found


def fingerprint(articles: Iterable[Article]) -> str:
    """SHA-256 over ids, titles, dates and texts of the articles, whatever their order."""
    rows = sorted(
        json.dumps([a.id, a.title, a.published.isoformat() if a.published else None, a.text]) for a in articles
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _complaints(draft: Draft) -> list[str]:
    """What the most wanted wording says that its citations do not support."""
    wording = draft.candidates[0]
    quotes = _quotes(_cite(wording, draft))
    return [f"{p.kind} {p.text}" for p in problems(wording.text, quotes, wording.origin, draft.readings)]


def _said(drafts: Sequence[Draft], settings: AttributionSettings) -> list["Said"]:
    """Each draft with its most wanted wording that its citations support."""
    entailed = _entailed(drafts, settings.entailment)
    return [(d, _say(d, settings.unsupported == "mark", entailed)) for d in drafts]


def _entailed(drafts: Sequence[Draft], name: str | None) -> Mapping[tuple[str, tuple[str, ...]], bool]:
    """What a model for natural language inference says of freely written wordings and their quotes, asked at once."""
    if name is None:
        return {}
    pairs = [(c.text, _quotes(_cite(c, d))) for d in drafts for c in d.candidates if c.origin == "written"]
    return dict(zip(pairs, load_entailment(name).supports(pairs), strict=True)) if pairs else {}


def _quotes(citations: Iterable[Citation]) -> tuple[str, ...]:
    return tuple(c.quote for c in citations)


def _say(draft: Draft, mark: bool, entailed: Mapping[tuple[str, tuple[str, ...]], bool]) -> SummarySentence:
    """The most wanted wording that its citations support; the last one, a source sentence, always is.

    Args:
        draft: the wordings.
        mark: whether a freely written wording stays if its citations hold part of it.
        entailed: what a model says of freely written wordings and their quotes.
    """
    *wanted, last = enumerate(draft.candidates)
    for replaced, candidate in wanted:
        citations = _cite(candidate, draft)
        quotes = _quotes(citations)
        judged = entailed.get((candidate.text, quotes))
        found = problems(candidate.text, quotes, candidate.origin, draft.readings, judged)
        free = candidate.origin == "written"
        if not found or (mark and free and max(c.score for c in citations) >= PARTLY):
            doubts = unsupported(candidate.text, quotes) if free else ()
            whole = ((0, len(candidate.text)),)
            return SummarySentence(
                candidate.text, citations, candidate.origin, replaced, whole if found and not doubts else doubts
            )
    replaced, candidate = last
    return SummarySentence(candidate.text, cite(candidate.text, draft.evidence), candidate.origin, replaced)


def _cite(wording: Candidate | SummarySentence, draft: Draft) -> tuple[Citation, ...]:
    """The evidence that supports a wording best; all of it where the evidence was sought for the wording."""
    return (cite_each if wording.origin == "written" else cite)(wording.text, draft.evidence)


Said = tuple[Draft, SummarySentence]


def _fit(said: Sequence[Said], words: int) -> list[Said]:
    """Take sentences by rank while the budget holds, none that says again what one taken says; keep the order.

    Sentences are whole, so the budget may be passed by a twentieth rather than left a sentence short.
    """
    taken: list[int] = []
    left = words + words // 20
    for i in sorted(range(len(said)), key=lambda i: said[i][0].rank):
        text = said[i][1].text
        size = len(text.split())
        if (size <= left or not taken) and not any(_repeats(text, said[j][1].text) for j in taken):
            taken.append(i)
            left -= size
    return [said[i] for i in sorted(taken)]


def _introduce(said: Sequence[Said]) -> tuple[SummarySentence, ...]:
    """Persons in full where first mentioned, by last name afterwards, where the sources call them so too.

    Sentences that their sources do not support when shortened are left alone.
    """
    texts = [s.text for source, _ in said for s in source.evidence]
    called = people(texts)
    named = {last: first for last, first in persons(texts).items() if fold(last) in called}
    known: dict[str, str] = {}
    sentences = []
    for source, sentence in said:
        sentences.append(_shortened(source, sentence, known))
        known |= introduced(sentence.text, named)
    return tuple(sentences)


def _shortened(source: Draft, sentence: SummarySentence, known: Mapping[str, str]) -> SummarySentence:
    text = shorten(sentence.text, known)
    if text == sentence.text:
        return sentence
    origin: Origin = "compressed" if sentence.origin == "extracted" else sentence.origin
    citations = _cite(replace(sentence, text=text), source)
    quotes = _quotes(citations)
    if problems(text, quotes, origin, source.readings):
        return sentence
    doubts = unsupported(text, quotes) if origin == "written" else ()
    return replace(sentence, text=text, citations=citations, origin=origin, unsupported=doubts)


def _repeats(text: str, said: str) -> bool:
    """Whether most of a sentence's content words were said by an earlier one."""
    new, old = set(content_words(text)), set(content_words(said))
    return len(new & old) >= REPEATED * max(1, len(new))
