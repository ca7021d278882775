"""Torn groups and false gaps: by hand, planted, and absent where nothing was planted."""

import math

import numpy as np
import pytest

from songscape.config import EvaluationParams
from songscape.errors import InputError
from songscape.evaluation.tears import TornGroup, evaluate_tears
from songscape.neighbors import build_neighbors

K = 10


def squares(n_groups=4, each=200, seed=0):
    """Square patches side by side in a row, group after group, each a unit wide, without gaps."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(n_groups), each)
    return (rng.random((n_groups * each, 2)) + np.column_stack([labels, 0 * labels])).astype(np.float32), labels


def tears_of(X, plane, labels):
    return evaluate_tears(build_neighbors(X, K).indices, build_neighbors(plane, K).indices, labels)


def test_components_by_hand():
    # Group 0: rows 0–1 and 2–4 are linked, row 5 links only to group 1. Group 1: rows 6, 7, 8 in a chain.
    near = np.array([[1], [0], [3], [2], [3], [6], [7], [8], [7], [0]])
    labels = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, -1])
    before = near.copy(), labels.copy()
    tears = evaluate_tears(near, near, labels)
    np.testing.assert_array_equal(near, before[0])
    np.testing.assert_array_equal(labels, before[1])
    assert tears.torn == (TornGroup(0, 6, (3 / 6, 2 / 6, 1 / 6)),)
    np.testing.assert_allclose(tears.wholeness, [0.5, 1.0])
    assert tears.islands.tolist() == [1, 1, 0, 0, 0, 2, 0, 0, 0, -1]
    assert tears.mean_wholeness == pytest.approx((6 * 0.5 + 3 * 1.0) / 9)


def test_shares_of_a_gap_by_hand():
    # In features, two of the four neighbors of group 1's rows lie in group 0, on the map none.
    labels = np.array([0, 0, 0, 0, 1, 1])
    in_space = np.array([[1, 2], [0, 2], [3, 0], [2, 0], [5, 0], [4, 1]])
    on_map = np.array([[1, 2], [0, 2], [3, 0], [2, 0], [5, 5], [4, 4]])
    (gap,) = evaluate_tears(in_space, on_map, labels).gaps
    assert (gap.group, gap.other, gap.share_features, gap.share_map) == (1, 0, 0.5, 0.0)


def test_a_planted_tear_is_named():
    X, labels = squares()
    plane = X.copy()
    plane[(labels == 2) & (X[:, 1] > 0.4), 1] += 3.0  # most of group 2 is drawn elsewhere
    tears = tears_of(X, plane, labels)
    (torn,) = tears.torn
    assert (torn.group, torn.size, len(torn.islands)) == (2, 200, 2)
    share = float((X[labels == 2, 1] > 0.4).mean())
    assert torn.islands == pytest.approx((share, 1.0 - share), abs=0.02)
    assert set(tears.islands[labels == 2]) >= {0, 1}


def test_a_planted_gap_is_named():
    X, labels = squares(each=80)
    plane = X.copy()
    plane[labels >= 2, 0] += 5.0  # between groups 1 and 2, neighbors in features, lies a gap now
    tears = tears_of(X, plane, labels)
    assert tears.torn == ()
    assert [(gap.group, gap.other) for gap in tears.gaps] == [(2, 1)]
    assert tears.gaps[0].share_features > 0.02
    assert tears.gaps[0].share_map == 0.0
    assert tears.gaps_null.value == 0.0


def test_a_faithful_map_has_neither_tears_nor_false_gaps():
    X, labels = squares()
    tears = tears_of(X, X.copy(), labels)
    assert (tears.torn, tears.gaps) == ((), ())
    assert tears.mean_wholeness > 0.95
    apart = X + 10.0 * np.column_stack([labels, 0 * labels]).astype(np.float32)  # gaps that the features have too
    assert tears_of(apart, apart, labels).gaps == ()


def test_groups_dealt_out_at_random_are_crumbs_and_not_torn():
    X, labels = squares(n_groups=40, each=30)
    at_random = np.random.default_rng(1).permutation(labels)
    tears = tears_of(X, X.copy(), at_random)
    assert tears.mean_wholeness < 0.35
    assert tears.mean_wholeness == pytest.approx(tears.wholeness_null.value, abs=0.1)
    assert tears_of(X, X.copy(), labels).mean_wholeness > tears.wholeness_null.high


@pytest.mark.parametrize("labels", [[], [-1, -1, -1], [0, 0, 0], [0, 1, -1], [2, 2, 2]])
def test_awkward_labels(labels):
    near = (np.arange(len(labels))[:, None] + 1) % max(len(labels), 1)
    tears = evaluate_tears(near, near, np.array(labels, dtype=int))
    assert tears.torn == ()
    assert tears.gaps == ()
    assert len(tears.islands) == len(labels)
    assert math.isnan(tears.mean_wholeness) == (max(labels, default=-1) < 0)


def test_the_seed_draws_the_null_only():
    X, labels = squares(n_groups=20, each=20)
    near = build_neighbors(X, K).indices
    one, other = (evaluate_tears(near, near, labels, params=EvaluationParams(random_state=seed)) for seed in (0, 1))
    assert one.wholeness_null != other.wholeness_null
    np.testing.assert_array_equal(one.wholeness, other.wholeness)


def test_graphs_of_other_rows_are_refused():
    near = np.array([[1], [0]])
    with pytest.raises(InputError, match="labels must be one-dimensional with 2 entries"):
        evaluate_tears(near, near, [0, 0, 1])
    with pytest.raises(InputError, match="near_in_space must have a row for each of the 2 rows"):
        evaluate_tears(near[:1], near, [0, 0])
