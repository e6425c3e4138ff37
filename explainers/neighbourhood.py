"""Records around a case for LIME: drawn column by column from the statistics of a sample."""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import ndtr
from torch import Tensor

from models.case import FloatArray
from models.schema import Column, TableSchema

QUARTILES: Final = (25, 50, 75)
BLOCK: Final = 16_384  # numbers worked on at a time: they stay in the cache
LEAST: Final = 2.0**-53 - 1  # below 2 u - 1 of every uniform number but 0: its quantile is infinite


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbourhood:
    """Drawn records, and what a surrogate sees of them.

    Attributes:
        records: (n, F) raw values, NaN = missing; columns lie together in memory.
        design: (n, F) 1 where a value is at the case's level and 0 elsewhere, or the standardised
            value of a number; likewise.
        case: (F,) the same of the case itself.
    """

    records: FloatArray
    design: FloatArray
    case: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """What each of F columns is cut into; the last of L levels is "missing".

    Attributes:
        edges: (F, L - 2) a value's level is how many of them lie below it; infinite where a column
            has fewer.
        counts: (F, L) how often each level is drawn, relative to its column's others.
        low: (F, L) smallest value at each level.
        high: (F, L) largest.
        mean: (F, L) mean of the values at each level; NaN at "missing".
        spread: (F, L) their standard deviation, 1 where they do not differ.
        by_value: (F,) whether a surrogate sees a number itself, not its level.
    """

    edges: FloatArray
    counts: FloatArray
    low: FloatArray
    high: FloatArray
    mean: FloatArray
    spread: FloatArray
    by_value: npt.NDArray[np.bool_]

    @property
    def share(self) -> FloatArray:
        """(F, L) probability of each level."""
        return np.asarray(self.counts / self.counts.sum(axis=1, keepdims=True))

    @property
    def start(self) -> FloatArray:
        """(F, L) probability of all levels before each."""
        before = self.counts.cumsum(axis=1) - self.counts
        return np.asarray(before / self.counts.sum(axis=1, keepdims=True))

    def of(self, case: FloatArray) -> npt.NDArray[np.int64]:
        """Level of each value of a record (F,)."""
        below = (self.edges < case[:, None]).sum(axis=1)
        return np.asarray(np.where(np.isnan(case), self.counts.shape[1] - 1, below))

    def holding(self, case: FloatArray) -> "Levels":
        """The levels a neighbourhood of a record (F,) is drawn from.

        Of a column that is seen by value only known numbers are drawn. A level of the case that the
        sample never shows has the case's own value, and comes as often as the others on average.
        """
        columns = np.arange(len(case))
        own, plain = self.of(case), self.by_value & ~np.isnan(case)
        unseen = self.counts[columns, own] == 0
        counts, low, high, mean = (
            part.copy() for part in (self.counts, self.low, self.high, self.mean)
        )
        at = (columns[unseen], own[unseen])
        often = counts[unseen]
        counts[at] = often.sum(axis=1) / (often > 0).sum(axis=1)
        low[at] = high[at] = mean[at] = case[unseen]
        counts[plain, -1] = 0
        low[plain & unseen], high[plain & unseen] = -np.inf, np.inf
        return replace(self, counts=counts, low=low, high=high, mean=mean, by_value=plain)

    def quantiles(self) -> FloatArray:
        """What turns uniform numbers into values, (6, F, L).

        A number u at a level is the value mean + spread * erfinv(offset + slope * u), kept between
        low and high. The rows: offset, slope, mean, spread (times the root of two), low, high.
        """
        plain = self.by_value[:, None]
        below = np.where(plain, 0.0, ndtr((self.low - self.mean) / self.spread))
        upto = np.where(plain, 1.0, ndtr((self.high - self.mean) / self.spread))
        slope = (upto - below) / np.where(self.counts > 0, self.share, 1.0)
        # A place p has the quantile sqrt(2) * erfinv(2 p - 1) of the standard normal distribution.
        offset = 2 * (below - slope * self.start) - 1
        spread = math.sqrt(2) * self.spread
        return np.stack([offset, 2 * slope, self.mean, spread, self.low, self.high])


