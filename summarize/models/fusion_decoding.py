"""Beam search of the fusion model, with the rules that keep an output true to its sources.

The rules hold for every hypothesis at every step:

- A copied word is copied whole: from a word's start to a word's end, without leaving it between.
  Numbers with their marks ("1,300", "$3.2 billion"), a number and its noun ("30 days"), a month and
  its day, hyphenated compounds and abbreviations ("U.S.") are one word.
- Two copied words with capitals stand side by side only where a source has them side by side, and
  a word that every source has before another capital is not left alone: first names and surnames
  of different people do not meet, and "Harbour Master" keeps its name.
- "I", "we" and "our" stand inside quotation marks alone.
- A quotation is opened where a source opens it, holds that source's words in order, and is closed, where the
  source closes it or before a mark or a conjunction.
- No content word comes more often than in the source that has it most often.
- The sentence ends with one full stop, inside or outside a closing quotation mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

import numpy as np
import torch
from numpy.typing import NDArray

from summarize.models.fusion import (
    _MONTHS,
    _NUMBER_WORDS,
    _SCALES,
    FUNCTION_WORDS,
    Candidate,
    Jumps,
    Word,
    normalise,
    ratio_bucket,
    stem,
)
from summarize.models.minilm import CLS, SEP, load_tokenizer

if TYPE_CHECKING:
    from summarize.models.fusion import Encoded, FusionModel

T = TypeVar("T")

_FAMILY = 3  # hypotheses that begin with the same so many pieces are of one family
_CHUNK = re.compile(r"[^\s\u2014\u2026/]+")
_LEADING = "\"'([{<*#"
_TRAILING = "\"')]}>,;:!?*"
# Function words that need a fitting subject or object: written only where a source has them.
_IF_PRESENT = frozenset("say says saying told there both also".split())
# Words a sentence may hold more often than any one source.
_FREE = frozenset("he she his her him by or but if not will would could may more after before".split())
_FIRST_PERSON = frozenset("I i We we Our our ours My my mine Me me us ourselves myself".split())
_ABBREVIATIONS = frozenset(
    "mr. mrs. ms. dr. prof. gov. sen. sens. rep. reps. gen. lt. col. sgt. capt. maj. adm. rev. hon. st. ste. mt. ft. "
    "jr. sr. inc. corp. co. ltd. bros. no. vs. jan. feb. mar. apr. jun. jul. aug. sep. sept. oct. nov. dec. dept. ave. "
    "calif. mass. conn. ill. pa. va. wash. ariz. fla. ga. mo. tex. minn. wis. ore. colo. mich. tenn. ala. la. md. ky. "
    "okla. ark. kan. neb. nev. del. vt. wyo. ind. miss. mont. messrs. sec. supt. pres. atty.".split()
)
# A quotation may be cut short before these, or before a mark.
_CUTTING = frozenset("and but because as when while who which if so , . ; : ?".split())
_JUMP, _SKIP, _CAPITALS = 3.0, 1.5, 1.0  # nats of the path search: switch, deletion, all capitals


@dataclass(frozen=True)
class Span:
    """A word of a source, ``text[start:end]``, with its first and last piece positions."""

    source: int
    start: int
    end: int
    first: int
    last: int
    opening: bool
    capital: bool


@dataclass
class Claim:
    """The sources of one claim, laid out for decoding. Arrays have one entry a joined piece."""

    texts: tuple[str, ...]
    plain: tuple[str, ...]
    ids: NDArray[np.int64]
    sentence: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    can_start: NDArray[np.bool_]
    can_end: NDArray[np.bool_]
    goes_on: NDArray[np.bool_]  # the next position belongs to the same word
    capital: NDArray[np.bool_]  # first piece of a word with a capital inside a sentence
    run_on: NDArray[np.bool_]  # last piece of such a word with another such word right behind
    shouted: NDArray[np.bool_]
    span: NDArray[np.int64]  # index into spans, or -1
    quote: NDArray[np.int64]  # 1 opening mark, 2 closing mark, 0 other
    quoted: NDArray[np.bool_]  # between the marks
    spans: list[Span]
    limits: dict[int, int]  # piece of a content word -> how often the source that has most has it
    may_close: NDArray[np.bool_]  # a quotation may be cut behind this position
    new_clause: NDArray[np.bool_]  # behind a semicolon, colon, dash or full stop inside a source
    items: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    slot: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    closed_slot: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    closed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))


def _is_number(word: str) -> bool:
    word = word.lower()
    return any(c.isdigit() for c in word) or any(p in _NUMBER_WORDS for p in word.split("-"))


def _abbreviates(word: str, rest: str) -> bool:
    """Whether the full stop that ends `word` belongs to it; `rest` is the text behind it."""
    if word.endswith(".."):
        return False
    if re.search(r"\.\w+\.$|^\w\.$", word):
        return True
    if rest[:1] != " " or not rest.strip():
        return False
    return word.lower() in _ABBREVIATIONS or rest.lstrip()[:1].islower()


def word_spans(text: str) -> list[tuple[int, int]]:
    """Character ranges of the words of a normalised sentence, marks around them left out.

    Numbers are joined with their scale ("3.2 billion") and their noun ("30 days"), months with
    their day ("March 18").
    """
    spans: list[tuple[int, int]] = []
    chunks = list(_CHUNK.finditer(text.replace("--", "\u2014\u2014")))
    opened = False
    for chunk in chunks:
        a, b = chunk.span()
        while a < b and text[a] in _LEADING and not (text[a] == "'" and text[a + 1 : a + 2].isdigit()):
            opened = opened or text[a] == "'"
            a += 1
        while b > a:
            if text[b - 1] == "'" and not opened and b - 2 >= a and text[b - 2] == "s":
                break  # the boys' school
            if text[b - 1] in _TRAILING or (text[b - 1] == "." and not _abbreviates(text[a:b], text[b:])):
                b -= 1
            else:
                break
        if a < b and any(c.isalnum() for c in text[a:b]):
            spans.append((a, b))
    joined: list[tuple[int, int]] = []
    for a, b in spans:
        word = text[a:b].lower()
        if joined and text[joined[-1][1] : a] == " ":
            before = text[joined[-1][0] : joined[-1][1]].lower()
            tail = before.split()[-1]
            year = re.fullmatch(r"(?:19|20)\d\d", tail)
            if _is_number(tail) and (word in _SCALES or (word in ("cent",) and tail == "per")):
                joined[-1] = (joined[-1][0], b)
                continue
            if before.endswith(" per") and word == "cent":
                joined[-1] = (joined[-1][0], b)
                continue
            if tail in _MONTHS and re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", word):
                joined[-1] = (joined[-1][0], b)
                continue
            if (
                _is_number(tail)
                and not year
                and "-" not in tail
                and word.isalpha()
                and word == text[a:b]
                and word not in FUNCTION_WORDS
                and word
                not in ("or", "by", "but", "not", "after", "before", "people's", "more", "would", "will", "may")
                and len(before.split()) < 4
            ):
                joined[-1] = (joined[-1][0], b)
                continue
        joined.append((a, b))
    return joined


def prepare(texts: Sequence[str], model: FusionModel) -> Claim:
    """Lay the sources of one claim out for decoding.

    Raises:
        ValueError: when there is no source, an empty one, or more than the model's limit.
    """
    config = model.config
    if not texts:
        raise ValueError("a claim needs at least one source sentence")
    if len(texts) > config.max_sources:
        raise ValueError(f"a claim may have at most {config.max_sources} sources, not {len(texts)}")
    tokenizer = load_tokenizer()
    plain = tuple(normalise(t) for t in texts)
    ids, sentence, starts, ends = [CLS], [0], [0], [0]
    for index, text in enumerate(plain):
        encoding = tokenizer.encode(text, add_special_tokens=False)
        if not encoding.ids:
            raise ValueError(f"source {index} is empty")
        room = config.max_source_pieces - len(ids) - 1
        count = len(encoding.ids)
        if count > room:
            if index:
                break
            count = room
        ids += [*encoding.ids[:count], SEP]
        sentence += [index] * (count + 1)
        starts += [a for a, _ in encoding.offsets[:count]] + [len(text)]
        ends += [b for _, b in encoding.offsets[:count]] + [len(text)]
    size = len(ids)
    flags = {n: np.zeros(size, np.bool_) for n in ("start", "end", "on", "cap", "run", "shout", "in")}
    span_of = np.full(size, -1, np.int64)
    quote = np.zeros(size, np.int64)
    spans: list[Span] = []
    small = cast(torch.Tensor, model.small).numpy()
    id_array, sentence_array = np.array(ids), np.array(sentence)
    start_array, end_array = np.array(starts), np.array(ends)
    for index in range(sentence[-1] + 1):
        text = plain[index]
        where = np.flatnonzero((sentence_array == index) & (id_array != CLS) & (id_array != SEP))
        words = word_spans(text)
        before: Span | None = None
        loud_run: list[Span] = []
        for a, b in words:
            inside = where[(start_array[where] >= a) & (end_array[where] <= b)]
            if not len(inside) or end_array[inside[-1]] != b:
                continue
            first, last = int(inside[0]), int(inside[-1])
            opening = before is None or text[before.end : a].strip()[:1] in {".", "?", "!"}
            opening = opening or text[max(0, a - 1) : a] == '"'
            capital = text[a : a + 1].isupper()
            spans.append(Span(index, a, b, first, last, opening, capital))
            span_of[first : last + 1] = len(spans) - 1
            # The first person speaks inside quotation marks alone.
            flags["start"][first] = text[a:b].split("'")[0] not in _FIRST_PERSON
            flags["end"][last] = True
            flags["on"][first:last] = True
            flags["cap"][first] = capital and (not opening or not small[id_array[first]])
            if before is not None and text[before.end : a] == " " and capital and flags["cap"][before.first]:
                flags["run"][before.last] = True
            tail = re.search(r"'(?:s)?$", text[a:b])
            if tail is not None:  # "Lind" may be taken from "Lind's"
                owner = inside[end_array[inside] == a + tail.start()]
                if len(owner):
                    flags["end"][owner[-1]] = True
            letters = [c for c in text[a:b] if c.isalpha()]
            loud = len(letters) > 1 and all(c.isupper() for c in letters)
            loud_run = [*loud_run, spans[-1]] if loud else []
            # "HARBOUR MASTER Ola Brandt", and not "the CIA" or "FDNY EMS".
            if len(loud_run) > 1 and any(w.end - w.start > 5 for w in loud_run):
                flags["shout"][[w.first for w in loud_run]] = True
            before = spans[-1]
        for p in where:  # marks that may stand outside words
            if span_of[p] < 0 and text[start_array[p]] in ",.?!":
                flags["start"][p] = flags["end"][p] = True
        marks = [int(p) for p in where if text[start_array[p]] == '"']
        for opens, closes in _quotations(texts[index], [int(start_array[p]) for p in marks]):
            quote[marks[opens]], quote[marks[closes]] = 1, 2
            flags["in"][marks[opens] + 1 : marks[closes]] = True
    limits: dict[int, int] = {}
    function = {tokenizer.token_to_id(w) for w in (*FUNCTION_WORDS, *_FREE)}
    for index in range(sentence[-1] + 1):
        here = id_array[(sentence_array == index) & flags["start"]]
        for piece, n in zip(*np.unique(here, return_counts=True), strict=True):
            if int(piece) not in function:
                limits[int(piece)] = max(limits.get(int(piece), 0), int(n))
    cutting = [cast(int, tokenizer.token_to_id(w)) for w in sorted(_CUTTING)]
    following = np.append(id_array[1:], SEP)
    may_close = np.append(span_of[1:] < 0, True) | np.isin(following, cutting)
    strong = [cast(int, tokenizer.token_to_id(c)) for c in (";", ":", "-", "\u2014", ".", "?", "!")]
    new_clause = np.append(False, np.isin(id_array[:-1], strong) & (span_of[:-1] < 0))
    stems = frozenset(stem(w) for t in plain for w in re.findall(r"[a-z]{4,}", t.lower()))
    claim = Claim(
        tuple(texts),
        plain,
        id_array,
        sentence_array,
        start_array,
        end_array,
        flags["start"],
        flags["end"],
        flags["on"],
        flags["cap"],
        flags["run"],
        flags["shout"],
        span_of,
        quote,
        flags["in"],
        spans,
        limits,
        may_close,
        new_clause,
    )
    present = set(re.findall(r"[a-z]+", " ".join(plain).lower()))
    allowed = []
    for piece in config.closed_ids:
        word = cast(str, tokenizer.id_to_token(piece))
        always = word in FUNCTION_WORDS and word not in _IF_PRESENT
        allowed.append(piece == SEP or always or word in present or (word not in _IF_PRESENT and stem(word) in stems))
    claim.closed = np.array(allowed)
    every = np.unique(np.concatenate([id_array, np.array(config.closed_ids)[claim.closed]]))
    claim.items = every
    claim.slot = np.searchsorted(every, id_array)
    claim.closed_slot = np.searchsorted(every, np.array(config.closed_ids)).clip(max=len(every) - 1)
    return claim


def _quotations(text: str, marks: Sequence[int]) -> list[tuple[int, int]]:
    """Which quotation marks of a sentence open and close one quotation, as pairs of indices into `marks`.

    Curly marks tell their side, straight ones by the blanks around them. A mark that opens pairs with
    the next mark if that one closes: of nested quotations the inner one counts, and a mark without its
    opposite belongs to none. Marks with blanks on both sides pair in turn, if their number is even.
    """
    sides = []
    for at in marks:
        before, mark, behind = text[at - 1 : at] if at else " ", text[at], text[at + 1 : at + 2] or " "
        if mark in "\u201c\u201e\u00ab\u2018":
            sides.append("open")
        elif mark in "\u201d\u00bb\u2019":
            sides.append("close")
        elif before.isspace() and behind.isspace() and at:
            sides.append("close" if at == len(text.rstrip()) - 1 else "")
        else:
            sides.append("open" if before.isspace() or before in "([\u2014-" else "close")
    if "" in sides:
        return [(i, i + 1) for i in range(0, len(marks), 2)] if len(marks) % 2 == 0 else []
    return [(i, i + 1) for i in range(len(marks) - 1) if sides[i : i + 2] == ["open", "close"]]


@dataclass(frozen=True)
class Hypothesis:
    """A sentence being written.

    Attributes:
        pieces: Pieces written.
        score: Sum of natural log-probabilities.
        here: Source positions the last piece may have been copied from.
        joined: For each piece, whether it must follow the piece before it in the source.
        copies: For each piece, the step's log-probabilities of copying, (source,), and of its
            closed-vocabulary item.
        closed: Whether the last piece may have come from the closed vocabulary.
        quoted: Whether a quotation is open.
        words: Words begun.
        done: Whether the full stop has been written.
        weakest: Lowest log-probability of a piece.
    """

    pieces: tuple[int, ...] = ()
    score: float = 0.0
    here: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    joined: tuple[bool, ...] = ()
    copies: tuple[tuple[NDArray[np.float32], float], ...] = ()
    closed: bool = True
    quoted: bool = False
    words: int = 0
    done: bool = False
    weakest: float = 0.0


@dataclass(frozen=True)
class Marks:
    """Piece ids of the marks the rules speak of."""

    comma: int
    stop: int
    question: int
    shout: int
    quote: int

    @property
    def all(self) -> frozenset[int]:
        """All of them."""
        return frozenset((self.comma, self.stop, self.question, self.shout, self.quote))


class Move(NamedTuple):
    """One way for a hypothesis to go on; made for every option, so kept light.

    Attributes:
        score: Sum of log-probabilities with it.
        piece: The piece it writes.
        where: Positions it may be copied from, or a mask over all positions to choose from.
        joined: Whether it must follow the last piece in the source.
        closed: Log-probability of it as a closed-vocabulary item, or 0 where it is none.
        words: Words begun with it.
        quoted: Whether a quotation is open after it.
        done: Whether it is the final full stop, or the mark that closes behind one.
    """

    score: float
    piece: int
    where: NDArray[np.int64] | NDArray[np.bool_]
    joined: bool
    closed: float
    words: int
    quoted: bool
    done: bool


_NOWHERE: NDArray[np.int64] = np.zeros(0, np.int64)


def _moves(
    claim: Claim,
    h: Hypothesis,
    copy: NDArray[np.float32],
    vocabulary: NDArray[np.float32],
    marks: Marks,
    min_words: int,
    max_words: int,
) -> list[Move]:
    """Every way the rules let `h` go on."""
    out: list[Move] = []
    last = h.pieces[-1] if h.pieces else CLS
    end = h.score + float(vocabulary[0])
    if h.done:  # a full stop has been written: only the end may follow
        return [Move(end, SEP, _NOWHERE, False, 0.0, h.words, False, True)]
    probability = np.exp(copy)

    def add(
        piece: int,
        value: float,
        where: NDArray[np.int64] | NDArray[np.bool_],
        *,
        joined: bool = False,
        closed: float = 0.0,
        begins: bool = False,
        quoted: bool = False,
        done: bool = False,
    ) -> None:
        if value > 1e-9:
            log = h.score + float(np.log(value))
            out.append(Move(log, piece, where, joined, closed, h.words + begins, quoted, done))

    if h.quoted:
        # Inside a quotation the words are given: the model only chooses where it ends.
        ended = (claim.can_end[h.here] & claim.may_close[h.here]) | (claim.span[h.here] < 0)
        if last != marks.quote and ended.any():
            value = float(probability[claim.quote == 2].sum())
            add(marks.quote, value, _NOWHERE, done=last == marks.stop and h.words >= min_words)
        if last in (marks.stop, marks.question, marks.shout):
            return out
        ahead = h.here + 1
        ahead = ahead[ahead < len(claim.ids)]
        ahead = ahead[claim.quoted[ahead]]
        for piece in set(claim.ids[ahead].tolist()):
            positions = ahead[claim.ids[ahead] == piece]
            begins = bool(claim.can_start[positions].any()) and piece not in marks.all
            if not (begins and h.words >= max_words + 12):
                value = float(probability[positions].sum())
                add(piece, value, positions, joined=True, begins=begins, quoted=True)
        return out

    inner = h.here[claim.goes_on[h.here]] + 1
    taken: set[int] = set()
    for piece in set(claim.ids[inner].tolist()):
        positions = inner[claim.ids[inner] == piece]
        taken.add(piece)
        add(piece, float(probability[positions].sum()), positions, joined=True)
    ended_at = h.here[claim.can_end[h.here]]
    if not (h.closed or not h.pieces or len(ended_at) or last in marks.all):
        return out
    allowed = claim.can_start
    if len(ended_at) and last not in marks.all and _capital_words(claim, ended_at).all():
        # After a capital ("Harbour") another capital must be the one that follows in a source.
        follow = np.zeros_like(allowed)
        follow[np.minimum(ended_at + 1, len(allowed) - 1)] = True
        allowed = allowed & (~claim.capital | follow)
    if len(ended_at) and not h.closed and claim.run_on[ended_at].all():
        # Every source goes on with a capital ("Harbour Master ..."): so must the output.
        forced = ended_at + 1
        for piece in set(claim.ids[forced].tolist()):
            positions = forced[claim.ids[forced] == piece]
            add(piece, float(probability[positions].sum()), positions, begins=True)
        return out
    if last == marks.comma:  # "...; the ministry insists" is not joined by a comma
        allowed = allowed & ~claim.new_clause
    # A piece that is a whole word and one that only begins a word are two ways to go on.
    size = len(claim.items)
    whole, part = allowed & claim.can_end, allowed & ~claim.can_end
    total, begun = np.zeros(size), np.zeros(size)
    np.add.at(total, claim.slot[whole], probability[whole])
    np.add.at(begun, claim.slot[part], probability[part])
    slots = claim.closed_slot[claim.closed]
    closed_log = np.zeros(size)
    closed_log[slots] = vocabulary[claim.closed]
    total[slots] += np.exp(vocabulary[claim.closed])

    def repeated(piece: int) -> bool:
        # Two sources joined badly say a thing twice: "a 10-day strike ... for 10 days".
        return piece in claim.limits and h.pieces.count(piece) >= claim.limits[piece]

    long_enough, too_long = h.words >= min_words, h.words >= max_words
    after_mark = last in (marks.comma, marks.question, marks.shout)
    for k in np.argsort(-total, kind="stable")[:16].tolist():
        piece = int(claim.items[k])
        value = float(total[k])
        if value <= 1e-9:
            break
        if piece in taken or piece in (SEP, last, marks.quote, marks.question, marks.shout):
            continue
        if piece == marks.stop:
            if long_enough and last != marks.comma:
                add(piece, value, _NOWHERE, done=True)
        elif piece == marks.comma:
            if h.pieces and not after_mark:
                add(piece, value, _NOWHERE)
        elif not too_long and not repeated(piece):
            add(piece, value, whole, closed=float(closed_log[k]), begins=True)
    for k in np.argsort(-begun, kind="stable")[:8].tolist():
        piece = int(claim.items[k])
        if not too_long and piece not in taken and piece != last and not repeated(piece):
            add(piece, float(begun[k]), part, begins=True)
    if long_enough and last == marks.stop and len(ended_at):
        # "... in the U.S." ends with the abbreviation's own full stop.
        out.append(Move(end, SEP, _NOWHERE, False, 0.0, h.words, False, True))
    if not too_long and last != marks.quote:
        opens = np.flatnonzero(claim.quote == 1)
        add(marks.quote, float(probability[opens].sum()), opens, quoted=True)
    return out


def _repeats(pieces: tuple[int, ...], piece: int) -> bool:
    """Whether `piece` would write three pieces a second time."""
    if len(pieces) < 4:
        return False
    three = (pieces[-2], pieces[-1], piece)
    return any(pieces[i : i + 3] == three for i in range(len(pieces) - 2))


def _follow(claim: Claim, h: Hypothesis, move: Move, copy: NDArray[np.float32]) -> Hypothesis:
    """The hypothesis after `move`."""
    weakest = min(h.weakest, move.score - h.score)
    if move.piece == SEP:
        return replace(h, pieces=(*h.pieces, SEP), score=move.score, weakest=weakest)
    where = move.where
    if where.dtype == np.bool_:
        where = np.flatnonzero(where & (claim.ids == move.piece))
    return Hypothesis(
        (*h.pieces, move.piece),
        move.score,
        cast("NDArray[np.int64]", where),
        (*h.joined, move.joined),
        (*h.copies, (copy, move.closed)),
        move.closed < 0,
        move.quoted,
        move.words,
        move.done,
        weakest,
    )


def _capital_words(claim: Claim, ended: NDArray[np.int64]) -> NDArray[np.bool_]:
    firsts = np.array([claim.spans[s].first if s >= 0 else 0 for s in claim.span[ended]])
    return cast("NDArray[np.bool_]", claim.capital[firsts])


@contextmanager
def _one_thread() -> Iterator[None]:
    """Use one torch thread for a while.

    The products of a decoding step are too small to share: on two busy cores two threads took eight
    times the processor time of one. And one thread adds up in one order, on a machine of any size.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@_one_thread()
