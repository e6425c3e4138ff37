"""Grad-CAM++: Grad-CAM with pixel-wise weights that also see several and small findings."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.feature_maps import maps_and_gradients, upsampled
from explainers.methods.base import Attribution
from explainers.methods.budgets import OnePass


@dataclass(frozen=True, kw_only=True)
class GradCamPlusPlus(OnePass):
    """ReLU of feature maps weighted by alpha-weighted positive gradients.

    Reference:
        Chattopadhay et al., WACV 2018, arXiv:1710.11063, equations 10 and 19 (closed form for the
        exponential of the explained value). Departs where the denominator is 0: alpha is 0 there.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="grad_cam_plus_plus",
        title="Grad-CAM++",
        family="saliency",
        modalities=frozenset({"image"}),
        needs=frozenset({"gradient", "feature_maps"}),
        signed=False,
        complete=False,
        stochastic=False,
        kind="density",
        uses_baseline=False,
        assumption="As Grad-CAM; several separate findings may share the evidence.",
        reference="Chattopadhay, Sarkar, Howlader & Balasubramanian, WACV 2018, arXiv:1710.11063",
    )

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        maps, gradients = maps_and_gradients(game)
        squares, cubes = gradients**2, gradients**3
        mass = maps.sum(dim=(-2, -1), keepdim=True)
        below = 2 * squares + mass * cubes
        alpha = torch.where(below.abs() > 0, squares / below.where(below != 0, 1.0), 0.0)
        weights = (alpha * gradients.relu()).sum(dim=(-2, -1), keepdim=True)
        heat = (weights * maps).sum(dim=1).relu()
        flat = upsampled(heat, game.question.players.element_shape)
        return Attribution(values=game.question.players.pool(flat, how="mean"), element_map=flat)
