"""Fusion pairs: (one to four sentences that report one fact) -> the sentence that says it.

Pairs are cut from news collections by lexical alignment alone, because a million sentences are too
many for a sentence encoder on two cores. Four kinds, each under the same rules of cleanliness:

- ``claim``: a sentence of one outlet as the target, sentences of *other* outlets on the same day or
  up to two days off as the sources, kept where the sources cover the target (self-supervised).
- ``best``: the same claim with the target itself among the sources: teaches to give a full,
  informative sentence when a full length is asked for.
- ``highlight``: an editor's highlight and the article sentences that carry it (compression).
- ``roundup``: a sentence of a neutral roundup and the outlets' sentences that carry it.
- ``graft``: a claim's sentence of which one phrase was cut out; another outlet's sentence has the
  phrase, and the target is the whole sentence again.
- ``halves``: one sentence reported twice, each time without another phrase; the target is the whole
  sentence. It teaches to change sources only where the words on both sides are shared.
- ``editors``: claims and sentences written for the purpose, with their own split; ``supported``: further true
  sentences of theirs, which need not be the best.

The output is JSON lines: ``{"sources": [...], "target": "...", "kind": "...", "group": "..."}``;
``group`` names the event, so that validation never shares an event with training.

Run: ``python -m summarize.training.pairs --data FOLDER --out FOLDER``.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sentencex import segment
from sklearn.feature_extraction.text import TfidfVectorizer

from summarize.models.fusion import normalise, stem

_WORD = re.compile(r"[A-Za-z0-9]+(?:[.,'-][A-Za-z0-9]+)*")
_NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred "
    "thousand million billion trillion dozen dozens hundreds thousands millions billions half "
    "twice third quarter".split()
)
_MEANING = frozenset(  # words that turn a statement round; they are never ignored as stop words
    "not no never none nor neither without cannot nothing nobody may might could would should will "
    "must can unless until before after against despite although because if or".split()
)
_STOP = (
    frozenset(
        "a an the and but of in on at to for from by with as that which who whose whom where when "
        "while during amid over about between into since than this these those it its they their "
        "them there is are was were be been being has have had having do does did he she his her "
        "him hers said says say saying told tells according added adds reported reports also so "
        "such s t d ll re ve m what how one i we you our your my me us".split()
    )
    - _MEANING
)
_VERBS = frozenset(
    "is are was were be been has have had do does did will would can could may might must should "
    "said says say told tells made makes took takes gave gives got gets went goes came comes held "
    "holds met meets won wins lost loses led leads left leaves found finds began begins ran runs "
    "rose fell fall falls grew put puts cut cuts set sets hit hits shot died dies became becomes "
    "sent sends spent wrote writes spoke speaks broke struck drew fled sought brought built kept "
    "saw sees knew knows felt stood stands sat paid pays sold bought fought caught taught thought "
    "wants want plans plan calls call faces face vowed expects remains appears seems".split()
)
_OUTLET = re.compile(
    r"\b(?:CNN|MSNBC|CNBC|NPR|AP|Reuters|Fox News|ABC|NBC|CBS|PBS|BBC|AFP|HuffPost|Politico|POLITICO"
    r"|BuzzFeed|Breitbart|Newsmax|Axios|Bloomberg|TheBlaze|Vox|Slate|Salon|Townhall|Daily Caller"
    r"|Washington Times|Washington Examiner|Free Beacon|USA TODAY|USA Today|Associated Press"
    r"|Huffington Post|National Review|Newsweek|Guardian|Hill)\b|[Ii]nterview|\bread more\b|[Cc]lick|"
    r"[Ss]ubscri|[Nn]ewsletter|[Ss]ign up|[Pp]hoto\b|[Vv]ideo\b.*below|©|http|www\.|@|\||\[|\]"
)
_FIRST_PERSON = re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur|[Yy]ou|[Yy]our|[Mm]e|us)\b")
_OPENERS = re.compile(
    r"^(?:But|And|So|Yet|Still|Meanwhile|However|Also|He|She|It|They|That|This|These|Those|His|Her"
    r"|Their|There|Then|Instead|Moreover|Indeed|Here|Now|Or|Nor)\b"
)


@dataclass(frozen=True)
class Pair:
    """One training example.

    Attributes:
        sources: One to four sentences that report the target's fact, in no special order.
        target: The sentence to write.
        kind: ``claim``, ``best``, ``highlight`` or ``roundup``.
        group: The event or article; splits are made by it.
    """

    sources: tuple[str, ...]
    target: str
    kind: str
    group: str

    def to_json(self) -> str:
        """The pair as one line of JSON, without the line's end."""
        return json.dumps(
            {
                "sources": list(self.sources),
                "target": self.target,
                "kind": self.kind,
                "group": self.group,
            },
            ensure_ascii=False,
        )


