"""`HDBSCAN`: clusters with scikit-learn's conventions."""

from typing import Any, Self

from songscape.clustering import cluster, predict_clusters
from songscape.config import ClusteringParams
from songscape.errors import ParameterError, must_be
from songscape.estimators.base import Estimator, check_matrix, tags
from songscape.types import Clustering, CondensedTree, Float32, Float64, Int32


class HDBSCAN(Estimator):
    """Hierarchical density-based clustering.

    Parameters
    ----------
    min_cluster_size : int, default 5
        Smallest group that counts as a cluster, at least 2.
    min_samples : int, optional
        Neighbors that set the core distance, counted as the hdbscan package counts them; None: min_cluster_size.
    cluster_selection_epsilon : float, default 0.0
        Clusters closer than this distance are not split.
    metric : "euclidean"
        The only one; cosine distances are those of normalized rows, up to order.
    cluster_selection_method : {"eom", "leaf"}
        Excess of mass, or the leaves of the hierarchy.
    allow_single_cluster : bool, default False
        Whether everything may be one cluster.
    n_jobs : int or None, default None
        Threads; None or −1 for all cores. The result does not depend on it.

    Attributes
    ----------
    labels_ : int32, shape (n_rows,)
        Cluster number from 0 by falling size; −1 for noise.
    probabilities_ : float32, shape (n_rows,)
        Strength of membership in [0, 1]; 0 for noise.
    cluster_persistence_ : float64, shape (n_clusters,)
        Stability of each cluster relative to the most that it could have, in [0, 1].
    condensed_tree_ : CondensedTree
        The hierarchy with splits smaller than ``min_cluster_size`` pruned away.
    clustering_ : Clustering
        All of it in one record, with spanning tree and linkage tree.
    n_features_in_ : int
        Columns of the training rows.

    References
    ----------
    Campello, Moulavi, Zimek, Sander: Hierarchical density estimates for data clustering, visualization, and
    outlier detection, ACM TKDD 10 (2015). McInnes, Healy: Accelerated hierarchical density clustering (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from songscape import HDBSCAN
    >>> rng = np.random.default_rng(0)
    >>> rows = np.concatenate([rng.normal(0, 0.1, size=(30, 2)), rng.normal(5, 0.1, size=(20, 2))])
    >>> labels = HDBSCAN().fit_predict(rows)
    >>> labels[0], labels[-1]
    (np.int32(0), np.int32(1))
    """

    clustering_: Clustering
    labels_: Int32
    probabilities_: Float32
    cluster_persistence_: Float64
    condensed_tree_: CondensedTree

    def __init__(
        self,
        min_cluster_size: int = 5,
        min_samples: int | None = None,
        cluster_selection_epsilon: float = 0.0,
        *,
        metric: str = "euclidean",
        cluster_selection_method: str = "eom",
        allow_single_cluster: bool = False,
        n_jobs: int | None = None,
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.cluster_selection_epsilon = cluster_selection_epsilon
        self.metric = metric
        self.cluster_selection_method = cluster_selection_method
        self.allow_single_cluster = allow_single_cluster
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the clusters of the rows of `X`.

        Parameters
        ----------
        X : array-like, shape (n_rows, n_features)
            Finite numbers.
        y : ignored
            For pipelines.

        Raises
        ------
        ParameterError
            If a parameter lies outside its allowed values.
        InputError
            If `X` is not a finite matrix.
        """
        points = check_matrix(X)
        values = self.get_params()
        del values["metric"], values["n_jobs"]
        if self.metric != "euclidean":
            raise ParameterError(must_be("metric", "'euclidean'", self.metric))
        with self._threads():
            self.clustering_ = cluster(points, ClusteringParams(**values))
        self.labels_ = self.clustering_.labels
        self.probabilities_ = self.clustering_.probabilities
        self.cluster_persistence_ = self.clustering_.persistence
        self.condensed_tree_ = self.clustering_.condensed_tree
        self._rows = points
        self._remember_columns(X, points)
        return self

    def fit_predict(self, X: Any, y: Any = None) -> Int32:
        """Find the clusters of the rows of `X` and return the label of each row, −1 for noise."""
        return self.fit(X).labels_

    def predict(self, X: Any) -> Int32:
        """Return the cluster that each new row would fall into, −1 for noise; the clusters stay as they are.

        Raises
        ------
        NotFittedError
            Before `fit`.
        InputError
            If `X` is not a finite matrix with the columns of `fit`.
        """
        points = self._check_new(X)
        with self._threads():
            labels, _ = predict_clusters(self.clustering_, self._rows, points)
        return labels

    def __sklearn_tags__(self) -> Any:
        return tags("clusterer")
