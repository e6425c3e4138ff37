"""Records around a case for LIME: drawn column by column from the statistics of a sample."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import ndtr, ndtri

from explainers.levels import Levels
from models.case import FloatArray

# A column's values are drawn from so many, each as probable as any other: one number to look up in
# place of a quantile to compute. 5,000 records could not tell it from drawing between them, and one
# column's values stay in the processor's cache.
POINTS: Final = 2**12
Design: TypeAlias = npt.NDArray[np.bool_] | FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbourhood:
    """Drawn records, and what a surrogate sees of them.

    Attributes:
        records: (n, F) raw values, NaN = missing; columns lie together in memory.
        design: (n, F) whether a value is at the case's level; where a surrogate sees numbers by
            value, float64: 1 or 0, or the standardised value. Likewise.
        case: (F,) the same of the case itself.
    """

    records: FloatArray
    design: Design
    case: Design


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Points:
    """What each of F columns can be drawn as.

    Attributes:
        values: (F, POINTS), level by level, rising within each.
        firsts: (F, L + 1) the first point of each level, and POINTS.
    """

    values: FloatArray
    firsts: npt.NDArray[np.int64]


def draw_neighbourhood(
    case: FloatArray, levels: Levels, *, count: int, generator: torch.Generator
) -> Neighbourhood:
    """Draw records, every column independently of the others and of the case.

    Levels are drawn as often as the sample shows them. Within a bin a number follows the normal
    distribution of the bin's records, cut at its edges; seen by value, that of all known ones, in
    which what lies beyond their range is moved to its end. One number gives both: the probability
    below it gives a level, and by what it exceeds the levels before, the quantile within.

    A level of the case that the sample never shows (a missing value where none was missing in
    training) is drawn as often as the others are on average, and then has the case's own value.
    Seen by value, a number that the case knows is known in every record; one that is missing in
    the case is seen as missing or not.

    Args:
        case: (F,) raw values, NaN = missing.
        levels: Of the training sample.
        count: n.
        generator: CPU generator.

    Reference:
        Ribeiro, Singh & Guestrin, KDD 2016, and LimeTabularExplainer of the authors' package.
        Differs: the package knows no missing values; it draws numbers beyond the sample's range
        (a negative count); where a bin is a single number it draws 0, here that number; it draws
        from all numbers, here from `POINTS` of each column.
    """
    own = levels.of(case)
    around = levels.holding(case, own)
    points = _points_around(levels, around)
    chosen = draw_points(generator, (len(case), count))
    first, end = (points.firsts[np.arange(len(case)), own + more, None] for more in (0, 1))
    # Below the first, the difference wraps around to more than any level has.
    design = chosen - first.astype(np.uint16) < (end - first).astype(np.uint16)
    records = np.empty(chosen.shape)
    for values, places, into in zip(points.values, chosen, records, strict=True):
        values.take(places, out=into, mode="clip")  # "raise" would take a copy
    if not around.by_value.any():
        return Neighbourhood(records=records.T, design=design.T, case=np.ones(len(case), np.bool_))
    seen, centre = design.astype(np.float64), np.ones(len(case))
    for f in np.flatnonzero(around.by_value):
        mean, spread = around.mean[f, 0], around.spread[f, 0]
        seen[f], centre[f] = (records[f] - mean) / spread, (case[f] - mean) / spread
    return Neighbourhood(records=records.T, design=seen.T, case=centre)


def draw_points(generator: torch.Generator, shape: tuple[int, int]) -> npt.NDArray[np.uint16]:
    """Random whole numbers from 0 to POINTS - 1, four from each that the generator draws."""
    size = shape[0] * shape[1]
    words = torch.empty(-(-size // 4), dtype=torch.int64).random_(generator=generator)
    found = words.numpy().view(np.uint16)[:size]
    found &= POINTS - 1  # the sign bit, which is always 0, is not among them
    return found.reshape(shape)


def _points_around(levels: Levels, around: Levels) -> _Points:
    """The points of the levels of a neighbourhood, most of them those of the sample's levels."""
    known = _points_of(levels)
    if around is levels:
        return known
    moved = around.by_value != levels.by_value
    for old, new in ((levels.counts, around.counts), (levels.low, around.low)):
        moved |= ((old != new) & ~(np.isnan(old) & np.isnan(new))).any(axis=1)
    columns = np.flatnonzero(moved)
    if not columns.size:
        return known
    values, firsts = known.values.copy(), known.firsts.copy()
    values[columns], firsts[columns] = _tabulated(around, columns)
    return _Points(values=values, firsts=firsts)


@lru_cache(maxsize=4)
def _points_of(levels: Levels) -> _Points:
    """Of a sample's levels, all columns."""
    values, firsts = _tabulated(levels, np.arange(len(levels.counts)))
    return _Points(values=values, firsts=firsts)


def _tabulated(
    levels: Levels, columns: npt.NDArray[np.int64]
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Values (f, POINTS) and first points (f, L + 1) of some columns.

    Point k is the quantile of (k + 1/2) / POINTS.
    """
    counts = levels.counts[columns]
    share = counts / counts.sum(axis=1, keepdims=True)
    upto = share.cumsum(axis=1)
    ends = np.ceil(POINTS * upto - 0.5).astype(np.int64)
    ends[:, -1] = POINTS
    firsts = np.pad(ends, ((0, 0), (1, 0)))
    which = np.tile(np.arange(counts.shape[1]), len(columns))
    level = np.repeat(which, np.diff(firsts).ravel()).reshape(len(columns), POINTS)
    low, high, mean, spread = (
        part[columns] for part in (levels.low, levels.high, levels.mean, levels.spread)
    )
    plain, seen = levels.by_value[columns, None], counts > 0
    lowest = np.where(plain, 0.0, ndtr((low - mean) / spread))
    highest = np.where(plain, 1.0, ndtr((high - mean) / spread))
    slope = (highest - lowest) / np.where(seen, share, 1.0)

    def at(table: FloatArray) -> FloatArray:
        return np.take_along_axis(table, level, axis=1)

    place = at(lowest - slope * (upto - share)) + at(slope) * ((np.arange(POINTS) + 0.5) / POINTS)
    values = at(mean) + at(spread) * ndtri(place.clip(0, 1))  # rounding may step outside
    known = seen & ~np.isnan(low)
    least = np.where(known, low, np.inf).min(axis=1, keepdims=True)
    most = np.where(known, high, -np.inf).max(axis=1, keepdims=True)
    return np.clip(values, least, most), firsts