class Tally:
    """How many pairs each rule dropped and how many were kept, by kind."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def drop(self, kind: str, rule: str) -> None:
        """Count one candidate of `kind` that fell to `rule`."""
        self.counts[kind, rule] += 1

    def keep(self, kind: str) -> None:
        """Count one pair kept."""
        self.counts[kind, "kept"] += 1

    def as_dict(self) -> dict[str, dict[str, int]]:
        """The counts as ``{kind: {rule: count}}``, sorted."""
        out: dict[str, dict[str, int]] = {}
        for (kind, rule), n in sorted(self.counts.items()):
            out.setdefault(kind, {})[rule] = n
        return out


def content_words(text: str) -> list[str]:
    """Lower-cased words of `text` that carry meaning (numbers, negations and modals included)."""
    out = []
    for match in _WORD.finditer(text):
        word = match.group().lower().removesuffix("'s")
        if word not in _STOP:
            out.append(word)
    return out


def is_number(word: str) -> bool:
    """Whether a lower-cased word is a number, in digits or spelled out."""
    return any(c.isdigit() for c in word) or any(p in _NUMBER_WORDS for p in word.split("-"))


def names(text: str) -> set[str]:
    """Lower-cased words written with a capital inside a sentence of cased text."""
    out = set()
    for match in _WORD.finditer(text):
        word = match.group()
        before = text[: match.start()].rstrip()
        if before and before[-1] not in ".?!:\"'(-" and any(c.isupper() for c in word):
            out.add(word.lower().removesuffix("'s"))
    return out


def coverage(target: str, sources: Sequence[str]) -> tuple[float, set[str]]:
    """Share of the target's content words found in the sources (by stem), and the ones missing."""
    have: set[str] = set()
    for source in sources:
        have.update(content_words(source))
    stems = {stem(w) for w in have}
    words = content_words(target)
    if not words:
        return 0.0, set()
    missing = {w for w in words if w not in have and (is_number(w) or w in _MEANING or stem(w) not in stems)}
    return 1.0 - sum(w in missing for w in words) / len(words), missing


def sentences(text: str) -> Iterator[str]:
    """The sentences of `text`, paragraphs first, normalised, without outer blanks."""
    for paragraph in text.split("\n"):
        if paragraph.strip():
            for sentence in segment("en", paragraph):
                yield normalise(sentence).strip()


def fault(sentence: str, *, cased: bool = True, low: int = 8, high: int = 42) -> str | None:
    """The rule by which `sentence` may not be a target, or None when it may."""
    words = sentence.split()
    if not low <= len(words) <= high:
        return "length"
    if sentence[-1] != "." and not sentence.endswith('."'):
        return "no full stop"
    if sentence.count('"') % 2:
        return "open quotation"
    if "(" in sentence or ")" in sentence or " — " in sentence or "[" in sentence:
        return "bracket or dash"
    lowered = [w.strip('.,;:"()').lower() for w in words]
    if not any(w in _VERBS or (w.endswith("ed") and len(w) > 4) for w in lowered):
        return "no verb"
    if "..." in sentence or "•" in sentence:
        return "furniture"
    if cased:
        if not (sentence[0].isupper() or sentence[0] in '"$' or sentence[0].isdigit()):
            return "no capital"
        letters = [w for w in words if w[0].isalpha()]
        if letters and sum(w[0].isupper() for w in letters) > 0.6 * len(letters):
            return "headline"
        if _OUTLET.search(sentence):
            return "outlet's own line"
        bare = re.sub(r'"[^"]*"', "", sentence)
        if _FIRST_PERSON.search(bare):
            return "first person"
        if len(bare.split()) < 4:
            return "all quotation"
    return None


