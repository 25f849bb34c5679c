"""What README.md shows works: its commands run, its Python runs."""

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
FENCE = re.compile(r"^([ ]*)```([a-z]+)[^\n]*\n(.*?)^\1```[ ]*$", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    """The fenced code blocks of a language."""
    return [dedent(body) for _, named, body in FENCE.findall(page) if named == language]


def commands(page: str) -> list[str]:
    """The lines ``$ summarize ...`` of the console blocks, each with the lines it goes on in."""
    found = []
    for block in blocks(page, "console"):
        lines = re.sub(r"\\\n(?:> ?)?\s*", "", block).splitlines()
        found += [line.removeprefix("$ ") for line in lines if line.startswith("$ summarize")]
    return found


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture
def root(tmp_path):
    """The repository root, with whatever is written at its top kept out of the working tree."""
    for entry in ROOT.iterdir():
        if not entry.name.startswith("."):
            (tmp_path / entry.name).symlink_to(entry)
    return tmp_path


@pytest.mark.parametrize("command", commands(README))
def test_command_runs(command, root):
    done = run(["bash", "-o", "pipefail", "-c", command], root)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", blocks(README, "python"))
def test_python_runs(block, root):
    done = run([sys.executable, "-c", block], root)
    assert done.returncode == 0, done.stderr


def test_a_quickstart_has_something_to_run():
    if "## Quickstart" in README:
        assert commands(README)
        assert blocks(README, "python")


PAGE = """
# Page

```console
$ make story
$ summarize story seeds/ \\
>     --words 80
A summary. [1]
$ summarize --version
```

1. In a list:

   ```python
   if True:
       print("here")
   ```

```yaml
summarizer: lead
```
"""


def test_what_is_run_is_found():
    assert commands(PAGE) == ["summarize story seeds/ --words 80", "summarize --version"]
    assert blocks(PAGE, "python") == ['if True:\n    print("here")\n']
    assert commands("# Page\n") == blocks("# Page\n", "python") == []


@pytest.mark.parametrize("status", [0, 3])
def test_a_command_runs_in_the_root_with_this_python_first(root, status):
    done = run(["bash", "-c", f"ls seeds/README.md pyproject.toml; command -v python; exit {status}"], root)
    assert done.stdout.split() == ["pyproject.toml", "seeds/README.md", str(Path(sys.executable).parent / "python")]
    assert done.returncode == status
