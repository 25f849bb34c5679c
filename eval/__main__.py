"""``python -m eval``: the same as ``summarize eval``."""

import sys

from summarize.cli import main

if __name__ == "__main__":
    main(["eval", *sys.argv[1:]])
