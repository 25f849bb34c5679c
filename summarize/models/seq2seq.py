"""Encoder-decoder models of every family, from a folder or the hub: inputs built as they were trained, in batches.

What a family expects of its input is one row of ``FAMILIES``. An input is built from tokens here, never from marks in
text, so that no article can forge a separator. Inputs are batched with others of the same width, and a width hangs on
the input alone, so that a story gets the same text in a batch as by itself (in float32; with bfloat16 the size of a
batch changes sums in their last bits, which can change a word).
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, log2
from typing import Any, Literal

import torch
from transformers import AutoConfig, AutoModelForSeq2SeqLM, AutoTokenizer

from summarize.config import Seq2SeqSettings
from summarize.errors import ConfigError, ModelError, UnknownNameError
from summarize.models.hub import check_whole, failure, opening, pick_device, weights_of
from summarize.models.presets import find_preset


@dataclass(frozen=True)
class Family:
    """How inputs of a family of models are built.

    Attributes:
        separator: text or special token between articles.
        closes: whether the separator follows the last article, too.
        prefix: text before the first article.
        sees_all: tokens with global attention: none, the first one, or the first one and all separators.
        limit: tokens the model was trained to read, where neither it nor its tokenizer states a number.
    """

    separator: str = ""
    closes: bool = False
    prefix: str = ""
    sees_all: Literal["none", "first", "separators"] = "none"
    limit: int = 512


FAMILIES: Mapping[str, Family] = {
    "bart": Family(limit=1024),  # Lewis et al. 2020, arXiv:1910.13461
    "mbart": Family(limit=1024),  # Liu et al. 2020, arXiv:2001.08210
    "pegasus": Family(limit=1024),  # Zhang et al. 2020, arXiv:1912.08777
    "pegasus_x": Family(limit=16_384),  # Phang et al. 2022, arXiv:2208.04347
    "t5": Family(prefix="summarize: "),  # Raffel et al. 2020, arXiv:1910.10683; Flan-T5: arXiv:2210.11416
    "mt5": Family(limit=1024),  # Xue et al. 2021, arXiv:2010.11934: trained without prefixes
    "longt5": Family(limit=4096),  # Guo et al. 2022, arXiv:2112.07916
    "led": Family(sees_all="first", limit=16_384),  # Beltagy et al. 2020, arXiv:2004.05150
    # Xiao et al. 2022, arXiv:2110.08499; the authors' code puts a mark behind every article, the last one too.
    "primera": Family(separator="<doc-sep>", closes=True, sees_all="separators", limit=4096),
    "encoder-decoder": Family(),  # Rothe et al. 2020, arXiv:1907.12461: two BERT-like models joined
    "other": Family(),
}
"""Every family by name: transformers' type of the model, but for "primera", an LED that knows <doc-sep>."""

ROBERTAS = frozenset({"roberta", "xlm-roberta", "camembert", "longformer"})
"""Encoders that count positions from behind the padding token's id."""


@dataclass(frozen=True, order=True)
class Row:
    """One input.

    Attributes:
        ids: its tokens.
        sees_all: places of the tokens with global attention.
    """

    ids: tuple[int, ...]
    sees_all: tuple[int, ...] = ()


