"""Summaries to text, Markdown, JSON and HTML."""
