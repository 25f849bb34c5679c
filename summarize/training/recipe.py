"""What the files of ``configs/train/`` have in common: a recipe, where its data are, and where its result goes."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

COMMON = ("recipe", "data", "output")
"""Keys that any of the files may have beside the settings of its recipe."""


def recipe_settings(kind: type[Any], path: Path) -> Mapping[str, Any]:
    """The settings in a YAML file, for the dataclass ``kind``.

    Raises:
        ValueError: the file holds a key that is no setting; the message lists the known ones.
    """
    values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    known = {f.name for f in fields(kind)}
    if unknown := sorted(set(values) - known - set(COMMON)):
        raise ValueError(f"{path}: unknown key {', '.join(unknown)}; known keys: {', '.join(sorted(known))}")
    return {name: value for name, value in values.items() if name in known}
