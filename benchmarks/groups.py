"""Groups at three scales on real tracks, beside rivals, variations and nulls (docs/decisions/0007-groups.md).

    SONGSCAPE_DATA=folder python benchmarks/groups.py [n_tracks] [--all]

For each way and scale: K; adjusted mutual information with the 40 most frequent genres, with the next 100 (songs that
have none of the 40: labels that nothing was chosen by), and with the decade; agreement of 80 % subsamples, each
refitted from features to groups, on the songs that two share (AMI, ARI; mean of three pairs); share of the largest
group; silhouette on 5 000 songs.
Ends with an error if songscape's groups miss a floor. --all adds Gaussian mixtures and variations of each step.
"""

import os
import sys
import time
from collections import Counter
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from group_rivals import RIVALS, VARIATIONS, Labels, ours
from songscape.atlas.grouping import dense_map
from songscape.catalog import read_catalog
from songscape.embedding import embed
from songscape.evaluation import silhouette_score
from songscape.features import scale_features
from songscape.neighbors import build_neighbors

FLOORS = {  # scale: AMI genre, subsample AMI, subsample ARI, largest group
    "coarse": (0.17, 0.68, 0.50, 0.20),
    "middle": (0.17, 0.65, 0.36, 0.05),
    "fine": (0.155, 0.64, 0.28, 0.03),
}
SHARE, SILHOUETTES = 0.8, 5_000


class Fit:
    """Songs as features, and lazily all that ways to groups start from."""

    def __init__(self, X: np.ndarray, number: int) -> None:
        self.X, self.number = X, number

    @cached_property
    def neighbors(self):
        return build_neighbors(self.X, 29)

    @cached_property
    def map(self):
        return embed(self.X, self.neighbors)

    @cached_property
    def dense(self):
        return dense_map(self.X, self.neighbors)

    def points(self, space: str) -> np.ndarray:
        return self.X if space == "features" else getattr(self, space)


