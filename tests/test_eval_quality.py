"""The quality command: what is counted and tested, what readers are given, and what is made of their verdicts."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.items import Item, read_items
from eval.metrics.settings import StatisticsSettings
from eval.quality import agreement, reading, scores, tables
from eval.quality.__main__ import main
from eval.quality.counts import Counts, count
from eval.quality.sets import SETS, plan
from summarize.documents import Article
from summarize.errors import ConfigError, UnknownNameError

FERRY = Article("f/1", "A ferry ran aground near Lund on Monday.\nAll 40 passengers were taken ashore.", source="Wire")
STORM = Article("f/2", "The ferry Alba ran aground near Lund, its owner said.", title="Ferry aground")
ITEM = Item("f", (FERRY, STORM), ("A ferry ran aground near Lund. All 40 aboard are safe.",))
FEW = StatisticsSettings(resamples=200, trials=1000)


def cited(text, *articles, origin="fused"):
    """A sentence that cites each of the articles whole."""
    citations = [{"article": a.id, "start": 0, "end": len(a.text), "quote": a.text, "score": 1.0} for a in articles]
    return {"text": text, "citations": citations, "origin": origin, "replaced": 0}


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def complaint(capsys, *arguments):
    """The exit status of a command and the one line it complains in."""
    with pytest.raises(SystemExit) as end:
        main([str(a) for a in arguments])
    return end.value.code, capsys.readouterr().err.strip()


# -- sets ----------------------------------------------------------------------------------------------------------


def test_the_stories_are_measured_without_a_folder_of_data(tmp_path):
    planned = plan(None, tmp_path)
    assert list(planned.settings) == ["stories"]
    assert [s.path for s in planned.left_out] == ["neus", "attribute_first", "circa"]
    assert planned.settings["stories"].words == 150


def test_the_lengths_are_the_nearest_to_the_references_of_the_stories(tmp_path):
    items = read_items(plan(None, tmp_path).settings["stories"].data)
    words = [len(reference.split()) for item in items for reference in item.references]
    assert min((75, 150, 250), key=lambda n: abs(n - sum(words) / len(words))) == SETS["stories"].words


def test_a_set_without_its_file_is_listed(tmp_path):
    (tmp_path / "neus").mkdir()
    (tmp_path / "neus" / "val.jsonl").touch()
    planned = plan(tmp_path, tmp_path / "out", sets=["neus", "circa"])
    assert list(planned.settings) == ["neus"]
    assert planned.left_out[0].path == "circa" and "mds_dev/circa.jsonl" in planned.left_out[0].reason


def test_unknown_sets_and_summarizers_are_answered_with_the_known_ones(tmp_path):
    with pytest.raises(UnknownNameError, match=r"Did you mean 'neus'"):
        plan(tmp_path, tmp_path, sets=["news"])
    with pytest.raises(ConfigError, match=r"Did you mean 'lexrank'"):
        plan(None, tmp_path, summarizers=["lexrnk"])
    with pytest.raises(ConfigError, match=r"no set to measure on: circa: there is no"):
        plan(tmp_path, tmp_path, sets=["circa"])


# -- counts --------------------------------------------------------------------------------------------------------


def test_copied_sentences_and_sentences_of_several_articles_are_counted():
    counts = count(
        ITEM,
        [
            cited("A ferry  ran aground near Lund on Monday.", FERRY, STORM, origin="extracted"),
            cited("All passengers were taken ashore.", FERRY, FERRY),
        ],
    )
    assert (counts.sentences, counts.verbatim, counts.several, counts.words) == (2, 1, 1, 13)
    assert counts.origins == {"extracted": 1, "fused": 1}
    assert counts.facts == ()


def test_facts_that_no_cited_quote_holds_are_listed_and_those_of_no_article_are_invented():
    counts = count(
        ITEM,
        [
            cited("The ferry Alba ran aground near Lund.", FERRY),
            cited("All 41 passengers spoke of a “miracle”.", FERRY, STORM),
        ],
    )
    assert [(f.place, f.kind, f.text, f.invented) for f in counts.facts] == [
        ("f/1", "names", "Alba", False),
        ("f/2", "numbers", "41", True),
        ("f/2", "quotations", "miracle", True),
    ]
    shown = counts.to_dict()
    assert (shown["unsupported_names"], shown["invented_names"], shown["invented_numbers"]) == (1, 0, 1)


def test_counts_add_up():
    one = count(ITEM, [cited("The ferry Alba ran aground.", FERRY), cited(STORM.text, STORM, origin="extracted")])
    total = Counts.total([one, one, count(ITEM, [])])
    assert (total.sentences, total.verbatim, total.words, len(total.facts)) == (4, 2, 2 * one.words, 2)
    assert total.origins == {"extracted": 2, "fused": 2}
    assert total.to_dict()["verbatim"] == total.to_dict()["fused"] == 0.5


# -- tests ---------------------------------------------------------------------------------------------------------


def one_metric(**by_label):
    """ROUGE-2 as told, the other metrics the same."""
    return {metric: {k: np.array(v, dtype=float) for k, v in by_label.items()} for metric in scores.ROUGE}


def test_the_tested_one_is_compared_with_each_rival_but_the_oracle():
    worse = [0.1] * 12
    found = scores.tests(
        [one_metric(fusion=[0.3] * 12, lead=worse, lexrank=[0.2, 0.4] * 6, oracle=[0.9] * 12)], "fusion", FEW, 13
    )
    by_rival = {test["rival"]: test for test in found if test["metric"] == "rouge2"}
    assert set(by_rival) == {"lead", "lexrank"}
    assert by_rival["lead"]["difference"] == pytest.approx(0.2)
    assert by_rival["lead"]["ci95"] == pytest.approx([0.2, 0.2])
    assert by_rival["lead"]["different"] and by_rival["lead"]["p"] < by_rival["lead"]["p_holm"] < 0.05
    assert not by_rival["lexrank"]["different"]
    assert by_rival["lexrank"]["p"] == by_rival["lexrank"]["p_holm"] == 1


def test_every_set_has_the_same_weight_in_the_mean():
    small, large = one_metric(fusion=[0.6] * 3, lead=[0.2] * 3), one_metric(fusion=[0.3] * 30, lead=[0.4] * 30)
    test = next(t for t in scores.tests([small, large], "fusion", FEW, 13) if t["metric"] == "rouge1")
    assert test["difference"] == pytest.approx((0.4 - 0.1) / 2)
    assert test["n"] == 33
    assert "ci95" not in test


def test_a_failed_summary_counts_in_no_pair():
    found = scores.tests([one_metric(fusion=[0.5, np.nan, 0.5], lead=[0.4, 0.9, np.nan])], "fusion", FEW, 13)
    assert found[0]["difference"] == pytest.approx(0.1)
    assert found[0]["n"] == 1


def test_nobody_is_tested_who_was_not_measured():
    assert scores.tests([one_metric(lead=[0.1], lexrank=[0.2])], "fusion", FEW, 13) == []


def test_tables_line_up():
    text = list(tables.table(["who", "score"], [["lead", "1.00"], ["lexrank", "12.00"]]))
    assert len({len(line) for line in text}) == 1
    assert text[1].endswith(":|") and text[3].startswith("| lexrank |")


# -- what readers are given ----------------------------------------------------------------------------------------


def sentences_of(name, number, origin):
    return [
        reading.Drawn(f"{name}/f/{i}", ITEM, cited(f"{name} {origin} {i}", FERRY, origin=origin)) for i in range(number)
    ]


@given(st.integers(1, 30), st.integers(0, 8), st.integers(0, 8), st.integers(0, 8), st.integers(0, 3))
def test_fused_sentences_go_first_and_the_sets_take_turns(number, small, large, compressed, seed):
    written = {
        "a": sentences_of("a", small, "fused") + sentences_of("a", compressed, "compressed"),
        "b": sentences_of("b", large, "fused") + sentences_of("b", 5, "extracted"),
    }
    drawn = reading.draw(written, number, seed)
    origins = [d.sentence["origin"] for d in drawn]
    assert len(drawn) == min(number, small + large + compressed)
    assert origins.count("fused") == min(number, small + large)
    assert "extracted" not in origins
    assert len({d.sentence["text"] for d in drawn}) == len(drawn)
    fused = [d.id[0] for d in drawn if d.sentence["origin"] == "fused"]
    a, b = fused.count("a"), fused.count("b")
    assert a == small or a >= b - 1
    assert b == large or b >= a - 1
    assert drawn == reading.draw(written, number, seed)


def test_the_same_sentence_is_judged_once():
    twice = [replace(one, id=f"{one.id}{n}") for one in sentences_of("a", 1, "fused") for n in "xy"]
    assert len(reading.draw({"a": twice}, 10, 13)) == 1


def stories(number):
    """Items of two sets, and for each three summaries that differ."""
    items = {name: [replace(ITEM, id=f"{name}{i}") for i in range(number)] for name in ("a", "b")}
    texts = {
        name: {i.id: {who: f"{who} on {i.id}" for who in ("fusion", "claims", "lead")} for i in told}
        for name, told in items.items()
    }
    return texts, items


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 5))
def test_pairs_have_each_story_once_and_as_many_with_each_rival(number, size, seed):
    texts, items = stories(size)
    found = reading.match(texts, items, "fusion", ("claims", "lead"), number, seed)
    assert len({p.story for p in found}) == len(found) == 2 * min(number, size)
    for rival in ("claims", "lead"):
        assert sum(rival in p.writers for p in found) == len(found) / 2
    for p in found:
        assert "fusion" in p.writers
        assert p.texts == tuple(f"{who} on {p.story.partition('/')[2]}" for who in p.writers)


def test_both_sides_are_used_and_both_sets_meet_both_rivals():
    texts, items = stories(30)
    found = reading.match(texts, items, "fusion", ("claims", "lead"), 20, 13)
    assert {p.writers.index("fusion") for p in found} == {0, 1}
    assert len({(p.story[0], rival) for p in found for rival in p.writers if rival != "fusion"}) == 4


def test_equal_summaries_and_stories_that_one_has_not_told_make_no_pair():
    texts, items = stories(1)
    texts["a"]["a0"]["lead"] = texts["a"]["a0"]["fusion"]
    del texts["b"]["b0"]["claims"]
    assert reading.match(texts, items, "fusion", ("claims", "lead"), 5, 13) == []


WIRE = (
    "A ferry ran aground near {town} on Monday night. Its crew of {crew} left it in two boats and reached the shore. "
    "The owner, Anna Berg, said the ship was old and would not sail again. She bought it six years ago from a company "
    "that has since been closed. The harbour was shut for the night."
)
LOCAL = (
    "The {town} ferry lies on a rock within sight of the beach. Nobody was hurt when it struck. Divers will look at "
    "the hull on Friday, the coast guard said, if the wind allows. Shops near the harbour stayed open for those who "
    "came to see it. A tug is on its way from the south and should arrive by noon."
)


# -- the commands --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run of cheap summarizers on five stories, half of whose sentences are marked as written."""
    folder = tmp_path_factory.mktemp("quality")
    (folder / "data" / "neus").mkdir(parents=True)
    towns = ("Lund", "Malby", "Torvik", "Esker", "Halm")
    records = [
        {
            "id": f"story-{i}",
            "articles": [
                {"source": "Wire", "title": f"{town} ferry", "text": WIRE.format(town=town, crew=i + 12)},
                {"text": LOCAL.format(town=town)},
            ],
            "summaries": [f"The {town} ferry ran aground and its crew left it."],
        }
        for i, town in enumerate(towns)
    ]
    (folder / "data" / "neus" / "val.jsonl").write_text(lines(*records))
    main_arguments = [
        "--data", folder / "data", "--sets", "neus,circa", "--summarizers", "lead,random,oracle", "--tested", "random",
        "--output", folder / "run", "--workers", "1", "--quiet",
    ]  # fmt: skip
    with pytest.raises(SystemExit) as end:
        main([str(a) for a in main_arguments])
    assert end.value.code == 0
    path = folder / "run" / "neus" / "items.jsonl"
    written = [json.loads(line) for line in path.read_text().splitlines()]
    for line in written:
        for n, sentence in enumerate(line["sentences"]):
            sentence["origin"] = ("fused", "extracted")[n % 2]
    path.write_text(lines(*written))
    return folder / "run"


