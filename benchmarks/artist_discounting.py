"""What artist discounting does to groups. Figures of docs/decisions/0006-artist-discounting.md.

    SONGSCAPE_DATA=... python benchmarks/artist_discounting.py [N] [RUNS]

Prints the share of each feature's variance within artists, then a row per treatment of z: adjusted mutual
information (AMI) of k-means with the 40 most frequent genres and with decades, and how often the 15 nearest songs by
other artists have the song's genre. All of it three times: artists known to the discount; artists it never saw
(learned from half of the artists, judged on the other half); the same with one song an artist, where artists alike in
genre cannot help. At last the same with a tenth column of noise.
"""

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score

from songscape.catalog import read_catalog
from songscape.config import FeatureParams
from songscape.features import scale_features
from songscape.features.artists import FLOOR, RIDGE, discount_matrix
from songscape.neighbors import build_neighbors
from songscape.types import GENERIC_ARTISTS

K = (12, 60)
HAND = {"liveness": 0.25, "variance": 0.25, "tempo": 0.5}
NEAREST = 15


@dataclass(frozen=True)
class Songs:
    """Standardized features of songs, and who made them, of which genre and when; −1 where unknown."""

    z: np.ndarray
    names: tuple[str, ...]
    artist: np.ndarray
    genre: np.ndarray
    decade: np.ndarray

    def at(self, rows: np.ndarray) -> "Songs":
        """Return some of the songs."""
        return replace(
            self, z=self.z[rows], artist=self.artist[rows], genre=self.genre[rows], decade=self.decade[rows]
        )


