import gzip
import io
import json
import lzma
import os
import pickle
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from summarize.config import ReadingSettings
from summarize.documents import Article, Skipped
from summarize.errors import DuplicateIdError, NothingReadableError
from summarize.reading import COLUMNS, READERS, Reading, read_articles

BODY = "The harbour office in Marlow closed on Monday after a fire in its cellar."
MORE = "Nobody was hurt, and the office hopes to open again within a fortnight."
TEXT = f"{BODY}\n\n{MORE}\n"
MESSY = Path(__file__).parent / "data" / "messy"


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines(*records: object) -> str:
    return "".join(json.dumps(r) + "\n" for r in records)


def only(path: Path | str, **options: object) -> Article:
    (article,) = read_articles(path, **options)  # type: ignore[arg-type]
    return article


def why(*paths: Path | str, **options: object) -> str:
    """The reason the one unreadable input is skipped for."""
    with pytest.raises(NothingReadableError) as caught:
        read_articles(paths, **options)  # type: ignore[arg-type]
    return str(caught.value)


# --- paths, order, identity ---


def test_a_folder_is_read_in_order_and_ids_are_the_paths_as_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("b.txt", "a.txt", "inner/c.txt", ".hidden.txt", ".git/d.txt"):
        write(tmp_path / "news" / name, f"{name}: {TEXT}")
    monkeypatch.chdir(tmp_path)
    assert [a.id for a in read_articles("news/")] == ["news/a.txt", "news/b.txt", "news/inner/c.txt"]
    assert read_articles("news").skipped == ()


def test_the_order_of_the_arguments_does_not_matter(tmp_path: Path) -> None:
    paths = [write(tmp_path / name, name + TEXT) for name in ("b.txt", "c.txt", "a.txt", "empty.txt")]
    paths[-1].write_text("")
    assert read_articles(paths) == read_articles(reversed(paths))


def test_a_reading_is_a_sequence_of_articles(tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path / f"{name}.txt", TEXT + name * 3)
    reading = read_articles(tmp_path)
    assert isinstance(reading, Reading)
    assert len(reading) == 3 and reading[0] is reading.articles[0] and reading[1:] == reading.articles[1:]
    assert list(reading) == list(reading.articles) and reading[-1] in reading


def test_a_file_reached_twice_is_read_once(tmp_path: Path) -> None:
    file = write(tmp_path / "in" / "a.txt", TEXT)
    (tmp_path / "in" / "b.txt").symlink_to(file)
    reading = read_articles([tmp_path / "in", file])
    assert [a.id for a in reading] == [str(file)]
    assert reading.skipped == (
        Skipped(str(file), f"already read as {file}"),
        Skipped(str(tmp_path / "in" / "b.txt"), f"already read as {file}"),
    )


def test_loops_of_links_are_survived(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.txt", TEXT)
    write(tmp_path / "in" / "deep" / "b.txt", TEXT)
    (tmp_path / "in" / "deep" / "up").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "out").symlink_to(tmp_path)
    (tmp_path / "in" / "dangling.txt").symlink_to(tmp_path / "nowhere")
    reading = read_articles(tmp_path / "in")
    assert len(reading) == 2
    reasons = {Path(s.path).name: s.reason for s in reading.skipped}
    assert reasons == {
        "up": f"already read as {tmp_path}/in",
        "out": "a link back to a folder it stands in",
        "dangling.txt": "unreadable: No such file or directory",
    }


