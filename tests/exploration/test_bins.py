"""Histograms: edges on grids, tails, spikes apart, nothing lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.exploration.bins import MAX_BINS, bin_edges, density, find_spikes, grid_of, histogram


@pytest.mark.parametrize(
    ("values", "grid"),
    [([1.0, 5.0], 1.0), ([0.5, 1.0], 0.1), ([0.25, 0.07], 0.01), ([0.001, 0.2], 0.0), ([-3.0, 0.0], 1.0)],
)
def test_the_grid_of_a_rounded_column(values, grid):
    assert grid_of(np.array(values)) == grid


def test_bins_on_a_grid_hold_equally_many_possible_values():
    values = np.arange(101.0) / 100.0
    edges = bin_edges(values)
    assert len(edges) - 1 <= MAX_BINS
    counts = np.histogram(values, edges)[0]
    assert set(counts[:-1]) == {2}
    assert counts.sum() == 101


def test_a_long_tail_does_not_squeeze_the_rest():
    values = np.concatenate([np.random.default_rng(0).normal(3.0, 1.0, 20_000), [1440.0]])
    assert bin_edges(values)[-1] < 20.0
    assert bin_edges(values[:-1])[-1] > values[:-1].max() - 0.1  # without it nothing is cut


def test_a_constant_has_one_bin():
    for value in (2.5, 1999.0, 1e-12, -1e6):
        edges = bin_edges(np.full(5, value))
        assert len(edges) == 2
        assert edges[0] < value < edges[1]
        assert len({float(f"{edge:.6g}") for edge in edges}) == 2  # they stay apart in the digits of the page


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 3)), min_size=1, max_size=80), st.integers(5, 130))
def test_edges_ascend_and_hold_all_values(values, max_bins):
    array = np.array(values)
    edges = bin_edges(array, max_bins)
    assert (np.diff(edges) > 0).all()
    assert len(edges) - 1 <= max_bins
    low, high = np.quantile(array, [0.001, 0.999])
    assert edges[0] <= low + 1e-6
    assert edges[-1] >= high - 1e-6


def test_spikes_stand_out_from_both_neighbors():
    rng = np.random.default_rng(0)
    smooth = np.round(np.clip(rng.normal(50, 15, 10_000), 1, 100))
    assert find_spikes(smooth) == []
    assert find_spikes(np.concatenate([smooth, np.zeros(700)])) == [(0.0, 700)]
    both = np.concatenate([smooth, np.zeros(700), np.full(2000, 64.0)])
    assert [value for value, _ in find_spikes(both)] == [64.0, 0.0]
    twins = np.concatenate([smooth / 100, np.full(2000, 0.03), np.full(2000, 0.04)])  # a peak, not a spike
    assert find_spikes(twins) == []


def test_few_distinct_values_and_few_rows_have_no_spikes():
    assert find_spikes(np.repeat([0.0, 1.0], [900, 10])) == []
    assert find_spikes(np.concatenate([np.arange(50.0), np.zeros(5)])) == []


def test_a_histogram_counts_every_known_value_once():
    rng = np.random.default_rng(0)
    values = np.concatenate([np.zeros(500), np.round(rng.uniform(1, 100, 2000)), [np.nan] * 7])
    figure = histogram(values, "popularity", apart=(0.0,))
    assert figure["spikes"] == [{"value": 0.0, "count": 500, "label": "0"}]
    assert figure["counts"].sum() == 2000
    assert len(figure["edges"]) == len(figure["counts"]) + 1


def test_a_value_apart_is_drawn_apart_even_if_rare():
    values = np.concatenate([np.arange(1.0, 50.0), [0.0]])
    assert histogram(values)["spikes"] == []
    assert histogram(values, apart=(0.0,))["spikes"] == [{"value": 0.0, "count": 1, "label": "0"}]
    assert histogram(np.zeros(30), apart=(0.0,))["counts"].sum() == 0


def test_a_density_is_small_and_counts_rows_of_y():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0, 1, 5000), rng.uniform(-60, 0, 5000)
    x[:10] = np.nan
    figure = density(x, y, "x", "y")
    counts = figure["counts"]
    assert counts.shape == (len(figure["y_edges"]) - 1, len(figure["x_edges"]) - 1)
    assert max(counts.shape) <= MAX_BINS
    assert counts.sum() == 4990
    corner = (x < figure["x_edges"][1]) & (y >= figure["y_edges"][-2])
    assert counts[-1, 0] == corner.sum()
