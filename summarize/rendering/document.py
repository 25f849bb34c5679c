"""The frame of every page: one HTML file that needs nothing else, and the colours all pages share.

The browser is told to run and load nothing but the page's own script and style (their hashes stand in its
Content-Security-Policy) and images inside the page.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template

from summarize.rendering.characters import one_line


def document(title: str, body: str, package: str) -> str:
    """A whole page.

    Args:
        title: plain text.
        body: what stands in the body element, as HTML.
        package: whose ``page.css`` and ``page.js`` it has.
    """
    style = part(__package__, "colours.css") + part(package, "page.css")
    script = part(package, "page.js")
    return Template(part(__package__, "document.html")).substitute(
        policy=_policy(style, script), title=html_line(title), style=style, body=body, script=script
    )


def part(package: str, name: str) -> str:
    """A file of a package."""
    return (files(package) / name).read_text("utf-8")


def html_line(text: str) -> str:
    """Text of one line, as HTML."""
    return escape(one_line(text))


def _policy(style: str, script: str) -> str:
    """Nothing is loaded, sent or run except these two texts and images inside the page."""

    def fingerprint(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; style-src {fingerprint(style)}; script-src {fingerprint(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
