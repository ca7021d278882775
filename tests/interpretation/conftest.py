"""Small catalogs with planted groups, and what `describe_scale` takes beside them."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from songscape.evaluation import silhouette_samples
from songscape.features import scale_features
from songscape.interpretation import describe_scale
from songscape.types import GroupScale, NeighborGraph

PLANTED = {
    # energy, loudness, acousticness, instrumentalness, speechiness, positiveness, danceability, tempo
    "folk": ((0.25, -14.0, 0.85, 0.001, 0.04, 0.25, 0.45, 95.0), "sadness", 1970, False),
    "metal": ((0.95, -4.0, 0.01, 0.02, 0.09, 0.25, 0.3, 140.0), "anger", 1990, False),
    "rap": ((0.65, -6.0, 0.15, 0.001, 0.35, 0.5, 0.82, 110.0), "joy", 2010, True),
    "classical": ((0.06, -26.0, 0.97, 0.85, 0.045, 0.1, 0.22, 85.0), "love", 1950, False),
}
SOUND = (
    "energy",
    "loudness",
    "acousticness",
    "instrumentalness",
    "speechiness",
    "positiveness",
    "danceability",
    "tempo",
)


def planted_songs(n_each=250, seed=0):
    """Songs around four centers; genre, emotion, year and explicit follow them three times out of four."""
    rng = np.random.default_rng(seed)
    n = 4 * n_each
    labels = np.repeat(np.arange(4), n_each).astype(np.int32)
    told = np.where(rng.random(n) < 0.75, labels, rng.integers(0, 4, n))
    names = list(PLANTED)
    columns = {}
    for j, feature in enumerate(SOUND):
        center = np.array([PLANTED[name][0][j] for name in names])[labels]
        if feature == "loudness":
            columns[feature] = center + rng.normal(size=n)
        elif feature == "tempo":
            columns[feature] = center * np.exp(0.1 * rng.normal(size=n))
        else:
            logit = np.log(center / (1.0 - center)) + 0.3 * rng.normal(size=n)
            columns[feature] = 1.0 / (1.0 + np.exp(-logit))
    return labels, pl.DataFrame(
        {
            "title": [f"Song {i}" for i in range(n)],
            "artists": [[f"Artist {group}-{i % 60}"] for i, group in enumerate(labels)],
            "genres": [[names[group]] for group in told],
            "emotion": [PLANTED[names[group]][1] for group in told],
            "year": pl.Series(
                [PLANTED[names[group]][2] + int(i) % 10 for i, group in enumerate(told)], dtype=pl.Int32
            ),
            "explicit": [PLANTED[names[group]][3] for group in told],
            "popularity": rng.integers(0, 100, n).astype(float),
            **columns,
        }
    )


def scale_of(labels, name="coarse", parents=()):
    """A `GroupScale` of plain labels."""
    labels = np.asarray(labels, dtype=np.int32)
    n_groups = int(labels.max(initial=-1)) + 1
    inside = labels >= 0
    return GroupScale(
        name=name,
        labels=labels,
        nearest=labels,
        strength=inside.astype(np.float32),
        is_core=inside,
        indptr=np.concatenate([[0], np.cumsum(inside)]),
        members=labels[inside],
        weights=np.ones(int(inside.sum()), np.float32),
        parents=np.asarray(parents, dtype=np.int32),
        persistence=np.full(n_groups, 0.5, np.float32),
    )


def nearest(X, k=15):
    """The exact neighbor graph by brute force, ties by row number."""
    X = np.asarray(X, dtype=np.float64)
    k = min(k, len(X) - 1)
    indices = np.empty((len(X), k), dtype=np.int32)
    distances = np.empty((len(X), k), dtype=np.float32)
    norms = (X**2).sum(axis=1)
    for i in range(len(X)):
        squares = np.maximum(norms + norms[i] - 2.0 * X @ X[i], 0.0)
        squares[i] = np.inf
        near = np.argpartition(squares, k - 1)[:k] if k else np.empty(0, dtype=np.int64)
        indices[i] = near[np.lexsort((near, squares[near]))]
        distances[i] = np.sqrt(((X[indices[i]] - X[i]) ** 2).sum(axis=1))
    return NeighborGraph(indices, distances)


def cards_of(labels, songs, X=None, **options):
    """Cards with the silhouette and neighbors that belong to the labels."""
    X = scale_features(songs).X if X is None else np.asarray(X, dtype=np.float32)
    labels = np.asarray(labels, dtype=np.int32)
    silhouette = None
    if len(np.unique(labels[labels >= 0])) > 1:
        silhouette = silhouette_samples(X, labels).astype(np.float32)
    parents = options.pop("parents", ())
    return describe_scale(scale_of(labels, parents=parents), songs, X, nearest(X), silhouette=silhouette, **options)


def cells_of(X, n_groups, seed=0):
    """A k-means cut, by falling size: what any continuum can be divided into."""
    rng = np.random.default_rng(seed)
    centers = X[rng.choice(len(X), n_groups, replace=False)]
    for _ in range(10):
        squares = (centers**2).sum(axis=1) - 2.0 * X @ centers.T
        labels = squares.argmin(axis=1)
        centers = np.array(
            [X[labels == g].mean(axis=0) if (labels == g).any() else centers[g] for g in range(n_groups)]
        )
    sizes = np.bincount(labels, minlength=n_groups)
    order = np.argsort(-sizes, kind="stable")
    number = np.empty(n_groups, dtype=np.int32)
    number[order] = np.arange(n_groups)
    return number[labels]


@pytest.fixture(scope="session")
def tools():
    """The functions of this file, for tests that cannot import it by name."""
    return SimpleNamespace(
        planted_songs=planted_songs, scale_of=scale_of, nearest=nearest, cards_of=cards_of, cells_of=cells_of
    )


@pytest.fixture(scope="session")
def planted():
    """Labels, songs and cards of the planted catalog."""
    labels, songs = planted_songs()
    return SimpleNamespace(labels=labels, songs=songs, cards=cards_of(labels, songs))
