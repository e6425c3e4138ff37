"""Noise ceilings: how alike two runs of the same meaning are, given error bars. numpy only.

Drawn with a fixed internal seed: the same input gives the same numbers.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from explainers.metrics import (
    LOWEST,
    METRICS,
    BoolArray,
    MetricId,
    Ranking,
    agree,
    rank,
    valid_pairs,
)
from models.case import FloatArray

# Pairs of runs a ceiling is averaged over; fewer where many players make each tell more.
MOST_RUNS, LEAST_RUNS, ORDERS = 32, 8, 100_000
N_SCALES: Final = 12  # octaves below the largest value: down to 1 / 2000 of it
N_STEPS: Final = 40
AT_ONCE: Final = 4_000_000  # pairs of players compared at a time, 4 MB
MIDDLE: Final = 1.645  # standard deviations: nine in ten pairs of runs lie within


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ceiling:
    """What pairs of runs that mean the same reach in one metric; (M, M) each, NaN where undefined.

    Diagonal: a method against a re-run of itself. Off the diagonal: if one of the pair meant
    exactly what the other means, whichever way reaches more.

    Attributes:
        mean: The mean over pairs of runs; 1 where neither has error bars.
        low: About one pair in twenty lies below.
        high: About one pair in twenty lies above.
    """

    mean: FloatArray
    low: FloatArray
    high: FloatArray


def ceilings(
    values: FloatArray, errors: FloatArray, signed: BoolArray, k: int
) -> dict[MetricId, Ceiling]:
    """Noise ceiling of every pair, by metric.

    Args:
        values: (M, P).
        errors: (M, P) standard errors in the units of `values`, 0 where deterministic.
        signed: (M,).
        k: Size of the top.
    """
    n_methods, n_players = values.shape
    n_runs = int(np.clip(ORDERS / n_players**2, LEAST_RUNS, MOST_RUNS))
    rng = np.random.default_rng(0)
    truths = plausible_truths(values, errors, n_runs, rng)
    # One unit for all methods: shares of the evidence that is not noise.
    unit = np.abs(truths).sum(axis=2).mean(axis=1)
    unit = np.where(unit > 0, unit, 1.0)
    truths, bars = truths / unit[:, None, None], errors / unit[:, None]
    one, two = rng.standard_normal((2, n_runs, n_players))
    runs = _ranked(truths + bars[:, None] * one, signed, k)  # M * R attributions, R of each method
    reached = {name: np.full((2, n_methods, n_methods), np.nan) for name in METRICS}
    at_once = max(1, AT_ONCE // (n_runs * n_players**2))
    for meaning, start in product(range(n_methods), range(0, n_methods, at_once)):
        others = np.arange(start, min(start + at_once, n_methods))
        again = _ranked(truths[meaning] + bars[others, None] * two, signed[others], k)
        first = runs.take(np.tile(meaning * n_runs + np.arange(n_runs), len(others)))
        for name, drawn in agree(first, again).items():
            by_pair = drawn.reshape(-1, n_runs)
            reached[name][:, meaning, others] = by_pair.mean(axis=1), by_pair.std(axis=1, ddof=1)
    observed = rank(values, signed, k)
    return {
        name: _ceiling(mean, spread, valid_pairs(name, observed), LOWEST.get(name, 0.0))
        for name, (mean, spread) in reached.items()
    }


def _ceiling(mean: FloatArray, spread: FloatArray, valid: BoolArray, lowest: float) -> Ceiling:
    """Of two ways to mean the same the one that reaches more, with its spread over runs.

    So few runs tell a spread better than a quantile.
    """
    mean, spread = (
        np.where(valid, np.where(mean >= mean.T, found, found.T), np.nan)
        for found in (mean, spread)
    )
    return Ceiling(
        mean=mean,
        low=np.maximum(mean - MIDDLE * spread, lowest),
        high=np.minimum(mean + MIDDLE * spread, 1.0),
    )


def _ranked(values: FloatArray, signed: BoolArray, k: int) -> Ranking:
    """Rank the re-runs (M, R, P) of every method, one after the other: M * R attributions."""
    n_runs, n_players = values.shape[1:]
    return rank(values.reshape(-1, n_players), signed.repeat(n_runs), k)


def plausible_truths(
    values: FloatArray, errors: FloatArray, n_runs: int, rng: np.random.Generator
) -> FloatArray:
    """Draw what the values would be without noise, given the noisy ones -> (M, R, P).

    Observed values spread more than the truth by just the noise, so re-running around them as they
    are would call pure noise repeatable. The prior is a mixture of normals of all scales, zero
    included, around the median; its weights are learnt from the values themselves.

    Reference:
        Stephens, "False discovery rates: a new deal", Biostatistics 2017. Differs:
        the mode is the median instead of 0, for methods whose values are all positive.
    """
    centre = np.median(values, axis=1, keepdims=True)
    offsets = values - centre
    largest = np.abs(offsets).max(axis=1, keepdims=True)
    noise = np.maximum(errors**2, (1e-9 * largest) ** 2 + np.finfo(np.float64).tiny)
    octaves = np.append(0.0, 2.0 ** (1.0 - np.arange(N_SCALES))) ** 2
    scales = largest**2 * octaves  # (M, G)
    belongs = _memberships(offsets, noise, scales)  # (M, P, G)
    cut = rng.random((n_runs, 1, values.shape[1], 1))
    drawn = (cut > belongs.cumsum(axis=2)).sum(axis=3).clip(max=N_SCALES)  # (R, M, P)
    spread = np.take_along_axis(scales[None], drawn.reshape(n_runs, len(values), -1), axis=2)
    kept = spread / (spread + noise)
    jitter = np.sqrt(kept * noise) * rng.standard_normal((n_runs, 1, values.shape[1]))
    drawn_values = (centre + kept * offsets + jitter).transpose(1, 0, 2)
    return np.where(errors[:, None] > 0, drawn_values, values[:, None])


def _memberships(offsets: FloatArray, noise: FloatArray, scales: FloatArray) -> FloatArray:
    """(M, P, G) probability that each value came from each scale, weights fitted by EM."""
    variance = noise[:, :, None] + scales[:, None]
    log = -0.5 * (offsets[:, :, None] ** 2 / variance + np.log(variance))
    likelihood = np.exp(log - log.max(axis=2, keepdims=True))
    weights = np.full((len(scales), 1, scales.shape[1]), 1 / scales.shape[1])
    for _ in range(N_STEPS):
        joint = likelihood * weights
        joint /= joint.sum(axis=2, keepdims=True)
        weights = joint.mean(axis=1, keepdims=True)
    return np.asarray(joint)
