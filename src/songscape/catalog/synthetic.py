"""Synthetic catalogs in the light emotions form: invented tracks with the shape of real ones.

Each track is a point in a latent space: style → scene → artist → track, each level adding its share of the
variance, so that genres, artists and eras hang together, and yet the whole is a continuum with denser regions. The
latent axes are turned into columns by fixed curves, so that means, deviations and correlations are those published
for the light emotions set. Names and titles are invented. The flaws of the real set are there too: the filler of
``variance``, junk emotions, unknown genres, missing titles, version families, equal audio under different titles.
"""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.catalog.synthetic_names import SUFFIXES, TONGUES, Words, with_suffixes
from songscape.catalog.synthetic_styles import LATENT, Styles, load_styles
from songscape.disk import writing
from songscape.errors import ParameterError
from songscape.memory import require_memory
from songscape.types import Float32, Float64
from songscape.validation import must_be

Index = npt.NDArray[Any]

_BYTES_A_TRACK = 1000  # measured: 300 000 tracks take 250 MB

FILLER = 0.833514
"""What three quarters of the light emotions set have in place of a variance."""

_AXIS = {name: i for i, name in enumerate(LATENT)}
_GRID = np.linspace(-5.0, 5.0, 501)  # latent values; beyond, the curves stay where they end

_PERCENT = {  # mean, deviation, lowest value, share that is exactly 0: all in percent, as published
    "energy": (62.4, 22.1, 0.0, 0.0),
    "danceability": (59.1, 17.1, 0.0, 0.0),
    "positiveness": (47.7, 23.8, 0.0, 0.0),
    "speechiness": (11.8, 12.4, 2.5, 0.0),
    "liveness": (19.9, 16.6, 2.5, 0.0),
    "acousticness": (26.2, 29.1, 0.0, 0.0),
    "instrumentalness": (5.4, 17.7, 0.0, 82.0),
    "popularity": (40.0, 18.8, 0.0, 1.5),
}

_SCENES = 6  # in each style

_TRACK_SHARE = np.array([0.40, 0.33, 0.42, 0.44, 0.58, 0.52, 0.36, 0.84, 0.88, 0.35, 0.60])
"""Share of variance within artists, by axis of `LATENT`: loudness marks an artist, tempo does not."""

_CORRELATIONS = {  # of the latent axes; skewed and rounded columns correlate a little less
    ("energy", "loudness"): 0.78,
    ("energy", "acousticness"): -0.71,
    ("loudness", "acousticness"): -0.56,
    ("danceability", "positiveness"): 0.40,
    ("energy", "positiveness"): 0.30,
    ("danceability", "speechiness"): 0.32,
    ("loudness", "instrumentalness"): -0.16,
    ("energy", "tempo"): 0.18,
    ("energy", "liveness"): 0.18,
    ("loudness", "year"): 0.30,
    ("acousticness", "year"): -0.25,
    ("positiveness", "year"): -0.18,
    ("speechiness", "year"): 0.20,
}

_EMOTIONS = {"joy": 90859, "sadness": 70707, "anger": 46947, "love": 12693, "fear": 11859, "surprise": 2309}
_JUNK = ("True", "angry", "pink", "thirst", "Love", "confusion", "interest", "joy ", "sad", "fearful", "0", "none")
_LEANING = {"joy": (0.45, 0.0), "sadness": (-0.30, -0.25), "anger": (-0.15, 0.45)}  # on positiveness, on energy

_PITCHES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_MAJOR = np.array([10, 8, 9, 2, 4, 5, 4, 10, 5, 7, 4, 4]) / 72.0
_MINOR = np.array([5, 6, 4, 2, 7, 7, 6, 5, 3, 8, 6, 9]) / 68.0

_CHANGES = {  # what a version does to the sound of the first one, by words in its suffix
    "Live": {"liveness": 2.0, "energy": 0.2, "acousticness": 0.1},
    "Remaster": {"loudness": 0.3},
    "Acoustic": {"energy": -1.0, "loudness": -0.7, "acousticness": 1.3},
    "Remix": {"danceability": 0.6, "energy": 0.3, "tempo": 0.3},
    "Instrumental": {"instrumentalness": 2.0, "speechiness": -0.5},
}


