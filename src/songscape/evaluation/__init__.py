"""The honest scores: silhouettes of clusters, and what a map keeps of the space that it shows.

- `songscape.evaluation.silhouette`: how well rows lie in their clusters, exact;
- `songscape.evaluation.density`: DBCV, whether clusters are denser inside than between them;
- `songscape.evaluation.agreement`: AMI and ARI with labels that were held out, best Jaccard match of each group;
- `songscape.evaluation.maps`: trustworthiness, continuity, neighborhood preservation, global rank correlation;
- `songscape.evaluation.local_trust`: trustworthiness and continuity of each place of a map;
- `songscape.evaluation.tears`: groups that the map tears, gaps that it only pretends;
- `songscape.evaluation.hubness`: rows in very many neighbor lists, and in none.

Each score stands beside its null, what the same number is where there is nothing to find. `docs/quality.md` tells
how to read them.
"""

from songscape.evaluation.agreement import (
    adjusted_mutual_information,
    adjusted_rand_index,
    best_jaccard,
    evaluate_agreement,
)
from songscape.evaluation.density import dbcv, evaluate_density
from songscape.evaluation.hubness import evaluate_hubness
from songscape.evaluation.local_trust import evaluate_local_trust
from songscape.evaluation.maps import (
    continuity,
    evaluate_map,
    global_rank_correlation,
    neighborhood_preservation,
    trustworthiness,
)
from songscape.evaluation.records import ClusterScores, Estimate, MapScores, silhouette_reading
from songscape.evaluation.silhouette import evaluate_clusters, silhouette_samples, silhouette_score
from songscape.evaluation.tears import evaluate_tears

__all__ = [
    "ClusterScores",
    "Estimate",
    "MapScores",
    "adjusted_mutual_information",
    "adjusted_rand_index",
    "best_jaccard",
    "continuity",
    "dbcv",
    "evaluate_agreement",
    "evaluate_clusters",
    "evaluate_density",
    "evaluate_hubness",
    "evaluate_local_trust",
    "evaluate_map",
    "evaluate_tears",
    "global_rank_correlation",
    "neighborhood_preservation",
    "silhouette_reading",
    "silhouette_samples",
    "silhouette_score",
    "trustworthiness",
]
