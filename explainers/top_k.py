"""Which of a method's largest shares are certain to be its k largest. numpy and scipy only."""

from dataclasses import dataclass

import numpy as np

from explainers.verdicts import ALPHA, p_above
from models.case import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """How much of an observed top is certain.

    Attributes:
        k: Size of the top.
        players: The k players with the largest observed |share|, largest first.
        certain: Those of them that are certain to be among the true k largest.
        error_rate: Probability that any of `certain` is not, at most.
    """

    k: int
    players: tuple[int, ...]
    certain: tuple[int, ...]
    error_rate: float

    @property
    def complete(self) -> bool:
        """Whether the whole top is certain, apart from its order."""
        return len(self.certain) == self.k


def certified_top_k(
    shares: FloatArray, errors: FloatArray, k: int, *, error_rate: float = ALPHA
) -> Certified:
    """Certify players of the observed top.

    A player is certain when it is significantly larger than P - k others. If it did not belong to
    the k truly largest, one of those would be among the P - k (only P - k - 1 others are not), and
    the test of these two, out of k (P - k) such pairs, would be wrong. So every test at
    `error_rate` / (k (P - k)) bounds the probability of any wrong certificate (Bonferroni), however
    the errors of players depend on each other within that of a difference.

    Args:
        shares: (P,) one method's.
        errors: (P,) standard errors, 0 where deterministic.
        k: In [1, P].
        error_rate: In (0, 1).

    Raises:
        ValueError: k is out of range.
    """
    count = len(shares)
    if not 1 <= k <= count:
        raise ValueError(f"the top {k} of {count} players")
    sizes = np.abs(shares)
    order = np.argsort(-sizes, kind="stable")[:k]
    if k == count:
        everyone = tuple(order.tolist())
        return Certified(k=k, players=everyone, certain=everyone, error_rate=error_rate)
    spread = np.hypot(errors[order, None], errors)
    gap, total = sizes[order, None] - sizes, sizes[order, None] + sizes
    # Both tails: noise enlarges sizes whatever the sign.
    p_values = p_above(gap, spread, 0.0) + np.where(spread > 0, p_above(total, spread, 0.0), 0.0)
    beaten = (p_values <= error_rate / (k * (count - k))).sum(axis=1)
    certain = order[beaten >= count - k]
    return Certified(
        k=k,
        players=tuple(order.tolist()),
        certain=tuple(certain.tolist()),
        error_rate=error_rate,
    )
