"""The fusion model: one sentence written from the several sentences that report one fact.

An encoder-decoder with 18 M numbers of its own. Each output piece is either *copied* from a
position of a source, by a pointer (See et al. 2017, arXiv:1704.04368), or taken from a *closed
vocabulary* of function words, reporting words and inflections of words the sources hold. There is
no third way, so no name and no number can be written that no source has, and every word of the
output knows the source characters it was copied from.

- Encoder: the layers of all-MiniLM-L6-v2 (Wang et al. 2020, arXiv:2002.10957), fine-tuned; its word
  embeddings are frozen and read from the package that carries them, checked by SHA-256.
- Decoder: three layers, warm-started from the encoder's last layers, cross-attention from the same
  self-attention weights (Rothe et al. 2020, arXiv:1907.12461).
- Pointer: the marginal likelihood over all source positions that hold the next piece, with learned
  biases for positions that continue the last one to four written pieces.
- Length: the ratio of target words to the longest source's words, in six buckets, embedded into
  every decoder position (Kikuchi et al. 2016, arXiv:1609.09552).

Importing this module imports torch and transformers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedConfig, PreTrainedModel

from summarize.errors import ModelError
from summarize.models.minilm import CLS, PAD, SEP, SHA256, load_words, minilm_folder
from summarize.models.quantised import load

_COPY_FLOOR = -1e4  # stands for log 0 where a true -inf would give NaN gradients

# ----------------------------------------------------------------------------------------- text

_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        **dict.fromkeys("\u2015", "\u2014"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2009\u200a\u202f\u200b\ufeff\u00ad\t\n\r\x0b\x0c", " "),
    }
)
_SINGLE = re.compile(r"(?<![^\s(\u2014\"])'(?=[^\s'])([^'\"]*(?:'(?=\w)[^'\"]*)*?)(?<=[\w.,?!])'(?!\w)")


def normalise(text: str) -> str:
    """`text` with quotation marks, dashes and blanks in ASCII, character for character.

    The result has the length of `text`, so offsets into one are offsets into the other. A pair of
    single quotation marks around words becomes a pair of double ones.
    """
    text = text.translate(_CHARACTERS)
    for match in list(_SINGLE.finditer(text)):
        a, b = match.start(), match.end() - 1
        text = text[:a] + '"' + text[a + 1 : b] + '"' + text[b + 1 :]
    return text


_SUFFIX = re.compile(r"(?:ings?|ed|es|e|s|ly|d|ments?)$")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A short stem that inflections of one word share: "agree", "agreed", "agreement" -> "agre".

    Who does and who is done to keep apart: "employer" and "employee" share none.
    """
    for _ in range(2):
        shorter = _SUFFIX.sub("", word)
        if len(shorter) < 4 or shorter == word:
            break
        word = shorter
    if len(word) > 4 and word[-1] == word[-2]:
        word = word[:-1]
    if len(word) > 4 and word[-1] in "iy":
        word = word[:-1]
    return word


# Words that may stand in any output. Left out on purpose, to be copied or not written at all: words
# that turn a statement round or move it in time, cause or doubt (not, no, may, would, before, after,
# because, against, by, or), words that count, and "he" and "she", which the sources must supply.
FUNCTION_WORDS = frozenset(
    "a an the and of in on at to for from with as that which who whose whom where when while "
    "during it its they their them this these those is are was were be been being has have had "
    "having said says saying told according added than there also into about both including , .".split()
)
# Pieces that never enter the closed vocabulary, however often a target holds one no source has.
NEVER_CLOSED = frozenset(
    "not no never none nor neither without cannot nothing nobody may might could would should will "
    "must can shall unless until before after despite although because if or against by but yet "
    "one two three four five six seven eight nine ten eleven twelve hundred thousand million "
    "billion trillion dozen half twice first second third fourth last next more less most least "
    "many few all some any every each only over under above below up down monday tuesday wednesday "
    "thursday friday saturday sunday january february march april may june july august september "
    "october november december he she his her him hers himself herself man woman men women boy "
    "girl son daughter father mother husband wife i we you my our your me us today yesterday "
    "tomorrow".split()
)
_NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred "
    "hundreds thousand thousands million millions billion billions trillion dozen dozens".split()
)
_SCALES = frozenset("hundred thousand million billion trillion percent per cent percentage m bn".split())
_MONTHS = frozenset(
    "january february march april may june july august september october november december jan. "
    "feb. aug. sept. oct. nov. dec.".split()
)

