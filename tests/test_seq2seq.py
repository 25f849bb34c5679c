"""Encoder-decoder models of every family: what they are given, what they write, and how they fail."""

import json
import logging
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import tiny_models
import torch
from conftest import story_of
from hypothesis import given
from hypothesis import strategies as st
from test_laws import assert_lawful
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from summarize import Article, Config, Summarizer
from summarize.abstractive import seq2seq as writing
from summarize.cli import main
from summarize.config import ClaimSettings, PlanSettings, Seq2SeqSettings
from summarize.errors import ConfigError, ModelError, UnknownNameError
from summarize.models import hub
from summarize.models import seq2seq as module
from summarize.models.seq2seq import FAMILIES, Row, Seq2Seq, read_whole, shares, width

GOLDEN = Path(__file__).parent / "golden" / "seq2seq.json"
FAMILY = sorted(tiny_models.MODELS)
STORIES = [
    [["A dam broke above the town on Tuesday.", "Nine people are missing."]],
    [["Rescue crews searched the valley.", "The river rose by four metres."], ["Sirens were heard at noon."]],
    [["The bridge held."], ["Nobody was hurt, the mayor said."], ["Schools stay shut until Friday, she said."]],
]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a family's tiny model, made when first asked for."""
    made: dict[str, Path] = {}

    def get(family: str) -> Path:
        if family not in made:
            made[family] = tiny_models.save(family, tmp_path_factory.mktemp("models") / family)
        return made[family]

    return get


@pytest.fixture(scope="session")
def tiny(folder: Callable[[str], Path]) -> Callable[..., Seq2Seq]:
    """A family's tiny model, loaded once for every choice of settings."""
    loaded: dict[Seq2SeqSettings, Seq2Seq] = {}

    def get(family: str, **more: Any) -> Seq2Seq:
        settings = Seq2SeqSettings(model=str(folder(family)), device="cpu", **more)
        if settings not in loaded:
            loaded[settings] = Seq2Seq(settings)
        return loaded[settings]

    return get


def joined(pieces: Sequence[Sequence[int]]) -> list[int]:
    return [token for piece in pieces for token in piece]


def row(model: Seq2Seq, articles: Sequence[Sequence[str]]) -> Row:
    return model.row([joined(article) for article in model.article_pieces(articles)])


def tokens(model: Seq2Seq, ids: Sequence[int]) -> list[str]:
    return list(model.tokenizer.convert_ids_to_tokens(list(ids)))


# What is written


@pytest.mark.parametrize("beams", [1, 4])
@pytest.mark.parametrize("family", FAMILY)
def test_a_batch_writes_what_each_story_gets_alone_whatever_the_order(tiny, family: str, beams: int):
    model = tiny(family, beams=beams)
    rows = [row(model, story) for story in STORIES]
    together = model.generate(rows, 16)
    assert len(set(together)) > 1, "the texts must hang on the input"
    assert [model.generate([r], 16)[0] for r in rows] == together
    order = list(range(len(rows)))
    random.Random(5).shuffle(order)
    assert model.generate([rows[i] for i in order], 16) == [together[i] for i in order]


def test_what_every_family_writes_is_as_it_was(tiny):
    """Run with UPDATE_GOLDEN=1 to accept a change, and read the difference."""
    written = {
        family: {
            name: model.generate([row(model, story) for story in STORIES], 16)
            for name, model in (("greedy", tiny(family, beams=1)), ("beams", tiny(family, beams=4)))
        }
        for family in FAMILY
    }
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert json.loads(GOLDEN.read_text("utf-8")) == written


@pytest.mark.parametrize("family", FAMILY)
def test_a_model_saved_again_writes_the_same(tiny, folder, family: str, tmp_path: Path):
    model = tiny(family, beams=1)
    model.model.save_pretrained(tmp_path)
    model.tokenizer.save_pretrained(tmp_path)
    again = Seq2Seq(Seq2SeqSettings(model=str(tmp_path), device="cpu", beams=1))
    rows = [row(model, story) for story in STORIES]
    assert again.family == model.family
    assert [row(again, story) for story in STORIES] == rows
    assert again.generate(rows, 12) == model.generate(rows, 12)


@pytest.mark.parametrize("family", FAMILY)
def test_it_is_what_transformers_generates_from_the_same_tokens(tiny, folder, family: str):
    ours = tiny(family, beams=4)
    asked = row(ours, STORIES[1])
    theirs = AutoModelForSeq2SeqLM.from_pretrained(folder(family))
    mask = {}
    if asked.sees_all:
        mask["global_attention_mask"] = torch.zeros(1, len(asked.ids), dtype=torch.long)
        mask["global_attention_mask"][0, list(asked.sees_all)] = 1
    written = theirs.generate(input_ids=torch.tensor([asked.ids]), num_beams=4, max_new_tokens=16, **mask)
    text = AutoTokenizer.from_pretrained(folder(family)).decode(written[0], skip_special_tokens=True)
    assert ours.generate([asked], 16) == [" ".join(text.split())]