def usable_source(sentence: str) -> bool:
    """Whether a sentence may be a source: a whole sentence of a sane length."""
    words = sentence.split()
    return (
        6 <= len(words) <= 60
        and sentence[-1] in '.?!"'
        and not re.search(r"http|www\.|©|\||\bread more\b|[Cc]lick here", sentence)
    )


_CUT = frozenset(
    "in on at to for from with by after before during amid over about between into since as while "
    "when that which who because despite through under against and following including according "
    "saying adding".split()
)


def cuttable(sentence: str) -> list[tuple[int, int]]:
    """Word ranges of `sentence` that read as phrases: from a preposition, conjunction or comma to
    just before the next one, three to ten words, outside quotations, never at the start."""
    words = sentence.split()
    quoted = np.cumsum([w.count('"') for w in words]) % 2
    marks = [
        i
        for i, w in enumerate(words)
        if i and (w.lower() in _CUT or words[i - 1].endswith(",")) and words[i - 1].lower() not in _CUT
    ] + [len(words)]
    out = []
    for x, a in enumerate(marks[:-1]):
        for b in marks[x + 1 : x + 4]:
            span = words[a:b]
            if a >= 4 and 3 <= b - a <= 10 and not any('"' in w for w in span) and not quoted[a - 1]:
                out.append((a, b))
    return out


def cut(sentence: str, start: int, end: int) -> str:
    """`sentence` without its words from `start` to `end`, its full stop kept."""
    words = sentence.split()
    rest = [*words[:start], *words[end:]]
    if end == len(words):
        rest[-1] = rest[-1].rstrip(",;:") + "."
    elif rest[start - 1].endswith(",") and words[end - 1].endswith(",") is False and start >= 1:
        rest[start - 1] = rest[start - 1].rstrip(",")
    return " ".join(rest)


def graft(target: str, sources: Sequence[str], rng: random.Random) -> tuple[str, ...] | None:
    """`target` without a phrase that one of `sources` holds, and that source; None when none does."""
    words = target.split()
    options = []
    for a, b in cuttable(target):
        phrase = content_words(" ".join(words[a:b]))
        if len(phrase) < 2:
            continue
        for source in sources:
            share, missing = coverage(" ".join(words[a:b]), [source])
            around = set(content_words(" ".join(words[max(0, a - 3) : a] + words[b : b + 3])))
            if share > 0.95 and not missing and around & set(content_words(source)):
                options.append((len(phrase), rng.random(), a, b, source))
    if not options:
        return None
    _, _, a, b, source = max(options)
    return cut(target, a, b), source


