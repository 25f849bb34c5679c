"""The reports say what the results say, and no text in them can do more than be read."""

import csv
import json
import re
import sys
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from eval.items import Item
from eval.metrics.settings import StatisticsSettings
from eval.reports import page, plots, write
from eval.reports.results import Results
from eval.reports.tables import markdown, table_tex, tables, tex
from eval.statistics import summarise
from summarize.documents import Article
from summarize.errors import ReadingError

EVIL = "</script><img src=x onerror=alert(1)>\x1b[31m\u202e$a|b&#60;"
CITATION = {"article": "a<b", "start": 0, "end": 4, "quote": EVIL, "score": 1.0}
ITEMS = [
    Item(f"item-{n}", (Article("a<b", "The dam broke.", f"Title {EVIL}", "Post"),), (f"Reference {n} {EVIL}",))
    for n in range(8)
]


def scores(low, n):
    return {
        "rouge1.p": low + n / 100,
        "rouge1.r": low,
        "rouge1.f": low + n / 100,
        "rouge2.p": low,
        "rouge2.r": low,
        "rouge2.f": low / 2 + n / 100,
        "unsupported_names": 100 * (1 - low),
        "words": 100.0 + n,
    }


@pytest.fixture
def folder(tmp_path):
    """Results of two summarizers on eight items; one summary failed."""
    rows, lines, timings = {}, [], []
    for name, low in (("plain", 0.2), (f"evil {EVIL}", 0.4)):
        rows[name] = [scores(low, n) for n in range(len(ITEMS))]
        for n, item in enumerate(ITEMS):
            lines.append(
                {
                    "item": item.id,
                    "summarizer": name,
                    "text": f"Said {EVIL}",
                    "sentences": [{"text": f"Said {EVIL}", "citations": [CITATION], "origin": "fused", "replaced": 0}],
                    "scores": rows[name][n],
                    "error": None,
                }
            )
            timings.append({"item": item.id, "summarizer": name, "seconds": 0.5 + n, "peak_mb": 300.0 + n})
    rows["plain"][7] = {}
    lines[7] |= {"text": "", "sentences": [], "scores": {}, "error": f"ModelError: {EVIL}"}
    results = summarise(rows, StatisticsSettings(resamples=200, trials=500), 13)
    results["signature"] = {"statistics": {"resamples": 200, "trials": 500, "alpha": 0.05}, "note": EVIL}
    (tmp_path / "results.json").write_text(json.dumps(results))
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "timings.jsonl").write_text("".join(json.dumps(line) + "\n" for line in timings))
    return tmp_path


