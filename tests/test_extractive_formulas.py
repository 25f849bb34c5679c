"""The formulas of the sentence-picking methods, against small examples worked out the long way."""

from math import log, sqrt

import numpy as np
import pytest
from rouge_score.rouge_scorer import RougeScorer

from summarize.documents import Article, Story
from summarize.extractive import EXTRACTIVE, centroid, kl, lexrank, oracle, submodular, textrank
from summarize.extractive.choosing import fill, ranked
from summarize.extractive.view import Floats, View

THREE = ["Red cats sleep.", "Red cats hunt grey mice.", "Grey mice hide."]

GARDEN = [
    ["The garden wall fell down last night.", "Nobody heard the garden wall fall."],
    ["Rain had soaked the old garden wall.", "The mayor will pay for a new wall.", "Rain comes again tomorrow."],
    ["The mayor of the town visited the old garden.", "Roses were crushed under heavy stones."],
]


def view_of(*articles: list[str], query: str | None = None, references: tuple[str, ...] = ()) -> View:
    made = tuple(Article(f"a{i}", "\n\n".join(lines)) for i, lines in enumerate(articles))
    view = View.of(Story("s", made), query=query, references=references)
    assert [s.text for s in view.sentences] == [line for lines in articles for line in lines]
    return view


def walk(weights: Floats, restart: Floats, damping: float) -> Floats:
    """Stationary distribution of the walk as the eigenvector of its dense matrix to the eigenvalue 1."""
    n = len(weights)
    matrix = np.zeros((n, n))
    for v in range(n):
        column = weights[:, v] / weights[:, v].sum() if weights[:, v].any() else restart
        matrix[:, v] = (1 - damping) * restart + damping * column
    values, vectors = np.linalg.eig(matrix)
    vector = np.real(vectors[:, np.argmax(np.real(values))])
    return vector / vector.sum()


def cosines(view: View) -> Floats:
    dense = view.tfidf.toarray()
    return np.array([[np.dot(a, b) for b in dense] for a in dense])


def test_tfidf() -> None:
    view = view_of(THREE[:2])
    rare = log(3 / 2) + 1  # one sentence of two; "red" and "cats" stand in both: ln(3 / 3) + 1 = 1
    first, second = sqrt(2 + rare**2), sqrt(2 + 3 * rare**2)
    assert sorted(view.tfidf.toarray()[0]) == pytest.approx([0, 0, 0, 1 / first, 1 / first, rare / first])
    assert cosines(view)[0, 1] == pytest.approx(2 / (first * second))
    assert view.lengths.tolist() == [3, 5]


def test_lexrank_is_the_eigenvector() -> None:
    view = view_of(THREE)
    expected = walk(cosines(view), np.ones(3) / 3, 0.85)
    assert lexrank.scores(view) == pytest.approx(expected, abs=1e-10)
    assert ranked(view, lexrank.scores(view)) == [1, 0, 2]


def test_lexrank_without_weak_links() -> None:
    view = view_of(*GARDEN)
    weights = cosines(view)
    expected = walk(np.where(weights >= 0.2, weights, 0), np.ones(7) / 7, 0.85)
    assert lexrank.scores(view, threshold=0.2) == pytest.approx(expected, abs=1e-10)
    assert lexrank.scores(view, threshold=0.2) != pytest.approx(lexrank.scores(view), abs=1e-4)


def test_lexrank_with_a_query_restarts_at_it() -> None:
    view = view_of(THREE, query="hide mice")
    asked = view.tfidf.toarray() @ view.query
    expected = walk(cosines(view), asked / asked.sum(), 0.5)
    assert lexrank.scores(view) == pytest.approx(expected, abs=1e-10)
    assert ranked(view, lexrank.scores(view)) == [2, 1, 0]


