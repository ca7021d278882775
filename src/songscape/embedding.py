"""NeighborGraph → embedding: UMAP as published, laid out from coarse to fine.

The stages, each of which can be called on its own::

    NeighborGraph ─fuzzy_graph▶ FuzzyGraph ─embed▶ embedding
                                 find_ab ▶ a, b ──┘
    new rows' neighbors ─place▶ their places on the fitted embedding

McInnes, Healy, Melville: *UMAP: Uniform Manifold Approximation and Projection* (arXiv 1802.03426). Parameters mean
what they mean in umap-learn. The layout differs in how it gets to the minimum, not in what is minimized: see
`songscape.kernels.layout` for one epoch. Where it starts decides what it can still sort out: from principal
components, rows that the plane has folded together need hundreds of epochs to pass through each other. So by default
every eighth row is laid out first (and before that every eighth of those), where epochs are cheap, and the rest come
in between the ones that are already sorted.
"""

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt

from songscape.axes import principal_axes, towards_their_longest
from songscape.config import EmbeddingParams
from songscape.directions import unit_rows
from songscape.errors import InputError, ParameterError, must_be
from songscape.kernels.fuzzy import fuzzy_union, membership_strengths, smooth_distances, weigh_in_place
from songscape.kernels.layout import TILE, Curve, Edges, Step, move_plane, move_space, spread_sample
from songscape.kernels.leaves import EUCLIDEAN, build_leaves
from songscape.kernels.nearest import nearest_rows
from songscape.progress import Progress, part_of, silent
from songscape.threads import run_blocks
from songscape.types import Float32, Float64, FuzzyGraph, Int32, Int64, NeighborGraph
from songscape.validation import check_points

_MANY_ROWS = 10_000  # umap-learn's border between 500 and 200 epochs
_STEP = 8  # one row in so many is laid out first
_COARSEST = 8192  # so many rows start from principal components
_COARSE_EPOCHS = 500
_START_SPREAD = 9.0  # standard deviation of the first component at the start: about that of a finished map
_JITTER = 0.1
_BLOCKS = 64
_BLOCK_ROWS = 512
_PLACE_EPOCHS = 30
_NO_BETTER = 1e12  # a step damped this much and still no better: the fit has ended
_STEEPEST = 700.0  # logarithms beyond overflow; the curve is 0 there


@lru_cache
def find_ab(spread: float = 1.0, min_dist: float = 0.1) -> tuple[float, float]:
    """Fit the curve 1 / (1 + a d^(2b)) to 1 up to `min_dist` and exp(−(d − min_dist) / spread) beyond.

    Parameters
    ----------
    spread : float
        Scale of the embedded points, > 0.
    min_dist : float
        Smallest distance between points that belong together, in [0, spread].

    Returns
    -------
    a, b : float

    Raises
    ------
    ParameterError
        If `min_dist` exceeds `spread`.

    Examples
    --------
    >>> a, b = find_ab(1.0, 0.1)
    >>> round(a, 3), round(b, 3)
    (1.577, 0.895)
    """
    if min_dist > spread:
        raise ParameterError(must_be("min_dist", f"a float in [0.0, spread], and spread is {spread}", min_dist))
    distances, near = np.linspace(0.0, 3.0, 300)[1:], min_dist / spread  # at 0 the curve is 1 whatever a and b are
    a, b = _fitted_curve(np.log(distances), np.where(distances < near, 1.0, np.exp(near - distances)))
    return a / spread ** (2.0 * b), b


def _fitted_curve(logs: Float64, wanted: Float64) -> tuple[float, float]:
    """Return the a and b of least squares, by Levenberg and Marquardt's steps in log a and log b, so both stay > 0.

    A few lines instead of scipy.optimize: its import takes longer than placing thousands of new tracks.
    """
    at, damping = np.zeros(2), 1e-3
    curve = _drawn(at, logs)
    while damping < _NO_BETTER:
        slope = -curve * (1.0 - curve)  # of the curve over the logarithm of a d^(2b)
        jacobian = np.column_stack((slope, slope * 2.0 * np.exp(at[1]) * logs))
        normal = jacobian.T @ jacobian
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), jacobian.T @ (wanted - curve))
        tried = _drawn(at + step, logs)
        if ((tried - wanted) ** 2).sum() < ((curve - wanted) ** 2).sum():
            at, curve, damping = at + step, tried, damping / 10.0
        else:
            damping *= 10.0
    return float(np.exp(at[0])), float(np.exp(at[1]))


