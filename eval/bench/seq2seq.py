"""Stories in batches against a loop of ``generate``, one story at a time: ``python -m eval.bench seq2seq``.

The models have the shapes of BART-large (Lewis et al. 2020, arXiv:1910.13461) and of PRIMERA (Xiao et al. 2022,
arXiv:2110.08499) and random weights, which change what is written but not how long it takes: every story is written in
as many tokens, with both. The stories' lengths are drawn as news has them, from a few hundred tokens to more than the
model reads, where they are cut. The loop does what a script of a few lines does: each story as it is, no padding, the
same precision and beams. Both are called once before they are timed, and so is every width of a batch.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eval.bench.fusion import BART_LARGE
from summarize.config import Seq2SeqSettings

if TYPE_CHECKING:
    from summarize.models.seq2seq import Row, Seq2Seq

PRIMERA: Mapping[str, Any] = {
    **{name: size for name, size in BART_LARGE.items() if name != "max_position_embeddings"},
    "vocab_size": 50_266,
    "max_encoder_position_embeddings": 4_096,
    "max_decoder_position_embeddings": 1_024,
    "attention_window": 512,
}
"""The shape of allenai/PRIMERA."""

SMALL: Mapping[str, Any] = {
    "vocab_size": 2_000,
    "d_model": 64,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 128,
    "decoder_ffn_dim": 128,
}
"""What is changed for a try: the same inputs through a model that costs nothing."""

SHAPES = {"bart-large": BART_LARGE, "primera": PRIMERA}
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>", "<doc-sep>")
ARTICLE = 700
"""Tokens of an article, about; a story of PRIMERA's has several."""


def main(
    model: Annotated[str, typer.Option(help="bart-large or primera.")] = "bart-large",
    shape: Annotated[str, typer.Option(help="full, or small to try the benchmark itself.")] = "full",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")] = "auto",
    stories: Annotated[int, typer.Option(help="Stories written in batches.")] = 64,
    loop: Annotated[int, typer.Option(help="Stories of them written in the loop.")] = 8,
    tokens: Annotated[int, typer.Option(help="Tokens written of each story.")] = 128,
    beams: Annotated[int, typer.Option(help="Beam width.")] = 4,
    batch_tokens: Annotated[int, typer.Option(help="Input tokens of a batch; 0 is the default.")] = 0,
    compile: Annotated[bool, typer.Option(help="Static cache and compiled decoder.")] = False,
) -> None:
    """Time the writing of stories in batches against a loop over them."""
    if model not in SHAPES or shape not in ("full", "small"):
        raise typer.BadParameter(f"--model is one of {', '.join(SHAPES)}, --shape full or small")
    settings = Seq2SeqSettings.model_validate(
        {
            "device": device,
            "precision": precision,
            "beams": beams,
            "batch_tokens": batch_tokens or None,
            "compile": compile,
        }
    )
    sizes = {**SHAPES[model], **(SMALL if shape == "small" else {})}
    print(json.dumps(measure(model, sizes, settings, stories, loop, tokens)))


