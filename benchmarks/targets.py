"""What songscape has promised, and whether the results keep it. Pure functions of `results.json`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from measure import median, spaced

GB = 1e9
SCORES = ("trustworthiness", "overlap", "spearman")
Results = dict[str, Any]


@dataclass(frozen=True)
class Reached:
    """What was measured for one target.

    Attributes
    ----------
    what : str
        The figures in words.
    ratio : str
        How many times faster, or how far inside the limit.
    passes, aims : bool
        Whether what it must reach, and what it aims at, is reached.
    """

    what: str
    ratio: str
    passes: bool
    aims: bool


class NotMeasuredError(LookupError):
    """The results lack what a target is judged by; the message says why."""


class OursFailedError(RuntimeError):
    """What songscape was to do failed or was stopped: the promise is not kept."""


@dataclass(frozen=True)
class Target:
    """One promise."""

    step: str
    name: str
    must: str
    aim: str
    judge: Callable[[Results], Reached]


def find(step: Results, contender: str, n: int | None = None) -> dict[str, Any]:
    """Return a contender's measurement, at the headline unless n is given."""
    n = step["headline"] if n is None else n
    for measured in step["measurements"]:
        if measured["contender"] == contender and measured["n"] == n:
            return dict(measured)
    raise NotMeasuredError(f"{contender} with {spaced(n)} rows was not measured")


def seconds(measured: dict[str, Any]) -> float:
    """Return the median of the runs."""
    if not measured["seconds"]:
        raise NotMeasuredError(f"{measured['contender']}: {measured['status']}, {measured['message']}")
    return median(measured["seconds"])


def ours(step: Results, contender: str, n: int | None = None) -> dict[str, Any]:
    """Return one of songscape's own measurements; it must have ended well."""
    measured = find(step, contender, n)
    if measured["status"] != "ok":
        raise OursFailedError(f"{contender}: {measured['status']}, {measured['message']}")
    return measured


def at_least(measured: dict[str, Any]) -> float:
    """Return the median of the runs, or the limit that a contender was stopped at: it takes no less."""
    return float(measured["limit"]) if measured["status"] == "timeout" else seconds(measured)


def peak_gb(measured: dict[str, Any]) -> float:
    """Return the most memory of any run."""
    return max(measured["peak_bytes"], default=float("nan")) / GB


def umap(results: Results) -> Reached:
    """Judge time against umap-learn, and that no score lies below its."""
    step = results["umap"]
    own, theirs = ours(step, "songscape"), find(step, "umap-learn")
    ratio = at_least(theirs) / seconds(own)
    told, kept = [], True
    for score in SCORES:
        if score not in own["facts"] or score not in theirs["facts"]:
            raise NotMeasuredError(f"no {score} of both maps")
        mine, other = own["facts"][score]["value"], theirs["facts"][score]["value"]
        kept &= mine >= other
        told.append(f"{score} {mine:.3f} against {other:.3f}")
    what = f"{seconds(own):.1f} s against {at_least(theirs):.0f} s; {', '.join(told)}"
    return Reached(what, f"{ratio:.1f}×", ratio >= 5.0 and kept, ratio >= 12.0 and kept)


def hdbscan(results: Results) -> Reached:
    """Judge time against hdbscan, and for the aim against fast-plscan."""
    step = results["hdbscan"]
    own, theirs, fastest = ours(step, "songscape"), find(step, "hdbscan"), find(step, "fast-plscan")
    ratio = at_least(theirs) / seconds(own)
    try:
        plscan = at_least(fastest)
        other = f"fast-plscan {plscan:.2f} s"
    except NotMeasuredError as reason:
        plscan, other = float("nan"), str(reason)
    what = f"{seconds(own):.2f} s against {at_least(theirs):.1f} s ({other})"
    return Reached(what, f"{ratio:.1f}×", ratio >= 6.0, ratio >= 6.0 and seconds(own) <= plscan)


def silhouette(results: Results) -> Reached:
    """Judge time against scikit-learn's on fewer rows, extrapolated; on the slower of both kinds of clusters."""
    step = results["silhouette"]
    easy, usual = ours(step, "songscape"), ours(step, "songscape, clusters of the map")
    theirs = seconds(find(step, "scikit-learn, extrapolated"))
    slower = max(seconds(easy), seconds(usual))
    largest = [space["largest"] for space in step["differences"].values()]
    if None in largest:
        raise NotMeasuredError("no comparison of values with scikit-learn")
    equal, ratio = max(largest) <= 1e-5, theirs / slower
    what = (
        f"{seconds(easy):.2f} s, on clusters of the map {seconds(usual):.2f} s, against {theirs:.0f} s"
        f" ({spaced(step['measured_rows'])} rows, extrapolated); largest difference {max(largest):.0e}"
    )
    return Reached(what, f"{ratio:.0f}×", ratio >= 100.0 and equal, ratio >= 250.0 and equal)