def test_equal_inputs_are_read_once(tiny, monkeypatch):
    model = tiny("bart")
    sizes = []
    write = model._write_at_once
    monkeypatch.setattr(model, "_write_at_once", lambda batch, how: sizes.append(len(batch)) or write(batch, how))
    asked = row(model, STORIES[0])
    first, second = model.generate([asked, asked], 8)
    assert first == second
    assert sizes == [1]


def test_no_more_is_written_than_asked_for_or_than_the_decoder_has_places(tiny):
    model = tiny("bart", beams=1)
    count = len(model.tokenizer(model.generate([row(model, STORIES[0])], 5)[0], add_special_tokens=False).input_ids)
    assert 0 < count <= 5
    assert model.generate([row(model, STORIES[0])], 10_000)


def test_weights_in_eight_bits(folder, tiny):
    pytest.importorskip("torchao")
    small = Seq2Seq(Seq2SeqSettings(model=str(folder("bart")), device="cpu", beams=1, quantization="torchao-int8"))
    assert type(small.model.get_encoder().layers[0].fc1.weight).__name__ == "Int8Tensor"
    asked = row(small, STORIES[0])
    assert asked == row(tiny("bart"), STORIES[0])
    assert small.generate([asked], 8)[0]


def test_no_input_gives_no_text(tiny):
    assert tiny("bart").generate([], 8) == []


def test_half_precision_on_a_processor(tiny):
    model = tiny("bart", precision="bfloat16", beams=1)
    assert model.model.dtype == torch.bfloat16
    assert model.generate([row(model, STORIES[0])], 8)[0]


# Batches


@given(st.integers(1, 20_000))
def test_widths_waste_a_quarter_at_most(tokens: int):
    assert tokens <= width(tokens) <= max(16, tokens + max(16, tokens / 4))


def test_a_batch_holds_inputs_of_one_width_and_as_many_as_allowed(tiny):
    model = tiny("bart", batch_tokens=64)
    rows = [Row((0, *range(5, 5 + n), 2)) for n in (3, 4, 5, 6, 30, 60)]
    batches = list(model._batches(rows))
    assert sorted(r for batch in batches for r in batch) == sorted(rows)
    for batch in batches:
        (wide,) = {width(len(r.ids)) for r in batch}
        assert len(batch) == 1 or len(batch) * wide <= 64
    assert [len(batch) for batch in batches] == [4, 1, 1]


def test_padding_counts_nowhere(tiny):
    model = tiny("primera")
    long, short = row(model, STORIES[1]), row(model, STORIES[0])
    tensors = model.tensors([long, short])
    assert tensors["input_ids"].shape == (2, width(len(long.ids)))
    for i, r in enumerate((long, short)):
        assert tensors["input_ids"][i, : len(r.ids)].tolist() == list(r.ids)
        assert set(tensors["input_ids"][i, len(r.ids) :].tolist()) == {model.tokenizer.pad_token_id}
        assert tensors["attention_mask"][i].tolist() == [int(k < len(r.ids)) for k in range(width(len(long.ids)))]


def test_a_batch_too_big_for_the_memory_is_halved_until_it_fits(tiny, monkeypatch):
    model = tiny("bart")
    rows = [row(model, story) for story in STORIES]
    expected = model.generate(rows, 8)
    write, tried = model._write_at_once, []

    def scarce(batch: list[Row], how: Any) -> list[str]:
        tried.append(len(batch))
        if len(batch) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return write(batch, how)

    monkeypatch.setattr(model, "_write_at_once", scarce)
    monkeypatch.setattr(model, "_batches", lambda rows: iter([list(rows)]))
    assert model.generate(rows, 8) == expected
    assert tried == [3, 1, 2, 1, 1]


def test_an_input_too_big_for_the_memory_is_one_clear_line(tiny, monkeypatch):
    model = tiny("bart")

    def scarce(batch: list[Row], how: Any) -> list[str]:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(model, "_write_at_once", scarce)
    with pytest.raises(ModelError, match=r"an input of \d+ tokens is more than cpu holds"):
        model.generate([row(model, STORIES[0])], 8)


def test_generate_batch_is_never_called():
    """transformers' continuous batching writes other tokens with encoder-decoders, without a word."""
    source = "".join(Path(m.__file__ or "").read_text("utf-8") for m in (module, writing))
    assert "generate_batch" not in source


