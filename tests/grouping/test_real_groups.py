"""Groups of real tracks: floors with room for a sample of this size, beside permuted columns."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from songscape.atlas.grouping import coverage_prices, group_songs
from songscape.catalog import read_catalog
from songscape.config import GroupingParams
from songscape.embedding import embed
from songscape.features import scale_features
from songscape.neighbors import build_neighbors

N = 12_000
PARAMS = GroupingParams(coverage=1.0)


@pytest.fixture(scope="module")
def songs(data_folder):
    catalog = read_catalog(data_folder / "tracks.parquet")
    found = catalog.tracks.filter(pl.col("is_representative"))
    return found[np.random.default_rng(0).permutation(found.height)[:N]]


@pytest.fixture(scope="module")
def genres(songs):
    """The number of the first genre among the 40 most frequent ones, −1 for songs without one."""
    lists = songs["genres"].to_list()
    frequent = [name for name, _ in Counter(g[0] for g in lists if g).most_common(40)]
    return np.array([next((frequent.index(g) for g in (own or []) if g in frequent), -1) for own in lists])


def fitted(X):
    neighbors = build_neighbors(X, 14)
    return group_songs(X, neighbors, embed(X, neighbors), PARAMS)


@pytest.fixture(scope="module")
def whole(songs):
    X = scale_features(songs).X
    return X, fitted(X)


def agreement(genres, labels):
    known = genres >= 0
    return adjusted_mutual_info_score(genres[known], labels[known])


@pytest.mark.realdata
@pytest.mark.parametrize(("scale", "floor", "largest"), [("coarse", 0.15, 0.25), ("middle", 0.13, 0.08)])
def test_groups_of_real_tracks_follow_genre(whole, genres, scale, floor, largest):
    found = whole[1].scale(scale)
    assert agreement(genres, found.labels) >= floor
    assert np.bincount(found.labels).max() / N <= largest


@pytest.mark.realdata
def test_subsamples_of_real_tracks_agree(songs):
    rng = np.random.default_rng(0)
    rows = [np.sort(rng.choice(N, round(0.8 * N), replace=False)) for _ in range(2)]
    one, other = (fitted(scale_features(songs[part]).X) for part in rows)
    _, *common = np.intersect1d(*rows, return_indices=True)
    for scale, floor in (("coarse", 0.35), ("middle", 0.25)):
        labels = [found.scale(scale).labels[shared] for found, shared in zip((one, other), common, strict=True)]
        assert adjusted_rand_score(*labels) >= floor


@pytest.mark.realdata
def test_permuted_columns_follow_nothing(whole, genres):
    """The negative control: the same marginals, no structure."""
    rng = np.random.default_rng(1)
    X = np.column_stack([rng.permutation(column) for column in whole[0].T])
    for scale in fitted(X).scales:
        assert abs(agreement(genres, scale.labels)) < 0.01


@pytest.mark.realdata
def test_silhouette_falls_with_coverage_and_purity_beats_chance(whole, genres):
    X, groups = whole
    prices = coverage_prices(X, groups, "coarse", genres)
    assert prices[0]["silhouette"] > prices[-1]["silhouette"] + 0.02
    assert all(price["purity"] > price["purity_null"] + 0.05 for price in prices)
