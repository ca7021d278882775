"""An atlas made ready to be asked: what is prepared lazily elsewhere is prepared here, before the first client.

After `Engine` is made nothing in it changes, so any number of threads may ask at once.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import numpy as np

from songscape.atlas.arrays import SCALES
from songscape.atlas.playlists import build_playlist, library_of, plan_journey, reorder_playlist
from songscape.atlas.record import Atlas
from songscape.config import Metric
from songscape.errors import LimitsError, NotFoundError
from songscape.neighbors import query_neighbors
from songscape.playlist.request import JourneyRequest, PlaylistRequest
from songscape.progress import Progress, silent
from songscape.threads import side_by_side
from songscape.types import Float32, Int32
from songscape.web.api.search import SearchIndex

MAX_FOUND = 100
MAX_NEIGHBORS = 100
MAX_VERSIONS = 50

SHOWN = ("id", "title", "artists", "album", "year", "genres", "emotion")
"""What is told of a track."""

_LISTS = ("artists", "genres")


class Engine:
    """Answers what the routes ask, as plain data.

    Parameters
    ----------
    atlas : Atlas
    progress : callable, optional
        Called with the stage prepare and a fraction in [0, 1].

    Examples
    --------
    >>> import songscape
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(300, random_state=0)))
    >>> engine = Engine(atlas)
    >>> engine.neighbors(3, 2)["neighbors"][0]["distance"] <= engine.neighbors(3, 2)["neighbors"][1]["distance"]
    True
    """

    def __init__(self, atlas: Atlas, *, progress: Progress = silent) -> None:
        progress("prepare", 0.0)
        self.atlas = atlas
        self._library = library_of(atlas)
        self._song_of = self._library.song_of
        self._by_song = np.argsort(self._song_of, kind="stable").astype(np.int32)
        self._starts = np.searchsorted(self._song_of[self._by_song], np.arange(self._song_of.max(initial=-1) + 2))
        self._points = np.ascontiguousarray(atlas.features.X[atlas.songs])
        self._columns = {name: atlas.catalog.tracks[name] for name in SHOWN}
        self._index, _ = side_by_side(self._prepare_names, self._prepare_lists)
        progress("prepare", 0.8)
        self._rehearse()
        progress("prepare", 1.0)

    @property
    def n_tracks(self) -> int:
        """Number of tracks."""
        return len(self._song_of)

    @property
    def n_parts_tracks(self) -> int | None:
        """Number of tracks of all parts of a partitioned atlas; None for any other."""
        return None

    @property
    def n_near(self) -> int:
        """How many neighbors of a track the atlas holds."""
        return self.atlas.neighbors.k

    def track(self, row: int) -> dict[str, Any]:
        """Return a track: its names, its memberships in groups, other versions of its song.

        Raises
        ------
        NotFoundError
            If there is no such row.
        """
        self._require(row)
        song = int(self._song_of[row])
        return {
            "row": row,
            **{name: self._value(name, row) for name in SHOWN},
            "memberships": {scale: self._memberships(scale, song) for scale in SCALES},
            "versions": [self._version(int(other)) for other in self._others(row)],
        }

    def tracks(self, rows: list[int]) -> dict[str, Any]:
        """Return what the page shows of tracks that are not on its map: here all are, and none is asked for."""
        for row in rows:
            self._require(row)
        return {"tracks": []}

    def search(self, query: str, limit: int) -> dict[str, Any]:
        """Return at most `limit` tracks whose title and artist meet a query, the best first."""
        hits = self._index.find(query, limit)
        return {"query": query, "results": [{"row": hit.row, "how": hit.how} for hit in hits]}

    def neighbors(self, row: int, n: int) -> dict[str, Any]:
        """Return the nearest other songs in feature space; raises as `track`.

        The atlas holds the first of them; the catalog is searched where more are asked for.
        """
        self._require(row)
        graph = self.atlas.neighbors
        rows, distances = graph.indices[row, :n], graph.distances[row, :n]
        if n > self.n_near:
            rows, distances = self._farther(row, n)
        pairs = zip(rows.tolist(), distances.tolist(), strict=True)
        return {"row": row, "neighbors": [{"row": other, "distance": round(far, 6)} for other, far in pairs]}

    def playlist(self, told: dict[str, Any]) -> dict[str, Any]:
        """Return a playlist for what a body told."""
        request = PlaylistRequest(**told)
        request.require_something()
        return build_playlist(self.atlas, request).as_dict()

    def journey(self, told: dict[str, Any]) -> dict[str, Any]:
        """Return a journey for what a body told."""
        return plan_journey(self.atlas, JourneyRequest(**told)).as_dict()

    def reorder(self, tracks: list[str], told: dict[str, Any], n_mends: int) -> dict[str, Any]:
        """Return tracks in the best order, and others that would mend its worst transition."""
        return reorder_playlist(self.atlas, tracks, request=PlaylistRequest(**told), n_mends=n_mends).as_dict()

    def _farther(self, row: int, n: int) -> tuple[Int32, Float32]:
        """Return the nearest other songs of all, by their representative tracks, and how far they are."""
        song, songs = int(self._song_of[row]), self.atlas.songs
        found = query_neighbors(
            self._points, self._points[song : song + 1], n + 1, cast(Metric, self.atlas.neighbors.metric)
        )
        others = np.flatnonzero(found.indices[0] != song)[:n]
        rows: Int32 = songs[found.indices[0][others]]
        return rows, found.distances[0][others]

    def _require(self, row: int) -> None:
        if not 0 <= row < self.n_tracks:
            raise NotFoundError(f"There is no row {row}. Rows go from 0 to {self.n_tracks - 1}.")

    def _value(self, name: str, row: int) -> Any:
        return plain_value(name, self._columns[name][row])

    def _others(self, row: int) -> Int32:
        song = self._song_of[row]
        rows: Int32 = self._by_song[self._starts[song] : self._starts[song + 1]]
        others: Int32 = rows[rows != row][:MAX_VERSIONS]
        return others

    def _version(self, row: int) -> dict[str, Any]:
        return {"row": row, **{name: self._value(name, row) for name in ("title", "artists", "year")}}

    def _memberships(self, scale: str, song: int) -> list[dict[str, Any]]:
        found = self.atlas.groups.scale(scale)
        entries = slice(found.indptr[song], found.indptr[song + 1])
        pairs = zip(found.members[entries].tolist(), found.weights[entries].tolist(), strict=True)
        listed = [{"group": group, "strength": round(weight, 4)} for group, weight in pairs]
        return sorted(listed, key=lambda one: (-one["strength"], one["group"]))

    def _prepare_names(self) -> SearchIndex:
        """Make what finds tracks by name; each way of finding is tried, since nothing has these names."""
        finder = self._library.finder
        for find in (finder.track, finder.artist):
            with suppress(NotFoundError):
                find("\uffff - \uffff")
        return SearchIndex(self.atlas.catalog.tracks)

    def _prepare_lists(self) -> None:
        """Make what songs are scored and priced with."""
        library = self._library
        _ = (library.table, library.content, library.pricing)

    def _rehearse(self) -> None:
        """Do each kind of work once: kernels are loaded, and what else is made at first use is there."""
        rows = self.atlas.songs
        first, last = (f"row:{row}" for row in (rows[0], rows[-1]))
        work: list[Callable[[], object]] = [
            lambda: self.playlist({"like": [first], "length": 3, "where": "year >= 0 or year is null"}),
            lambda: self.playlist({"target": {"energy": 0.5}, "length": 3, "arc": {"energy": "rising"}}),
            lambda: self.journey({"start": first, "end": last, "length": 4}),
            lambda: self.reorder([f"row:{row}" for row in rows[:12]], {}, 2),
        ]
        for task in work:
            with suppress(NotFoundError, LimitsError):  # a catalog of a few songs cannot give all of this
                task()


def plain_value(name: str, value: Any) -> Any:
    """Return a value of a column of tracks as plain data; a list that is unknown is empty."""
    if name not in _LISTS:
        return value
    return [] if value is None else [entry for entry in value if entry is not None]
