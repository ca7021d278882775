"""Joins the stages that groups need: a space, the leaves in it, the groups; and what coverage costs."""

from typing import cast

import numpy as np
import numpy.typing as npt

from songscape.clustering import cluster
from songscape.config import EmbeddingParams, GroupingParams, Metric, Search
from songscape.directions import comparable
from songscape.embedding import embed
from songscape.evaluation import silhouette_score
from songscape.grouping import cover, group
from songscape.neighbors import build_neighbors
from songscape.progress import Progress, part_of, silent
from songscape.types import Float32, Groups, Int32, NeighborGraph

DENSE_NEIGHBORS = 30
"""``n_neighbors`` of the denser map."""

COVERAGES = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
"""Where the price of coverage is measured."""

_STAGE = "groups"
_SHARES = {"map": (0.0, 0.3), "features": (0.0, 0.3), "dense": (0.5, 0.65)}
"""By space: the shares of the time after which the map is made, and after which its clusters are found."""


def group_songs(
    X: Float32,
    neighbors: NeighborGraph,
    embedding: Float32,
    params: GroupingParams | None = None,
    *,
    random_state: int = 0,
    progress: Progress = silent,
) -> Groups:
    """Put songs in nested groups at three scales.

    Parameters
    ----------
    X : float32, shape (n_songs, n_features)
        Scaled features.
    neighbors : NeighborGraph
        Of the rows of `X`. The denser map needs 29 neighbors of each; a narrower graph is built anew.
    embedding : float32, shape (n_songs, n_components)
        The map.
    params : GroupingParams, optional
        The space, the numbers of groups, the coverage.
    random_state : int
        Seed of the denser map.
    progress : callable
        Called with the stage groups and a fraction in [0, 1].

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
    >>> groups = group_songs(X, build_neighbors(X, 29), X[:, :2])
    >>> [scale.name for scale in groups.scales], bool((groups.scale("fine").nearest >= 0).all())
    (['coarse', 'middle', 'fine'], True)
    """
    params = params or GroupingParams()
    mapped, clustered = _SHARES[params.space]
    if params.space == "map":
        points = embedding
    elif params.space == "features":
        points = comparable(X, neighbors.metric)
    else:
        points = dense_map(X, neighbors, random_state=random_state, progress=part_of(progress, _STAGE, 0.0, mapped))
    clustering = cluster(points, params.at_size(len(X)), progress=part_of(progress, _STAGE, mapped, clustered))
    rows = comparable(X, neighbors.metric)
    return group(rows, points, clustering, params, progress=part_of(progress, _STAGE, clustered, 1.0))


def dense_map(X: Float32, neighbors: NeighborGraph, *, random_state: int = 0, progress: Progress = silent) -> Float32:
    """Return a map that is made for finding groups: wider neighborhoods, and neighbors may lie on each other.

    Parameters
    ----------
    X, neighbors, random_state
        As in `group_songs`.
    progress : callable
        Called with the stage embedding and a fraction in [0, 1].

    Returns
    -------
    float32, shape (n_songs, 2)
        UMAP with ``n_neighbors`` 30 and ``min_dist`` 0.
    """
    wanted = min(DENSE_NEIGHBORS - 1, max(len(X) - 1, 0))
    if neighbors.k < wanted:
        search: Search = "exact" if neighbors.recall == 1.0 else "approximate"
        neighbors = build_neighbors(X, wanted, cast(Metric, neighbors.metric), search=search)
    params = EmbeddingParams(n_neighbors=DENSE_NEIGHBORS, min_dist=0.0, random_state=random_state)
    return embed(X, neighbors, params, progress=progress)


def coverage_prices(
    X: Float32,
    groups: Groups,
    scale: str = "middle",
    categories: npt.NDArray[np.integer] | None = None,
    *,
    sample_size: int = 5000,
    random_state: int = 0,
) -> list[dict[str, float | None]]:
    """Return what each coverage from 0.6 to 1 costs: silhouette and purity of the songs that are covered.

    Both fall as coverage rises, since the easy songs are covered first: what is covered less is no better group.

    Parameters
    ----------
    X : float32, shape (n_songs, n_features)
        Scaled features.
    groups : Groups
        At any coverage.
    scale : str
        ``coarse``, ``middle`` or ``fine``.
    categories : int, shape (n_songs,), optional
        What purity is measured against, as numbers from 0; −1 where unknown.
    sample_size : int
        Silhouettes are those of so many songs among each other.
    random_state : int
        Seed of the sample and of the null.

    Returns
    -------
    list of dict
        For each coverage: ``coverage``; ``silhouette`` in [−1, 1]; ``purity``, the share of covered songs that are of
        their group's most frequent category; ``purity_null``, the same with categories permuted among covered songs.
        None where there are fewer than two groups, or no categories.

    Examples
    --------
    >>> X = np.concatenate([np.linspace(0, 1, 30), np.linspace(9, 10, 30)])[:, None].astype(np.float32)
    >>> groups = group_songs(X, build_neighbors(X, 29), X)
    >>> [price["purity"] for price in coverage_prices(X, groups, "coarse", np.repeat([0, 1], 30))][-1]
    1.0
    """
    rng = np.random.default_rng(random_state)
    rows = np.sort(rng.permutation(len(X))[:sample_size])
    prices: list[dict[str, float | None]] = []
    for coverage in COVERAGES:
        labels = cover(groups, coverage).scale(scale).labels
        prices.append(
            {
                "coverage": coverage,
                "silhouette": _silhouette(X[rows], labels[rows]),
                **_purities(labels, categories, np.random.default_rng(random_state)),
            }
        )
    return prices


def _silhouette(X: Float32, labels: Int32) -> float | None:
    return silhouette_score(X, labels) if len(np.unique(labels[labels >= 0])) > 1 else None


def _purities(
    labels: Int32, categories: npt.NDArray[np.integer] | None, rng: np.random.Generator
) -> dict[str, float | None]:
    known = np.zeros(len(labels), bool) if categories is None else (labels >= 0) & (np.asarray(categories) >= 0)
    if categories is None or not known.any():
        return {"purity": None, "purity_null": None}
    groups, names = labels[known].astype(np.int64), np.asarray(categories)[known].astype(np.int64)
    return {"purity": _purity(groups, names), "purity_null": _purity(groups, rng.permutation(names))}


def _purity(groups: npt.NDArray[np.int64], names: npt.NDArray[np.int64]) -> float:
    n_names = int(names.max()) + 1
    table = np.bincount(groups * n_names + names, minlength=(int(groups.max()) + 1) * n_names).reshape(-1, n_names)
    return float(table.max(axis=1).sum() / len(names))
