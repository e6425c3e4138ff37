"""What a metric's number is worth: what chance gives, and what noise allows. numpy only.

Floor: the mean over all ways to hand one method's values to other players, signs included. Band:
what 95 % of those ways stay at or below. Ceiling: what two noisy runs of the same meaning reach.
All three are exact or drawn with a fixed internal seed: the same input gives the same numbers.
"""

import math
from itertools import combinations_with_replacement
from typing import Final

import numpy as np
import numpy.typing as npt

from explainers.metrics import (
    METRICS,
    BoolArray,
    MetricId,
    Ranking,
    agree,
    overlap,
    rank,
    valid_pairs,
)
from models.case import FloatArray

LEVEL = 0.95
N_PERMUTATIONS = 500
N_RERUNS = 64
TOP_METRICS: Final[tuple[MetricId, ...]] = METRICS[:4]
NORMAL_95 = 1.6448536269514722  # 95 % quantile of the standard normal


def floors_and_bands(
    ranking: Ranking,
) -> tuple[dict[MetricId, FloatArray], dict[MetricId, FloatArray]]:
    """Chance floor and 95 % chance band of every pair: metric -> (M, M), NaN where undefined.

    The four top-k metrics are sums over players of a table c(i, pi(i)): their mean is exact
    (sum of c over P), their band comes from `N_PERMUTATIONS` permutations. Rank correlation has
    mean 0 and variance 1 / (P - 1), pairwise rank agreement mean 1/2, whatever the ties; their
    bands use the normal limit with the exact variance (Kendall, Rank Correlation Methods, 1970,
    ch. 4-5).
    """
    n_methods, n_players = ranking.first.shape
    floors = {name: np.full((n_methods, n_methods), np.nan) for name in METRICS}
    bands = {name: np.full((n_methods, n_methods), np.nan) for name in METRICS}
    permutations = _permutations(n_players)
    tops = [_top_only(ranking, m) for m in range(n_methods)]
    ties = [_tie_sizes(ranking, m) for m in range(n_methods)]
    for i, j in combinations_with_replacement(range(n_methods), 2):
        floor, band = _chance_of_top(tops[i], tops[j], permutations)
        floor |= {"rank_correlation": 0.0, "pairwise_rank_agreement": 0.5}
        band["rank_correlation"] = min(1.0, NORMAL_95 / math.sqrt(max(n_players - 1, 1)))
        tau = NORMAL_95 * _tau_spread(n_players, ties[i], ties[j])
        band["pairwise_rank_agreement"] = min(1.0, (1 + tau) / 2)
        for name in METRICS:
            floors[name][i, j] = floors[name][j, i] = floor[name]
            bands[name][i, j] = bands[name][j, i] = band[name]
    for name in METRICS:
        undefined = ~valid_pairs(name, ranking)
        floors[name][undefined] = bands[name][undefined] = np.nan
    return floors, bands


def ceilings(
    values: FloatArray,
    errors: FloatArray,
    signed: BoolArray,
    k: int,
    floors: dict[MetricId, FloatArray],
) -> dict[MetricId, FloatArray]:
    """Noise ceiling of every pair: metric -> (M, M), NaN where undefined.

    Diagonal: what a method reaches against a re-run of itself; 1 without errors. Off the diagonal:
    what two methods of the same meaning but these error bars would reach, by the attenuation
    formula beyond chance, f + (1 - f) sqrt(r_a r_b) with r = (self - floor) / (1 - floor)
    (Spearman 1904).

    Args:
        values: (M, P).
        errors: (M, P) standard errors in the units of `values`.
        signed: (M,).
        k: Size of the top.
        floors: Chance floors of the same values.
    """
    selves = _reruns(values, errors, signed, k)
    found: dict[MetricId, FloatArray] = {}
    for name in METRICS:
        chance = np.diagonal(floors[name])
        room = np.where(chance < 1, 1 - chance, 1.0)
        reliable = np.sqrt(np.clip((selves[name] - chance) / room, 0.0, 1.0))
        ceiling = floors[name] + (1 - floors[name]) * np.outer(reliable, reliable)
        np.fill_diagonal(ceiling, np.where(np.isnan(chance), np.nan, selves[name]))
        found[name] = ceiling
    return found


def _permutations(n_players: int) -> npt.NDArray[np.intp]:
    """(R, P) fixed random permutations."""
    rng = np.random.default_rng(0)
    return rng.permuted(np.tile(np.arange(n_players), (N_PERMUTATIONS, 1)), axis=1)


