"""Measuring summaries: benchmarks and scores; never imported by the package."""
