"""Results that may only change on purpose: see tests/frozen/make.py."""

import json
import runpy
from pathlib import Path

import pytest

MAKER = Path(__file__).parent / "frozen" / "make.py"


@pytest.fixture(scope="module")
def results():
    maker = runpy.run_path(str(MAKER))
    return json.loads(maker["FILE"].read_text(encoding="utf-8")), maker["small_results"]()


def flat(value):
    if isinstance(value, dict):
        return [number for part in value.values() for number in flat(part)]
    return [number for part in value for number in flat(part)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", ["summary", "columns", "neighbors", "labels"])
def test_exact_results_stay(results, name):
    frozen, now = results
    assert now[name] == frozen[name]


@pytest.mark.parametrize(
    "name",
    [
        *("within_artists", "discount", "first_rows", "distances", "rho", "sigma", "weights", "a_b", "persistence"),
        "silhouette",
    ],
)
def test_numbers_stay(results, name):
    frozen, now = results
    assert flat(now[name]) == pytest.approx(flat(frozen[name]), abs=2e-5)


def test_the_map_stays_as_good(results):
    frozen, now = results
    assert now["trustworthiness"] == pytest.approx(frozen["trustworthiness"], abs=0.005)


def test_nothing_is_left_unchecked(results):
    frozen, now = results
    assert frozen.keys() == now.keys()
    assert len(set(frozen["labels"])) > 2
