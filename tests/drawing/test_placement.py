"""Numbers on the map: no overlaps, inside the picture, near their places, the same each time."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.drawing.placement import Badge, place_badges

BOUNDS = (600.0, 400.0)


def overlap(one: Badge, other: Badge) -> bool:
    return (
        abs(one.x - other.x) < (one.width + other.width) / 2
        and abs(one.y - other.y) < (one.height + other.height) / 2
    )


@settings(max_examples=25, derandomize=True, deadline=None)
@given(n=st.integers(0, 40), spread=st.sampled_from([0.0, 30.0, 300.0]), seed=st.integers(0, 1000))
def test_badges_never_overlap_nor_leave_the_picture(n: int, spread: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy = np.clip(rng.normal((300, 200), spread, (n, 2)), 0, BOUNDS)
    places = np.column_stack([xy, rng.uniform(0, 80, n)])
    sizes = [(22.0 + 17.0 * len(str(label)), 36.0) for label in range(n)]
    before = places.copy()
    badges = place_badges(places, list(range(n)), sizes, BOUNDS)
    np.testing.assert_array_equal(places, before)
    assert badges == place_badges(places, list(range(n)), sizes, BOUNDS)
    for i, badge in enumerate(badges):
        assert badge.width / 2 <= badge.x <= BOUNDS[0] - badge.width / 2
        assert badge.height / 2 <= badge.y <= BOUNDS[1] - badge.height / 2
        assert (badge.anchor_x, badge.anchor_y) == tuple(places[badge.label, :2])
        assert np.hypot(badge.x - badge.anchor_x, badge.y - badge.anchor_y) <= 151
        assert not any(overlap(badge, other) for other in badges[:i])
    assert [badge.label for badge in badges] == sorted(badge.label for badge in badges)
    assert n == 0 or badges[0].label == 0
    if spread == 300.0:
        assert len(badges) >= 0.8 * n


def test_a_lone_badge_stands_on_its_place_unless_it_would_hide_it() -> None:
    wide = place_badges(np.array([[300.0, 200.0, 90.0]]), [7], [(39.0, 36.0)], BOUNDS)
    assert [(badge.x, badge.y, badge.has_leader) for badge in wide] == [(300.0, 200.0, False)]
    small = place_badges(np.array([[300.0, 200.0, 5.0]]), [7], [(39.0, 36.0)], BOUNDS)
    assert small[0].has_leader


def test_a_badge_steps_aside_from_the_place_of_another() -> None:
    places = np.array([[300.0, 200.0, 90.0], [310.0, 200.0, 90.0]])
    badges = place_badges(places, [0, 1], [(40.0, 36.0)] * 2, BOUNDS)
    for badge, other in zip(badges, places[::-1], strict=True):
        assert abs(badge.x - other[0]) >= 20 or abs(badge.y - other[1]) >= 18


def test_no_room_at_all() -> None:
    assert place_badges(np.array([[5.0, 5.0, 90.0]]), [0], [(40.0, 36.0)], (30.0, 30.0)) == []
