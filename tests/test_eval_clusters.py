"""``task: clustering``: scores of clusterers on labelled sets, and what is written of them."""

import json
from collections import Counter, defaultdict
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import bag_of_words
from hypothesis import given
from hypothesis import strategies as st

from eval.clusterers import alone
from eval.clusters import ClusterEvalSettings, Labelled, evaluate, read, read_sets, scores, signature
from eval.settings import task
from summarize.cli import main
from summarize.config import read_settings
from summarize.errors import ConfigError, ReadingError

ROOT = Path(__file__).parent.parent
INVENTED = ROOT / "eval" / "data" / "clusters" / "invented.jsonl"
ROWS = [
    {"id": 1, "title": "Mill in Orlund burns", "text": "The old mill in Orlund burned down on Sunday.", "story": "x"},
    {"id": 2, "title": "Fire destroys Orlund's old mill", "story": "x"},
    {
        "id": 3,
        "title": "Brem wins regatta",
        "text": "Brem won the Sollin regatta.",
        "published": "2031-05-01",
        "story": 9,
    },
]


@pytest.fixture
def small(tmp_path) -> Path:
    file = tmp_path / "small.jsonl"
    file.write_text("".join(json.dumps(r) + "\n" for r in ROWS))
    return file


def settings(data: Path, output: Path, *rows: object) -> ClusterEvalSettings:
    return ClusterEvalSettings.parse(
        {"task": "clustering", "data": str(data), "clusterers": list(rows) or ["tfidf", "dbscan"], "output": output}
    )


def test_the_shipped_set_is_what_its_page_says() -> None:
    data = read(INVENTED)
    sizes = Counter(data.stories).values()
    assert (len(data.articles), len(sizes), min(sizes), max(sizes)) == (155, 44, 1, 6)
    assert sum(not a.text for a in data.articles) == 70
    assert sum(a.title is None for a in data.articles) == 20
    assert len({a.text or a.title for a in data.articles}) == 155


def test_the_shipped_config_parses_and_its_rows_are_told_apart() -> None:
    config = ROOT / "configs" / "eval" / "clusters.yaml"
    assert task(config, read_settings(config)) == "clustering"
    loaded = ClusterEvalSettings.load(config)
    assert [r.name for r in loaded.clusterers] == ["hybrid", "tfidf", "dbscan", "bertopic"]


