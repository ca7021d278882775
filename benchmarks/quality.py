"""An evaluator of maps in plain NumPy, SciPy's k-d tree aside: nothing of songscape, the same for every contender.

On a fixed sample of rows, each compared with all rows:

- trustworthiness@15 (Venna & Kaski 2001): how far the 15 nearest on the map are near in the features;
- kNN overlap@15: the share of the 15 nearest in the features that are among the 15 nearest on the map;
- global Spearman: rank correlation of distances of random pairs.

Each with a bootstrap interval (95 %), and so is its difference from the first map on the very same rows or pairs.
"""

from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import rankdata

K = 15
ROWS = 2_000
PAIRS = 200_000
GROUPS = 2_000  # pairs are resampled a hundred at a time, which they do not mind: all were drawn alike
RESAMPLES = 400


def judge(X: np.ndarray, **maps: np.ndarray) -> dict[str, Any]:
    """Score maps of the rows of X; the first map is the one that the others are compared with."""
    rng = np.random.default_rng(2)
    points = X.astype(np.float64)
    rows = np.sort(rng.choice(len(X), min(ROWS, len(X)), replace=False))
    left = rng.integers(0, len(X), PAIRS)
    right = (left + rng.integers(1, len(X), PAIRS)) % len(X)
    near = {name: _nearest_on_map(places, rows) for name, places in maps.items()}
    kept = _rows_kept(points, rows, near)
    apart = rankdata(_distances(points, left, right))
    shown = {name: rankdata(_distances(places, left, right)) for name, places in maps.items()}
    draws = rng.integers(0, len(rows), (RESAMPLES, len(rows)))
    weights = rng.multinomial(GROUPS, np.full(GROUPS, 1.0 / GROUPS), RESAMPLES).astype(np.float64)
    first = next(iter(maps))
    scores: dict[str, Any] = {"sampled_rows": len(rows)}
    base = _correlations(apart, shown[first], weights)
    for name in maps:
        correlations = base if name == first else _correlations(apart, shown[name], weights)
        scores[name] = {
            score: _told(kept[name][score].mean(), kept[name][score][draws].mean(axis=1))
            | _ahead(kept[first][score] - kept[name][score], draws)
            for score in ("trustworthiness", "overlap")
        }
        value = float(np.corrcoef(apart, shown[name])[0, 1])
        scores[name]["spearman"] = _told(value, correlations) | _interval("ahead", base - correlations)
    return scores


def _nearest_on_map(places: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the K nearest other rows on the map of some rows."""
    _, found = cKDTree(places).query(places[rows], K + 1, workers=-1)
    is_self = found == rows[:, None]
    is_self[~is_self.any(axis=1), -1] = True
    return found[~is_self].reshape(len(rows), K)


def _rows_kept(points: np.ndarray, rows: np.ndarray, near: dict[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """Return trustworthiness and overlap of each sampled row on each map, from distances to all rows."""
    n = len(points)
    scale = 2.0 / (K * (2.0 * n - 3.0 * K - 1.0))
    columns = np.ascontiguousarray(points.T)
    scores = {name: {score: np.empty(len(rows)) for score in ("trustworthiness", "overlap")} for name in near}
    for i, row in enumerate(rows):
        squares = np.zeros(n)
        for column in columns:
            squares += (column - column[row]) ** 2
        squares[row] = -1.0  # rank 0: itself
        ordered = np.sort(squares)
        for name, found in near.items():
            ranks = np.searchsorted(ordered, squares[found[i]])
            scores[name]["trustworthiness"][i] = 1.0 - scale * np.maximum(ranks - K, 0).sum()
            scores[name]["overlap"][i] = np.mean(ranks <= K)
    return scores


def _distances(points: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.sqrt(((points[left].astype(np.float64) - points[right]) ** 2).sum(axis=1))


def _correlations(left: np.ndarray, right: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the correlation of two columns of ranks, groups of pairs weighted by each row of weights."""
    half = len(left) / 2.0
    x, y = left / half - 1.0, right / half - 1.0
    products = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)
    total, sum_x, sum_y, xx, yy, xy = (weights @ products.reshape(GROUPS, -1, 6).sum(axis=1)).T
    covariance = xy / total - sum_x * sum_y / total**2
    return covariance / np.sqrt((xx / total - (sum_x / total) ** 2) * (yy / total - (sum_y / total) ** 2))


def _told(value: float, resampled: np.ndarray) -> dict[str, float]:
    return {"value": float(value)} | _interval("value", resampled)


def _ahead(differences: np.ndarray, draws: np.ndarray) -> dict[str, float]:
    return _interval("ahead", differences[draws].mean(axis=1))


def _interval(name: str, resampled: np.ndarray) -> dict[str, float]:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return {f"{name}_low": float(low), f"{name}_high": float(high)}
