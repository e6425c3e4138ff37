"""Guided Backprop: the gradient with negative parts cut off at every rectifier."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.budgets import OnePass
from explainers.rectifiers import GuidedRectifiers
from models.errors import UnsupportedMethodError


@dataclass(frozen=True, kw_only=True)
class GuidedBackprop(OnePass):
    """Absolute guided gradient with respect to each pixel, averaged over players.

    Offered because it is widely used, and to show what the test with randomised weights finds:
    its maps hardly change when the layers that decide the answer hold random numbers.

    Reference:
        Springenberg, Dosovitskiy, Brox & Riedmiller, ICLR workshop 2015, arXiv:1412.6806, section
        3.4. Differs: ReLU6 is guided like ReLU; sizes are taken, as signs mean nothing after the
        cuts.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="guided_backprop",
        title="Guided Backprop",
        family="saliency",
        modalities=frozenset({"image"}),
        needs=frozenset({"gradient"}),
        signed=False,
        complete=False,
        stochastic=False,
        kind="density",
        uses_baseline=False,
        assumption="What survives when negative gradients are cut off at every ReLU is evidence; "
        "mostly it is the film's own edges, whatever the upper layers have learned.",
        reference="Springenberg, Dosovitskiy, Brox & Riedmiller, ICLR workshop 2015, "
        "arXiv:1412.6806",
    )

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        with GuidedRectifiers() as rectifiers:
            _, gradient = next(iter(game.gradients(1, lambda _: game.question.inputs)))
        if rectifiers.count == 0:
            raise UnsupportedMethodError(
                f"{self.card.title} changes what ReLUs pass back, and "
                f"{game.question.model.card.title} has none.",
                "Gradient is the same without that change.",
            )
        sizes = gradient[0].abs().sum(dim=1).flatten(1).numpy()  # channels summed: (T, E)
        return Attribution(values=game.question.players.pool(sizes, how="mean"), element_map=sizes)
