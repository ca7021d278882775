"""An atlas from its folder."""

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import polars as pl

from songscape.atlas.archive import BROKEN, read_arrays
from songscape.atlas.arrays import clustering_of, groups_of
from songscape.atlas.files import SONGS, read_run, require_whole
from songscape.atlas.folder import recover
from songscape.atlas.record import UNLIKE, Atlas, RunInfo, own_columns
from songscape.catalog.record import Catalog
from songscape.config import Config
from songscape.errors import AtlasError
from songscape.types import ArtistDiscount, FeatureColumn, FeatureMatrix, NeighborGraph

_DAMAGE = (*BROKEN, RecursionError, pl.exceptions.PolarsError)
"""What a folder whose files are not what an atlas consists of makes readers raise."""

_REJECTS = {"file": pl.String, "line": pl.Int64, "reason": pl.String, "raw": pl.String}


def load_atlas(folder: str | os.PathLike[str]) -> Atlas:
    """Read an atlas from its folder.

    Parameters
    ----------
    folder : path
        What `Atlas.save` or ``songscape build`` wrote.

    Returns
    -------
    Atlas

    Raises
    ------
    AtlasError
        If the folder is not there, is not an atlas, is damaged, or was written by a newer Songscape.

    Examples
    --------
    >>> import songscape, tempfile
    >>> catalog = songscape.read_catalog(songscape.synthesize_tracks(200, random_state=0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     saved = songscape.build_atlas(catalog).save(f"{folder}/atlas")
    ...     songscape.load_atlas(saved).embedding.shape
    (200, 2)
    """
    source = Path(folder)
    recover(source.resolve())
    before = _identity(source)
    try:
        return _loaded(source)
    except AtlasError:
        if _identity(source) == before:
            raise
        return _loaded(source)  # another process has replaced the folder while it was read


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one of its name."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _loaded(source: Path) -> Atlas:
    run = read_run(source)
    require_whole(source, run)
    try:
        return _atlas_of(source, run)
    except _DAMAGE as error:
        raise AtlasError(f"The atlas at '{source}' is damaged: {error!r}. Build it again.") from None


def _atlas_of(source: Path, run: dict[str, Any]) -> Atlas:
    table = pl.read_parquet(source / "tracks.parquet")
    arrays = read_arrays(source / "arrays.npz")
    rejects = pl.read_csv(source / "rejects.csv", schema=_REJECTS)
    own = own_columns(arrays["embedding"].shape[1])
    grown = UNLIKE in table.columns
    catalog = Catalog(table.drop([*own, UNLIKE] if grown else own), rejects, run["catalog"], run["inputs"])
    features = FeatureMatrix(
        arrays["X"],
        tuple(FeatureColumn(**column) for column in run["features"]["columns"]),
        arrays["feature_covariance"],
        table["imputed"].to_numpy(),
        run["features"]["left_out"],
        ArtistDiscount(arrays["feature_discount"], **_tuples(run["features"]["discount"])),
    )
    graph = NeighborGraph(arrays["neighbor_indices"], arrays["neighbor_distances"], **run["neighbors"])
    told = {field.name: run[field.name] for field in fields(RunInfo) if field.name != "additions"}
    info = RunInfo(**told, additions=run.get("additions", []))
    unknown_is_nan = table.select("silhouette", "map_trust", "map_continuity").fill_null(float("nan"))
    silhouette, trust, continuity = (column.to_numpy() for column in unknown_is_nan)
    config = Config(**run["config"])
    atlas = Atlas(
        catalog,
        features,
        graph,
        arrays["embedding"],
        clustering_of(arrays, run["min_samples"]),
        groups_of(arrays, **run["groups"]),
        json.loads((source / "groups.json").read_text(encoding="utf-8")),
        silhouette,
        trust,
        continuity,
        run["scores"],
        config,
        info,
        table[UNLIKE].to_numpy() if grown else None,
    )
    if SONGS in run.get("files", {}):
        atlas.kept[SONGS] = read_arrays(source / SONGS)
    return atlas


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as they were before JSON made lists of tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
