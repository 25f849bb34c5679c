"""Train the judge: make its sentences, then fit the model and its calibration.

Making: ``python -m summarize.training.judge make --pairs DIR --articles FILE --editors DIR --support DIR --out DATA``
reads pairs as `summarize.training.pairs` writes them, articles ({"id", "text"} a line, .xz or plain), the editors' set
and the support records, and writes
``train.jsonl``, ``validation.jsonl`` and ``tally.json``, one sentence to judge a line::

    {"sentence": "...", "sources": ["..."], "grammatical": 1, "supported": 0, "fault": "numbers_swapped"}

with null for a label that is not known. Fitting: ``python -m summarize.training.judge fit --config
configs/train/judge.yaml --data DATA --out RUN``; run it again with the same arguments and it goes on from the last
checkpoint. ``RUN/weights`` holds the newest weights in the shape the package ships.
"""

import argparse
import json
import lzma
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from summarize.models.judge import JudgeConfig, JudgeModel, collate, minilm_words
from summarize.models.minilm import minilm_folder
from summarize.text import content_words, normalise
from summarize.training import checkpoint
from summarize.training.faults import GRAMMAR, MEANING, Base, Lexicon, Made, lower_first, spoil, subject_exchanged
from summarize.training.fusion import fingerprint
from summarize.training.pairs import fault, is_validation, sentences
from summarize.training.recipe import recipe_settings

# ----------------------------------------------------------------------------------------- making

SHARES = {"claim": 1.0, "graft": 1.0, "roundup": 1.0, "best": 0.6, "halves": 0.08, "highlight": 0.2}
"""How much of each kind of pair is used."""

EDITORS_REPEATED = 7
"""How often each record of the editors' set is used, with other faults each time."""


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a JSON-lines file, compressed with xz or not."""
    with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def pair_bases(records: Iterable[dict[str, Any]], rng: random.Random) -> list[tuple[str, Base]]:
    """Bases of fusion pairs with their kinds; what else is told comes from near pairs of other groups."""
    kept = [r for r in records if rng.random() < SHARES.get(r["kind"], 0.0)]
    bases = []
    for cased in (True, False):
        chosen = [r for r in kept if (r["kind"] != "highlight") == cased]
        near = _near([" ".join(r["sources"]) for r in chosen])
        for r, close in zip(chosen, near, strict=True):
            target = set(content_words(r["target"]))
            others = []
            for other in (chosen[i] for i in close):
                text = other["sources"][0]
                if other["group"] != r["group"] and len(target & set(content_words(text))) < 0.4 * len(target):
                    others.append(normalise(text))
            sources = tuple(normalise(s) for s in r["sources"])
            bases.append((r["kind"], Base(normalise(r["target"]), sources, tuple(others[:5]), cased)))
    return bases


def _near(texts: Sequence[str], count: int = 12) -> list[list[int]]:
    """For each text the indexes of the nearest others by TF-IDF."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    if len(texts) < 2:
        return [[] for _ in texts]
    matrix = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32).fit_transform(texts)
    found: list[list[int]] = []
    for start in range(0, len(texts), 500):
        scores = (matrix[start : start + 500] @ matrix.T).toarray()
        for row, values in enumerate(scores):
            values[start + row] = -1
            best = np.argpartition(-values, min(count, len(values) - 1))[:count]
            found.append(sorted(best.tolist(), key=lambda i: (-values[i], i)))
    return found


def article_bases(records: Iterable[dict[str, Any]], rng: random.Random, each: int = 3) -> list[tuple[str, Base]]:
    """Bases of single articles: a sentence, sometimes with the nearest one beside it, and the rest of the article."""
    bases = []
    for record in records:
        told = [s for s in sentences(record["text"][:8000]) if fault(s) is None]
        if len(told) < 8:
            continue
        held = [set(content_words(s)) for s in told]
        for i in rng.sample(range(len(told)), each):
            order = sorted(
                (j for j in range(len(told)) if j != i and len(held[i] & held[j]) < 0.6 * len(held[i])),
                key=lambda j: (-len(held[i] & held[j]), j),
            )
            others = [told[j] for j in order[:6]]
            if others:
                extra = (others.pop(0),) if rng.random() < 0.45 else ()
                bases.append((record["id"], Base(told[i], (told[i], *extra), tuple(others))))
    return bases


