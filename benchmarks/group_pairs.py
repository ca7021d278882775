"""Do groups come back better than k-means of the same K? Paired, with intervals (docs/decisions/0007-groups.md).

    SONGSCAPE_DATA=folder python benchmarks/group_pairs.py [n_tracks] [n_pairs]

A pair is two draws of 80 % of the songs. Both ways see the same two, each refitted from features to groups; the
figures are AMI and ARI of the two on the songs that both drew. Their difference has Student's t interval over pairs.
It tells how well the mean over pairs of this catalog is known, not what another catalog would give.
"""

import sys

import numpy as np
import polars as pl
from scipy.stats import t
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from group_rivals import Labels, k_means, ours
from groups import FLOORS, SHARE, Fit, songs_of
from songscape.features import scale_features

WAYS = {"songscape": ours, "k-means": k_means}
SEED = 20  # of the draws; no other draw of this folder begins with it


def agreements(songs: pl.DataFrame, pair: int) -> np.ndarray:
    """Return AMI and ARI of two draws, float64 (n_ways, n_scales, 2)."""
    rng = np.random.default_rng([SEED, pair])
    rows = [np.sort(rng.choice(songs.height, round(SHARE * songs.height), replace=False)) for _ in range(2)]
    fits = [Fit(scale_features(songs[drawn]).X, 2 * pair + i) for i, drawn in enumerate(rows)]
    common = np.intersect1d(*rows, return_indices=True)[1:]
    return np.array([_compared(way(fits[0]), way(fits[1]), *common) for way in WAYS.values()])


def _compared(one: Labels, other: Labels, in_one: np.ndarray, in_other: np.ndarray) -> list[list[float]]:
    both = [(a[in_one], b[in_other]) for a, b in zip(one, other, strict=True)]
    return [[adjusted_mutual_info_score(*labels), adjusted_rand_score(*labels)] for labels in both]


def interval(values: np.ndarray) -> str:
    """Return mean and 95 % interval over the first axis."""
    half = t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():.3f} [{values.mean() - half:.3f}, {values.mean() + half:.3f}]"


def main() -> None:
    """Print each pair, then the table."""
    numbers = [int(word) for word in sys.argv[1:]]
    n_tracks, n_pairs = (numbers + [100_000, 5][len(numbers) :])[:2]
    songs = songs_of(n_tracks)
    found = []
    for pair in range(n_pairs):
        found.append(agreements(songs, pair))
        print(f"pair {pair}: ARI", np.round(found[-1][..., 1], 3).tolist(), flush=True)
    values = np.array(found)  # (n_pairs, n_ways, n_scales, 2)
    print(
        f"\n{songs.height} songs, {n_pairs} pairs\n\n| scale | index | songscape | k-means | difference | ahead in |"
    )
    print("| --- " * 6 + "|")
    for at, scale in enumerate(FLOORS):
        for which, index in enumerate(("AMI", "ARI")):
            own, rival = values[:, 0, at, which], values[:, 1, at, which]
            cells = " | ".join(map(interval, (own, rival, own - rival)))
            print(f"| {scale} | {index} | {cells} | {(own > rival).sum()} of {n_pairs} |")


if __name__ == "__main__":
    main()