def halves(target: str, rng: random.Random) -> tuple[str, ...] | None:
    """Two reports of `target`, each without another phrase; None when it has no two phrases."""
    spans = cuttable(target)
    rng.shuffle(spans)
    for i, (a, b) in enumerate(spans):
        for c, d in spans[i + 1 :]:
            if b + 1 < c or d + 1 < a:  # words between them stay in both
                return cut(target, a, b), cut(target, c, d)
    return None


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a JSON-lines file, packed with xz or not."""
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8") as stream:
            for line in stream:
                yield json.loads(line)
    else:
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                yield json.loads(line)


def _jaccard(a: set[str], b: set[str]) -> float:
    return len(a & b) / max(1, len(a | b))


def claim_pairs(articles: Iterable[dict[str, Any]], tally: Tally, *, seed: int = 0, days: int = 2) -> Iterator[Pair]:
    """Pairs from articles of many outlets: hold one sentence of a claim out, write it from others.

    Articles within `days` days of one another whose TF-IDF vectors (first 250 words) have a cosine
    of 0.25 or more are neighbours. A sentence is aligned with the best sentence of each neighbour
    by TF-IDF cosine; the claim is the sentence and the aligned ones.

    Args:
        articles: Records with ``id``, ``text`` and ``published`` (ISO date); undated ones are left.
        tally: Receives what fell to which rule.
        seed: Seed of the draws (how many sources, near-copies, source order).
        days: Largest distance in days between neighbours.
    """
    rng = random.Random(seed)
    ids: list[str] = []
    dates: list[int] = []
    heads: list[str] = []
    bodies: list[list[str]] = []
    for record in articles:
        try:
            day = date.fromisoformat(record["published"][:10]).toordinal()
        except ValueError:
            tally.drop("article", "undated")
            continue
        body = [s for s in sentences(record["text"]) if usable_source(s)][:45]
        if len(body) < 3:
            tally.drop("article", "too short")
            continue
        tally.keep("article")
        ids.append(record["id"])
        dates.append(day)
        heads.append(" ".join([record.get("title", ""), *body][:14]))
        bodies.append(body)
    order = np.argsort(np.array(dates), kind="stable")
    day_of = np.array(dates)[order]
    large = len(ids) > 100  # shares of documents mean nothing in a handful
    min_df = 2 if large else 1
    head_matrix = TfidfVectorizer(
        sublinear_tf=True, min_df=min_df, max_df=0.1 if large else 1.0, stop_words="english", dtype=np.float32
    ).fit_transform([heads[i] for i in order])
    neighbours: dict[int, list[tuple[float, int]]] = {}
    for day in np.unique(day_of):
        lo, here = np.searchsorted(day_of, day), np.searchsorted(day_of, day, side="right")
        hi = np.searchsorted(day_of, day + days, side="right")
        close = (head_matrix[lo:here] @ head_matrix[lo:hi].T).tocoo()
        for i, j, value in zip(close.row, close.col, close.data, strict=True):
            if value >= 0.25 and lo + i < lo + j:
                a, b = int(order[lo + i]), int(order[lo + j])
                neighbours.setdefault(a, []).append((float(value), b))
                neighbours.setdefault(b, []).append((float(value), a))
    flat = [s for body in bodies for s in body]
    first = np.concatenate([[0], np.cumsum([len(b) for b in bodies])])
    matrix = TfidfVectorizer(
        sublinear_tf=True, min_df=min_df, max_df=0.2 if large else 1.0, stop_words="english", dtype=np.float32
    ).fit_transform(flat)
    seen: set[str] = set()
    group_of: dict[int, int] = {}
    for a in sorted(neighbours):  # an event is a connected run of neighbours
        if a not in group_of:
            stack = [a]
            while stack:
                x = stack.pop()
                if x not in group_of:
                    group_of[x] = a
                    stack.extend(b for v, b in neighbours[x] if v >= 0.4)
    for a in sorted(neighbours):
        near = sorted(b for _, b in sorted(neighbours[a], reverse=True)[:14])
        rows = np.concatenate([np.arange(first[b], first[b + 1]) for b in near])
        owner = np.concatenate([np.full(first[b + 1] - first[b], b) for b in near])
        scores = (matrix[first[a] : first[a + 1]] @ matrix[rows].T).toarray()
        for k, target in enumerate(bodies[a]):
            if scores[k].max() < 0.38:
                continue
            rule = fault(target)
            if rule is not None:
                tally.drop("claim", rule)
                continue
            key = re.sub(r"\W+", "", target.lower())
            if key in seen:
                tally.drop("claim", "repeated target")
                continue
            target_words = set(content_words(target))
            target_all = {w.lower() for w in _WORD.findall(target)}
            pool: list[tuple[float, str, bool]] = []
            taken: set[int] = set()
            keys = {key}
            for j in np.argsort(-scores[k], kind="stable")[:40]:
                value = float(scores[k, j])
                if value < 0.38:
                    break
                source = flat[rows[j]]
                source_key = re.sub(r"\W+", "", source.lower())
                if int(owner[j]) in taken or source_key in keys:
                    continue
                words = set(content_words(source))
                if len(words & target_words) < 0.4 * min(len(words), len(target_words)):
                    continue
                copy = _jaccard({w.lower() for w in _WORD.findall(source)}, target_all) > 0.85
                taken.add(int(owner[j]))
                keys.add(source_key)
                pool.append((value, source, copy))
            fresh = [s for _, s, copy in pool if not copy]
            copies = [s for _, s, copy in pool if copy]
            if copies and (not fresh or rng.random() < 0.2):
                fresh.insert(0, copies[0])
            if not fresh:
                tally.drop("claim", "no other wording")
                continue
            sources: list[str] = []
            for source in fresh[:6]:  # near-copies among the sources add nothing
                if all(
                    _jaccard(set(content_words(source)), set(content_words(s))) < 0.8 or rng.random() < 0.25
                    for s in sources
                ):
                    sources.append(source)
            sources = sources[: rng.choice((2, 3, 3, 4, 4))]
            share, missing = coverage(target, sources)
            needed = names(target) | {w for w in target_words if is_number(w) or w in _MEANING}
            # What is missing costs no more than a gap in the loss, so long as it is no name, number,
            # negation or modal; several sources may leave a little more out than one.
            least = 0.85 if len(sources) == 1 else 0.75
            if share < least:
                tally.drop("claim", "coverage under 0.85, or 0.75 of several sources")
                full = None
            elif missing & needed:
                tally.drop("claim", "name, number, negation or modal not in the sources")
                full = None
            else:
                full = sources
            group = f"claim-{group_of[a]}"
            if full is not None:
                if _OPENERS.match(target) and not any(s.split()[0] == target.split()[0] for s in full):
                    tally.drop("claim", "opens with a reference back")
                    continue
                seen.add(key)
                rng.shuffle(full)
                tally.keep("claim")
                yield Pair(tuple(full), target, "claim", group)
                if len(full) > 1 and rng.random() < 0.5:  # and once more with one report less
                    less = full[:-1]
                    share, missing = coverage(target, less)
                    if share >= least and not missing & needed:
                        tally.keep("claim")
                        yield Pair(tuple(less), target, "claim", group)
                continue
            grafted = None if _OPENERS.match(target) else graft(target, fresh[:6], rng)
            if grafted is not None:
                more = [s for s in sources if s != grafted[1]][: rng.choice((0, 1, 1, 2))]
                both = [*grafted, *more]
                rng.shuffle(both)
                tally.keep("graft")
                seen.add(key)
                yield Pair(tuple(both), target, "graft", group)
            elif (
                len(sources) >= 1
                and not _OPENERS.match(target)
                and len(target_words) >= 8
                and scores[k].max() >= 0.5
                and rng.random() < 0.3
            ):
                # The fullest wording of the claim, itself among the sources. Others may add less.
                others = [s for s in sources if len(content_words(s)) <= len(target_words) * 1.3][:3]
                if others:
                    seen.add(key)
                    both = [target, *others]
                    rng.shuffle(both)
                    tally.keep("best")
                    yield Pair(tuple(both), target, "best", group)


def made_pairs(articles: Iterable[dict[str, Any]], tally: Tally, *, seed: int = 0) -> Iterator[Pair]:
    """``halves``: at most one pair an article, made from a single sentence of it.

    Args:
        articles: Records with ``id`` and ``text``, cased.
        tally: Receives what fell to which rule.
        seed: Seed of the draws.
    """
    rng = random.Random(seed)
    for record in articles:
        body = list(sentences(record["text"]))[:40]
        rng.shuffle(body)
        for sentence in body:
            if _OPENERS.match(sentence) or fault(sentence, low=14, high=40) is not None:
                continue
            both = halves(sentence, rng)
            if both is None:
                tally.drop("halves", "no two phrases")
                continue
            tally.keep("halves")
            yield Pair(both, sentence, "halves", f"made-{record['id']}")
            break


def editors_pairs(records: Iterable[dict[str, Any]], tally: Tally) -> Iterator[Pair]:
    """Pairs of written records: every target, and every other true sentence, of those of the ``train`` split.

    Args:
        records: Records with ``id``, ``split``, ``sources``, ``targets`` and perhaps ``supported``.
        tally: Receives what fell to which rule.
    """
    for record in records:
        if record["split"] != "train":
            tally.drop("editors", "validation or test split")
            continue
        sources = tuple(normalise(s) for s in record["sources"])
        for kind, texts in (("editors", record["targets"]), ("supported", record.get("supported", ()))):
            for text in texts:
                tally.keep(kind)
                yield Pair(sources, normalise(text), kind, f"editors-{record['id']}")


def detokenise(text: str) -> str:
    """Tokenised, lower-cased news text as running text: spaces, clitics, brackets and quotes."""
    text = text.replace("-lrb-", "(").replace("-rrb-", ")").replace("``", '"').replace("''", '"')
    text = re.sub(r" (n't|'(?:s|re|ve|ll|d|m))\b", r"\1", text)
    text = re.sub(r" ([,.;:!?%)])", r"\1", text)
    text = re.sub(r"([($£€]) ", r"\1", text)
    text = re.sub(r"(\w) - (\w)", r"\1-\2", text)
    text = text.replace(" -- ", " — ")
    out, open_ = [], False
    parts = text.split('"')
    for i, part in enumerate(parts):
        if i:
            open_ = not open_
            out.append('"')
        left = part.lstrip() if i and open_ else part
        out.append(left.rstrip() if i + 1 < len(parts) and open_ else left)
    return re.sub(r"  +", " ", "".join(out)).strip()


def _split_tokenised(text: str) -> list[str]:
    out: list[str] = []
    current: list[str] = []
    quoted = False
    tokens = text.split()
    for i, token in enumerate(tokens):
        current.append(token)
        if token == '"':
            quoted = not quoted
            if not quoted and len(current) > 1 and current[-2] in ".?!":
                out.append(" ".join(current))
                current = []
        elif token in (".", "?", "!") and not (quoted and i + 1 < len(tokens) and tokens[i + 1] == '"'):
            out.append(" ".join(current))
            current, quoted = [], False
    if current:
        out.append(" ".join(current))
    return out


def highlight_pairs(articles: Iterable[dict[str, Any]], tally: Tally, *, seed: int = 0) -> Iterator[Pair]:
    """Pairs of an editor's highlight and the one to three article sentences that carry it.

    Args:
        articles: Records with ``id``, ``text`` (lower-cased, tokenised) and ``highlights``.
        tally: Receives what fell to which rule.
        seed: Seed of the draws (distractors, source order).
    """
    rng = random.Random(seed)
    for record in articles:
        body = [normalise(detokenise(s)) for s in _split_tokenised(record["text"])]
        body = [s for s in body if usable_source(s)][:60]
        sets = [set(content_words(s)) for s in body]
        stemmed = [{stem(w) for w in words} for words in sets]
        for raw in record["highlights"]:
            target = normalise(detokenise(raw)).strip()
            if re.match(r"^(?:new|update|exclusive|opinion)\b *:", target):
                tally.drop("highlight", "label")
                continue
            if not target.endswith((".", '."')):
                target += "."
            rule = fault(target, cased=False, low=7, high=34)
            if rule is not None:
                tally.drop("highlight", rule)
                continue
            words = target.rstrip(".").split()
            if not any(w in ("the", "a", "an", "is", "are", "was", "were", "has", "have", "had") for w in words):
                tally.drop("highlight", "headline")
                continue
            if _FIRST_PERSON.search(re.sub(r'"[^"]*"', "", target)) or " i " in target or ":" in target:
                tally.drop("highlight", "first person")
                continue
            wanted = set(content_words(target))
            wanted_stems = {stem(w) for w in wanted}
            if len(wanted) < 4 or not body:
                tally.drop("highlight", "length")
                continue
            hits = np.array([len(wanted_stems & s) for s in stemmed], dtype=np.float64)
            best = int(np.argmax(hits))
            chosen = [best]
            share, missing = coverage(target, [body[best]])
            if share < 0.9:
                # A second sentence joins only if it tells the same fact: it shares with the first.
                left = {stem(w) for w in missing}
                for j in np.argsort(-hits, kind="stable")[:8]:
                    if j == best or not left & stemmed[j]:
                        continue
                    shared = len(stemmed[j] & stemmed[best] & wanted_stems)
                    if shared < 3 or hits[j] < 0.5 * len(wanted_stems):
                        continue
                    chosen.append(int(j))
                    share, missing = coverage(target, [body[i] for i in chosen])
                    left = {stem(w) for w in missing}
                    if share >= 0.9 or len(chosen) == 3:
                        break
            if share < 0.86:
                tally.drop("highlight", "coverage under 0.86")
                continue
            if any(is_number(w) or w in _MEANING for w in missing):
                tally.drop("highlight", "name, number, negation or modal not in the sources")
                continue
            if not set(words) & set(body[best].rstrip(".").split()) - {"the"}:
                tally.drop("highlight", "coverage under 0.86")
                continue
            sources = [body[i] for i in chosen]
            if len(sources) == 1 and rng.random() < 0.35:  # the nearest other sentence distracts
                for j in np.argsort(-hits, kind="stable")[1:2]:
                    if hits[j] >= 3:
                        sources.append(body[int(j)])
            rng.shuffle(sources)
            tally.keep("highlight")
            yield Pair(tuple(sources), target, "highlight", f"highlight-{record['id']}")


def roundup_pairs(records: Iterable[dict[str, Any]], tally: Tally, *, seed: int = 0) -> Iterator[Pair]:
    """Pairs of a roundup's sentence and the outlets' lead sentences that carry it.

    Args:
        records: Records with ``id``, ``articles`` (each with ``text``) and ``summaries``.
        tally: Receives what fell to which rule.
        seed: Seed of the source order.
    """
    rng = random.Random(seed)
    for record in records:
        outlets = [[s for s in sentences(a["text"]) if usable_source(s)] for a in record["articles"]]
        for target in sentences(" ".join(record["summaries"])):
            rule = fault(target)
            if rule is not None:
                tally.drop("roundup", rule)
                continue
            wanted = {stem(w) for w in content_words(target)}
            ranked: list[tuple[float, str]] = []
            for body in outlets:
                scored = [(len(wanted & {stem(w) for w in content_words(s)}) / max(1, len(wanted)), s) for s in body]
                if scored:
                    ranked.append(max(scored))
            ranked.sort(reverse=True)
            sources = [s for value, s in ranked if value >= 0.4][:4]
            share, missing = coverage(target, sources)
            if share < 0.75:
                tally.drop("roundup", "coverage under 0.75")
                continue
            if missing & names(target) or any(is_number(w) or w in _MEANING for w in missing):
                tally.drop("roundup", "name, number, negation or modal not in the sources")
                continue
            rng.shuffle(sources)
            tally.keep("roundup")
            yield Pair(tuple(sources), target, "roundup", f"roundup-{record['id']}")


def is_validation(group: str, share: float = 0.03) -> bool:
    """Whether an event belongs to validation; fixed for ever by the group's name."""
    return zlib.crc32(group.encode()) % 10_000 < share * 10_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Write train.jsonl, validation.jsonl and tally.json from a folder of collections."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with allsides/, cnndm/, neus/")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the pairs to")
    parser.add_argument("--editors", type=Path, nargs="*", default=[], help="folders of written records, part-*.jsonl")
    parser.add_argument("--limit", type=int, default=None, help="read at most this many records each")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    tally = Tally()

    def records(name: str) -> Iterator[dict[str, Any]]:
        for n, record in enumerate(read_records(options.data / name)):
            if options.limit is not None and n >= options.limit:
                return
            yield record

    with (
        (options.out / "train.jsonl").open("w", encoding="utf-8") as train,
        (options.out / "validation.jsonl").open("w", encoding="utf-8") as validation,
    ):
        written = [path for folder in options.editors for path in sorted(folder.glob("part-*.jsonl"))]
        for pairs in (
            editors_pairs((r for path in written for r in read_records(path)), tally),
            claim_pairs(records("allsides/articles.jsonl.xz"), tally, seed=options.seed),
            made_pairs(records("allsides/articles.jsonl.xz"), tally, seed=options.seed),
            roundup_pairs(records("neus/train.jsonl"), tally, seed=options.seed),
            highlight_pairs(records("cnndm/train.jsonl.xz"), tally, seed=options.seed),
        ):
            for pair in pairs:
                held = pair.kind not in ("editors", "supported") and is_validation(pair.group)
                stream = validation if held else train
                stream.write(pair.to_json() + "\n")
    text = json.dumps(tally.as_dict(), indent=2)
    (options.out / "tally.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