def search(
    model: FusionModel,
    sources: Sequence[Sequence[str]],
    *,
    ratio: float | Sequence[float],
    beams: int,
    min_words: int,
    max_words: int,
    keep: int | None,
) -> list[tuple[Candidate, ...]]:
    """See `FusionModel.fuse`."""
    if not sources:
        return []
    ratios = [float(ratio)] * len(sources) if isinstance(ratio, int | float) else [float(r) for r in ratio]
    if len(ratios) != len(sources):
        raise ValueError(f"{len(sources)} claims but {len(ratios)} ratios")
    model.train(False)
    config = model.config
    tokenizer = load_tokenizer()
    marks = Marks(*(cast(int, tokenizer.token_to_id(c)) for c in ',.?!"'))
    claims = [prepare(texts, model) for texts in sources]
    encoded = _encode(claims, model)
    width = encoded.ids.shape[1]
    bucket = torch.tensor([ratio_bucket(r) for r in ratios])
    live: list[list[Hypothesis]] = [[Hypothesis()] for _ in claims]
    finished: list[list[Hypothesis]] = [[] for _ in claims]
    active = list(range(len(claims)))  # the claims still being written, one row of the batch each
    caches: list[tuple[torch.Tensor, torch.Tensor]] = []
    pieces = torch.full((len(claims), beams), CLS, dtype=torch.int64)
    history = torch.full((len(claims), beams, 4), -1, dtype=torch.int64)
    history[:, :, 3] = CLS
    used = torch.zeros(len(claims), beams, width)
    for position in range(config.max_target_pieces - 1):
        out = model.step(pieces, position, encoded, bucket, caches, history, used)
        # Rounded, so that the order of sums inside a matrix product cannot turn a tie.
        copy = np.round(out.copy.numpy(), 4)
        vocabulary = np.round(out.vocabulary.numpy(), 4)
        parents = torch.zeros(len(active), beams, dtype=torch.int64)
        for row, i in enumerate(active):
            claim = claims[i]
            size = len(claim.ids)
            pool: list[tuple[Move, int]] = []
            for k, h in enumerate(live[i]):
                ways = _moves(claim, h, copy[row, k, :size], vocabulary[row, k], marks, min_words, max_words)
                ways.sort(key=lambda move: (-move.score, move.piece))
                pool += [(move, k) for move in ways[: beams + 1]]
            pool.sort(key=lambda item: (-item[0].score, item[1], item[0].piece))
            found: list[tuple[int, Hypothesis]] = []
            known: set[tuple[tuple[int, ...], bool]] = set()
            for move, k in pool:
                h = live[i][k]
                if not move.joined and _repeats(h.pieces, move.piece):
                    continue
                fresh = _follow(claim, h, move, copy[row, k, :size])
                key = (fresh.pieces, not fresh.closed and not claim.can_end[fresh.here].any())
                if key in known:
                    continue
                known.add(key)
                if move.piece == SEP:
                    finished[i].append(fresh)
                else:
                    found.append((k, fresh))
            chosen = _spread(found, beams, lambda item: item[1].pieces[:_FAMILY])
            kept = [h for _, h in chosen]
            parents[row, : len(chosen)] = torch.tensor([k for k, _ in chosen], dtype=torch.int64)
            # Done when no open hypothesis can still beat the worst finished one worth keeping.
            finished[i].sort(key=lambda f: (-f.score / len(f.pieces), f.pieces))
            best = _spread(finished[i], beams, lambda f: f.pieces[:_FAMILY], fill=False)
            if len(best) >= beams and kept:
                hope = max(h.score / (len(h.pieces) + 1) for h in kept)
                if hope < best[-1].score / len(best[-1].pieces):
                    kept = []
            live[i] = kept
        going = torch.tensor([row for row, i in enumerate(active) if live[i]], dtype=torch.int64)
        if not len(going):
            break
        if len(going) < len(active):
            encoded, bucket = encoded.rows(going), bucket[going]
            active = [active[row] for row in going.tolist()]
        beam = (parents + torch.arange(len(parents))[:, None] * beams)[going].view(-1)
        caches = [(key[beam], value[beam]) for key, value in caches]
        used = used.view(-1, width)[beam].view(len(active), beams, width)
        tails = [
            [(-1, -1, -1, CLS, *h.pieces)[-4:] for h in live[i]] + [(SEP,) * 4] * (beams - len(live[i])) for i in active
        ]
        history = torch.tensor(tails)
        pieces = history[:, :, 3]
        used = torch.maximum(used, (encoded.ids[:, None, :] == pieces[:, :, None]).float())
    results = []
    for i, claim in enumerate(claims):
        candidates: list[Candidate] = []
        texts: set[str] = set()
        for h in finished[i]:
            if len(candidates) == 2 * beams:
                break
            candidate = _write(claim, h, marks, model)
            if candidate is not None and candidate.text not in texts:
                texts.add(candidate.text)
                candidates.append(candidate)
        candidates = _spread(candidates, beams, lambda c: tuple(w.text for w in c.words[:2]))
        candidates.sort(key=lambda c: (-c.score, c.text))
        if keep is not None:
            candidates = candidates[:keep]
        results.append(tuple(candidates))
    return results


