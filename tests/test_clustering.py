"""Clustering: which articles become one story."""

import json
import random
import resource
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from conftest import DATA, bag_of_words
from hypothesis import given
from hypothesis import strategies as st

from eval.clusters import scores
from summarize.clustering import CLUSTERERS, cluster, story_of
from summarize.clustering.evidence import FEATURES, encode_leads, gap_cost, gather, shipped
from summarize.clustering.hybrid import Groups
from summarize.clustering.linkage import average_link
from summarize.clustering.words import background, rarity
from summarize.clustering.words import count as count_words
from summarize.config import ClusteringSettings
from summarize.documents import Article, Story
from summarize.errors import UnknownNameError
from summarize.models import Encode
from summarize.reading import read_articles

SEEDS = Path(__file__).parent.parent / "seeds"
HYBRID = ClusteringSettings()
TFIDF = ClusteringSettings(clusterer="tfidf")

QUAKE_NORTH = [
    Article(
        "north/1",
        "A strong earthquake shook the port of Veldhaven before dawn on Friday, bringing down apartment blocks "
        "along the quay and killing at least 41 people. The magnitude 6.4 tremor was centred 12 kilometres "
        "off the Halmar coast, the seismic institute in Veldhaven said. Mayor Astrid Kolbe asked residents to "
        "sleep in the open. Rescue crews with dogs were digging through the Merchants Hotel.",
        title="Veldhaven earthquake kills 41",
    ),
    Article(
        "north/2",
        "Rescuers in Veldhaven pulled three guests alive from the ruins of the Merchants Hotel on Friday, hours "
        "after an earthquake of magnitude 6.4 struck off the Halmar coast. Mayor Astrid Kolbe said 41 deaths "
        "had been confirmed and that the quay was closed. Schools in Halmar will stay shut until Wednesday.",
        title="Three saved from Merchants Hotel after Veldhaven quake",
    ),
    Article(
        "north/3",
        "The earthquake that hit the Halmar coast early on Friday has killed 41 people in Veldhaven, Mayor "
        "Astrid Kolbe said. The seismic institute measured it at 6.4. Two aftershocks were felt in the port "
        "while crews searched the collapsed Merchants Hotel for survivors.",
    ),
]
QUAKE_SOUTH = [
    Article(
        "south/1",
        "An earthquake of magnitude 5.9 damaged hundreds of houses in the mountain province of Quiltana on "
        "Sunday and killed 7 people, President Ramon Iturbe said. Landslides cut the road to the town of San "
        "Evaristo, where the church tower fell. Rescue crews were flown in by helicopter from Puerto Alto.",
        title="Seven dead in Quiltana earthquake",
    ),
    Article(
        "south/2",
        "Helicopters from Puerto Alto brought rescue crews to San Evaristo after Sunday's earthquake in "
        "Quiltana, which killed 7 people. The 5.9 magnitude tremor toppled the church tower and landslides "
        "blocked the only road. President Ramon Iturbe declared three days of mourning.",
        title="Rescuers reach San Evaristo after earthquake",
    ),
    Article(
        "south/3",
        "President Ramon Iturbe flew over Quiltana on Monday to see the damage of an earthquake that killed 7 "
        "people and left San Evaristo without a road. Engineers said the magnitude 5.9 shock had loosened the "
        "slopes above the town and that more landslides were likely.",
    ),
]


def ids(stories: Sequence[Story]) -> list[list[str]]:
    return sorted(sorted(a.id for a in s.articles) for s in stories)


def folder(name: str) -> list[Article]:
    return list(read_articles(DATA / name).articles)


def headlines(*titles: str) -> list[Article]:
    return [Article(f"{n:03}", "", title=t) for n, t in enumerate(titles)]


def test_days_are_of_one_clock_whatever_zone_a_time_is_told_in() -> None:
    told = (
        "2026-03-01T23:30:00+00:00",
        "2026-03-01T23:30:00",
        "2026-03-02T08:30:00+09:00",
        "0001-01-01T00:00:00+05:00",
    )
    found = gather([Article(str(n), "Rain fell.", published=datetime.fromisoformat(t)) for n, t in enumerate(told)])
    day = datetime(2026, 3, 1, tzinfo=UTC).toordinal() + 1410 / 1440
    assert found.days[:3, 0].tolist() == [day] * 3
    assert found.days[3, 0] == 19 * 60 / 1440


