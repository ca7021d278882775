"""The embedding: published quantities, determinism, floors with a negative control, odd inputs."""

import numpy as np
import pytest

from songscape.config import EmbeddingParams
from songscape.embedding import embed, find_ab, fuzzy_graph, place
from songscape.errors import InputError, ParameterError
from songscape.neighbors import build_neighbors, query_neighbors
from songscape.threads import use_threads
from songscape.types import NeighborGraph


def planted(n_rows, n_groups=6, seed=0):
    """Groups on a circle in ten dimensions, and which row belongs to which."""
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(n_groups, 10)) * 4
    group = rng.integers(n_groups, size=n_rows)
    return (centers[group] + rng.normal(size=(n_rows, 10))).astype(np.float32), group


def preservation(X, embedding, k=15):
    near, shown = build_neighbors(X, k).indices, build_neighbors(embedding, k).indices
    return np.mean([len(set(a) & set(b)) / k for a, b in zip(near, shown, strict=True)])


@pytest.mark.parametrize(("spread", "min_dist"), [(1.0, 0.1), (1.0, 0.0), (1.0, 0.5), (1.5, 0.25), (2.0, 1.5)])
def test_a_and_b_equal_umap_learn(spread, min_dist):
    from umap.umap_ import find_ab_params

    np.testing.assert_allclose(find_ab(spread, min_dist), find_ab_params(spread, min_dist), atol=1e-3)


@pytest.mark.parametrize("spread", [0.01, 0.1, 5.0, 100.0])
@pytest.mark.parametrize("near", [0.0, 0.1, 0.5, 1.0])
def test_a_and_b_follow_the_scale(spread, near):
    """Distances s times longer: the same b, and a shrinks by s^(2b). A search that starts at a = b = 1 gets lost."""
    a, b = find_ab(spread, near * spread)
    expected_a, expected_b = find_ab(1.0, near)
    assert b == pytest.approx(expected_b, rel=1e-6)
    assert a * spread ** (2 * b) == pytest.approx(expected_a, rel=1e-5)


@pytest.mark.parametrize("near", [0.0, 0.1, 0.5, 1.0])
def test_no_other_a_and_b_come_nearer(near):
    a, b = find_ab(1.0, near)
    distances = np.linspace(0.0, 3.0, 300)
    wanted = np.where(distances < near, 1.0, np.exp(near - distances))

    def missed(a, b):
        return ((1.0 / (1.0 + a * distances ** (2 * b)) - wanted) ** 2).sum()

    others = [missed(a * up, b * steep) for up in (0.999, 1.0, 1.001) for steep in (0.999, 1.0, 1.001)]
    assert others[4] == min(others)


def test_min_dist_beyond_spread_is_told():
    with pytest.raises(
        ParameterError, match=r"'min_dist' parameter must be a float in \[0.0, spread\], and spread is 1"
    ):
        find_ab(1.0, 1.5)


def test_fuzzy_graph_keeps_its_promises():
    X, _ = planted(500)
    graph = fuzzy_graph(build_neighbors(X, 14))
    assert graph.n_rows == 500
    assert graph.weights.dtype == np.float32
    assert 0.0 < graph.weights.min() <= graph.weights.max() <= 1.0
    assert (graph.sigma > 0).all()
    assert all((np.diff(graph.indices[low:high]) > 0).all() for low, high in zip(graph.indptr, graph.indptr[1:]))  # noqa: B905


@pytest.mark.parametrize(
    "params", [{}, {"n_components": 3}, {"init": "pca"}, {"init": "spectral"}, {"init": "random"}]
)
def test_neighborhoods_survive_and_a_random_place_is_no_rival(params):
    X, _ = planted(1500)
    embedding = embed(X, build_neighbors(X, 14), EmbeddingParams(n_epochs=200, **params))
    control = np.random.default_rng(0).permutation(embedding)
    assert embedding.dtype == np.float32
    assert preservation(X, embedding) > 0.2
    assert preservation(X, control) < 0.03


def test_the_coarse_start_beats_principal_components_alone():
    X, _ = planted(10_000, n_groups=12)
    neighbors = build_neighbors(X, 14)
    coarse = embed(X, neighbors, EmbeddingParams(n_epochs=30))
    plain = embed(X, neighbors, EmbeddingParams(n_epochs=30, init="pca"))
    assert preservation(X, coarse) > preservation(X, plain)


def test_digits_are_trustworthy():
    """umap-learn 0.5 reaches 0.987 here; a shuffled map 0.5."""
    from sklearn.datasets import load_digits
    from sklearn.manifold import trustworthiness

    X = load_digits().data.astype(np.float32)
    assert trustworthiness(X, embed(X, build_neighbors(X, 14)), n_neighbors=15) > 0.982


def test_groups_stay_apart():
    X, group = planted(2000, n_groups=4)
    embedding = embed(X, build_neighbors(X, 14))
    near = build_neighbors(embedding, 5).indices
    assert (group[near] == group[:, None]).mean() > 0.99