RATIO_EDGES = (0.45, 0.6, 0.75, 0.9, 1.05)


def ratio_bucket(ratio: float) -> int:
    """The length bucket, 0 to 5, of a ratio of target words to the longest source's words."""
    return sum(ratio > edge for edge in RATIO_EDGES)


# --------------------------------------------------------------------------------------- result


@dataclass(frozen=True)
class Word:
    """A word of a candidate and where it was copied from.

    ``candidate.text[start:end] == text``. For a copied word,
    ``sources[source][source_start:source_end]`` equals ``text`` up to case; for a word of the
    closed vocabulary the three are None. Punctuation marks between words are no words.
    """

    text: str
    start: int
    end: int
    source: int | None = None
    source_start: int | None = None
    source_end: int | None = None


@dataclass(frozen=True)
class Jumps:
    """How often the copy path leaves the running text of a source.

    Attributes:
        deletions: Steps forward inside one source, over words left out.
        switches: Steps to another source, or backwards in the same one.
        unanchored: The switches where neither the word before stands, in the new source, just
            before the word after, nor the word after stands, in the old source, just after the
            word before: the two sides share nothing, and the sentence may be stitched.
    """

    deletions: int = 0
    switches: int = 0
    unanchored: int = 0


@dataclass(frozen=True)
class Candidate:
    """A written sentence.

    Attributes:
        text: The sentence, cased and spaced, with its final full stop.
        score: Mean natural log-probability per piece, the end included; higher is better.
        words: Its words, in order.
        jumps: How the copy path moves through the sources.
        agreement: Mean, over the content words, of the share of sources that hold the word (by
            stem), 0 to 1. Wording that one source alone has, as a machine-spun copy does, is low.
        weakest: Lowest natural log-probability of any single piece: where a bad join shows.
    """

    text: str
    score: float
    words: tuple[Word, ...]
    jumps: Jumps
    agreement: float
    weakest: float


# ---------------------------------------------------------------------------------------- model


class FusionConfig(PreTrainedConfig):  # type: ignore[no-untyped-call]
    """Shape and origin of a fusion model.

    Args:
        closed_ids: Word-piece ids of the closed vocabulary, [SEP] (the end) first.
        hidden_size: Width of every layer.
        num_attention_heads: Heads of every attention.
        intermediate_size: Width of the feed-forward layers.
        encoder_layers: Number of encoder layers.
        decoder_layers: Number of decoder layers.
        vocab_size: Number of word pieces of the embedding table.
        max_source_pieces: Longest joined source, in pieces, with [CLS] and every [SEP].
        max_target_pieces: Longest output, in pieces, with the end.
        max_sources: Most sources a claim may have.
        words_sha256: SHA-256 of the MiniLM file whose word embeddings the model was trained on.
    """

    model_type = "summarize-fusion"

    def __init__(
        self,
        closed_ids: Sequence[int] = (SEP,),
        hidden_size: int = 384,
        num_attention_heads: int = 12,
        intermediate_size: int = 1536,
        encoder_layers: int = 6,
        decoder_layers: int = 3,
        vocab_size: int = 30522,
        max_source_pieces: int = 384,
        max_target_pieces: int = 80,
        max_sources: int = 6,
        words_sha256: str = SHA256["model.safetensors"],
        **kwargs: Any,
    ) -> None:
        self.closed_ids = list(closed_ids)
        self.hidden_size = hidden_size
        self.num_attention_heads = num_attention_heads
        self.intermediate_size = intermediate_size
        self.encoder_layers = encoder_layers
        self.decoder_layers = decoder_layers
        self.vocab_size = vocab_size
        self.max_source_pieces = max_source_pieces
        self.max_target_pieces = max_target_pieces
        self.max_sources = max_sources
        self.words_sha256 = words_sha256
        super().__init__(**kwargs)


