"""Which parts of a film touch each other.

A network of small filters looks at one place at a time. So what it makes of two or three parts
together it mostly makes of parts that touch, and to be told so saves coalitions (docs/accuracy.md).
"""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explainers.players import Players


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbours:
    """Players side by side.

    Attributes:
        pairs: (m, 2) int64 players that touch, the smaller first.
        triples: (t, 3) int64 players of which one touches both others, in order.
    """

    pairs: Tensor
    triples: Tensor


def neighbours(players: Players) -> Neighbours | None:
    """Who touches whom where players lie on a film; None elsewhere, and where no three touch."""
    if len(players.element_shape) != 2:  # height, width
        return None
    pairs = _touching(players.membership.reshape(players.element_shape))
    beside: list[list[int]] = [[] for _ in range(players.count)]
    for one, other in pairs.tolist():
        beside[one].append(other)
        beside[other].append(one)
    triples = {
        tuple(sorted((middle, *ends)))
        for middle, near in enumerate(beside)
        for ends in itertools.combinations(near, 2)
    }
    if not triples:
        return None
    return Neighbours(pairs=torch.from_numpy(pairs), triples=torch.tensor(sorted(triples)))


def _touching(owners: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """(m, 2) pairs of owners that share an edge of two elements (h, w)."""
    sides = [
        np.stack([one[apart], other[apart]], axis=1)
        for one, other in ((owners[1:], owners[:-1]), (owners[:, 1:], owners[:, :-1]))
        if (apart := one != other).any()
    ]
    found = np.sort(np.concatenate(sides), axis=1).astype(np.int64) if sides else np.empty((0, 2))
    return np.unique(found[found[:, 0] >= 0], axis=0)