# What a model is given


@pytest.mark.parametrize("family", FAMILY)
def test_sentences_are_cut_as_in_the_whole_text(tiny, family: str):
    model = tiny(family)
    texts = ["The dam broke on Tuesday.", "“Nine   people”, she\tsaid.", "It rose by 4.5 metres!"]
    whole = " ".join(" ".join(t.split()) for t in texts)
    assert joined(model.pieces(texts)) == model.tokenizer(whole, add_special_tokens=False).input_ids


SHAPES = {
    "bart": ("<s>", "A B", "</s>"),
    "pegasus": ("A B", "</s>"),
    "pegasus_x": ("A B", "</s>"),
    "t5": ("summarize:", "A B", "</s>"),
    "flan-t5": ("summarize:", "A B", "</s>"),
    "longt5": ("A B", "</s>"),
    "mt5": ("A B", "</s>"),
    "mbart": ("A B", "</s>", "en_XX"),
    "led": ("<s>", "A B", "</s>"),
    "primera": ("<s>", "A", "<doc-sep>", "B", "<doc-sep>", "</s>"),
    "encoder-decoder": ("[CLS]", "A B", "[SEP]"),
}


@pytest.mark.parametrize("family", FAMILY)
def test_every_family_gets_its_own_input(tiny, family: str):
    model = tiny(family)
    first, second = STORIES[1]
    parts = {"A": " ".join(first), "B": " ".join(second), "A B": " ".join([*first, *second])}
    vocabulary = model.tokenizer.get_vocab()
    expected = []
    for part in SHAPES[family]:
        text = parts.get(part, part)
        is_mark = text in vocabulary and text in model.tokenizer.all_special_tokens
        expected += [vocabulary[text]] if is_mark else model.tokenizer(text, add_special_tokens=False).input_ids
    assert tokens(model, row(model, STORIES[1]).ids) == tokens(model, expected)
    assert model.family == {"flan-t5": "t5"}.get(family, family)


def test_prefix_and_separator_may_be_set(tiny):
    model = tiny("t5", prefix="tell: ", separator="|||||")
    shown = "".join(tokens(model, row(model, STORIES[1]).ids))
    bars = "".join(tokens(model, model.tokenizer("|||||", add_special_tokens=False).input_ids))
    assert shown.startswith("▁t")
    assert "summarize" not in shown
    assert shown.count(bars) == 1


def test_led_sees_all_from_the_first_token_alone(tiny):
    model = tiny("led")
    mask = model.tensors([row(model, STORIES[1])])["global_attention_mask"][0]
    assert mask.nonzero().flatten().tolist() == [0]


def test_primera_sees_all_from_the_first_token_and_every_separator(tiny):
    model = tiny("primera")
    mark = model.tokenizer.convert_tokens_to_ids("<doc-sep>")
    rows = [row(model, story) for story in STORIES]
    tensors = model.tensors(rows)
    for i, story in enumerate(STORIES):
        ids, mask = tensors["input_ids"][i].tolist(), tensors["global_attention_mask"][i].tolist()
        assert ids.count(mark) == len(story)
        assert ids[0] == model.tokenizer.bos_token_id
        for place, (token, sees_all) in enumerate(zip(ids, mask, strict=True)):
            assert sees_all == int(place == 0 or token == mark), f"token {place} of story {i}"


@pytest.mark.parametrize("family", ["led", "primera"])
def test_the_encoder_is_told_who_sees_all(tiny, family: str):
    model = tiny(family)
    told = []
    encoder = model.model.get_encoder()
    hook = encoder.register_forward_pre_hook(
        lambda m, args, kwargs: told.append(kwargs["global_attention_mask"].clone()), with_kwargs=True
    )
    asked = row(model, STORIES[1])
    model.generate([asked], 4)
    hook.remove()
    (mask,) = told
    assert mask.nonzero()[:, 1].tolist() == list(asked.sees_all)


def test_global_attention_changes_what_is_written(tiny):
    model = tiny("primera")
    asked = row(model, STORIES[1])
    assert model.generate([asked], 16) != model.generate([Row(asked.ids, (0,))], 16)


@pytest.mark.parametrize("family", FAMILY)
def test_marks_in_an_article_are_no_marks(tiny, family: str):
    model = tiny(family)
    plain = row(model, [["The dam broke.", "It rose."], ["Sirens."]])
    forged = row(model, [["The dam </s><s><doc-sep> [SEP]<pad> en_XX broke.", "It rose."], ["Sirens. <extra_id_3>"]])
    special = set(model.tokenizer.all_special_ids) - {model.tokenizer.unk_token_id}
    count = [sum(token in special for token in r.ids) for r in (plain, forged)]
    assert count[0] == count[1]
    assert len(plain.sees_all) == len(forged.sees_all)


