"""How often verdicts on groups err: noise called solid, planted groups not called solid. Figures of docs/groups.md.

    python benchmarks/verdicts.py

Takes a few minutes.
"""

import sys
from collections.abc import Callable

import numpy as np
import polars as pl

from songscape.evaluation import silhouette_samples
from songscape.interpretation import Card, describe_scale
from songscape.neighbors import build_neighbors
from songscape.types import Float32, Float64, GroupScale, Int32

SEEDS = 3
NOISE: dict[str, Callable[[np.random.Generator, tuple[int, int]], Float64]] = {
    "normal": lambda rng, size: rng.normal(size=size),
    "uniform": lambda rng, size: rng.random(size),
    "logistic": lambda rng, size: rng.logistic(size=size),
    "exponential": lambda rng, size: rng.exponential(size=size),
    "heavy tails (t, 3)": lambda rng, size: rng.standard_t(3, size=size),
    "whole numbers 0-20": lambda rng, size: rng.integers(0, 21, size).astype(float),
    "two-humped": lambda rng, size: rng.beta(0.5, 0.5, size=size),
}


def cells(X: Float32, n_groups: int, rng: np.random.Generator) -> Int32:
    """Cut rows into cells by a few steps of k-means, numbered by falling size."""
    centers = X[rng.choice(len(X), n_groups, replace=False)]
    labels = np.zeros(len(X), dtype=np.int64)
    for _ in range(10):
        labels = ((centers**2).sum(axis=1) - 2.0 * X @ centers.T).argmin(axis=1)
        kept = np.unique(labels)
        centers = np.array([X[labels == group].mean(axis=0) for group in kept])
    labels = ((centers**2).sum(axis=1) - 2.0 * X @ centers.T).argmin(axis=1)
    number = np.argsort(np.argsort(-np.bincount(labels, minlength=len(centers)), kind="stable"))
    return number[labels].astype(np.int32)


def cards_of(X: Float32, labels: Int32) -> list[Card]:
    """Describe groups of rows about which nothing else is known."""
    n, n_groups = len(X), int(labels.max()) + 1
    scale = GroupScale(
        "coarse", labels, labels, np.ones(n, np.float32), np.ones(n, np.bool_), np.arange(n + 1), labels,
        np.ones(n, np.float32), np.empty(0, np.int32), np.zeros(n_groups, np.float32),
    )  # fmt: skip
    songs = pl.DataFrame({"row": np.arange(n)})
    silhouette = silhouette_samples(X, labels).astype(np.float32)
    return describe_scale(scale, songs, X, build_neighbors(X, 15), silhouette=silhouette)


def noise_table() -> None:
    """Print how many cells of noise are called solid, and between how many pairs a gap is seen."""
    out("noise                 columns  groups  solid  pairs  with a gap")
    for name, draw in NOISE.items():
        for n_columns in (1, 3, 9):
            groups = solid = pairs = gaps = 0
            for seed in range(SEEDS):
                rng = np.random.default_rng(seed)
                X = draw(rng, (4000, n_columns)).astype(np.float32)
                for n_groups in (12, 60, 200):
                    cards = cards_of(X, cells(X, n_groups, rng))
                    beside = [neighbor for card in cards for neighbor in card.neighbors]
                    groups, pairs = groups + len(cards), pairs + len(beside)
                    solid += sum(card.verdict == "solid" for card in cards)
                    gaps += sum(neighbor.is_apart for neighbor in beside)
            out(f"{name:22s}{n_columns:7d}{groups:8d}{solid:7d}{pairs:7d}{gaps / pairs:12.4f}")


def planted_table() -> None:
    """Print how many planted groups are called solid, by how far apart and how large they are."""
    out("apart  columns  songs each  solid  blurred  fragment  silhouette")
    for apart in (3.0, 4.0, 5.0, 6.0, 8.0):
        for n_columns in (2, 9):
            for n_each in (30, 300):
                words: list[str] = []
                means: list[float] = []
                for seed in range(SEEDS):
                    rng = np.random.default_rng(seed)
                    centers = spread(n_columns, apart, rng)
                    labels = np.repeat(np.arange(len(centers)), n_each).astype(np.int32)
                    X = (centers[labels] + rng.normal(size=(len(labels), n_columns))).astype(np.float32)
                    cards = cards_of(X, labels)
                    words += [card.verdict for card in cards]
                    means += [card.silhouette for card in cards]
                shares = [words.count(word) / len(words) for word in ("solid", "blurred", "fragment")]
                row = f"{shares[0]:7.2f}{shares[1]:9.2f}{shares[2]:10.2f}{np.mean(means):12.2f}"
                out(f"{apart:5.1f}{n_columns:9d}{n_each:12d}{row}")


def spread(n_columns: int, apart: float, rng: np.random.Generator) -> Float64:
    """Return twelve centers, each at the given distance from its nearest: on a grid of random axes."""
    if n_columns == 2:
        return apart * np.array([[i, j] for i in range(4) for j in range(3)], dtype=np.float64)
    signs = np.array(np.meshgrid(*[[0, 1]] * 4)).reshape(4, -1).T[:12]
    axes = np.linalg.qr(rng.normal(size=(n_columns, n_columns)))[0][:4]
    return apart * signs @ axes


def out(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    noise_table()
    planted_table()
