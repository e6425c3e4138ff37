"""GradientSHAP (expected gradients): path gradients at random points from random baselines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.budgets import Sampled, averaged
from explainers.moments import SampleMoments


@dataclass(frozen=True, kw_only=True)
class GradientShap(Sampled):
    """Monte-Carlo mean of gradient x (input - baseline) at random points of random paths.

    Reference:
        Erion et al., Nature Machine Intelligence 2021, arXiv:1906.10670, equation 4. Differs: the
        background is the Question's baseline with its draws, so with a single draw this estimates
        Integrated Gradients by random points; no noise is added to the input.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="gradient_shap",
        title="GradientSHAP",
        family="shap",
        modalities=frozenset({"image", "tabular", "text"}),
        needs=frozenset({"gradient"}),
        signed=True,
        complete=True,
        stochastic=True,
        kind="additive",
        uses_baseline=True,
        assumption="The inputs on the straight paths from baselines to case are meaningful.",
        reference="Erion, Janizek, Sturmfels, Lundberg & Lee, Nat. Mach. Intell. 2021, "
        "arXiv:1906.10670",
        settings={"samples": "Random points, at most; the budget may allow fewer."},
    )
    samples: int = 256

    def _rounds(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Iterator[Callable[[], Attribution]]:
        question = game.question
        count = self.rows_needed(question, budget)
        point, empty = question.point, question.origins
        # One row of random numbers a sample: more samples go on where fewer have ended.
        chance = torch.rand(count, 2, generator=generator, dtype=torch.float64)
        draw = (chance[:, 0] * len(empty)).long().to(empty.device)
        alpha = chance[:, 1].to(empty)
        moments = SampleMoments(question.players)

        def points(part: slice) -> Tensor:
            blend = alpha[part].view(-1, *([1] * (empty.ndim - 1)))
            return torch.lerp(empty[draw[part]], point, blend)

        start = 0
        for stop in self.stages(question, budget):
            for part, gradient in game.gradients(stop, points, start=start):
                distance = (point - empty[draw[part]]).cpu().double()
                moments.add(question.on_elements(gradient * distance[:, None]))
            start = stop
            yield partial(averaged, moments)
