"""Records around a case for LIME: drawn column by column from the statistics of a sample."""

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from explainers.block_regression import BLOCKS, Columns, block_sizes
from explainers.levels import Levels
from explainers.points import POINTS, Points, points_around
from models.case import FloatArray

NET: Final = 4  # records a column in each part from which on nets are better than random records


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbourhood:
    """Drawn records, and what a surrogate sees of them.

    Attributes:
        points: What each of F columns can be drawn as.
        places: (F, n) which of them each was drawn as.
        own: (F,) level of the case.
        share_of_own: (F,) probability of that level.
        whole: (1 + n, F) whether a value is at the case's level, the case itself first; where a
            surrogate sees numbers by value, float64: 1 or 0, or the standardised value. Columns lie
            together in memory.
    """

    points: Points
    places: npt.NDArray[np.uint16]
    own: npt.NDArray[np.int64]
    share_of_own: FloatArray
    whole: Columns

    @property
    def design(self) -> Columns:
        """(n, F) `whole` without the case."""
        return self.whole[1:]

    @property
    def case(self) -> Columns:
        """(F,) of the case itself."""
        case: Columns = self.whole[0]
        return case

    @property
    def records(self) -> FloatArray:
        """(n, F) raw values, NaN = missing; columns lie together."""
        found = np.empty(self.places.shape)
        for values, places, into in zip(self.points.values, self.places, found, strict=True):
            values.take(places, out=into, mode="clip")  # "raise" would take a copy
        return found.T


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
    points = points_around(levels, around)
    places = draw_points(generator, (len(case), count))
    first, end = (points.firsts[np.arange(len(case)), own + more, None] for more in (0, 1))
    seen = np.ones((len(case), 1 + count), dtype=np.bool_)
    # Below the first, 16 bits wrap around to more than any.
    np.less(places - first, end - first, out=seen[:, 1:])
    share = (end - first)[:, 0] / POINTS
    drawn = partial(Neighbourhood, points=points, places=places, own=own, share_of_own=share)
    if not around.by_value.any():
        return drawn(whole=seen.T)
    values = seen.astype(np.float64)
    for f in np.flatnonzero(around.by_value):
        mean, spread = around.mean[f, 0], around.spread[f, 0]
        values[f, 0] = (case[f] - mean) / spread
        values[f, 1:] = (points.values[f][places[f]] - mean) / spread
    return drawn(whole=values.T)


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
    chance = torch.rand(2, n_columns, BLOCKS, generator=generator).numpy()
    order = chance[0].argsort(axis=0)  # of the columns, in each part
    shifts = (chance[1] * POINTS).astype(np.uint16)
    parts: npt.NDArray[np.uint16] = net.take(order, axis=0)  # (F, BLOCKS, size)
    np.bitwise_xor(parts, shifts[:, :, None], out=parts)
    if min(sizes) == max(sizes):
        return parts.reshape(shape)
    return parts[:, np.arange(max(sizes)) < np.array(sizes)[:, None]]


@lru_cache(maxsize=8)
def _net(n_columns: int, count: int) -> npt.NDArray[np.uint16]:
    """(F, n) the first points of Sobol's sequence, with its digits mixed once and for all."""
    engine = torch.quasirandom.SobolEngine(n_columns, scramble=True, seed=0)  # type: ignore[no-untyped-call]  # torch says no types here
    points = (engine.draw(count, dtype=torch.float64).T * POINTS).clamp_max(POINTS - 1)
    found = points.numpy().astype(np.uint16, order="C")  # columns lie together
    found.setflags(write=False)
    return found
