"""Whole processes, run and measured from outside."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BARE_IMPORT = (sys.executable, "-c", "import torch; from transformers import BertModel, AutoTokenizer")
"""What the main job cannot do without, and nothing else."""


@dataclass(frozen=True)
class Run:
    """What one process took: wall-clock seconds, and the most memory it held, in bytes."""

    seconds: float
    peak: int


def main_job(summarizer: str) -> tuple[str, ...]:
    """``summarize story seeds/`` written anew, by the console script that stands beside this Python."""
    program = str(Path(sys.executable).with_name("summarize"))
    return (program, "story", "seeds/", "--summarizer", summarizer, "--no-cache")


def run(command: Sequence[str]) -> Run:
    """Run a command in the repository root, its output thrown away.

    Raises:
        SystemExit: it failed.
    """
    # Byte code may be written, as on anybody's machine; else every start would compile the whole package.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    return Run(seconds, usage.ru_maxrss * UNIT)


def output_of(module: str, *arguments: str) -> str:
    """What ``python -m MODULE`` prints, run in the repository root.

    Raises:
        SystemExit: it failed.
    """
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}")
    return done.stdout


def in_turns(ours: Sequence[str], reference: Sequence[str], runs: int) -> tuple[list[Run], list[Run]]:
    """Both commands ``runs`` times in turns, so that a machine that slows down slows both.

    One more turn goes before and is not counted; it fills the file cache for both.
    """
    turns = [(run(ours), run(reference)) for _ in range(runs + 1)][1:]
    return [mine for mine, _ in turns], [theirs for _, theirs in turns]


UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in the unit of ``ru_maxrss``."""