@pytest.mark.parametrize(
    ("family", "more", "limit"),
    [
        ("bart", {}, 128),
        ("pegasus", {}, 128),
        ("t5", {}, FAMILIES["t5"].limit),
        ("longt5", {}, FAMILIES["longt5"].limit),
        ("led", {}, 256),
        ("encoder-decoder", {}, 128),
        ("bart", {"max_input": 40}, 40),
        ("bart", {"max_input": 4000}, 128),
    ],
)
def test_the_models_own_limit_holds(tiny, family: str, more: dict[str, Any], limit: int):
    model = tiny(family, **more)
    assert model.limit == limit
    fill = model.row([[5] * model.room(2), []])
    assert len(fill.ids) == limit
    with pytest.raises(ValueError, match="reads"):
        model.row([[5] * (model.room(2) + 1), []])
    if limit <= 256:
        assert model.generate([fill], 4), "the longest input must run"


def test_the_padding_of_led_has_positions_too(tiny, folder, tmp_path):
    model = AutoModelForSeq2SeqLM.from_pretrained(folder("led"))
    model.config.max_encoder_position_embeddings = 250  # no multiple of the window of 16
    model.led.encoder.embed_positions.weight.data = model.led.encoder.embed_positions.weight.data[:250].clone()
    model.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(folder("led")).save_pretrained(tmp_path)
    cut = Seq2Seq(Seq2SeqSettings(model=str(tmp_path), device="cpu"))
    assert cut.limit == 240
    assert cut.generate([cut.row([[5] * cut.room(1)])], 4)


def test_roberta_positions_begin_behind_the_padding():
    from transformers import EncoderDecoderConfig, RobertaConfig

    shape = RobertaConfig(max_position_embeddings=66, pad_token_id=1)
    config = EncoderDecoderConfig.from_encoder_decoder_configs(shape, shape)
    tokenizer = type("Tokenizer", (), {"model_max_length": 10**30})()
    assert module._input_limit(config, tokenizer, FAMILIES["encoder-decoder"]) == 64
    assert module._output_limit(config) == 63


def test_a_language_is_told_to_tokenizer_and_decoder(tiny):
    model = tiny("mbart", language="fr_XX", beams=1)
    french = model.tokenizer.convert_tokens_to_ids("fr_XX")
    assert row(model, STORIES[0]).ids[-1] == french
    inputs = model.tensors([row(model, STORIES[0])])
    assert model.model.generate(**inputs, generation_config=model._generation, max_new_tokens=4)[0, 1] == french


@given(st.lists(st.integers(0, 200), max_size=12), st.integers(0, 600))
def test_shares_are_equal_where_all_are_long_and_waste_nothing(lengths: list[int], room: int):
    given_ = shares(lengths, room)
    assert all(0 <= g <= n for g, n in zip(given_, lengths, strict=True))
    assert sum(given_) <= room
    cut = [g for g, n in zip(given_, lengths, strict=True) if g < n]
    assert all(abs(a - b) <= 1 for a, b in pairwise(cut))
    assert all(g <= min(cut) + 1 for g in given_ if cut and g not in cut)
    if cut:
        assert sum(given_) > room - len(lengths)


def test_sentences_are_read_to_their_ends_or_not_read():
    pieces = [[1, 2, 3], [4, 5], [6]]
    assert [read_whole(pieces, share) for share in range(8)] == [0, 0, 0, 1, 1, 2, 3, 3]


# Stories


BRIDGE = "The footbridge over the Ennis fell into the river on Monday night. Nobody was on it, said Mayor Ada Quill."
FERRY = "The ferry to Holm stays in port. Its captain, Jon Berg, blamed a broken shaft. Repairs take 12 days."
COURT = "A court in Tarn freed the baker Lise Munk on Friday. She had spent 41 days in a cell. The state will appeal."


def articles(*texts: str) -> list[Article]:
    return [Article(f"{n}.txt", text) for n, text in enumerate(texts)]