@pytest.mark.parametrize("settings", [HYBRID, TFIDF])
def test_no_article_makes_no_story(settings: ClusteringSettings) -> None:
    assert cluster([], settings, bag_of_words) == ()


@pytest.mark.parametrize("settings", [HYBRID, TFIDF])
@pytest.mark.parametrize(
    "article",
    [
        Article("a", "Only a few words about nothing much."),
        Article("a", "", title="Headline alone"),
        Article("a", ""),
        Article("a", "…!?"),
        Article("a", "\udcff 💥 ﷽"),
    ],
)
def test_one_article_is_a_story_of_one(article: Article, settings: ClusteringSettings) -> None:
    (story,) = cluster([article], settings, bag_of_words)
    assert story.articles == (article,)
    assert story.lineages == (("a",),)


@pytest.mark.parametrize("settings", [HYBRID, TFIDF])
def test_look_alike_events_stay_apart(settings: ClusteringSettings) -> None:
    stories = cluster([*QUAKE_SOUTH, *QUAKE_NORTH], settings, bag_of_words)
    assert ids(stories) == [[a.id for a in QUAKE_NORTH], [a.id for a in QUAKE_SOUTH]]


def test_events_stay_apart_with_the_real_encoder(minilm: Encode) -> None:
    every = [*QUAKE_SOUTH, *QUAKE_NORTH, *folder("flood"), *folder("bridge"), *folder("unrelated")]
    stories = cluster(every, HYBRID, minilm)
    assert [len(s.articles) for s in stories] == [4, 3, 3, 3, 1, 1, 1, 1, 1]
    assert [a.id for a in QUAKE_NORTH] in ids(stories)
    assert [a.id for a in QUAKE_SOUTH] in ids(stories)


@pytest.mark.parametrize("settings", [HYBRID, TFIDF])
def test_five_unrelated_articles_leave_the_seed_story_as_it_is(settings: ClusteringSettings) -> None:
    seeds = [a for a in read_articles(SEEDS).articles if not a.id.endswith("README.md")]
    (alone,) = cluster(seeds, settings, bag_of_words)
    joined = cluster([*folder("unrelated"), *seeds], settings, bag_of_words)
    assert joined[0] == alone
    assert [len(s.articles) for s in joined[1:]] == [1] * 5


@hypothesis.settings(max_examples=15)
@given(st.permutations([*QUAKE_NORTH, *QUAKE_SOUTH, Article("x", QUAKE_NORTH[0].text), Article("y", "")]))
def test_the_order_of_the_articles_does_not_matter(articles: list[Article]) -> None:
    expected = cluster(sorted(articles, key=lambda a: a.id), HYBRID, bag_of_words)
    assert cluster(articles, HYBRID, bag_of_words) == expected


words = st.lists(st.sampled_from("Kolbe quake 41 in the port rose 7 Iturbe rain on of".split()), max_size=12)
articles = st.lists(
    st.tuples(words, st.none() | words, st.none() | st.dates(min_value=datetime(2020, 1, 1).date())),
    max_size=8,
).map(
    lambda rows: [
        Article(
            str(n),
            " ".join(text),
            title=None if title is None else " ".join(title),
            published=None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC),
        )
        for n, (text, title, day) in enumerate(rows)
    ]
)


