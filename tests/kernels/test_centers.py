"""One step of Lloyd's algorithm beside a plain twin."""

import numpy as np
import pytest

from songscape.kernels.centers import assign_rows, centers_of
from songscape.threads import use_threads


def plain(X, centers):
    """The same, slow and obvious."""
    squares = ((X[:, None].astype(np.float64) - centers[None]) ** 2).sum(axis=2)
    nearest = squares.argmin(axis=1)
    sums = np.stack([X[nearest == i].sum(axis=0, dtype=np.float64) for i in range(len(centers))])
    return nearest, sums, np.bincount(nearest, minlength=len(centers))


@pytest.mark.parametrize(("n_rows", "n_columns", "n_centers"), [(0, 2, 1), (1, 1, 1), (50, 3, 7), (9000, 5, 20)])
def test_assigned_as_by_the_twin(n_rows, n_columns, n_centers):
    rng = np.random.default_rng(n_rows)
    X = rng.normal(size=(n_rows, n_columns)).astype(np.float32)
    centers = rng.normal(size=(n_centers, n_columns))
    before = X.copy(), centers.copy()
    nearest, sums, counts = assign_rows(X, centers)
    expected = plain(X, centers)
    np.testing.assert_array_equal(nearest, expected[0])
    np.testing.assert_allclose(sums, expected[1], atol=1e-9)
    np.testing.assert_array_equal(counts, expected[2])
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(centers, before[1])
    assert nearest.dtype == np.int32


def test_of_equally_near_centers_the_first():
    nearest, sums, counts = assign_rows(np.array([[1.0], [1.0]], np.float32), np.array([[2.0], [0.0], [2.0]]))
    assert nearest.tolist() == [0, 0]
    assert sums.tolist() == [[2.0], [0.0], [0.0]]
    assert counts.tolist() == [2.0, 0.0, 0.0]


def test_means_of_groups_by_hand():
    X = np.array([[0.0, 1.0], [2.0, 3.0], [9.0, 9.0], [5.0, 5.0]], dtype=np.float32)
    labels = np.array([0, 0, -1, 2], dtype=np.int32)
    before = X.copy()
    centers, sizes = centers_of(X, labels, 3)
    assert centers.tolist() == [[1.0, 2.0], [0.0, 0.0], [5.0, 5.0]]
    assert sizes.tolist() == [2.0, 0.0, 1.0]
    np.testing.assert_array_equal(X, before)
    assert centers_of(X, np.array([1, 1, 1, 1], dtype=np.int32), 2)[0].tolist() == [[0.0, 0.0], [4.0, 4.5]]


def test_the_same_bytes_on_one_and_two_threads():
    rng = np.random.default_rng(0)
    X, centers = rng.normal(size=(30_000, 3)).astype(np.float32), rng.normal(size=(9, 3))
    results = []
    for n_threads in (1, 2):
        with use_threads(n_threads):
            results.append(assign_rows(X, centers))
    for one, two in zip(*results, strict=True):
        assert one.tobytes() == two.tobytes()
