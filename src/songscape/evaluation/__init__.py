"""The honest scores: silhouettes of clusters, and what a map keeps of the space that it shows.

- `songscape.evaluation.silhouette`: how well rows lie in their clusters, exact;
- `songscape.evaluation.maps`: trustworthiness, continuity, neighborhood preservation, global rank correlation.

Each score stands beside its null, what the same number is where there is nothing to find. `docs/quality.md` tells
how to read them.
"""

from songscape.evaluation.maps import (
    continuity,
    evaluate_map,
    global_rank_correlation,
    neighborhood_preservation,
    trustworthiness,
)
from songscape.evaluation.records import ClusterScores, Estimate, MapScores, silhouette_reading
from songscape.evaluation.silhouette import evaluate_clusters, silhouette_samples, silhouette_score

__all__ = [
    "ClusterScores",
    "Estimate",
    "MapScores",
    "continuity",
    "evaluate_clusters",
    "evaluate_map",
    "global_rank_correlation",
    "neighborhood_preservation",
    "silhouette_reading",
    "silhouette_samples",
    "silhouette_score",
    "trustworthiness",
]
