import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from summarize.errors import ModelError
from summarize.models.judge import Batch, JudgeConfig, JudgeModel, collate, minilm_words, shared_runs
from summarize.training.faults import GRAMMAR, MEANING, Base, Lexicon, spoil
from summarize.training.judge import FitConfig, auc, calibrated, fit, loss_of

SOURCES = [
    "The mayor of Tarnby, Ole Brink, may close the harbour bridge on Monday after divers found 14 cracks in its piers.",
    "Divers found 14 cracks in the piers of Tarnby's harbour bridge, and the mayor said that 3,000 drivers a day "
    "would have to go round by the north road.",
]
GOOD = [
    "The mayor of Tarnby, Ole Brink, may close the harbour bridge on Monday after divers found 14 cracks in its piers.",
    "Ole Brink, the mayor of Tarnby, may close the harbour bridge on Monday after divers found 14 cracks in its piers.",
    "The mayor said that 3,000 drivers a day would have to go round by the north road.",
]
BROKEN = [
    "Divers found 14 cracks in the piers of Tarnby's harbour bridge on Monday after divers found 14 cracks in its.",
    "The mayor of Tarnby, Ole Brink, who may close the harbour bridge on Monday after divers found 14 cracks.",
    "May close the harbour bridge on Monday after divers found 14 cracks in its piers.",
    "According to the mayor said that 3,000 drivers a day would have to go round by the north road.",
]
FALSE = [
    "The mayor of Tarnby, Ole Brink, will not close the harbour bridge on Monday after divers found 14 cracks.",
    "The mayor said that 14 drivers a day would have to go round by the north road after divers found 3,000 cracks.",
    "The mayor of Tarnby, Ole Brink, closed the harbour bridge on Monday after divers found 14 cracks in its piers.",
    "The mayor of Tarnby, Ole Brink, may close the north road on Monday after divers found 14 cracks in its piers.",
]


def tiny() -> JudgeModel:
    torch.manual_seed(0)
    config = JudgeConfig(layers=1, temperatures=(0.5, 2.0), thresholds=(0.4, 0.6))
    return JudgeModel(config, *minilm_words(config)).eval()


@pytest.fixture(scope="module")
def shipped() -> JudgeModel:
    return JudgeModel.shipped()


def test_a_stored_model_judges_as_it_did(tmp_path: Path) -> None:
    model = tiny()
    model.store(tmp_path)
    again = JudgeModel.load(tmp_path)
    assert again.config == model.config
    pairs = [(s, SOURCES) for s in GOOD]
    assert np.abs(again.judge(pairs) - model.judge(pairs)).max() < 0.02  # eight bits
    again.store(tmp_path / "copy")
    assert JudgeModel.load(tmp_path / "copy").config == model.config


def test_a_sentence_is_judged_alone_as_in_a_batch() -> None:
    model = tiny()
    pairs = [(s, SOURCES[: 1 + i % 2]) for i, s in enumerate([*GOOD, *BROKEN, *FALSE, "Short one."])]
    together = model.judge(pairs, batch_size=4)
    alone = np.vstack([model.judge([p]) for p in pairs])
    assert np.array_equal(together, alone)
    assert np.array_equal(model.judge(pairs[::-1]), together[::-1])


def test_curly_and_straight_quotation_marks_are_one() -> None:
    model = tiny()
    straight = [('"Never," she said.', ["\"Never,\" she said, 'ever'."])]
    curly = [("“Never,” she said.", ["“Never,” she said, ‘ever’."])]
    assert np.array_equal(model.judge(straight), model.judge(curly))


def test_nothing_to_judge_gives_no_rows_and_long_sources_are_cut() -> None:
    model = tiny()
    assert model.judge([]).shape == (0, 2)
    found = model.judge([("A short sentence.", ["word " * 900])])
    assert ((found >= 0) & (found <= 1)).all()


def test_accepts_wants_both_thresholds() -> None:
    model = tiny()
    pairs = [(s, SOURCES) for s in [*GOOD, *BROKEN]]
    wanted = (model.judge(pairs) >= [0.4, 0.6]).all(axis=1)
    assert np.array_equal(model.accepts(pairs), wanted)


def test_shared_runs_count_pieces_to_both_sides() -> None:
    # [CLS] 7 8 9 [SEP] 5 7 8 4 9 [SEP]
    ids = torch.tensor([[101, 7, 8, 9, 102, 5, 7, 8, 4, 9, 102]])
    part = torch.tensor([[0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]])
    ending, beginning = shared_runs(Batch(ids, part))
    assert ending[0, 1:4].tolist() == [1, 2, 1]
    assert beginning[0, 1:4].tolist() == [2, 1, 2]  # 9 and the edge after it
    assert ending[0, 5:10].tolist() == [0, 1, 2, 0, 1]


def test_padding_changes_no_run() -> None:
    rows = tiny().encode([(GOOD[1], SOURCES), ("Divers found cracks.", SOURCES[:1])])
    both = shared_runs(collate(rows))
    for i, row in enumerate(rows):
        alone = shared_runs(collate([row]))
        for a, b in zip(both, alone, strict=True):
            assert torch.equal(a[i : i + 1, : b.shape[1]], b)


@pytest.mark.parametrize("damage", ["missing", "config", "weights"])
def test_a_damaged_folder_is_reported(tmp_path: Path, damage: str) -> None:
    tiny().store(tmp_path)
    if damage == "missing":
        (tmp_path / "model.safetensors").unlink()
    elif damage == "config":
        (tmp_path / "config.json").write_text('{"layers": 1, "colour": 3}')
    else:
        values = json.loads((tmp_path / "config.json").read_text())
        (tmp_path / "config.json").write_text(json.dumps({**values, "layers": 2}))
    with pytest.raises(ModelError):
        JudgeModel.load(tmp_path)


