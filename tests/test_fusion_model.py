"""The fusion model: saving, decoding, and the rules no output may break."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from summarize.errors import ModelError
from summarize.models.fusion import (
    FUNCTION_WORDS,
    NEVER_CLOSED,
    Candidate,
    FusionConfig,
    FusionModel,
    normalise,
    ratio_bucket,
    stem,
)
from summarize.models.fusion_decoding import prepare, word_spans
from summarize.models.minilm import load_tokenizer
from summarize.training.fusion import ClosedVocabulary

CLAIMS = [
    [
        "The council of Harwick voted on Tuesday to close the old Mill Bridge for 30 days after "
        "engineers found cracks in its supports.",
        "Harwick\u2019s council has agreed to shut Mill Bridge for 30 days, officials said, after cracks were found.",
        "MILL BRIDGE will be closed for 30 days, Mayor Anna Lind told reporters.",
    ],
    [
        "The firm Orbel said the repairs would cost $1.3 million and \u201ccould take until March "
        "18\u201d, according to the mayor.",
        'Repairs may cost $1.3 million, Mayor Anna Lind said, calling it "a heavy bill".',
    ],
    ["Some 1,300 people from the U.S. signed a well-known petition, Dr. Ebba Roos said on Monday."],
]


def table(size: int) -> Tensor:
    """Random word embeddings, the same every time."""
    return torch.randn(30522, size, generator=torch.Generator().manual_seed(5)) * 0.1


def tiny(seed: int = 0, size: int = 32, **changes: int) -> FusionModel:
    """A small model with random weights."""
    torch.manual_seed(seed)
    words = sorted(w for w in FUNCTION_WORDS if load_tokenizer().token_to_id(w) is not None)
    closed = ClosedVocabulary.from_words([*words, "agree", "closing"], load_tokenizer())
    config = FusionConfig(
        closed_ids=closed.ids,
        hidden_size=size,
        num_attention_heads=4,
        intermediate_size=2 * size,
        encoder_layers=1,
        decoder_layers=1,
        **{"max_target_pieces": 48, **changes},
    )
    model = FusionModel(config)
    model.use_words(table(size))
    with torch.no_grad():  # random, but with a taste for running on, as any trained one has
        model.continue_bias.bias.copy_(torch.tensor([3.0, 2.0, 1.0, 1.0, -2.0]))
    return model.eval()


def check(candidate: Candidate, sources: list[str]) -> None:
    """The promises of a candidate."""
    text = candidate.text
    assert re.search(r"\.[\"\u201d]?$", text)
    assert text.count('"') % 2 == 0
    assert text.count("\u201c") == text.count("\u201d")
    assert text[0].isupper() or not text[0].isalpha()
    spans = [word_spans(normalise(s)) for s in sources]
    for word in candidate.words:
        assert text[word.start : word.end] == word.text
        if word.source is None:
            assert word.text.lower() in FUNCTION_WORDS | {"agree", "closing"}
            continue
        a, b = word.source_start, word.source_end
        assert a is not None and b is not None
        assert sources[word.source][a:b].lower() == word.text.lower()
        # A copied word is a whole word of the source, or one without its possessive ending.
        assert any(
            x == a and (y == b or normalise(sources[word.source][b:y]) in ("'s", "'")) for x, y in spans[word.source]
        )
    for quoted in re.findall(r'["\u201c]([^"\u201d]*)["\u201d]', text):
        assert any(quoted.strip(" ,.").lower() in s.lower() for s in sources), quoted


@pytest.mark.parametrize("seed", range(6))
def test_every_candidate_keeps_the_promises(seed: int) -> None:
    found = 0
    for claim, candidates in zip(CLAIMS, tiny(seed).fuse(CLAIMS, ratio=[0.5, 0.8, 1.1], beams=4), strict=True):
        for candidate in candidates:
            check(candidate, claim)
            found += 1
        assert list(candidates) == sorted(candidates, key=lambda c: -c.score)
    assert found


def test_a_claim_alone_and_in_a_batch_reads_the_same() -> None:
    model = tiny(3)
    together = model.fuse(CLAIMS, beams=4)
    alone = [model.fuse([claim], beams=4)[0] for claim in CLAIMS]
    assert [[c.text for c in cs] for cs in together] == [[c.text for c in cs] for cs in alone]
    assert together == model.fuse(CLAIMS, beams=4)


def test_length_limits_hold() -> None:
    for candidates in tiny(1).fuse(CLAIMS, beams=4, min_words=6, max_words=12):
        for candidate in candidates:
            plain = [w for w in candidate.words if " " not in w.text]
            assert len(candidate.words) >= 6
            assert len(plain) <= 24  # a quotation that is open may be finished


def test_save_and_load_give_the_same_model(tmp_path: Path) -> None:
    model = tiny(2)
    model.save_pretrained(tmp_path)
    assert (tmp_path / "model.safetensors").exists()
    again = FusionModel.from_pretrained(tmp_path)
    again.use_words(table(32))
    for name, value in model.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    assert model.fuse(CLAIMS, beams=2) == again.fuse(CLAIMS, beams=2)


def test_bad_input_is_refused() -> None:
    model = tiny()
    with pytest.raises(ValueError, match="at least one source"):
        model.fuse([[]])
    with pytest.raises(ValueError, match="at most 6 sources"):
        model.fuse([["A sentence."] * 7])
    with pytest.raises(ValueError, match="source 1 is empty"):
        model.fuse([["A sentence.", "  "]])
    with pytest.raises(ValueError, match="2 claims but 1 ratios"):
        model.fuse(CLAIMS[:2], ratio=[0.5])
    assert model.fuse([]) == []


def test_embeddings_of_another_file_are_refused() -> None:
    model = FusionModel(FusionConfig(encoder_layers=1, decoder_layers=1, words_sha256="0" * 64))
    with pytest.raises(ModelError, match="SHA-256"):
        _ = model.words


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no fusion model"):
        FusionModel.from_pretrained(tmp_path)
    FusionConfig().save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ModelError, match="holds no fusion model"):
        FusionModel.from_pretrained(tmp_path)


def test_too_many_pieces_leave_later_sources_out() -> None:
    claim = prepare(["One two three."] * 3, tiny(max_source_pieces=12))
    assert claim.sentence.max() == 1
    cut = prepare(["word " * 50], tiny(max_source_pieces=12))
    assert len(cut.ids) == 12


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_normalising_keeps_every_offset(text: str) -> None:
    plain = normalise(text)
    assert len(plain) == len(text)
    for a, b in word_spans(plain):
        assert 0 <= a < b <= len(text)
        assert plain[a:b].strip() == plain[a:b]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It cost $3.2 billion in 2021.", ["It", "cost", "$3.2 billion", "in", "2021"]),
        ("About 1,300 guided bombs fell.", ["About", "1,300 guided", "bombs", "fell"]),
        ("A 10-day strike, of 10 days.", ["A", "10-day", "strike", "of", "10 days"]),
        ('The U.S. said "no deal" on March 18.', "The|U.S.|said|no|deal|on|March 18".split("|")),
        ("They left for the U.S.", ["They", "left", "for", "the", "U.S."]),
        ("Some 10.5 per cent (or so) left.", ["Some", "10.5 per cent", "or", "so", "left"]),
        ("It came late. Gov. Roe left.", ["It", "came", "late", "Gov.", "Roe", "left"]),
        ("Ana's plan \u2014 the boys' plan.", ["Ana's", "plan", "the", "boys'", "plan"]),
    ],
)
def test_words_are_whole(text: str, words: list[str]) -> None:
    text = normalise(text)
    assert [text[a:b] for a, b in word_spans(text)] == words


def test_quotations_open_and_close_once() -> None:
    def quoted(text: str) -> str:
        claim = prepare([text], tiny())
        return " ".join(text[a:b] for a, b, q in zip(claim.starts, claim.ends, claim.quoted, strict=True) if q)

    assert quoted('He said "go now" to her.') == "go now"
    assert quoted('"We name "Mad Ox" Moss," he said.') == "Mad Ox"
    assert quoted("It was \u201cgood, adding: \u201cWe go.\u201d") == "We go ."
    assert quoted('It was "good.') == ""


def test_the_first_person_stays_in_quotation_marks() -> None:
    claim = prepare(["We told US officials that our plan worked for us."], tiny())
    starts = [claim.texts[0][claim.starts[p] : claim.ends[p]] for p in claim.can_start.nonzero()[0]]
    assert starts == ["told", "US", "officials", "that", "plan", "worked", "for", "."]


def test_single_quotation_marks_pair_up() -> None:
    assert normalise("He said \u2018go now\u2019 to Ana\u2019s son.") == 'He said "go now" to Ana\'s son.'
    assert normalise("It's the boys' dog.") == "It's the boys' dog."


def test_inflections_share_a_stem() -> None:
    assert len({stem(w) for w in ("agree", "agreed", "agrees", "agreeing", "agreement")}) == 1
    assert stem("halting") == stem("halt") != stem("hall")
    assert stem("employer") != stem("employee")


def test_length_buckets_rise() -> None:
    assert [ratio_bucket(r) for r in (0.3, 0.5, 0.7, 0.8, 1.0, 2.0)] == [0, 1, 2, 3, 4, 5]


def test_the_function_words_turn_no_statement_round() -> None:
    assert not FUNCTION_WORDS & NEVER_CLOSED
    assert not {"not", "no", "never", "may", "would", "before", "because", "he", "two"} & FUNCTION_WORDS


@pytest.fixture(scope="module")
def shipped() -> FusionModel:
    return FusionModel.shipped()


def test_shipped_weights_write_a_faithful_sentence(shipped: FusionModel) -> None:
    (candidates,) = shipped.fuse([CLAIMS[0]], ratio=0.9)
    assert candidates
    known = {w.lower().removesuffix("'s") for s in CLAIMS[0] for w in re.findall(r"[\w.-]*\w", normalise(s))}
    for candidate in candidates:
        check_shipped(candidate, CLAIMS[0], known)
    best = candidates[0].text
    assert "30 days" in best
    assert "Mill Bridge" in best
    assert 8 <= len(best.split()) <= 30


def check_shipped(candidate: Candidate, sources: list[str], known: set[str]) -> None:
    """Names and numbers of the candidate stand in its sources; copied words are slices of them."""
    for word in candidate.words[1:]:
        if word.source is None:
            assert word.text.islower()
            continue
        assert sources[word.source][word.source_start : word.source_end].lower() == word.text.lower()
    for name in re.findall(r"[A-Z]\w+|\d[\w,.]*\w", candidate.text):
        assert name.lower() in known | {w.lower() for w in FUNCTION_WORDS}


def test_shipped_closed_vocabulary_holds_no_names_and_no_digits(shipped: FusionModel) -> None:
    tokenizer = load_tokenizer()
    words = [tokenizer.id_to_token(i) for i in shipped.config.closed_ids[1:]]
    assert 100 < len(words) < 5000
    assert not [w for w in words if any(c.isdigit() for c in w) or w.startswith("##")]
    assert not set(words) & (NEVER_CLOSED - FUNCTION_WORDS)
    assert not {"trump", "london", "smith", "america", "american"} & set(words)


def test_shipped_weights_fit_their_size() -> None:
    import summarize.models.fusion as module

    folder = Path(module.__file__).parent / "weights" / "fusion"
    assert sum(f.stat().st_size for f in folder.iterdir()) <= 40 * 2**20
    assert "words" not in FusionModel.shipped().state_dict()


@pytest.mark.parametrize(
    "text",
    [
        "Marla Venn Fans Ask Harbour Council To Headline Summer Pier Concert After Closing Regatta Show",
        "FERRY AGROUND",
        "no capital and no mark",
        "“…”",
        "12 34 56",
    ],
)
def test_headlines_and_fragments_are_read_like_sentences(shipped: FusionModel, text: str) -> None:
    found = shipped.fuse([[text], [text, text]], beams=4)
    assert len(found) == 2
