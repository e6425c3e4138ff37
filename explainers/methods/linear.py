"""Exact coefficients: what every feature of a linear model adds, read from the model itself."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.glass_box import GlassBox, explained_parts
from explainers.question import Question
from models.adapter import HasLinearForm
from models.errors import UnsupportedMethodError


@dataclass(frozen=True, kw_only=True)
class Linear(GlassBox):
    """Coefficient times distance from the background's mean, summed over a player's elements.

    These are the exact Shapley values of the game against the same background.

    Reference:
        Strumbelj & Kononenko, Knowl. Inf. Syst. 2014; Lundberg & Lee, NeurIPS 2017,
        arXiv:1705.07874, Corollary 1.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="linear",
        title="Exact coefficients",
        family="saliency",
        modalities=frozenset({"tabular"}),
        needs=frozenset({"linear"}),
        signed=True,
        complete=True,
        stochastic=False,
        kind="additive",
        uses_baseline=True,
        assumption="None about the model, which is linear: only the comparison with the average "
        "record is a choice.",
        reference="Strumbelj & Kononenko, Knowl. Inf. Syst. 2014; "
        "Lundberg & Lee, NeurIPS 2017, arXiv:1705.07874",
    )

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        question = game.question
        weights, _ = _linear(question).linear_form()
        coefficients = explained_parts(question, weights.detach().T)
        background = question.masker.empty().double().mean(dim=0)
        distance = (question.inputs[0].double() - background).cpu().numpy()
        flat = coefficients * distance
        return Attribution(values=question.players.pool(flat, how="sum"), element_map=flat)


def _linear(question: Question) -> HasLinearForm:
    """The model, when it shows its coefficients."""
    model = question.model
    if not isinstance(model, HasLinearForm):
        raise UnsupportedMethodError(f"{model.card.title} does not show its coefficients.")
    return model