def _encode(claims: Sequence[Claim], model: FusionModel) -> Encoded:
    width = max(len(c.ids) for c in claims)
    source = torch.zeros(len(claims), width, dtype=torch.int64)
    sentence = torch.zeros(len(claims), width, dtype=torch.int64)
    for i, claim in enumerate(claims):
        source[i, : len(claim.ids)] = torch.from_numpy(claim.ids)
        sentence[i, : len(claim.ids)] = torch.from_numpy(claim.sentence)
    return model.encode(source, sentence, torch.from_numpy(np.stack([c.closed for c in claims])))


def _spread(items: Sequence[T], count: int, family: Callable[[T], object], fill: bool = True) -> list[T]:
    """The first `count` of `items`, but at most half of them of one family, so that one opening does
    not crowd out the others; with `fill`, left places go to the first ones left over."""
    taken: list[int] = []
    sizes: dict[object, int] = {}
    for n, item in enumerate(items):
        if len(taken) == count:
            break
        name = family(item)
        if sizes.get(name, 0) < (count + 1) // 2:
            sizes[name] = sizes.get(name, 0) + 1
            taken.append(n)
    if fill:
        chosen = set(taken)
        taken += [n for n in range(len(items)) if n not in chosen][: count - len(taken)]
    return [items[n] for n in sorted(taken)]


