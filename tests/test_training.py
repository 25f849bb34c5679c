"""Training the fusion model, and the pairs it is trained on."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from test_fusion_model import table, tiny

from summarize.models.fusion import FusionModel
from summarize.models.minilm import load_tokenizer
from summarize.training.fusion import (
    ClosedVocabulary,
    Trainer,
    TrainingConfig,
    blended,
    learn_closed_vocabulary,
    load_data,
    main,
    reachable,
    small_words,
    tokenise,
)
from summarize.training.pairs import (
    Pair,
    Tally,
    claim_pairs,
    coverage,
    cut,
    cuttable,
    detokenise,
    editors_pairs,
    fault,
    halves,
    highlight_pairs,
    is_validation,
    roundup_pairs,
)

PAIRS: list[dict[str, Any]] = [
    {
        "sources": [f"The {thing} of {town} opened on Monday after {n} weeks of work, {who} said."],
        "target": f"The {thing} of {town} opened on Monday, {who} said.",
    }
    for thing, town, n, who in [
        ("library", "Orrin", 12, "Mayor Ives Dahl"),
        ("tram", "Sandvale", 40, "the operator"),
        ("market", "Pell", 7, "traders"),
        ("hospital", "Quay", 90, "Dr. Lena Moss"),
        ("museum", "Tarn", 31, "its director"),
        ("bridge", "Harwick", 16, "engineers"),
        ("school", "Lowmere", 52, "parents"),
        ("theatre", "Brume", 25, "actors"),
    ]
]
CONFIG = TrainingConfig(
    steps=160,
    batch_size=8,
    encoder_rate=3e-3,
    decoder_rate=3e-3,
    source_dropout=0.0,
    bfloat16=False,
    report_every=1000,
    validate_every=1000,
)


def trainer(out: Path, config: TrainingConfig = CONFIG) -> Trainer:
    """A trainer of a tiny model on the eight pairs."""
    model = tiny(7, size=64)
    closed = ClosedVocabulary(tuple(model.config.closed_ids), ("",) * len(model.config.closed_ids))
    examples = tokenise(PAIRS, load_tokenizer(), config)
    return Trainer(model, examples, [], closed, config, out)


def test_eight_pairs_are_learned_by_heart(tmp_path: Path) -> None:
    run = trainer(tmp_path)
    run.run()
    sources = [p["sources"] for p in PAIRS]
    ratios = [len(p["target"].split()) / len(p["sources"][0].split()) for p in PAIRS]
    written = run.model.fuse(sources, ratio=ratios, beams=4)
    assert [c[0].text for c in written] == [p["target"] for p in PAIRS]
    exported = FusionModel.from_pretrained(tmp_path / "weights")
    exported.use_words(table(64))
    assert exported.fuse(sources[:1], ratio=ratios[0], beams=2)[0][0].text == PAIRS[0]["target"]


def test_blended_weights_lie_between_those_before_and_after() -> None:
    before, after = tiny(3), tiny(4)
    first, last = (model.pointer_key.weight.clone() for model in (before, after))
    mean = blended(before, after, 0.25).pointer_key.weight
    assert torch.allclose(mean, 0.75 * first + 0.25 * last)


def test_a_resumed_run_ends_with_the_same_weights(tmp_path: Path) -> None:
    config = TrainingConfig(**{**CONFIG.__dict__, "steps": 12, "batch_size": 4})
    whole = trainer(tmp_path / "whole", config)
    whole.run()
    first = trainer(tmp_path / "parts", config)
    first.run(stop_after=5)
    second = trainer(tmp_path / "parts", config)
    second.resume()
    assert second.step == 5
    second.run()
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name


def test_the_command_trains_from_a_file_and_names_bad_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps(PAIRS[0]) + '\n{"source": "x"}\n', encoding="utf-8")
    assert main(["--data", str(bad), "--out", str(tmp_path / "out")]) == 2
    assert "bad.jsonl:2: expected" in capsys.readouterr().err
    settings = tmp_path / "c.yaml"
    settings.write_text("stepz: 3\n", encoding="utf-8")
    with pytest.raises(ValueError, match="unknown key stepz; known keys: batch_size"):
        TrainingConfig.from_file(settings)
    good = tmp_path / "good.jsonl"
    good.write_text("".join(json.dumps(p) + "\n" for p in PAIRS * 13), encoding="utf-8")
    train, held, digest = load_data(good)
    assert (len(train), len(held), len(digest)) == (102, 2, 64)
    long = tmp_path / "long.jsonl"
    long.write_text(json.dumps({"sources": ["The dam broke. " * 99], "target": "The dam broke."}) + "\n", "utf-8")
    assert main(["--data", str(long), "--out", str(tmp_path / "out")]) == 2
    assert "long.jsonl holds no pair that can be learned; 1 are too long" in capsys.readouterr().err


def test_the_shipped_configuration_is_read() -> None:
    config = TrainingConfig.from_file(Path(__file__).parent.parent / "configs" / "train" / "fusion.yaml")
    assert config.weights_of["claim"] > 1
    assert 0 < config.encoder_rate < config.decoder_rate


def test_the_closed_vocabulary_takes_inflections_and_no_names() -> None:
    pairs = [
        {
            "sources": ["The council had agreed to the closure, Mayor Lind confirms today."],
            "target": "The council agrees to the closures, not Lind, the mayor confirmed in Ebba.",
        }
    ] * 3
    tokenizer = load_tokenizer()
    examples = tokenise(pairs, tokenizer, CONFIG)
    texts = ["He agrees and it confirmed the closures.", "We met Ebba."]
    words = learn_closed_vocabulary(examples, texts, tokenizer, 500)
    assert {"agrees", "confirmed"} <= set(words)
    assert not {"ebba", "not", "lind", "##s"} & set(words)
    closed = ClosedVocabulary.from_words(words, tokenizer)
    assert 0.5 < reachable(examples[0], closed) < 1.0
    small = small_words([*texts, *texts], tokenizer)
    assert small[tokenizer.token_to_id("agrees")] == 1
    assert small[tokenizer.token_to_id("london")] == 0


# ----------------------------------------------------------------------------------------- pairs

ARTICLES = [
    {
        "id": str(n),
        "published": "2031-05-0" + str(1 + n % 2),
        "title": "Harbour of Lowmere closed after storm damage",
        "text": "\n".join([first, *rest]),
    }
    for n, (first, rest) in enumerate(
        [
            (
                "The harbour of Lowmere was closed on Friday after the storm damaged 14 cranes, "
                "Harbour Master Ola Brandt said.",
                ["Ferries to the islands stayed in port all day.", "A new crane costs the town a fortune."],
            ),
            (
                "Harbour Master Ola Brandt said on Friday that the storm damaged 14 cranes and the "
                "harbour of Lowmere was closed for the day.",
                ["The islands had no ferries until Sunday.", "Fishermen waited for news in the harbour."],
            ),
            (
                "The storm damaged 14 cranes in Lowmere, where the harbour was closed on Friday, "
                "according to Harbour Master Ola Brandt.",
                ["Nobody was hurt by the cranes.", "The wind reached a speed not seen in years."],
            ),
        ]
    )
]


def test_claims_are_told_by_other_outlets() -> None:
    tally = Tally()
    pairs = list(claim_pairs([*ARTICLES, {"id": "x", "published": "", "text": "A."}], tally))
    told = [p for p in pairs if p.kind in ("claim", "graft", "best")]
    assert told
    for pair in told:
        assert "14 cranes" in pair.target
        if pair.kind != "best":
            assert pair.target not in pair.sources
            assert coverage(pair.target, pair.sources)[0] >= 0.85
    assert tally.as_dict()["article"] == {"kept": 3, "undated": 1}
    assert len({p.group for p in told}) == 1


def test_roundups_and_highlights_are_aligned() -> None:
    tally = Tally()
    record = {
        "id": "r",
        "articles": ARTICLES,
        "summaries": ["The harbour of Lowmere was closed on Friday after the storm damaged cranes."],
    }
    (pair,) = roundup_pairs([record], tally)
    assert len(pair.sources) == 3
    article = {
        "id": "h",
        "text": "the harbour of lowmere was closed on friday , ola brandt said , because the storm "
        "damaged 14 cranes . nobody was hurt .",
        "highlights": [
            "the harbour of lowmere was closed because the storm damaged cranes .",
            "new : storm moves on to the north",
        ],
    }
    (pair,) = highlight_pairs([article], tally)
    assert pair.target == "the harbour of lowmere was closed because the storm damaged cranes."
    assert json.loads(pair.to_json())["group"] == "highlight-h"
    assert tally.as_dict()["highlight"] == {"kept": 1, "label": 1}


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("The council closed the bridge on Friday after a long debate.", None),
        ("Council Closes The Old Mill Bridge That Engineers Called Unsafe.", "headline"),
        ("I closed the bridge on Friday after a very long debate.", "first person"),
        ("The mayor told Reuters that the bridge was closed on Friday.", "outlet's own line"),
        ("The bridge near the old mill on the river.", "no verb"),
        ("The bridge was closed.", "length"),
        ('He said the bridge was "closed for good on Friday.', "open quotation"),
        ("The council (of Harwick) closed the bridge on Friday after debate.", "bracket or dash"),
        ("The council closed the bridge on Friday after a long debate", "no full stop"),
    ],
)
def test_faults_of_targets(sentence: str, rule: str | None) -> None:
    assert fault(sentence) == rule


def test_coverage_minds_numbers_and_negations() -> None:
    share, missing = coverage("The council agreed to pay 30 crowns.", ["The council agrees to pay 31."])
    assert share < 1
    assert "30" in missing
    assert "not" in coverage("It did not open.", ["It opened."])[1]


def test_halves_hold_the_whole_between_them() -> None:
    sentence = "The council closed the bridge on Friday evening after a long debate with the engineers of the city."
    both = halves(sentence, random.Random(1))
    assert both is not None
    assert all(h != sentence and h.endswith(".") for h in both)
    assert set(sentence.rstrip(".").split()) == {w.rstrip(".") for h in both for w in h.split()}
    for a, b in cuttable(sentence):
        assert len(cut(sentence, a, b).split()) == len(sentence.split()) - (b - a)


def test_editors_sets_keep_their_own_split() -> None:
    tally = Tally()
    record = {"id": "1", "split": "train", "sources": ["It \u2018rained\u2019."], "targets": ["It rained.", "Rain."]}
    pairs = list(editors_pairs([record, {**record, "split": "test"}], tally))
    assert [p.target for p in pairs] == ["It rained.", "Rain."]
    assert tally.as_dict() == {"editors": {"kept": 2, "validation or test split": 1}}


def test_detokenising_restores_running_text() -> None:
    raw = "he did n't pay $ 3.2 million , `` not now '' , the man 's 30 - year - old son said ."
    assert detokenise(raw) == "he didn't pay $3.2 million, \"not now\", the man's 30-year-old son said."


def test_the_split_goes_by_event() -> None:
    groups = [f"claim-{n}" for n in range(4000)]
    held = [g for g in groups if is_validation(g)]
    assert 60 < len(held) < 180
    assert held == [g for g in groups if is_validation(g)]
    assert Pair(("a",), "b", "claim", "g").kind == "claim"
