"""Finished stages of a build, kept beside the atlas that is not there yet: a stopped build goes on after them.

Each stage is a file ``.NAME.songscape-stages/STAGE-KEY.npz`` beside the folder of the atlas. The key is a hash of all
that the stage works from, arrays and parameters, and of the versions that could change a bit of its result: what lies
there under a key is what the stage would make again. So a change of ``min_cluster_size`` does not repeat the layout.
"""

import contextlib
import hashlib
import json
import platform
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from songscape import __version__
from songscape.atlas.archive import BROKEN, read_arrays, write_arrays
from songscape.atlas.arrays import Arrays, arrays_of_clustering, arrays_of_groups, clustering_of, groups_of
from songscape.atlas.quality import Partition
from songscape.atlas.scoring import Scored
from songscape.config import Params
from songscape.evaluation import ClusterScores, Estimate
from songscape.types import Clustering, Float32, Groups, NeighborGraph

Result = TypeVar("Result")

_SPACES = ("in_features", "on_map")
_ESTIMATES = ("estimate", "null")
_OF_CLUSTERS = ("clusters", "cluster_sizes", "cluster_silhouettes", "samples")  # the arrays of ClusterScores
_LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "polars")


@dataclass(frozen=True, slots=True)
class Form(Generic[Result]):
    """How the result of a stage becomes named arrays, and comes back from them."""

    pack: Callable[[Result], Arrays]
    unpack: Callable[[Arrays], Result]


class Stages:
    """The stages of one build; without a folder none is kept.

    Parameters
    ----------
    target : Path or None
        The folder of the atlas; the stages lie beside it. Only one process may use them: see `songscape.atlas.locks`.

    Attributes
    ----------
    found : list of str
        Stages that an earlier run had finished.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for _ in range(2):
    ...         stages = Stages(Path(folder, "atlas"))
    ...         value = stages.run("embedding", ["its inputs"], EMBEDDING, lambda: np.ones((2, 2), np.float32))
    ...         print(value.shape, stages.found)
    (2, 2) []
    (2, 2) ['embedding']
    """

    def __init__(self, target: Path | None) -> None:
        self.folder = None if target is None else _folder_of(target)
        self.found: list[str] = []
        self._used: set[Path] = set()

    def run(self, stage: str, depends_on: Iterable[object], form: Form[Result], make: Callable[[], Result]) -> Result:
        """Return what an earlier run has kept of a stage, else what `make` returns, and keep that."""
        if self.folder is None:
            return make()
        path = self.folder / f"{stage}-{stage_key(stage, *depends_on)[:32]}.npz"
        self._used.add(path)
        with contextlib.suppress(*BROKEN):  # not there, or cut short by what stopped the other run
            kept = form.unpack(read_arrays(path))
            self.found.append(stage)
            return kept
        made = make()
        with contextlib.suppress(OSError):  # no room for it: the build goes on, and could not go on from here
            self._keep(path, form.pack(made))
        return made

    def drop_others(self) -> None:
        """Remove what no stage of this run has used."""
        for path in [] if self.folder is None or not self.folder.is_dir() else self.folder.iterdir():
            if path not in self._used:
                path.unlink(missing_ok=True)

    @staticmethod
    def _keep(path: Path, arrays: Arrays) -> None:
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        try:
            write_arrays(part, arrays)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def remove_stages(target: Path) -> None:
    """Remove all stages kept beside the folder of an atlas."""
    shutil.rmtree(_folder_of(target), ignore_errors=True)


def _folder_of(target: Path) -> Path:
    resolved = target.resolve()
    return resolved.with_name(f".{resolved.name}.songscape-stages")


def stage_key(stage: str, *depends_on: object) -> str:
    """Return the hash of a stage with all that it works from: arrays, parameters, records of arrays, plain data."""
    digest = hashlib.sha256()
    digest.update(json.dumps([stage, *_versions()]).encode())
    for part in depends_on:
        _add(digest, part)
    return digest.hexdigest()


def _versions() -> list[str]:
    return [__version__, platform.python_version(), platform.machine(), *(version(name) for name in _LIBRARIES)]


