"""Where the reports of a story contradict one another: numbers, dates, names, places, negations, quotations.

Two statements of different articles are rivals when

- they are of one sense: the same unit, the same noun counted, the same verb negated, the same sentence quoted;
- they cannot both hold: no rounding, bound, range or other spelling makes them one;
- no article states both: one that has 23 dead and 31 dead tells of a toll that rose, or of two different things;
- their contexts meet: words that stand near both count by their rarity in the news (inverse document frequency,
  Sparck Jones 1972) and by the share of the story's sentences with that word that hold one of the two values.

Every rule prefers silence to a false alarm. docs/conflicts.md has what is found and what is left, with figures.
"""

from summarize.clustering import spun_copies
from summarize.conflicts import figures, naming, negations, quoting
from summarize.conflicts.figures import INTERCEPT, WEIGHTS, Doubt, figures_in_doubt
from summarize.conflicts.merging import merged
from summarize.conflicts.told import Told
from summarize.documents import Conflict, Story

__all__ = ["INTERCEPT", "WEIGHTS", "Doubt", "conflicts", "figures_in_doubt"]


def conflicts(story: Story) -> tuple[Conflict, ...]:
    """What the reports of a story tell differently, in the order in which an editor wants to know.

    What independent reports dispute comes before what a copy tells otherwise than its own original; in either, facts
    come before altered quotations, and what many reports tell before what few do.

    Args:
        story: the articles, with lineages; publication times, where all have one, tell updates from conflicts.

    Returns:
        Conflicts with at least two values each, the value of most lineages first; every value is cited once an
        article, by the sentence that states it. A copy that differs from its own original counts as differing.
    """
    told = Told(story)
    found = [
        conflict
        for rivals in (quoting.rivals(told), figures.rivals(told), naming.rivals(told), negations.rivals(told))
        for conflict in merged(told, rivals)
    ]
    spun = spun_copies(story.articles, story.lineages) if found else frozenset()
    return tuple(sorted(found, key=lambda c: _urgency(story, spun, c)))


def _urgency(story: Story, spun: frozenset[str], conflict: Conflict) -> tuple[bool, bool, int, int, str, str]:
    """Sorts what independent reports dispute before what a copy broke, facts before wording, the widely told first.

    A lineage speaks with its original where that states one of the values; a spun copy never speaks for one.
    """
    value_of = {c.article: i for i, v in enumerate(conflict.values) for c in v.citations}
    held = {i for a, i in value_of.items() if a not in spun and value_of.get(story.source_of(a), i) == i}
    return (
        len(held) < 2,
        conflict.kind == "quotation",
        -story.independent(value_of),
        -len(value_of),
        conflict.kind,
        conflict.about,
    )
