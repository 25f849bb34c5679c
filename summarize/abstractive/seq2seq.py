"""seq2seq: an encoder-decoder model reads the articles and writes; its sentences are then traced to their sources.

What the model writes is free text: each sentence gets the source sentences that support it, and a source sentence
stands ready to be said in its place (``summarize.attribution``).

Articles that are more than the model can read are dealt with in one of three ways (``seq2seq.long``):

plan      the claims of the plan, each by its best sentence, in the plan's order, until the input is full
truncate  the beginning of every article, in equal shares, as Multi-News and PRIMERA have it
merge     summaries of as many parts as it takes, then a summary of those, and so on until one input holds all
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from summarize.attribution import drafts
from summarize.claims import Aligned
from summarize.config import Config
from summarize.documents import Draft, Story, Written
from summarize.extractive.claims import extract
from summarize.models import Encode, load_seq2seq
from summarize.planning import plan
from summarize.text import sentences, split

if TYPE_CHECKING:
    from summarize.models.seq2seq import Seq2Seq

AHEAD = 64
"""Stories that are read before the first is written, so that inputs of one length meet in a batch."""

WORD = 2
"""Tokens written for a word of the budget at most; a word takes 1.3 in English."""

SHARE = 16
"""Tokens of an article below which it is better to leave articles out than to cut all shorter."""

ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")

Pieces = Sequence[Sequence[int]]
"""The tokens of each sentence of an article."""


@dataclass(frozen=True)
class Given:
    """What a model is given of a story: tokens of articles, or of what stands for them, and what it is not given."""

    articles: tuple[tuple[int, ...], ...]
    unread_sentences: int = 0


def write(stories: Iterable[tuple[Story, Aligned]], config: Config, encode: Encode) -> Iterator[Written]:
    """One draft a written sentence; a story about which the model writes nothing is told by its plan.

    Args:
        stories: each with its claims.
        config: budget, model, and what is done with long inputs.
        encode: maps n texts to (n, d) unit vectors.

    Raises:
        ConfigError: no model is named, or its device is not here.
        ModelError: the model cannot be loaded, or fails.
    """
    coming = iter(stories)
    while window := list(islice(coming, AHEAD)):
        model = load_seq2seq(config.seq2seq)
        tokens = config.seq2seq.max_output or WORD * config.plan.words
        given = _given(window, model, config, encode, tokens)
        rows = [model.row(g.articles) if g.articles else None for g in given]
        texts = iter(model.generate([row for row in rows if row], tokens))
        for (story, aligned), row, what in zip(window, rows, given, strict=True):
            text = next(texts) if row else ""
            yield Written(_drafts(text, story, aligned, config, encode), what.unread_sentences)


def _drafts(text: str, story: Story, aligned: Aligned, config: Config, encode: Encode) -> tuple[Draft, ...]:
    planned = plan(story, aligned, config.plan, encode)
    written = [text[start:end] for start, end in split(text)]
    if len(written) > 1 and not ENDED.search(written[-1]):
        written.pop()  # the model was stopped in the middle of it
    return drafts(written, story, planned, encode) or extract(planned)


def _given(
    stories: Sequence[tuple[Story, Aligned]], model: "Seq2Seq", config: Config, encode: Encode, tokens: int
) -> list[Given]:
    """What the model is given of each story; whole where it fits."""
    texts = [[texts for a in story.articles if (texts := [s.text for s in sentences(a)])] for story, _ in stories]
    pieces = [model.article_pieces(articles) for articles in texts]
    if config.seq2seq.long == "merge":
        return _merge([[_joined(article) for article in articles] for articles in pieces], model, tokens)
    given = []
    for (story, aligned), articles in zip(stories, pieces, strict=True):
        whole = [_joined(article) for article in articles]
        if _fits(whole, model):
            given.append(Given(tuple(whole)))
        elif config.seq2seq.long == "plan":
            given.append(_from_plan(story, aligned, model, config, encode))
        else:
            given.append(_truncate(story, articles, model))
    return given


def _joined(pieces: Pieces) -> tuple[int, ...]:
    return tuple(token for piece in pieces for token in piece)


def _fits(articles: Sequence[Sequence[int]], model: "Seq2Seq") -> bool:
    return sum(map(len, articles)) <= model.room(len(articles))


def _from_plan(story: Story, aligned: Aligned, model: "Seq2Seq", config: Config, encode: Encode) -> Given:
    """The most important claims that fit, each by its best sentence, in the order of the text, as one article."""
    room = model.room(1)
    budget = config.plan.model_copy(update={"words": max(room, config.plan.words)})  # a word is a token at least
    planned = plan(story, aligned, budget, encode)
    heads = [p.claim.kin[0].text for p in planned]
    sizes = model.sizes(heads)
    taken, left = [], room
    for i in sorted(range(len(planned)), key=lambda i: planned[i].rank):
        if sizes[i] <= left:
            taken.append(i)
            left -= sizes[i]
    article = _joined(model.pieces([heads[i] for i in sorted(taken)] or heads[:1]))
    total = sum(len(sentences(a)) for a in story.articles)
    return Given((article[:room],), total - len(taken))


def _truncate(story: Story, articles: Sequence[Pieces], model: "Seq2Seq") -> Given:
    """Equal shares of the articles' beginnings; of very many articles only so many as get a share worth having."""
    from summarize.models.seq2seq import read_whole, shares

    copies = {member for lineage in story.lineages for member in lineage[1:]}
    ids = [a.id for a in story.articles if sentences(a)]
    order = sorted(range(len(articles)), key=lambda i: (ids[i] in copies, i))
    kept = len(articles)
    while kept > 1 and model.room(kept) < SHARE * kept:
        kept -= 1
    chosen = sorted(order[:kept])
    parts = shares([len(_joined(articles[i])) for i in chosen], model.room(kept))
    read = sum(read_whole(articles[i], part) for i, part in zip(chosen, parts, strict=True))
    cut = tuple(_joined(articles[i])[:part] for i, part in zip(chosen, parts, strict=True))
    return Given(cut, sum(map(len, articles)) - read)