def _add(digest: Any, part: object) -> None:
    """Add a part to a hash, with what it is and how long, so that no two lists of parts look alike."""
    if isinstance(part, NeighborGraph):
        part = {"indices": part.indices, "distances": part.distances, "told": [part.metric, part.recall]}
    elif isinstance(part, Groups):
        part = arrays_of_groups(part)
    if isinstance(part, np.ndarray):
        digest.update(f"array {part.dtype.str} {part.shape}\n".encode())
        digest.update(np.ascontiguousarray(part).data if part.size else b"")
    elif isinstance(part, dict):
        digest.update(f"table {len(part)}\n".encode())
        for name in sorted(part):
            digest.update(f"{name!r}\n".encode())
            _add(digest, part[name])
    else:
        plain = part.as_dict() if isinstance(part, Params) else part
        digest.update(f"data {json.dumps(plain, sort_keys=True)}\n".encode())


def _graph_of(arrays: Arrays) -> NeighborGraph:
    metric, recall = _plain_of(arrays["told"])
    return NeighborGraph(arrays["indices"], arrays["distances"], metric, recall)


def _embedding_of(arrays: Arrays) -> Float32:
    return arrays["embedding"]


def _clustering_of(arrays: Arrays) -> Clustering:
    return clustering_of(arrays, _plain_of(arrays["told"]))


def _groups_of(arrays: Arrays) -> Groups:
    return groups_of(arrays, **_plain_of(arrays["told"]))


def _scored_of(arrays: Arrays) -> Scored:
    return Scored(_plain_of(arrays["told"]), arrays["trust"], arrays["continuity"])


def _arrays_of_scored(scored: Scored) -> Arrays:
    return {"told": _told(scored.scores), "trust": scored.trust, "continuity": scored.continuity}


def _partitions_of(arrays: Arrays) -> dict[str, Partition]:
    told = _plain_of(arrays["told"])
    return {
        name: Partition(
            arrays[f"{name}.labels"], *(_clusters_of(arrays, f"{name}.{space}", told) for space in _SPACES)
        )
        for name in told["partitions"]
    }


def _clusters_of(arrays: Arrays, prefix: str, told: dict[str, Any]) -> ClusterScores:
    plain: dict[str, Any] = told[prefix] | {name: Estimate(**told[prefix][name]) for name in _ESTIMATES}
    plain |= {name: arrays[f"{prefix}.{name}"] for name in _OF_CLUSTERS}
    return ClusterScores(**plain)


def _arrays_of_partitions(partitions: dict[str, Partition]) -> Arrays:
    told: dict[str, Any] = {"partitions": list(partitions)}
    arrays: Arrays = {}
    for name, partition in partitions.items():
        arrays[f"{name}.labels"] = partition.labels
        for space in _SPACES:
            fields = asdict(getattr(partition, space))
            arrays |= {f"{name}.{space}.{field}": fields.pop(field) for field in _OF_CLUSTERS}
            told[f"{name}.{space}"] = fields
    return arrays | {"told": _told(told)}


def _told(plain: object) -> Any:
    return np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8)


def _plain_of(told: Any) -> Any:
    return json.loads(told.tobytes())


NEIGHBORS: Form[NeighborGraph] = Form(
    lambda graph: {
        "indices": graph.indices,
        "distances": graph.distances,
        "told": _told([graph.metric, graph.recall]),
    },
    _graph_of,
)
EMBEDDING: Form[Float32] = Form(lambda embedding: {"embedding": embedding}, _embedding_of)
CLUSTERING: Form[Clustering] = Form(
    lambda clustering: arrays_of_clustering(clustering) | {"told": _told(clustering.min_samples)},
    _clustering_of,
)
GROUPS: Form[Groups] = Form(
    lambda groups: arrays_of_groups(groups) | {"told": _told({"coverage": groups.coverage, "space": groups.space})},
    _groups_of,
)
PARTITIONS: Form[dict[str, Partition]] = Form(_arrays_of_partitions, _partitions_of)
SCORED: Form[Scored] = Form(_arrays_of_scored, _scored_of)
