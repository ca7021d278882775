"""Small catalogs of songs for tests, invented or by hand."""

import numpy as np

from songscape.playlist.songs import AUDIO, Ragged, Songs

CENTER = np.array([0.5] * 7 + [-15.0, 130.0])
SCALE = np.array([0.29] * 7 + [8.7, 40.0])


def ragged(lists, n_names=None, *, norm=False):
    """Rows of numbers as a sparse matrix; the weights of a row have norm 1 if `norm`, else they are 1."""
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in lists])]).astype(np.int64)
    ids = np.array([number for row in lists for number in row], np.int32)
    weights = [1.0 / np.sqrt(len(row)) if norm else 1.0 for row in lists for _ in row]
    n_names = n_names or (int(ids.max()) + 1 if ids.size else 0)
    return Ragged(indptr, ids, np.array(weights, np.float32), tuple(f"name {i}" for i in range(n_names)))


def make_songs(n=30, seed=0, *, missing=0.0, n_artists=None, artists=None, tags=None, **columns):
    """An invented catalog: audio values, years, keys, tags at random; columns can be given by name."""
    rng = np.random.default_rng(seed)
    audio = rng.uniform(0.0, 1.0, (n, len(AUDIO))).astype(np.float32)
    audio[:, AUDIO.index("tempo")] = rng.integers(60, 200, n)
    audio[:, AUDIO.index("loudness")] = rng.uniform(-30.0, 0.0, n)
    year = rng.integers(1960, 2024, n).astype(np.float32)
    popularity = rng.integers(0, 101, n).astype(np.float32)
    duration = rng.integers(120, 360, n).astype(np.float32)
    key = rng.integers(0, 12, n).astype(np.int8)
    mode = rng.integers(0, 2, n).astype(np.int8)
    n_artists = n_artists or max(1, n // 2)
    if artists is None:
        artists = [[int(a)] for a in rng.integers(0, n_artists, n)]
    if tags is None:
        tags = [sorted(set(rng.integers(0, 8, rng.integers(1, 4)).tolist())) for _ in range(n)]
    for name, values in columns.items():
        if name in AUDIO:
            audio[:, AUDIO.index(name)] = values
    for column in (*audio.T, year, popularity, duration):
        column[rng.random(n) < missing] = np.nan
    key[rng.random(n) < missing] = -1
    X = np.nan_to_num((audio - CENTER) / SCALE).astype(np.float32)
    songs = {
        "rows": np.arange(n, dtype=np.int32),
        "X": X,
        "place": X[:, :2].copy(),
        "audio": audio,
        "ranks": mean_ranks(audio),
        "key": key,
        "mode": mode,
        "year": year,
        "popularity": popularity,
        "duration": duration,
        "explicit": np.zeros(n, np.int8),
        "emotion": np.full(n, -1, np.int16),
        "emotions": (),
        "artists": ragged(artists),
        "tags": ragged(tags, norm=True),
    }
    for name, values in columns.items():
        if name not in AUDIO:
            songs[name] = np.asarray(values, songs[name].dtype) if isinstance(songs[name], np.ndarray) else values
    return Songs(**songs)


def mean_ranks(audio):
    """Mean ranks among known values, in [0, 1]."""
    ranks = np.full_like(audio, np.nan)
    for j in range(audio.shape[1]):
        known = ~np.isnan(audio[:, j])
        values = audio[known, j]
        below = (values[:, None] > values).sum(axis=1) + 0.5 * (values[:, None] == values).sum(axis=1)
        ranks[known, j] = below / max(len(values), 1)
    return ranks


def bytes_of(songs):
    """Everything in a catalog as bytes, to see that nothing changed it."""
    arrays = [getattr(songs, name) for name in songs.__slots__]
    parts = [a.tobytes() for a in arrays if isinstance(a, np.ndarray)]
    return b"".join(parts + [b.indptr.tobytes() + b.ids.tobytes() for b in (songs.artists, songs.tags)])
