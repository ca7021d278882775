"""What became of the groups of an atlas in another one: kept, moved, born, gone; and how their maps lie.

Groups of one scale are matched one to one by the songs that both atlases have. Their likeness is the Jaccard index,
songs in both / songs in either, less what chance gives to groups of these sizes: (J − E) / (1 − E), where E is that
of two groups that have a · b / n songs in common. The pairs are those with the largest sum of likeness (Kuhn 1955,
doi:10.1002/nav.3800020109). A group of at least `KEPT` is *kept*, one of at least `MOVED` has *moved*: it can be
recognized, its borders are others. What is left is *gone*, or *born*.
"""

import math
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from songscape.atlas.aligning import MapFit, fit_map
from songscape.atlas.matching import SongMatch, match_songs
from songscape.atlas.record import Atlas
from songscape.errors import InputError, ParameterError, must_be
from songscape.evaluation import adjusted_rand_index
from songscape.types import Float32, Float64, Int32, Int64

KEPT = 0.5
"""Likeness from which a group is the same: most of its songs."""

MOVED = 0.2
"""Likeness from which a group can be recognized."""

Status = Literal["kept", "moved", "born", "gone"]

STATUSES: tuple[Status, ...] = ("kept", "moved", "gone", "born")

_SHOWN = 3  # groups of the other atlas that a group without a match is told to be made of
_SMALL = 0.05  # share of a group's songs below which another group is no part of it


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What became of a group.

    Attributes
    ----------
    status : str
        ``kept``, ``moved``, ``gone`` or ``born``.
    old, new : int or None
        Its numbers; None for a group that is born, or gone.
    old_name, new_name : str or None
        Its names.
    old_size, new_size : int
        Of the songs that both atlases have, those in the group; 0 where it is not.
    shared : int
        Songs in both.
    jaccard, likeness : float
        Songs in both / songs in either, and the same beyond chance, at most 1; 0 where there is no match.
    shift : float or None
        How far the middle of the shared songs moved on the map, once the maps are aligned, relative to the radius of
        the old map; None where there is no match.
    others : list of dict
        Where else its songs are: ``number``, ``name`` and ``share`` of groups of the other atlas; for groups that are
        born where they come from, for those that are gone where they went.
    """

    status: Status
    old: int | None
    new: int | None
    old_name: str | None
    new_name: str | None
    old_size: int
    new_size: int
    shared: int
    jaccard: float
    likeness: float
    shift: float | None
    others: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ScaleChanges:
    """What became of the groups of one scale.

    Attributes
    ----------
    groups : tuple of GroupChange
        Kept and moved ones by old number, then those that are gone, then those that are born.
    agreement : float or None
        Adjusted Rand index of the two partitions: 1 if equal, 0 as by chance; None where chance leaves no room, as
        with fewer than two groups.
    """

    groups: tuple[GroupChange, ...]
    agreement: float | None

    def counts(self) -> dict[str, int]:
        """Return how many groups have each status."""
        found = Counter(group.status for group in self.groups)
        return {status: found[status] for status in STATUSES}


@dataclass(frozen=True, slots=True, eq=False)
class AtlasComparison:
    """Two atlases of songs that they have in common.

    Attributes
    ----------
    songs : SongMatch
        The songs that both have.
    n_old, n_new : int
        How many songs each has.
    scales : dict of str to ScaleChanges
        Under ``coarse``, ``middle`` and ``fine``.
    map : MapFit or None
        How the new map is laid on the old one; None where they have different numbers of dimensions.
    """

    songs: SongMatch
    n_old: int
    n_new: int
    scales: dict[str, ScaleChanges]
    map: MapFit | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        scales = {
            name: {"agreement": scale.agreement, **scale.counts(), "groups": [asdict(one) for one in scale.groups]}
            for name, scale in self.scales.items()
        }
        songs = {"old": self.n_old, "new": self.n_new, "matched": len(self.songs), "by_id": self.songs.by_id}
        return {"songs": songs, "scales": scales, "map": None if self.map is None else self.map.as_dict()}


def compare_atlases(old: Atlas, new: Atlas) -> AtlasComparison:
    """Tell which groups of an atlas are kept, moved, born and gone in another one, of the same songs or some of them.

    Parameters
    ----------
    old, new : Atlas
        From `songscape.build_atlas` or `songscape.load_atlas`.

    Returns
    -------
    AtlasComparison
        ``as_dict()`` is plain data. `songscape.carry_groups` and `songscape.align_map` make use of it.

    Raises
    ------
    InputError
        If the atlases have no song in common.
    ParameterError
        If one of them is something else.

    Examples
    --------
    >>> import songscape
    >>> tracks = songscape.synthesize_tracks(600, random_state=0)
    >>> one, other = (songscape.build_atlas(songscape.read_catalog(part)) for part in (tracks, tracks.head(550)))
    >>> found = songscape.compare_atlases(one, other)
    >>> len(found.songs), sorted(found.scales["middle"].counts())
    (511, ['born', 'gone', 'kept', 'moved'])
    """
    for name, atlas in (("old", old), ("new", new)):
        if not isinstance(atlas, Atlas):
            raise ParameterError(must_be(name, "an Atlas, from songscape.build_atlas or load_atlas", type(atlas)))
    songs = match_songs(old.catalog, new.catalog)
    if not len(songs):
        raise InputError(
            "The two atlases have no song in common, by id or by artist and title, so there is nothing to compare."
        )
    places = old.embedding[old.songs][songs.old], new.embedding[new.songs][songs.new]
    fit = fit_map(*places) if places[0].shape == places[1].shape else None
    shifted = None if fit is None else (places[0], fit.apply(places[1]))
    scales = {}
    for before, after in zip(old.groups.scales, new.groups.scales, strict=True):
        names = _names(old, before.name), _names(new, after.name)
        scales[before.name] = match_groups(before.nearest[songs.old], after.nearest[songs.new], names, shifted)
    return AtlasComparison(songs, len(old.songs), len(new.songs), scales, fit)


def _names(atlas: Atlas, scale: str) -> list[str]:
    return [str(card["name"]) for card in atlas.cards[scale]]


def match_groups(
    old: Int32,
    new: Int32,
    names: tuple[list[str], list[str]],
    places: tuple[Float32 | Float64, Float64] | None = None,
) -> ScaleChanges:
    """Match the groups of two partitions of the same songs.

    Parameters
    ----------
    old, new : int32, shape (n_songs,)
        The group of each song, −1 for none.
    names : tuple of list of str
        The name of each old and of each new group.
    places : tuple of float, shape (n_songs, n_components), optional
        Where the songs lie on the old and on the aligned new map.

    Examples
    --------
    >>> old, new = np.array([0, 0, 0, 1, 1, 1], np.int32), np.array([1, 1, 1, 0, 2, 2], np.int32)
    >>> [(one.status, one.old, one.new) for one in match_groups(old, new, (["a", "b"], ["x", "y", "z"])).groups]
    [('kept', 0, 1), ('kept', 1, 2), ('born', None, 0)]
    """
    from scipy.optimize import linear_sum_assignment  # late: slow to import

    table = _table(old, new, len(names[0]), len(names[1]))
    jaccard, likeness = _likeness(table, len(old))
    pairs = {(int(one), int(other)) for one, other in zip(*linear_sum_assignment(-likeness), strict=True)}
    found = sorted(pair for pair in pairs if likeness[pair] >= MOVED)
    changes = []
    for one, other in found:
        shift = None if places is None else _shift(*places, (old == one) & (new == other))
        status: Status = "kept" if likeness[one, other] >= KEPT else "moved"
        near = float(jaccard[one, other]), float(likeness[one, other]), shift
        changes.append(_change(status, (one, other), table, names, near))
    taken_old, taken_new = {one for one, _ in found}, {other for _, other in found}
    nothing = 0.0, 0.0, None
    gone = (_change("gone", (i, None), table, names, nothing) for i in range(len(table)) if i not in taken_old)
    born = (_change("born", (None, j), table, names, nothing) for j in range(table.shape[1]) if j not in taken_new)
    telling = min(len(np.unique(labels[labels >= 0])) for labels in (old, new)) > 1
    agreement = adjusted_rand_index(old, new) if telling else math.nan
    return ScaleChanges((*changes, *gone, *born), None if math.isnan(agreement) else agreement)


def _table(old: Int32, new: Int32, n_old: int, n_new: int) -> Int64:
    """Return how many songs are in each old and each new group, int64 (n_old, n_new)."""
    both = (old >= 0) & (new >= 0)
    cells = old[both].astype(np.int64) * n_new + new[both]
    return np.bincount(cells, minlength=n_old * n_new).reshape(n_old, n_new)


def _likeness(table: Int64, n_songs: int) -> tuple[Float64, Float64]:
    """Return the Jaccard index of each pair of groups, and the same beyond chance."""
    rows, columns = table.sum(axis=1)[:, None], table.sum(axis=0)[None]
    jaccard = table / np.maximum(rows + columns - table, 1)
    common = rows * columns / max(n_songs, 1)
    chance = common / np.maximum(rows + columns - common, 1)
    return jaccard, np.where(chance < 1.0, (jaccard - chance) / np.maximum(1.0 - chance, 1e-12), jaccard)


def _shift(old: Float32 | Float64, new: Float64, shared: Any) -> float:
    radius = np.sqrt(((old - old.mean(axis=0)) ** 2).sum(axis=1).mean())
    moved = np.linalg.norm(old[shared].mean(axis=0, dtype=float) - new[shared].mean(axis=0, dtype=float))
    return float(moved / radius) if radius > 0.0 else 0.0


def _change(
    status: Status,
    pair: tuple[int | None, int | None],
    table: Int64,
    names: tuple[list[str], list[str]],
    near: tuple[float, float, float | None],
) -> GroupChange:
    old, new = pair
    jaccard, likeness, shift = near
    of_old = table[old] if old is not None else None
    of_new = table[:, new] if new is not None else None
    others: list[dict[str, Any]] = []
    if status == "gone" and of_old is not None:
        others = _parts(of_old, names[1])
    elif status == "born" and of_new is not None:
        others = _parts(of_new, names[0])
    return GroupChange(
        status,
        old,
        new,
        None if old is None else names[0][old],
        None if new is None else names[1][new],
        0 if of_old is None else int(of_old.sum()),
        0 if of_new is None else int(of_new.sum()),
        int(table[old, new]) if old is not None and new is not None else 0,
        jaccard,
        likeness,
        shift,
        others,
    )


def _parts(counts: Int64, names: list[str]) -> list[dict[str, Any]]:
    """Return the groups that hold most of a group's songs."""
    shares = counts / max(int(counts.sum()), 1)
    largest = np.argsort(-shares, kind="stable")[:_SHOWN]
    return [{"number": int(i), "name": names[i], "share": float(shares[i])} for i in largest if shares[i] >= _SMALL]
