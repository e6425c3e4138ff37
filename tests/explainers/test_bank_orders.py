"""The bank holds the coalitions of random orders, and stays a fair sample of each size."""

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.bank_orders import N_ORDERS, draw_orders, pairs_on, with_reverses
from explainers.coalitions import draw_bank
from explainers.orders import chains, curve_sizes, every_other
from tests.toys import generator


def names(masks: Tensor) -> set[bytes]:
    """Coalitions and their complements."""
    both = torch.cat([masks, 1 - masks]).numpy().astype(bool)
    return {row.tobytes() for row in both}


@pytest.mark.parametrize(("n_players", "n_pairs"), [(36, 600), (47, 800), (14, 400)])
def test_a_bank_holds_every_coalition_of_its_orders(n_players: int, n_pairs: int) -> None:
    held = names(draw_bank(n_players, n_pairs, generator(3)).masks)
    orders = with_reverses(draw_orders(n_players, generator(3)))
    inner = curve_sizes(n_players)[1:-1]
    wanted = chains(orders, inner).reshape(-1, n_players)
    assert len(wanted) == 2 * N_ORDERS * len(inner)
    assert all(row.tobytes() in held for row in wanted)


def test_a_small_bank_is_drawn_freely() -> None:
    n_players, few = 36, 90
    given = {
        row.tobytes()
        for m in pairs_on(draw_orders(n_players, generator(3))).values()
        for row in m.numpy()[:, :]
        if row.sum() > 1
    }
    held = draw_bank(n_players, few, generator(3)).masks
    assert not given & {row.tobytes() for row in held.numpy()}


@pytest.mark.parametrize("n_players", [2, 3, 5, 9, 12, 13, 36])
def test_pairs_are_different_and_draws_nested(n_players: int) -> None:
    n_pairs = min(300, 2 ** (n_players - 1) - 1)
    sample = draw_bank(n_players, n_pairs, generator(1))
    assert len(names(sample.masks)) == 2 * n_pairs
    assert np.array_equal(sample.masks.sum(dim=1), sample.stratum + 1)
    part = draw_bank(n_players, (n_pairs + 1) // 2, generator(1))
    assert torch.equal(part.masks, sample.masks[: len(part.masks)])


def test_players_are_alike_in_every_size() -> None:
    """Each is in a coalition of size s with probability s / P, those on orders included."""
    n_players, runs = 20, 300
    held = torch.zeros(n_players // 2 - 1, n_players, dtype=torch.float64)
    drawn = torch.zeros(n_players // 2 - 1, 1, dtype=torch.float64)
    for seed in range(runs):
        sample = draw_bank(n_players, 300, generator(seed))
        inner = sample.stratum < n_players // 2 - 1  # of the middle one all hold player 0
        held.index_add_(0, sample.stratum[inner], sample.masks[inner])
        drawn += sample.drawn[:-1, None]
    share = torch.arange(1, n_players // 2) / n_players
    error = (share * (1 - share)).sqrt()[:, None] / drawn.sqrt()
    assert ((held / drawn - share[:, None]).abs() < 5 * error).all()


@pytest.mark.parametrize("n_players", [1, 2, 3, 8, 36, 37, 47, 120])
def test_every_other_size_is_symmetric_and_holds_both_ends(n_players: int) -> None:
    sizes = every_other(curve_sizes(n_players))
    assert np.array_equal(sizes[::-1], n_players - sizes)
    assert {0, n_players} <= set(sizes.tolist()) <= set(curve_sizes(n_players).tolist())
    assert len(sizes) <= 8