def fit_levels(sample: FloatArray, schema: TableSchema, *, discretise: bool) -> Levels:
    """Statistics of a sample that neighbourhoods are drawn from.

    Levels are the quartile bins of a number, the categories of a category, and "missing".

    Args:
        sample: (B, F) raw training records.
        schema: The columns.
        discretise: Whether a surrogate sees numbers by their bins.
    """
    cut = [
        _edges(column, values, QUARTILES if discretise else ())
        for column, values in zip(schema.columns, sample.T, strict=True)
    ]
    width = max(len(edges) for edges in cut)
    edges = np.array([np.append(e, np.full(width - len(e), np.inf)) for e in cut])
    shape = (len(cut), width + 2)
    counts, low, high, mean = (np.zeros(shape) for _ in range(4))
    spread = np.ones(shape)
    for f, values in enumerate(sample.T):
        known = values[~np.isnan(values)]
        place = np.searchsorted(cut[f], known)
        counts[f, -1] = len(values) - len(known)
        for level in np.unique(place):
            part = known[place == level]
            counts[f, level] = len(part)
            low[f, level] = cut[f][level - 1] if level else known.min()
            high[f, level] = cut[f][level] if level < len(cut[f]) else known.max()
            mean[f, level], spread[f, level] = part.mean(), part.std() or 1.0
            if schema.columns[f].kind == "category":
                low[f, level] = high[f, level]
    low[:, -1] = high[:, -1] = mean[:, -1] = np.nan
    numbers = np.array([column.kind == "number" for column in schema.columns])
    return Levels(
        edges=edges,
        counts=counts,
        low=low,
        high=high,
        mean=mean,
        spread=spread,
        by_value=numbers & (not discretise),
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
    around = levels.holding(case)
    uniform = torch.rand((len(case), count), generator=generator, dtype=torch.float64)
    records, design = np.empty(uniform.shape), np.empty(uniform.shape)
    own, starts, tables = around.of(case), around.start, around.quantiles()
    width = max(1, BLOCK // count)
    for part in (slice(f, f + width) for f in range(0, len(case), width)):
        chosen = _levels_of(uniform[part].numpy(), starts[part])
        design[part] = chosen == own[part, None]
        records[part] = _values(uniform[part], chosen, tables[:, part])
    centre = np.ones(len(case))
    for f in np.flatnonzero(around.by_value):
        mean, spread = around.mean[f, 0], around.spread[f, 0]
        design[f], centre[f] = (records[f] - mean) / spread, (case[f] - mean) / spread
    return Neighbourhood(records=records.T, design=design.T, case=centre)


def _levels_of(uniform: FloatArray, starts: FloatArray) -> npt.NDArray[np.uint8]:
    """(f, n) level that each number falls on, of levels that start at (f, L)."""
    chosen = np.zeros(uniform.shape, dtype=np.uint8)
    for start in starts.T[1:, :, None]:
        chosen += (uniform >= start).view(np.uint8)
    return chosen


def _values(uniform: Tensor, chosen: npt.NDArray[np.uint8], tables: FloatArray) -> FloatArray:
    """(f, n) values of numbers at their levels; tables (6, f, L) as `Levels.quantiles` gives."""
    first = np.arange(len(chosen), dtype=np.int32)[:, None] * tables.shape[2]
    index = torch.from_numpy((first + chosen).ravel())
    places, slopes, mean, spread, low, high = (
        torch.from_numpy(table.ravel()).index_select(0, index).view_as(uniform) for table in tables
    )
    standard = places.addcmul_(slopes, uniform).clamp_(min=LEAST).erfinv_()
    drawn = mean.addcmul_(spread, standard)
    values: FloatArray = drawn.maximum(low).minimum(high).numpy()
    return values


def _edges(column: Column, values: FloatArray, percentiles: tuple[int, ...]) -> FloatArray:
    """Upper bounds of all levels but the last known one: codes, or percentiles of the known."""
    if column.kind == "category":
        return np.arange(len(column.categories) - 1, dtype=np.float64)
    known = values[~np.isnan(values)]
    if known.size == 0 or not percentiles:
        return np.empty(0)
    return np.unique(np.percentile(known, percentiles))
