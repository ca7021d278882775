"""The arrays of an atlas by name, as ``arrays.npz`` holds them, and the records that they come from."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy.typing as npt

from songscape.types import Clustering, CondensedTree, Groups, GroupScale, LinkageTree, SpanningTree

if TYPE_CHECKING:
    from songscape.atlas.record import Atlas

Arrays = dict[str, npt.NDArray[Any]]
Tree = TypeVar("Tree", SpanningTree, LinkageTree, CondensedTree)

SCALES = ("coarse", "middle", "fine")
_GROUP_ARRAYS = tuple(field.name for field in fields(GroupScale) if field.name != "name")


def arrays_of(atlas: "Atlas") -> Arrays:
    """Return all arrays of an atlas by name."""
    arrays: Arrays = {
        "X": atlas.X,
        "feature_covariance": atlas.features.covariance,
        "feature_discount": atlas.features.discount.matrix,
        "neighbor_indices": atlas.neighbors.indices,
        "neighbor_distances": atlas.neighbors.distances,
        "embedding": atlas.embedding,
    }
    return arrays | arrays_of_clustering(atlas.clustering) | arrays_of_groups(atlas.groups)


def arrays_of_clustering(clustering: Clustering) -> Arrays:
    """Return the arrays of the clusters and their hierarchy by name."""
    arrays: Arrays = {
        "song_labels": clustering.labels,
        "song_probabilities": clustering.probabilities,
        "cluster_persistence": clustering.persistence,
        "song_core_distances": clustering.core_distances,
        "cluster_selected": clustering.selected,
    }
    for name in ("spanning_tree", "linkage_tree", "condensed_tree"):
        tree = getattr(clustering, name)
        arrays |= {f"{name}_{field.name}": getattr(tree, field.name) for field in fields(tree)}
    return arrays


def arrays_of_groups(groups: Groups) -> Arrays:
    """Return the arrays of the groups at all scales by name."""
    return {f"group_{scale.name}_{name}": getattr(scale, name) for scale in groups.scales for name in _GROUP_ARRAYS}


def clustering_of(arrays: Arrays, min_samples: int) -> Clustering:
    """Return the clusters and their hierarchy."""
    return Clustering(
        arrays["song_labels"],
        arrays["song_probabilities"],
        arrays["cluster_persistence"],
        arrays["song_core_distances"],
        min_samples,
        arrays["cluster_selected"],
        _tree(SpanningTree, "spanning_tree", arrays),
        _tree(LinkageTree, "linkage_tree", arrays),
        _tree(CondensedTree, "condensed_tree", arrays),
    )


def groups_of(arrays: Arrays, coverage: float, space: str) -> Groups:
    """Return the groups at all scales."""
    scales = tuple(
        GroupScale(name, **{array: arrays[f"group_{name}_{array}"] for array in _GROUP_ARRAYS}) for name in SCALES
    )
    return Groups(scales, coverage, space)


def _tree(kind: type[Tree], name: str, arrays: Arrays) -> Tree:
    return kind(**{field.name: arrays[f"{name}_{field.name}"] for field in fields(kind)})
