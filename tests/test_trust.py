"""How far a written sentence is trusted: learned weights over the evidence of its path and the judge's verdict."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarize.abstractive.trust import JUDGED, shipped, trust, with_marks
from summarize.training.trust import fit, main, report

DATA = Path(__file__).parent.parent / "eval" / "data" / "support"
VERDICTS = [json.loads(line) for line in (DATA / "read.jsonl").read_text("utf-8").splitlines()]
PROOF = VERDICTS[0]["evidence"]
chance = st.floats(0, 1)


def test_the_shipped_weights_weigh_all_evidence_and_nothing_else():
    assert set(shipped().weight) == {*PROOF, *JUDGED} == set(shipped().mean) == set(shipped().scale)


@given(chance, chance)
def test_trust_is_a_probability_that_rises_with_the_judge(grammatical, supported):
    held = trust(PROOF, shipped(), (grammatical, supported))
    assert 0 < held <= 1
    assert held <= trust(PROOF, shipped(), (1, supported))
    assert held <= trust(PROOF, shipped(), (grammatical, 1))


def test_an_unsound_step_and_a_turn_cost_trust():
    marks = (0.9, 0.9)
    assert trust({**PROOF, "unsound": PROOF["unsound"] + 1}, shipped(), marks) < trust(PROOF, shipped(), marks)
    assert trust({**PROOF, "turns": PROOF["turns"] + 1}, shipped(), marks) < trust(PROOF, shipped(), marks)


def test_without_a_judge_average_marks_are_assumed():
    weights = shipped()
    average = [1 / (1 + np.exp(-weights.mean[name])) for name in JUDGED]
    assert trust(PROOF, weights) == pytest.approx(trust(PROOF, weights, average), abs=1e-4)


def test_what_readers_found_is_learned():
    random = np.random.default_rng(7)
    rows = [
        with_marks({"turns": float(t)}, (0.5, g))
        for t, g in zip(random.integers(0, 4, 400), random.random(400), strict=True)
    ]
    good = np.array([row["turns"] < 2 and row["supported"] > 0 for row in rows])
    weights = fit([{k: v for k, v in row.items() if k != "grammatical"} | {"grammatical": 0.0} for row in rows], good)
    assert weights.weight["turns"] < 0 < weights.weight["supported"]
    scores = np.array([trust({"turns": r["turns"]}, weights, (0.5, 1 / (1 + np.exp(-r["supported"])))) for r in rows])
    assert report(scores, good)["auc"] > 0.9


def test_fitting_reads_verdicts_and_writes_weights(tmp_path, capsys):
    chosen = [v for v in VERDICTS if v["id"][0] == "a"][:60]
    (tmp_path / "read.jsonl").write_text("".join(json.dumps(v) + "\n" for v in chosen), encoding="utf-8")
    out = tmp_path / "trust.json"
    records = str(DATA.parent / "fusion" / "part-a.jsonl")
    assert main(["fit", "--read", str(tmp_path / "read.jsonl"), "--out", str(out), records]) == 0
    assert set(json.loads(out.read_text("utf-8"))["weight"]) == {*PROOF, *JUDGED}
    assert json.loads(capsys.readouterr().out)["test"]["sentences"] > 0
