"""Typed settings of what is measured: lengths, metrics, statistics."""

import re
from typing import Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from summarize.config import Settings

Unit = Literal["words", "tokens", "bytes"]
Group = Literal["rouge", "length", "fragments", "redundancy", "semantic", "citations", "unsupported", "sources", "gold"]
"""The names in ``eval.metrics.METRICS``."""


class LengthSettings(Settings):
    """To what length a summary is cut before it is scored; references are never cut."""

    words: int | None = Field(None, ge=1, description="blank-separated words")
    tokens: int | None = Field(None, ge=1, description="tokens as ROUGE counts them")
    bytes: int | None = Field(None, ge=1, description="bytes in UTF-8; no character is cut in two")
    whole: bool = Field(False, description="only whole sentences are kept, rather than the last one cut")

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if sum(limit is not None for limit in (self.words, self.tokens, self.bytes)) > 1:
            raise ValueError("give one of words, tokens and bytes")
        return self

    @property
    def limit(self) -> tuple[Unit, int] | None:
        """Unit and number, or None where nothing is cut."""
        if self.words is not None:
            return "words", self.words
        if self.tokens is not None:
            return "tokens", self.tokens
        return None if self.bytes is None else ("bytes", self.bytes)


class MetricSettings(Settings):
    """What is measured, and how."""

    rouge: tuple[str, ...] = Field(
        ("rouge1", "rouge2", "rougeL", "rougeLsum"), description="rouge1 to rouge9, rougeL, rougeLsum"
    )
    stem: bool = Field(True, description="Porter stems of words of more than three letters, as ROUGE-1.5.5 -m")
    tokenizer: Literal["rouge", "unicode"] = Field(
        "rouge", description="'rouge' knows a-z and 0-9 only and scores other scripts 0; 'unicode' knows all scripts"
    )
    references: Literal["mean", "max"] = Field(
        "mean", description="several references: mean of the scores, or those of the reference with the highest F"
    )
    groups: tuple[Group, ...] = Field(get_args(Group), description="what is measured, by name")
    support: str = Field(
        "verifier", description="who judges that quotes support a sentence: 'verifier', 'judge', or an NLI model"
    )

    @field_validator("rouge")
    @classmethod
    def _known_rouge(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not re.fullmatch(r"rouge[1-9]|rougeL|rougeLsum", name):
                raise ValueError(f"unknown ROUGE {name!r}. Known: rouge1 to rouge9, rougeL, rougeLsum")
        return names


class StatisticsSettings(Settings):
    """How certain the means are, and which differences are luck."""

    resamples: int = Field(10_000, ge=100, description="bootstrap samples of the items")
    trials: int = Field(10_000, ge=100, description="random exchanges of a paired test; all of them where fewer exist")
    alpha: float = Field(0.05, gt=0, lt=1, description="p, corrected, under which a difference counts")
