"""Lists over all parts beside those of an ordinary atlas of the same tracks: what is the same, what a request costs.

    python benchmarks/bench_parts.py FOLDER [--tracks 80000] [--files 4] [--sample 20000] [--requests 20]

Writes synthetic tracks into FOLDER, unless they are there, and builds both there: the parts, and an ordinary atlas of
all tracks, which is the judge. Told are, for lists of 50 tracks like one and like five: how many of the judge's the
shortlist keeps, cut to several sizes, beside as many tracks by chance; how many are in the list; how much of the
judge's scores the list reaches, from 0 for tracks by chance to 1 for its own; and seconds of the processor.
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import songscape
from songscape.atlas.playlists.library import library_of
from songscape.parts.asking import PlaylistLook, wanted_by
from songscape.parts.names import find_names
from songscape.parts.record import Parts, open_parts
from songscape.parts.shortlist import find_nearest
from songscape.parts.table import ROW
from songscape.playlist.score import score_songs

LENGTH = 50
SIZES = (500, 2000, 5000, 20_000)


def write_files(folder: Path, n_tracks: int, n_files: int) -> list[Path]:
    """Write one synthetic catalog cut into files, unless it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"tracks-{number}.parquet" for number in range(n_files)]
    if not all(path.exists() for path in paths):
        tracks, size = songscape.synthesize_tracks(n_tracks, random_state=5), -(-n_tracks // n_files)
        for number, path in enumerate(paths):
            tracks.slice(number * size, size).write_parquet(path)
    return paths


def build(folder: Path, paths: Sequence[Path], sample: int) -> tuple[Parts, songscape.Atlas]:
    """Build parts and judge, unless they are there."""
    if not (folder / "atlas.parts").is_dir():
        songscape.build_partitioned(paths, folder / "atlas", engine="parts", sample_size=sample)
    if not (folder / "whole").is_dir():
        songscape.build_atlas(songscape.read_catalog(paths)).save(folder / "whole")
    return open_parts(folder / "atlas"), songscape.load_atlas(folder / "whole")


class Judge:
    """An ordinary atlas of all tracks, whose rows are those over all parts."""

    def __init__(self, whole: songscape.Atlas) -> None:
        self.whole, self.library = whole, library_of(whole)
        self.rng = np.random.default_rng(7)
        tracks = whole.catalog.tracks
        has_genre = (tracks["genres"].list.len().fill_null(0) > 0).to_numpy()
        self.known = np.flatnonzero(has_genre & tracks["is_representative"].to_numpy())

    def songs(self, rows: Sequence[int]) -> set[int]:
        """Return the songs of rows."""
        return set(self.library.song_of[list(rows)].tolist())

    def reached(self, seeds: np.ndarray, best: set[int], found: set[int]) -> float:
        """Return how much of the scores of the best a list reaches, 0 as by chance."""
        total = score_songs(self.library.content, self.library.song_of[seeds]).total
        chance = float(total[self.rng.integers(0, len(total), 1000)].mean())
        return (float(total[list(found)].mean()) - chance) / (float(total[list(best)].mean()) - chance)


def compare(parts: Parts, judge: Judge, n_seeds: int, n_requests: int) -> dict[str, object]:
    """Return what lists like some seeds have in common with the judge's."""
    kept: dict[int, list[float]] = {size: [] for size in SIZES}
    chance: dict[int, list[float]] = {size: [] for size in SIZES}
    shared, reached, seconds = [], [], []
    for _ in range(n_requests):
        seeds = judge.rng.choice(judge.known, n_seeds, replace=False)
        like = [f"row:{row}" for row in seeds]
        request = songscape.PlaylistRequest(like=like, length=LENGTH, variety=0.0, per_artist=LENGTH, artist_gap=0)
        best = judge.songs([one.row for one in songscape.build_playlist(judge.whole, request).tracks])
        start = time.process_time()
        found = judge.songs([one.row for one in parts.playlist(request).tracks])
        seconds.append(time.process_time() - start)
        shared.append(len(found & best) / LENGTH)
        reached.append(judge.reached(seeds, best, found))
        named = find_names(parts.table, wanted_by(request))
        look = PlaylistLook(parts._library(named), request)
        for size in SIZES:
            rows = find_nearest(parts.table, look, size).tracks[ROW].to_list()
            kept[size].append(len(judge.songs(rows) & best) / LENGTH)
            strangers = judge.rng.choice(len(parts), size, replace=False)
            chance[size].append(len(judge.songs(strangers) & best) / LENGTH)
    mean = {size: [round(statistics.mean(of[size]), 3) for of in (kept, chance)] for size in SIZES}
    return {
        "kept_and_by_chance": mean,
        "worst_kept": {size: min(kept[size]) for size in SIZES},
        "shared": [round(statistics.mean(shared), 3), min(shared)],
        "score_reached": [round(statistics.mean(reached), 3), round(min(reached), 3)],
        "processor_seconds": round(statistics.median(seconds), 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    for name, default in (("tracks", 80_000), ("files", 4), ("sample", 20_000), ("requests", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    told = parser.parse_args()
    paths = write_files(told.folder / "files", told.tracks, told.files)
    parts, whole = build(told.folder, paths, told.sample)
    judge = Judge(whole)
    found = {f"like {n}": compare(parts, judge, n, told.requests) for n in (1, 5)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"tracks": len(parts), **found, "peak_bytes_with_judge": peak}, indent=2))


if __name__ == "__main__":
    main()
