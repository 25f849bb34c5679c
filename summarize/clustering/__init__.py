"""Articles to Stories; near-copies and their lineage."""