def _merge(stories: Sequence[list[tuple[int, ...]]], model: "Seq2Seq", tokens: int) -> list[Given]:
    """Summaries in place of articles, round by round, until each story fits; every part of every article is read.

    Where a round leaves as many parts as there were, because the model writes as much as it reads, what is left is cut
    to equal shares.
    """
    from summarize.models.seq2seq import shares

    pending = list(stories)
    short = min(tokens, max(8, model.room(1) // 4))  # so that four summaries fit into one input at least
    while long := [i for i, articles in enumerate(pending) if not _fits(articles, model)]:
        groups = {i: _groups(pending[i], model) for i in long}
        texts = iter(model.generate([model.row(group) for i in long for group in groups[i]], short))
        for i in long:
            summaries = [[text[a:b] for a, b in split(text)] for text in islice(texts, len(groups[i]))]
            parts = [_joined(pieces) for pieces in model.article_pieces([s for s in summaries if s])]
            if not _fits(parts, model) and len(_groups(parts, model)) >= len(groups[i]):
                sizes = shares([len(part) for part in parts], model.room(len(parts)))
                parts = [part[:size] for part, size in zip(parts, sizes, strict=True) if size]
            pending[i] = parts
    return [Given(tuple(articles)) for articles in pending]


def _groups(articles: Sequence[Sequence[int]], model: "Seq2Seq") -> list[list[Sequence[int]]]:
    """Articles, cut where one alone is too long, packed in their order into as few inputs as hold them."""
    room = model.room(1)
    parts = [article[at : at + room] for article in articles for at in range(0, len(article), room)]
    groups: list[list[Sequence[int]]] = [[]]
    for part in parts:
        if groups[-1] and not _fits([*groups[-1], part], model):
            groups.append([])
        groups[-1].append(part)
    return groups
