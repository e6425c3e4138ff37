"""Shrinking a film by area averaging. numpy only."""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Thumbnail: TypeAlias = npt.NDArray[np.uint8]  # (h, w), larger = brighter

LONGEST: Final = 256


def shrink(pixels: npt.NDArray[np.float32], *, longest: int = LONGEST) -> Thumbnail:
    """Average over the area of each small pixel.

    Args:
        pixels: (H, W) in [0, 1].
        longest: Greatest side of the result; a smaller film keeps its size.

    Returns:
        (h, w) uint8 of the same proportions, to the nearest pixel.
    """
    scale = min(1.0, longest / max(pixels.shape))
    height, width = (max(1, round(side * scale)) for side in pixels.shape)
    small = _average_rows(_average_rows(pixels, height).T, width).T
    return np.asarray(np.rint(np.clip(small, 0, 1) * 255), dtype=np.uint8)


def _average_rows(pixels: npt.NDArray[np.floating], n: int) -> npt.NDArray[np.float64]:
    """Means over n equal bands of rows, whose edges may fall within a row."""
    sums = np.zeros((len(pixels) + 1, pixels.shape[1]))
    np.cumsum(pixels, axis=0, dtype=np.float64, out=sums[1:])
    edges = np.linspace(0, len(pixels), n + 1)
    low = np.minimum(edges.astype(np.intp), len(pixels) - 1)
    part = (edges - low)[:, None]
    at_edges = sums[low] * (1 - part) + sums[low + 1] * part
    return np.asarray(np.diff(at_edges, axis=0) * (n / len(pixels)))
