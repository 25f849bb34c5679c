"""Summarizers that pick sentences. Registered: the names in ``EXTRACTIVE``."""

from collections.abc import Iterable, Mapping

from summarize.documents import Candidate, Draft, Story
from summarize.errors import UnknownNameError
from summarize.extractive import (
    centroid,
    kl,
    lead,
    lexrank,
    mmr,
    oracle,
    random,
    submodular,
    sumbasic,
    textrank,
)
from summarize.extractive.view import Select, View

EXTRACTIVE: Mapping[str, Select] = {
    "random": random.select,
    "lead": lead.select,
    "textrank": textrank.select,
    "lexrank": lexrank.select,
    "mmr": mmr.select,
    "centroid": centroid.select,
    "sumbasic": sumbasic.select,
    "kl": kl.select,
    "submodular": submodular.select,
    "oracle": oracle.select,
}
"""Every method by its name."""

CLOSE = 0.5
"""Cosine from which another sentence is offered as evidence for a chosen one."""


def draft(
    select_name: str,
    story: Story,
    words: int,
    *,
    seed: int = 13,
    query: str | None = None,
    references: Iterable[str] = (),
) -> tuple[Draft, ...]:
    """Pick sentences of a story within a word budget.

    Returns:
        One draft a sentence in reading order: by position in its article, then by article id. ``rank`` is
        the order of choice. Runs of blanks inside a sentence are folded into one. Empty only if the story
        has no sentence.

    Raises:
        UnknownNameError: no such method.
        ConfigError: the method needs references and there are none.
    """
    if select_name not in EXTRACTIVE:
        raise UnknownNameError("summarizer", select_name, EXTRACTIVE)
    view = View.of(story, seed=seed, query=query, references=references)
    chosen = EXTRACTIVE[select_name](view, words)
    rank = {i: r for r, i in enumerate(chosen)}
    return tuple(
        Draft(
            candidates=(Candidate(" ".join(view.sentences[i].text.split()), "extracted"),),
            evidence=(view.sentences[i], *(view.sentences[j] for j in _close(view, i))),
            rank=rank[i],
        )
        for i in view.reading.tolist()
        if i in rank
    )


def _close(view: View, i: int) -> list[int]:
    """Other sentences that may support sentence ``i`` as well, the closest first."""
    cosines = view.cosines(i)
    return [int(j) for j in (-cosines).argsort(kind="stable") if j != i and cosines[j] >= CLOSE]