@dataclass(frozen=True, slots=True)
class _Artists:
    latent: Float32
    mix: Float32  # turns independent noise into that of tracks around their artist
    spread: Float32  # how much the artist's tracks differ
    tongue: Index
    minor: Float64  # share of keys in minor
    explicit: Float64
    steady: Index
    names: pl.Series
    genres: pl.Series
    ranks: Float64  # share of tracks below each value of the grid, by axis


@dataclass(frozen=True, slots=True)
class _Songs:
    titles: pl.Series  # one a song
    first: Index  # the song of each row
    suffix: Index  # of each row's title, by its place in SUFFIXES


def synthesize_tracks(n_tracks: int, *, random_state: int = 0) -> pl.DataFrame:
    """Return an invented catalog in the light emotions form.

    Parameters
    ----------
    n_tracks : int
        Rows, ≥ 0.
    random_state : int
        Seed; the same seed and number of rows give the same table.

    Returns
    -------
    polars.DataFrame, n_tracks rows × 18
        The columns of the light emotions set under its headers: whole numbers 0–100, keys like ``C# Maj``,
        ``Yes`` or ``No``, several genres in one text.

    Raises
    ------
    ParameterError
        If `n_tracks` or `random_state` is not an int ≥ 0.
    ResourceError
        If the machine has too little memory for so many tracks.

    Examples
    --------
    >>> tracks = synthesize_tracks(1000)
    >>> tracks.shape, tracks.columns[:4]
    ((1000, 18), ['artist', 'song', 'emotion', 'variance'])
    """
    for name, value in (("n_tracks", n_tracks), ("random_state", random_state)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ParameterError(must_be(name, "an int in [0, inf)", value))
    require_memory(_BYTES_A_TRACK * n_tracks, f"A catalog of {n_tracks} tracks", otherwise="or make fewer tracks")
    rng = np.random.default_rng(random_state)
    styles, words = load_styles(), Words(rng)
    n_copies = n_tracks // 100_000  # exact duplicates of other rows
    n_rows = n_tracks - n_copies
    n_first = n_rows - int(0.09 * n_rows)  # the others are versions and twins of these
    artists = _invent_artists(rng, max(1, int(0.3 * n_tracks)), styles, words)
    first = np.concatenate([np.arange(n_first), rng.integers(0, max(n_first, 1), n_rows - n_first)])
    owner = (len(artists.latent) * rng.random(n_first) ** 2).astype(np.int64)  # few have many tracks, many have few
    latent = _draw_tracks(rng, artists, owner)[first]
    songs = _Songs(words.titles(artists.tongue[owner]), first, _draw_suffixes(rng, n_first, n_rows))
    _change_versions(latent, songs.suffix, n_first)
    columns = _texts(rng, artists, owner[first], songs) | _columns_of(rng, artists, owner[first], latent)
    order = rng.permutation(np.concatenate([np.arange(n_rows), rng.integers(0, max(n_rows, 1), n_copies)]))
    return pl.DataFrame(columns).select(pl.col(_HEADER).gather(order.astype(np.int64)))


_HEADER = (
    "artist", "song", "emotion", "variance", "Genre", "Release Date", "Key", "Tempo", "Loudness", "Explicit",
    "Popularity", "Energy", "Danceability", "Positiveness", "Speechiness", "Liveness", "Acousticness",
    "Instrumentalness",
)  # fmt: skip


def write_synthetic(n_tracks: int, path: str | os.PathLike[str], *, random_state: int = 0) -> None:
    """Write an invented catalog in the light emotions form, as CSV or Parquet by the ending of the name.

    Parameters
    ----------
    n_tracks : int
        Rows, ≥ 0.
    path : path
        The file, ``.csv`` or ``.parquet``; it is written aside and then renamed, so that an interrupted run leaves
        nothing half done. Folders that are missing are made.
    random_state : int
        Seed; the same seed and number of rows give the same bytes.

    Raises
    ------
    ParameterError
        If `n_tracks` or `random_state` is not an int ≥ 0, or the name ends otherwise.
    ResourceError
        If the machine has too little memory for so many tracks.
    InputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_synthetic(3, f"{folder}/tracks.csv", random_state=0)
    ...     len(Path(f"{folder}/tracks.csv").read_text(encoding="utf-8").splitlines())
    4
    """
    target = Path(path)
    ending = target.suffix.lower()
    if ending not in (".csv", ".parquet"):
        raise ParameterError(must_be("path", "a file name that ends in .csv or .parquet", str(target)))
    tracks = synthesize_tracks(n_tracks, random_state=random_state)
    aside = target.with_name(f".{target.name}.partial")
    with writing("The catalog", target, "Choose another place with -o."):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            if ending == ".csv":
                tracks.write_csv(aside)
            else:
                tracks.write_parquet(aside)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)


