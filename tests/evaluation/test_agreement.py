"""Agreement of partitions: by hand, against scikit-learn, and against chance."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from songscape.config import EvaluationParams
from songscape.errors import InputError, ParameterError
from songscape.evaluation.agreement import (
    adjusted_mutual_information,
    adjusted_rand_index,
    best_jaccard,
    evaluate_agreement,
)


def skewed(n_rows, n_groups, n_others, mixed, seed=0):
    """Groups of very unequal sizes, and others that follow them in a share of the rows."""
    rng = np.random.default_rng(seed)
    left = (n_groups * rng.random(n_rows) ** 2).astype(np.int32)
    return left, np.where(rng.random(n_rows) < mixed, rng.integers(0, n_others, n_rows), left % n_others)


def test_two_by_two_by_hand():
    # The table [[2, 1], [0, 2]] has sums 3, 2 and 2, 3. The first cell m has chances C(2, m) C(3, 3 - m) / C(5, 3) =
    # 1/10, 6/10, 3/10 for m = 0, 1, 2.
    def information(cells):
        return sum(m / 5 * math.log(5 * m / (a * b)) for m, a, b in cells if m)

    tables = [[(m, 3, 2), (3 - m, 3, 3), (2 - m, 2, 2), (m, 2, 3)] for m in range(3)]
    expected = sum(chance * information(cells) for chance, cells in zip((0.1, 0.6, 0.3), tables, strict=True))
    entropy = -(0.6 * math.log(0.6) + 0.4 * math.log(0.4))
    wanted = (information(tables[2]) - expected) / (entropy - expected)
    left, right = [0, 0, 0, 1, 1], [0, 0, 1, 1, 1]
    assert adjusted_mutual_information(left, right) == pytest.approx(wanted, rel=1e-12)
    # Pairs: both join 1 + 0 + 1 = 2, each joins 3 + 1 = 4, of 10 pairs: (2 - 1.6) / (4 - 1.6).
    assert adjusted_rand_index(left, right) == pytest.approx(1 / 6, rel=1e-12)


@pytest.mark.parametrize(
    ("n_rows", "n_groups", "n_others", "mixed"),
    [(6, 2, 3, 0.5), (60, 7, 5, 0.2), (500, 40, 3, 0.9), (4000, 300, 20, 0.5), (3000, 5, 5, 1.0)],
)
def test_equal_to_scikit_learn(n_rows, n_groups, n_others, mixed):
    left, right = skewed(n_rows, n_groups, n_others, mixed)
    wanted = metrics.adjusted_mutual_info_score(left, right)
    assert adjusted_mutual_information(left, right) == pytest.approx(wanted, abs=1e-10)
    assert adjusted_rand_index(left, right) == pytest.approx(metrics.adjusted_rand_score(left, right), abs=1e-12)


LABELS = arrays(np.int32, 30, elements=st.integers(-1, 4))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(LABELS, LABELS)
def test_properties(left, right):
    def both(a, b):
        return np.array([adjusted_mutual_information(a, b), adjusted_rand_index(a, b)])

    found = both(left, right)
    np.testing.assert_allclose(both(right, left), found, atol=1e-9)  # it does not matter which side is which
    renamed = np.where(left >= 0, 7 - left, -1)
    np.testing.assert_allclose(both(renamed, right), found, atol=1e-9)
    inside = (left >= 0) & (right >= 0)
    np.testing.assert_allclose(both(left[inside], right[inside]), found, atol=1e-9)  # −1 is left out
    assert not (found > 1.0 + 1e-9).any()


@pytest.mark.parametrize(
    ("left", "right"), [([], []), ([0], [0]), ([0, 0, 0], [0, 1, 2]), ([-1, -1], [0, 1]), ([0, 1, 2], [0, 1, 2])]
)
def test_undefined_where_a_side_tells_nothing_apart_or_chance_leaves_no_room(left, right):
    assert math.isnan(adjusted_mutual_information(left, right))
    agreement = evaluate_agreement(left, right)
    assert math.isnan(agreement.ami.value)
    assert math.isnan(agreement.ami_null.value)


def test_jaccard_by_hand():
    # Group 0 (rows 0–3) shares two rows with group 1 of size 3: 2 / 5; two with group 0 of size 2: 2 / 4.
    # Group 1 (rows 4, 5) shares one row with group 1: 1 / 4. Group 3 has one row, unlabeled there; no row has 2.
    reference = np.array([0, 0, 0, 0, 1, 1, 3])
    other = np.array([0, 0, 1, 1, 1, -1, -1])
    before = reference.copy(), other.copy()
    np.testing.assert_allclose(best_jaccard(reference, other), [0.5, 0.25, np.nan, 0.0])
    np.testing.assert_array_equal((reference, other), before)
    np.testing.assert_array_equal(best_jaccard(reference, reference), [1.0, 1.0, np.nan, 1.0])
    assert len(best_jaccard([], [])) == 0
    assert best_jaccard([-1, -1], [0, 1]).tolist() == []


def test_agreement_is_found_and_chance_is_not():
    left, right = skewed(5000, 20, 6, 0.5)
    agreement = evaluate_agreement(left, right)
    assert agreement.n_rows == 5000
    assert agreement.ami.value == adjusted_mutual_information(left, right)
    assert agreement.ami.low > 0.15 > agreement.ami_null.high
    assert agreement.ari.low > agreement.ari_null.high


def test_unrelated_groups_agree_as_by_chance():
    left, right = skewed(2000, 20, 6, 0.5)
    rng = np.random.default_rng(1)
    found = [evaluate_agreement(left, rng.permutation(right)) for _ in range(20)]
    assert max(abs(agreement.ami.value) for agreement in found) < 0.01
    assert max(abs(agreement.ami_null.value) for agreement in found) < 0.005
    assert sum(agreement.ami.low <= 0.0 <= agreement.ami.high for agreement in found) >= 16  # 19 are expected


def test_the_interval_covers_the_catalog_that_rows_were_drawn_from():
    left, right = skewed(40_000, 8, 5, 0.6)
    truth = adjusted_mutual_information(left, right)
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(40):
        rows = rng.choice(len(left), 1000, replace=False)
        estimate = evaluate_agreement(left[rows], right[rows]).ami
        hits += estimate.low <= truth <= estimate.high
    assert hits >= 34  # 38 are expected


def test_noise_is_left_out_or_a_group_of_its_own():
    labels, genre = np.array([0, 0, 1, 1, -1, -1] * 20), np.array([0, 0, 1, 1, 0, 1] * 20)
    easy = evaluate_agreement(labels, genre)
    assert (easy.ami.value, easy.share) == (1.0, pytest.approx(2 / 3))
    whole = evaluate_agreement(labels, genre, noise="a group")
    assert whole.share == 1.0
    wanted = metrics.adjusted_mutual_info_score(labels, genre)
    assert whole.ami.value == pytest.approx(wanted, abs=1e-10)


def test_the_same_seed_gives_the_same_numbers():
    left, right = skewed(300, 5, 4, 0.5)
    first, again = evaluate_agreement(left, right), evaluate_agreement(left, right)
    assert first == again
    other = evaluate_agreement(left, right, params=EvaluationParams(random_state=1))
    assert other.ami.low != first.ami.low
    assert other.ami.value == first.ami.value


def test_errors_say_what_is_allowed():
    with pytest.raises(InputError, match="the other labels must be one-dimensional with 2 entries"):
        adjusted_rand_index([0, 1], [0, 1, 2])
    with pytest.raises(InputError, match="must be integers"):
        best_jaccard([0.5, 1.0], [0, 1])
    with pytest.raises(InputError, match="one-dimensional, a number for each row"):
        best_jaccard([[0]], [0])
    with pytest.raises(ParameterError, match="'noise' parameter must be 'left out' or 'a group'"):
        evaluate_agreement([0], [0], noise="ignored")
