"""Benchmarks: each a module that prints one JSON line."""
