"""Points → clusters: HDBSCAN with its hierarchy, and the clusters of new points."""

from songscape.clustering._fit import cluster

__all__ = ["cluster"]