def test_shipped_weights_know_good_from_broken_and_false(shipped: JudgeModel) -> None:
    good = shipped.judge([(s, SOURCES) for s in GOOD])
    broken = shipped.judge([(s, SOURCES) for s in BROKEN])
    false = shipped.judge([(s, SOURCES) for s in FALSE])
    assert shipped.accepts([(s, SOURCES) for s in GOOD]).all()
    assert good[:, 0].min() > broken[:, 0].max()
    assert good[:, 1].min() > false[:, 1].max()
    assert not shipped.accepts([(s, SOURCES) for s in BROKEN]).any()


def lexicon() -> Lexicon:
    return Lexicon.learn(
        ["He found it. She found the key. They closed the bridge. He said it. We said that. They close the road."] * 30
    )


def test_faulty_sentences_are_new_and_labelled() -> None:
    other = "The fire brigade of Osterholm said on Friday that it had put out a fire in two barns near the river."
    base = Base(GOOD[1], tuple(SOURCES), (other,))
    used: Counter[str] = Counter()
    rng = random.Random(0)
    for makers, label in ((GRAMMAR, "grammatical"), (MEANING, "supported")):
        for _ in range(60):
            made = spoil(base, makers, rng, lexicon(), used)
            assert made is not None
            assert made.text != base.text and made.text not in made.sources
            assert getattr(made, label) == 0
            assert made.text.count('"') % 2 == 0
    assert len(used) > 12


def test_swapped_numbers_stay_and_only_change_places() -> None:
    base = Base("The storm killed 12 people and left 340 homeless.", ("The storm killed 12 and left 340 homeless.",))
    made = MEANING["numbers_swapped"][0](base, random.Random(0), lexicon())
    assert made is not None
    assert made.text == "The storm killed 340 people and left 12 homeless."


def labelled(folder: Path) -> Path:
    lines = []
    for group, grammatical, supported in ((GOOD, 1, 1), (BROKEN, 0, None), (FALSE, 1, 0)):
        for text in group:
            lines.append(
                {"sentence": text, "sources": SOURCES, "grammatical": grammatical, "supported": supported, "fault": "x"}
            )
    folder.mkdir()
    for name in ("train", "validation"):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines * 2))
    return folder


def test_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    data = labelled(tmp_path / "data")
    config = FitConfig(steps=4, batch_size=6, layers=1, bfloat16=False, report_every=10, validate_every=10)
    whole = fit(config, data, tmp_path / "whole")
    fit(config, data, tmp_path / "parts", stop_after=2)
    parts = fit(config, data, tmp_path / "parts")
    for a, b in zip(whole.state_dict().values(), parts.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    assert JudgeModel.load(tmp_path / "whole" / "weights").config.temperatures == whole.config.temperatures
    (data / "train.jsonl").write_text((data / "train.jsonl").read_text() * 2)
    with pytest.raises(ValueError, match="begun with data"):
        fit(config, data, tmp_path / "whole")


def test_a_file_without_a_sentence_to_judge_is_told(tmp_path: Path) -> None:
    data = labelled(tmp_path / "data")
    config = FitConfig(steps=4, layers=1, max_pieces=5)
    with pytest.raises(ValueError, match="data holds no sentence of at most 5 pieces to train and validate on"):
        fit(config, data, tmp_path / "run")


def test_unknown_labels_do_not_count_in_the_loss() -> None:
    logits = torch.tensor([[2.0, -3.0], [0.0, 5.0]])
    labels = torch.tensor([[1, -1], [-1, -1]], dtype=torch.int8)
    assert loss_of(logits, labels).item() == pytest.approx(np.log1p(np.exp(-2.0)), rel=1e-5)


def test_auc_counts_ties_as_half() -> None:
    assert auc(np.array([0.1, 0.9, 0.5, 0.5]), np.array([False, True, True, False])) == pytest.approx(0.875)


def test_thresholds_let_the_wanted_share_of_good_sentences_pass(tmp_path: Path) -> None:
    from summarize.training.judge import Labelled

    generator = torch.Generator().manual_seed(0)
    labels = np.array([[i % 2, i % 2] for i in range(400)], dtype=np.int8)
    logits = 6 * (torch.from_numpy(labels).float() - 0.5) + 3 * torch.randn(400, 2, generator=generator)
    data = Labelled([], labels, ["x"] * 400, ["x"] * 400)
    config = calibrated(JudgeConfig(), logits, data, keep=0.9)
    scores = (logits / torch.tensor(config.temperatures)).sigmoid().numpy()
    passed = scores[labels[:, 0] == 1] >= np.array(config.thresholds)
    assert passed.mean(axis=0) == pytest.approx([0.9, 0.9], abs=0.01)


def test_an_unknown_key_or_a_bad_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("stepz: 3\n")
    with pytest.raises(ValueError, match=r"unknown key stepz; known keys: .*steps"):
        FitConfig.from_file(tmp_path / "bad.yaml")
    data = labelled(tmp_path / "data")
    count = len((data / "train.jsonl").read_text().splitlines()) + 1
    with (data / "train.jsonl").open("a") as stream:
        stream.write('{"sentence": "No sources."}\n')
    with pytest.raises(ValueError, match=rf"train\.jsonl:{count}: expected sentence"):
        fit(FitConfig(layers=1), data, tmp_path / "out")


def test_the_shipped_configuration_file_is_read() -> None:
    FitConfig.from_file(Path(__file__).parents[1] / "configs" / "train" / "judge.yaml")
