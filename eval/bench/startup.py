"""The main job, from pressing return to the summary, against the bare import of torch and BERT.

Everything is in it: the interpreter, the imports, the weights, the reading, the writing.
"""

import json
from collections.abc import Sequence
from statistics import median
from typing import Any

from eval.bench.processes import BARE_IMPORT, in_turns, main_job


def main(summarizer: str = "fusion", runs: int = 5) -> None:
    """Time `summarize story seeds/` against the bare import of torch and BERT, as whole processes."""
    ours, reference = in_turns(main_job(summarizer), BARE_IMPORT, runs)
    print(json.dumps(record(summarizer, [r.seconds for r in ours], [r.seconds for r in reference])))


def record(summarizer: str, ours: Sequence[float], reference: Sequence[float]) -> dict[str, Any]:
    """The result: the ratio is between medians of the same turns."""
    return {
        "bench": "startup",
        "summarizer": summarizer,
        "ratio": round(median(ours) / median(reference), 2),
        "target": 2.0,
        "seconds": round(median(ours), 3),
        "seconds_reference": round(median(reference), 3),
        "runs": len(ours),
    }
