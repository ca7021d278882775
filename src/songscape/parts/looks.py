"""Looks: how near each track of a batch comes to what is asked for, from its columns alone.

The score of a playlist is made of small tables: a curve for each feature, what each genre, artist, word, year is
worth (`songscape.playlist.score`). They are made of the songs named and of the reference, songs of the model that
stand for the catalog, and then any track looks itself up in them, whatever part it comes from. What a song owes to
the other songs of its artist is left out: a look only has to let no good song slip, the score itself decides.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import polars as pl

from songscape.playlist.content import Content, Scale, prepare_content
from songscape.playlist.moods import closeness_among, ranks_among, song_values
from songscape.playlist.score import PARTS, seed_tables
from songscape.playlist.songs import AUDIO, Ragged, Songs
from songscape.playlist.tags import tag_table
from songscape.playlist.weights import ScoreWeights
from songscape.titles import may_hold, plain_text
from songscape.types import Float32, Float64, Int32, Int64

_SEPARATOR = "\x1f"
_STEPS = 2049  # values of a feature that are told apart: twice as fine as thousandths
_SCALES = ("year", "popularity", "duration")


class Look(Protocol):
    """Anything that scores the tracks of a batch: float64 (n_rows,), the more the nearer."""

    def __call__(self, batch: pl.DataFrame) -> Float64:
        """Return a score a row."""
        ...


class SeedLook:
    """How well tracks go with seeds.

    Parameters
    ----------
    songs : Songs
        The reference, the seeds among it.
    seeds : int32, shape (n_seeds,)
        Song numbers there.
    counts : float32, shape (n_seeds,)
        How much each counts.
    weights : ScoreWeights
        For ten seeds.
    """

    def __init__(self, songs: Songs, seeds: Int32, counts: Float32, weights: ScoreWeights) -> None:
        content = prepare_content(songs)
        own = weights.for_seeds(float(counts.sum()))
        tables = seed_tables(content, seeds, counts.astype(np.float64))
        by_part = own.of(PARTS)
        self._songs, self._emotions = songs, songs.emotions
        curves = (by_part[tables.row_of_level, None] * tables.curves).astype(np.float64)
        self._levels = [_Level(songs, number, curve) for number, curve in enumerate(curves)]
        self._scales = by_part[-len(tables.scales) :, None] * tables.scales
        self._bins = content.scales
        self._genres = _Genres(songs.tags, own.genre * tables.tags)
        self._scene = own.scene / max(own.genre, 1e-9)
        self._words = _worth_of_words(songs.words, own.words * tables.words)
        self._artists = _artists(content, tables.artists, own)

    def __call__(self, batch: pl.DataFrame) -> Float64:
        """Return a score a row."""
        genre = self._genres(batch["genres"])
        return self._sound(batch) + self._codes(batch) + genre + self._of_artists(batch, genre) + self._titled(batch)

    def _sound(self, batch: pl.DataFrame) -> Float64:
        total = np.zeros(batch.height)
        for name, level in zip(AUDIO, self._levels, strict=True):
            total += level(_floats(batch, name))
        return total

    def _codes(self, batch: pl.DataFrame) -> Float64:
        total = np.zeros(batch.height)
        for name, scale, worth in zip(_SCALES, self._bins, self._scales, strict=False):
            values = _floats(batch, name)
            total += _looked_up(worth, _bins(scale, _octaves(values) if name == "duration" else values))
        explicit = batch["explicit"].cast(pl.Int64).fill_null(-1).to_numpy()
        numbers = dict(zip(self._emotions, range(len(self._emotions)), strict=True))
        emotion = batch["emotion"].replace_strict(numbers, default=-1, return_dtype=pl.Int64).fill_null(-1).to_numpy()
        return total + _looked_up(self._scales[3], explicit) + _looked_up(self._scales[4], emotion)

    def _of_artists(self, batch: pl.DataFrame, genre: Float64) -> Float64:
        """Return what artists are worth; the scene of an artist that the reference does not know is its genre's."""
        listed = batch.select(number=pl.int_range(pl.len()), name="artists").explode("name").drop_nulls("name")
        listed = listed.with_columns(pl.col("name").str.to_lowercase())
        known = listed.join(self._artists, on="name", how="left", maintain_order="left")
        numbers = known["number"].to_numpy()
        best = np.zeros(batch.height)
        np.maximum.at(best, numbers, known["own"].fill_null(0.0).to_numpy())
        main = np.flatnonzero(np.diff(numbers, prepend=-1))
        scene = self._scene * genre
        told = known["scene"].to_numpy()[main]
        scene[numbers[main]] = np.where(np.isnan(told), scene[numbers[main]], told)
        return best + scene

    def _titled(self, batch: pl.DataFrame) -> Float64:
        total = np.zeros(batch.height)
        for column, worth in self._words.items():
            if worth.height:
                texts = batch[column].cast(pl.String)
                rows = np.flatnonzero(may_hold(texts, worth["word"].to_list()).to_numpy())
                words = plain_text(texts.gather(rows)).str.split(" ").alias("word").to_frame()
                lengths = words["word"].list.len().fill_null(0).to_numpy()
                listed = words.with_row_index("number").explode("word")
                met = listed.join(worth, on="word", maintain_order="left")
                sums = np.bincount(met["number"].to_numpy(), met["worth"].to_numpy(), minlength=len(rows))
                total[rows] += sums / np.sqrt(np.maximum(lengths, 1))
        return total


