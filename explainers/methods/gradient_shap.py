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
        Integrated Gradients by random points; no noise is added to the input. Points are drawn in
        groups whose places on the path are a lattice at a random shift (Cranley & Patterson, SIAM
        J. Numer. Anal. 1976), from draws of the baseline that differ where there are several: each
        is uniform, and together they leave no gap.
    """

    group: ClassVar[int] = 8

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
        settings={
            "samples": "Random points, in groups of eight, at most; the budget may allow fewer."
        },
    )
    samples: int = 256

    def _rounds(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Iterator[Callable[[], Attribution]]:
        question = game.question
        count = self.rows_needed(question, budget)
        point, empty = question.point, question.origins
        # One row of random numbers a group: more groups go on where fewer have ended.
        decks = -(-self.group // len(empty)) * len(empty)
        chance = torch.rand(count // self.group, decks + 1, generator=generator).double()
        draw = (chance[:, :-1].argsort(dim=1, stable=True)[:, : self.group] % len(empty)).flatten()
        draw = draw.to(empty.device)
        places = (torch.arange(self.group) + chance[:, -1:]) / self.group
        alpha = places.flatten().to(empty)
        moments = SampleMoments(question.players, self.group)

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