@given(articles, st.sampled_from(sorted(CLUSTERERS)), st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
def test_every_article_is_in_exactly_one_story(rows: list[Article], name: str, threshold: float) -> None:
    settings = ClusteringSettings(clusterer=name, threshold=threshold)
    stories = cluster(rows, settings, bag_of_words)
    assert sorted(a.id for s in stories for a in s.articles) == sorted(a.id for a in rows)
    for story in stories:
        assert [a.id for a in story.articles] == sorted(a.id for a in story.articles)
        assert sorted(i for lineage in story.lineages for i in lineage) == [a.id for a in story.articles]
    assert [len(s.articles) for s in stories] == sorted((len(s.articles) for s in stories), reverse=True)
    by_text: dict[str, set[str]] = {}
    for story in stories:
        for a in story.articles:
            by_text.setdefault(" ".join(a.text.split()) or a.title or "", set()).add(story.id)
    assert all(len(story_ids) == 1 for story_ids in by_text.values())


def test_articles_with_one_text_are_never_apart_whatever_their_titles_and_dates() -> None:
    text = QUAKE_NORTH[0].text
    strict = ClusteringSettings(threshold=1.0)
    copies = [
        Article("a", text, title="Veldhaven in ruins", published=datetime(2021, 1, 1, tzinfo=UTC)),
        Article("b", "  " + text.replace(". ", ".\n"), title="Kolbe", published=datetime(2024, 1, 1, tzinfo=UTC)),
    ]
    assert ids(cluster(copies, strict, bag_of_words)) == [["a", "b"]]


def test_publication_years_apart_parts_reports_that_words_would_join() -> None:
    first = Article(
        "a",
        "Mayor Astrid Kolbe opened the rebuilt quay of Veldhaven with a concert.",
        published=datetime(2021, 3, 5, tzinfo=UTC),
    )
    near = Article(
        "b",
        "A concert and a speech by Mayor Astrid Kolbe marked the reopening of the quay in Veldhaven.",
        published=datetime(2021, 3, 6, tzinfo=UTC),
    )
    far = replace(near, published=datetime(2029, 3, 6, tzinfo=UTC))
    assert len(cluster([first, near], HYBRID, bag_of_words)) == 1
    assert len(cluster([first, far], HYBRID, bag_of_words)) == 2


def test_a_wrong_date_of_one_article_costs_less_than_dates_that_several_agree_on() -> None:
    days = np.array([np.nan, 5.0, 28.0, 4000.0, 4000.0, 4000.0])
    sizes = np.array([[1, 1, 1, 1, 9, 9], [9, 9, 9, 9, 1, 9]], float)
    unknown, near, weeks, one, other, several = gap_cost(days, sizes)
    assert (unknown, near, weeks) == (0, 0, 1)
    assert one == other < several


def test_headlines_alone_are_enough() -> None:
    every = headlines(
        "Orless dam overflows, 14 dead in Lower Tamsin",
        "At least 14 killed as Varrow dam overflows at Lower Tamsin",
        "Lower Tamsin flood: 14 dead after Varrow dam overflows",
        "Hallberg bank cuts interest rate to 2.5 percent",
        "Interest rate cut to 2.5 percent by Hallberg bank",
    )
    assert ids(cluster(every, HYBRID, bag_of_words)) == [["000", "001", "002"], ["003", "004"]]


def test_an_article_that_resembles_no_other_is_not_encoded() -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return bag_of_words(texts)

    alone = Article("z", "Bakers praise a new sourdough starter.", title="Loaf")
    cluster([*QUAKE_NORTH, alone], HYBRID, encode)
    assert asked
    assert not any("sourdough" in text for text in asked)


def test_story_ids_tell_contents_apart() -> None:
    def id_of(articles: Sequence[Article]) -> str:
        return story_of(articles, bag_of_words).id

    assert id_of(QUAKE_NORTH) == id_of(QUAKE_NORTH[::-1])
    assert id_of(QUAKE_NORTH) != id_of(QUAKE_NORTH[:2])
    assert id_of(QUAKE_NORTH) != id_of([replace(QUAKE_NORTH[0], text="Other."), *QUAKE_NORTH[1:]])
    assert id_of([Article("a", "bc")]) != id_of([Article("ab", "c")])


def test_unknown_clusterer_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"'hybird'\. Did you mean 'hybrid'\? Known: hybrid, tfidf"):
        cluster(QUAKE_NORTH, ClusteringSettings(clusterer="hybird"), bag_of_words)


