import base64
import hashlib
import io
import json
import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import sample_digest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len
from rich.console import Console

from summarize.documents import (
    Article,
    Aside,
    Citation,
    Conflict,
    ConflictValue,
    Digest,
    Skipped,
    Story,
    Summary,
    SummarySentence,
)
from summarize.errors import OutputError, UnknownNameError
from summarize.rendering import RENDERERS, print_page, render, write_atomically
from summarize.rendering.characters import visible, web_address
from summarize.rendering.contract import schema

GOLDEN = Path(__file__).parent / "golden"
ACTIVE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff]")
TERMINAL = re.compile(r"\x1b\[[\d;]*m|\x1b\]8;[^\x1b]*\x1b\\")


# Digests of any strings at all. Hostile characters come often; the only lone surrogates are high ones, since
# JSON reads a high one and a low one in a row as one character.

_hostile = st.sampled_from(
    list("ab .,;:/\\[](){}<>&\"'*_`~$#|!=+-1\n\r\t\x00\x1b\x7f\x9b\u200f\u202a\u202e\u2028\ud800éש市。「😀")
)
_words = st.text(_hostile | st.characters(codec="utf-8"), max_size=30)


@st.composite
def _articles(draw: st.DrawFn, id: str) -> Article:
    text = draw(st.text(_hostile, min_size=1, max_size=80))
    edges = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    asides = tuple(Aside(a, b, draw(_words)) for a, b in zip(edges[::2], edges[1::2], strict=False))
    optional = st.none() | _words
    return Article(
        id,
        text,
        title=draw(optional),
        source=draw(optional),
        url=draw(optional | st.just("https://example.org/ü?a=1&b=2")),
        published=draw(st.none() | st.datetimes()),
        asides=asides,
    )


@st.composite
def _summaries(draw: st.DrawFn) -> Summary:
    ids = draw(st.lists(st.text(_hostile, min_size=1, max_size=10), min_size=1, max_size=4, unique=True))
    articles = tuple(draw(_articles(id)) for id in sorted(ids))
    cut = draw(st.integers(0, len(articles) - 1))
    lineages = (tuple(a.id for a in articles[: cut + 1]), *((a.id,) for a in articles[cut + 1 :]))

    def citation() -> Citation:
        article = draw(st.sampled_from(articles))
        start = draw(st.integers(0, len(article.text) - 1))
        end = draw(st.integers(start + 1, len(article.text)))
        return Citation(article.id, start, end, article.text[start:end], draw(st.floats(0, 1)))

    sentences = tuple(
        SummarySentence(
            draw(_words),
            tuple(citation() for _ in range(draw(st.integers(1, 4)))),
            draw(st.sampled_from(["written", "fused", "compressed", "extracted"])),
            draw(st.integers(0, 3)),
        )
        for _ in range(draw(st.integers(0, 4)))
    )
    sentences = tuple(
        replace(s, unsupported=((0, len(s.text)),) if s.origin == "written" and s.text else ()) for s in sentences
    )
    kinds = st.sampled_from(["number", "date", "name", "place", "negation", "quotation"])

    def value() -> ConflictValue:
        return ConflictValue(draw(_words), tuple(citation() for _ in range(draw(st.integers(1, 2)))))

    disputed = tuple(
        Conflict(draw(_words), draw(kinds), tuple(value() for _ in range(draw(st.integers(2, 3)))))
        for _ in range(draw(st.integers(0, 2)))
    )
    return Summary(Story(draw(_words), articles, lineages), draw(_words), draw(_words), sentences, disputed)


_digests = st.builds(
    Digest,
    st.lists(_summaries(), max_size=3).map(tuple),
    st.lists(st.builds(Skipped, _words, _words), max_size=2).map(tuple),
    st.dictionaries(_words, _words | st.integers() | st.dictionaries(_words, _words), max_size=3),
)


def _folded(text: str) -> str:
    return " ".join(visible(text).split())


# A digest takes long to draw on a busy machine.
_patient = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


