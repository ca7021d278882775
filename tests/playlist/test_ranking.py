"""The best of many scores, beside a full sort."""

import numpy as np
import pytest

from songscape.playlist.ranking import best_first


@pytest.mark.parametrize("n", [0, 1, 63, 64, 65, 1000, 6401])
@pytest.mark.parametrize("count", [0, 1, 2, 10, 100, 7000])
def test_it_is_the_beginning_of_a_sort(n, count):
    rng = np.random.default_rng(n)
    scores = rng.integers(0, 40, n).astype(np.float32)  # many ties
    scores[rng.random(n) < 0.2] = -np.inf
    sorted_ = [at for at in np.lexsort((np.arange(n), -scores)).tolist() if scores[at] > -np.inf]
    assert best_first(scores, count).tolist() == sorted_[:count]


def test_the_best_may_all_stand_in_one_block():
    scores = np.zeros(6400, np.float32)
    scores[64:74] = np.arange(10, 0, -1)
    assert best_first(scores, 10).tolist() == list(range(64, 74))


def test_ties_go_by_number_and_what_is_out_stays_out():
    assert best_first(np.array([1, 2, 1, -np.inf], np.float32), 9).tolist() == [1, 0, 2]