class _Level:
    """What each value of a feature is worth: a curve over standardized ranks, at steps that are fine enough."""

    def __init__(self, songs: Songs, number: int, curve: Float64) -> None:
        values, ranks = songs.audio[:, number].astype(np.float64), songs.ranks[:, number].astype(np.float64)
        ordered = np.sort(values[~np.isnan(values)])
        spread = float(np.nanstd(ranks)) if len(ordered) else 0.0
        self._low, high = (float(ordered[0]), float(ordered[-1])) if spread > 0.0 else (0.0, 1.0)
        steps = np.linspace(self._low, high, _STEPS)
        z = (ranks_among(ordered, steps) - np.nanmean(ranks)) / spread if spread > 0.0 else np.zeros(_STEPS)
        self._per_step = (_STEPS - 1) / (high - self._low)
        self._worth = curve[0] + z * (curve[1] + z * curve[2]) if spread > 0.0 else z

    def __call__(self, values: Float64) -> Float64:
        known = ~np.isnan(values)
        places = np.clip(np.rint((np.where(known, values, self._low) - self._low) * self._per_step), 0, _STEPS - 1)
        return np.where(known, self._worth[places.astype(np.int64)], 0.0)


class _Genres:
    """The cosine of a track's own tags with the seeds', times its weight; each list of genres once a batch."""

    def __init__(self, tags: Ragged, worth: Float32) -> None:
        counts = np.bincount(tags.ids, minlength=len(tags.names))
        n_songs = max(int((np.diff(tags.indptr) > 0).sum()), 1)
        rarity = 1.0 + np.log(n_songs / np.maximum(counts, 1))
        self._rarest = 1.0 + float(np.log(n_songs))
        self._tags = pl.DataFrame(
            {"tag": list(tags.names), "worth": worth.astype(np.float64), "rarity": rarity},
            schema={"tag": pl.String(), "worth": pl.Float64(), "rarity": pl.Float64()},
        )

    def __call__(self, genres: pl.Series) -> Float64:
        lists = genres.list.join(_SEPARATOR, ignore_nulls=True).replace("", None)
        distinct = lists.drop_nulls().unique(maintain_order=True)
        numbers = pl.DataFrame({"genres": distinct, "number": np.arange(len(distinct))})
        pairs = numbers.with_columns(genre=pl.col("genres").str.split(_SEPARATOR)).explode("genre")
        table = tag_table(pairs["genre"].unique(maintain_order=True))
        held = (
            pairs.join(table, on="genre", maintain_order="left").select("number", "tag").unique(maintain_order=True)
        )
        held = held.join(self._tags, on="tag", how="left", maintain_order="left")
        number, rarity = held["number"].to_numpy(), held["rarity"].fill_null(self._rarest).to_numpy()
        dots = np.bincount(number, rarity * held["worth"].fill_null(0.0).to_numpy(), minlength=len(distinct))
        norms = np.sqrt(np.bincount(number, rarity**2, minlength=len(distinct)))
        cosines = pl.Series(dots / np.maximum(norms, 1e-9), dtype=pl.Float64)
        places = lists.to_frame("genres").join(numbers, on="genres", how="left", maintain_order="left")["number"]
        return cosines.gather(places).fill_null(0.0).to_numpy().copy()


