"""Placebo parts: as large as the part in question, and elsewhere. numpy only.

What hiding them does to the model's answer is what hiding a part of this size does anyhow.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from explainers.metrics import BoolArray
from models.case import FloatArray

PlaceboKind: TypeAlias = Literal["moved shapes", "other parts"]
Places: TypeAlias = npt.NDArray[np.int64]  # (K, 2) rows and columns
OVERLAP: Final = 0.1  # share of its own area that a placebo may have on the part, or on another one
ALIKE: Final = 0.5  # share of all places that are kept: those as far from the centre as the part


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placebos:
    """Parts to compare with.

    Attributes:
        hidden: (M, N) True where a placebo hides: N pixels, or N players.
        kind: "moved shapes" of pixels, or sets of "other parts".
        n_possible: How many there are to draw from.
        overlap: Largest share of its area that a placebo has on another one.
    """

    hidden: BoolArray
    kind: PlaceboKind
    n_possible: int
    overlap: float = 0.0


def moved_shapes(part: BoolArray, count: int, draw: np.random.Generator) -> Placebos:
    """Move a shape to other places of the frame: same shape, same area, about as far out.

    Places that lie on the part by more than a tenth of its area do not count. Of the rest, the half
    is kept whose distance from the centre of the frame is most like the part's. From these places
    are drawn at random, each on those before by at most a tenth as long as there are such places,
    then wherever it is emptiest.

    Args:
        part: (h, w) the part's pixels, at least one.
        count: Places wanted; fewer where the shape fits nowhere else.
        draw: Random numbers.
    """
    height, width = part.shape
    rows, columns = np.nonzero(part)
    home = np.array([rows.min(), columns.min()])
    shape = part[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    shared = _overlaps(shape)
    free = np.array([height, width]) - shape.shape
    places = np.stack(
        np.meshgrid(np.arange(free[0] + 1), np.arange(free[1] + 1), indexing="ij"), axis=-1
    ).reshape(-1, 2)
    places = places[_at(shared, places - home) <= OVERLAP]
    off_centre = np.array([rows.mean(), columns.mean()]) - home
    centre = (np.array([height, width]) - 1) / 2
    apart = np.linalg.norm(places + off_centre - centre, axis=1)
    unlike = np.abs(apart - np.linalg.norm(home + off_centre - centre))
    places = places[np.argsort(unlike, kind="stable")[: math.ceil(ALIKE * len(places))]]
    chosen, overlap = _spread_out(places, shared, count, draw)
    hidden = np.zeros((len(chosen), height, width), dtype=np.bool_)
    for row, (top, left) in zip(hidden, chosen, strict=True):
        row[top : top + shape.shape[0], left : left + shape.shape[1]] = shape
    return Placebos(
        hidden=hidden.reshape(len(chosen), height * width),
        kind="moved shapes",
        n_possible=len(places),
        overlap=overlap,
    )


def other_parts(
    part: tuple[int, ...], n_players: int, count: int, draw: np.random.Generator
) -> Placebos:
    """Sets of as many other players: all there are, or `count` different ones at random.

    Sets that share players with the part are left out.
    """
    others = np.setdiff1d(np.arange(n_players), part)
    possible = math.comb(len(others), len(part))
    sets: set[tuple[int, ...]] = set()
    while len(sets) < min(count, possible):
        drawn = draw.choice(others, size=len(part), replace=False)
        sets.add(tuple(sorted(int(player) for player in drawn)))
    hidden = np.zeros((len(sets), n_players), dtype=np.bool_)
    for row, chosen in zip(hidden, sorted(sets), strict=True):
        row[list(chosen)] = True
    return Placebos(hidden=hidden, kind="other parts", n_possible=possible)


def _overlaps(shape: BoolArray) -> FloatArray:
    """(2 a - 1, 2 b - 1) share of a shape (a, b) that lies on itself, moved; middle: not moved."""
    own = shape.astype(np.float64)
    return np.asarray(np.rint(fftconvolve(own, own[::-1, ::-1])) / own.sum())


def _at(shared: FloatArray, moves: Places) -> FloatArray:
    """(K,) overlap of a shape with itself moved by (K, 2) rows and columns; 0 beyond the table."""
    middle = np.array(shared.shape) // 2
    inside = (np.abs(moves) <= middle).all(axis=1)
    found = np.zeros(len(moves))
    found[inside] = shared[tuple((moves[inside] + middle).T)]
    return found


def _spread_out(
    places: Places,
    shared: FloatArray,
    count: int,
    draw: np.random.Generator,
) -> tuple[Places, float]:
    """Draw `count` of (K, 2) places that lie little on each other; and by how much they do."""
    chosen: list[int] = []
    crowded, worst = np.zeros(len(places)), 0.0
    while len(chosen) < min(count, len(places)):
        least = max(OVERLAP, float(crowded.min()))
        pick = int(draw.choice(np.flatnonzero(crowded <= least)))
        worst = max(worst, float(crowded[pick]))
        chosen.append(pick)
        crowded = np.maximum(crowded, _at(shared, places - places[pick]))
        crowded[pick] = np.inf
    return places[chosen], worst
