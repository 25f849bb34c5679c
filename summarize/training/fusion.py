"""Train the fusion model from pairs.

Input: JSON lines, one pair a line, from `summarize.training.pairs` or from anyone::

    {"sources": ["One report of the fact.", "Another report of it."], "target": "The sentence."}

A folder with ``train.jsonl`` and ``validation.jsonl``, or one file, of which every fiftieth pair is
then held out. ``kind`` is optional and splits the validation loss; other keys are ignored.

Run: ``python -m summarize.training.fusion --config configs/train/fusion.yaml --data PATH --out DIR``.
Run it again with the same arguments and it goes on from the last checkpoint. ``DIR/weights`` always
holds the newest weights in the shape the package ships.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import hashlib
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from tokenizers import Tokenizer
from torch import Tensor

from summarize.errors import ModelError
from summarize.models import quantised
from summarize.models.fusion import (
    FUNCTION_WORDS,
    NEVER_CLOSED,
    FusionConfig,
    FusionModel,
    normalise,
    ratio_bucket,
    stem,
)
from summarize.models.minilm import CLS, SEP, load_tokenizer
from summarize.training import checkpoint
from summarize.training.recipe import recipe_settings


@dataclass(frozen=True)
class TrainingConfig:
    """How the fusion model is trained. configs/train/fusion.yaml says what each key means."""

    steps: int = 6000
    minutes: float | None = None
    batch_size: int = 32
    encoder_rate: float = 1.5e-4
    decoder_rate: float = 4e-4
    warmup: float = 0.04
    weight_decay: float = 0.01
    clip: float = 1.0
    source_dropout: float = 0.1
    closed_words: int = 2000
    least_reachable: float = 0.9
    max_source_pieces: int = 256
    max_target_pieces: int = 64
    validation_pairs: int = 600
    report_every: int = 50
    validate_every: int = 500
    checkpoint_minutes: float = 4.0
    bfloat16: bool = True
    seed: int = 0
    start: str | None = None
    blend: float = 1.0
    weights_of: dict[str, float] = field(default_factory=dict)

    @classmethod
    def from_file(cls, path: Path) -> TrainingConfig:
        """Read a YAML file.

        Raises:
            ValueError: when the file holds a key that is no setting; the message lists the known.
        """
        return cls(**recipe_settings(cls, path))


@dataclass(frozen=True)
class Example:
    """A pair in pieces.

    Attributes:
        sources: Pieces of each source, without [CLS] and [SEP].
        words: Number of blank-separated words of each source.
        target: Pieces of the target, without [CLS] and [SEP].
        target_words: Number of blank-separated words of the target.
        stems: Stems of the sources' words, which open their inflections in the closed vocabulary.
        kind: The pair's kind, for the validation report.
    """

    sources: tuple[tuple[int, ...], ...]
    words: tuple[int, ...]
    target: tuple[int, ...]
    target_words: int
    stems: tuple[frozenset[str], ...]
    kind: str


@dataclass(frozen=True)
class ClosedVocabulary:
    """The pieces that may be written without being copied.

    Attributes:
        ids: Piece ids, [SEP] first.
        stems: Stem of each item that is allowed only beside a source word of the same stem; empty
            for items that are always allowed.
    """

    ids: tuple[int, ...]
    stems: tuple[str, ...]

    @classmethod
    def from_words(cls, words: Sequence[str], tokenizer: Tokenizer) -> ClosedVocabulary:
        """From whole words, the always allowed ones and the inflections, without [SEP]."""
        ids = tuple(cast(int, tokenizer.token_to_id(w)) for w in words)
        stems = tuple("" if w in FUNCTION_WORDS else stem(w) for w in words)
        return cls((SEP, *ids), ("", *stems))

    def allowed(self, stems: frozenset[str] | set[str]) -> list[bool]:
        """Which items are allowed beside source words of these stems."""
        return [not s or s in stems for s in self.stems]


def word_stems(pieces: Sequence[str]) -> frozenset[str]:
    """Stems of the words spelled by word pieces."""
    words: list[str] = []
    for piece in pieces:
        if piece.startswith("##") and words:
            words[-1] += piece[2:]
        else:
            words.append(piece)
    return frozenset(stem(w) for w in words if w.isalpha() and len(w) > 3)


def read_pairs(path: Path) -> Iterator[dict[str, Any]]:
    """Pairs of a JSON-lines file.

    Raises:
        ValueError: when a line is no pair; the message names the line.
    """
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            try:
                pair = json.loads(line)
                pair["sources"][0], pair["target"]
            except (ValueError, KeyError, IndexError, TypeError):
                raise ValueError(f'{path}:{number}: expected {{"sources": [...], "target": "..."}}') from None
            yield pair


def fingerprint(paths: Sequence[Path]) -> str:
    """SHA-256 over the bytes of files, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def tokenise(pairs: Sequence[dict[str, Any]], tokenizer: Tokenizer, config: TrainingConfig) -> list[Example]:
    """Pairs in pieces; sources past the limit are left out, then pairs without a source."""
    texts = [normalise(t) for p in pairs for t in (*p["sources"], p["target"])]
    encoded = iter(tokenizer.encode_batch(texts, add_special_tokens=False))
    examples = []
    for pair in pairs:
        pieces = [next(encoded) for _ in pair["sources"]]
        target = next(encoded)
        kept, room = [], config.max_source_pieces - 1
        for i, source in enumerate(pieces):
            if len(source.ids) + 1 <= room:
                kept.append(i)
                room -= len(source.ids) + 1
        if not kept or len(target.ids) + 2 > config.max_target_pieces:
            continue
        examples.append(
            Example(
                tuple(tuple(pieces[i].ids) for i in kept),
                tuple(len(pair["sources"][i].split()) for i in kept),
                tuple(target.ids),
                len(pair["target"].split()),
                tuple(word_stems(pieces[i].tokens) for i in kept),
                pair.get("kind", "pair"),
            )
        )
    return examples


