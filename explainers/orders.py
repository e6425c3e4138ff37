"""Orders of players, the curves they give, and the best order of all. numpy only.

An order is a permutation of the players, the first to be shown (or hidden) first. Showing by an
order passes through a chain of coalitions; hiding by it passes through the chain of the reversed
order from its end. So one function, the area under the values of a chain, serves both curves.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from explainers.metrics import BoolArray
from models.case import FloatArray

IntArray: TypeAlias = npt.NDArray[np.int64]
FREE: Final = 2.5  # pairs a player of a bank that come before those on random orders
N_INTERVALS: Final = 10  # of a curve, where there are more players than that


def curve_sizes(n_players: int) -> IntArray:
    """(G,) sizes at which curves are read: 0 to P, symmetric, closer together near both ends.

    All of them up to 10 players. Beyond that the nodes of a cosine grid and the first and last
    player: curves bend where these go. s is among them exactly when P - s is, so that the curve of
    an order and that of its reverse are read at the same coalitions.
    """
    if n_players <= N_INTERVALS:
        return np.arange(n_players + 1)
    half = np.arange(N_INTERVALS // 2 + 1)
    low = np.floor(n_players * (1 - np.cos(np.pi * half / N_INTERVALS)) / 2 + 0.5).astype(np.int64)
    return np.unique(np.concatenate([low, n_players - low, [1, n_players - 1]]))


def every_other(sizes: IntArray) -> IntArray:
    """(H,) every second of symmetric sizes (G,) up to the middle, and as many beyond it."""
    low = sizes[2 * sizes <= sizes[-1]][::2]
    return np.union1d(low, sizes[-1] - low)


def area(curves: FloatArray, sizes: IntArray) -> FloatArray:
    """Area under curves (..., G) over the share of players, by the trapezoid rule."""
    return np.asarray(np.trapezoid(curves, sizes / sizes[-1], axis=-1))


def chains(orders: IntArray, sizes: IntArray) -> BoolArray:
    """(n, G, P) coalitions that orders (n, P) pass through: their first s players are present."""
    places = np.argsort(orders, axis=1)  # (n, P) place of each player in the order
    return places[:, None, :] < sizes[None, :, None]


def order_of(values: FloatArray, tie_break: IntArray) -> tuple[IntArray, int]:
    """Players by value, largest first, and how many share their value with another.

    Args:
        values: (P,) what a method gives each player; signed ones run from most for to most against.
        tie_break: (P,) a permutation: players of equal value come in its order. Drawn at random
            rather than by number: numbers run across the film or along the text.
    """
    places = np.argsort(tie_break)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.lexsort((places, -values)), int((counts[inverse] > 1).sum())


def coalition_sizes(n_players: int) -> IntArray:
    """(2^P,) players present in each coalition, coded with player 0 as the lowest bit."""
    codes = np.arange(2**n_players)
    return np.asarray(((codes[:, None] >> np.arange(n_players)) & 1).sum(axis=1))


def best_order(values: FloatArray, n_players: int) -> IntArray:
    """The order whose chain has the largest area, out of all P! of them.

    Every size weighs the same, so the best chain to a coalition is its value plus the best chain
    to one of the coalitions with a player less (dynamic programming, P 2^P steps instead of P!).

    Args:
        values: (2^P,) value of every coalition, player 0 the lowest bit.
        n_players: P.
    """
    sizes, players = coalition_sizes(n_players), np.arange(n_players)
    total, last = np.array(values, dtype=np.float64), np.zeros(len(values), dtype=np.int64)
    for size in range(1, n_players + 1):
        codes = np.flatnonzero(sizes == size)
        present = (codes[:, None] >> players) & 1 == 1
        before = np.where(present, total[codes[:, None] & ~(1 << players)], -np.inf)
        last[codes] = before.argmax(axis=1)
        total[codes] += before.max(axis=1)
    order, code = np.zeros(n_players, dtype=np.int64), len(values) - 1
    for place in reversed(range(n_players)):
        order[place] = last[code]
        code &= ~(1 << int(last[code]))
    return order


def additive_fit(masks: BoolArray, values: FloatArray, *, ridge: float = 1e-6) -> FloatArray:
    """(P,) effects of players in the additive game nearest to values (n,) of masks (n, P)."""
    design = masks - masks.mean(axis=0)
    gram = design.T @ design + ridge * len(masks) * np.eye(masks.shape[1])
    return np.asarray(np.linalg.solve(gram, design.T @ (values - values.mean())))
