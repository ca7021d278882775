"""An atlas of partitions on two local workers, one of them killed on purpose: what each partition costs.

    python benchmarks/bench_distributed.py FOLDER [--tracks 2000000] [--partitions 20] [--sample 100000] [--workers 2]

Writes synthetic partitions into FOLDER, unless they are there, and builds the atlas there, too. Once a fifth of the
partitions is placed, one worker is killed (SIGKILL). Prints seconds and peak memory for each step of a partition.
With --quality also how well tracks are placed: the share of their 15 nearest songs that are among the 15 nearest on
the map, beside a full fit of all tracks on this machine, and beside shuffled places. Choose fewer tracks for that.
"""

import argparse
import json
import os
import resource
import signal
import statistics
import time
from pathlib import Path

import numpy as np
import polars as pl
from distributed import Client, LocalCluster

import songscape
from songscape.distributed.building import PartitionedBuild, build_partitioned
from songscape.features import apply_features
from songscape.neighbors import query_neighbors

KILL_AT = 0.2
"""Share of the partitions placed when a worker is killed."""

K = 15
JUDGED = 2000


def write_partitions(folder: Path, n_tracks: int, n_partitions: int) -> list[Path]:
    """Write synthetic tracks, each partition from a seed of its own, where they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"tracks-{number:03d}.parquet" for number in range(n_partitions)]
    for number, path in enumerate(paths):
        if not path.exists():
            songscape.synthesize_tracks(n_tracks // n_partitions, random_state=number).write_parquet(path)
    return paths


class Killer:
    """Kills one worker, once enough partitions are placed."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.killed: list[int] = []

    def __call__(self, stage: str, fraction: float) -> None:
        if stage in ("survey", "place"):
            print(f"{time.strftime('%H:%M:%S')} {stage} {fraction:.2f}", flush=True)
        if stage == "place" and fraction >= KILL_AT and not self.killed:
            victim = min(self.client.run(os.getpid).values())
            os.kill(victim, signal.SIGKILL)
            self.killed.append(victim)


def preservation(X: np.ndarray, places: np.ndarray, rows: np.ndarray) -> float:
    """Return the share of the nearest songs of some that are among the nearest on the map."""
    near, on_map = (query_neighbors(points, points[rows], K + 1).indices for points in (X, places))
    kept = [len((set(one) & set(other)) - {row}) / K for row, one, other in zip(rows, near, on_map, strict=True)]
    return float(np.mean(kept))


def quality(files: list[Path], atlas: Path) -> dict[str, float]:
    """Compare places of songs that the model was not fitted on with those of a full fit of all songs.

    Songs are those of the full fit; neighbors are those in the features of the model.
    """
    model = songscape.load_atlas(atlas)
    fitted = songscape.build_atlas(songscape.read_catalog(files))
    songs = fitted.songs
    X = apply_features(fitted.catalog.tracks, model.features).X[songs]
    table = songscape.scan_parts(atlas).select("x", "y", "is_fitted").collect()[songs]
    placed = table.select("x", "y").to_numpy()
    new = np.flatnonzero(~table["is_fitted"].to_numpy())
    rows = np.random.default_rng(0).permutation(new)[:JUDGED]
    shuffled = np.random.default_rng(0).permutation(placed)
    found = {"placed": preservation(X, placed, rows), "full_fit": preservation(X, fitted.embedding[songs], rows)}
    return found | {"ratio": found["placed"] / found["full_fit"], "shuffled": preservation(X, shuffled, rows)}


def figures(built: PartitionedBuild, seconds: float) -> dict[str, object]:
    """Return what a build cost."""
    steps = {}
    for name, parts in (("survey", built.surveyed), ("place", built.placed)):
        taken = [part.seconds for part in parts]
        steps[name] = {
            "median_seconds": statistics.median(taken),
            "most_seconds": max(taken),
            "median_processor_seconds": statistics.median(part.processor_seconds for part in parts),
            "peak_bytes": max(part.peak_bytes or 0 for part in parts),
        }
    own = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "tracks": built.totals.tracks,
        "partitions": len(built.placed),
        "seconds": seconds,
        "timings": built.timings,
        "steps": steps,
        "client_processor_seconds": own.ru_utime + own.ru_stime,
        "client_peak_bytes": own.ru_maxrss * 1024,
        "part_bytes": sum(part.bytes for part in built.placed),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tracks", type=int, default=2_000_000)
    parser.add_argument("--partitions", type=int, default=20)
    parser.add_argument("--sample", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--quality", action="store_true", help="beside a full fit of all tracks")
    asked = parser.parse_args()
    paths = write_partitions(asked.folder / "tracks", asked.tracks, asked.partitions)
    target = asked.folder / "atlas"
    alone = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with (
        LocalCluster(
            n_workers=asked.workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", env=alone
        ) as cluster,
        Client(cluster) as client,
    ):
        killer, start = Killer(client), time.perf_counter()
        pattern = str(asked.folder / "tracks" / "*.parquet")
        built = build_partitioned(
            pattern, target, scheduler=cluster.scheduler_address, sample_size=asked.sample, progress=killer
        )
        found = figures(built, time.perf_counter() - start) | {"workers_killed": len(killer.killed)}
    found["rows_scanned"] = songscape.scan_parts(target).select(pl.len()).collect().item()
    print(json.dumps(found, indent=2), flush=True)
    if asked.quality:
        print(json.dumps({"neighbors": quality(paths, target)}, indent=2))


if __name__ == "__main__":
    main()
