from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from summarize.errors import ModelError
from summarize.models.quantised import load, quantise, save

MATRICES = arrays(
    np.float32,
    st.tuples(st.integers(1, 6), st.integers(1, 9)),
    elements=st.floats(-3000, 3000, width=32, allow_nan=False),
)


@given(MATRICES)
@settings(max_examples=200, deadline=None)
def test_every_number_is_within_half_a_step_of_its_row(values: np.ndarray) -> None:
    matrix = torch.from_numpy(values)
    stored, scale = quantise(matrix)
    back = stored.float() * scale.float()
    assert stored.dtype == torch.int8 and scale.dtype == torch.float16
    largest = matrix.abs().amax(dim=1, keepdim=True)
    # Half a step is largest / 254; float16 scales add up to 2 ** -10 of it, and 6e-8 is float16's smallest number.
    assert ((back - matrix).abs() <= largest / 254 * 1.01 + 127 * 6e-8).all()


def test_matrices_take_one_byte_a_number_and_the_rest_is_kept(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tensors = {
        "layer.weight": torch.randn(64, 128),
        "layer.bias": torch.linspace(-1, 1, 64),
        "segments": torch.randn(2, 128),
        "small": torch.arange(10, dtype=torch.uint8),
    }
    save(tensors, tmp_path / "model.safetensors")
    assert (tmp_path / "model.safetensors").stat().st_size < 64 * 128 + 2 * 64 * 2 + 2 * 2 * 128 + 1000
    back = load(tmp_path / "model.safetensors")
    assert set(back) == set(tensors)
    assert back["layer.weight"].dtype == torch.float32
    assert torch.equal(back["layer.bias"], tensors["layer.bias"].half().float())
    assert torch.equal(back["segments"], tensors["segments"].half().float())
    assert torch.equal(back["small"], tensors["small"])


def test_saving_what_was_loaded_changes_nothing_more(tmp_path: Path) -> None:
    torch.manual_seed(1)
    save({"w": torch.randn(80, 60)}, tmp_path / "once")
    once = load(tmp_path / "once")["w"]
    save({"w": once}, tmp_path / "twice")
    assert torch.allclose(load(tmp_path / "twice")["w"], once, rtol=0, atol=float(once.abs().max()) / 127)


def test_same_tensors_same_bytes(tmp_path: Path) -> None:
    tensors = {"w": torch.arange(12.0).reshape(3, 4), "b": torch.zeros(3)}
    save(tensors, tmp_path / "a")
    save(dict(reversed(tensors.items())), tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_that_is_not_there_or_not_safetensors_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read the weights"):
        load(tmp_path / "missing.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError, match=r"bad\.safetensors"):
        load(tmp_path / "bad.safetensors")