def test_a_run_writes_scores_with_their_signature(run):
    found = json.loads((run / "quality.json").read_text())
    lead = found["sets"]["neus"]["summarizers"]["lead"]
    assert lead["verbatim"] == 1 and lead["unsupported_names"] == 0 and lead["seconds"] > 0
    assert 0 < lead["rouge2"]["f"] < found["sets"]["neus"]["summarizers"]["oracle"]["rouge2"]["f"]
    assert {t["rival"] for t in found["sets"]["neus"]["tests"]} == {"lead"}
    assert found["left_out"][0]["path"] == "circa"
    text = (run / "quality.md").read_text()
    assert "5 stories, 10 articles, data " in text and "75 words asked for" in text
    assert "### random minus each other one" in text
    assert (run / "unsupported.jsonl").read_text() == ""


def test_scores_are_those_of_the_harness(run):
    found = json.loads((run / "quality.json").read_text())["sets"]["neus"]["summarizers"]
    results = json.loads((run / "neus" / "results.json").read_text())["summarizers"]
    for label, row in results.items():
        for metric in scores.ROUGE:
            assert {k: found[label][metric][k] for k in ("p", "r", "f", "ci95")} == {
                k: row[metric][k] for k in ("p", "r", "f", "ci95")
            }


def test_sentences_are_drawn_with_what_they_cite_and_without_scores(run, tmp_path, capsys):
    status, _ = complaint(capsys, "sample", "--run", run, "--out", tmp_path / "out", "--summarizer", "lead", "-n", "7")
    assert status == 0
    about, *blanks = [
        json.loads(line) for line in (tmp_path / "out" / "sentences-verdicts.jsonl").read_text().splitlines()
    ]
    assert about["about"]["kind"] == "sentences" and about["about"]["number"] == len(blanks) == 7
    page = (tmp_path / "out" / "sentences.md").read_text()
    written = {
        f"neus/{line['item']}/{n}": sentence
        for line in map(json.loads, (run / "neus" / "items.jsonl").read_text().splitlines())
        if line["summarizer"] == "lead"
        for n, sentence in enumerate(line["sentences"], 1)
    }
    for blank in blanks:
        sentence = written[blank["id"]]
        assert sentence["origin"] == "fused"
        assert blank["sha256"] == reading.short_hash(sentence["text"])
        assert f"> {sentence['text']}\n" in page
        assert all(f"**{c['quote']}**" in page for c in sentence["citations"])
    assert "score" not in page and "lead" not in page


