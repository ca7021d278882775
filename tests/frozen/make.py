"""Write small.json: what 300 synthetic tracks come to at each stage. Run it when a change of results is meant.

Everything but the embedding is a closed formula of the input, so the numbers hold on any machine, up to rounding; of
the embedding only scores are kept, since the last bits of a layout grow with its epochs.
"""

import json
from pathlib import Path

import numpy as np

from songscape.catalog import read_catalog
from songscape.catalog.synthetic import synthesize_tracks
from songscape.clustering import cluster
from songscape.config import ClusteringParams
from songscape.embedding import embed, find_ab, fuzzy_graph
from songscape.evaluation import silhouette_score, trustworthiness
from songscape.features import scale_features
from songscape.neighbors import build_neighbors

FILE = Path(__file__).with_name("small.json")


def rounded(values):
    return np.round(np.asarray(values, np.float64), 5).tolist()


def small_results():
    catalog = read_catalog(synthesize_tracks(300, random_state=1))
    features = scale_features(catalog.tracks)
    neighbors = build_neighbors(features.X, 14)
    graph = fuzzy_graph(neighbors)
    clustering = cluster(features.X, ClusteringParams(min_cluster_size=5, min_samples=2))
    thirds = np.digitize(features.X[:, 0], np.quantile(features.X[:, 0], [1 / 3, 2 / 3]))
    return {
        "summary": catalog.summary(),
        "columns": dict(zip(features.names, rounded(features.weights), strict=True)),
        "within_artists": rounded(features.discount.within),
        "discount": rounded(features.discount.matrix),
        "first_rows": rounded(features.X[:3]),
        "neighbors": neighbors.indices[:5, :5].tolist(),
        "distances": rounded(neighbors.distances[:5, :5]),
        "rho": rounded(graph.rho[:5]),
        "sigma": rounded(graph.sigma[:5]),
        "weights": [len(graph.weights), *rounded([graph.weights.sum() / 300])],
        "a_b": rounded(find_ab(1.0, 0.1)),
        "labels": clustering.labels.tolist(),
        "persistence": rounded(clustering.persistence),
        "silhouette": rounded(silhouette_score(features.X, thirds)),
        "trustworthiness": rounded(trustworthiness(features.X, embed(features.X, neighbors)).value),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(small_results(), indent=1) + "\n", encoding="utf-8")
