"""The year of each song, out of years of its tracks that may be wrong.

A song's tracks are its first release, remasters, samplers: the earliest year is the song's own. But catalogs that
were gathered from several sources hold rows with years by chance, and the earliest of several is wrong as soon as one
is. So a year counts if others *support* it: another track of the song within a year, or enough tracks of its artist
within a year. The earliest year that is supported is taken, else the earliest. A year that nothing supports, of an
artist with many other tracks and hardly any within five years, counts as unknown.

On real playlists songs of one list lie 6.9 years apart in the mean by these years, and 9.4 by the earliest; random
songs 13.1 and 15.4.
"""

import numpy as np

from songscape.types import Float32, Float64, Int32, Int64

_FIRST = 1000  # no year before; keys of artist and year stay apart
_SPAN = 2000
_REACH, _FAR_REACH = 1, 5  # years
_LEAST, _SHARE = 2, 0.05  # tracks of the artist that support a year: so many, and this share of the others
_MANY = 10  # other tracks of the artist by which a year can be told to be wrong


def song_years(years: Float64, song_of: Int32, main_artist: Int32) -> Float32:
    """Return the year of each song.

    Parameters
    ----------
    years : float64, shape (n_tracks,)
        NaN where unknown.
    song_of : int32, shape (n_tracks,)
        The song of each track.
    main_artist : int32, shape (n_songs,)
        −1 where unknown.

    Returns
    -------
    float32, shape (n_songs,)
        NaN where unknown, or where the only years are contradicted by the artist's others.

    Examples
    --------
    >>> artist = np.zeros(4, np.int32)  # the first song has two tracks, one with a year that nothing supports
    >>> song_years(np.array([1950.0, 1986.0, 1985.0, 1986.0, 1987.0]), np.array([0, 0, 1, 2, 3], np.int32), artist)
    array([1986., 1985., 1986., 1987.], dtype=float32)
    """
    known = np.flatnonzero(~np.isnan(years))
    songs, year = song_of[known], years[known]
    artists = main_artist[songs]
    place = np.clip(year - _FIRST, 0, _SPAN).astype(np.int64)
    of_song = np.bincount(songs, minlength=len(main_artist))[songs]
    of_artist = np.bincount(artists + 1, minlength=1)[artists + 1]
    others = np.where(artists >= 0, of_artist - of_song, 0)

    def beside(reach: int) -> Int64:
        """Count the tracks of the artist's other songs within so many years."""
        return np.where(artists >= 0, _within(artists, place, reach) - _within(songs, place, reach), 0)

    has_twin = _within(songs, place, _REACH) > 1
    supported = has_twin | (beside(_REACH) >= np.maximum(_LEAST, _SHARE * others))
    doubtful = ~has_twin & (others >= _MANY) & (beside(_FAR_REACH) < _SHARE * others)
    out = np.full(len(main_artist), np.inf)
    np.minimum.at(out, songs[supported], year[supported])
    rest = np.isinf(out)[songs] & ~doubtful
    np.minimum.at(out, songs[rest], year[rest])
    return np.where(np.isinf(out), np.nan, out).astype(np.float32)


def _within(owners: Int32, place: Int64, reach: int) -> Int64:
    """Return how many entries of the same owner lie within so many years, the entry itself among them."""
    keys = owners.astype(np.int64) * (_SPAN + 100) + place
    ordered = np.sort(keys)
    counts: Int64 = np.searchsorted(ordered, keys + reach, "right") - np.searchsorted(ordered, keys - reach, "left")
    return counts
