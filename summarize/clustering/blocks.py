"""Parts of a set of articles that can be clustered apart from one another, in any order and by any worker."""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

import numpy as np

from summarize.clustering.pairs import Floats, Indices

T = TypeVar("T")
R = TypeVar("R")


class Each(Protocol):
    """Does some work on each of several parts, somewhere."""

    def __call__(self, work: Callable[[T], R], parts: Iterable[T]) -> Iterable[R]:
        """The results in the order of the parts; ``work`` and the parts can be pickled."""
        ...


def in_turn(work: Callable[[T], R], parts: Iterable[T]) -> Iterable[R]:
    """One part after the other, here."""
    return map(work, parts)


def blocks(n: int, left: Indices, right: Indices, strength: Floats, most: int) -> list[list[int]]:
    """Rows that belong together so that they can be worked on apart: at most ``most`` in each.

    Pairs are taken from the strongest down, and the two blocks of a pair become one unless that would be too
    large (Kruskal 1956, single linkage with a bound on size); so a component of the graph that is small
    enough is one block, and a larger one is cut where it hangs together least.

    Returns:
        Ascending rows of each block, the blocks in the order of their first row; every row is in one.
    """
    parent = list(range(n))
    size = [1] * n

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    order = np.lexsort((right, left, -strength))
    for i, j in zip(left[order].tolist(), right[order].tolist(), strict=True):
        a, b = sorted((root(i), root(j)))
        if a != b and size[a] + size[b] <= most:
            parent[b] = a
            size[a] += size[b]
    found: dict[int, list[int]] = {}
    for i in range(n):
        found.setdefault(root(i), []).append(i)
    return list(found.values())
