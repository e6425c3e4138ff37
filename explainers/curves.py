"""How the metrics and their chance floors move with k, the size of the top. numpy only.

Every k at once, in closed form: nothing is drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from explainers.metrics import METRICS, BoolArray, MetricId, Ranking, agree, rank, valid_pairs
from models.case import FloatArray

# They look at all players: the same at every k.
ORDER_METRICS: Final[tuple[MetricId, ...]] = ("rank_correlation", "pairwise_rank_agreement")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curves:
    """Metrics of every pair of M methods at k = 1 .. P; row k - 1 belongs to k.

    Attributes:
        metrics: metric -> (P, M, M), NaN where undefined; `ORDER_METRICS` do not move.
        chance_floor: metric -> (P, M, M), the mean over all ways to hand the values to others.
    """

    metrics: Mapping[MetricId, FloatArray]
    chance_floor: Mapping[MetricId, FloatArray]


def curves(shares: FloatArray, signed: BoolArray) -> Curves:
    """Compute every metric and floor at every k.

    At k = `Agreement.k` they equal the agreement's own.

    Args:
        shares: (M, P), or any values; NaN rows are undefined.
        signed: (M,).
    """
    n_methods, n_players = shares.shape
    ranking = rank(shares, signed, n_players)
    shape = (n_players, n_methods, n_methods)
    found: dict[MetricId, FloatArray] = {name: np.empty(shape) for name in METRICS}
    floors: dict[MetricId, FloatArray] = {name: np.empty(shape) for name in METRICS}
    top = _tops(ranking)
    places = _Places.of(ranking)
    for one in range(n_methods):  # row by row: all pairs at once would hold M^2 P^2 numbers
        for name, value in _overlaps(ranking, top, one).items():
            found[name][:, one] = value
        for name, value in _floors(ranking, top, places, one).items():
            floors[name][:, one] = value
        orders = agree(ranking.take(np.full(n_methods, one)), ranking)
        for name in ORDER_METRICS:
            found[name][:, one] = orders[name]
    floors["rank_correlation"][:], floors["pairwise_rank_agreement"][:] = 0.0, 0.5
    for name in METRICS:
        for curve in (found[name], floors[name]):
            curve[:, ~valid_pairs(name, ranking)] = np.nan
    return Curves(metrics=found, chance_floor=floors)


def _tops(ranking: Ranking) -> FloatArray:
    """(K, M, P) part of each player that is among the top k, k = 1 .. P; see `Ranking.top`."""
    ks = np.arange(1.0, ranking.first.shape[1] + 1)[:, None, None]
    width = ranking.last - ranking.first + 1
    inside = np.clip(ks - ranking.first + 1, 0.0, width) / width
    return np.asarray(np.where(ranking.last_top > 0, inside, 0.0))


def _sizes(ranking: Ranking, one: int) -> FloatArray:
    """(K, M) the larger of both tops, at least 1."""
    ks = np.arange(1.0, ranking.first.shape[1] + 1)[:, None]
    filled = np.minimum(ks, (ranking.last_top > 0).sum(axis=1))
    return np.asarray(np.maximum(np.maximum(filled, filled[:, [one]]), 1.0))


def _overlaps(ranking: Ranking, top: FloatArray, one: int) -> dict[MetricId, FloatArray]:
    """The four top-k metrics (K, M) of one method with every method."""
    same_sign = ranking.signs[one] * ranking.signs > 0
    shared = np.minimum(top[:, [one]], top)  # (K, M, P)
    present = (ranking.last_top[one] > 0) & (ranking.last_top > 0)
    start = np.maximum(ranking.first[one], ranking.first)
    end = np.minimum(ranking.last[one], ranking.last)
    width = np.maximum(ranking.last - ranking.first, ranking.last[one] - ranking.first[one]) + 1
    part = np.where(present & (end >= start), 1 / width, 0.0)
    size = _sizes(ranking, one)
    return {
        "feature_agreement": shared.sum(axis=2) / size,
        "rank_agreement": _by_place(start, end, part) / size,
        "sign_agreement": np.einsum("kmp,mp->km", shared, same_sign.astype(np.float64)) / size,
        "signed_rank_agreement": _by_place(start, end, part * same_sign) / size,
    }


def _by_place(start: FloatArray, end: FloatArray, part: FloatArray) -> FloatArray:
    """(K, M): every player adds `part` at each place from start to end; summed up to place k."""
    n_methods, n_players = part.shape
    steps = np.zeros((n_methods, n_players + 2))
    rows = np.arange(n_methods)[:, None]
    inside = np.where(part > 0, end, start)  # `end` may lie before `start` where nothing is added
    np.add.at(steps, (rows, start.astype(np.intp)), part)
    np.add.at(steps, (rows, inside.astype(np.intp) + 1), -part)
    return np.asarray(steps.cumsum(axis=1)[:, 1:-1].cumsum(axis=1).T)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Places:
    """(M, P) each, by place: the tie group at that place, zeros nowhere.

    Attributes:
        width: How many players share the place.
        pro: How many of them are positive.
        contra: How many are negative.
    """

    width: FloatArray
    pro: FloatArray
    contra: FloatArray

    @classmethod
    def of(cls, ranking: Ranking) -> "_Places":
        """Sort players by place."""
        index = np.argsort(ranking.first, axis=1, kind="stable")
        first, last, signs, last_top = (
            np.take_along_axis(column, index, axis=1)
            for column in (ranking.first, ranking.last, ranking.signs, ranking.last_top)
        )
        before, upto = first.astype(np.intp) - 1, last.astype(np.intp)
        edge = np.zeros((len(first), 1))

        def in_group(counted: BoolArray) -> FloatArray:
            running = np.concatenate([edge, counted.cumsum(axis=1)], axis=1)
            upper = np.take_along_axis(running, upto, axis=1)
            return np.asarray(upper - np.take_along_axis(running, before, axis=1))

        width = np.where(last_top > 0, last - first + 1, 0.0)
        return cls(width=width, pro=in_group(signs > 0), contra=in_group(signs < 0))


def _floors(
    ranking: Ranking, top: FloatArray, places: _Places, one: int
) -> dict[MetricId, FloatArray]:
    """Means (K, M) of the four top-k metrics over all permutations of players.

    Each metric is a sum over players of c(i, pi(i)), so its mean is the sum of c over P. Summed by
    tie groups: inside a top every player counts whole, at its border all count the same part.
    """
    scale = ranking.first.shape[1] * _sizes(ranking, one)
    pro, contra = ranking.signs > 0, ranking.signs < 0
    width = np.maximum(places.width[one], places.width)
    meeting = places.pro[one] * places.pro + places.contra[one] * places.contra
    same = np.where(np.minimum(places.width[one], places.width) > 0, meeting, 0.0)
    placed = np.minimum(places.width[one], places.width)
    signed = _pairs_of(top, pro, one) + _pairs_of(top, contra, one)
    return {
        "feature_agreement": _pairs_of(top, np.ones_like(pro), one) / scale,
        "rank_agreement": placed.cumsum(axis=1).T / scale,
        "sign_agreement": signed / scale,
        "signed_rank_agreement": (same / np.maximum(width, 1.0)).cumsum(axis=1).T / scale,
    }


def _pairs_of(top: FloatArray, counted: BoolArray, one: int) -> FloatArray:
    """(K, M) sum of min(top of i in `one`, top of j in the other) over counted i and j."""
    border = (top > 0) & (top < 1)
    inside = ((top == 1) & counted).sum(axis=2)
    edge = (border & counted).sum(axis=2)
    part = np.where(border, top, 0.0).max(axis=2)
    whole = inside[:, [one]] * (inside + edge * part) + edge[:, [one]] * part[:, [one]] * inside
    return np.asarray(whole + edge[:, [one]] * edge * np.minimum(part[:, [one]], part))
