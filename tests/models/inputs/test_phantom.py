"""Chest phantoms: reproducible, anatomically ordered, and with the opacity where they say it is."""

from itertools import pairwise

import numpy as np
import pytest

from models.inputs.phantom import Phantom, phantom

SEEDS = range(12)


@pytest.fixture(scope="module")
def films() -> list[Phantom]:
    return [phantom(seed, size=128) for seed in SEEDS]


def test_same_seed_gives_the_same_film_and_leaves_the_global_generator_alone() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - looks at the global state only
    one, two = phantom(3, size=96), phantom(3, size=96)
    assert np.array_equal(one.pixels, two.pixels)
    assert np.array_equal(one.opacity_mask, two.opacity_mask)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_another_seed_is_another_patient(films: list[Phantom]) -> None:
    for one, two in pairwise(films):
        assert np.abs(one.pixels - two.pixels).mean() > 0.02


def test_pixels_and_mask_keep_their_contract(films: list[Phantom]) -> None:
    for film in films:
        assert film.pixels.shape == film.opacity_mask.shape == (128, 128)
        assert film.pixels.dtype == np.float32
        assert film.opacity_mask.dtype == bool
        assert 0 <= film.pixels.min() < film.pixels.max() <= 1
        assert film.spacing_mm == (330 / 128, 330 / 128)


def test_air_is_darker_than_lung_than_heart_than_abdomen() -> None:
    for seed in SEEDS:
        pixels = phantom(seed, opacity=False, size=128).pixels
        air, lung = pixels[:8, :16].mean(), pixels[45:60, 30:40].mean()
        heart, abdomen = pixels[75:85, 62:75].mean(), pixels[118:, 40:80].mean()
        assert air < lung - 0.15
        assert lung < heart - 0.15
        assert heart < abdomen + 0.03


def test_the_heart_lies_on_the_patients_left_which_is_the_images_right(
    films: list[Phantom],
) -> None:
    for film in films:
        row = film.pixels[80]
        bright = np.flatnonzero(row[20:108] > 0.7) + 20
        assert bright.mean() > 64


@pytest.mark.parametrize("seed", SEEDS)
def test_opacity_is_where_place_and_mask_say(films: list[Phantom], seed: int) -> None:
    film, clear = films[seed], phantom(seed, opacity=False, size=128)
    rows, columns = np.nonzero(film.opacity_mask)
    side, zone = film.place.removeprefix("patient's ").split(", ")
    assert ("right" if columns.mean() < 64 else "left") == side
    low, high = {"upper": (0.1, 0.35), "middle": (0.3, 0.56), "lower": (0.52, 0.8)}[zone]
    assert low < rows.mean() / 128 < high
    change = film.pixels - clear.pixels
    assert change[film.opacity_mask].mean() > 0.04
    assert np.abs(change[~film.opacity_mask]).mean() < 0.012
    assert 0.004 < film.opacity_mask.mean() < 0.08
    assert film.place in film.description


def test_without_opacity_the_mask_is_empty_and_the_place_unnamed() -> None:
    film = phantom(5, opacity=False, size=96)
    assert not film.opacity_mask.any()
    assert film.place == ""
    assert "no opacity" in film.description


def test_anatomy_does_not_depend_on_the_size() -> None:
    small, large = phantom(11, size=128), phantom(11, size=256)
    halved = large.pixels.reshape(128, 2, 128, 2).mean(axis=(1, 3))
    assert np.abs(small.pixels - halved).mean() < 0.01
    assert small.place == large.place


@pytest.mark.parametrize(("seed", "size"), [(-1, 128), (0, 63)])
def test_nonsense_is_refused(seed: int, size: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        phantom(seed, size=size)
