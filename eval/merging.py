"""Learn from labelled sets which groups of articles are to be joined.

    python -m eval.merging --held-out SET.jsonl ... [--also SET.jsonl ...]     # each set, learned from the others
    python -m eval.merging --train weights.json SET.jsonl ... [--also SET.jsonl ...]

The weights are learned from the decisions that the clusterer itself comes to (as in Ross et al. 2011,
arXiv:1011.0686): it parts each set into stories, and of every group it makes, the most alike groups and one by chance
are noted with the share of their pairs of articles that are of one story. From what all rounds noted, the weights of
the next are learned. The form of a set: see ``eval.clusters``, which measures the weights that are shipped.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from eval.clusters import Labelled, mean, read_sets, scores
from summarize.clustering.evidence import FEATURES, SIMILARITIES, Evidence, Features, Weights, encode_leads, gather
from summarize.clustering.hybrid import Groups, Heap, Merge, candidates, groups_of, join
from summarize.clustering.pairs import Indices
from summarize.config import EncoderSettings
from summarize.models import Encode, lazy_encode

ROUNDS = 2
"""Times that the sets are parted into stories, each time by what was learned before."""
DEPTH = -1.5
"""Log-odds down to which groups are joined while noting, so that what comes of a wrong join is seen, too."""
NOTED = 3
"""Groups noted of those most alike to a new one."""
MOST = 5000
"""Decisions kept of one set in one round."""
LARGEST = 60
"""Articles of a story that a thinned set keeps at most."""
THINNED = 2
"""Thinned versions of each set."""
ALSO = 0.15
"""Weight of a set beside those the clusterer is measured on, which have 1."""
UNITS = 16
"""Hidden units of each of the ``SEEDS``' perceptrons, which are averaged."""
SEEDS = (0, 1)
STEPS = 600
RATE = 0.02
PENALTY = 0.0003
GRID = np.linspace(-3, 1.5, 46)
"""Log-odds that are tried as threshold."""
NEARLY = 0.005
"""A mean score by so much less than the best may be luck."""


@dataclass(frozen=True)
class Noted:
    """Decisions: features (n, f), the share of pairs that are of one story (n,), and how much each counts (n,)."""

    values: Features
    shares: Features
    weights: Features


class Recorder(Groups):
    """Groups that note the decisions they come to."""

    def __init__(
        self, evidence: Evidence, left: Indices, right: Indices, model: Weights, stories: Sequence[str], seed: int
    ) -> None:
        super().__init__(evidence, left, right, model)
        self.stories = [Counter([s]) for s in stories]
        self.random = np.random.default_rng(seed)
        self.rows: list[tuple[Features, float, float]] = []

    def run(self, wanted: float) -> list[Merge]:
        """Note single articles first."""
        for i in range(len(self.near)):
            self.note(i)
        return super().run(wanted)

    def push(self, heap: Heap, i: int, wanted: float) -> None:
        """Note a new group."""
        self.note(i)
        super().push(heap, i, wanted)

    def merge(self, i: int, j: int) -> None:
        """Keep up the stories of the groups."""
        super().merge(i, j)
        self.stories[i] += self.stories[j]

    def note(self, i: int) -> None:
        """Note the groups most alike to group i, and one by chance."""
        others = self.near[i]
        if not len(others):
            return
        values = self.features(np.array([i]), others, self.dots[i])
        nearest = np.argsort(-self.model.logits(values), kind="stable")[:NOTED]
        for k in (*nearest.tolist(), int(self.random.integers(len(others)))):
            own, other = self.stories[i], self.stories[int(others[k])]
            pairs = own.total() * other.total()
            same = sum(n * other[story] for story, n in own.items())
            # A wrong join of large groups costs as many articles as many wrong joins of small ones.
            self.rows.append((values[k], same / pairs, pairs**0.5))

    def noted(self) -> Noted:
        """At most ``MOST`` of the decisions, their weights summing to 1."""
        kept = self.random.permutation(len(self.rows))[:MOST]
        values, shares, weights = zip(*(self.rows[k] for k in kept), strict=True)
        return Noted(np.stack(values), np.array(shares), np.array(weights) / sum(weights))


def shorter(data: Labelled) -> list[Labelled]:
    """The set as headlines alone and as leads alone, so that the weights serve texts of every size."""
    titles = [a.title or next(iter(a.text.splitlines()), "") for a in data.articles]
    leads = [" ".join(a.text.splitlines()[:3]) for a in data.articles]
    if not any(leads):
        return []
    heads = tuple(replace(a, title=t, text="") for a, t in zip(data.articles, titles, strict=True))
    bodies = tuple(replace(a, title=None, text=t) for a, t in zip(data.articles, leads, strict=True))
    return [
        replace(data, name=f"{data.name}/headlines", articles=heads),
        replace(data, name=f"{data.name}/leads", articles=bodies),
    ]


