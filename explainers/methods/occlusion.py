"""Occlusion: how far the value falls when one player alone is replaced."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution, Method
from explainers.question import Question


@dataclass(frozen=True, kw_only=True)
class Occlusion(Method):
    """Value of the case minus its value without player i, for each i. Exact; no sampling.

    Reference:
        Zeiler & Fergus, ECCV 2014, arXiv:1311.2901. Differs: the Question's players are hidden
        one by one under its baseline, instead of a grey square at every position.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="occlusion",
        title="Occlusion",
        family="saliency",
        modalities=frozenset({"image", "tabular", "text"}),
        signed=True,
        complete=False,
        stochastic=False,
        kind="additive",
        uses_baseline=True,
        assumption="A part matters as much as the value falls when it alone is hidden; what two "
        "parts show redundantly counts for neither.",
        reference="Zeiler & Fergus, ECCV 2014, arXiv:1311.2901",
    )

    def least_budget(self, question: Question) -> int:
        """One mask a player."""
        return question.players.count * question.masker.n_draws

    def rows_needed(self, question: Question, budget: int) -> int:
        """One mask a player, whatever the budget."""
        return self.least_budget(question)

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        without = game.shared(1 - torch.eye(game.n_players, dtype=torch.float64))
        return Attribution(values=(game.value_full - without).T.numpy())
