"""`songscape build` as users run it: the real catalog, a first run on a fresh machine, the import, a million tracks.

Each figure is that of a whole process, from the start of the interpreter to its end. A cache folder for compiled
kernels that did not exist before makes a first run; the next run with the same folder is the one with kernels cached.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import Bench, result
from measure import Measurement, Run, median, run_command

PACKAGES = ("polars", "scipy", "matplotlib", "umap-learn", "hdbscan", "fast-hdbscan", "fast-plscan", "scikit-learn")
LIMIT = 600.0
IMPORT_LIMIT = 240.0  # fast_hdbscan compiles at its first import
IMPORTS = {
    "import songscape": "import songscape",
    "all public names of songscape": "from songscape import *",
    "import umap": "import umap",
    "import hdbscan": "import hdbscan",
    "import fast_hdbscan": "import fast_hdbscan",
    "import fast_plscan": "import fast_plscan",
    "import sklearn.cluster": "import sklearn.cluster",
}


def run(bench: Bench) -> dict[str, Any]:
    """Measure all four."""
    plan = bench.plan
    with tempfile.TemporaryDirectory(dir=bench.inputs.folder) as name:
        folder = Path(name)
        imports = _imports(bench)
        small = _synthesized(bench, folder, plan.small_catalog, "synth (small)")
        fresh = _first_runs(bench, folder, plan.small_catalog)
        catalog, rows, kind = _catalog(bench, folder)
        cache = folder / "kernels"
        first = _one_build(bench, "build, first run", catalog, rows, kind, cache)
        cached = Measurement("build, kernels cached", rows, kind)
        for _ in range(plan.repeats):
            _add(bench, cached, _build(catalog, folder / "atlas", cache))
        large = _synthesized(bench, folder, plan.large_catalog, "synth")
        million = _one_build(
            bench, "build, large", folder / f"{plan.large_catalog}.csv", plan.large_catalog, "synthetic", cache
        )
    extra = first_run_extra(*fresh)
    return result(
        bench,
        [*imports, small, *fresh, first, cached, large, million],
        PACKAGES,
        rows=rows,
        data=kind,
        first_run_extra=extra,
        kernels={"small": fresh[0].facts.get("kernels"), "catalog": first.facts.get("kernels")},
    )


def first_run_extra(cold: Measurement, warm: Measurement) -> list[float]:
    """Return how much longer each first run took than the next one with the same cache."""
    return [round(a - b, 3) for a, b in zip(cold.seconds, warm.seconds, strict=False)]


def _imports(bench: Bench) -> list[Measurement]:
    """Measure imports in turn, each in a fresh process; its clock starts where the interpreter is ready."""
    measured = {name: Measurement(name, 0, "none") for name in IMPORTS}
    measured["a Python that imports nothing"] = empty = Measurement("a Python that imports nothing", 0, "none")
    statements = [*IMPORTS.items(), (empty.contender, "pass")]
    for _ in range(bench.plan.import_repeats):
        for name, statement in statements:
            if measured[name].status == "ok":
                measured[name].add(run_command([sys.executable, "-c", statement], limit=IMPORT_LIMIT))
    for each in measured.values():
        bench.say(f"{each.contender}: {median(each.seconds):.3f} s {each.message}")
    return list(measured.values())


def _catalog(bench: Bench, folder: Path) -> tuple[Path, int, str]:
    """Return the catalog to build from, its rows, and whether it is real."""
    real = bench.inputs.catalog
    if real is not None and bench.plan.name == "full":
        with real.open("rb") as lines:
            return real, sum(1 for _ in lines) - 1, "real"
    _synthesized(bench, folder, bench.plan.catalog, "synth")
    return folder / f"{bench.plan.catalog}.csv", bench.plan.catalog, "synthetic"


def _first_runs(bench: Bench, folder: Path, rows: int) -> tuple[Measurement, Measurement]:
    """Measure pairs of a first run and the next one; on a small catalog, where seconds of compilation show."""
    cold = Measurement("build of a small catalog, first run", rows, "synthetic")
    warm = Measurement("build of a small catalog, kernels cached", rows, "synthetic")
    for turn in range(bench.plan.repeats):
        cache = folder / f"fresh-{turn}"
        for measured in (cold, warm):
            _add(bench, measured, _build(folder / f"{rows}.csv", folder / "atlas", cache))
        cold.facts["kernels"] = _kernels(cache)
    return cold, warm


def _one_build(bench: Bench, name: str, catalog: Path, rows: int, kind: str, cache: Path) -> Measurement:
    measured = Measurement(name, rows, kind)
    _add(bench, measured, _build(catalog, cache.parent / "atlas", cache))
    measured.facts["kernels"] = _kernels(cache)
    return measured


def _synthesized(bench: Bench, folder: Path, rows: int, name: str) -> Measurement:
    measured = Measurement(name, rows, "synthetic")
    _add(bench, measured, run_command([_songscape(), "synth", str(rows), "-o", folder / f"{rows}.csv"], limit=LIMIT))
    return measured


def _build(catalog: Path, atlas: Path, cache: Path) -> Run:
    """Build an atlas with a cache folder of its own for kernels and fonts; its timings come as facts."""
    env = {"NUMBA_CACHE_DIR": str(cache / "numba"), "MPLCONFIGDIR": str(cache / "matplotlib")}
    (cache / "matplotlib").mkdir(parents=True, exist_ok=True)
    ended = run_command([_songscape(), "build", catalog, "-o", atlas], limit=LIMIT, env=env)
    if ended.status == "ok":
        report = json.loads((atlas / "run.json").read_text(encoding="utf-8"))
        ended.facts.update({name: report[name] for name in ("timings", "counts", "peak_memory_bytes")})
    return ended


def _kernels(cache: Path) -> int:
    return sum(1 for _ in (cache / "numba").rglob("*.nbc"))


def _songscape() -> str:
    return str(Path(sys.executable).parent / "songscape")


def _add(bench: Bench, measured: Measurement, ended: Run) -> None:
    measured.limit = LIMIT
    measured.add(ended)
    if ended.status == "ok":
        bench.say(
            f"{measured.contender}, {measured.n:,} rows: {ended.seconds:.2f} s, {ended.peak_bytes / 1e9:.2f} GB"
        )
    else:
        bench.say(f"{measured.contender}: {ended.status} {ended.message}")
