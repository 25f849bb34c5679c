"""Intervals, tests and letters, each against a case that can be worked out."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import permutation_test

from eval.metrics.settings import StatisticsSettings
from eval.statistics import bootstrap, compact_letters, holm, randomisation, summarise

SETTINGS = StatisticsSettings(resamples=500, trials=500)


def rows_of(**scores):
    """One metric, ROUGE-1 F, of each named summarizer."""
    return {name: [{} if v is None else {"rouge1.f": v, "rouge1.p": v / 2} for v in s] for name, s in scores.items()}


def test_means_intervals_and_tests_of_a_clear_case():
    found = summarise(rows_of(good=[0.5, 0.6] * 10, bad=[0.1, 0.2] * 10), SETTINGS, seed=13)
    good = found["summarizers"]["good"]["rouge1"]
    assert (good["f"], good["p"], good["n"], good["letters"]) == (0.55, 0.275, 20, "a")
    assert found["summarizers"]["bad"]["rouge1"]["letters"] == "b"
    low, high = good["ci95"]
    # the mean of 20 draws has a standard error of 0.05 / sqrt(20)
    assert low == pytest.approx(0.55 - 1.96 * 0.05 / 20**0.5, abs=0.006)
    assert high == pytest.approx(0.55 + 1.96 * 0.05 / 20**0.5, abs=0.006)
    assert good["p_ci95"] == [pytest.approx(low / 2, abs=1e-6), pytest.approx(high / 2, abs=1e-6)]
    (test,) = found["tests"]
    assert test == {
        "metric": "rouge1",
        "a": "good",
        "b": "bad",
        "difference": 0.4,
        "p": pytest.approx(1 / 501, abs=1e-6),
        "p_holm": pytest.approx(1 / 501, abs=1e-6),
        "n": 20,
        "different": True,
    }


def test_the_seed_decides_everything():
    rows = rows_of(a=[0.1, 0.5, 0.3, 0.9] * 4, b=[0.2, 0.4, 0.6, 0.1] * 4)
    first, again, other = (summarise(rows, SETTINGS, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_an_item_without_a_score_counts_neither_in_the_mean_nor_in_a_pair():
    found = summarise(rows_of(a=[0.5, None, 0.7, 0.5], b=[0.5, 0.9, None, 0.1]), SETTINGS, seed=13)
    assert found["summarizers"]["a"]["rouge1"]["n"] == 3
    assert found["summarizers"]["b"]["rouge1"]["f"] == 0.5
    (test,) = found["tests"]
    assert (test["n"], test["difference"]) == (2, 0.2)


def test_a_summarizer_that_always_failed_has_no_figure_and_no_test():
    found = summarise(rows_of(a=[0.5, 0.6], b=[None, None]), SETTINGS, seed=13)
    assert found["summarizers"]["b"] == {}
    assert found["tests"] == []
    assert summarise(rows_of(a=[None]), SETTINGS, 13) == {"summarizers": {"a": {}}, "tests": []}


def test_letters_begin_with_the_best_also_where_less_is_better():
    rows = {"many": [{"invented_names": 50.0}] * 12, "few": [{"invented_names": 1.0}] * 12}
    found = summarise(rows, StatisticsSettings(trials=5000), seed=13)
    assert found["summarizers"]["few"]["invented_names"]["letters"] == "a"
    assert found["summarizers"]["many"]["invented_names"]["letters"] == "b"


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=7))
def test_few_items_are_tested_with_every_exchange(differences):
    observed = abs(sum(differences))
    signed = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    expected = np.mean([s >= observed - 1e-9 * (1 + observed) for s in signed])
    assert randomisation(np.array([differences]), 10_000, seed=1) == pytest.approx([expected])


def test_many_items_are_tested_by_chance_as_scipy_does():
    random = np.random.default_rng(5)
    differences = random.normal(0.2, 1, (3, 60))
    ours = randomisation(differences, 20_000, seed=3)
    theirs = [
        permutation_test((d,), np.sum, permutation_type="samples", n_resamples=20_000, rng=4).pvalue
        for d in differences
    ]
    assert ours == pytest.approx(theirs, abs=0.015)


def test_the_interval_covers_the_mean_as_often_as_it_says():
    random = np.random.default_rng(7)
    bounds = bootstrap(random.normal(0, 1, (400, 40)), 400, seed=2)
    covered = ((bounds[:, 0] <= 0) & (bounds[:, 1] >= 0)).mean()
    assert 0.9 <= covered <= 0.98


def test_results_do_not_hang_on_how_many_are_drawn_at_once(monkeypatch):
    random = np.random.default_rng(1)
    values, differences = random.normal(size=(3, 30)), random.normal(size=(2, 30))
    whole = bootstrap(values, 200, 1), randomisation(differences, 200, 1)
    monkeypatch.setattr("eval.statistics.CHUNK", 100)
    parts = bootstrap(values, 200, 1), randomisation(differences, 200, 1)
    assert whole[0] == pytest.approx(parts[0])
    assert whole[1] == pytest.approx(parts[1])


def test_holm_multiplies_by_what_is_left_and_never_falls():
    assert holm(np.array([0.04, 0.01, 0.03, 0.005])) == pytest.approx([0.06, 0.03, 0.06, 0.02])
    assert holm(np.array([0.9, 0.6])) == pytest.approx([1, 1])


@given(st.sets(st.sampled_from(list(combinations("vwxyz", 2)))))
def test_two_share_a_letter_exactly_if_they_are_not_told_apart(different):
    letters = compact_letters("vwxyz", sorted(different))
    for a, b in combinations("vwxyz", 2):
        assert bool(set(letters[a]) & set(letters[b])) == ((a, b) not in different)
    assert letters["v"].startswith("a")


def test_letters_of_a_chain():
    assert compact_letters("xyz", [("x", "z")]) == {"x": "a", "y": "ab", "z": "b"}