def _path(claim: Claim, h: Hypothesis, marks: Marks) -> list[int]:
    """The source position of each piece, -1 for the closed vocabulary: the likeliest path.

    Viterbi over the positions that hold each piece: pointer log-probability, less a cost for each
    step that does not run on in the same source, and for words in capitals.
    """
    pieces = [p for p in h.pieces if p != SEP]
    size = len(claim.ids)
    order = np.arange(size)
    best: NDArray[np.float64] = np.zeros(size + 1)  # the last entry is the closed vocabulary
    back: list[NDArray[np.int64]] = []
    for t, piece in enumerate(pieces):
        copy, closed = h.copies[t]
        emission = np.full(size + 1, -np.inf)
        match = (claim.ids == piece) & (claim.span >= 0)
        if not h.joined[t]:
            match &= claim.can_start
        if t + 1 == len(pieces) or not h.joined[t + 1]:
            match &= claim.can_end
        if piece in marks.all or h.joined[t]:
            match |= (claim.ids == piece) & (claim.span < 0)
        emission[:size][match] = copy[match] - _CAPITALS * 3 * claim.shouted[match]
        free = closed < 0 or not match.any()
        if free:
            # A word that a source has is cited from there, unless that breaks a run.
            emission[size] = closed - 2.0 * bool(match.any()) if closed < 0 else -20.0
        if t == 0:
            previous = np.full(size + 1, -1)
            value = emission
        else:
            value = np.full(size + 1, -np.inf)
            previous = np.zeros(size + 1, np.int64)
            run = np.full(size, -np.inf)
            run[1:] = best[: size - 1]
            top = int(np.argmax(best))
            jump = best[top] - _JUMP
            # Marks and closed words between do not break a run: they carry the place along.
            stay = best[size]
            for p in np.flatnonzero(np.isfinite(emission[:size])):
                choices = [(run[p], int(p) - 1)]
                if not h.joined[t]:
                    choices += [(jump, top), (stay - 0.5, size)]
                    same = (claim.sentence == claim.sentence[p]) & (order < p)
                    if same.any():
                        near = int(np.argmax(np.where(same, best[:size], -np.inf)))
                        choices.append((best[near] - _SKIP, near))
                score, source = max(choices)
                value[p], previous[p] = score + emission[p], source
            if np.isfinite(emission[size]):
                value[size], previous[size] = best[top] + emission[size], top
        back.append(previous)
        best = value
    if not np.isfinite(best).any():
        return []
    at = int(np.argmax(best))
    path = [at]
    for previous in reversed(back[1:]):
        at = int(previous[at])
        path.append(at)
    path.reverse()
    return [-1 if p == size else p for p in path]


