"""Filters on the real tracks: what they match."""

import numpy as np
import polars as pl
import pytest

from songscape.playlist.conditions import Columns
from songscape.playlist.where import parse_where


@pytest.mark.realdata
def test_filters_on_real_tracks_match_what_polars_does(data_folder):
    table = pl.read_csv(data_folder / "light_spotify_dataset.csv", infer_schema=False)
    genres = pl.col("Genre").str.to_lowercase().str.split(",")
    year = pl.col("Release Date").cast(pl.Int32, strict=False)
    tracks = table.select(genres=genres, year=year, energy=pl.col("Energy").cast(pl.Float64, strict=False) / 100)
    where = parse_where("year >= 1990 and genre = 'JAZZ' and not energy > 0.5", tracks.schema)
    columns = Columns(tracks)
    found = where.mask(columns)
    plain = (pl.col("year") >= 1990) & pl.col("genres").list.contains("jazz") & (pl.col("energy") <= 0.5)
    assert np.array_equal(found, tracks.select(plain.fill_null(False)).to_series().to_numpy())
    assert 100 < found.sum() < 20_000
