"""Measure songscape beside what people use today, and write the results.

    python benchmarks/run.py [--only umap,hdbscan] [--quick] [--data FOLDER] [--out FOLDER]

Results are `results.json`, and drawn from it alone `results.md`, `scaling.svg` and `scaling.png`. A run of some steps
replaces those and keeps the others, each with its own machine's line. ``--render`` only draws anew.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bench_build
import bench_hdbscan
import bench_neighbors
import bench_scores
import bench_silhouette
import bench_umap
from bench import Bench
from inputs import REAL_CATALOG, Inputs
from measure import HERE, machine
from plan import FULL, QUICK

STEPS: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "neighbors": bench_neighbors.run,
    "umap": bench_umap.run,
    "hdbscan": bench_hdbscan.run,
    "silhouette": bench_silhouette.run,
    "build": bench_build.run,
    "scores": bench_scores.run,
}
QUICK_FOLDER = HERE.parent / ".cache" / "benchmarks-quick"


def main(words: list[str] | None = None) -> int:
    """Run the steps that are asked for, writing after each; return the exit code."""
    asked = _asked(words)
    asked.out.mkdir(parents=True, exist_ok=True)
    if not asked.render:
        _measure(asked)
    from render import write_report  # late: matplotlib would make this process large while it measures

    write_report(asked.out)
    _say(f"written: {asked.out / 'results.md'}")
    return 0


def _measure(asked: argparse.Namespace) -> None:
    plan = QUICK if asked.quick else FULL
    path = asked.out / "results.json"
    with tempfile.TemporaryDirectory(prefix="songscape-bench-") as folder:
        bench = Bench(plan, Inputs(Path(folder), max(plan.sizes), asked.data), _say)
        for name in asked.only:
            _say(f"== {name}")
            start, at_start = time.perf_counter(), machine()
            found = STEPS[name](bench)
            found |= {"machine": at_start, "took_seconds": round(time.perf_counter() - start)}
            _merge(path, name, found)
            _say(f"== {name}: {found['took_seconds']} s")


def _merge(path: Path, name: str, found: dict[str, Any]) -> None:
    """Put a step into the results; written aside, then renamed."""
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"schema_version": 1, "steps": {}}
    results["steps"][name] = found
    aside = path.with_suffix(".part")
    aside.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    aside.replace(path)


def _asked(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="STEPS", help=f"some of {', '.join(STEPS)}, with commas between")
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that it works, judges nothing")
    parser.add_argument("--render", action="store_true", help="draw the tables and figures of results.json anew")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help=f"holds {REAL_CATALOG}; default: SONGSCAPE_DATA")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where results go; default: benchmarks/")
    asked = parser.parse_args(words)
    asked.only = asked.only.split(",") if asked.only else list(STEPS)
    unknown = [name for name in asked.only if name not in STEPS]
    if unknown:
        parser.error(f"--only: unknown step {', '.join(unknown)}. Steps: {', '.join(STEPS)}.")
    if asked.data is None and os.environ.get("SONGSCAPE_DATA"):
        asked.data = Path(os.environ["SONGSCAPE_DATA"])
    if asked.data is not None:
        asked.data = asked.data.resolve()
        if not (asked.data / REAL_CATALOG).is_file():
            parser.error(f"--data: there is no {REAL_CATALOG} in '{asked.data}'.")
    asked.out = asked.out or (QUICK_FOLDER if asked.quick else HERE)
    return asked


def _say(line: str) -> None:
    print(time.strftime("%H:%M:%S"), line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
