"""Summaries are cut to words, tokens or bytes, and never to more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from eval.metrics.length import truncate
from eval.metrics.rouge import tokens
from eval.metrics.settings import LengthSettings, MetricSettings

METRICS = MetricSettings()
TEXT = ("The dam's wall broke.", "Zwölf people fled.")
texts = st.lists(st.text(alphabet="ab é-'.\U0001f600", max_size=20), max_size=5)


@pytest.mark.parametrize(
    ("length", "kept"),
    [
        (LengthSettings(), TEXT),
        (LengthSettings(words=7), TEXT),
        (LengthSettings(words=5), ("The dam's wall broke.", "Zwölf")),
        (LengthSettings(words=4), ("The dam's wall broke.",)),
        (LengthSettings(words=6, whole=True), ("The dam's wall broke.",)),
        (LengthSettings(words=3, whole=True), ()),
        (LengthSettings(tokens=4), ("The dam's wall",)),
        (LengthSettings(bytes=25), ("The dam's wall broke.", "Zw")),
        (LengthSettings(bytes=26), ("The dam's wall broke.", "Zwö")),
    ],
)
def test_what_is_kept(length, kept):
    assert truncate(TEXT, length, METRICS) == kept


@given(texts, st.integers(1, 30), st.booleans())
def test_the_limit_holds_and_nothing_that_fits_is_lost(sentences, limit, whole):
    text = " ".join(truncate(sentences, LengthSettings(bytes=limit, whole=whole), METRICS))
    assert len(text.encode()) <= limit
    assert " ".join(sentences).startswith(text)
    text = " ".join(truncate(sentences, LengthSettings(words=limit), METRICS))
    assert text.split() == " ".join(sentences).split()[:limit]
    kept = truncate(sentences, LengthSettings(tokens=limit), METRICS)
    assert [t for s in kept for t in tokens(s)] == [t for s in sentences for t in tokens(s)][:limit]


def test_one_unit_only():
    with pytest.raises(ValidationError, match="give one of words, tokens and bytes"):
        LengthSettings(words=100, bytes=665)
