"""What is measured on: rows of features, maps and labels, made once a run and kept in its folder.

Real tracks come from the folder that ``--data`` or SONGSCAPE_DATA names, one representative a song, in an order drawn
with a fixed seed, so that smaller samples are the beginnings of larger ones. Where there are too few of them, and
where there is no such folder, rows come from a synthetic catalog, and every table says so.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from measure import Task, run_task

REAL_CATALOG = "light_spotify_dataset.csv"
SPARE = 1.2  # synthetic tracks for each row wanted: some are versions of one song
N_CLUSTERS = 80


class PreparationError(RuntimeError):
    """Inputs could not be made, so nothing can be measured."""


@dataclass
class Inputs:
    """Files of arrays, made when they are first asked for.

    Attributes
    ----------
    folder : Path
        Where they are kept.
    largest : int
        The most rows that will be asked for.
    data : Path, optional
        The folder with the real catalog.
    """

    folder: Path
    largest: int
    data: Path | None = None

    @property
    def catalog(self) -> Path | None:
        """The real catalog's file, or None."""
        return None if self.data is None else self.data / REAL_CATALOG

    def kind(self, n: int) -> str:
        """Return "real" or "synthetic": which rows a sample of n has."""
        return "real" if self.catalog and n <= _rows(self._real()) else "synthetic"

    def features(self, n: int) -> Path:
        """Return scaled features, float32 (n, n_features)."""
        source = self._real() if self.kind(n) == "real" else self._synthetic()
        return self._made(f"features-{n}", "first_rows", {"n": n}, rows=source)

    def map(self, n: int) -> Path:
        """Return songscape's map of those rows, float32 (n, 2)."""
        return self._made(f"map-{n}", "map_of", {}, X=self.features(n))

    def keep_map(self, n: int, path: Path) -> None:
        """Take a map that was made while it was measured: the same bytes, since it depends on nothing else."""
        path.replace(self.folder / f"map-{n}.npy")

    def labels(self, n: int, space: str) -> Path:
        """Return 80 k-means clusters, int32 (n,), of the features or of the map."""
        points = self.features(n) if space == "features" else self.map(n)
        return self._made(f"labels-{space}-{n}", "labels_of", {}, points=points)

    def _real(self) -> Path:
        return self._made("real", "real_features", {"catalog": str(self.catalog)})

    def _synthetic(self) -> Path:
        return self._made("synthetic", "synthetic_features", {"n": self.largest})

    def _made(self, name: str, function: str, settings: dict[str, object], **inputs: Path) -> Path:
        path = self.folder / f"{name}.npy"
        if not path.exists():
            ended = run_task(Task(f"inputs:{function}", inputs, settings, output=path))
            if ended.status != "ok":
                raise PreparationError(f"The input '{name}' could not be made: {ended.message}")
        return path


def _rows(path: Path) -> int:
    return int(np.load(path, mmap_mode="r").shape[0])


def first_rows(rows: np.ndarray, n: int) -> np.ndarray:
    """Return the first n rows."""
    if len(rows) < n:
        raise PreparationError(f"{len(rows)} songs for {n} rows: raise SPARE")
    return rows[:n]


def real_features(catalog: str) -> np.ndarray:
    """Return features of all songs of the real catalog, in drawn order."""
    from songscape.catalog import read_catalog

    return _features(read_catalog(catalog).tracks)


def synthetic_features(n: int) -> np.ndarray:
    """Return features of the songs among 1.2 n synthetic tracks, in drawn order."""
    from songscape.catalog import read_catalog
    from songscape.catalog.synthetic import synthesize_tracks

    return _features(read_catalog(synthesize_tracks(int(n * SPARE), random_state=0)).tracks)


def _features(tracks: Any) -> np.ndarray:
    import polars as pl

    from songscape.features import scale_features

    X = scale_features(tracks.filter(pl.col("is_representative"))).X
    return X[np.random.default_rng(0).permutation(len(X))]


def map_of(X: np.ndarray) -> np.ndarray:
    """Return songscape's map."""
    from songscape import UMAP

    return UMAP().fit_transform(X)


def labels_of(points: np.ndarray) -> np.ndarray:
    """Return k-means clusters: no part of songscape, so no favor to it."""
    from sklearn.cluster import MiniBatchKMeans

    return MiniBatchKMeans(N_CLUSTERS, n_init=1, random_state=0).fit_predict(points).astype(np.int32)
