"""`UMAP`: an embedding with scikit-learn's conventions."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from songscape.config import EmbeddingParams, Metric
from songscape.embedding import embed, fuzzy_graph, place
from songscape.estimators.base import Estimator, check_matrix, tags
from songscape.neighbors import build_neighbors, query_neighbors
from songscape.types import Float32, NeighborGraph

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class UMAP(Estimator):
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
    init : {"coarse", "pca", "spectral", "random"}
        Where the layout starts from; "coarse" is the layout of every eighth row.
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
        init: str = "coarse",
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
        points = check_matrix(X)
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

        Rows get the same place whether they come at once or one by one; a row that equals a training row gets its
        place.

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
            placed = place(near, self.embedding_, params)
        known = near.distances[:, 0] == 0.0
        placed[known] = self.embedding_[near.indices[known, 0]]
        return placed

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

    def __sklearn_tags__(self) -> Any:
        return tags("transformer")
