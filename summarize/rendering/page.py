"""The page as one HTML file that needs nothing else, reads without JavaScript, and trusts no article.

Every string from an article goes through ``_escape`` or ``html_line``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import pairwise
from string import Template
from typing import Any

from summarize.documents import Article, Citation, Digest, Skipped, Summary, SummarySentence
from summarize.rendering.characters import one_line, visible, web_address
from summarize.rendering.document import document, html_line, part
from summarize.rendering.facts import NO_STORY, basis, count, same_report_as, standing

_ORIGINS = {
    "written": "Written freely, supported by",
    "fused": "Written from",
    "compressed": "Shortened from",
    "extracted": "Taken as it stands from",
}


def render_html(digest: Digest) -> str:
    """The page as HTML.

    Anchors: ``#story-1``, sentence ``#s1-2`` of it, conflict ``#c1-2``, source ``#article-1-3``, and in that
    source's text ``#at-1-3-250`` where a quote begins or ends at offset 250.
    """
    several = len(digest.summaries) > 1
    stories = (_story(number, summary, several) for number, summary in enumerate(digest.summaries, 1))
    body = Template(part(__package__, "page.html")).substitute(
        contents=_contents(digest) if several else "",
        stories="".join(stories) or f'<p class="nothing">{NO_STORY}</p>\n',
        skipped=_skipped(digest.skipped),
        signature=_signature(digest.signature),
    )
    return document(_title(digest), body, __package__)


def _escape(text: str) -> str:
    """The text as HTML shows it, offset for offset: a browser would turn a bare carriage return around."""
    return escape(visible(text)).replace("\r", "&#13;")


def _title(digest: Digest) -> str:
    match digest.summaries:
        case ():
            return NO_STORY
        case (summary,):
            return summary.title
        case _:
            return count(digest.summaries, "story", "stories")


def _contents(digest: Digest) -> str:
    items = "".join(
        f'<li><a href="#story-{number}"><bdi>{html_line(summary.title)}</bdi></a> '
        f"<small>{standing(summary.story)}</small></li>\n"
        for number, summary in enumerate(digest.summaries, 1)
    )
    return f'<nav aria-label="Stories">\n<h1>{html_line(_title(digest))}</h1>\n<ol>\n{items}</ol>\n</nav>\n'


def _story(number: int, summary: Summary, several: bool) -> str:
    heading = "h2" if several else "h1"
    facts = f"{basis(summary)} · {count(summary.words, 'word')}"
    sentences = "".join(_sentence(number, n, summary, s) for n, s in enumerate(summary.sentences, 1))
    sources = "".join(_source(number, summary, article) for article in summary.story.articles)
    return (
        f'<article class="story" id="story-{number}" aria-labelledby="title-{number}">\n'
        '<div class="summary">\n'
        f'<{heading} id="title-{number}" dir="auto">{html_line(summary.title)}</{heading}>\n'
        f'<p class="facts">{facts}</p>\n'
        f'<div class="prose" dir="auto">\n{sentences}</div>\n'
        f"{_differences(number, summary)}"
        "</div>\n"
        f'<section class="sources" aria-label="Sources of story {number}">\n'
        '<div class="evidence"><h3>Sources</h3>'
        '<p class="hint">Choose a sentence to see what it rests on.</p></div>\n'
        f'<div class="texts">\n{sources}</div>\n'
        "</section>\n"
        "</article>\n"
    )


def _sentence(story: int, number: int, summary: Summary, sentence: SummarySentence) -> str:
    """A sentence with its source numbers, and its quotes folded beneath it."""
    name = f"{story}-{number}"
    marks = _marks(story, summary, sentence.citations)
    quotes = "".join(_quote(story, summary, c) for c in sentence.citations)
    origin = f"{_ORIGINS[sentence.origin]} {count(sentence.citations, 'quote')}"
    return (
        f'<div class="sentence" id="s{name}" tabindex="0" aria-describedby="quotes-{name}">'
        f'<span class="said">{_said(sentence)}</span><sup>{marks}</sup></div>\n'
        f'<details class="quotes"><summary>{origin}</summary>\n'
        f'<ul id="quotes-{name}">\n{quotes}</ul></details>\n'
    )


def _said(sentence: SummarySentence) -> str:
    """The text, with what stands in no citation marked."""
    if not sentence.unsupported or one_line(sentence.text) != sentence.text:  # offsets hold in a text of one line
        return html_line(sentence.text)
    at, shown = 0, ""
    for start, end in sentence.unsupported:
        doubted = f'<span class="doubt" title="in no source cited">{_escape(sentence.text[start:end])}</span>'
        shown, at = shown + _escape(sentence.text[at:start]) + doubted, end
    return shown + _escape(sentence.text[at:])


def _marks(story: int, summary: Summary, citations: Sequence[Citation]) -> str:
    """The numbers of the cited sources, each a link to the first place cited in it."""
    first: dict[int, Citation] = {}
    for c in citations:
        first.setdefault(summary.numbers[c.article], c)
    return "".join(
        f'<a href="#{_place(story, summary, c)}" aria-label="Source {number}">{number}</a>'
        for number, c in first.items()
    )


def _differences(story: int, summary: Summary) -> str:
    """What the sources differ on: a list item a conflict, its values with the sources that state them."""
    items = ""
    for number, conflict in enumerate(summary.conflicts, 1):
        values = "".join(
            f'<li><b class="value"><bdi>{html_line(value.value)}</bdi></b>'
            f"<sup>{_marks(story, summary, value.citations)}</sup></li>\n"
            for value in conflict.values
        )
        about = html_line(conflict.label)
        items += f'<li class="point" id="c{story}-{number}"><bdi>{about}</bdi>\n<ul>\n{values}</ul></li>\n'
    if not items:
        return ""
    heading = f'<h3 id="differ-{story}">Sources differ</h3>'
    return f'<section class="differ" aria-labelledby="differ-{story}">{heading}\n<ul>\n{items}</ul></section>\n'


def _quote(story: int, summary: Summary, citation: Citation) -> str:
    article = summary.story.by_id[citation.article]
    return (
        f'<li><a href="#{_place(story, summary, citation)}">'
        f'<b class="number">{summary.numbers[article.id]}</b> <cite><bdi>{_name(article)}</bdi></cite></a>'
        f'<blockquote dir="auto">{html_line(citation.quote)}</blockquote></li>\n'
    )


def _source(story: int, summary: Summary, article: Article) -> str:
    """An article's details and its whole text, with what is cited marked and what is no reporting dimmed."""
    number = summary.numbers[article.id]
    title = f' <bdi class="title">{html_line(article.title)}</bdi>' if article.title and article.source else ""
    original = same_report_as(summary, article)
    address = web_address(article.url)
    name = f'<bdi class="name">{_name(article)}</bdi>{title}'
    facts = [
        f"<bdi>{html_line(article.id)}</bdi>",
        _time(article.published) if article.published else "",
        count(article.words, "word"),
        f'same report as <a href="#article-{story}-{original}">{original}</a>' if original else "",
        _link(address) if address else "",
    ]
    return (
        f'<details class="source" id="article-{story}-{number}"><summary>'
        f'<b class="number">{number}</b> <span>{name}</span></summary>\n'
        f'<p class="facts">{" · ".join(f for f in facts if f)}</p>\n'
        f'<div class="text" dir="auto">{"".join(_segments(story, summary, article))}</div></details>\n'
    )