# Every format


@pytest.mark.parametrize(
    ("format", "ending"), [("text", "txt"), ("markdown", "md"), ("json", "json"), ("html", "html")]
)
def test_page_is_as_it_was(format: str, ending: str) -> None:
    """Run with UPDATE_GOLDEN=1 to accept a change, and read the difference."""
    page = render(sample_digest.digest(), format)
    golden = GOLDEN / f"digest.{ending}"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(page.encode())
    assert golden.read_bytes().decode() == page


def test_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown format 'htm'. Did you mean 'html'\? Known: html, json"):
        render(Digest(()), "htm")


@_patient
@given(digest=_digests)
def test_any_digest_gives_one_harmless_text(digest: Digest) -> None:
    for format in RENDERERS:
        page = render(digest, format)
        assert page == render(digest, format)
        assert page.endswith("\n")
        assert not ACTIVE.search(page)
        assert page.encode("utf-8").decode("utf-8") == page


@pytest.mark.parametrize("format", ["text", "markdown", "html"])
def test_a_digest_of_nothing_says_so_and_lists_what_was_skipped(format: str) -> None:
    page = render(Digest((), (Skipped("a.bin", "binary"),)), format)
    assert "No story to show." in page
    assert "a.bin" in page and "binary" in page


@_patient
@given(text=st.text(_hostile))
def test_visible_text_keeps_every_offset(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert all(a == b or (ACTIVE.match(a) and b in "\ufffd ") or a == "\x85" for a, b in zip(text, shown, strict=True))


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/b?c=d&e=f#g", "https://a.example/b?c=d&e=f#g"),
        ("HTTP://a.example", "HTTP://a.example"),
        ("https://a.example/é%20ü", "https://a.example/%C3%A9%20%C3%BC"),
        ('https://a.example/"onclick="x', "https://a.example/%22onclick=%22x"),
        ("javascript:alert(1)//https://a.example", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,<script>", None),
        ("file:///etc/passwd", None),
        ("https://", None),
        ("https:///path", None),
        ("https://a.example/\x1b]8;;", None),
        ("https://a.example/ b", None),
        ("https://a.example\\@b.example", None),
        ("//a.example", None),
        ("", None),
        (None, None),
    ],
)
def test_only_whole_web_addresses_become_links(url: str | None, link: str | None) -> None:
    assert web_address(url) == link


# Text and terminal


def _printed(digest: Digest, **console: object) -> str:
    file = io.StringIO()
    options: dict[str, object] = {"color_system": "truecolor", "_environ": {}} | console
    print_page(digest, Console(file=file, **options))  # type: ignore[arg-type]
    return file.getvalue()


def test_text_counts_independent_reports_and_names_copies() -> None:
    page = render(sample_digest.digest(), "text")
    assert "4 articles, 3 independent reports\n" in page
    assert "same report as [4]" in page
    assert page.count("Story 1 of 2") == 1


@pytest.mark.parametrize("format", ["text", "markdown", "html"])
def test_what_sources_differ_on_is_listed_with_who_says_what(format: str) -> None:
    page = render(Digest((sample_digest.ferry(),)), format)
    assert "Sources differ" in page
    assert "The repair cost …, according to the operator (number)" in page
    agreed = render(Digest((replace(sample_digest.ferry(), conflicts=()),)), format)
    assert "Sources differ" not in agreed


def test_values_stand_in_the_order_of_the_conflict_with_their_sources() -> None:
    page = render(Digest((sample_digest.ferry(),)), "text")
    assert "    - 6.2 million kroner[1][4][3]\n    - 2.6 million kroner[2]\n" in page
    altered = replace(sample_digest.ferry().conflicts[0], kind="quotation")
    assert altered.label.endswith("(altered quotation)")


def test_text_of_one_story_has_no_count_and_no_rule() -> None:
    page = render(Digest((sample_digest.ferry(),)), "text")
    assert page.startswith("Burned ferry returns")
    assert "Story" not in page
    assert "---" not in page


