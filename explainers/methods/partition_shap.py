"""Partition SHAP: Owen values over a hierarchy of players."""

import heapq
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.hierarchy import count_coalitions, members_of, tree_of
from explainers.methods.base import Attribution, Method
from explainers.question import Question
from models.adapter import HasTable
from models.case import FloatArray

# Branches split together. A constant, not the engine's pass size: where the budget ends first, it
# decides which branches are split (the fewer the better, but 32 coalitions fill a pass).
WAVE = 16
VISIBLE = 0.01  # share of the effects: dividing less than that evenly changes nothing to be seen


@dataclass(frozen=True, kw_only=True)
class PartitionShap(Method):
    """Split the effect down a tree: at each branch, between its two halves.

    A half is paid the mean of what it adds to what surrounds the branch without the other half and
    with it; the surroundings of a branch are all choices of its ancestors' other halves. A player
    is so paid its average contribution over the orders that keep every branch together.

    Reference:
        Owen 1977, in Mathematical Economics and Game Theory; Lundberg's shap.PartitionExplainer,
        with its default of both contexts. The same tree, budget and wave size give its values.
        Differs: the tree of words keeps sentences together; equal effects are split in a fixed
        order, not a random one.

    Attributes:
        masks: Coalitions wanted; the budget may allow fewer.
    """

    masks: int = 4000  # the tree of 30 features takes 2,330, which are cheap for tables
    card: ClassVar[MethodCard] = MethodCard(
        id="partition_shap",
        title="Partition SHAP",
        family="shap",
        modalities=frozenset({"image", "tabular", "text"}),
        signed=True,
        complete=True,
        stochastic=False,
        kind="additive",
        uses_baseline=True,
        assumption="As exact Shapley values, among the orders that keep together what the "
        "hierarchy joins: words of a sentence, neighbouring regions, correlated features.",
        reference="Owen, in Mathematical Economics and Game Theory, 1977; "
        "Lundberg & Lee, NeurIPS 2017, arXiv:1705.07874; package shap 0.51",
        settings={"masks": "Coalitions asked, at most; the budget may allow fewer."},
    )

    def least_budget(self, question: Question) -> int:
        """As many coalitions as a tree has branches' ends: two a player, less two."""
        return 2 * (question.players.count - 1) * question.masker.n_draws

    def rows_needed(self, question: Question, budget: int) -> int:
        """Two coalitions a split, in every context, until the tree or the budget ends."""
        return 2 * self._n_splits(question, tree_for(question), budget) * question.masker.n_draws

    def _n_splits(self, question: Question, tree: FloatArray, budget: int) -> int:
        """Splits that setting, budget and tree allow."""
        wanted = max(self.masks, 2 * len(tree))
        return min(wanted, budget // question.masker.n_draws, count_coalitions(tree)) // 2

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        tree = tree_for(game.question)
        splits = self._n_splits(game.question, tree, budget)
        descent = Descent(tree, (game.value_full - game.value_empty).numpy())
        descent.run(game, splits)
        even = descent.divide_the_rest()
        return Attribution(
            values=descent.values.T,
            diagnostics=({"divided_evenly": even},) * descent.values.shape[1],
            settings={"masks": 2 * splits},
            remarks=(_cut_short(even),) if even > VISIBLE else (),
        )


def tree_for(question: Question) -> FloatArray:
    """The hierarchy (P - 1, 4) of a Question's players."""
    model = question.model
    if not isinstance(model, HasTable):
        return tree_of(question.players)
    sample = model.encode_values(model.sample).cpu().double().numpy()
    return tree_of(question.players, records=sample)


def _cut_short(even: float) -> str:
    """What a reader must know where the budget ended above the leaves."""
    return (
        f"The budget ended before every group was taken apart: {even:.0%} of the effects found are "
        "divided evenly inside groups. A larger budget or fewer parts would tell their parts apart."
    )


@dataclass(frozen=True, slots=True)
class _Branch:
    """A node of the tree among some surroundings.

    Attributes:
        node: Which.
        around: (P,) bool, the players outside the node that are present.
        absent: (T,) value of the surroundings alone.
        present: (T,) value with the node's players too.
        weight: Share of the orders that meet these surroundings.
    """

    node: int
    around: npt.NDArray[np.bool_]
    absent: FloatArray
    present: FloatArray
    weight: float

    @property
    def gain(self) -> FloatArray:
        """(T,) what the node adds here, weighed."""
        return self.weight * (self.present - self.absent)


@dataclass(slots=True)
class Descent:
    """The way down a tree, largest gain first.

    Values are measured from the empty coalition's.
    """

    tree: FloatArray
    effect: FloatArray
    values: FloatArray = field(init=False)  # (P, T) paid so far
    _paid: float = field(init=False, default=0.0)  # sum of |gains| paid to single players
    _members: npt.NDArray[np.bool_] = field(init=False)
    _open: list[tuple[float, int, _Branch]] = field(init=False, default_factory=list)
    _seen: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Start at the root, with nothing around it."""
        count, zero = len(self.tree) + 1, np.zeros_like(self.effect)
        self.values = np.zeros((count, len(self.effect)))
        self._members = members_of(self.tree)
        nobody = np.zeros(count, dtype=np.bool_)
        self._meet(_Branch(2 * count - 2, nobody, zero, self.effect, 1.0))

    def run(self, game: MaskedPredictor, splits: int) -> None:
        """Split that many branches, `WAVE` at a time."""
        while splits > 0 and self._open:
            wave = [heapq.heappop(self._open)[2] for _ in range(min(WAVE, splits, len(self._open)))]
            splits -= len(wave)
            halves = [(b, self._members[n]) for b in wave for n in self._halves(b)]
            masks = np.stack([branch.around | members for branch, members in halves])
            found = game(torch.from_numpy(masks).double()) - game.value_empty
            for branch, (left, right) in zip(
                wave, found.numpy().reshape(len(wave), 2, -1), strict=True
            ):
                self._split(branch, left, right)

    def divide_the_rest(self) -> float:
        """Divide what was not split evenly among its players.

        Returns:
            Its part of all |gains|, in [0, 1]; 0 where every player was reached.
        """
        rest = 0.0
        for _, _, branch in self._open:
            members = self._members[branch.node]
            self.values[members] += branch.gain / members.sum()
            rest += float(np.abs(branch.gain).max())
        self._open.clear()
        return rest / (rest + self._paid) if rest > 0 else 0.0

    def _halves(self, branch: _Branch) -> tuple[int, int]:
        """Both children of a branch's node."""
        left, right = self.tree[branch.node - len(self.values), :2]
        return int(left), int(right)

    def _split(self, branch: _Branch, left: FloatArray, right: FloatArray) -> None:
        """Meet both halves of a branch, each without the other and with it.

        Args:
            branch: What is split.
            left: (T,) value of its surroundings with the left half.
            right: (T,) value of its surroundings with the right half.
        """
        first, second = self._halves(branch)
        for node, other, alone, others in (
            (first, second, left, right),
            (second, first, right, left),
        ):
            beside, half = branch.around | self._members[other], branch.weight / 2
            self._meet(_Branch(node, branch.around, branch.absent, alone, half))
            self._meet(_Branch(node, beside, others, branch.present, half))

    def _meet(self, branch: _Branch) -> None:
        """Pay a single player; keep a group for later."""
        largest = float(np.abs(branch.gain).max())
        if branch.node < len(self.values):
            self.values[branch.node] += branch.gain
            self._paid += largest
            return
        self._seen += 1  # equal gains are split in the order met
        heapq.heappush(self._open, (-largest, self._seen, branch))
