"""Labelled sets of news as it is, most stories told once or twice, for learning to join (``eval.merging --also``).

    python -m eval.samples roundups neus/train.jsonl roundups.jsonl
    python -m eval.samples singles allsides/articles.jsonl.xz singles.jsonl

Sets made to measure clustering have many articles a story. Weights learned from them alone take every article to have
its fellows, and put together what has only its subject in common. So two kinds of set stand beside them: *roundups*,
one to three outlets' reports of each of many events; *singles*, articles of different days over years, no two of one
event. Records go in as JSON lines: ``{"id", "articles": [{"id", "title", "text"}]}`` of an event; ``{"id", "title",
"text", "published"}`` of an article.
"""

import json
import lzma
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Annotated, Any

import typer

EVERY = 4
"""Of so many events in the file one is taken."""
SHARES = (0.5, 0.25, 0.25)
"""Shares of the events of which one report is kept, two, three."""
DAYS = 2
"""Of two such spans of days in turn one is drawn from; the others are left for testing."""
SINGLES = 700

app = typer.Typer(help=__doc__.splitlines()[0], add_completion=False)


@app.command()
def roundups(
    source: Annotated[Path, typer.Argument(help="events with their reports")],
    out: Annotated[Path, typer.Argument(help="the labelled set")],
    seed: int = 1,
) -> None:
    """Some reports of every fourth event."""
    random = Random(seed)
    made: list[dict[str, Any]] = []
    for event in [event for k, event in enumerate(_records(source)) if k % EVERY == 0]:
        (kept,) = random.choices(range(1, len(SHARES) + 1), SHARES)
        for article in random.sample(event["articles"], min(kept, len(event["articles"]))):
            title, text = article.get("title") or None, article["text"]
            made.append({"id": f"{event['id']}/{article['id']}", "title": title, "text": text, "story": event["id"]})
    _write(out, made)


@app.command()
def singles(
    source: Annotated[Path, typer.Argument(help="articles with dates")],
    out: Annotated[Path, typer.Argument(help="the labelled set")],
    seed: int = 1,
) -> None:
    """Articles at least ``DAYS`` days apart, each a story of its own; without dates, which would tell them apart."""
    rows = [row for row in _records(source) if row["published"]]
    Random(seed).shuffle(rows)
    taken: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        span = date.fromisoformat(row["published"][:10]).toordinal() // DAYS
        if span % 2 == 0 and len(taken) < SINGLES:
            taken.setdefault(span, row)
    chosen = sorted(taken.values(), key=lambda row: row["id"])
    _write(out, [{"id": r["id"], "title": r["title"], "text": r["text"], "story": r["id"]} for r in chosen])


def _records(path: Path) -> Iterator[Any]:
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _write(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")


if __name__ == "__main__":
    app()
