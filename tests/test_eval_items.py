"""Items: common records, the presets with the defects they handle, and what is left out."""

import gzip
import json
from pathlib import Path

import datasets
import pytest

from eval import presets
from eval.items import read_items
from eval.settings import DataSettings
from summarize.errors import ConfigError, DuplicateIdError, NothingReadableError, UnknownNameError

ROOT = Path(__file__).parent.parent
LONG = "The ferry to Lund ran aground on a sandbank on Monday morning."
OTHER = "Forty passengers were taken ashore by lifeboat before noon."


def record(identity="a", texts=(LONG, OTHER), summaries=("A ferry ran aground.",), **more):
    return {"id": identity, "articles": [{"text": t} for t in texts], "summaries": list(summaries), **more}


def write(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    return path


def read(path: Path, **settings: object):
    return read_items(DataSettings(path=path, **settings))


def test_records_of_a_file_become_items_in_their_order(tmp_path):
    items = read(write(tmp_path / "d.jsonl", record("b", texts=[LONG] * 12), record("a", summaries=["x", " ", "y "])))
    assert [i.id for i in items] == ["b", "a"]
    assert [a.id for a in items[0].articles] == sorted(f"b/{n:02d}" for n in range(1, 13))
    assert items[1].references == ("x", "y")
    assert items[1].gold is None
    assert items.left_out == ()


def test_all_forms_of_one_data_set_are_the_same(tmp_path):
    records = [record("a"), record("b", texts=[OTHER])]
    plain = read(write(tmp_path / "d.jsonl", *records))
    packed = tmp_path / "d.jsonl.gz"
    packed.write_bytes(gzip.compress((tmp_path / "d.jsonl").read_bytes()))
    listed = tmp_path / "d.json"
    listed.write_text(json.dumps(records))
    folder = tmp_path / "folder"
    folder.mkdir()
    for r in records:
        (folder / f"{r['id']}.json").write_text(json.dumps(r))
    (folder / "README.md").write_text("not data")
    for path in (packed, listed, folder):
        assert read(path).fingerprint == plain.fingerprint


def test_the_fingerprint_hangs_on_everything_that_is_read(tmp_path):
    def fingerprint(*records: object) -> str:
        return read(write(tmp_path / "d.jsonl", *records)).fingerprint

    titled = record("a")
    titled["articles"][0]["title"] = "Ferry aground"
    versions = [
        [record("a")],
        [record("b")],
        [record("a", texts=(OTHER, LONG))],
        [record("a", summaries=["Another summary."])],
        [record("a", lineages=[["a/01", "a/02"]])],
        [titled],
        [record("a"), record("b")],
        [record("b"), record("a")],
    ]
    assert len({fingerprint(*v) for v in versions}) == len(versions)
    assert fingerprint(record("a")) == fingerprint(record("a"))


def test_what_gives_no_item_is_listed_with_its_reason(tmp_path):
    path = tmp_path / "d.jsonl"
    write(path, record("none", texts=[" "]), record("blank", texts=[LONG, ""]), record("mute", summaries=[]), ["list"])
    path.write_text(path.read_text() + "{broken\n" + json.dumps(record("whole")) + "\n")
    items = read(path)
    assert [i.id for i in items] == ["blank", "whole"]
    reasons = {s.path: s.reason for s in items.left_out}
    assert reasons["none"] == "no article with text"
    assert reasons["mute"] == "no reference summary"
    assert reasons["blank, article 2"] == "no text found"
    assert reasons[f"{path}#4"] == "a list is no record"
    assert reasons[f"{path}#5"].startswith("broken JSON")
    described = items.describe()
    assert (described["items"], described["articles"], described["single_article_items"]) == (2, 3, 1)
    assert {r["reason"]: r["count"] for r in described["left_out"]}["no text found"] == 2


def test_small_items_and_further_articles_are_left_out_on_request(tmp_path):
    path = write(tmp_path / "d.jsonl", record("one", texts=[LONG]), record("three", texts=[LONG, OTHER, LONG]))
    items = read(path, min_articles=2, max_articles=2)
    assert [(i.id, len(i.articles)) for i in items] == [("three", 2)]
    assert {s.reason for s in items.left_out} == {"fewer than 2 articles", "over max_articles 2"}


def test_only_the_first_items_are_read_on_request(tmp_path):
    path = write(tmp_path / "d.jsonl", record("none", texts=[]), *(record(str(n)) for n in range(5)))
    assert [i.id for i in read_items(DataSettings(path=path), limit=2)] == ["0", "1"]


@pytest.mark.parametrize(
    ("lines", "error", "told"),
    [
        ([record("a"), record("a")], DuplicateIdError, "two items have the id 'a'"),
        ([record("a", texts=[])], NothingReadableError, "a: no article with text"),
        ([{"id": "a", "document": "x"}], NothingReadableError, "no article with text"),
    ],
)
def test_data_that_cannot_be_used_is_an_error(tmp_path, lines, error, told):
    with pytest.raises(error, match=told):
        read(write(tmp_path / "d.jsonl", *lines))


def test_a_place_that_is_none_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="there is no"):
        read(tmp_path / "none.jsonl")
    with pytest.raises(ConfigError, match=r"no \.json or \.jsonl file"):
        read(tmp_path)
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(ConfigError, match="empty"):
        read(tmp_path / "empty.jsonl")
    with pytest.raises(UnknownNameError, match="Did you mean 'multi_news'"):
        read(tmp_path, preset="multinews")