def test_files_that_only_accompany_articles_are_passed_over_unless_named(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", TEXT)
    readme = write(tmp_path / "README.md", TEXT)
    for name in ("LICENSE", "CHANGELOG.md", "License to drill is renewed.txt"):
        write(tmp_path / name, name + TEXT)
    reading = read_articles(tmp_path)
    assert [Path(a.id).name for a in reading] == ["License to drill is renewed.txt", "a.txt"]
    assert [Path(s.path).name for s in reading.skipped] == ["CHANGELOG.md", "LICENSE", "README.md"]
    assert reading.skipped[0].reason == "not an article by its name; name it on the command line to read it"
    assert str(readme) in [a.id for a in read_articles([tmp_path, readme])]
    assert "README.md" not in " ".join(s.path for s in read_articles([tmp_path, readme]).skipped if "name" in s.reason)


def test_unknown_endings_are_read_only_when_named(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", TEXT)
    style = write(tmp_path / "page.css", TEXT)
    assert read_articles(tmp_path).skipped == (
        Skipped(str(style), "no reader for '.css' files; name it on the command line to read it as text"),
    )
    assert only(style).text == TEXT


def test_standard_input_is_read_once_and_told_by_its_content() -> None:
    assert only("-", stdin=io.BytesIO(TEXT.encode())).id == "-"
    reading = read_articles(["-", "-"], stdin=io.BytesIO(lines({"text": TEXT}, {"text": BODY}).encode()))
    assert [a.id for a in reading] == ["-#1", "-#2"]
    assert reading.skipped == (Skipped("-", "already read as -"),)
    table = f"title;text\nFire;{BODY}\n".encode()
    assert only("-", stdin=io.BytesIO(table)).title == "Fire"


def test_two_articles_with_one_id_are_an_error_that_names_both(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", lines({"id": "x", "text": BODY}))
    second = write(tmp_path / "b.jsonl", lines({"text": MORE}, {"id": "x", "text": MORE}))
    with pytest.raises(DuplicateIdError, match=rf"'x': {first}#1 and {second}#2"):
        read_articles([second, first])


def test_an_empty_path_is_skipped_and_not_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "a.txt", TEXT)
    monkeypatch.chdir(tmp_path)
    assert why("") == "no article in 1 input (: no path)"
    assert read_articles([file, ""]).skipped == (Skipped("", "no path"),)


def test_nothing_readable_is_one_line_with_counts_and_reasons(tmp_path: Path) -> None:
    missing, empty = tmp_path / "missing.txt", write(tmp_path / "empty.txt", " \n")
    message = why(missing, empty)
    assert message == f"no article in 2 inputs ({empty}: empty; {missing}: no such file)"
    (tmp_path / "void").mkdir()
    assert "no files in this folder" in why(tmp_path / "void")
    assert why() == "nothing to read: no input was given"


# --- what is skipped, and why ---


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\r\n", "empty"),
        ("a.txt", "\ufeff \u2028".encode(), "empty"),
        ("a.txt", b"\x00\x01\x02 abc", "binary"),
        ("a.txt", b"abc \x01\x02\x03\x04 def", "binary"),
        ("a.txt", b"%PDF-1.7 ...", "binary (PDF)"),
        ("a.txt", b"\xff\xfeab\x00\xd8", "broken UTF-16"),
        ("a.txt", b"Two words", "too short: 2 words of text"),
        ("a.txt", b"By Ann Lee\n\nPhoto: Ann Lee", "no text found beside headings, bylines and the like"),
        ("a.json", b'{"text": "cut', "broken JSON: Unterminated string"),
        ("a.json", b"[" * 100_000, "broken JSON"),
        ("a.json", b"7", "expected a record or a list of records, found int"),
        ("a.json", b'{"text": ["a", "b"]}', "'text' holds list, not text"),
        ("a.json", b'{"title": "x"}', "wrong columns: found 'title'; expected 'text' (or 'body'"),
        ("a.csv", b"name,age\nAnn,7\n", "wrong columns: found 'name', 'age'; expected 'text' (or 'body'"),
        ("a.csv", b"id,text\n1,\n", "row 1: no text found"),
        ("a.parquet", b"PAR1 not really PAR1", "bad parquet"),
        ("a.parquet", b"plain text", "bad parquet: it does not begin as one"),
        ("a.html", b"<html><body><script>x()</script></body></html>", "no text found in the page"),
        ("a.xml", b"<?xml version='1.0'?><rss><item>x</item></rss>", "no reader for XML"),
        ("a.txt.gz", gzip.compress(TEXT.encode())[:40], "damaged or truncated gzip data"),
        ("a.txt.xz", lzma.compress(TEXT.encode())[:-9], "damaged or truncated xz data"),
        ("a.txt.zst", zstandard.compress(TEXT.encode())[:-9], "damaged or truncated zstd data"),
    ],
)
def test_the_reason_is_given(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    file = write(tmp_path / name, content)
    write(tmp_path / "good.txt", TEXT)
    reading = read_articles(tmp_path)
    assert len(reading) == 1
    (skipped,) = reading.skipped
    assert skipped.path == str(file)
    assert skipped.reason.startswith(reason)
    assert "\n" not in skipped.reason


def test_no_input_larger_than_the_limit_is_read_packed_or_not(tmp_path: Path) -> None:
    limit = ReadingSettings(max_bytes=1000)
    write(tmp_path / "big.txt", "word " * 300)
    write(tmp_path / "bomb.txt.gz", gzip.compress(b"word " * 100_000))
    write(tmp_path / "bomb.zst", zstandard.compress(b"word " * 100_000))
    write(tmp_path / "good.txt", TEXT)
    reading = read_articles(tmp_path, settings=limit)
    assert {Path(s.path).name: s.reason for s in reading.skipped} == {
        "big.txt": "too large: more than 1,000 bytes (reading.max_bytes)",
        "bomb.txt.gz": "too large: more than 1,000 bytes when decompressed",
        "bomb.zst": "too large: more than 1,000 bytes when decompressed",
    }
    assert "too large" in why("-", stdin=io.BytesIO(b"word " * 300), settings=limit)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_listed(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", TEXT)
    file.chmod(0)
    assert "unreadable: Permission denied" in why(file)


def test_a_pipe_in_a_folder_does_not_make_the_reader_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "not a regular file" in why(tmp_path)


def test_a_broken_line_does_not_hide_the_others(tmp_path: Path) -> None:
    good = [{"text": f"{BODY} {n}"} for n in range(3)]
    content = lines(*good[:2]) + '{"text": "cut\n' + "\n" + "[1]\n" + lines(good[2])
    file = write(tmp_path / "a.jsonl", content)
    reading = read_articles(file)
    assert [a.id for a in reading] == [f"{file}#1", f"{file}#2", f"{file}#6"]
    assert [s.reason[:20] for s in reading.skipped] == ["line 3: broken JSON:", "line 5: expected a r"]


def test_records_skipped_for_one_reason_are_one_line(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", lines(*[{"text": ""}] * 9, {"text": TEXT}))
    assert read_articles(file).skipped == (Skipped(str(file), "line 1, line 2, line 3 and 6 more: no text found"),)


def test_a_csv_with_an_open_quotation_mark_is_not_swallowed(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", f'text\n{BODY}\n"{MORE}\n{BODY}\n')
    reading = read_articles(file)
    assert [a.text for a in reading] == [BODY]
    assert reading.skipped[0].reason.startswith("row 2: broken CSV, nothing is read from here on")


# --- formats ---


RECORD = {
    "ID": 17,
    "Body": TEXT,
    "headline": "Fire at\nthe office",
    "outlet": "Marlow News",
    "link": "https://example.org/1",
    "date": "2025-03-18T09:30:00Z",
    "section": "local",
}


def check_record(article: Article) -> None:
    assert (article.id, article.text, article.title) == ("17", TEXT, "Fire at the office")
    assert (article.source, article.url) == ("Marlow News", "https://example.org/1")
    assert article.published == datetime(2025, 3, 18, 9, 30, tzinfo=UTC)
    assert article.metadata == {"section": "local"}


@pytest.mark.parametrize("content", [RECORD, [RECORD], {"articles": [RECORD]}])
def test_json(tmp_path: Path, content: object) -> None:
    check_record(only(write(tmp_path / "a.json", json.dumps(content, indent=1))))


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.txt", "a.jsonl.gz"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, zstandard.compress])
def test_json_lines_under_any_name_and_packing(tmp_path: Path, name: str, pack: object) -> None:
    content = lines(RECORD, {"text": MORE})
    first, second = read_articles(write(tmp_path / name, pack(content.encode())))  # type: ignore[operator]
    check_record(first)
    assert second.id == f"{tmp_path}/{name}#2"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv(tmp_path: Path, delimiter: str) -> None:
    import csv

    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, RECORD, delimiter=delimiter)
    writer.writeheader()
    writer.writerows([RECORD, RECORD | {"ID": "", "Body": "long " * 50_000}])
    first, second = read_articles(write(tmp_path / "a.csv", file.getvalue()))
    check_record(first)
    assert second.id == f"{tmp_path}/a.csv#2" and second.words == 50_000


def test_parquet_under_any_name(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist([RECORD, RECORD | {"ID": None, "date": None}])
    pq.write_table(table, tmp_path / "a.txt")
    first, second = read_articles(tmp_path / "a.txt")
    check_record(first)
    assert second.id == f"{tmp_path}/a.txt#2" and second.published is None
    pq.write_table(table.drop_columns("Body"), tmp_path / "b.parquet")
    assert "wrong columns: found 'ID', 'headline'" in why(tmp_path / "b.parquet")
    assert "too large" in why(tmp_path / "a.txt", settings=ReadingSettings(max_bytes=100))


def test_a_folder_saved_by_datasets(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_list([RECORD, RECORD | {"ID": None}])
    data.save_to_disk(str(tmp_path / "in" / "one"))
    datasets.DatasetDict(train=data.select([1]), test=data.select([1])).save_to_disk(str(tmp_path / "two"))
    first, second = read_articles(tmp_path / "in")
    check_record(first)
    assert second.id == f"{tmp_path}/in/one#2"
    assert [a.id for a in read_articles(tmp_path / "two")] == [
        f"{tmp_path}/two/test#1",
        f"{tmp_path}/two/train#1",
    ]


PAGE = f"""<!doctype html><html><head><meta charset="windows-1252"><title>Fire at the office - Marlow News</title>
<meta property="og:title" content="Fire at the office"><meta property="og:site_name" content="Marlow News">
<meta property="article:published_time" content="2025-03-18T09:30:00Z"></head><body>
<nav><a href="/">Home</a><a href="/sport">Sport</a></nav><article><h1>Fire at the office</h1>
<p>{BODY}</p><p>{MORE} The caf\u00e9 next door is open.</p><p>{BODY} {MORE}</p></article>
<footer>Cookie settings</footer></body></html>"""


@pytest.mark.parametrize("name", ["a.html", "a.txt", "a.md", "a"])
def test_html_under_any_name(tmp_path: Path, name: str) -> None:
    article = only(write(tmp_path / name, PAGE.encode("cp1252")))
    assert article.title == "Fire at the office"
    assert article.source == "Marlow News"
    assert article.published == datetime(2025, 3, 18, tzinfo=UTC)
    assert BODY in article.text and "caf\u00e9" in article.text
    assert "Sport" not in article.text and "Cookie" not in article.text


def test_a_text_named_html_is_read_as_text(tmp_path: Path) -> None:
    assert only(write(tmp_path / "a.html", TEXT)).text == TEXT


def test_markdown_is_kept_as_it_is_but_for_its_front_matter(tmp_path: Path) -> None:
    body = f"\n# Fire at the *office*\n\n{TEXT}\n## What next\n\n{MORE}\n"
    front = "---\ntitle: A fire\ndate: 2025-03-18\ntags: [fire, harbour]\ntext: none\n---\n"
    article = only(write(tmp_path / "a.md", front + body))
    assert article.text == body
    assert (article.title, article.published) == ("A fire", datetime(2025, 3, 18, tzinfo=UTC))
    assert article.metadata == {"tags": ["fire", "harbour"]}
    assert [body[a.start : a.end] for a in article.asides] == ["# Fire at the *office*", "## What next"]
    assert only(write(tmp_path / "b.md", body)).title == "Fire at the *office"
    broken = f"---\n: [\n---\n{TEXT}"
    assert only(write(tmp_path / "c.md", broken)).text == broken


def test_a_headline_above_a_text_is_its_title(tmp_path: Path) -> None:
    article = only(write(tmp_path / "a.txt", f"Fire shuts harbour office\n\nBy Ann Lee\n\n{TEXT}"))
    assert article.title == "Fire shuts harbour office"
    assert [a.kind for a in article.asides] == ["heading", "byline"]
    assert only(write(tmp_path / "b.txt", TEXT)).title is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-03-18", "2025-03-18T00:00:00+00:00"),
        ("2025-03-18T09:30:00+02:00", "2025-03-18T09:30:00+02:00"),
        ("2025-03-18 09:30:00", "2025-03-18T09:30:00+00:00"),
        ("18 March 2025", "2025-03-18T00:00:00+00:00"),
        ("March 18, 2025", "2025-03-18T00:00:00+00:00"),
        ("Tue, 18 Mar 2025 09:30:00 GMT", "2025-03-18T09:30:00+00:00"),
        (1742290200, "2025-03-18T09:30:00+00:00"),
        (1742290200000, "2025-03-18T09:30:00+00:00"),
        ("03/04/2025", None),
        ("yesterday", None),
        (True, None),
        (1e300, None),
        (["2025"], None),
    ],
)
def test_dates_are_read_or_kept_as_metadata(tmp_path: Path, value: object, expected: str | None) -> None:
    article = only(write(tmp_path / "a.json", json.dumps({"text": TEXT, "date": value})))
    assert (article.published.isoformat() if article.published else None) == expected
    assert article.metadata == ({} if expected else {"date": value})


# --- encodings ---

FOREIGN = "The caf\u00e9 owner, Zo\u00eb M\u00fcller, said \u201cnever\u201d and shut the door \u2013 for good."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    assert only(write(tmp_path / "a.txt", FOREIGN.encode(encoding))).text == FOREIGN


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Мэр закрыл мост во вторник, сообщили чиновники города. Ремонт займёт три месяца."),
        ("cp1252", "El alcalde anunció que la reunión del año pasado no se repetirá: «mañana será otro día»."),
        ("cp1252", "Borgmästaren sade på måndagen att bron måste stängas över natten."),
        (
            "cp1250",
            "Zarząd miasta zamknął most we wtorek. Źródła mówią, że potrwa to trzy miesiące, a koszty "
            "pokryje województwo.",
        ),
        ("gb18030", "市长星期二宣布关闭大桥，维修预计需要三个月。"),
    ],
)
def test_legacy_encodings(tmp_path: Path, encoding: str, text: str) -> None:
    assert only(write(tmp_path / "a.txt", text.encode(encoding))).text == text


def test_a_few_broken_bytes_do_not_spoil_the_rest(tmp_path: Path) -> None:
    data = (FOREIGN * 9).encode() + b"\xe2\x80"
    assert only(write(tmp_path / "a.txt", data)).text == FOREIGN * 9 + "\ufffd"


def test_the_text_is_left_as_it_is(tmp_path: Path) -> None:
    text = f"  {BODY}\r\n\r\nItâ€™s the caf\u00c3\u00a9.\r\n\tTwo  blanks \u00a0 and \u2028 breaks.\n\n\n"
    assert only(write(tmp_path / "a.txt", text)).text == text


def test_half_a_surrogate_pair_does_not_reach_the_output(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", json.dumps({"text": BODY + "\ud800", "title": "\udc00 title"}))
    article = only(file)
    assert article.text == BODY + "\ufffd"
    assert article.title == "\ufffd title"


# --- properties ---

MAGIC = [
    b"",
    b"PAR1",
    b"\x1f\x8b\x08",
    b"\xfd7zXZ\x00",
    b"BZh9",
    b"\x28\xb5\x2f\xfd",
    b"\xff\xfe",
    b"<html>",
    b"{",
    b"---\n",
]
QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(
    magic=st.sampled_from(MAGIC),
    data=st.binary(max_size=300),
    name=st.sampled_from(["a.txt", "a.md", "a.html", "a.json", "a.jsonl", "a.csv", "a.parquet", "a.gz", "a"]),
)
def test_any_bytes_are_an_article_or_a_skip(tmp_path: Path, magic: bytes, data: bytes, name: str) -> None:
    folder = tmp_path / "in"
    write(folder / "good.md", TEXT)
    file = write(folder / name, magic + data)
    try:
        reading = read_articles(folder)
    finally:
        file.unlink()
    assert any(a.id == str(folder / "good.md") for a in reading)
    assert len(reading) + len(reading.skipped) >= 2


@QUICK
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_comes_back_as_it_was(tmp_path: Path, tail: str) -> None:
    text = f"{BODY}\n{tail.translate(dict.fromkeys(range(32)))}{tail[-1:]}".replace("\0", "").replace("\x7f", "")
    assert only(write(tmp_path / "a.txt", text)).text == text


# --- the table and the door ---


def test_the_readers_are_the_formats_that_are_promised() -> None:
    assert list(READERS) == ["txt", "md", "html", "json", "jsonl", "csv", "parquet", "datasets"]
    assert list(COLUMNS) == ["id", "text", "title", "source", "url", "published"]


def test_reading_plain_text_loads_nothing_heavy(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", TEXT)
    heavy = "('trafilatura', 'pyarrow', 'datasets', 'charset_normalizer', 'zstandard', 'torch')"
    code = (
        "import sys, summarize.reading as r; before = set(sys.modules); "
        f"r.read_articles({str(file)!r}); print([m for m in {heavy} if m in set(sys.modules) - before])"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_articles_travel_between_processes(tmp_path: Path) -> None:
    reading = read_articles(write(tmp_path / "a.txt", TEXT))
    assert pickle.loads(pickle.dumps(reading)) == reading


def test_a_folder_of_many_formats_and_faults() -> None:
    reading = read_articles(MESSY)
    assert [a.id.removeprefix(f"{MESSY}/") for a in reading] == [
        "cafe-windows-1252.txt",
        *("heron-1", "heron-2", "heron-3"),
        "library-reopens.html",
        "lighthouse-sale",
        *("metro-1", "metro-2", "metro-4"),
        "misnamed-page.txt",
        "orchard-frost.md",
        "railway-utf16.txt",
    ]
    assert {Path(s.path).name: s.reason for s in reading.skipped} == {
        "blank.txt": "empty",
        "empty.txt": "empty",
        "metro.jsonl": "line 3: broken JSON: Unterminated string starting: character 61",
        "picture.txt": "binary (image)",
    }
    assert all("\ufffd" not in a.text for a in reading)
