"""chat: a large language model writes the summary from the planned claims, and names the claims of every sentence.

The model is given numbered claims with their source sentences (``prompts``, ``hostile``). What it writes is read
(``answers``), each sentence is given the source sentences that support it (``summarize.attribution``) and held against
them; those that say more than their sources are sent back once, and what fails again is said in the words of a source.
Where no answer comes, the plan is told by its source sentences, and the summary says why.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from summarize.abstractive.answers import Told, read_answer
from summarize.abstractive.hostile import plain, quoted, shorten, withhold
from summarize.abstractive.prompts import Prompts, load_prompts
from summarize.attribution import drafts
from summarize.claims import unread_sentences
from summarize.config import Config
from summarize.documents import Asked, Claim, Draft, Sentence, Story, Written
from summarize.extractive import claims as plan_as_it_stands
from summarize.models import Encode, load_chat
from summarize.models.conversation import ChatModel, Message, Reply
from summarize.planning import Planned

SOURCES = 4
"""Source sentences of a claim that are shown, one an article before a second of any."""

ENOUGH = 0.5
"""Share of the budget that must be filled; below it what the model did not tell is added from the plan."""

Check = Callable[[Draft], Sequence[str]]
"""What a draft's first wording says that its evidence does not support, such as "number 16"; nothing if it is."""


@dataclass(frozen=True)
class Task:
    """A story as the model is asked for it.

    Attributes:
        story: without the sentences that give orders to a model.
        planned: what is worth saying, in order.
        shown: the claims the model is shown, by their numbers.
        unread: sentences that it is not shown, or not to their ends.
        withheld: sentences that give orders to a model.
        conversation: what it is asked; None where nothing could be shown.
    """

    story: Story
    planned: tuple[Planned, ...]
    shown: Mapping[int, tuple[Sentence, ...]]
    unread: int
    withheld: int
    conversation: tuple[Message, ...] | None


def write(
    stories: Iterable[Story],
    config: Config,
    encode: Encode,
    plan_story: Callable[[Story], tuple[Planned, ...]],
    check: Check,
) -> Iterator[Written]:
    """What the model made of each story, in their order; as many are asked for together as it answers at once.

    Raises:
        ConfigError: no model is named, or the prompts cannot be read.
        ModelError: the model cannot be loaded, or the server never gave an answer.
    """
    prompts = load_prompts(config.chat.prompt)
    model = load_chat(config.chat)
    waiting = iter(stories)
    while group := list(islice(waiting, model.at_once)):
        tasks = [_task(story, plan_story, config, prompts, model) for story in group]
        asked = [t for t in tasks if t.conversation]
        replies = iter(model.ask([t.conversation for t in asked if t.conversation], prompts.schema))
        answers = [_read(t, next(replies), encode) if t.conversation else _unasked(t) for t in tasks]
        yield from (a.written(config) for a in _repaired(answers, encode, check, prompts, model))


def signature(config: Config, asked: Sequence[Asked]) -> dict[str, Any]:
    """What summaries hang on and took: prompts, who answered, and sums; nothing for other summarizers."""
    if config.summarizer != "chat":
        return {}
    prompts = load_prompts(config.chat.prompt)
    return {
        "prompts": {"version": prompts.version, "sha256": prompts.sha256},
        "asked": {
            "models": sorted({a.model for a in asked if a.model}),
            "requests": sum(a.requests for a in asked),
            "prompt_tokens": sum(a.prompt_tokens for a in asked),
            "answer_tokens": sum(a.answer_tokens for a in asked),
            "faults": sum(bool(a.fault) for a in asked),
        },
    }


def _task(
    story: Story,
    plan_story: Callable[[Story], tuple[Planned, ...]],
    config: Config,
    prompts: Prompts,
    model: ChatModel,
) -> Task:
    trusted, withheld = withhold(story)
    planned = plan_story(trusted)
    kept = list(planned)
    while kept:
        shown = {n: _sources(p.claim) for n, p in enumerate(kept, 1)}
        conversation = _ask_for(shown, config, prompts)
        if model.size(conversation) <= model.room:
            cut = sum(shorten(s.text) != plain(s.text) for group in shown.values() for s in group)
            lost = sum(len(p.claim.sentences) for p in planned if p not in kept)
            return Task(trusted, planned, shown, unread_sentences(trusted) + cut + lost, withheld, conversation)
        kept.remove(max(kept, key=lambda p: p.rank))
    lost = sum(len(p.claim.sentences) for p in planned)
    return Task(trusted, planned, {}, unread_sentences(trusted) + lost, withheld, None)


def _sources(claim: Claim) -> tuple[Sentence, ...]:
    """Sentences of a claim to be shown, the best of every article first, no text twice."""
    first: dict[str, Sentence] = {}
    for sentence in claim.sentences:
        first.setdefault(sentence.article, sentence)
    distinct = {plain(s.text): s for s in reversed((*first.values(), *claim.sentences))}
    return tuple(reversed(distinct.values()))[:SOURCES]


def _ask_for(shown: Mapping[int, Sequence[Sentence]], config: Config, prompts: Prompts) -> tuple[Message, ...]:
    lines, fence = _fenced(shown)
    words = config.plan.words
    query = config.plan.query
    question = f" The reader asks above all: {quoted(plain(query))}" if query else ""
    text = prompts.story.substitute(
        fence=fence,
        claims="\n".join(lines),
        words=words,
        most=words + words // 20,
        question=question,
    )
    return Message("system", prompts.system.substitute(fence=fence)), Message("user", text)


