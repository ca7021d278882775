"""Quality on real songs: floors, each beside a negative control. Numbers only; no row of the data is shown."""

import numpy as np
import pytest

import songscape
from songscape.atlas.quality import held_out_labels
from songscape.atlas.record import representatives
from songscape.atlas.stability import catalog_fits, measure_stability
from songscape.config import Config
from songscape.evaluation.agreement import evaluate_agreement
from songscape.evaluation.hubness import evaluate_hubness
from songscape.evaluation.local_trust import evaluate_local_trust
from songscape.features import scale_features
from songscape.neighbors import build_neighbors

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def songs(data_folder):
    tracks = songscape.read_catalog(data_folder / "light_spotify_dataset.csv").tracks
    return tracks[representatives(tracks)].sample(12_000, seed=0)


def test_coarse_groups_come_back_as_those_of_noise_do_and_only_they_agree_with_genre(songs):
    """Agreement of subsamples is high without any groups as well: its null is what it is to be read beside."""
    fit, null = catalog_fits(songs, Config(), clusters=False)
    reference = {"coarse": fit(np.arange(songs.height), 0)["coarse"]}
    coarse = measure_stability(fit, reference, n_subsamples=2, null=null, seeds=False).scales["coarse"]
    assert coarse.ami.value > 0.5
    assert coarse.ami_null.value > 0.3
    assert len(coarse.jaccard_null) == 3 * 12
    genre = held_out_labels(songs, Config().features)["genre"]
    real = evaluate_agreement(reference["coarse"], genre)
    assert real.ami.low > 0.03
    assert abs(real.ami_null.value) < 0.002
    permuted = evaluate_agreement(null(np.arange(songs.height), 0)["coarse"], genre)
    assert abs(permuted.ami.value) < 0.005


def test_places_of_a_map_and_hubs_of_real_songs(songs):
    X = scale_features(songs, Config().features).X
    graph = build_neighbors(X, 15)
    axes = np.linalg.svd(X - X.mean(0), full_matrices=False)[2][:2]
    plane = np.ascontiguousarray(X @ axes.T)
    local = evaluate_local_trust(X, graph, plane)
    assert 0.75 < local.trust.mean() < 0.99
    at_random = evaluate_local_trust(X, graph, np.random.default_rng(0).permutation(plane))
    assert at_random.trust.mean() == pytest.approx(at_random.null, abs=0.02)
    hubness = evaluate_hubness(X, graph)
    assert hubness.never < 0.02
    assert hubness.skewness < 1.5
