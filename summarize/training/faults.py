"""Sentences with one known fault, made from good ones, to teach the judge what to refuse.

Every maker takes a `Base` (a good sentence, the sources it follows from, and sentences that tell something else)
and returns a `Made` or None when the base offers no place for its fault. Faults are of the kinds that a model which
copies words makes: two sentences joined at a wrong place, a clause left without its verb, names or numbers changed
over, a "not" or "may" lost, words given to another speaker.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from summarize.text import content_words, names, numbers, same_name, same_number


@dataclass(frozen=True)
class Base:
    """A good sentence and what surrounds it.

    Attributes:
        text: The sentence.
        sources: Sentences it follows from.
        others: Sentences of the same story that tell something else; may be empty.
        cased: Whether names have capitals.
    """

    text: str
    sources: tuple[str, ...]
    others: tuple[str, ...] = ()
    cased: bool = True


@dataclass(frozen=True)
class Made:
    """A sentence to judge: labels are 1, 0, or None where it is not known."""

    text: str
    sources: tuple[str, ...]
    grammatical: int | None
    supported: int | None
    fault: str


Maker = Callable[[Base, random.Random, "Lexicon"], Made | None]

# --------------------------------------------------------------------------------------------- words

AUXILIARIES = frozenset(
    "is are was were has have had will would can could may might must should does did do isn't aren't wasn't weren't "
    "hasn't haven't hadn't won't wouldn't can't cannot couldn't doesn't didn't don't".split()
)
OPENERS = frozenset(
    "that who which whose when where while as after before because if unless until since although though whether but "
    "and than what how why or so said says say saying told believes believe believed think thinks thought know knows "
    "knew shows showed means meant added argued argues claimed claims insisted insists noted warned announced".split()
)
DETERMINERS = frozenset("the a an his her its their this these those our my your every each some any no".split())
PREPOSITIONS = frozenset(
    "of in on at to for from with by about over under into between against during through among amid toward towards "
    "without within near behind".split()
)
PRONOUNS = frozenset("he she they it we i who".split())
_ADVERBS = frozenset("also still now never then just all both not so once even ever often always soon".split())
FUNCTION = DETERMINERS | PREPOSITIONS | PRONOUNS | AUXILIARIES | OPENERS | _ADVERBS


def bare(word: str) -> str:
    """A word without the marks around it, lower-cased."""
    return word.strip(".,;:!?\"'()[]-—").lower()


def finish(words: Sequence[str]) -> str:
    """Words as a sentence: first letter large, one full stop, quotation marks only when they pair."""
    text = " ".join(w for w in words if w)
    text = text.rstrip(" ,;:-—.")
    if text.count('"') % 2:
        text = text.replace('"', "")
    text = text.rstrip(" ,;:-—")
    text += "" if text.endswith(('."', "!", "?")) else "."
    return text[:1].upper() + text[1:]


def lower_first(text: str, base: Base) -> str:
    """Text to stand inside a sentence: a first function word made small."""
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if not base.cased or bare(first) in FUNCTION else text


@dataclass
class Lexicon:
    """Which words are finite verbs, nouns and transitive verbs, counted by their neighbours in plain text."""

    count: Counter[str] = field(default_factory=Counter)
    after_pronoun: Counter[str] = field(default_factory=Counter)
    after_determiner: Counter[str] = field(default_factory=Counter)
    after_to: Counter[str] = field(default_factory=Counter)
    before_determiner: Counter[str] = field(default_factory=Counter)
    before_stop: Counter[str] = field(default_factory=Counter)

    @classmethod
    def learn(cls, texts: Iterable[str]) -> "Lexicon":
        """Count over texts."""
        lexicon = cls()
        for text in texts:
            raw = text.split()
            low = [bare(w) for w in raw]
            for i, word in enumerate(low):
                lexicon.count[word] += 1
                before = low[i - 1] if i and raw[i - 1][-1:].isalnum() else ""
                lexicon.after_pronoun[word] += before in PRONOUNS
                lexicon.after_determiner[word] += before in DETERMINERS
                lexicon.after_to[word] += before == "to"
                ends = raw[i][-1:] in ".,;"
                lexicon.before_stop[word] += ends
                after = low[i + 1] if i + 1 < len(low) and not ends else ""
                lexicon.before_determiner[word] += after in DETERMINERS
        return lexicon

    def finite(self, word: str) -> bool:
        """Whether the word is mostly a finite verb."""
        w = bare(word)
        if w in AUXILIARIES:
            return True
        n = self.count[w]
        if n < 5 or w in _ADVERBS or w in FUNCTION - OPENERS or w.endswith("ly") or not w.isalpha():
            return False
        return self.after_pronoun[w] > 0.06 * n and self.after_determiner[w] < 0.06 * n

    def noun(self, word: str) -> bool:
        """Whether the word is mostly a noun or an adjective: it follows determiners."""
        w = bare(word)
        n = self.count[w]
        return n >= 5 and self.after_determiner[w] > 0.12 * n and w not in FUNCTION and self.after_pronoun[w] < 0.03 * n

    def transitive(self, word: str) -> bool:
        """Whether the word is a verb that mostly has an object after it."""
        w = bare(word)
        n = self.count[w]
        verb = self.finite(w) or self.after_to[w] > 0.15 * n
        return n >= 8 and verb and self.before_determiner[w] > 0.3 * n and self.before_stop[w] < 0.06 * n


def verb_places(words: Sequence[str], lexicon: Lexicon) -> list[int]:
    """Indexes of finite verbs."""
    return [
        i
        for i, w in enumerate(words)
        if lexicon.finite(w) and not (i and bare(words[i - 1]) in ("to", *DETERMINERS)) and not w.istitle()
    ]


def main_verb(words: Sequence[str], lexicon: Lexicon) -> int | None:
    """Index of the first finite verb outside a relative clause, at least one word after the start."""
    skip = False
    for i, word in enumerate(words):
        low = bare(word)
        if low in ("who", "which", "that", "whose", "where", "when", "as", "after", "while", "if", "because", "since"):
            skip = True
            continue
        if i and lexicon.finite(word) and bare(words[i - 1]) not in ("to", *DETERMINERS) and not word.istitle():
            if low.endswith("ed") and i + 1 < len(words) and bare(words[i + 1]) in PREPOSITIONS:
                continue  # rather a participle: "an amendment offered by ..."
            if not skip:
                return i
            if low not in AUXILIARIES or word.endswith(","):
                skip = False
        if word.endswith(",") and skip and i > 2:
            skip = False
    return None


def awaits_verb(words: Sequence[str], lexicon: Lexicon) -> bool | None:
    """Whether a beginning of a sentence still wants a finite verb; None when it is hard to tell."""
    verbs = verb_places(words, lexicon)
    openers = [i for i, w in enumerate(words) if bare(w) in OPENERS]
    if not verbs:
        return None if any(bare(w).endswith("ed") and len(w) > 4 for w in words) else True
    last = openers[-1] if openers else -1
    if last > verbs[-1] or (verbs[-1] in openers):
        return None  # a clause has just been opened, or the verb takes a clause
    if openers and bare(words[openers[0]]) in ("who", "which", "that", "whose", "when", "after", "as", "while", "if"):
        return None
    return False


def continues_predicate(words: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether an end of a sentence begins with a verb whose subject stood before it."""
    for i, word in enumerate(words[:4]):
        if bare(word) in OPENERS - AUXILIARIES and not lexicon.finite(word):
            return False
        if lexicon.finite(word):
            return i == 0 or bare(words[i - 1]) not in PRONOUNS | {"to"}
        if word[-1:] in ",;:":
            return False
        if word[:1].isupper() or bare(word) in DETERMINERS | PRONOUNS:
            return False
    return False


