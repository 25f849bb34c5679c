"""What every page says about a story, in the same words."""

from collections.abc import Sized
from datetime import UTC, datetime

from summarize.documents import Article, Story, Summary

NO_STORY = "No story to show."


def count(things: Sized | int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: ``1 article``, ``5 articles``, ``2 stories``."""
    number = things if isinstance(things, int) else len(things)
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def standing(story: Story) -> str:
    """How many articles a story rests on, and how many of them are independent reports."""
    articles = count(story.articles, "article")
    if 0 < len(story.lineages) < len(story.articles):
        return f"{articles}, {count(story.lineages, 'independent report')}"
    return articles


def moment(time: datetime) -> str:
    """A point in time to the minute, in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def basis(summary: Summary) -> str:
    """What a summary rests on, since when where it tells only what is new, and how much of it could not be read."""
    unread, since = summary.unread_sentences, summary.story.since
    new = f"New since {moment(since)}: " if since else ""
    fault = f"; not all by the model: {summary.asked.fault}" if summary.asked and summary.asked.fault else ""
    return new + standing(summary.story) + (f", {count(unread, 'sentence')} not read" if unread else "") + fault


def same_report_as(summary: Summary, article: Article) -> int | None:
    """The number of the article this one copies or rewrites, if it does."""
    original = summary.story.original.get(article.id, article.id)
    return None if original == article.id else summary.numbers.get(original)