def test_articles_may_stand_in_files_of_their_own(tmp_path):
    (tmp_path / "ferry.txt").write_text(LONG, "utf-8")
    row = {"id": "a", "articles": [{"file": "ferry.txt"}], "summaries": ["A ferry ran aground."]}
    assert read(write(tmp_path / "d.jsonl", row))[0].articles[0].text == LONG
    row["articles"] = [{"file": "none.txt"}]
    with pytest.raises(ConfigError, match=r"cannot read .*none\.txt"):
        read(write(tmp_path / "d.jsonl", row))


def test_gold_marks_are_slices_of_the_articles():
    items = read(ROOT / "eval" / "data" / "stories")
    assert len(items) >= 12
    for item in items:
        assert item.gold is not None
        texts = {a.id: a.text for a in item.articles}
        assert sorted(a for group in item.gold.lineages for a in group) == sorted(texts)
        assert len(item.gold.attributions) == len(item.references)
        for reference, sentences in zip(item.references, item.gold.attributions, strict=True):
            for sentence in sentences:
                assert sentence.text in reference
                assert sentence.sources
                assert all(texts[s.article][s.start : s.end].strip() for s in sentence.sources)


def test_the_seeds_have_references():
    (item,) = read(ROOT / "eval" / "data" / "seeds")
    on_disk = sorted(p.read_text("utf-8") for p in (ROOT / "seeds").glob("*.txt"))
    assert sorted(a.text for a in item.articles) == on_disk
    assert all(110 <= len(r.split()) <= 170 for r in item.references)


# Presets


def test_multi_news_is_parted_at_its_bars_and_its_empty_item_is_left_out(tmp_path):
    path = write(
        tmp_path / "d.jsonl",
        {"document": f"{LONG} NEWLINE_CHAR {OTHER} ||||| \n |||||{OTHER}|||||", "summary": "– A ferry ran aground. –"},
        {"document": " ||||| ", "summary": "– Of nothing."},
        {"document": LONG, "summary": "– Of one."},
    )
    items = read(path, preset="multi_news")
    assert [[a.text for a in i.articles] for i in items] == [[f"{LONG} \n {OTHER}", OTHER], [LONG]]
    assert [i.references for i in items] == [("A ferry ran aground. –",), ("Of one.",)]
    assert [(s.path, s.reason) for s in items.left_out] == [("00002", "no article with text")]
    assert items.describe()["single_article_items"] == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"articles": [{"title": None, "text": LONG, "url": "https://a"}, {"text": OTHER}, {"text": ""}]},
        {"document": [LONG, OTHER, " "]},
        {"document": f"{LONG}</s>{OTHER}</s>"},
        {"document": f"{LONG} ||||| {OTHER}"},
    ],
)
def test_wcep_is_read_in_each_form_it_is_passed_on_in(tmp_path, fields):
    (item,) = read(write(tmp_path / "d.jsonl", {"summary": "A ferry ran aground.", **fields}), preset="wcep")
    assert [a.text.strip() for a in item.articles] == [LONG, OTHER]
    assert item.references == ("A ferry ran aground.",)


