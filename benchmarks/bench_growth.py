"""How the time of each step of a build grows with the catalog, and whether the memory stated in advance was true.

    python benchmarks/bench_growth.py [--sizes 100000,300000,1000000,2000000] [--out FOLDER]

Synthetic catalogs, each built by the command in a process of its own, kernels compiled before. Writes
``growth.json`` and ``growth.md``. The exponent of a step is the slope of log time over log size between the smallest
and the largest catalog; a step that never takes longer than a second is not judged.
"""

import argparse
import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench_build import build_atlas, songscape_command
from measure import HERE, machine, run_command

SIZES = (100_000, 300_000, 1_000_000, 2_000_000)
MOST_EXPONENT = 1.2
LIMIT = 1800.0


def main(words: list[str] | None = None) -> int:
    """Measure and write; return 1 where a step grows faster than allowed, or a build failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")], default=list(SIZES))
    parser.add_argument("--out", type=Path, default=HERE, metavar="FOLDER")
    asked = parser.parse_args(words)
    at_start = machine()
    with tempfile.TemporaryDirectory(prefix="songscape-growth-") as name:
        folder = Path(name)
        _built(folder, 5_000)  # compiles the kernels
        builds = [_built(folder, n) for n in asked.sizes]
    found = {"machine": at_start, "builds": builds, "exponents": exponents(builds)}
    (asked.out / "growth.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (asked.out / "growth.md").write_text(render(found), encoding="utf-8")
    failed = any(build["status"] != "ok" for build in builds)
    return int(failed or any(slope > MOST_EXPONENT for slope in found["exponents"].values()))


def _built(folder: Path, n_tracks: int) -> dict[str, Any]:
    """Build an atlas of a synthetic catalog; return how long each step took and the memory."""
    catalog, atlas = folder / f"{n_tracks}.csv", folder / "atlas"
    run_command([songscape_command(), "synth", str(n_tracks), "-o", str(catalog)], limit=LIMIT)
    ended = build_atlas(catalog, atlas, folder / "cache", limit=LIMIT)
    catalog.unlink()
    if ended.status != "ok":
        return {"tracks": n_tracks, "status": ended.status, "message": ended.message}
    return {
        "tracks": n_tracks,
        "status": "ok",
        "seconds": round(ended.seconds, 1),
        "peak_gb": round(ended.peak_bytes / 1e9, 2),
        "timings": {step: round(seconds, 2) for step, seconds in ended.facts["timings"].items() if step != "total"},
    }


def exponents(builds: list[dict[str, Any]]) -> dict[str, float]:
    """Return by step, and for all of them, the exponent from the smallest to the largest catalog that was built."""
    done = sorted((build for build in builds if build["status"] == "ok"), key=lambda build: build["tracks"])
    if len(done) < 2:
        return {}
    few, many = done[0], done[-1]
    times = {
        step: (few["timings"][step], many["timings"][step]) for step in few["timings"] if step in many["timings"]
    }
    times["all"] = (few["seconds"], many["seconds"])
    scale = math.log(many["tracks"] / few["tracks"])
    return {
        step: round(math.log(late / early) / scale, 2)
        for step, (early, late) in times.items()
        if early and late > 1.0
    }


def render(found: dict[str, Any]) -> str:
    """Return the figures as a table."""
    builds, slopes = found["builds"], found["exponents"]
    done = [build for build in builds if build["status"] == "ok"]
    of = found["machine"]
    lines = [
        f"{of['processor']}, {of['cores']} cores, load {of['load_average'][0]}; seconds, kernels compiled before."
        f" Allowed exponent of each step: {MOST_EXPONENT}.",
        "",
        "| step | " + " | ".join(f"{build['tracks']:,}" for build in done) + " | exponent |",
        "| --- |" + " --- |" * (len(done) + 1),
    ]
    for step in done[0]["timings"] if done else []:
        times = " | ".join(f"{build['timings'].get(step, math.nan):.1f}" for build in done)
        lines.append(f"| {step} | {times} | {slopes.get(step, 'below a second')} |")
    lines.append(
        "| all | " + " | ".join(f"{build['seconds']:.1f}" for build in done) + f" | {slopes.get('all', '–')} |"
    )
    lines.append("| peak memory, GB | " + " | ".join(f"{build['peak_gb']:.2f}" for build in done) + " | |")
    lines += [
        f"\n{build['tracks']:,} tracks: {build['status']}, {build['message']}"
        for build in builds
        if build not in done
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
