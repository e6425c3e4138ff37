"""Six ways to say how alike two attributions are. numpy only.

Feature, rank, sign and signed-rank agreement look at the k largest |values|; rank correlation and
pairwise rank agreement at the order of all |values|. Edge cases (ties, zeros, unsigned methods) are
fixed here once and listed in docs/agreement.md.

Reference:
    Krishna, Han, Gu, Wu, Jabbari & Lakkaraju, TMLR 2024, arXiv:2202.01602. They rank by
    |value|. Differs: ties share their places in equal parts instead of falling to the array order;
    zeros hold no place; undefined is NaN, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from models.case import FloatArray

MetricId: TypeAlias = Literal[
    "feature_agreement",
    "rank_agreement",
    "sign_agreement",
    "signed_rank_agreement",
    "rank_correlation",
    "pairwise_rank_agreement",
]
METRICS: Final[tuple[MetricId, ...]] = (
    "feature_agreement",
    "rank_agreement",
    "sign_agreement",
    "signed_rank_agreement",
    "rank_correlation",
    "pairwise_rank_agreement",
)
LOWEST: Final[Mapping[MetricId, float]] = {"rank_correlation": -1.0}  # the others start at 0
SIGN_METRICS: Final[frozenset[MetricId]] = frozenset({"sign_agreement", "signed_rank_agreement"})
MetricArrays: TypeAlias = Mapping[MetricId, FloatArray]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
IndexArray: TypeAlias = npt.NDArray[np.intp]
# Models compute in float32: values closer than a millionth of the largest are equal, or zero.
DIGITS = 6
WORD: Final = 64  # bits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """Players of n attributions ordered by |value|, largest first.

    Attributes:
        first: (n, P) first place of the player's tie group, 1 = largest.
        last: (n, P) its last place.
        top: (n, P) in [0, 1], the part of the player that is among the top k; 0 for zero values.
        last_top: (n, P) last place of the tie group within the top k, 0 for zero values.
        signs: (n, P) -1, 0 or 1; 0 for zero values and for unsigned methods.
        above: (n, W) uint64, a bit for every pair of players (i, j): i stands above j.
        signed: (n,) whether the values carry a sign.
        defined: (n,) False where all |values| are equal: there is nothing to rank.
    """

    first: FloatArray
    last: FloatArray
    top: FloatArray
    last_top: FloatArray
    signs: FloatArray
    above: npt.NDArray[np.uint64]
    signed: BoolArray
    defined: BoolArray

    @property
    def ranks(self) -> FloatArray:
        """(n, P) average places, 1 = largest."""
        return (self.first + self.last) / 2

    @property
    def untied(self) -> FloatArray:
        """(n,) ordered pairs of players that are not tied."""
        others = self.first.shape[-1] - 1 - (self.last - self.first)
        return np.asarray(others.sum(axis=-1))

    @property
    def top_size(self) -> FloatArray:
        """(n,) how many players are in the top: k, or fewer where fewer are not zero."""
        return np.asarray(self.top.sum(axis=-1))

    def take(self, index: IndexArray) -> Self:
        """The attributions at `index` (m,)."""
        return type(self)(**{f.name: getattr(self, f.name)[index] for f in fields(self)})


def rank(values: FloatArray, signed: BoolArray, k: int) -> Ranking:
    """Order players by |value|.

    Args:
        values: (n, P), any positive scale; rows with NaN count as undefined.
        signed: (n,).
        k: Size of the top, in [1, P].
    """
    sizes = _rounded(values)
    first, last = _places(sizes)
    present = sizes > 0
    last_top = np.where(present, np.minimum(last, k), 0.0)
    return Ranking(
        first=first,
        last=last,
        top=np.maximum(last_top - first + 1, 0.0) / (last - first + 1),
        last_top=last_top,
        signs=np.where(present & signed[:, None], np.sign(values), 0.0),
        above=_above(first),
        signed=signed,
        defined=sizes.max(axis=1) > sizes.min(axis=1),
    )


def default_k(values: FloatArray) -> int:
    """Median, over methods, of the smallest k whose top k carry half of sum |values|; rounded up.

    Args:
        values: (n, P); rows of zeros or NaN have no say. 1 when none has.
    """
    sizes = -np.sort(-np.nan_to_num(np.abs(values)), axis=1)
    totals = sizes.sum(axis=1)
    running = sizes[totals > 0].cumsum(axis=1)
    if not len(running):
        return 1
    # A hair below one half: rounding must not decide about an exact half.
    needed = 1 + (running < (0.5 - 1e-9) * running[:, -1:]).sum(axis=1)
    return int(np.ceil(np.median(needed)))


def agree(a: Ranking, b: Ranking) -> dict[MetricId, FloatArray]:
    """All six metrics of attribution i of `a` with attribution i of `b`: metric -> (n,).

    Both must have been ranked with the same k. In [0, 1], rank correlation in [-1, 1].
    """
    shared, placed = np.minimum(a.top, b.top), overlap(a, b)
    same_sign = a.signs * b.signs > 0
    size = np.maximum(np.maximum(a.top_size, b.top_size), 1.0)
    middle = (a.first.shape[-1] + 1) / 2
    found: dict[MetricId, FloatArray] = {
        "feature_agreement": shared.sum(axis=-1) / size,
        "rank_agreement": placed.sum(axis=-1) / size,
        "sign_agreement": (shared * same_sign).sum(axis=-1) / size,
        "signed_rank_agreement": (placed * same_sign).sum(axis=-1) / size,
        "rank_correlation": _cosine(a.ranks - middle, b.ranks - middle),
        # Without ties this is the share of pairs in the same order; with ties it is Kendall's
        # tau-b moved from [-1, 1] to [0, 1] (Kendall, Rank Correlation Methods, 1970).
        "pairwise_rank_agreement": (1 + _over_root(_concordance(a, b), a.untied * b.untied)) / 2,
    }
    return {name: np.where(valid(name, a, b), value, np.nan) for name, value in found.items()}


def valid(metric: MetricId, a: Ranking, b: Ranking) -> BoolArray:
    """(n,) where a metric is defined: both maps rank something, and have signs if needed."""
    both = a.defined & b.defined
    return both & a.signed & b.signed if metric in SIGN_METRICS else both


def valid_pairs(metric: MetricId, ranking: Ranking) -> BoolArray:
    """(n, n) where a metric is defined between two attributions of one ranking."""
    usable = ranking.defined & ranking.signed if metric in SIGN_METRICS else ranking.defined
    return np.asarray(usable[:, None] & usable)


def overlap(a: Ranking, b: Ranking) -> FloatArray:
    """(n, P) part of each player that stands at the same place of both tops.

    A tie group of m players spreads each of them evenly over its m places.
    """
    places = np.minimum(a.last_top, b.last_top) - np.maximum(a.first, b.first) + 1
    width = np.maximum(a.last - a.first, b.last - b.first) + 1
    part: FloatArray = np.maximum(places, 0.0) / width
    return part


def _rounded(values: FloatArray) -> FloatArray:
    """(n, P) |values| over the row's largest, rounded; 0 in rows with NaN or only zeros."""
    sizes = np.abs(values)
    largest = sizes.max(axis=1, keepdims=True)
    usable = np.isfinite(largest) & (largest > 0)
    rounded: FloatArray = np.round(
        np.where(usable, sizes, 0.0) / np.where(usable, largest, 1.0), DIGITS
    )
    return rounded


