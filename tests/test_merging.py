"""Learning which groups of articles are to be joined."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import bag_of_words

from eval import merging
from eval.clusters import read
from eval.merging import Labelled, Recorder, first_model, fit, ready, shorter, thinned, together, train, write_weights
from summarize.clustering.evidence import FEATURES, SIMILARITIES

INVENTED = read(Path(__file__).parent.parent / "eval" / "data" / "clusters" / "invented.jsonl")
SOME = Labelled("some", INVENTED.articles[:60], INVENTED.stories[:60])


def test_the_noted_shares_are_those_of_pairs_of_one_story() -> None:
    one = ready(SOME, bag_of_words)
    recorder = Recorder(one.undated, one.left, one.right, first_model(), SOME.stories, 0)
    recorder.run(-1.0)
    noted = recorder.noted()
    assert noted.values.shape == (len(noted.shares), len(FEATURES))
    assert noted.weights.sum() == pytest.approx(1)
    assert 0 in noted.shares and 1 in noted.shares
    assert ((noted.shares >= 0) & (noted.shares <= 1)).all()


def test_what_is_fitted_tells_alike_from_unlike_and_never_falls_with_a_similarity() -> None:
    random = np.random.default_rng(1)
    values = random.uniform(0, 1, (400, len(FEATURES)))
    shares = (values[:, 0] > 0.5).astype(float)
    models = [fit(values, shares, np.ones(400), seed) for seed in (0, 1)]
    mean = together(models)
    assert mean.logits(values) == pytest.approx(sum(m.logits(values) for m in models) / 2)
    assert ((mean.logits(values) > 0) == (shares > 0)).mean() > 0.95
    raised = values.copy()
    raised[:, : len(SIMILARITIES)] += 0.1
    assert (mean.logits(raised) >= mean.logits(values)).all()


def test_training_gives_the_same_weights_again_and_tells_its_recipe(tmp_path, monkeypatch) -> None:
    for name, value in (("ROUNDS", 1), ("STEPS", 20), ("THINNED", 1), ("SEEDS", (0,))):
        monkeypatch.setattr(merging, name, value)
    written = []
    for name in ("one.json", "two.json"):
        write_weights(tmp_path / name, train([SOME], bag_of_words), [SOME])
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    recipe = json.loads(written[0])["recipe"]
    assert recipe["sets"] == {"some": {"articles": 60, "sha256": SOME.fingerprint}}


def test_versions_of_a_set_keep_each_article_with_its_story() -> None:
    story_of = dict(zip((a.id for a in SOME.articles), SOME.stories, strict=True))
    headlines, leads = shorter(SOME)
    assert not any(a.text for a in headlines.articles)
    assert not any(a.title for a in leads.articles)
    less = thinned(SOME, 0)
    assert len(less.articles) <= len(SOME.articles)
    assert set(less.stories) == set(SOME.stories)
    for version in (headlines, leads, less):
        assert all(story_of[a.id] == s for a, s in zip(version.articles, version.stories, strict=True))