def build(results: Results) -> Reached:
    """Judge time and memory of `songscape build` on the catalog."""
    step = results["build"]
    measured = ours(step, "build, kernels cached", step["rows"])
    took, peak = seconds(measured), peak_gb(measured)
    what = f"{took:.1f} s, {peak:.2f} GB ({spaced(step['rows'])} {step['data']} rows)"
    return Reached(what, f"{60.0 / took:.1f}× inside", took <= 60.0 and peak <= 2.0, took <= 25.0 and peak <= 1.0)


def first_run(results: Results) -> Reached:
    """Judge the extra time of a first run with nothing cached, against the next one: the median of pairs."""
    step = results["build"]
    ours(step, "build, first run", step["rows"])
    ours(step, "build, kernels cached", step["rows"])
    if not step["first_run_extra"]:
        raise OursFailedError("no first run and the next one both ended well")
    extra = median(step["first_run_extra"])
    return Reached(f"{extra:.1f} s", f"{20.0 / extra:.1f}× inside", extra <= 20.0, extra <= 8.0)


def importing(results: Results) -> Reached:
    """Judge ``import songscape`` as a whole process, the start of Python included."""
    step = results["build"]
    took = seconds(ours(step, "import songscape", 0))
    everything = seconds(ours(step, "all public names of songscape", 0))
    nothing = seconds(find(step, "a Python that imports nothing", 0))
    what = f"{took:.3f} s, of which Python itself {nothing:.3f} s (with all public names in use {everything:.2f} s)"
    return Reached(what, f"{0.5 / took:.1f}× inside", took <= 0.5, took <= 0.2)


def million(results: Results) -> Reached:
    """Judge writing and building a catalog of a million synthetic tracks."""
    step = results["build"]
    n = max(m["n"] for m in step["measurements"])
    synth, built = ours(step, "synth", n), ours(step, "build, large", n)
    took, peak = seconds(synth) + seconds(built), max(peak_gb(synth), peak_gb(built))
    what = f"{took:.0f} s (synth {seconds(synth):.0f}, build {seconds(built):.0f}), {peak:.2f} GB, {spaced(n)} tracks"
    return Reached(what, f"{480.0 / took:.1f}× inside", took <= 480.0 and peak <= 6.0, took <= 180.0 and peak <= 3.0)


def stability(results: Results) -> Reached:
    """Judge how long ten subsamples take beyond the other scores."""
    step = results["scores"]
    plain = seconds(ours(step, "evaluate", step["rows"]))
    took = seconds(ours(step, "evaluate, 10 subsamples", step["rows"])) - plain
    what = f"{took:.0f} s beyond the {plain:.0f} s of all other scores ({spaced(step['rows'])} {step['data']} rows)"
    return Reached(what, f"{180.0 / took:.1f}× inside", took <= 180.0, took <= 150.0)


def sweep(results: Results) -> Reached:
    """Judge a sweep of 20 settings, reading included."""
    step = results["scores"]
    took = seconds(ours(step, "sweep, 20 settings", step["rows"]))
    return Reached(f"{took:.0f} s", f"{600.0 / took:.1f}× inside", took <= 600.0, took <= 300.0)


TARGETS = (
    Target(
        "umap",
        "UMAP in all, compile excluded, against umap-learn (unseeded, all threads)",
        "≥ 5× faster, and none of trustworthiness, kNN overlap, global rank correlation below its",
        "12×",
        umap,
    ),
    Target(
        "hdbscan",
        "HDBSCAN on the map, against hdbscan",
        "≥ 6× faster",
        "as fast as fast-plscan or faster",
        hdbscan,
    ),
    Target(
        "silhouette",
        "exact silhouette, 80 clusters, against scikit-learn (extrapolated)",
        "≥ 100× faster",
        "250×",
        silhouette,
    ),
    Target(
        "build",
        "`songscape build` on the 237 000-row CSV, wall clock, kernels cached",
        "≤ 60 s, ≤ 2 GB",
        "25 s, 1 GB",
        build,
    ),
    Target("build", "extra time of the very first run on a fresh machine (compile)", "≤ 20 s", "8 s", first_run),
    Target("build", "`import songscape`", "≤ 0.5 s", "0.2 s", importing),
    Target("build", "1 000 000 synthetic tracks", "finishes, ≤ 8 min, ≤ 6 GB", "3 min, 3 GB", million),
    Target("scores", "stability: 10 subsamples, nulls and another seed", "≤ 3 min", "150 s", stability),
    Target("scores", "`songscape sweep` of 20 settings, each with a map of its own", "≤ 10 min", "5 min", sweep),
)


def judged(results: Results) -> list[tuple[Target, Reached | str]]:
    """Return each target with what was reached, or why there is nothing to judge; a failure of ours is judged."""
    rows: list[tuple[Target, Reached | str]] = []
    for target in TARGETS:
        if target.step not in results:
            rows.append((target, "not measured"))
            continue
        try:
            rows.append((target, target.judge(results)))
        except OursFailedError as reason:
            rows.append((target, Reached(str(reason), "–", False, False)))
        except NotMeasuredError as reason:
            rows.append((target, str(reason)))
    return rows
