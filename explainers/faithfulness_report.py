"""How well each method's order of the players foretells what the model does. numpy only.

Two curves a method: the value while players are hidden in its order (deletion), and while they are
shown in its order (insertion). Both areas are placed between random orders (0) and the best order
known (1). docs/faithfulness.md has every definition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import numpy as np

from explainers.explanation import MethodId, Scale, Target
from explainers.orders import IntArray
from models.case import FloatArray

Direction: TypeAlias = Literal["deletion", "insertion"]
BestSource: TypeAlias = (
    MethodId | Literal["every order", "additive fit", "one hidden", "one shown", "random order"]
)
Better: TypeAlias = Literal["lower is better", "higher is better", "closer to 0 is better"]

DIRECTIONS: Final[tuple[Direction, ...]] = ("deletion", "insertion")
AREA_BETTER: Final[Mapping[Direction, Better]] = MappingProxyType(
    {"deletion": "lower is better", "insertion": "higher is better"}
)
SCORE_BETTER: Final[Better] = "higher is better"
GAP_BETTER: Final[Better] = "closer to 0 is better"
NEGLIGIBLE: Final = 1e-6  # areas closer than this are equal: float32 differs between passes
LEVEL: Final = 0.05  # p-value up to which an order is told from random ones


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference:
    """What random orders and the best known order do, in one direction.

    Curves are read at the sizes of the `Faithfulness`; place g has sizes[g] players hidden
    (deletion) or shown (insertion). Values are in the unit of the scale.

    Attributes:
        direction: Which curve.
        curve: (G,) mean value over random coalitions of each size.
        curve_error: (G,) standard error of `curve`; 0 where all coalitions were asked.
        low: (G,) 5th percentile over random orders.
        high: (G,) 95th percentile.
        auc: Expected area of a random order.
        auc_error: Standard error of `auc`; 0 where all coalitions were asked.
        aucs: (M,) areas of the random orders, each beside that of its reverse.
        best_curve: (G,) values along the best order known.
        best_auc: Its area.
        best_source: Where it came from.
    """

    direction: Direction
    curve: FloatArray
    curve_error: FloatArray
    low: FloatArray
    high: FloatArray
    auc: float
    auc_error: float
    aucs: FloatArray
    best_curve: FloatArray
    best_auc: float
    best_source: BestSource

    @property
    def n_orders(self) -> int:
        """M, random orders compared with."""
        return len(self.aucs)

    @property
    def reach(self) -> float:
        """Best area minus random area; negative for deletion. NaN when there is no difference."""
        reach = self.best_auc - self.auc
        return reach if abs(reach) > NEGLIGIBLE else float("nan")

    @property
    def edge(self) -> float:
        """The area that about one further random order in twenty betters.

        The k-th best of M with k = floor(0.05 (M + 2)), at least the best.
        """
        k = max(int(LEVEL * (self.n_orders + 2)), 1)
        ranked = np.sort(self.aucs)
        return float(ranked[k - 1] if self.direction == "deletion" else ranked[-k])

    def score(self, auc: float) -> float:
        """An area between random orders (0) and the best known order (1); higher is better.

        Below 0: worse than random orders. NaN where no order does better than another.
        """
        return (auc - self.auc) / self.reach

    def score_error(self, auc: float) -> float:
        """Standard error of `score` from that of the random area (delta method)."""
        return abs((self.best_auc - auc) / self.reach**2) * self.auc_error

    def n_beaten(self, auc: float) -> int:
        """Random orders with a worse area, of M; higher is better."""
        ahead = self.aucs - auc if self.direction == "deletion" else auc - self.aucs
        return int((ahead > NEGLIGIBLE).sum())

    def p_value(self, auc: float, reverse: float) -> float:
        """(1 + other orders as good or better) / (2 + M); lower is better. NaN without an area.

        Random orders come with their reverses, which may do alike. So the others are the M and the
        reverse of the order itself: were that drawn at random, it would be as likely as any of the
        M + 2 to take any rank among them, whatever the model.

        Args:
            auc: Area of an order.
            reverse: Area of its reverse, which is that of the order in the other direction.

        Reference:
            Phipson & Smyth, Stat. Appl. Genet. Mol. Biol. 2010: never 0.
        """
        if np.isnan(auc):
            return float("nan")
        ahead = reverse - auc if self.direction == "deletion" else auc - reverse
        as_good = self.n_orders - self.n_beaten(auc) + (ahead <= NEGLIGIBLE)
        return (1 + as_good) / (2 + self.n_orders)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MethodCurves:
    """One method: its order and what the model does along it.

    Attributes:
        method: Which.
        order: (P,) players, the largest value first; empty where every value is 0.
        n_tied: Players that share their value with another; their order is drawn.
        deletion: (G,) values while they are hidden in this order; NaN without an order.
        insertion: (G,) values while they are shown in this order.
        deletion_auc: Area under `deletion`; lower is better.
        insertion_auc: Area under `insertion`; higher is better.
        completeness_gap: Effect minus sum of values; closer to 0 is better. None without a
            baseline.
    """

    method: MethodId
    order: IntArray
    n_tied: int
    deletion: FloatArray
    insertion: FloatArray
    deletion_auc: float
    insertion_auc: float
    completeness_gap: float | None

    def curve(self, direction: Direction) -> FloatArray:
        """Values in one direction."""
        return self.deletion if direction == "deletion" else self.insertion

    def auc(self, direction: Direction) -> float:
        """Area in one direction."""
        return self.deletion_auc if direction == "deletion" else self.insertion_auc

    @property
    def gain(self) -> float:
        """Insertion area minus deletion area; higher is better, 0 for random orders on average.

        Reference:
            Blücher, Vielhaben & Strodthoff, TMLR 2024, arXiv:2401.06654: symmetric relevance gain.
        """
        return self.insertion_auc - self.deletion_auc


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Faithfulness:
    """The curves of every method on one question.

    Attributes:
        case_digest: The case.
        players_digest: The cut.
        target: The class explained.
        scale: "logit" (log-odds) or "probability".
        baseline: Name of what hidden players show.
        sizes: (G,) int64, players hidden or shown at each point of a curve; 0 first, P last.
        value_full: Value of the case itself.
        value_empty: Value with every player hidden.
        deletion: What random orders and the best order do when hidden.
        insertion: The same when shown.
        methods: One a method, in the explanations' order.
        is_complete: Whether every coalition was asked: expectation and best order are then exact.
        rows: Forward rows spent.
        seconds: Wall time.
        seed: The request's.
    """

    case_digest: str
    players_digest: str
    target: Target
    scale: Scale
    baseline: str
    sizes: IntArray
    value_full: float
    value_empty: float
    deletion: Reference
    insertion: Reference
    methods: tuple[MethodCurves, ...]
    is_complete: bool
    rows: int
    seconds: float
    seed: int

    @property
    def n_players(self) -> int:
        """P."""
        return int(self.sizes[-1])

    def reference(self, direction: Direction) -> Reference:
        """What one direction's areas are compared with."""
        return self.deletion if direction == "deletion" else self.insertion

    def score(self, curves: MethodCurves, direction: Direction) -> float:
        """A method's score in one direction; 0 random, 1 best known, higher is better."""
        return self.reference(direction).score(curves.auc(direction))

    def p_value(self, curves: MethodCurves, direction: Direction) -> float:
        """How often an order drawn at random does as well; lower is better, NaN without one."""
        other: Direction = "insertion" if direction == "deletion" else "deletion"
        return self.reference(direction).p_value(curves.auc(direction), curves.auc(other))

    def mean_score(self, curves: MethodCurves) -> float:
        """Mean of the two scores; higher is better. NaN when either is undefined."""
        return sum(self.score(curves, direction) for direction in DIRECTIONS) / len(DIRECTIONS)

    @property
    def edge(self) -> float:
        """Mean over both directions of the score that about one random order in twenty exceeds."""
        edges = [r.score(r.edge) for r in (self.deletion, self.insertion)]
        return sum(edges) / len(edges)
