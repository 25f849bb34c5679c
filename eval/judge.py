"""How well the judge tells good sentences from faulty ones, and what gets through.

Run: ``python -m eval.judge [--weights FOLDER] [--held DATA/validation.jsonl] [--split test]``. Prints JSON:

- ``negatives``: balanced accuracy (mean of the shares of supported sentences accepted and unsupported ones refused) on
  the pairs of ``eval/data/support/negatives.jsonl``, written by hand and never trained on, by fault, for the judge, for
  ``summarize.verification.problems`` (what is refused: any problem), and for both together (either refuses);
- ``written``: the same on one split of the support records (``eval/data/support/part-*.jsonl``), whose other splits the
  judge was trained on;
- ``editors``: share of the editors' targets accepted;
- ``held``: area under the ROC curve of each head on held-out machine-made sentences, the share of each fault refused;
- ``speed``: pairs a second.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from summarize.models.judge import JudgeModel, Pair
from summarize.training.judge import FitConfig, auc, logits_of, read_labelled, report
from summarize.verification import problems

HERE = Path(__file__).parent / "data"


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def balanced(good: NDArray[np.bool_], bad: NDArray[np.bool_]) -> float:
    """Balanced accuracy from which good ones and which bad ones were accepted."""
    return round(float((good.mean() + 1 - bad.mean()) / 2), 4)


def check(judge: JudgeModel, good: Sequence[Pair], bad: Sequence[Pair], faults: Sequence[str]) -> dict[str, Any]:
    """Balanced accuracy of the judge, of the rules, and of both, and how each fault is refused.

    Args:
        judge: the model.
        good: sentences that their sources support.
        bad: sentences that they do not support.
        faults: of each of ``bad``.
    """
    marks = [judge.judge(pairs) for pairs in (good, bad)]
    judged = [np.asarray((m >= judge.config.thresholds).all(axis=1), dtype=np.bool_) for m in marks]
    checked = [np.array([not problems(text, sources) for text, sources in pairs]) for pairs in (good, bad)]
    verdicts: dict[str, list[NDArray[np.bool_]]] = {
        "judge": judged,
        "verification": checked,
        "both": [a & b for a, b in zip(judged, checked, strict=True)],
    }
    products = [m.prod(axis=1) for m in marks]
    found: dict[str, Any] = {
        "good": len(good),
        "bad": len(bad),
        "auc": round(auc(np.concatenate(products), np.arange(len(good) + len(bad)) < len(good)), 4),
        "product": {
            f"{least}": [round(float((p >= least).mean()), 3) for p in products] for least in (0.1, 0.3, 0.5, 0.7, 0.9)
        },
    }
    names = np.array(faults)
    for name, (kept, passed) in verdicts.items():
        found[name] = {
            "balanced_accuracy": balanced(kept, passed),
            "supported_accepted": round(float(kept.mean()), 4),
            "unsupported_refused": round(float(1 - passed.mean()), 4),
            "refused_by_fault": {f: round(float(1 - passed[names == f].mean()), 3) for f in sorted(set(faults))},
        }
    return found


def on_negatives(judge: JudgeModel, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """`check` on pairs of a supported and an unsupported sentence with the same sources."""
    good, bad = ([(r[side], r["sources"]) for r in records] for side in ("supported", "unsupported"))
    return check(judge, good, bad, [r["fault"] for r in records])


def on_records(judge: JudgeModel, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """`check` on support records, each with several sentences of either kind."""
    good = [(text, r["sources"]) for r in records for text in (*r["targets"], *r["supported"])]
    bad = [(wrong["text"], r["sources"]) for r in records for wrong in r["unsupported"]]
    return check(judge, good, bad, [wrong["fault"] for r in records for wrong in r["unsupported"]])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=None, help="folder of a judge; the shipped one by default")
    parser.add_argument("--held", type=Path, default=None, help="validation.jsonl of `summarize.training.judge make`")
    parser.add_argument("--split", default="test", help="split of the editors' set")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    judge = JudgeModel.load(options.weights) if options.weights else JudgeModel.shipped()
    found: dict[str, Any] = {"negatives": on_negatives(judge, read(HERE / "support" / "negatives.jsonl"))}
    support = [r for path in sorted((HERE / "support").glob("part-*.jsonl")) for r in read(path)]
    found["written"] = {
        "split": options.split,
        **on_records(judge, [r for r in support if r["split"] == options.split]),
    }
    records = [r for path in sorted((HERE / "fusion").glob("part-*.jsonl")) for r in read(path)]
    pairs = [(t, r["sources"]) for r in records if r["split"] == options.split for t in r["targets"]]
    began = time.perf_counter()
    scores = judge.judge(pairs)
    seconds = time.perf_counter() - began
    passed = scores >= np.array(judge.config.thresholds)
    found["editors"] = {
        "split": options.split,
        "targets": len(pairs),
        "grammatical": round(float(passed[:, 0].mean()), 4),
        "supported": round(float(passed[:, 1].mean()), 4),
        "accepted": round(float(passed.all(axis=1).mean()), 4),
    }
    found["speed"] = {"pairs_per_second": round(len(pairs) / seconds, 1), "threads": options.threads}
    if options.held:
        held = read_labelled(options.held, judge, FitConfig())
        logits = logits_of(judge, held) / torch.tensor(judge.config.temperatures)
        found["held"] = {"sentences": len(held.rows), **report(logits, held)}
    found["thresholds"] = judge.config.thresholds
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