def test_a_run_writes_scores_signature_assignments_and_the_same_bytes_again(small, tmp_path) -> None:
    written = []
    for name in ("one", "two"):
        done = evaluate(settings(small, tmp_path / name), encode=bag_of_words)
        files = sorted(p.name for p in (tmp_path / name).iterdir() if not p.name.startswith("."))
        assert files == ["assignments.jsonl", "report.md", "results.json"]
        written.append([(tmp_path / name / f).read_bytes() for f in files])
    assert written[0] == written[1]
    assert done.rows["tfidf"]["small"]["pair F1"] == 1.0
    results = json.loads((tmp_path / "one" / "results.json").read_text())
    assert results["signature"]["data"]["small"]["sha256"] == read(small).fingerprint
    assert results["signature"]["clusterers"]["dbscan"]["min_samples"] == 2
    lines = [json.loads(line) for line in (tmp_path / "one" / "assignments.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == ["1", "2", "3"]
    assert lines[0]["found"]["tfidf"] == lines[1]["found"]["tfidf"] != lines[2]["found"]["tfidf"]
    assert "| tfidf | 100.0 |" in (tmp_path / "one" / "report.md").read_text()


def test_several_sets_have_a_mean(small, tmp_path) -> None:
    (tmp_path / "sets").mkdir()
    for name in ("a", "b"):
        (tmp_path / "sets" / f"{name}.jsonl").write_text(small.read_text())
    done = evaluate(settings(tmp_path / "sets", tmp_path / "out", "tfidf"), encode=bag_of_words)
    assert list(done.rows["tfidf"]) == ["a", "b", "mean"]
    assert done.rows["tfidf"]["mean"] == pytest.approx(done.rows["tfidf"]["a"])


@pytest.mark.skipif(find_spec("bertopic") is not None, reason="bertopic is installed")
def test_what_is_not_installed_is_told_and_passed_over(small, tmp_path) -> None:
    done = evaluate(settings(small, tmp_path / "out", "tfidf", "bertopic"), encode=bag_of_words)
    assert list(done.rows) == ["tfidf"]
    assert done.skipped == {"bertopic": "bertopic is not installed"}
    assert "`bertopic` was not run" in (tmp_path / "out" / "report.md").read_text()


def test_the_command_prints_a_table_and_where_the_rest_is(small, tmp_path, capsys) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(f"task: clustering\ndata: {small}\nclusterers: [tfidf]\noutput: {tmp_path / 'out'}\n")
    with pytest.raises(SystemExit) as ended:
        main(["eval", str(config)])
    out, err = capsys.readouterr()
    assert not ended.value.code
    assert "tfidf" in out and "100.0" in out and "signature" in out
    assert err == "tfidf: small, 3 articles\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("task: clusters", "unknown task 'clusters'. Did you mean 'clustering'? Known: clustering, summarization"),
        ("clusterers: [hybird]", "unknown clusterer 'hybird'. Did you mean 'hybrid'?"),
        ("clusterers: [{name: dbscan, epsilon: 1}]", "unknown setting 'epsilon'"),
        ("clusterers: [tfidf, tfidf]", "two clusterers have the label 'tfidf'"),
        ("clusterers: []", "clusterers"),
        ("limit: 3", "unknown setting 'limit'"),
    ],
)
def test_mistakes_in_a_config_are_told_in_one_line(change, message, small, tmp_path, capsys) -> None:
    stated = {"task": "task: clustering", "data": f"data: {small}", "clusterers": "clusterers: [tfidf]"}
    stated |= {"output": f"output: {tmp_path / 'out'}", change.partition(":")[0]: change}
    (tmp_path / "c.yaml").write_text("\n".join(stated.values()))
    with pytest.raises(SystemExit) as ended:
        main(["eval", str(tmp_path / "c.yaml")])
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert message in err and err.count("\n") == 1 and not out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no articles"),
        (b"\xff\xfe\x00", "cannot read"),
        (b"[1]\n", "line 1: not a labelled article"),
        (b'{"id": 1}\n', "line 1: not a labelled article (no 'story')"),
        (b'{"id": 1, "story": 1}\n{"id": 1, "story": 2}\n', "line 2: a second article '1'"),
        (b'{"id": 1, "story": 1, "text": 5}\n', "line 1: not a labelled article"),
        (b'{"id": 1, "story": 1, "published": "yesterday"}\n', "line 1: not a labelled article"),
        (b"[" * 100_000, "line 1: not a labelled article"),
    ],
)
def test_a_set_that_cannot_be_read_is_named_with_its_line(content, message, tmp_path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(content)
    with pytest.raises(ReadingError) as error:
        read(file)
    assert message in str(error.value)


def test_sets_are_found_in_folders_and_names_must_differ(small, tmp_path) -> None:
    assert [d.name for d in read_sets([tmp_path])] == ["small"]
    with pytest.raises(ConfigError, match="two sets have the name 'small'"):
        read_sets([tmp_path, small])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadingError, match=r"holds no \.jsonl file"):
        read_sets([tmp_path / "empty"])


def test_the_signature_changes_with_the_data(small, tmp_path) -> None:
    data = read(small)
    other = Labelled(data.name, data.articles, ("x", "y", "9"))
    chosen = settings(small, tmp_path / "out")
    assert signature(chosen, [data]) != signature(chosen, [other])


def test_outliers_are_alone() -> None:
    assert alone([0, -1, 1, -1]) == [0, 3, 1, 5]
    assert len(set(alone([-1, -1, -1]))) == 3


labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=20)


@given(labels)
def test_scores_agree_with_counting_every_pair_and_every_article(rows: list[tuple[int, int]]) -> None:
    gold, found = [str(g) for g, _ in rows], [f for _, f in rows]
    measured = scores(gold, found)
    pairs = [(i, j) for i in range(len(rows)) for j in range(i)]
    same_gold = {p for p in pairs if gold[p[0]] == gold[p[1]]}
    same_found = {p for p in pairs if found[p[0]] == found[p[1]]}
    assert measured["pair P"] == pytest.approx(len(same_gold & same_found) / len(same_found) if same_found else 1.0)
    assert measured["pair R"] == pytest.approx(len(same_gold & same_found) / len(same_gold) if same_gold else 1.0)
    in_gold, in_found = defaultdict(set), defaultdict(set)
    for i, (g, f) in enumerate(zip(gold, found, strict=True)):
        in_gold[g].add(i)
        in_found[f].add(i)
    cubed = [len(in_gold[g] & in_found[f]) / len(in_found[f]) for g, f in zip(gold, found, strict=True)]
    assert measured["B3 P"] == pytest.approx(sum(cubed) / len(rows))
    assert measured["stories"] == len(in_found)