def _write(claim: Claim, h: Hypothesis, marks: Marks, model: FusionModel) -> Candidate | None:
    """The sentence of a finished hypothesis, or None when its path breaks a rule."""
    pieces = [p for p in h.pieces if p != SEP]
    path = _path(claim, h, marks)
    if not path:
        return None
    tokenizer = load_tokenizer()
    groups: list[list[int]] = []
    for t in range(len(pieces)):
        inside = h.joined[t] and path[t] >= 0 and claim.span[path[t]] >= 0 and bool(groups)
        if inside and path[t - 1] == path[t] - 1 and claim.span[path[t - 1]] == claim.span[path[t]]:
            groups[-1].append(t)
        else:
            groups.append([t])
    texts: list[tuple[str, int, int, int, bool]] = []  # text, source, start, end, is word
    opened = '"'
    quoted = False
    for group in groups:
        piece, p = pieces[group[0]], path[group[0]]
        if piece == marks.quote:
            if not quoted:
                mark = claim.texts[claim.sentence[p]][claim.starts[p]] if p >= 0 else '"'
                opened = mark
                texts.append(("\u201c" if mark in "\u201c\u201e\u2018" else '"', -1, 0, 0, False))
            else:
                texts.append(("\u201d" if opened in "\u201c\u201e\u2018" else '"', -1, 0, 0, False))
            quoted = not quoted
        elif piece in marks.all and not h.joined[group[0]]:
            texts.append((cast(str, tokenizer.id_to_token(piece)), -1, 0, 0, False))
        elif p < 0:
            texts.append((cast(str, tokenizer.id_to_token(piece)), -1, 0, 0, True))
        else:
            source = int(claim.sentence[p])
            a, b = int(claim.starts[p]), int(claim.ends[path[group[-1]]])
            texts.append((claim.texts[source][a:b], source, a, b, claim.span[p] >= 0))
    if quoted:
        return None
    written = ""
    words: list[Word] = []
    last_source, last_end, inside = -1, -1, False
    for n, (found, source, a, b, is_word) in enumerate(texts):
        text = found
        mark = not is_word and source < 0
        opening = mark and text in ('"', "\u201c") and not inside
        closing = mark and text in ('"', "\u201d") and inside
        if mark and (opening or closing):
            inside = not inside
        blank = " "
        if (
            not written
            or closing
            or (mark and not opening)
            or written.endswith("\u201c")
            or (n and not texts[n - 1][4] and texts[n - 1][0] == '"' and inside and not opening)
        ):
            blank = ""
        elif source >= 0 and source == last_source and a >= last_end >= 0:
            between = claim.plain[source][last_end:a]
            blank = "" if between == "" else " "
        if is_word:
            if not inside or not words:  # a quotation keeps its own capitals
                text = _case(claim, text, source, a, not words, model)
            words.append(
                Word(
                    text,
                    len(written) + len(blank),
                    len(written) + len(blank) + len(text),
                    source if source >= 0 else None,
                    a if source >= 0 else None,
                    b if source >= 0 else None,
                )
            )
        last_source, last_end = source, b
        written += blank + text
    if not words or not re.search(r"\.[\"\u201d]?$", written):
        return None
    score = h.score / len(h.pieces)
    return Candidate(written, score, tuple(words), _jumps(claim, words), _agreement(claim, words), h.weakest)


