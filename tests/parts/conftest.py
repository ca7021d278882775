"""Three small files built in parts, and an ordinary atlas of the same tracks to judge them by."""

import polars as pl
import pytest

import songscape
from songscape.parts.record import open_parts

SIZES = (300, 270, 230)
SAMPLE = 420


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """One catalog cut in three: artists stand in all of them, and one song stands in two."""
    folder = tmp_path_factory.mktemp("files")
    tracks = songscape.synthesize_tracks(sum(SIZES), random_state=8)
    first = 0
    for number, size in enumerate(SIZES):
        part = tracks.slice(first, size)
        if number == 2:
            part = pl.concat([part.head(size - 1), tracks.slice(0, 1)])
        part.write_parquet(folder / f"p{number}.parquet")
        first += size
    return sorted(folder.iterdir())


@pytest.fixture(scope="session")
def folder(files, tmp_path_factory):
    """The model; its parts lie beside it."""
    target = tmp_path_factory.mktemp("built") / "atlas"
    songscape.build_partitioned(files, target, engine="parts", sample_size=SAMPLE)
    return target


@pytest.fixture(scope="session")
def parts(folder):
    return open_parts(folder)


@pytest.fixture(scope="session")
def tracks(folder):
    """All tracks of all parts."""
    return songscape.scan_parts(folder).collect()


@pytest.fixture(scope="session")
def whole(files):
    """An ordinary atlas of the same tracks, in the same order."""
    return songscape.build_atlas(songscape.read_catalog(files))