@_patient
@given(digest=_digests)
def test_text_lines_fit_and_lose_no_word(digest: Digest) -> None:
    page = render(digest, "text")
    shown = "".join(page.split())
    for summary in digest.summaries:
        for sentence in summary.sentences:
            marks = "".join(f"[{n}]" for n in summary.marks(sentence))
            assert "".join(_folded(sentence.text).split()) + marks in shown
        for conflict in summary.conflicts:
            assert "".join(_folded(conflict.label).split()) in shown
            for value in conflict.values:
                marks = "".join(f"[{n}]" for n in summary.sources_of(value))
                assert "".join(_folded(value.value).split()) + marks in shown
    for line in page.splitlines():
        assert cell_len(line) <= 80 or len(line.split()) <= 2  # a long word, after its number


def test_text_breaks_long_text_without_blanks_between_ideographs() -> None:
    text = "市長は正午に辞任した。" * 12
    ferry = sample_digest.ferry()
    summary = replace(ferry, sentences=(replace(ferry.sentences[0], text=text),))
    body = render(Digest((summary,)), "text").split("\n\n")[1].splitlines()
    assert [len(line) for line in body[:-1]] == [40, 40, 39]  # no line begins with a full stop
    assert "".join(body) == text + "[1][4][3]"


def test_piped_page_is_the_text_page() -> None:
    digest = sample_digest.digest()
    assert _printed(digest, force_terminal=False, width=40) == render(digest, "text")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_terminal_page_fits_its_width_and_says_the_same(width: int) -> None:
    digest = sample_digest.digest()
    page = TERMINAL.sub("", _printed(digest, force_terminal=True, width=width))
    assert not ACTIVE.search(page)
    plain = render(digest, "text").replace("-" * 80, "")
    assert "".join(page.replace("─", "").split()) == "".join(plain.split())
    rules = [line for line in page.splitlines() if line.startswith("─")]
    assert {len(rule) for rule in rules} == {min(width, 100)}
    for line in page.splitlines():
        assert cell_len(line) <= min(width, 100) or len(line.split()) == 1


def test_terminal_page_styles_and_links_only_to_the_web() -> None:
    page = _printed(sample_digest.digest(), force_terminal=True, width=100)
    assert re.findall(r"\x1b\]8;id=\d+;(.+?)\x1b", page)[0] == "https://coastalwire.example/2031/ferry?id=17&view=full"
    assert "javascript:alert(document" not in page
    assert "\x1b[1mBurned ferry returns" in page
    assert "\x1b[2;36m[1]" in page
    assert "[b]bold[/b]" in page


def test_terminal_without_colour_shows_no_escape_at_all() -> None:
    assert "\x1b" not in _printed(sample_digest.digest(), force_terminal=True, color_system=None)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_that_lacks_characters_shows_their_numbers(terminal: bool) -> None:
    buffer = io.BytesIO()
    file = io.TextIOWrapper(buffer, encoding="ascii", newline="")
    print_page(sample_digest.digest(), Console(file=file, force_terminal=terminal, color_system=None, width=80))
    file.flush()
    assert b"\\u201cWe have missed" in buffer.getvalue()


# Markdown


def _inline(page: str) -> list[tuple[str, str]]:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(page)
    return [(child.type, child.content) for token in tokens for child in token.children or ()]


def test_markdown_shows_hostile_strings_as_text() -> None:
    page = render(sample_digest.digest(), "markdown")
    kinds = {kind for kind, _ in _inline(page)}
    assert kinds <= {"text", "text_special", "softbreak"}
    shown = "".join(content for _, content in _inline(page))
    assert _folded(sample_digest.ledger().title) in shown
    for summary in sample_digest.digest().summaries:
        for citation in summary.citations:
            assert f"[{summary.numbers[citation.article]}] {_folded(citation.quote)}" in shown


