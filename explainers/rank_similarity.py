"""Spearman correlation of many maps at once, and a bootstrap over cases and draws. numpy only."""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from models.case import FloatArray

Interval: TypeAlias = tuple[float, float]
DIGITS: Final = 6  # models compute in float32: closer than a millionth of the largest is equal
N_BOOTSTRAP: Final = 2000
LEVEL: Final = 0.95


def unit_ranks(sizes: FloatArray) -> FloatArray:
    """Average ranks of each row, centred and of unit length: their products are correlations.

    Args:
        sizes: (n, E), not negative.

    Returns:
        (n, E); NaN in rows that rank nothing: all equal, or not finite.
    """
    return np.stack([_unit_ranks(row) for row in sizes])


def _unit_ranks(row: FloatArray) -> FloatArray:
    """One row of `unit_ranks`."""
    largest = row.max()
    if not np.isfinite(row).all() or largest <= row.min():
        return np.full_like(row, np.nan)
    rounded = np.round(row / largest, DIGITS)
    _, inverse, counts = np.unique(rounded, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    centred = ranks - ranks.mean()
    length = float(np.linalg.norm(centred))
    return centred / length if length > 0 else np.full_like(row, np.nan)


def mean_of(values: FloatArray, axis: tuple[int, ...] | None = None) -> FloatArray:
    """Mean over the defined values; NaN where there is none."""
    defined = np.isfinite(values)
    count = defined.sum(axis=axis)
    total = np.where(defined, values, 0.0).sum(axis=axis)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def resampled(
    n_cases: int, n_draws: int, *, seed: int = 0
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Indices (B, C, 1) and (B, 1, K) of a bootstrap over cases and draws at once.

    Both are resampled, as another set of films and other random weights would give other numbers.
    This overstates the variance a little (Owen, Annals of Applied Statistics 2007).
    """
    rng = np.random.default_rng(seed)
    cases = rng.integers(n_cases, size=(N_BOOTSTRAP, n_cases, 1))
    draws = rng.integers(n_draws, size=(N_BOOTSTRAP, 1, n_draws))
    return cases, draws


def interval_of(draws: FloatArray) -> Interval:
    """The middle 95 % of bootstrap draws; NaN where more than 5 % of them are undefined."""
    defined = draws[np.isfinite(draws)]
    if len(defined) < LEVEL * len(draws):
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
