"""Principal axes point the same way on every machine, and so do catalogs and maps made with them."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from songscape.axes import principal_axes, towards_their_longest

PROCESSORS = ("Haswell", "SkylakeX", "Sandybridge")  # kernels of OpenBLAS, which turn eigenvectors differently

SCRIPT = """
import hashlib, json
import numpy as np, songscape
from songscape.embedding import _principal_components
from songscape.features import scale_features
from songscape.kernels.leaves import build_leaves
tracks = songscape.synthesize_tracks(2000, random_state=7)
points = scale_features(songscape.read_catalog(tracks).tracks).X
print(json.dumps({
    "tracks": hashlib.sha256(tracks.write_csv().encode()).hexdigest(),
    "leaves": build_leaves(points).order.tolist(),
    "start": np.round(_principal_components(points, 2), 3).tolist(),
}))
"""


@pytest.fixture(scope="module")
def made():
    found = []
    for name in PROCESSORS:
        settings = {**os.environ, "OPENBLAS_CORETYPE": name}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=settings, capture_output=True, text=True, check=True
        )
        found.append(json.loads(done.stdout))
    return found


@pytest.mark.parametrize("what", ["tracks", "leaves"])
def test_another_processor_makes_the_same(made, what):
    assert all(one[what] == made[0][what] for one in made)


def test_the_start_of_a_map_is_not_mirrored_on_another_processor(made):
    for one in made[1:]:
        assert np.abs(np.array(one["start"]) - made[0]["start"]).max() <= 0.002


@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_axes_are_those_of_the_matrix_and_longest_parts_positive(size):
    rows = np.random.default_rng(size).normal(size=(50, size))
    products = rows.T @ rows
    values, axes = principal_axes(products)
    assert np.all(np.diff(values) <= 0.0)
    np.testing.assert_allclose(products @ axes, axes * values, atol=1e-8 * values[0])
    np.testing.assert_allclose(axes.T @ axes, np.eye(size), atol=1e-10)
    assert np.all(axes[np.abs(axes).argmax(axis=0), np.arange(size)] > 0.0)


def test_axes_come_out_alike_whichever_way_they_pointed():
    axes = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
    flipped = axes * np.array([1.0, -1.0, -1.0, 1.0, -1.0, 1.0])
    np.testing.assert_array_equal(towards_their_longest(axes), towards_their_longest(flipped))


def test_of_equally_long_parts_the_first_decides():
    half = np.sqrt(0.5)
    for nearly in (half, np.nextafter(half, 1.0), np.nextafter(half, 0.0)):
        assert towards_their_longest(np.array([[-half], [nearly]]))[0, 0] > 0.0
    assert towards_their_longest(np.empty((0, 0))).shape == (0, 0)
