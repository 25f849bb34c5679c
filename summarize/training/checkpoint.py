"""Runs that go on where they were stopped: their checkpoint, their log, and the data they were begun with."""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

NAME = "checkpoint.safetensors"


def save(out: Path, model: nn.Module, optimizer: torch.optim.Optimizer, step: int, elapsed: float) -> None:
    """Write a run's exact state, whole or not at all.

    Args:
        out: folder of the run.
        model: what is trained.
        optimizer: AdamW.
        step: steps done.
        elapsed: seconds of training.
    """
    tensors = {f"model.{name}": value.detach().contiguous() for name, value in model.state_dict().items()}
    for index, values in optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value.detach().clone() for name, value in values.items()}
    beside = out / "checkpoint.tmp"
    save_file(tensors, beside, metadata={"step": str(step), "elapsed": repr(elapsed)})
    beside.replace(out / NAME)


def resume(out: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[int, float]:
    """Bring model and optimiser to where the run stopped; steps done and seconds, both 0 where it is new."""
    path = out / NAME
    if not path.exists():
        return 0, 0.0
    with safe_open(path, framework="pt") as stored:
        metadata = stored.metadata()
    tensors = load_file(path)
    model.load_state_dict({n.removeprefix("model."): t for n, t in tensors.items() if n.startswith("model.")})
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("adam."):
            _, index, key = name.split(".")
            state.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    return int(metadata["step"]), float(metadata["elapsed"])


def log(out: Path, row: dict[str, Any]) -> None:
    """Tell how far a run is: a line of ``log.jsonl``, and of standard error."""
    line = json.dumps(row) + "\n"
    with (out / "log.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(line)
    sys.stderr.write(line)
    sys.stderr.flush()


def check_data(out: Path, digest: str) -> None:
    """See that a run, if it was begun, was begun with data of this fingerprint.

    Raises:
        ValueError: it was not.
    """
    record = out / "run.json"
    if record.exists() and (known := json.loads(record.read_text(encoding="utf-8"))["data_sha256"]) != digest:
        raise ValueError(f"{out} was begun with data {known[:12]}, this is {digest[:12]}: choose another --out")