def test_what_readers_get_is_blind_and_the_key_opens_it(run, tmp_path, capsys):
    status, _ = complaint(
        capsys, "pairs", "--run", run, "--out", tmp_path / "p", "--summarizer", "lead", "--rivals", "random"
    )
    assert status == 0
    page = (tmp_path / "p" / "pairs.md").read_text()
    assert "random" not in page and "lead" not in page
    about, *key = [json.loads(line) for line in (tmp_path / "p" / "pairs-key.jsonl").read_text().splitlines()]
    assert about["about"]["rivals"] == ["random"]
    texts = {
        (line["item"], line["summarizer"]): " ".join(s["text"] for s in line["sentences"])
        for line in map(json.loads, (run / "neus" / "items.jsonl").read_text().splitlines())
    }
    for record in key:
        part = page.partition(f"## {record['id']}\n")[2].partition("\n## ")[0]
        item = record["story"].partition("/")[2]
        assert f"**A.** {texts[item, record['A']]}\n" in part
        assert f"**B.** {texts[item, record['B']]}" in part
        assert (tmp_path / "p" / "articles" / f"{record['id']}.md").read_text().count("ferry") >= 2


def test_data_that_has_changed_is_not_read_with_the_summaries_of_what_it_was(run, tmp_path):
    found = json.loads((run / "quality.json").read_text())
    changed = Path(found["sets"]["neus"]["data"]).read_text().replace("ferry", "yacht")
    (tmp_path / "val.jsonl").write_text(changed)
    found["sets"]["neus"]["data"] = str(tmp_path / "val.jsonl")
    (tmp_path / "quality.json").write_text(json.dumps(found))
    with pytest.raises(ConfigError, match=r"val\.jsonl has changed since"):
        scores.finished(tmp_path)