def test_two_thousand_articles_fit_in_little_memory() -> None:
    random_ = random.Random(5)
    common = [f"word{n}" for n in range(3000)]
    made = []
    for story in range(400):
        own = [f"Name{story}x{k}" for k in range(12)]
        for copy in range(5):
            text = " ".join(random_.choices(own, k=12) + random_.choices(common, k=24))
            made.append(Article(f"{story:03}-{copy}", text))
    random_.shuffle(made)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stories = cluster(made, HYBRID, bag_of_words)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB
    gold = [a.id[:3] for s in stories for a in s.articles]
    assert scores(gold, [n for n, s in enumerate(stories) for _ in s.articles])["B3 F1"] > 0.9


def test_words_shared_by_a_whole_folder_are_not_taken_for_common_ones() -> None:
    counted = [count_words(a) for a in QUAKE_NORTH]
    rare = rarity(counted)
    assert rare["veldhaven"] > 2 * rare["said"]


def test_background_knows_names_in_headlines_where_every_word_has_a_capital() -> None:
    known = background()
    words = count_words(Article("a", "", title="London Mayor Promises Cheaper Tickets"))
    assert words.names == {"london"}
    assert 0 < known.share["london"] < known.share["said"] < 1


@hypothesis.settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=4), st.data())
def test_the_features_of_groups_kept_up_are_those_of_their_sums(
    joins: list[tuple[int, int]], data: st.DataObject
) -> None:
    made = [*QUAKE_NORTH, *QUAKE_SOUTH]
    evidence = gather(made)
    evidence = replace(evidence, vectors=encode_leads(made, range(6), bag_of_words))
    left, right = np.triu_indices(6, 1)
    groups = Groups(evidence, left, right, shipped())
    for a, b in joins:
        i, j = sorted((int(groups.root[a]), int(groups.root[b])))
        if i != j:
            groups.merge(i, j)
    i, j = data.draw(st.permutations(sorted(groups.members)))[:2]
    values = groups.features(
        np.array([i]), np.array([j]), groups.dots[i][groups.root[groups.near[i]] == j].sum(axis=0)[None]
    )
    sums = [[m[groups.members[k]].sum(axis=0) for m in (*evidence.lexical, evidence.vectors)] for k in (i, j)]
    cosines = [
        float(a @ b / np.sqrt((a @ a) * (b @ b))) if a.any() and b.any() else 0.0 for a, b in zip(*sums, strict=True)
    ]
    assert values[0, :5] == pytest.approx(cosines, abs=1e-5)
    sizes = [len(groups.members[k]) for k in (i, j)]
    assert values[0, 5] == pytest.approx(float(sums[0][0] @ sums[1][0]) / np.prod(sizes), abs=1e-5)
    assert values[0, 7:9] == pytest.approx([np.log2(min(sizes)) / 5, np.log2(max(sizes)) / 7])


def test_average_link_joins_by_the_mean_and_counts_missing_pairs_as_nothing() -> None:
    pairs = [(0, 1, 0.9), (1, 2, 0.8), (2, 3, 0.9)]
    assert average_link(4, pairs, 0.5) == [[0, 1], [2, 3]]
    assert average_link(4, pairs, 0.2) == [[0, 1, 2, 3]]
    assert average_link(3, [], 0.1) == [[0], [1], [2]]


def test_scores_of_a_worked_example() -> None:
    found = scores(["a", "a", "a", "b", "b"], [0, 0, 1, 1, 1])
    assert found["pair P"] == pytest.approx(2 / 4)
    assert found["pair R"] == pytest.approx(2 / 4)
    assert found["B3 P"] == pytest.approx((2 * 1 + 1 / 3 + 2 * 2 / 3) / 5)
    assert found["B3 R"] == pytest.approx((2 * 2 / 3 + 1 / 3 + 2 * 1) / 5)


def test_shipped_weights_name_every_feature_and_their_recipe() -> None:
    assert len(shipped().direct) == len(shipped().inward) == len(FEATURES)
    stored = json.loads((Path(__file__).parent.parent / "summarize/clustering/weights.json").read_text("utf-8"))
    assert stored["recipe"]["features"] == list(FEATURES)
    assert stored["recipe"]["command"].startswith("python -m eval.merging --train")