def test_textrank_counts_shared_words() -> None:
    view = view_of(THREE, ["Sleep."], ["Unrelated things happen."])
    weights = np.array([textrank.overlap(view)(unit) for unit in np.eye(5)])
    first, second, third = 2 / (log(3) + log(5)), 2 / (log(5) + log(3)), 1 / log(3)
    expected = np.zeros((5, 5))
    for i, j, weight in [(0, 1, first), (1, 2, second), (0, 3, third)]:
        expected[i, j] = expected[j, i] = weight
    assert weights == pytest.approx(expected, abs=1e-12)
    assert textrank.scores(view) == pytest.approx(walk(expected, np.ones(5) / 5, 0.85), abs=1e-10)


def test_textrank_does_not_link_two_single_words() -> None:
    view = view_of(["Sleep."], ["Sleep."])
    assert textrank.scores(view) == pytest.approx([0.5, 0.5])


def test_mmr_step_by_step() -> None:
    view = view_of(*GARDEN)
    similar, centre = cosines(view), view.tfidf.toarray().sum(axis=0)
    relevance = view.tfidf.toarray() @ (centre / np.linalg.norm(centre))
    chosen: list[int] = []
    for _ in range(3):
        worth = [
            0.7 * relevance[i] - 0.3 * max((similar[i, c] for c in chosen), default=0)
            if all(i != c and similar[i, c] < 0.5 for c in chosen)
            else -9.0
            for i in range(7)
        ]
        chosen.append(int(np.argmax(worth)))
    assert EXTRACTIVE["mmr"](view, 200)[:3] == chosen


def test_centroid_features() -> None:
    lines = [
        ["The garden wall fell down in the storm last night.", "Nobody in the whole town heard the wall fall down."],
        ["Rain had soaked the old wall.", "The town will now pay for a new and higher wall."],
    ]
    view = view_of(*lines)
    counts, tfidf = view.counts.toarray(), view.tfidf.toarray()
    weight = counts.sum(axis=0) * view.idf / 2
    weight[weight < weight.mean()] = 0
    content = [sum(count * w for count, w in zip(row, weight, strict=True)) for row in counts]
    first = [tfidf[i] @ tfidf[i - i % 2] for i in range(4)]
    expected = [
        (content[i] / max(content) + (1, 0.5)[i % 2] + first[i]) / 3 - (len(line.split()) < 9)
        for i, line in enumerate(line for article in lines for line in article)
    ]
    assert centroid.scores(view) == pytest.approx(expected)
    assert 0 < np.count_nonzero(weight) < len(weight)


def test_sumbasic_squares_what_is_said() -> None:
    view = view_of(["It was the old wall.", "There the wall fell, the wall.", "Rain soaked old bricks, wall."])
    # Of 10 content words wall is 4, old 2, the others 1 each. Means: (.2 + .4) / 2 = (.4 + .1 + .4) / 3 = .3,
    # and .9 / 5; the earlier sentence wins the tie. Now wall is worth .16, old .04; wall still leads; means
    # (.16 + .1 + .16) / 3 = .14 and (.1 + .1 + .04 + .1 + .16) / 5 = .1.
    assert view.counts.sum() == 10
    assert EXTRACTIVE["sumbasic"](view, 40) == [0, 1, 2]


def test_sumbasic_wants_the_most_probable_word() -> None:
    # wall 3, rain 2, the others 1: rain alone has the best mean, 2, but only sentences with wall may be taken,
    # of which the last has the best mean, (3 + 3) / 4.
    walls = ["A wall stood beside three poplars.", "The wall hid many quiet lanes."]
    view = view_of([*walls, "Painters like this crumbling wall.", "It was rain, then it rained."])
    assert EXTRACTIVE["sumbasic"](view, 6) == [2]


def test_kl_divergence() -> None:
    view = view_of(*GARDEN)
    counts = view.counts.toarray()
    p = counts.sum(axis=0) / counts.sum()
    for chosen in ([], [0], [2, 5]):
        for i in range(7):
            said = counts[[*chosen, i]].sum(axis=0) + kl.SMOOTHING
            expected = sum(a * log(a / b) for a, b in zip(p, said / said.sum(), strict=True))
            assert kl.divergences(view, chosen)[i] == pytest.approx(expected)