@pytest.fixture
def summarizer(folder: Callable[[str], Path], no_model: Any) -> Callable[..., Summarizer]:
    """A summarizer that writes with a family's tiny model."""

    def make(family: str = "bart", words: int = 40, **more: Any) -> Summarizer:
        return Summarizer(
            Config(
                summarizer="seq2seq",
                plan=PlanSettings(words=words),
                claims=ClaimSettings(threshold=0.3, kin_threshold=0.4),
                seq2seq=Seq2SeqSettings(model=str(folder(family)), device="cpu", **more),
            )
        )

    return make


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[list[Row]]]:
    """Every model says this text; returns the rows of every call."""

    def make(text: str) -> list[list[Row]]:
        calls: list[list[Row]] = []

        def generate(self: Seq2Seq, rows: Sequence[Row], tokens: int) -> list[str]:
            calls.append(list(rows))
            return [text for _ in rows]

        monkeypatch.setattr(Seq2Seq, "generate", generate)
        return calls

    return make


@pytest.mark.parametrize("family", FAMILY)
def test_rubbish_is_replaced_by_what_the_sources_say(summarizer, family: str):
    summary = summarizer(family).summarize(articles(BRIDGE, FERRY, COURT))
    assert_lawful(summary)
    assert summary.summarizer == "seq2seq"
    assert summary.sentences
    assert all(s.origin == "extracted" for s in summary.sentences)


def test_what_the_sources_support_is_said_as_the_model_wrote_it(summarizer, says):
    says("The footbridge over the Ennis fell on Monday night. The moon is made of 90 cheeses.")
    summary = summarizer().summarize(articles(BRIDGE, FERRY))
    assert_lawful(summary)
    first, *others = summary.sentences
    assert first.text == "The footbridge over the Ennis fell on Monday night."
    assert first.origin == "written"
    assert "0.txt" in {c.article for c in first.citations}
    assert "cheeses" not in " ".join(s.text for s in others)


def test_a_sentence_the_model_was_stopped_in_is_left_out(summarizer, says):
    says("The footbridge over the Ennis fell on Monday night. Nobody was on it, said Mayor Ada")
    (sentence,) = summarizer().summarize(articles(BRIDGE)).sentences
    assert sentence.text == "The footbridge over the Ennis fell on Monday night."


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_a_model_that_says_nothing_leaves_the_plan_to_be_told(summarizer, says, text: str):
    says(text)
    summary = summarizer().summarize(articles(BRIDGE, FERRY))
    assert_lawful(summary)
    assert summary.sentences


def test_a_story_without_a_sentence_gives_a_summary_without_sentences(summarizer):
    summary = summarizer().summarize(articles(" \n", ""))
    assert (summary.text, summary.sentences, summary.unread_sentences) == ("", (), 0)


def test_many_stories_get_what_each_gets_alone(summarizer, monkeypatch):
    monkeypatch.setattr(writing, "AHEAD", 2)
    maker = summarizer()
    stories = [story_of(*articles(*texts)) for texts in ([BRIDGE], [FERRY, COURT], [COURT], [""], [BRIDGE, FERRY])]
    assert list(maker.summaries(stories)) == [maker.summarize(story) for story in stories]


def test_the_order_of_the_articles_changes_nothing(summarizer):
    given_ = articles(BRIDGE, FERRY, COURT)
    assert summarizer("primera").summarize(given_[::-1]).to_json() == summarizer("primera").summarize(given_).to_json()


# Too long


LONG = [" ".join(f"{a} number {n} of the village was counted on day {n}." for n in range(12)) for a in "AB"]


def shown(calls: list[list[Row]], model: Seq2Seq) -> list[str]:
    """The last call's inputs as text."""
    return model.tokenizer.batch_decode([r.ids for r in calls[-1]], skip_special_tokens=False)


def test_what_fits_is_given_whole(summarizer, says, tiny):
    calls = says("Nothing.")
    for long in ("plan", "truncate", "merge"):
        summary = summarizer(long=long).summarize(articles("The dam broke.", "It rose."))
        assert shown(calls, tiny("bart")) == ["<s>The dam broke. It rose.</s>"]
        assert summary.unread_sentences == 0


def test_plan_gives_claims_in_their_order_until_the_input_is_full(summarizer, says, tiny):
    calls = says("Nothing.")
    summary = summarizer(long="plan").summarize(articles(*LONG, BRIDGE, FERRY, COURT))
    (text,) = shown(calls, tiny("bart"))
    ((asked,),) = calls
    sentences = [s for a in (*LONG, BRIDGE, FERRY, COURT) for s in a.replace(". ", ".\n").split("\n")]
    given_ = text.removeprefix("<s>").removesuffix("</s>").replace(". ", ".\n").split("\n")
    assert set(given_) <= set(sentences), "only whole sentences of the articles"
    assert len(given_) == len(set(given_))
    assert tiny("bart").limit - 20 < len(asked.ids) <= tiny("bart").limit
    assert summary.unread_sentences == len(sentences) - len(given_) > 0


