"""What ``summarize models`` tells: every summarizer, every preset, and what lies in the hub cache."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny_models
import torch
import yaml
from safetensors.torch import save_file

from summarize import listing
from summarize.cli import main
from summarize.listing import ABOUT, Entry, count_parameters, entries
from summarize.models.presets import find_preset, presets
from summarize.models.seq2seq import FAMILIES
from summarize.pipeline import SUMMARIZERS

CONFIGS = Path(__file__).parents[1] / "configs" / "models"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """An empty hub cache; called with a name and files, it puts a model there and returns its snapshot."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    def put(name: str, **files: str | bytes | dict[str, Any] | dict[str, torch.Tensor]) -> Path:
        repository = tmp_path / f"models--{name.replace('/', '--')}"
        folder = repository / "snapshots" / ("1" * 40)
        folder.mkdir(parents=True)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text("1" * 40)
        (repository / "blobs").mkdir()
        for key, content in files.items():
            blob = repository / "blobs" / key
            if key == "model":
                save_file(content, blob)  # type: ignore[arg-type]
            else:
                blob.write_bytes(content if isinstance(content, bytes) else _text(content).encode())
            (folder / NAMES[key]).symlink_to(blob)
        return folder

    return put


NAMES = {"config": "config.json", "model": "model.safetensors", "card": "README.md", "pickled": "pytorch_model.bin"}
WEIGHTS = {"a": torch.zeros(1000, 2000), "b": torch.zeros(500)}


def _text(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content)


def of(name: str) -> Entry:
    (found,) = (entry for entry in entries() if entry.name == name)
    return found


def test_every_summarizer_is_told_of():
    assert set(ABOUT) == set(SUMMARIZERS)


def test_every_preset_is_a_file_that_fits(hub):
    assert list(presets()) == sorted(path.stem for path in CONFIGS.glob("*.yaml"))
    for name, preset in presets().items():
        assert preset.family in FAMILIES, name
        assert "/" in preset.model
        assert preset.input_tokens <= 16_384
        assert all(60 > r1 > r2 > 0 and rl > r2 for score in preset.scores for r1, r2, rl in [score.rouge])
    for path in CONFIGS.glob("*.yaml"):
        assert path.read_text("utf-8").startswith("# "), "a preset says what it is for"
        assert yaml.safe_load(path.read_text("utf-8"))["model"] == presets()[path.stem].model


def test_presets_are_found_by_short_name_and_hub_name_but_a_folder_goes_first(tmp_path, monkeypatch):
    assert find_preset("primera") == find_preset("allenai/PRIMERA") == presets()["primera"]
    assert find_preset("nobody/nothing") is None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "primera").mkdir()
    assert find_preset("primera") is None


def test_a_preset_tells_how_the_input_of_its_model_is_built(tmp_path, monkeypatch):
    """A folder in place of the hub: the preset's separator and limit reach the model."""
    from summarize.config import Seq2SeqSettings
    from summarize.models import seq2seq

    folder = tiny_models.save("pegasus", tmp_path / "model")
    preset = presets()["pegasus-multi-news"].model_copy(update={"model": str(folder), "input_tokens": 100})
    monkeypatch.setattr(seq2seq, "find_preset", lambda name: preset if name == "pegasus-multi-news" else None)
    model = seq2seq.Seq2Seq(Seq2SeqSettings(model="pegasus-multi-news", device="cpu"))
    assert model.limit == 100
    assert model.name == str(folder)
    bars = model.tokenizer("|||||", add_special_tokens=False).input_ids
    assert model.row([[5], [6]]).ids == (5, *bars, 6, model.tokenizer.eos_token_id)


def test_summarizers_presets_and_what_else_is_cached_in_this_order(hub):
    hub("town/crier", config={"model_type": "bart", "is_encoder_decoder": True}, model=WEIGHTS)
    kinds = [entry.kind for entry in entries()]
    assert kinds == sorted(kinds, key=("summarizer", "preset", "cached").index)
    assert kinds.count("summarizer") == len(SUMMARIZERS)
    assert kinds.count("preset") == len(presets())
    assert kinds.count("cached") == 1


