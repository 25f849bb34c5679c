"""Weights in eight bits: the packaged models' files, half as large as in float16.

A matrix is stored row by row as whole numbers from -127 to 127 and one float16 scale a row (symmetric, per output
channel; Jacob et al. 2018, arXiv:1712.05877); small matrices and everything else are stored in float16, whole numbers
as they are. Only safetensors files are written and read.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from summarize.errors import ModelError

SCALE = ".scale"
"""Ending of the name under which a matrix's scales are stored, shape (rows, 1)."""

SMALL = 4096
"""Matrices of fewer numbers, such as segment embeddings, are not worth their loss."""


def save(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Write tensors to ``path``, matrices of floats in eight bits.

    A row's error is at most half its scale, that is 1/254 of its largest magnitude, and the rounding of the scale
    to float16. The file appears whole or not at all.
    """
    packed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        value = tensor.detach().cpu()
        if not value.is_floating_point():
            packed[name] = value.contiguous()
        elif value.ndim == 2 and value.numel() >= SMALL:
            packed[name], packed[name + SCALE] = quantise(value.float())
        else:
            packed[name] = value.half().contiguous()
    beside = path.with_name(path.name + ".tmp")
    save_file(packed, beside, metadata={"format": "pt"})
    beside.replace(path)


def load(path: Path) -> dict[str, Tensor]:
    """The tensors of a file that ``save`` wrote, or of any safetensors file: floats in float32.

    Raises:
        ModelError: the file is missing or is no safetensors file.
    """
    try:
        packed = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"cannot read the weights {path}: {' '.join(str(error).split())[:200]}") from None
    tensors = {}
    for name, value in packed.items():
        if name + SCALE in packed:
            tensors[name] = value.float() * packed[name + SCALE].float()
        elif not name.endswith(SCALE):
            tensors[name] = value.float() if value.is_floating_point() else value
    return tensors


def quantise(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """A float32 matrix (rows, columns) as int8 of that shape and float16 scales (rows, 1)."""
    largest = matrix.abs().amax(dim=1, keepdim=True)
    # Rounded up, so that no value falls outside -127..127; a row of zeros, or one too small for float16, keeps zeros.
    scale = (largest / 127 * (1 + 2**-11)).half()
    steps = torch.where(scale > 0, matrix / scale.float().clamp(min=1e-12), torch.zeros(()))
    return steps.round().clamp(-127, 127).to(torch.int8), scale
