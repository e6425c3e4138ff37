"""What each column of a table can be drawn as: some thousand values, equally probable."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from explainers.levels import Levels
from models.case import FloatArray

# A column's values are drawn from so many, each as probable as any other: one number to look up in
# place of a quantile to compute. Their distribution is off by 1/8192 at most, where 5,000 drawn
# records know theirs to a hundredth; and one column's values stay in the processor's cache.
POINTS: Final = 2**12


@dataclass(frozen=True, slots=True, weakref_slot=True, kw_only=True, eq=False)
class Points:
    """What each of F columns can be drawn as.

    Attributes:
        values: Of each column (POINTS,), level by level, rising within each.
        firsts: (F, L + 1) the first point of each level, and POINTS.
    """

    values: list[FloatArray]
    firsts: npt.NDArray[np.uint16]


# Of the levels of a model's sample; they cost as much as drawing ten thousand records.
_KNOWN: Final[WeakKeyDictionary[Levels, Points]] = WeakKeyDictionary()


def points_around(levels: Levels, around: Levels) -> Points:
    """The points of the levels of a neighbourhood, most of them those of the sample's levels."""
    known = _KNOWN.get(levels)
    if known is None:
        known = _KNOWN[levels] = _points_of(levels, range(len(levels.counts)))
    if around is levels:
        return known
    moved = around.by_value != levels.by_value
    for old, new in ((levels.counts, around.counts), (levels.low, around.low)):
        moved |= ((old != new) & ~(np.isnan(old) & np.isnan(new))).any(axis=1)
    columns = np.flatnonzero(moved).tolist()
    if not columns:
        return known
    other, values, firsts = _points_of(around, columns), list(known.values), known.firsts.copy()
    firsts[columns] = other.firsts
    for f, own in zip(columns, other.values, strict=True):
        values[f] = own
    return Points(values=values, firsts=firsts)


def _points_of(levels: Levels, columns: Iterable[int]) -> Points:
    """Of some columns, one or more."""
    values, firsts = zip(*(_tabulated(levels, f) for f in columns), strict=True)
    return Points(values=list(values), firsts=np.array(firsts))


def _tabulated(levels: Levels, f: int) -> tuple[FloatArray, npt.NDArray[np.uint16]]:
    """Values (POINTS,) and first points (L + 1,) of one column.

    A level has its share of the points, and one at least: what the sample shows can be drawn. Its
    points are the middles of as many parts of its distribution that are equally probable.
    """
    counts = levels.counts[f]
    upto = np.ceil(POINTS * (counts / counts.sum()).cumsum() - 0.5).astype(np.int64)
    upto[-1] = POINTS
    n_points = np.diff(upto, prepend=0)
    unseen = (counts > 0) & (n_points == 0)
    n_points[unseen] = 1
    for _ in range(np.count_nonzero(unseen)):
        n_points[n_points.argmax()] -= 1
    firsts = np.concatenate([[0], n_points.cumsum()])
    level = np.repeat(np.arange(len(counts)), n_points)
    within = (np.arange(POINTS) - firsts[level] + 0.5) / n_points[level]
    low, high, mean, spread = (
        part[f, level] for part in (levels.low, levels.high, levels.mean, levels.spread)
    )
    if levels.by_value[f]:  # what lies beyond the range is moved to its end
        place = within
    else:
        below, above = ndtr((low - mean) / spread), ndtr((high - mean) / spread)
        place = below + (above - below) * within
    values = np.clip(mean + spread * ndtri(place), low, high)
    values.setflags(write=False)
    return values, firsts.astype(np.uint16)
