"""The bank of all coalitions, asked as exact Shapley values ask them: nothing is left to chance."""

from functools import lru_cache

import torch

from explainers.bank import Bank
from explainers.coalitions import PairSample, all_coalitions, labelled_pairs
from explainers.engine import MaskedPredictor


def complete_bank(game: MaskedPredictor) -> Bank:
    """Ask every coalition but none and all (P >= 2); whoever asked them before asked for this too.

    Raises:
        CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
    """
    values = game.shared(all_coalitions(game.n_players)[1:-1])
    first, second = values.chunk(2)  # coalitions count up, their complements down
    return Bank(
        sample=every_pair(game.n_players),
        values=torch.stack([first, second.flip(0)], dim=1),
        full=game.value_full,
        empty=game.value_empty,
    )


@lru_cache(maxsize=2)  # of 16 players, 4 MB
def every_pair(n_players: int) -> PairSample:
    """All pairs, each by its coalition without the last player; nobody may change them."""
    masks = all_coalitions(n_players)[1 : 2 ** (n_players - 1)]
    sizes = masks.sum(dim=1).long()
    return labelled_pairs(n_players, masks, torch.minimum(sizes, n_players - sizes) - 1)