def _chance_of_top(
    a: Ranking, b: Ranking, permutations: npt.NDArray[np.intp]
) -> tuple[dict[MetricId, float], dict[MetricId, float]]:
    """Floor and band of the four top-k metrics of two tops, see `_top_only`."""
    n_players = permutations.shape[1]
    tables = _tables(a, b)  # (n_a, n_b, 4)
    n_a, n_b = tables.shape[:2]
    size = max(float(a.top.sum()), float(b.top.sum()), 1.0)
    means = tables.sum(axis=(0, 1)) / (n_players * size)
    # Number b's players so that its top comes first: under random permutations nothing changes.
    wide = np.zeros((n_a, n_players, len(TOP_METRICS)))
    wide[:, :n_b] = tables
    drawn = wide[np.arange(n_a), permutations[:, :n_a]].sum(axis=1) / size  # (R, 4)
    place = math.ceil(LEVEL * len(drawn)) - 1
    quantiles = np.partition(drawn, place, axis=0)[place]
    return (
        dict(zip(TOP_METRICS, means.tolist(), strict=True)),
        dict(zip(TOP_METRICS, quantiles.tolist(), strict=True)),
    )


def _tables(a: Ranking, b: Ranking) -> FloatArray:
    """(n_a, n_b, 4): what a's player i adds to each top-k metric when it meets b's player j."""
    n_a, n_b = a.first.size, b.first.size
    left = a.take(np.repeat(np.arange(n_a), n_b))
    right = b.take(np.tile(np.arange(n_b), n_a))
    shared, placed = np.minimum(left.top, right.top), overlap(left, right)
    same_sign = left.signs * right.signs > 0
    stacked = np.stack([shared, placed, shared * same_sign, placed * same_sign], axis=-1)
    return stacked.reshape(n_a, n_b, 4)


def _top_only(ranking: Ranking, method: int) -> Ranking:
    """The players of one attribution's top as a Ranking of shape (n_top,) without order."""
    inside = ranking.top[method] > 0
    count = int(inside.sum())
    return Ranking(
        first=ranking.first[method][inside],
        last=ranking.last[method][inside],
        top=ranking.top[method][inside],
        last_top=ranking.last_top[method][inside],
        signs=ranking.signs[method][inside],
        order=np.zeros((count, 0), dtype=np.float32),
        signed=np.full(count, ranking.signed[method]),
        defined=np.full(count, ranking.defined[method]),
    )


def _tie_sizes(ranking: Ranking, method: int) -> FloatArray:
    """Sizes of one attribution's tie groups."""
    return np.unique(ranking.first[method], return_counts=True)[1].astype(np.float64)


def _tau_spread(n: int, *ties: FloatArray) -> float:
    """Standard deviation of tau-b over all permutations of n players with two sets of ties.

    Reference:
        Kendall, Rank Correlation Methods, 1970, chapter 4.
    """
    if n < 3:
        return 1.0
    paired = [float((t * (t - 1)).sum()) for t in ties]
    triple = [float((t * (t - 1) * (t - 2)).sum()) for t in ties]
    fives = sum(float((t * (t - 1) * (2 * t + 5)).sum()) for t in ties)
    variance = (
        (n * (n - 1) * (2 * n + 5) - fives) / 18
        + math.prod(triple) / (9 * n * (n - 1) * (n - 2))
        + math.prod(paired) / (2 * n * (n - 1))
    )
    scale = math.prod((n * (n - 1) - p) / 2 for p in paired)
    return math.sqrt(variance / scale) if scale > 0 else 1.0


def _reruns(
    values: FloatArray, errors: FloatArray, signed: BoolArray, k: int
) -> dict[MetricId, FloatArray]:
    """(M,) mean of each metric between two re-runs of each method; 1 for deterministic ones."""
    selves = {name: np.ones(len(values)) for name in METRICS}
    normals = np.random.default_rng(1).standard_normal((3, N_RERUNS, values.shape[1]))
    for m in np.flatnonzero((errors > 0).any(axis=1)):
        truths = _plausible_truths(values[m], errors[m], normals[0])
        flags = np.full(N_RERUNS, signed[m])
        one, two = (rank(truths + errors[m] * noise, flags, k) for noise in normals[1:])
        for name, drawn in agree(one, two).items():
            selves[name][m] = drawn.mean()
    return selves


def _plausible_truths(values: FloatArray, errors: FloatArray, normals: FloatArray) -> FloatArray:
    """(R, P) draws of what the values would be without noise, given the noisy ones.

    Observed values spread more than the truth by just the noise; re-running around them as they are
    would call pure noise repeatable. Normal prior, its variance by moments (empirical Bayes).
    """
    centre = values.mean()
    spread = max(float(values.var() - (errors**2).mean()), 0.0)
    kept = spread / np.maximum(spread + errors**2, np.finfo(np.float64).tiny)
    kept = np.where(errors > 0, kept, 1.0)
    return np.asarray(centre + kept * (values - centre) + np.sqrt(kept) * errors * normals)