@pytest.mark.parametrize("n_rows", [700, 9500])
def test_any_number_of_threads_and_every_run_gives_the_same_bytes(n_rows):
    X, _ = planted(n_rows)
    neighbors = build_neighbors(X, 14)
    params = EmbeddingParams(n_epochs=10, random_state=5)
    results = []
    for threads in (1, 2, 2):
        with use_threads(threads):
            results.append(embed(X, neighbors, params).tobytes())
    assert results[0] == results[1] == results[2]
    assert embed(X, neighbors, EmbeddingParams(n_epochs=10, random_state=6)).tobytes() != results[0]


def test_inputs_stay_as_they_are():
    X, _ = planted(600)
    neighbors = build_neighbors(X, 14)
    before = X.copy(), neighbors.indices.copy(), neighbors.distances.copy()
    embed(X, neighbors, EmbeddingParams(n_epochs=5))
    for kept, now in zip(before, (X, neighbors.indices, neighbors.distances), strict=True):
        np.testing.assert_array_equal(kept, now)


@pytest.mark.parametrize("n_rows", [0, 1, 2, 3, 10])
@pytest.mark.parametrize("init", ["coarse", "spectral", "random"])
@pytest.mark.parametrize("n_components", [1, 2, 4])
def test_few_rows(n_rows, init, n_components):
    X = np.random.default_rng(0).normal(size=(n_rows, 3)).astype(np.float32)
    params = EmbeddingParams(init=init, n_components=n_components, n_epochs=50)
    embedding = embed(X, build_neighbors(X, 14), params)
    assert embedding.shape == (n_rows, n_components)
    assert np.isfinite(embedding).all()


@pytest.mark.parametrize("init", ["coarse", "spectral", "random"])
def test_equal_rows_and_constant_columns(init):
    for X in (np.ones((60, 3), np.float32), np.c_[np.zeros(5000), np.arange(5000) % 7].astype(np.float32)):
        embedding = embed(X, build_neighbors(X, 14), EmbeddingParams(init=init, n_epochs=10))
        assert np.isfinite(embedding).all()


def test_more_components_than_columns():
    X = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    assert embed(X, build_neighbors(X, 14), EmbeddingParams(n_components=5, n_epochs=20)).shape == (100, 5)


def test_neighbors_of_other_rows_are_told():
    X, _ = planted(50)
    with pytest.raises(InputError, match=r"neighbors must be those of X, 40 rows\. Got 50 rows"):
        embed(X[:40], build_neighbors(X, 14))


def test_progress_rises_to_one():
    X, _ = planted(5000)
    seen = []
    embed(X, build_neighbors(X, 14), EmbeddingParams(n_epochs=5), progress=lambda stage, done: seen.append(done))
    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0


def test_new_rows_land_among_their_own():
    X, group = planted(3000, n_groups=5)
    embedding = embed(X[:2500], build_neighbors(X[:2500], 14))
    placed = place(query_neighbors(X[:2500], X[2500:], 15), embedding)
    near = query_neighbors(embedding, placed, 5).indices
    assert (group[near] == group[2500:, None]).mean() > 0.98
    shuffled = np.random.default_rng(0).permutation(group[2500:])
    assert (group[near] == shuffled[:, None]).mean() < 0.4


@pytest.mark.parametrize("n_components", [2, 3])
def test_new_rows_one_by_one_equal_all_at_once(n_components):
    X, _ = planted(1200)
    params = EmbeddingParams(n_epochs=20, n_components=n_components)
    embedding = embed(X[:1000], build_neighbors(X[:1000], 14), params)
    kept = embedding.copy()
    near = query_neighbors(X[:1000], X[1000:], 15)
    at_once = place(near, embedding, params)
    for row in (0, 1, 77, 199):
        one = NeighborGraph(near.indices[row : row + 1], near.distances[row : row + 1])
        assert place(one, embedding, params).tobytes() == at_once[row].tobytes()
    np.testing.assert_array_equal(embedding, kept)


def test_no_new_rows():
    X, _ = planted(100)
    embedding = embed(X, build_neighbors(X, 14), EmbeddingParams(n_epochs=5))
    assert place(query_neighbors(X, X[:0], 15), embedding).shape == (0, 2)


@pytest.mark.realdata
def test_real_tracks_keep_their_neighborhoods_better_than_umap_learn(data_folder):
    """6000 real tracks: trustworthiness, kNN overlap and global rank correlation, none below umap-learn's."""
    import polars as pl
    from scipy.stats import spearmanr
    from sklearn.manifold import trustworthiness
    from umap import UMAP

    names = ["danceability", "energy", "speechiness", "acousticness", "instrumentalness", "liveness", "valence"]
    table = pl.read_parquet(data_folder / "tracks.parquet", columns=names).unique(maintain_order=True)
    shares = (table.sample(6000, seed=1).to_numpy() + 0.01) / 1.02
    X = np.log(shares / (1 - shares)).astype(np.float32)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    ours = embed(X, build_neighbors(X, 14))
    theirs = UMAP(random_state=0, n_jobs=1).fit_transform(X)
    pairs = np.random.default_rng(0).integers(len(X), size=(2, 100_000))

    def scores(embedding):
        distances = [np.linalg.norm(rows[pairs[0]] - rows[pairs[1]], axis=1) for rows in (X, embedding)]
        trust = trustworthiness(X, embedding, n_neighbors=15)
        return trust, preservation(X, embedding), spearmanr(*distances).statistic

    assert all(mine >= other - 0.005 for mine, other in zip(scores(ours), scores(theirs), strict=True))
