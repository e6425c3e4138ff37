"""The film on screen: 8 bit only at the very end, and never through a lossy format."""

import io

import numpy as np
import pytest
from PIL import Image

from components.figures.film import LONG_SIDE, film_image, png_bytes


def test_levels_are_rounded_once_and_the_ends_are_kept() -> None:
    ramp = np.linspace(0, 1, 4096, dtype=np.float32)[None, :]
    levels = np.asarray(film_image(ramp, long_side=4096))[0]
    assert levels == pytest.approx(np.linspace(0, 255, 4096), abs=0.5 + 1e-3)


def test_a_large_film_is_averaged_before_it_is_rounded() -> None:
    # Rounding first would give 0 and 1, whose mean rounds to 0 or 1 whatever the values were.
    pixels = np.tile(np.array([0.4, 1.8], dtype=np.float32) / 255, (2048, 1024))
    levels = np.asarray(film_image(pixels))
    assert levels.shape == (LONG_SIDE, LONG_SIDE)
    assert set(np.unique(levels)) == {1}


def test_shape_is_kept_and_a_small_film_is_not_enlarged() -> None:
    assert film_image(np.zeros((3000, 1500), dtype=np.float32)).size == (512, 1024)
    assert film_image(np.zeros((30, 20), dtype=np.float32)).size == (20, 30)


def test_png_gives_every_level_back() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 48), dtype=np.uint8)
    picture = Image.open(io.BytesIO(png_bytes(Image.fromarray(noise))))
    assert picture.format == "PNG"
    assert np.array_equal(np.asarray(picture), noise)