class Seq2Seq:
    """An encoder-decoder model that summarises articles.

    Args:
        settings: which model, how its input is built, where and how it runs.

    Attributes:
        name: hub name or folder.
        family: its row in ``FAMILIES``.
        limit: tokens of the longest input.
        batch_tokens: input tokens, with padding, that are read at once.
        device: where it runs.
        precision: the numbers it computes with.
        tokenizer: of transformers.
        model: of transformers; it can be trained further.

    Raises:
        ConfigError: no model is named, the device is not here, or the prefix fills the input.
        UnknownNameError: there is no such family.
        ModelError: the model cannot be loaded, or is none that writes summaries.
    """

    def __init__(self, settings: Seq2SeqSettings) -> None:
        if settings.model is None:
            raise ConfigError("the summarizer 'seq2seq' needs a model: --model NAME (`summarize models` lists some)")
        if settings.family not in ("auto", *FAMILIES):
            raise UnknownNameError("family", settings.family, ("auto", *FAMILIES))
        preset = find_preset(settings.model)
        self.settings = settings
        self.name = preset.model if preset else settings.model
        self.device = pick_device(settings.device)
        self.precision = _precision(settings, self.device)
        config = _config(self.name, settings)
        self.tokenizer = _tokenizer(self.name, settings)
        chosen = settings.family if settings.family != "auto" else (preset.family if preset else "auto")
        self.family = chosen if chosen != "auto" else _family(config, self.tokenizer)
        self.model = _model(self.name, config, settings, self.device, self.precision)
        if max(self.tokenizer.get_vocab().values(), default=0) >= self.model.get_input_embeddings().num_embeddings:
            raise ModelError(f"the tokenizer of model {self.name!r} has more tokens than the model")
        table = FAMILIES[self.family]
        self._table = table
        self._opening, self._closing = self._special_tokens()
        self._prefix = self._encode([_first(settings.prefix, preset and preset.prefix, table.prefix)])[0]
        separator = _first(settings.separator, preset and preset.separator, table.separator)
        self._separator = self._tokens_of(separator)
        lowered = (settings.max_input, preset.input_tokens if preset else None)
        self.limit = min(_input_limit(config, self.tokenizer, table), *(n for n in lowered if n), 10**9)
        self._output_limit = _output_limit(config)
        unknown = self.tokenizer.unk_token_id
        self._marks = {*self.tokenizer.all_special_ids, *self._separator_marks(separator)} - {unknown}
        if self.room(1) < 1:
            raise ConfigError(f"the prefix leaves no room in an input of {self.limit} tokens")
        self._generation = self._generation_config()
        self.batch_tokens = settings.batch_tokens or (65_536 if self.device == "cuda" else 4096)

    # Inputs

    def pieces(self, texts: Sequence[str], behind_blank: bool = False) -> list[list[int]]:
        """Tokens of the sentences of one article, each as it is cut inside the whole: behind a blank.

        Marks that a text holds (``</s>``, ``<doc-sep>``) are left out.

        Args:
            texts: the sentences, in order.
            behind_blank: whether text stands before the first one, too.
        """
        return self._cut([text if i == 0 and not behind_blank else f" {text}" for i, text in enumerate(_folded(texts))])

    def sizes(self, texts: Sequence[str]) -> list[int]:
        """Tokens that each text takes at most, wherever it stands."""
        folded = _folded(texts)
        opening, inside = self._cut(folded), self._cut([f" {text}" for text in folded])
        return [max(len(a), len(b)) for a, b in zip(opening, inside, strict=True)]

    def article_pieces(self, articles: Sequence[Sequence[str]]) -> list[list[list[int]]]:
        """``pieces`` of several articles that follow one another."""
        return [self.pieces(texts, behind_blank=i > 0 and not self._separator) for i, texts in enumerate(articles)]

    def room(self, articles: int) -> int:
        """Tokens left for the text of so many articles; may be below zero."""
        return self.limit - len(self._opening) - len(self._prefix) - len(self._closing) - self.between(articles)

    def between(self, articles: int) -> int:
        """Tokens of the separators between so many articles."""
        return len(self._separator) * max(0, articles if self._table.closes else articles - 1)

    def row(self, articles: Sequence[Sequence[int]]) -> Row:
        """The input for articles given as tokens: opening mark, prefix, articles and separators, closing mark.

        Raises:
            ValueError: they take more than ``limit`` tokens.
        """
        ids = [*self._opening, *self._prefix]
        seen = [0] if self._table.sees_all != "none" else []
        for i, article in enumerate(articles):
            ids += article
            if self._table.closes or i < len(articles) - 1:
                if self._table.sees_all == "separators":
                    seen += range(len(ids), len(ids) + len(self._separator))
                ids += self._separator
        ids += self._closing
        if len(ids) > self.limit:
            raise ValueError(f"an input of {len(ids)} tokens for a model that reads {self.limit}")
        return Row(tuple(ids), tuple(seen))

    # Writing

    def generate(self, rows: Sequence[Row], tokens: int) -> list[str]:
        """One text for each input, in their order, of at most so many tokens.

        Raises:
            ModelError: the model fails, or a single input is more than the device's memory holds.
        """
        generation = copy.deepcopy(self._generation)
        generation.max_new_tokens = min(tokens, self._output_limit)
        generation.min_length = min(generation.min_length or 0, generation.max_new_tokens)
        texts: dict[Row, str] = {}
        for batch in self._batches(rows):
            texts.update(zip(batch, self._write(batch, generation), strict=True))
        return [texts[row] for row in rows]

    def _batches(self, rows: Sequence[Row]) -> Iterator[list[Row]]:
        """The distinct rows, those of one width together, as many as the settings allow."""
        by_width: dict[int, list[Row]] = {}
        for row in sorted(set(rows)):
            by_width.setdefault(min(width(len(row.ids)), self.limit), []).append(row)
        for wide in sorted(by_width):
            size = max(1, self.batch_tokens // wide)
            for start in range(0, len(by_width[wide]), size):
                yield by_width[wide][start : start + size]

    def _write(self, batch: list[Row], generation: Any) -> list[str]:
        try:
            return self._write_at_once(batch, generation)
        except torch.OutOfMemoryError:
            if len(batch) == 1:
                raise ModelError(f"an input of {len(batch[0].ids)} tokens is more than {self.device} holds") from None
        half = len(batch) // 2
        return self._write(batch[:half], generation) + self._write(batch[half:], generation)

    @torch.inference_mode()
    def _write_at_once(self, batch: list[Row], generation: Any) -> list[str]:
        inputs = {name: tensor.to(self.model.device) for name, tensor in self.tensors(batch).items()}
        try:
            written = self.model.generate(**inputs, generation_config=generation)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:  # whatever a model of others fails with
            raise failure(self.name, error) from None
        return [_tidied(text) for text in self.tokenizer.batch_decode(written, skip_special_tokens=True)]

    def tensors(self, batch: Sequence[Row]) -> dict[str, torch.Tensor]:
        """Inputs as tensors of shape (batch, width), padded on the right: tokens, which count, which see all."""
        wide = min(width(max(len(row.ids) for row in batch)), self.limit)
        pad = _first(self.tokenizer.pad_token_id, self.model.config.pad_token_id, 0)
        ids = torch.full((len(batch), wide), pad)
        counts, seen = torch.zeros_like(ids), torch.zeros_like(ids)
        for i, row in enumerate(batch):
            ids[i, : len(row.ids)] = torch.tensor(row.ids)
            counts[i, : len(row.ids)] = 1
            seen[i, list(row.sees_all)] = 1
        tensors = {"input_ids": ids, "attention_mask": counts}
        return tensors if self._table.sees_all == "none" else {**tensors, "global_attention_mask": seen}

    def facts(self) -> dict[str, Any]:
        """What a text hangs on beside the settings: the model, what it was taken for, where and how it ran."""
        return {
            "model": self.name,
            "family": self.family,
            "weights": weights_of(self.name),
            "input_tokens": self.limit,
            "device": self.device,
            "precision": self.precision,
        }

    # Reading the checkpoint

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        whole = [text.encode("utf-8", "replace").decode() for text in texts]
        if not whole:
            return []
        found: list[list[int]] = self.tokenizer(whole, add_special_tokens=False, verbose=False)["input_ids"]
        return found

    def _cut(self, texts: Sequence[str]) -> list[list[int]]:
        return [[token for token in row if token not in self._marks] for row in self._encode(texts)]

    def _special_tokens(self) -> tuple[list[int], list[int]]:
        """What the tokenizer puts before and behind a text."""
        bare = self._encode(["the"])[0]
        dressed = self.tokenizer("the", verbose=False)["input_ids"]
        if set(bare) <= {self.tokenizer.unk_token_id}:
            raise ModelError(f"the tokenizer of model {self.name!r} knows no words: its files are missing or damaged")
        at = next((i for i in range(len(dressed)) if dressed[i : i + len(bare)] == bare), None)
        if at is None:
            raise ModelError(f"the tokenizer of model {self.name!r} cannot be told apart from its special tokens")
        return dressed[:at], dressed[at + len(bare) :]

    def _separator_marks(self, separator: str) -> list[int]:
        return self._separator if len(self._separator) == 1 and separator.strip() in self.tokenizer.get_vocab() else []

    def _tokens_of(self, separator: str) -> list[int]:
        mark = self.tokenizer.get_vocab().get(separator.strip())
        return self._encode([separator])[0] if mark is None else [mark]

    def _generation_config(self) -> Any:
        """The checkpoint's own way of writing (lengths, repetition, forced tokens), but never by chance."""
        own = copy.deepcopy(self.model.generation_config)
        own.max_length = None
        own.do_sample, own.temperature, own.top_p, own.top_k = False, None, None, None
        own.num_return_sequences, own.num_beams = 1, self.settings.beams
        own.return_dict_in_generate = False
        if self.settings.beams == 1:
            own.early_stopping, own.length_penalty = None, None
        if own.decoder_start_token_id is None and own.bos_token_id is None:
            tokens = (self.tokenizer.cls_token_id, self.tokenizer.bos_token_id, self.tokenizer.pad_token_id)
            own.decoder_start_token_id = _first(*tokens, 0)
        if self.settings.language is not None:
            code = self.tokenizer.get_vocab().get(self.settings.language)
            if code is None:
                raise ConfigError(f"model {self.name!r} knows no language {self.settings.language!r}")
            own.forced_bos_token_id = code
        if self.settings.compile and self.device == "cuda" and self.model._can_compile_fullgraph:
            own.cache_implementation = "static"
        return own


def width(tokens: int) -> int:
    """What an input of so many tokens is padded to: whole eighths of the next power of two, 16 tokens at least."""
    step = max(16, 1 << max(0, ceil(log2(max(1, tokens))) - 3))
    return -(-tokens // step) * step


def shares(lengths: Sequence[int], room: int) -> list[int]:
    """Tokens of each article that fit into a room in equal parts; what a short one leaves is divided among the others.

    Fabbri et al. 2019 (arXiv:1906.01749) cut the articles of a story so.
    """
    given = [0] * len(lengths)
    left, waiting = room, sorted(range(len(lengths)), key=lambda i: (lengths[i], i))
    while waiting:
        i = waiting.pop(0)
        given[i] = min(lengths[i], max(0, left) // (len(waiting) + 1))
        left -= given[i]
    return given


def read_whole(pieces: Sequence[Sequence[int]], share: int) -> int:
    """How many sentences of an article stand within the first ``share`` tokens to their ends."""
    return sum(end <= share for end in accumulate(len(p) for p in pieces))


def _folded(texts: Sequence[str]) -> list[str]:
    return [" ".join(text.split()) for text in texts]


def _first(*values: Any) -> Any:
    return next(value for value in values if value is not None)


def _tidied(text: str) -> str:
    """One line, without PEGASUS' mark of a new line and the dash that Multi-News summaries open with."""
    return " ".join(text.replace("<n>", " ").split()).removeprefix("– ")


def _config(name: str, settings: Seq2SeqSettings) -> Any:
    with opening(name):
        config = AutoConfig.from_pretrained(name, trust_remote_code=settings.trust_remote_code)
    if not config.is_encoder_decoder:
        kind = config.model_type
        causal = any("ForCausalLM" in c or "LMHead" in c for c in config.architectures or ())
        other = "a causal model: use it with --summarizer chat" if causal else "no encoder-decoder that writes text"
        raise ModelError(f"model {name!r} ({kind}) is {other}")
    return config


def _tokenizer(name: str, settings: Seq2SeqSettings) -> Any:
    language = {} if settings.language is None else {"src_lang": settings.language}
    with opening(name):
        return AutoTokenizer.from_pretrained(name, trust_remote_code=settings.trust_remote_code, **language)


def _model(name: str, config: Any, settings: Seq2SeqSettings, device: str, precision: str) -> Any:
    """The model in its precision on its device; attention is torch's fused kernel wherever the family has it."""
    extra = {} if settings.quantization == "none" else {"quantization_config": _quantization(settings.quantization)}
    with opening(name):
        model, loaded = AutoModelForSeq2SeqLM.from_pretrained(
            name,
            config=config,
            use_safetensors=True,
            trust_remote_code=settings.trust_remote_code,
            dtype=getattr(torch, precision),
            output_loading_info=True,
            **extra,
        )
        check_whole(name, loaded)
        if not settings.quantization.startswith("bitsandbytes"):  # which places its weights itself
            model = model.to(device)
    return model.eval()


def _quantization(name: str) -> Any:
    try:
        if name == "torchao-int8":
            from torchao.quantization import Int8WeightOnlyConfig
            from transformers import TorchAoConfig

            return TorchAoConfig(Int8WeightOnlyConfig())
        import bitsandbytes  # noqa: F401
        from transformers import BitsAndBytesConfig
    except ImportError:
        package = name.partition("-")[0]
        raise ModelError(f"quantization {name!r} needs {package}: pip install 'summarize[quantization]'") from None
    if name == "bitsandbytes-int8":
        return BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
    )


def _precision(settings: Seq2SeqSettings, device: str) -> str:
    if settings.precision != "auto":
        return settings.precision
    # float16 has too small a range for T5 and PEGASUS, so that it is never chosen unasked.
    return "bfloat16" if device == "cuda" and torch.cuda.is_bf16_supported() else "float32"


def _family(config: Any, tokenizer: Any) -> str:
    if config.model_type == "led" and FAMILIES["primera"].separator in tokenizer.get_vocab():
        return "primera"
    return config.model_type if config.model_type in FAMILIES else "other"


def _input_limit(config: Any, tokenizer: Any, family: Family) -> int:
    """Tokens the encoder can read: its positions, the tokenizer's own limit, or what the family was trained with."""
    encoder = getattr(config, "encoder", config)
    stated = ("max_encoder_position_embeddings", "max_position_embeddings", "n_positions")
    positions = next((n for name in stated if (n := getattr(encoder, name, None))), family.limit)
    if encoder.model_type in ROBERTAS:
        positions -= encoder.pad_token_id + 1
    window = getattr(encoder, "attention_window", None)
    if window:  # an input is padded to whole windows, and the padding needs positions, too
        positions -= positions % (window if isinstance(window, int) else max(window))
    return int(min(positions, tokenizer.model_max_length))


def _output_limit(config: Any) -> int:
    decoder = getattr(config, "decoder", config)
    stated = ("max_decoder_position_embeddings", "max_position_embeddings")
    positions = next((n for name in stated if (n := getattr(decoder, name, None))), 10**9)
    return int(positions) - (decoder.pad_token_id + 1 if decoder.model_type in ROBERTAS else 0) - 1
