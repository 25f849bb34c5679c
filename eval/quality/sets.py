"""The development sets, and at what length summaries are measured on each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.settings import EvalSettings
from summarize.documents import Skipped
from summarize.errors import ConfigError, UnknownNameError
from summarize.extractive import EXTRACTIVE

STORIES = Path(__file__).parents[1] / "data" / "stories"

GROUPS = ("rouge", "length", "fragments", "sources")
"""What the harness itself measures; the rest is counted by ``eval.quality.counts``."""

SUMMARIZERS = ("fusion", "claims", *EXTRACTIVE)
"""Who is measured; the oracle is there as a bound and is no rival."""


@dataclass(frozen=True)
class DevelopmentSet:
    """Stories with reference summaries.

    Attributes:
        file: file or folder under the folder of data; the stories of this repository are read from where they are.
        words: asked of every summarizer, and what is scored of its summary; of 75, 150 and 250 the nearest to the
            mean length of the references.
    """

    file: Path
    words: int


SETS: Mapping[str, DevelopmentSet] = {
    "neus": DevelopmentSet(Path("neus/val.jsonl"), 75),
    "attribute_first": DevelopmentSet(Path("mds_dev/attribute_first_dev.jsonl"), 250),
    "circa": DevelopmentSet(Path("mds_dev/circa.jsonl"), 250),
    "stories": DevelopmentSet(STORIES, 150),
}
"""Every set by its name: references of 66, 215, 314 and 139 words on average."""


@dataclass(frozen=True)
class Plan:
    """What is to be measured.

    Attributes:
        settings: an evaluation for each set, by the set's name.
        left_out: sets whose data is not there.
    """

    settings: Mapping[str, EvalSettings]
    left_out: tuple[Skipped, ...]


def plan(
    data: Path | None,
    output: Path,
    *,
    sets: Sequence[str] = tuple(SETS),
    summarizers: Sequence[str] = SUMMARIZERS,
    limit: int | None = None,
    workers: int = 0,
    seed: int = 13,
) -> Plan:
    """The evaluations of the sets that are there; each writes to a folder of its name in ``output``.

    Args:
        data: folder with the sets' files; None where only the stories of this repository are wanted.

    Raises:
        UnknownNameError: there is no such set.
        ConfigError: there is no such summarizer, or no set of those wanted is there.
    """
    found: dict[str, EvalSettings] = {}
    left_out: list[Skipped] = []
    for name in sets:
        if name not in SETS:
            raise UnknownNameError("set", name, SETS)
        file = SETS[name].file
        if not file.is_absolute():
            if data is None:
                left_out.append(Skipped(name, "no folder of data was given (--data)"))
                continue
            file = data / file
        if not file.exists():
            left_out.append(Skipped(name, f"there is no {file}"))
            continue
        found[name] = EvalSettings.parse(
            {
                "data": {"path": file},
                "summarizers": list(summarizers),
                "length": {"words": SETS[name].words},
                "metrics": {"groups": GROUPS},
                "seed": seed,
                "limit": limit,
                "workers": workers,
                "output": output / name,
            }
        )
    if not found:
        raise ConfigError(f"no set to measure on: {_reasons(left_out)}")
    return Plan(found, tuple(left_out))


def _reasons(left_out: Collection[Skipped]) -> str:
    return "; ".join(f"{s.path}: {s.reason}" for s in left_out)
