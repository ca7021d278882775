"""A partitioned atlas made ready to be asked: the map shows the model, lists and searches go over all parts.

The page knows tracks by numbers: first those of the model, as its points stand, behind them the rows over all parts.
So a track has the number of its point if it is on the map, and else ``n + row``, n tracks being on the map.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from songscape.atlas.arrays import SCALES
from songscape.errors import LimitsError, NotFoundError, ParameterError
from songscape.parts.record import Parts
from songscape.parts.searching import nearest_songs
from songscape.parts.table import ROW, compact
from songscape.playlist.request import JourneyRequest, PlaylistRequest
from songscape.progress import Progress, silent
from songscape.titles import artist_keys, may_hold, plain_text, title_keys
from songscape.web.api.engine import MAX_VERSIONS, SHOWN, Engine, plain_value
from songscape.web.api.search import SearchIndex
from songscape.web.packing import MOST_GENRES, map_places, shown_columns

_NAMED_ROW = re.compile(r"\brow:(\d{1,10})\b")
_SEARCHED = ("title", "artists", "popularity", "is_representative")
_NAME = pl.concat_str(pl.col("artists").list.join(" ", ignore_nulls=True), "title", separator=" ", ignore_nulls=True)


class PartsEngine(Engine):
    """Answers what the routes ask of all tracks of all parts, as plain data.

    Parameters
    ----------
    parts : Parts
    progress : callable, optional
        Called with the stage prepare and a fraction in [0, 1].
    """

    def __init__(self, parts: Parts, *, progress: Progress = silent) -> None:
        self._parts = parts
        self._numbers = {
            scale: {card["name"]: card["number"] for card in reversed(parts.model.cards[scale])} for scale in SCALES
        }
        super().__init__(parts.model, progress=progress)

    @property
    def n_near(self) -> int:
        """No neighbors are at hand: all parts are searched for them."""
        return 0

    @property
    def n_parts_tracks(self) -> int | None:
        """Number of tracks of all parts."""
        return len(self._parts)

    def track(self, row: int) -> dict[str, Any]:
        """Return a track; see `Engine.track`. Other versions of its song are those of its part."""
        number = self._row(row)
        own = self._parts.table.gather(np.array([number]))
        song = self._parts.table.song(number)
        others = song.filter(pl.col(ROW) != number).head(MAX_VERSIONS).iter_rows(named=True)
        told = own.row(0, named=True)
        return {
            "row": row,
            **{name: plain_value(name, told[name]) for name in SHOWN},
            "memberships": {scale: self._group(told, scale) for scale in SCALES},
            "versions": [
                {"row": self._number(other[ROW])}
                | {name: plain_value(name, other[name]) for name in ("title", "artists", "year")}
                for other in others
            ],
        }

    def tracks(self, rows: list[int]) -> dict[str, Any]:
        """Return what the page shows of tracks that are not on its map: names, place, groups and columns."""
        numbers = np.array([self._row(row) for row in rows], np.int64)
        table = self._parts.table.gather(numbers)
        x, y = map_places(self.atlas.embedding, table.select("x", "y").to_numpy().astype(np.float32))
        shown = {name: values.to_list() for name, values in shown_columns(table.drop(ROW)).items()}
        place = {number: at for at, number in enumerate(table[ROW].to_list())}
        told = []
        for row, number in zip(rows, numbers.tolist(), strict=True):
            at = place[number]
            one = table.row(at, named=True)
            told.append(
                {"row": row, "x": int(x[at]), "y": int(y[at])}
                | {name: plain_value(name, one[name]) for name in ("id", "title", "artists", "album")}
                | {"genres": plain_value("genres", one["genres"])[:MOST_GENRES]}
                | {"groups": {scale: self._numbers[scale].get(one[f"group_{scale}"]) for scale in SCALES}}
                | {"values": {name: values[at] for name, values in shown.items()}}
            )
        return {"tracks": told}

    def search(self, query: str, limit: int) -> dict[str, Any]:
        """Return at most `limit` tracks whose title and artist meet a query, the best first.

        Tracks of all parts that hold the words, or parts of them; without any, tracks of the model but for a typo.
        """
        words = [word for word in plain_text(pl.Series([query]))[0].split(" ") if word][:12]
        found = self._parts.table.each(partial(_meeting, words, query, limit), _SEARCHED) if words else []
        tracks = pl.concat(found) if found else pl.DataFrame()
        if not tracks.height:
            return super().search(query, limit)
        hits = SearchIndex(_songs_joined(tracks)).find(query, limit)
        rows = tracks[ROW].to_list()
        return {"query": query, "results": [{"row": self._number(rows[hit.row]), "how": hit.how} for hit in hits]}

    def neighbors(self, row: int, n: int) -> dict[str, Any]:
        """Return the nearest other songs of all parts in feature space."""
        near = nearest_songs(self._parts.table, self.atlas, self._row(row), n)
        pairs = zip(near.tracks[ROW].to_list(), near.distances.tolist(), strict=True)
        listed = [{"row": self._number(other), "distance": round(far, 6)} for other, far in pairs]
        return {"row": row, "neighbors": listed}

    def playlist(self, told: dict[str, Any]) -> dict[str, Any]:
        """Return a playlist for what a body told."""
        request = PlaylistRequest(**told)
        request.require_something()
        return self._listed(lambda: self._parts.playlist(PlaylistRequest(**self._over_all(told))), request)

    def journey(self, told: dict[str, Any]) -> dict[str, Any]:
        """Return a journey for what a body told."""
        request = JourneyRequest(**told)
        return self._listed(lambda: self._parts.journey(JourneyRequest(**self._over_all(told))), request)

    def reorder(self, tracks: list[str], told: dict[str, Any], n_mends: int) -> dict[str, Any]:
        """Return tracks in the best order, and others that would mend its worst transition."""
        named, how = self._over_all(tracks), PlaylistRequest(**self._over_all(told))
        return self._listed(lambda: self._parts.reorder(named, request=how, n_mends=n_mends), PlaylistRequest(**told))

    def _listed(self, make: Callable[[], Any], request: PlaylistRequest | JourneyRequest) -> dict[str, Any]:
        """Return a list with the numbers of the page, in messages too."""
        try:
            told: dict[str, Any] = make().as_dict()
        except NotFoundError as error:
            raise NotFoundError(self._on_page(str(error)), map(self._on_page, error.suggestions)) from None
        for track in (*told["tracks"], *told["mends"]):
            track["row"] = self._number(track["row"])
        return told | {"request": request.as_dict(), "notes": [self._on_page(note) for note in told["notes"]]}

    def _over_all(self, told: Any) -> Any:
        """Return what was told with rows over all parts in the place of the page's numbers."""
        if isinstance(told, str):
            return _NAMED_ROW.sub(self._named_row, told) if _NAMED_ROW.fullmatch(told.strip()) else told
        if isinstance(told, Mapping):
            return {self._over_all(name): self._over_all(value) for name, value in told.items()}
        return [self._over_all(one) for one in told] if isinstance(told, list | tuple) else told

    def _named_row(self, found: re.Match[str]) -> str:
        return f"row:{self._row(int(found[1]))}"

    def _on_page(self, text: str) -> str:
        return _NAMED_ROW.sub(lambda found: f"row:{self._number(int(found[1]))}", text)

    def _row(self, number: int) -> int:
        """Return the row over all parts of a number of the page."""
        if not 0 <= number < self.n_tracks + len(self._parts):
            raise NotFoundError(
                f"There is no row {number}. Rows go from 0 to {self.n_tracks + len(self._parts) - 1}."
            )
        return int(self._parts.model_rows[number]) if number < self.n_tracks else number - self.n_tracks

    def _number(self, row: int) -> int:
        """Return the page's number of a row over all parts."""
        at = int(np.searchsorted(self._parts.model_rows, row))
        on_map = at < self.n_tracks and int(self._parts.model_rows[at]) == row
        return at if on_map else self.n_tracks + row

    def _group(self, track: Mapping[str, Any], scale: str) -> list[dict[str, Any]]:
        number = self._numbers[scale].get(track[f"group_{scale}"])
        strength = track[f"group_{scale}_strength"]
        return [] if number is None or not strength else [{"group": number, "strength": round(strength, 4)}]

    def _prepare_lists(self) -> None:
        """Make nothing of the model's songs: lists are made of others each time."""

    def _rehearse(self) -> None:
        """Do two kinds of work once, not all: each walks over all parts."""
        first, last = (f"row:{row}" for row in (0, self.n_tracks - 1))
        with suppress(NotFoundError, LimitsError, ParameterError):  # a few songs cannot give all of this
            self.playlist({"like": [first], "length": 3, "arc": {"energy": "rising"}})
            self.journey({"start": first, "end": last, "length": 4})


def _meeting(words: Sequence[str], query: str, limit: int, batch: pl.DataFrame) -> pl.DataFrame:
    """Return the tracks of a batch that hold all words, the best of them."""
    tracks = batch.filter(may_hold(batch.select(_NAME).to_series(), words, every=True))
    plain = plain_text(tracks.select(_NAME).to_series()).alias("text").to_frame()
    held = plain.select(pl.all_horizontal(pl.col("text").str.contains(word, literal=True) for word in words))
    tracks = tracks.filter(held.to_series())
    hits = SearchIndex(_songs_joined(tracks)).find(query, limit) if tracks.height else []
    return compact(tracks[[hit.row for hit in hits]])


def _songs_joined(tracks: pl.DataFrame) -> pl.DataFrame:
    """Return tracks with one family for all of the same title and main artist: a search tells each song once."""
    titles, artists = title_keys(tracks["title"]), artist_keys(tracks["artists"].list.first())
    keys = pl.DataFrame({"title": titles, "artist": artists, "place": np.arange(tracks.height, dtype=np.int32)})
    first = pl.when(pl.col("title").is_not_null()).then(pl.col("place").first().over("title", "artist"))
    return tracks.with_columns(keys.select(version_family=first.otherwise("place")))