def thinned(data: Labelled, seed: int) -> Labelled:
    """The set with some of each story's articles, one to ``LARGEST``, small numbers the oftener."""
    random = np.random.default_rng(seed)
    stories: dict[str, list[int]] = defaultdict(list)
    for i, story in enumerate(data.stories):
        stories[story].append(i)
    kept: list[int] = []
    for story in sorted(stories):
        size = int(np.exp(random.uniform(0, np.log(LARGEST))))
        kept += random.permutation(stories[story])[:size].tolist()
    kept.sort()
    articles, labels = tuple(data.articles[i] for i in kept), tuple(data.stories[i] for i in kept)
    return Labelled(f"{data.name}/{seed}", articles, labels)


@dataclass(frozen=True)
class Ready:
    """A set with what is compared, every lead encoded."""

    data: Labelled
    evidence: Evidence
    left: Indices
    right: Indices

    @property
    def undated(self) -> Evidence:
        """The evidence without dates, whose cost is not learned."""
        return replace(self.evidence, days=np.full_like(self.evidence.days, np.nan))

    def parted(self, merges: Sequence[Merge]) -> dict[str, float]:
        """Scores of the groups that joins leave (articles of one text are not put together before)."""
        return scores(self.data.stories, labels(len(self.data.stories), groups_of(len(self.data.stories), merges)))


def ready(data: Labelled, encode: Encode) -> Ready:
    """Gather a set's evidence."""
    evidence = gather(data.articles)
    evidence = replace(evidence, vectors=encode_leads(data.articles, range(len(data.articles)), encode))
    return Ready(data, evidence, *candidates(evidence))


def first_model() -> Weights:
    """Where learning starts: about average link on words and sentence vectors."""
    direct = np.zeros(len(FEATURES))
    direct[FEATURES.index("words on average")] = 5
    direct[FEATURES.index("meaning on average")] = 6
    return Weights(-4.5, direct, np.zeros((len(FEATURES), 1)), np.zeros(1), np.zeros(1))


def learn(sets: Sequence[Sequence[Ready]], also: Sequence[Ready]) -> Weights:
    """Learn from sets, each with its versions, and from further sets that count less."""
    model, noted = first_model(), list[Noted]()
    for _ in range(ROUNDS):
        for versions in (*sets, *([other] for other in also)):
            for seed, one in enumerate(versions):
                recorder = Recorder(one.undated, one.left, one.right, model, one.data.stories, seed)
                recorder.run(DEPTH)
                found = recorder.noted()
                share = (ALSO if one in also else 1.0) / len(versions)
                noted.append(replace(found, weights=found.weights * share))
        values, shares, weights = (
            np.concatenate([getattr(n, name) for n in noted]) for name in ("values", "shares", "weights")
        )
        model = together([fit(values, shares, weights, seed) for seed in SEEDS])
    return model


def fit(values: Features, shares: Features, weights: Features, seed: int) -> Weights:
    """A perceptron that foretells the shares: cross-entropy, Adam (Kingma & Ba 2015), an L2 penalty."""
    import torch

    random = torch.Generator().manual_seed(seed)
    share = weights / weights.sum()
    middle = share @ values
    spread = np.sqrt(share @ (values - middle) ** 2) + 1e-6
    x, y, w = (torch.tensor(a, dtype=torch.float64) for a in ((values - middle) / spread, shares, share))
    rising = torch.arange(x.shape[1]) < len(SIMILARITIES)

    def drawn(*shape: int) -> Any:
        return (torch.randn(*shape, generator=random, dtype=torch.float64) * 0.3).requires_grad_()

    inward, offsets, outward = drawn(x.shape[1], UNITS), drawn(UNITS), drawn(UNITS)
    direct, bias = (torch.zeros(n, dtype=torch.float64, requires_grad=True) for n in (x.shape[1], 1))

    def bounded() -> tuple[Any, Any, Any]:
        # Similarities only ever raise a unit, and units only ever raise the log-odds.
        return (
            torch.where(rising[:, None], inward.abs(), inward),
            outward.abs(),
            torch.where(rising, direct.abs(), direct),
        )

    optimiser = torch.optim.Adam([inward, offsets, outward, direct, bias], lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        optimiser.zero_grad()
        a, b, c = bounded()
        logits = torch.tanh(x @ a + offsets) @ b + x @ c + bias
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y, reduction="none") @ w
        penalised: Any = loss + PENALTY * sum((p**2).sum() for p in (inward, outward, direct))
        penalised.backward()
        optimiser.step()
        schedule.step()
    a, b, c = (p.detach().numpy() for p in bounded())
    a, c = a / spread[:, None], c / spread
    return Weights(float(bias.detach()) - float(middle @ c), c, a, offsets.detach().numpy() - middle @ a, b)


