"""Colours: tables that colour-blind readers can tell apart, and how opaque a share is drawn.

Blue against orange for signed shares (the PuOr idea: the pair survives all common colour-vision
deficiencies), green for methods without direction. Opacity carries the size, hue only the sign.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from explainers.agreement import Verdict
from models.case import FloatArray

Rgb: TypeAlias = tuple[int, int, int]
RgbaArray: TypeAlias = npt.NDArray[np.uint8]  # (..., 4)

# Anchors from small to large |share|.
FOR: Final[tuple[Rgb, ...]] = ((255, 180, 90), (255, 142, 26), (236, 100, 0))
AGAINST: Final[tuple[Rgb, ...]] = ((120, 178, 255), (52, 132, 255), (16, 84, 240))
UNSIGNED: Final[tuple[Rgb, ...]] = ((110, 232, 184), (32, 204, 144), (0, 160, 110))
# At the end of the scale a little of the film still shows through.
PEAK_OPACITY: Final = 0.85

VERDICT_COLORS: Final[dict[Verdict, Rgb]] = {
    "consensus": (92, 225, 214),
    "contested": (255, 214, 64),
    "conflict": (255, 92, 168),
    "undecided": (200, 205, 214),
    "quiet": (128, 128, 128),
}


def ramp(table: tuple[Rgb, ...], strength: FloatArray) -> FloatArray:
    """Interpolate a table at strengths (...) in [0, 1] -> (..., 3) in [0, 255]."""
    anchors = np.linspace(0.0, 1.0, len(table))
    channels = np.asarray(table, dtype=np.float64).T
    return np.stack([np.interp(strength, anchors, channel) for channel in channels], axis=-1)


def share_rgba(shares: FloatArray, *, end: float, signed: bool) -> RgbaArray:
    """Colour shares.

    Args:
        shares: (...) shares of all evidence; NaN is drawn as nothing.
        end: Share at the end of the scale, > 0; larger ones are clipped.
        signed: False when the method has no direction.

    Returns:
        (..., 4) uint8 with opacity proportional to |share|.
    """
    known = np.nan_to_num(np.asarray(shares, dtype=np.float64))
    strength = np.clip(np.abs(known) / end, 0.0, 1.0)
    if signed:
        positive = known[..., None] >= 0
        rgb = np.where(positive, ramp(FOR, strength), ramp(AGAINST, strength))
    else:
        rgb = ramp(UNSIGNED, strength)
    alpha = 255.0 * PEAK_OPACITY * strength[..., None]
    return np.concatenate([rgb, alpha], axis=-1).round().astype(np.uint8)


def css(rgb: Rgb, opacity: float = 1.0) -> str:
    """Write a colour for a style sheet."""
    return f"rgba({rgb[0]},{rgb[1]},{rgb[2]},{opacity:g})"
