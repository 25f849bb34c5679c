"""Why two articles are, or are not, in one story; and which others an article is closest to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from summarize.clustering.evidence import (
    SIMILARITIES,
    Evidence,
    Features,
    encode_leads,
    gather,
    part_of,
    shipped,
)
from summarize.clustering.hybrid import Groups, candidates, group, groups_of, logit
from summarize.clustering.pairs import EXACT, Indices, cosines
from summarize.clustering.words import Words, count, distinct, rarity, written
from summarize.config import ClusteringSettings
from summarize.documents import Article
from summarize.errors import ConfigError
from summarize.models import Encode

NEAREST = 256
"""Articles that are looked at beside the stories of those asked about, where there are many."""
SHARED = 12
"""Most shared words, names and numbers that are told, the rarest first."""


@dataclass(frozen=True)
class Part:
    """What one similarity adds to the log-odds.

    Attributes:
        name: one of ``SIMILARITIES``.
        value: the cosine.
        logits: what it adds (see ``Weights.contributions``).
    """

    name: str
    value: float
    logits: float


@dataclass(frozen=True)
class Verdict:
    """The log-odds that two groups of articles report one event, and what they are made of.

    ``logits`` is ``nothing_shared``, plus those of the parts, less ``gap_cost``.

    Attributes:
        left: ids of the articles of one group.
        right: and of the other.
        nothing_shared: log-odds of two such groups with nothing in common.
        gap_days: days between the two, None where dates are unknown.
        gap_cost: logits that the gap costs.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    logits: float
    nothing_shared: float
    parts: tuple[Part, ...]
    gap_days: float | None
    gap_cost: float


@dataclass(frozen=True)
class Explanation:
    """Why two articles are, or are not, together.

    Attributes:
        articles: their ids.
        together: whether they are in one story.
        same_text: whether they have one text, so that nothing else is asked.
        threshold: log-odds at which groups join.
        alone: the two compared as if there were no others.
        join: the join at which they came together; if they did not, that of their stories, which was refused.
            None where that was never asked (one text; or no heavy word in common).
        names: names in both, as the first article writes them, the rarest first.
        numbers: numbers in both.
        words: other words in both.
    """

    articles: tuple[str, str]
    together: bool
    same_text: bool
    threshold: float
    alone: Verdict
    join: Verdict | None
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Near:
    """An article close to another: its id, the log-odds of the two alone, and whether they are in one story."""

    article: str
    logits: float
    together: bool


def explain(
    articles: Sequence[Article], one: str, other: str, settings: ClusteringSettings, encode: Encode
) -> Explanation:
    """Why the articles with these ids are, or are not, in one story.

    Raises:
        ConfigError: an id is no article's, both are one, or the clusterer is not ``hybrid``.
    """
    found = _Explained(articles, (one, other), settings, encode)
    one, other = found.asked
    if one == other:
        raise ConfigError(f"{one!r} is together with itself; name another article")
    i, j = found.places[one], found.places[other]
    names, numbers, words = found.shared(i, j)
    return Explanation(
        (one, other),
        found.together(i, j),
        i == j,
        found.wanted,
        found.verdict(found.start(), i, j, found.dots(i, [j])[0]),
        found.join(i, j) if i != j else None,
        names,
        numbers,
        words,
    )


def nearest(
    articles: Sequence[Article], one: str, settings: ClusteringSettings, encode: Encode, most: int = 10
) -> tuple[Near, ...]:
    """The articles that are most probably of one event with this one, compared two by two; copies of its text first.

    Raises:
        ConfigError: the id is no article's, or the clusterer is not ``hybrid``.
    """
    found = _Explained(articles, (one,), settings, encode)
    (one,) = found.asked
    i = found.places[one]
    copies = [Near(a.id, float("inf"), True) for a in found.copies[i] if a.id != one]
    others = np.delete(np.arange(len(found.copies)), i)
    state, dots = found.start(), found.dots(i, others)
    order = np.argsort(-state.logits(np.array([i]), others, dots), kind="stable")[:most].tolist()
    rest = [
        Near(a.id, found.verdict(state, i, int(others[k]), dots[k]).logits, found.together(i, int(others[k])))
        for k in order
        for a in found.copies[others[k]]
    ]
    return tuple((copies + rest)[:most])


