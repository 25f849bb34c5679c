"""What results hang on beside their inputs and settings: code, word lists, weights, versions."""

import hashlib
import platform
from collections.abc import Iterable, Set
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from summarize.config import Config


def code_fingerprint(packages: Iterable[ModuleType], beside: Set[str]) -> str:
    """SHA-256 over the code, word lists and weights in packages.

    Args:
        beside: names of files and folders in them that results do not hang on.
    """
    digest = hashlib.sha256()
    for package in packages:
        folder = Path(package.__file__ or "").parent
        for path in sorted(folder.rglob("*")):
            place = path.relative_to(folder)
            if path.is_file() and not beside & set(place.parts):
                digest.update(f"{folder.name}/{place.as_posix()} ".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def weights_fingerprints(config: Config) -> dict[str, str]:
    """SHA-256 of the weights in every folder that the settings name as a model, by the setting."""
    found: dict[str, str] = {}
    for section, values in config.model_dump().items():
        for key in MODELS & set(values) if isinstance(values, dict) else ():
            if isinstance(values[key], str) and Path(values[key]).is_dir():
                digest = hashlib.sha256()
                for path in sorted(p for p in Path(values[key]).iterdir() if p.is_file()):
                    digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
                found[f"{section}.{key}"] = digest.hexdigest()
    return dict(sorted(found.items()))


MODELS = frozenset({"model", "judge", "adapter"})
"""Settings that may name a folder of weights."""


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Python, and packages, with their versions."""
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
