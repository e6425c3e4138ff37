"""Masks on images: polarity, baselines, what is never removed."""

from typing import get_args

import numpy as np
import pytest
import torch

from explainers.maskers.baselines import image_baseline
from explainers.maskers.names import ImageBaseline
from explainers.maskers.region import RegionMasker
from explainers.players import Players
from explainers.superpixels import image_players
from tests.toys import SIDE, generator, linear_model, toy_case

CASE = toy_case(2)
CELLS = image_players(CASE.film.pixels, kind="grid", count=9)


def masker_for(kind: str) -> RegionMasker:
    inputs = linear_model(torch.zeros(1, SIDE, SIDE)).encode(CASE)
    baseline, contents = image_baseline(kind, inputs)  # type: ignore[arg-type]
    return RegionMasker(inputs, contents, baseline=baseline, players=CELLS)


@pytest.mark.parametrize("kind", get_args(ImageBaseline))
def test_all_ones_mask_is_the_input_bit_for_bit(kind: str) -> None:
    masker = masker_for(kind)
    shown = masker.apply(torch.ones(1, 9))
    assert shown.shape == (1, masker.n_draws, 1, SIDE, SIDE)
    for draw in shown[0]:
        assert torch.equal(draw[0], torch.from_numpy(CASE.film.pixels.copy()))


@pytest.mark.parametrize("kind", get_args(ImageBaseline))
def test_absent_player_shows_the_baseline_and_nothing_else_changes(kind: str) -> None:
    masker = masker_for(kind)
    mask = torch.ones(1, 9)
    mask[0, 4] = 0
    shown = masker.apply(mask)[0]
    hidden = torch.from_numpy(CELLS.membership.reshape(SIDE, SIDE) == 4)
    empty = masker.empty()
    film = torch.from_numpy(CASE.film.pixels.copy())
    for draw in range(masker.n_draws):
        assert torch.equal(shown[draw, 0][hidden], empty[draw, 0][hidden])
        assert torch.equal(shown[draw, 0][~hidden], film[~hidden])
    assert masker.baseline.name == kind
    assert masker.baseline.description


def test_baselines_are_what_they_say() -> None:
    film = torch.rand(1, 1, SIDE, SIDE, generator=generator(1))
    assert torch.equal(image_baseline("black", film)[1], torch.zeros_like(film))
    mean = image_baseline("mean", film)[1]
    torch.testing.assert_close(mean, torch.full_like(film, float(film.mean())))
    blurred = image_baseline("blur", film)[1]
    assert float(blurred.std()) < 0.3 * float(film.std())
    assert float(blurred.mean()) == pytest.approx(float(film.mean()), abs=0.05)
    noise = image_baseline("noise", film)[1]
    assert len(noise) > 1
    assert torch.equal(noise, image_baseline("noise", film)[1])
    assert float(film.min()) <= float(noise.min()) <= float(noise.max()) <= float(film.max())


def test_blur_keeps_a_constant_film() -> None:
    flat = torch.full((1, 1, 60, 40), 0.37)
    torch.testing.assert_close(image_baseline("blur", flat)[1], flat)


def test_never_removed_elements_always_show_the_film() -> None:
    membership = np.zeros(SIDE * SIDE, dtype=np.int32)
    membership[: SIDE * 4] = -1
    membership[-SIDE:] = 1
    players = Players(membership=membership, element_shape=(SIDE, SIDE), kind="superpixel")
    film = torch.rand(1, 1, SIDE, SIDE, generator=generator())
    baseline, contents = image_baseline("black", film)
    empty = RegionMasker(film, contents, baseline=baseline, players=players).empty()[0, 0]
    assert torch.equal(empty[:4], film[0, 0, :4])
    assert not empty[4:].any()
