"""Records around a case for LIME: drawn column by column from the statistics of a sample."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import ndtr
from torch import Tensor

from explainers.levels import Levels
from models.case import FloatArray

BLOCK: Final = 65_536  # numbers worked on at a time: they stay in the cache
MOST: Final = 1 - 2.0**-53  # largest number whose quantile is finite: erfinv(1) is infinite
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
class _Quantiles:
    """What turns uniform numbers into values of F columns of L levels.

    A number u falls on the last level that starts at or below it, and is there the value
    mean + spread * erfinv(offset + slope * u), kept between the ends of its column.

    Attributes:
        starts: (F, L) probability of all levels before each.
        tables: Four times (F * L,): offset, slope, mean, and spread times the root of two.
        low: (F, 1) smallest value of each column.
        high: (F, 1) largest.
    """

    starts: FloatArray
    tables: tuple[Tensor, ...]
    low: FloatArray
    high: FloatArray

    def levels(self, uniform: FloatArray, part: slice) -> npt.NDArray[np.uint8]:
        """Level that each number (f, n) falls on, of a part of the columns."""
        chosen = np.zeros(uniform.shape, dtype=np.uint8)
        for start in self.starts[part].T[1:, :, None]:
            if start.min() < 1:
                chosen += (uniform >= start).view(np.uint8)
        return chosen

    def values(
        self, uniform: FloatArray, chosen: npt.NDArray[np.uint8], part: slice, into: FloatArray
    ) -> None:
        """Values of numbers (f, n) at their levels, of a part of the columns."""
        first = np.arange(len(self.starts), dtype=np.int32)[part, None] * self.starts.shape[1]
        index = torch.from_numpy((first + chosen).ravel())
        offset, slope, mean, spread = self.tables
        # Two buffers, one of them the result: what does not leave the cache is not waited for.
        found = torch.from_numpy(into).view(-1)
        at_level = slope.index_select(0, index).mul_(torch.from_numpy(uniform).view(-1))
        torch.index_select(offset, 0, index, out=found)
        found.add_(at_level).clamp_(-MOST, MOST).erfinv_()
        found.mul_(torch.index_select(spread, 0, index, out=at_level))
        found.add_(torch.index_select(mean, 0, index, out=at_level))
        np.clip(into, self.low[part], self.high[part], out=into)


@lru_cache(maxsize=16)
def _quantiles(levels: Levels) -> _Quantiles:
    """Of levels; most cases are drawn around from the levels of the sample as they are."""
    total = levels.counts.sum(axis=1, keepdims=True)
    starts = (levels.counts.cumsum(axis=1) - levels.counts) / total
    plain, seen = levels.by_value[:, None], levels.counts > 0
    below = np.where(plain, 0.0, ndtr((levels.low - levels.mean) / levels.spread))
    upto = np.where(plain, 1.0, ndtr((levels.high - levels.mean) / levels.spread))
    slope = (upto - below) / np.where(seen, levels.counts / total, 1.0)
    # A place p has the quantile sqrt(2) * erfinv(2 p - 1) of the standard normal distribution.
    offset = 2 * (below - slope * starts) - 1
    spread = math.sqrt(2) * levels.spread
    known = seen & ~np.isnan(levels.low)
    return _Quantiles(
        starts=starts,
        tables=tuple(torch.from_numpy(t.ravel()) for t in (offset, 2 * slope, levels.mean, spread)),
        low=np.where(known, levels.low, np.inf).min(axis=1, keepdims=True),
        high=np.where(known, levels.high, -np.inf).max(axis=1, keepdims=True),
    )


def draw_neighbourhood(
    case: FloatArray, levels: Levels, *, count: int, generator: torch.Generator
) -> Neighbourhood:
    """Draw records, every column independently of the others and of the case.

    Levels are drawn as often as the sample shows them. Within a bin a number follows the normal
    distribution of the bin's records, cut at its edges; seen by value, that of all known ones, in
    which what lies beyond their range is moved to its end. One uniform number gives both: a level,
    and by what it exceeds the levels before, the quantile within.

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
        (a negative count); where a bin is a single number it draws 0, here that number.
    """
    own = levels.of(case)
    around = levels.holding(case, own)
    quantiles, numbers = _quantiles(around), uniform_numbers(generator)
    records, design = np.empty((len(case), count)), np.empty((len(case), count), dtype=np.bool_)
    here = own.astype(np.uint8)  # compared ten times as fast with what is of the same kind
    width = max(1, BLOCK // count)
    for part in (slice(f, f + width) for f in range(0, len(case), width)):
        uniform = numbers.random(records[part].shape)
        chosen = quantiles.levels(uniform, part)
        np.equal(chosen, here[part, None], out=design[part])
        quantiles.values(uniform, chosen, part, records[part])
    if not around.by_value.any():
        return Neighbourhood(records=records.T, design=design.T, case=np.ones(len(case), np.bool_))
    seen, centre = design.astype(np.float64), np.ones(len(case))
    for f in np.flatnonzero(around.by_value):
        mean, spread = around.mean[f, 0], around.spread[f, 0]
        seen[f], centre[f] = (records[f] - mean) / spread, (case[f] - mean) / spread
    return Neighbourhood(records=records.T, design=seen.T, case=centre)


def uniform_numbers(generator: torch.Generator) -> np.random.Generator:
    """A stream of uniform numbers that a generator starts: three times as fast as its own."""
    seed = torch.randint(2**63 - 1, (), generator=generator).item()
    return np.random.Generator(np.random.SFC64(int(seed)))