def _invent_artists(rng: np.random.Generator, n: int, styles: Styles, words: Words) -> _Artists:
    """Return artists, each in a scene of a style."""
    between = 1.0 - _TRACK_SHARE
    scale, mix = _hierarchy(styles, 0.5 * between)
    style_of_scene = np.repeat(np.arange(len(styles.names)), _SCENES)
    n_scenes = len(style_of_scene)
    scenes = styles.centers[style_of_scene] * scale
    scenes += np.sqrt(0.15 * between) * (rng.standard_normal((n_scenes, len(LATENT))) @ mix.T)
    crowd = rng.gamma(1.0, size=n_scenes) + 0.1  # some scenes are denser than others
    crowd *= (styles.shares / np.bincount(style_of_scene, crowd))[style_of_scene]
    scene = rng.choice(n_scenes, p=crowd / crowd.sum(), size=n)
    latent = scenes[scene] + np.sqrt(0.35 * between) * (rng.standard_normal((n, len(LATENT))) @ mix.T)
    style = style_of_scene[scene]
    tongue = np.array([TONGUES.index(name) for name in styles.tongues])[style]
    spread = np.exp(0.35 * rng.standard_normal(n))
    return _Artists(
        latent=latent.astype(np.float32),
        mix=(mix * np.sqrt(_TRACK_SHARE)[:, None]).astype(np.float32),
        spread=(spread / np.sqrt(np.mean(spread**2))).astype(np.float32),
        tongue=tongue,
        minor=styles.minor[style],
        explicit=np.clip(styles.explicit[style] * rng.gamma(4.0, 0.3, n), 0.0, 0.97),
        steady=styles.steady[style] > 0,
        names=words.artists(tongue),
        genres=_genre_texts(rng, styles, style),
        ranks=_ranks(styles, scale, 1.0 - 0.5 * between),
    )


def _ranks(styles: Styles, scale: Float64, below: Float64) -> Float64:
    """Return how much of each latent axis lies below each value of the grid: normal around each style's center."""
    from scipy.special import ndtr

    gaps = (_GRID[:, None, None] - styles.centers * scale) / np.sqrt(below)
    ranks: Float64 = np.clip(np.einsum("gsa,s->ag", ndtr(gaps), styles.shares), 1e-9, 1.0 - 1e-9)
    return ranks


def _hierarchy(styles: Styles, style_share: Float64) -> tuple[Float64, Float64]:
    """Return the scale of the styles' centers, and the factor that mixes the axes on the levels below.

    Styles bring correlations of their own; the levels below bring what is missing to those wanted.
    """
    covariance = (styles.centers * styles.shares[:, None]).T @ styles.centers
    scale = np.sqrt(style_share / np.diag(covariance))
    below = np.sqrt(1.0 - style_share)
    needed = np.eye(len(LATENT))
    for (one, other), wanted in _CORRELATIONS.items():
        i, j = _AXIS[one], _AXIS[other]
        missing = wanted - covariance[i, j] * scale[i] * scale[j]
        needed[i, j] = needed[j, i] = missing / (below[i] * below[j])
    values, vectors = np.linalg.eigh(needed)
    factor = (vectors * np.sqrt(np.maximum(values, 0.02))) @ vectors.T  # whichever way the vectors point
    return scale, factor / np.linalg.norm(factor, axis=1, keepdims=True)


