"""Frozen parameter classes, one per stage: ranges, defaults and help are declared here, once.

The same declarations feed the check, the error message, ``--help``, the parameter table of the docs and the
invalid values that the tests try. Defaults < TOML file < flags.
"""

from typing import Any, Literal

from pydantic import Field, field_validator

from songscape.config.base import Params, describe
from songscape.errors import ParameterError, did_you_mean, must_be
from songscape.sizes import parse_size

__all__ = [
    "BLOCKS",
    "ClusteringParams",
    "Config",
    "EmbeddingParams",
    "EmotionParams",
    "EvaluationParams",
    "FeatureParams",
    "GroupingParams",
    "MapClusteringParams",
    "Metric",
    "Params",
    "PartitionParams",
    "ReadParams",
    "Search",
    "describe",
]

Search = Literal["exact", "approximate"]
Metric = Literal["euclidean", "manhattan", "chebyshev", "cosine", "correlation"]

BLOCKS = {
    "sound": 1.0,
    "mood": 1.0,
    "rhythm": 1.0,
    "tonality": 0.0,
    "emotion": 0.0,
    "genre": 0.0,
    "year": 0.0,
    "popularity": 0.0,
    "explicit": 0.0,
}
"""The blocks of features and their default weights; 0 holds a block out of the metric."""


class ReadParams(Params):
    """How a catalog file is read."""

    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Canonical column = column of the file, where recognition by name does not do.",
    )
    version_families: bool = Field(
        True, description="Join several rows of one song into a family with one representative."
    )


class FeatureParams(Params):
    """How tracks become numbers: weights of the blocks and treatment of the columns."""

    blocks: dict[str, float] = Field(
        default_factory=dict,
        description="Weights by block: sound, mood, rhythm, tonality; and, held out unless asked for,"
        " emotion, genre, year, popularity, explicit.",
    )
    fold_tempo: bool = Field(False, description="Fold tempo into one octave, so that 87 and 174 BPM are equal.")
    discount_artists: bool = Field(
        True,
        description="Let features count less that artists vary at will, as far as the catalog's own artists tell.",
    )

    @field_validator("blocks")
    @classmethod
    def _known_blocks(cls, blocks: dict[str, float]) -> dict[str, float]:
        for name, weight in blocks.items():
            if name not in BLOCKS:
                hint = did_you_mean(name, BLOCKS) or f" Known blocks: {', '.join(BLOCKS)}."
                raise ParameterError(f"Unknown block '{name}'.{hint}")
            if not 0.0 <= weight <= 100.0:  # false for NaN too
                raise ParameterError(must_be(name, "a float in [0, 100]", weight))
        if not any((BLOCKS | blocks).values()):
            raise ParameterError("All blocks have weight 0: no feature is left. Give one a weight above 0.")
        return blocks

    def block_weight(self, block: str) -> float:
        """Return the weight of a block: the one asked for, else the default."""
        return self.blocks.get(block, BLOCKS[block])


class EmbeddingParams(Params):
    """UMAP's parameters, by their names in umap-learn."""

    n_neighbors: int = Field(
        15,
        ge=2,
        le=1000,
        description="Size of the local neighborhood, the point itself counted (as in umap-learn).",
    )
    n_components: int = Field(2, ge=1, le=64, description="Dimensions of the map; an atlas needs at least 2.")
    min_dist: float = Field(
        0.1, ge=0.0, le=10.0, description="Smallest distance between points that belong together."
    )
    spread: float = Field(1.0, gt=0.0, le=100.0, description="Scale of the embedded points, at least min_dist.")
    n_epochs: int | None = Field(
        None,
        ge=0,
        le=100000,
        description="Passes of the layout; None: 500 up to 10 000 points, 200 above, half of that if init is coarse.",
    )
    init: Literal["coarse", "pca", "spectral", "random"] = Field(
        "coarse", description="Where the layout starts from; coarse: from the layout of every eighth row."
    )
    negative_sample_rate: int = Field(5, ge=0, le=100, description="Negative samples per positive one.")
    learning_rate: float = Field(1.0, gt=0.0, le=100.0, description="Step size at the start of the layout.")
    random_state: int = Field(0, ge=0, le=2**32 - 1, description="Seed; the same seed gives the same bytes.")


