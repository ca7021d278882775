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
        catalog, rows, kind = find_catalog(bench, folder)
        first, cached = Measurement("build, first run", rows, kind), Measurement("build, kernels cached", rows, kind)
        extra = []
        for turn in range(plan.repeats["build"]):
            cache = folder / f"fresh-{turn}"
            pair = [
                add_run(bench, measured, build_atlas(catalog, folder / "atlas", cache))
                for measured in (first, cached)
            ]
            if all(ended.status == "ok" for ended in pair):
                extra.append(round(pair[0].seconds - pair[1].seconds, 3))
        others = []
        for what, n in (("small", plan.small_catalog), ("large", plan.large_catalog)):
            written, synth = _synthesized(bench, folder, n)
            built = Measurement(f"build, {what}", n, "synthetic")
            add_run(bench, built, build_atlas(written, folder / "atlas", cache))
            others += [synth, built]
    found = [*imports, first, cached, *others]
    return result(bench, found, PACKAGES, rows=rows, data=kind, first_run_extra=extra)


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


def find_catalog(bench: Bench, folder: Path) -> tuple[Path, int, str]:
    """Return the catalog to build from, its rows, and whether it is real."""
    real = bench.inputs.catalog
    if real is not None and bench.plan.name == "full":
        with real.open("rb") as lines:
            return real, sum(1 for _ in lines) - 1, "real"
    written, _ = _synthesized(bench, folder, bench.plan.catalog)
    return written, bench.plan.catalog, "synthetic"


def _synthesized(bench: Bench, folder: Path, rows: int) -> tuple[Path, Measurement]:
    written, measured = folder / f"{rows}.csv", Measurement("synth", rows, "synthetic")
    add_run(bench, measured, run_command([songscape_command(), "synth", str(rows), "-o", str(written)], limit=LIMIT))
    return written, measured


def build_atlas(catalog: Path, atlas: Path, cache: Path, limit: float = LIMIT) -> Run:
    """Build an atlas with a cache folder of its own for kernels and fonts; its timings come as facts."""
    env = {"NUMBA_CACHE_DIR": str(cache / "numba"), "MPLCONFIGDIR": str(cache / "matplotlib")}
    (cache / "matplotlib").mkdir(parents=True, exist_ok=True)
    ended = run_command([songscape_command(), "build", str(catalog), "-o", str(atlas)], limit=limit, env=env)
    if ended.status == "ok":
        report = json.loads((atlas / "run.json").read_text(encoding="utf-8"))
        ended.facts.update({name: report[name] for name in ("timings", "counts", "peak_memory_bytes")})
    return ended


def songscape_command() -> str:
    """Return the path of the command in this environment."""
    return str(Path(sys.executable).parent / "songscape")


def add_run(bench: Bench, measured: Measurement, ended: Run) -> Run:
    """Take in a run of a command and say how it ended."""
    measured.limit = measured.limit or LIMIT
    measured.add(ended)
    if ended.status == "ok":
        bench.say(
            f"{measured.contender}, {measured.n:,} rows: {ended.seconds:.2f} s, {ended.peak_bytes / 1e9:.2f} GB"
        )
    else:
        bench.say(f"{measured.contender}: {ended.status} {ended.message}")
    return ended
