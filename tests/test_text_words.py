"""Words: tokens, content words, stems, the one-to-one character map, and what the package exports."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import summarize.text
from summarize.text import STOP_WORDS, content_words, fold, normalise, tokens, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It cost $3.2bn, not 1,300.", ["It", "cost", "$3.2bn", ",", "not", "1,300", "."]),
        ("A 30-day, well-known plan", ["A", "30-day", ",", "well-known", "plan"]),
        ("The U.S. won’t wait.", ["The", "U.S.", "won’t", "wait", "."]),
        ("“10.5% at 3 p.m.”", ["“", "10.5%", "at", "3", "p.m.", "”"]),
        ("O'Neill's cafe\u0301!", ["O'Neill's", "cafe\u0301", "!"]),
        ("", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert [t.text for t in tokens(text)] == expected


@given(st.text(st.characters(exclude_categories=[])))
def test_tokens_cover_everything_but_blanks(text: str) -> None:
    found = tokens(text)
    assert all(text[t.start : t.end] == t.text for t in found)
    assert "".join("".join(t.text.split()) for t in found) == "".join(normalise_blanks(text).split())


def normalise_blanks(text: str) -> str:
    return "".join(" " if n == " " else c for c, n in zip(text, normalise(text), strict=True))


@given(st.text(st.characters(exclude_categories=[])))
def test_normalise_keeps_the_length(text: str) -> None:
    assert len(normalise(text)) == len(text)


def test_normalise() -> None:
    assert normalise("“a” ‘b’ – —\u00a0c’s") == "\"a\" 'b' - - c's"


def test_words_have_no_punctuation() -> None:
    assert words("“Well,” he said — 3 U.S. men.") == ["well", "he", "said", "3", "u.s.", "men"]


@pytest.mark.parametrize(
    "family",
    ["attack attacks attacked attacking", "city cities", "agree agrees agreed agreeing", "halt halts halted halting",
     "stop stops stopped stopping", "strike strikes striking", "Ukraine Ukraine's Ukraine’s", "Élysée Elysee",
     "talk talks talked", "decide decides decided deciding", "carry carries carried", "refuse refused refusing"],
)  # fmt: skip
def test_words_of_a_family_meet(family: str) -> None:
    assert len(set(content_words(family))) == 1


@pytest.mark.parametrize("pair", ["new news", "international internal", "war ward", "use us", "sing sin"])
def test_other_words_do_not_meet(pair: str) -> None:
    assert len(set(content_words(pair))) == len([w for w in pair.split() if w not in STOP_WORDS])


def test_content_words_leave_out_what_carries_no_content() -> None:
    assert content_words("He doesn’t want to be at the talks, and it is his.") == ["want", "talk"]


def test_fold() -> None:
    assert fold("Łódź ÉCOLE") == "lodz ecole"


def test_exports() -> None:
    assert len(set(summarize.text.__all__)) == len(summarize.text.__all__) == 19
    assert all(hasattr(summarize.text, name) for name in summarize.text.__all__)


def test_stems_and_tokens_do_not_depend_on_the_hash_seed() -> None:
    code = "from summarize.text import *; t='Putin said 3 to 5 “talks” in Kyiv.'; print(names(t), numbers(t), words(t))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