class _Attention(nn.Module):
    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        d = config.hidden_size
        self.heads = config.num_attention_heads
        self.query = nn.Linear(d, d)
        self.key = nn.Linear(d, d)
        self.value = nn.Linear(d, d)
        self.out = nn.Linear(d, d)
        self.norm = nn.LayerNorm(d, eps=1e-12)

    def split(self, x: Tensor) -> Tensor:
        b, t, d = x.shape
        return x.view(b, t, self.heads, d // self.heads).transpose(1, 2)

    def forward(self, x: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        # Plain products: the fused CPU kernel's backward pass is six times slower in bfloat16.
        query = self.split(self.query(x))
        scores = (query @ key.transpose(-1, -2)) * (query.shape[-1] ** -0.5)
        if mask is not None:
            scores = scores + mask
        mixed = scores.softmax(-1).to(value.dtype) @ value
        b, _, t, _ = mixed.shape
        return cast(Tensor, self.norm(x + self.out(mixed.transpose(1, 2).reshape(b, t, -1))))


class _Layer(nn.Module):
    """A post-norm transformer layer, as BERT's, with cross-attention when asked for."""

    def __init__(self, config: FusionConfig, cross: bool) -> None:
        super().__init__()
        self.attention = _Attention(config)
        self.cross = _Attention(config) if cross else None
        self.up = nn.Linear(config.hidden_size, config.intermediate_size)
        self.down = nn.Linear(config.intermediate_size, config.hidden_size)
        self.norm = nn.LayerNorm(config.hidden_size, eps=1e-12)

    def feed(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.norm(x + self.down(functional.gelu(self.up(x)))))


@dataclass(frozen=True)
class Encoded:
    """Sources as the decoder sees them.

    Attributes:
        ids: Pieces, shape (batch, source), int64, 0 where padded.
        copyable: Positions a pointer may take, shape (batch, source), bool.
        mask: Additive attention mask, shape (batch, 1, 1, source), 0 or a large negative number.
        pointer_keys: Pointer keys, shape (batch, source, hidden).
        cross: Cross-attention keys and values of each decoder layer, (batch, heads, source, head).
        closed: Closed-vocabulary items allowed, shape (batch, closed), bool.
        closed_words: Embeddings of the closed vocabulary, shape (closed, hidden).
    """

    ids: Tensor
    copyable: Tensor
    mask: Tensor
    pointer_keys: Tensor
    cross: tuple[tuple[Tensor, Tensor], ...]
    closed: Tensor
    closed_words: Tensor

    def rows(self, index: Tensor) -> Encoded:
        """These claims alone; `index` of shape (claims,), int64."""
        return Encoded(
            self.ids[index],
            self.copyable[index],
            self.mask[index],
            self.pointer_keys[index],
            tuple((key[index], value[index]) for key, value in self.cross),
            self.closed[index],
            self.closed_words,
        )


@dataclass(frozen=True)
class StepOutput:
    """What the decoder says about the next piece.

    Attributes:
        copy: Log-probability that the next piece is copied *and* from this position, shape
            (batch, target, source).
        vocabulary: Log-probability that it is this closed-vocabulary item, (batch, target, closed).
    """

    copy: Tensor
    vocabulary: Tensor


def continuity(source: Tensor, history: Tensor) -> Tensor:
    """Which source positions continue what has been written.

    Args:
        source: Source pieces, shape (batch, source).
        history: Pieces written before each step, newest last, shape (batch, target, 4); -1 stands
            for nothing.

    Returns:
        Shape (batch, target, source, 4), float: 1 where the last 1, 2, 3, 4 written pieces are the
        pieces just before the source position. A sentence's first position continues [CLS].
    """
    features = []
    match: Tensor | None = None
    before = source
    for n in range(4):
        before = functional.pad(before[:, :-1], (1, 0), value=CLS if n == 0 else -2)
        if n == 0:
            before = before.masked_fill(before == SEP, CLS)
        same = before[:, None, :] == history[:, :, 3 - n, None]
        match = same if match is None else match & same
        features.append(match)
    return torch.stack(features, dim=-1).float()


class FusionModel(PreTrainedModel):  # type: ignore[no-untyped-call]
    """Pointer over the sources and closed vocabulary, in one distribution.

    Make one with `from_pretrained` (a folder), `shipped` (the weights inside this package) or
    `warm_start` (for training).
    """

    config_class = FusionConfig
    main_input_name = "source"

    def __init__(self, config: FusionConfig) -> None:
        super().__init__(config)
        d = config.hidden_size
        self.position = nn.Embedding(512, d)
        self.segment = nn.Embedding(1, d)
        self.sentence = nn.Embedding(config.max_sources, d)
        self.shared = nn.Embedding(4, d)
        self.embedding_norm = nn.LayerNorm(d, eps=1e-12)
        self.encoder = nn.ModuleList(_Layer(config, False) for _ in range(config.encoder_layers))
        self.target_position = nn.Embedding(config.max_target_pieces, d)
        self.length = nn.Embedding(6, d)
        self.target_norm = nn.LayerNorm(d, eps=1e-12)
        self.decoder = nn.ModuleList(_Layer(config, True) for _ in range(config.decoder_layers))
        self.pointer_query = nn.Linear(d, d)
        self.pointer_key = nn.Linear(d, d)
        self.continue_bias = nn.Linear(d, 5)
        self.vocabulary = nn.Linear(d, d)
        self.vocabulary_bias = nn.Parameter(torch.zeros(len(config.closed_ids)))
        self.gate = nn.Linear(2 * d, 1)
        # Per piece: 1 where English news writes it small inside a sentence, learned by counting.
        self.register_buffer("small", torch.zeros(config.vocab_size, dtype=torch.uint8))
        self._words: Tensor | None = None
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.LayerNorm):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, FusionModel):
            nn.init.zeros_(module.vocabulary_bias)

    @property
    def words(self) -> Tensor:
        """Frozen word embeddings, shape (vocab_size, hidden), float32, loaded at first use.

        Raises:
            ModelError: when the package that carries them is not installed, or its file is not the
                one the model was trained on.
        """
        if self._words is None:
            self._words = load_words(self.config.words_sha256)
        return self._words

    def use_words(self, table: Tensor) -> None:
        """Use `table`, shape (vocab_size, hidden), as the frozen word embeddings (for tests)."""
        self._words = table.float()

    @classmethod
    def warm_start(cls, config: FusionConfig) -> FusionModel:
        """A model whose encoder is the embeddings' own and whose decoder starts from its last layers."""
        model = cls(config)
        tensors: dict[str, Tensor] = {}
        file = minilm_folder() / "model.safetensors"
        with safe_open(str(file), framework="pt") as stored:
            for name in stored.keys():  # noqa: SIM118 - safe_open is no mapping
                tensors[name] = stored.get_tensor(name)

        def copy(module: nn.Module, name: str) -> None:
            with torch.no_grad():
                cast(nn.Linear, module).weight.copy_(tensors[name + ".weight"])
                cast(nn.Linear, module).bias.copy_(tensors[name + ".bias"])

        def copy_attention(module: _Attention, prefix: str) -> None:
            for part in ("query", "key", "value"):
                copy(getattr(module, part), f"{prefix}.attention.self.{part}")
            copy(module.out, f"{prefix}.attention.output.dense")
            copy(module.norm, f"{prefix}.attention.output.LayerNorm")

        with torch.no_grad():
            positions = tensors["embeddings.position_embeddings.weight"]
            model.position.weight.copy_(positions)
            model.segment.weight.copy_(tensors["embeddings.token_type_embeddings.weight"][:1])
            model.target_position.weight.copy_(positions[: config.max_target_pieces])
            for table in (model.sentence, model.shared, model.length):
                table.weight.normal_(std=0.01)
            # The pointer first looks for pieces like its own state, and prefers to continue.
            model.continue_bias.weight.zero_()
            model.continue_bias.bias.copy_(torch.tensor([1.0, 1.0, 0.5, 0.5, -0.5]))
        copy(model.embedding_norm, "embeddings.LayerNorm")
        copy(model.target_norm, "embeddings.LayerNorm")
        last = config.encoder_layers
        for i, layer in enumerate([*model.encoder, *model.decoder]):
            layer = cast(_Layer, layer)
            n = i if i < last else last - config.decoder_layers + i - last
            prefix = f"encoder.layer.{n}"
            copy_attention(layer.attention, prefix)
            if layer.cross is not None:
                copy_attention(layer.cross, prefix)
            copy(layer.up, f"{prefix}.intermediate.dense")
            copy(layer.down, f"{prefix}.output.dense")
            copy(layer.norm, f"{prefix}.output.LayerNorm")
        return model

    @classmethod
    def from_pretrained(  # type: ignore[override]
        cls, folder: str | Path, *args: Any, **options: Any
    ) -> FusionModel:
        """The model of a folder, stored in eight bits or more, or of the hub; in float32, ready to decode.

        `args` and `options` are for the hub.

        Raises:
            ModelError: when the folder's files are missing, damaged, or of another model.
        """
        path = Path(folder)
        if not path.is_dir():
            options.setdefault("dtype", torch.float32)
            return super().from_pretrained(str(folder), *args, **options)
        # transformers' own loader knows no rows in eight bits, draws a progress bar and takes ten times as long.
        try:
            model = cls(FusionConfig.from_pretrained(path))
            model.load_state_dict(load(path / "model.safetensors"))
        except (OSError, RuntimeError, ModelError) as error:
            reason = str(error).split("\n", 1)[0]
            raise ModelError(f"{folder} holds no fusion model that can be read: {reason}") from None
        return cast(FusionModel, model.float().train(False))  # type: ignore[no-untyped-call]

    @classmethod
    def shipped(cls) -> FusionModel:
        """The weights inside this package, in float32, ready to decode."""
        return cls.from_pretrained(Path(__file__).parent / "weights" / "fusion")

    # ------------------------------------------------------------------------------- forward

    def encode(self, source: Tensor, sentence: Tensor, closed: Tensor) -> Encoded:
        """Encode joined sources.

        Args:
            source: Pieces ``[CLS] s1 [SEP] s2 [SEP] ...``, shape (batch, source), int64, 0-padded.
            sentence: Index of the source each piece belongs to, same shape.
            closed: Closed-vocabulary items allowed for each claim, shape (batch, closed), bool.
        """
        special = (source == PAD) | (source == CLS) | (source == SEP)
        same = (source[:, :, None] == source[:, None, :]) & ~special[:, None, :]
        elsewhere = same & (sentence[:, :, None] != sentence[:, None, :])
        # How many *other* sources hold this piece: 0, 1, 2, 3 or more.
        count = torch.zeros_like(source)
        for k in range(self.config.max_sources):
            count = count + (elsewhere & (sentence == k)[:, None, :]).any(-1)
        count = count.clamp(max=3)
        steps = torch.arange(source.shape[1], device=source.device)
        x = (
            self.words[source]
            + self.position(steps)
            + self.segment.weight[0]
            + self.sentence(sentence)
            + self.shared(count)
        )
        x = self.embedding_norm(x)
        mask = torch.zeros(source.shape, dtype=torch.float32, device=source.device)
        mask = mask.masked_fill(source == PAD, -1e4)[:, None, None, :]
        for layer in self.encoder:
            layer = cast(_Layer, layer)
            a = layer.attention
            key, value = a.split(a.key(x)), a.split(a.value(x))
            x = layer.feed(a(x, key, value, mask.to(key.dtype)))
        cross = []
        for layer in self.decoder:
            c = cast(_Attention, cast(_Layer, layer).cross)
            cross.append((c.split(c.key(x)), c.split(c.value(x))))
        closed_words = self.words[torch.tensor(self.config.closed_ids, device=source.device)]
        keys = self.pointer_key(x)
        return Encoded(source, ~special, mask, keys, tuple(cross), closed, closed_words)

    def _embed_target(self, target: Tensor, start: int, bucket: Tensor) -> Tensor:
        steps = torch.arange(start, start + target.shape[1], device=target.device)
        x = self.words[target] + self.target_position(steps) + self.segment.weight[0]
        return cast(Tensor, self.target_norm(x + self.length(bucket)[:, None, :]))

    def _heads(self, x: Tensor, embedded: Tensor, encoded: Encoded, history: Tensor, used: Tensor) -> StepOutput:
        query = self.pointer_query(x)
        scores = (query @ encoded.pointer_keys.transpose(1, 2)).float() / math.sqrt(x.shape[-1])
        bias = self.continue_bias(x).float()
        match = continuity(encoded.ids, history)
        scores = scores + (match @ bias[..., :4, None]).squeeze(-1) + used * bias[..., 4:]
        scores = scores.masked_fill(~encoded.copyable[:, None, :], _COPY_FLOOR)
        logits = (self.vocabulary(x) @ encoded.closed_words.to(x.dtype).T).float() + self.vocabulary_bias.float()
        logits = logits.masked_fill(~encoded.closed[:, None, :], _COPY_FLOOR)
        gate = self.gate(torch.cat([x, embedded], dim=-1)).float()
        return StepOutput(
            functional.log_softmax(scores, dim=-1) + functional.logsigmoid(gate),
            functional.log_softmax(logits, dim=-1) + functional.logsigmoid(-gate),
        )

    def decode(self, target: Tensor, encoded: Encoded, bucket: Tensor) -> StepOutput:
        """Teacher-forced decoding.

        Args:
            target: Pieces before each step, [CLS] first, shape (batch, target), int64.
            encoded: The encoded sources.
            bucket: Length buckets, shape (batch,), int64.
        """
        x = embedded = self._embed_target(target, 0, bucket)
        mask = encoded.mask
        length = target.shape[1]
        causal = torch.full((length, length), -1e4, device=x.device).triu(1)
        for layer, (key, value) in zip(self.decoder, encoded.cross, strict=True):
            layer = cast(_Layer, layer)
            a = layer.attention
            own_key, own_value = a.split(a.key(x)), a.split(a.value(x))
            x = a(x, own_key, own_value, causal.to(own_key.dtype))
            x = layer.feed(cast(_Attention, layer.cross)(x, key, value, mask.to(key.dtype)))
        padded = functional.pad(target, (3, 0), value=-1)
        history = padded.unfold(1, 4, 1)
        seen = (encoded.ids[:, None, :] == target[:, :, None]).int()
        used = (seen.cumsum(1) > 0).float()
        return self._heads(x, embedded, encoded, history, used)

    def forward(
        self,
        source: Tensor,
        sentence: Tensor,
        closed: Tensor,
        target: Tensor,
        target_closed: Tensor,
        bucket: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Mean negative log-likelihood of the target pieces that can be written.

        Args:
            source: Shape (batch, source), see `encode`.
            sentence: Shape (batch, source).
            closed: Shape (batch, closed), bool.
            target: ``[CLS] t1 ... tn [SEP]``, shape (batch, target), 0-padded.
            target_closed: Index of each target piece in the closed vocabulary or -1, same shape.
            bucket: Shape (batch,).

        Returns:
            The mean loss in nats per piece, and the number of pieces it is a mean of. Pieces that
            neither a source nor the allowed closed vocabulary holds are left out of the mean.
        """
        encoded = self.encode(source, sentence, closed)
        out = self.decode(target[:, :-1], encoded, bucket)
        wanted, wanted_closed = target[:, 1:], target_closed[:, 1:]
        here = (source[:, None, :] == wanted[:, :, None]) & encoded.copyable[:, None, :]
        copy = out.copy.masked_fill(~here, _COPY_FLOOR).logsumexp(-1)
        index = wanted_closed.clamp(min=0)
        allowed = (wanted_closed >= 0) & closed.gather(1, index)
        vocabulary = out.vocabulary.gather(2, index[..., None]).squeeze(-1)
        vocabulary = vocabulary.masked_fill(~allowed, _COPY_FLOOR)
        reachable = (wanted != PAD) & (here.any(-1) | allowed)
        loss = -torch.logaddexp(copy, vocabulary)
        count = reachable.sum()
        return (loss * reachable).sum() / count.clamp(min=1), count

    # ------------------------------------------------------------------------------ decoding

    def step(
        self,
        pieces: Tensor,
        position: int,
        encoded: Encoded,
        bucket: Tensor,
        caches: list[tuple[Tensor, Tensor]],
        history: Tensor,
        used: Tensor,
    ) -> StepOutput:
        """One decoding step for every beam of every claim; `caches` is extended in place.

        Args:
            pieces: Newest pieces, shape (claims, beams), int64.
            position: Number of pieces before them.
            encoded: The encoded claims.
            bucket: Length buckets, shape (claims,).
            caches: Self-attention keys and values of each decoder layer, each of shape
                (claims * beams, heads, position, head); empty at the first step.
            history: The last four pieces of each beam, `pieces` last, (claims, beams, 4).
            used: 1 where a source piece has been written, shape (claims, beams, source).
        """
        claims, beams = pieces.shape
        x = self.words[pieces] + self.target_position.weight[position] + self.segment.weight[0]
        x = embedded = self.target_norm(x + self.length(bucket)[:, None, :])
        mask = encoded.mask
        for i, (layer, (key, value)) in enumerate(zip(self.decoder, encoded.cross, strict=True)):
            layer = cast(_Layer, layer)
            a = layer.attention
            flat = x.reshape(claims * beams, 1, -1)
            new_key, new_value = a.split(a.key(flat)), a.split(a.value(flat))
            if i < len(caches):
                new_key = torch.cat([caches[i][0], new_key], dim=2)
                new_value = torch.cat([caches[i][1], new_value], dim=2)
                caches[i] = (new_key, new_value)
            else:
                caches.append((new_key, new_value))
            x = a(flat, new_key, new_value, None).view(claims, beams, -1)
            x = layer.feed(cast(_Attention, layer.cross)(x, key, value, mask))
        return self._heads(x, embedded, encoded, history, used)

    @torch.no_grad()
    def fuse(
        self,
        sources: Sequence[Sequence[str]],
        *,
        ratio: float | Sequence[float] = 0.9,
        beams: int = 6,
        min_words: int = 5,
        max_words: int = 45,
        keep: int | None = None,
    ) -> list[tuple[Candidate, ...]]:
        """Write one sentence for each claim, in several versions.

        Beam search over the pieces that keep the words, numbers, names and quotations of the
        sources whole; scores are mean log-probabilities per piece; no three pieces come twice.

        Args:
            sources: For each claim, the one to six sentences that report it. Sources past
                ``config.max_source_pieces`` are left out, a first source longer than that is cut.
            ratio: Wanted length, as target words over the longest source's words; one number, or
                one for each claim.
            beams: Hypotheses kept at each step.
            min_words: Fewest words of a candidate.
            max_words: Most words of a candidate.
            keep: Most candidates of each claim; None for as many as `beams`.

        Returns:
            For each claim its candidates, best first. Empty where no hypothesis kept the rules.

        Raises:
            ValueError: when a claim has no source, an empty one, or more than six, or when
                `ratio` has not one number for each claim.
        """
        from summarize.models.fusion_decoding import search

        return search(
            self,
            sources,
            ratio=ratio,
            beams=beams,
            min_words=min_words,
            max_words=max_words,
            keep=keep,
        )
