"""What chance alone would give: floor and band of every metric. numpy only.

Floor: the mean over all ways to hand one method's values to other players, signs included. Band:
what 95 % of those ways stay at or below. Exact, or drawn with a fixed internal seed: the same input
gives the same numbers.
"""

import math
from itertools import combinations_with_replacement
from typing import Final

import numpy as np
import numpy.typing as npt

from explainers.metrics import (
    METRICS,
    MetricId,
    Ranking,
    overlap,
    valid_pairs,
)
from models.case import FloatArray

LEVEL = 0.95
N_PERMUTATIONS = 500
TOP_METRICS: Final[tuple[MetricId, ...]] = METRICS[:4]
NORMAL_95 = 1.6448536269514722  # 95 % quantile of the standard normal


def floors_and_bands(
    ranking: Ranking,
) -> tuple[dict[MetricId, FloatArray], dict[MetricId, FloatArray]]:
    """Chance floor and 95 % chance band of every pair: metric -> (M, M), NaN where undefined.

    The four top-k metrics are sums over players of a table c(i, pi(i)): their mean is exact
    (sum of c over P), their band comes from `N_PERMUTATIONS` permutations. Rank correlation has
    mean 0 and variance 1 / (P - 1), pairwise rank agreement mean 1/2, whatever the ties; their
    bands use the normal limit with the exact variance (Kendall, Rank Correlation Methods, 1970).
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
        Kendall, Rank Correlation Methods, 1970.
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
