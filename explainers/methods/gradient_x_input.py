"""Gradient x input: the first-order guess of what replacing each player would do."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.budgets import OnePass


@dataclass(frozen=True, kw_only=True)
class GradientXInput(OnePass):
    """Gradient at the case times (input - baseline), summed over each player's elements.

    Reference:
        Shrikumar et al. 2016, arXiv:1605.01713. Differs: the input is measured from the Question's
        baseline; for the black baseline this is gradient x input to the letter.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="gradient_x_input",
        title="Gradient x input",
        family="saliency",
        modalities=frozenset({"image", "tabular", "text"}),
        needs=frozenset({"gradient"}),
        signed=True,
        complete=False,
        stochastic=False,
        kind="additive",
        uses_baseline=True,
        assumption="The model is nearly linear between the case and the baseline.",
        reference="Shrikumar, Greenside, Shcherbina & Kundaje 2016, arXiv:1605.01713",
    )

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        question = game.question
        point = question.point
        _, gradient = next(iter(game.gradients(1, lambda _: point)))
        distance = point - question.origins.mean(dim=0, keepdim=True)
        flat = question.on_elements(gradient[0] * distance.cpu().double()).numpy()
        return Attribution(values=question.players.pool(flat, how="sum"), element_map=flat)
