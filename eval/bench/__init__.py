"""Benchmarks: each a command that prints one JSON line; ``python -m eval.bench`` runs them all."""
