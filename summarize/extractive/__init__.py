"""Summarizers that pick sentences."""
