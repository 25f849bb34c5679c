"""The most memory the main job holds, and the bare import of torch and BERT beside it."""

import json
import resource
from collections.abc import Sequence
from typing import Any

from eval.bench.processes import BARE_IMPORT, UNIT, in_turns, main_job


def main(summarizer: str = "fusion", runs: int = 3) -> None:
    """Measure the peak memory of `summarize story seeds/`, as the system counts it (resident set)."""
    ours, reference = in_turns(main_job(summarizer), BARE_IMPORT, runs)
    print(json.dumps(record(summarizer, [r.peak for r in ours], [r.peak for r in reference])))


def record(summarizer: str, ours: Sequence[int], reference: Sequence[int]) -> dict[str, Any]:
    """The result, in megabytes (10^6 bytes): the highest peak of all runs.

    Raises:
        SystemExit: the figures are this process's own. Linux starts a child's high-water mark at the memory of
            its parent, so a parent must be smaller than what it measures.
    """
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
    if min(*ours, *reference) <= own:
        raise SystemExit(f"the benchmark itself holds {own / 1e6:.0f} MB: no smaller peak can be told")
    return {
        "bench": "memory",
        "summarizer": summarizer,
        "megabytes": round(max(ours) / 1e6),
        "target": 1000,
        "megabytes_reference": round(max(reference) / 1e6),
        "ratio": round(max(ours) / max(reference), 2),
        "runs": len(ours),
    }
