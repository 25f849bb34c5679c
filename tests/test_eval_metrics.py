"""What is measured besides ROUGE: each figure by a case counted by hand, or against its paper's procedure."""

import json
import shutil
from typing import get_args

import numpy as np
import pytest
from conftest import bag_of_words, story_of
from hypothesis import given
from hypothesis import strategies as st

from eval.items import Gold, GoldSentence, Item, Slice
from eval.metrics import (
    FIGURES,
    METRICS,
    MetricSettings,
    Sample,
    citations,
    facts,
    figure,
    fragments,
    gold,
    redundancy,
    score,
    semantic,
    signature,
)
from eval.metrics.settings import Group
from summarize.documents import Article, Citation, Story, Summary, SummarySentence
from summarize.errors import ModelError

SETTINGS = MetricSettings()
DAM = Article("a", "The dam at Orless broke on Monday. Twelve people died.", "Dam breaks")
RAIN = Article("b", "It had rained for 30 days. “We ran,” said Ada Stone.", source="The Post")


def summary_of(story, *sentences):
    """A summary of (text, quotes) pairs; each quote is looked up in the articles."""
    return Summary(
        story,
        "title",
        "lead",
        tuple(SummarySentence(text, tuple(cite(story, q) for q in quotes), "fused") for text, quotes in sentences),
    )


def cite(story, quote):
    article = next(a for a in story.articles if quote in a.text)
    start = article.text.index(quote)
    return Citation(article.id, start, start + len(quote), quote, 1.0)


def sample_of(*sentences, references=(), marks=None, articles=(DAM, RAIN)):
    texts = tuple(text for text, _ in sentences)
    item = Item("item", tuple(articles), tuple(references), marks)
    summary = summary_of(story_of(*articles), *sentences)
    return Sample(item, " ".join(texts), texts, summary)


def plain_sample(*sentences, references=(), articles=()):
    return Sample(Item("item", tuple(articles), tuple(references)), " ".join(sentences), tuple(sentences))


def test_the_table_and_the_settings_know_the_same_groups():
    assert tuple(METRICS) == get_args(Group) == SETTINGS.groups


def test_a_score_has_every_figure_that_is_known_and_no_other(no_model):
    marks = Gold(attributions=((GoldSentence("The dam broke.", (Slice("a", 0, 34),)),),))
    sample = sample_of(
        ("The dam at Orless broke.", ["The dam at Orless broke on Monday."]),
        ("Twelve people had died.", ["Twelve people died."]),
        references=["The dam broke. Twelve died."],
        marks=marks,
    )
    found = score(sample, SETTINGS, bag_of_words)
    assert {key.partition(".")[0] for key in found} == {*FIGURES, *SETTINGS.rouge}
    assert all(figure(key.partition(".")[0]).label for key in found)


def test_text_of_another_system_without_articles_or_references_is_measured_for_what_it_is():
    found = score(plain_sample("The dam broke.", "It rained."), SETTINGS, bag_of_words)
    assert set(found) == {"words", "sentences", "repeated_trigrams", "similar_sentences"}
    assert score(plain_sample(), SETTINGS, bag_of_words) == {"words": 0, "sentences": 0}


def test_only_the_groups_asked_for_are_measured():
    found = score(plain_sample("The dam broke."), MetricSettings(groups=("length",)), bag_of_words)
    assert found == {"words": 3, "sentences": 1}


def test_the_signature_says_how():
    signed = signature(MetricSettings(stem=False, references="max", support="judge"))
    assert (signed["stemming"], signed["support"]) == ("none", "judge")
    assert signed["references"] == "the reference with the highest F"
    assert "rouge-score 0." in signed["rouge"]


# Fragments


def by_the_paper(summary, article):
    """The procedure of Grusky et al., word by word."""
    found, i = [], 0
    while i < len(summary):
        best, j = 0, 0
        while j < len(article):
            if summary[i] == article[j]:
                k, m = i, j
                while k < len(summary) and m < len(article) and summary[k] == article[m]:
                    k, m = k + 1, m + 1
                best, j = max(best, k - i), m
            else:
                j += 1
        if best:
            found.append(best)
        i += max(best, 1)
    return found