def _fenced(shown: Mapping[int, Sequence[Sentence]]) -> tuple[list[str], str]:
    """The claims, one a line, and a fence that hangs on all of them, so that none of them can hold it."""
    lines = [
        f'{{"claim": {n}, "sources": [{", ".join(quoted(shorten(s.text)) for s in group)}]}}'
        for n, group in shown.items()
    ]
    return lines, "FENCE-" + hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True)
class Answer:
    """What came of a task so far.

    Attributes:
        drafts: a draft a sentence; the plan's own sentences where no answer came.
        told: the sentence each draft was made of, by its first wording.
        asked: what asking took.
    """

    task: Task
    drafts: tuple[Draft, ...]
    told: Mapping[str, Told]
    asked: Asked

    def written(self, config: Config) -> Written:
        """The result, filled up from the plan where the model told less than half of what was asked for."""
        drafts, task = list(self.drafts), self.task
        told = {s for d in drafts for s in d.evidence}
        if sum(len(d.candidates[0].text.split()) for d in drafts) < ENOUGH * config.plan.words:
            rest = [p for p in task.planned if not told & set(p.claim.sentences)]
            drafts += [replace(d, rank=len(self.drafts) + d.rank) for d in plan_as_it_stands.extract(rest)]
        return Written(tuple(drafts), task.unread, self.asked)


def _unasked(task: Task) -> Answer:
    """A story of which nothing could be shown: it has no sentence, or none that fits the model's window."""
    fault = "no claim fits the model's window" if task.planned else ""
    asked = Asked(withheld_sentences=task.withheld, fault=fault)
    return Answer(task, plan_as_it_stands.extract(task.planned), {}, asked)


def _read(task: Task, reply: Reply, encode: Encode) -> Answer:
    told = read_answer(reply.text)
    unknown = sum(n not in task.shown for t in told for n in t.claims)
    made = _drafted(told, task, encode)
    fault = reply.fault.reason if reply.fault else "" if made else "the model's answer holds no sentence"
    asked = _count(Asked(withheld_sentences=task.withheld, unknown_claims=unknown, fault=fault), reply)
    if not made:
        return Answer(task, plan_as_it_stands.extract(task.planned), {}, asked)
    return Answer(task, made, {t.text: t for t in told}, asked)


def _drafted(told: Sequence[Told], task: Task, encode: Encode) -> tuple[Draft, ...]:
    """A draft a sentence, with the source sentences of the claims it names as far as there are such claims."""
    named = [[s for n in t.claims for s in task.shown.get(n, ())] for t in told]
    return drafts([t.text for t in told], task.story, task.planned, encode, named)


def _repaired(
    answers: Sequence[Answer], encode: Encode, check: Check, prompts: Prompts, model: ChatModel
) -> Iterator[Answer]:
    """The answers, with every sentence that fails the check sent back once."""
    failed = [_failed(a, check) for a in answers]
    conversations = [_ask_again(a, f, prompts) if f else None for a, f in zip(answers, failed, strict=True)]
    fitting = [c if c and model.size(c) <= model.room else None for c in conversations]
    replies = iter(model.ask([c for c in fitting if c], prompts.schema))
    for answer, faults, conversation in zip(answers, failed, fitting, strict=True):
        yield _mended(answer, faults, next(replies), encode) if conversation else answer


def _failed(answer: Answer, check: Check) -> dict[str, tuple[str, ...]]:
    """What is wrong with each written sentence that fails."""
    found = {d.candidates[0].text: tuple(check(d)) for d in answer.drafts if d.candidates[0].text in answer.told}
    return {text: problems for text, problems in found.items() if problems}


def _ask_again(answer: Answer, failed: Mapping[str, Sequence[str]], prompts: Prompts) -> tuple[Message, ...]:
    told = [answer.told[text] for text in failed]
    numbers = sorted({n for t in told for n in t.claims if n in answer.task.shown})
    shown = {n: answer.task.shown[n] for n in numbers} or answer.task.shown
    lines, fence = _fenced(shown)
    sentences = [
        f'{{"id": {number}, "text": {quoted(t.text)}, "claims": {[n for n in t.claims if n in shown]}, '
        f'"unsupported": [{", ".join(quoted(shorten(p)) for p in failed[t.text])}]}}'
        for number, t in enumerate(told, 1)
    ]
    text = prompts.repair.substitute(fence=fence, claims="\n".join(lines), sentences="\n".join(sentences))
    return Message("system", prompts.system.substitute(fence=fence)), Message("user", text)


def _mended(answer: Answer, failed: Mapping[str, Sequence[str]], reply: Reply, encode: Encode) -> Answer:
    """The answer with a second wording behind each failed one, where the model gave one."""
    again = {t.id: t for t in reversed(read_answer(reply.text))}
    pairs = {text: again[number] for number, text in enumerate(failed, 1) if number in again}
    made_again = {d.candidates[0].text: d for d in _drafted(list(pairs.values()), answer.task, encode)}
    mended = {old: made_again[new.text] for old, new in pairs.items() if new.text in made_again}
    made = tuple(
        replace(mended[text], candidates=(d.candidates[0], *mended[text].candidates), rank=d.rank)
        if (text := d.candidates[0].text) in mended
        else d
        for d in answer.drafts
    )
    fault = reply.fault.reason if reply.fault else answer.asked.fault
    asked = replace(answer.asked, repaired_sentences=len(failed), fault=fault)
    return replace(answer, drafts=made, asked=_count(asked, reply))


def _count(asked: Asked, reply: Reply) -> Asked:
    sent = reply.fault is None or reply.fault.kind != "spending limit"
    return replace(
        asked,
        model=reply.model or asked.model,
        requests=asked.requests + sent,
        prompt_tokens=asked.prompt_tokens + reply.prompt_tokens,
        answer_tokens=asked.answer_tokens + reply.answer_tokens,
    )