@_patient
@given(quote=st.text(_hostile, min_size=1), path=_words, reason=_words)
def test_markdown_quotes_and_paths_are_never_markup(quote: str, path: str, reason: str) -> None:
    article = Article("a", quote)
    citation = Citation("a", 0, len(quote), quote, 1.0)
    sentence = SummarySentence("So.", (citation, citation), "extracted")
    digest = Digest((Summary(Story("s", (article,)), "Title", "lead", (sentence,)),), (Skipped(path, reason),))
    tokens = MarkdownIt("commonmark").parse(render(digest, "markdown"))
    kinds = [token.type.removesuffix("_open") for token in tokens if not token.type.endswith("_close")]
    block = ["heading", "inline", "paragraph", "inline", "paragraph", "inline"]
    block += [
        "ordered_list",
        "list_item",
        "paragraph",
        "inline",
        "paragraph",
        "inline",
        "paragraph",
        "inline",
    ]
    block += ["ordered_list", "list_item", "blockquote", "paragraph", "inline", "paragraph", "inline", "hr"]
    assert kinds == [*block, "paragraph", "inline", "bullet_list", "list_item", "paragraph", "inline"]
    texts = ["".join(child.content for child in token.children or ()) for token in tokens if token.type == "inline"]
    assert texts[-3] == f"[1] {_folded(quote)}".rstrip()
    assert texts[-1] == f"{_folded(path)}: {_folded(reason)}".strip()


# JSON


def test_json_is_the_contract_in_its_order() -> None:
    digest = sample_digest.digest()
    page = render(digest, "json")
    assert json.loads(page) == digest.to_dict()
    assert list(json.loads(page)) == ["schema", "signature", "stories", "skipped"]
    assert "رئيس" in page and "😀" in page


@_patient
@given(digest=_digests)
def test_any_digest_fits_the_schema_and_survives_json(digest: Digest) -> None:
    contract = json.loads(render(digest, "json"))
    assert contract == digest.to_dict()
    jsonschema.Draft202012Validator(schema()).validate(contract)


def test_schema_is_valid_described_and_closed() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    parts = {"digest": schema(), **schema()["$defs"]}
    assert set(parts) == {
        *("digest", "story", "article", "summary", "sentence", "citation", "conflict", "value", "asked", "skipped")
    }
    for part in parts.values():
        assert part["description"]
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c.update(extra=1),
        lambda c: c.update(schema=2),
        lambda c: c["stories"][0].pop("id"),
        lambda c: c["stories"][0]["articles"].clear(),
        lambda c: c["stories"][0]["articles"][0].update(published="yesterday"),
        lambda c: c["stories"][0]["summary"]["sentences"][0].update(origin="invented"),
        lambda c: c["stories"][0]["summary"]["sentences"][0]["citations"].clear(),
        lambda c: c["stories"][0]["summary"]["sentences"][0]["citations"][0].update(score=1.5),
        lambda c: c["stories"][0]["conflicts"][0].update(kind="opinion"),
        lambda c: c["stories"][0]["conflicts"][0]["values"].pop(),
        lambda c: c["stories"][0]["conflicts"][0]["values"][0]["citations"].clear(),
        lambda c: c["skipped"][0].update(line=3),
    ],
)
def test_schema_refuses_what_breaks_the_contract(spoil: Callable[[dict[str, object]], object]) -> None:
    contract = json.loads(render(sample_digest.digest(), "json"))
    spoil(contract)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(contract)


# HTML

_VOID = {"meta", "link", "br", "hr", "img", "input"}
_KNOWN = re.findall(
    r"\w+",
    "html head meta link title style body nav h1 h2 h3 ol ul li a bdi small main article div section p span "
    "sup details summary b cite blockquote time mark footer dl dt dd script",
)


