"""The hand-written support records keep their promises: fields, splits, faults, and verdicts that refer to records."""

import json
from pathlib import Path
from typing import Any

import pytest

from summarize.text import normalise

DATA = Path(__file__).parent.parent / "eval" / "data"
PARTS = sorted((DATA / "support").glob("part-*.jsonl"))
FIELDS = {"id", "topic", "split", "sources", "targets", "supported", "unsupported"}
FAULTS = set(
    "stitched swapped_roles negation_dropped modality_dropped number_moved attribution_changed quote_cut place_moved"
    " time_moved unsupported_detail ungrammatical".split()
)
SPLITS = {**dict.fromkeys("0123456", "train"), "7": "validation", "8": "test", "9": "test"}


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_records_have_their_fields_and_splits(path: Path) -> None:
    records = read(path)
    letter = path.stem[-1]
    assert [r["id"] for r in records] == [f"{letter}-{n:03}" for n in range(1, len(records) + 1)]
    for record in records:
        assert set(record) == FIELDS
        assert record["split"] == SPLITS[record["id"][-1]]
        assert 1 <= len(record["sources"]) <= 4
        assert record["targets"]
        assert record["supported"]
        assert {wrong["fault"] for wrong in record["unsupported"]} <= FAULTS


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_no_sentence_is_both_true_and_false(path: Path) -> None:
    for record in read(path):
        true = {*record["targets"], *record["supported"]}
        false = {wrong["text"] for wrong in record["unsupported"]}
        assert not true & false, record["id"]
        assert len(false) == len(record["unsupported"]), record["id"]
        for text in true | false:
            assert normalise(text).count('"') % 2 == 0, (record["id"], text)


def test_verdicts_refer_to_records() -> None:
    known = {r["id"]: r for path in [*PARTS, *sorted((DATA / "fusion").glob("part-*.jsonl"))] for r in read(path)}
    verdicts = read(DATA / "support" / "read.jsonl")
    assert len({v["id"] for v in verdicts}) == len(verdicts) > 0
    for verdict in verdicts:
        assert set(verdict) == {"id", "text", "grammatical", "supported", "evidence"}
        assert {verdict["grammatical"], verdict["supported"]} <= {0, 1}
        sources = known[verdict["id"].split("/")[0]]["sources"]
        assert verdict["text"] not in sources


def test_no_source_text_stands_in_two_splits() -> None:
    seen: dict[str, str] = {}
    for record in (r for path in PARTS for r in read(path)):
        for source in record["sources"]:
            assert seen.setdefault(source, record["split"]) == record["split"], record["id"]