def test_truncate_gives_every_article_an_equal_share_of_its_beginning(summarizer, says, tiny):
    calls = says("Nothing.")
    model = tiny("primera")
    longer = [f"{text} {text}" for text in LONG]
    summary = summarizer("primera", long="truncate").summarize(articles(*longer, "The dam broke."))
    ((asked,),) = calls
    assert len(asked.ids) == model.limit
    mark = model.tokenizer.convert_tokens_to_ids("<doc-sep>")
    first, second, third, rest = [len(part) for part in _split(asked.ids, mark)]
    assert abs((first - 1) - second) <= 1  # the first one opens with <s>
    assert third == len(joined(model.pieces(["The dam broke."])))
    assert rest == 1
    texts = [model.tokenizer.decode(part, skip_special_tokens=True) for part in _split(asked.ids, mark)]
    assert all(text and whole.startswith(text) for text, whole in zip(texts, [*longer, "The dam broke."], strict=False))
    ends = sum(text.count(". ") + text.endswith(".") for text in texts)
    assert summary.unread_sentences == 49 - ends


def _split(ids: Sequence[int], mark: int) -> list[list[int]]:
    parts: list[list[int]] = [[]]
    for token in ids:
        if token == mark:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def test_truncate_leaves_copies_out_first_where_shares_would_be_tiny(summarizer, says, tiny):
    calls = says("Nothing.")
    texts = [
        f"{name} Street {n} was closed by the police after the fire at noon." for n, name in enumerate("ABCDEFGHIJ")
    ]
    story = story_of(*articles(*texts))
    lineages = (("0.txt", "1.txt", "2.txt"), *((f"{n}.txt",) for n in range(3, 10)))
    summary = summarizer(long="truncate").summarize(type(story)(story.id, story.articles, lineages))
    (text,) = shown(calls, tiny("bart"))
    kept = [n for n, article in enumerate(texts) if article[:10] in text]
    assert kept == [0, 3, 4, 5, 6, 7, 8][: len(kept)]
    assert 2 <= len(kept) < 10
    assert summary.unread_sentences >= 10 - len(kept)


def test_merge_reads_all_and_gives_the_summaries_as_one_input(summarizer, monkeypatch, tiny):
    model = tiny("bart")
    rounds: list[list[Row]] = []

    def generate(self: Seq2Seq, rows: Sequence[Row], tokens: int) -> list[str]:
        rounds.append(list(rows))
        return [f"Part {len(rounds)}." for _ in rows]

    monkeypatch.setattr(Seq2Seq, "generate", generate)
    summary = summarizer(long="merge").summarize(articles(*LONG))
    *parts, last = rounds
    assert summary.unread_sentences == 0
    assert len(last) == 1
    assert model.tokenizer.decode(last[0].ids, skip_special_tokens=True) == " ".join(["Part 1."] * len(parts[0]))
    read = "".join(model.tokenizer.decode(r.ids, skip_special_tokens=True) for r in parts[0])
    for number in range(12):
        for name in "AB":
            assert f"{name} number {number} of" in read.replace("\n", "") or "number" in read
    assert sum(len(r.ids) - 2 for r in parts[0]) == sum(len(joined(p)) for p in model.article_pieces(_sentences(LONG)))
    assert all(len(r.ids) <= model.limit for rows in rounds for r in rows)


def _sentences(texts: Sequence[str]) -> list[list[str]]:
    return [text.replace(". ", ".\n").split("\n") for text in texts]


def test_merge_ends_with_a_model_that_writes_more_than_it_reads(summarizer, says):
    says(" ".join(["Words upon words are written here about the valley and its river and its people."] * 20))
    summary = summarizer(long="merge").summarize(articles(*LONG))
    assert_lawful(summary)


@pytest.mark.parametrize("long", ["plan", "truncate", "merge"])
@pytest.mark.parametrize("family", ["bart", "led", "primera", "t5"])
def test_very_long_stories_run_in_every_way(summarizer, family: str, long: str):
    endless = "word " * 3000 + "end."
    summary = summarizer(family, long=long, max_output=8).summarize(articles(*LONG, endless, "x" * 4000))
    assert_lawful(summary)
    assert (summary.unread_sentences > 0) == (long != "merge")


# How it fails


def settings(model: object, **more: Any) -> Seq2SeqSettings:
    return Seq2SeqSettings(model=str(model), **{"device": "cpu", **more})


@pytest.fixture
def copied(folder: Callable[[str], Path], tmp_path: Path) -> Path:
    """A tiny BART to be damaged."""
    target = tmp_path / "model"
    shutil.copytree(folder("bart"), target)
    return target


