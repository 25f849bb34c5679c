"""Learn how far written sentences can be trusted, from readers' verdicts.

``python -m summarize.training.trust draft --weights FOLDER --out FILE RECORDS...`` lets a fusion model write from the
sources of records (JSON lines with ``id`` and ``sources``) and writes its sentences for readers to judge, one a line::

    {"id": "c-001/0", "text": "...", "evidence": {"turns": 1, ...}}

With the readers' verdicts beside them, ``"grammatical": 1, "supported": 0``, such a file is
``eval/data/support/read.jsonl``. ``python -m summarize.training.trust fit --read FILE --out FILE RECORDS...`` fits the
weights on the records of the ``train`` and ``validation`` splits and prints how well they do on those of ``test``.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from summarize.abstractive.fusion import ratios
from summarize.abstractive.paths import evidence
from summarize.abstractive.trust import Weights, trust, with_marks
from summarize.models.fusion import FusionModel
from summarize.models.judge import JudgeModel
from summarize.training.judge import auc, read_lines

REGULARISATION = 0.3
"""Inverse strength of the L2 penalty (C of scikit-learn)."""


def draft(
    model: FusionModel, records: Sequence[Mapping[str, Any]], each: int, beams: int = 6
) -> Iterator[dict[str, Any]]:
    """The likeliest sentences a model writes from the sources of each record, those that merge sources first.

    Args:
        model: the fusion model.
        records: with ``id`` and ``sources``.
        each: most sentences of a record.
        beams: beam width.
    """
    for start in range(0, len(records), 12):
        some = records[start : start + 12]
        texts = [list(r["sources"][:4]) for r in some]
        for record, sources, found in zip(
            some, texts, model.fuse(texts, ratio=ratios(texts), beams=beams), strict=True
        ):
            shown = [(w, evidence(w, sources)) for w in {w.text: w for w in found if w.text not in sources}.values()]
            shown = sorted(((w, e) for w, e in shown if e), key=lambda x: (-x[1]["merged"], -x[0].score, x[0].text))
            for k, (wording, proof) in enumerate(shown[:each]):
                rounded = {name: round(value, 4) for name, value in proof.items()}
                yield {"id": f"{record['id']}/{k}", "text": wording.text, "evidence": rounded}


def fit(rows: Sequence[Mapping[str, float]], good: NDArray[np.bool_]) -> Weights:
    """Weights of the evidence, by L2-regularised logistic regression.

    Args:
        rows: evidence of each sentence, with the judge's marks.
        good: whether a reader found it grammatical and supported, shape (len(rows),).
    """
    names = list(rows[0])
    table = np.array([[row[name] for name in names] for row in rows])
    scaler = StandardScaler().fit(table)
    model = LogisticRegression(C=REGULARISATION, max_iter=2000).fit(scaler.transform(table), good)
    columns = [scaler.mean_, scaler.scale_, model.coef_[0]]
    mean, scale, weight = ({n: round(float(v), 6) for n, v in zip(names, c, strict=True)} for c in columns)
    return Weights(mean, scale, weight, round(float(model.intercept_[0]), 6))


def report(scores: NDArray[np.float64], good: NDArray[np.bool_]) -> dict[str, Any]:
    """Area under the ROC curve, and precision and recall at some thresholds."""
    found: dict[str, Any] = {"sentences": len(good), "good": int(good.sum()), "auc": round(auc(scores, good), 4)}
    for least in (0.5, 0.6, 0.7, 0.8, 0.9):
        kept = scores >= least
        precision = round(float(good[kept].mean()), 3) if kept.any() else None
        found[f"{least}"] = {
            "kept": int(kept.sum()),
            "precision": precision,
            "recall": round(float((good & kept).sum() / good.sum()), 3),
        }
    return found


def _records(paths: Sequence[Path]) -> list[dict[str, Any]]:
    return [record for path in paths for record in read_lines(path)]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    drafting = commands.add_parser("draft", help="write sentences for readers")
    drafting.add_argument(
        "--weights", type=Path, default=None, help="folder of fusion weights; the shipped ones by default"
    )
    drafting.add_argument("--each", type=int, default=4, help="most sentences of a record")
    fitting = commands.add_parser("fit", help="learn the weights")
    fitting.add_argument("--read", type=Path, required=True, help="sentences with evidence and verdicts")
    fitting.add_argument("--judge", type=Path, default=None, help="folder of a judge; the shipped one by default")
    for command in (drafting, fitting):
        command.add_argument("--out", type=Path, required=True)
        command.add_argument("records", type=Path, nargs="+")
    o = parser.parse_args(arguments)
    records = _records(o.records)
    if o.command == "draft":
        model = FusionModel.from_pretrained(o.weights) if o.weights else FusionModel.shipped()
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in draft(model, records, o.each)]
        o.out.write_text("".join(lines), encoding="utf-8")
        return 0
    by_id = {r["id"]: r for r in records}
    verdicts = [v for v in read_lines(o.read) if v["id"].split("/")[0] in by_id]
    about = [by_id[v["id"].split("/")[0]] for v in verdicts]
    judge = JudgeModel.load(o.judge) if o.judge else JudgeModel.shipped()
    marks = judge.judge([(v["text"], r["sources"][:4]) for v, r in zip(verdicts, about, strict=True)])
    rows = [with_marks(v["evidence"], mark) for v, mark in zip(verdicts, marks.tolist(), strict=True)]
    good = np.array([v["grammatical"] == v["supported"] == 1 for v in verdicts])
    held = np.array([r["split"] == "test" for r in about])
    weights = fit([row for row, test in zip(rows, held, strict=True) if not test], good[~held])
    o.out.write_text(json.dumps(asdict(weights), indent=2) + "\n", encoding="utf-8")
    scores = np.array([trust(v["evidence"], weights, mark) for v, mark in zip(verdicts, marks.tolist(), strict=True)])
    merged = np.array([row["merged"] == 1 for row in rows])
    whole = {
        "test": report(scores[held], good[held]),
        "test, merged": report(scores[held & merged], good[held & merged]),
    }
    sys.stdout.write(json.dumps(whole, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
