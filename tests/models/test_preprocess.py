"""What the model sees of a film, and where."""

import numpy as np
import pytest
import torch

from models.errors import InputError
from models.preprocess import Preprocessing, equalise

SETTINGS = Preprocessing(size=224, margin=0.04)


def test_a_bright_spot_lands_where_the_frame_says() -> None:
    height, width, row, column = 900, 1300, 300, 500
    film = torch.zeros(height, width)
    film[row - 4 : row + 5, column - 4 : column + 5] = 1.0
    frame = SETTINGS.frame((height, width))
    seen = SETTINGS.cut(film)[0, 0].numpy()
    mass = seen / seen.sum()
    at = np.arange(224) + 0.5
    found_row = frame.top + (mass.sum(1) @ at) * frame.height / 224
    found_column = frame.left + (mass.sum(0) @ at) * frame.width / 224
    assert found_row == pytest.approx(row + 0.5, abs=0.5)
    assert found_column == pytest.approx(column + 0.5, abs=0.5)


def test_the_frame_is_the_central_square_without_the_margin() -> None:
    frame = SETTINGS.frame((1000, 1600))
    assert (frame.height, frame.width) == (920, 920)
    assert (frame.top, frame.left) == (40, 340)


def test_nothing_outside_the_frame_matters() -> None:
    film = torch.rand(300, 400, generator=torch.Generator().manual_seed(0))
    frame = SETTINGS.frame((300, 400))
    changed = torch.full_like(film, 0.5)
    rows = slice(int(frame.top), int(frame.top + frame.height))
    columns = slice(int(frame.left), int(frame.left + frame.width))
    changed[rows, columns] = film[rows, columns]
    assert torch.equal(SETTINGS.cut(film), SETTINGS.cut(changed))


@pytest.mark.parametrize("size", ["224", 224.0, True, 0, -1, None])
def test_a_size_that_is_no_whole_number_above_zero_is_refused(size: object) -> None:
    with pytest.raises(ValueError, match="size"):
        Preprocessing(size=size)  # type: ignore[arg-type]


@pytest.mark.parametrize("margin", ["0.1", 0.5, 0.6, -0.1, float("nan"), True, None])
def test_a_margin_that_leaves_no_film_is_refused(margin: object) -> None:
    with pytest.raises(ValueError, match="margin"):
        Preprocessing(margin=margin)  # type: ignore[arg-type]


@pytest.mark.parametrize("margin", [0, 0.4999])
def test_every_margin_below_a_half_leaves_film_to_see(margin: float) -> None:
    seen = Preprocessing(size=8, margin=margin).cut(torch.full((32, 40), 0.25))
    torch.testing.assert_close(seen, torch.full((1, 1, 8, 8), 0.25))


def test_a_tiny_film_is_refused() -> None:
    with pytest.raises(InputError, match="20 x 400"):
        SETTINGS.frame((20, 400))


def test_equalisation_undoes_window_and_exposure() -> None:
    film = torch.rand(1, 1, 128, 128, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(equalise(0.2 + 0.5 * film), equalise(film), atol=1e-3, rtol=0)


def test_equalisation_nearly_undoes_moderate_display_curves_and_steep_ones_less() -> None:
    film = torch.rand(1, 1, 128, 128, generator=torch.Generator().manual_seed(0))
    left = [float((equalise(film**g) - equalise(film)).abs().max()) for g in (1.7, 2.2, 5)]
    assert left == sorted(left)
    assert left[1] < 0.03
    assert left[2] > 0.05


def test_equalised_grey_values_are_spread_evenly() -> None:
    film = torch.rand(1, 1, 128, 128, generator=torch.Generator().manual_seed(0)) ** 3
    counts = torch.histc(equalise(film), bins=10, min=0, max=1)
    assert counts.min() > 0.9 * counts.mean()


def test_inversion_becomes_the_mirrored_scale() -> None:
    film = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(equalise(1 - film), 1 - equalise(film), atol=3e-3, rtol=0)


def test_a_blank_film_becomes_mid_grey() -> None:
    blank = equalise(torch.full((1, 1, 64, 64), 0.3))
    torch.testing.assert_close(blank, torch.full_like(blank, 0.5))
