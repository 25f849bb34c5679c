"""Two readers' verdicts: what they found, how far they agree, and where they do not.

Shares have Wilson intervals (95%); agreement is the share of equal verdicts and Cohen's kappa (1960), which is none
where both readers gave one and the same verdict throughout.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

from eval.quality.tables import table
from summarize.config import Settings, explain
from summarize.errors import ConfigError

Fault = Literal[
    "grammar",
    "fragment",
    "crossed",
    "roles",
    "negation",
    "modality",
    "number",
    "name",
    "time",
    "quotation",
    "attribution",
    "reference",
    "omission",
    "other",
]
"""Kinds of fault; eval/reading/README.md says what each is."""


class SentenceVerdict(Settings):
    """One reader on one sentence."""

    id: str
    sha256: str = Field(description="first 12 digits over the sentence")
    grammatical: bool
    faithful: bool
    keeps: bool
    attribution: bool
    fault: Fault | None = None
    note: str = Field("", max_length=120, description="in the reader's own words, no news text")


class PairVerdict(Settings):
    """One reader on one pair of summaries."""

    id: str
    prefer: Literal["A", "B", "tie"]
    note: str = Field("", max_length=120, description="in the reader's own words, no news text")


CRITERIA = ("grammatical", "faithful", "keeps", "attribution")
KINDS: Mapping[str, type[SentenceVerdict] | type[PairVerdict]] = {"sentences": SentenceVerdict, "pairs": PairVerdict}


@dataclass(frozen=True)
class Verdicts:
    """What one reader found.

    Attributes:
        about: what was read, as drawn.
        by_id: the verdicts in the order of the file.
    """

    path: Path
    about: Mapping[str, Any]
    by_id: Mapping[str, SentenceVerdict | PairVerdict]

    @property
    def kind(self) -> str:
        """``sentences`` or ``pairs``."""
        return str(self.about["kind"])


def read_verdicts(path: Path) -> Verdicts:
    """Read a reader's file.

    Raises:
        ConfigError: it cannot be read, is about nothing known, or a verdict is missing, double or none of those asked.
    """
    about, *records = _records(path)
    stated = about.get("about")
    kind = str(stated.get("kind")) if isinstance(stated, dict) else ""
    if kind not in KINDS:
        raise ConfigError(f"{path}: the first line does not say what was read (sentences or pairs)")
    found: dict[str, SentenceVerdict | PairVerdict] = {}
    for number, record in enumerate(records, 2):
        try:
            verdict = KINDS[kind].model_validate(record)
        except ValidationError as error:
            why = "; ".join(explain(KINDS[kind], e) for e in error.errors())
            raise ConfigError(f"{path}, line {number} ({record.get('id')}): {why}") from None
        if verdict.id in found:
            raise ConfigError(f"{path}, line {number}: {verdict.id} was judged before")
        found[verdict.id] = verdict
    if not found:
        raise ConfigError(f"{path}: no verdict")
    return Verdicts(path, stated or {}, found)


def agree(first: Path, second: Path, key: Path | None = None) -> dict[str, Any]:
    """Shares, agreement and disagreements of two readers.

    Args:
        key: for pairs, the file that says who wrote A and B; without it only the agreement is told.

    Raises:
        ConfigError: a file cannot be read, or they are not about the same sentences or pairs.
    """
    one, two = read_verdicts(first), read_verdicts(second)
    if one.about != two.about or list(one.by_id) != list(two.by_id):
        raise ConfigError(f"{first} and {second} are not about the same {one.kind}")
    both = [(one.by_id[i], two.by_id[i]) for i in one.by_id]
    if one.kind == "pairs":
        return {"about": one.about, **_on_pairs(both, key)}
    if any(getattr(a, "sha256", "") != getattr(b, "sha256", "") for a, b in both):
        raise ConfigError(f"{first} and {second} are not about the same sentences")
    return {"about": one.about, **_on_sentences(both)}


def share(hits: int, number: int) -> dict[str, Any]:
    """A share with its Wilson interval (95%)."""
    if not number:
        return {"hits": 0, "n": 0, "share": None, "ci95": None}
    interval = binomtest(hits, number).proportion_ci(0.95, method="wilson")
    return {
        "hits": hits,
        "n": number,
        "share": round(hits / number, 4),
        "ci95": [round(float(interval.low), 4), round(float(interval.high), 4)],
    }


def agreement(first: Sequence[Any], second: Sequence[Any]) -> dict[str, Any]:
    """Share of equal verdicts, and kappa; kappa is None where chance alone gives full agreement."""
    one, two = [str(v) for v in first], [str(v) for v in second]
    same = sum(a == b for a, b in zip(one, two, strict=True))
    labels = {*one, *two}
    kappa = round(float(cohen_kappa_score(one, two)), 4) if len(labels) > 1 else None
    return {"agreement": round(same / len(one), 4), "kappa": kappa}


def _on_sentences(both: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
    criteria = {}
    for name in CRITERIA:
        first, second = ([getattr(pair[i], name) for pair in both] for i in (0, 1))
        criteria[name] = {
            "first": share(sum(first), len(first)),
            "second": share(sum(second), len(second)),
            "both": share(sum(a and b for a, b in zip(first, second, strict=True)), len(first)),
            **agreement(first, second),
        }
    differ = [
        {"id": a.id, "criterion": name, "first": getattr(a, name), "second": getattr(b, name)}
        | {"notes": [v.note for v in (a, b) if v.note]}
        for name in CRITERIA
        for a, b in both
        if getattr(a, name) != getattr(b, name)
    ]
    faults = [dict(sorted(Counter(pair[i].fault for pair in both if pair[i].fault).items())) for i in (0, 1)]
    return {"criteria": criteria, "faults": {"first": faults[0], "second": faults[1]}, "disagreements": differ}


def _on_pairs(both: Sequence[tuple[Any, Any]], key: Path | None) -> dict[str, Any]:
    first, second = ([pair[i].prefer for pair in both] for i in (0, 1))
    found: dict[str, Any] = {
        **agreement(first, second),
        "disagreements": [
            {"id": a.id, "first": a.prefer, "second": b.prefer, "notes": [v.note for v in (a, b) if v.note]}
            for a, b in both
            if a.prefer != b.prefer
        ],
    }
    if key is None:
        return found
    about, *records = _records(key)
    who = {r.get("id"): r for r in records}
    if set(who) != {a.id for a, _ in both}:
        raise ConfigError(f"{key} is not the key of these pairs")
    ours = about["about"]["summarizer"]
    votes: dict[str, list[tuple[int, int]]] = {}
    for a, b in both:
        sides = who[a.id]
        rival = sides["B"] if sides["A"] == ours else sides["A"]
        votes.setdefault(rival, []).append((_vote(sides, a.prefer, ours), _vote(sides, b.prefer, ours)))
    found["against"] = {
        rival: {
            "first": _preferred([one for one, _ in cast]),
            "second": _preferred([two for _, two in cast]),
            "together": _preferred([one + two for one, two in cast]),
        }
        for rival, cast in sorted(votes.items())
    }
    return found


def _vote(sides: Mapping[str, str], prefer: str, ours: str) -> int:
    """1 for ours, -1 for the rival, 0 for a tie."""
    return 0 if prefer == "tie" else 1 if sides[prefer] == ours else -1


def _preferred(votes: Sequence[int]) -> dict[str, Any]:
    """Pairs won, lost and undecided, and the share won of the decided ones."""
    won, lost = sum(v > 0 for v in votes), sum(v < 0 for v in votes)
    return {"won": won, "lost": lost, "undecided": len(votes) - won - lost, "of_decided": share(won, won + lost)}


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from None
    records = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                records.append(json.loads(line))
            except ValueError:
                raise ConfigError(f"{path}, line {number} is not JSON") from None
            if not isinstance(records[-1], dict):
                raise ConfigError(f"{path}, line {number} is no object")
    if not records:
        raise ConfigError(f"{path} is empty")
    return records


def markdown(found: Mapping[str, Any]) -> str:
    """What ``agree`` found, as Markdown."""
    return "\n".join(_on_paper(found))


def _on_paper(found: Mapping[str, Any]) -> Iterator[str]:
    if "criteria" in found:
        rows = [
            [name, *(_share(c[who]) for who in ("first", "second", "both")), *_agreement(c)]
            for name, c in found["criteria"].items()
        ]
        yield from table(["yes", "first reader", "second reader", "both", "agreement", "kappa"], rows)
        for who, faults in found["faults"].items():
            yield ""
            yield f"Faults, {who} reader: {', '.join(f'{n} {k}' for k, n in faults.items()) or 'none'}"
    else:
        yield "Agreement {}, kappa {}".format(*_agreement(found))
        for rival, by in found.get("against", {}).items():
            rows = [
                [who, *(str(v[k]) for k in ("won", "lost", "undecided")), _share(v["of_decided"])]
                for who, v in by.items()
            ]
            yield ""
            yield from table([f"against {rival}", "won", "lost", "undecided", "won of decided"], rows)
    yield ""
    yield f"Disagreements: {len(found['disagreements'])}"
    for d in found["disagreements"]:
        criterion = f", {d['criterion']}" if "criterion" in d else ""
        notes = f" ({'; '.join(d['notes'])})" if d["notes"] else ""
        yield f"- {d['id']}{criterion}: {_word(d['first'])} / {_word(d['second'])}{notes}"


def _share(one: Mapping[str, Any]) -> str:
    if one["share"] is None:
        return "none decided"
    low, high = (100 * x for x in one["ci95"])
    return f"{100 * one['share']:.1f}% ({low:.1f}–{high:.1f}, {one['hits']} of {one['n']})"


def _agreement(one: Mapping[str, Any]) -> tuple[str, str]:
    return f"{100 * one['agreement']:.1f}%", "none" if one["kappa"] is None else f"{one['kappa']:.2f}"


def _word(verdict: bool | str) -> str:
    return {True: "yes", False: "no"}.get(verdict, str(verdict)) if isinstance(verdict, bool) else verdict