def _agreement(claim: Claim, words: Sequence[Word]) -> float:
    """Mean share of the sources that hold a content word of the sentence, by stem."""
    held = [{stem(w) for w in re.findall(r"[a-z0-9]+", text.lower())} for text in claim.plain]
    shares = [
        sum(stem(w) in have for have in held) / len(held)
        for word in words
        for w in re.findall(r"[a-z0-9]+", normalise(word.text).lower())
        if w not in FUNCTION_WORDS and len(w) > 1
    ]
    return sum(shares) / len(shares) if shares else 0.0


def _case(claim: Claim, text: str, source: int, start: int, leads: bool, model: FusionModel) -> str:
    """`text` in the case it should have here; `leads` for the first word of the sentence."""
    if source >= 0:
        position = int(np.flatnonzero((claim.sentence == source) & (claim.starts == start) & (claim.span >= 0))[0])
        span = claim.spans[claim.span[position]]
        if claim.shouted[span.first]:
            text = _quiet(claim, text, position, model)
        elif span.opening and not leads and text[:1].isupper() and not _is_name(claim, text, position, model):
            text = text[:1].lower() + text[1:]
    if leads and text[:1].islower() and not any(c.isupper() for c in text[1:2]):
        text = text[:1].upper() + text[1:]
    return text