def load(n_songs: int) -> Songs:
    """Return a sample of songs, one representative each."""
    catalog = read_catalog(Path(os.environ["SONGSCAPE_DATA"]) / "tracks.parquet")
    songs = catalog.tracks.filter(pl.col("is_representative"))
    songs = songs.sample(min(n_songs, songs.height), seed=0)
    features = scale_features(songs, FeatureParams(discount_artists=False))
    artists = songs["artists"].list.first()
    artists = artists.set(artists.str.to_lowercase().is_in(GENERIC_ARTISTS).fill_null(False), None)
    genres = songs["genres"].list.first()
    frequent = genres.drop_nulls().value_counts(sort=True).head(40).to_series()
    return Songs(
        features.X.astype(np.float64) / features.weights,
        features.names,
        numbers(artists),
        numbers(genres.set(~genres.is_in(frequent.to_list()).fill_null(False), None)),
        numbers(songs["year"] // 10),
    )


def numbers(values: pl.Series) -> np.ndarray:
    """Return a number from 0 for each distinct value, −1 for null."""
    return (values.rank("dense").cast(pl.Int64) - 1).fill_null(-1).to_numpy()


def covariances(songs: Songs, low: int = 2, high: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sums of squares within and between the artists with `low` to `high` songs, and the artists' sizes."""
    known = songs.at(np.flatnonzero(songs.artist >= 0))
    size = np.bincount(known.artist)[known.artist]
    used = known.at(np.flatnonzero((size >= low) & (size <= high)))
    artist = np.unique(used.artist, return_inverse=True)[1]
    size = np.bincount(artist)
    means = np.column_stack([np.bincount(artist, weights=column) for column in used.z.T]) / size[:, None]
    offsets = (means - used.z.mean(axis=0)) * np.sqrt(size)[:, None]
    return (used.z - means[artist]).T @ (used.z - means[artist]), offsets.T @ offsets, size


def learned(
    songs: Songs, ridge: float = RIDGE, floor: float = FLOOR, low: int = 2, high: int = 200, biased: bool = False
) -> np.ndarray:
    """Return the discount, in one of the ways that were tried."""
    within, between, size = covariances(songs, low, high)
    n, k = size.sum(), len(size)
    if biased:
        return discount_matrix(within / n, between / n, ridge, floor)
    within = within / (n - k)
    typical = (n - (size**2).sum() / n) / (k - 1)
    return discount_matrix(within, (between / (k - 1) - within) / typical, ridge, floor)


def by_column(songs: Songs) -> np.ndarray:
    """Return one weight a column, as if the columns were not correlated."""
    within, between, size = covariances(songs)
    inner = np.diag(within) / (size.sum() - len(size))
    outer = (np.diag(between) / (len(size) - 1) - inner) / (size.sum() / len(size))
    return discount_matrix(np.diag(inner), np.diag(outer))


def whitened(songs: Songs) -> np.ndarray:
    """Return the root of the inverse covariance: no axis counts more than another."""
    values, vectors = np.linalg.eigh(np.cov(songs.z.T))
    return (vectors / np.sqrt(values)) @ vectors.T


def shuffled(songs: Songs) -> Songs:
    """Return the songs with artists dealt out at random."""
    return replace(songs, artist=np.random.default_rng(1).permutation(songs.artist))


TREATMENTS: dict[str, Callable[[Songs], np.ndarray]] = {
    "z as it is": lambda songs: np.eye(len(songs.names)),
    "weights by hand": lambda songs: np.diag([HAND.get(name, 1.0) for name in songs.names]),
    "whitened": whitened,
    "**discounted**": learned,
    "discounted, artists shuffled": lambda songs: learned(shuffled(songs)),
    "one weight a column": by_column,
    "λ 0": lambda songs: learned(songs, ridge=0.0),
    "λ 0.1": lambda songs: learned(songs, ridge=0.1),
    "λ 0.3": lambda songs: learned(songs, ridge=0.3),
    "ε 0": lambda songs: learned(songs, floor=0.0),
    "ε 0.3": lambda songs: learned(songs, floor=0.3),
    "B with its bias, ε 0": lambda songs: learned(songs, floor=0.0, biased=True),
    "artists with 2–50 songs": lambda songs: learned(songs, high=50),
    "artists with 5–200 songs": lambda songs: learned(songs, low=5),
    "artists with 2 songs or more": lambda songs: learned(songs, high=10**9),
}


def scores(songs: Songs, matrix: np.ndarray, runs: int) -> list[float]:
    """Return AMI with genre and with decade for each K, then the agreement in genre of near songs."""
    X = np.ascontiguousarray(songs.z @ matrix, dtype=np.float32)
    groups = {k: [KMeans(k, random_state=seed).fit_predict(X) for seed in range(runs)] for k in K}
    found = [
        float(np.mean([adjusted_mutual_info_score(truth[truth >= 0], labels[truth >= 0]) for labels in groups[k]]))
        for truth in (songs.genre, songs.decade)
        for k in K
    ]
    known = songs.genre >= 0
    return [*found, near_agreement(songs.at(known), X[known])]


def near_agreement(songs: Songs, X: np.ndarray) -> float:
    """Return the share of the nearest songs by other artists that are of the song's genre."""
    near = build_neighbors(X, NEAREST).indices
    other = (songs.artist[near] != songs.artist[:, None]) | (songs.artist[:, None] < 0)
    return float(np.mean((songs.genre[near] == songs.genre[:, None])[other]))


def table(title: str, teachers: Songs, judged: Songs, runs: int, names: Iterable[str] = TREATMENTS) -> None:
    """Print the scores of each treatment, learned from some songs and judged on others."""
    heads = [f"AMI {what} {k}" for what in ("genre", "decade") for k in K] + ["near songs"]
    print(f"\n{title}: {len(judged.z)} songs, {np.mean(judged.genre >= 0):.0%} with genre\n")
    print(f"| treatment | {' | '.join(heads)} |\n{'| --- ' * (len(heads) + 1)}|")
    for name in names:
        figures = scores(judged, TREATMENTS[name](teachers), runs)
        print(f"| {name} | {' | '.join(f'{figure:.3f}' for figure in figures)} |", flush=True)


def noise_table(songs: Songs, runs: int) -> None:
    """Print what a column of pure noise does: the discount must find out by itself that it says nothing."""
    noise = np.random.default_rng(2).normal(size=len(songs.z))
    wide = replace(songs, z=np.column_stack([songs.z, noise]), names=(*songs.names, "variance"))
    table("With a tenth column of noise", wide, wide, runs, ("z as it is", "weights by hand", "**discounted**"))


def main() -> None:
    """Print the tables."""
    songs = load(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    within, between, size = covariances(songs)
    inner = np.diag(within) / (size.sum() - len(size))
    outer = (np.diag(between) / (len(size) - 1) - inner) / (size.sum() / len(size))
    print(f"{len(songs.z)} songs; {len(size)} artists with 2–200 songs have {size.sum()} of them\n")
    for name, share in zip(songs.names, inner / (inner + outer), strict=True):
        print(f"| {name} | {share:.0%} |")
    table("Artists known", songs, songs, runs)
    half = songs.artist % 2
    teachers, strangers = songs.at(np.flatnonzero(half == 0)), songs.at(np.flatnonzero(half != 0))
    table("Artists never seen", teachers, strangers, runs)
    first = np.unique(strangers.artist, return_index=True)[1][1:]
    table("Artists never seen, one song each", teachers, strangers.at(first), runs)
    noise_table(songs, runs)


if __name__ == "__main__":
    main()
