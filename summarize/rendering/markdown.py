"""The page as Markdown (CommonMark), every string from an article escaped."""

from collections.abc import Iterator

from summarize.documents import Citation, Digest, Summary, escape_markdown
from summarize.rendering.characters import visible
from summarize.rendering.facts import NO_STORY, basis


def render_markdown(digest: Digest) -> str:
    """The page as Markdown: a heading a story, cited text, sources, and the quotes each sentence rests on."""
    sections = [_story(summary) for summary in digest.summaries] or [f"{NO_STORY}\n"]
    if digest.skipped:
        items = (f"- {escape_markdown(s.path)}: {escape_markdown(s.reason)}\n" for s in digest.skipped)
        sections.append("Skipped:\n\n" + "".join(items))
    return visible("\n---\n\n".join(sections))


def _story(summary: Summary) -> str:
    return f"{summary.to_markdown()}\n{basis(summary)}.\n\nQuoted:\n\n" + "\n".join(_quoted(summary))


def _quoted(summary: Summary) -> Iterator[str]:
    """A list item a sentence, holding a block quote a citation."""
    for number, sentence in enumerate(summary.sentences, 1):
        indent = " " * len(f"{number}. ")
        quotes = f"{indent}>\n".join(f"{indent}> {line}\n" for line in (_quote(summary, c) for c in sentence.citations))
        yield f"{number}. {quotes[len(indent) :]}"


def _quote(summary: Summary, citation: Citation) -> str:
    return f"\\[{summary.numbers[citation.article]}\\] {escape_markdown(citation.quote)}"