@given(st.lists(st.sampled_from("abc"), max_size=15), st.lists(st.sampled_from("abcd"), max_size=25))
def test_fragments_are_those_of_the_paper(summary, article):
    assert fragments.fragments(summary, article) == by_the_paper(summary, article)


def test_coverage_density_compression_and_novelty():
    sample = plain_sample("The dam at Orless fell.", "Twelve died.", articles=[DAM])
    found = fragments.measure(sample, SETTINGS, bag_of_words)
    # fragments: the dam at orless (4), twelve (1), died (1); "fell" is new
    assert found["coverage"] == 6 / 7
    assert found["density"] == (16 + 1 + 1) / 7
    assert found["compression"] == 10 / 7
    assert found["novel1"] == 1 / 7
    assert found["novel2"] == 2 / 5
    assert found["novel4"] == 1 / 2


def test_nothing_copied_reaches_over_the_end_of_an_article():
    articles = [Article("a", "One two"), Article("b", "three four")]
    found = fragments.measure(plain_sample("One two three four", articles=articles), SETTINGS, bag_of_words)
    assert (found["density"], found["novel2"]) == (2, 1 / 3)


# Redundancy


def test_redundancy_counts_what_is_said_again():
    again = redundancy.measure(plain_sample("A dam broke there.", "A dam broke there."), SETTINGS, bag_of_words)
    assert again == {"repeated_trigrams": 0.5, "similar_sentences": 1}
    fresh = redundancy.measure(plain_sample("A dam broke there.", "Rain fell."), SETTINGS, bag_of_words)
    assert fresh == {"repeated_trigrams": 0, "similar_sentences": 0}


# Meaning


def test_semantic_precision_and_recall_are_means_of_the_nearest():
    vectors = {"Aa fell.": [1, 0], "Bb fell.": [0, 1], "Cc fell.": [0.6, 0.8], "Dd fell.": [-1, 0]}

    def encode(texts):
        return np.array([vectors[t] for t in texts], dtype=np.float32)

    sample = plain_sample("Aa fell.", "Dd fell.", references=["Aa fell. Bb fell."])
    found = semantic.measure(sample, SETTINGS, encode)
    assert found == {"semantic.p": 0.5, "semantic.r": 0.5, "semantic.f": 0.5}
    two = plain_sample("Aa fell.", references=["Aa fell. Bb fell.", "Cc fell."])
    assert semantic.measure(two, MetricSettings(references="max"), encode)["semantic.p"] == 1
    assert semantic.measure(two, SETTINGS, encode)["semantic.p"] == pytest.approx(0.8)
    assert semantic.measure(plain_sample(references=["Aa fell."]), SETTINGS, encode)["semantic.f"] == 0


# Citations


@pytest.mark.parametrize(
    ("supported_by", "expected"),
    [
        ([{"1"}, {"1", "2"}], (1 / 2, 1)),  # the first quote says all, the second nothing that is needed
        ([{"1", "2"}], (1, 1)),  # both are needed
        ([{"1"}, {"2"}, {"1", "2"}], (1, 1)),  # each says all
        ([{"1"}], (0, 0)),  # together they do not support it, as a judge may think
        ([], (0, 0)),
    ],
)
def test_citation_precision_asks_whether_a_quote_says_it_or_is_needed(supported_by, expected):
    found = citations.scores([("s", ("1", "2"))], lambda pairs: [set(quotes) in supported_by for _, quotes in pairs])
    assert (found["citations.p"], found["citations.r"]) == expected


def test_a_sentence_without_citation_is_not_supported():
    found = citations.scores([("s", ("1",)), ("t", ())], lambda pairs: [True for _ in pairs])
    assert found == {"citations.p": 1, "citations.r": 0.5, "citations.f": pytest.approx(2 / 3)}
    assert citations.scores([("t", ())], lambda pairs: [])["citations.f"] == 0