def complaint(model: object, **more: Any) -> str:
    with pytest.raises(ModelError) as caught:
        Seq2Seq(settings(model, **more))
    message = str(caught.value)
    assert "\n" not in message
    assert str(model) in message
    return message


def test_a_model_must_be_named():
    with pytest.raises(ConfigError, match="needs a model: --model"):
        Seq2Seq(Seq2SeqSettings())


def test_an_unknown_family_is_answered_with_the_known_ones():
    with pytest.raises(UnknownNameError, match="Did you mean 'pegasus'"):
        Seq2Seq(settings("x", family="pegasos"))


def test_a_device_that_is_not_here(folder, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="'cuda' is not available here"):
        Seq2Seq(settings(folder("bart"), device="cuda"))
    assert hub.pick_device("auto") in ("cpu", "mps")


def test_a_prefix_that_fills_the_input(folder):
    with pytest.raises(ConfigError, match="no room in an input of 16 tokens"):
        Seq2Seq(settings(folder("t5"), prefix="tell it all " * 9, max_input=16))


def test_the_smallest_room_is_enough(tiny):
    for family in ("bart", "primera", "t5"):
        model = tiny(family, max_input=16)
        assert model.generate([model.row([[5] * model.room(1)])], 4)


def test_a_language_the_model_does_not_know(folder):
    with pytest.raises(ConfigError, match="knows no language 'xx_YY'"):
        Seq2Seq(settings(folder("bart"), language="xx_YY"))


@pytest.mark.parametrize("path", ["./nowhere/at/all", "/nowhere", "~/nothing"])
def test_a_path_that_is_not_there(path: str):
    assert "no such folder" in complaint(path)


def test_no_name_of_anything():
    assert "no such folder" in complaint("two words//here")


def test_a_folder_without_a_model(tmp_path):
    assert "no config.json that names a type of model" in complaint(tmp_path)


def test_a_config_that_is_no_json(copied):
    (copied / "config.json").write_bytes(b"\x00\xff{")
    assert "config" in complaint(copied)


def test_an_unknown_type_of_model(copied):
    (copied / "config.json").write_text('{"model_type": "wonder"}')
    assert "wonder" in complaint(copied)


def test_pickled_weights_are_not_read(copied):
    (copied / "model.safetensors").unlink()
    (copied / "pytorch_model.bin").write_bytes(b"\x80\x04N.")
    assert "no safetensors weights" in complaint(copied)


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"{}"])
def test_damaged_weights(copied, content: bytes):
    (copied / "model.safetensors").write_bytes(content)
    complaint(copied)


