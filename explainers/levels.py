"""What the columns of a sample are cut into: quartile bins, categories, and "missing"."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from models.case import FloatArray
from models.schema import Column, TableSchema

QUARTILES: Final = (25, 50, 75)


@dataclass(frozen=True, slots=True, weakref_slot=True, kw_only=True, eq=False)
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
        below: npt.NDArray[np.int64] = np.add.reduce(self.edges < case[:, None], axis=1)
        below[np.isnan(case)] = self.counts.shape[1] - 1
        return below

    def holding(self, case: FloatArray, own: npt.NDArray[np.int64]) -> "Levels":
        """The levels a neighbourhood of a record (F,) at levels `own` (F,) is drawn from.

        Of a column that is seen by value only known numbers are drawn. A level of the case that the
        sample never shows has the case's own value, and comes as often as the others on average.
        """
        columns = np.arange(len(case))
        often = self.counts[columns, own]
        if often.all() and not self.by_value.any():
            return self
        unseen = often == 0
        plain = self.by_value & ~np.isnan(case)
        counts, low, high, mean = (
            part.copy() for part in (self.counts, self.low, self.high, self.mean)
        )
        at = (columns[unseen], own[unseen])
        others = counts[unseen]
        counts[at] = others.sum(axis=1) / (others > 0).sum(axis=1)
        low[at] = high[at] = mean[at] = case[unseen]
        counts[plain, -1] = 0
        low[plain & unseen], high[plain & unseen] = -np.inf, np.inf
        return replace(self, counts=counts, low=low, high=high, mean=mean, by_value=plain)


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
            if part.min() == part.max():  # a category, or a bin of one number: never another
                low[f, level] = high[f, level] = mean[f, level] = part[0]
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


def _edges(column: Column, values: FloatArray, percentiles: tuple[int, ...]) -> FloatArray:
    """Upper bounds of all levels but the last known one: codes, or percentiles of the known."""
    if column.kind == "category":
        return np.arange(len(column.categories) - 1, dtype=np.float64)
    known = values[~np.isnan(values)]
    if known.size == 0 or not percentiles:
        return np.empty(0)
    return np.unique(np.percentile(known, percentiles))
