"""What it costs in agreement to read a stream in many runs while old stories sleep: ``python -m eval.arrivals``.

The articles of a set come in the order of their publication times, one without a time with the one before it in the
set, so many a run, each run at the time of its last article. The stories after the last run are compared with those of
one run over all articles (``same``: pairwise and B-cubed F1, 100 where they are the same), and both with the true
stories (``gold``, ``one``). The time of the last run is that of the processor; the size of the state is given for each
article.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.clusterers import labels, packaged
from eval.clusters import Labelled, read_sets, scores
from eval.streams import stream
from summarize.config import Config
from summarize.documents import Article
from summarize.errors import SummarizeError
from summarize.models import Encode, lazy_encode
from summarize.reading.records import parse_date
from summarize.stream import State, follow
from summarize.stream.times import parse_span

COLUMNS = (
    "runs",
    "same pair",
    "same B3",
    "gold B3",
    "one B3",
    "merged",
    "split",
    "moved",
    "slept",
    "last run s",
    "kB each",
)


def stories(folder: Path) -> Labelled:
    """The articles of our own stories (``eval/data/stories``) in one heap."""
    articles, gold = [], []
    for path in sorted(folder.glob("*.json")):
        for a in json.loads(path.read_text("utf-8"))["articles"]:
            when = parse_date(a["published"])
            articles.append(Article(a["id"], a["text"], title=a["title"], source=a["source"], published=when))
            gold.append(path.stem)
    return Labelled(folder.name, tuple(articles), tuple(gold))


def arrivals(articles: Sequence[Article]) -> list[tuple[datetime | None, Article]]:
    """The articles in the order in which they come, each with its time; None where no article has one."""
    time = next((a.published for a in articles if a.published), None)
    coming = []
    for article in articles:
        time = article.published or time
        coming.append((time, article))
    return sorted(coming, key=lambda c: (c[0], c[1].id))


def measure(
    data: Labelled, once: Sequence[int], window: str, size: int, config: Config, encode: Encode
) -> dict[str, float]:
    """One row of the table: ``COLUMNS``.

    Args:
        data: articles; see ``arrivals``.
        once: their stories when all are read at once.
        window: as ``parse_span`` reads it.
        size: articles a run.
        config: how articles become stories.
        encode: the sentence encoder.
    """
    ordered = arrivals(data.articles)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "stream.state"
        with State(path, create=True) as state:
            for start in range(0, len(ordered), size):
                *_, (now, _) = batch = ordered[start : start + size]
                begun = time.process_time()
                run = follow(state, [a for _, a in batch], config, window=parse_span(window), now=now, encode=encode)
                last = time.process_time() - begun
            kinds = [told.event.kind for told in state.history()]
            found = labels(data.articles, (s.articles for s in state.stories()))
        stored = path.stat().st_size
    same = scores([str(n) for n in once], found)
    return {
        "runs": run.number,
        "same pair": 100 * same["pair F1"],
        "same B3": 100 * same["B3 F1"],
        "gold B3": 100 * scores(data.stories, found)["B3 F1"],
        "one B3": 100 * scores(data.stories, once)["B3 F1"],
        **{kind: kinds.count(kind) for kind in ("merged", "split", "moved", "slept")},
        "last run s": last,
        "kB each": stored / len(ordered) / 1000,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sets", nargs="*", type=Path, help="JSON Lines as for summarize eval's clustering task")
    parser.add_argument("--generated", type=int, default=2000, metavar="N", help="articles of a generated stream")
    parser.add_argument("--windows", nargs="+", default=["none", "14d", "7d", "3d", "1d"])
    parser.add_argument("--size", type=int, default=20, help="articles a run; the generated stream has ten times that")
    options = parser.parse_args(arguments)
    encode = lazy_encode(Config().encoder)
    try:
        sets = [(data, options.size) for data in read_sets(options.sets)]
    except SummarizeError as error:
        parser.error(str(error))
    if not sets:
        sets = [(stories(Path(__file__).parent / "data" / "stories"), options.size)]
        sets += [(stream(options.generated), 10 * options.size)] if options.generated else []
    width = max(len(data.name) for data, _ in sets)
    sys.stdout.write(" ".join([f"{'':{width}} window", *(f"{c:>10}" for c in COLUMNS)]) + "\n")
    for data, size in sets:
        once = packaged(data.articles, Config().clustering, encode, Config().seed)
        for window in options.windows:
            row = measure(data, once, window, size, Config(), encode)
            shown = (f"{row[c]:10.0f}" if c in ("runs", "merged", "split", "moved", "slept") else f"{row[c]:10.1f}"
                     for c in COLUMNS)  # fmt: skip
            sys.stdout.write(" ".join([f"{data.name:{width}} {window:>6}", *shown]) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
