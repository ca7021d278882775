"""UMAP and HDBSCAN as scikit-learn's users expect them: parameters, clone, pipelines, errors, estimator checks."""

import pickle
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix, issparse
from sklearn.base import clone, is_clusterer
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.exceptions import NotFittedError as TheirNotFittedError
from sklearn.metrics import adjusted_rand_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from songscape import HDBSCAN, UMAP
from songscape.clustering import cluster
from songscape.config import ClusteringParams, EmbeddingParams
from songscape.embedding import embed, fuzzy_graph
from songscape.errors import InputError, NotFittedError, ParameterError
from songscape.neighbors import build_neighbors

ESTIMATORS = [UMAP(n_neighbors=5, n_epochs=20), HDBSCAN()]


@pytest.fixture(scope="module")
def blobs():
    points, groups = make_blobs(n_samples=300, centers=4, n_features=6, cluster_std=0.5, random_state=3)
    return points.astype(np.float32), groups


class TestUMAP:
    def test_it_is_the_composition_of_the_stages(self, blobs):
        points, _ = blobs
        params = EmbeddingParams(n_neighbors=10, n_epochs=30)
        neighbors = build_neighbors(points, 9)
        expected = embed(points, neighbors, params)
        before = points.copy()
        fitted = UMAP(n_neighbors=10, n_epochs=30).fit(points)
        np.testing.assert_array_equal(fitted.embedding_, expected)
        np.testing.assert_array_equal(points, before)
        np.testing.assert_array_equal(UMAP(n_neighbors=10, n_epochs=30).fit_transform(points), expected)

    def test_the_graph_is_the_fuzzy_simplicial_set(self, blobs):
        points, _ = blobs
        graph = UMAP(n_neighbors=10, n_epochs=1).fit(points).graph_
        assert issparse(graph)
        assert isinstance(graph, csr_matrix)
        assert graph.shape == (300, 300)
        assert abs(graph - graph.T).max() < 1e-6
        assert graph.data.min() > 0
        assert graph.data.max() <= 1
        expected = fuzzy_graph(build_neighbors(points, 9))
        np.testing.assert_array_equal(graph.data, expected.weights)

    def test_new_rows_land_among_their_kin_at_once_or_one_by_one(self, blobs):
        points, groups = blobs
        fitted = UMAP(n_neighbors=10).fit(points[:250])
        before = fitted.embedding_.copy()
        placed = fitted.transform(points[250:])
        one_by_one = np.concatenate([fitted.transform(row[None]) for row in points[250:]])
        np.testing.assert_array_equal(placed, one_by_one)
        np.testing.assert_array_equal(fitted.embedding_, before)
        np.testing.assert_array_equal(fitted.transform(points[:250]), before)
        centers = np.stack([before[groups[:250] == group].mean(axis=0) for group in range(4)])
        nearest = np.linalg.norm(placed[:, None] - centers, axis=2).argmin(axis=1)
        assert (nearest == groups[250:]).mean() > 0.95

    def test_n_jobs_does_not_change_a_byte(self, blobs):
        points, _ = blobs
        one, two = (UMAP(n_epochs=30, n_jobs=jobs).fit(points) for jobs in (1, 2))
        assert one.embedding_.tobytes() == two.embedding_.tobytes()
        assert one.transform(points[:5]).tobytes() == two.transform(points[:5]).tobytes()

    def test_no_seed_is_a_fixed_seed_too(self, blobs):
        points, _ = blobs
        none, zero, one = (UMAP(n_epochs=10, random_state=seed).fit_transform(points) for seed in (None, 0, 1))
        np.testing.assert_array_equal(none, zero)
        assert (none != one).any()

    def test_columns_have_names(self, blobs):
        points, _ = blobs
        fitted = UMAP(n_components=3, n_epochs=5).fit(points)
        assert list(fitted.get_feature_names_out()) == ["umap0", "umap1", "umap2"]


