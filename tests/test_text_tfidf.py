"""TF-IDF: rows of length one, the centroid, and cosines against the long way round."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarize.text.tfidf import TfIdf

TEXTS = st.lists(st.lists(st.sampled_from("dam town flood mayor the of".split()), max_size=6).map(" ".join), max_size=6)


def test_a_word_of_every_text_weighs_least():
    weighed = TfIdf.of(["The dam broke.", "The dam held, the dam stood."])
    assert weighed.idf[weighed.columns["dam"]] == 1
    assert weighed.idf[weighed.columns["held"]] == pytest.approx(log(3 / 2) + 1)
    assert weighed.counts.toarray()[:, weighed.columns["dam"]].tolist() == [1, 2]


@given(TEXTS)
def test_rows_and_centroid_have_length_one_unless_nothing_is_said(texts):
    weighed = TfIdf.of(texts)
    lengths = np.linalg.norm(weighed.rows.toarray(), axis=1)
    said = weighed.counts.toarray().any(axis=1)
    assert np.allclose(lengths, said)
    assert np.linalg.norm(weighed.centroid) == pytest.approx(float(said.any()))


@given(TEXTS)
def test_cosines_are_those_of_the_dense_rows(texts):
    weighed = TfIdf.of(texts)
    dense = weighed.rows.toarray()
    for i in range(len(texts)):
        assert np.allclose(weighed.cosines(i), dense @ dense[i])