def worth_of(view: View, topics: list[int], chosen: list[int]) -> float:
    """F of Lin and Bilmes, from its definition."""
    similar, n = cosines(view), len(view.sentences)
    coverage = sum(
        min(sum(similar[i, j] for j in chosen), min(1, submodular.COVERAGE / n) * sum(similar[i])) for i in range(n)
    )
    rewards = [sum(similar[i]) / n for i in range(n)]
    diversity = sum(sqrt(sum(rewards[j] for j in chosen if topics[j] == t)) for t in set(topics))
    return float(coverage + submodular.DIVERSITY * diversity)


def test_submodular_gains() -> None:
    view = view_of(*GARDEN)
    topics = submodular.topics(view).tolist()
    worth = submodular.Worth(view)
    assert len(set(topics)) == 2
    assert worth.alone() == pytest.approx([worth_of(view, topics, [j]) for j in range(7)])
    chosen: list[int] = []
    for taken in (3, 0, 5):
        now = worth_of(view, topics, chosen)
        for j in set(range(7)) - set(chosen):
            assert worth.gain(j) == pytest.approx(worth_of(view, topics, [*chosen, j]) - now)
        worth.take(taken)
        chosen.append(taken)
        assert worth.total() == pytest.approx(worth_of(view, topics, chosen))


def test_lazy_greedy_is_greedy() -> None:
    view = view_of(*GARDEN)
    topics, similar = submodular.topics(view).tolist(), cosines(view)
    chosen: list[int] = []
    room = 22
    while True:
        now = worth_of(view, topics, chosen)
        open_ = [
            j
            for j in map(int, view.reading)
            if 5 <= view.lengths[j] <= room and all(similar[j, c] < 0.5 for c in chosen)
        ]
        if not open_:
            break
        gains = [(worth_of(view, topics, [*chosen, j]) - now) / view.lengths[j] ** submodular.COST for j in open_]
        chosen.append(open_[int(np.argmax(gains))])
        room -= int(view.lengths[chosen[-1]])
    assert len(chosen) >= 2
    assert submodular.select(view, 22) == chosen


def test_submodular_prefers_one_sentence_worth_more_than_many() -> None:
    # For its length the short sentence gains more, but then the long one, which says it all, does not fit.
    view = view_of(
        ["Red wall bricks fell again."],
        ["Rain soaked green garden roses and old stones while the mayor slept in town near a river."],
        ["Rain soaked green roses."], ["Old stones near a river."], ["The mayor slept in town."],
    )  # fmt: skip
    alone = submodular.Worth(view).alone()
    assert int(np.argmax(alone)) == 1
    assert submodular.select(view, 17)[0] == 1


def test_oracle_finds_the_reference_in_the_story() -> None:
    reference = "Rain had soaked the old garden wall. The mayor will pay for a new wall."
    view = view_of(*GARDEN, references=(reference,))
    assert sorted(oracle.select(view, 100)) == [2, 3]  # more sentences would fit, none would help


def test_oracle_counts_as_rouge_does() -> None:
    reference = "The old garden wall fell and the mayor will pay for the wall."
    view = view_of(*GARDEN, references=(reference,))
    scorer = RougeScorer(["rouge1", "rouge2"], use_stemmer=False)
    scores = [scorer.score(reference, s.text) for s in view.sentences]
    best = max(range(7), key=lambda i: scores[i]["rouge1"].fmeasure + scores[i]["rouge2"].fmeasure)
    assert oracle.select(view, 8)[0] == best


def test_fill_passes_over_what_does_not_fit_or_is_said() -> None:
    view = view_of(["A wall of the garden fell.", "One wall of the garden fell."], ["The mayor slept on the train."])
    assert fill(view, [0, 1, 2], 12) == [0, 2]
    assert fill(view, [0, 1, 2], 12, redundancy=None) == [0, 1]
    assert fill(view, [1, 2, 0], 11) == [1]
    assert fill(view, [2, 0, 1], 3) == [2]