def test_weights_cut_short(copied):
    whole = (copied / "model.safetensors").read_bytes()
    (copied / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    complaint(copied)


def test_weights_that_are_missing(copied):
    from safetensors.torch import load_file, save_file

    weights = load_file(copied / "model.safetensors")
    save_file({k: v for k, v in weights.items() if "layers.1" not in k}, copied / "model.safetensors")
    assert "weights are missing" in complaint(copied)


@pytest.mark.parametrize("content", [None, "", "{}", "no json"])
def test_a_tokenizer_that_is_missing_or_damaged(copied, content: str | None):
    for path in copied.iterdir():
        if path.name != "config.json" and path.suffix != ".safetensors" and path.name != "generation_config.json":
            path.unlink()
    if content is not None:
        (copied / "tokenizer.json").write_text(content)
    complaint(copied)


def test_a_tokenizer_of_another_model(copied, folder):
    AutoTokenizer.from_pretrained(folder("mbart")).save_pretrained(copied)
    tokenizer = AutoTokenizer.from_pretrained(copied)
    tokenizer.add_tokens([f"word{n}" for n in range(200)])
    tokenizer.save_pretrained(copied)
    assert "more tokens than the model" in complaint(copied)


def test_an_encoder_is_no_summarizer(tmp_path):
    from transformers import BertConfig, BertModel

    shape = BertConfig(vocab_size=64, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    BertModel(shape).save_pretrained(tmp_path)
    assert "no encoder-decoder" in complaint(tmp_path)


def test_a_causal_model_is_sent_to_chat(tmp_path):
    from transformers import GPT2Config, GPT2LMHeadModel

    GPT2LMHeadModel(GPT2Config(vocab_size=64, n_embd=16, n_layer=1, n_head=2)).save_pretrained(tmp_path)
    assert "--summarizer chat" in complaint(tmp_path)


def test_code_that_comes_with_a_model_is_not_run_unasked(copied):
    config = json.loads((copied / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.OwnConfig", "AutoModelForSeq2SeqLM": "own.Own"}}
    (copied / "config.json").write_text(json.dumps(config))
    (copied / "own.py").write_text(f"open({str(copied / 'ran')!r}, 'w')\n")
    assert "--trust-remote-code" in complaint(copied)
    assert not (copied / "ran").exists()


def test_quantization_without_its_package(folder, monkeypatch):
    for name in ("torchao", "bitsandbytes"):
        for known in [m for m in sys.modules if m.partition(".")[0] == name]:
            monkeypatch.delitem(sys.modules, known)
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("torchao-int8", "bitsandbytes-int8", "bitsandbytes-nf4"):
        with pytest.raises(ModelError, match=r"pip install 'summarize\[quantization\]'"):
            Seq2Seq(settings(folder("bart"), quantization=name))


def test_a_model_that_fails_while_it_writes_is_one_clear_line(tiny, monkeypatch):
    model = tiny("bart")

    def broken(**inputs: Any) -> None:
        raise RuntimeError("a kernel\nwent wrong")

    monkeypatch.setattr(model.model, "generate", broken)
    with pytest.raises(ModelError, match="failed: a kernel went wrong"):
        model.generate([row(model, STORIES[0])], 8)


# The hub


COMMIT = "0123456789" * 4


@pytest.fixture
def cache(folder: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub cache that holds one model, ``town/crier``."""
    home = tmp_path / "hub"
    repository = home / "models--town--crier"
    for part in ("blobs", "refs", f"snapshots/{COMMIT}"):
        (repository / part).mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    for path in folder("bart").iterdir():
        shutil.copy(path, repository / "blobs" / path.name)
        (repository / "snapshots" / COMMIT / path.name).symlink_to(repository / "blobs" / path.name)
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.setattr(f"huggingface_hub.constants.{name}", str(home), raising=False)
    return home


def test_a_model_in_the_cache_is_loaded_without_network(cache, tiny):
    model = Seq2Seq(settings("town/crier", beams=1))
    rows = [row(model, story) for story in STORIES]
    assert model.generate(rows, 8) == tiny("bart", beams=1).generate(rows, 8)
    assert model.facts()["weights"] == COMMIT


def test_offline_and_not_in_the_cache_says_what_is(cache):
    message = complaint("town/herald")
    assert "cannot be reached" in message
    assert "in the cache: town/crier" in message


class _Hub(BaseHTTPRequestHandler):
    """Answers as the hub does for a name it does not know, and for a model behind a gate."""

    def do_HEAD(self) -> None:
        gated = "gated" in self.path
        self.send_response(403 if gated else 401)
        self.send_header("X-Error-Code", "GatedRepo" if gated else "RepoNotFound")
        self.send_header("X-Error-Message", "Access is restricted." if gated else "Repository not found")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def online(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A hub on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
    monkeypatch.setattr(
        "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
        address + "/{repo_id}/resolve/{revision}/{filename}",
    )
    yield
    server.shutdown()
    server.server_close()


def test_a_name_the_hub_does_not_know(online, capfd):
    hub.hub_logging.set_verbosity_info()
    assert "the hub has none of this name" in complaint("town/herald")
    assert hub.hub_logging.get_verbosity() == logging.ERROR
    assert capfd.readouterr() == ("", "")


def test_a_model_behind_a_gate(online):
    message = complaint("town/gated")
    assert "is gated: ask for access at https://huggingface.co/town/gated" in message


# The command line


def test_the_command_writes_with_a_model(folder, capsysbinary, tmp_path):
    (tmp_path / "a.txt").write_text(BRIDGE)
    with pytest.raises(SystemExit) as ended:
        main(["story", str(tmp_path), "-s", "seq2seq", "-m", str(folder("t5")), "--device", "cpu", "-f", "json"])
    assert ended.value.code == 0
    page = json.loads(capsysbinary.readouterr().out)
    assert page["stories"][0]["summary"]["summarizer"] == "seq2seq"
    model = page["signature"]["model"]
    assert (model["family"], model["device"], model["precision"]) == ("t5", "cpu", "float32")
    assert len(model["weights"]) == 64


@pytest.mark.parametrize(
    ("options", "says", "status"),
    [
        (["-s", "seq2seq"], "needs a model", 2),
        (["-s", "seq2seq", "-m", "/nowhere"], "no such folder", 1),
        (["-s", "seq2seq", "-m", "/nowhere", "--long", "cut"], "seq2seq.long", 2),
        (["-s", "lead", "-m", "x"], "--model goes with", 2),
    ],
)
def test_what_is_wrong_is_one_line(options, says, status, capsys, tmp_path):
    (tmp_path / "a.txt").write_text(BRIDGE)
    with pytest.raises(SystemExit) as ended:
        main(["story", str(tmp_path), *options])
    assert ended.value.code == status
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line
