"""HDBSCAN on songscape's map with the parameters that `songscape build` takes for so many songs.

Packages count min_samples differently: hdbscan, fast_hdbscan, fast-plscan and songscape without the row itself,
scikit-learn with it, so that it is given one more. fast-plscan looks for the best minimum cluster size; its cut at a
given one is what the others compute. hdbscan gets all cores, which is faster than its default of four helpers where
there are two cores. hdbscan's spanning tree is approximate unless told otherwise: both ways are
measured, and labels are compared with both.
"""

from typing import Any

import numpy as np

from bench import Bench, Step, at, result
from measure import Measurement, Task, run_task

PACKAGES = ("hdbscan", "fast-hdbscan", "fast-plscan", "scikit-learn")
EXACT = "hdbscan, exact tree"


def with_songscape(points: np.ndarray, min_cluster_size: int, min_samples: int) -> np.ndarray:
    """Leaves of the hierarchy."""
    from songscape import HDBSCAN

    return HDBSCAN(min_cluster_size, min_samples, cluster_selection_method="leaf").fit(points).labels_


def with_hdbscan(points: np.ndarray, min_cluster_size: int, min_samples: int, exact: bool = False) -> np.ndarray:
    """All cores, all other defaults."""
    from hdbscan import HDBSCAN

    model = HDBSCAN(
        min_cluster_size,
        min_samples,
        cluster_selection_method="leaf",
        core_dist_n_jobs=-1,
        approx_min_span_tree=not exact,
    )
    return model.fit(points).labels_


def with_exact_hdbscan(points: np.ndarray, min_cluster_size: int, min_samples: int) -> np.ndarray:
    """With the exact spanning tree."""
    return with_hdbscan(points, min_cluster_size, min_samples, exact=True)


def with_fast_hdbscan(points: np.ndarray, min_cluster_size: int, min_samples: int) -> np.ndarray:
    """All defaults but the parameters."""
    from fast_hdbscan import HDBSCAN

    model = HDBSCAN(min_cluster_size=min_cluster_size, min_samples=min_samples, cluster_selection_method="leaf")
    return model.fit(points).labels_


def with_fast_plscan(points: np.ndarray, min_cluster_size: int, min_samples: int) -> np.ndarray:
    """The cut at the minimum cluster size."""
    from fast_plscan import PLSCAN

    return PLSCAN(min_samples=min_samples).fit(points).min_cluster_size_cut(min_cluster_size).label


def with_scikit_learn(points: np.ndarray, min_cluster_size: int, min_samples: int) -> np.ndarray:
    """All cores; min_samples counts the row itself."""
    from sklearn.cluster import HDBSCAN

    model = HDBSCAN(
        min_cluster_size=min_cluster_size,
        min_samples=min_samples + 1,
        cluster_selection_method="leaf",
        n_jobs=-1,
        copy=True,
    )
    return model.fit(points).labels_


def settings(n: int) -> dict[str, int]:
    """Return what a build of n songs clusters its map with."""
    from songscape.config import MapClusteringParams

    chosen = MapClusteringParams().at_size(n)
    return {"min_cluster_size": chosen.min_cluster_size, "min_samples": chosen.min_samples or 1}


def _step(contenders: dict[str, Any]) -> Step:
    return Step(
        name="hdbscan",
        contenders=contenders,
        inputs=lambda bench, n: {"points": bench.inputs.map(n)},
        settings=settings,
        warm_rows=5_000,
        warm_settings={},
    )


STEP = _step(
    {
        "songscape": with_songscape,
        "hdbscan": with_hdbscan,
        "fast_hdbscan": with_fast_hdbscan,
        "fast-plscan": with_fast_plscan,
        "scikit-learn": with_scikit_learn,
    }
)
REFERENCE = _step({EXACT: with_exact_hdbscan})


def run(bench: Bench) -> dict[str, Any]:
    """Measure, then compare labels with hdbscan's, and with its exact ones at the largest size that it managed."""
    found = REFERENCE.curves(bench, STEP.measure(bench))
    agreement = {}
    for reference in ("hdbscan", EXACT):
        sizes = [n for n in bench.plan.sizes if n <= bench.plan.headline and at(found, reference, n)]
        if sizes:
            agreement[reference] = _agreement(bench, found, reference, max(sizes))
    return result(bench, found, PACKAGES, parameters=settings(bench.plan.headline), agreement=agreement)


def _agreement(bench: Bench, found: list[Measurement], reference: str, n: int) -> dict[str, Any]:
    names = [reference] + [name for name in STEP.contenders if name != reference and at(found, name, n)]
    files = {f"labels{i}": bench.output(STEP.name, name, n) for i, name in enumerate(names)}
    facts = run_task(Task("bench_hdbscan:compare_labels", files)).facts
    return {"n": n, "contenders": {name: facts.get(f"labels{i}") for i, name in enumerate(names)}}


def compare_labels(**labels: np.ndarray) -> dict[str, dict[str, float]]:
    """Return the agreement with the first, noise as one more group, and what each found."""
    from sklearn.metrics import adjusted_rand_score

    first = next(iter(labels.values()))
    return {
        name: {
            "adjusted_rand_index": float(adjusted_rand_score(first, found)),
            "n_clusters": int(found.max()) + 1,
            "noise_fraction": float(np.mean(found < 0)),
        }
        for name, found in labels.items()
    }
