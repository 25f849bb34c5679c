"""Typed settings of an evaluation; every default stands here once, configs/eval/ shows them with comments."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, get_args

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from eval.metrics.settings import LengthSettings, MetricSettings, StatisticsSettings
from summarize.config import Config, EncoderSettings, Settings, explain, read_settings
from summarize.errors import ConfigError, UnknownNameError
from summarize.extractive import EXTRACTIVE
from summarize.pipeline import SUMMARIZERS

__all__ = [
    "DataSettings",
    "EvalSettings",
    "FileSettings",
    "LengthSettings",
    "MeasureSettings",
    "MetricSettings",
    "RobustnessSettings",
    "StatisticsSettings",
    "SystemSettings",
]

KNOWN = frozenset({*SUMMARIZERS, *EXTRACTIVE})
"""Who can be measured: every summarizer, and the oracle."""

DEFAULT_WORDS = 150
"""Words a summarizer is asked for where the length limit says nothing."""

BYTES_A_WORD = 6
"""Bytes of an English word with the blank after it, when a limit in bytes becomes a budget in words."""

TASKS = ("summarization", "clustering")
"""What can be measured; the settings of the second are in ``eval.clusters``."""

Change = Literal["shuffled", "dropped", "duplicated", "unrelated", "spun"]


class DataSettings(Settings):
    """Which data is summarised."""

    path: Path | None = Field(None, description="file of records (.jsonl, .json, .parquet), or a folder of them")
    hub: str | None = Field(None, description="name of a data set for `datasets`, instead of a path")
    name: str | None = Field(None, description="configuration of the hub data set")
    split: str = Field("test", description="split of the hub data set")
    revision: str | None = Field(None, description="commit or branch of the hub data set")
    preset: str = Field("common", description="a name in PRESETS: the form of the records")
    references: Path | None = Field(None, description="folder of model summaries (preset duc)")
    min_articles: int = Field(1, ge=0, description="items with fewer articles are left out")
    max_articles: int | None = Field(
        None, ge=1, description="only so many articles of an item are used, the first ones"
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.hub is None):
            raise ValueError("give one of path and hub")
        return self


def named(value: Any) -> tuple[Mapping[str, Any], dict[str, Any]] | None:
    """A row of a config, a bare name or a mapping with one: the mapping, and its keys but name, label and settings.

    None where it is neither, for pydantic to refuse.
    """
    row = {"name": value} if isinstance(value, str) else value
    if not isinstance(row, Mapping) or not isinstance(row.get("name"), str):
        return None
    return row, {k: v for k, v in row.items() if k not in ("name", "label", "settings")}


class SystemSettings(Settings):
    """Who is measured: a summarizer, its settings, and the name its row has.

    In a config, a bare name, or a mapping with ``name``, ``label`` and any settings of ``configs/default.yaml``;
    a key of the summarizer's own section may stand without it: ``{name: fusion, beams: 1, label: fusion, 1 beam}``.
    """

    name: str = Field(description="a name in SUMMARIZERS, or 'oracle'")
    label: str = Field(description="the name of its row; by default its name")
    settings: dict[str, Any] = Field(description="what differs from the summarizer's default settings")

    @model_validator(mode="before")
    @classmethod
    def _from_short_forms(cls, value: Any) -> Any:
        parts = named(value)
        if parts is None:
            return value
        value, rest = parts
        section = Config.model_fields.get(value["name"])
        has_section = section is not None and isinstance(section.default, Settings)
        settings: dict[str, Any] = dict(value.get("settings") or {})
        for key, given in rest.items():
            if has_section and key not in Config.model_fields:
                settings[value["name"]] = {**settings.get(value["name"], {}), key: given}
            else:
                settings[key] = given
        return {"name": value["name"], "label": str(value.get("label", value["name"])), "settings": settings}

    @model_validator(mode="after")
    def _settings_are_known(self) -> Self:
        try:
            self.config({})
        except ConfigError as error:
            raise ValueError(f"summarizer {self.label!r}: {error}") from None
        return self

    def config(self, base: Mapping[str, Any]) -> Config:
        """The summarizer's settings over those of ``base``, which may be nested.

        Raises:
            ConfigError: a setting is unknown or wrong.
        """
        # `oracle` is known to the evaluation only; the name is not looked up before a Summarizer is made of it.
        return Config.parse(merged(base, {**self.settings, "summarizer": self.name}))


class RobustnessSettings(Settings):
    """How the articles of each item are changed, to see how much summaries and scores move."""

    changes: tuple[Change, ...] = Field(get_args(Change), description="names in CHANGES")
    draws: int = Field(1, ge=1, description="times each change is drawn anew")


class FileSettings(Settings):
    """Settings that a YAML file holds."""

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Build from plain data.

        Raises:
            ConfigError: naming the key, what was wrong, and the nearest and all known keys where it is unknown.
        """
        # A section under which all keys are commented out is the default.
        stated = {k: v for k, v in values.items() if v is not None}
        try:
            return cls.model_validate(stated)
        except ValidationError as error:
            raise ConfigError("; ".join(explain(cls, e) for e in error.errors())) from None

    @classmethod
    def load(
        cls, path: Path | None, changes: Mapping[str, Any] | None = None, found: dict[str, Any] | None = None
    ) -> Self:
        """Read a YAML file; without one, the defaults.

        Args:
            path: the file.
            found: what it holds, if it was read before.
            changes: dotted settings that win over the file's, e.g. ``{"length.words": 100}``.

        Raises:
            ConfigError: the file cannot be read, is not YAML, or does not fit.
        """
        values = cls.concerning(read_settings(path) if found is None else found) if path else {}
        for dotted, value in (changes or {}).items():
            values = _with(values, dotted.split("."), value)
        try:
            return cls.parse(values)
        except ConfigError as error:
            raise type(error)(f"config {path}: {error}") if path else error from None

    @classmethod
    def concerning(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Those of a file's settings that are meant for this class; by default all."""
        return values


class MeasureSettings(FileSettings):
    """What a score hangs on, whoever wrote the text."""

    length: LengthSettings = LengthSettings()
    metrics: MetricSettings = MetricSettings()
    statistics: StatisticsSettings = StatisticsSettings()
    seed: int = Field(13, description="seed of everything random")
    settings: dict[str, Any] = Field(default_factory=dict, description="settings that all summarizers share")

    @model_validator(mode="after")
    def _shared_settings_are_known(self) -> Self:
        try:
            Config.parse(self.settings)
        except ConfigError as error:
            raise ValueError(f"settings: {error}") from None
        return self

    @property
    def encoder(self) -> EncoderSettings:
        """The sentence encoder that metrics use."""
        return Config.parse(self.settings).encoder

    @classmethod
    def concerning(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Text of others is scored by what a whole config says of it."""
        if cls is not MeasureSettings:
            return values
        return {k: v for k, v in values.items() if k in cls.model_fields or k not in EvalSettings.model_fields}


class EvalSettings(MeasureSettings):
    """All settings of an evaluation."""

    task: Literal["summarization"] = "summarization"
    data: DataSettings
    summarizers: tuple[SystemSettings, ...] = Field(description="who is measured, in the order shown")
    robustness: RobustnessSettings | None = None
    limit: int | None = Field(None, ge=1, description="only the first so many items")
    workers: int = Field(0, ge=0, description="processes; 0 is one for each core, 1 works in the process itself")
    output: Path = Field(description="folder of the results")

    @field_validator("summarizers")
    @classmethod
    def _known_and_told_apart(cls, systems: tuple[SystemSettings, ...]) -> tuple[SystemSettings, ...]:
        if not systems:
            raise ValueError("name at least one summarizer")
        for system in systems:
            if system.name not in KNOWN:
                raise ValueError(str(UnknownNameError("summarizer", system.name, KNOWN)))
        labels = [s.label for s in systems]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise ValueError(f"two summarizers have the label {twice[0]!r}; give one of them another label")
        return systems

    @property
    def words(self) -> int:
        """Words a summarizer is asked for, from the limit on length."""
        limit = self.length.limit
        if limit is None:
            return DEFAULT_WORDS
        unit, size = limit
        return max(10, size // BYTES_A_WORD if unit == "bytes" else size)

    def config(self, system: SystemSettings) -> Config:
        """The settings a summarizer runs with: its own over the shared ones over those of the evaluation.

        One thread each, so that neither the number of workers nor that of cores changes a result.
        """
        return system.config(merged({"seed": self.seed, "threads": 1, "plan": {"words": self.words}}, self.settings))


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings, those of ``above`` winning."""
    result = dict(below)
    for key, value in above.items():
        under = result.get(key)
        result[key] = merged(under, value) if isinstance(under, Mapping) and isinstance(value, Mapping) else value
    return result


def parse_change(text: str) -> tuple[str, Any]:
    """``length.words=100`` as a dotted setting and its value, read as YAML.

    Raises:
        ConfigError: there is no ``=``, or the value is not YAML.
    """
    dotted, equals, value = text.partition("=")
    if not equals or not dotted.strip():
        raise ConfigError(f"--set {text!r} is not of the form key=value")
    try:
        return dotted.strip(), yaml.safe_load(value)
    except yaml.YAMLError:
        raise ConfigError(f"--set {text!r}: the value is not YAML") from None


def task(path: Path, found: Mapping[str, Any]) -> str:
    """What a config asks to be measured: ``summarization`` unless it says something else.

    Args:
        path: the config.
        found: what it holds.

    Raises:
        ConfigError: the task is unknown.
    """
    name = found.get("task", TASKS[0])
    if name not in TASKS:
        raise ConfigError(f"config {path}: {UnknownNameError('task', str(name), TASKS)}")
    return str(name)


def _with(values: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """Nested settings with one of them changed; a mapping replaces what was there."""
    first, *rest = path
    below = values.get(first)
    changed = _with(below if isinstance(below, Mapping) else {}, rest, value) if rest else value
    return {**values, first: changed}
