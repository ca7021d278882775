"""UMAP and HDBSCAN for people who have a matrix, with scikit-learn's conventions.

They keep the parameter names of the umap-learn and hdbscan packages, work in pipelines and with
``sklearn.base.clone``, and need no scikit-learn: its classes are only looked up when it is there.

An estimator that is given the same rows, parameters and seed gives the same bytes, for any ``n_jobs``.
"""

from songscape.estimators.hdbscan import HDBSCAN
from songscape.estimators.umap import UMAP

__all__ = ["HDBSCAN", "UMAP"]
