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
        ("But the dam (built in 1964) held, Reuters reported.", "The dam held."),
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
        "iPhone sales fell.",
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


@pytest.mark.parametrize(
    "sentence",
    [
        "Besides the mayor, three people died.",
        "Instead of leaving, they stayed.",
        "As a result of the storm, ten people died.",
        "In addition to the dead, 30 are missing.",
        "Despite this week's rain, the fair opened.",
        "However hard they tried, it failed.",
        "Earlier talks failed.",
        "Still waters run deep.",
        "Yet another storm hit the valley.",
        "But for the dam, all was lost.",
        "Also known as Tiger, he fled.",
        "Separately owned houses burned.",
        "Meanwhile Gardens reopened.",
        "Two hundred rebels were killed, Russia's Defence Ministry reported.",
        "Fourteen people died, Delcourt reported.",
    ],
)
def test_what_carries_meaning_stays(sentence):
    assert compress(sentence) == sentence


@given(st.text())
def test_words_are_only_left_out_never_added_or_moved(sentence):
    source = iter(c for c in sentence.casefold() if not c.isspace())
    # every character of the short sentence is found, in order, in what is left of the source
    assert all(c in source for c in compress(sentence).casefold() if not c.isspace())
