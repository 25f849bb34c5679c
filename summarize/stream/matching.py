"""New groups of articles against the stories of before: who goes on, who is born, who merges, who splits.

A story goes on as the group that holds most of it. Every change of membership is an event, so that the events of a
state, applied in order to no stories at all, give its stories (``replay``).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

Kind = Literal["born", "grew", "split", "moved", "merged", "revised", "slept", "woke"]
"""What can happen to a story.

born     ``articles``, all new, are a story.
grew     new ``articles`` came to it.
split    it is a new story made of ``articles`` that were of story ``other``.
moved    ``articles`` left it for story ``other``.
merged   it ended: all its ``articles`` went to story ``other``.
revised  ``articles`` of it came again with another text.
slept    its newest article fell behind the window.
woke     it has an article within the window again.
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one story; ``Kind`` says what ``other`` and ``articles`` are."""

    kind: Kind
    story: str
    articles: tuple[str, ...] = ()
    other: str | None = None


def match(groups: Sequence[Set[str]], before: Mapping[str, Set[str]]) -> list[str | None]:
    """For each group the story of before that goes on as it, if any.

    Pairs are taken by the number of articles in common; of equal ones the earlier story, then the earlier group.

    Args:
        groups: sets of article ids, without articles in common.
        before: sets of article ids by story, the oldest story first.
    """
    ages = {story: age for age, story in enumerate(before)}
    owner = {a: story for story, articles in before.items() for a in articles}
    common = Counter((owner[a], n) for n, group in enumerate(groups) for a in group if a in owner)
    found: list[str | None] = [None] * len(groups)
    taken: set[str] = set()
    for (story, n), _ in sorted(common.items(), key=lambda item: (-item[1], ages[item[0][0]], item[0][1])):
        if story not in taken and found[n] is None:
            found[n] = story
            taken.add(story)
    return found


def changes(after: Mapping[str, Set[str]], before: Mapping[str, Set[str]]) -> list[Event]:
    """The events that turn the stories of before into those of after.

    Args:
        after: article ids by story; each old one of these articles was in a story of before.
        before: article ids by story, the oldest first; where a story is not in ``after``, all its articles are in
            stories that are in both.
    """
    owner = {a: story for story, articles in before.items() for a in articles}
    came = {story: Counter(owner[a] for a in articles if a in owner) for story, articles in after.items()}
    events: list[Event] = []
    parents: dict[str, str] = {}
    for story, articles in after.items():
        if story in before:
            continue
        if not came[story]:
            events.append(Event("born", story, tuple(sorted(articles))))
            continue
        parents[story] = parent = _most(came[story])
        events.append(Event("split", story, _shared(articles, before[parent]), parent))
    for old, articles in before.items():
        heirs = Counter({s: came[s][old] for s in after if s != old and came[s][old] and parents.get(s) != old})
        heir = None if old in after else _most(heirs)
        events += [Event("moved", old, _shared(articles, after[s]), s) for s in heirs if s != heir]
        if heir is not None:
            events.append(Event("merged", old, _shared(articles, after[heir]), heir))
    for story, articles in after.items():
        new = tuple(sorted(a for a in articles if a not in owner))
        if new and (story in before or story in parents):
            events.append(Event("grew", story, new))
    return events


def replay(events: Iterable[Event]) -> dict[str, set[str]]:
    """Article ids by story after all events."""
    stories: dict[str, set[str]] = {}
    for event in events:
        match event.kind:
            case "born":
                stories[event.story] = set(event.articles)
            case "grew":
                stories[event.story] |= set(event.articles)
            case "split" if event.other is not None:
                stories[event.other] -= set(event.articles)
                stories[event.story] = set(event.articles)
            case "moved" | "merged" if event.other is not None:
                stories[event.story] -= set(event.articles)
                stories[event.other] |= set(event.articles)
    return {story: articles for story, articles in stories.items() if articles}


def _most(counted: Counter[str]) -> str:
    """The one counted most often; of equal ones the first."""
    return max(counted, key=lambda name: counted[name])


def _shared(articles: Set[str], others: Set[str]) -> tuple[str, ...]:
    return tuple(sorted(articles & others))