def _genre_texts(rng: np.random.Generator, styles: Styles, style: Index) -> pl.Series:
    """Return the genre text of each artist: unknown, the style, or it and one or two styles near it."""
    gaps = np.linalg.norm(styles.centers[:, None] - styles.centers[None], axis=2)
    near = np.argsort(gaps, axis=1, kind="stable")[style, 1:8]
    picks = np.argsort(rng.random(near.shape), axis=1)[:, :2]
    kind = rng.random(len(style))
    names = pl.Series(styles.names)
    texts = names.gather(style)
    for j, enough in ((0, kind < 0.27), (1, kind < 0.12)):
        more = "," + names.gather(near[np.arange(len(style)), picks[:, j]])
        texts = texts + more.zip_with(pl.Series(enough), pl.Series([""]))
    return texts.zip_with(pl.Series(kind < 0.79), pl.Series(["Unknown,Unknown,Unknown"]))


def _draw_tracks(rng: np.random.Generator, artists: _Artists, owner: Index) -> Float32:
    """Return the latent point of each track around its artist's."""
    noise = rng.standard_normal((len(owner), len(LATENT)), dtype=np.float32) @ artists.mix.T
    noise *= artists.spread[owner, None]
    noise[:, _AXIS["tempo"]] *= np.where(artists.steady, np.float32(0.4), np.float32(1.12))[owner]
    noise += artists.latent[owner]
    return noise


def _draw_suffixes(rng: np.random.Generator, n_first: int, n_rows: int) -> Index:
    """Return the suffix of each row's title: few for the first of a song, nearly always for its versions."""
    guests = np.array([i for i, text in enumerate(SUFFIXES) if text.endswith("{guest})") or "feat" in text])
    suffix = np.zeros(n_rows, dtype=np.int64)
    suffix[:n_first] = np.where(rng.random(n_first) < 0.04, rng.choice(guests, n_first), 0)
    suffix[n_first:] = rng.integers(1, len(SUFFIXES), n_rows - n_first)
    suffix[n_first:][rng.random(n_rows - n_first) < 0.12] = 0  # a twin: another title, the same audio
    return suffix


def _change_versions(latent: Float32, suffix: Index, n_first: int) -> None:
    """Change the sound of versions in place: live ones are livelier, remasters a little louder."""
    for word, changes in _CHANGES.items():
        kinds = [i for i, text in enumerate(SUFFIXES) if word in text]
        rows = n_first + np.flatnonzero(np.isin(suffix[n_first:], kinds))
        for axis, shift in changes.items():
            latent[rows, _AXIS[axis]] += shift


