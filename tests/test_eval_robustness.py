"""Changed articles: what each change does to an item, and how the movement of summaries is counted."""

import re
from pathlib import Path

import pytest

from eval.items import Item, Items, read_items
from eval.robustness import CHANGES, MARK, measure, respun, spin, synonyms, vary
from eval.runner import evaluate, with_changes
from eval.settings import DataSettings, EvalSettings, RobustnessSettings
from summarize.documents import Article
from summarize.errors import ConfigError

ROOT = Path(__file__).parent.parent
TEXTS = ("The ferry ran aground on Monday in fog.", "All 40 passengers were taken ashore.", "Divers will look at it.")


def item(identity: str, texts=TEXTS) -> Item:
    articles = tuple(Article(f"{identity}/{n}", f"{identity}: {text}") for n, text in enumerate(texts, 1))
    return Item(identity, articles, ("A ferry ran aground.",))


def changed(one: Item, change: str, others=(), seed: int = 13, draws: int = 1) -> list[Item]:
    return vary(one, [one, *others], 0, RobustnessSettings(changes=(change,), draws=draws), seed)


def texts(one: Item) -> list[str]:
    return [a.text for a in one.articles]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("seed", range(5))
def test_a_changed_item_keeps_its_references_and_has_ids_of_its_own(change, seed):
    (found,) = changed(item("a"), change, [item("b")], seed)
    assert found.id == f"a{MARK}{change}"
    assert found.references == item("a").references
    assert found.gold is None
    assert len({a.id for a in found.articles}) == len(found.articles)
    assert found == changed(item("a"), change, [item("b")], seed)[0]


@pytest.mark.parametrize("seed", range(5))
def test_what_each_change_does(seed):
    one, other = item("a"), item("b")
    before = texts(one)
    (shuffled,) = changed(one, "shuffled", seed=seed)
    assert sorted(texts(shuffled)) == sorted(before)
    assert texts(shuffled) != before
    assert [a.id for a in shuffled.articles] == sorted(a.id for a in shuffled.articles)
    (dropped,) = changed(one, "dropped", seed=seed)
    assert len(dropped.articles) == 2
    assert set(dropped.articles) < set(one.articles)
    (duplicated,) = changed(one, "duplicated", seed=seed)
    assert set(texts(duplicated)) == set(before)
    assert len(duplicated.articles) == 4
    (unrelated,) = changed(one, "unrelated", [other], seed=seed)
    assert texts(unrelated)[:3] == before
    assert texts(unrelated)[3] in texts(other)
    (spun,) = changed(one, "spun", seed=seed)
    assert sum(a != b for a, b in zip(texts(spun), before, strict=True)) <= 1


def test_draws_differ():
    found = changed(item("a", texts=[f"Sentence number {n} of the story." for n in range(40)]), "dropped", draws=3)
    assert [f.id for f in found] == ["a~dropped", "a~dropped.2", "a~dropped.3"]
    assert len({tuple(texts(f)) for f in found}) == 3


def test_a_change_that_an_item_does_not_allow_is_left_out():
    alone = item("a", texts=TEXTS[:1])
    for change in ("shuffled", "dropped", "unrelated"):
        assert changed(alone, change) == []
    assert len(changed(alone, "duplicated")) == 1


def test_a_text_is_spun_word_by_word_with_numbers_and_names_kept():
    assert spin("Police said 40 people died near Lund. The POLICE said so.") == (
        "Constabulary stated 40 persons perished close Lund. The Constabulary stated so."
    )
    for story in read_items(DataSettings(path=ROOT / "eval" / "data" / "stories"))[:3]:
        for article in story.articles:
            other = respun(article)
            assert other.id == article.id
            assert other.title == article.title
            assert re.findall(r"\d+", other.text) == re.findall(r"\d+", article.text)
            before, after = article.text.split(), other.text.split()
            same = sum(w in set(before) for w in after) / len(after)
            assert 0.5 < same < 0.97


def test_every_synonym_is_another_word():
    assert len(synonyms()) > 150
    assert all(word == word.lower() and word != other for word, other in synonyms().items())


def line(summarizer: str, identity: str, sentences: list[str], score: float, cited: str = "a/1", error=None):
    return {
        "item": identity,
        "summarizer": summarizer,
        "text": " ".join(sentences),
        "sentences": [{"text": s, "citations": [{"article": cited}]} for s in sentences],
        "scores": {} if error else {"rouge2.f": score},
        "error": error,
    }


def test_movement_is_counted_against_the_same_summarizer_on_the_unchanged_item():
    lines = [
        line("lead", "a", ["One two.", "Three four."], 0.5),
        line("lead", "a~dropped", ["One two.", "Five six."], 0.25),
        line("lead", "b", ["One two."], 0.5),
        line("lead", "b~dropped", ["One two."], 0.75),
        line("lead", "c", [], 0, error="broken"),
        line("lead", "c~dropped", ["x"], 0.9),
        line("lead", "a~unrelated", ["One two.", "Seven eight."], 0.5, cited="a~unrelated"),
        line("kl", "a~dropped", ["x"], 0.1),
    ]
    moved = measure(lines, RobustnessSettings())
    assert set(moved) == {"lead"}
    dropped = moved["lead"]["dropped"]
    assert dropped["items"] == 2
    assert dropped["unchanged"] == 0.5
    assert dropped["sentences"] == pytest.approx((1 / 3 + 1) / 2)
    assert dropped["words"] == pytest.approx((2 * 2 / 8 + 1) / 2)
    assert dropped["scores"]["rouge2.f"] == {"moved": 0, "moved_abs": 0.25}
    assert (dropped["intruder"], moved["lead"]["unrelated"]["intruder"]) == (0, 1)


def test_without_the_section_nothing_is_changed():
    assert vary(item("a"), [item("a")], 0, None, 13) == []
    assert measure([line("lead", "a", ["One."], 1)], None) is None


def test_a_run_summarises_changed_items_and_counts_them_apart(tmp_path):
    settings = EvalSettings.parse(
        {
            "data": {"path": str(ROOT / "eval" / "data" / "stories")},
            "summarizers": ["lead", "kl"],
            "length": {"words": 60},
            "metrics": {"groups": ["rouge"]},
            "robustness": {"changes": ["shuffled", "duplicated"]},
            "limit": 2,
            "workers": 1,
            "output": str(tmp_path),
        }
    )
    run = evaluate(settings)
    assert len(run.lines) == 2 * 3 * 2
    assert run.failures == ()
    assert run.results["summarizers"]["lead"]["rouge1"]["n"] == 2
    moved = run.results["robustness"]
    # What goes by words alone does not see the order; a copy of an article changes what is frequent.
    assert moved["kl"]["shuffled"]["words"] > moved["lead"]["shuffled"]["words"]
    assert moved["kl"]["shuffled"]["items"] == 2


def test_an_id_with_the_mark_is_refused():
    settings = EvalSettings.parse(
        {"data": {"path": "x"}, "summarizers": ["lead"], "output": "x", "robustness": {"changes": ["spun"]}}
    )
    with pytest.raises(ConfigError, match="'a~b' has '~' in its id"):
        with_changes(Items((item("a~b"),)), settings)
