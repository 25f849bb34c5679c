"""Encoder-decoder models of every family, tiny and random, with tokenizers trained here: made, and saved to folders.

Their weights come from the names of the weights, so that they are the same with every version of the libraries.
"""

import json
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import torch
from conftest import DATA
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

VOCABULARY = 420
SIZE = 16
POSITIONS = 128


def texts() -> list[str]:
    return [path.read_text("utf-8") for path in sorted((DATA / "flood").iterdir())]


def byte_pairs(specials: list[str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Byte-level BPE, as BART has it: vocabulary and merges."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=specials, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts(), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(merge) for merge in model["merges"]]


def unigrams(specials: list[str]) -> list[tuple[str, float]]:
    """A unigram vocabulary as T5 has it; its pieces are found by merging pairs, which always finds the same."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=specials, show_progress=False)
    tokenizer.train_from_iterator(texts(), trainer)
    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    ranked = sorted(vocabulary, key=vocabulary.__getitem__)
    return [(piece, 0.0 if piece in specials else -10.0 / len(piece)) for piece in ranked]


def word_pieces(folder: Path) -> Path:
    """A vocabulary file as BERT has it."""
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    found = [piece.lower() for piece, _ in unigrams([]) if not any(character.isspace() for character in piece)]
    pieces = [piece[1:] if piece.startswith("▁") else f"##{piece}" for piece in found]
    letters = [piece.removeprefix("##") for piece in pieces if len(piece.removeprefix("##")) == 1]
    path = folder / "vocab.txt"
    path.write_text("\n".join(dict.fromkeys([*specials, *filter(None, pieces), *letters])) + "\n", "utf-8")
    return path


def _bart_tokenizer(folder: Path, marks: tuple[str, ...] = ()) -> Any:
    from transformers import BartTokenizer

    vocabulary, merges = byte_pairs(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer = BartTokenizer(vocab=vocabulary, merges=merges)
    if marks:
        tokenizer.add_special_tokens({"additional_special_tokens": list(marks)})
    return tokenizer


def _primera_tokenizer(folder: Path) -> Any:
    return _bart_tokenizer(folder, ("<doc-sep>",))


def _t5_tokenizer(folder: Path) -> Any:
    from transformers import T5Tokenizer

    return T5Tokenizer(vocab=unigrams(["<pad>", "</s>", "<unk>"]))


def _pegasus_tokenizer(folder: Path) -> Any:
    from transformers import PegasusTokenizer

    return PegasusTokenizer(vocab=unigrams(["<pad>", "</s>", "<unk>", "<mask_2>"]))


def _mbart_tokenizer(folder: Path) -> Any:
    from transformers import MBartTokenizer

    return MBartTokenizer(vocab=unigrams(["<s>", "<pad>", "</s>", "<unk>"]))


def _bert_tokenizer(folder: Path) -> Any:
    from transformers import BertTokenizer

    return BertTokenizer(vocab=str(word_pieces(folder)))


def _bart_like(name: str, tokenizer: Any, **more: Any) -> Any:
    import transformers

    config = getattr(transformers, f"{name}Config")(
        vocab_size=len(tokenizer),
        d_model=SIZE,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=2 * SIZE,
        decoder_ffn_dim=2 * SIZE,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        **{"bos_token_id": tokenizer.bos_token_id, "max_position_embeddings": POSITIONS, **more},
    )
    return getattr(transformers, f"{name}ForConditionalGeneration")(config)


def _t5_like(name: str, tokenizer: Any, **more: Any) -> Any:
    import transformers

    config = getattr(transformers, f"{name}Config")(
        vocab_size=len(tokenizer),
        d_model=SIZE,
        d_kv=SIZE // 2,
        d_ff=2 * SIZE,
        num_layers=2,
        num_heads=2,
        decoder_start_token_id=tokenizer.pad_token_id,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        **more,
    )
    return getattr(transformers, f"{name}ForConditionalGeneration")(config)


def _led_like(tokenizer: Any) -> Any:
    return _bart_like(
        "LED",
        tokenizer,
        max_encoder_position_embeddings=256,
        max_decoder_position_embeddings=POSITIONS,
        attention_window=16,
        decoder_start_token_id=tokenizer.eos_token_id,
    )


def _encoder_decoder(tokenizer: Any) -> Any:
    from transformers import BertConfig, EncoderDecoderConfig, EncoderDecoderModel

    shape = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=SIZE,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=2 * SIZE,
        max_position_embeddings=POSITIONS,
    )
    config = EncoderDecoderConfig.from_encoder_decoder_configs(
        shape, shape, decoder_start_token_id=tokenizer.cls_token_id, pad_token_id=tokenizer.pad_token_id
    )
    config.eos_token_id = tokenizer.sep_token_id
    return EncoderDecoderModel(config)


MODELS: dict[str, tuple[Callable[[Path], Any], Callable[[Any], Any]]] = {
    "bart": (_bart_tokenizer, lambda t: _bart_like("Bart", t, forced_eos_token_id=None)),
    "pegasus": (_pegasus_tokenizer, lambda t: _bart_like("Pegasus", t, bos_token_id=None, decoder_start_token_id=0)),
    "pegasus_x": (
        _pegasus_tokenizer,
        lambda t: _bart_like("PegasusX", t, bos_token_id=None, decoder_start_token_id=0, block_size=16),
    ),
    "t5": (_t5_tokenizer, lambda t: _t5_like("T5", t)),
    "flan-t5": (
        _t5_tokenizer,
        lambda t: _t5_like("T5", t, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
    ),
    "longt5": (
        _t5_tokenizer,
        lambda t: _t5_like(
            "LongT5", t, encoder_attention_type="transient-global", local_radius=15, global_block_size=8
        ),
    ),
    "mt5": (_t5_tokenizer, lambda t: _t5_like("MT5", t)),
    "mbart": (
        _mbart_tokenizer,
        lambda t: _bart_like("MBart", t, decoder_start_token_id=t.convert_tokens_to_ids("en_XX")),
    ),
    "led": (_bart_tokenizer, _led_like),
    "primera": (_primera_tokenizer, _led_like),
    "encoder-decoder": (_bert_tokenizer, _encoder_decoder),
}
"""For each family how its tokenizer and its model are made."""


def save(family: str, folder: Path) -> Path:
    """A model of a family with its tokenizer, as ``from_pretrained`` reads it."""
    folder.mkdir(parents=True)
    make_tokenizer, make_model = MODELS[family]
    tokenizer = make_tokenizer(folder)
    model = make_model(tokenizer)
    fill(model)
    model.generation_config.no_repeat_ngram_size = 2  # random models like to repeat themselves
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@torch.no_grad()
def fill(model: torch.nn.Module) -> None:
    """Give every matrix random numbers that hang on its name alone."""
    for name, weights in model.named_parameters():
        if weights.dim() > 1:
            seed = int.from_bytes(blake2b(name.encode(), digest_size=4).digest())
            numbers = torch.randn(weights.shape, generator=torch.Generator().manual_seed(seed))
            weights.copy_(numbers * (1.0 if "embed" in name or "shared" in name else 0.5))
