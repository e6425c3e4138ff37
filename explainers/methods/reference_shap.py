"""The shap package's KernelExplainer on the same Question and the same coalitions as ours."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from explainers.coalitions import draw_pairs
from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.budgets import Paired
from models.case import FloatArray


@dataclass(frozen=True, kw_only=True)
class ReferenceShap(Paired):
    """Cross-check: shap's own masking, averaging and regression, fed with KernelSHAP's coalitions.

    The package's sampler and its default l1 selection (biased: it keeps ten features) are left out,
    everything else is its code. It sees an instance of P ones against a background of zeros.
    """

    finite: ClassVar[bool] = True
    extra_masks: ClassVar[int] = 2  # the case and the baseline, asked anew
    card: ClassVar[MethodCard] = MethodCard(
        id="reference_shap",
        title="shap package",
        family="shap",
        modalities=frozenset({"image", "tabular", "text"}),
        signed=True,
        complete=True,
        stochastic=False,
        kind="additive",
        uses_baseline=True,
        assumption="As KernelSHAP; computed by the shap package as a cross-check.",
        reference="Lundberg & Lee, NeurIPS 2017, arXiv:1705.07874; package shap 0.51",
        settings={
            "masks": "Coalitions asked, at most; the same ones as KernelSHAP's for a regression."
        },
    )

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        from shap import KernelExplainer  # takes seconds to import, so only when it is asked for

        if game.n_players == 1:
            return Attribution(values=(game.value_full - game.value_empty)[:, None].numpy())
        sample = draw_pairs(game.n_players, self.n_pairs(game.question, budget), generator)
        masks = torch.cat([sample.masks, 1 - sample.masks]).numpy()
        weights = torch.cat([sample.weights, sample.weights]).numpy() / 2

        def answers(rows: FloatArray) -> FloatArray:
            values: FloatArray = game(torch.from_numpy(np.asarray(rows, dtype=np.float64))).numpy()
            return values

        present = np.ones((1, game.n_players))
        explainer = KernelExplainer(answers, np.zeros_like(present))
        explainer.varyingFeatureGroups = np.arange(game.n_players)
        explainer.M, explainer.nsamples, explainer.l1_reg = game.n_players, len(masks), False
        explainer.fx = answers(present)[0]
        explainer.allocate()
        for mask, weight in zip(masks, weights, strict=True):
            explainer.addsample(present, mask, weight)
        explainer.run()
        solved = [explainer.solve(1.0, t)[0] for t in range(len(game.question.targets))]
        return Attribution(values=np.stack(solved), settings={"masks": len(masks)})
