"""A shape that a reader drew on the film -> the pixels of the model's input that it holds. Pure."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from explainers.metrics import BoolArray
from explainers.players import Players
from models.case import ImageFrame

Polygon: TypeAlias = Sequence[
    tuple[float, float]
]  # x and y in film pixels, the last joins the first
CORNERS = 3  # fewer hold no area


def elements_in(polygon: Polygon, frame: ImageFrame, players: Players) -> BoolArray:
    """(h, w) pixels of the model's input whose centre lies inside, by the even-odd rule.

    A ray from a centre to the right crosses the border an odd number of times when it is inside.

    Args:
        polygon: Corners; a shape with fewer than three holds nothing.
        frame: Rectangle of the film that the model's input covers.
        players: Regions of the (h, w) input.
    """
    rows, columns = players.element_shape
    inside = np.zeros((rows, columns), dtype=np.bool_)
    if len(polygon) < CORNERS:
        return inside
    x = frame.left + (np.arange(columns) + 0.5) * frame.width / columns
    y = frame.top + (np.arange(rows) + 0.5) * frame.height / rows
    corners = np.asarray(polygon, dtype=np.float64)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        crossed = (y >= min(y0, y1)) & (y < max(y0, y1))  # a corner counts for one of its edges
        at = x0 + (y[crossed] - y0) * (x1 - x0) / (y1 - y0)
        inside[crossed] ^= x < at[:, None]
    return inside
