"""Exact Shapley values: every coalition is asked."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from explainers.coalitions import all_coalitions
from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution, Method
from explainers.question import Question
from explainers.report import EXACT_PLAYERS
from models.case import FloatArray
from models.errors import UnsupportedMethodError


@dataclass(frozen=True, kw_only=True)
class ExactShapley(Method):
    """Shapley values by their definition; no sampling, exact to rounding.

    Reference:
        Shapley 1953, in Contributions to the Theory of Games II; Strumbelj & Kononenko, JMLR 11,
        2010, for models. Differs: absent players show the Question's baseline.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="exact_shapley",
        title="Exact Shapley values",
        family="shap",
        modalities=frozenset({"image", "tabular", "text"}),
        signed=True,
        complete=True,
        stochastic=False,
        kind="additive",
        uses_baseline=True,
        assumption="The model's answers to cases with parts replaced by the baseline are "
        "meaningful, and each part is paid its average contribution over all orders.",
        reference="Shapley, Contributions to the Theory of Games II, 1953; "
        "Štrumbelj & Kononenko, JMLR 11, 2010",
    )

    def require(self, question: Question, budget: int) -> None:
        """Refuse more players than can be enumerated, before their coalitions are counted."""
        count = question.players.count
        if count > EXACT_PLAYERS:
            raise UnsupportedMethodError(
                f"{self.card.title} ask every coalition, which is done for at most "
                f"{EXACT_PLAYERS} players; this case has {count}.",
                "KernelSHAP estimates the same values for any number.",
            )
        super().require(question, budget)

    def least_budget(self, question: Question) -> int:
        """Every coalition but none and all, whose values are shared."""
        return int(2**question.players.count - 2) * question.masker.n_draws

    def rows_needed(self, question: Question, budget: int) -> int:
        """Every coalition, whatever the budget."""
        return self.least_budget(question)

    def shares_rounds(self, question: Question, budget: int) -> bool:  # the same for all
        """What it asks is a bank of all coalitions (explainers/complete_bank.py)."""
        return True

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        masks = all_coalitions(game.n_players)[1:-1]
        inner = [game.shared(masks)] if len(masks) else []
        values = torch.cat([game.value_empty[None], *inner, game.value_full[None]])
        return Attribution(values=shapley_values(values), settings={"masks": len(masks)})


def shapley_values(values: Tensor) -> FloatArray:
    """Values (2^P, T) of all coalitions, in the order of `all_coalitions`, -> (T, P).

    phi_i = sum over S without i of (v(S + i) - v(S)) / (P C(P - 1, |S|)).
    """
    count = len(values).bit_length() - 1
    cube = values.numpy().reshape(*(2,) * count, -1)
    sizes = all_coalitions(count - 1).sum(dim=1).int().tolist()  # of the others, for every player
    weights = np.array([1 / (count * math.comb(count - 1, size)) for size in sizes])
    gains = [np.diff(cube, axis=count - 1 - player) for player in range(count)]  # 0 is the last
    return np.stack([weights @ gain.reshape(len(weights), -1) for gain in gains], axis=1)
