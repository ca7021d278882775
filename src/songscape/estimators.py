"""UMAP and HDBSCAN for people who have a matrix, with scikit-learn's conventions.

They keep the parameter names of the umap-learn and hdbscan packages, work in pipelines and with
``sklearn.base.clone``, and need no scikit-learn: its classes are only looked up when it is there.

An estimator that is given the same rows, parameters and seed gives the same bytes, for any ``n_jobs``.
"""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from songscape.clustering import cluster, predict_clusters
from songscape.config import ClusteringParams, EmbeddingParams, Metric
from songscape.embedding import embed, fuzzy_graph, place
from songscape.errors import InputError, NotFittedError, ParameterError, must_be
from songscape.kernels._jit import use_threads
from songscape.neighbors import build_neighbors, query_neighbors
from songscape.types import Clustering, CondensedTree, Float32, Float64, Int32, NeighborGraph
from songscape.validation import check_points

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.utils import Tags


class _Estimator:
    """What both estimators share: parameters by name, checks of the input, scikit-learn's protocol."""

    n_features_in_: int
    feature_names_in_: npt.NDArray[np.object_]
    n_jobs: int | None

    @classmethod
    def _parameter_names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name, as scikit-learn's estimators do."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name; return the estimator itself.

        Raises
        ------
        ParameterError
            If a name is unknown.
        """
        known = self._parameter_names()
        for name, value in params.items():
            if name not in known:
                raise ParameterError(f"Unknown parameter '{name}'. Known parameters: {', '.join(known)}.")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = {name: parameter.default for name, parameter in inspect.signature(type(self)).parameters.items()}
        changed = {name: value for name, value in self.get_params().items() if value is not defaults[name]}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise _not_fitted(
                f"This {type(self).__name__} is not fitted yet. Call 'fit' with the training rows first."
            )

    def _remember_columns(self, X: Any, points: Float32) -> None:
        self.n_features_in_ = points.shape[1]
        names = _column_names(X)
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _check_new(self, X: Any) -> Float32:
        self._check_fitted()
        points = _check_matrix(X)
        if points.shape[1] != self.n_features_in_:
            raise InputError(
                f"X has {points.shape[1]} features, but {type(self).__name__} is expecting {self.n_features_in_}"
                " features as input."
            )
        names, known = _column_names(X), getattr(self, "feature_names_in_", None)
        if names is not None and known is not None and list(names) != list(known):
            raise InputError(
                f"X must have the columns that the {type(self).__name__} was fitted with, in their order:"
                f" {', '.join(known)}. Got {', '.join(names)}."
            )
        return points

    @contextmanager
    def _threads(self) -> Iterator[None]:
        if self.n_jobs is not None and (not isinstance(self.n_jobs, int) or self.n_jobs == 0 or self.n_jobs < -1):
            raise ParameterError(must_be("n_jobs", "None, -1 (all cores) or an int of at least 1", self.n_jobs))
        with use_threads(None if self.n_jobs in (None, -1) else self.n_jobs):
            yield


class UMAP(_Estimator):
    """Uniform manifold approximation and projection, on exact nearest neighbors.

    Parameters
    ----------
    n_neighbors : int, default 15
        Size of the local neighborhood, the point itself counted, in [2, 1000].
    n_components : int, default 2
        Dimensions of the embedding.
    metric : {"euclidean", "manhattan", "chebyshev", "cosine", "correlation"}
        Distance between rows.
    n_epochs : int, optional
        Passes of the layout; None chooses by the number of rows.
    learning_rate : float, default 1.0
        Step size at the start of the layout.
    init : {"pca", "spectral", "random"}
        Where the layout starts from.
    min_dist : float, default 0.1
        Smallest distance between points that belong together.
    spread : float, default 1.0
        Scale of the embedded points.
    negative_sample_rate : int, default 5
        Negative samples per positive one.
    random_state : int or None, default 0
        Seed in [0, 2³² − 1]; None is 0: the result never changes from run to run.
    n_jobs : int or None, default None
        Threads; None or −1 for all cores. The result does not depend on it.

    Attributes
    ----------
    embedding_ : float32, shape (n_rows, n_components)
        Where each training row lies.
    graph_ : scipy.sparse.csr_matrix, float32, shape (n_rows, n_rows)
        The fuzzy simplicial set: membership strengths in (0, 1].
    neighbors_ : NeighborGraph
        The nearest other rows of each row.
    n_features_in_ : int
        Columns of the training rows.

    References
    ----------
    McInnes, Healy, Melville: UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction
    (2018), arXiv:1802.03426.

    Examples
    --------
    >>> import numpy as np
    >>> from songscape import UMAP
    >>> rows = np.random.default_rng(0).normal(size=(60, 5))
    >>> UMAP(n_neighbors=10).fit_transform(rows).shape
    (60, 2)
    """

    embedding_: Float32
    neighbors_: NeighborGraph

    def __init__(
        self,
        n_neighbors: int = 15,
        n_components: int = 2,
        *,
        metric: Metric = "euclidean",
        n_epochs: int | None = None,
        learning_rate: float = 1.0,
        init: str = "pca",
        min_dist: float = 0.1,
        spread: float = 1.0,
        negative_sample_rate: int = 5,
        random_state: int | None = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.n_components = n_components
        self.metric = metric
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.init = init
        self.min_dist = min_dist
        self.spread = spread
        self.negative_sample_rate = negative_sample_rate
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the embedding of the rows of `X`.

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
        points = _check_matrix(X)
        params = self._params()
        with self._threads():
            self.neighbors_ = build_neighbors(points, params.n_neighbors - 1, self.metric)
            self.embedding_ = embed(points, self.neighbors_, params)
        self._rows = points
        self._remember_columns(X, points)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Float32:
        """Find the embedding of the rows of `X` and return it."""
        return self.fit(X).embedding_

    def transform(self, X: Any) -> Float32:
        """Place new rows on the fitted embedding, which stays as it is.

        Rows get the same place whether they come at once or one by one.

        Parameters
        ----------
        X : array-like, shape (n_new, n_features)
            Finite numbers, columns as in `fit`.

        Returns
        -------
        float32, shape (n_new, n_components)

        Raises
        ------
        NotFittedError
            Before `fit`.
        InputError
            If `X` is not a finite matrix with the columns of `fit`.
        """
        points = self._check_new(X)
        params = self._params()
        with self._threads():
            near = query_neighbors(self._rows, points, params.n_neighbors, self.metric)
            return place(near, self.embedding_, params)

    @property
    def graph_(self) -> "csr_matrix[np.float32]":
        """The fuzzy simplicial set as a sparse matrix."""
        from scipy.sparse import csr_matrix

        self._check_fitted()
        graph = fuzzy_graph(self.neighbors_.first(self.n_neighbors - 1))
        return csr_matrix((graph.weights, graph.indices, graph.indptr), shape=(graph.n_rows, graph.n_rows))

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Return ``umap0``, ``umap1``, …: the names of the columns of the embedding."""
        self._check_fitted()
        return np.array([f"umap{column}" for column in range(self.embedding_.shape[1])], dtype=object)

    def _params(self) -> EmbeddingParams:
        values = self.get_params()
        del values["metric"], values["n_jobs"]
        values["random_state"] = 0 if self.random_state is None else self.random_state
        return EmbeddingParams(**values)

    def __sklearn_tags__(self) -> "Tags":
        return _tags("transformer")


