"""TreeSHAP: exact Shapley values of an ensemble of trees, through the shap package."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.glass_box import GlassBox, explained_parts
from explainers.question import Question
from models.adapter import HasTrees
from models.errors import UnsupportedMethodError


@dataclass(frozen=True, kw_only=True)
class TreeShap(GlassBox):
    """`shap.TreeExplainer`, interventional, against the Question's background.

    The package pays every encoded element; a player gets the sum over its elements. Where trees
    read one element a player, that is the player's Shapley value. Where they read several (places
    of a category), the package also counts records that show parts of two categories at once, and
    the sum may differ from the Shapley value of the category as a whole.

    Reference:
        Lundberg et al., Nat. Mach. Intell. 2020, arXiv:1905.04610.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="tree_shap",
        title="TreeSHAP",
        family="shap",
        modalities=frozenset({"tabular"}),
        needs=frozenset({"trees"}),
        signed=True,
        complete=True,
        stochastic=False,
        kind="additive",
        uses_baseline=True,
        assumption="As exact Shapley values, but paid to the elements a feature is encoded in and "
        "then summed.",
        reference="Lundberg et al., Nat. Mach. Intell. 2020, arXiv:1905.04610; package shap 0.51",
    )

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        from shap import TreeExplainer  # takes seconds to import, so only when it is asked for
        from shap.maskers import Independent

        question = game.question
        model = _trees(question)
        background = question.masker.empty().cpu().numpy()
        explainer = TreeExplainer(
            model.trees(),
            data=Independent(background, max_samples=len(background)),
            feature_perturbation="interventional",
        )
        case = question.inputs.cpu().numpy()
        margins = np.asarray(explainer.shap_values(case, check_additivity=False)[0], np.float64)
        flat = explained_parts(question, model.margins_to_logits(margins))
        return Attribution(values=question.players.pool(flat, how="sum"), element_map=flat)


def _trees(question: Question) -> HasTrees:
    """The model, when it shows its trees."""
    model = question.model
    if not isinstance(model, HasTrees):
        raise UnsupportedMethodError(f"{model.card.title} does not show its trees.")
    return model
