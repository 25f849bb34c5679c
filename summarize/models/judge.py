"""The judge: is a written sentence grammatical, and does it follow from its sources?

A cross-encoder of 10.9 million numbers that reads ``[CLS] sentence [SEP] source 1 [SEP] source 2 [SEP] ...`` and says
two probabilities. Copying words from sources is not being faithful: clauses of two facts can be stitched into a fluent
falsehood, or into no sentence at all, and checks of names and numbers see neither.

- Encoder: the layers of all-MiniLM-L6-v2 (Wang et al. 2020, arXiv:2002.10957), all fine-tuned; its word embeddings are
  frozen and read from the package that carries them.
- Seams: every piece of the sentence is told how long a run of pieces ends there, and how long a run begins there, that
  a source holds word for word (0 to 5 or more), and every piece of a source the same about the sentence. A place where
  two sources were joined shows as a short run.
- Heads: the state of [CLS], and the largest value of each feature over the sentence's pieces, since one bad place
  spoils a sentence.
- Calibration: each logit is divided by a temperature fitted on held-out pairs (Guo et al. 2017, arXiv:1706.04599).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import pad
from transformers.models.bert.configuration_bert import BertConfig
from transformers.models.bert.modeling_bert import BertModel

from summarize.errors import ModelError
from summarize.models.minilm import CLS, PAD, SEP, load_tokenizer, load_words
from summarize.models.quantised import load, save
from summarize.text import normalise

RUNS = 6
"""Lengths of shared runs that are told apart: 0 to 4, and 5 or more."""

Pair = tuple[str, Sequence[str]]
"""A sentence and its sources."""


@dataclass(frozen=True)
class JudgeConfig:
    """Shape and calibration of a judge.

    Attributes:
        hidden: Width of every layer.
        heads: Heads of every attention.
        intermediate: Width of the feed-forward layers.
        layers: Number of layers.
        vocabulary: Number of word pieces.
        max_pieces: Longest input in pieces; sources past it are cut.
        max_sources: Sources told apart by an embedding of their own; later ones share the last.
        temperatures: What the two logits are divided by.
        thresholds: Probabilities, grammatical and supported, from which a sentence passes.
    """

    hidden: int = 384
    heads: int = 12
    intermediate: int = 1536
    layers: int = 6
    vocabulary: int = 30522
    max_pieces: int = 256
    max_sources: int = 6
    temperatures: tuple[float, float] = (1.0, 1.0)
    thresholds: tuple[float, float] = (0.5, 0.5)


@dataclass(frozen=True)
class Batch:
    """Encoded pairs, each tensor of shape (batch, pieces), int64.

    Attributes:
        ids: Word pieces, 0 where padded.
        part: 0 for [CLS] and the sentence with its [SEP], k for the k-th source with its [SEP].
    """

    ids: Tensor
    part: Tensor


def shared_runs(batch: Batch) -> tuple[Tensor, Tensor]:
    """How long the runs are that sentence and sources share, ending and beginning at each piece.

    Returns:
        Two tensors of shape (batch, pieces), int64, 0 to ``RUNS - 1``. [CLS] and [SEP] count as one piece "edge", so
        that a sentence which begins or ends where a source does is told from one that does not.
    """
    ids = batch.ids.masked_fill(batch.ids == CLS, SEP)
    sentence = batch.part == 0
    allowed = (sentence[:, :, None] != sentence[:, None, :]) | (ids == SEP)[:, :, None]
    match = (ids[:, :, None] == ids[:, None, :]) & (ids != PAD)[:, :, None] & allowed
    ending, beginning = torch.zeros_like(ids), torch.zeros_like(ids)
    left = right = match
    for _ in range(RUNS - 1):
        ending += left.any(-1)
        beginning += right.any(-1)
        left = match & pad(left, (1, 0, 1, 0))[:, :-1, :-1]
        right = match & pad(right, (0, 1, 0, 1))[:, 1:, 1:]
    return ending, beginning


class JudgeModel(nn.Module):
    """Two calibrated probabilities for each sentence: that it is grammatical, and that its sources support it.

    Make one with ``shipped`` (the weights inside this package) or ``load`` (a folder).
    """

    words: Tensor

    def __init__(self, config: JudgeConfig, words: Tensor, tokenizer: Tokenizer) -> None:
        """A model with random layers.

        Args:
            config: its shape.
            words: frozen word embeddings, shape (vocabulary, hidden).
            tokenizer: word pieces, without padding or truncation.
        """
        super().__init__()
        self.config = config
        self.tokenizer = tokenizer
        shape = BertConfig(
            vocab_size=1,  # the words are given as vectors
            hidden_size=config.hidden,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            intermediate_size=config.intermediate,
            max_position_embeddings=512,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        shape._attn_implementation = "eager"  # the fused kernel's backward pass is slow in bfloat16 on CPUs
        self.encoder = BertModel(shape, add_pooling_layer=False)
        cast(Any, self.encoder).embeddings.word_embeddings = nn.Identity()
        self.source = nn.Embedding(config.max_sources + 1, config.hidden)
        self.ending = nn.Embedding(RUNS, config.hidden)
        self.beginning = nn.Embedding(RUNS, config.hidden)
        self.heads = nn.Linear(2 * config.hidden, 2)
        for table in (self.source, self.ending, self.beginning):
            nn.init.normal_(table.weight, std=0.02)
        self.register_buffer("words", words, persistent=False)

    @classmethod
    def shipped(cls) -> "JudgeModel":
        """The weights inside this package.

        Raises:
            ModelError: a file is missing or damaged.
        """
        return cls.load(Path(__file__).parent / "weights" / "judge")

    @classmethod
    def load(cls, folder: Path) -> "JudgeModel":
        """The model of a folder that ``store`` wrote, ready to judge.

        Raises:
            ModelError: a file is missing or damaged, or is of another shape than the configuration says.
        """
        try:
            values: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            for name in ("temperatures", "thresholds"):
                values[name] = tuple(values[name])
            config = JudgeConfig(**values)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelError(f"cannot read the judge's configuration in {folder}: {error}") from None
        tensors = load(folder / "model.safetensors")
        model = cls(config, *minilm_words(config))
        try:
            model.load_state_dict(tensors)
        except RuntimeError as error:
            raise ModelError(f"the weights in {folder} are not a judge's: {str(error)[:200]}") from None
        return model.eval()

    def store(self, folder: Path) -> None:
        """Write ``config.json`` and ``model.safetensors`` (eight bits, without the words) to a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        save(self.state_dict(), folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(asdict(self.config), indent=2) + "\n", encoding="utf-8")

    def encode(self, pairs: Sequence[Pair]) -> list[tuple[list[int], list[int]]]:
        """Pieces of each pair and the part each belongs to (see ``Batch``), cut to ``max_pieces``."""
        texts = list(dict.fromkeys(normalise(t) for sentence, sources in pairs for t in (sentence, *sources)))
        found = self.tokenizer.encode_batch(texts, add_special_tokens=False)
        pieces = dict(zip(texts, (e.ids for e in found), strict=True))
        rows = []
        for sentence, sources in pairs:
            ids, part = [CLS], [0]
            for k, text in enumerate((sentence, *sources)):
                ids += [*pieces[normalise(text)], SEP]
                part += [min(k, self.config.max_sources)] * (len(ids) - len(part))
            rows.append((ids[: self.config.max_pieces], part[: self.config.max_pieces]))
        return rows

    def forward(self, batch: Batch) -> Tensor:
        """Logits before calibration, shape (batch, 2): grammatical, supported."""
        ending, beginning = shared_runs(batch)
        words = self.words[batch.ids] + self.source(batch.part) + self.ending(ending) + self.beginning(beginning)
        real = batch.ids != PAD
        states = self.encoder(
            inputs_embeds=words, token_type_ids=(batch.part > 0).long(), attention_mask=real.long()
        ).last_hidden_state
        inside = ((batch.part == 0) & real)[:, :, None]
        worst = states.masked_fill(~inside, -1e4).amax(1)
        logits: Tensor = self.heads(torch.cat([states[:, 0], worst], dim=1))
        return logits.float()

    @torch.inference_mode()
    def judge(self, pairs: Sequence[Pair], batch_size: int = 32) -> NDArray[np.float64]:
        """Probabilities that each sentence is grammatical and that its sources support it.

        Pairs are batched by length, and the figures rounded to four decimals, so that a verdict does not hang on which
        other pairs it was batched with. Sources past ``max_pieces`` are not seen.

        Returns:
            Shape (n, 2), in the order of ``pairs``, from 0 to 1.
        """
        rows = self.encode(pairs)
        found = np.zeros((len(rows), 2))
        order = sorted(range(len(rows)), key=lambda i: (len(rows[i][0]), i))
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            logits = self(collate([rows[i] for i in chosen])) / torch.tensor(self.config.temperatures)
            found[chosen] = logits.sigmoid().double().numpy()
        return found.round(4)

    def accepts(self, pairs: Sequence[Pair]) -> NDArray[np.bool_]:
        """Whether each sentence passes both calibrated thresholds, shape (n,)."""
        return np.asarray((self.judge(pairs) >= np.array(self.config.thresholds)).all(axis=1), dtype=np.bool_)


def collate(rows: Sequence[tuple[list[int], list[int]]]) -> Batch:
    """Encoded pairs as one padded batch, in few distinct shapes: a kernel is made and kept for each."""
    width = -(-max(len(ids) for ids, _ in rows) // 16) * 16
    ids = torch.zeros(len(rows), width, dtype=torch.int64)
    part = torch.zeros(len(rows), width, dtype=torch.int64)
    for i, (pieces, parts) in enumerate(rows):
        ids[i, : len(pieces)] = torch.tensor(pieces)
        part[i, : len(parts)] = torch.tensor(parts)
    return Batch(ids, part)


def minilm_words(config: JudgeConfig) -> tuple[Tensor, Tokenizer]:
    """The frozen word embeddings, shape (vocabulary, hidden), and the tokenizer.

    Raises:
        ModelError: the package that carries them is not installed or not the recorded one.
    """
    words = load_words()
    if words.shape != (config.vocabulary, config.hidden):
        raise ModelError(f"the judge wants word embeddings of {config.vocabulary} x {config.hidden}")
    return words, load_tokenizer()
