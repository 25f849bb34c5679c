"""How well the judge tells good sentences from faulty ones, and what gets through.

Run: ``python -m eval.judge [--weights FOLDER] [--held DATA/validation.jsonl] [--split test]``. Prints JSON:

- ``negatives``: balanced accuracy (mean of the shares of supported sentences accepted and unsupported ones refused) on
  the pairs of ``eval/data/support/negatives.jsonl``, written by hand and never trained on, by fault, for the judge, for
  ``summarize.verification.problems`` (what is refused: any problem), and for both together (either refuses);
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

from summarize.models.judge import JudgeModel
from summarize.training.judge import FitConfig, logits_of, read_labelled, report
from summarize.verification import problems

HERE = Path(__file__).parent / "data"


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def balanced(good: NDArray[np.bool_], bad: NDArray[np.bool_]) -> float:
    """Balanced accuracy from which good ones and which bad ones were accepted."""
    return round(float((good.mean() + 1 - bad.mean()) / 2), 4)


def on_negatives(judge: JudgeModel, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Balanced accuracies, by fault and together, and the faulty sentences that got through both checks."""
    verdicts: dict[str, tuple[NDArray[np.bool_], ...]] = {}
    sides = [[(r[side], r["sources"]) for r in records] for side in ("supported", "unsupported")]
    judged = [judge.accepts(pairs) for pairs in sides]
    checked = [np.array([not problems(text, sources) for text, sources in pairs]) for pairs in sides]
    verdicts["judge"] = tuple(judged)
    verdicts["verification"] = tuple(checked)
    verdicts["both"] = tuple(a & b for a, b in zip(judged, checked, strict=True))
    faults = np.array([r["fault"] for r in records])
    found: dict[str, Any] = {}
    for name, (good, bad) in verdicts.items():
        found[name] = {
            "balanced_accuracy": balanced(good, bad),
            "supported_accepted": round(float(good.mean()), 4),
            "unsupported_refused": round(float(1 - bad.mean()), 4),
            "by_fault": {f: balanced(good[faults == f], bad[faults == f]) for f in sorted(set(faults))},
        }
    both = verdicts["both"]
    found["through"] = [r["id"] for r, passed in zip(records, both[1], strict=True) if passed]
    found["lost"] = [r["id"] for r, passed in zip(records, judged[0], strict=True) if not passed]
    return found


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