def _name(article: Article) -> str:
    return html_line(article.source or "") or html_line(article.title or "") or html_line(article.id)


def _time(published: datetime) -> str:
    return f'<time datetime="{published.isoformat()}">{published.date().isoformat()}</time>'


def _link(address: str) -> str:
    host = address.split("/")[2]
    return f'<a href="{escape(address)}" rel="noopener noreferrer">{escape(host)}</a>'


def _place(story: int, summary: Summary, citation: Citation) -> str:
    """The anchor in the source's text at which a citation begins."""
    return f"at-{story}-{summary.numbers[citation.article]}-{citation.start}"


def _segments(story: int, summary: Summary, article: Article) -> Iterator[str]:
    """The article's text, cut wherever a citation or an aside begins or ends.

    So every mark is a union of exact slices, however citations overlap; ``data-for`` names the sentences
    and conflicts that cite the segment.
    """
    sentences = ((f"s{story}-{n}", c) for n, s in enumerate(summary.sentences, 1) for c in s.citations)
    points = ((f"c{story}-{n}", c) for n, p in enumerate(summary.conflicts, 1) for v in p.values for c in v.citations)
    cited = [(name, c) for name, c in (*sentences, *points) if c.article == article.id]
    spans = [*((c.start, c.end) for _, c in cited), *((a.start, a.end) for a in article.asides)]
    cuts = sorted({0, len(article.text), *(edge for span in spans for edge in span)})
    for start, end in pairwise(cuts):
        segment = _escape(article.text[start:end])
        names = dict.fromkeys(name for name, c in cited if c.start <= start and end <= c.end)
        if names:
            place = f"at-{story}-{summary.numbers[article.id]}-{start}"
            segment = f'<mark id="{place}" data-for="{" ".join(names)}">{segment}</mark>'
        kind = next((a.kind for a in article.asides if a.start <= start and end <= a.end), None)
        yield segment if kind is None else f'<span class="aside" title="{html_line(kind)}">{segment}</span>'


def _skipped(skipped: tuple[Skipped, ...]) -> str:
    if not skipped:
        return ""
    items = "".join(f"<li><bdi>{html_line(s.path)}</bdi>: <bdi>{html_line(s.reason)}</bdi></li>\n" for s in skipped)
    return f"<section>\n<h2>Skipped</h2>\n<ul>\n{items}</ul>\n</section>\n"


def _signature(signature: Mapping[str, Any]) -> str:
    if not signature:
        return ""
    items = "".join(
        f"<dt>{html_line(key)}</dt><dd>{html_line(_plain(value))}</dd>\n" for key, value in signature.items()
    )
    return f"<details><summary>How this page was made</summary>\n<dl>\n{items}</dl>\n</details>\n"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
