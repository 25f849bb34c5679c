"""Our ROUGE is rouge-score's, digit for digit; what it adds is pinned by small cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from eval.metrics import rouge
from eval.metrics.settings import MetricSettings

TYPES = ("rouge1", "rouge2", "rouge3", "rougeL", "rougeLsum")
few_words = st.lists(
    st.sampled_from("the a of runs running ran dogs Dog's U.S. 12 3.5% naïve the".split()), max_size=30
)
sentence = few_words.map(" ".join)
sentences = st.lists(sentence, max_size=6)
untidy = st.text(alphabet="ab cd.\n\u2028\"'”—é7İß", max_size=80)


def direct(types, reference, text, stem, split=False):
    """Scores by rouge-score; for rougeLsum of the texts split into lines by our splitter."""
    if split:
        reference = "\n".join(rouge.lines(reference))
    return RougeScorer(types, use_stemmer=stem).score(reference, text)


@given(st.one_of(sentence, untidy), st.one_of(sentence, untidy), st.booleans())
def test_scores_of_whole_texts_are_those_of_rouge_score(reference, text, stem):
    ours = rouge.score(reference, [text], TYPES[:-1], lambda t: rouge.tokens(t, stem))
    assert ours == direct(TYPES[:-1], reference, text, stem)


@given(sentences, sentences, st.booleans())
def test_rouge_lsum_is_that_of_rouge_score_on_our_sentences(reference, summary, stem):
    reference_text = "\n".join(reference)
    ours = rouge.score(reference_text, summary, ("rougeLsum",), lambda t: rouge.tokens(t, stem))
    assert ours == direct(("rougeLsum",), reference_text, "\n".join(summary), stem, split=True)


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.lists(st.sampled_from("abcde"), max_size=40))
def test_the_subsequence_is_the_one_rouge_score_reads_out(reference, summary):
    from rouge_score.rouge_scorer import lcs_ind

    found = rouge._subsequence(rouge._places(reference), (1 << len(reference)) - 1, tuple(summary))
    indices = [i for i in range(len(reference)) if found >> i & 1]
    assert indices == lcs_ind(reference, summary)
    assert rouge.lcs_length(reference, summary) == len(indices)


@given(st.lists(st.one_of(sentence, untidy), min_size=1, max_size=3), sentences, st.sampled_from(["mean", "max"]))
def test_several_references_are_averaged_or_the_best_is_taken(references, summary, how):
    settings = MetricSettings(rouge=TYPES[:-1], references=how)
    ours = rouge.scores(references, summary, settings)
    scorer = RougeScorer(settings.rouge, use_stemmer=True)
    text = " ".join(summary)
    for name in settings.rouge:
        if how == "max":
            wanted = scorer.score_multi(references, text)[name].fmeasure
            assert ours[f"{name}.f"] == wanted
        else:
            each = [scorer.score(r, text)[name].recall for r in references]
            assert ours[f"{name}.r"] == pytest.approx(sum(each) / len(each), abs=1e-15)


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=100), st.booleans())
def test_the_unicode_tokenizer_is_rouge_scores_on_ascii(text, stem):
    assert rouge.tokens(text, stem, "unicode") == rouge.tokens(text, stem, "rouge")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Café d'été", ("café", "d", "été")),
        ("Вода поднялась", ("вода", "поднялась")),
        ("हिन्दी में", ("हिन्दी", "में")),
        ("東京は3日", ("東", "京", "は", "3", "日")),
        ("ภาษาไทย", ("ภ", "า", "ษ", "า", "ไ", "ท", "ย")),
        ("Cafe\u0301", ("café",)),
    ],
)
def test_the_unicode_tokenizer_knows_other_scripts(text, tokens):
    assert rouge.tokens(text, True, "unicode") == tokens


def test_other_scripts_score_nothing_unless_asked_for():
    same = ["Вода поднялась ночью."]
    assert rouge.scores(same, same, MetricSettings())["rouge1.f"] == 0
    assert rouge.scores(same, same, MetricSettings(tokenizer="unicode"))["rougeLsum.f"] == 1


def test_rouge_lsum_is_not_computed_on_unsplit_text():
    reference = "The dam broke. Two villages flooded."
    turned = ["Two villages flooded.", "The dam broke."]
    found = rouge.scores([reference], turned, MetricSettings())
    assert found["rougeLsum.f"] == 1
    assert found["rougeL.f"] == 0.5


def test_without_references_nothing_is_scored():
    assert rouge.scores([], ["A dam broke."], MetricSettings()) == {}