def editors_bases(folder: Path, split: str) -> list[Base]:
    """Bases of one split of the editors' set."""
    records = [r for path in sorted(folder.glob("part-*.jsonl")) for r in read_lines(path) if r["split"] == split]
    near = _near([" ".join(r["sources"]) for r in records])
    return [
        Base(
            normalise(target),
            tuple(normalise(s) for s in r["sources"]),
            tuple(normalise(records[i]["sources"][0]) for i in close[:5]),
        )
        for r, close in zip(records, near, strict=True)
        for target in r["targets"]
    ]


_LEADS = (
    "However, ;Meanwhile, ;In a statement, ;On Tuesday, ;Earlier, ;In the meantime, ;At the same time, ;"
    "According to officials, ;As expected, ;In addition, ;Late on Monday, ;Despite the criticism, "
).split(";")


UNREADABLE = "ungrammatical"
"""The one fault of written sentences that spoils the grammar; whether such a sentence is supported is not said."""


def written_sentences(support: Path, editors: Path, split: str) -> Iterator[tuple[str, Made]]:
    """The sentences of one split that people wrote or judged, with their origin.

    ``written``: the true and the false sentences of the support records. ``read``: sentences a fusion model wrote from
    the sources of these records and of the editors' set, with a reader's verdict (``read.jsonl``).

    Args:
        support: Folder of the support records.
        editors: Folder of the editors' set.
        split: ``train``, ``validation`` or ``test``.
    """
    records = [
        r for folder in (support, editors) for path in sorted(folder.glob("part-*.jsonl")) for r in read_lines(path)
    ]
    told = {r["id"]: tuple(normalise(s) for s in r["sources"]) for r in records if r["split"] == split}
    for record in records:
        if record["id"] not in told or "unsupported" not in record:
            continue
        sources = told[record["id"]]
        for text in (*record["targets"], *record["supported"]):
            yield "written", Made(normalise(text), sources, 1, 1, "none")
        for wrong in record["unsupported"]:
            grammatical, supported = (0, None) if wrong["fault"] == UNREADABLE else (1, 0)
            fault = f"written_{wrong['fault']}"
            yield "written", Made(normalise(wrong["text"]), sources, grammatical, supported, fault)
    for verdict in read_lines(support / "read.jsonl"):
        sources = told.get(verdict["id"].split("/")[0], ())
        if sources:
            grammatical, supported = verdict["grammatical"], verdict["supported"]
            fault = "none" if grammatical and supported else "read"
            yield "read", Made(normalise(verdict["text"]), sources, grammatical, supported, fault)


def lengthened(base: Base, rng: random.Random) -> Base:
    """The base with a longer report of its sentence as a source: a lead-in, an aside or an end hung on."""
    text = base.text
    shape = rng.randrange(3)
    if shape == 0:
        longer = rng.choice(_LEADS) + lower_first(text, base)
    else:
        asides = [
            m.group(1)
            for other in base.others
            for m in re.finditer(
                r"(, (?:who|which|where|including|a|an|the|according to|as|while|after)\b[^,\".]{12,80})(?=[,.])", other
            )
        ]
        if not asides:
            return base
        aside = rng.choice(asides)
        comma = [m.start() for m in re.finditer(r",", text) if text[: m.start()].count('"') % 2 == 0]
        if shape == 1 and comma:
            at = rng.choice(comma)
            longer = text[:at] + aside + text[at:]
        else:
            longer = text.rstrip(".") + aside + "."
    sources = tuple(longer if s == text else s for s in base.sources)
    return replace(base, sources=sources if longer in sources else (*sources, longer))