def learn_closed_vocabulary(
    examples: Sequence[Example], texts: Sequence[str], tokenizer: Tokenizer, size: int
) -> list[str]:
    """Function words, then the most frequent inflections that targets hold and sources lack.

    A learned item is a whole alphabetic word piece whose stem some source word of the pair shares,
    is written small in the cased texts, and is not in `NEVER_CLOSED`.

    Args:
        examples: Training examples.
        texts: Cased targets, to tell names by their capitals; texts without capitals do not count.
        tokenizer: The word-piece tokenizer.
        size: Most items.
    """
    counts: Counter[int] = Counter()
    following = set()
    for example in examples:
        have = {i for s in example.sources for i in s}
        stems = frozenset().union(*example.stems)
        for k, piece in enumerate(example.target):
            nxt = example.target[k + 1] if k + 1 < len(example.target) else SEP
            token = cast(str, tokenizer.id_to_token(piece))
            if piece in have or not token.isalpha() or len(token) < 4:
                continue
            if cast(str, tokenizer.id_to_token(nxt)).startswith("##"):
                following.add(piece)
                continue
            if stem(token) in stems:
                counts[piece] += 1
    upper, lower = count_case(texts)
    words = sorted(w for w in FUNCTION_WORDS if tokenizer.token_to_id(w) is not None)
    for piece, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        token = cast(str, tokenizer.id_to_token(piece))
        if n < 2 or len(words) >= size:
            break
        if token in NEVER_CLOSED or token in FUNCTION_WORDS:
            continue
        if upper[token] > 0.2 * (upper[token] + lower[token]) or not lower[token]:
            continue
        words.append(token)
    return words


