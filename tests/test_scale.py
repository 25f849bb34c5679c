"""Clustering of many articles: streams with known stories, candidates, blocks, rounds, and their benchmark."""

import json
import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from conftest import bag_of_words
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from eval.bench import scale, stages
from eval.clusters import scores
from eval.streams import START, stream
from summarize.clustering import groups, hybrid, pairs
from summarize.clustering.blocks import blocks
from summarize.clustering.evidence import encode_groups, gather, merged, part_of
from summarize.config import ClusteringSettings
from summarize.documents import Article

FEW = stream(400)


def labels(found: Sequence[Sequence[Article]]) -> dict[str, int]:
    return {a.id: k for k, group in enumerate(found) for a in group}


def members(found: Sequence[Sequence[Article]]) -> set[tuple[str, ...]]:
    return {tuple(sorted(a.id for a in group)) for group in found}


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets the bounds so low that a few hundred articles are many."""
    for module in (pairs, hybrid):
        monkeypatch.setattr(module, "EXACT", 100)
    monkeypatch.setattr(pairs, "NEAREST_OF_MANY", 16)
    monkeypatch.setattr(pairs, "POSTINGS", 32)
    monkeypatch.setattr(pairs, "LOOKED_AT", 200)
    monkeypatch.setattr(hybrid, "BLOCK", 60)


def test_a_stream_is_the_same_each_time_and_another_with_another_seed():
    assert stream(400) == FEW
    assert stream(400, seed=7).articles[0] != FEW.articles[0]


def test_a_stream_is_lifelike():
    assert len(FEW.articles) == len(FEW.stories) == 400
    assert len({a.id for a in FEW.articles}) == 400
    sizes = sorted(Counter(FEW.stories).values())
    assert sizes[0] == 1
    assert sizes[-1] == 30
    assert sizes.count(1) > len(sizes) / 3
    dated = [a.published for a in FEW.articles if a.published]
    assert 300 < len(dated) < 400
    assert dated == sorted(dated)
    assert dated[0] >= START
    lengths = [a.words for a in FEW.articles]
    assert min(lengths) >= 10
    assert max(lengths) < 340
    texts = Counter(a.text for a in FEW.articles)
    assert any(n > 1 for n in texts.values())  # copied word for word


def test_copies_never_leave_their_story():
    story_of_text: dict[str, str] = {}
    for article, story in zip(FEW.articles, FEW.stories, strict=True):
        assert story_of_text.setdefault(article.text, story) == story


def test_an_empty_stream_is_empty():
    assert stream(0).articles == ()


@pytest.mark.usefixtures("many")
def test_many_articles_are_parted_as_well_as_few():
    whole = labels(groups(FEW.articles, ClusteringSettings(), bag_of_words))
    result = scores(FEW.stories, [whole[a.id] for a in FEW.articles])
    assert result["B3 F1"] > 0.95
    assert result["pair P"] > 0.95


@pytest.mark.usefixtures("many")
def test_the_order_of_many_articles_does_not_matter():
    shuffled = list(FEW.articles)
    random.Random(3).shuffle(shuffled)
    settings = ClusteringSettings()
    assert members(groups(shuffled, settings, bag_of_words)) == members(groups(FEW.articles, settings, bag_of_words))


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_many_articles_at_the_ends_of_the_threshold(threshold):
    found = groups(FEW.articles, ClusteringSettings(threshold=threshold), bag_of_words)
    assert sorted(a.id for g in found for a in g) == sorted(a.id for a in FEW.articles)
    if threshold == 1:
        assert all(len({a.text for a in g}) == 1 for g in found)


@pytest.mark.usefixtures("many")
def test_many_articles_without_words_or_alike_in_all():
    blank = [Article(f"{n:03}", "…" * (n + 1)) for n in range(150)]
    assert len(groups(blank, ClusteringSettings(), bag_of_words)) == 150
    alike = [Article(f"{n:03}", f"The mayor of Veldhaven opened the quay at noon, case {n}.") for n in range(150)]
    assert sum(map(len, groups(alike, ClusteringSettings(), bag_of_words))) == 150


@pytest.mark.usefixtures("many")
def test_of_a_group_joined_by_words_only_a_few_articles_are_encoded():
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return bag_of_words(texts)

    groups(FEW.articles, ClusteringSettings(), encode)
    assert 0 < len(set(asked)) < 0.8 * len(FEW.articles)


def test_the_vector_of_a_group_weighs_as_much_as_the_group():
    articles = [Article(str(n), f"{w} opened the quay") for n, w in enumerate("Ada Bo Cy Di Ed Flo Gus".split())]
    vectors = encode_groups(articles, [[0, 1, 2, 3, 4, 5], [6]], [0], bag_of_words)
    assert vectors.shape[0] == 2
    assert 4 < np.linalg.norm(vectors[0]) <= 6
    assert not vectors[1].any()


def test_few_rows_are_all_compared_and_many_within_bounds(monkeypatch):
    evidence = gather(FEW.articles)
    every = set(zip(*(x.tolist() for x in pairs.neighbours(evidence.lexical[0], 0.02)), strict=True))
    monkeypatch.setattr(pairs, "EXACT", 100)
    monkeypatch.setattr(pairs, "NEAREST_OF_MANY", 8)
    left, right = pairs.neighbours(evidence.lexical[0], 0.02, evidence.days[:, 1])
    some = set(zip(left.tolist(), right.tolist(), strict=True))
    assert some < every
    assert len(some) <= 8 * 400
    assert all(i < j for i, j in some)
    gold = {(i, j) for i, j in every if FEW.stories[i] == FEW.stories[j]}
    nearest = {i for pair in gold & some for i in pair}
    assert len(nearest) > 0.98 * len({i for pair in gold for i in pair})


def test_what_is_found_does_not_hang_on_how_much_is_done_at_once(monkeypatch):
    matrix = gather(FEW.articles).lexical[0]
    expected = pairs.neighbours(matrix, 0.02)
    monkeypatch.setattr(pairs, "BLOCK", 500)
    assert all((a == b).all() for a, b in zip(expected, pairs.neighbours(matrix, 0.02), strict=True))


def test_cosines_of_long_rows_are_those_of_short_ones(monkeypatch):
    matrix = sparse.random_array((40, 300), density=0.3, format="csr", dtype=np.float32, rng=np.random.default_rng(2))
    matrix.sort_indices()
    left, right = np.triu_indices(40, 1)
    expected = (matrix @ matrix.T).toarray()[left, right]
    for most in (0, 90, 300):  # all rows are long, some, none
        monkeypatch.setattr(pairs, "LONG", most)
        assert pairs.cosines(matrix, left, right) == pytest.approx(expected, rel=1e-5)


def test_a_frequent_word_finds_those_of_about_the_same_time(monkeypatch):
    monkeypatch.setattr(pairs, "POSTINGS", 3)
    days = np.array([5.0, 1, 4, 2, 3, 6, np.nan])
    cut = pairs.in_stretches(sparse.csr_array(np.ones((7, 1), np.float32)), days)
    assert cut.shape == (7, 3)
    assert cut.indices.tolist() == [1, 0, 1, 0, 0, 2, 2]
    assert cut.data.tolist() == [1] * 7


rows = st.integers(0, 25).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(st.tuples(st.integers(0, n), st.integers(0, n), st.floats(0, 1, width=32)), max_size=60),
        st.integers(1, 8),
    )
)


@given(rows)
def test_blocks_part_all_rows_and_none_is_too_large(drawn):
    n, edges, most = drawn[0] + 1, [e for e in drawn[1] if e[0] < e[1]], drawn[2]
    left, right = (np.array([e[k] for e in edges], np.int64) for k in (0, 1))
    strength = np.array([e[2] for e in edges], np.float32)
    found = blocks(n, left, right, strength, most)
    assert sorted(i for block in found for i in block) == list(range(n))
    assert all(block == sorted(block) and len(block) <= max(most, 1) for block in found)
    assert [b[0] for b in found] == sorted(b[0] for b in found)
    shuffled = np.random.default_rng(1).permutation(len(edges))
    if len(set(strength.tolist())) == len(edges):
        assert blocks(n, left[shuffled], right[shuffled], strength[shuffled], most) == found


def test_a_component_that_is_small_enough_is_one_block_and_a_larger_one_is_cut_where_it_is_weakest():
    left, right = np.array([0, 1, 2, 3]), np.array([1, 2, 3, 4])
    strength = np.array([0.9, 0.2, 0.8, 0.7], np.float32)
    assert blocks(6, left, right, strength, 5) == [[0, 1, 2, 3, 4], [5]]
    assert blocks(6, left, right, strength, 4) == [[0, 1], [2, 3, 4], [5]]


def test_joins_in_blocks_are_those_of_the_whole_where_the_blocks_are_components():
    evidence = gather(FEW.articles)
    left, right = hybrid.candidates(evidence)
    near = pairs.cosines(evidence.lexical[0], left, right) > 0.3
    left, right = left[near], right[near]
    model = hybrid.shipped()
    whole = hybrid.join(evidence, left, right, model, 0.0, by_words=True)
    apart = hybrid.join_in_blocks(evidence, left, right, model, 0.0, by_words=True)
    assert len(whole) > 100
    assert sorted((i, j) for _, i, j in apart) == sorted((i, j) for _, i, j in whole)


def test_merged_rows_are_sums_and_parts_are_rows():
    evidence = gather(FEW.articles[:5])
    both = merged(evidence, [[0, 3], [1], [2, 4]])
    assert both.sizes.tolist() == [2, 1, 2]
    words = evidence.lexical[0].toarray()
    assert np.allclose(both.lexical[0].toarray(), [words[0] + words[3], words[1], words[2] + words[4]])
    assert np.allclose(both.traits[0], (evidence.traits[0] + evidence.traits[3]) / 2)
    assert both.days[0].tolist() == [np.nanmin(evidence.days[[0, 3]]), np.nanmax(evidence.days[[0, 3]])]
    part = part_of(both, [2])
    assert part.sizes.tolist() == [2]
    assert np.allclose(part.lexical[0].toarray()[0], words[2] + words[4])


def test_the_benchmark_measures_each_way_at_a_small_size():
    for way in scale.WAYS:
        record = scale.measure(way, 120, "hashed")
        assert (record["way"], record["articles"], record["encoder"]) == (way, 120, "hashed")
        assert record["seconds"] >= record["seconds_encoding"] >= 0
        assert record["encoded"] <= 1
        assert record["stories_true"] == len(set(stream(120).stories))
        assert 0 <= record["B3 F1"] <= 100
    assert scale.measure("average link", 120, "hashed")["B3 F1"] > 95


def test_exponents_of_growth_of_a_worked_example():
    records = [
        {"way": "hybrid", "articles": n, "seconds": 3 * n**1.5 + n, "seconds_encoding": n, "megabytes": n / 10}
        for n in (100, 1000, 10_000)
    ]
    found = scale.growth(records)
    assert found["exponent_time_without_encoding"] == 1.5
    assert found["exponent_memory"] == 1.0
    assert 1.4 < found["exponent_time"] < 1.5
    assert found["targets"] == {"time": 1.15, "memory": 1.05}


@pytest.mark.parametrize(("given_", "complaint"), [({"way": ["hybird"]}, "hybird"), ({"encoder": "bert"}, "'bert'")])
def test_the_benchmark_refuses_what_it_does_not_know(given_, complaint):
    with pytest.raises(SystemExit, match=complaint):
        scale.main(articles=[100], **{"encoder": "hashed", **given_})


def test_the_benchmark_runs_each_size_in_a_process_of_its_own(capsys):
    scale.main(articles=[60, 120], way=["average link"], encoder="hashed")
    first, second, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["articles"], second["articles"]) == (60, 120)
    assert last["sizes"] == [60, 120]


def test_each_stage_has_its_cost():
    record = stages.measure(150, encoded=2, stories=2, summarizers=["lead"])
    assert set(record["milliseconds"]) >= {
        "read as JSON",
        "find candidates",
        "encode a lead",
        "summarise a story: lead",
    }
    assert all(v >= 0 for v in record["milliseconds"].values())
    assert record["bytes"]["sentence vector"] == 4 * 384
    assert record["articles_a_story"] > 1
    day = stages.reckon(record, 1_000_000)
    assert day["core_hours"]["read"] == round(record["milliseconds"]["read as JSON"] / 3.6, 1)
    assert day["gigabytes_handed_on"]["sentence vector"] == round(1.536 * record["encoded"], 1)
    assert 0 < day["stories_of_several"] < 1_000_000
    assert day["megabytes_of_a_block"] > 0