def measure(
    name: str, shape: Mapping[str, Any], settings: Seq2SeqSettings, stories: int, loop: int, tokens: int
) -> dict[str, Any]:
    """Time both, and count in how many stories they write the same.

    Args:
        name: "bart-large" or "primera".
        shape: keys of transformers' BartConfig or LEDConfig.
        settings: device, precision, beams, size of a batch.
        stories: how many are written in batches.
        loop: how many of these are written one at a time.
        tokens: written of each story.
    """
    import torch

    from summarize.models.seq2seq import Seq2Seq

    with TemporaryDirectory() as folder:
        save(name, shape, tokens, Path(folder))
        model = Seq2Seq(settings.model_copy(update={"model": folder}))
    rows = draw(model, stories, several=name == "primera")
    alone = rows[:: max(1, stories // loop)][:loop]
    one_each = list({len(row.ids) // 128: row for row in rows}.values())
    model.generate(one_each, tokens)
    _plain(model, alone[:1], tokens)
    batched, texts = _timed(lambda: model.generate(rows, tokens), model)
    looped, one_by_one = _timed(lambda: _plain(model, alone, tokens), model)
    written = dict(zip(rows, texts, strict=True))
    cuda = model.device == "cuda"
    return {
        "bench": "seq2seq",
        "model": name,
        "ratio": round((stories / batched) / (len(alone) / looped), 2),
        "target": 8 if cuda else None,
        "stories_per_second": round(stories / batched, 3),
        "stories_per_second_loop": round(len(alone) / looped, 3),
        "same_text": sum(written[row] == text for row, text in zip(alone, one_by_one, strict=True)),
        "stories": stories,
        "stories_loop": len(alone),
        "input_tokens": sum(len(row.ids) for row in rows) // stories,
        "tokens": tokens,
        "beams": settings.beams,
        "batch_tokens": model.batch_tokens,
        "compiled": settings.compile,
        "device": torch.cuda.get_device_name() if cuda else model.device,
        "precision": model.precision,
        "peak_gigabytes": round(torch.cuda.max_memory_allocated() / 1e9, 1) if cuda else None,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def save(name: str, shape: Mapping[str, Any], tokens: int, folder: Path) -> None:
    """A model of random weights, with a tokenizer that knows letters, as ``from_pretrained`` reads it."""
    import torch
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import BartConfig, BartForConditionalGeneration, BartTokenizer, LEDConfig
    from transformers import LEDForConditionalGeneration as Led
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.manual_seed(13)
    model: Any = Led(LEDConfig(**shape)) if name == "primera" else BartForConditionalGeneration(BartConfig(**shape))
    model.generation_config.min_length = tokens + 1  # and one to start with: both write as many
    model.generation_config.forced_eos_token_id = None
    model.save_pretrained(folder)
    known = [*SPECIAL[: 6 if name == "primera" else 5], *sorted(ByteLevel.alphabet())]
    filler = [f"word{n}" for n in range(shape["vocab_size"] - len(known))]
    vocabulary = {token: i for i, token in enumerate([*known, *filler])}
    tokenizer = BartTokenizer(vocab=vocabulary, merges=[])
    if name == "primera":
        tokenizer.add_special_tokens({"additional_special_tokens": ["<doc-sep>"]})
    tokenizer.save_pretrained(folder)


def draw(model: "Seq2Seq", stories: int, several: bool) -> list["Row"]:
    """Inputs of lifelike lengths: log-normal, half of them more than two thirds of what the model reads."""
    random = Random(13)
    rows = []
    for _ in range(stories):
        length = int(min(model.limit, max(64, random.lognormvariate(0, 0.6) * model.limit * 2 / 3)))
        articles = max(1, round(length / ARTICLE)) if several else 1
        share = (length - model.limit + model.room(articles)) // articles
        rows.append(model.row([[random.randrange(300, 1_900) for _ in range(share)] for _ in range(articles)]))
    return rows


def _plain(model: "Seq2Seq", rows: Sequence["Row"], tokens: int) -> list[str]:
    """One story at a time, as a script of a few lines does it."""
    import torch

    texts = []
    for row in rows:
        ids = torch.tensor([row.ids], device=model.device)
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        if row.sees_all:
            inputs["global_attention_mask"] = torch.zeros_like(ids)
            inputs["global_attention_mask"][0, list(row.sees_all)] = 1
        beams = model.settings.beams
        written = model.model.generate(**inputs, num_beams=beams, do_sample=False, max_new_tokens=tokens)
        if written.shape[1] != tokens + 1:
            raise SystemExit(f"the model wrote {written.shape[1] - 1} tokens, not {tokens}")
        texts.append(" ".join(model.tokenizer.decode(written[0], skip_special_tokens=True).split()))
    return texts


def _timed(work: Callable[[], list[str]], model: "Seq2Seq") -> tuple[float, list[str]]:
    import torch

    start = time.perf_counter()
    texts = work()
    if model.device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start, texts