def examples(base: Base, rng: random.Random, lexicon: Lexicon, used: Counter[str], spoiled: int) -> Iterator[Made]:
    """A base as it is, and `spoiled` faulty versions of each sort."""
    if base.text in base.sources and rng.random() < 0.6:
        base = lengthened(base, rng)
    sources = base.sources
    if base.others and len(sources) < 4 and rng.random() < 0.25:
        sources = (*sources, rng.choice(base.others))
    yield Made(base.text, sources, 1, 1, "none")
    exchanged = subject_exchanged(base, rng, lexicon)
    if exchanged is not None:
        yield exchanged
    if rng.random() < 0.15:
        yield Made(rng.choice(base.sources), base.sources, None, 1, "copied")
    for _ in range(spoiled):
        for makers in (GRAMMAR, MEANING):
            made = spoil(base, makers, rng, lexicon, used)
            if made is not None:
                yield made


def make(
    pairs: Path, articles: Path, editors: Path, support: Path, out: Path, *, limit: int | None, seed: int
) -> dict[str, Any]:
    """Write the sentences to judge; returns how many of each fault there are.

    Args:
        pairs: Folder with ``train.jsonl`` and ``validation.jsonl`` of fusion pairs.
        articles: JSON lines of articles.
        editors: Folder of the editors' set.
        support: Folder of the support records.
        out: Folder to write to.
        limit: Read at most this many articles.
        seed: Of every draw.
    """
    rng = random.Random(seed)
    records = []
    for n, record in enumerate(read_lines(articles)):
        if limit is not None and n >= limit:
            break
        records.append(record)
    lexicon = Lexicon.learn(s for r in records for s in normalise(r["text"][:6000]).split("\n"))
    by_article = article_bases(records, rng)
    tally: dict[str, Any] = {}
    out.mkdir(parents=True, exist_ok=True)
    for split, repeated in (("train", EDITORS_REPEATED), ("validation", 2)):
        bases = pair_bases(read_lines(pairs / f"{split}.jsonl"), rng)
        bases += [("article", b) for group, b in by_article if is_validation(group) == (split == "validation")]
        bases += [("editors", b) for b in editors_bases(editors, split)]
        used: Counter[str] = Counter()
        made = list(written_sentences(support, editors, split))
        for origin, base in bases:
            for _ in range(repeated if origin == "editors" else 1):
                made += [(origin, m) for m in examples(base, rng, lexicon, used, 2 if origin == "editors" else 1)]
        lines = [
            {
                "sentence": m.text,
                "sources": m.sources,
                "grammatical": m.grammatical,
                "supported": m.supported,
                "fault": m.fault,
                "origin": origin,
            }
            for origin, m in made
        ]
        rng.shuffle(lines)
        with (out / f"{split}.jsonl").open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        tally[split] = {
            "sentences": len(lines),
            "origins": dict(sorted(Counter(str(line["origin"]) for line in lines).items())),
            "faults": dict(sorted(Counter(str(line["fault"]) for line in lines).items())),
        }
    (out / "tally.json").write_text(json.dumps(tally, indent=2) + "\n", encoding="utf-8")
    return tally


# ---------------------------------------------------------------------------------------- fitting


@dataclass(frozen=True)
class FitConfig:
    """How the judge is trained. configs/train/judge.yaml says what each key means."""

    steps: int = 3000
    minutes: float | None = None
    batch_size: int = 32
    rate: float = 1e-4
    head_rate: float = 1e-3
    warmup: float = 0.05
    weight_decay: float = 0.01
    clip: float = 1.0
    layers: int = 6
    max_pieces: int = 176
    shuffle_sources: bool = True
    validation_sentences: int = 1500
    keep: float = 0.96
    report_every: int = 50
    validate_every: int = 500
    checkpoint_minutes: float = 4.0
    bfloat16: bool = True
    seed: int = 0
    start: str | None = None
    shares: dict[str, float] = field(default_factory=dict)

    @classmethod
    def from_file(cls, path: Path) -> "FitConfig":
        """Read a YAML file.

        Raises:
            ValueError: the file holds a key that is no setting; the message lists the known ones.
        """
        return cls(**recipe_settings(cls, path))


