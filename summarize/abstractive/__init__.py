"""Summarizers that write sentences."""
