"""Records around a case for LIME: drawn column by column from the statistics of a sample."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import ndtr, ndtri

from models.case import FloatArray
from models.schema import TableSchema

IntArray: TypeAlias = npt.NDArray[np.int64]
MISSING: Final = -1  # level of a missing value
QUARTILES: Final = (25, 50, 75)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbourhood:
    """Drawn records, and what a surrogate sees of them.

    Attributes:
        records: (n, F) raw values, NaN = missing.
        design: (n, F) 1 where a value is at the case's level and 0 elsewhere, or the standardised
            value of a number.
        case: (F,) the same of the case itself.
    """

    records: FloatArray
    design: FloatArray
    case: FloatArray


def draw_neighbourhood(
    case: FloatArray,
    sample: FloatArray,
    schema: TableSchema,
    *,
    count: int,
    discretise: bool,
    generator: torch.Generator,
) -> Neighbourhood:
    """Draw records, every column independently of the others and of the case.

    Levels are the quartile bins of a number, the categories of a category, and "missing"; they are
    drawn as often as the sample shows them. Within a bin a number follows the normal distribution
    of the bin's records, cut at its edges; undiscretised, that of all known ones, in which what
    lies beyond their range is moved to its end.

    A level of the case that the sample never shows (a missing value where none was missing in
    training) is drawn as often as the others are on average, and then has the case's own value.
    Undiscretised, a number that the case knows is known in every record; one that is missing in
    the case is seen as missing or not.

    Args:
        case: (F,) raw values, NaN = missing.
        sample: (B, F) raw training records.
        schema: The columns.
        count: n.
        discretise: Whether the surrogate sees numbers by their bins.
        generator: CPU generator.

    Reference:
        Ribeiro, Singh & Guestrin, KDD 2016, and LimeTabularExplainer of the authors' package.
        Differs: the package knows no missing values; it draws numbers beyond the sample's range
        (a negative count); where a bin is a single number it draws 0, here that number.
    """
    uniform = torch.rand((2, len(case), count), generator=generator, dtype=torch.float64).numpy()
    coins, places = uniform[0], uniform[1].clip(min=np.finfo(np.float64).tiny)
    records, design = np.empty((count, len(case))), np.empty((count, len(case)))
    centre = np.ones(len(case))
    for f, column in enumerate(schema.columns):
        own, values = float(case[f]), sample[:, f]
        known = values[~np.isnan(values)]
        if column.kind == "category":
            levels = _categories(len(column.categories))
        elif discretise or np.isnan(own):
            levels = _bins(known, QUARTILES if discretise else ())
        else:
            mean, spread = _moments(known, own)
            records[:, f] = _within_range(mean + spread * ndtri(places[f]), known)
            design[:, f], centre[f] = (records[:, f] - mean) / spread, (own - mean) / spread
            continue
        records[:, f], design[:, f] = _draw(levels, own, values, coins[f], places[f])
    return Neighbourhood(records=records, design=design, case=centre)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Levels:
    """What one column is cut into; (L,) each: bounds and moments of the values at a level."""

    edges: FloatArray  # a value's level is how many of them lie below it
    low: FloatArray
    high: FloatArray
    mean: FloatArray
    spread: FloatArray

    def of(self, values: FloatArray) -> IntArray:
        """Level of each value."""
        return np.where(np.isnan(values), MISSING, np.searchsorted(self.edges, values))

    def values(self, levels: IntArray, places: FloatArray) -> FloatArray:
        """A value at each level: the quantile `places` in (0, 1) of its cut normal distribution."""
        below = ndtr((self.low - self.mean) / self.spread)
        inside = ndtr((self.high - self.mean) / self.spread) - below
        standard = ndtri(below[levels] + places * inside[levels])
        drawn = self.mean[levels] + self.spread[levels] * standard
        within = np.clip(drawn, self.low[levels], self.high[levels])
        return np.where(levels == MISSING, np.nan, within)


def _categories(count: int) -> _Levels:
    """Each category is a level of its own."""
    codes = np.arange(count, dtype=np.float64)
    return _Levels(edges=codes, low=codes, high=codes, mean=codes, spread=np.ones(count))


def _bins(known: FloatArray, percentiles: tuple[int, ...]) -> _Levels:
    """Bins between percentiles of the known values; a bin without values has NaN moments."""
    if known.size == 0:
        known, percentiles = np.array([np.nan]), ()
    edges = np.unique(np.percentile(known, percentiles)) if percentiles else np.empty(0)
    place = np.searchsorted(edges, known)
    parts = [known[place == b] for b in range(len(edges) + 1)]
    return _Levels(
        edges=edges,
        low=np.array([known.min(), *edges]),
        high=np.array([*edges, known.max()]),
        mean=np.array([part.mean() if part.size else np.nan for part in parts]),
        spread=np.array([part.std() or 1.0 if part.size else np.nan for part in parts]),
    )


def _moments(known: FloatArray, own: float) -> tuple[float, float]:
    """Mean and standard deviation of the known values, 1 where they do not differ."""
    if known.size == 0:
        return own, 1.0
    return float(known.mean()), float(known.std()) or 1.0


def _within_range(drawn: FloatArray, known: FloatArray) -> FloatArray:
    """Drawn values moved into the range of the known ones: a count may not be negative."""
    return np.clip(drawn, known.min(), known.max()) if known.size else drawn


def _draw(
    levels: _Levels, own: float, values: FloatArray, coins: FloatArray, places: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Values (n,) of one column, and whether each is at the level of the case's own value."""
    names, counts = np.unique(levels.of(values), return_counts=True)
    mine = levels.of(np.array([own]))[0]
    unseen = mine not in names
    if unseen:
        names, counts = np.append(names, mine), np.append(counts, counts.mean())
    upto = counts.cumsum() / counts.sum()
    chosen = names[np.searchsorted(upto[:-1], coins, side="right")]
    same = chosen == mine
    drawn = levels.values(chosen, places)
    return np.where(same & unseen, own, drawn), same.astype(np.float64)