def _elsewhere(claim: Claim, text: str) -> list[str]:
    """How the word is written inside the sentences of the claim, openings and capitals left out."""
    wanted = text.lower().removesuffix("'s")
    out = []
    for span in claim.spans:
        found = claim.texts[span.source][span.start : span.end]
        if (
            not span.opening
            and not claim.shouted[span.first]
            and claim.plain[span.source][span.start : span.end].lower().removesuffix("'s") == wanted
        ):
            out.append(found[: len(text)])
    return out


def _is_name(claim: Claim, text: str, position: int, model: FusionModel) -> bool:
    """Whether the first word of a source sentence keeps its capital inside a sentence."""
    if text == "I" or any(c.isupper() or c.isdigit() for c in text[1:]):
        return True
    known = _elsewhere(claim, normalise(text))
    if known:
        return any(w[:1].isupper() for w in known)
    return not bool(cast(torch.Tensor, model.small)[claim.ids[position]])


def _quiet(claim: Claim, text: str, position: int, model: FusionModel) -> str:
    """A word of a run of capitals, as the other sources write it, else as a name or small."""
    for found in _elsewhere(claim, normalise(text)):
        if len(found) == len(text):
            return found
    if bool(cast(torch.Tensor, model.small)[claim.ids[position]]):
        return text.lower()
    return text if len(text) < 4 else text[:1] + text[1:].lower()


def _jumps(claim: Claim, words: Sequence[Word]) -> Jumps:
    """Count the jumps of the copied words, closed words left out."""
    index = {(s.source, s.start): n for n, s in enumerate(claim.spans)}
    stems = [stem(re.sub(r"'s?$", "", claim.plain[s.source][s.start : s.end].lower())) for s in claim.spans]
    run = [
        index[w.source, w.source_start]
        for w in words
        if w.source is not None and w.source_start is not None and (w.source, w.source_start) in index
    ]
    deletions = switches = unanchored = 0
    for a, b in pairwise(run):
        one, two = claim.spans[a], claim.spans[b]
        if one.source == two.source and b == a + 1:
            continue
        if one.source == two.source and b > a:
            deletions += 1
            continue
        switches += 1
        before = {stems[n] for n in range(max(0, b - 3), b) if claim.spans[n].source == two.source}
        after = {stems[n] for n in range(a + 1, min(len(stems), a + 4)) if claim.spans[n].source == one.source}
        if stems[a] not in before and stems[b] not in after:
            unanchored += 1
    return Jumps(deletions, switches, unanchored)
