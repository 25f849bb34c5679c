"""What is written beside trained weights: a model card for people, and a record for programs."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

VERSIONS = ("summarize", "torch", "transformers", "tokenizers")


def write_card(
    folder: Path,
    title: str,
    use: str,
    facts: Mapping[str, Any],
    *,
    header: Mapping[str, Any] | None = None,
) -> None:
    """Write ``README.md``, the model card, and ``training.json``, the same facts for programs.

    Args:
        folder: where the weights are.
        title: what they are, in a line.
        use: a command that uses them.
        facts: how they were made; ``data_sha256``, the data's fingerprint, among them.
        header: what the hub reads at the top of a card, e.g. ``base_model``.
    """
    whole = {**facts, "versions": {name: version(name) for name in VERSIONS}}
    front = f"---\n{yaml.safe_dump(dict(header), sort_keys=False)}---\n\n" if header else ""
    rows = "".join(f"| {name} | {_cell(value)} |\n" for name, value in whole.items())
    text = f"{front}# {title}\n\n```\n{use}\n```\n\n## How it was made\n\n| | |\n|---|---|\n{rows}"
    (folder / "README.md").write_text(text, "utf-8")
    (folder / "training.json").write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return "<br>".join(f"{key}: {_cell(inner)}" for key, inner in value.items())
    return str(value).replace("|", "\\|").replace("\n", " ")
