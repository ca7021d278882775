"""Exact silhouettes in feature space with 80 clusters: songscape against scikit-learn.

Two kinds of clusters, both k-means: of the features (the easy case: clusters are compact where distances are
measured) and of the map (the usual one: they are not). scikit-learn measures all pairs, whatever the clusters; beyond
a few ten thousand rows nobody waits for it, so its time at the headline is that of fewer rows × (n / rows)², and its
row says so.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from bench import Bench, Step, result
from inputs import N_CLUSTERS
from measure import Measurement, Task, median, run_task, spaced, take_turns

PACKAGES = ("scikit-learn",)
SKLEARN = "scikit-learn"
OURS_ON_MAP = "songscape, clusters of the map"


def with_songscape(X: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Exact."""
    from songscape import silhouette_samples

    return silhouette_samples(X, labels)


def with_scikit_learn(X: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Exact, all cores."""
    from sklearn.metrics import silhouette_samples

    return silhouette_samples(X, labels, n_jobs=-1)


def _step(space: str, contenders: dict[str, Any]) -> Step:
    return Step(
        name="silhouette",
        contenders=contenders,
        inputs=lambda bench, n: {"X": bench.inputs.features(n), "labels": bench.inputs.labels(n, space)},
        settings=lambda n: {},
        warm_rows=3_000,
        warm_settings={},
    )


STEP = _step("features", {"songscape": with_songscape, SKLEARN: with_scikit_learn})
ON_MAP = _step("map", {OURS_ON_MAP: with_songscape, SKLEARN: with_scikit_learn})


def run(bench: Bench) -> dict[str, Any]:
    """Measure the headline (scikit-learn on fewer rows, in turn with ours), the largest difference, the curves."""
    n, few = bench.plan.headline, bench.plan.silhouette_rows
    by_features, on_map = bench.blank("songscape", n), bench.blank(OURS_ON_MAP, n)
    theirs = bench.blank(SKLEARN, few)
    turns = {
        "songscape": (by_features, STEP.task(bench, "songscape", n)),
        OURS_ON_MAP: (on_map, ON_MAP.task(bench, OURS_ON_MAP, n)),
        SKLEARN: (theirs, replace(STEP.task(bench, SKLEARN, few), limit=bench.plan.headline_limit)),
    }
    take_turns(turns, bench.plan.repeats[STEP.name], bench.plan.patience, bench.say)
    differences = {space: _difference(bench, step, few) for space, step in (("features", STEP), ("map", ON_MAP))}
    found = STEP.curves(bench, [by_features, theirs, on_map])
    if theirs.status == "ok":
        found.append(extrapolated(theirs, n))
    more = {"n_clusters": N_CLUSTERS, "measured_rows": few, "differences": differences}
    return result(bench, found, PACKAGES, **more)


def extrapolated(few: Measurement, n: int) -> Measurement:
    """Return scikit-learn's time on n rows, whose pairs are (n / rows)² as many."""
    factor = (n / few.n) ** 2
    return Measurement(
        f"{SKLEARN}, extrapolated",
        n,
        few.data,
        "extrapolated",
        f"{spaced(few.n)} rows measured, × {factor:.0f}",
        seconds=[median(few.seconds) * factor],
        peak_bytes=[],
    )


def _difference(bench: Bench, step: Step, n: int) -> dict[str, Any]:
    """Return the largest difference of a row's silhouette between songscape and scikit-learn."""
    files = {}
    for name in step.contenders:
        task = replace(step.task(bench, name, n), warm_rows=0, limit=bench.plan.headline_limit)
        task = replace(task, output=bench.output("difference", task.function.replace(":", "-"), n))
        if run_task(task).status == "ok" and task.output is not None:
            files["theirs" if name == SKLEARN else "ours"] = task.output
    if len(files) < 2:
        return {"n": n, "largest": None}
    return {"n": n} | run_task(Task("bench_silhouette:largest_difference", files)).facts


def largest_difference(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Compare two columns of silhouettes."""
    return {"largest": float(np.abs(ours - theirs).max()), "mean": float(ours.mean())}
