"""Colour: nothing where nothing is, opacity as large as the share, hues everybody tells apart."""

import numpy as np
import pytest

from components.figures.colors import AGAINST, FOR, PEAK_OPACITY, share_rgba
from models.case import FloatArray

# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
SIMULATED = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def drawn(*shares: float, end: float = 0.2, signed: bool = True) -> FloatArray:
    return share_rgba(np.array(shares), end=end, signed=signed).astype(np.float64)


def test_no_share_leaves_the_film_visible() -> None:
    assert drawn(0.0, float("nan"))[:, 3].tolist() == [0, 0]


def test_opacity_follows_the_size_of_the_share_on_both_sides() -> None:
    alpha = drawn(0.05, 0.1, 0.2, -0.1)[:, 3]
    assert alpha == pytest.approx(255 * PEAK_OPACITY * np.array([0.25, 0.5, 1.0, 0.5]), abs=0.5)


def test_shares_beyond_the_end_of_the_scale_are_drawn_as_its_end() -> None:
    assert drawn(0.9).tolist() == drawn(0.2).tolist()


def test_for_is_orange_against_is_blue_and_undirected_is_neither() -> None:
    (speaks_for, against), (undirected,) = drawn(0.2, -0.2), drawn(0.2, signed=False)
    assert speaks_for[0] > speaks_for[2]
    assert against[2] > against[0]
    assert undirected[:3].argmax() == 1


@pytest.mark.parametrize("deficiency", SIMULATED)
def test_for_and_against_stay_apart_for_colour_blind_readers(deficiency: str) -> None:
    matrix = np.array(SIMULATED[deficiency])
    for one, two in zip(FOR, AGAINST, strict=True):
        linear = (np.array([one, two]) / 255) ** 2.2
        seen = np.clip(linear @ matrix.T, 0, 1) ** (1 / 2.2)
        assert np.linalg.norm(seen[0] - seen[1]) > 0.35
