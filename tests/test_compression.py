"""Light compression: only words go, and only those that carry nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarize.abstractive.compression import compress


@pytest.mark.parametrize(
    ("sentence", "short"),
    [
        ("However, the dam held.", "The dam held."),
        ("Meanwhile, 600 soldiers arrived.", "600 soldiers arrived."),
        ("But the dam held.", "The dam held."),
        ("In addition, the army sent boats.", "The army sent boats."),
        ("For its part, the company said no.", "The company said no."),
        ("The dam (built in 1964) held.", "The dam held."),
        ("The dam held (see map).", "The dam held."),
        ("The dam held, according to media reports.", "The dam held, according to media reports."),
        ("The  dam\n held.", "The dam held."),
    ],
)
def test_what_carries_nothing_goes(sentence, short):
    assert compress(sentence) == short


@pytest.mark.parametrize(
    "sentence",
    [
        "The dam held.",
        "Butter prices rose by a fifth.",
        "Andover flooded first.",
        "“However, it held,” she said.",
        "She said [in October] that the dam held.",
        "The dam held, Delcourt said.",
        "Indeedy Ltd sold the dam.",
        "",
    ],
)
def test_nothing_goes_when_nothing_is_to_go(sentence):
    assert compress(sentence) == sentence


@given(st.text())
def test_words_are_only_left_out_never_added_or_moved(sentence):
    source = iter(c for c in sentence.casefold() if not c.isspace())
    # every character of the short sentence is found, in order, in what is left of the source
    assert all(c in source for c in compress(sentence).casefold() if not c.isspace())
