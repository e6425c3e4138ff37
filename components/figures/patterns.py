"""Verdicts as patterns, told apart without colour; the same in map, legend and download.

consensus: even fill, solid outline. contested: stripes, dashed outline. conflict: cross-hatching,
thick outline. undecided: dots, no outline. quiet: nothing.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from components.figures.colors import VERDICT_COLORS, RgbaArray
from explainers.agreement import Verdict
from explainers.players import Players

Mask: TypeAlias = npt.NDArray[np.bool_]
IntArray: TypeAlias = npt.NDArray[np.int64]

# Drawn finer than the model's input, so that lines stay lines when a panel is enlarged.
SUPERSAMPLE: Final = 4
PERIOD: Final = 28
DOT_PERIOD: Final = 36  # sparse: "more budget would tell" must not cover the film
LINE: Final = 7
DOT: Final = 5.0
OUTLINE: Final[dict[Verdict, int]] = {"consensus": 4, "contested": 4, "conflict": 7}
TINT: Final[dict[Verdict, float]] = {
    "consensus": 0.42,
    "contested": 0.10,
    "conflict": 0.16,
    "undecided": 0.0,
}
INK: Final[dict[Verdict, float]] = {"undecided": 0.85}
FULL_INK: Final = 0.95
HALO: Final = 0.5  # dark edge that keeps a pattern visible on bright bone


def verdict_rgba(verdicts: Sequence[Verdict], players: Players) -> RgbaArray:
    """Draw the disagreement map.

    Args:
        verdicts: (P,) one word a player.
        players: Partition of the (h, w) input.

    Returns:
        (4h, 4w, 4) uint8.
    """
    owner = players.membership.reshape(players.element_shape)
    owner = owner.repeat(SUPERSAMPLE, axis=0).repeat(SUPERSAMPLE, axis=1)
    drawn = np.zeros((*owner.shape, 4), dtype=np.uint8)
    for verdict in ("consensus", "contested", "conflict", "undecided"):
        members = np.append([v == verdict for v in verdicts], False)  # -1 belongs to nobody
        inside = members[owner]
        if inside.any():
            edge = inside & _border(owner, OUTLINE.get(verdict, 0))
            drawn = np.where(inside[..., None], _textured(verdict, edge), drawn)
    return drawn


def swatch(verdict: Verdict, *, height: int = 18, width: int = 30) -> Image.Image:
    """Legend entry: the very pattern of the map on film grey, at twice the displayed size."""
    box = (height * 4, width * 4)
    owner = np.zeros((box[0] + 2, box[1] + 2), dtype=np.int32)
    owner[1:-1, 1:-1] = 1
    edge = _border(owner, OUTLINE.get(verdict, 0))[1:-1, 1:-1]
    back = Image.new("RGBA", (box[1], box[0]), (70, 74, 80, 255))
    if verdict != "quiet":
        back.alpha_composite(Image.fromarray(_textured(verdict, edge)))
    return back.convert("RGB").resize((width * 2, height * 2), Image.Resampling.LANCZOS)


def _border(owner: npt.NDArray[np.int32], width: int) -> Mask:
    """Pixels within `width` of a pixel of another player, measured along rows and columns."""
    edge = np.zeros(owner.shape, dtype=np.bool_)
    for step in range(1, width + 1):
        across = owner[:, step:] != owner[:, :-step]
        down = owner[step:] != owner[:-step]
        edge[:, step:] |= across
        edge[:, :-step] |= across
        edge[step:] |= down
        edge[:-step] |= down
    return edge


def _textured(verdict: Verdict, edge: Mask) -> RgbaArray:
    """A field of one verdict's pattern (h, w, 4), with its outline where `edge`."""
    rows, columns = np.indices(edge.shape, dtype=np.int64)[:]
    dashes = ((rows // PERIOD) + (columns // PERIOD)) % 2 == 0
    outline = edge & dashes if verdict == "contested" else edge
    ink = _figure(verdict, rows, columns, grow=0) | outline
    halo = _figure(verdict, rows, columns, grow=2)
    color = np.array(VERDICT_COLORS[verdict])
    field = np.empty((*edge.shape, 4))
    field[..., :3] = np.where((halo & ~ink)[..., None], 0, color)
    field[..., 3] = 255 * np.where(
        ink, INK.get(verdict, FULL_INK), np.where(halo, HALO, TINT[verdict])
    )
    return field.round().astype(np.uint8)


def _figure(verdict: Verdict, rows: IntArray, columns: IntArray, *, grow: int) -> Mask:
    """Where a verdict's stripes, hatching or dots are, thickened by `grow` on both sides."""
    width = LINE + 2 * grow
    rising = (rows + columns + grow) % PERIOD < width
    falling = (rows - columns + grow) % PERIOD < width
    if verdict == "contested":
        return rising
    if verdict == "conflict":
        return rising | falling
    if verdict == "undecided":
        half = DOT_PERIOD // 2
        distance = np.hypot((rows % DOT_PERIOD) - half, (columns % DOT_PERIOD) - half)
        return np.asarray(distance <= DOT + grow)
    return np.zeros(rows.shape, dtype=np.bool_)
