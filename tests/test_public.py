"""The public surface, and what importing it costs."""

import subprocess
import sys

import pytest

import summarize

NAMES = """
    Article Citation Claim Config Digest Sentence Skipped Story SummarizeError Summarizer Summary SummarySentence
    read_articles
""".split()


def test_the_list_of_public_names_is_sorted_and_complete():
    assert summarize.__all__ == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_exists_and_is_documented(name):
    documented = getattr(summarize, name).__doc__
    assert documented
    assert not documented.startswith(f"{name}("), "the docstring is the one dataclasses makes up"


def test_version_is_that_of_the_installed_package():
    from importlib.metadata import version

    assert summarize.__version__ == version("summarize")


HEAVY = ("torch", "transformers", "sklearn", "datasets", "trafilatura", "sqlite3")


@pytest.mark.parametrize(
    "code",
    [
        "import summarize",
        "import summarize.cli; summarize.cli.main(['--help'])",
        "import summarize.cli; summarize.cli.main(['story', '--help'])",
        "import summarize.cli; summarize.cli.main(['--version'])",
        "import summarize as s; a = s.Article('a', 'Rain fell on Lund all day.')\n"
        "m = s.Summarizer(s.Config(summarizer='lead', threads=1)); m.summarize(m.stories([a])[0])",
    ],
)
def test_neither_import_nor_help_nor_lead_load_a_model_library(code):
    check = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr))\n" + code
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"
