"""Stories as a stream: articles come in runs, and everything known of their stories is in one SQLite file.

    with State(Path("news.state"), create=True) as state:
        run = follow(state, read_articles("today/"), Config())

docs/streams.md shows the commands and their output.
"""

from summarize.stream.following import WINDOW, Run, follow
from summarize.stream.matching import Event, replay
from summarize.stream.state import Changed, State, Told, Tracked

__all__ = ["WINDOW", "Changed", "Event", "Run", "State", "Told", "Tracked", "follow", "replay"]