def verbless(words: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether no word can be a finite verb."""
    return not any(
        lexicon.finite(w) or bare(w).endswith("ed") or (bare(w).endswith("s") and lexicon.after_to[bare(w)[:-1]] > 20)
        for w in words
    )


# ----------------------------------------------------------------------------------- broken grammar


def _pairs(base: Base, rng: random.Random) -> list[tuple[list[str], list[str], tuple[str, ...]]]:
    """Ordered pairs of sentences to splice, in words, with the sources they imply."""
    kin = list(dict.fromkeys([base.text, *base.sources]))
    pool = [*kin, *base.others[:4]]
    out = []
    for a in pool:
        for b in pool:
            if a != b:
                sources = base.sources if a in kin and b in kin else tuple(dict.fromkeys([*base.sources, a, b]))
                out.append((a.split(), b.split(), sources[:5]))
    rng.shuffle(out)
    return out[:8]


def _broken(head: list[str], tail: list[str], lexicon: Lexicon) -> bool:
    if bare(head[-1]) in AUXILIARIES | {"and", "but", "or", "not"}:
        return False
    waits = awaits_verb(head, lexicon)
    if waits is False and continues_predicate(tail, lexicon):
        return True
    return bool(waits) and verbless(tail, lexicon) and len(tail) > 2


def anchored_splice(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A beginning of one sentence and an end of another, joined at a word both have, with a broken clause."""
    for a, b, sources in _pairs(base, rng):
        where: dict[str, list[int]] = {}
        for j, word in enumerate(b):
            where.setdefault(bare(word), []).append(j)
        places = [(i, j) for i, w in enumerate(a) for j in where.get(bare(w), []) if i >= 1 and j < len(b) - 2]
        rng.shuffle(places)
        for i, j in places[:30]:
            head, tail = a[: i + 1], b[j + 1 :]
            apart = abs((i + 1) / len(a) - (j + 1) / len(b))
            if apart > 0.12 and head[-1][-1:].isalnum() and _broken(head, tail, lexicon):
                return Made(finish([*head, *tail]), sources, 0, None, "anchored_splice")
    return None


def loose_splice(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """The same without a shared word, which breaks most clauses; the two places are far apart."""
    for a, b, sources in _pairs(base, rng):
        for _ in range(6):
            i, j = rng.randrange(2, max(3, len(a) - 1)), rng.randrange(1, max(2, len(b) - 2))
            head, tail = a[:i], b[j:]
            if abs(i / len(a) - j / len(b)) < 0.25 or not head[-1][-1:].isalnum() or len(tail) < 3:
                continue
            if _broken(head, tail, lexicon) or bad_seam(head[-1], tail[0], lexicon):
                return Made(finish([*head, *tail]), sources, 0, None, "loose_splice")
    return None


def bad_seam(left: str, right: str, lexicon: Lexicon) -> bool:
    """Whether two neighbours cannot stand together: determiner before a verb or preposition, and the like."""
    a, b = bare(left), bare(right)
    if a in DETERMINERS - {"no", "this", "these", "those", "each", "some", "any", "her"}:
        return b in FUNCTION - {"no"} or (lexicon.finite(b) and b not in _ADVERBS)
    if a in PREPOSITIONS - {"in", "on", "over", "about", "to", "by", "through", "under", "near", "behind", "within"}:
        return b in AUXILIARIES | PREPOSITIONS | {"and", "but", "who", "said", "says"} or lexicon.finite(b)
    if a in ("he", "she", "they"):
        return b in PREPOSITIONS | DETERMINERS | {"and", "he", "she", "they", "it"} or lexicon.noun(b)
    if a in AUXILIARIES - {"did", "do", "does", "have", "had", "has"}:
        return (b in AUXILIARIES - {"have", "do"} and a not in ("was", "is", "are", "were")) or b in (
            "he",
            "said",
            "says",
        )
    return False


def self_splice(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """Part of the sentence told twice: "gave the order to his military gave the order at once"."""
    words = rng.choice([base.text, *base.sources]).split()
    if len(words) < 10:
        return None
    i = rng.randrange(5, len(words) - 1)
    j = rng.randrange(max(1, i - 9), i - 2)
    if words[i - 1][-1] in ",.;":
        return None
    return Made(finish([*words[:i], *words[j:]]), base.sources, 0, None, "repeated")


def double_attribution(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """ "According to the Kremlin says ...", "..., officials said, the ministry said." """
    who = _agent(base, rng)
    if who is None:
        return None
    text = base.text.rstrip(".")
    verb = rng.choice(("says", "said", "said that", "told", "announced"))
    shape = rng.randrange(5)
    if shape == 0:
        made = f"According to {who} {verb} {lower_first(text, base)}"
    elif shape == 1:
        words = text.split()
        cut = rng.randrange(len(words) // 2, len(words))
        other = rng.choice([base.text, *base.sources]).split()
        made = f"{' '.join(words[:cut])}, according to {who} {verb} {' '.join(other[rng.randrange(3) :])}"
    elif shape == 2:
        if not re.search(r"\b(?:said|says|according to)\b", text):
            return None
        made = f"{text}, {who} said, {rng.choice(['officials', 'police', who])} said"
        if text.count("said") == 0 and "according" not in text:
            return None
    elif shape == 3:
        words = text.split()
        cut = rng.randrange(2, len(words) - 1)
        made = f"{' '.join(words[:cut])}, in {who} said, {' '.join(words[cut:])}"
    else:
        made = f"{who} said {rng.choice(('according to', 'said', 'told', 'in'))} {lower_first(text, base)}"
    return Made(finish(made.split()), base.sources, 0, None, "double_attribution")


def truncation(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A stop in mid-phrase: after a function word, between an adjective and its noun, or before an object."""
    words = rng.choice([base.text, *base.sources]).split()
    places = []
    for i in range(4, len(words) - 1):
        before, after = bare(words[i]), bare(words[i + 1])
        if not words[i][-1].isalnum():
            continue
        open_end = before in DETERMINERS - {"this", "these", "those", "her", "some", "any", "each"}
        open_end |= before in PREPOSITIONS - {"in", "on", "over", "about", "through", "under", "near", "behind"}
        open_end |= before in AUXILIARIES | {"and", "or", "but", "because", "who", "which", "if", "than"}
        object_cut = lexicon.transitive(before) and (after in DETERMINERS or words[i + 1][:1].isupper())
        noun_cut = i > 1 and bare(words[i - 1]) in DETERMINERS and lexicon.noun(before) and lexicon.noun(after)
        if open_end or object_cut:
            places += [i, i] if object_cut else [i]
        elif noun_cut and lexicon.before_stop[before] < 0.04 * lexicon.count[before]:
            places += [i, i]
    if not places:
        return None
    return Made(finish(words[: rng.choice(places) + 1]), base.sources, 0, None, "truncated")


def verb_lost(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """The main verb, or the whole predicate from it to a later phrase, is gone."""
    words = rng.choice([base.text, base.text, *base.sources]).split()
    at = main_verb(words, lexicon)
    if at is None or at < 1:
        return None
    if rng.random() < 0.4:  # the subject alone, with what hangs on it
        rest = [i for i in range(at, len(words) - 3) if bare(words[i]) in PREPOSITIONS]
        if not rest:
            return None
        end = rng.choice(rest)
    else:
        end = at + 1
        while end < len(words) and lexicon.finite(words[end]):
            end += 1
    made = [*words[:at], *words[end:]]
    if len(made) < 5 or (main_verb(made, lexicon) is not None and not verbless(made[at:], lexicon) and end > at + 2):
        return None
    return Made(finish(made), base.sources, 0, None, "verb_lost")


def relative_only(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A subject with a relative clause or an apposition and nothing said of it."""
    words = rng.choice([base.text, *base.sources, *base.others[:2]]).split()
    at = main_verb(words, lexicon)
    if at is None or not 1 <= at <= 9 or any(w.endswith(",") for w in words[:at]):
        return None
    if bare(words[at - 1]) in PRONOUNS | OPENERS or bare(words[0]) in PREPOSITIONS | PRONOUNS | OPENERS:
        return None
    opening = " ".join(words[:at]) + rng.choice((", who", ", which", " that", " who"))
    return Made(finish([*opening.split(), *words[at:]]), base.sources, 0, None, "relative_only")


def subject_lost(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """The sentence begins with its verb ("Cautioned that ...") or without its article ("Promise came ...")."""
    words = rng.choice([base.text, *base.sources]).split()
    if rng.random() < 0.3 and bare(words[0]) in ("the", "a", "an") and len(words) > 6:
        follows = bare(words[1])
        if words[1][:1].islower() and not follows.endswith("s") and lexicon.noun(follows):
            return Made(finish(words[1:]), base.sources, 0, None, "article_lost")
    at = main_verb(words, lexicon)
    if at is None or at > 12 or len(words) - at < 4:
        return None
    return Made(finish(words[at:]), base.sources, 0, None, "subject_lost")


def word_lost(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """One grammatical word gone from the middle: a preposition before its noun, an article, "to"."""
    words = rng.choice([base.text, *base.sources]).split()
    places = [
        i
        for i in range(2, len(words) - 2)
        if (bare(words[i]) in PREPOSITIONS - {"on", "about", "over"} or bare(words[i]) in ("the", "a", "an", "that"))
        and words[i - 1][-1].isalnum()
        and words[i][-1].isalnum()
        and (
            bare(words[i]) in PREPOSITIONS
            or (words[i + 1][:1].islower() and lexicon.noun(words[i + 1]) and not bare(words[i + 1]).endswith("s"))
        )
        and bare(words[i]) != "that"
    ]
    if not places:
        return None
    gone = rng.sample(places, min(len(places), rng.choice((1, 2))))
    return Made(finish([w for i, w in enumerate(words) if i not in gone]), base.sources, 0, None, "word_lost")


def span_lost(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A span gone so that its two sides cannot meet."""
    words = rng.choice([base.text, *base.sources]).split()
    options = [
        (i, j)
        for i in range(2, len(words) - 2)
        for j in range(i + 1, min(i + 7, len(words) - 1))
        if bad_seam(words[i - 1], words[j], lexicon) or _broken(words[:i], words[j:], lexicon)
    ]
    if not options:
        return None
    i, j = rng.choice(options)
    return Made(finish([*words[:i], *words[j:]]), base.sources, 0, None, "span_lost")


def span_moved(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A stretch of words set down at a place where it cannot stand."""
    words = rng.choice([base.text, *base.sources]).split()
    for _ in range(20):
        if len(words) < 9:
            return None
        n = rng.randrange(1, 6)
        i = rng.randrange(0, len(words) - n - 1)
        span, rest = words[i : i + n], [*words[:i], *words[i + n :]]
        k = rng.randrange(1, len(rest) - 1)
        if abs(k - i) > 2 and (bad_seam(rest[k - 1], span[0], lexicon) or bad_seam(span[-1], rest[k], lexicon)):
            return Made(finish([*rest[:k], *span, *rest[k:]]), base.sources, 0, None, "span_moved")
    return None


_AGREEMENT = {
    "is": "are", "are": "is", "was": "were", "were": "was", "has": "have", "have": "has", "does": "do", "do": "does",
}  # fmt: skip


def disagreement(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A verb in the wrong form: "they was", "the talks stop" for "stops", "to said"."""
    words = base.text.split()
    places = [i for i in range(1, len(words)) if bare(words[i]) in _AGREEMENT and bare(words[i - 1]) != "to"]
    modal = [i for i in range(1, len(words)) if bare(words[i - 1]) in ("to", "will", "would", "could", "may")]
    modal = [i for i in modal if lexicon.after_to[bare(words[i])] > 0.2 * max(5, lexicon.count[bare(words[i])])]
    places = [
        i for i in places if words[i].isalpha() and bare(words[i - 1]) not in ("will", "would", "not", "i", "you")
    ]
    if places and (not modal or rng.random() < 0.6):
        i = rng.choice(places)
        return Made(finish([*words[:i], _AGREEMENT[bare(words[i])], *words[i + 1 :]]), base.sources, 0, None, "form")
    if modal:
        i = rng.choice(modal)
        if words[i].isalpha():
            ending = "d" if words[i].endswith("e") else "ed"
            wrong = words[i] + rng.choice(("s", ending, "ing"))
            return Made(finish([*words[:i], wrong, *words[i + 1 :]]), base.sources, 0, None, "form")
    return None


# ---------------------------------------------------------------------------------- broken meaning

_SPEECH = "said|says|told|added|warned|announced|argued|claimed|insisted|confirmed|explained|noted|stated|suggested"
_SPEECH_AFTER = re.compile(rf"[ ,]*(?:{_SPEECH})\b")
_AGENT = re.compile(
    rf"(?:according to|(?:{_SPEECH}) by) ((?:the|a|an) (?:[\w'-]+ ){{0,3}}[\w'-]+|[a-z]+ officials|officials|police|"
    rf"prosecutors)(?=[,.])|(?:^|, )((?:[Tt]he|[Aa]) (?:[\w'-]+ ){{0,2}}[\w'-]+|[Pp]olice|[Oo]fficials|[Pp]rosecutors|"
    rf"[Ll]awyers|[Rr]esidents|[Ww]itnesses|[Rr]esearchers|[Dd]octors) (?:{_SPEECH})\b"
)
_GENERIC = (
    "police;officials;prosecutors;the ministry;the government;the company;the opposition;the White House;the union;"
    "the court;the mayor;witnesses;residents;lawyers;the police chief;the agency;the president;the minister;"
    "the Kremlin;a spokesman;the army;campaigners;doctors;researchers;the city council;the owner"
).split(";")


def _agent(base: Base, rng: random.Random) -> str | None:
    found = [g for s in (*base.sources, *base.others) for m in _AGENT.finditer(s) for g in m.groups() if g]
    if base.cased:
        found += [n.text for s in base.sources for n in names(s)]
    found = [f for f in found if not f.lower().startswith(("the following", "the same"))]
    return rng.choice(found) if found and rng.random() < 0.8 else rng.choice(_GENERIC)


def _with_source(base: Base, value: str, rng: random.Random) -> tuple[str, ...]:
    """The sources, with another sentence that holds `value` when none of them does."""
    if any(value.lower() in s.lower() for s in base.sources):
        return base.sources
    holders = [s for s in base.others if value.lower() in s.lower()]
    return (*base.sources, rng.choice(holders)) if holders else base.sources


def _swap(text: str, a: tuple[int, int], b: tuple[int, int]) -> str:
    (i, j), (k, m) = sorted((a, b))
    return text[:i] + text[k:m] + text[j:k] + text[i:j] + text[m:]


def _alone(text: str, start: int, end: int) -> bool:
    """Whether a name stands alone: no title before it, no capitalised word and no 's after it."""
    before, after = text[:start].split()[-1:], text[end:].split(" ", 1)
    titled = bool(before) and (before[0][:1].isupper() or before[0] in DETERMINERS)
    following = after[1][:1] if len(after) > 1 and not after[0] else ""
    return not titled and not following.isupper() and not text[end:].startswith(("'", "-"))


def names_swapped(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """Two names change places."""
    if not base.cased:
        return None
    found = names(base.text)
    options = [
        (a, b)
        for i, a in enumerate(found)
        for b in found[i + 1 :]
        if not same_name(a, b)
        and not re.fullmatch(r"[\s,]*(?:and|or|&)?[\s,]*", base.text[a.end : b.start])
        and not (set(a.tokens) & set(b.tokens))
        and b.start - a.end > 3
    ]
    if not options:
        return None
    a, b = rng.choice(options)
    if re.search(r"\b(?:between|both)\b", base.text[: a.start][-12:]):
        return None
    clean = all(_alone(base.text, n.start, n.end) for n in (a, b))
    text = _swap(base.text, (a.start, a.end), (b.start, b.end))
    return Made(text, base.sources, 1 if clean else None, 0, "names_swapped")


def name_replaced(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A name becomes another one of the story."""
    if not base.cased:
        return None
    mine = names(base.text)
    pool = [n for s in (*base.sources, *base.others) for n in names(s)]
    pool = [n for n in pool if not any(same_name(n, m) or set(n.tokens) & set(m.tokens) for m in mine)]
    if not mine or not pool:
        return None
    a, b = rng.choice(mine), rng.choice(pool)
    if len(a.tokens) == 1 and len(pool) > 1:  # a person for a person where it can be told
        alike = [n for n in pool if len(n.tokens) == len(a.tokens)]
        b = rng.choice(alike or pool)
    text = base.text[: a.start] + b.text + base.text[a.end :]
    clean = 1 if _alone(base.text, a.start, a.end) else None
    return Made(finish(text.split()), _with_source(base, b.text, rng), clean, 0, "name_replaced")


_PHRASE = re.compile(r"\b(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir)((?: [a-z][\w'-]*){1,4})")


def _phrases(text: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Noun phrases that begin with a determiner, up to the word before a function word or a verb."""
    out = []
    for m in _PHRASE.finditer(text):
        end = m.start(1)
        for w in re.finditer(r" [\w'-]+", m.group(1)):
            word = bare(w.group())
            if word in FUNCTION or lexicon.finite(word) or word.endswith("ing") or word.endswith("ly"):
                break
            end = m.start(1) + w.end()
        follows = re.match(r" ?([\w'-]+|\W|$)", text[end:])
        word = bare(follows.group(1)) if follows else ""
        if end > m.start(1) and (not word or word in FUNCTION or lexicon.finite(word)):
            out.append((m.start(), end))
    return out


def phrases_swapped(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """Two noun phrases, or a name and a noun phrase, change places: who did it and to whom."""
    found = _phrases(base.text, lexicon)
    if base.cased:
        found += [(n.start, n.end) for n in names(base.text) if not any(a <= n.start < b for a, b in found)]
    found.sort()
    options = []
    for x, a in enumerate(found):
        for b in found[x + 1 :]:
            between = base.text[a[1] : b[0]]
            left, right = base.text[slice(*a)].lower(), base.text[slice(*b)].lower()
            if len(between.split()) < 1 or re.fullmatch(r"[\s,]*(?:and|or)?[\s,]*", between) or left == right:
                continue
            verb = any(lexicon.finite(w) for w in between.split())
            if base.text[: a[0]][-8:].lower().endswith("between "):
                continue
            options += [(a, b)] * (4 if verb else 1)
    if not options:
        return None
    a, b = rng.choice(options)
    text = _swap(base.text, a, b)
    return Made(finish(_fix_case(text, base).split()), base.sources, None, 0, "phrases_swapped")


def _fix_case(text: str, base: Base) -> str:
    return re.sub(r"(?<=[a-z,] )(The|A|An|His|Her|Its|Their)(?= )", lambda m: m.group().lower(), text)


def numbers_swapped(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """Two numbers change places: each now counts what the other counted."""
    found = numbers(base.text)
    options = [
        (a, b)
        for i, a in enumerate(found)
        for b in found[i + 1 :]
        if a.kind == b.kind and not same_number(a, b) and a.unit == b.unit and b.start - a.end > 4
        and not re.fullmatch(r"\s*(?:and|or|to|-)\s*", base.text[a.end : b.start])
    ]  # fmt: skip
    if not options:
        return None
    a, b = rng.choice(options)
    return Made(_swap(base.text, (a.start, a.end), (b.start, b.end)), base.sources, 1, 0, "numbers_swapped")


def number_replaced(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A number, day or date becomes another one of the sources, of the story, or of nowhere."""
    mine = numbers(base.text)
    if not mine:
        return None
    a = rng.choice(mine)
    known = [n for s in base.sources for n in numbers(s)]
    far = [n for s in base.others for n in numbers(s)]
    same = [n for n in mine if same_number(n, a)]
    if len(same) > 1:
        return None
    for pool in (known, far):
        fits = [n for n in pool if n.kind == a.kind and not same_number(n, a) and n.unit == a.unit]
        fits = [n for n in fits if n.text != a.text]
        if fits:
            b = rng.choice(fits).text
            break
    else:
        if rng.random() < 0.6:
            return None
        digits = re.search(r"\d+", a.text)
        if digits is None:
            return None
        n = int(digits.group())
        b = a.text[: digits.start()] + str(max(2, n + rng.choice((-2, -1, 1, 2, 5, 10, n)))) + a.text[digits.end() :]
        if b == a.text:
            return None
    text = base.text[: a.start] + b + base.text[a.end :]
    return Made(finish(text.split()), _with_source(base, b, rng), 1, 0, "number_replaced")


_TIME = re.compile(
    r"\b(?:(?:(?:early|late)? ?on|since|by|until|before|after|from) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|mon|tues|"
    r"wednes|thurs|fri|satur|sun)day(?: (?:morning|evening|night|afternoon))?|(?:in|since|by|until|before|after|"
    r"late in|early in|from) (?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"(?: \d{4})?|(?:in|since|by|until|before|after|from) (?:19|20)\d\d|(?:last|next|this) (?:week|month|year|spring|"
    r"summer|autumn|fall|winter|night)|a (?:week|month|year|decade) (?:ago|earlier|later)|yesterday|tomorrow|"
    r"(?:two|three|four|five|six|\d+) (?:days|weeks|months|years) (?:ago|earlier|later|after|before)|"
    r"in the (?:morning|evening|afternoon|spring|summer|autumn|winter))\b"
)


def times_changed(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """Two times change places, or one becomes another time of the story."""
    found = [(m.start(), m.end(), m.group()) for m in _TIME.finditer(base.text)]
    if not found:
        return None
    if len(found) > 1 and rng.random() < 0.7:
        a, b = rng.sample(found, 2)
        if a[2].lower() == b[2].lower():
            return None
        return Made(_swap(base.text, a[:2], b[:2]), base.sources, None, 0, "times_swapped")
    mine = {f[2].lower() for f in found}
    whole = " ".join(base.text.lower().split())
    pool = [
        m.group() for s in (*base.sources, *base.others) for m in _TIME.finditer(s) if m.group().lower() not in mine
    ]
    pool = [p for p in pool if p.lower().split()[-1] not in whole]
    if not pool:
        return None
    (start, end, _), put = rng.choice(found), rng.choice(pool)
    return Made(base.text[:start] + put + base.text[end:], _with_source(base, put, rng), None, 0, "time_replaced")


_PLACE_BEFORE = re.compile(r"\b(?:in|at|near|from|to|into|across|outside) $")


def places_changed(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A name after "in", "at", "from" or "to" becomes another such name, of the sentence or of the story."""
    if not base.cased:
        return None
    mine = [n for n in names(base.text) if _PLACE_BEFORE.search(base.text[: n.start])]
    if not mine:
        return None
    pool = [
        n for s in (*base.sources, *base.others) for n in names(s) if _PLACE_BEFORE.search(s[: n.start])
    ]  # fmt: skip
    others = names(base.text)
    if len(mine) > 1 and rng.random() < 0.6:
        a, b = rng.sample(mine, 2)
        if not set(a.tokens) & set(b.tokens):
            return Made(_swap(base.text, (a.start, a.end), (b.start, b.end)), base.sources, 1, 0, "places_swapped")
    pool = [n for n in pool if not any(set(n.tokens) & set(m.tokens) for m in others)]
    if not pool:
        return None
    a, b = rng.choice(mine), rng.choice(pool)
    text = base.text[: a.start] + b.text + base.text[a.end :]
    return Made(finish(text.split()), _with_source(base, b.text, rng), 1, 0, "place_replaced")


# Each row: pattern, replacement. Rows of the first table take a negation away, of the second put one in.
_UNNEGATE = (
    (r"\b(did|does|do|is|are|was|were|has|have|had|will|would|could|should|may|might|can) not\b(?! only)", r"\1"),
    (r"\b(is|are|was|were|has|have|had|would|could|should|did|does|do)n't\b", r"\1"),
    (r"\bwon't\b", "will"),
    (r"\b(?:cannot|can't)\b", "can"),
    (r"\bnot (to|yet|been|be|immediately|guilty|enough)\b", r"\1"),
    (r"\b(?:has|have|had) never\b", "has"),
    (r"\bnever\b", ""),
    (r"\bno (evidence|plans|sign|signs|longer|reason|intention|injuries|casualties|comment|deal|agreement|one|link)\b",
     r"\1"),
    (r"\bno\b(?! (?:one|longer|matter|doubt|later|more|less))", "a"),
    (r"\bwithout\b", "with"),
    (r"\b(?:denied|denies)\b", "admitted"),
    (r"\bdenying\b", "admitting"),
    (r"\bdeny\b", "admit"),
    (r"\bneither\b", "either"),
    (r"\b(?:failed|refused|declined) to\b", "agreed to"),
    (r"\bunless\b", "if"),
    (r"\bruled out\b", "confirmed"),
    (r"\brejected\b", "accepted"),
    (r"\bnone of\b", "all of"),
    (r"\bunlikely\b", "likely"),
    (r"\bstopped short of\b", "went as far as"),
    (r"\bban on\b", "permit for"),
)  # fmt: skip
_NEGATE = (
    (r"\b(is|are|was|were|will|would|could|should|may|might|can|must)\b(?! (?:not|n't|no|never))", r"\1 not"),
    (r"\b(has|have|had) (been|\w+ed)\b", r"\1 not \2"),
    (r"\b(agreed|promised|plans|expected|ordered|decided|urged|asked|told \w+|vowed|wants|intends) to\b", r"\1 not to"),
    (r"\bagreed to\b", "refused to"),
    (r"\bapproved\b", "rejected"),
    (r"\bwith\b(?= (?:the|a|an)\b)", "without"),
    (r"\b(?:confirmed|admitted)\b", "denied"),
    (r"\bsaid (?=that|it|he|she|they|the)", "denied "),
    (r"\bif\b", "unless"),
    (r"\baccepted\b", "rejected"),
)
_MODAL_LOST = (
    (r"\b(?:may|might|could) have been\b", "was"),
    (r"\b(?:may|might|could) have\b", "has"),
    (r"\b(?:may|might|could|should|can|would)\b(?= (?:be|take|have|lead|make|come|go|cost|not|see|face|\w+e|\w+t)\b)",
     "will"),
    (r"\b(?:may|might|could)\b", "will"),
    (r"\b(?:may|might|could) be\b", "is"),
    (r"\b(?:plans?|hopes?|wants?|intends?|aims?|is expected|are expected|is likely|are likely|threatened|"
     r"is considering|threatens|proposes?|is due|expects?|seeks?) to\b", "will"),
    (r"\b(?:planned|hoped|wanted|intended|proposed|offered|sought|tried|attempted) to (\w+?)e?\b", r"\1ed"),
    (r"\b(?:allegedly|reportedly|possibly|potentially|probably|apparently|perhaps|likely) ", ""),
    (r"\b(?:alleged|suspected|possible|potential|proposed|planned|apparent|would-be) ", ""),
    (r"\bis considering (\w+)ing\b", r"will \1"),
    (r"\bconsidering\b", "carrying out"),
    (r"\b(?:is|are) accused of having\b", "has"),
    (r"\b(?:was|were|is|are|been) accused of\b", "admitted"),
    (r"\baccused of\b", "convicted of"),
    (r"\bcharged with\b", "convicted of"),
    (r"\bappears? to (?:have|be)\b", "is"),
    (r"\b(?:believes?|thinks?|suspects?|fears?) (?:that )?", "knows "),
    (r"\b(?:believed|thought|suspected|feared) to (?:be|have been)\b", "found to be"),
    (r"\b(?:wants?|hopes?|called for|demands?|demanded|proposed|recommended)\b", "approved"),
    (r"\bshould\b", "will"),
    (r"\bwould\b", "will"),
    (r",? (?:if|unless|provided|as long as|only if)\b [^,\".]{8,90}(?=[,.])", ""),
    (r"^(?:If|Unless)\b[^,]{8,80}, ", ""),
    (r"\b(?:up to|at least|more than|fewer than|less than|only) (?=[\d$£€])", ""),
)  # fmt: skip
_MODAL_ADDED = (
    (r"\bwill\b", "may"),
    (r"\b(?:is|are)\b(?! (?:not|expected|likely))", "may be"),
    (r"\b(?:was|were)\b(?! (?:not|expected|likely))", "may have been"),
    (r"\b(?:has|have) (been|\w+ed)\b", r"may have \1"),
    (r"\b(killed|attacked|stole|blackmailed|shot|bribed|abused|leaked|hacked|ordered|caused)\b", r"allegedly \1"),
    (r"\bconvicted of\b", "accused of"),
    (r"\b(approved|passed|signed|adopted|banned)\b", r"proposed"),
    (r"\bfound\b", "believed"),
)
_OPPOSITES = tuple(
    tuple(pair.split("/"))
    for pair in (
        "rose/fell increased/decreased raised/cut raising/cutting higher/lower won/lost more/fewer increase/decrease "
        "before/after against/for above/below first/last supported/opposed supports/opposes up/down buy/sell "
        "bought/sold opened/closed open/close began/ended start/end starts/ends accepted/rejected approved/rejected "
        "joined/left north/south east/west best/worst largest/smallest highest/lowest oldest/youngest over/under "
        "inside/outside arrived/left gained/lost passed/failed legal/illegal allowed/banned allow/ban allows/bans "
        "arrested/released guilty/innocent safe/dangerous strong/weak victory/defeat ally/rival allies/rivals "
        "friend/enemy praised/criticized praised/criticised welcomed/condemned defended/attacked gave/took "
        "lent/borrowed paid/received hired/fired employer/employee borrower/lender teacher/pupil landlord/tenant "
        "buyer/seller defendant/plaintiff winner/loser husband/wife father/son mother/daughter brother/sister "
        "upheld/overturned extended/shortened expanded/reduced strengthened/weakened majority/minority success/failure "
        "resume/halt resumed/halted confirmed/denied improved/worsened early/late ahead/behind alive/dead "
        "temporary/permanent temporarily/permanently public/private major/minor unanimous/narrow agreed/refused"
    ).split()
)


def _rewrite(base: Base, rng: random.Random, table: Sequence[tuple[str, str]], fault: str) -> Made | None:
    rows = list(table)
    rng.shuffle(rows)
    for pattern, put in rows:
        found = [m for m in re.finditer(pattern, base.text, re.IGNORECASE) if not _month(base.text, m)]
        if not found:
            continue
        m = rng.choice(found)
        text = base.text[: m.start()] + m.expand(put) + base.text[m.end() :]
        text = " ".join(text.split())
        sure = fault != "modality_lost" or put in ("will", "")
        if re.search(r"\b(?:did|do|does) (?:to|the|a|in|on)\b", text):
            return None
        return Made(finish(text.split()), base.sources, 1 if sure and len(text) > 20 else None, 0, fault)
    return None


def _month(text: str, found: re.Match[str]) -> bool:
    return found.group().startswith("May") and found.start() > 0


def negation_lost(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A "not", "no", "never" or "denied" is gone."""
    made = _rewrite(base, rng, _UNNEGATE, "negation_lost")
    return made and Made(made.text, made.sources, None, 0, made.fault)


def negation_added(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A plain statement is denied."""
    return _rewrite(base, rng, _NEGATE, "negation_added")


def modality_lost(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """What may be, is planned, alleged or conditional becomes a fact."""
    made = _rewrite(base, rng, _MODAL_LOST, "modality_lost")
    return made and Made(made.text, made.sources, None, 0, made.fault)


def modality_added(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A fact becomes a possibility."""
    return _rewrite(base, rng, _MODAL_ADDED, "modality_added")


def opposite(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A word becomes its opposite."""
    low = f" {base.text.lower()} "
    options = []
    for a, b in _OPPOSITES:
        for x, y in ((a, b), (b, a)):
            if f" {x} " in low and not any(re.search(rf"\b{y}\b", s, re.IGNORECASE) for s in base.sources):
                options.append((x, y))
    if not options:
        return None
    x, y = rng.choice(options)
    text = re.sub(rf"\b{x}\b", y, base.text, count=1)
    if text == base.text:
        return None
    # "For" and "over" have many senses: there the grammar may suffer.
    return Made(text, base.sources, None if x in ("for", "over", "up", "down", "left") else 1, 0, "opposite")


def speaker_changed(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """The words are given to another speaker of the story, or to none of it."""
    spans: list[tuple[int, int]] = []
    if base.cased:
        spans += [(n.start, n.end) for n in names(base.text) if _SPEECH_AFTER.match(base.text[n.end :])]
        spans += [(n.start, n.end) for n in names(base.text)
                  if re.search(r"(?:according to|said|says|told) $", base.text[: n.start])]  # fmt: skip
    spans += [m.span(k) for m in _AGENT.finditer(base.text) for k in (1, 2) if m.group(k)]
    if not spans:
        return None
    a, b = rng.choice(spans)
    old = set(content_words(base.text[a:b]))
    speaking = {
        w
        for s in base.sources
        for n in names(s)
        if _SPEECH_AFTER.match(s[n.end :]) or re.search(r"(?:according to|said|told) $", s[: n.start])
        for w in content_words(n.text)
    }
    pool = [n.text for s in base.sources for n in names(s)] if base.cased else []
    far = [n.text for s in base.others for n in names(s) if _SPEECH_AFTER.match(s[n.end :])] if base.cased else []
    far += [g for s in base.others for m in _AGENT.finditer(s) for g in m.groups() if g]
    near = [base.text[i:j] for i, j in _phrases(base.text, lexicon) if j <= a or i >= b]
    near += [s[i:j] for s in base.sources for i, j in _phrases(s, lexicon)]
    for group in rng.sample([pool, far, near, list(_GENERIC)], 4):
        fits = [p for p in group if not (old | speaking) & set(content_words(p))]
        if group is not pool and group is not far:
            held = " ".join(base.sources).lower()
            fits = [p for p in fits if group is not _GENERIC or p not in held]
        if fits:
            who = rng.choice(fits)
            text = base.text[:a] + who + base.text[b:]
            clean = 1 if _alone(base.text, a, b) and group is not near else None
            return Made(
                finish(_fix_case(text, base).split()), _with_source(base, who, rng), clean, 0, "speaker_changed"
            )
    return None


def speaker_added(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A plain statement is put into the mouth of somebody whom the sources name but who does not say it."""
    if re.search(rf"\b(?:{_SPEECH}|according)\b", " ".join((base.text, *base.sources))):
        return None
    pool = [n.text for s in base.sources for n in names(s)] if base.cased else []
    if not pool:
        return None
    who = rng.choice(pool)
    return Made(finish(f"{base.text.rstrip('.')}, {who} said".split()), base.sources, 1, 0, "speaker_added")


def quote_changed(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A quotation loses the half that turns it, or is given to somebody else."""
    spans = [m.span(1) for m in re.finditer(r'"([^"]{12,})"', base.text)]
    if not spans:
        return None
    a, b = rng.choice(spans)
    inner = base.text[a:b]
    cut = None
    for pattern in (
        r",? (?:but|if|unless|until|because|only|except|although|though|when|before|or|and not|not)\b.*$",
        r"^.*?\b(?:but|if [^,]*,|unless [^,]*,|not|don't think|never)\b ",
    ):
        m = re.search(pattern, inner)
        if m and len(inner) - (m.end() - m.start()) >= 4:
            rest = inner[: m.start()] + inner[m.end() :]
            if len(rest.split()) >= 2:
                cut = rest
                break
    if cut is None:
        return None
    if inner[-1] in ",." and cut[-1] not in ",.":
        cut += inner[-1]
    return Made(finish((base.text[:a] + cut + base.text[b:]).split()), base.sources, None, 0, "quote_cut")


def tail_crossed(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A beginning of one sentence and the end of another that tells something else, joined at a function word."""
    pool = [base.text, *base.sources]
    if not base.others:
        return None
    for _ in range(8):
        a, b = rng.choice(pool), rng.choice(base.others)
        if rng.random() < 0.5:
            a, b = b, a
        x, y = a.split(), b.split()
        joins = [
            (i, j)
            for i in range(3, len(x) - 2)
            for j in range(2, len(y) - 2)
            if bare(x[i]) == bare(y[j])
            and bare(x[i])
            in PREPOSITIONS | {"that", "who", "after", "before", "because", "said", "says", "when", "while"}
            and bare(x[i + 1]) != bare(y[j + 1])
        ]
        if not joins:
            continue
        i, j = rng.choice(joins)
        new = set(content_words(" ".join(y[j + 1 :])))
        if len(new - set(content_words(a))) < 2 or len(y) - j < 4:
            continue
        sources = tuple(dict.fromkeys([*base.sources, *(s for s in (a, b) if s != base.text)]))
        order = list(sources[:5])
        rng.shuffle(order)
        if (a not in order and a != base.text) or (b not in order and b != base.text):
            continue
        return Made(finish([*x[: i + 1], *y[j + 1 :]]), tuple(order), None, 0, "tail_crossed")
    return None


def subject_crossed(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """The subject of one sentence with the predicate of another."""
    if not base.others:
        return None
    for _ in range(6):
        a, b = rng.choice([base.text, *base.sources]), rng.choice(base.others)
        if rng.random() < 0.5:
            a, b = b, a
        x, y = a.split(), b.split()
        i, j = main_verb(x, lexicon), main_verb(y, lexicon)
        if i is None or j is None or not 1 <= i <= 12 or len(y) - j < 4:
            continue
        heads = set(content_words(" ".join(x[:i]))), set(content_words(" ".join(y[:j])))
        if heads[0] & heads[1] or not heads[0] or not heads[1] or bare(x[0]) in PRONOUNS or bare(y[0]) in PRONOUNS:
            continue
        sources = list(dict.fromkeys([*base.sources, *(s for s in (a, b) if s != base.text)]))[:5]
        rng.shuffle(sources)
        return Made(finish([*x[:i], *y[j:]]), tuple(sources), None, 0, "subject_crossed")
    return None


def clauses_joined(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """Two statements of a story, both true, joined by a cause or an order in time that nobody reported."""
    if not base.others:
        return None
    other = rng.choice(base.others)
    word = rng.choice(("after", "because", "as", "before", "so", "after", "when", "and so", "which meant that"))
    first, second = (base.text, other) if rng.random() < 0.5 else (other, base.text)
    if len(first.split()) + len(second.split()) > 55:
        return None
    text = f"{first.rstrip('.')} {word} {lower_first(second, base)}"
    return Made(finish(text.split()), (*base.sources, other), 1, 0, "clauses_joined")


def unsourced_clause(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A clause of a sentence that is not among the sources hung on."""
    if not base.others:
        return None
    other = rng.choice(base.others)
    parts = re.findall(r", ((?:who|which|while|after|as|when|including|with|and|but)\b[^,\".]{15,90})(?=[,.])", other)
    tail = rng.choice(parts) if parts else "and " + lower_first(other, base)
    if len(set(content_words(tail)) - set(content_words(" ".join(base.sources)))) < 2 or len(tail.split()) > 25:
        return None
    return Made(finish(f"{base.text.rstrip('.')}, {tail}".split()), base.sources, None, 0, "unsourced_clause")


def other_fact(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """Another sentence of the story, which the sources do not hold."""
    if not base.others:
        return None
    mine = set(content_words(" ".join(base.sources)))
    fits = [o for o in base.others if len(set(content_words(o)) - mine) >= 3]
    if not fits:
        return None
    return Made(rng.choice(fits[:3]), base.sources, 1, 0, "other_fact")


def source_withheld(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A sentence written from two sources, of which only one is shown."""
    if len(base.sources) < 2 or base.text in base.sources:
        return None
    wanted = set(content_words(base.text))
    for source in rng.sample(base.sources, len(base.sources)):
        if len(wanted - set(content_words(source))) >= max(3, 0.25 * len(wanted)):
            return Made(base.text, (source,), 1, 0, "source_withheld")
    return None


GRAMMAR: dict[str, tuple[Maker, float]] = {
    "anchored_splice": (anchored_splice, 5.0),
    "loose_splice": (loose_splice, 2.0),
    "self_splice": (self_splice, 1.0),
    "double_attribution": (double_attribution, 1.5),
    "truncation": (truncation, 2.0),
    "verb_lost": (verb_lost, 2.0),
    "relative_only": (relative_only, 1.5),
    "subject_lost": (subject_lost, 1.2),
    "word_lost": (word_lost, 1.0),
    "span_lost": (span_lost, 1.2),
    "span_moved": (span_moved, 0.8),
    "disagreement": (disagreement, 0.7),
}
"""Makers of broken grammar, each with how often it is tried."""

MEANING: dict[str, tuple[Maker, float]] = {
    "names_swapped": (names_swapped, 2.0),
    "name_replaced": (name_replaced, 1.0),
    "phrases_swapped": (phrases_swapped, 2.0),
    "numbers_swapped": (numbers_swapped, 3.0),
    "number_replaced": (number_replaced, 1.5),
    "times_changed": (times_changed, 2.0),
    "places_changed": (places_changed, 2.0),
    "negation_lost": (negation_lost, 3.0),
    "negation_added": (negation_added, 1.0),
    "modality_lost": (modality_lost, 2.5),
    "modality_added": (modality_added, 0.6),
    "opposite": (opposite, 1.0),
    "speaker_changed": (speaker_changed, 2.5),
    "speaker_added": (speaker_added, 0.5),
    "quote_changed": (quote_changed, 2.0),
    "tail_crossed": (tail_crossed, 2.0),
    "subject_crossed": (subject_crossed, 1.5),
    "clauses_joined": (clauses_joined, 0.8),
    "unsourced_clause": (unsourced_clause, 0.5),
    "other_fact": (other_fact, 0.4),
    "source_withheld": (source_withheld, 0.5),
}
"""Makers of false statements, each with how often it is tried."""


def spoil(
    base: Base, makers: dict[str, tuple[Maker, float]], rng: random.Random, lexicon: Lexicon, used: Counter[str]
) -> Made | None:
    """One faulty sentence from `base`; makers that have given little for their weight are tried first."""
    order = sorted(makers, key=lambda n: (used[n] / makers[n][1]) * (0.5 + rng.random()))
    seen = {base.text.lower(), *(s.lower() for s in base.sources)}
    for name in order[:8]:
        made = makers[name][0](base, rng, lexicon)
        if made is not None and 5 <= len(made.text.split()) <= 60 and made.text.lower() not in seen:
            used[name] += 1
            return made
    return None


def subject_exchanged(base: Base, rng: random.Random, lexicon: Lexicon) -> Made | None:
    """A good sentence: the subject as one source puts it with the predicate of another that has the same subject."""
    pool = list(dict.fromkeys([base.text, *base.sources]))
    options = []
    for a in pool:
        for b in pool:
            x, y = a.split(), b.split()
            i, j = main_verb(x, lexicon), main_verb(y, lexicon)
            if a == b or i is None or j is None or not 1 <= i <= 6 or not 1 <= j <= 6 or bare(x[0]).endswith("ing"):
                continue
            one, two = content_words(" ".join(x[:i])), content_words(" ".join(y[:j]))
            commas = sum("," in w for w in (*x[:i], *y[:j]))
            same = one and two and one[-1] == two[-1] and one != two and not commas
            if same and bare(x[i - 1]) == bare(y[j - 1]) and bare(x[0]) not in PREPOSITIONS | OPENERS:
                options.append([*x[:i], *y[j:]])
    if not options:
        return None
    text = finish(rng.choice(options))
    return None if text in pool else Made(text, base.sources, 1, 1, "subject_exchanged")
