"""Arcs: targets by hand, ranks beside a twin, and the fit of lists that are known to follow."""

from itertools import permutations

import numpy as np
import pytest
import small_songs
from hypothesis import given
from hypothesis import strategies as st
from small_songs import make_songs

from songscape.errors import ParameterError
from songscape.playlist.arcs import SHAPES, Arc, arc_fit, mean_distances, mean_ranks, plan_arc, shape_targets


def test_targets_by_hand():
    assert shape_targets("falling", 4).tolist() == [0.875, 0.625, 0.375, 0.125]
    assert shape_targets("wave", 3).tolist() == pytest.approx([1 / 3, 5 / 6, 1 / 3])
    assert shape_targets((0.0, 0.0), 3).tolist() == [0.5, 0.5, 0.5]
    assert shape_targets("rising", 1).tolist() == [0.5]
    assert shape_targets("rising", 0).shape == (0,)


def test_a_wave_has_two_crests_and_flat_has_no_trend():
    wave = shape_targets("wave", 41)
    assert wave[[0, 20, 40]].max() < 0.1 < 0.9 < wave[[10, 30]].min()
    flat = shape_targets("flat", 40)
    assert abs(np.corrcoef(np.arange(40), flat)[0, 1]) < 0.05
    assert max(flat[start : start + 10].mean() for start in range(31)) < 0.56
    assert shape_targets("rising", 40)[-10:].mean() > 0.85  # what the same measure says of a list that rises


@given(st.lists(st.one_of(st.integers(-5, 5), st.just(float("nan"))), max_size=20))
def test_mean_ranks_as_by_the_twin(values):
    values = np.array(values, np.float64)
    expected = small_songs.mean_ranks(values[:, None].astype(np.float32))[:, 0]
    np.testing.assert_allclose(mean_ranks(values), expected, rtol=1e-6)


@given(st.integers(1, 12), st.integers(0, 1000), st.sampled_from(SHAPES))
def test_a_random_order_is_off_by_the_unit(m, seed, shape):
    levels = mean_ranks(np.random.default_rng(seed).integers(0, 6, m))[:, None]
    targets = shape_targets(shape, m)[:, None]
    assert mean_distances(levels, targets)[0] == pytest.approx(np.abs(levels - targets.T).mean(), abs=1e-6)


def test_fit_is_one_for_a_list_that_follows_and_zero_for_one_that_does_the_opposite():
    songs = make_songs(20, energy=np.arange(20), positiveness=np.arange(20)[::-1])
    order = np.arange(20, dtype=np.int32)
    arc = Arc(energy="rising", positiveness="falling")
    assert arc_fit(arc, songs, order) == {"energy": pytest.approx(1.0), "positiveness": pytest.approx(1.0)}
    assert arc_fit(arc, songs, order[::-1]) == {"energy": 0.0, "positiveness": 0.0}
    wave = np.argsort(np.argsort(shape_targets("wave", 20), kind="stable"), kind="stable").astype(np.int32)
    assert arc_fit(Arc(energy="wave"), songs, wave)["energy"] > 0.9
    assert arc_fit(Arc(energy="wave"), songs, order)["energy"] < 0.2


def test_a_random_order_fits_by_zero_in_the_mean_before_clipping():
    songs = make_songs(6, energy=[3.0, 1.0, 4.0, 1.0, 5.0, 9.0])
    plan = plan_arc(Arc(energy="rising"), songs, np.arange(6, dtype=np.int32))
    off = [np.abs(plan.levels[list(order), 0] - plan.targets[:, 0]).mean() for order in permutations(range(6))]
    assert np.mean(off) == pytest.approx(plan.units[0], rel=1e-5)


@pytest.mark.parametrize(
    "energy",
    [np.full(5, 0.3), np.full(5, np.nan), [np.nan, np.nan, 0.1, np.nan, np.nan]],
    ids=["equal", "none", "one"],
)
def test_where_every_order_follows_the_fit_is_one(energy):
    songs = make_songs(5, energy=energy)
    assert arc_fit(Arc(energy="rising"), songs, np.arange(5, dtype=np.int32)) == {"energy": 1.0}


def test_one_song_no_song_no_shape():
    songs = make_songs(5)
    assert arc_fit(Arc(energy="wave"), songs, np.array([3], np.int32)) == {"energy": 1.0}
    assert arc_fit(Arc(energy="wave"), songs, np.zeros(0, np.int32)) == {"energy": 1.0}
    assert arc_fit(Arc(), songs, np.arange(5, dtype=np.int32)) == {}


@pytest.mark.parametrize("wrong", ["up", [0.5], [0.1, "b"], [0.1, float("nan")], 3, []])
def test_wrong_shapes(wrong):
    with pytest.raises(
        ParameterError, match=r"'energy' parameter must be one of 'rising', 'falling', 'wave', 'flat'"
    ):
        Arc(energy=wrong)
    with pytest.raises(ParameterError, match="Unknown parameter 'loudness'"):
        Arc(loudness="rising")
