"""What is done with one partition. Each step reads files and writes files, and can be done again.

It takes the memory of one partition and of the model: how many partitions there are does not matter.
"""

import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from songscape.atlas.loading import load_atlas
from songscape.atlas.predicting import FittedSongs, PlacedSongs, fitted_songs, new_silhouettes, place_new
from songscape.atlas.record import Atlas, own_columns, representatives
from songscape.catalog.blocks import Block, read_block
from songscape.catalog.ledger import Change, changes_of
from songscape.catalog.record import REJECTS_SCHEMA
from songscape.catalog.schema import ADDED, CANONICAL
from songscape.config import ReadParams
from songscape.distributed.dataset import part_name
from songscape.distributed.totals import Totals, totals_of
from songscape.errors import InputError
from songscape.features import apply_features
from songscape.memory import peak_memory
from songscape.parts.dataset import sha256
from songscape.types import Float32, Int32, Int64

KEPT = (*CANONICAL, *ADDED)
"""Columns that parts keep of their sources; the user's other columns may differ from file to file."""

STRATA = (("energy", (0.25, 0.5, 0.75)), ("acousticness", (0.25, 0.5, 0.75)), ("instrumentalness", (0.9,)))
"""The sample has each combination of these in its share: column, and the shares of tracks at which it is cut."""

Flags = npt.NDArray[np.bool_]

_ROW_GROUP = 65536


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A partition that was read: what it holds, what it took on the clock, of the processor and of memory."""

    number: int
    file: str
    first_line: int
    totals: Totals | None
    reason: str  # why it is set aside; empty for one that can be used
    seconds: float
    processor_seconds: float
    peak_bytes: int | None
    nameless: str = ""  # what is to be told if no track has a title or an artist
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A part that was written."""

    number: int
    rows: int
    songs: int
    unlike: int
    bytes: int
    sha256: str
    seconds: float
    processor_seconds: float
    peak_bytes: int | None


class _Start(NamedTuple):
    """When a step began."""

    clock: float
    processor: float

    @classmethod
    def now(cls) -> "_Start":
        return cls(time.perf_counter(), time.process_time())

    def since(self) -> tuple[float, float]:
        """Return the seconds since then, on the clock and of the processor."""
        return time.perf_counter() - self.clock, time.process_time() - self.processor


def survey(number: int, block: Block, params: ReadParams, folder: str) -> Surveyed:
    """Read and clean a partition, keep it as Parquet in a folder, and its rejects as CSV; return its totals."""
    start = _Start.now()
    told = (number, block.source.name, block.first_line)
    try:
        catalog = read_block(block, params)
    except InputError as error:
        return Surveyed(*told, None, str(error), *start.since(), peak_memory())
    _write(catalog.tracks.select(KEPT), Path(folder) / _clean(number))
    catalog.rejects.write_csv(Path(folder) / _rejects(number), include_header=False)
    totals = totals_of(catalog)
    spent, nameless, changes = (*start.since(), peak_memory()), catalog.nameless() or "", changes_of(catalog.notes)
    return Surveyed(*told, totals, "", *spent, nameless, tuple(changes))


def draw(number: int, folder: str, edges: dict[str, list[float]], size: int, seed: int) -> pl.DataFrame:
    """Return songs of a partition, one row each: of each stratum its share, and ``row``, their place in it."""
    tracks = pl.read_parquet(Path(folder) / _clean(number))
    songs = representatives(tracks)
    stratum = _strata(tracks[songs], edges)
    shuffled = np.random.default_rng([seed, number]).permutation(len(songs))
    order = np.lexsort((shuffled, stratum))
    size = min(size, len(songs))
    taken = np.sort(songs[order[((np.arange(size) + 0.5) * len(songs) / max(size, 1)).astype(np.int64)]])
    return tracks[taken].with_columns(pl.Series("row", taken))


def place(number: int, folder: str, model: str, rows: Int32, first: int) -> Placed:
    """Place the tracks of a partition by the model, and write the part.

    The songs at `rows` are the model's tracks from `first` on: they stand where they were fitted.
    """
    start = _Start.now()
    atlas, fitted = _model(model)
    tracks = pl.read_parquet(Path(folder) / _clean(number))
    table = _placed_table(tracks, atlas, fitted, rows, first)
    path = Path(folder) / part_name(number)
    _write(table, path)
    n_songs, n_unlike = int(tracks["is_representative"].sum()), int(table["unlike"].sum())
    return Placed(
        number, table.height, n_songs, n_unlike, path.stat().st_size, sha256(path), *start.since(), peak_memory()
    )


def forget(number: int, folder: Path) -> None:
    """Remove what a partition has left for later steps."""
    for name in (_clean(number), _rejects(number)):
        (folder / name).unlink(missing_ok=True)


