"""`songscape evaluate`, how groups come back in ten subsamples, and a sweep of 20 settings, on the real catalog.

Each figure is that of a whole process, with kernels cached. The sweep is a dear one, with a map for each setting.
"""

import tempfile
from pathlib import Path
from typing import Any

from bench import Bench, result
from bench_build import add_run, build_atlas, find_catalog, songscape_command
from measure import Measurement, run_command

LIMIT = 1500.0
GRID = ("n_neighbors=10,15,20,30,50", "min_dist=0,0.1,0.2,0.5")


def run(bench: Bench) -> dict[str, Any]:
    """Measure all three on one atlas."""
    with tempfile.TemporaryDirectory(dir=bench.inputs.folder) as name:
        folder = Path(name)
        catalog, rows, kind = find_catalog(bench, folder)
        atlas, cache = folder / "atlas", folder / "cache"
        built = build_atlas(catalog, atlas, cache)
        if built.status != "ok":
            raise RuntimeError(f"the atlas to be evaluated was not built: {built.message}")
        grid = [word for part in GRID for word in ("--grid", part)]
        commands = {
            "evaluate": ["evaluate", str(atlas)],
            "evaluate, 10 subsamples": ["evaluate", str(atlas), "--stability", "10", "--no-save"],
            "sweep, 20 settings": ["sweep", str(catalog), *grid],
        }
        found = {name: Measurement(name, rows, kind, limit=LIMIT) for name in commands}
        env = {"NUMBA_CACHE_DIR": str(cache / "numba"), "MPLCONFIGDIR": str(cache / "matplotlib")}
        for _ in range(bench.plan.repeats["scores"]):
            for name, words in commands.items():
                add_run(bench, found[name], run_command([songscape_command(), *words], limit=LIMIT, env=env))
    return result(bench, list(found.values()), (), rows=rows, data=kind)