def test_the_best_rival_is_no_oracle(run):
    assert reading.best(run, "random") == "lead"


def test_texts_are_not_written_into_the_repository_nor_over_verdicts(run, tmp_path, capsys):
    inside = Path(__file__).parents[1] / "eval" / "reading" / "texts"
    status, message = complaint(capsys, "sample", "--run", run, "--out", inside, "--summarizer", "lead")
    assert status == 2 and "lies in the repository" in message
    assert not inside.exists()
    (tmp_path / "sentences-verdicts.jsonl").write_text("mine")
    status, message = complaint(capsys, "sample", "--run", run, "--out", tmp_path, "--summarizer", "lead")
    assert status == 2 and "may hold verdicts" in message
    assert (tmp_path / "sentences-verdicts.jsonl").read_text() == "mine"


def test_a_mistake_is_one_line(run, tmp_path, capsys):
    assert complaint(capsys, "sample", "--run", tmp_path, "--out", tmp_path / "out") == (
        2,
        f"eval.quality: {tmp_path} holds no readable quality.json; run `python -m eval.quality` first",
    )
    status, message = complaint(capsys, "sample", "--run", run, "--out", tmp_path / "out")
    assert status == 2 and message.startswith("eval.quality: fusion has written no sentence of its own in ")


# -- verdicts ------------------------------------------------------------------------------------------------------

