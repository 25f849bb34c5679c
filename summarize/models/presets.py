"""Well-known checkpoints by short names: what they are, what they may read, and how their input is built."""

from functools import cache
from pathlib import Path

from pydantic import Field

from summarize.config import Settings, read_settings

HERE = Path(__file__).parent
FOLDERS = (HERE / "presets", HERE.parents[1] / "configs" / "models")
"""Where the files stand: in an installed package, and in a checkout."""


class Score(Settings):
    """A score that the checkpoint's makers published; nobody measured it here.

    Attributes:
        data: the test set.
        rouge: ROUGE-1, -2 and -L, F1 in percent.
        source: where it was published.
    """

    data: str
    rouge: tuple[float, float, float]
    source: str


class Preset(Settings):
    """One file of ``configs/models``.

    Attributes:
        model: name on the hub.
        family: a name in FAMILIES.
        about: what it is for, in a line.
        licence: SPDX identifier of the weights, or "none stated".
        parameters: how many, in millions.
        input_tokens: tokens it was trained to read.
        output_tokens: tokens it was trained to write.
        prefix: text before the input; the family's if None.
        separator: text between articles; the family's if None.
        scores: published ones.
    """

    model: str
    family: str
    about: str
    licence: str
    parameters: int = Field(gt=0)
    input_tokens: int = Field(gt=0)
    output_tokens: int = Field(gt=0)
    prefix: str | None = None
    separator: str | None = None
    scores: tuple[Score, ...] = ()


@cache
def presets() -> dict[str, Preset]:
    """Every preset by the name of its file, in their order.

    Raises:
        ConfigError: a file cannot be read.
    """
    folder = next(f for f in FOLDERS if f.is_dir())
    files = sorted(folder.glob("*.yaml"), key=lambda path: path.stem)
    return {path.stem: Preset.model_validate(read_settings(path)) for path in files}


def find_preset(name: str) -> Preset | None:
    """The preset of this short name or hub name, if there is one; a folder of that name goes first."""
    if Path(name).is_dir():
        return None
    known = presets()
    return known.get(name) or next((p for p in known.values() if p.model == name), None)