def count_case(texts: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    """How often each word stands with a capital and without, inside the cased ones of `texts`."""
    upper: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    for text in texts:
        if text == text.lower():
            continue
        for word in text.split()[1:]:
            bare = word.strip('.,;:"()')
            (upper if bare[:1].isupper() else lower)[bare.lower()] += 1
    return upper, lower


def small_words(texts: Sequence[str], tokenizer: Tokenizer) -> Tensor:
    """Shape (vocab,), uint8: 1 for whole-word pieces mostly written small in the cased texts."""
    upper, lower = count_case(texts)
    small = torch.zeros(tokenizer.get_vocab_size(), dtype=torch.uint8)
    for word, n in lower.items():
        piece = tokenizer.token_to_id(word)
        if piece is not None and n >= 2 and n > upper[word]:
            small[piece] = 1
    return small


def reachable(example: Example, closed: ClosedVocabulary) -> float:
    """Share of the target's pieces that can be copied or taken from the closed vocabulary."""
    have = {i for s in example.sources for i in s}
    stems = frozenset().union(*example.stems)
    allowed = {i for i, ok in zip(closed.ids, closed.allowed(stems), strict=True) if ok}
    return sum(p in have or p in allowed for p in example.target) / max(1, len(example.target))


@dataclass(frozen=True)
class Batch:
    """Tensors of `FusionModel.forward`, in its order."""

    source: Tensor
    sentence: Tensor
    closed: Tensor
    target: Tensor
    target_closed: Tensor
    bucket: Tensor


class Collator:
    """Examples to a batch, with sources shuffled and sometimes one left out."""

    def __init__(self, closed: ClosedVocabulary, source_dropout: float) -> None:
        self.closed = closed
        self.index = {piece: k for k, piece in enumerate(closed.ids)}
        self.dropout = source_dropout

    def __call__(self, examples: Sequence[Example], rng: random.Random | None) -> Batch:
        """The batch of `examples`; `rng` shuffles and leaves out, None keeps them as they are."""
        rows: list[tuple[list[int], list[int]]] = []
        allowed: list[list[bool]] = []
        buckets: list[int] = []
        for example in examples:
            order = list(range(len(example.sources)))
            if rng is not None:
                rng.shuffle(order)
                if len(order) > 1 and rng.random() < self.dropout:
                    rest = {p for i in order[1:] for p in example.sources[i]}
                    gone = set(example.sources[order[0]]) - rest
                    if not any(p in gone and p not in self.index for p in example.target):
                        order = order[1:]
            ids, sentence = [CLS], [0]
            for k, i in enumerate(order):
                ids += [*example.sources[i], SEP]
                sentence += [k] * (len(example.sources[i]) + 1)
            rows.append((ids, sentence))
            allowed.append(self.closed.allowed(frozenset().union(*(example.stems[i] for i in order))))
            buckets.append(ratio_bucket(example.target_words / max(1, *(example.words[i] for i in order))))
        # Few distinct shapes: a kernel is made and kept for each.
        width = -(-max(len(ids) for ids, _ in rows) // 16) * 16
        height = -(-(max(len(e.target) for e in examples) + 2) // 8) * 8 + 1
        source = torch.zeros(len(rows), width, dtype=torch.int64)
        sentence_of = torch.zeros(len(rows), width, dtype=torch.int64)
        target = torch.zeros(len(rows), height, dtype=torch.int64)
        target_closed = torch.full((len(rows), height), -1, dtype=torch.int64)
        for b, ((ids, sentence), example) in enumerate(zip(rows, examples, strict=True)):
            source[b, : len(ids)] = torch.tensor(ids)
            sentence_of[b, : len(ids)] = torch.tensor(sentence)
            pieces = [CLS, *example.target, SEP]
            target[b, : len(pieces)] = torch.tensor(pieces)
            target_closed[b, : len(pieces)] = torch.tensor([self.index.get(p, -1) for p in pieces])
        return Batch(source, sentence_of, torch.tensor(allowed), target, target_closed, torch.tensor(buckets))


def epoch_order(examples: Sequence[Example], batch_size: int, rng: random.Random) -> list[list[int]]:
    """Batches of indices for one epoch: shuffled, then like lengths together for speed."""
    order = list(range(len(examples)))
    rng.shuffle(order)
    batches = []
    stride = batch_size * 50
    for start in range(0, len(order), stride):
        chunk = sorted(
            order[start : start + stride],
            key=lambda i: (sum(len(s) + 1 for s in examples[i].sources) // 8, len(examples[i].target)),
        )
        batches += [chunk[k : k + batch_size] for k in range(0, len(chunk), batch_size)]
    rng.shuffle(batches)
    return [b for b in batches if len(b) == batch_size or len(examples) < batch_size]


class Trainer:
    """A training run in a folder: model, optimiser, order of batches, checkpoints."""

    def __init__(
        self,
        model: FusionModel,
        train: Sequence[Example],
        validation: Sequence[Example],
        closed: ClosedVocabulary,
        config: TrainingConfig,
        out: Path,
    ) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.model, self.config, self.out = model, config, out
        self.train_examples, self.validation_examples = train, validation
        self.collate = Collator(closed, config.source_dropout)
        encoder = [
            p
            for n, p in model.named_parameters()
            if n.startswith(("encoder.", "position", "embedding_norm", "segment"))
        ]
        chosen = {id(p) for p in encoder}
        decoder = [p for p in model.parameters() if id(p) not in chosen]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": encoder, "lr": config.encoder_rate, "peak": config.encoder_rate},
                {"params": decoder, "lr": config.decoder_rate, "peak": config.decoder_rate},
            ],
            betas=(0.9, 0.98),
            weight_decay=config.weight_decay,
            fused=True,
        )
        self.step, self.elapsed = 0, 0.0
        self.history: list[dict[str, Any]] = []

    @property
    def progress(self) -> float:
        """How much of the run is done, 0 to 1: steps, or minutes where they are limited."""
        done = self.step / self.config.steps
        if self.config.minutes is not None:
            done = max(done, self.elapsed / 60 / self.config.minutes)
        return min(1.0, done)

    def _rate(self) -> float:
        warm, done = self.config.warmup, self.progress
        rising = (self.step + 1) / max(1.0, warm * self.config.steps)
        return min(1.0, rising, max(0.0, (1 - done) / (1 - warm)))

    def _loss(self, batch: Batch) -> tuple[Tensor, Tensor]:
        manager = torch.autocast("cpu", dtype=torch.bfloat16) if self.config.bfloat16 else contextlib.nullcontext()
        with manager:
            return cast(
                tuple[Tensor, Tensor],
                self.model(batch.source, batch.sentence, batch.closed, batch.target, batch.target_closed, batch.bucket),
            )

    def validate(self) -> dict[str, float]:
        """Mean loss in nats per piece over the validation pairs, whole and by kind."""
        self.model.train(False)
        sums: dict[str, float] = defaultdict(float)
        counts: Counter[str] = Counter()
        by_kind: dict[str, list[Example]] = {}
        for example in self.validation_examples[: self.config.validation_pairs]:
            by_kind.setdefault(example.kind, []).append(example)
        with torch.no_grad():
            for kind, unsorted in sorted(by_kind.items()):
                examples = sorted(unsorted, key=lambda e: sum(map(len, e.sources)))
                for k in range(0, len(examples), 32):
                    loss, count = self._loss(self.collate(examples[k : k + 32], None))
                    sums[kind] += float(loss) * int(count)
                    counts[kind] += int(count)
        self.model.train()
        result = {kind: sums[kind] / max(1, counts[kind]) for kind in counts}
        return {"all": sum(sums.values()) / max(1, sum(counts.values())), **result}

    def run(self, *, stop_after: int | None = None) -> None:
        """Train until the steps or the minutes are done.

        Args:
            stop_after: Leave after this many steps of this call, with a checkpoint (for tests).
        """
        config = self.config
        self.model.train()
        began, before = time.monotonic(), self.elapsed
        saved = began
        seen, loss_sum, window = 0, 0.0, time.monotonic()
        first = self.step
        batches: list[list[int]] = []
        position = 0
        epoch = -1
        walked = 0
        while self.progress < 1.0:
            while position >= len(batches):
                walked += len(batches)
                epoch += 1
                batches = epoch_order(self.train_examples, config.batch_size, random.Random(config.seed * 1000 + epoch))
                position = 0
                if self.step >= walked + len(batches):  # resumed: this epoch is behind us
                    position = len(batches)
                elif self.step > walked:
                    position = self.step - walked
            batch = self.collate(
                [self.train_examples[i] for i in batches[position]],
                random.Random(config.seed * 7919 + self.step),
            )
            position += 1
            rate = self._rate()
            for group in self.optimizer.param_groups:
                group["lr"] = group["peak"] * rate
            loss, _ = self._loss(batch)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.clip)
            self.optimizer.step()
            self.step += 1
            self.elapsed = before + time.monotonic() - began
            seen += len(batch.source)
            loss_sum += float(loss.detach())
            if self.step % config.report_every == 0:
                now = time.monotonic()
                row = {
                    "step": self.step,
                    "minutes": round(self.elapsed / 60, 2),
                    "progress": round(self.progress, 4),
                    "loss": round(loss_sum / config.report_every, 4),
                    "examples_per_second": round(seen / (now - window), 1),
                    "rate": round(rate, 4),
                }
                self._log(row)
                seen, loss_sum, window = 0, 0.0, now
            if self.step % config.validate_every == 0:
                self._log({"step": self.step, "validation": {k: round(v, 4) for k, v in self.validate().items()}})
                window = time.monotonic()
            if time.monotonic() - saved > config.checkpoint_minutes * 60:
                self.save()
                saved = window = time.monotonic()
            if stop_after is not None and self.step - first >= stop_after:
                break
        self.save()
        if self.validation_examples:
            self._log({"step": self.step, "validation": {k: round(v, 4) for k, v in self.validate().items()}})

    def _log(self, row: dict[str, Any]) -> None:
        self.history.append(row)
        checkpoint.log(self.out, row)

    def save(self) -> None:
        """Write the checkpoint (exact) and the weights (in eight bits), each by an atomic rename."""
        checkpoint.save(self.out, self.model, self.optimizer, self.step, self.elapsed)
        export(self.model, self.out / "weights")

    def resume(self) -> None:
        """Go on from the folder's checkpoint, if there is one."""
        self.step, self.elapsed = checkpoint.resume(self.out, self.model, self.optimizer)


def export(model: FusionModel, folder: Path) -> None:
    """Write a model as the package ships it: weights in eight bits, config, closed vocabulary."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = load_tokenizer()
    model.config.architectures = ["FusionModel"]
    model.config.save_pretrained(folder)
    quantised.save(model.state_dict(), folder / "model.safetensors")
    words = [cast(str, tokenizer.id_to_token(i)) for i in model.config.closed_ids]
    (folder / "closed_vocabulary.txt").write_text("\n".join(words) + "\n", encoding="utf-8")


def load_data(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
    """Training pairs, validation pairs and the data's fingerprint."""
    if path.is_dir():
        files = [path / "train.jsonl", path / "validation.jsonl"]
        return list(read_pairs(files[0])), list(read_pairs(files[1])), fingerprint(files)
    pairs = list(read_pairs(path))
    held = [p for i, p in enumerate(pairs) if i % 50 == 49]
    return [p for i, p in enumerate(pairs) if i % 50 != 49], held, fingerprint([path])


def train(config: TrainingConfig, data: Path, out: Path) -> Trainer:
    """Train, or go on training, in the folder `out`.

    Raises:
        ValueError: when `data` holds nothing to learn or a line that is no pair, or `out` was begun with other data.
    """
    torch.manual_seed(config.seed)
    out.mkdir(parents=True, exist_ok=True)
    pairs, held, digest = load_data(data)
    checkpoint.check_data(out, digest)
    record = out / "run.json"
    tokenizer = load_tokenizer()
    rng = random.Random(config.seed)
    if config.weights_of:
        weighted = []
        for pair in pairs:
            weight = config.weights_of.get(pair.get("kind", "pair"), 1.0)
            weighted += [pair] * (int(weight) + (rng.random() < weight % 1))
        pairs = weighted
    examples = tokenise(pairs, tokenizer, config)
    # A run goes on with the vocabulary it was begun with, or that of the weights it starts from.
    begun = [folder / "closed_vocabulary.txt" for folder in (out / "weights", Path(config.start or out))]
    if stored := [path for path in begun if path.exists()]:
        words = stored[0].read_text(encoding="utf-8").split()[1:]
    else:
        targets = [p["target"] for p in pairs]
        words = learn_closed_vocabulary(examples, targets, tokenizer, config.closed_words)
    closed = ClosedVocabulary.from_words(words, tokenizer)
    kept = [e for e in examples if reachable(e, closed) >= config.least_reachable]
    if not kept:
        raise ValueError(f"{data} holds no pair that can be learned; {len(pairs) - len(examples)} are too long")
    validation = [e for e in tokenise(held, tokenizer, config) if reachable(e, closed) >= config.least_reachable]
    random.Random(config.seed).shuffle(validation)
    if config.start:
        model = FusionModel.from_pretrained(config.start)
    else:
        model = FusionModel.warm_start(FusionConfig(closed_ids=closed.ids))
        cast(Tensor, model.small).copy_(small_words([t for p in pairs for t in p["sources"]], tokenizer))
    kinds = Counter(e.kind for e in kept)
    multi = sum(len(e.sources) > 1 for e in kept)
    record.write_text(
        json.dumps(
            {
                "data_sha256": digest,
                "pairs": len(pairs),
                "examples": len(kept),
                "dropped_too_long": len(pairs) - len(examples),
                "dropped_unreachable": len(examples) - len(kept),
                "kinds": dict(kinds),
                "multi_source": multi,
                "closed_words": len(words),
                "validation": len(validation),
                "config": dataclasses.asdict(config),
                "torch": torch.__version__,
            },
            indent=2,
        )
        + "\n",
        encoding="utf-8",
    )
    sys.stderr.write(record.read_text(encoding="utf-8"))
    trainer = Trainer(model, kept, validation, closed, config, out)
    trainer.resume()
    trainer.run()
    if config.start and config.blend < 1:
        export(blended(FusionModel.from_pretrained(config.start), model, config.blend), out / "weights")
    return trainer


@torch.no_grad()
def blended(before: FusionModel, after: FusionModel, share: float) -> FusionModel:
    """A model whose weights are ``share`` of those after training and the rest of those before.

    On what the training did not show, such a mean does better than either end (Wortsman et al. 2022, arXiv:2109.01903).
    """
    tensors = after.state_dict()
    for name, value in before.state_dict().items():
        if value.is_floating_point():
            tensors[name] = torch.lerp(value, tensors[name], share)
    before.load_state_dict(tensors)
    return before


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=None, help="YAML file; see configs/train/fusion.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder or JSON-lines file of pairs")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    options = parser.parse_args(arguments)
    config = TrainingConfig.from_file(options.config) if options.config else TrainingConfig()
    try:
        train(config, options.data, options.out)
    except (ValueError, OSError, ModelError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