def _artists(content: Content, table: Float32, own: ScoreWeights) -> pl.DataFrame:
    """Return for each name in small letters what it is worth as any artist, and as the main one."""
    names = pl.Series(content.songs.artists.names, dtype=pl.String).str.to_lowercase()
    values = table.astype(np.float64)
    scene = own.scene * values[:, 1] + own.voice * values[:, 2]
    frame = pl.DataFrame({"name": names, "own": own.artist * values[:, 0], "scene": scene})
    return frame.unique("name", keep="first", maintain_order=True)


def _worth_of_words(words: Ragged | None, worth: Float32) -> dict[str, pl.DataFrame]:
    """Return for titles and albums what their words are worth, those that are worth something."""
    names = words.names if words is not None else ()
    held = [(names[place], float(worth[place])) for place in np.flatnonzero(worth)]
    columns = {
        "title": [one for one in held if not one[0].startswith("@")],
        "album": [(name[1:], value) for name, value in held if name.startswith("@")],
    }
    schema = {"word": pl.String(), "worth": pl.Float64()}
    return {column: pl.DataFrame(found, schema=schema, orient="row") for column, found in columns.items()}


class MoodLook:
    """How near tracks come to target values, emotions or groups: each in [0, 1], times a weight.

    Parameters
    ----------
    songs : Songs
        The reference, among which values are ranked.
    target : mapping of str to float
        Feature to value.
    emotions : mapping of str to float
        What each emotion is worth, in [0, 1].
    groups : mapping of (str, str) to float
        Scale and name of a group to its share.
    weights : mapping of str to float
        What ``target``, ``asked emotion`` and ``group`` count.
    """

    def __init__(
        self,
        songs: Songs,
        target: Mapping[str, float],
        emotions: Mapping[str, float],
        groups: Mapping[tuple[str, str], float],
        weights: Mapping[str, float],
    ) -> None:
        self._target = {name: (_ordered(songs, name), value) for name, value in target.items()}
        self._emotions, self._groups, self._weights = emotions, groups, weights

    def __call__(self, batch: pl.DataFrame) -> Float64:
        """Return a score a row."""
        total = np.zeros(batch.height)
        for name, (ordered, value) in self._target.items():
            values = _floats(batch, name).astype(np.float32).astype(np.float64)
            near = closeness_among(ordered, values, value) if len(ordered) else np.zeros(batch.height)
            total += self._weights["target"] / len(self._target) * np.where(np.isnan(values), 0.0, near)
        if self._emotions:
            total += self._weights["asked emotion"] * self._worth(batch["emotion"], self._emotions)
        for (scale, name), share in self._groups.items():
            strength = batch[f"group_{scale}_strength"].fill_null(0.0).to_numpy().astype(np.float64)
            inside = (batch[f"group_{scale}"] == name).fill_null(False).to_numpy()
            total += self._weights["group"] * share * inside * strength
        return total

    @staticmethod
    def _worth(column: pl.Series, worth: Mapping[str, float]) -> Float64:
        return column.replace_strict(worth, default=0.0, return_dtype=pl.Float64).fill_null(0.0).to_numpy()


def _ordered(songs: Songs, name: str) -> Float64:
    values = song_values(songs, name)
    return np.sort(values[np.isfinite(values)])


def _floats(batch: pl.DataFrame, name: str) -> Float64:
    return batch[name].cast(pl.Float64).fill_null(np.nan).to_numpy()


def _octaves(seconds: Float64) -> Float64:
    octaves: Float64 = np.log2(np.clip(seconds, 15.0, 3600.0))
    return octaves


def _bins(scale: Scale, values: Float64) -> Int64:
    """Return the bin of each value on a scale, −1 where unknown."""
    step = scale.centers[1] - scale.centers[0]
    places = np.clip(np.rint((np.nan_to_num(values) - scale.centers[0]) / step), 0, len(scale.centers) - 1)
    return np.where(np.isnan(values), -1, places).astype(np.int64)


def _looked_up(worth: Float32, places: Int64) -> Float64:
    return np.where(places >= 0, worth[places].astype(np.float64), 0.0)
