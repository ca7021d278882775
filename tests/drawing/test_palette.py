"""Colors: distances against known values, a palette that any color vision can read, neighbors that differ."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.drawing.palette import NOISE, PALETTE, assign_colors, color_distances, to_rgb


def test_distances_of_known_colors() -> None:
    # Red and green are 170.6 apart in CIE L*a*b* (D65) to normal vision, far less to others.
    both = color_distances(["#ff0000", "#00ff00"])
    assert both[0, 1] < 40
    assert color_distances(["#0000ff", "#ffff00"])[0, 1] > 180  # 235.1 to normal vision, and clear to all
    assert color_distances(["#000000", "#ffffff"])[0, 1] == pytest.approx(100, abs=0.1)
    np.testing.assert_allclose(both, both.T)
    assert np.diag(both).tolist() == [0, 0]


def test_colors_that_color_blind_people_mix_up_are_close() -> None:
    mixed, clear = color_distances(["#9c7a1c", "#6b8e23"])[0, 1], color_distances(["#0072B2", "#E69F00"])[0, 1]
    assert mixed < 5 < 60 < clear


def test_every_pair_of_the_palette_differs_and_none_is_noise_or_paper() -> None:
    gaps = color_distances([*PALETTE, NOISE, "#ffffff"])
    pairs = gaps[: len(PALETTE)][:, : len(PALETTE)]
    assert pairs[np.triu_indices(len(PALETTE), 1)].min() >= 18
    assert gaps[: len(PALETTE), -2:].min() >= 18
    assert len(set(PALETTE)) == len(PALETTE)


def test_to_rgb() -> None:
    np.testing.assert_allclose(to_rgb(["#ff8000"]), [[1, 128 / 255, 0]])
    assert to_rgb([]).shape == (0, 3)


def grid(side: int) -> list[list[int]]:
    """Clusters on a square grid, each beside its eight neighbors."""
    places = [(i, j) for i in range(side) for j in range(side)]
    return [[b for b, q in enumerate(places) if 0 < max(abs(p[0] - q[0]), abs(p[1] - q[1])) <= 1] for p in places]


def least_gap(neighbors: list[list[int]], colors: list[int]) -> float:
    gaps = color_distances(PALETTE)
    return min(gaps[colors[i], colors[j]] for i, beside in enumerate(neighbors) for j in beside)


def test_neighbors_get_clearly_different_colors() -> None:
    neighbors = grid(15)
    order = np.random.default_rng(0).permutation(len(neighbors))
    place = np.argsort(order)
    shuffled = [sorted(int(place[j]) for j in neighbors[i]) for i in order]
    assert least_gap(neighbors, assign_colors(neighbors)) >= 24
    assert least_gap(shuffled, assign_colors(shuffled)) >= 24
    control = [i % len(PALETTE) for i in range(len(shuffled))]
    assert least_gap(shuffled, control) == 0.0


def test_colors_are_used_about_equally() -> None:
    used = np.bincount(assign_colors([[] for _ in range(36)]), minlength=len(PALETTE))
    assert used.tolist() == [3] * len(PALETTE)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(n=st.integers(0, 40), seed=st.integers(0, 1000))
def test_any_graph_gets_colors(n: int, seed: int) -> None:
    touching = np.triu(np.random.default_rng(seed).random((n, n)) < 0.5, 1)
    touching |= touching.T
    neighbors = [np.flatnonzero(row).tolist() for row in touching]
    colors = assign_colors(neighbors)
    assert len(colors) == n
    assert all(0 <= color < len(PALETTE) for color in colors)
    assert colors == assign_colors(neighbors)


@pytest.mark.parametrize("n_clusters", [2, 9, len(PALETTE)])
def test_no_two_of_few_clusters_have_the_same_color(n_clusters):
    apart = [[] for _ in range(n_clusters)]
    beside = [[other for other in range(n_clusters) if other != one] for one in range(n_clusters)]
    for neighbors in (apart, beside):
        assert len(set(assign_colors(neighbors))) == n_clusters
