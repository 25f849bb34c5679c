"""Typed settings, one class a stage; unknown keys are refused with the known ones.

Every default stands here once. ``configs/default.yaml`` shows them with comments and is tested to be equal.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Self, Union, get_args, get_origin
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from summarize.errors import ConfigError


class Settings(BaseModel):
    """Base of all settings: frozen, typed, closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @classmethod
    def parse(cls, values: dict[str, Any]) -> Self:
        """Build from plain data.

        Raises:
            ConfigError: naming the key, what was wrong, and the known keys where the key is unknown.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigError("; ".join(explain(cls, e) for e in error.errors())) from None


class ReadingSettings(Settings):
    """How inputs become articles."""

    max_bytes: int = Field(20_000_000, gt=0, description="largest file that is read, in bytes")
    min_words: int = Field(5, ge=1, description="an article with fewer words is skipped as 'no text found'")


class EncoderSettings(Settings):
    """Which sentence encoder is used."""

    model: str = Field("minilm", description="'minilm' (in the package) or a folder / hub name of an encoder")
    batch_size: int = Field(64, gt=0, description="sentences encoded at once")
    max_pieces: int = Field(128, ge=8, le=512, description="word pieces of a sentence that are read")


class ClusteringSettings(Settings):
    """How articles become stories."""

    clusterer: str = Field("hybrid", description="a name in CLUSTERERS")
    threshold: float = Field(0.5, ge=0, le=1, description="probability of 'same story' at which groups join")


class ClaimSettings(Settings):
    """How sentences of a story become claims."""

    threshold: float = Field(0.62, ge=-1, le=1, description="mean cosine at which sentences report one claim")
    kin_threshold: float = Field(0.72, ge=-1, le=1, description="cosine at which sentences may be fused")

    @model_validator(mode="after")
    def _kin_is_closer(self) -> Self:
        if self.kin_threshold < self.threshold:
            raise ValueError(f"kin_threshold {self.kin_threshold} must not be below threshold {self.threshold}")
        return self


class PlanSettings(Settings):
    """Which claims are said, in which order, within how many words."""

    words: int = Field(150, ge=10, le=5000, description="word budget of a summary")
    redundancy: float = Field(0.3, ge=0, le=1, description="weight of closeness to claims already chosen")
    query: str | None = Field(None, description="what the reader asks for; claims close to it come first")


class FusionSettings(Settings):
    """How the fusion model writes."""

    model: str = Field("builtin", description="'builtin' (in the package) or a folder with fusion weights")
    judge: str = Field("builtin", description="'builtin' (in the package), a folder with judge weights, or 'none'")
    beams: int = Field(4, ge=1, le=64, description="beam width")
    max_sources: int = Field(4, ge=1, le=6, description="source sentences fused into one")


class Seq2SeqSettings(Settings):
    """Which encoder-decoder model writes, what it is given, and how it is run."""

    model: str | None = Field(None, description="a preset (configs/models/), a folder or a hub name")
    family: str = Field("auto", description="a name in FAMILIES; read from the model if 'auto'")
    long: Literal["plan", "truncate", "merge"] = Field("plan", description="what is done with too long an input")
    beams: int = Field(4, ge=1, le=64, description="beam width; 1 is greedy")
    max_input: int | None = Field(None, ge=16, description="tokens read at most, if fewer than the model can")
    max_output: int | None = Field(None, ge=1, description="tokens written at most; two a word of the budget if null")
    prefix: str | None = Field(None, description="text before the input; the model's own if null")
    separator: str | None = Field(None, description="text or special token between articles; the model's own if null")
    language: str | None = Field(None, description="language code of multilingual models, e.g. en_XX")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="where the model runs")
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field("auto", description="numbers it computes with")
    quantization: Literal["none", "torchao-int8", "bitsandbytes-int8", "bitsandbytes-nf4"] = Field(
        "none", description="how its weights are made smaller when loaded"
    )
    batch_tokens: int | None = Field(None, ge=1, description="input tokens, with padding, read at once")
    compile: bool = Field(False, description="static cache and compiled decoder, on cuda")
    trust_remote_code: bool = Field(False, description="run code that comes with the model")


class ChatSettings(Settings):
    """Which large language model writes, where it runs, and what it may cost."""

    model: str | None = Field(None, description="folder or hub name; with 'endpoint', the server's name for the model")
    endpoint: str | None = Field(None, description="address of an OpenAI-compatible server; the model is local if null")
    key_variable: str | None = Field("OPENAI_API_KEY", description="environment variable with the server's key")
    prompt: str = Field("v1", description="version of the prompts in this package, or a folder with prompts")
    window: int = Field(8192, ge=512, description="tokens a prompt and its answer may take together")
    answer_tokens: int = Field(2048, ge=64, description="tokens of the window that are kept for the answer")
    max_tokens_total: int | None = Field(None, ge=0, description="tokens a process may spend; no limit if null")
    structured: bool = Field(True, description="whether a server is asked to keep its answer to a JSON schema")
    concurrency: int = Field(4, ge=1, le=256, description="requests under way at once")
    retries: int = Field(4, ge=0, le=20, description="times a request is sent again after a passing fault")
    connect_timeout: float = Field(10.0, gt=0, description="seconds to reach the server")
    timeout: float = Field(180.0, gt=0, description="seconds until a whole answer must be there")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="where a local model runs")
    trust_remote_code: bool = Field(False, description="run code that comes with a local model")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.answer_tokens >= self.window:
            raise ValueError(f"answer_tokens {self.answer_tokens} must be below window {self.window}")
        return self

    @field_validator("endpoint")
    @classmethod
    def _is_plain(cls, endpoint: str | None) -> str | None:
        """An address is shown in every result, so nothing secret may stand in it."""
        if endpoint is None:
            return None
        try:
            parts = urlsplit(endpoint)
            whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            whole = False
        if not whole or not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
            raise ValueError("must be an address such as http://localhost:8000/v1")
        if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
            raise ValueError("must hold neither a password nor a query: keys belong in the environment")
        return endpoint.rstrip("/")


class AttributionSettings(Settings):
    """What becomes of sentences that a model wrote freely and that what they cite does not support."""

    unsupported: Literal["replace", "mark"] = Field("replace", description="a source sentence instead, or marked words")
    entailment: str | None = Field(None, description="folder or hub name of a model for natural language inference")


class CacheSettings(Settings):
    """Where finished summaries are kept, so that they need not be written again."""

    folder: str | None = Field(None, description="folder of the cache, or 'none'; the command line finds one if null")
    limit_mb: int = Field(512, ge=1, description="megabytes it may take; the least recently used summaries go first")

    @property
    def wanted(self) -> bool:
        """Whether there is a cache."""
        return self.folder not in (None, "none")


class Config(Settings):
    """All settings of a run."""

    summarizer: str = Field("fusion", description="a name in SUMMARIZERS")
    min_articles: int = Field(1, ge=1, description="stories with fewer articles are not summarised")
    seed: int = Field(13, description="seed of everything random")
    threads: int = Field(0, ge=0, description="CPU threads for the models; 0 leaves it to torch")
    reading: ReadingSettings = ReadingSettings()
    encoder: EncoderSettings = EncoderSettings()
    clustering: ClusteringSettings = ClusteringSettings()
    claims: ClaimSettings = ClaimSettings()
    plan: PlanSettings = PlanSettings()
    fusion: FusionSettings = FusionSettings()
    seq2seq: Seq2SeqSettings = Seq2SeqSettings()
    chat: ChatSettings = ChatSettings()
    attribution: AttributionSettings = AttributionSettings()
    cache: CacheSettings = CacheSettings()

    @model_validator(mode="before")
    @classmethod
    def _drop_empty_sections(cls, values: Any) -> Any:
        """A section under which nothing is set (in YAML, all keys commented out) is the default."""
        if not isinstance(values, dict):
            return values
        sections = {name for name, field in cls.model_fields.items() if isinstance(field.default, Settings)}
        return {k: v for k, v in values.items() if v is not None or k not in sections}

    @classmethod
    def load(cls, path: Path | None, **changes: Any) -> Self:
        """Read a YAML file, or take the defaults without one; ``changes`` win over either, as in ``replace``.

        Raises:
            ConfigError: the file cannot be read, is not YAML, or does not fit.
        """
        values = read_settings(path, {}) if path else {}
        try:
            found = cls.parse(values)
        except ConfigError as error:
            raise ConfigError(f"config {path}: {error}") from None
        return found.replace(**changes)

    def signed(self) -> dict[str, Any]:
        """The settings that results are signed with: all but the cache, with which and without which they are equal."""
        return self.model_dump(exclude={"cache"})

    def replace(self, **changes: Any) -> Self:
        """A copy with dotted settings changed, e.g. ``replace(**{"plan.words": 200})``; None is ignored.

        Raises:
            ConfigError: as ``parse``.
        """
        values = self.model_dump()
        for dotted, value in changes.items():
            if value is None:
                continue
            *parents, leaf = dotted.split(".")
            node = values
            for parent in parents:
                node = node.setdefault(parent, {})
                if not isinstance(node, dict):
                    raise ConfigError(f"unknown setting {dotted!r}: {parent!r} has no settings of its own")
            node[leaf] = value
        return type(self).parse(values)


def read_settings(path: Path, empty: dict[str, Any] | None = None) -> dict[str, Any]:
    """The settings in a YAML file.

    Args:
        path: the file.
        empty: what an empty file holds; None if it may not be empty.

    Raises:
        ConfigError: the file cannot be read, is not YAML, or holds no mapping.
    """
    try:
        values = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read config {path}: {error}") from None
    except (yaml.YAMLError, ValueError) as error:  # an impossible date is a ValueError
        raise ConfigError(f"config {path} is not YAML: {' '.join(str(error).split())}") from None
    if values is None:
        values = empty
    if not isinstance(values, dict):
        raise ConfigError(f"config {path} must be a mapping of settings, not {type(values).__name__}")
    return values


def explain(model: type[BaseModel], error: Any) -> str:
    """One line for what pydantic found wrong: the setting, and for an unknown one the nearest and all known ones."""
    if error["type"] == "extra_forbidden":
        return _unknown_setting(model, error["loc"])
    where, message = ".".join(str(part) for part in error["loc"]), error["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _unknown_setting(model: type[BaseModel], place: Sequence[int | str]) -> str:
    """One line that names an unknown setting, the nearest known one and all known ones.

    Args:
        model: the settings as a whole.
        place: the way to the setting, as pydantic tells it.
    """
    known: type[BaseModel] = model
    for part in place[:-1]:
        if isinstance(part, str) and part in known.model_fields:
            known = _model(known.model_fields[part].annotation) or known
    names = list(known.model_fields)
    near = get_close_matches(str(place[-1]), names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"unknown setting {'.'.join(map(str, place))!r}.{hint} Known: {', '.join(names)}"


def _model(annotation: Any) -> type[BaseModel] | None:
    """The settings class in an annotation such as ``PlanSettings | None``."""
    if get_origin(annotation) in (Union, UnionType, tuple):
        return next((m for a in get_args(annotation) if (m := _model(a))), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
