"""The fuzzy simplicial set, against a plain twin and against umap-learn."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist

from songscape.kernels.fuzzy import fuzzy_union, membership_strengths, smooth_distances
from songscape.threads import use_threads


def neighbors_of(points, k):
    distances = cdist(points, points).astype(np.float32)
    np.fill_diagonal(distances, np.inf)
    indices = np.argsort(distances, axis=1, kind="stable")[:, :k].astype(np.int32)
    return indices, np.take_along_axis(distances, indices, 1)


def twin_sigma(distances, rho):
    """Solve the published equation by a plain root search."""
    from scipy.optimize import brentq

    def excess(sigma):
        return np.exp(-np.maximum(distances - rho, 0.0) / sigma).sum() - np.log2(len(distances) + 1)

    return brentq(excess, 1e-6, 1e6)


def twin_union(indices, weights):
    n_rows = len(indices)
    directed = np.zeros((n_rows, n_rows))
    for row in range(n_rows):
        directed[row, indices[row]] = weights[row]
    return directed + directed.T - directed * directed.T


@pytest.fixture(scope="module")
def cloud():
    return np.random.default_rng(3).normal(size=(300, 5)).astype(np.float32)


def test_rho_and_sigma_solve_the_published_equation(cloud):
    _, distances = neighbors_of(cloud, 14)
    rho, sigma = smooth_distances(distances)
    np.testing.assert_array_equal(rho, distances[:, 0])
    wanted = [twin_sigma(row.astype(np.float64), float(row[0])) for row in distances]
    np.testing.assert_allclose(sigma, wanted, rtol=1e-4)


def test_rho_skips_neighbors_at_distance_zero():
    rho, _ = smooth_distances(np.array([[0.0, 0.0, 0.5, 1.0], [0.0, 0.0, 0.0, 0.0]], np.float32))
    np.testing.assert_array_equal(rho, np.float32([0.5, 0.0]))


def test_union_equals_the_dense_formula(cloud):
    indices, distances = neighbors_of(cloud, 9)
    columns, weights = membership_strengths(indices, distances, *smooth_distances(distances))
    indptr, union_columns, values = fuzzy_union(columns, weights)
    matrix = csr_matrix((values, union_columns, indptr), shape=(300, 300))
    np.testing.assert_allclose(matrix.toarray(), twin_union(columns, weights), atol=1e-6)
    assert matrix.has_sorted_indices
    assert matrix.diagonal().max() == 0.0
    assert (matrix != matrix.T).nnz == 0


@pytest.mark.parametrize("k", [1, 2, 14, 40])
def test_equals_umap_learn(cloud, k):
    from umap.umap_ import fuzzy_simplicial_set

    indices, distances = neighbors_of(cloud, k)
    rows = np.arange(len(cloud))[:, None]
    graph, sigmas, rhos = fuzzy_simplicial_set(
        cloud,
        k + 1,
        np.random.RandomState(0),
        "euclidean",
        knn_indices=np.hstack([rows, indices]),
        knn_dists=np.hstack([np.zeros_like(distances[:, :1]), distances]),
    )
    rho, sigma = smooth_distances(distances)
    np.testing.assert_allclose(rho, rhos, atol=1e-4)
    np.testing.assert_allclose(sigma, sigmas, atol=1e-4)
    indptr, columns, values = fuzzy_union(*membership_strengths(indices, distances, rho, sigma))
    ours = csr_matrix((values, columns, indptr), shape=graph.shape)
    assert abs(ours - graph).max() < 1e-4
    assert ours.nnz == graph.nnz


def test_any_number_of_threads_gives_the_same_bytes(cloud):
    indices, distances = neighbors_of(cloud, 14)
    results = []
    for threads in (1, 2):
        with use_threads(threads):
            rho, sigma = smooth_distances(distances)
            results.append((rho, sigma, *membership_strengths(indices, distances, rho, sigma)))
    for one, two in zip(*results, strict=True):
        assert one.tobytes() == two.tobytes()


def test_inputs_stay_as_they_are(cloud):
    indices, distances = neighbors_of(cloud, 14)
    before = indices.copy(), distances.copy()
    membership_strengths(indices, distances, *smooth_distances(distances))
    np.testing.assert_array_equal(indices, before[0])
    np.testing.assert_array_equal(distances, before[1])
