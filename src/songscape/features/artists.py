"""Artist discounting: the metric learned from who made what.

What one artist varies at will from song to song (tempo, liveness) says little about how a song sounds; what stays the
same within an artist and differs between artists (loudness, acousticness) marks a style. With V the covariance of z
within artists plus a ridge, and B that between them, squared distances are taken under

    M = V⁻¹ − (V + B + εV)⁻¹

This is linear discriminant analysis with its axes weighed: whitened by V, each scaled by sqrt(q / (q + 1)), q = ε +
the ratio of variance between artists to that within; and KISSME (Köstinger et al., CVPR 2012) with "by one artist" as
the pairs that are alike. B is estimated without bias (analysis of variance), so that it does not depend on how many
songs an artist has. The ridge keeps directions of little variance from being blown up, ε those that artists do not
differ in from vanishing. Of all maps with this M (they differ by a rotation) the symmetric root of M is the nearest
to the columns as they are, so the columns keep their names; it is scaled so that the total variance stays.

Songs with all columns known count, of artists with 2 to 200 of them: fewer say nothing of variance within, and many
are often no artist. All sums are exact (`songscape.features.exact`), so they do not depend on the order of songs.
"""

import numpy as np
import polars as pl

from songscape.features.exact import on_grid
from songscape.types import GENERIC_ARTISTS, ArtistDiscount, Float64, Int64

BLOCKS = ("sound", "mood", "rhythm")
"""The blocks whose columns are discounted: how a track sounds, without its key."""

SONGS = (2, 200)
"""Fewest and most songs of an artist to learn from."""

MIN_ARTISTS = 50
"""Fewest such artists."""

MIN_FREEDOM = 10
"""Fewest songs beyond the first of each artist, per column."""

MIN_BETWEEN = 0.1
"""Least share of variance between artists, mean over columns: with artists dealt out at random it is near 0."""

RIDGE = 0.03
"""Variance added to each column within artists; z has variance 1."""

FLOOR = 0.1
"""ε: ratio of variance between artists to that within which every direction is granted."""


def learn_discount(Z: Float64, columns: tuple[str, ...], tracks: pl.DataFrame) -> ArtistDiscount:
    """Learn the discount of some columns from the artists of a catalog.

    Parameters
    ----------
    Z : float64, shape (n_columns, n_tracks)
        Standardized values within ±4, NaN where unknown.
    columns : tuple of str
        Their names.
    tracks : polars.DataFrame
        ``artists``: lists of texts, the main artist first. May be absent.

    Returns
    -------
    ArtistDiscount
        With an empty matrix and the reason, where too few artists are known or they do not differ.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> style = np.repeat(rng.normal(size=100), 5)
    >>> Z = np.clip([style, 0.5 * style + rng.normal(size=500)], -4, 4)  # one marks artists, one varies at will
    >>> tracks = pl.DataFrame({"artists": [[f"artist {i // 5}"] for i in range(500)]})
    >>> discount = learn_discount(Z, ("energy", "tempo"), tracks)
    >>> discount.n_artists, [round(share, 1) for share in discount.within]
    (100, [0.0, 0.8])
    """
    if not columns:
        return _nothing(f"no feature of the blocks {', '.join(BLOCKS)} is used")
    z, artist = _songs(Z, tracks)
    n_artists, n_songs = len(np.unique(artist)), len(artist)
    told = f"{n_artists} artists have {SONGS[0]} to {SONGS[1]} songs with all features, {n_songs} songs in all"
    freedom = MIN_FREEDOM * len(columns)
    if n_artists < MIN_ARTISTS or n_songs - n_artists < freedom:
        least = f"at least {MIN_ARTISTS} such artists, and {freedom} songs more than artists"
        return _nothing(f"{told}; it takes {least}", n_artists, n_songs)
    within, between = _covariances(z, artist)
    shares = _shares(np.diag(within), np.diag(between))
    if shares.mean() > 1.0 - MIN_BETWEEN:
        where = f"{shares.mean():.0%} of the variance lies within artists; it takes at most {1.0 - MIN_BETWEEN:.0%}"
        return _nothing(f"{told}, and {where}", n_artists, n_songs)
    return ArtistDiscount(discount_matrix(within, between), columns, tuple(shares.tolist()), n_artists, n_songs)


