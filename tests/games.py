"""Areas of games by hand; the games themselves are those of the benchmarks."""

import numpy as np
import torch

from benchmarks.games import Score
from explainers.orders import IntArray, area, chains


def area_by_hand(score: Score, order: IntArray) -> float:
    """Insertion area of one order at all sizes, from the score alone."""
    sizes = np.arange(len(order) + 1)
    masks = torch.from_numpy(chains(np.asarray(order)[None], sizes)[0]).double()
    return float(area(score(masks).numpy(), sizes))
