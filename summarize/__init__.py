"""Reads many news articles, finds which report the same story, and writes one cited summary per story.

    from summarize import Summarizer, read_articles

    articles = read_articles("seeds/")
    print(Summarizer().summarize(articles).text)

Importing this package loads neither torch nor transformers; models are loaded when first used.
"""

from summarize.config import Config
from summarize.documents import (
    Article,
    Citation,
    Claim,
    Digest,
    Sentence,
    Skipped,
    Story,
    Summary,
    SummarySentence,
)
from summarize.errors import SummarizeError
from summarize.pipeline import Summarizer
from summarize.reading import read_articles

__version__ = "0.1.0"

__all__ = [
    "Article",
    "Citation",
    "Claim",
    "Config",
    "Digest",
    "Sentence",
    "Skipped",
    "Story",
    "SummarizeError",
    "Summarizer",
    "Summary",
    "SummarySentence",
    "read_articles",
]
