"""Stories with their summaries, to train on: from JSON lines or from any data set that ``datasets`` reads."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import Field

from summarize.config import Settings
from summarize.errors import ReadingError

HELD_OUT = 20
"""Where no validation data is named, the last of every so many examples is held out."""

TABLES = {".parquet": "parquet", ".csv": "csv", ".arrow": "arrow"}
"""Files that ``datasets`` reads, by their ending."""


class SourceSettings(Settings):
    """Where the examples are, and in which columns."""

    train: str = Field(description="a .jsonl, .parquet or .csv file, a folder saved by `datasets`, or a hub name")
    validation: str | None = Field(None, description="the like; if null, a split of the same, or held-out examples")
    subset: str | None = Field(None, description="configuration of a hub data set")
    train_split: str = Field("train", description="split to train on, where there are splits")
    validation_split: str = Field("validation", description="split to validate on, where there is one")
    articles: str = Field("articles", description="column of the articles: texts, {text: ...}s, or one text")
    summary: str = Field("summary", description="column of the summary: a text, or several of which the first counts")
    between: str | None = Field(None, description="what parts articles that stand in one text, e.g. '|||||'")
    limit: int | None = Field(None, ge=1, description="examples read at most, of each split")


@dataclass(frozen=True, slots=True)
class Example:
    """The articles of a story and the summary that is to be written of them."""

    articles: tuple[str, ...]
    summary: str


@dataclass(frozen=True)
class Examples:
    """What is trained and validated on.

    Attributes:
        sha256: fingerprint of all examples, whatever file or table they came from.
    """

    train: Sequence[Example]
    validation: Sequence[Example]
    sha256: str


def read_examples(settings: SourceSettings, most_validation: int) -> Examples:
    """Read the examples, those without an article or a summary left out.

    Args:
        settings: where they are.
        most_validation: validation examples used at most: the first ones.

    Raises:
        ReadingError: nothing can be read, a column is missing, or there is nothing to train on.
    """
    train = list(_examples(_rows(settings.train, settings.subset, settings.train_split), settings, settings.train))
    if settings.validation is not None:
        rows = _rows(settings.validation, settings.subset, settings.validation_split)
        validation = list(_examples(rows, settings, settings.validation))
    else:
        own = _split(settings.train, settings.subset, settings.validation_split)
        if own is not None:
            validation = list(_examples(own, settings, settings.train))
        else:
            validation = train[HELD_OUT - 1 :: HELD_OUT] or train[-1:]
            held = set(map(id, validation))
            train = [e for e in train if id(e) not in held] if len(train) > 1 else train
    if not train or not validation:
        raise ReadingError(f"{settings.train} holds no example to {'validate' if train else 'train'} on")
    validation = validation[:most_validation]
    return Examples(train, validation, fingerprint([*train, *validation]))


def fingerprint(examples: Sequence[Example]) -> str:
    """SHA-256 over the texts, in order."""
    digest = sha256()
    for example in examples:
        digest.update(json.dumps([example.articles, example.summary]).encode() + b"\n")
    return digest.hexdigest()


def _examples(rows: Iterator[Mapping[str, Any]], settings: SourceSettings, name: str) -> Iterator[Example]:
    taken = 0
    for number, row in enumerate(rows, 1):
        for column in (settings.articles, settings.summary):
            if column not in row:
                raise ReadingError(
                    f"{name}, record {number}: no column {column!r}; it has {', '.join(map(str, row)) or 'none'}"
                )
        articles = tuple(t for t in _texts(row[settings.articles], settings.between) if t.strip())
        summary = next(iter(_texts(row[settings.summary], None)), "").strip()
        if articles and summary:
            yield Example(articles, summary)
            taken += 1
            if taken == settings.limit:
                return


def _texts(value: Any, between: str | None) -> list[str]:
    """The texts in a column: one text, several, or records with a ``text``; anything else holds none."""
    if isinstance(value, str):
        return value.split(between) if between else [value]
    if isinstance(value, Mapping):
        return _texts(value.get("text"), between)
    if isinstance(value, Sequence):
        return [text for one in value for text in _texts(one, between)]
    return []


def _rows(name: str, subset: str | None, split: str) -> Iterator[Mapping[str, Any]]:
    path = Path(name)
    if path.suffix in (".jsonl", ".json"):
        return _lines(path)
    try:
        import datasets

        if path.suffix in TABLES:
            found: Any = datasets.load_dataset(TABLES[path.suffix], data_files=str(path), split="train")
        elif path.is_dir() and ((path / "state.json").exists() or (path / "dataset_dict.json").exists()):
            loaded = datasets.load_from_disk(str(path))
            found = loaded[split] if isinstance(loaded, datasets.DatasetDict) else loaded
        else:
            found = datasets.load_dataset(name, subset, split=split)
    except (OSError, ValueError, KeyError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ReadingError(f"cannot read the data set {name!r}: {reason}") from None
    return iter(found)


def _split(name: str, subset: str | None, split: str) -> Iterator[Mapping[str, Any]] | None:
    """The validation split that a data set has of its own; None of a file, or where there is none."""
    path = Path(name)
    if path.suffix in (".jsonl", ".json", *TABLES) or (path.is_dir() and not (path / "dataset_dict.json").exists()):
        return None
    try:
        return _rows(name, subset, split)
    except ReadingError:
        return None


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ReadingError(f"{path}, line {number}: not a JSON object")
                yield row
    except json.JSONDecodeError as error:
        raise ReadingError(f"{path}, line {number}: not JSON: {error.msg}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ReadingError(f"cannot read {path}: {' '.join(str(error).split())[:200]}") from None
