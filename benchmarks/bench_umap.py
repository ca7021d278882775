"""UMAP in all, from features to map: songscape against umap-learn, which is given no seed and all cores.

Beside them stand what costs nothing, a projection onto two principal axes, and what is worth nothing, random places.
All maps are judged by `quality.py`, which uses nothing of songscape.
"""

from typing import Any

import numpy as np

from bench import OURS, Bench, Step, at, result
from measure import Task, run_task

PACKAGES = ("umap-learn", "pynndescent", "scikit-learn")


def with_songscape(X: np.ndarray, n_epochs: int | None = None) -> np.ndarray:
    """All defaults."""
    from songscape import UMAP

    return UMAP(n_epochs=n_epochs).fit_transform(X)


def with_umap_learn(X: np.ndarray, n_epochs: int | None = None) -> np.ndarray:
    """All defaults: no seed, so that it may use all cores."""
    from umap import UMAP

    return UMAP(n_epochs=n_epochs, n_jobs=-1).fit_transform(X)


def with_pca(X: np.ndarray, n_epochs: int | None = None) -> np.ndarray:
    """Two principal components."""
    from sklearn.decomposition import PCA

    return PCA(2, random_state=0).fit_transform(X)


def at_random(X: np.ndarray, n_epochs: int | None = None) -> np.ndarray:
    """Random places: what the scores give where there is nothing to see."""
    return np.random.default_rng(0).uniform(-10.0, 10.0, (len(X), 2)).astype(np.float32)


STEP = Step(
    name="umap",
    contenders={
        "songscape": with_songscape,
        "umap-learn": with_umap_learn,
        "PCA": with_pca,
        "random places": at_random,
    },
    inputs=lambda bench, n: {"X": bench.inputs.features(n)},
    settings=lambda n: {},
    warm_rows=10_000,
    warm_settings={"n_epochs": 10},
)


def run(bench: Bench) -> dict[str, Any]:
    """Measure, judge the maps at the headline, and keep songscape's for the steps that need a map."""
    found = STEP.measure(bench)
    n = bench.plan.headline
    maps = {name: bench.output(STEP.name, name, n) for name in STEP.contenders if at(found, name, n)}
    names = list(maps)
    files = {"X": bench.inputs.features(n)} | {f"map{i}": maps[name] for i, name in enumerate(names)}
    bench.say(f"scores of {len(maps)} maps")
    judged = run_task(Task("quality:judge", files))
    for i, name in enumerate(names):
        measured = at(found, name, n)
        if measured is not None:
            measured.facts |= judged.facts.get(f"map{i}", {"not judged": judged.message})
    for size in bench.plan.sizes:
        if at(found, OURS, size):
            bench.inputs.keep_map(size, bench.output(STEP.name, OURS, size))
    return result(bench, found, PACKAGES, sampled_rows=judged.facts.get("sampled_rows"))
