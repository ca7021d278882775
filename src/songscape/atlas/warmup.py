"""Compile the kernels of later stages in a second process, while the first reads the catalog.

numba compiles on one core, under a lock of the process. On a machine that has never built an atlas this process and a
helper share the work through the cache on disk: whoever comes to a kernel that the other has compiled loads it.
Nothing depends on the helper. If it cannot start, or is late, the kernels are compiled where they are called.
"""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from songscape.kernels.layout import Edges, move_plane, spread_sample
from songscape.threads import thread_count

_N_ROWS = 400  # enough for every kernel of a stage to be called
_HELPER = "import songscape.atlas.warmup as warmup; warmup.compile_later_stages()"


@contextlib.contextmanager
def warm_up() -> Iterator[None]:
    """Run a helper beside the ``with`` block if the cache holds no compiled kernels; stop it at the end."""
    helper = None if _is_cached(move_plane) or thread_count() < 2 else _start_helper()
    try:
        yield
    finally:
        if helper is not None:
            helper.kill()
            helper.wait()


def _is_cached(kernel: Callable[..., object]) -> bool:
    """Whether the cache on disk holds a compiled form of a kernel; True as well where there is no such cache."""
    folder: str | None = kernel.stats.cache_path  # type: ignore[attr-defined]
    name = f"{Path(kernel.py_func.__code__.co_filename).stem}.{kernel.__name__}-*.nbi"  # type: ignore[attr-defined]
    return folder is None or any(Path(folder).glob(name))


def _start_helper() -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(
            [sys.executable, "-c", _HELPER],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:  # no further process is allowed: then without a helper
        return None


def compile_later_stages() -> None:
    """Call the stages behind the neighbor search on a few random rows, in the order in which a build needs them."""
    from songscape.atlas.grouping import DENSE_NEIGHBORS, group_songs
    from songscape.atlas.scoring import score_songs
    from songscape.clustering import cluster
    from songscape.config import ClusteringParams, Config, EmbeddingParams
    from songscape.embedding import embed
    from songscape.types import NeighborGraph

    k = DENSE_NEIGHBORS - 1
    rows = np.random.default_rng(0).normal(size=(_N_ROWS, 9)).astype(np.float32)
    others = (np.arange(_N_ROWS)[:, None] + np.arange(1, k + 1)) % _N_ROWS
    ring = NeighborGraph(others.astype(np.int32), np.tile(np.arange(1.0, k + 1, dtype=np.float32), (_N_ROWS, 1)))
    none, nowhere = np.zeros(0, np.float32), np.zeros((2, 0), np.float32)
    spread_sample(Edges(np.zeros(1, np.int64), np.zeros(0, np.int32), none, 0), 8, nowhere, nowhere, 0, 0)
    places = embed(rows, ring, EmbeddingParams(n_epochs=1))
    clusters = cluster(places, ClusteringParams(min_cluster_size=5))
    groups = group_songs(rows, ring, places)
    score_songs(rows, ring, places, clusters.labels, groups, Config())
