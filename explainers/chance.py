"""What chance alone would give: floor and band of every metric. numpy and scipy only.

Floor: the mean over all ways to hand one method's values to other players, signs included. Band:
what 95 % of those ways stay at or below. Exact, or drawn with a fixed internal seed: the same input
gives the same numbers.
"""

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from explainers.metrics import METRICS, MetricId, Ranking, valid_pairs
from models.case import FloatArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

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
    tops = _Tops.of(ranking)
    hits = _hits(n_players, tops.top.shape[1])
    ties = [_tie_sizes(ranking, m) for m in range(n_methods)]
    for i in range(n_methods):  # row by row: all pairs at once would hold M^2 P^2 numbers
        others = slice(i, n_methods)
        means, quantiles = _chance_of_top(tops, i, others, hits, n_players)
        for t, name in enumerate(TOP_METRICS):
            floors[name][i, others], bands[name][i, others] = means[:, t], quantiles[:, t]
        tau = [NORMAL_95 * _tau_spread(n_players, ties[i], sizes) for sizes in ties[others]]
        bands["pairwise_rank_agreement"][i, others] = np.minimum(1.0, (1 + np.array(tau)) / 2)
    floors["rank_correlation"][:], floors["pairwise_rank_agreement"][:] = 0.0, 0.5
    bands["rank_correlation"][:] = min(1.0, NORMAL_95 / math.sqrt(max(n_players - 1, 1)))
    for name in METRICS:
        undefined = ~valid_pairs(name, ranking)
        for found in (floors[name], bands[name]):
            found[:] = np.triu(found) + np.triu(found, 1).T
            found[undefined] = np.nan
    return floors, bands


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tops:
    """The tops of M attributions, (M, K) each: a place for each player of the widest top.

    Places that a top does not fill have `top` 0 and a tie group without places.
    """

    first: FloatArray
    last: FloatArray
    top: FloatArray
    last_top: FloatArray
    signs: FloatArray

    @classmethod
    def of(cls, ranking: Ranking) -> Self:
        """Cut every attribution down to its top, in no particular order."""
        widest = max(int((ranking.top > 0).sum(axis=1).max()), 1)
        index = np.argsort(ranking.top <= 0, axis=1, kind="stable")[:, :widest]
        columns = {f.name: getattr(ranking, f.name) for f in fields(cls)}
        cut = {name: np.take_along_axis(c, index, axis=1) for name, c in columns.items()}
        cut["last_top"] = np.where(cut["top"] > 0, cut["last_top"], 0.0)
        return cls(**cut)


def _hits(n_players: int, widest: int) -> "csr_array":
    """(R, K * K) which of the first K players meet which others under fixed random permutations.

    Sparse: few of K players meet another top. Number b's players so that its top comes first:
    under random permutations nothing changes.
    """
    from scipy.sparse import csr_array  # takes long to import: not for a page without a report

    rng = np.random.default_rng(0)
    drawn = rng.permuted(np.tile(np.arange(n_players), (N_PERMUTATIONS, 1)), axis=1)[:, :widest]
    row, one = np.nonzero(drawn < widest)
    columns = one * widest + drawn[row, one]
    ends = np.append(0, np.bincount(row, minlength=N_PERMUTATIONS).cumsum())
    return csr_array((np.ones(len(row)), columns, ends), shape=(N_PERMUTATIONS, widest * widest))


def _chance_of_top(
    tops: _Tops, one: int, others: slice, hits: "csr_array", n_players: int
) -> tuple[FloatArray, FloatArray]:
    """Floor and band (B, 4) of the top-k metrics of one attribution with `others`."""
    tables = _tables(tops, one, others)  # (K, K, B, 4)
    sizes = tops.top.sum(axis=1)
    size = np.maximum(np.maximum(sizes[one], sizes[others]), 1.0)[:, None]
    drawn = hits @ tables.reshape(hits.shape[1], -1)  # (R, B * 4)
    place = math.ceil(LEVEL * len(drawn)) - 1
    quantiles = np.partition(drawn, place, axis=0)[place].reshape(-1, len(TOP_METRICS))
    return tables.sum(axis=(0, 1)) / (n_players * size), quantiles / size


def _tables(tops: _Tops, one: int, others: slice) -> FloatArray:
    """(K, K, B, 4): what player i of one top adds to each metric when it meets another's j."""
    first, last, top, last_top, signs = (
        (getattr(tops, f.name)[one][:, None, None], getattr(tops, f.name)[others].T[None])
        for f in fields(tops)
    )
    shared = np.minimum(*top)
    places = np.maximum(np.minimum(*last_top) - np.maximum(*first) + 1, 0.0)
    placed = places / (np.maximum(last[0] - first[0], last[1] - first[1]) + 1)
    same_sign = signs[0] * signs[1] > 0
    return np.stack([shared, placed, shared * same_sign, placed * same_sign], axis=-1)


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