@pytest.mark.parametrize(
    "cited",
    [
        {"cite_N": ["@cite_1", "@cite_2"], "mid": ["1", "2"], "abstract": ["", OTHER]},
        [{"cite_N": "@cite_1", "abstract": None}, {"cite_N": "@cite_2", "abstract": OTHER}],
    ],
)
def test_multi_xscience_is_a_paper_and_what_it_cites(tmp_path, cited):
    row = {"aid": "x1", "mid": "m", "abstract": LONG, "related_work": "As @cite_2 shows.", "ref_abstract": cited}
    (item,) = read(write(tmp_path / "d.jsonl", row), preset="multi_xscience")
    assert (item.id, [a.text for a in item.articles]) == ("x1", [LONG, OTHER])
    assert item.references == ("As @cite_2 shows.",)


def test_cnn_dailymail_points_become_sentences(tmp_path):
    row = {"id": "0a", "article": LONG, "highlights": "Ferry runs aground .\nForty taken ashore\n\nNobody hurt!"}
    (item,) = read(write(tmp_path / "d.jsonl", row), preset="cnn_dailymail")
    assert item.references == ("Ferry runs aground.\nForty taken ashore.\nNobody hurt!",)
    assert len(item.articles) == 1


@pytest.mark.parametrize("preset", ["multi_news", "wcep", "multi_xscience", "cnn_dailymail"])
def test_other_columns_than_the_preset_knows_are_named(tmp_path, preset):
    with pytest.raises(ConfigError, match=rf"preset '{preset}': no column '\w+', found 'id', 'txt'"):
        read(write(tmp_path / "d.jsonl", {"id": 1, "txt": LONG}), preset=preset)


SGML = """<DOC><DOCNO> APW1 </DOCNO><DATE_TIME>x</DATE_TIME><HEADLINE>
Ferry &amp; sand </HEADLINE><TEXT>
<P>The ferry to Lund ran aground on a sandbank on Monday.</P>
<P>Forty passengers &mdash; all of them &mdash; were taken ashore.</P></TEXT></DOC>
<DOC id="APW2" type="story"><TEXT>Lifeboats took forty passengers ashore before noon.</TEXT></DOC>"""

SEE = """<html><head><title>D30001</title></head><body bgcolor="white">
<a name="1">[1]</a> <a href="#1" id=1>A ferry ran aground.</a>
<a name="2">[2]</a> <a href="#2" id=2>Nobody [sic] was hurt.</a></body></html>"""


def test_folders_of_duc_are_clusters_with_their_models(tmp_path):
    docs, models = tmp_path / "docs", tmp_path / "models"
    for folder in (docs / "d30001t", docs / "d30002t", docs / "other", models):
        folder.mkdir(parents=True)
    (docs / "d30001t" / "APW1").write_text(SGML)
    (docs / "d30002t" / "APW3").write_text(SGML)
    (docs / "other" / "APW4").write_text(SGML)
    (models / "D30001.M.100.T.A").write_text("A ferry\nran aground.\n")
    (models / "D30001.M.100.T.B").write_text(SEE)
    (models / "D30009.M.100.T.A").write_text("Of another cluster.")
    items = read_items(DataSettings(path=docs, references=models, preset="duc"))
    (item,) = items
    assert item.id == "30001"
    assert [a.id for a in item.articles] == ["APW1", "APW2"]
    assert item.articles[0].title == "Ferry & sand"
    assert "Forty passengers — all of them — were taken ashore." in item.articles[0].text
    assert "<" not in item.articles[0].text
    assert item.references == ("A ferry ran aground.", "A ferry ran aground. Nobody [sic] was hurt.")
    assert {s.reason for s in items.left_out} == {
        "no reference summary",
        "its name is no cluster's",
        "no documents for cluster 30009",
    }


