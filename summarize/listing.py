"""The command ``summarize models``: who can write, with which models, how large they are, and what runs here.

Nothing is loaded or fetched: what is told of a model stands in its files. Only what the command line needs is imported
at the top, since ``summarize --help`` reads this module.
"""

import json
import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
import yaml

from summarize.command import command_line
from summarize.errors import UnknownNameError

if TYPE_CHECKING:
    from summarize.models.hub import Cached
    from summarize.models.presets import Preset

ABOUT: Mapping[str, str] = {
    "fusion": "writes each sentence from several source sentences",
    "claims": "what most sources report, each claim by its best sentence",
    "lead": "the first sentences of the articles in turn",
    "random": "sentences drawn by lot",
    "textrank": "sentences most like all others, by shared words",
    "lexrank": "sentences most like all others, by TF-IDF",
    "mmr": "close to the whole, far from what is said already",
    "centroid": "sentences with the heaviest words of the story",
    "sumbasic": "sentences with the most frequent words",
    "kl": "sentences whose words are spread like the story's",
    "submodular": "sentences that cover the story without saying anything twice",
    "seq2seq": "an encoder-decoder model of transformers: --model NAME",
    "chat": "a large language model, local (--model) or served (--endpoint)",
}
"""Every summarizer in a line."""

BYTES_A_NUMBER = 4
"""A model is computed with in float32 on a processor."""

Kind = Literal["summarizer", "preset", "cached"]

app = command_line("models", no_args_is_help=False)


@dataclass(frozen=True)
class Entry:
    """One line of the list.

    Attributes:
        name: what ``--summarizer`` takes, or ``--model``.
        kind: a summarizer of this package, a preset of a well-known model, or another model in the local hub cache.
        summarizer: who uses the model.
        parameters: how many, in millions; None where there is no model.
        input_tokens: tokens it reads at most; None where that is not known or there is no limit.
        licence: of the weights; None where none is stated.
        here: "yes", or why it does not run on this machine as it is.
        about: what it is, in a line.
    """

    name: str
    kind: Kind
    summarizer: str
    parameters: float | None
    input_tokens: int | None
    licence: str | None
    here: str
    about: str


@app.command()
def models(format: Annotated[str, typer.Option("--format", "-f", help="text or json.")] = "text") -> None:
    """List summarizers, presets of well-known models, and models in the local hub cache.

    [bold]Examples[/bold]

      summarize models

      summarize story seeds/ -s seq2seq -m bart-large-cnn
    """
    if format not in FORMATS:
        raise UnknownNameError("format", format, FORMATS)
    typer.echo(FORMATS[format](entries()), nl=False)


def entries() -> tuple[Entry, ...]:
    """Everything at hand: summarizers, then presets, then what else lies in the cache; each kind in its own order."""
    from summarize.models.hub import cached_models
    from summarize.models.presets import presets
    from summarize.pipeline import SUMMARIZERS

    cached = {model.name: model for model in cached_models()}
    known = presets()
    others = (model for name, model in cached.items() if name not in {p.model for p in known.values()})
    return (
        *(_built_in(name) for name in SUMMARIZERS),
        *(_preset(name, preset, cached.get(preset.model)) for name, preset in known.items()),
        *(entry for model in others if (entry := _cached(model))),
    )


def _built_in(name: str) -> Entry:
    weights = (Path(__file__).parent / "models" / "weights").glob("*/model.safetensors") if name == "fusion" else ()
    parameters = sum(map(count_parameters, weights)) / 1e6 or None
    needs_model = name in ("seq2seq", "chat")
    here = "with a model" if needs_model else "yes"
    licence = None if needs_model else "apache-2.0"
    return Entry(name, "summarizer", name, parameters, None, licence, here, ABOUT[name])


def _preset(name: str, preset: "Preset", cached: "Cached | None") -> Entry:
    from huggingface_hub import constants

    if cached is not None:
        here = _runs(cached.folder, preset.parameters * 1e6)
    else:
        fetched = "no: not downloaded, offline" if constants.HF_HUB_OFFLINE else "after a download"
        here = _memory(preset.parameters * 1e6) or fetched
    return Entry(name, "preset", "seq2seq", preset.parameters, preset.input_tokens, preset.licence, here, preset.about)