def test_support_is_judged_by_the_verifier_unless_another_is_named(tmp_path):
    good = ("Twelve people died.", ["Twelve people died."])
    bad = ("Thirteen people died.", ["Twelve people died."])
    assert citations.measure(sample_of(good, bad), SETTINGS, bag_of_words)["citations.r"] == 0.5
    with pytest.raises(ModelError, match="cannot load a model from folder"):
        citations.measure(sample_of(good), MetricSettings(support=str(tmp_path)), bag_of_words)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A folder with an untrained classifier of three labels, which always says the one its bias is set to."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("nli")
    words = Tokenizer(WordLevel({"[PAD]": 0, "[UNK]": 1, "dam": 2}, "[UNK]"))
    words.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]", model_max_length=16
    ).save_pretrained(folder)
    model = BertForSequenceClassification(
        BertConfig(
            vocab_size=3,
            hidden_size=8,
            num_hidden_layers=1,
            num_attention_heads=1,
            intermediate_size=8,
            id2label={0: "contradiction", 1: "neutral", 2: "ENTAILMENT"},
            label2id={"contradiction": 0, "neutral": 1, "ENTAILMENT": 2},
        )
    )
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([0.0, 1.0, 2.0]))
    model.save_pretrained(folder)
    return folder


def test_support_may_be_judged_by_any_entailment_model(tiny):
    sample = sample_of(("Dam.", ["The dam at Orless broke on Monday.", "Twelve people died. "[:19]]))
    found = citations.measure(sample, MetricSettings(support=str(tiny)), bag_of_words)
    assert (found["citations.p"], found["citations.r"]) == (1, 1)


def test_a_judge_of_entailment_whose_weights_were_made_up_is_refused(tiny, tmp_path):
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(tiny, tmp_path / "headless")
    weights = {k: v for k, v in load_file(folder / "model.safetensors").items() if not k.startswith("classifier.")}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"2 weights are missing, classifier\.bias among them"):
        citations.load_support(str(folder))


def test_a_model_that_does_not_judge_entailment_is_refused(tiny, tmp_path):

    folder = tmp_path / "other"
    shutil.copytree(tiny, folder)
    config = json.loads((folder / "config.json").read_text())
    config["id2label"]["2"] = "positive"
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="does not judge entailment: its labels are contradiction, neutral, positive"):
        citations.load_support(str(folder))


# Facts


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,300 people and 3.5% of 12m euros", [1300, 3.5, 12_000_000]),
        ("twenty-three of two hundred and five thousand", [23, 205_000]),
        ("a dozen, two dozen, dozens, thousands", [12, 24]),
        ("two-three, one and two, the twenty-first six", [2, 3, 2, 21, 6]),
        ("one hundred thousand and one", [100_001]),
        ("$3.2bn, 3.2 billion, 5 metres", [3_200_000_000, 3_200_000_000, 5]),
        ("the third of the 30-day talks at 7:40 on the 2nd", [3, 30, 7, 40, 2]),
        ("one of the A4 roads, first and second to none", []),
        ("thirteen hundred in the 1990s", [1300, 1990]),
    ],
)
def test_numbers_are_values(text, values):
    assert [float(value) for _, value in facts.numbers(text)] == values


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("On Monday Ada Stone's aide met the U.N. envoy.", ["Monday Ada Stone", "U.N"]),
        ("Ada Stone spoke; Officials from Carrow left.", ["Ada Stone", "Officials", "Carrow"]),
        ("Residents said: “Nobody came,” but I did.", []),
        ("The Red Cross, Médecins Sans Frontières and O'Hara", ["Red Cross", "Médecins Sans Frontières", "O'Hara"]),
    ],
)
def test_names_are_runs_of_capitals(text, names):
    assert facts.names(text) == names


