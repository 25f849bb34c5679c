"""How good the written summaries are: scores on development sets, and what readers say of them.

``python -m eval.quality`` (``make quality``); docs/quality.md says what each number means.
"""
