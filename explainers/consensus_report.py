"""The aggregate of the methods, whether it is worth showing, and what it hides. numpy only.

An aggregate is shown only when the model follows its order better than that of every single method,
under the baseline its weights were taken from and under others they were not taken from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from explainers.explanation import MethodId
from explainers.faithfulness_report import NEGLIGIBLE, Faithfulness
from explainers.metrics import BoolArray
from explainers.orders import IntArray
from models.case import FloatArray

Outcome: TypeAlias = Literal[
    "shown", "no method counts", "one method counts", "not ahead here", "not ahead elsewhere"
]
HIDDEN: Final = 0.5  # of what a method gives a part: with less the aggregate hides what it says


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """The aggregate and the methods under a baseline that the weights know nothing of.

    Attributes:
        baseline: Its name.
        gain: Insertion minus deletion area of the aggregate's order; higher is better.
        gains: (M,) the same of each method; NaN where it has no order.
    """

    baseline: str
    gain: float
    gains: FloatArray

    @property
    def is_ahead(self) -> bool:
        """Whether the aggregate is ahead of every method."""
        return bool(self.gain > np.nanmax(self.gains) + NEGLIGIBLE)

    @property
    def ahead(self) -> int:
        """The method with the largest gain."""
        return int(np.nanargmax(self.gains))


@dataclass(frozen=True, slots=True, kw_only=True)
class Minority:
    """A player that a method counts and the aggregate hides.

    Attributes:
        method: Which.
        player: Which.
        share: What the method gives it, at least an equal share.
        aggregate: What the aggregate gives it: less than half as much, or the other sign.
    """

    method: MethodId
    player: int
    share: float
    aggregate: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Consensus:
    """The methods' shares, weighted by how well the model follows each method's order.

    Attributes:
        case_digest: The case.
        players_digest: The cut.
        methods: (M,).
        weights: (M,) in [0, 1], sum 1; all 0 when no method's order is told from random ones.
        scores: (M,) mean faithfulness score of each method; higher is better, NaN undefined.
        shares: (P,) aggregate, sum of absolute values 1; NaN when no method counts.
        order: (P,) players, the largest share first; empty when no method counts.
        deletion: (G,) values while players are hidden in its order; NaN when it was not asked.
        insertion: (G,) values while they are shown.
        deletion_auc: Area of its deletion curve; lower is better.
        insertion_auc: Area of its insertion curve; higher is better.
        score: Mean faithfulness score of its order on the methods' scale: higher is better, above 1
            it betters every order known.
        trials: Under other baselines, only asked when the aggregate is ahead here.
        outcome: Whether it is shown, else why not.
        minority: What it hides; empty unless shown.
        rows: Forward rows spent.
        seconds: Wall time.
    """

    case_digest: str
    players_digest: str
    methods: tuple[MethodId, ...]
    weights: FloatArray
    scores: FloatArray
    shares: FloatArray
    order: IntArray
    deletion: FloatArray
    insertion: FloatArray
    deletion_auc: float
    insertion_auc: float
    score: float
    trials: tuple[Trial, ...]
    outcome: Outcome
    minority: tuple[Minority, ...]
    rows: int
    seconds: float

    @property
    def is_shown(self) -> bool:
        """Whether the aggregate may stand on the page."""
        return self.outcome == "shown"

    @property
    def best(self) -> int | None:
        """The single method with the best mean score; None when no score is defined."""
        return None if np.isnan(self.scores).all() else int(np.nanargmax(self.scores))


def weights_of(found: Faithfulness) -> FloatArray:
    """(M,) weights: how far each mean score lies beyond what one random order in twenty reaches.

    A method whose order is not told from random ones gets 0; the rest is shared in proportion.
    """
    scores = np.array([found.mean_score(method) for method in found.methods])
    excess = np.nan_to_num(np.maximum(scores - found.edge, 0.0))
    total = excess.sum()
    return np.asarray(excess / total if total > 0 else excess)


def aggregate(shares: FloatArray, weights: FloatArray) -> FloatArray:
    """(P,) weighted sum of shares (M, P), so scaled that its absolute values sum to 1.

    NaN when no method counts, or what they say cancels out.
    """
    mixed = weights @ np.nan_to_num(shares)
    total = np.abs(mixed).sum()
    return np.asarray(mixed / total if total > 0 else np.full_like(mixed, np.nan))


def minority_report(
    methods: Sequence[MethodId], shares: FloatArray, signed: BoolArray, combined: FloatArray
) -> tuple[Minority, ...]:
    """What an aggregate hides: the largest dissent first.

    Args:
        methods: (M,).
        shares: (M, P) of each method.
        signed: (M,) whether its sign means for or against.
        combined: (P,) shares of the aggregate.
    """
    equal = 1 / shares.shape[1]
    little = np.abs(combined) < HIDDEN * np.abs(shares)
    opposite = signed[:, None] & (shares * combined < 0)
    hidden = (np.abs(np.nan_to_num(shares)) >= equal) & (little | opposite)
    found = [
        Minority(
            method=methods[m],
            player=int(player),
            share=float(shares[m, player]),
            aggregate=float(combined[player]),
        )
        for m, player in np.argwhere(hidden)
    ]
    return tuple(sorted(found, key=lambda dissent: -abs(dissent.share - dissent.aggregate)))
