"""Players that act together, as a Gaussian process over coalitions may be told of them.

The interaction of a set of players is the product of their signs. A product covariance gives every
set of a size about the same variance; sets that are known to act together get one of their own
beyond it.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joint:
    """Sets of players that act together, as n coalitions show them.

    Attributes:
        sets: (m, 2) or (m, 3) int64.
        features: (n, m) float32, their interactions.
        gram: (n, n) mean over sets of the products of these.
        variance: What gram is multiplied by in the covariance.
    """

    sets: Tensor
    features: Tensor
    gram: Tensor
    variance: float

    @classmethod
    def of(cls, signs: Tensor, sets: Tensor) -> "Joint":
        """As coalitions of signs (n, P) show them."""
        features = interactions(signs.float(), sets)  # whole numbers: exact, and half the work
        gram = (features @ features.T).double() / len(sets)
        return cls(sets=sets, features=features, gram=gram, variance=1.0)

    def every(self, step: int, first: int) -> "Joint":
        """As every so many of the coalitions show them, from the first on."""
        rows = slice(first, None, step)
        return replace(self, features=self.features[rows], gram=self.gram[rows, rows])

    def weighing(self, share: float, rates: Tensor) -> "Joint":
        """So many times the variance that rates (P,) give to all sets of so many players."""
        return replace(self, variance=share * variance_of(rates, self.sets.shape[1]))

    def effects(self, weights: Tensor) -> Tensor:
        """(m,) what the mean of a process of weights (n,) makes of each interaction."""
        return self.variance / len(self.sets) * (weights @ self.features.double())


def interactions(signs: Tensor, sets: Tensor) -> Tensor:
    """(n, m) products of the signs (n, P) of each of sets (m, k)."""
    first, *others = sets.unbind(dim=1)
    found = signs[:, first]
    for players in others:
        found.mul_(signs[:, players])
    return found


def variance_of(rates: Tensor, size: int) -> float:
    """Prior variance of all interactions of two or three players together.

    The covariance prod_j r_j^[S_j != T_j] is the sum over sets of the product of (1 - r_j) / 2
    inside and of (1 + r_j) / 2 outside, times both coalitions' interactions. Sums over sets of a
    size follow from those of powers (Newton's identities).
    """
    ratio = torch.tanh(rates / 2)  # (1 - r) / (1 + r)
    one, two, three = (float((ratio**power).sum()) for power in (1, 2, 3))
    alone = float(torch.log((1 + torch.exp(-rates)) / 2).sum().exp())
    return alone * {2: (one**2 - two) / 2, 3: (one**3 - 3 * one * two + 2 * three) / 6}[size]
