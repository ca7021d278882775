"""The negative control at the size of a real catalog: songs whose features were permuted have no solid group."""

from collections import Counter

import numpy as np
import polars as pl
import pytest

from songscape.atlas.grouping import group_songs
from songscape.atlas.meaning import describe_songs
from songscape.catalog import read_catalog
from songscape.config import FeatureParams
from songscape.embedding import embed
from songscape.evaluation import evaluate_clusters
from songscape.features import scale_features
from songscape.features.columns import FEATURES
from songscape.neighbors import build_neighbors

N = 100_000


@pytest.mark.realdata
def test_permuted_features_give_no_solid_group_at_any_scale(data_folder):
    songs = read_catalog(data_folder / "tracks.parquet").tracks.filter("is_representative")
    rng = np.random.default_rng(0)
    songs = songs[rng.permutation(songs.height)[:N]]
    held = [feature.name for feature in FEATURES if feature.name in songs.columns]
    permuted = songs.with_columns(pl.Series(name, songs[name][rng.permutation(N)]) for name in held)
    X = scale_features(permuted).X
    neighbors = build_neighbors(X, 14)
    groups = group_songs(X, neighbors, embed(X, neighbors))
    silhouettes = {
        scale.name: evaluate_clusters(X, scale.labels).samples.astype(np.float32) for scale in groups.scales
    }
    cards = describe_songs(groups, permuted, X, neighbors, silhouettes, FeatureParams())
    verdicts = Counter(card["verdict"] for found in cards.values() for card in found)
    assert sum(verdicts.values()) > 200
    assert verdicts["solid"] == 0
    # What was permuted away with the features leaves no evidence either: a false find or two in a hundred groups.
    genres = [lift for found in cards.values() for card in found for lift in card["over"] if lift["kind"] == "genre"]
    assert len(genres) <= 10
