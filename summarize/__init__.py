"""Reads many news articles, finds which report the same story, and writes one cited summary per story."""

__version__ = "0.1.0"
