"""Components within groups and edges between them, against plain loops and SciPy."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from songscape.kernels.edges import components_within, count_upward


def random_case(seed, n_rows=80, k=3, n_groups=6):
    generator = np.random.default_rng(seed)
    near = generator.integers(0, n_rows, (n_rows, k)).astype(np.int32)
    groups = generator.integers(-1, n_groups, n_rows).astype(np.int32)
    return near, groups, generator.permutation(n_groups).astype(np.int64)


@pytest.mark.parametrize("seed", range(8))
def test_components_equal_those_of_scipy(seed):
    near, groups, _ = random_case(seed)
    edges = np.zeros((80, 80))
    for row, others in enumerate(near):
        for other in others:
            edges[row, other] = groups[row] == groups[other] >= 0
    expected = connected_components(csr_array(edges), directed=False)[1]
    found = components_within(near, groups)
    assert found.dtype == np.int32
    assert np.array_equal(expected[:, None] == expected, found[:, None] == found)
    assert np.array_equal(expected[found], expected)  # named by a row of its own


@pytest.mark.parametrize("seed", range(8))
def test_upward_edges_equal_those_counted_one_by_one(seed):
    near, groups, rank = random_case(seed)
    expected = np.zeros((6, 6), np.int64)
    for row, others in enumerate(near):
        for other in others:
            source, target = groups[row], groups[other]
            if source >= 0 and target >= 0 and rank[source] > rank[target]:
                expected[source, target] += 1
    assert expected.sum() > 0
    counts = np.zeros((6, 6), np.int64)
    count_upward(near, groups, rank, counts)
    assert np.array_equal(counts, expected)


def test_no_rows_and_no_groups():
    near, groups = np.empty((0, 2), np.int32), np.empty(0, np.int32)
    assert len(components_within(near, groups)) == 0
    count_upward(near, groups, np.empty(0, np.int64), np.empty((0, 0), np.int64))