class _Explained:
    """Articles, clustered, with what decided.

    More than ``EXACT`` articles are joined in rounds, of which no trace is kept. Then the stories of the articles
    asked about, and their nearest articles, are looked at alone, and how they join is how they would join there.
    """

    def __init__(
        self, articles: Sequence[Article], asked: Sequence[str], settings: ClusteringSettings, encode: Encode
    ) -> None:
        if settings.clusterer != "hybrid":
            raise ConfigError(f"clusterer {settings.clusterer!r} gives no reasons; 'hybrid' does")
        every = distinct(articles)
        self.places = {a.id: i for i, copies in enumerate(every) for a in copies}
        self.asked = [self.known(id) for id in asked]
        firsts = [c[0] for c in every]
        rows = list(range(len(every)))
        evidence = gather(firsts)
        groups = None
        if len(every) > EXACT:
            groups = group(firsts, settings, encode)
            rows = self._nearby(evidence, groups)
            evidence = part_of(evidence, rows)
        self.copies = [every[i] for i in rows]
        self.articles = [firsts[i] for i in rows]
        self.places = {a.id: i for i, copies in enumerate(self.copies) for a in copies}
        self.left, self.right = candidates(evidence)
        self.evidence = replace(evidence, vectors=encode_leads(self.articles, range(len(rows)), encode))
        self.wanted = logit(settings.threshold)
        self.merges = self.start().run(self.wanted)
        self.end = self.start()
        for _, i, j in self.merges:
            self.end.merge(i, j)
        joined = groups_of(len(rows), self.merges) if groups is None else groups
        numbers = {i: n for n, members in enumerate(joined) for i in members}
        self.story = [numbers[i if groups is None else rows[i]] for i in range(len(rows))]

    def _nearby(self, evidence: Evidence, groups: Sequence[Sequence[int]]) -> list[int]:
        places = [self.places[id] for id in self.asked]
        chosen = {i for members in groups if not set(places).isdisjoint(members) for i in members}
        for place in places:
            words = evidence.lexical[0]
            alike = (words @ words[[place]].T).toarray()[:, 0]
            chosen.update(np.argsort(-alike, kind="stable")[:NEAREST].tolist())
        return sorted(chosen)

    def start(self) -> Groups:
        """Every article alone."""
        return Groups(self.evidence, self.left, self.right, shipped())

    def known(self, id: str) -> str:
        """The id of the article with this id, or else with this file name."""
        named = [k for k in self.places if k == id] or [k for k in self.places if k.endswith(f"/{id}")]
        if len(named) == 1:
            return named[0]
        if named:
            raise ConfigError(f"{len(named)} articles are named {id!r}, {named[0]!r} and {named[1]!r} among them")
        near = get_close_matches(id, self.places, n=1, cutoff=0)
        raise ConfigError(f"no article {id!r} was read. Did you mean {near[0]!r}?" if near else "no article was read")

    def together(self, i: int, j: int) -> bool:
        return self.story[i] == self.story[j]

    def dots(self, i: int, others: Sequence[int] | Indices) -> Features:
        """Lexical cosines of an article with m others, shape (m, 4)."""
        right = np.asarray(others)
        left = np.full(len(right), i)
        return np.stack([cosines(m, left, right) for m in self.evidence.lexical], axis=1).astype(np.float64)

    def join(self, i: int, j: int) -> Verdict | None:
        """The join of the groups of i and j: the one that was made, or the last that was refused."""
        state = self.end
        if state.root[i] == state.root[j]:
            state = self.start()
            for _, a, b in self.merges:
                if {a, b} == {int(state.root[i]), int(state.root[j])}:
                    break
                state.merge(a, b)
        a, b = int(state.root[i]), int(state.root[j])
        between: NDArray[np.bool_] = state.root[state.near[a]] == b
        if not between.any():
            return None
        return self.verdict(state, a, b, state.dots[a][between].sum(axis=0))

    def verdict(self, state: Groups, i: int, j: int, dots: Features) -> Verdict:
        """The decision on two groups, taken apart."""
        left, right = np.array([i]), np.array([j])
        values = state.features(left, right, dots[None])[0]
        nothing, added = state.model.contributions(values)
        gaps, costs = state.gaps(left, right)
        parts = zip(SIMILARITIES, values[: len(SIMILARITIES)].tolist(), added.tolist(), strict=True)
        return Verdict(
            self._ids(state, i),
            self._ids(state, j),
            nothing + float(added.sum()) - float(costs[0]),
            nothing,
            tuple(Part(*p) for p in parts),
            None if np.isnan(gaps[0]) else max(0.0, float(gaps[0])),
            float(costs[0]),
        )

    def _ids(self, state: Groups, i: int) -> tuple[str, ...]:
        return tuple(sorted(a.id for k in state.members[i] for a in self.copies[k]))

    def shared(self, i: int, j: int) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Names, numbers and other words of both articles."""
        counted: list[Words] = [count(a) for a in self.articles]
        rare = rarity(counted)
        one, other = counted[i], counted[j]
        form = written(self.articles[i])

        def told(stems: frozenset[str] | set[str]) -> tuple[str, ...]:
            return tuple(form[s] for s in sorted(stems, key=lambda s: (-rare[s], s))[:SHARED])

        names, numbers = one.names & other.names, one.numbers & other.numbers
        return told(names), told(numbers), told(set(one.all) & set(other.all) - names - numbers)
