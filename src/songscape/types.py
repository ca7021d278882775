"""Small immutable records of arrays that stages hand to each other.

Conventions: a track is a row number; −1 in labels means noise; clusters are numbered by falling size (ties by
their first row); a track is never its own neighbor; neighbor rows ascend by distance, ties by row number.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

GENERIC_ARTISTS = (
    "various artists", "various", "va", "unknown", "unknown artist", "traditional", "anonymous", "soundtrack",
    "original soundtrack", "cast", "original cast", "artist", "none", "n a", "n/a",
)  # fmt: skip
"""Names in lower case that stand for many artists, or for nobody in particular."""


@dataclass(frozen=True, slots=True)
class NeighborGraph:
    """The k nearest other rows of each row.

    Attributes
    ----------
    indices : int32, shape (n_rows, k)
        Row numbers of the neighbors; never the row itself. All entries are valid rows.
    distances : float32, shape (n_rows, k)
        Distances in the metric, ≥ 0, ascending along each row; equal distances stand in order of row number.
    metric : str
        The metric of `distances`.
    recall : float
        1.0 for an exact graph; for an approximate one the measured share of true neighbors found.
    """

    indices: Int32
    distances: Float32
    metric: str = "euclidean"
    recall: float = 1.0

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.indices.shape[0])

    @property
    def k(self) -> int:
        """Neighbors per row, the row itself left out."""
        return int(self.indices.shape[1])

    def first(self, k: int) -> "NeighborGraph":
        """Return the graph of only the `k` nearest; all of them where there are fewer."""
        if k >= self.k:
            return self
        return NeighborGraph(
            np.ascontiguousarray(self.indices[:, :k]),
            np.ascontiguousarray(self.distances[:, :k]),
            self.metric,
            self.recall,
        )


@dataclass(frozen=True, slots=True)
class FuzzyGraph:
    """UMAP's fuzzy simplicial set as a symmetric sparse matrix (CSR), both directions stored, no diagonal.

    Attributes
    ----------
    indptr : int64, shape (n_rows + 1,)
        Row i holds entries ``indptr[i]`` to ``indptr[i + 1] − 1``.
    indices : int32, shape (n_entries,)
        Column numbers, ascending in each row.
    weights : float32, shape (n_entries,)
        Membership strengths in (0, 1].
    rho : float32, shape (n_rows,)
        Distance to the nearest neighbor at a positive distance; 0 where there is none.
    sigma : float32, shape (n_rows,)
        Width of the smoothed neighborhood, > 0.
    """

    indptr: Int64
    indices: Int32
    weights: Float32
    rho: Float32
    sigma: Float32

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.indptr) - 1


@dataclass(frozen=True, slots=True)
class SpanningTree:
    """A minimum spanning tree under mutual reachability, edges by ascending weight (ties by rows).

    Attributes
    ----------
    left, right : int32, shape (n_rows − 1,)
        The rows that an edge joins.
    weight : float64, shape (n_rows − 1,)
        Mutual reachability distance of the edge, ≥ 0, ascending.
    """

    left: Int32
    right: Int32
    weight: Float64


@dataclass(frozen=True, slots=True)
class LinkageTree:
    """The single-linkage hierarchy, one merge an entry, as in SciPy's linkage matrix.

    Attributes
    ----------
    left, right : int32, shape (n_rows − 1,)
        Nodes merged: a row number below n_rows, or n_rows + i for the i-th merge.
    distance : float64, shape (n_rows − 1,)
        Height of the merge, ascending.
    size : int32, shape (n_rows − 1,)
        Rows under the new node.
    """

    left: Int32
    right: Int32
    distance: Float64
    size: Int32


@dataclass(frozen=True, slots=True)
class CondensedTree:
    """The hierarchy with splits smaller than ``min_cluster_size`` pruned away, in the hdbscan package's form.

    The edges of the rows come first, in row order (edge i is that of row i); those of the cluster nodes follow,
    in order of node number. A node's parent has a lower number than the node.

    Attributes
    ----------
    parent : int32, shape (n_edges,)
        A cluster node; the root is n_rows.
    child : int32, shape (n_edges,)
        A row (below n_rows) that falls out of `parent`, or a cluster node that splits off it.
    lambda_val : float64, shape (n_edges,)
        1 / distance at which that happens; inf for rows at distance 0.
    child_size : int32, shape (n_edges,)
        Rows under `child`; 1 for a row.
    """

    parent: Int32
    child: Int32
    lambda_val: Float64
    child_size: Int32


@dataclass(frozen=True, slots=True)
class Clustering:
    """Flat HDBSCAN clusters and the hierarchy they were cut from.

    Attributes
    ----------
    labels : int32, shape (n_rows,)
        Cluster number from 0 by falling size; −1 for noise.
    probabilities : float32, shape (n_rows,)
        Strength of membership in [0, 1]; 0 for noise.
    persistence : float64, shape (n_clusters,)
        Stability of each cluster relative to the most that its rows could have: in [0, 1]; a single cluster of
        everything, whose rows that fell out count as noise, may have more.
    core_distances : float32, shape (n_fitted,)
        Distance to the ``min_samples``-th other row. Rows behind the first `n_fitted` came later, by prediction; the
        hierarchy does not hold them.
    min_samples : int
        The other rows counted for a core distance: the parameter, but at most n_rows − 1.
    selected : int32, shape (n_clusters,)
        The node of the condensed tree behind each label.
    spanning_tree, linkage_tree, condensed_tree
        The hierarchy, from edges to condensed clusters.
    """

    labels: Int32
    probabilities: Float32
    persistence: Float64
    core_distances: Float32
    min_samples: int
    selected: Int32
    spanning_tree: SpanningTree
    linkage_tree: LinkageTree
    condensed_tree: CondensedTree

    @property
    def n_fitted(self) -> int:
        """Number of rows that the hierarchy was made of, the first ones."""
        return len(self.core_distances)

    @property
    def n_clusters(self) -> int:
        """Number of clusters, noise not counted."""
        return len(self.persistence)


@dataclass(frozen=True, slots=True, eq=False)
class GroupScale:
    """Groups at one scale: every row has a nearest group, and the strength says how far it belongs there.

    Attributes
    ----------
    name : str
        ``coarse``, ``middle`` or ``fine``.
    labels : int32, shape (n_rows,)
        Group of each covered row; −1 for rows left outside by the coverage. Groups are numbered by the falling number
        of rows nearest to them, so numbers do not change with coverage. Each scale is covered by itself: a row can
        have a fine group and lie outside its coarse one.
    nearest : int32, shape (n_rows,)
        The group of every row, covered or not; −1 only where there are no groups at all. It is nearest with the
        coarser groups counted in; by its memberships alone a row at a border can belong more to a neighbor.
    strength : float32, shape (n_rows,)
        Membership in that group, in [0, 1].
    is_core : bool, shape (n_rows,)
        True for rows that HDBSCAN itself put in a cluster; False for its noise, which was filled in.
    indptr : int64, shape (n_rows + 1,)
        Row i's memberships are entries ``indptr[i]`` to ``indptr[i + 1] − 1``.
    members : int32, shape (n_entries,)
        Groups of the memberships, strongest first in each row.
    weights : float32, shape (n_entries,)
        Strengths in (0, 1]; those of one row sum to at most 1.
    parents : int32, shape (n_groups,)
        For each group the group of the next coarser scale that holds it; empty at the coarsest.
    persistence : float32, shape (n_groups,)
        How long the group's leaves hold as the density threshold rises, relative to the most that they could, in
        [0, 1]; their mean where several were merged.
    """

    name: str
    labels: Int32
    nearest: Int32
    strength: Float32
    is_core: npt.NDArray[np.bool_]
    indptr: Int64
    members: Int32
    weights: Float32
    parents: Int32
    persistence: Float32

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.persistence)


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Nested groups at several scales, from coarse to fine, grown from one hierarchy.

    Attributes
    ----------
    scales : tuple of GroupScale
        Coarse first. A group of a finer scale lies in exactly one group of the next coarser one.
    coverage : float
        Share of the rows that `labels` covers, in (0, 1]; the others are too far between groups.
    space : str
        Where HDBSCAN worked: ``map``, ``dense`` (a UMAP of its own) or ``features``.
    """

    scales: tuple[GroupScale, ...]
    coverage: float
    space: str

    def scale(self, name: str) -> GroupScale:
        """Return the scale of this name."""
        return next(scale for scale in self.scales if scale.name == name)


