"""What the figures hang on: machine, threads, versions."""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("summarize", "torch", "transformers", "tokenizers", "numpy", "scipy", "scikit-learn")


def main() -> None:
    """Print what the figures hang on: machine, threads, versions."""
    import torch

    print(
        json.dumps(
            {
                "bench": "machine",
                "processor": _processor(),
                "cores": os.cpu_count(),
                "threads": torch.get_num_threads(),
                "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
                "load": round(os.getloadavg()[0], 2),
                "system": platform.platform(),
                "python": platform.python_version(),
                "versions": {name: version(name) for name in PACKAGES},
            }
        )
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
