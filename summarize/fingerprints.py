"""What results hang on beside their inputs and settings: code, word lists, weights, prompts, versions."""

import hashlib
import json
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from importlib.metadata import version
from pathlib import Path

from summarize.config import Config
from summarize.errors import ModelError

PACKAGE = Path(__file__).parent
"""The folder of this package."""

PACKAGES = ("summarize", "numpy", "pyarrow", "scipy", "sentencex", "tokenizers", "torch", "trafilatura", "transformers")
"""Those whose version a summary may hang on."""

BESIDE = frozenset({"__pycache__", "cli.py", "commands.py", "training"})
"""Parts of the package that no summary hangs on."""

MODELS = frozenset({"model", "judge", "entailment", "prompt"})
"""Settings that may name weights or prompts of others."""

OURS = frozenset({"builtin", "minilm", "none"})
"""Names that stand for what comes with the code, or for nothing."""

YOUNG_NS = 2_000_000_000
"""Nanoseconds within which a file may change again without its time telling, on the coarsest file systems."""

Recall = Callable[[str, Callable[[], str]], str]
"""Gives the digest of files: known by what the system tells of them, or else computed."""


def afresh(told: str, compute: Callable[[], str]) -> str:
    """A ``Recall`` that remembers nothing."""
    return compute()


def files_fingerprint(files: Mapping[str, Path], recall: Recall = afresh) -> str:
    """SHA-256 over the names and contents of files.

    Args:
        files: by the names they count under.
        recall: asked first, with path, size, times and inode of every file. Where one has changed just now, a second
            change might not show in its times, and all are read.

    Raises:
        OSError: a file cannot be read.
    """

    def compute() -> str:
        digest = hashlib.sha256()
        for name, path in sorted(files.items()):
            with path.open("rb") as file:
                digest.update(f"{name} ".encode("utf-8", "surrogateescape"))
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    facts = {name: (path, path.stat()) for name, path in sorted(files.items())}
    if any(time.time_ns() - max(s.st_mtime_ns, s.st_ctime_ns) < YOUNG_NS for _, s in facts.values()):
        return compute()
    rows = [
        [name, str(path.absolute()), s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino]
        for name, (path, s) in facts.items()
    ]
    return recall(json.dumps(rows), compute)


def code_fingerprint(packages: Iterable[Path], beside: Set[str], recall: Recall = afresh) -> str:
    """SHA-256 over the code, word lists and weights in packages.

    Args:
        packages: their folders.
        beside: names of files and folders in them that results do not hang on.
        recall: see ``files_fingerprint``.
    """
    files = {}
    for folder in packages:
        for path in folder.rglob("*"):
            place = path.relative_to(folder)
            if not beside & set(place.parts) and path.is_file():
                files[f"{folder.name}/{place.as_posix()}"] = path
    return files_fingerprint(files, recall)


def weights_fingerprints(config: Config, recall: Recall = afresh) -> dict[str, str]:
    """SHA-256 of the files in every folder that the settings name as weights or prompts, by the setting."""
    found = {}
    for setting, name in _named(config):
        if Path(name).is_dir():
            files = {path.name: path for path in Path(name).iterdir() if path.is_file()}
            found[setting] = files_fingerprint(files, recall)
    return found


def hub_commits(config: Config) -> dict[str, str | None]:
    """The commit of every hub model that the settings name, by the setting; None where it is not in the local cache."""
    found: dict[str, str | None] = {}
    for setting, name in _named(config):
        if not Path(name).is_dir() and not setting.endswith(".prompt"):
            found[setting] = _commit(name)
    return found


def _named(config: Config) -> Iterator[tuple[str, str]]:
    """The weights and prompts that the settings name, by the setting, in its order; not what a server has."""
    for section, values in sorted(config.model_dump().items()):
        for key in sorted(MODELS & set(values)) if isinstance(values, dict) else ():
            served = key == "model" and values.get("endpoint") is not None
            if values[key] is not None and values[key] not in OURS and not served:
                yield f"{section}.{key}", values[key]


def _commit(name: str) -> str | None:
    from summarize.models.hub import snapshot
    from summarize.models.presets import find_preset

    preset = find_preset(name)
    try:
        return snapshot(preset.model if preset else name).name
    except (ModelError, ValueError):  # the latter where no model of the hub can have such a name
        return None


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Python, and packages, with their versions."""
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