ABOUT = {"about": {"kind": "sentences", "seed": 13}}
YES = {"grammatical": True, "faithful": True, "keeps": True, "attribution": True, "fault": None, "note": ""}


def judged(path, *changes, **about):
    """A reader's file: all yes but for the changes, one dict a sentence."""
    rows = [{"id": f"s/{n}", "sha256": "0" * 12, **YES, **change} for n, change in enumerate(changes)]
    path.write_text(lines({"about": {**ABOUT["about"], **about}}, *rows))
    return path


def test_shares_agreement_and_disagreements(tmp_path):
    no = {"faithful": False, "fault": "roles", "note": "the other way round"}
    found = agreement.agree(
        judged(tmp_path / "a", no, no, {}, {}),
        judged(tmp_path / "b", no, {}, {}, {"keeps": False, "fault": "omission"}),
    )
    faithful = found["criteria"]["faithful"]
    assert (faithful["first"]["share"], faithful["second"]["share"], faithful["both"]["hits"]) == (0.5, 0.75, 2)
    assert faithful["agreement"] == 0.75
    assert faithful["kappa"] == 0.5  # 0.75 observed, 0.5 * 0.75 + 0.5 * 0.25 = 0.5 expected
    assert found["criteria"]["grammatical"]["kappa"] is None
    assert found["faults"] == {"first": {"roles": 2}, "second": {"omission": 1, "roles": 1}}
    assert [(d["id"], d["criterion"], d["first"], d["second"]) for d in found["disagreements"]] == [
        ("s/1", "faithful", False, True),
        ("s/3", "keeps", True, False),
    ]
    text = agreement.markdown(found)
    assert "- s/1, faithful: no / yes (the other way round)" in text
    assert "50.0% (15.0–85.0, 2 of 4)" in text


