"""The headline of a story: one its articles state, else the opening of its summary cut at a phrase."""

from collections.abc import Sequence

from summarize.abstractive.mentions import persons, shorten
from summarize.documents import Story, SummarySentence
from summarize.text import content_words

MAX_WORDS = 12
"""Longest headline that is made from a sentence."""

MIN_WORDS = 5
"""Shortest opening that can stand as one."""

PHRASES = frozenset(
    "after amid as at because before but despite during following for in on over since until when where which while"
    " who with".split()
)
"""Words before which a sentence can be cut without leaving a phrase half said."""


def title(story: Story, sentences: Sequence[SummarySentence]) -> str:
    """The stated title closest to the summary's first sentence, else that sentence's opening.

    A story without a sentence takes any title, or the id of its first article.
    """
    stated = sorted({a.title for a in story.articles if a.title})
    if not sentences:
        return stated[0] if stated else story.articles[0].id
    lead = set(content_words(sentences[0].text))
    if stated:
        return max(stated, key=lambda t: _closeness(lead, set(content_words(t))))
    return _opening(sentences)


def _closeness(lead: set[str], words: set[str]) -> float:
    # The constant keeps a title of two shared words from beating one that says more.
    return len(lead & words) / (4 + len(words))


def _opening(sentences: Sequence[SummarySentence]) -> str:
    first = sentences[0].text
    words = shorten(first, persons([first])).rstrip(".").split()
    rest = {w for s in sentences[1:] for w in s.text.split()}
    if len(words) > 2 and words[0].istitle() and words[1].istitle() and words[1] in rest and words[0] not in rest:
        words = words[1:]  # a person the summary goes on to call by the last name
    if len(words) <= MAX_WORDS:
        return " ".join(words)
    for end in range(MAX_WORDS, MIN_WORDS - 1, -1):
        if words[end].lower() in PHRASES or words[end - 1].endswith((",", ";", ":")):
            return " ".join(words[:end]).rstrip(",;:")
    return " ".join(words[:MAX_WORDS]) + "…"