def forget_model() -> None:
    """Give back the memory that the model takes, once all partitions of this process are placed."""
    _model.cache_clear()


def gather_rejects(numbers: Iterable[int], folder: Path, target: Path) -> None:
    """Write the rejects of partitions into one file, in their order."""
    with target.open("wb") as out:
        out.write(pl.DataFrame(schema=REJECTS_SCHEMA).write_csv().encode())
        for number in numbers:
            with (folder / _rejects(number)).open("rb") as rows:
                shutil.copyfileobj(rows, out)


def _clean(number: int) -> str:
    return f"clean-{number:05d}.parquet"


def _rejects(number: int) -> str:
    return f"rejects-{number:05d}.csv"


def _strata(songs: pl.DataFrame, edges: dict[str, list[float]]) -> Int64:
    """Return the stratum of each song; a missing value counts as one of its own."""
    found = np.zeros(songs.height, np.int64)
    for name, cuts in STRATA:
        values = songs[name].to_numpy().astype(np.float64)
        found = found * (len(cuts) + 2) + np.where(
            np.isnan(values), len(cuts) + 1, np.searchsorted(edges[name], values)
        )
    return found


@lru_cache(maxsize=1)
def _model(folder: str) -> tuple[Atlas, FittedSongs]:
    """Return the model, read once by each process."""
    atlas = load_atlas(folder)
    return atlas, fitted_songs(atlas)


def _placed_table(tracks: pl.DataFrame, atlas: Atlas, fitted: FittedSongs, rows: Int32, first: int) -> pl.DataFrame:
    songs = representatives(tracks)
    song_of = np.asarray(tracks["version_family"].to_numpy(), dtype=np.int32)
    features = apply_features(tracks, atlas.features)
    model_track = np.full(len(songs), -1, np.int32)
    model_track[song_of[rows]] = first + np.arange(len(rows), dtype=np.int32)
    fresh = model_track < 0
    X = features.X[songs[fresh]]
    placed = place_new(atlas, fitted, X)
    of_fresh, of_known = (
        _song_values(atlas, placed, X, placed.unlike(fitted)),
        _model_values(atlas, model_track[~fresh]),
    )
    of_songs = pl.concat([of_fresh, of_known])[np.argsort(np.argsort(~fresh, kind="stable"), kind="stable")]
    own = of_songs[song_of].with_columns(
        pl.Series("imputed", features.imputed), pl.Series("is_fitted", ~fresh[song_of])
    )
    return pl.concat([tracks, own], how="horizontal")


def _song_values(atlas: Atlas, placed: PlacedSongs, X: Float32, unlike: Flags) -> pl.DataFrame:
    silhouette = new_silhouettes(atlas, X, np.concatenate([atlas.clustering.labels, placed.labels]))
    found = [(scale.name, scale.labels, scale.strength) for scale in placed.groups.scales]
    return _frame(atlas, placed.embedding, (placed.labels, placed.probabilities), found, silhouette, unlike)


def _model_values(atlas: Atlas, tracks: Int32) -> pl.DataFrame:
    songs = atlas.song_of[tracks]
    clusters = atlas.clustering.labels[songs], atlas.clustering.probabilities[songs]
    found = [(scale.name, scale.labels[songs], scale.strength[songs]) for scale in atlas.groups.scales]
    known = np.zeros(len(tracks), bool)
    return _frame(atlas, atlas.embedding[tracks], clusters, found, atlas.silhouette[tracks], known)


def _frame(
    atlas: Atlas,
    embedding: Float32,
    clusters: tuple[Int32, Float32],
    groups: list[tuple[str, Int32, Float32]],
    silhouette: Float32,
    unlike: Flags,
) -> pl.DataFrame:
    """Return what an atlas's table has of each song."""
    axes = own_columns(embedding.shape[1])[: embedding.shape[1]]
    columns = [pl.Series(name, np.ascontiguousarray(axis)) for name, axis in zip(axes, embedding.T, strict=True)]
    columns += [
        pl.Series("cluster", clusters[0]),
        pl.Series("cluster_probability", clusters[1]),
        pl.Series("silhouette", silhouette, nan_to_null=True),
        pl.Series("unlike", unlike),
    ]
    for scale, labels, strength in groups:
        columns += atlas.group_columns(scale, labels, strength)
    return pl.DataFrame(columns)


def _write(table: pl.DataFrame, path: Path) -> None:
    """Write aside, then rename: a worker that dies leaves no half file, and one that takes over writes its own."""
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    table.write_parquet(aside, compression="zstd", row_group_size=_ROW_GROUP)
    with aside.open("rb") as stream:
        os.fsync(stream.fileno())
    aside.replace(path)
