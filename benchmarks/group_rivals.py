"""Other ways to three scales of groups, for the table of `groups.py`: rivals, and variations of each step.

Each takes a fitted sample and returns labels, int (n,), of the scales coarse, middle, fine.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from songscape.clustering import cluster
from songscape.config import GroupingParams
from songscape.grouping import group
from songscape.grouping._cores import fill_noise, nearest_centers
from songscape.grouping._merging import merge_centers
from songscape.kernels.centers import centers_of

TARGETS = (12, 60, 200)
Labels = tuple[np.ndarray, ...]


def ours(fit: Any, space: str = "map", **changes: Any) -> Labels:
    """Return songscape's groups at coverage 1."""
    params = GroupingParams(space=space, coverage=1.0, **changes)
    points = fit.points(space)
    groups = group(fit.X, points, cluster(points, params.at_size(len(points))), params)
    return tuple(scale.labels for scale in groups.scales)


def k_means(fit: Any) -> Labels:
    """Return k-means of each K, begun from another draw in each fit; scales do not nest."""
    return tuple(KMeans(k, n_init=1, max_iter=100, random_state=fit.number).fit_predict(fit.X) for k in TARGETS)


def mixture(fit: Any) -> Labels:
    """Return Gaussian mixtures of each K with diagonal covariances, the best of a few starts; scales do not nest."""
    models = (
        GaussianMixture(k, covariance_type="diag", n_init=starts, random_state=fit.number)
        for k, starts in zip(TARGETS, (3, 2, 1), strict=True)
    )
    return tuple(_quietly(model).fit_predict(fit.X.astype(np.float64)) for model in models)


def _quietly(model: Any) -> Any:
    import warnings

    warnings.filterwarnings("ignore", message="Best performing initialization did not converge")
    return model


def chance(fit: Any) -> Labels:
    """Return a random partition, fine groups of equal size, that nests."""
    fine = np.random.default_rng(fit.number).integers(0, TARGETS[-1], len(fit.X))
    return fine * TARGETS[0] // TARGETS[2], fine * TARGETS[1] // TARGETS[2], fine


def seats(fit: Any, rule: str) -> Labels:
    """Return merged leaves with another rule for the rows' seats.

    ``filled``: rows stay where the vote put them; ``fine``: nearest fine center; ``top``: nearest coarse center, then
    nearest middle center within, then fine; ``own``: nearest center at each scale, so scales do not nest.
    """
    filled, cuts = _cut(fit)
    if rule == "filled":
        return tuple(cut[filled] for cut in cuts)
    centers = [centers_of(fit.X, cut[filled], int(cut.max()) + 1)[0] for cut in cuts]
    if rule == "own":
        return tuple(_nearest(fit.X, middle) for middle in centers)
    if rule == "fine":
        seat = _nearest(fit.X, centers[-1])
        return tuple(_up(cuts[-1], cut)[seat] for cut in cuts)
    return _from_the_top(fit.X, cuts, centers)


def _cut(fit: Any) -> tuple[np.ndarray, list[np.ndarray]]:
    points = fit.points("map")
    found = cluster(points, GroupingParams().at_size(len(points)))
    filled = fill_noise(points, found.labels)
    centers, sizes = centers_of(fit.X, filled, found.n_clusters)
    return filled, [merge_centers(centers, sizes, k) for k in TARGETS]


def _nearest(X: np.ndarray, centers: np.ndarray) -> np.ndarray:
    return nearest_centers(X, centers, 1)[0][:, 0]


def _up(finer: np.ndarray, coarser: np.ndarray) -> np.ndarray:
    up = np.zeros(int(finer.max()) + 1, int)
    up[finer] = coarser
    return up


def _from_the_top(X: np.ndarray, cuts: list[np.ndarray], centers: list[np.ndarray]) -> Labels:
    labels = [_nearest(X, centers[0])]
    for coarser, finer, middle in zip(cuts[:-1], cuts[1:], centers[1:], strict=True):
        up, seat = _up(finer, coarser), np.empty(len(X), int)
        for g in range(int(up.max()) + 1):
            rows, inside = np.flatnonzero(labels[-1] == g), np.flatnonzero(up == g)
            if len(rows):
                seat[rows] = inside[_nearest(X[rows], middle[inside])]
        labels.append(seat)
    return tuple(labels)