def _texts(rng: np.random.Generator, artists: _Artists, owner: Index, songs: "_Songs") -> dict[str, pl.Series]:
    """Return artist, title and genre of each row."""
    n = len(owner)
    titles = songs.titles.gather(songs.first)
    twin = (songs.suffix == 0) & (np.arange(n) >= len(songs.titles))
    titles = titles.zip_with(pl.Series(~twin), songs.titles.gather(rng.integers(0, max(len(songs.titles), 1), n)))
    titles = with_suffixes(rng, titles, songs.suffix, artists.names)
    missing = rng.choice(n, n // 30_000, replace=False)
    titles = titles.scatter(missing, None)
    names = artists.names.gather(owner)
    archive = pl.Series(rng.random(n) < 0.0025)  # one name over all styles, as translations have
    names = names.zip_with(~archive, pl.Series(["Lyric Commons Translations"]))
    return {"artist": names, "song": titles, "Genre": artists.genres.gather(owner)}


def _columns_of(
    rng: np.random.Generator, artists: _Artists, owner: Index, latent: Float32
) -> dict[str, pl.Series | Index]:
    """Return all columns but the names, one entry a row."""
    n = len(owner)
    curves = _curves(artists)
    column = {name: np.interp(latent[:, _AXIS[name]], _GRID, curve) for name, curve in curves.items()}
    minor = rng.random(n) < artists.minor[owner]
    pitch = np.where(minor, rng.choice(12, n, p=_MINOR), rng.choice(12, n, p=_MAJOR))
    keys = pl.Series([f"{name} {mode}" for mode in ("Maj", "min") for name in _PITCHES])
    explicit = (rng.random(n) < artists.explicit[owner] * 1.25) & (column["year"] > 1988)
    variance = np.where(rng.random(n) < 0.75, FILLER, np.round(rng.normal(0.1, 0.17, n), 6))
    numbers = {name.capitalize(): np.rint(column[name]).astype(np.int64) for name in (*_PERCENT, "tempo")}
    return {
        **numbers,
        "emotion": _emotions(rng, latent),
        "variance": variance,
        "Release Date": np.rint(column["year"]).astype(np.int64),
        "Key": keys.gather(pitch + 12 * minor),
        "Loudness": np.round(column["loudness"], 2),
        "Explicit": pl.Series(["No", "Yes"]).gather(explicit.astype(np.int64)),
    }


def _emotions(rng: np.random.Generator, latent: Float32) -> pl.Series:
    """Return emotions with the published frequencies, leaning a little on the sound, and a few junk labels."""
    n = len(latent)
    positiveness, energy = latent[:, _AXIS["positiveness"]], latent[:, _AXIS["energy"]]
    best = np.full(n, -np.inf)
    chosen = np.zeros(n, dtype=np.int64)
    for i, (name, count) in enumerate(_EMOTIONS.items()):
        on_positiveness, on_energy = _LEANING.get(name, (0.0, 0.0))
        score = math.log(count) + on_positiveness * positiveness + on_energy * energy + rng.gumbel(size=n)
        chosen = np.where(score > best, i, chosen)
        best = np.maximum(best, score)
    n_junk = min(n // 20_000, 12)
    chosen[rng.choice(n, n_junk, replace=False)] = len(_EMOTIONS) + rng.integers(0, len(_JUNK), n_junk)
    return pl.Series([*_EMOTIONS, *_JUNK]).gather(chosen)


def _curves(artists: _Artists) -> dict[str, Float64]:
    """Return for each axis the column's value at each latent value of `_GRID`."""
    from scipy.special import betaincinv, ndtri

    curves: dict[str, Float64] = {}
    for name, (mean, deviation, low, zero) in _PERCENT.items():
        zeros, width = zero / 100.0, 100.0 - low
        inner = mean / (1.0 - zeros)
        variance = ((deviation**2 + mean**2) / (1.0 - zeros) - inner**2) / width**2
        center = (inner - low) / width
        total = center * (1.0 - center) / variance - 1.0
        rank = np.clip((artists.ranks[_AXIS[name]] - zeros) / (1.0 - zeros), 0.0, 1.0)
        values = low + width * betaincinv(center * total, (1.0 - center) * total, rank)
        curves[name] = np.where(rank > 0.0, values, 0.0)
    normal = ndtri(artists.ranks)
    loudness, tempo = normal[_AXIS["loudness"]], normal[_AXIS["tempo"]]
    curves["loudness"] = np.clip(2.0 - 10.04 * np.exp(-0.37 * loudness - 0.37**2 / 2.0), -47.0, 4.0)
    curves["tempo"] = np.clip(120.6 + 290.0 * (np.exp(0.1 * tempo - 0.005) - 1.0), 30.0, 220.0)
    age = 15.8 * (-np.log(artists.ranks[_AXIS["year"]])) ** (1.0 / 1.05)
    curves["year"] = np.clip(2024.0 - age, 1900.0, 2024.0)
    return curves
