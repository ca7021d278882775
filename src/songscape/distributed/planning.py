"""How large sample and blocks may be, so that a build in parts keeps to the memory that there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from songscape.atlas.build import memory_of_build
from songscape.catalog.blocks import Limits
from songscape.catalog.extent import Extent, extent_of, reading_memory
from songscape.catalog.sources import SourceFile, expand
from songscape.config import Config, PartitionParams
from songscape.distributed.engines import DASK
from songscape.errors import ResourceError
from songscape.memory import Room, least_room, readable
from songscape.wording import number

FITTED_SONGS, LEAST_SONGS = 200_000, 1_000
"""Songs that the model is fitted on where memory suffices, and that it is worth to be fitted on."""

BLOCK_ROWS, LEAST_ROWS = 100_000, 5_000
"""Rows of a block where memory suffices, and that a block is worth to have."""

ROW_BYTES = 640
"""Bytes of text that are allowed for each row of a block: one of longer rows has fewer of them."""

_N_FEATURES = 9
_MUCH = 1_000_000_000  # bytes from which on the need is told on a terminal

# Measured on 60 000, 200 000 and 1 000 000 synthetic tracks as what the process held at most in each step, above what
# it held before the first, when libraries were loaded.
_SURVEY, _SURVEY_A_BYTE = 100_000_000, 16
_LEFT, _LEFT_A_SONG = 120_000_000, 1_400  # what earlier steps have left when the model is fitted; its tracks
_PLACE, _PLACE_A_SONG, _PLACE_A_ROW = 250_000_000, 1_000, 3_000
_READ_A_ROW = 400  # what the tracks hold that were read in one piece


@dataclass(frozen=True, slots=True)
class Sizes:
    """How a catalog is built in parts: songs in the model, rows of a block; None: all of a file."""

    fitted_songs: int
    block_rows: int | None

    @property
    def limits(self) -> Limits | None:
        """What a block is held to; None: a file is a block."""
        return Limits(self.block_rows, ROW_BYTES * self.block_rows) if self.block_rows else None

    def memory(self, source: Extent, config: Config) -> int:
        """Return about how many bytes more a process needs that has loaded its libraries: the most of any step."""
        songs, rows = min(self.fitted_songs, source.rows), min(self.block_rows or source.rows, source.rows)
        row_bytes = min(source.n_bytes // max(source.rows, 1), ROW_BYTES)
        return max(
            _SURVEY + _SURVEY_A_BYTE * rows * row_bytes,
            _LEFT + _LEFT_A_SONG * songs + memory_of_build(songs, _N_FEATURES, config),
            _PLACE + _PLACE_A_SONG * songs + _PLACE_A_ROW * rows,
        )

    def told_to(self, config: Config) -> Config:
        """Return the config with these sizes in it."""
        sizes = PartitionParams(fitted_songs=self.fitted_songs, block_rows=self.block_rows)
        return config.with_changes(partitions=sizes)


def sizes_of(paths: Sequence[SourceFile], config: Config, engine: str) -> Sizes:
    """Return the sizes that the config sets or, where it leaves them open, those that keep to the memory there is.

    Raises
    ------
    ResourceError
        If there is too little memory for the smallest, or for those that were set.
    """
    wished = config.partitions
    if engine == DASK:  # workers have memory of their own, and nobody here knows how much
        return Sizes(wished.fitted_songs or FITTED_SONGS, wished.block_rows)
    room = least_room(config.memory_bytes) if config.check_memory or config.memory else None
    if room is None:
        return Sizes(wished.fitted_songs or FITTED_SONGS, wished.block_rows or BLOCK_ROWS)
    return _fitting(room, _all_of(paths), config)


def rows_of(source: Any) -> int:
    """Return about how many rows a catalog has; 0 where nobody can tell before it is read."""
    return _all_of(expand(source)[0]).rows


def instead_of_one_piece(source: Any, config: Config) -> tuple[str, Config] | None:
    """Tell whether a catalog is better built in parts: why, and the config with the sizes; None where it need not.

    Raises
    ------
    ResourceError
        If there is too little memory even for parts.
    """
    paths, problems = expand(source)
    room = least_room(config.memory_bytes)
    if room is None or problems:
        return None
    whole = _all_of(paths)
    needed = _needed(paths, whole, config)
    if needed <= max(room.left, Sizes(LEAST_SONGS, LEAST_ROWS).memory(whole, config)):
        return None
    sizes = _fitting(room, whole, config)
    text = (
        f"In one piece this needs about {readable(needed)} of memory and {room.told.format(readable(room.left))}, so"
        f" it is built in parts, with about {readable(sizes.memory(whole, config))}: the atlas is a model of"
        f" {number(sizes.fitted_songs)} songs, and all tracks are placed by it, in blocks of"
        f" {number(sizes.block_rows or 0)} rows. To have it refused instead: --engine local."
    )
    return text, sizes.told_to(config)


def need_in_words(source: Any, config: Config) -> str:
    """Return about how much memory a build in one piece takes, and how much there is; empty where it is little."""
    paths, _ = expand(source)
    room, needed = least_room(config.memory_bytes), _needed(paths, _all_of(paths), config)
    if room is None or needed < _MUCH:
        return ""
    return f"This needs up to about {readable(needed)} of memory; {room.told.format(readable(room.left))}."


def _needed(paths: Sequence[SourceFile], whole: Extent, config: Config) -> int:
    build = _READ_A_ROW * whole.rows + memory_of_build(whole.rows, _N_FEATURES, config)
    return max(reading_memory(paths), build)


def _all_of(paths: Sequence[SourceFile]) -> Extent:
    """Return the extent of all files, as if all had rows as long as the one where they are longest."""
    extents = [extent_of(path) for path in paths]
    n_rows = sum(extent.rows for extent in extents)
    longest = max((extent.n_bytes // max(extent.rows, 1) for extent in extents), default=0)
    return Extent(n_rows, n_rows * longest)


def _fitting(room: Room, source: Extent, config: Config) -> Sizes:
    """Return the largest sizes that a room has place for: songs first, for they make the map."""
    wished = config.partitions
    rows = [wished.block_rows] if wished.block_rows else _falling(BLOCK_ROWS, LEAST_ROWS)
    songs = [wished.fitted_songs] if wished.fitted_songs else _falling(FITTED_SONGS, LEAST_SONGS)
    tried = [Sizes(n_songs, n_rows) for n_songs in songs for n_rows in rows]
    found = next((sizes for sizes in tried if sizes.memory(source, config) <= room.left), None)
    if found is None:
        raise ResourceError(
            f"Even in parts this needs about {readable(tried[-1].memory(source, config))} of memory beside the"
            f" libraries, and {room.told.format(readable(room.left))}. {room.advice}, or use a machine with more."
        )
    return found


def _falling(most: int, least: int) -> list[int]:
    """Return sizes from the most to the least, each four fifths of the one before in whole thousands.

    Examples
    --------
    >>> _falling(100_000, 50_000)
    [100000, 80000, 64000, 51000, 50000]
    """
    sizes = [most]
    while (size := sizes[-1] * 4 // 5000 * 1000) > least:
        sizes.append(size)
    return [*sizes, least]
