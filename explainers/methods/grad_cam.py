"""Grad-CAM: the last feature maps, weighted by their mean gradient."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.feature_maps import maps_and_gradients, upsampled
from explainers.methods.base import Attribution
from explainers.methods.budgets import OnePass


@dataclass(frozen=True, kw_only=True)
class GradCam(OnePass):
    """ReLU of the gradient-weighted sum of the last feature maps, upsampled bilinearly.

    Reference:
        Selvaraju et al., ICCV 2017, arXiv:1610.02391, equations 1 and 2.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="grad_cam",
        title="Grad-CAM",
        family="saliency",
        modalities=frozenset({"image"}),
        needs=frozenset({"gradient", "feature_maps"}),
        signed=False,
        complete=False,
        stochastic=False,
        kind="density",
        uses_baseline=False,
        assumption="The last feature maps keep the place of what they respond to; only evidence in "
        "favour of the target is drawn.",
        reference="Selvaraju et al., ICCV 2017, arXiv:1610.02391",
    )

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        maps, gradients = maps_and_gradients(game)
        weights = gradients.mean(dim=(-2, -1), keepdim=True)  # equation 1: (T, C, 1, 1)
        heat = (weights * maps).sum(dim=1).relu()  # equation 2: (T, h, w)
        flat = upsampled(heat, game.question.players.element_shape)
        return Attribution(values=game.question.players.pool(flat, how="mean"), element_map=flat)