@pytest.mark.parametrize(
    ("sentence", "source", "missing"),
    [
        ("Twelve died, 1,300 fled.", "12 died and 1.3 thousand fled", []),
        ("Thirteen died.", "12 died.", ["Thirteen"]),
        ("In Orless, Ada Stone wept.", "ada STONE of Orless", []),
        ("There was Bert Stone.", "Ada Stone", ["Bert Stone"]),
        ("The UN and the Lethian army left on Feb. 3.", "United Nations; Lethia; February 3", []),
        ("In Trans-Ildar the pipe burst.", "the trans Ildar line", []),
        ("She said “we ran … home”.", 'He said: "We ran, all of us, HOME."', []),
        ("She said “we walked home”.", "we ran home", ["we walked home"]),
        ('He called it "a first', "a first step", []),
        ('He called it "a last', "a first step", ["a last"]),
    ],
)
def test_what_no_source_holds(sentence, source, missing):
    found = facts.unheld(sentence, facts.Source.of(source))
    assert [text for kind in facts.KINDS for text in found[kind]] == missing


@given(st.text(alphabet="Aa bé1,.2%'\"“”-\n5m", max_size=60))
def test_a_text_holds_itself(text):
    assert not any(facts.unheld(text, facts.Source.of(text)).values())


def test_facts_are_counted_against_citations_and_against_articles():
    sample = sample_of(
        ("Twelve people died after 30 days.", ["Twelve people died."]),
        ("Then Bert Stone said “we ran”.", ["“We ran,” said Ada Stone."]),
    )
    found = facts.measure(sample, SETTINGS, bag_of_words)
    assert (found["unsupported_numbers"], found["invented_numbers"]) == (50, 0)
    assert (found["unsupported_names"], found["invented_names"]) == (50, 50)
    assert (found["unsupported_quotations"], found["invented_quotations"]) == (0, 0)


def test_nothing_of_the_audit_comes_from_what_it_audits():
    import inspect

    imports = [line for line in inspect.getsource(facts).splitlines() if line.startswith(("from ", "import "))]
    ours = [line for line in imports if "summarize" in line]
    assert ours == ["from summarize.models import Encode"]


# Sources and marks


def test_copies_of_one_report_are_one_independent_source():
    story = Story("s", (DAM, RAIN), (("a", "b"),))
    summary = summary_of(story, ("x", ["Twelve people died.", "It had rained for 30 days."]))
    sample = Sample(Item("i", story.articles, ()), "x", ("x",), summary)
    found = METRICS["sources"](sample, SETTINGS, bag_of_words)
    assert found == {"sources": 2, "independent_sources": 1}


def test_what_was_cut_away_counts_for_no_citation():
    sample = sample_of(("x", ["Twelve people died."]), ("y", ["It had rained for 30 days."]))
    cut = Sample(sample.item, "x", ("x",), sample.summary)
    assert METRICS["sources"](cut, SETTINGS, bag_of_words)["sources"] == 1


def test_citations_are_compared_with_the_marked_sources():
    marks = Gold(
        attributions=(
            (
                GoldSentence("The dam broke.", (Slice("a", 0, 34),)),
                GoldSentence("Twelve died.", (Slice("a", 35, 54), Slice("b", 0, 26))),
            ),
            (GoldSentence("They ran.", (Slice("b", 27, 52),)),),
        )
    )
    sample = sample_of(("x", ["Twelve people died."]), ("y", ["dam at Orless broke"]), references="rs", marks=marks)
    both = gold.measure(sample, SETTINGS, bag_of_words)
    assert both == {
        "gold.p": 0.5,
        "gold.r": pytest.approx(1 / 3),
        "gold.f": pytest.approx(0.4),
        "gold_covered": 0.5,
    }
    best = gold.measure(sample, MetricSettings(references="max"), bag_of_words)
    assert (best["gold.p"], best["gold.r"], best["gold_covered"]) == (1, 2 / 3, 1)


def test_half_of_the_shorter_slice_must_be_shared():
    marks = Gold(attributions=((GoldSentence("g", (Slice("a", 0, 10),)),),))
    for start, same in ((5, 1), (6, 0)):
        found = gold.measure(
            Sample(
                Item("i", (DAM,), ("r",), marks),
                "x",
                ("x",),
                Summary(
                    story_of(DAM),
                    "t",
                    "lead",
                    (SummarySentence("x", (Citation("a", start, start + 40, "q", 1.0),), "fused"),),
                ),
            ),
            SETTINGS,
            bag_of_words,
        )
        assert found["gold.p"] == same