class HDBSCAN(_Estimator):
    """Hierarchical density-based clustering.

    Parameters
    ----------
    min_cluster_size : int, default 5
        Smallest group that counts as a cluster, at least 2.
    min_samples : int, optional
        Neighbors that set the core distance, counted as the hdbscan package counts them; None: min_cluster_size.
    cluster_selection_epsilon : float, default 0.0
        Clusters closer than this distance are not split.
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
        cluster_selection_method: str = "eom",
        allow_single_cluster: bool = False,
        n_jobs: int | None = None,
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.cluster_selection_epsilon = cluster_selection_epsilon
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
        points = _check_matrix(X)
        values = self.get_params()
        del values["n_jobs"]
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
            return predict_clusters(self.clustering_, self._rows, points)[0]

    def __sklearn_tags__(self) -> "Tags":
        return _tags("clusterer")


def _check_matrix(X: Any) -> Float32:
    """Return `X` as float32 points, with scikit-learn's errors for what it does not take."""
    if hasattr(X, "toarray") or hasattr(X, "todense"):
        raise InputError("X is a sparse matrix and a dense one is needed. Convert it with X.toarray().")
    return check_points(X, min_rows=1)


def _column_names(X: Any) -> npt.NDArray[np.object_] | None:
    """Return the column names of a data frame when all are strings, else None, as scikit-learn does."""
    names = list(getattr(X, "columns", []))
    return np.array(names, dtype=object) if names and all(isinstance(name, str) for name in names) else None


def _not_fitted(message: str) -> NotFittedError:
    """Return the error; where scikit-learn is loaded, one that its own ``NotFittedError`` catches too."""
    theirs = sys.modules.get("sklearn.exceptions")
    if theirs is None:
        return NotFittedError(message)
    both: type[NotFittedError] = type("NotFittedError", (NotFittedError, theirs.NotFittedError), {})
    return both(message)


def _tags(kind: str) -> "Tags":
    """Return scikit-learn's description of an estimator; only scikit-learn asks for it."""
    from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

    transformer = TransformerTags(preserves_dtype=["float32"]) if kind == "transformer" else None
    return Tags(
        estimator_type=kind,
        target_tags=TargetTags(required=False),
        transformer_tags=transformer,
        input_tags=InputTags(),
    )