def _drawn(at: Float64, logs: Float64) -> Float64:
    exponents: Float64 = np.minimum(at[0] + 2.0 * np.exp(at[1]) * logs, _STEEPEST)
    return 1.0 / (1.0 + np.exp(exponents))


def fuzzy_graph(neighbors: NeighborGraph) -> FuzzyGraph:
    """Return UMAP's fuzzy simplicial set of a neighbor graph.

    Parameters
    ----------
    neighbors : NeighborGraph
        ``n_neighbors − 1`` other rows of each row.

    Returns
    -------
    FuzzyGraph
        p + pᵀ − p ∘ pᵀ with p = exp(−max(0, d − rho) / sigma), as umap-learn computes it.

    Examples
    --------
    >>> near = NeighborGraph(np.array([[1], [0], [1]], np.int32), np.array([[1.0], [1.0], [2.0]], np.float32))
    >>> graph = fuzzy_graph(near)
    >>> graph.indices.tolist(), graph.weights.tolist()
    ([1, 0, 2, 1], [1.0, 1.0, 1.0, 1.0])
    """
    return _joined(neighbors.indices.copy(), neighbors.distances.copy())


def embed(
    X: npt.ArrayLike,
    neighbors: NeighborGraph,
    params: EmbeddingParams | None = None,
    *,
    progress: Progress = silent,
) -> Float32:
    """Find the UMAP embedding of rows whose neighbors are known.

    Parameters
    ----------
    X : array-like, shape (n_rows, n_columns)
        The rows, for the start of the layout; directions, where the metric of `neighbors` sees nothing else.
    neighbors : NeighborGraph
        At least ``n_neighbors − 1`` other rows of each row (fewer only if there are fewer); more are not used.
    params : EmbeddingParams
        UMAP's parameters.
    progress : callable
        Called as ``progress("embedding", fraction)``.

    Returns
    -------
    float32, shape (n_rows, n_components)
        The same bytes for the same input and ``random_state``, on any number of threads.

    Raises
    ------
    InputError
        If `X` is not a finite matrix or `neighbors` belongs to another number of rows.
    ParameterError
        If ``min_dist`` exceeds ``spread``.

    Examples
    --------
    >>> from songscape.kernels.nearest import nearest_rows
    >>> X = np.random.default_rng(0).normal(size=(100, 5)).astype(np.float32)
    >>> near = NeighborGraph(*nearest_rows(build_leaves(X), 14, EUCLIDEAN))
    >>> embed(X, near).shape
    (100, 2)
    """
    params = params or EmbeddingParams()
    points = check_points(X)
    if neighbors.n_rows != len(points):
        raise InputError(f"neighbors must be those of X, {len(points)} rows. Got {neighbors.n_rows} rows.")
    if len(points) < 2:
        return np.zeros((len(points), params.n_components), np.float32)
    progress("embedding", 0.0)
    if neighbors.metric in ("cosine", "correlation"):
        points = unit_rows(points, centered=neighbors.metric == "correlation").astype(np.float32)
    order = build_leaves(points).order
    graph = _edges(_joined(*_renumbered(neighbors.first(params.n_neighbors - 1), order)))
    progress("embedding", 0.05)
    positions = _start(points[order], graph, params)
    n_epochs = _default_epochs(len(points), params) if params.n_epochs is None else params.n_epochs
    _move(
        graph, positions, _cut(len(points)), n_epochs, params, partial(part_of(progress, "embedding", 0.5, 1.0), "")
    )
    embedding = np.empty((len(points), params.n_components), np.float32)
    embedding[order] = (positions - positions.mean(axis=1, keepdims=True, dtype=np.float64)).T
    progress("embedding", 1.0)
    return embedding


