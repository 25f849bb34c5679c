"""What some report as done and others as not done, or as denied and confirmed."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator

from summarize.conflicts.told import NEARBY, Mention, Rivals, Told, meeting, ordered, rarity, tells_apart
from summarize.documents import Sentence
from summarize.text import Name, content_words, names, normalise, quotations, same_name, tokens

NEGATED = 4.0
"""Context that a verb needs which is negated in one report and not in another."""
DEED = 6.0
"""What a denial and a confirmation must share, each read with the sentence before it."""

_UNDONE = frozenset("not never nobody none".split())
_ADVERBS = frozenset("also already yet ever still since".split())
_DONE = re.compile(r"[^\W\d_]+(?:ed|en|wn|pt|ught|ost|eft|aid|ade|old|ent|ung|un)")
_PAST = re.compile(r"[^\W\d_]{3,}ed")
_HELPING = frozenset("has have had was were is are be been being do does did".split())
_DENIES = re.compile(r"\bden(?:y|ies|ied|ying)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"(?:(?! and\b| but\b)[^,.;:“”\"]){0,60}(?!\w)")
_ADMITS = re.compile(r"(?<!\bbeen )(?<!\bwas )(?<!\bwere )\b(?:confirm|admitt|acknowledg|conced)ed\b", re.IGNORECASE)


def rivals(told: Told) -> list[Rivals]:
    """Deeds done and not done, then denials and confirmations."""
    return [*_undone(told), *_denied(told)]


def _undone(told: Told) -> Iterator[Rivals]:
    """What some report as done and others as not done, by the same verb."""
    verbs: dict[str, tuple[list[Mention], list[Mention]]] = defaultdict(lambda: ([], []))
    for sentence in told.sentences:
        for stem, is_done, start, end in _deeds(sentence.text):
            verbs[stem][is_done].append(Mention(sentence, start, end, f"{is_done} {stem}"))
    for _, (undone, done) in sorted(verbs.items()):
        if not undone or not done or not tells_apart(undone, done):
            continue
        rivals = ordered(told, "negation", undone, done)
        if meeting(told, undone, done) >= NEGATED and _of_one_subject(rivals.first[0], rivals.second[0]):
            yield rivals


def _deeds(text: str) -> Iterator[tuple[str, bool, int, int]]:
    """Verbs of deeds, as stem, whether done, start and end; not those of quotations and denials.

    Participles after "has", "was" and their like, verbs after "did", and words in -ed that stand without either.
    """
    left_out = [(q.start, q.end) for q in quotations(text)]
    left_out += [(d.end(), d.end() + NEARBY.characters) for d in _DENIES.finditer(text)]
    spans = tokens(normalise(text))
    for i, token in enumerate(spans):
        if not token.text.isalpha() or any(a <= token.start < b for a, b in left_out):
            continue
        helping: list[str] = []
        while len(helping) < min(i, 5) and _is_helping(word := spans[i - 1 - len(helping)].text.lower()):
            helping.append(word)
        nots = [k for k, w in enumerate(helping) if w in _UNDONE or w.endswith("n't")]
        helped = any(w.removesuffix("n't") in _HELPING for w in helping)
        bare = any(w.startswith("did") for w in helping)
        if not bare and not (_DONE if helped else _PAST).fullmatch(token.text):
            continue
        at = spans[i - 1 - nots[-1]].start if nots else token.start
        for stem in content_words(token.text):
            yield stem, not nots, at, token.end


def _is_helping(word: str) -> bool:
    """Whether a word before a verb belongs to it: an auxiliary, a negation, an adverb."""
    return word.removesuffix("n't") in _HELPING or word in _UNDONE | _ADVERBS or word.endswith("ly")


def _of_one_subject(a: Mention, b: Mention) -> bool:
    """Whether the subjects of two verbs may be one: not where both are names, and not the same."""
    first, second = _subject(a), _subject(b)
    return not first or not second or same_name(first, second)


def _subject(mention: Mention) -> Name | None:
    """The name that stands before a verb, with nothing between but what belongs to the verb."""
    before = mention.sentence.text[: mention.start]
    last = next(iter(names(before)[::-1]), None)
    return last if last and all(map(_is_helping, before[last.end :].lower().split())) else None


def _denied(told: Told) -> Iterator[Rivals]:
    """What somebody denied in some reports, and it was confirmed in others, but not later."""
    denials, admissions = ([m for s in told.sentences for m in _said(s, cue)] for cue in (_DENIES, _ADMITS))
    scenes = sorted(
        ((_in_one_scene(told, a, b), i, j) for i, a in enumerate(denials) for j, b in enumerate(admissions)),
        key=lambda x: (-round(x[0], 6), *x[1:]),
    )
    taken: set[Mention] = set()
    for met, i, j in scenes:
        if met < DEED or denials[i] in taken or admissions[j] in taken:
            continue
        denied = [denials[k] for score, k, n in scenes if n == j and score >= DEED]
        confirmed = [admissions[k] for score, n, k in scenes if n == i and score >= DEED]
        if not tells_apart(denied, confirmed):
            continue
        taken.update(denied, confirmed)
        if told.dated and max(map(told.published, denied)) > min(map(told.published, confirmed)):
            yield Rivals("negation", tuple(denied), tuple(confirmed))


def _said(sentence: Sentence, cue: re.Pattern[str]) -> Iterator[Mention]:
    """A denial or a confirmation with the words that tell of what."""
    for said in cue.finditer(sentence.text):
        of_what = _CLAUSE.match(sentence.text, said.end())
        yield Mention(sentence, said.start(), of_what.end() if of_what else said.end(), cue.pattern)


def _in_one_scene(told: Told, a: Mention, b: Mention) -> float:
    """How much two sentences share, each read with the one before it; a word counts by its rarity in the story, too."""
    shared = _scene(told, a) & _scene(told, b)
    return sum(min(rarity(w), math.log(len(told.sentences) / len(told.holders[w]))) for w in sorted(shared))


def _scene(told: Told, mention: Mention) -> set[str]:
    at = told.place[mention.sentence]
    pair = told.sentences[max(0, at - 1) : at + 1]
    return {w for s in pair if s.article == mention.sentence.article for w in content_words(s.text)}
