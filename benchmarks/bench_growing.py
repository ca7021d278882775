"""What `songscape add` costs, and how well it places what it adds: beside a fit of all tracks, on the same data.

    python benchmarks/bench_growing.py CATALOG [--added 10000] [--tracks 237000] [--no-quality]

Tracks are drawn from the catalog. `add` is run as the command that people run, in a process of its own: seconds on
the clock and of the processors. Then placed songs are compared with songs that the map was fitted on: the share of
their 15 nearest songs that are among the 15 nearest on the map; and the groups of songs that are taken out and put
back with those that they had. Ends with an error if a target is missed.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

import songscape
from songscape.catalog import Catalog
from songscape.grouping import predict_groups
from songscape.neighbors import query_neighbors
from songscape.types import GroupScale

MOST_SECONDS, PRESERVED, AGREEMENT = 5.0, 0.95, 0.9
"""Targets: seconds for 10 000 tracks into 200 000; of the preservation of a fit; of songs that find their group."""

K = 15
JUDGED = 2000
"""Neighbors looked at, and songs whose neighbors are."""


def command(*words: str) -> dict[str, float]:
    """Run a command of songscape and return what it took."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "from songscape.cli import main; main()", *words],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "processor_seconds": used, "load": os.getloadavg()[0]}


def preservation(X: np.ndarray, embedding: np.ndarray, rows: np.ndarray) -> float:
    """Return the share of the nearest songs of some that are among the nearest on the map."""
    near, on_map = (query_neighbors(points, points[rows], K + 1).indices for points in (X, embedding))
    kept = [len((set(one) & set(other)) - {row}) / K for row, one, other in zip(rows, near, on_map, strict=True)]
    return float(np.mean(kept))


def preserved(old: songscape.Atlas, new: Catalog, both: songscape.Atlas) -> dict[str, float]:
    """Return how many neighbors songs keep that are added, and the same songs fitted with the others."""
    grown = old.add(new)
    songs, first = grown.songs, len(old.songs)
    rows = np.random.default_rng(0).permutation(np.arange(first, len(songs)))[:JUDGED]
    fitted = np.unique(both.song_of[songs[rows]])
    placed = preservation(grown.X[songs], grown.embedding[songs], rows)
    beside = preservation(both.X[both.songs], both.embedding[both.songs], fitted)
    return {"placed": placed, "fitted": beside, "ratio": placed / beside}


def agreement(atlas: songscape.Atlas, n_out: int) -> dict[str, float]:
    """Return the share of songs that come back to their group when they are taken out and put back."""
    X, groups = atlas.X[atlas.songs], atlas.groups
    out = np.random.default_rng(0).permutation(len(X))[:n_out]
    stay = np.ones(len(X), bool)
    stay[out] = False

    def without(scale: GroupScale) -> GroupScale:
        return replace(scale, labels=scale.labels[stay], nearest=scale.nearest[stay], strength=scale.strength[stay])

    rest = replace(groups, scales=tuple(without(scale) for scale in groups.scales))
    found = predict_groups(rest, X[stay], X[out])
    pairs = zip(groups.scales, found.scales, strict=True)
    return {scale.name: float((scale.nearest[out] == back.nearest).mean()) for scale, back in pairs}


def measure(catalog: Path, n_tracks: int, n_added: int, quality: bool) -> dict[str, object]:
    """Build an atlas without some tracks, add them, and return all figures."""
    tracks = pl.read_csv(catalog, infer_schema=False).sample(fraction=1.0, shuffle=True, seed=0).head(n_tracks)
    n_added = min(n_added, tracks.height // 3)
    with tempfile.TemporaryDirectory() as folder:
        old, new, atlas = (f"{folder}/{name}" for name in ("old.csv", "new.csv", "atlas"))
        tracks.head(-n_added).write_csv(old)
        tracks.tail(n_added).write_csv(new)
        command("build", old, "-o", atlas)
        command("add", atlas, new, "-o", f"{folder}/warm")  # kernels are compiled
        figures: dict[str, object] = {"tracks": tracks.height - n_added, "added": n_added}
        figures |= command("add", atlas, new, "-o", f"{folder}/grown")
        if quality:
            start = songscape.load_atlas(atlas)
            both = songscape.build_atlas(songscape.read_catalog([old, new]))
            figures["neighbors"] = preserved(start, songscape.read_catalog(new), both)
            figures["groups"] = agreement(start, n_added)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--added", type=int, default=10_000)
    parser.add_argument("--tracks", type=int, default=1_000_000_000, help="how many in all")
    parser.add_argument("--no-quality", action="store_true", help="only time")
    asked = parser.parse_args()
    figures = measure(asked.catalog, asked.tracks, asked.added, not asked.no_quality)
    print(json.dumps(figures, indent=2))
    missed = []
    if figures["seconds"] > MOST_SECONDS * max(1.0, figures["tracks"] / 200_000):
        missed.append(f"{figures['seconds']:.1f} s (of the processors {figures['processor_seconds']:.1f} s)")
    if "neighbors" in figures and figures["neighbors"]["ratio"] < PRESERVED:
        missed.append(f"{figures['neighbors']['ratio']:.2f} of the preservation of a fit")
    missed += [f"{scale}: {share:.3f}" for scale, share in figures.get("groups", {}).items() if share < AGREEMENT]
    if missed:
        sys.exit(f"Targets missed: {'; '.join(missed)}")


if __name__ == "__main__":
    main()
