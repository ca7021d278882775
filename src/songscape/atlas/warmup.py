"""Compile kernels in two further processes, while the first reads the catalog; load those of `add` on a thread.

numba compiles on one core, under a lock of the process. On a machine that has never built an atlas two helpers share
the work through the cache on disk; they take different kernels, and this process loads what they have compiled. The
neighbor search, which a build needs first, is compiled first and waited for: to compile it here as well would cost
more than the wait. Nothing depends on the helpers. If they cannot start, or are late, the kernels are compiled where
they are called.
"""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from songscape.kernels.centers import assign_rows
from songscape.kernels.layout import Edges, move_plane, spread_sample
from songscape.kernels.leaves import EUCLIDEAN, LANES, Leaves, build_leaves
from songscape.kernels.nearest import nearest_rows
from songscape.threads import thread_count

_N_ROWS = 400  # enough for every kernel of a stage to be called
_SEARCHES = "compile_search_and_clustering"
_MAPS = "compile_map_and_scores"


class Helpers:
    """The processes that compile; none on a machine that has compiled before."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start both; where no further process is allowed, none."""
        with contextlib.suppress(OSError):
            for work in (_SEARCHES, _MAPS):
                self._running[work] = subprocess.Popen(
                    [sys.executable, "-c", f"import songscape.atlas.warmup as warmup; warmup.{work}()"],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )

    def wait_for_search(self) -> None:
        """Return when the neighbor search is compiled, or the helper that compiles it has ended."""
        helper = self._running.get(_SEARCHES)
        if helper is not None and helper.stdout is not None:
            helper.stdout.read(1)

    def wait(self) -> None:
        """Return when all have ended: what is not urgent would take the cores from them."""
        for helper in list(self._running.values()):
            helper.wait()

    def stop(self) -> None:
        """End what still runs."""
        for helper in self._running.values():
            helper.kill()
            helper.communicate()


@contextlib.contextmanager
def warm_up() -> Iterator[Helpers]:
    """Run helpers beside the ``with`` block if the cache holds no compiled kernels; stop them at the end."""
    helpers = Helpers()
    try:
        if thread_count() > 1 and not _is_cached(move_plane):
            helpers.start()
        yield helpers
    finally:
        helpers.stop()


def _is_cached(kernel: Callable[..., object]) -> bool:
    """Whether the cache on disk holds a compiled form of a kernel; True as well where there is no such cache."""
    folder: str | None = kernel.stats.cache_path  # type: ignore[attr-defined]
    name = f"{Path(kernel.py_func.__code__.co_filename).stem}.{kernel.__name__}-*.nbi"  # type: ignore[attr-defined]
    return folder is None or any(Path(folder).glob(name))


def compile_search_and_clustering() -> None:
    """Search neighbors, say so on standard output, then cluster and score clusters by density."""
    nearest_rows(_one_leaf(), 5, EUCLIDEAN)
    sys.stdout.write("s")
    sys.stdout.flush()
    from songscape.clustering import cluster
    from songscape.config import ClusteringParams
    from songscape.evaluation.density import evaluate_density

    places = _random_rows(2)
    cluster(places, ClusteringParams(min_cluster_size=5))
    evaluate_density(places, _halves(places))


def compile_map_and_scores() -> None:
    """Cut rows into leaves, map them, and compute the other scores, in the order in which a build needs them."""
    from songscape.atlas.grouping import DENSE_NEIGHBORS
    from songscape.config import EmbeddingParams
    from songscape.embedding import embed
    from songscape.evaluation import evaluate_clusters, evaluate_map
    from songscape.evaluation.local_trust import evaluate_local_trust
    from songscape.evaluation.tears import evaluate_tears
    from songscape.types import NeighborGraph

    rows, k = _random_rows(9), DENSE_NEIGHBORS - 1
    build_leaves(rows)
    none, nowhere = np.zeros(0, np.float32), np.zeros((2, 0), np.float32)
    spread_sample(Edges(np.zeros(1, np.int64), np.zeros(0, np.int32), none, 0), 8, nowhere, nowhere, 0, 0)
    others = (np.arange(_N_ROWS)[:, None] + np.arange(1, k + 1)) % _N_ROWS
    ring = NeighborGraph(others.astype(np.int32), np.tile(np.arange(1.0, k + 1, dtype=np.float32), (_N_ROWS, 1)))
    places = embed(rows, ring, EmbeddingParams(n_epochs=1))
    evaluate_clusters(rows, _halves(rows))
    evaluate_map(rows, ring, places)
    evaluate_local_trust(rows, ring, places)
    evaluate_tears(ring.indices, ring.indices, _halves(rows))
    assign_rows(rows, rows[:2].astype(np.float64))


def load_placing() -> None:
    """Load what places new songs, by placing some: the first call of a kernel takes it from the cache on disk."""
    from songscape.config import EmbeddingParams
    from songscape.embedding import place
    from songscape.evaluation import silhouette_samples
    from songscape.neighbors import query_neighbors

    rows = _random_rows(9)
    near = query_neighbors(rows, rows[:1], 14)
    places = _random_rows(2)
    query_neighbors(places, places[:1], 14)
    place(near, places, EmbeddingParams(n_epochs=1))
    assign_rows(rows, rows[:2].astype(np.float64))
    silhouette_samples(rows, _halves(rows))


def _one_leaf() -> Leaves:
    """Return one leaf of equal rows, made without a kernel."""
    lanes, boxes = np.zeros((1, 9, LANES), np.float32), np.full((1, 9, LANES), np.inf, np.float32)
    low = np.zeros((1, 9), np.float32)
    return Leaves(
        order=np.arange(LANES, dtype=np.int32),
        starts=np.array([0, LANES], np.int32),
        lanes=lanes,
        turned=lanes,
        low=low,
        high=low,
        low_lanes=boxes,
        high_lanes=-boxes,
        group_low=low,
        group_high=low,
        first_row=np.zeros(1, np.int32),
        center=np.zeros(9),
        axes=np.eye(9),
    )


def _random_rows(n_columns: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=(_N_ROWS, n_columns)).astype(np.float32)


def _halves(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    return (rows[:, 0] > 0).astype(np.int32)
