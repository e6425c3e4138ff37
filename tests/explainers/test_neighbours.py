"""Who touches whom on a film, and what a process makes of it."""

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.bank import Bank, shapley_values
from explainers.coalitions import count_pairs, draw_bank
from explainers.neighbours import neighbours
from explainers.players import Players
from tests.toys import generator

CELLS = np.arange(12).reshape(3, 4).repeat(5, axis=0).repeat(2, axis=1)  # 3 x 4 cells of 5 x 2


def players(owners: list[list[int]]) -> Players:
    membership = np.array(owners, dtype=np.int32)
    return Players(membership=membership, element_shape=membership.shape, kind="superpixel")


def grid() -> Players:
    return players(CELLS.tolist())


def test_players_that_share_an_edge_touch() -> None:
    found = neighbours(players([[0, 0, 1], [2, -1, 1], [2, 3, 3]]))
    assert found is not None
    # 1 and 3 share an edge, 0 and 3 nothing; nobody's element stands between 0 and 3.
    assert found.pairs.tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]
    assert found.triples.tolist() == [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]


def test_cells_of_a_grid() -> None:
    found = neighbours(grid())
    assert found is not None
    assert len(found.pairs) == 17
    assert len(found.triples) == 24 + 10  # corners of the six blocks of 2 x 2, three in a row
    assert [0, 1, 4] in found.triples.tolist()
    assert [0, 1, 6] not in found.triples.tolist()


@pytest.mark.parametrize(
    "alone", [players([[0, 0], [1, 1]]), players([[0, -1, 1], [-1, -1, -1], [2, -1, 3]])]
)
def test_where_no_three_touch_nothing_is_known(alone: Players) -> None:
    assert neighbours(alone) is None


def test_words_and_features_have_no_neighbours() -> None:
    row = Players(membership=np.arange(6, dtype=np.int32), element_shape=(6,), kind="word")
    assert neighbours(row) is None


def squared_error(game: Tensor, n_pairs: int, *, known: bool, most: int | None = None) -> float:
    """Of the Shapley values of a game of all 4,096 coalitions, over five banks."""
    bits = 2 ** torch.arange(12)
    beside, total = neighbours(grid()), 0.0
    for seed in range(6):
        complete = seed == 0
        sample = draw_bank(12, count_pairs(12) if complete else n_pairs, generator(seed))
        both = torch.stack([sample.masks, 1 - sample.masks], dim=1)
        values = game[(both.long() * bits).sum(dim=2)][..., None]
        bank = Bank(
            sample=sample,
            values=values,
            full=game[-1:],
            empty=game[:1],
            beside=beside if known else None,
        )
        found = shapley_values(bank, processes=True, most=most).values
        if complete:
            truth = found
        else:
            total += float((found - truth).square().sum())
    return total


def of_triples(triples: Tensor) -> Tensor:
    """(4096,) a game of twelve effects and of interactions of these players."""
    codes = torch.arange(4096)[:, None]
    signs = (((codes >> torch.arange(12)) & 1) * 2 - 1).double()
    weights = torch.randn(len(triples), generator=generator(1)).double() / 3
    slopes = torch.randn(12, generator=generator(2)).double()
    return signs @ slopes + signs[:, triples].prod(dim=2) @ weights


def test_what_neighbours_do_is_learnt_from_fewer_coalitions() -> None:
    beside = neighbours(grid())
    assert beside is not None
    game = of_triples(beside.triples)
    assert squared_error(game, 60, known=True) < 0.3 * squared_error(game, 60, known=False)


def test_a_process_of_a_part_of_the_pairs_knows_them_too() -> None:
    beside = neighbours(grid())
    assert beside is not None
    game = of_triples(beside.triples)
    found = squared_error(game, 120, known=True, most=60)
    assert found < 0.3 * squared_error(game, 120, known=False, most=60)
    assert found < squared_error(game, 60, known=True)


def test_where_others_act_together_little_is_lost() -> None:
    apart = torch.tensor([[0, 3, 9], [1, 7, 8], [0, 6, 11], [2, 4, 10], [3, 5, 8], [1, 6, 10]])
    game = of_triples(apart)
    assert squared_error(game, 60, known=True) < 1.3 * squared_error(game, 60, known=False)
