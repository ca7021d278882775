"""Where to cluster: on the map, on a denser map, or in the features. Figures of docs/decisions/0004-cluster-space.md.

    SONGSCAPE_DATA=... python benchmarks/cluster_space.py [N]

Prints one row per space and selection: clusters, noise, the largest cluster, adjusted mutual information with the 40
most frequent genres (over songs that have one and lie in a cluster, and with noise as one more group), silhouette in
feature space. Below stand the same on permuted columns, where there is nothing to find, and what min_samples changes.
"""

import os
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from songscape.catalog import read_catalog
from songscape.clustering import cluster
from songscape.config import EmbeddingParams, MapClusteringParams
from songscape.embedding import embed
from songscape.evaluation import silhouette_score
from songscape.features import scale_features
from songscape.neighbors import build_neighbors

SPACES = {
    "map (15, 0.1)": EmbeddingParams(),
    "denser map (30, 0)": EmbeddingParams(n_neighbors=30, min_dist=0.0),
    "features": None,
}
SIZES = (0.002, 0.005)


def tracks(n_tracks: int) -> pl.DataFrame:
    """Return a sample of songs, one representative each."""
    catalog = read_catalog(Path(os.environ["SONGSCAPE_DATA"]) / "tracks.parquet")
    songs = catalog.tracks.filter(pl.col("is_representative"))
    return songs.sample(min(n_tracks, songs.height), seed=0)


def genre_codes(songs: pl.DataFrame) -> np.ndarray:
    """Return the number of the first genre that is among the 40 most frequent, −1 for songs without one."""
    lists = songs["genres"].to_list()
    frequent = [name for name, _ in Counter(g[0] for g in lists if g).most_common(40)]
    code = {name: number for number, name in enumerate(frequent)}
    return np.array([next((code[g] for g in (genres or []) if g in code), -1) for genres in lists])


def permuted(X: np.ndarray) -> np.ndarray:
    """Return X with each column shuffled on its own: the same marginals, no structure."""
    rng = np.random.default_rng(1)
    return np.column_stack([rng.permutation(column) for column in X.T]).astype(np.float32)


def row(X: np.ndarray, points: np.ndarray, genres: np.ndarray, params: MapClusteringParams) -> str:
    """Cluster, score, and return the figures as a table row."""
    start = time.perf_counter()
    found = cluster(points, params.at_size(len(points)))
    seconds = time.perf_counter() - start
    labels, known = found.labels, genres >= 0
    kept = known & (labels >= 0)
    largest = np.bincount(labels[labels >= 0], minlength=1).max() / len(labels)
    inside = adjusted_mutual_info_score(genres[kept], labels[kept]) if kept.any() else float("nan")
    overall = adjusted_mutual_info_score(genres[known], labels[known])
    score = silhouette_score(X, labels) if found.n_clusters > 1 else float("nan")
    return (
        f"{found.n_clusters} | {np.mean(labels < 0):.2f} | {largest:.2f} | {inside:.3f} | {overall:.3f} | {score:.3f}"
        f" | {seconds:.1f}"
    )


def steadiness(X: np.ndarray, genres: np.ndarray) -> None:
    """Print what `min_samples` changes on the map: noise, genre, and the agreement of two 80 % subsamples.

    Agreement is over the songs that lie in a cluster of both; each subsample gets neighbors and a map of its own.
    """
    rng, width = np.random.default_rng(0), EmbeddingParams().n_neighbors - 1
    halves = [np.sort(rng.choice(len(X), round(0.8 * len(X)), replace=False)) for _ in range(2)]
    _, *common = np.intersect1d(*halves, return_indices=True)
    points = embed(X, build_neighbors(X, width))
    places = [embed(X[rows], build_neighbors(X[rows], width)) for rows in halves]
    print("\n| min_samples | K | noise | largest | AMI inside | AMI all | silhouette | s | ARI | share |")
    print("| --- " * 10 + "|")
    for min_samples in (5, 15, 30, 60):
        params = MapClusteringParams(min_cluster_size=round(0.005 * len(X)), min_samples=min_samples)
        first, second = (
            cluster(place, params.at_size(0)).labels[shared] for place, shared in zip(places, common, strict=True)
        )
        both = (first >= 0) & (second >= 0)
        agreement = adjusted_rand_score(first[both], second[both])
        print(
            f"| {min_samples} | {row(X, points, genres, params)} | {agreement:.2f} | {both.mean():.2f} |", flush=True
        )


def main() -> None:
    """Print the tables."""
    songs = tracks(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
    genres = genre_codes(songs)
    real = scale_features(songs).X
    print(f"{len(real)} songs, {real.shape[1]} features, {np.mean(genres >= 0):.0%} with one of the 40 genres\n")
    print("| data | space | selection | size | K | noise | largest | AMI inside | AMI all | silhouette | s |")
    print("| --- " * 11 + "|")
    for data, X in (("real", real), ("permuted", permuted(real))):
        neighbors = build_neighbors(X, 29)
        for space, params in SPACES.items():
            points = X if params is None else embed(X, neighbors.first(params.n_neighbors - 1), params)
            for method in ("eom", "leaf"):
                for share in SIZES:
                    chosen = MapClusteringParams(
                        min_cluster_size=round(share * len(X)), cluster_selection_method=method
                    )
                    figures = row(X, points, genres, chosen)
                    print(f"| {data} | {space} | {method} | {share:.1%} | {figures} |", flush=True)
    steadiness(real, genres)


if __name__ == "__main__":
    main()