@pytest.mark.parametrize(
    ("folder", "model"),
    [("d30001t", "D30001.M.100.T.A"), ("D0801A-B", "D0801-B.M.100.A.C"), ("D0901A-A", "D0901-A.M.100.A.A")],
)
def test_folders_and_models_share_a_key(folder, model):
    assert presets.cluster_key(folder) == presets.cluster_key(model)


def test_parts_of_a_tac_topic_are_told_apart():
    assert presets.cluster_key("D0801A-A") != presets.cluster_key("D0801A-B")


def test_duc_needs_both_folders(tmp_path):
    with pytest.raises(ConfigError, match=r"needs data\.path .* and data\.references"):
        read_items(DataSettings(path=tmp_path, preset="duc"))
    with pytest.raises(ConfigError, match="is no folder"):
        read_items(DataSettings(path=tmp_path, references=tmp_path / "none", preset="duc"))


# The hub, without a network


def test_a_parquet_file_is_read_like_records(tmp_path):
    rows = {"document": [f"{LONG} ||||| {OTHER}"], "summary": ["– A ferry ran aground."]}
    datasets.Dataset.from_dict(rows).to_parquet(str(tmp_path / "d.parquet"))
    (item,) = read(tmp_path / "d.parquet", preset="multi_news")
    assert [a.text for a in item.articles] == [LONG, OTHER]


def test_a_folder_saved_by_datasets_is_read_by_its_split(tmp_path):
    rows = {"document": [LONG, OTHER], "summary": ["– A ferry ran aground.", "– Forty were saved."]}
    saved = datasets.Dataset.from_dict(rows)
    datasets.DatasetDict({"test": saved}).save_to_disk(str(tmp_path / "all"))
    saved.save_to_disk(str(tmp_path / "one"))
    for folder in ("all", "one"):
        assert len(read(tmp_path / folder, preset="multi_news")) == 2
    with pytest.raises(UnknownNameError, match=r"unknown split .tset.\. Did you mean .test."):
        read(tmp_path / "all", preset="multi_news", split="tset")


def test_a_damaged_parquet_file_is_told_by_its_name(tmp_path):
    (tmp_path / "d.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(ConfigError, match=r"cannot read .*d\.parquet"):
        read(tmp_path / "d.parquet")


def test_a_hub_data_set_is_loaded_by_name_configuration_split_and_revision(tmp_path, monkeypatch):
    path = write(tmp_path / "test.jsonl", {"article": LONG, "highlights": "Ferry aground", "id": "1"})
    load, asked = datasets.load_dataset, []

    def local(source: str, **arguments: object) -> object:
        asked.append((source, arguments))
        return load("json", data_files={"test": str(path)}, split=arguments["split"], cache_dir=str(tmp_path))

    monkeypatch.setattr(datasets, "load_dataset", local)
    settings = DataSettings(hub="some/news", name="3.0.0", revision="abc", preset="cnn_dailymail")
    (item,) = read_items(settings)
    assert item.references == ("Ferry aground.",)
    assert asked == [("some/news", {"name": "3.0.0", "split": "test", "revision": "abc"})]


def test_a_repository_of_a_script_is_refused_with_the_way_out(monkeypatch):
    def refused(source: str, **_: object) -> object:
        raise RuntimeError("Dataset scripts are no longer supported, but found multi_news.py")

    monkeypatch.setattr(datasets, "load_dataset", refused)
    with pytest.raises(ConfigError, match=r"no longer supported.*data\.revision to refs/convert/parquet"):
        read_items(DataSettings(hub="some/news", preset="multi_news"))


def test_a_hub_that_cannot_be_reached_is_one_line():
    with pytest.raises(ConfigError, match="cannot load 'no-such-owner/no-such-news'") as error:
        read_items(DataSettings(hub="no-such-owner/no-such-news"))
    assert "\n" not in str(error.value)