@dataclass(frozen=True)
class Labelled:
    """Sentences to judge, as tensors are made of them.

    Attributes:
        rows: Pieces and parts of each, see `JudgeModel.encode`.
        labels: Shape (n, 2), 1, 0 or -1 where not known: grammatical, supported.
        faults: Kind of fault of each, "none" for good ones.
        origins: Kind of text each was made from.
    """

    rows: list[tuple[list[int], list[int]]]
    labels: NDArray[np.int8]
    faults: list[str]
    origins: list[str]


def read_labelled(path: Path, model: JudgeModel, config: FitConfig, most: int | None = None) -> Labelled:
    """The sentences of a file, without those longer than ``config.max_pieces``, sources in a drawn order.

    Raises:
        ValueError: a line is no sentence to judge; the message names it.
    """
    rng = random.Random(config.seed)
    pairs, labels, faults, origins = [], [], [], []
    for number, record in enumerate(read_lines(path), 1):
        origin = str(record.get("origin", "pair"))
        share = config.shares.get(origin, 1.0)
        for _ in range(int(share) + (rng.random() < share % 1)):
            try:
                sources = list(record["sources"])
                label = [-1 if record[k] is None else int(record[k]) for k in ("grammatical", "supported")]
                sentence = str(record["sentence"])
            except (KeyError, TypeError, ValueError):
                raise ValueError(f"{path}:{number}: expected sentence, sources, grammatical, supported") from None
            if config.shuffle_sources:
                rng.shuffle(sources)
            pairs.append((sentence, sources))
            labels.append(label)
            faults.append(str(record.get("fault", "none")))
            origins.append(origin)
        if most is not None and number >= most:
            break
    rows = model.encode(pairs)
    kept = [i for i, (ids, _) in enumerate(rows) if len(ids) <= config.max_pieces]
    return Labelled(
        [rows[i] for i in kept],
        np.array([labels[i] for i in kept], dtype=np.int8).reshape(-1, 2),
        [faults[i] for i in kept],
        [origins[i] for i in kept],
    )


def warm_start(layers: int = 6) -> JudgeModel:
    """A judge whose layers are MiniLM's first ones, with new heads."""
    config = JudgeConfig(layers=layers)
    model = JudgeModel(config, *minilm_words(config))
    stored = load_file(minilm_folder() / "model.safetensors")
    own = model.encoder.state_dict()
    model.encoder.load_state_dict({name: stored.get(name, value) for name, value in own.items()})
    return model