def test_a_preset_that_is_not_in_the_cache(hub, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert of("bart-large-cnn").here == "no: not downloaded, offline"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    assert of("bart-large-cnn").here == "after a download"


def test_a_preset_that_is_in_the_cache_is_listed_once(hub):
    hub("facebook/bart-large-cnn", config={"model_type": "bart", "is_encoder_decoder": True}, model=WEIGHTS)
    assert of("bart-large-cnn").here == "yes"
    assert not [entry for entry in entries() if entry.kind == "cached"]


def test_a_cached_model_is_told_from_its_files(hub):
    hub(
        "town/crier",
        config={"model_type": "led", "is_encoder_decoder": True, "max_encoder_position_embeddings": 4096},
        model=WEIGHTS,
        card="---\nlanguage: en\nlicense: mit\n---\n# Crier\n",
    )
    crier = of("town/crier")
    assert crier == Entry("town/crier", "cached", "seq2seq", 2.0005, 4096, "mit", "yes", "led in the local hub cache")


def test_a_causal_model_is_for_chat_and_an_encoder_is_not_listed(hub):
    hub("town/talker", config={"model_type": "llama", "architectures": ["LlamaForCausalLM"]}, model=WEIGHTS)
    hub("town/vectors", config={"model_type": "bert", "architectures": ["BertModel"]}, model=WEIGHTS)
    cached = [entry for entry in entries() if entry.kind == "cached"]
    assert [(entry.name, entry.summarizer) for entry in cached] == [("town/talker", "chat")]


def test_what_does_not_run_here_says_why(hub, monkeypatch):
    config = {"model_type": "t5", "is_encoder_decoder": True}
    hub("town/old", config=config, pickled=b"\x80")
    hub("town/huge", config=config, model=WEIGHTS)
    monkeypatch.setattr(listing, "BYTES_A_NUMBER", 10**9)
    assert of("town/old").here == "no: no safetensors weights"
    assert of("town/huge").here.startswith("no: needs 2000500 GB of ")


@pytest.mark.parametrize(
    "files",
    [{}, {"config": "{"}, {"config": "[]"}, {"config": b"\xff\x00"}, {"config": {"is_encoder_decoder": True}}],
)
def test_a_damaged_model_in_the_cache_is_left_out(hub, files):
    hub("town/broken", **files)
    assert not [entry for entry in entries() if entry.kind == "cached"]


@pytest.mark.parametrize("card", ["", "---\n", "---\nlicense: [\n---\n", "---\n- a\n---\n", b"---\n\xff\n---\n"])
def test_a_card_without_a_licence(hub, card):
    hub("town/crier", config={"model_type": "t5", "is_encoder_decoder": True}, model=WEIGHTS, card=card)
    assert of("town/crier").licence is None


@pytest.mark.parametrize(
    "content", [b"", b"1234567", b"\xff" * 40, b"\x02" + b"\0" * 7 + b"{}", b"\x02" + b"\0" * 7 + b"[]"]
)
def test_a_damaged_file_holds_no_numbers(tmp_path, content):
    (tmp_path / "model.safetensors").write_bytes(content)
    assert count_parameters(tmp_path / "model.safetensors") == 0


def test_the_list_in_text_has_a_table_a_kind_and_no_escape_of_a_card(hub, capsys):
    card = '---\nlicense: "\\e[31mred"\n---\n'
    hub("town/crier", config={"model_type": "t5", "is_encoder_decoder": True}, model=WEIGHTS, card=card)
    with pytest.raises(SystemExit) as ended:
        main(["models"])
    assert ended.value.code == 0
    page = capsys.readouterr().out
    assert [line for line in page.splitlines() if line and not line.startswith(" ")] == list(listing.TITLES.values())
    assert "\x1b" not in page
    row = next(line for line in page.splitlines() if "primera-multi-news" in line)
    assert row.split()[1:6] == ["447", "M", "4,096", "tokens", "apache-2.0"]


def test_the_list_in_json(hub, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["models", "--format", "json"])
    assert ended.value.code == 0
    shown = json.loads(capsys.readouterr().out)["models"]
    assert [entry["name"] for entry in shown] == [*SUMMARIZERS, *presets()]


def test_an_unknown_format_is_answered_with_the_known_ones(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["models", "-f", "jsn"])
    assert ended.value.code == 2
    assert "Did you mean 'json'?" in capsys.readouterr().err


def test_the_page_on_models_tells_of_every_preset_as_its_file_does():
    page = (CONFIGS.parents[1] / "docs" / "models.md").read_text("utf-8")
    for name, preset in presets().items():
        scores = ", ".join(f"{s.data} {' / '.join(f'{r:.2f}' for r in s.rouge)}" for s in preset.scores) or "—"
        facts = (f"`{name}`", preset.model, preset.parameters, f"{preset.input_tokens:,}", f"{preset.output_tokens:,}")
        row = " | ".join(map(str, (*facts, preset.licence, scores)))
        assert f"| {row} |" in page
