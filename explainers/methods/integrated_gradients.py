"""Integrated Gradients: gradients gathered on the straight path from baseline to case."""

from dataclasses import dataclass
from typing import ClassVar, Final

import torch
from torch import Tensor

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution, Method
from explainers.question import Question

LEAST_STEPS: Final = 8
MANY_PATHS: Final = 32


@dataclass(frozen=True, kw_only=True)
class IntegratedGradients(Method):
    """Midpoint-rule path integral, averaged over the baseline's draws.

    Values sum to value_full - value_empty up to the quadrature error, which is reported as the
    completeness gap.

    Reference:
        Sundararajan, Taly & Yan, ICML 2017, arXiv:1703.01365, equation 1. Differs: midpoints
        instead of the right-hand rule (on a smooth path the error falls with steps squared).
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="integrated_gradients",
        title="Integrated Gradients",
        family="saliency",
        modalities=frozenset({"image", "tabular", "text"}),
        needs=frozenset({"gradient"}),
        signed=True,
        complete=True,
        stochastic=False,
        kind="additive",
        uses_baseline=True,
        assumption="The inputs on the straight path from baseline to case are meaningful.",
        reference="Sundararajan, Taly & Yan, ICML 2017, arXiv:1703.01365",
        settings={
            "steps": "Points on each path, at most; the budget may allow fewer.",
            "record_steps": "The same where there are 32 paths or more, from as many records: what "
            "one misses another makes up for.",
        },
    )
    steps: int = 64
    record_steps: int = LEAST_STEPS

    def least_budget(self, question: Question) -> int:
        """Eight steps on every path; fewer do not approximate an integral."""
        return LEAST_STEPS * question.masker.n_draws

    def rows_needed(self, question: Question, budget: int) -> int:
        """Steps times draws."""
        return self._steps(question, budget) * question.masker.n_draws

    def _steps(self, question: Question, budget: int) -> int:
        """Steps on each path that setting and budget allow."""
        draws = question.masker.n_draws
        wanted = self.record_steps if draws >= MANY_PATHS else self.steps
        return min(max(wanted, LEAST_STEPS), budget // draws)

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        question = game.question
        steps = self._steps(question, budget)
        point, empty = question.point, question.origins
        count = steps * len(empty)
        index = torch.arange(count, device=empty.device)
        draw, alpha = index // steps, ((index % steps) + 0.5) / steps

        def points(part: slice) -> Tensor:
            blend = alpha[part].view(-1, *([1] * (empty.ndim - 1))).to(empty)
            return torch.lerp(empty[draw[part]], point, blend)

        total = torch.zeros(len(question.targets), *empty.shape[1:], dtype=torch.float64)
        for part, gradient in game.gradients(count, points):
            distance = (point - empty[draw[part]]).cpu().double()
            total += (gradient * distance[:, None]).sum(dim=0)
        flat = question.on_elements(total / count).numpy()
        return Attribution(
            values=question.players.pool(flat, how="sum"),
            element_map=flat,
            settings={"steps": steps},
        )
