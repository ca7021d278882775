"""Points → clusters: HDBSCAN with its hierarchy, and the clusters of new points."""

from songscape.clustering._fit import cluster
from songscape.clustering._prediction import predict_clusters

__all__ = ["cluster", "predict_clusters"]