def connectivity(fit: Any) -> Labels:
    """Return leaves merged by the neighbor graph: always the pair with most links relative to their sizes."""
    points = fit.points("map")
    found = cluster(points, GroupingParams().at_size(len(points)))
    filled, n = fill_noise(points, found.labels), found.n_clusters
    near = fit.neighbors.indices
    pairs = np.repeat(filled, near.shape[1]).astype(np.int64) * n + filled[near.ravel()]
    links = np.bincount(pairs, minlength=n * n).reshape(n, n).astype(float)
    links += links.T
    np.fill_diagonal(links, 0.0)
    sizes = np.bincount(filled, minlength=n).astype(float)
    at = _merged(n, lambda alive: _closest(links, sizes, alive), lambda a, b: _join(links, sizes, a, b))
    return tuple(at[min(k, n)][filled] for k in TARGETS)


def _closest(links: np.ndarray, sizes: np.ndarray, alive: np.ndarray) -> tuple[int, int]:
    strength = links[np.ix_(alive, alive)] / np.outer(sizes[alive], sizes[alive])
    a, b = divmod(int(strength.argmax()), len(alive))
    return int(alive[min(a, b)]), int(alive[max(a, b)])


def _join(links: np.ndarray, sizes: np.ndarray, a: int, b: int) -> None:
    links[a] += links[b]
    links[:, a] += links[:, b]
    links[a, a] = 0.0
    sizes[a] += sizes[b]


def _merged(n: int, choose: Callable, join: Callable) -> dict[int, np.ndarray]:
    """Merge n groups two by two; return the groups at each of the numbers wanted."""
    label, alive, at = np.arange(n), np.arange(n), {}
    wanted = {min(k, n) for k in TARGETS}
    while True:
        if len(alive) in wanted:
            at[len(alive)] = np.unique(label, return_inverse=True)[1]
        if len(alive) == min(wanted):
            return at
        a, b = choose(alive)
        join(a, b)
        label[label == b] = a
        alive = alive[alive != b]


def persistence(fit: Any) -> Labels:
    """Return cuts of the hierarchy itself: the least prominent leaf is given up, until K are left; noise votes."""
    points = fit.points("map")
    tree = cluster(points, GroupingParams().at_size(len(points))).condensed_tree
    n = len(points)
    rows = tree.child < n
    parent = dict(zip(tree.child[~rows].tolist(), tree.parent[~rows].tolist(), strict=True))
    birth = dict(zip(tree.child[~rows].tolist(), tree.lambda_val[~rows].tolist(), strict=True))
    death: dict[int, float] = {}
    for node, value in zip(tree.parent.tolist(), tree.lambda_val.tolist(), strict=True):
        death[node] = max(death.get(node, 0.0), value)
    children: dict[int, list[int]] = {}
    for node, above in parent.items():
        children.setdefault(above, []).append(node)
    leaves = {node for node in parent if node not in children}
    labels = []
    for k in sorted(TARGETS, reverse=True):
        while len(leaves) > k:
            _give_up(leaves, parent, children, birth, death)
        holder = {node: _held(node, leaves, parent) for node in {*parent, n}}
        number = {node: i for i, node in enumerate(sorted(leaves))}
        of_row = np.array([number.get(holder[node], -1) for node in tree.parent[:n].tolist()], np.int32)
        labels.append(fill_noise(points, of_row))
    return tuple(reversed(labels))


def _give_up(leaves: set, parent: dict, children: dict, birth: dict, death: dict) -> None:
    pairs = [(a, b) for a, b in children.values() if a in leaves and b in leaves]
    a, b = min(pairs, key=lambda pair: min(death[node] / birth[node] for node in pair))
    above = parent[a]
    death[above] = max(death[a], death[b])
    leaves -= {a, b}
    leaves.add(above)


def _held(node: int, leaves: set, parent: dict) -> int:
    while node not in leaves and node in parent:
        node = parent[node]
    return node


RIVALS: dict[str, Callable[[Any], Labels]] = {
    "k-means": k_means,
    "random partition": chance,
}
VARIATIONS: dict[str, Callable[[Any], Labels]] = {
    "Gaussian mixture, diagonal": mixture,
    "space: dense": partial(ours, space="dense"),
    "space: features": partial(ours, space="features"),
    "seats: as filled": partial(seats, rule="filled"),
    "seats: nearest fine center": partial(seats, rule="fine"),
    "seats: from the top": partial(seats, rule="top"),
    "seats: each scale on its own": partial(seats, rule="own"),
    "merging: neighbor graph": connectivity,
    "merging: persistence cuts": persistence,
}
