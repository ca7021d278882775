"""The tracks table as arrays: numbers with NaN for unknown, categories as codes. What is not known is not there."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.types import Float64, Int32, Int64

Bool = npt.NDArray[np.bool_]

UNIT_FEATURES = (
    "energy", "danceability", "positiveness", "acousticness", "instrumentalness", "speechiness", "liveness",
)  # fmt: skip
"""The seven audio features from 0 to 1."""

AUDIO = (*UNIT_FEATURES, "loudness", "tempo")
"""The nine audio features."""

UNITS = {
    **dict.fromkeys(UNIT_FEATURES, "0–1"),
    "loudness": "dB",
    "tempo": "BPM",
    "variance": "no unit",
    "duration": "minutes",
    "year": "",
    "popularity": "0–100",
}
"""The numeric columns in the order of the page, with the unit they are shown in."""

NUMBERS = tuple(UNITS)

SPOKEN = {"loudness": " dB", "tempo": " BPM", "duration": " minutes"}
"""Units that a sentence says behind a number."""

MAJOR_KEYS = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
MINOR_KEYS = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B")
"""The tonics as musicians write them: of two names that of the key with fewer accidentals."""

RELATED = 20
"""Genres kept apart where genre is related to other columns; the rest are one category."""

OTHER = "all others"
"""The name of the categories joined behind the most frequent ones (a genre may be called "other")."""

_ADDED = {
    "version_family", "is_representative", "source_file", "source_line", "cluster", "cluster_probability",
    "silhouette", "imputed", "x", "y", "z", "group_coarse", "group_middle", "group_fine",
    "group_coarse_strength", "group_middle_strength", "group_fine_strength",
}  # fmt: skip
CANONICAL = {
    "id", "title", "artists", "album", "genres", "release_date", "key", "mode", "time_signature", "explicit",
    "emotion",
    *NUMBERS,
}  # fmt: skip
"""The columns of a catalog itself, as in ``docs/formats.md``."""


def axis_label(name: str) -> str:
    """Return the label of an axis: a numeric column and its unit."""
    return f"{name}, {UNITS[name]}" if UNITS[name] else name


@dataclass(frozen=True, slots=True)
class Category:
    """A column of names as codes.

    Attributes
    ----------
    codes : int32, shape (n_tracks,)
        Position in `names`; −1 for unknown.
    names : tuple of str
        The categories.
    counts : int64, shape (n_categories,)
        Tracks of each category.
    joined : bool
        Whether the last category stands for several that were joined.
    """

    codes: Int32
    names: tuple[str, ...]
    counts: Int64
    joined: bool = False

    @property
    def n_named(self) -> int:
        """Categories that stand for themselves."""
        return len(self.names) - self.joined

    @property
    def known(self) -> int:
        """Tracks with a category."""
        return int(self.counts.sum())

    def head(self, size: int) -> "Category":
        """Return the first `size` categories, the others joined behind them; all if there are few more."""
        if len(self.names) <= size + 1:
            return self
        codes = np.minimum(self.codes, np.int32(size))
        counts = np.append(self.counts[:size], self.counts[size:].sum())
        return Category(codes, (*self.names[:size], OTHER), counts, joined=True)


def as_category(texts: pl.Series) -> Category:
    """Return a text column as codes of its values, the most frequent first, ties by name.

    Examples
    --------
    >>> category = as_category(pl.Series(["b", "a", None, "b"]))
    >>> category.names, category.codes.tolist(), category.counts.tolist()
    (('b', 'a'), [0, 1, -1, 0], [2, 1])
    """
    found = texts.rename("name").drop_nulls().value_counts(name="count")
    found = found.sort("count", "name", descending=[True, False])
    names = found["name"]
    codes = texts.replace_strict(names, np.arange(len(names)), default=-1, return_dtype=pl.Int32)
    return Category(
        codes.to_numpy().astype(np.int32), tuple(names.to_list()), found["count"].to_numpy().astype(np.int64)
    )


def ordered_category(codes: pl.Series, names: tuple[str, ...]) -> Category:
    """Return a column of small whole numbers from 0 as a category with all of `names`, in their order."""
    numbers = codes.cast(pl.Int32).fill_null(-1).to_numpy().astype(np.int32)
    return Category(numbers, names, np.bincount(numbers[numbers >= 0], minlength=len(names)).astype(np.int64))


@dataclass(frozen=True)
class View:
    """A tracks table, its columns computed when they are first asked for."""

    tracks: pl.DataFrame

    def __len__(self) -> int:
        return self.tracks.height

    def has(self, name: str) -> bool:
        """Return whether the column is there and known for at least one track."""
        return name in self.tracks.columns and self.tracks[name].null_count() < self.tracks.height

    @cached_property
    def columns(self) -> list[str]:
        """Columns of the catalog itself (not the user's own, not those that reading adds) with any known value."""
        return [name for name in self.tracks.columns if name in CANONICAL and self.has(name)]

    @cached_property
    def own_columns(self) -> list[str]:
        """The user's own columns with any known value."""
        known = CANONICAL | _ADDED
        names = [name for name in self.tracks.columns if name not in known and not name.startswith("axis_")]
        return [name for name in names if self.has(name)]

    @cached_property
    def numbers(self) -> dict[str, Float64]:
        """Numeric columns by name, float64 (n_tracks,), NaN for unknown; durations in minutes."""
        found = {}
        for name in NUMBERS:
            if self.has(name):
                values = self.tracks[name].cast(pl.Float64).to_numpy().astype(np.float64)
                values[~np.isfinite(values)] = np.nan
                found[name] = values / 60.0 if name == "duration" else values
        return {name: values for name, values in found.items() if not np.isnan(values).all()}

    @cached_property
    def first_genre(self) -> Category | None:
        """The first genre of each track, all of them."""
        return self._category(pl.col("genres").list.first()) if self.has("genres") else None

    @cached_property
    def emotion(self) -> Category | None:
        """The emotion of each track."""
        return self._category(pl.col("emotion")) if self.has("emotion") else None

    def _category(self, texts: pl.Expr) -> Category | None:
        category = as_category(self.tracks.select(texts).to_series())
        return category if category.known else None

    @cached_property
    def decade(self) -> Category | None:
        """The decade of each track, in order of time, without gaps."""
        if "year" not in self.numbers:
            return None
        decades = np.floor(self.numbers["year"] / 10.0)
        first, last = int(np.nanmin(decades)), int(np.nanmax(decades))
        codes = pl.Series(decades - first, nan_to_null=True)
        return ordered_category(codes, tuple(f"{10 * decade}s" for decade in range(first, last + 1)))

    @cached_property
    def categories(self) -> dict[str, Category]:
        """The columns of categories by name: genre (the first; the most frequent apart), emotion, key, mode, …"""
        found: dict[str, Category | None] = {
            "genre": self.first_genre.head(RELATED) if self.first_genre else None,
            "emotion": self.emotion,
        }
        if self.has("key"):
            found["key"] = ordered_category(self.tracks["key"], MAJOR_KEYS)
        if self.has("mode"):
            found["mode"] = ordered_category(self.tracks["mode"], ("minor", "major"))
        if self.has("time_signature"):
            found["meter"] = as_category(self.tracks["time_signature"].cast(pl.String))
        if self.has("explicit"):
            found["explicit"] = ordered_category(self.tracks["explicit"], ("clean", "explicit"))
        return {name: category for name, category in found.items() if category is not None and category.known}

    @cached_property
    def main_artist(self) -> pl.Series:
        """The first artist of each track; null where unknown or there is no such column."""
        if not self.has("artists"):
            return pl.Series("artist", [None] * len(self), dtype=pl.String)
        return self.tracks["artists"].list.first().rename("artist")

    @cached_property
    def first_of_family(self) -> Bool:
        """True for one row of each version family: the representative; for all rows where families are not known."""
        if not self.has("is_representative"):
            return np.ones(len(self), dtype=bool)
        return self.tracks["is_representative"].fill_null(False).to_numpy()

    def name_of(self, row: int) -> tuple[str, str]:
        """Return title and artists of a track in words; its id, or its row, where there is no title."""
        line = self.tracks.row(row, named=True)
        title = line.get("title") or line.get("id") or f"row {row}"
        return str(title), ", ".join(filter(None, line.get("artists") or [])) or "–"
