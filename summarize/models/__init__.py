"""The only door to torch and transformers."""
