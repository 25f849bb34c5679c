"""Names and places of which no two can both hold."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from summarize.conflicts.told import (
    AROUND_NAME,
    Mention,
    Rivals,
    Told,
    distance,
    meeting,
    nearest,
    ordered,
    tells_apart,
)
from summarize.documents import ConflictKind
from summarize.text import Name, content_words, names, normalise, same_name

NAMED = 3.0
"""Context that two names need; none where title and first name are the same."""

_PLACING = {"in": "in a place", "at": "at a place", "near": "at a place", "outside": "at a place", "off": "at a place"}
_FORCE = "force of"
_FORCES = re.compile(r"(?:'s|’s)? (military|army|navy|air force|coast guard)\b", re.IGNORECASE)
_FORCE_SORTS = {
    "military": "military",
    "army": "military",
    "navy": "navy",
    "air force": "air force",
    "coast guard": "coast guard",
}
REGIONS = frozenset(
    """
    africa america antarctica asia europe middle_east north_america south_america latin_america scandinavia balkans
    afghanistan albania algeria angola argentina armenia australia austria azerbaijan bahrain bangladesh belarus
    belgium bolivia bosnia botswana brazil britain bulgaria cambodia cameroon canada chad chile china colombia congo
    costa_rica croatia cuba cyprus czech_republic denmark ecuador egypt england eritrea estonia ethiopia fiji
    finland france gabon georgia germany ghana greece greenland guatemala guinea haiti honduras hungary iceland
    india indonesia iran iraq ireland israel italy ivory_coast jamaica japan jordan kazakhstan kenya kosovo kuwait
    kyrgyzstan laos latvia lebanon liberia libya lithuania luxembourg macedonia madagascar malawi malaysia mali
    malta mauritania mexico moldova mongolia montenegro morocco mozambique myanmar namibia nepal netherlands
    new_zealand nicaragua niger nigeria north_korea norway oman pakistan palestine panama paraguay peru philippines
    poland portugal qatar romania russia rwanda saudi_arabia scotland senegal serbia sierra_leone slovakia slovenia
    somalia south_africa south_korea south_sudan spain sri_lanka sudan sweden switzerland syria taiwan tajikistan
    tanzania thailand tunisia turkey turkmenistan uganda ukraine united_arab_emirates united_kingdom united_states
    uruguay us uk uzbekistan venezuela vietnam wales yemen zambia zimbabwe alabama alaska arizona arkansas
    california colorado connecticut delaware florida hawaii idaho illinois indiana iowa kansas kentucky louisiana
    maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada new_hampshire
    new_jersey new_mexico new_york_state north_carolina north_dakota ohio oklahoma oregon pennsylvania rhode_island
    south_carolina south_dakota tennessee texas utah vermont virginia west_virginia wisconsin wyoming queensland
    victoria new_south_wales ontario quebec alberta british_columbia
    """.split()
)
_SAYING = frozenset(content_words("said says say told tells added adds caption and with by for of like unlike"))
_BEFORE = re.compile(r"([^\W\d_]+(?:[-'][^\W\d_]+)*) $")


def rivals(told: Told) -> list[Rivals]:
    """Names in one sort of slot: after a preposition of place, after the same word, or a country's armed forces."""
    slots: dict[str, dict[tuple[str, ...], list[tuple[Name, Mention]]]] = defaultdict(lambda: defaultdict(list))
    everywhere: dict[tuple[str, ...], tuple[Name, set[str]]] = {}
    for sentence in told.sentences:
        found = names(sentence.text)
        for name in found:
            everywhere.setdefault(name.tokens, (name, set()))[1].add(sentence.article)
        for name, slot in [*((n, _slot(sentence.text, n)) for n in found), *_forces(sentence.text, found)]:
            if slot:
                mention = Mention(sentence, name.start, name.end, " ".join(name.tokens))
                slots[slot][name.tokens].append((name, mention))
    near: list[tuple[float, Rivals]] = []
    for slot, by_name in sorted(slots.items()):
        listed = [(pairs[0][0], [m for _, m in pairs]) for pairs in by_name.values()]
        for (a, first), (b, second) in combinations(listed, 2):
            if not tells_apart(first, second):
                continue
            met = meeting(told, first, second, AROUND_NAME)
            if met < NAMED and not (min(len(a.tokens), len(b.tokens)) > 1 and a.tokens[0] == b.tokens[0]):
                continue
            if not _comparable(a, b, slot):
                continue
            if not _holders(a, everywhere) & _holders(b, everywhere):
                kind: ConflictKind = "place" if slot in _PLACING.values() else "name"
                near.append((met, ordered(told, kind, first, second, AROUND_NAME)))
    return nearest(near)


def _comparable(a: Name, b: Name, slot: str) -> bool:
    """Whether two names can be of one sense, and are not two spellings of one."""
    if slot in _PLACING.values():
        return _is_region(a) == _is_region(b) and not _spelt_alike(a, b)
    return (slot.startswith(_FORCE) or min(len(a.tokens), len(b.tokens)) > 1) and not _spelt_alike(a, b)


def _slot(text: str, name: Name) -> str | None:
    """The word before a name, titles within it included; prepositions of place by their sense."""
    bare = text.lower().find(name.tokens[0], name.start, name.end)
    before = _BEFORE.search(normalise(text[: name.start if bare < 0 else bare]))
    if before is None:
        return None
    word = before[1].lower()
    stems = [w for w in content_words(word) if w.isalpha() and w not in _SAYING]
    return _PLACING.get(word) or next(iter(stems), None)


def _forces(text: str, found: Iterable[Name]) -> Iterator[tuple[Name, str]]:
    """Armed forces after a country ("the Russian navy"), as names whose slot is that country."""
    for name in found:
        force = _FORCES.match(text, name.end)
        if force:
            sort = _FORCE_SORTS[force[1].lower()]
            yield Name(force.start(1), force.end(1), force[1], (sort,)), f"{_FORCE} {' '.join(name.tokens)[:4]}"


def _is_region(name: Name) -> bool:
    """Whether a name is a country's, a state's or a continent's: a town in it does not contradict it."""
    return "_".join(name.tokens) in REGIONS


def _holders(name: Name, everywhere: dict[tuple[str, ...], tuple[Name, set[str]]]) -> set[str]:
    """Articles that hold the name or another spelling of it."""
    return {a for other, articles in everywhere.values() if _spelt_alike(name, other) for a in articles}


def _spelt_alike(a: Name, b: Name) -> bool:
    """Whether two names may be one: the same, one part of the other, or few letters apart."""
    if same_name(a, b):
        return True
    x, y = "".join(a.tokens), "".join(b.tokens)
    return distance(x, y) <= (2 if min(len(x), len(y)) > 5 else 1)
