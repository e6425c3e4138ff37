"""Gradient saliency: where an infinitesimal change of brightness moves the value."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.budgets import OnePass


@dataclass(frozen=True, kw_only=True)
class Gradient(OnePass):
    """Absolute gradient of the explained value with respect to each pixel, averaged over players.

    Reference:
        Simonyan, Vedaldi & Zisserman, ICLR workshop 2014, arXiv:1312.6034, section 3.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="gradient",
        title="Gradient",
        family="saliency",
        modalities=frozenset({"image"}),
        needs=frozenset({"gradient"}),
        signed=False,
        complete=False,
        stochastic=False,
        kind="density",
        uses_baseline=False,
        assumption="A region matters as much as tiny changes in it would move the value; saturated "
        "evidence has no gradient and stays invisible.",
        reference="Simonyan, Vedaldi & Zisserman, ICLR workshop 2014, arXiv:1312.6034",
    )

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        _, gradient = next(iter(game.gradients(1, lambda _: game.question.inputs)))
        sizes = gradient[0].abs().sum(dim=1).flatten(1).numpy()  # channels summed: (T, E)
        return Attribution(values=game.question.players.pool(sizes, how="mean"), element_map=sizes)
