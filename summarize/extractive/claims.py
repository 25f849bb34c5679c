"""claims: the plan, each claim told by its best source sentence as it stands.

The sentence is the claim's head: the one closest to all others that report the claim among those that can stand
alone (see ``summarize.claims``).
"""

from collections.abc import Sequence

from summarize.documents import Candidate, Draft
from summarize.planning import Planned


def extract(planned: Sequence[Planned]) -> tuple[Draft, ...]:
    """One draft a planned claim, in the order of the plan."""
    return tuple(
        Draft(
            candidates=(Candidate(" ".join(p.claim.kin[0].text.split()), "extracted"),),
            evidence=p.claim.sentences,
            rank=p.rank,
        )
        for p in planned
    )
