import re

import pytest

import summarize.errors
from summarize.errors import SummarizeError, UnknownNameError


def test_the_tree_in_the_docstring_is_the_tree_of_classes():
    drawn: dict[str, str | None] = {}
    path: list[tuple[int, str]] = []
    for line in (summarize.errors.__doc__ or "").splitlines():
        match = re.match(r"^(?P<branch>[\s│├└─]*)(?P<name>\w+Error)\b", line)
        if match is None:
            continue
        depth = len(match["branch"])
        while path and path[-1][0] >= depth:
            path.pop()
        drawn[match["name"]] = path[-1][1] if path else None
        path.append((depth, match["name"]))
    built = {
        name: None if thing is SummarizeError else thing.__base__.__name__
        for name, thing in vars(summarize.errors).items()
        if isinstance(thing, type) and issubclass(thing, Exception)
    }
    assert drawn == built


@pytest.mark.parametrize("name", [n for n in vars(summarize.errors) if n.endswith("Error")])
def test_every_error_is_documented(name):
    assert getattr(summarize.errors, name).__doc__


def test_an_unknown_name_is_answered_with_the_nearest_and_all_known_ones():
    message = str(UnknownNameError("summarizer", "lexrnk", ["textrank", "lexrank", "lead"]))
    assert message == "unknown summarizer 'lexrnk'. Did you mean 'lexrank'? Known: lead, lexrank, textrank"


def test_no_guess_is_made_when_nothing_is_near():
    assert str(UnknownNameError("format", "zzzz", ["text", "json"])) == "unknown format 'zzzz'. Known: json, text"
