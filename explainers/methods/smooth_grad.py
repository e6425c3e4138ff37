"""SmoothGrad: gradients averaged over noisy copies of the case."""

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
class SmoothGrad(Sampled):
    """Mean gradient over Gaussian copies, times (input - baseline), summed over each player.

    Reference:
        Smilkov et al. 2017, arXiv:1706.03825, section 2; section 4 there discusses the product
        with the input. Differs: the input is measured from the Question's baseline, so that values
        have a sign, the unit of the explained scale and a standard error of their own; and each
        noise is added once and taken away once (antithetic variates, Hammersley & Morton 1956),
        so that what is linear in it cancels.
    """

    group: ClassVar[int] = 2

    card: ClassVar[MethodCard] = MethodCard(
        id="smooth_grad",
        title="SmoothGrad",
        family="saliency",
        modalities=frozenset({"image"}),
        needs=frozenset({"gradient"}),
        signed=True,
        complete=False,
        stochastic=True,
        kind="additive",
        uses_baseline=True,
        assumption="The model is nearly linear on the scale of the noise, which washes out the "
        "fluctuations of a single gradient.",
        reference="Smilkov, Thorat, Kim, Viegas & Wattenberg 2017, arXiv:1706.03825",
        settings={
            "samples": "Noisy copies, in pairs of opposite noise, at most; the budget may allow "
            "fewer.",
            "noise": "Standard deviation of the noise over the input's range.",
        },
    )
    samples: int = 64
    noise: float = 0.1

    def _rounds(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Iterator[Callable[[], Attribution]]:
        question = game.question
        count, inputs = self.rows_needed(question, budget), question.inputs
        sigma = self.noise * float(inputs.max() - inputs.min())
        distance = inputs - question.masker.empty().mean(dim=0, keepdim=True)
        moments = SampleMoments(question.players, self.group)

        # One seed a pair: a copy is the same whichever pass it falls into, and when it is retried.
        seeds = torch.randint(2**62, (count // self.group,), generator=generator).tolist()

        def copies(part: slice) -> Tensor:
            noise = [
                _noise(seeds[copy // self.group], inputs.shape[1:], turned=copy % self.group > 0)
                for copy in range(count)[part]
            ]
            return inputs + sigma * torch.stack(noise).to(inputs)

        start = 0
        for stop in self.stages(question, budget):
            for _, gradient in game.gradients(stop, copies, start=start):
                moments.add(question.on_elements(gradient * distance.cpu().double()[:, None]))
            start = stop
            yield partial(averaged, moments)


def _noise(seed: int, shape: torch.Size, *, turned: bool) -> Tensor:
    """Standard noise of one copy, or the opposite of it."""
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    return -drawn if turned else drawn