def _places(sizes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """First and last place (n, P) of each player's tie group, 1 = largest."""
    by_size = np.argsort(-sizes, axis=1)
    ordered = np.take_along_axis(sizes, by_size, axis=1)
    places = np.arange(1.0, sizes.shape[1] + 1)
    starts = np.ones_like(ordered, dtype=bool)
    starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    ends = np.roll(starts, -1, axis=1)
    first, last = np.empty_like(sizes), np.empty_like(sizes)
    opened = np.maximum.accumulate(np.where(starts, places, 0.0), axis=1)
    closed = np.minimum.accumulate(np.where(ends, places, np.inf)[:, ::-1], axis=1)[:, ::-1]
    np.put_along_axis(first, by_size, opened, axis=1)
    np.put_along_axis(last, by_size, closed, axis=1)
    return first, last


def _above(first: FloatArray) -> npt.NDArray[np.uint64]:
    """(n, W) bits, see `Ranking.above`: all pairs of 100 players in 1.3 kB."""
    count, n_players = first.shape
    places = first.astype(np.int16)
    bits = np.zeros((count, -(-(n_players**2) // WORD) * WORD), dtype=bool)
    pairs = bits[:, : n_players**2].reshape(count, n_players, n_players)  # a view
    np.less(places[:, :, None], places[:, None, :], out=pairs)
    return np.packbits(bits, axis=-1).view(np.uint64)


def _concordance(a: Ranking, b: Ranking) -> FloatArray:
    """(n,) ordered pairs of players in the same order less those in opposite orders."""
    same = _count(a.above & b.above)
    tied = b.untied < b.first.shape[-1] * (b.first.shape[-1] - 1)
    opposite = _count(a.above & _above(-b.first)) if tied.any() else _count(a.above) - same
    return np.asarray(2.0 * (same - opposite))


def _count(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """(n,) how many bits are set."""
    return np.asarray(np.bitwise_count(bits).sum(axis=-1, dtype=np.int64))


def _cosine(a: FloatArray, b: FloatArray) -> FloatArray:
    """(n,) a.b / (|a| |b|) of each row."""
    return _over_root((a * b).sum(axis=1), (a**2).sum(axis=1) * (b**2).sum(axis=1))


def _over_root(product: FloatArray, squares: FloatArray) -> FloatArray:
    """(n,) product / sqrt(squares) in [-1, 1]; 0 where squares is 0 (the caller makes it NaN)."""
    return np.asarray(np.clip(product / np.sqrt(np.where(squares > 0, squares, 1.0)), -1.0, 1.0))