class ClusteringParams(Params):
    """HDBSCAN's parameters, by their names and with their defaults in the hdbscan package."""

    min_cluster_size: int = Field(5, ge=2, le=1_000_000_000, description="Smallest group that counts as a cluster.")
    min_samples: int | None = Field(
        None, ge=1, le=1000, description="Neighbors that set the core distance; None: min_cluster_size."
    )
    cluster_selection_method: Literal["eom", "leaf"] = Field(
        "eom", description="Excess of mass, or the leaves of the hierarchy."
    )
    cluster_selection_epsilon: float = Field(
        0.0, ge=0.0, description="Clusters closer than this distance are not split."
    )
    allow_single_cluster: bool = Field(False, description="Whether everything may be one cluster.")


class MapClusteringParams(Params):
    """HDBSCAN's parameters for the map of a catalog: the same names, defaults that follow the catalog's size."""

    min_cluster_size: int | None = Field(
        None,
        ge=2,
        le=1_000_000_000,
        description="Smallest group that counts as a cluster; None: 0.5 % of the songs, at least 10.",
    )
    min_samples: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="Neighbors that set the core distance; None: min_cluster_size, at most 15.",
    )
    cluster_selection_method: Literal["eom", "leaf"] = Field(
        "leaf", description="Excess of mass, or the leaves of the hierarchy."
    )
    cluster_selection_epsilon: float = Field(
        0.0, ge=0.0, description="Clusters closer than this distance on the map are not split."
    )
    allow_single_cluster: bool = Field(False, description="Whether everything may be one cluster.")

    def at_size(self, n_songs: int) -> ClusteringParams:
        """Return what a catalog of `n_songs` songs is clustered with: sizes that are None follow from its size.

        Examples
        --------
        >>> MapClusteringParams().at_size(200_000).min_cluster_size
        1000
        >>> MapClusteringParams(min_cluster_size=50).at_size(200_000).min_cluster_size
        50
        """
        size = self.min_cluster_size or max(10, round(0.005 * n_songs))
        sizes = {"min_cluster_size": size, "min_samples": self.min_samples or min(size, 15)}
        return ClusteringParams(**{**dict(self), **sizes})


class GroupingParams(Params):
    """How songs are put in groups at three scales, which are of use where plain clusters leave most songs out."""

    space: Literal["map", "dense", "features"] = Field(
        "map",
        description="Where HDBSCAN finds the groups' cores: the map, a denser map of its own, or the features.",
    )
    coverage: float = Field(
        0.95, gt=0.0, le=1.0, description="Share of the songs that are put in a group; the others lie between groups."
    )
    n_coarse: int = Field(12, ge=1, le=100_000, description="Groups at the coarse scale, where there are so many.")
    n_middle: int = Field(60, ge=1, le=100_000, description="Groups at the middle scale, where there are so many.")
    n_fine: int = Field(200, ge=1, le=100_000, description="Groups at the fine scale, where there are so many.")
    core_size: int | None = Field(
        None,
        ge=2,
        le=1_000_000_000,
        description="HDBSCAN's min_cluster_size for the cores of groups; None: 0.05 % of the songs, at least 10.",
    )
    core_samples: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="HDBSCAN's min_samples for the cores of groups; None: 60 at 100 000 songs, by the root of n.",
    )

    def at_size(self, n_songs: int) -> ClusteringParams:
        """Return what HDBSCAN looks for cores with among `n_songs` songs: leaves, of sizes that follow theirs.

        Examples
        --------
        >>> GroupingParams().at_size(100_000).min_samples, GroupingParams().at_size(100_000).min_cluster_size
        (60, 50)
        """
        size = self.core_size or max(10, round(0.0005 * n_songs))
        samples = self.core_samples or min(1000, max(5, round(60 * (n_songs / 100_000) ** 0.5)))
        return ClusteringParams(min_cluster_size=size, min_samples=samples, cluster_selection_method="leaf")


