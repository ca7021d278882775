"""The map colored by a number of each track."""

import io

import numpy as np
import pytest
from PIL import Image

from songscape.drawing.values import HEIGHT, WIDTH, shade_values, values_png
from songscape.errors import InputError


def pixels_of(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.size == (WIDTH, HEIGHT)
        return np.asarray(picture.convert("RGB")).astype(int)[: HEIGHT - 120]  # above the color scale


def test_steps_cover_the_scale_and_unknown_is_none():
    assert shade_values([0.74, 0.75, 0.76, 0.99, 1.0, 7.0, np.nan], 0.75, 1.0).tolist() == [0, 0, 0, 11, 11, 11, -1]


def test_low_values_are_dark_blue_and_high_ones_yellow_and_unknown_ones_grey():
    x, y = np.array([0.0, 1.0, 2.0]), np.zeros(3)
    pixels = pixels_of(values_png(x, y, [0.0, np.nan, 1.0], label="", low=0.0, high=1.0))
    inked = (pixels < 250).any(axis=2)
    columns = np.flatnonzero(inked.any(axis=0))
    left, right = pixels[:, : WIDTH // 3], pixels[:, 2 * WIDTH // 3 :]
    darkest, middle = left.reshape(-1, 3).sum(axis=1).argmin(), pixels[:, WIDTH // 3 : 2 * WIDTH // 3].reshape(-1, 3)
    blue = left.reshape(-1, 3)[darkest]
    assert blue[2] > blue[0] + 30
    yellow = right.reshape(-1, 3)[right.reshape(-1, 3)[:, 2].argmin()]
    assert yellow[0] > yellow[2] + 100
    grey = middle[middle.sum(axis=1).argmin()]
    assert grey.max() - grey.min() < 25
    assert columns[0] > 10


def test_the_same_input_gives_the_same_bytes():
    rng = np.random.default_rng(0)
    x, y, values = rng.normal(size=(3, 500))
    assert values_png(x, y, values, label="a", low=0.0, high=1.0) == values_png(
        x, y, values, label="a", low=0.0, high=1.0
    )


def test_arrays_that_do_not_fit():
    with pytest.raises(InputError, match="equally long"):
        values_png([0.0, 1.0], [0.0, 1.0], [1.0], label="", low=0.0, high=1.0)
