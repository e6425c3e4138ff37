"""Film -> network input: what is cut off, how it is resized, how its grey values are evened out.

The same functions serve training and use. Every step is deterministic.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from models.case import ImageFrame
from models.errors import InputError

MIN_SIDE: Final = 32
BINS: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """How a film becomes an input.

    Attributes:
        size: Side of the input in pixels.
        margin: Fraction of the short side cut off at each edge, where markers and collimation sit.

    Raises:
        ValueError: size is no whole number above 0, or margin none from 0 to below 0.5.
    """

    size: int = 224
    margin: float = 0.04

    def __post_init__(self) -> None:
        """Check the values: they may come from a file."""
        if type(self.size) is not int or self.size < 1:
            raise ValueError(f"size is {self.size!r}, not a whole number above 0")
        if type(self.margin) not in (int, float) or not 0 <= self.margin < 0.5:
            raise ValueError(f"margin is {self.margin!r}, not a number from 0 to below 0.5")

    def frame(self, shape: tuple[int, int]) -> ImageFrame:
        """The central square of an (H, W) film that the input shows, whole pixels.

        A square without letterbox hides the film's aspect ratio, which tells the sources apart.

        Raises:
            InputError: a side is shorter than 32 pixels.
        """
        height, width = shape
        if min(shape) < MIN_SIDE:
            raise InputError(
                f"The film has {height} x {width} pixels.",
                f"The X-ray model needs at least {MIN_SIDE} on each side.",
            )
        side = max(1, round(min(shape) * (1 - 2 * self.margin)))
        return ImageFrame(
            top=(height - side) // 2, left=(width - side) // 2, height=side, width=side
        )

    def cut(self, film: Tensor) -> Tensor:
        """(H, W) grey values -> (1, 1, size, size), antialiased, grey values as they were."""
        frame = self.frame((film.shape[0], film.shape[1]))
        top, left, side = int(frame.top), int(frame.left), int(frame.height)
        square = film[None, None, top : top + side, left : left + side]
        return functional.interpolate(
            square, (self.size, self.size), mode="bilinear", antialias=True, align_corners=False
        )


def equalise(images: Tensor) -> Tensor:
    """Histogram equalisation of each of (n, 1, h, w): a grey value becomes its rank in [0, 1].

    Undoes changes of window and exposure that clip nothing, and nearly undoes moderate increasing
    display curves such as a gamma, so that contrast tells little about the source. A steep curve
    leaves a trace: it crowds grey values into few of the 512 bins of equal width, inside which the
    cumulative histogram is interpolated linearly. A constant image becomes 0.5.
    """
    flat = images.flatten(1)
    low, high = flat.amin(1, keepdim=True), flat.amax(1, keepdim=True)
    span = torch.where(high > low, high - low, 1.0)
    position = (flat - low) / span * (BINS - 1) + 0.5
    index = position.long().clamp_(0, BINS - 1)
    counts = torch.zeros(len(flat), BINS, dtype=flat.dtype, device=flat.device)
    counts.scatter_add_(1, index, torch.ones_like(flat))
    shares = counts / flat.shape[1]
    below = shares.cumsum(1) - shares
    ranks = below.gather(1, index) + (position - index) * shares.gather(1, index)
    return ranks.clamp(0, 1).reshape(images.shape)
