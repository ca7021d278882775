"""The 15 nearest other rows of every row: songscape, scikit-learn, SciPy; pynndescent for an approximate answer."""

from typing import Any

import numpy as np

from bench import Bench, Step, at, result
from measure import Task, run_task

K = 15
SAMPLE = 1_000
PACKAGES = ("scikit-learn", "scipy", "pynndescent")


def with_songscape(X: np.ndarray) -> np.ndarray:
    """Exact, by leaf blocks."""
    from songscape.neighbors import build_neighbors

    return build_neighbors(X, K).indices


def with_scikit_learn(X: np.ndarray) -> np.ndarray:
    """Exact, by a k-d tree, all cores."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=K, algorithm="kd_tree", n_jobs=-1).fit(X)
    return search.kneighbors(return_distance=False)


def with_scipy(X: np.ndarray) -> np.ndarray:
    """Exact, by a k-d tree, all cores; the row itself comes with its neighbors."""
    from scipy.spatial import cKDTree

    _, found = cKDTree(X).query(X, K + 1, workers=-1)
    return without_self(found)


def with_pynndescent(X: np.ndarray) -> np.ndarray:
    """Approximate, by descent in a graph, all cores; as umap-learn calls it but for the recall that it aims at."""
    from pynndescent import NNDescent

    found, _ = NNDescent(X, n_neighbors=K + 1, random_state=0).neighbor_graph
    return without_self(found)


def without_self(found: np.ndarray) -> np.ndarray:
    """Return the first K entries of each row that are not the row itself."""
    is_self = found == np.arange(len(found))[:, None]
    last = ~is_self.any(axis=1)
    is_self[last, -1] = True
    return found[~is_self].reshape(len(found), -1)[:, :K]


STEP = Step(
    name="neighbors",
    contenders={
        "songscape": with_songscape,
        "scikit-learn": with_scikit_learn,
        "scipy": with_scipy,
        "pynndescent": with_pynndescent,
    },
    inputs=lambda bench, n: {"X": bench.inputs.features(n)},
    settings=lambda n: {},
    warm_rows=5_000,
    warm_settings={},
)


def run(bench: Bench) -> dict[str, Any]:
    """Measure, then compare every answer at the headline with distances to all rows."""
    found = STEP.measure(bench)
    n = bench.plan.headline
    for contender in STEP.contenders:
        measured = at(found, contender, n)
        if measured is not None:
            files = {"X": bench.inputs.features(n), "found": bench.output(STEP.name, contender, n)}
            measured.facts |= run_task(Task("bench_neighbors:recall", files)).facts
    return result(bench, found, PACKAGES, k=K, sampled_rows=SAMPLE)


def recall(X: np.ndarray, found: np.ndarray) -> dict[str, float]:
    """Return the share of neighbors found that are no farther than the true k-th, on a sample of rows, in float64."""
    rows = np.random.default_rng(1).choice(len(X), min(SAMPLE, len(X)), replace=False)
    points = X.astype(np.float64)
    share = np.empty(len(rows))
    for i, row in enumerate(rows):
        squares = ((points - points[row]) ** 2).sum(axis=1)
        mine = squares[found[row]]
        squares[row] = np.inf
        share[i] = np.mean(mine <= np.partition(squares, K - 1)[K - 1] * (1.0 + 1e-6))
    return {"recall": float(share.mean())}