def place(
    neighbors: NeighborGraph,
    embedding: Float32,
    params: EmbeddingParams | None = None,
    *,
    progress: Progress = silent,
) -> Float32:
    """Place new rows on a fitted embedding, which stays as it is.

    Each row starts at the weighted mean of its neighbors' places and is then moved by the same forces as in the
    fit, the fitted rows standing still. New rows do not see each other: at once or one by one gives the same bytes.

    Parameters
    ----------
    neighbors : NeighborGraph
        The nearest fitted rows of each new row, k ≥ 1.
    embedding : float32, shape (n_fitted, n_components)
        The fitted embedding.
    params : EmbeddingParams
        The parameters of the fit.
    progress : callable
        Called as ``progress("embedding", fraction)``.

    Returns
    -------
    float32, shape (n_new, n_components)

    Examples
    --------
    >>> near = NeighborGraph(np.array([[0, 1]], np.int32), np.array([[1.0, 1.0]], np.float32))
    >>> place(near, np.array([[0.0, 0.0], [2.0, 0.0]], np.float32)).shape
    (1, 2)
    """
    params = params or EmbeddingParams()
    n_new, n_fitted = neighbors.n_rows, len(embedding)
    rho, sigma = smooth_distances(neighbors.distances)
    columns, weights = membership_strengths(neighbors.indices, neighbors.distances, rho, sigma)
    means = np.einsum("ij,ijc->ic", weights, embedding[columns]) / weights.sum(axis=1, keepdims=True)
    # New rows stand behind the fitted ones. Edges lead only to fitted rows, which no block moves.
    indptr = np.concatenate([np.zeros(n_fitted, np.int64), np.arange(n_new + 1, dtype=np.int64) * neighbors.k])
    graph = Edges(indptr, columns.ravel(), weights.ravel(), neighbors.k)
    still = np.ascontiguousarray(embedding.T, dtype=np.float32)
    positions = np.concatenate([still, means.T.astype(np.float32)], axis=1)
    slower = params.with_changes(learning_rate=params.learning_rate / 4.0)  # as umap-learn does in transform
    blocks = n_fitted + _cut(n_new)
    _move(graph, positions, blocks, _PLACE_EPOCHS, slower, partial(progress, "embedding"), still=still)
    return np.ascontiguousarray(positions[:, n_fitted:].T)


def _curve(params: EmbeddingParams) -> Curve:
    a, b = find_ab(params.spread, params.min_dist)
    return Curve(np.float32(a), np.float32(b))


def _default_epochs(n_rows: int, params: EmbeddingParams) -> int:
    """umap-learn's numbers; a coarse start leaves less to sort out and needs half of them."""
    epochs = 500 if n_rows <= _MANY_ROWS else 200
    return epochs // 2 if _is_coarse(n_rows, params) else epochs


def _is_coarse(n_rows: int, params: EmbeddingParams) -> bool:
    return params.init == "coarse" and n_rows > _COARSEST


def _renumbered(neighbors: NeighborGraph, order: Int32) -> tuple[Int32, Float32]:
    """Return neighbors and distances of a graph with row ``order[i]`` renamed i."""
    position = np.empty_like(order)
    position[order] = np.arange(len(order), dtype=order.dtype)
    return position[neighbors.indices[order]], neighbors.distances[order]


def _joined(indices: Int32, distances: Float32) -> FuzzyGraph:
    """Return the fuzzy simplicial set of neighbors at some distances; both arrays are used up."""
    rho, sigma = smooth_distances(distances)
    weigh_in_place(indices, distances, rho, sigma)
    return FuzzyGraph(*fuzzy_union(indices, distances), rho, sigma)


def _edges(graph: FuzzyGraph) -> Edges:
    return Edges(graph.indptr, graph.indices, graph.weights, int(np.diff(graph.indptr).max()))


def _start(points: Float32, graph: Edges, params: EmbeddingParams) -> Float32:
    """Return where the layout starts, shape (n_components, n_rows); rows in leaf order."""
    if _is_coarse(len(points), params):
        positions = _coarse(points, graph, params)
    elif params.init == "spectral":
        positions = _spectral(graph, params.n_components)
    elif params.init == "random":
        noise = np.random.default_rng(params.random_state)
        return noise.uniform(-10.0, 10.0, (params.n_components, len(points))).astype(np.float32)
    else:
        positions = _principal_components(points, params.n_components)
    noise = np.random.default_rng(params.random_state)
    return positions + noise.uniform(-_JITTER, _JITTER, positions.shape).astype(np.float32)


