"""What playlists teach, and how well playlists are continued: files of playlists against the songs of an atlas."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from songscape.atlas.playlists.library import library_of
from songscape.atlas.record import Atlas
from songscape.errors import InputError, ParameterError, must_be
from songscape.playlist.formats import BY_ID, NOT_FOUND, match_rows, read_playlists
from songscape.playlist.learning import Learned
from songscape.playlist.learning import learn_weights as learn
from songscape.playlist.proof.protocol import Playlist as Judge
from songscape.playlist.proof.prove import ProofParams
from songscape.playlist.proof.prove import prove_use as judge
from songscape.playlist.weights import ScoreWeights
from songscape.progress import Progress, silent
from songscape.types import Int32
from songscape.wording import counted


@dataclass(frozen=True, slots=True, eq=False)
class KnownPlaylists:
    """Playlists of a file as songs of an atlas.

    Attributes
    ----------
    playlists : tuple of Playlist
        Each with its songs in order, each once; those without a known song are left out.
    n_tracks, n_by_id, n_not_found : int
        Rows of the file, those that were matched by id, and those that are not in the atlas.
    n_rejected : int
        Rows that could not be read.
    """

    playlists: tuple[Judge, ...]
    n_tracks: int
    n_by_id: int
    n_not_found: int
    n_rejected: int


def read_known_playlists(atlas: Atlas, path: str | os.PathLike[str]) -> KnownPlaylists:
    """Read a file of playlists, and find their songs in an atlas.

    Parameters
    ----------
    atlas : Atlas
    path : path
        A Parquet, CSV or JSON Lines file with columns ``playlist_id``, ``position``, and ``track_id`` (the catalog's
        own ids) or ``artist`` and ``title``, a slice of the Million Playlist Dataset, a folder of playlist files, or
        one of them.

    Raises
    ------
    InputError
        If the file cannot be used, or none of its tracks is in the atlas.
    """
    if not isinstance(atlas, Atlas):
        raise ParameterError(must_be("atlas", "an Atlas, from songscape.build_atlas or load_atlas", type(atlas)))
    library = library_of(atlas)
    table = read_playlists(path)
    matching = match_rows(table.tracks, library.index)
    known = matching.rows >= 0
    if not known.any():
        raise InputError(
            f"None of the {counted(len(known), 'track')} in '{path}' is in the atlas: it tells nothing. They are"
            " looked up by the catalog's own ids (track_id), else by the columns artist and title."
        )
    owner = table.tracks["playlist"].to_numpy()[known]
    songs = library.song_of[matching.rows[known]]
    ends = np.searchsorted(owner, np.arange(table.n_playlists + 1))
    about = table.playlists.select("name", "source", "playlist_id").fill_null("").rows()
    found = [
        Judge(name, source, _each_once(songs[ends[i] : ends[i + 1]]), number)
        for i, (name, source, number) in enumerate(about)
        if ends[i] < ends[i + 1]
    ]
    return KnownPlaylists(
        tuple(found), len(known), matching.count(BY_ID), matching.count(NOT_FOUND), table.n_rejected
    )


def learn_weights(
    atlas: Atlas, path: str | os.PathLike[str], *, random_state: int = 0, progress: Progress = silent
) -> Learned:
    """Learn from playlists how much each part of the score counts, and what stands together.

    Parameters
    ----------
    atlas : Atlas
    path : path
        A file of playlists, see `read_known_playlists`.
    random_state : int
        Seed of the draws.
    progress : callable
        Called with the stage learn and a fraction in [0, 1].

    Returns
    -------
    Learned
        Its `save` writes the file that a request names as ``learned``.

    Raises
    ------
    InputError
        If the file cannot be used, or has too few playlists with songs of the atlas.

    Examples
    --------
    >>> import polars as pl, songscape, tempfile
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(1_000, random_state=0)))
    >>> names = atlas.catalog.tracks.select("title", pl.col("artists").list.first().alias("artist"))
    >>> rows = names.with_row_index("position").with_columns(playlist_id=pl.col("position") // 40)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows.write_csv(f"{folder}/lists.csv")
    ...     learned = songscape.learn_weights(atlas, f"{folder}/lists.csv")
    >>> learned.n_playlists
    25
    """
    known = read_known_playlists(atlas, path)
    songs = [playlist.songs for playlist in known.playlists]
    return learn(library_of(atlas).content, songs, random_state=random_state, progress=progress)


def prove_use(
    atlas: Atlas,
    path: str | os.PathLike[str],
    *,
    sources: tuple[str, ...] = (),
    random_state: int = 0,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Judge playlists of an atlas by real ones: ten of their songs are given, the others are to be found.

    Parameters
    ----------
    atlas : Atlas
    path : path
        A file of playlists, see `read_known_playlists`.
    sources : tuple of str
        Beginnings of the names of sources that may judge; all of them where empty.
    random_state : int
        Seed of the draws.
    progress : callable
        Called with the stage prove and a fraction in [0, 1].

    Returns
    -------
    dict
        Plain data, see `songscape.playlist.proof.prove.prove_use`; the atlas's coarse groups are one of the rivals.

    Raises
    ------
    InputError
        If the file cannot be used, or no playlist has 20 to 400 songs of the atlas.

    Examples
    --------
    >>> import polars as pl, songscape, tempfile
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(1_000, random_state=0)))
    >>> names = atlas.catalog.tracks.select("title", pl.col("artists").list.first().alias("artist"))
    >>> rows = names.with_row_index("position").with_columns(playlist_id=pl.col("position") // 40)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows.write_csv(f"{folder}/lists.csv")
    ...     proof = songscape.prove_use(atlas, f"{folder}/lists.csv")
    >>> sorted(proof["content"]), proof["playlists"]["all"]
    (['pool', 'whole'], 25)
    """
    known = read_known_playlists(atlas, path)
    params = ProofParams(
        ScoreWeights(),
        sources=sources,
        labels={"coarse groups": atlas.groups.scale("coarse").nearest},
        random_state=random_state,
    )
    proof = judge(library_of(atlas).content, known.playlists, params, progress=progress)
    matched = {"tracks": known.n_tracks, "by_id": known.n_by_id, "not_found": known.n_not_found}
    return proof | {"matched": matched | {"rejected": known.n_rejected}}


def _each_once(songs: Int32) -> Int32:
    return songs[np.sort(np.unique(songs, return_index=True)[1])]