@dataclass(frozen=True, slots=True)
class FeatureColumn:
    """How one column of X is made from a catalog, enough to repeat it on new tracks.

    Attributes
    ----------
    name : str
        Name of the column, as in ``energy``, ``key_cos``, ``emotion=joy``.
    feature : str
        The feature that it belongs to; one feature can take several columns (``key``: cosine and sine).
    block : str
        The block of the feature: sound, mood, rhythm, tonality, or one of the optional ones.
    transform : str
        What is done to the catalog's values first, by its name in ``songscape.features``.
    category : str
        The category that an indicator column stands for; empty for numbers.
    center, scale : float
        ``z = clip((value − center) / scale)``; all columns of a feature share their scale.
    weight : float
        What z is multiplied by, > 0: weight of the block, times that of the feature where artists are not discounted.
    """

    name: str
    feature: str
    block: str
    transform: str
    category: str
    center: float
    scale: float
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class ArtistDiscount:
    """What the catalog's artists teach about distances: a linear map of z, near to a weight for each column.

    Attributes
    ----------
    matrix : float64, shape (n_columns, n_columns)
        Symmetric, positive semi-definite; multiplies z of the columns below. (0, 0) where nothing is discounted.
    columns : tuple of str
        The columns of X that it multiplies, by name.
    within : tuple of float
        For each of these columns the share of its variance that lies within artists, in [0, 1].
    n_artists, n_songs : int
        The artists with enough songs that it was learned from (or would have been), and their songs.
    reason : str
        Why nothing is discounted; empty where it is.
    """

    matrix: Float64
    columns: tuple[str, ...] = ()
    within: tuple[float, ...] = ()
    n_artists: int = 0
    n_songs: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FeatureMatrix:
    """A catalog as numbers: what neighbors, map and scores are computed from.

    Attributes
    ----------
    X : float32, shape (n_tracks, n_features)
        Scaled and weighted features, finite.
    columns : tuple of FeatureColumn
        How each column of `X` was made.
    covariance : float64, shape (n_audio, n_audio)
        Covariance of the unweighted audio columns (those of no optional block), which missing values are filled by.
    imputed : bool, shape (n_tracks,)
        True where at least one feature of the track was missing and filled in.
    left_out : dict of str to str
        Features that the blocks ask for and `X` does not have, with the reason.
    discount : ArtistDiscount
        What artists taught, between z and weights; its matrix is empty where nothing was learned.
    """

    X: Float32
    columns: tuple[FeatureColumn, ...]
    covariance: Float64
    imputed: npt.NDArray[np.bool_]
    left_out: dict[str, str] = field(default_factory=dict)
    discount: ArtistDiscount = field(default_factory=lambda: ArtistDiscount(np.zeros((0, 0)), reason="not asked for"))

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each column of `X`."""
        return tuple(column.name for column in self.columns)

    @property
    def weights(self) -> tuple[float, ...]:
        """The weight that each column was multiplied by."""
        return tuple(column.weight for column in self.columns)