class _Page(HTMLParser):
    """A strict reading: every tag known and closed, and the text of every element with an id or class."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str]]] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.spans: list[tuple[str, dict[str, str], int, int]] = []
        self._starts: list[int] = []
        self._length = 0
        self.feed(page)
        self.close()
        self.whole = "".join(self.text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _KNOWN
        named = {name: value or "" for name, value in attrs}
        assert len(named) == len(attrs)
        self.elements.append((tag, named))
        if tag not in _VOID:
            self.open.append((tag, named))
            self._starts.append(self._length)

    def handle_endtag(self, tag: str) -> None:
        opened, named = self.open.pop()
        assert opened == tag
        self.spans.append((tag, named, self._starts.pop(), self._length))

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        self._length += len(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def texts(self, tag: str, **wanted: str) -> list[str]:
        """The text of every such element, in the order in which they open."""
        found = [s for s in self.spans if s[0] == tag and wanted.items() <= s[1].items()]
        return [self.whole[start:end] for _, _, start, end in sorted(found, key=lambda s: s[2])]


def _check_page(digest: Digest) -> None:
    page = render(digest, "html")
    read = _Page(page)
    ids = [named["id"] for _, named in read.elements if "id" in named]
    assert len(ids) == len(set(ids))
    for tag, named in read.elements:
        assert not any(name.startswith("on") or name in ("style", "src", "srcset") for name in named)
        if (address := named.get("href")) is not None:
            assert (tag, address) == ("link", "data:,") or address[1:] in ids or web_address(address) == address
            assert address.startswith("#") or tag == "link" or named["rel"] == "noopener noreferrer"
        for name in ("aria-describedby", "aria-labelledby"):
            assert name not in named or named[name] in ids
    sources = iter(read.texts("div", **{"class": "text"}))
    for story, summary in enumerate(digest.summaries, 1):
        for article in summary.story.articles:
            assert next(sources) == visible(article.text)
            _check_marks(read, story, summary, article)
        for n, sentence in enumerate(summary.sentences, 1):
            marks = "".join(str(number) for number in summary.marks(sentence))
            assert read.texts("div", id=f"s{story}-{n}") == [_folded(sentence.text) + marks]
            quotes = read.texts("ul", id=f"quotes-{story}-{n}")[0]
            assert all(_folded(c.quote) in quotes for c in sentence.citations)
        for n, conflict in enumerate(summary.conflicts, 1):
            (point,) = read.texts("li", id=f"c{story}-{n}")
            values = [_folded(v.value) + "".join(map(str, summary.sources_of(v))) for v in conflict.values]
            assert "".join(point.split()) == "".join("".join([_folded(conflict.label), *values]).split())


def _check_marks(read: _Page, story: int, summary: Summary, article: Article) -> None:
    """What is marked for a sentence is what it cites, to the character."""
    number = summary.numbers[article.id]
    for n, sentence in enumerate(summary.sentences, 1):
        cited: set[int] = set()
        for citation in sentence.citations:
            if citation.article == article.id:
                cited |= set(range(citation.start, citation.end))
        marked: set[int] = set()
        for tag, named, start, end in read.spans:
            if tag == "mark" and named["id"].startswith(f"at-{story}-{number}-"):
                offset = int(named["id"].rsplit("-", 1)[1])
                assert read.whole[start:end] == visible(article.text)[offset : offset + end - start]
                if f"s{story}-{n}" in named["data-for"].split():
                    marked |= set(range(offset, offset + end - start))
        assert marked == cited


def test_html_page_of_the_sample_is_sound() -> None:
    _check_page(sample_digest.digest())


@_patient
@given(digest=_digests)
def test_html_page_of_any_digest_is_sound(digest: Digest) -> None:
    _check_page(digest)


def test_html_runs_and_loads_nothing_but_its_own() -> None:
    page = render(sample_digest.digest(), "html")
    read = _Page(page)
    policy = next(named["content"] for _, named in read.elements if "http-equiv" in named)
    for tag in ("script", "style"):
        (own,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|innerHTML|eval\(", page)


def test_html_links_to_the_web_only_where_the_address_is_one() -> None:
    page = render(sample_digest.digest(), "html")
    links = [named["href"] for _, named in _Page(page).elements if "rel" in named and named["rel"] != "icon"]
    assert links == ["https://coastalwire.example/2031/ferry?id=17&view=full"]


def test_html_lists_stories_only_where_there_are_several() -> None:
    several = _Page(render(sample_digest.digest(), "html"))
    assert several.texts("title") == ["2 stories"]
    assert [t for t, _ in several.elements].count("nav") == 1
    one = _Page(render(Digest((sample_digest.ferry(),)), "html"))
    assert one.texts("title") == one.texts("h1") == ["Burned ferry returns to island route after 41 days"]
    assert "nav" not in [t for t, _ in one.elements]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_html_colours_are_readable_in_light_and_dark() -> None:
    """WCAG 2.2 AA: a contrast of at least 4.5 for text of any size."""
    style = (files("summarize.rendering") / "colours.css").read_text("utf-8")
    themes = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{([^}]*)\}", style)
    ]
    light, dark = themes[0], themes[1]
    assert light.keys() == dark.keys()
    for theme in (light, dark):
        for ink, paper in [
            *((ink, paper) for ink in ("ink", "muted", "accent") for paper in ("paper", "sheet", "tint")),
            ("mark-ink", "mark"),
        ]:
            a, b = sorted((_luminance(theme[ink]), _luminance(theme[paper])))
            assert (b + 0.05) / (a + 0.05) >= 4.5, (ink, paper)


# Files


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_gets_what_the_umask_gives(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "page.txt", "“été”\r\n")
    finally:
        os.umask(before)
    assert (tmp_path / "page.txt").read_bytes() == "“été”\r\n".encode()
    assert stat.S_IMODE((tmp_path / "page.txt").stat().st_mode) == 0o640
    assert _names(tmp_path) == ["page.txt"]


def test_an_old_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text("old")
    path.chmod(0o604)
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "page.txt").symlink_to(tmp_path / "there" / "real.txt")
    write_atomically(tmp_path / "page.txt", "new")
    assert (tmp_path / "page.txt").is_symlink()
    assert (tmp_path / "there" / "real.txt").read_text() == "new"


def test_what_is_no_file_is_written_to_directly(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    write_atomically(Path(f"/dev/fd/{writing}"), "through the pipe\n")
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.read() == "through the pipe\n"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing/page.txt", "No such file or directory"),
        ("folder", "Is a directory"),
        ("file/page.txt", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("nul\0.txt", "null"),
    ],
)
def test_what_cannot_be_written_is_one_clear_line(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=reason) as error:
        write_atomically(tmp_path / name, "text")
    assert str(error.value).startswith("cannot write ")
    assert "\n" not in str(error.value)
    assert _names(tmp_path) == ["file", "folder"]


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    def fail(handle: int) -> None:
        raise fault

    path = tmp_path / "page.txt"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["page.txt"]


@pytest.mark.parametrize("format", ["text", "markdown", "html", "json"])
def test_words_that_no_citation_holds_are_visible(format: str) -> None:
    article = Article("a", "The dam overflowed.")
    text = "The <dam> collapsed & overflowed."
    sentence = SummarySentence(text, (Citation("a", 0, 19, article.text, 0.5),), "written", 0, ((10, 19),))
    plain = SummarySentence("The dam overflowed.", sentence.citations, "extracted")
    summary = Summary(Story("s", (article,), (("a",),)), "Dam", "seq2seq", (plain, sentence))
    assert summary.doubts == ((2, ("collapsed",)),)
    page = render(Digest((summary,)), format)
    shown = {
        "text": "In no source cited\n  sentence 2: collapsed\n",
        "markdown": "In no source cited:\n\n- sentence 2: collapsed\n",
        "html": '&lt;dam&gt; <span class="doubt" title="in no source cited">collapsed</span> &amp; overflowed.</span>',
        "json": '"start": 10,',
    }
    assert shown[format] in page
    assert "no source cited" not in render(Digest((replace(summary, sentences=(plain,)),)), format)