class TestHDBSCAN:
    def test_it_is_the_stage(self, blobs):
        points, groups = blobs
        expected = cluster(points, ClusteringParams())
        fitted = HDBSCAN().fit(points)
        np.testing.assert_array_equal(fitted.labels_, expected.labels)
        np.testing.assert_array_equal(fitted.probabilities_, expected.probabilities)
        np.testing.assert_array_equal(fitted.cluster_persistence_, expected.persistence)
        np.testing.assert_array_equal(fitted.condensed_tree_.lambda_val, expected.condensed_tree.lambda_val)
        np.testing.assert_array_equal(HDBSCAN().fit_predict(points), expected.labels)
        assert adjusted_rand_score(groups, fitted.labels_) > 0.9

    def test_parameters_reach_the_stage(self, blobs):
        points, _ = blobs
        expected = cluster(
            points, ClusteringParams(min_cluster_size=20, min_samples=3, cluster_selection_method="leaf")
        )
        fitted = HDBSCAN(20, 3, cluster_selection_method="leaf").fit(points)
        np.testing.assert_array_equal(fitted.labels_, expected.labels)

    def test_new_rows_fall_into_the_clusters_of_their_kin(self, blobs):
        points, _ = blobs
        fitted = HDBSCAN().fit(points)
        sure = fitted.probabilities_ == 1
        assert (fitted.predict(points[sure]) == fitted.labels_[sure]).mean() > 0.95
        np.testing.assert_array_equal(fitted.predict(np.full((1, 6), 1e4)), [-1])

    def test_only_the_euclidean_metric(self, blobs):
        with pytest.raises(ParameterError, match=r"must be 'euclidean'. Got 'cosine' instead."):
            HDBSCAN(metric="cosine").fit(blobs[0])


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: type(estimator).__name__)
class TestConventions:
    def test_parameters_come_and_go_by_name(self, estimator):
        copy = clone(estimator)
        assert copy.get_params() == estimator.get_params()
        assert copy.set_params(n_jobs=2) is copy
        assert copy.n_jobs == 2
        with pytest.raises(ParameterError, match=r"Unknown parameter 'nothing'. Known parameters: "):
            copy.set_params(nothing=1)

    def test_it_shows_what_was_changed(self, estimator):
        assert repr(type(estimator)(n_jobs=2)) == f"{type(estimator).__name__}(n_jobs=2)"

    def test_before_fit_both_errors_catch(self, estimator, blobs):
        use = "transform" if isinstance(estimator, UMAP) else "predict"
        for kind in (NotFittedError, TheirNotFittedError, ValueError, AttributeError):
            with pytest.raises(kind, match=r"is not fitted yet. Call 'fit'"):
                getattr(clone(estimator), use)(blobs[0])

    def test_data_frames_and_their_columns(self, estimator, blobs):
        use = "transform" if isinstance(estimator, UMAP) else "predict"
        frame = pd.DataFrame(blobs[0], columns=list("abcdef"))
        fitted = clone(estimator).fit(frame)
        assert list(fitted.feature_names_in_) == list("abcdef")
        assert fitted.n_features_in_ == 6
        with pytest.raises(InputError, match=r"in their order: a, b, c, d, e, f. Got f, e, d, c, b, a"):
            getattr(fitted, use)(frame[list("fedcba")])
        with pytest.raises(InputError, match=r"X has 2 features, but .* is expecting 6 features as input"):
            getattr(fitted, use)(frame[["a", "b"]])
        assert not hasattr(fitted.fit(blobs[0]), "feature_names_in_")

    @pytest.mark.parametrize("jobs", [0, -2, 1.5, "2"])
    def test_wrong_n_jobs(self, estimator, blobs, jobs):
        with pytest.raises(ParameterError, match=r"The 'n_jobs' parameter must be None, -1 \(all cores\) or an int"):
            clone(estimator).set_params(n_jobs=jobs).fit(blobs[0])

    def test_a_sparse_matrix_is_an_error_that_says_what_to_do(self, estimator):
        with pytest.raises(InputError, match=r"Convert it with X.toarray\(\)"):
            clone(estimator).fit(csr_matrix(np.eye(10)))

    def test_it_survives_a_pickle(self, estimator, blobs):
        fitted = clone(estimator).fit(blobs[0])
        again = pickle.loads(pickle.dumps(fitted))
        assert again.get_params() == fitted.get_params()
        use = "transform" if isinstance(estimator, UMAP) else "predict"
        np.testing.assert_array_equal(getattr(again, use)(blobs[0][:5]), getattr(fitted, use)(blobs[0][:5]))


def test_pipelines(blobs):
    points, groups = blobs
    labels = make_pipeline(StandardScaler(), UMAP(n_neighbors=10, min_dist=0.0), HDBSCAN(30)).fit_predict(points)
    assert adjusted_rand_score(groups, labels) > 0.9
    placed = make_pipeline(UMAP(n_neighbors=10, n_epochs=50), KMeans(4, n_init=1, random_state=0)).fit_predict(points)
    assert adjusted_rand_score(groups, placed) > 0.9
    assert is_clusterer(HDBSCAN())
    assert not is_clusterer(UMAP())


EXPECTED_TO_FAIL = {
    "check_dtype_object": "values that are no numbers are an InputError, which is a ValueError, not a TypeError",
}


def checks() -> Iterator[tuple[object, object]]:
    """Yield estimators with scikit-learn's checks of them; it warns that we do not inherit from its base class."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for estimator in ESTIMATORS:
            yield from estimator_checks_generator(estimator, legacy=True)


def check_name(check: Any) -> str:
    return str(getattr(check, "func", check).__name__)


@pytest.mark.parametrize(
    ("estimator", "check"),
    [pytest.param(*pair, id=f"{type(pair[0]).__name__}-{check_name(pair[1])}") for pair in checks()],
)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
def test_scikit_learns_own_checks(estimator, check):
    if check_name(check) in EXPECTED_TO_FAIL:
        pytest.skip(EXPECTED_TO_FAIL[check_name(check)])
    check(estimator)
