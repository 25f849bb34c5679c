"""What a chat model is told, in files: a folder a version, so that a result can say which one it was made with.

``system.txt`` is the task, ``story.txt`` brings the claims of a story, ``repair.txt`` sends sentences back, and
``answer.json`` is the JSON schema of an answer. Words such as ``$claims`` are filled in.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from summarize.errors import ConfigError, UnknownNameError

BLANKS: Mapping[str, frozenset[str]] = {
    "system.txt": frozenset({"fence"}),
    "story.txt": frozenset({"fence", "claims", "words", "most", "question"}),
    "repair.txt": frozenset({"fence", "claims", "sentences"}),
    "answer.json": frozenset(),
}
"""The files of a version, and the words that are filled into each."""


@dataclass(frozen=True)
class Prompts:
    """One version of the prompts.

    Attributes:
        version: its name, or the folder it was read from.
        sha256: of all its files.
        schema: JSON schema of the answers.
    """

    version: str
    sha256: str
    system: Template
    story: Template
    repair: Template
    schema: Mapping[str, Any]


@cache
def load_prompts(version: str) -> Prompts:
    """The prompts of a version in this package, or of a folder.

    Raises:
        UnknownNameError: there is neither such a version nor such a folder.
        ConfigError: a file is missing, or has a word to be filled in that is not known.
    """
    shipped = Path(__file__).parent
    known = sorted(p.name for p in shipped.iterdir() if (p / "system.txt").is_file())
    folder = shipped / version if version in known else Path(version)
    if not folder.is_dir():
        raise UnknownNameError("version of the prompts", version, known)
    texts = {name: _read(folder / name, blanks) for name, blanks in BLANKS.items()}
    digest = hashlib.sha256("\0".join(texts[name] for name in sorted(texts)).encode()).hexdigest()
    try:
        schema = json.loads(texts["answer.json"])
    except ValueError as error:
        raise ConfigError(f"{folder / 'answer.json'} is not JSON: {error}") from None
    if not isinstance(schema, dict):
        raise ConfigError(f"{folder / 'answer.json'} is no JSON schema of an object")
    return Prompts(
        version,
        digest,
        Template(texts["system.txt"]),
        Template(texts["story.txt"]),
        Template(texts["repair.txt"]),
        schema,
    )


def _read(path: Path, blanks: frozenset[str]) -> str:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read prompt {path}: {error}") from None
    if path.suffix == ".txt":
        template = Template(text)
        if not template.is_valid():
            raise ConfigError(f"prompt {path} has a $ that begins no word; a dollar sign is written $$")
        unknown = sorted(set(template.get_identifiers()) - blanks)
        if unknown:
            raise ConfigError(f"prompt {path}: unknown word ${unknown[0]}. Known: {', '.join(sorted(blanks))}")
    return text