def _coarse(points: Float32, graph: Edges, params: EmbeddingParams) -> Float32:
    """Lay out every eighth row (by the same road), then put the others among them."""
    sample = np.ascontiguousarray(points[_STEP // 2 :: _STEP])
    near = nearest_rows(build_leaves(sample), params.n_neighbors - 1, EUCLIDEAN)
    among = _edges(_joined(*near))
    placed = _start(sample, among, params)
    n_epochs = _COARSE_EPOCHS if len(sample) <= _COARSEST else 2 * _default_epochs(len(sample), params)
    _move(among, placed, _cut(len(sample)), n_epochs, params, lambda done: None)
    positions = np.empty((params.n_components, len(points)), np.float32)
    run_blocks(partial(spread_sample, graph, _STEP, placed, positions), len(points), grain=4096)
    return positions


def _principal_components(points: Float32, n_components: int) -> Float32:
    """Principal components, the first with a standard deviation of `_START_SPREAD`; missing ones are 0.

    einsum adds in one fixed order, as a threaded BLAS does not.
    """
    centered = points.astype(np.float64)
    centered -= centered.mean(axis=0)
    values, axes = principal_axes(np.einsum("ij,ik->jk", centered, centered))
    axes = axes[:, :n_components]
    spread = np.sqrt(max(values[0], 0.0) / len(points))
    scale = _START_SPREAD / spread if spread > 0.0 else 0.0
    positions = np.zeros((n_components, len(points)), np.float32)
    positions[: axes.shape[1]] = np.einsum("ij,jk->ki", centered, axes) * scale
    return positions


def _spectral(graph: Edges, n_components: int) -> Float32:
    """Eigenvectors of the normalized Laplacian behind the first, scaled to ±10 as in umap-learn."""
    from scipy.sparse import csr_matrix, diags_array
    from scipy.sparse.linalg import eigsh

    n_rows = len(graph.indptr) - 1
    wanted = n_components + 1
    adjacency = csr_matrix((graph.weights.astype(np.float64), graph.indices, graph.indptr), (n_rows, n_rows))
    degree = np.asarray(adjacency.sum(axis=1)).ravel()
    half = diags_array(1.0 / np.sqrt(np.maximum(degree, np.finfo(np.float64).tiny)))
    similarity = half @ adjacency @ half
    if n_rows <= 2 * wanted + 20:
        vectors = np.linalg.eigh(similarity.toarray())[1][:, ::-1]
    else:
        vectors = eigsh(similarity, k=wanted, which="LA", v0=np.ones(n_rows), tol=1e-4)[1][:, ::-1]
    positions = np.zeros((n_components, n_rows), np.float32)
    found = towards_their_longest(np.ascontiguousarray(vectors[:, 1:wanted])).T
    positions[: len(found)] = found * (10.0 / np.abs(found).max())
    return positions


def _cut(n_rows: int) -> Int64:
    """Return the bounds of the blocks of a layout: they depend on the number of rows alone."""
    n_blocks = min(max(n_rows // _BLOCK_ROWS, 1), _BLOCKS)
    return np.arange(n_blocks + 1, dtype=np.int64) * n_rows // n_blocks


def _move(
    graph: Edges,
    positions: Float32,
    blocks: Int64,
    n_epochs: int,
    params: EmbeddingParams,
    report: Callable[[float], None],
    *,
    still: Float32 | None = None,
) -> None:
    """Run the epochs of a layout, in place, the learning rate falling to 0.

    With `still`, positions of rows that never move, all rows read those and share their negative samples.
    """
    move = move_plane if len(positions) == 2 else move_space
    tile = TILE if still is None else positions.shape[1]
    snapshot = np.empty_like(positions) if still is None else still
    curve = _curve(params)
    for epoch in range(n_epochs):
        if still is None:
            snapshot[:] = positions
        rate = np.float32(params.learning_rate * (1.0 - epoch / n_epochs))
        step = Step(epoch, rate, np.float32(params.negative_sample_rate), params.random_state, tile)
        work = partial(move, blocks, graph, positions, snapshot, curve, step)
        run_blocks(work, len(blocks) - 1, grain=4)
        report((epoch + 1) / n_epochs)
