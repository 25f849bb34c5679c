"""The hand-written fusion set keeps its promises: every target can be copied together from its sources."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent / "eval" / "data" / "fusion"
PARTS = sorted(FOLDER.glob("part-*.jsonl"))
FIELDS = {"id", "topic", "split", "sources", "targets", "hard"}
HARD = {
    "number_forms",
    "quote_cut",
    "attribution",
    "one_wrong",
    "spun_copy",
    "negation",
    "modality",
    "name_variants",
    "long_sentence",
    "extra_clause",
}
SPLITS = {**dict.fromkeys("0123456", "train"), "7": "validation", "8": "test", "9": "test"}

WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
NUMBER = re.compile(
    r"\d+(?:[.,:]\d+)*|\b(?:one-third|half|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?|"
    r"dozens?|hundreds?|thousands?|millions?|billions?|trillions?)\b",
    re.IGNORECASE,
)
NAME = re.compile(r"(?<![^\s“\"(‘'-])[A-Z][\w’'.-]*")
QUOTATION = re.compile(r"“([^“”]+)”|\"([^\"]+)\"")
FUNCTION = set(
    re.findall(
        r"\w+",
        """
    a about above across after against ago all along also although am among an and another any are around
    as at away back be became because become been before behind being below between both but by can cannot
    could did do does done down during each either else even ever every few for from further had has have
    having he her here him his how however i if in including into is it its itself just last later least less
    made make many may me might more most much must my neither no nor not of off on one only or other others
    our out over own per rather said same say saying says she should since so some still such than that the
    their them themselves then there these they this those though through to told too toward towards under
    until up upon us was we were what when where whether which while who whom whose why will with within
    without would yet you your added according announced""",
    )
)


def read(path: Path) -> list[dict[str, Any]]:
    """The records of one part file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


RECORDS = [record for path in PARTS for record in read(path)]


def plain(text: str) -> str:
    """Straight quotes and single spaces, so that only wording is compared."""
    return " ".join(re.sub("[“”]", '"', re.sub("[‘’]", "'", text)).split())


def words(text: str) -> set[str]:
    """Lower-case words without a possessive ending."""
    return {re.sub(r"['’]s?$", "", word.lower()) for word in WORD.findall(text)}


def content(text: str) -> list[str]:
    """The words of a text that are not function or reporting words."""
    found = [re.sub(r"['’]s?$", "", word.lower()) for word in WORD.findall(text)]
    return [word for word in found if word not in FUNCTION]


def test_there_is_a_part() -> None:
    assert PARTS and RECORDS


def test_ids_are_unique() -> None:
    ids = [record["id"] for record in RECORDS]
    assert len(ids) == len(set(ids))


def test_no_target_is_written_twice() -> None:
    targets = [target for record in RECORDS for target in record["targets"]]
    assert len(targets) == len(set(targets))


def check_schema(record: dict[str, Any]) -> None:
    assert set(record) == FIELDS
    assert re.fullmatch(r"[a-z]-\d{3}", record["id"])
    assert re.fullmatch(r"[a-z]+(?:_[a-z]+)*", record["topic"])
    assert record["split"] == SPLITS[record["id"][-1]]
    assert 1 <= len(record["sources"]) <= 5 and 1 <= len(record["targets"]) <= 2
    assert set(record["hard"]) <= HARD and len(record["hard"]) == len(set(record["hard"]))
    for text in record["sources"] + record["targets"]:
        assert text == plain_spaces(text)


def plain_spaces(text: str) -> str:
    """The text with single spaces and none at its ends."""
    return " ".join(text.split())


def check_target_is_one_sentence_of_fair_length(record: dict[str, Any]) -> None:
    for target in record["targets"]:
        assert re.match(r"[A-Z0-9“\"$€£‘']", target), target
        assert re.search(r"[.?!][”\"]?$", target), target
        assert 12 <= len(target.split()) <= 40, (len(target.split()), target)


def check_numbers_stand_in_a_source(record: dict[str, Any]) -> None:
    known = {number.lower() for source in record["sources"] for number in NUMBER.findall(source)}
    for target in record["targets"]:
        assert {number.lower() for number in NUMBER.findall(target)} <= known, target


def check_names_stand_in_a_source(record: dict[str, Any]) -> None:
    known = set().union(*(WORD.findall(source) for source in record["sources"]))
    known |= {re.sub(r"['’]s?$", "", word) for word in known}
    for target in record["targets"]:
        # The first word of a sentence has its capital from its place, not from being a name.
        for name in NAME.findall(target)[1 if target[0].isupper() else 0 :]:
            bare = re.sub(r"['’]s?$", "", name.strip(".'’-"))
            assert name in known or bare in known, (name, target)


def check_quotations_are_verbatim(record: dict[str, Any]) -> None:
    sources = [plain(source) for source in record["sources"]]
    for target in record["targets"]:
        assert target.count("“") == target.count("”") and target.count('"') % 2 == 0, target
        for curly, straight in QUOTATION.findall(target):
            quoted = plain(curly or straight).rstrip(",.?!")
            # A quotation taken into a sentence may lose the capital it began with.
            forms = {quoted, quoted[0].upper() + quoted[1:], quoted[0].lower() + quoted[1:]}
            held = [quotation for source in sources for quotation in quotations(source)]
            assert any(form in quotation for form in forms for quotation in held), quoted


def quotations(source: str) -> list[str]:
    """What a source puts between quotation marks; straight marks, as `plain` leaves them."""
    return source.split('"')[1::2]


def check_target_is_no_source(record: dict[str, Any]) -> None:
    assert not {plain(t) for t in record["targets"]} & {plain(s) for s in record["sources"]}


def check_target_copies_its_content_words(record: dict[str, Any]) -> None:
    known = set().union(*(words(source) for source in record["sources"]))
    for target in record["targets"]:
        new = [word for word in content(target) if word not in known]
        assert len(new) <= max(1, 0.15 * len(content(target))), (new, target)


@pytest.mark.parametrize("record", RECORDS, ids=[str(r.get("id")) for r in RECORDS])
def test_record(record: dict[str, Any]) -> None:
    check_schema(record)
    check_target_is_one_sentence_of_fair_length(record)
    check_numbers_stand_in_a_source(record)
    check_names_stand_in_a_source(record)
    check_quotations_are_verbatim(record)
    check_target_is_no_source(record)
    check_target_copies_its_content_words(record)


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_part_is_copied_from_its_sources(path: Path) -> None:
    copied = total = 0
    for record in read(path):
        known = set().union(*(words(source) for source in record["sources"]))
        found = [word for target in record["targets"] for word in content(target)]
        copied += sum(word in known for word in found)
        total += len(found)
    assert copied / total >= 0.95
