"""Stability: by hand with fits that are known, on planted groups, and on songs without any."""

import math

import numpy as np
import polars as pl
import pytest

import songscape
from songscape.atlas.record import representatives
from songscape.atlas.stability import (
    NULL_FITS,
    SEED_STEP,
    Stability,
    catalog_fits,
    measure_stability,
    stability_scores,
)
from songscape.catalog.schema import FEATURES
from songscape.config import Config
from songscape.errors import InputError, ParameterError
from songscape.evaluation.agreement import adjusted_mutual_information, adjusted_rand_index
from songscape.evaluation.records import student
from songscape.threads import use_threads

GROUPS = (np.arange(200) // 50).astype(np.int32)


@pytest.fixture
def in_turn():
    """One fit after the other: those of a test may share a generator, or write down how they were called."""
    with use_threads(1):
        yield


def test_a_fit_that_always_finds_the_same_is_perfectly_stable():
    stability = measure_stability(lambda rows, seed: {"one": GROUPS[rows]}, {"one": GROUPS}, n_subsamples=4)
    scale = stability.scales["one"]
    np.testing.assert_array_equal(scale.jaccard, np.ones(4))
    np.testing.assert_array_equal((scale.jaccard_low, scale.jaccard_high), np.ones((2, 4)))
    assert scale.ami.value == scale.ari.value == scale.ami_seeds.value == 1.0
    assert math.isnan(scale.ami_null.value)
    assert len(scale.jaccard_null) == 0


@pytest.mark.usefixtures("in_turn")
def test_three_subsamples_by_hand():
    """The labels of each fit are kept, and everything is computed again from them, pair by pair."""
    rng = np.random.default_rng(3)
    kept = []

    def fit(rows, seed):
        labels = np.where(rng.random(len(rows)) < 0.2, rng.integers(-1, 4, len(rows)), GROUPS[rows])
        kept.append((rows, labels.astype(np.int32)))
        return {"one": kept[-1][1]}

    before = GROUPS.copy()
    scale = measure_stability(fit, {"one": GROUPS}, n_subsamples=3, seeds=False).scales["one"]
    np.testing.assert_array_equal(GROUPS, before)
    assert [len(rows) for rows, _ in kept] == [160] * 3
    jaccard = np.empty((3, 4))
    for i, (rows, labels) in enumerate(kept):
        for g in range(4):
            ours = set(rows[GROUPS[rows] == g])
            others = [set(rows[labels == h]) for h in range(4)]
            jaccard[i, g] = max(len(ours & other) / len(ours | other) for other in others)
    np.testing.assert_allclose(scale.jaccard, jaccard.mean(0), rtol=1e-12)
    half = student(2) * jaccard.std(0, ddof=1) / math.sqrt(3)
    np.testing.assert_allclose(scale.jaccard_high - scale.jaccard, half, rtol=1e-9)
    for index, found in ((adjusted_mutual_information, scale.ami), (adjusted_rand_index, scale.ari)):
        values = []
        for a, b in ((0, 1), (0, 2), (1, 2)):
            _, left, right = np.intersect1d(kept[a][0], kept[b][0], return_indices=True)
            values.append(index(kept[a][1][left], kept[b][1][right]))
        assert found.value == pytest.approx(np.mean(values), rel=1e-12)
        spread = sum((value - np.mean(values)) ** 2 for value in values)  # each pair leaves one fit out
        assert found.high - found.value == pytest.approx(student(2) * math.sqrt(2 / 3 * spread), rel=1e-9)


@pytest.mark.usefixtures("in_turn")
def test_groups_dealt_out_at_random_do_not_come_back():
    rng = np.random.default_rng(4)

    def fit(rows, seed):
        return {"one": rng.integers(0, 4, len(rows)).astype(np.int32)}

    scale = measure_stability(fit, {"one": GROUPS}, n_subsamples=5, null=fit).scales["one"]
    assert scale.jaccard.max() < 0.3
    assert abs(scale.ami.value) < 0.03
    assert abs(scale.ari_null.value) < 0.03
    assert scale.ami.low < 0.0 < scale.ami.high
    assert abs(scale.jaccard.mean() - scale.jaccard_null.mean()) < 0.05


def test_seeds_by_hand():
    """With another seed half of the first group goes to the second; songs without groups are dealt out as before."""
    other = np.where((GROUPS == 0) & (np.arange(200) % 2 == 0), 1, GROUPS).astype(np.int32)

    def fit(rows, seed):
        return {"one": (GROUPS if seed == 5 else other)[rows]}

    def null(rows, seed):
        return {"one": (rows % 4).astype(np.int32)}

    scale = measure_stability(fit, {"one": GROUPS}, n_subsamples=2, null=null, random_state=5).scales["one"]
    np.testing.assert_allclose(scale.jaccard_seeds, [25 / 50, 50 / 75, 1.0, 1.0])
    np.testing.assert_array_equal(scale.jaccard_seeds_null, np.ones(4))
    assert scale.ari_seeds.value == pytest.approx(adjusted_rand_index(GROUPS, other))
    assert scale.ari_seeds_null.value == 1.0
    plain = stability_scores(Stability(2, 0.8, {"one": scale}))["scales"]["one"]
    assert [group["seeds_null_share"] for group in plain["groups"]] == [1.0] * 4
    assert plain["jaccard_seeds_quantiles"][2] == pytest.approx(5 / 6)


def test_noise_of_a_fit_is_no_group_and_still_counts_in_jaccard():
    def fit(rows, seed):
        return {"one": np.where(rows % 2 == 0, GROUPS[rows], -1).astype(np.int32)}

    scale = measure_stability(fit, {"one": GROUPS}, n_subsamples=2, seeds=False).scales["one"]
    assert scale.ami.value == 1.0  # what both put in groups agrees
    np.testing.assert_allclose(scale.jaccard, 0.5, atol=0.06)  # half of each group is lost
    assert math.isnan(scale.ami.low)  # one pair tells nothing about its spread


@pytest.mark.usefixtures("in_turn")
def test_fits_are_asked_for_as_planned():
    asked = []

    def fit(rows, seed):
        asked.append(("fit", seed, rows.tobytes()))
        return {"one": GROUPS[rows]}

    def null(rows, seed):
        asked.append(("null", seed, rows.tobytes()))
        return {"one": GROUPS[rows]}

    seen = []
    measure_stability(
        fit, {"one": GROUPS}, n_subsamples=2, null=null, random_state=7, progress=lambda *told: seen.append(told)
    )
    assert [kind for kind, _, _ in asked] == ["fit"] * 2 + ["null"] * NULL_FITS + ["fit", "null"]
    assert [seed for _, seed, _ in asked] == [7] * (2 + NULL_FITS) + [7 + SEED_STEP] * 2
    rows = [drawn for _, _, drawn in asked]
    assert rows[0] != rows[1]
    assert rows[-2] == np.arange(200).tobytes()  # another seed, all songs
    assert rows[-1] == rows[2] == rows[0]  # and the same songs as the first null
    assert seen[0] == ("stability", 0.0)
    assert seen[-1] == ("stability", 1.0)
    assert [told[1] for told in seen] == sorted(told[1] for told in seen)


@pytest.mark.parametrize("value", [1, 0, True, 2.5])
def test_too_few_subsamples(value):
    with pytest.raises(ParameterError, match="'n_subsamples' parameter must be an int of at least 2"):
        measure_stability(lambda rows, seed: {}, {"one": GROUPS}, n_subsamples=value)


def test_other_errors():
    with pytest.raises(ParameterError, match="'share' parameter must be a float in"):
        measure_stability(lambda rows, seed: {}, {"one": GROUPS}, share=1.0)
    with pytest.raises(InputError, match="must have scales of one length"):
        measure_stability(lambda rows, seed: {}, {"one": GROUPS, "two": GROUPS[:5]})


@pytest.fixture(scope="module")
def songs():
    catalog = songscape.read_catalog(songscape.synthesize_tracks(700, random_state=1))
    return catalog.tracks[representatives(catalog.tracks)]


@pytest.fixture(scope="module")
def planted(songs):
    """Songs of four styles, each at one of four levels in every feature."""
    rng = np.random.default_rng(0)
    style = rng.integers(4, size=songs.height)

    def column(name):
        low, high = {"loudness": (-40.0, -2.0), "tempo": (60.0, 190.0)}.get(name, (0.05, 0.95))
        level = np.clip(rng.permutation(4)[style] / 3 + rng.normal(0.0, 0.08, len(style)), 0.0, 1.0)
        return pl.Series(name, low + (high - low) * level).cast(songs[name].dtype)

    return songs.with_columns(map(column, FEATURES))


def test_a_catalog_is_refitted_from_scratch(planted):
    """Planted styles come back; songs whose columns were permuted have none to come back."""
    songs = planted
    config = Config(groups={"n_coarse": 4, "n_middle": 8, "n_fine": 12})
    before = songs.clone()
    fit, null = catalog_fits(songs, config)
    whole = fit(np.arange(songs.height), 0)
    assert set(whole) == {"clusters", "coarse", "middle", "fine"}
    reference = {name: whole[name] for name in ("coarse", "clusters")}
    stability = measure_stability(fit, reference, n_subsamples=3, null=null, seeds=False)
    assert songs.equals(before)
    coarse = stability.scales["coarse"]
    assert coarse.ami.value > 0.99
    assert coarse.ami_null.value < 0.6
    assert coarse.jaccard.min() > 0.99
    assert coarse.jaccard_null.mean() < 0.7
    assert 0.0 < stability.scales["clusters"].ami.value <= 1.0
    with use_threads(1):
        again = measure_stability(fit, reference, n_subsamples=3, null=null, seeds=False)
    assert again.scales["coarse"].ami == coarse.ami
    np.testing.assert_array_equal(again.scales["coarse"].jaccard, coarse.jaccard)


def test_without_clusters_the_map_is_not_laid_out(songs):
    fit, _ = catalog_fits(songs, Config(), clusters=False)
    assert set(fit(np.arange(300), 0)) == {"coarse", "middle", "fine"}
