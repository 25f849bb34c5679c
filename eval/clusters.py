"""How well articles are parted into stories: ``task: clustering`` of ``summarize eval``.

    summarize eval configs/eval/clusters.yaml

Records of a set, one a line: ``id``, ``title``?, ``text``?, ``published``?, ``source``?, ``url``?, ``story``.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from eval.clusterers import KINDS
from eval.journal import rewrite
from eval.settings import FileSettings, named
from eval.systems import code_fingerprint
from summarize.config import EncoderSettings, Settings, explain
from summarize.documents import Article, escape_markdown, zoned
from summarize.engines.folder import only_run
from summarize.errors import ConfigError, ReadingError, UnknownNameError
from summarize.models import Encode, lazy_encode
from summarize.rendering import write_atomically

TASK = "clustering"
RESULTS, ASSIGNMENTS, REPORT = "results.json", "assignments.jsonl", "report.md"
COLUMNS = ("pair P", "pair R", "pair F1", "B3 P", "B3 R", "B3 F1", "ARI", "V", "stories")
"""What is measured: all but the number of stories found are shown in hundredths."""
PACKAGES = ("summarize", "numpy", "scipy", "scikit-learn", "torch", "transformers")


class RowSettings(Settings):
    """Who is measured: in a config, a bare name, or a mapping with ``name``, ``label`` and any of its settings."""

    name: str = Field(description="a name in KINDS")
    label: str = Field(description="the name of its row; by default its name")
    settings: dict[str, Any] = Field(description="what differs from its default settings")

    @model_validator(mode="before")
    @classmethod
    def _from_short_forms(cls, value: Any) -> Any:
        parts = named(value)
        if parts is None:
            return value
        value, rest = parts
        given = {**(value.get("settings") or {}), **rest}
        return {"name": value["name"], "label": str(value.get("label", value["name"])), "settings": given}

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.name not in KINDS:
            raise ValueError(str(UnknownNameError("clusterer", self.name, KINDS)))
        self.options()
        return self

    def options(self) -> Settings:
        """Its settings in full."""
        kind = KINDS[self.name].settings
        own = {"clusterer": self.name} if "clusterer" in kind.model_fields else {}
        try:
            return kind.model_validate({**self.settings, **own})
        except ValidationError as error:
            raise ValueError(
                "; ".join(f"clusterer {self.label!r}: {explain(kind, e)}" for e in error.errors())
            ) from None


class ClusterEvalSettings(FileSettings):
    """All settings of ``task: clustering``."""

    task: Literal["clustering"]
    data: tuple[Path, ...] = Field(min_length=1, description="labelled sets: files of records, or folders of them")
    clusterers: tuple[RowSettings, ...] = Field(min_length=1, description="who is measured, in the order shown")
    encoder: EncoderSettings = EncoderSettings()
    seed: int = Field(13, description="seed of what is random (BERTopic)")
    output: Path = Field(description="folder of the results")

    @field_validator("data", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return [value] if isinstance(value, str | Path) else value

    @field_validator("clusterers")
    @classmethod
    def _told_apart(cls, rows: tuple[RowSettings, ...]) -> tuple[RowSettings, ...]:
        labels = [r.label for r in rows]
        if twice := sorted({label for label in labels if labels.count(label) > 1}):
            raise ValueError(f"two clusterers have the label {twice[0]!r}; give one of them another label")
        return rows


@dataclass(frozen=True)
class Labelled:
    """A set of articles and the story of each."""

    name: str
    articles: tuple[Article, ...]
    stories: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all that a score hangs on."""
        rows = [
            [a.id, a.title, a.text, str(a.published or ""), story]
            for a, story in zip(self.articles, self.stories, strict=True)
        ]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def read(path: Path) -> Labelled:
    """Read one JSON record a line.

    Raises:
        ReadingError: the file cannot be read, or a line of it is no labelled article.
    """
    articles: dict[str, Article] = {}
    stories = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ReadingError(f"cannot read {path}: {error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            article = _article(record)
            story = str(record["story"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else error
            raise ReadingError(f"{path}, line {number}: not a labelled article ({reason})") from None
        if article.id in articles:
            raise ReadingError(f"{path}, line {number}: a second article {article.id!r}")
        articles[article.id] = article
        stories.append(story)
    if not stories:
        raise ReadingError(f"{path} holds no articles")
    return Labelled(path.stem, tuple(articles.values()), tuple(stories))


def _article(record: Mapping[str, Any]) -> Article:
    when = record.get("published")
    published = zoned(datetime.fromisoformat(when)) if when else None
    text, title = record.get("text") or "", record.get("title")
    if not isinstance(text, str) or not isinstance(title, str | None):
        raise TypeError("title and text must be texts")
    return Article(id=str(record["id"]), text=text, title=title, published=published)


def read_sets(paths: Sequence[Path]) -> list[Labelled]:
    """The sets of files, and of all ``.jsonl`` files of folders by name.

    Raises:
        ReadingError: one of them cannot be read, or a folder has none.
        ConfigError: two have one name.
    """
    files: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not inside:
            raise ReadingError(f"{path} holds no .jsonl file")
        files += inside
    names = Counter(f.stem for f in files)
    if twice := [name for name, n in names.items() if n > 1]:
        raise ConfigError(f"two sets have the name {twice[0]!r}")
    return [read(file) for file in files]


def scores(gold: Sequence[str], found: Sequence[int]) -> dict[str, float]:
    """Pairwise and B-cubed (Bagga & Baldwin 1998) P, R, F; adjusted Rand index; V-measure.

    Shares from 0 to 1 (the adjusted Rand index may be below 0), and the number of stories found.
    """
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    both, golds, founds = Counter(zip(gold, found, strict=True)), Counter(gold), Counter(found)
    pairs = [sum(n * (n - 1) / 2 for n in c.values()) for c in (both, founds, golds)]
    pair_p, pair_r = (pairs[0] / p if p else 1.0 for p in pairs[1:])
    cubed_p = sum(n * n / founds[f] for (_, f), n in both.items()) / len(gold)
    cubed_r = sum(n * n / golds[g] for (g, _), n in both.items()) / len(gold)
    return {
        "pair P": pair_p,
        "pair R": pair_r,
        "pair F1": _f1(pair_p, pair_r),
        "B3 P": cubed_p,
        "B3 R": cubed_r,
        "B3 F1": _f1(cubed_p, cubed_r),
        "ARI": float(adjusted_rand_score(gold, found)),
        "V": float(v_measure_score(gold, found)),
        "stories": len(founds),
    }


Scores = Mapping[str, Mapping[str, float]]
"""Scores by the name of the set; of several sets, also their ``mean``."""


@dataclass(frozen=True)
class ClusterRun:
    """A finished evaluation.

    Attributes:
        rows: scores by label of the clusterer.
        skipped: why a clusterer was not run, by its label.
        signature: all that the scores hang on.
    """

    rows: Mapping[str, Scores]
    skipped: Mapping[str, str]
    signature: Mapping[str, Any]


def evaluate(
    settings: ClusterEvalSettings, watch: Callable[[str], None] = lambda line: None, encode: Encode | None = None
) -> ClusterRun:
    """Cluster every set with every clusterer, score it, and write results, assignments and a report.

    Args:
        watch: told what is about to be run.
        encode: in place of the encoder of the settings.

    Raises:
        ReadingError: a set cannot be read.
        OutputError: a file cannot be written, or another run is writing there.
    """
    sets = read_sets(settings.data)
    encode = encode or lazy_encode(settings.encoder)
    rows: dict[str, dict[str, dict[str, float]]] = {}
    skipped: dict[str, str] = {}
    found: dict[tuple[str, str], list[int]] = {}
    with only_run(settings.output):
        for row in settings.clusterers:
            kind = KINDS[row.name]
            if not kind.installed:
                skipped[row.label] = f"{kind.needs} is not installed"
                continue
            rows[row.label] = {}
            for data in sets:
                watch(f"{row.label}: {data.name}, {len(data.articles)} articles")
                labels = kind.run(data.articles, row.options(), encode, settings.seed)
                found[row.label, data.name] = labels
                rows[row.label][data.name] = scores(data.stories, labels)
            if len(sets) > 1:
                rows[row.label]["mean"] = mean(list(rows[row.label].values()))
        done = ClusterRun(rows, skipped, signature(settings, sets))
        _write(settings.output, done, sets, found)
    return done


def mean(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each score over several sets."""
    return {key: sum(r[key] for r in rows) / len(rows) for key in rows[0]}


def signature(settings: ClusterEvalSettings, sets: Sequence[Labelled]) -> dict[str, Any]:
    """What the scores hang on: data, clusterers with all settings, encoder, seed, code, versions."""
    needed = [KINDS[r.name].needs for r in settings.clusterers if KINDS[r.name].installed]
    return {
        "task": TASK,
        "data": {
            d.name: {"articles": len(d.articles), "stories": len(set(d.stories)), "sha256": d.fingerprint} for d in sets
        },
        "clusterers": {r.label: {"name": r.name, **r.options().model_dump()} for r in settings.clusterers},
        "encoder": settings.encoder.model_dump(),
        "seed": settings.seed,
        "code_sha256": code_fingerprint(),
        "versions": {name: version(name) for name in (*PACKAGES, *filter(None, needed))},
    }


def _write(
    folder: Path, done: ClusterRun, sets: Sequence[Labelled], found: Mapping[tuple[str, str], list[int]]
) -> None:
    results = {"signature": done.signature, "scores": done.rows, "skipped": done.skipped}
    write_atomically(folder / RESULTS, json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    rewrite(
        folder / ASSIGNMENTS,
        (
            {
                "set": data.name,
                "id": article.id,
                "story": data.stories[n],
                "found": {label: found[label, data.name][n] for label in done.rows},
            }
            for data in sets
            for n, article in enumerate(data.articles)
        ),
    )
    write_atomically(folder / REPORT, report(done))


def report(done: ClusterRun) -> str:
    """The tables as Markdown, one a set, with what they hang on."""
    lines = ["# Clustering", "", "In hundredths; `stories` is how many were found.", ""]
    for name in table_names(done):
        size = done.signature["data"].get(name)
        about = f", {size['articles']} articles of {size['stories']} stories" if size else " of the sets"
        lines += [f"## {escape_markdown(name)}{about}", "", f"| clusterer | {' | '.join(COLUMNS)} |"]
        lines += ["|---" * (len(COLUMNS) + 1) + "|"]
        lines += [f"| {' | '.join((escape_markdown(label), *figures(done, label, name)))} |" for label in done.rows]
        lines += [""]
    lines += [f"`{label}` was not run: {why}." for label, why in done.skipped.items()]
    lines += ["", "```json", json.dumps(done.signature, indent=1, sort_keys=True), "```", ""]
    return "\n".join(lines)


def table_names(done: ClusterRun) -> list[str]:
    """The sets, and their mean where there are several."""
    return list(next(iter(done.rows.values()), {}))


def figures(done: ClusterRun, label: str, name: str, columns: Sequence[str] = COLUMNS) -> list[str]:
    """A row of a table: shares in hundredths, and the number of stories."""
    row = done.rows[label][name]
    return [f"{row[c]:.0f}" if c == "stories" else f"{100 * row[c]:.1f}" for c in columns]


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
