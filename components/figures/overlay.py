"""Overlays: what lies on the film in each panel, as RGBA arrays on the model's input grid."""

import numpy as np

from components.figures.colors import RgbaArray, share_rgba
from components.figures.panels import fine_shares
from explainers.explanation import Explanation
from explainers.players import Players
from models.case import FloatArray


def overlay_rgba(shares: FloatArray, players: Players, *, end: float, signed: bool) -> RgbaArray:
    """Paint shares onto the model's input grid.

    Args:
        shares: (P,) shares of the players, or (E,) a finer map in the same unit.
        players: Partition of the (h, w) input.
        end: Share at the end of the colour scale, > 0.
        signed: False when the method has no direction.

    Returns:
        (h, w, 4) uint8; opacity proportional to |share|, so 0 leaves the film visible.
    """
    fine = shares.size == players.membership.size and shares.size != players.count
    painted = shares.reshape(players.element_shape) if fine else players.scatter(shares)
    return share_rgba(painted, end=end, signed=signed)


def region_overlay(explanation: Explanation, *, end: float) -> RgbaArray:
    """One method's region shares (h, w, 4); empty when the scale is (nothing was found)."""
    return _overlay(explanation, explanation.shares, end=end)


def fine_overlay(explanation: Explanation, *, end: float) -> RgbaArray | None:
    """One method's finer map (h, w, 4) in the unit of region shares; None where there is none."""
    shares = fine_shares(explanation)
    return None if shares is None else _overlay(explanation, shares, end=end)


def _overlay(explanation: Explanation, shares: FloatArray, *, end: float) -> RgbaArray:
    """Paint, unless the scale has no length."""
    players = explanation.players
    if end <= 0:
        return np.zeros((*players.element_shape, 4), dtype=np.uint8)
    return overlay_rgba(shares, players, end=end, signed=explanation.signed)
