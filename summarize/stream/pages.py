"""What a state knows, as text for people and as JSON for programs (docs/streams.md shows both)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from summarize.rendering.characters import one_line
from summarize.rendering.contract import json_text
from summarize.rendering.facts import count, moment
from summarize.stream.following import Run
from summarize.stream.matching import Event
from summarize.stream.state import State, Tracked
from summarize.stream.times import show_span

Show = Callable[[State, Run | None], str]


def stories_text(state: State, run: Run | None) -> str:
    """The stories with their articles; new ones of a run stand after ``+``, new versions after ``~``."""
    stories = state.stories()
    marks = {} if run is None else dict.fromkeys(run.new, "+") | dict.fromkeys(run.revised, "~")
    events = [] if run is None else [e for e in run.events if e.kind in ("split", "moved", "merged")]
    told = [f"{one_line(e.story)}  {describe(e, e.story)}\n" for e in events]
    parts = [_heading(state, stories, run), "".join(told), *(_story(s, marks) for s in stories)]
    return "\n".join(p for p in parts if p)


def stories_json(state: State, run: Run | None) -> str:
    """The stories with their articles, and what a run brought."""
    number = state.last_run
    page: dict[str, Any] = {
        "state": {
            "run": number,
            "time": state.time_of(number).isoformat() if number else None,
            "window": show_span(state.window),
        }
    }
    if run is not None:
        page["new"] = list(run.new)
        page["revised"] = list(run.revised)
        page["known"] = run.known
        page["events"] = [_event(e) for e in run.events]
    page["stories"] = [
        {
            "id": s.id,
            "articles": list(s.articles),
            "lineages": [list(group) for group in s.lineages],
            "born": s.born.isoformat(),
            "first": s.first.isoformat(),
            "last": s.last.isoformat(),
            "asleep": s.asleep,
        }
        for s in state.stories()
    ]
    return json_text(page)


def history_text(state: State, story: str) -> str:
    """What happened to a story, a line an event."""
    lines = [f"{moment(t.time)}  run {t.run}  {describe(t.event, story)}\n" for t in state.history(story)]
    return "".join([f"{one_line(story)}\n", *lines])


def history_json(state: State, story: str) -> str:
    """What happened to a story, and the story it lives on as."""
    events = [{"run": t.run, "time": t.time.isoformat(), **_event(t.event)} for t in state.history(story)]
    return json_text({"story": story, "lives_as": state.living(story), "events": events})


STORIES: Mapping[str, Show] = {"text": stories_text, "json": stories_json}
"""How the stories are shown, by format."""

HISTORY: Mapping[str, Callable[[State, str], str]] = {"text": history_text, "json": history_json}
"""How the history of a story is shown, by format."""


def describe(event: Event, story: str) -> str:
    """An event in words, as it is for one of its two stories."""
    articles = f"{count(event.articles, 'article')} ({', '.join(map(one_line, event.articles))})"
    other = one_line(event.other or "")
    if event.story != story:
        return {
            "split": f"{one_line(event.story)} split from it with {articles}",
            "moved": f"{articles} moved to it from {one_line(event.story)}",
            "merged": f"{one_line(event.story)} merged into it with {articles}",
        }[event.kind]
    return {
        "born": f"born of {articles}",
        "grew": f"grew by {articles}",
        "split": f"split from {other} with {articles}",
        "moved": f"{articles} moved to {other}",
        "merged": f"merged into {other} with {articles}",
        "revised": f"{articles} revised",
        "slept": "fell asleep",
        "woke": "woke",
    }[event.kind]


def _heading(state: State, stories: Sequence[Tracked], run: Run | None) -> str:
    asleep = sum(s.asleep for s in stories)
    facts = f"{count(stories, 'story', 'stories')}, {asleep} asleep (window {show_span(state.window)})"
    if run is None:
        number = state.last_run
        return f"{facts}; last run {number} at {moment(state.time_of(number))}\n" if number else "no run yet\n"
    if not run.new and not run.revised:
        return f"nothing new: {count(run.known, 'article')} known already; {facts}\n"
    return f"run {run.number}: {len(run.new)} new, {len(run.revised)} revised, {run.known} known; {facts}\n"


def _story(story: Tracked, marks: Mapping[str, str]) -> str:
    asleep = ", asleep" if story.asleep else ""
    articles = "".join(f"{marks.get(a, ' ')} {one_line(a)}\n" for a in story.articles)
    return f"{story.id}  {count(story.articles, 'article')}{asleep}\n{articles}"


def _event(event: Event) -> dict[str, Any]:
    return {"kind": event.kind, "story": event.story, "other": event.other, "articles": list(event.articles)}
