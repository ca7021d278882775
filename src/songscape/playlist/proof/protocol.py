"""Which playlists judge, which teach, and what is given of each.

A playlist is the list of its distinct known songs, in its order. Those with `MIN_SONGS` to `MAX_SONGS` songs can
judge: `N_GIVEN` songs, drawn with a fixed seed, are given, and the others are to be found. Charts copy each other and
are left out by their names, and of playlists that share a third of their songs (Jaccard index ≥ `NEAR`) only the
first judges. What a playlist judges was never taught by it, nor by any that is near it: judges are parted into
`N_FOLDS` folds, and what continues those of a fold learned from all playlists but these and their neighbors.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from songscape.types import Int32, Int64

N_GIVEN = 10
MIN_SONGS, MAX_SONGS = 20, 400
NEAR = 0.3
N_FOLDS = 5

_CHART = re.compile(r"\btop\b|chart|billboard|\bviral\b|hot 100|new music friday|release radar", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Playlist:
    """A real playlist.

    Attributes
    ----------
    name, source : str
        What its maker called it, and where it comes from.
    songs : int32, shape (n_songs,)
        Song numbers in its order, each once.
    id : str, optional
        What tells it from others of the same name.
    """

    name: str
    source: str
    songs: Int32
    id: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A playlist that judges: what is given of it and what is to be found."""

    playlist: Playlist
    given: Int32
    hidden: Int32


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """Some playlists that judge, and all that may teach what they judge."""

    judges: tuple[Held, ...]
    teachers: tuple[Playlist, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Playlists that judge and playlists that teach.

    Attributes
    ----------
    judges : tuple of Held
        Those of all folds, in the order of the playlists.
    folds : tuple of Fold
        None of them is empty.
    left_out : dict
        Why playlists do not judge → how many.
    """

    judges: tuple[Held, ...]
    folds: tuple[Fold, ...]
    left_out: dict[str, int]


def split_playlists(
    playlists: Sequence[Playlist],
    n_songs: int,
    *,
    share: float = 0.4,
    random_state: int = 0,
    sources: tuple[str, ...] = (),
) -> Split:
    """Split playlists into those that judge and those that teach.

    Parameters
    ----------
    playlists : sequence of Playlist
    n_songs : int
        Songs in the catalog.
    share : float
        Share of the playlists fit to judge that do, in (0, 1]. Which ones follows from their ids (else names and
        songs), not from the order or number of other playlists.
    random_state : int
        Seed of the draw of given songs.
    sources : tuple of str, optional
        Beginnings of the names of sources that may judge; all by default.

    Returns
    -------
    Split
    """
    members = membership([playlist.songs for playlist in playlists], n_songs)
    sizes = np.diff(members.indptr)
    near = _near(members, sizes)
    left: dict[str, int] = {}
    kept = np.zeros(len(playlists), bool)
    for i, playlist in enumerate(playlists):
        why = _unfit(playlist, sizes[i], sources)
        if not why and kept[near.indices[near.indptr[i] : near.indptr[i + 1]]].any():
            why = "near another"
        kept[i] = not why
        if why:
            left[why] = left.get(why, 0) + 1
    judging = [i for i, playlist in enumerate(playlists) if kept[i] and _lot(playlist) < share]
    judges = [hold(playlists[i], random_state) for i in judging]
    folds = []
    for first in range(min(N_FOLDS, len(judges))):
        beside = np.zeros(len(playlists), bool)
        for judge in judging[first::N_FOLDS]:
            beside[near.indices[near.indptr[judge] : near.indptr[judge + 1]]] = True
        beside[judging[first::N_FOLDS]] = True
        teachers = tuple(playlists[i] for i in np.flatnonzero(~beside & (sizes >= 2)).tolist())
        folds.append(Fold(tuple(judges[first::N_FOLDS]), teachers))
    return Split(tuple(judges), tuple(folds), left)


def membership(playlists: Sequence[Int32], n_songs: int) -> Any:
    """Return playlists × songs as a sparse matrix of ones."""
    from scipy.sparse import csr_array

    lengths = [len(songs) for songs in playlists]
    indptr = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    ids = np.concatenate([np.empty(0, np.int32), *playlists])
    members = csr_array((np.ones(len(ids), np.float32), ids, indptr), shape=(len(playlists), n_songs))
    members.sort_indices()
    return members


def _near(members: Any, sizes: Int64) -> Any:
    """Return which playlists share so much that one gives the other away; none is near itself."""
    from scipy.sparse import csr_array

    shared = (members @ members.T).tocoo()
    jaccard = shared.data / (sizes[shared.row] + sizes[shared.col] - shared.data)
    pairs = (jaccard >= NEAR) & (shared.row != shared.col)
    return csr_array((jaccard[pairs], (shared.row[pairs], shared.col[pairs])), shape=shared.shape)


def _unfit(playlist: Playlist, size: int, sources: tuple[str, ...]) -> str:
    if sources and not playlist.source.startswith(sources):
        return "other source"
    if size < MIN_SONGS:
        return f"fewer than {MIN_SONGS} known songs"
    if size > MAX_SONGS:
        return f"more than {MAX_SONGS} known songs"
    return "chart" if _CHART.search(playlist.name) else ""


def _digest(playlist: Playlist) -> bytes:
    told = playlist.id or f"{playlist.source}\n{playlist.name}\n{playlist.songs.tolist()}"
    return hashlib.sha256(f"songscape{told}".encode()).digest()


def _lot(playlist: Playlist) -> float:
    """Return a number in [0, 1) that depends on nothing but the playlist."""
    return int.from_bytes(_digest(playlist)[:4], "big") % 100 / 100.0


def hold(playlist: Playlist, random_state: int = 0) -> Held:
    """Return a playlist with `N_GIVEN` of its songs given, drawn by a seed of its own."""
    rng = np.random.default_rng([random_state, int.from_bytes(_digest(playlist)[4:8], "big")])
    given: npt.NDArray[np.bool_] = np.zeros(len(playlist.songs), bool)
    given[rng.choice(len(playlist.songs), N_GIVEN, replace=False)] = True
    return Held(playlist, playlist.songs[given], playlist.songs[~given])
