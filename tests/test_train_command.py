"""``summarize train``: every recipe on eight examples, and what happens when a run is killed, repeated or misled."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
import tiny_models
import torch
import yaml
from conftest import bag_of_words
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForSeq2SeqLM

from summarize import Article, Config, Summarizer
from summarize.cli import main
from summarize.config import Seq2SeqSettings
from summarize.errors import ConfigError, OutputError, ReadingError
from summarize.models.seq2seq import Seq2Seq
from summarize.training import seq2seq as module
from summarize.training.commands import RECIPES
from summarize.training.seq2seq import LEAST, TrainingSettings, row_of, train
from summarize.training.sources import SourceSettings, read_examples

CONFIGS = Path(__file__).parent.parent / "configs" / "train"
STORIES = [
    {
        "articles": [f"The {thing} of {town} opened on Monday after {n} weeks.", f"In {town} the {thing} opened."],
        "summary": f"The {thing} of {town} opened on Monday.",
    }
    for thing, town, n in [
        ("library", "Orrin", 12),
        ("tram", "Sandvale", 40),
        ("market", "Pell", 7),
        ("hospital", "Quay", 90),
        ("museum", "Tarn", 31),
        ("bridge", "Harwick", 16),
        ("school", "Lowmere", 52),
        ("theatre", "Brume", 25),
    ]
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BART that learns quickly."""
    folder = tiny_models.save("bart", tmp_path_factory.mktemp("base") / "tiny-bart")
    config = AutoConfig.from_pretrained(folder)
    config.d_model, config.init_std, config.dropout = 32, 0.1, 0.0
    torch.manual_seed(0)
    AutoModelForSeq2SeqLM.from_config(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lines(tmp_path_factory.mktemp("data") / "stories.jsonl", STORIES)


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def settings(base: Path, data: Path) -> Callable[..., TrainingSettings]:
    def make(**more: Any) -> TrainingSettings:
        values = {
            "model": str(base),
            "data": {"train": str(data), "validation": str(data)},
            "steps": 50,
            "batch_size": 8,
            "accumulate": 1,
            "rate": 1e-2,
            "warmup": 0.0,
            "validate_every": 25,
            "max_output": 32,
            "beams": 1,
            "threads": 1,
        }
        return TrainingSettings.parse(values | more)

    return make


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def written(folder: Path) -> list[str]:
    model = Seq2Seq(Seq2SeqSettings(model=str(folder), device="cpu", beams=1))
    return model.generate([row_of(s["articles"], model) for s in STORIES], 32)


def hushed(line: str) -> None:
    pass


# Any encoder-decoder model


def test_eight_stories_are_learned_by_heart_and_the_folder_is_a_model(
    base: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("summarize.pipeline.lazy_encode", lambda settings: bag_of_words)
    config, out = tmp_path / "mine.yaml", tmp_path / "mine"
    values = {"recipe": "seq2seq", "model": str(base), "steps": 50, "batch_size": 8, "accumulate": 1, "rate": 0.01}
    values |= {"validate_every": 25, "max_output": 32, "beams": 1, "warmup": 0.0, "threads": 1}
    source = {"train": str(data), "validation": str(data)}
    config.write_text(yaml.safe_dump(values | {"data": source, "output": str(out)}), "utf-8")
    command = ["train", str(config)]
    with pytest.raises(SystemExit) as ended:
        main(command)
    shown = capsys.readouterr()
    assert (ended.value.code, shown.out) == (0, "")
    assert [line.split(":")[0] for line in shown.err.splitlines()] == ["step 25", "step 50"]

    wanted = [s["summary"] for s in STORIES]
    assert written(out) == wanted
    writer = Summarizer(
        Config().replace(**{"summarizer": "seq2seq", "seq2seq.model": str(out), "seq2seq.device": "cpu"})
    )
    summary = writer.summarize([Article(str(i), text) for i, text in enumerate(STORIES[0]["articles"])])
    assert (summary.text, summary.sentences[0].origin) == (wanted[0], "written")

    record = json.loads((out / "training.json").read_text("utf-8"))
    assert record["examples"] == {"train": 8, "validation": 8}
    assert (record["recipe"], record["base_model"], len(record["data_sha256"])) == ("seq2seq", "tiny-bart", 64)
    card = (out / "README.md").read_text("utf-8")
    assert card.startswith("---\nbase_model: tiny-bart\n") and record["data_sha256"] in card
    assert str(tmp_path) not in card + json.dumps(record)

    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 0
    assert "is finished" in capsys.readouterr().err


def test_lora_learns_the_same_and_leaves_a_whole_model(settings, base: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    lora = {"rank": 32, "alpha": 64, "dropout": 0.0}
    figures = train(settings(lora=lora, steps=75), out, hushed)
    assert figures["rougeLsum"] > 90
    assert (out / "adapter" / "adapter_model.safetensors").exists()
    before, after = weights(base), weights(out)
    assert set(before) == set(after)
    assert torch.equal(before["model.encoder.embed_positions.weight"], after["model.encoder.embed_positions.weight"])
    changed = "model.encoder.layers.0.self_attn.q_proj.weight"
    assert not torch.equal(before[changed], after[changed])
    assert module.rouge(written(out), [s["summary"] for s in STORIES]) == figures  # merged, it writes what it wrote


def test_a_killed_run_ends_with_the_weights_of_one_that_was_not(settings, tmp_path: Path) -> None:
    chosen = settings(steps=16, validate_every=4, batch_size=2, patience=99)
    train(chosen, tmp_path / "whole", hushed)

    out = tmp_path / "killed"
    script = (
        "import sys, json; from pathlib import Path; from summarize.training.seq2seq import TrainingSettings, train;"
        "train(TrainingSettings.parse(json.loads(sys.argv[1])), Path(sys.argv[2]), lambda line: None)"
    )
    process = subprocess.Popen([sys.executable, "-c", script, chosen.model_dump_json(), str(out)])
    try:
        state = out / "checkpoints" / "checkpoint-8" / "trainer_state.json"
        end = time.monotonic() + 120
        while not state.exists() and time.monotonic() < end and process.poll() is None:
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert state.parent.exists()
    assert not (out / "training.json").exists()

    # As if the last checkpoint had been cut off while it was written.
    torn = out / "checkpoints" / "checkpoint-999"
    torn.mkdir()
    (torn / "trainer_state.json").write_text('{"epoch": 1')
    train(chosen, out, hushed)
    assert not torn.exists()
    for name in ("model.safetensors", "training.json", "config.json", "tokenizer.json"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_small_batches_accumulated_make_the_step_of_a_large_one(settings, base: Path, tmp_path: Path) -> None:
    train(settings(steps=2, validate_every=2), tmp_path / "large", hushed)
    train(settings(steps=2, validate_every=2, batch_size=2, accumulate=4), tmp_path / "small", hushed)
    before, large, small = weights(base), weights(tmp_path / "large"), weights(tmp_path / "small")
    moves = [torch.cat([(after[n] - before[n]).flatten() for n in before]) for after in (large, small)]
    assert torch.cosine_similarity(*moves, dim=0) > 0.99


def test_training_stops_when_nothing_gets_better_and_keeps_the_best(settings, base: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    chosen = settings(rate=1e-12, validate_every=1, patience=2, bfloat16=True, checkpointing=True)
    train(chosen, tmp_path / "out", lines.append)
    assert [line.split(":")[0] for line in lines] == ["step 1", "step 2", "step 3"]
    before, after = weights(base), weights(tmp_path / "out")
    assert all(torch.allclose(before[name], after[name], atol=1e-6) for name in before)
    assert all(tensor.dtype == torch.float32 for tensor in after.values())


def test_articles_are_cut_to_equal_shares_and_too_many_are_left_out(base: Path) -> None:
    reader = Seq2Seq(Seq2SeqSettings(model=str(base), device="cpu"))
    long = " ".join(["rain"] * 500)
    assert len(row_of([long, "Short."], reader).ids) == reader.limit
    many = row_of([long] * 400, reader)
    assert reader.limit - LEAST < len(many.ids) <= reader.limit


def test_a_folder_goes_on_with_its_own_run_only(settings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    train(settings(steps=1, validate_every=1), out, hushed)
    with pytest.raises(ConfigError, match=r"out was begun with other settings: choose another output"):
        train(settings(steps=2, validate_every=1), out, hushed)
    other = write_lines(tmp_path / "stories.jsonl", STORIES[:4])
    with pytest.raises(ConfigError, match="was begun with other data_sha256, examples"):
        train(settings(steps=1, validate_every=1, data={"train": str(other), "validation": str(other)}), out, hushed)
    (out / "run.json").write_text("{")
    with pytest.raises(ConfigError, match="damaged"):
        train(settings(steps=1, validate_every=1), out, hushed)
    with pytest.raises(ConfigError, match="is not empty and holds no run"):
        train(settings(steps=1, validate_every=1), tmp_path, hushed)
    with pytest.raises(OutputError, match="cannot write"):
        train(settings(steps=1, validate_every=1), other / "inside", hushed)


def test_a_result_is_uploaded_without_its_checkpoints(settings, tmp_path: Path, monkeypatch) -> None:
    calls: list[tuple[str, dict[str, Any]]] = []

    class Hub:
        def create_repo(self, name: str, **more: Any) -> None:
            if name == "refused":
                raise OSError("403: not yours")
            calls.append((name, more))

        def upload_folder(self, **more: Any) -> None:
            calls.append(("upload", more))

    monkeypatch.setattr("huggingface_hub.HfApi", Hub)
    out = tmp_path / "out"
    train(settings(steps=1, validate_every=1, push="me/mine"), out, hushed)
    assert calls[0] == ("me/mine", {"private": True, "exist_ok": True})
    assert calls[1][1]["folder_path"] == out and "checkpoints/*" in calls[1][1]["ignore_patterns"]
    with pytest.raises(OutputError, match="cannot upload to the hub as 'refused': 403: not yours"):
        train(settings(steps=1, validate_every=1, push="refused"), out, hushed)


def test_what_is_not_installed_is_named(settings, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ConfigError, match=r"lora needs peft: pip install 'summarize\[train\]'"):
        train(settings(lora={}), tmp_path / "out", hushed)


def test_lora_names_layers_that_are_not_there(settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"lora\.modules: .*nowhere"):
        train(settings(lora={"modules": ["nowhere"]}), tmp_path / "out", hushed)


# Where the examples come from


def test_the_same_examples_are_the_same_whatever_they_are_read_from(tmp_path: Path, data: Path) -> None:
    table = datasets.Dataset.from_list(STORIES)
    table.save_to_disk(tmp_path / "saved")
    datasets.DatasetDict({"train": table, "validation": table}).save_to_disk(tmp_path / "splits")
    table.to_parquet(tmp_path / "stories.parquet")
    joined = [{"document": " ||| ".join(s["articles"]), "summary": [s["summary"], "Another."]} for s in STORIES]
    write_lines(tmp_path / "joined.jsonl", joined)
    nested = [{"articles": [{"id": "a", "text": t} for t in s["articles"]], "summary": s["summary"]} for s in STORIES]
    write_lines(tmp_path / "nested.jsonl", nested)

    def read(name: str, **more: Any) -> tuple[int, int, str]:
        found = read_examples(SourceSettings(train=str(tmp_path / name), **more), 200)
        return len(found.train), len(found.validation), found.sha256

    plain = read_examples(SourceSettings(train=str(data)), 200)
    same = (7, 1, plain.sha256)
    assert read("saved") == read("stories.parquet") == read("nested.jsonl") == same
    assert read("joined.jsonl", articles="document", between=" ||| ") == same
    assert read("splits")[:2] == (8, 8)
    assert read("saved", limit=3)[:2] == (2, 1)
    assert plain.validation[0].articles == tuple(STORIES[7]["articles"])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "holds no example to train on"),
        (b'{"articles": ["A."], "summary": ""}\n', "holds no example to train on"),
        (b'{"text": "A.", "summary": "B."}\n', r"record 1: no column 'articles'; it has text, summary"),
        (b"[1]\n", "line 1: not a JSON object"),
        (b'{"articles": ["A."], "summary": "B."}\n{"art', "line 2: not JSON"),
        (b"\xff\xfe\x00", "cannot read"),
    ],
)
def test_data_that_cannot_be_used_are_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    with pytest.raises(ReadingError, match=complaint):
        read_examples(SourceSettings(train=str(path)), 10)


@pytest.mark.parametrize("name", ["no/such-set", "missing.parquet", "missing.jsonl"])
def test_data_that_are_not_there_are_one_clear_line(name: str) -> None:
    with pytest.raises(ReadingError, match=f"cannot read (the data set )?'?{name}"):
        read_examples(SourceSettings(train=name), 10)


# The command


@pytest.mark.parametrize(
    ("config", "arguments", "complaint"),
    [
        ("recipe: seq2sek", ["-o", "out"], "unknown recipe 'seq2sek'. Did you mean 'seq2seq'?"),
        ("model: bart", ["-o", "out"], "names no recipe: seq2seq, fusion, judge, clusters"),
        ("recipe: seq2seq\nmodel: bart", [], "names no output: --output FOLDER"),
        ("recipe: seq2seq\nmodell: b\ndata: {train: d}", ["-o", "out"], "Did you mean 'model'?"),
        ("recipe: seq2seq\nmodel: b\ndata: {train: d, columns: 3}", ["-o", "out"], "unknown setting 'data.columns'"),
        ("recipe: fusion", ["-o", "out", "-d", "missing"], "no data at missing"),
        ("recipe: fusion", ["-o", "out"], "names no data: --data PATH"),
        ("recipe: judge", ["-o", "out", "--push", "me/it"], "--push goes with the recipe seq2seq, not with judge"),
        ("recipe: fusion\nstepz: 3", ["-o", "out", "-d", "."], "unknown key stepz; known keys: batch_size"),
        ("recipe: clusters\nsteps: 3", ["-o", "out", "-d", "."], "the recipe clusters has no setting 'steps'"),
        ("- 1", ["-o", "out"], "must be a mapping of settings"),
        (
            "recipe: seq2seq\nmodel: b\nsteps: 3\nvalidate_every: 4\ndata: {train: d}",
            ["-o", "o"],
            "validate_every 4 is more",
        ),
    ],
)
def test_what_is_asked_wrongly_is_one_clear_line(
    config: str, arguments: list[str], complaint: str, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(config, "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["train", "c.yaml", *arguments])
    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert complaint in line
    assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"]


def test_the_fusion_model_and_the_judge_are_trained_by_the_command(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    pairs = [{"sources": s["articles"], "target": s["summary"]} for s in STORIES]
    write_lines(Path("pairs.jsonl"), pairs * 7)
    Path("f.yaml").write_text("recipe: fusion\nsteps: 1\nbatch_size: 2\nvalidation_pairs: 2\nbfloat16: false\n")
    sentences = [
        {
            "sentence": s["summary"],
            "sources": s["articles"],
            "grammatical": 1 - i % 2,
            "supported": i % 2,
            "fault": "none",
        }
        for i, s in enumerate(STORIES)
    ]
    Path("sentences").mkdir()
    for part in ("train", "validation"):
        write_lines(Path("sentences") / f"{part}.jsonl", sentences)
    Path("j.yaml").write_text("recipe: judge\nsteps: 1\nbatch_size: 4\nlayers: 1\nbfloat16: false\n")
    for recipe, source in (("f", "pairs.jsonl"), ("j", "sentences")):
        with pytest.raises(SystemExit) as ended:
            main(["train", f"{recipe}.yaml", "--data", source, "--output", recipe])
        assert ended.value.code == 0, capsys.readouterr().err
    shown = capsys.readouterr().err
    assert "set fusion.model to use them" in shown and "set fusion.judge to use them" in shown
    for recipe in ("f", "j"):
        record = json.loads((Path(recipe) / "weights" / "training.json").read_text("utf-8"))
        assert len(record["data_sha256"]) == 64
        assert record["data_sha256"] in (Path(recipe) / "weights" / "README.md").read_text("utf-8")
    story = [Article(str(i), text) for i, text in enumerate(STORIES[0]["articles"])]
    own = Config().replace(**{"fusion.model": "f/weights", "fusion.judge": "j/weights"})
    assert Summarizer(own).summarize(story).sentences


def test_the_merge_decision_of_clustering_is_learned_by_the_command(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("summarize.models.lazy_encode", lambda settings: bag_of_words)
    monkeypatch.setattr("eval.merging.STEPS", 3)
    rows = [
        {"id": f"{i}-{k}", "text": text, "story": str(i)}
        for i, s in enumerate(STORIES)
        for k, text in enumerate(s["articles"])
    ]
    write_lines(Path("set.jsonl"), rows)
    with pytest.raises(SystemExit) as ended:
        main(["train", str(CONFIGS / "clusters.yaml"), "--data", "set.jsonl", "--output", "out"])
    assert ended.value.code == 0, capsys.readouterr().err
    learned = json.loads(Path("out/weights.json").read_text("utf-8"))
    assert len(learned["direct"]) == len(learned["recipe"]["features"])
    assert learned["recipe"]["sets"]["set"]["articles"] == 16


def test_every_shipped_file_names_a_recipe_and_knows_its_settings(tmp_path: Path) -> None:
    from summarize.training.fusion import TrainingConfig
    from summarize.training.judge import FitConfig

    readers = {"fusion": TrainingConfig.from_file, "judge": FitConfig.from_file}
    for path in sorted(CONFIGS.glob("*.yaml")):
        values = yaml.safe_load(path.read_text("utf-8"))
        assert values["recipe"] in RECIPES, path
        if values["recipe"] in readers:
            readers[values["recipe"]](path)
    values = yaml.safe_load((CONFIGS / "seq2seq.yaml").read_text("utf-8"))
    values["data"]["train"] = "stories.jsonl"
    known = set(TrainingSettings.model_fields) | {"recipe", "output"}
    assert set(values) == known
    assert set(values["data"]) == set(SourceSettings.model_fields)
    assert set(values["lora"]) == set(module.LoraSettings.model_fields)
    TrainingSettings.parse({k: v for k, v in values.items() if k not in ("recipe", "output")})
