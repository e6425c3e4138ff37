"""A polygon in film pixels becomes pixels of the model's input."""

import numpy as np
import pytest

from components.figures.viewer_draw import elements_in
from models.case import ImageFrame
from tests.components.scenes import FRAME, PLAYERS, SIDE


def test_a_box_holds_the_pixels_whose_centre_lies_inside() -> None:
    # Input element (i, j) covers film rows 20 + 10 i and columns 30 + 10 j, ten pixels each.
    found = elements_in([(50, 40), (80, 40), (80, 60), (50, 60)], FRAME, PLAYERS)
    expected = np.zeros((SIDE, SIDE), dtype=bool)
    expected[2:4, 2:5] = True
    assert np.array_equal(found, expected)


def test_the_direction_and_the_first_corner_make_no_difference() -> None:
    corners = [(50.0, 40.0), (120.0, 55.0), (90.0, 150.0)]
    found = elements_in(corners, FRAME, PLAYERS)
    assert 0 < found.sum() < SIDE**2
    assert np.array_equal(found, elements_in(corners[::-1], FRAME, PLAYERS))
    assert np.array_equal(found, elements_in([*corners[1:], corners[0]], FRAME, PLAYERS))


def test_a_bay_is_outside() -> None:
    corners = [
        (30, 20),
        (190, 20),
        (190, 180),
        (110, 180),
        (110, 60),
        (70, 60),
        (70, 180),
        (30, 180),
    ]
    found = elements_in(corners, FRAME, PLAYERS)
    assert not found[8, 5]
    assert found[8, 1]
    assert found[8, 12]
    assert found[2, 5]


def test_an_edge_through_centres_counts_once() -> None:
    whole = elements_in([(0, 0), (300, 0), (300, 300), (0, 300)], FRAME, PLAYERS)
    left = elements_in([(0, 0), (115, 0), (115, 300), (0, 300)], FRAME, PLAYERS)
    right = elements_in([(115, 0), (300, 0), (300, 300), (115, 300)], FRAME, PLAYERS)
    assert whole.all()
    assert not (left & right).any()
    assert (left | right).all()


@pytest.mark.parametrize("corners", [[], [(50, 40)], [(50, 40), (80, 60)], [(0, 0)] * 5])
def test_what_has_no_area_holds_nothing(corners: list[tuple[float, float]]) -> None:
    assert not elements_in(corners, FRAME, PLAYERS).any()


def test_a_shape_beside_the_frame_holds_nothing() -> None:
    frame = ImageFrame(top=0.0, left=0.0, height=10.0, width=10.0)
    assert not elements_in([(20, 20), (40, 20), (40, 40)], frame, PLAYERS).any()
