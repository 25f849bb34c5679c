"""Average-link agglomerative clustering on the few pairs that may belong together."""

import heapq
from collections.abc import Iterable

Pair = tuple[int, int, float]


def average_link(n: int, pairs: Iterable[Pair], threshold: float) -> list[list[int]]:
    """Join the two groups of highest mean similarity until none reaches the threshold.

    UPGMA (Sokal & Michener 1958) on a sparse graph: a pair that is not given counts as 0. Time and memory
    grow with the number of pairs given, not with the square of the number of items.

    Args:
        n: number of items.
        pairs: ``(i, j, similarity)`` with ``i < j``, each pair once.
        threshold: mean similarity at which groups join.

    Returns:
        Groups of item indices, each ascending, in the order of their first item.
    """
    members: dict[int, list[int]] = {i: [i] for i in range(n)}
    near: list[dict[int, float]] = [{} for _ in range(n)]
    for i, j, similarity in pairs:
        near[i][j] = near[j][i] = similarity

    def mean(i: int, j: int) -> float:
        return near[i][j] / (len(members[i]) * len(members[j]))

    heap = [(-mean(i, j), i, j) for i in range(n) for j in near[i] if i < j and mean(i, j) >= threshold]
    heapq.heapify(heap)
    while heap:
        score, i, j = heapq.heappop(heap)
        if i not in members or j not in members or -score != mean(i, j):
            continue  # one of them has grown since: a newer entry holds the pair
        members[i] += members.pop(j)
        del near[i][j]
        for k, total in near[j].items():
            if k != i:
                del near[k][j]
                near[i][k] = near[k][i] = near[i].get(k, 0.0) + total
        near[j] = {}
        for k in near[i]:
            if mean(i, k) >= threshold:
                heapq.heappush(heap, (-mean(i, k), min(i, k), max(i, k)))
    return [sorted(group) for _, group in sorted(members.items())]
