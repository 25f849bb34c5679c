"""Why two articles are, or are not, in one story: as text and as JSON."""

import math
from collections.abc import Sequence
from dataclasses import asdict

from summarize.clustering.explanation import Explanation, Near, Verdict
from summarize.rendering.characters import one_line
from summarize.rendering.contract import json_text

SHOWN_IDS = 6
"""Most articles of a group that are named in the text."""


def explanation_text(found: Explanation) -> str:
    """The reasons on a page."""
    one, other = map(one_line, found.articles)
    lines = [f"{one} and {other} are {'in one story' if found.together else 'in two stories'}.", ""]
    if found.same_text:
        return "\n".join([*lines[:1], "They have the same text, and such articles are never parted.", ""])
    lines += [f"As two articles, in logits (groups join from {_signed(found.threshold)}):", *_table(found.alone), ""]
    for kind, shared in (("names", found.names), ("numbers", found.numbers), ("words", found.words)):
        lines.append(f"Shared {kind}: {', '.join(map(one_line, shared)) or 'none'}")
    lines.append("")
    if found.join is None:
        lines.append("Their stories were never compared: no two articles of them share a telling word.")
    else:
        made = "They came together in the join of" if found.together else "Their stories were not joined:"
        lines += [f"{made} {_group(found.join.left)} and {_group(found.join.right)}:", *_table(found.join)]
    return "\n".join([*lines, ""])


def explanation_json(found: Explanation) -> str:
    """The reasons as one JSON object; an infinite threshold is null."""
    record = asdict(found)
    record["threshold"] = found.threshold if math.isfinite(found.threshold) else None
    return json_text(record)


def nearest_text(article: str, found: Sequence[Near]) -> str:
    """The articles closest to one, the closest first."""
    if not found:
        return f"{one_line(article)} is the only article.\n"
    head = f"Closest to {one_line(article)}, two by two, in logits; * in its story:\n"
    rows = (f"{'*' if n.together else ' '} {_near(n):>9}  {one_line(n.article)}\n" for n in found)
    return head + "".join(rows)


def nearest_json(article: str, found: Sequence[Near]) -> str:
    """The same as JSON; ``logits`` is null for an article of the same text."""
    rows = [{**asdict(n), "logits": n.logits if math.isfinite(n.logits) else None} for n in found]
    return json_text({"article": article, "nearest": rows})


def _near(near: Near) -> str:
    return _signed(near.logits) if math.isfinite(near.logits) else "same text"


def _table(verdict: Verdict) -> list[str]:
    rows = [(_signed(verdict.nothing_shared), "were nothing shared")]
    rows += [(_signed(p.logits), f"{p.name} (cosine {p.value:.2f})") for p in verdict.parts]
    if verdict.gap_cost:
        rows.append((_signed(-verdict.gap_cost), f"published {verdict.gap_days:.0f} days apart"))
    share = 1 / (1 + math.exp(-verdict.logits))
    rows.append((_signed(verdict.logits), f"in all: {share:.0%} sure that they report one event"))
    return [f"{value:>9}  {name}" for value, name in rows]


def _group(ids: Sequence[str]) -> str:
    named = ", ".join(map(one_line, ids[:SHOWN_IDS]))
    more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
    return named if len(ids) == 1 else f"[{named}{more}]"


def _signed(value: float) -> str:
    return f"{value:+.2f}"