def loss_of(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean binary cross-entropy over the known labels; both of shape (batch, 2), labels -1 where not known."""
    known = (labels >= 0).float()
    each = cross_entropy(logits, labels.clamp(min=0).float(), reduction="none")
    return (each * known).sum() / known.sum().clamp(min=1)


def batches(lengths: Sequence[int], size: int, rng: random.Random) -> list[list[int]]:
    """All indexes in a drawn order, in batches of like length."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    out = []
    for start in range(0, len(order), size * 40):
        block = sorted(order[start : start + size * 40], key=lambda i: lengths[i])
        out += [block[i : i + size] for i in range(0, len(block), size)]
    rng.shuffle(out)
    return out


@torch.inference_mode()
def logits_of(model: JudgeModel, data: Labelled, size: int = 32) -> Tensor:
    """Logits before calibration, shape (n, 2)."""
    order = sorted(range(len(data.rows)), key=lambda i: len(data.rows[i][0]))
    out = torch.zeros(len(order), 2)
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        out[chosen] = model(collate([data.rows[i] for i in chosen]))
    return out


def auc(scores: NDArray[np.float64], good: NDArray[np.bool_]) -> float:
    """Chance that a good one scores above a bad one (area under the ROC curve)."""
    from scipy.stats import rankdata

    ranks, n = rankdata(scores), int(good.sum())
    return float((ranks[good].sum() - n * (n + 1) / 2) / max(1, n * (len(good) - n)))


def report(logits: Tensor, data: Labelled) -> dict[str, float]:
    """Loss, AUC of each head, and each fault's share that scores below 0.5 on the head it spoils."""
    out = {"loss": float(loss_of(logits, torch.from_numpy(data.labels)))}
    faults = np.array(data.faults)
    for head, name in enumerate(("grammatical", "supported")):
        scores, labels = logits[:, head].numpy().astype(np.float64), data.labels[:, head]
        known = labels >= 0
        out[f"auc_{name}"] = auc(scores[known], labels[known] == 1)
        out[f"good_pass_{name}"] = float((scores[labels == 1] > 0).mean())
        for fault_name in sorted(set(data.faults)):
            chosen = (faults == fault_name) & (labels == 0)
            if chosen.any():
                out[f"caught_{fault_name}"] = float((scores[chosen] <= 0).mean())
    return {name: round(value, 4) for name, value in out.items()}


def calibrated(config: JudgeConfig, logits: Tensor, data: Labelled, keep: float) -> JudgeConfig:
    """The configuration with a temperature for each head, and thresholds that the share `keep` of the good pass.

    The temperature minimises the cross-entropy over the held-out sentences, found on a grid; the threshold is the
    lower quantile of the good sentences' probabilities on that head.
    """
    temperatures, thresholds = [], []
    grid = torch.logspace(-0.7, 0.7, 141)
    for head in range(2):
        known = torch.from_numpy(data.labels[:, head] >= 0)
        x, y = logits[known, head], torch.from_numpy(data.labels[:, head])[known].float()
        losses = torch.stack([cross_entropy(x / t, y) for t in grid])
        t = float(grid[losses.argmin()])
        temperatures.append(round(t, 4))
        thresholds.append(round(float(torch.quantile((x[y == 1] / t).sigmoid(), 1 - keep)), 4))
    return replace(
        config,
        temperatures=(temperatures[0], temperatures[1]),
        thresholds=(thresholds[0], thresholds[1]),
    )


def fit(config: FitConfig, data: Path, out: Path, *, stop_after: int | None = None) -> JudgeModel:
    """Train, or go on training, in the folder `out`; ends with calibrated weights in ``out/weights``.

    Args:
        config: See configs/train/judge.yaml.
        data: Folder with ``train.jsonl`` and ``validation.jsonl`` of sentences to judge.
        out: Folder of the run.
        stop_after: Leave after this many steps of this call, with a checkpoint and no calibration.

    Raises:
        ValueError: `data` holds nothing to train on or a line that is no sentence to judge, or `out` was begun with
            other data.
    """
    torch.manual_seed(config.seed)
    out.mkdir(parents=True, exist_ok=True)
    digest = fingerprint([data / "train.jsonl", data / "validation.jsonl"])
    checkpoint.check_data(out, digest)
    model = (JudgeModel.load(Path(config.start)) if config.start else warm_start(config.layers)).train()
    train = read_labelled(data / "train.jsonl", model, config)
    held = read_labelled(data / "validation.jsonl", model, config, config.validation_sentences)
    if not train.rows or not held.rows:
        raise ValueError(f"{data} holds no sentence of at most {config.max_pieces} pieces to train and validate on")
    about = {"data_sha256": digest, "sentences": len(train.rows), "config": asdict(config), "torch": torch.__version__}
    (out / "run.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    fresh = {"heads", "source", "ending", "beginning"}
    groups: dict[bool, list[Tensor]] = {True: [], False: []}
    for name, parameter in model.named_parameters():
        groups[name.split(".")[0] in fresh].append(parameter)
    peaks = (config.head_rate, config.rate)
    optimizer = torch.optim.AdamW(
        [{"params": groups[new], "peak": peak} for new, peak in zip((True, False), peaks, strict=True)],
        lr=config.rate,
        weight_decay=config.weight_decay,
        fused=True,
    )
    step, elapsed = checkpoint.resume(out, model, optimizer)
    lengths = [len(ids) for ids, _ in train.rows]
    per_epoch = -(-len(lengths) // config.batch_size)
    began, saved, before, first, losses = time.monotonic(), time.monotonic(), elapsed, step, []
    order: list[list[int]] = []
    epoch = -1
    while (progress := _progress(config, step, elapsed)) < 1 and (stop_after is None or step - first < stop_after):
        if step // per_epoch != epoch:
            epoch = step // per_epoch
            order = batches(lengths, config.batch_size, random.Random(config.seed * 1000 + epoch))
        chosen = order[step % per_epoch]
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * min(
                1.0, progress / max(config.warmup, 1e-9), (1 - progress) / (1 - config.warmup)
            )
        batch = collate([train.rows[i] for i in chosen])
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
            logits = model(batch)
        loss = loss_of(logits, torch.from_numpy(train.labels[chosen]))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.clip)
        optimizer.step()
        step += 1
        elapsed = before + time.monotonic() - began
        losses.append(float(loss.detach()))
        if step % config.report_every == 0:
            pace = (step - first) * config.batch_size / (time.monotonic() - began)
            row = {"step": step, "minutes": round(elapsed / 60, 2), "loss": round(float(np.mean(losses)), 4)}
            checkpoint.log(out, {**row, "per_second": round(pace, 1)})
            losses = []
        if step % config.validate_every == 0:
            checkpoint.log(out, {"step": step, **report(logits_of(model, held), held)})
        if time.monotonic() - saved > config.checkpoint_minutes * 60:
            _save(model, optimizer, out, step, elapsed)
            saved = time.monotonic()
    _save(model, optimizer, out, step, elapsed)
    if _progress(config, step, elapsed) < 1:
        return model.eval()
    held = read_labelled(data / "validation.jsonl", model, config)
    logits = logits_of(model, held)
    checkpoint.log(out, {"step": step, "final": True, **report(logits, held)})
    model.config = calibrated(model.config, logits, held, config.keep)
    model.store(out / "weights")
    return model.eval()


def _progress(config: FitConfig, step: int, elapsed: float) -> float:
    return max(step / config.steps, elapsed / 60 / config.minutes if config.minutes else 0.0)


def _save(model: JudgeModel, optimizer: torch.optim.Optimizer, out: Path, step: int, elapsed: float) -> None:
    checkpoint.save(out, model, optimizer, step, elapsed)
    model.store(out / "weights")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make", help="make the sentences to judge")
    making.add_argument("--pairs", type=Path, required=True, help="folder of fusion pairs")
    making.add_argument("--articles", type=Path, required=True, help="JSON lines of articles")
    making.add_argument("--editors", type=Path, required=True, help="folder of the editors' set")
    making.add_argument("--support", type=Path, required=True, help="folder of the support records")
    making.add_argument("--limit", type=int, default=6000, help="most articles read")
    making.add_argument("--seed", type=int, default=0)
    making.add_argument("--out", type=Path, required=True)
    fitting = commands.add_parser("fit", help="train the model on them")
    fitting.add_argument("--config", type=Path, default=None, help="YAML file; see configs/train/judge.yaml")
    fitting.add_argument("--data", type=Path, required=True, help="folder that `make` wrote")
    fitting.add_argument("--out", type=Path, required=True, help="folder of the run")
    o = parser.parse_args(arguments)
    try:
        if o.command == "make":
            tally = make(o.pairs, o.articles, o.editors, o.support, o.out, limit=o.limit, seed=o.seed)
            sys.stderr.write(json.dumps(tally, indent=2) + "\n")
        else:
            fit(FitConfig.from_file(o.config) if o.config else FitConfig(), o.data, o.out)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