def _cached(model: "Cached") -> Entry | None:
    """A model of the cache, unless it neither writes nor can be told what it is."""
    try:
        config = json.loads((model.folder / "config.json").read_text("utf-8"))
        kind = config["model_type"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    writes = " ".join(config.get("architectures") or ())
    if config.get("is_encoder_decoder") or kind == "encoder-decoder":
        summarizer = "seq2seq"
    elif "ForCausalLM" in writes or "LMHead" in writes:
        summarizer = "chat"
    else:
        return None
    parameters = sum(count_parameters(path) for path in model.folder.glob("*.safetensors"))
    return Entry(
        model.name,
        "cached",
        summarizer,
        parameters / 1e6 if parameters else None,
        _positions(config),
        _licence(model.folder),
        _runs(model.folder, parameters),
        f"{kind} in the local hub cache",
    )


def _positions(config: Mapping[str, Any]) -> int | None:
    encoder = config.get("encoder", config)
    stated = ("max_encoder_position_embeddings", "max_position_embeddings", "n_positions")
    return next((encoder[name] for name in stated if isinstance(encoder.get(name), int)), None)


def _licence(folder: Path) -> str | None:
    """What the model's card states, if it is in the cache."""
    try:
        parts = (folder / "README.md").read_text("utf-8").split("---\n", 2)
        stated = yaml.safe_load(parts[1]).get("license") if len(parts) == 3 and not parts[0] else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError):
        return None
    return str(stated) if stated else None


def _runs(folder: Path, parameters: float) -> str:
    if not any(folder.glob("*.safetensors")):
        return "no: no safetensors weights"
    return _memory(parameters) or "yes"


def _memory(parameters: float) -> str:
    """Why a model of this size does not run here, or nothing if it does."""
    needed = parameters * BYTES_A_NUMBER
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"no: needs {needed / 1e9:.0f} GB of {there / 1e9:.0f}" if needed > there else ""


def count_parameters(path: Path) -> int:
    """How many numbers a safetensors file holds, from its header alone; 0 if it is damaged.

    The header is JSON behind its length in eight bytes (https://github.com/huggingface/safetensors).
    """
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(length, 100_000_000)))
        return sum(prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")
    except (OSError, ValueError, struct.error, KeyError, TypeError, AttributeError):
        return 0


TITLES: Mapping[Kind, str] = {
    "summarizer": "Summarizers (--summarizer)",
    "preset": "Presets for seq2seq (--model)",
    "cached": "In the local hub cache (--model)",
}


def _text(found: Sequence[Entry]) -> str:
    return "\n".join(_tables(found))


def _tables(found: Sequence[Entry]) -> Iterator[str]:
    """A table a kind: title, head, and one line a model."""
    for kind, title in TITLES.items():
        rows = [_cells(entry) for entry in found if entry.kind == kind]
        if not rows:
            continue
        table = [("name", "size", "reads", "licence", "runs here", ""), *rows]
        wide = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
        lines = ("  ".join(cell.ljust(wide[i]) for i, cell in enumerate(row)).rstrip() for row in table)
        yield f"{title}\n" + "".join(f"  {line}\n" for line in lines)


def _cells(entry: Entry) -> tuple[str, ...]:
    from summarize.rendering.characters import one_line

    size = "-" if entry.parameters is None else f"{entry.parameters:,.0f} M"
    reads = "-" if entry.input_tokens is None else f"{entry.input_tokens:,} tokens"
    about = f"{entry.about}: {entry.summarizer}" if entry.kind == "cached" else entry.about
    cells = entry.name, size, reads, entry.licence or "-", entry.here, about
    return tuple(one_line(cell) for cell in cells)  # a model's card may hold anything


def _json(found: Sequence[Entry]) -> str:
    from summarize.rendering.contract import json_text

    return json_text({"models": [asdict(entry) for entry in found]})


FORMATS: Mapping[str, Callable[[Sequence[Entry]], str]] = {"text": _text, "json": _json}
