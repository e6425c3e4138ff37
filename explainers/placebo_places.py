"""Placebo parts on a film: the part's shape, moved to places like its own. numpy and scipy only.

Like in three things: distance from the centre of the frame, mean brightness under the shape, and
how much the brightness varies there. Where that leaves too little room, less so; the answer says.
"""

import math
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from explainers.metrics import BoolArray
from explainers.placebo import Alike, Placebos
from models.case import FloatArray

Places: TypeAlias = npt.NDArray[np.int64]  # (K, 2) rows and columns
OVERLAP: Final = 0.1  # share of its own area that a placebo may have on the part, or on another one
CROWDED: Final = 0.6  # overlap from which the nearest quarter of places has too little room
DIGITS: Final = 6  # decimals to which places are told apart: sums over a shape are no more exact
EVEN: Final = 1e-9  # spread of a measure that is the same everywhere, but for rounding
NEAR: Final = 0.25  # share of all places that is kept: those most like the part's own
FAR: Final = 0.5  # where these have too little room


def moved_shapes(
    part: BoolArray, count: int, draw: np.random.Generator, *, film: FloatArray | None = None
) -> Placebos:
    """Move a shape to other places of the frame: same shape, same area, on ground like its own.

    Places that lie on the part by more than a tenth of its area do not count. From the
    quarter of the rest that is most like the part's place, places are drawn at random, each on
    those before by at most a tenth as long as there are such places, then wherever it is emptiest.
    Where they lie on each other by more than `CROWDED`, or are fewer than wanted, from the half.

    Args:
        part: (h, w) the part's pixels, at least one.
        count: Places wanted; fewer where the shape fits nowhere else.
        draw: Random numbers.
        film: (h, w) brightness; None matches the distance from the centre alone.
    """
    rows, columns = np.nonzero(part)
    home = np.array([rows.min(), columns.min()])
    shape = part[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    shared = _overlaps(shape)
    places = _everywhere(part.shape, shape.shape)
    places = places[_at(shared, places - home) <= OVERLAP]
    unlike = _unlikeness(places, home, shape, part.shape, film)
    like, chosen, overlap = _nearest(places, unlike, shared, NEAR, count, draw)
    alike: Alike = "position" if film is None else "position and texture"
    if len(chosen) < count or overlap > CROWDED:
        like, chosen, overlap = _nearest(places, unlike, shared, FAR, count, draw)
        alike = "position" if film is None else "position and texture, loosely"
    hidden = np.zeros((len(chosen), *part.shape), dtype=np.bool_)
    for row, (top, left) in zip(hidden, chosen, strict=True):
        row[top : top + shape.shape[0], left : left + shape.shape[1]] = shape
    return Placebos(
        hidden=hidden.reshape(len(chosen), part.size),
        kind="moved shapes",
        n_possible=like,
        overlap=overlap,
        alike=alike,
    )


def _nearest(
    places: Places,
    unlike: FloatArray,
    shared: FloatArray,
    share: float,
    count: int,
    draw: np.random.Generator,
) -> tuple[int, Places, float]:
    """How many places are in the share most alike, those drawn from them, and their overlap."""
    worst = np.sort(unlike)[max(0, math.ceil(share * len(unlike)) - 1)] if len(unlike) else 0.0
    like = places[unlike <= worst]
    return len(like), *_spread_out(like, shared, count, draw)


def _everywhere(frame: tuple[int, ...], shape: tuple[int, ...]) -> Places:
    """(K, 2) all places where a shape lies inside the frame."""
    free = [np.arange(whole - own + 1) for whole, own in zip(frame, shape, strict=True)]
    return np.stack(np.meshgrid(*free, indexing="ij"), axis=-1).reshape(-1, 2)


def _unlikeness(
    places: Places,
    home: Places,
    shape: BoolArray,
    frame: tuple[int, ...],
    film: FloatArray | None,
) -> FloatArray:
    """(K,) distance from the part's place in three measures, each in its standard deviations."""
    frame_middle, own_middle = (np.array(frame) - 1) / 2, np.argwhere(shape).mean(axis=0)
    measures = [np.linalg.norm(_everywhere(frame, shape.shape) + own_middle - frame_middle, axis=1)]
    if film is not None:
        kernel = shape[::-1, ::-1] / shape.sum()
        values = film - film.mean()  # so that squares lose no digits
        mean, square = (fftconvolve(values**power, kernel, mode="valid") for power in (1, 2))
        measures += [mean.reshape(-1), np.sqrt(np.maximum(square - mean**2, 0)).reshape(-1)]
    n_columns = frame[1] - shape.shape[1] + 1
    here, there = (at[..., 0] * n_columns + at[..., 1] for at in (home, places))
    away = np.zeros(len(places))
    for measure in measures:
        spread = float(measure.std())
        if spread > EVEN:
            away += ((measure[there] - measure[here]) / spread) ** 2
    return np.asarray(np.sqrt(away).round(DIGITS))


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