def discount_matrix(within: Float64, between: Float64, ridge: float = RIDGE, floor: float = FLOOR) -> Float64:
    """Return the symmetric root of V⁻¹ − (V + B + εV)⁻¹, scaled so that the variance W + B keeps its total.

    Parameters
    ----------
    within, between : float64, shape (n_columns, n_columns)
        Covariances W and B, symmetric. Directions in which B is negative (an estimate can be) count as 0.
    ridge : float
        λ in V = W + λI; > 0 where W is singular.
    floor : float
        ε, > 0 where B may be 0.

    Returns
    -------
    float64, shape (n_columns, n_columns)
        Symmetric, positive semi-definite.

    Examples
    --------
    >>> discount_matrix(np.diag([0.5, 0.5]), np.diag([0.5, 0.0]), ridge=0.0, floor=0.0).round(3).tolist()
    [[1.225, 0.0], [0.0, 0.0]]
    """
    whiten = np.linalg.inv(np.linalg.cholesky(within + ridge * np.eye(len(within))))
    ratio, axes = np.linalg.eigh(whiten @ between @ whiten.T)
    ratio = np.maximum(ratio, 0.0) + floor
    scaled = np.sqrt(ratio / (ratio + 1.0))[:, None] * (axes.T @ whiten)
    values, vectors = np.linalg.eigh(scaled.T @ scaled)
    root: Float64 = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    total = within + between
    factor = float(np.sqrt(np.trace(total) / np.trace(root @ total @ root)))
    return (root + root.T) * (0.5 * factor)


def discounted(Z: Float64, matrix: Float64) -> Float64:
    """Return ``matrix @ Z``, each value added up in one order, whatever tracks stand beside it."""
    out = np.zeros_like(Z)
    for row, factors in zip(out, matrix, strict=True):
        for values, factor in zip(Z, factors, strict=True):
            row += factor * values
    return out


def _nothing(reason: str, n_artists: int = 0, n_songs: int = 0) -> ArtistDiscount:
    return ArtistDiscount(np.zeros((0, 0)), n_artists=n_artists, n_songs=n_songs, reason=reason)


def _songs(Z: Float64, tracks: pl.DataFrame) -> tuple[Float64, Int64]:
    """Return rounded z of the songs to learn from, (n_columns, n_songs), and the number of each song's artist."""
    names = _main_artists(tracks)
    usable = names.is_not_null().to_numpy() & ~np.isnan(Z).any(axis=0)
    rows = np.flatnonzero(usable)
    named = names.gather(rows).to_frame("artist").with_row_index("row")
    artist = named.select(pl.col("row").min().over("artist").cast(pl.Int64)).to_series().to_numpy()
    size = np.bincount(artist, minlength=1)[artist]
    fits = (size >= SONGS[0]) & (size <= SONGS[1])
    numbers: Int64 = np.unique(artist[fits], return_inverse=True)[1]
    return on_grid(Z[:, rows[fits]]), numbers


def _main_artists(tracks: pl.DataFrame) -> pl.Series:
    """Return the main artist of each track, null where there is none or the name stands for many."""
    unknown = pl.Series([None] * tracks.height, dtype=pl.String)
    if "artists" not in tracks.columns:
        return unknown
    artists = tracks["artists"]
    main = artists.list.first() if artists.dtype == pl.List else artists
    name = main.cast(pl.String)
    plain = name.str.strip_chars().str.to_lowercase()
    return pl.select(pl.when(~plain.is_in(GENERIC_ARTISTS) & (plain != "")).then(name)).to_series()


def _covariances(z: Float64, artist: Int64) -> tuple[Float64, Float64]:
    """Return the covariances within and between artists, (n_columns, n_columns) each, by the analysis of variance."""
    size = np.bincount(artist)
    n_songs, n_artists = len(artist), len(size)
    sums = np.array([np.bincount(artist, weights=row) for row in z])
    means = on_grid(sums / np.sqrt(size))  # rounded again: their products too add without error
    grand = sums.sum(axis=1)
    of_means = means @ means.T
    within = (z @ z.T - of_means) / (n_songs - n_artists)
    typical = (n_songs - float((size**2).sum()) / n_songs) / (n_artists - 1)  # songs of an artist
    between = ((of_means - np.outer(grand, grand) / n_songs) / (n_artists - 1) - within) / typical
    return within, between


def _shares(within: Float64, between: Float64) -> Float64:
    """Return the share of each column's variance within artists, in [0, 1]; 1 where nothing varies."""
    inner, outer = np.maximum(within, 0.0), np.maximum(between, 0.0)
    total = inner + outer
    shares: Float64 = np.divide(inner, total, out=np.ones_like(total), where=total > 0.0)
    return shares
