"""A digest as text, Markdown, JSON or HTML; on the terminal, or in a file.

Formats are the names of ``RENDERERS``; docs/formats.md shows each.
"""

from collections.abc import Mapping
from typing import Protocol

from summarize.documents import Digest
from summarize.errors import UnknownNameError
from summarize.rendering.contract import render_json
from summarize.rendering.files import TEMPORARY, open_atomically, write_atomically
from summarize.rendering.markdown import render_markdown
from summarize.rendering.page import render_html
from summarize.rendering.plain import print_page, render_text

__all__ = ["RENDERERS", "TEMPORARY", "Renderer", "open_atomically", "print_page", "render", "write_atomically"]


class Renderer(Protocol):
    """Writes a digest as one text."""

    def __call__(self, digest: Digest) -> str:
        """The text, ending in a line feed; the same digest gives the same text."""


RENDERERS: Mapping[str, Renderer] = {
    "text": render_text,
    "markdown": render_markdown,
    "json": render_json,
    "html": render_html,
}


def render(digest: Digest, format: str) -> str:
    """The digest in a format.

    Raises:
        UnknownNameError: ``format`` is not in ``RENDERERS``.
    """
    if format not in RENDERERS:
        raise UnknownNameError("format", format, RENDERERS)
    return RENDERERS[format](digest)
