"""Records around a case for LIME: drawn column by column from the statistics of a sample."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import ndtr, ndtri

from explainers.block_regression import BLOCKS, block_sizes
from explainers.levels import Levels
from models.case import FloatArray

# A column's values are drawn from so many, each as probable as any other: one number to look up in
# place of a quantile to compute. Their distribution is off by 1/8192 at most, where 5,000 drawn
# records know theirs to a hundredth; and one column's values stay in the processor's cache.
POINTS: Final = 2**12
NET: Final = 4  # records a column in each part from which on nets are better than random records
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
        values: Of each column (POINTS,), level by level, rising within each.
        firsts: (F, L + 1) the first point of each level, and POINTS.
    """

    values: list[FloatArray]
    firsts: npt.NDArray[np.uint16]


# Of the levels of a model's sample; they cost as much as drawing ten thousand records.
_KNOWN: Final[WeakKeyDictionary[Levels, _Points]] = WeakKeyDictionary()


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
        (a negative count); where the lowest bin is a single number it draws 0, here that number;
        it draws from all numbers, here from `POINTS` of each column.
    """
    own = levels.of(case)
    around = levels.holding(case, own)
    points = _points_around(levels, around)
    chosen = draw_points(generator, (len(case), count))
    first, end = (points.firsts[np.arange(len(case)), own + more, None] for more in (0, 1))
    design = chosen - first < end - first  # below the first, 16 bits wrap around to more than any
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
    """Points (F, n) of every column, each as likely as any other, in `BLOCKS` independent parts.

    Where a part has `NET` records a column or more it is a net: points of Sobol's sequence, which
    lie more evenly than random ones. In any net some interaction of two columns looks like the
    effect of a third. So each part has columns of its own choice and moves each by random digits
    (binary digits are turned around where the random number's are 1): then the parts confound
    different columns with different signs, and their spread tells of it.

    Reference:
        Owen, Monte Carlo extension of quasi-Monte Carlo, WSC 1998 (digital shift, replicates).
    """
    n_columns, count = shape
    sizes = block_sizes(count)
    if min(sizes) < NET * n_columns or n_columns > torch.quasirandom.SobolEngine.MAXDIM:
        words = torch.randint(POINTS, shape, generator=generator, dtype=torch.int16)
        return words.numpy().view(np.uint16)
    net = _net(n_columns, max(sizes))
    order = torch.rand(BLOCKS, n_columns, generator=generator).numpy().argsort(axis=1)
    shifts = torch.randint(POINTS, (BLOCKS, n_columns, 1), generator=generator, dtype=torch.int16)
    parts = net.take(order, axis=0) ^ shifts.numpy().view(np.uint16)  # (BLOCKS, F, size)
    together = parts.transpose(1, 0, 2)
    if min(sizes) == max(sizes):
        return together.reshape(shape)
    return together[:, np.arange(max(sizes)) < np.array(sizes)[:, None]]


@lru_cache(maxsize=8)
def _net(n_columns: int, count: int) -> npt.NDArray[np.uint16]:
    """(F, n) the first points of Sobol's sequence, with its digits mixed once and for all."""
    engine = torch.quasirandom.SobolEngine(n_columns, scramble=True, seed=0)  # type: ignore[no-untyped-call]  # torch says no types here
    points = (engine.draw(count, dtype=torch.float64).T * POINTS).clamp_max(POINTS - 1)
    found = points.numpy().astype(np.uint16, order="C")  # columns lie together
    found.setflags(write=False)
    return found


def _points_around(levels: Levels, around: Levels) -> _Points:
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
    return _Points(values=values, firsts=firsts)


def _points_of(levels: Levels, columns: Iterable[int]) -> _Points:
    """Of some columns, one or more."""
    values, firsts = zip(*(_tabulated(levels, f) for f in columns), strict=True)
    return _Points(values=list(values), firsts=np.array(firsts))


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
