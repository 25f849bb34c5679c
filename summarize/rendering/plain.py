"""The page as lines of text: plain for files and pipes, styled for a terminal.

Both come from one layout, so that they say the same: a line is a tuple of pieces, each with the style and
the link a terminal gives it.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from summarize.documents import Digest, Summary, label
from summarize.rendering.characters import encodable, one_line, web_address
from summarize.rendering.facts import NO_STORY, basis, count, same_report_as

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80
"""Columns of the plain page."""

WIDEST = 100
"""Columns of the terminal page at most: longer lines are hard to read."""

NARROWEST = 20

# Chinese and Japanese are written without blanks: a line may break before an ideograph or kana, but not
# between one and the punctuation that belongs to it.
_IDEOGRAPH = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003fffd"
_OPENING = "「『（【〈《〔“‘"
_CLOSING = "」』）】〉》〕”’、。，．！？：；・ー"
_BREAK = re.compile(rf" |(?<![{_OPENING} ])(?=[{_IDEOGRAPH}])(?![{_CLOSING}])")


class Piece(NamedTuple):
    """A stretch of a line, how a terminal styles it, and what it links to there."""

    text: str
    style: str = ""
    link: str | None = None


Line = tuple[Piece, ...]


def render_text(digest: Digest) -> str:
    """The page as plain text, 80 columns wide, its layout in ASCII."""
    return "".join("".join(p.text for p in line) + "\n" for line in lines(digest, WIDTH, rule="-"))


def print_page(digest: Digest, console: "Console") -> None:
    """Print the page: styled and as wide as the terminal, or as ``render_text`` gives it when piped."""
    from rich.style import Style
    from rich.text import Text

    if not console.is_terminal:
        console.out(encodable(render_text(digest), console.encoding), highlight=False, end="")
        return
    styles: dict[tuple[str, str | None], Style] = {}  # one style a link, so that its lines light up together
    rule = "─" if console.encoding.startswith("utf") else "-"
    for line in lines(digest, max(NARROWEST, min(console.width, WIDEST)), rule):
        text = Text()
        for piece in line:
            key = piece.style, piece.link
            if key not in styles:
                styles[key] = Style.parse(piece.style) + Style(link=piece.link)
            text.append(encodable(piece.text, console.encoding), styles[key])
        console.print(text, soft_wrap=True)


def lines(digest: Digest, width: int, rule: str) -> Iterator[Line]:
    """The whole page, a line at a time, no line wider than ``width`` columns unless one word is."""
    blank: Line = ()
    line_across: Line = (Piece(rule * width, "dim"),)
    if not digest.summaries:
        yield (Piece(NO_STORY),)
    for number, summary in enumerate(digest.summaries, 1):
        if number > 1:
            yield from (blank, line_across, blank)
        if len(digest.summaries) > 1:
            yield (Piece(f"Story {number} of {len(digest.summaries)}", "dim"),)
        yield from _story(summary, width)
    if digest.skipped:
        yield from (blank, line_across, blank, (Piece("Skipped", "bold"),))
        for skipped in digest.skipped:
            pieces = Piece(one_line(skipped.path)), Piece(f": {one_line(skipped.reason)}", "dim")
            yield from wrap(pieces, width, first="  ", rest="    ")


def _story(summary: Summary, width: int) -> Iterator[Line]:
    articles = summary.story.articles
    yield from wrap([Piece(one_line(summary.title), "bold")], width)
    yield (Piece(basis(summary), "dim"),)
    yield ()
    body: list[Piece] = []
    for sentence in summary.sentences:
        body += [Piece(" ")] if body else []
        body.append(Piece(one_line(sentence.text)))
        body += [Piece(f"[{number}]", "dim cyan") for number in summary.marks(sentence)]
    yield from wrap(body, width)
    yield from _doubts(summary, width)
    yield from _differences(summary, width)
    yield from ((), (Piece("Sources", "bold"),))
    indent = len(f"[{len(articles)}] ") + 2
    for article in articles:
        number = f"[{summary.numbers[article.id]}] ".rjust(indent)
        original = same_report_as(summary, article)
        note = f", {count(article.words, 'word')}" + (f", same report as [{original}]" if original else "")
        pieces = Piece(one_line(label(article)), "", web_address(article.url)), Piece(note, "dim")
        yield from wrap(pieces, width, first=Piece(number, "cyan"), rest=" " * indent)


def _doubts(summary: Summary, width: int) -> Iterator[Line]:
    """What freely written sentences say that nothing they cite does, a line a sentence."""
    if summary.doubts:
        yield from ((), (Piece("In no source cited", "bold"),))
    for number, words in summary.doubts:
        yield from wrap([Piece(f"sentence {number}: {one_line('; '.join(words))}")], width, first="  ", rest="    ")


def _differences(summary: Summary, width: int) -> Iterator[Line]:
    """What the sources differ on: a line a conflict, and beneath it a line a value."""
    if summary.conflicts:
        yield from ((), (Piece("Sources differ", "bold"),))
    for conflict in summary.conflicts:
        yield from wrap([Piece(one_line(conflict.label))], width, first="  ", rest="    ")
        for value in conflict.values:
            marks = [Piece(f"[{number}]", "dim cyan") for number in summary.sources_of(value)]
            yield from wrap([Piece(one_line(value.value)), *marks], width, first="    - ", rest="      ")


def wrap(pieces: Iterable[Piece], width: int, first: Piece | str = "", rest: str = "") -> Iterator[Line]:
    """Break pieces into lines of at most ``width`` columns, only at blanks and between ideographs.

    A word wider than that keeps a line of its own, whole, so that paths and addresses can be copied.

    Args:
        pieces: the paragraph; no line breaks in it.
        width: columns, counting wide characters as two.
        first: what the first line begins with.
        rest: what every other line begins with.
    """
    line = [first if isinstance(first, Piece) else Piece(first)]
    used, empty = cell_len(line[0].text), True
    for blank, word in _words(pieces):
        size = sum(cell_len(p.text) for p in word)
        space = [] if empty or blank is None else [blank]
        if not empty and used + len(space) + size > width:
            yield _joined(line)
            line, used, space = [Piece(rest)], cell_len(rest), []
        line += [*space, *word]
        used, empty = used + len(space) + size, False
    yield _joined(line)


def _joined(line: list[Piece]) -> Line:
    """The line with neighbours of one style and link made one, so that a link is not cut at its blanks."""
    groups = groupby(line, key=lambda piece: piece[1:])
    return tuple(Piece("".join(p.text for p in group), *look) for look, group in groups)


def _words(pieces: Iterable[Piece]) -> Iterator[tuple[Piece | None, list[Piece]]]:
    """The unbreakable stretches, each with the blank before it, if there is one."""
    word: list[Piece] = []
    blank: Piece | None = None
    for piece in pieces:
        start = 0
        for gap in _BREAK.finditer(piece.text):
            if gap.start() > start:
                word.append(piece._replace(text=piece.text[start : gap.start()]))
            start = gap.end()
            if word:
                yield blank, word
                word, blank = [], None
            if gap[0]:
                blank = piece._replace(text=" ")
        if start < len(piece.text):
            word.append(piece._replace(text=piece.text[start:]))
    if word:
        yield blank, word
