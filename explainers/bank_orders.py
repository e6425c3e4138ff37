"""Random orders of players whose coalitions are part of the bank.

A pair of coalitions lies on an order and on its reverse: the complement of the first s players of
an order are the first P - s of its reverse. So a bank that holds the pairs of an order holds both
curves of both orders, and comparing methods with random orders asks nothing more.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor

from explainers.orders import IntArray, chains, curve_sizes

N_ORDERS: Final = 10  # drawn; each counts beside its reverse


def draw_orders(n_players: int, generator: torch.Generator) -> IntArray:
    """(10, P) random orders of players: what a bank begins with."""
    chance = torch.rand(N_ORDERS, n_players, generator=generator)
    return np.asarray(chance.argsort(dim=1, stable=True).numpy())  # ties are ties on every machine


def with_reverses(orders: IntArray) -> IntArray:
    """(2 n, P) orders (n, P), each before its reverse."""
    return np.stack([orders, orders[:, ::-1]], axis=1).reshape(-1, orders.shape[1])


def pairs_on(orders: IntArray) -> Mapping[int, Tensor]:
    """Size class -> (m, P) float64 coalitions, no two complementary, that orders pass through.

    At the sizes at which curves are read; none twice, those of an order beside each other.
    """
    n_players, found = orders.shape[1], dict[int, Tensor]()
    for size in curve_sizes(n_players).tolist():
        if not 1 <= size <= n_players // 2:
            continue
        masks = chains(with_reverses(orders), np.array([size]))[:, 0]
        if 2 * size == n_players:  # name each pair by the member that holds player 0
            masks = np.where(masks[:, :1], masks, ~masks)
        _, first = np.unique(masks, axis=0, return_index=True)
        found[size - 1] = torch.from_numpy(masks[np.sort(first)]).double()
    return found