def test_wilson_interval():
    # Wilson (1927): 198 of 200 with z = 1.96 is 0.9643 to 0.9973.
    assert agreement.share(198, 200)["ci95"] == pytest.approx([0.9643, 0.9973], abs=1e-4)
    assert agreement.share(0, 0)["share"] is None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"faithful": None}, r"line 2 \(s/0\): faithful"),
        ({"fault": "typo"}, r"line 2 \(s/0\): fault"),
        ({"note": "x" * 121}, r"line 2 \(s/0\): note"),
        ({"faitful": True}, r"Did you mean 'faithful'"),
    ],
)
def test_a_verdict_that_is_missing_or_wrong_is_told(tmp_path, change, complaint):
    with pytest.raises(ConfigError, match=complaint):
        agreement.read_verdicts(judged(tmp_path / "a", change))


def test_readers_must_have_read_the_same(tmp_path):
    first = judged(tmp_path / "a", {}, {})
    with pytest.raises(ConfigError, match="not about the same"):
        agreement.agree(first, judged(tmp_path / "b", {}))
    with pytest.raises(ConfigError, match="not about the same"):
        agreement.agree(first, judged(tmp_path / "b", {}, {}, seed=14))
    with pytest.raises(ConfigError, match="not about the same"):
        agreement.agree(first, judged(tmp_path / "b", {}, {"sha256": "1" * 12}))


def test_a_file_of_other_lines_is_refused(tmp_path):
    (tmp_path / "a").write_text("{\n")
    with pytest.raises(ConfigError, match="line 1 is not JSON"):
        agreement.read_verdicts(tmp_path / "a")
    (tmp_path / "a").write_text(lines({"id": "s/0"}))
    with pytest.raises(ConfigError, match="first line does not say"):
        agreement.read_verdicts(tmp_path / "a")
    (tmp_path / "a").write_text(
        lines(ABOUT, {"id": "s/0", "sha256": "0" * 12, **YES}, {"id": "s/0", "sha256": "", **YES})
    )
    with pytest.raises(ConfigError, match="line 3: s/0 was judged before"):
        agreement.read_verdicts(tmp_path / "a")


def preferred(path, *choices):
    rows = [{"id": f"p{n}", "prefer": choice} for n, choice in enumerate(choices)]
    path.write_text(lines({"about": {"kind": "pairs", "summarizer": "fusion"}}, *rows))
    return path


def test_preferences_are_counted_by_who_wrote_what(tmp_path):
    first = preferred(tmp_path / "a", "A", "B", "tie", "A")
    second = preferred(tmp_path / "b", "A", "A", "B", "tie")
    key = tmp_path / "key"
    writers = [("fusion", "lead"), ("lead", "fusion"), ("lead", "fusion"), ("claims", "fusion")]
    key.write_text(
        lines(
            {"about": {"kind": "pairs", "summarizer": "fusion"}},
            *({"id": f"p{n}", "story": "s", "A": a, "B": b} for n, (a, b) in enumerate(writers)),
        )
    )
    found = agreement.agree(first, second, key)
    lead = found["against"]["lead"]
    assert [lead[who]["won"] for who in ("first", "second", "together")] == [2, 2, 2]
    assert [lead[who]["lost"] for who in ("first", "second", "together")] == [0, 1, 0]
    assert lead["together"]["undecided"] == 1  # one for each
    assert found["against"]["claims"]["together"] | {"of_decided": None} == {
        "won": 0,
        "lost": 1,
        "undecided": 0,
        "of_decided": None,
    }
    assert found["agreement"] == 0.25
    assert "against lead" in agreement.markdown(found)
    key.write_text(lines({"about": {}}, {"id": "p0"}))
    with pytest.raises(ConfigError, match="is not the key"):
        agreement.agree(first, second, key)


def test_the_rubric_names_every_question_and_fault():
    rubric = (Path(agreement.__file__).parents[1] / "reading" / "README.md").read_text("utf-8")
    for name in (*agreement.CRITERIA, *agreement.Fault.__args__):
        assert f"`{name}`" in rubric