class Tags(HTMLParser):
    """The elements of a page with their attributes, and the text of its scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.found, self.raw = [], {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_data(self, text):
        if self.found and self.found[-1][0] in ("script", "style"):
            tag, attributes = self.found[-1]
            self.raw.setdefault(attributes.get("id", tag), text)


def test_four_reports_the_same_bytes_each_time(folder):
    names = ("report.md", "report.html", "table.tex", "scores.csv")
    write(folder, ITEMS)
    first = [(folder / name).read_bytes() for name in names]
    write(folder, ITEMS)
    assert [(folder / name).read_bytes() for name in names] == first


def test_the_page_shows_every_text_and_runs_none(folder):
    write(folder, ITEMS)
    text = (folder / "report.html").read_text("utf-8")
    tags = Tags(text)
    images = [a["src"] for tag, a in tags.found if tag == "img"]
    assert images
    assert all(src.startswith("data:image/svg+xml;base64,") for src in images)
    assert [tag for tag, _ in tags.found].count("script") == 2
    assert not any(name.startswith("on") or name == "style" for _, a in tags.found for name in a)
    assert "\x1b" not in text
    assert "\u202e" not in text
    policy = next(a["content"] for tag, a in tags.found if a.get("http-equiv"))
    for part in ("script", "style"):
        digest = b64encode(sha256(tags.raw[part].encode()).digest()).decode()
        assert f"{part}-src 'sha256-{digest}'" in policy


def test_the_page_has_the_citations_of_every_item(folder):
    write(folder, ITEMS)
    data = json.loads(Tags((folder / "report.html").read_text("utf-8")).raw["data"])
    assert {item["id"] for item in data["items"]} == {item.id for item in ITEMS}
    first = next(item for item in data["items"] if item["id"] == "item-0")
    ((said, ((outlet, quote),)),) = first["summaries"]["plain"]["sentences"]
    assert said.startswith("Said </script><img")
    assert (outlet[:5], quote[:9]) == ("Post ", "</script>")
    assert first["references"][0].startswith("Reference 0")
    assert data["first"].startswith("evil")
    assert data["main"] == "rouge2.f"
    failed = next(item for item in data["items"] if item["id"] == "item-7")["summaries"]["plain"]
    assert failed["error"].startswith("ModelError")
    assert failed["scores"] == {}


def test_of_many_items_the_page_shows_the_worst_and_says_so(folder, monkeypatch):
    monkeypatch.setattr(page, "MAX_ITEMS", 2)
    text = page.html(Results.read(folder), ITEMS)
    data = json.loads(Tags(text).raw["data"])
    assert [item["id"] for item in data["items"]] == ["item-0", "item-1"]
    assert "The 2 worst of 8 items." in text


def test_tables_can_be_sorted_by_what_they_show(folder):
    text = page.html(Results.read(folder), ITEMS)
    assert re.search(r'<td class="best" data-value="0\.235"><b>23\.50</b><sup>a</sup><small>\[\d', text)
    assert 'data-better="lower">Unsupported names' in text


def test_markdown_has_the_best_first_and_in_bold(folder):
    text = markdown(Results.read(folder))
    assert "8 items, 2 summarizers, 1 of the summaries failed." in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert rows[0] == "| summarizer | ROUGE-1 ↑ | ROUGE-2 ↑ |"
    assert rows[2].startswith(r"| evil \</script\>\<img")
    assert re.search(r"\| \*\*43\.50\*\* \[\d+\.\d\d, \d+\.\d\d\] a \|", rows[2])
    assert re.match(r"\| plain \| 23\.00 \[\d+\.\d\d, \d+\.\d\d\] b \|", rows[3])
    assert all(re.sub(r"\\\|", "", row).count("|") == rows[0].count("|") for row in rows[:4])
    assert "20.0 / 20.0" in text
    assert "item-7, plain: ModelError" in text
    assert "| plain | 4.00 | 307 |" in text


def test_every_metric_stands_in_one_table(folder):
    results = json.loads((folder / "results.json").read_text())
    results["summarizers"]["plain"]["home_made"] = {"mean": 3.0, "ci95": [2.0, 4.0], "letters": "a", "n": 8}
    (folder / "results.json").write_text(json.dumps(results))
    read = Results.read(folder)
    placed = [metric for table in tables(read) for metric in table.metrics]
    assert sorted(placed) == sorted({m for entries in results["summarizers"].values() for m in entries})
    assert "home_made" in tables(read)[-1].metrics
    assert "| 3.0 [2.0, 4.0] a |" in markdown(read)


def test_robustness_has_its_table_and_changed_items_are_no_items(folder):
    results = json.loads((folder / "results.json").read_text())
    found = {"items": 8, "unchanged": 0.25, "sentences": 0.5, "words": 0.6, "intruder": 0.125}
    found["scores"] = {"rouge2.f": {"moved": -0.01, "moved_abs": 0.02}}
    results["robustness"] = {"plain": {"unrelated": found, "dropped": found | {"scores": {}}}}
    (folder / "results.json").write_text(json.dumps(results))
    lines = [json.loads(line) for line in (folder / "items.jsonl").read_text().splitlines()]
    changed = [line | {"item": line["item"] + "~dropped"} for line in lines]
    (folder / "items.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines + changed))
    write(folder, ITEMS)
    text = (folder / "report.md").read_text("utf-8")
    assert "\n8 items, 2 summarizers" in text
    assert "| plain, unrelated | 8 | 25.0 | 50.0 | 60.0 | 12.5 | -1.00 | 2.00 |" in text
    assert "| plain, dropped | 8 | 25.0 | 50.0 | 60.0 | – | – | – |" in text
    page_text = (folder / "report.html").read_text("utf-8")
    assert '<td data-value="-1.00">-1.00</td>' in page_text
    assert "~dropped" not in Tags(page_text).raw["data"]


def test_csv_holds_every_score_unrounded(folder):
    write(folder, ITEMS)
    with (folder / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 16
    assert float(rows[3]["rouge2.f"]) == 0.2 / 2 + 3 / 100
    assert rows[7]["rouge2.f"] == ""
    assert rows[7]["error"].startswith("ModelError")
    assert rows[8]["summarizer"].startswith("evil")


def test_tex_escapes_what_would_be_a_command(folder):
    assert tex("50% of a_b \\ ~x^2 {$}") == (
        r"50\% of a\_b \textbackslash{} \textasciitilde{}x\textasciicircum{}2 \{\$\}"
    )
    text = table_tex(Results.read(folder))
    assert r"plain & 23.00\textsuperscript{b} {\scriptsize [" in text
    body = [line for line in text.splitlines() if line.endswith(r" \\")]
    assert {line.replace(r"\&", "").count("&") for line in body} == {3}


def test_plots_are_well_formed_and_follow_the_page(folder):
    drawn = plots.plots(Results.read(folder))
    assert len(drawn) == 4
    for _, svg in drawn:
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert "prefers-color-scheme:dark" in svg
        assert svg.count(plots.ACCENT) == 1  # where its variable is set
    assert any("evil &lt;/scri…" in svg for _, svg in drawn)
    assert b64encode(drawn[0][1].encode()).decode() in page.html(Results.read(folder), ITEMS)
    assert b64decode(b64encode(drawn[0][1].encode())).startswith(b"<?xml")


def test_labels_stand_clear_of_dots_and_of_one_another():
    beside, crowded, far = plots._free_places([(0, 0), (10, 1), (200, 0)], [30, 30, 30])
    assert beside[0] < 0  # another dot is on its right
    assert crowded == far == (6, -3)
    assert len(set(plots._free_places([(0, 0)] * 4, [30] * 4))) == 4


def test_without_matplotlib_the_page_says_what_is_missing(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    text = page.html(Results.read(folder), ITEMS)
    assert "Plots need matplotlib" in text
    assert "<img" not in text.partition("<script")[0]


def test_text_without_citations_timings_or_items_is_reported_too(folder):
    lines = [json.loads(line) for line in (folder / "items.jsonl").read_text().splitlines()]
    for line in lines:
        line["sentences"] = [{"text": "One."}, {"text": "Two."}]
    (folder / "items.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "timings.jsonl").unlink()
    write(folder)
    data = json.loads(Tags((folder / "report.html").read_text("utf-8")).raw["data"])
    assert data["items"][0]["summaries"]["plain"]["sentences"] == [["One.", []], ["Two.", []]]
    assert "Time and memory" not in (folder / "report.md").read_text()


def test_no_figure_at_all_is_a_report_as_well(folder):
    results = {"summarizers": {"plain": {}}, "tests": [], "signature": {}}
    (folder / "results.json").write_text(json.dumps(results))
    line = {"item": "i", "summarizer": "plain", "text": "", "sentences": [], "scores": {}, "error": "ModelError: gone"}
    (folder / "items.jsonl").write_text(json.dumps(line) + "\n")
    (folder / "timings.jsonl").unlink()
    write(folder)
    assert "i, plain: ModelError: gone" in (folder / "report.md").read_text()


@pytest.mark.parametrize("damage", ["{", '{"summarizers": {}}', "[]"])
def test_damaged_results_are_one_clear_error(folder, damage):
    (folder / "results.json").write_text(damage)
    with pytest.raises(ReadingError, match="holds no readable results"):
        write(folder)
