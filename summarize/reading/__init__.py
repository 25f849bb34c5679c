"""Files, archives and data sets to Articles, with what was skipped and why."""
