"""Fusion against a seq2seq model of BART-large's size (Lewis et al. 2020, arXiv:1910.13461), on the same processor.

Both write one summary of the story in ``seeds/``: the fusion model from the sentences of the planned claims, the other
from as many word pieces (1,024 at most, all it can read), in as many tokens as the words of our summary take in word
pieces, without the marks, so that both write as many words. (The vocabulary of BART cuts English a little finer.) Its
weights are random, which changes what it says but not how long it takes; nothing is downloaded. It decodes with four
beams, as is usual, and greedily.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from eval.bench.processes import ROOT
from summarize import Config, Summarizer, read_articles
from summarize.abstractive.fusion import fuse, sources
from summarize.claims import align
from summarize.clustering import spun_copies, story_of
from summarize.extractive import claims
from summarize.models import lazy_encode
from summarize.planning import plan

BART_LARGE: Mapping[str, Any] = {
    "vocab_size": 50_265,
    "max_position_embeddings": 1_024,
    "d_model": 1_024,
    "encoder_layers": 12,
    "decoder_layers": 12,
    "encoder_attention_heads": 16,
    "decoder_attention_heads": 16,
    "encoder_ffn_dim": 4_096,
    "decoder_ffn_dim": 4_096,
}
"""The shape of facebook/bart-large."""

BEAMS = 4


def main(summarizer: str = "fusion", runs: int = 3) -> None:
    """Time the writing of one summary against a seq2seq model of BART-large's size."""
    print(json.dumps(measure(summarizer, runs, BART_LARGE)))


def measure(summarizer: str, runs: int, shape: Mapping[str, Any]) -> dict[str, Any]:
    """Time ours and the other, in turns, each called once before.

    Args:
        summarizer: "fusion", or "claims", which only picks.
        runs: times each is called; medians are compared.
        shape: keys of transformers' BartConfig.
    """
    import torch

    config = Config(summarizer=summarizer)
    encode = lazy_encode(config.encoder)
    story = story_of(read_articles(ROOT / "seeds"), encode)
    aligned = align(story, encode, config.claims, spun_copies(story.articles, story.lineages))
    read = sources(story, aligned.claims, config.fusion.max_sources)
    planned = plan(story, aligned, config.plan, encode, {head: group[0].text for head, group in read.items()})
    maker = Summarizer(config)
    summary = maker.summarize(story)
    texts = [source.text for p in planned for source in read[p.claim.kin[0]]]
    pieces = min(_pieces(texts), shape["max_position_embeddings"])
    tokens = _pieces([re.sub(r"[^\w\s]", "", s.text) for s in summary.sentences])
    generate = _seq2seq(shape, pieces, tokens)
    generate(1)

    measured: list[Callable[[], object]] = [
        lambda: fuse(planned, read, config.fusion) if summarizer == "fusion" else claims.extract(planned),
        lambda: maker.summarize(story),
        lambda: generate(BEAMS),
        lambda: generate(1),
    ]
    turns = [[_time(work) for work in measured] for _ in range(runs)]
    writing, whole, beams, greedy = (median(column) for column in zip(*turns, strict=True))
    return {
        "bench": "fusion",
        "summarizer": summarizer,
        "ratio": round(beams / writing, 1),
        "target": 30,
        "ratio_greedy": round(greedy / writing, 1),
        "ratio_whole": round(beams / whole, 1),
        "seconds": round(writing, 4),
        "seconds_whole": round(whole, 4),
        "seconds_reference": round(beams, 4),
        "seconds_reference_greedy": round(greedy, 4),
        "words": summary.words,
        "tokens": tokens,
        "source_pieces": pieces,
        "threads": torch.get_num_threads(),
        "runs": runs,
    }


def _pieces(texts: list[str]) -> int:
    """Word pieces of texts, as MiniLM's vocabulary cuts them."""
    from summarize.models.minilm import load_tokenizer

    return sum(len(encoding.ids) for encoding in load_tokenizer().encode_batch(texts, add_special_tokens=False))


def _seq2seq(shape: Mapping[str, Any], pieces: int, tokens: int) -> Callable[[int], None]:
    """A model of random weights; called with a number of beams, it reads ``pieces`` and writes ``tokens``."""
    import torch
    from transformers import BartConfig, BartForConditionalGeneration

    torch.manual_seed(13)
    model: Any = BartForConditionalGeneration(BartConfig(**shape))
    model.eval()
    source = torch.randint(4, shape["vocab_size"], (1, pieces))

    def generate(beams: int) -> None:
        written = model.generate(
            input_ids=source,
            attention_mask=torch.ones_like(source),
            num_beams=beams,
            do_sample=False,
            min_new_tokens=tokens,
            max_new_tokens=tokens,
        )
        if written.shape[1] != tokens + 1:  # one more to start with
            raise SystemExit(f"the model wrote {written.shape[1] - 1} tokens, not {tokens}")

    return generate


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
