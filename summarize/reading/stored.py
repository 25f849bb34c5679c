"""Articles as lines of JSON, so that what was read once need not be read again."""

import json
from datetime import datetime
from typing import Any

from summarize.documents import Article, Aside


def dump_article(article: Article) -> str:
    """An article on one line, without a line feed; ``load_article`` gives an equal one.

    Only metadata that JSON has no form for (a date, a number that is none) comes back as text.
    """
    values: dict[str, Any] = {
        "id": article.id,
        "text": article.text,
        "title": article.title,
        "source": article.source,
        "url": article.url,
        "published": article.published.isoformat() if article.published else None,
        "asides": [[a.start, a.end, a.kind] for a in article.asides],
        "metadata": dict(article.metadata),
    }
    return json.dumps(values, default=str)


def load_article(line: str | bytes) -> Article:
    """The article that ``dump_article`` made a line of.

    Raises:
        ValueError: the line is not what ``dump_article`` writes.
    """
    values = json.loads(line)
    try:
        return Article(
            id=values["id"],
            text=values["text"],
            title=values["title"],
            source=values["source"],
            url=values["url"],
            published=datetime.fromisoformat(values["published"]) if values["published"] else None,
            asides=tuple(Aside(start, end, kind) for start, end, kind in values["asides"]),
            metadata=values["metadata"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no stored article: {error}") from None
