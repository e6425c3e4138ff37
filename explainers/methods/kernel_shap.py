"""KernelSHAP: Shapley values by regression over coalitions, exact constraint, honest error bars."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from explainers.bank import shapley_values
from explainers.coalitions import draw_bank, draw_pairs
from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.budgets import ESTIMATOR_MEANS, Banked, ask_pairs


@dataclass(frozen=True, kw_only=True)
class KernelShap(Banked):
    """Estimate Shapley values from paired coalitions.

    A pair {S, complement} enters through half its difference u = (v(S) - v(complement)) / 2, which
    Shapley values predict as sum_j (z_j - 1/2) phi_j: even parts of the game cancel exactly. Where
    rows are dear, a Gaussian process describes what this sum leaves (explainers/bank.py); else
    weighted regression does as well with more rows.

    Reference:
        Lundberg & Lee, NeurIPS 2017, arXiv:1705.07874, Theorem 2; Covert & Lee, AISTATS 2021,
        arXiv:2012.01536 (pairs). Differs: sum phi = v(full) - v(empty) is eliminated, not weighted;
        sizes are allocated, not drawn; coalitions are never repeated; no l1 selection; for films
        and texts the Gaussian process, on a bank of coalitions that LIME shares.
    """

    finite: ClassVar[bool] = True
    card: ClassVar[MethodCard] = MethodCard(
        id="kernel_shap",
        title="KernelSHAP",
        family="shap",
        modalities=frozenset({"image", "tabular", "text"}),
        signed=True,
        complete=True,
        stochastic=True,
        kind="additive",
        uses_baseline=True,
        assumption="The model's answers to cases with parts replaced by the baseline are "
        "meaningful, and each part is paid its average contribution over all orders.",
        reference="Lundberg & Lee, NeurIPS 2017, arXiv:1705.07874; "
        "Covert & Lee, AISTATS 2021, arXiv:2012.01536",
        settings={
            "masks": "Coalitions asked, at most; the budget may allow fewer.",
            "estimator": ESTIMATOR_MEANS,
        },
    )

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        effect = game.value_full - game.value_empty
        if game.n_players == 1:
            alone = effect[:, None].numpy()
            return Attribution(values=alone, std_error=np.zeros_like(alone))
        choice, n_pairs = self.choice(game.question, budget), self.n_pairs(game.question, budget)
        if choice.name == "regression":
            sample = draw_pairs(game.n_players, n_pairs, generator)
            bank = ask_pairs(game, sample, game)
        else:
            sample = draw_bank(game.n_players, n_pairs, generator)
            bank = ask_pairs(game, sample, game.shared)
        found = shapley_values(bank, processes=choice.name == "gaussian process")
        return Attribution(
            values=found.values.numpy(),
            std_error=found.std_error.numpy(),
            settings={
                "masks": 2 * len(sample.masks),
                "enumerated": bank.complete,
                **self.told(choice, fitted=found.fitted),
            },
        )
