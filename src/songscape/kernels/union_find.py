"""Disjoint sets of rows."""

from typing import Any

import numpy.typing as npt
from numpy import int32

from songscape.kernels._jit import jit


@jit
def find_root(parent: npt.NDArray[int32], row: Any) -> Any:
    """Return the root of `row`'s set, halving the path to it; a root is its own parent."""
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


@jit
def join_roots(parent: npt.NDArray[int32], size: npt.NDArray[int32], a: int, b: int) -> int:
    """Join the sets of two different roots, the smaller under the larger; return the root of both."""
    if size[a] < size[b]:
        a, b = b, a
    parent[b] = a
    size[a] += size[b]
    return a