class Sample:
    """Songs, their labels, and three subsamples."""

    def __init__(self, songs: pl.DataFrame, permuted: bool = False, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        n = songs.height
        self.rows = [np.arange(n), *(np.sort(rng.choice(n, round(SHARE * n), replace=False)) for _ in range(3))]
        if permuted:  # once, so that subsamples share rows
            whole = np.column_stack([rng.permutation(c) for c in scale_features(songs).X.T])
            matrices = [np.ascontiguousarray(whole[rows]) for rows in self.rows]
        else:
            matrices = [scale_features(songs[rows]).X for rows in self.rows]
        self.fits = [Fit(X, number) for number, X in enumerate(matrices)]
        self.genre, self.rare_genre = genre_codes(songs, 0, 40), genre_codes(songs, 40, 140)
        self.rare_genre[self.genre >= 0] = -1
        self.decade = (songs["year"] // 10).fill_null(-1).to_numpy()
        self.looked_at = np.sort(rng.permutation(n)[:SILHOUETTES])


def songs_of(n_tracks: int) -> pl.DataFrame:
    """Return a sample of songs, one representative each, in drawn order."""
    catalog = read_catalog(Path(os.environ["SONGSCAPE_DATA"]) / "tracks.parquet")
    songs = catalog.tracks.filter(pl.col("is_representative"))
    return songs[np.random.default_rng(0).permutation(songs.height)[:n_tracks]]


def genre_codes(songs: pl.DataFrame, first: int, stop: int) -> np.ndarray:
    """Return the number of the first of a song's genres with this rank by frequency, −1 for songs without one."""
    lists = songs["genres"].to_list()
    ranked = [name for name, _ in Counter(g[0] for g in lists if g).most_common(stop)]
    code = {name: number for number, name in enumerate(ranked[first:])}
    return np.array([next((code[g] for g in (genres or []) if g in code), -1) for genres in lists])


def agreement(truth: np.ndarray, labels: np.ndarray) -> float:
    known = truth >= 0
    return float(adjusted_mutual_info_score(truth[known], labels[known]))


def steadiness(sample: Sample, parts: list[np.ndarray]) -> tuple[float, float]:
    """Return the mean AMI and ARI of the labels of two subsamples, over pairs of subsamples."""
    pairs = []
    for i, j in combinations(range(len(parts)), 2):
        _, one, other = np.intersect1d(sample.rows[i + 1], sample.rows[j + 1], return_indices=True)
        labels = parts[i][one], parts[j][other]
        pairs.append((adjusted_mutual_info_score(*labels), adjusted_rand_score(*labels)))
    return tuple(np.mean(pairs, axis=0).tolist())


def score(sample: Sample, results: list[Labels]) -> list[dict[str, float]]:
    """Return the figures of each scale, from the labels of the whole and of the subsamples."""
    rows = []
    for whole, *parts in zip(*results, strict=True):
        looked, (sub_ami, sub_ari) = sample.looked_at, steadiness(sample, parts)
        rows.append(
            {
                "K": len(np.unique(whole)),
                "genre": agreement(sample.genre, whole),
                "rare genre": agreement(sample.rare_genre, whole),
                "decade": agreement(sample.decade, whole),
                "sub AMI": sub_ami,
                "sub ARI": sub_ari,
                "largest": np.bincount(whole).max() / len(whole),
                "silhouette": silhouette_score(sample.fits[0].X[looked], whole[looked]),
            }
        )
    return rows


def measured(sample: Sample, name: str, way) -> list[dict[str, float]]:
    """Run a way, print its rows, return its figures."""
    start = time.perf_counter()
    rows = score(sample, [way(fit) for fit in sample.fits])
    seconds = time.perf_counter() - start
    for scale, row in zip(FLOORS, rows, strict=True):
        figures = " | ".join(f"{value:.3f}" for value in list(row.values())[1:])
        print(f"| {name} | {scale} | {row['K']} | {figures} | {seconds:.0f} |", flush=True)
    return rows


def missed(rows: list[dict[str, float]], rival: list[dict[str, float]]) -> list[str]:
    """Return a sentence for each floor that is missed."""
    found = []
    for (scale, floors), row, other in zip(FLOORS.items(), rows, rival, strict=True):
        wanted = [
            ("genre", row["genre"] >= floors[0], f">= {floors[0]}"),
            ("sub AMI", row["sub AMI"] >= floors[1], f">= {floors[1]}"),
            ("sub ARI", row["sub ARI"] >= floors[2], f">= {floors[2]}"),
            ("largest", row["largest"] <= floors[3], f"<= {floors[3]}"),
            ("genre", row["genre"] >= other["genre"] - 0.005, f">= {other['genre']:.3f} - .005 of k-means"),
            ("sub ARI", row["sub ARI"] > other["sub ARI"], f"> {other['sub ARI']:.3f} of k-means"),
        ]
        found += [f"{scale}: {name} {row[name]:.3f} must be {rule}" for name, met, rule in wanted if not met]
    return found


def main() -> None:
    """Print the table; end with an error if a floor is missed."""
    n_tracks = next((int(word) for word in sys.argv[1:] if word.isdigit()), 100_000)
    songs = songs_of(n_tracks)
    sample = Sample(songs)
    known = ", ".join(f"{np.mean(getattr(sample, n) >= 0):.0%} {n}" for n in ("genre", "rare_genre", "decade"))
    print(f"{songs.height} songs, {sample.fits[0].X.shape[1]} features; known: {known}\n")
    print("| way | scale | K | AMI genre | rare genre | decade | sub AMI | sub ARI | largest | silhouette | s |")
    print("| --- " * 11 + "|")
    rows = measured(sample, "songscape", ours)
    rivals = {name: measured(sample, name, way) for name, way in RIVALS.items()}
    if "--all" in sys.argv:
        for name, way in VARIATIONS.items():
            measured(sample, name, way)
    measured(Sample(songs, permuted=True), "permuted columns", ours)
    failures = missed(rows, rivals["k-means"])
    print("\n" + ("\n".join(failures) or "All floors are met."))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