class EvaluationParams(Params):
    """What the scores are computed with."""

    k: int = Field(15, ge=1, le=1000, description="Neighbors that trustworthiness and its kin look at.")
    sample_size: int = Field(
        5000, ge=100, le=100_000_000, description="Rows sampled for scores that would need all pairs."
    )
    exact_up_to: int = Field(
        400_000,
        ge=0,
        le=100_000_000,
        description="Songs in clusters up to which silhouettes measure all distances; beyond, they tell their error.",
    )
    random_state: int = Field(0, ge=0, le=2**32 - 1, description="Seed of samples and permuted baselines.")


class PartitionParams(Params):
    """How a catalog is built in parts, where a model of a sample places all tracks."""

    fitted_songs: int | None = Field(
        None,
        ge=100,
        le=100_000_000,
        description="Songs that the model is fitted on; None: 200 000, fewer where memory does not suffice.",
    )
    block_rows: int | None = Field(
        None,
        ge=100,
        le=100_000_000,
        description="Rows of a large file that are read at once; None: 100 000, fewer where memory does not suffice;"
        " on Dask, all of each file.",
    )


class EmotionParams(Params):
    """How missing emotions are found in lyrics."""

    lyrics_column: str = Field("text", description="Column with the lyrics.")
    emotion_column: str | None = Field(
        None, description="Column to fill; None: the one that is recognized by its name, else a new one, emotion."
    )
    overwrite: bool = Field(False, description="Find the emotion of all rows with lyrics anew.")
    model: str = Field(
        "mrm8488/t5-base-finetuned-emotion",
        description="A T5 classifier: a local folder, or a name on the Hugging Face hub, which is fetched once.",
    )
    labels: tuple[str, ...] | None = Field(
        None,
        description="What the model chooses among; None: joy, sadness, anger, love, fear, surprise, or the classes of"
        " a sequence classifier.",
    )
    prefix: str = Field("", description="Words before the lyrics, where the model was trained with such.")
    max_tokens: int = Field(512, ge=8, le=100_000, description="Tokens of lyrics that are read; the rest is cut.")
    batch_size: int = Field(16, ge=1, le=10_000, description="Lyrics that the model reads at once.")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="Where the model runs; auto: on an accelerator where there is one."
    )

    @field_validator("labels")
    @classmethod
    def _distinct_labels(cls, labels: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Return the labels as they are compared and written: in lower case."""
        if labels is None:
            return None
        plain = tuple(label.strip().lower() for label in labels)
        if len(set(plain)) < max(2, len(plain)) or "" in plain:
            raise ParameterError(must_be("labels", "at least two different words", list(labels)))
        return plain


class Config(Params):
    """All parameters of a build, one section a stage."""

    read: ReadParams = Field(default_factory=ReadParams)
    features: FeatureParams = Field(default_factory=FeatureParams)
    metric: Metric = Field("euclidean", description="Distance between tracks in feature space.")
    search: Search = Field(
        "exact", description="How neighbors are found; approximate needs the extra of that name and tells its recall."
    )
    embedding: EmbeddingParams = Field(default_factory=EmbeddingParams)
    clustering: MapClusteringParams = Field(default_factory=MapClusteringParams)
    evaluation: EvaluationParams = Field(default_factory=EvaluationParams)
    groups: GroupingParams = Field(default_factory=GroupingParams)
    partitions: PartitionParams = Field(default_factory=PartitionParams)
    check_memory: bool = Field(True, description="Stop before the work where the machine has too little memory.")
    memory: float | None = Field(
        None,
        gt=0.0,
        le=1_000_000.0,
        examples=["4GB"],
        description="Most gigabytes that the process may take, also as in 4GB or 800MB; None: what is free.",
    )

    @field_validator("memory", mode="before")
    @classmethod
    def _gigabytes(cls, memory: Any) -> Any:
        """Return what a size such as 4GB stands for; anything else is left to the check."""
        try:
            return parse_size(memory) / 1e9 if isinstance(memory, str) else memory
        except ValueError:
            return memory

    @property
    def memory_bytes(self) -> int | None:
        """What `memory` says, in bytes."""
        return None if self.memory is None else round(self.memory * 1e9)