def together(models: Sequence[Weights]) -> Weights:
    """The perceptron whose log-odds are the mean of several."""
    n = len(models)
    return Weights(
        sum(m.bias for m in models) / n,
        sum((m.direct for m in models), np.zeros(len(FEATURES))) / n,
        np.concatenate([m.inward for m in models], axis=1),
        np.concatenate([m.offsets for m in models]),
        np.concatenate([m.outward for m in models]) / n,
    )


def tune(sets: Sequence[Ready], also: Sequence[Ready], weights: Weights) -> Weights:
    """Move the bias to the middle of where the mean of pairwise and B-cubed F1 over the sets is nearly the best."""
    totals, weighed = np.zeros(len(GRID)), [1.0] * len(sets) + [ALSO] * len(also)
    for weight, one in zip(weighed, [*sets, *also], strict=True):
        merges = join(one.evidence, one.left, one.right, weights, float(GRID[0]))
        for k, cut in enumerate(GRID):
            found = one.parted(merges[: next((n for n, m in enumerate(merges) if m[0] < cut), len(merges))])
            totals[k] += weight * (found["pair F1"] + found["B3 F1"]) / (2 * sum(weighed))
    good = GRID[totals >= totals.max() - NEARLY]
    return replace(weights, bias=weights.bias - float(good.mean()))


def labels(n: int, groups: Sequence[Sequence[int]]) -> list[int]:
    """The number of each item's group, shape (n,)."""
    out = [0] * n
    for number, group in enumerate(groups):
        for i in group:
            out[i] = number
    return out


def prepare(sets: Sequence[Labelled], encode: Encode) -> dict[str, list[Ready]]:
    """Each set, as it is and in shorter and thinned versions, by its name."""
    return {
        data.name: [ready(d, encode) for d in (data, *shorter(data), *(thinned(data, k) for k in range(THINNED)))]
        for data in sets
    }


def train(sets: Sequence[Labelled], encode: Encode, also: Sequence[Labelled] = ()) -> Weights:
    """Learn the merge decision from sets, and put its threshold to 0.5.

    Args:
        sets: learned from, in their shorter and thinned versions, too.
        encode: the sentence encoder.
        also: as they are, and weighing less.
    """
    prepared = list(prepare(sets, encode).values())
    return decided(prepared, [ready(data, encode) for data in also])


def decided(sets: Sequence[Sequence[Ready]], also: Sequence[Ready]) -> Weights:
    """As ``train``, of sets that are ready."""
    return tune([versions[0] for versions in sets], also, learn(sets, also))


def held_out(prepared: Mapping[str, Sequence[Ready]], also: Sequence[Ready]) -> dict[str, dict[str, float]]:
    """Scores of each set with weights and threshold learned from the others alone."""
    rows = {}
    for name, versions in prepared.items():
        weights = decided([v for other, v in prepared.items() if other != name], also)
        one = versions[0]
        rows[name] = one.parted(join(one.evidence, one.left, one.right, weights, 0.0))
    return rows


def main() -> None:
    """Parse, train, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--also", nargs="*", type=Path, default=[], help="sets that weigh less, as eval.samples makes")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--train", type=Path, metavar="WEIGHTS", help="learn the weights and write them here")
    what.add_argument("--held-out", action="store_true", help="learn from the other sets for each set")
    options = parser.parse_args()
    encode = lazy_encode(EncoderSettings())
    sets, also = read_sets(options.sets), read_sets(options.also)
    if options.train:
        write_weights(options.train, train(sets, encode, also), sets, also)
        return
    rows = held_out(prepare(sets, encode), [ready(data, encode) for data in also])
    rows["mean"] = mean(list(rows.values()))
    width = max(map(len, rows))
    sys.stdout.write(" ".join([" " * width, *(f"{k:>8}" for k in rows["mean"])]) + "\n")
    for name, row in rows.items():
        shown = (f"{v:8.0f}" if k == "stories" else f"{100 * v:8.1f}" for k, v in row.items())
        sys.stdout.write(" ".join([f"{name:{width}}", *shown]) + "\n")


def write_weights(path: Path, weights: Weights, sets: Sequence[Labelled], also: Sequence[Labelled] = ()) -> None:
    """Write the weights with the recipe that made them."""
    command = ["python -m eval.merging --train weights.json", *(d.name for d in sets)]
    stored = {
        "recipe": {
            "command": " ".join([*command, *(["--also", *(d.name for d in also)] if also else [])]),
            "sets": {d.name: {"articles": len(d.articles), "sha256": d.fingerprint} for d in (*sets, *also)},
            "features": list(FEATURES),
        },
        "bias": round(weights.bias, 4),
        "direct": weights.direct.round(4).tolist(),
        "inward": weights.inward.round(4).tolist(),
        "offsets": weights.offsets.round(4).tolist(),
        "outward": weights.outward.round(4).tolist(),
    }
    path.write_text(json.dumps(stored) + "\n", "utf-8")


if __name__ == "__main__":
    main()
