"""KernelSHAP: Shapley values by regression over coalitions, exact constraint, honest error bars."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from explainers.coalitions import PairSample, count_pairs, draw_pairs
from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.budgets import Paired
from explainers.regression import factor, leverage_residuals, solve


@dataclass(frozen=True, kw_only=True)
class KernelShap(Paired):
    """Estimate Shapley values by weighted regression over paired coalitions.

    A pair {S, complement} enters through half its difference u = (v(S) - v(complement)) / 2, which
    Shapley values predict as sum_j (z_j - 1/2) phi_j: even parts of the game cancel exactly.

    Reference:
        Lundberg & Lee, NeurIPS 2017, arXiv:1705.07874, Theorem 2; Covert & Lee, AISTATS 2021,
        arXiv:2012.01536 (pairs). Differs: sum phi = v(full) - v(empty) is eliminated, not weighted;
        sizes are allocated, not drawn; coalitions are never repeated; no l1 selection.
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
        settings={"masks": "Coalitions asked, at most; the budget may allow fewer."},
    )

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        effect = game.value_full - game.value_empty
        if game.n_players == 1:
            alone = effect[:, None].numpy()
            return Attribution(values=alone, std_error=np.zeros_like(alone))
        n_pairs = self.n_pairs(game.question, budget)
        sample = draw_pairs(game.n_players, n_pairs, generator)
        values = game(torch.cat([sample.masks, 1 - sample.masks]))
        halves = (values[: len(sample.masks)] - values[len(sample.masks) :]) / 2
        shapley, errors = regress(sample, halves, effect)
        exact = len(sample.masks) == count_pairs(game.n_players)
        return Attribution(
            values=shapley.numpy(),
            std_error=errors.numpy(),
            settings={"masks": 2 * len(sample.masks), "enumerated": exact},
        )


def regress(sample: PairSample, halves: Tensor, effect: Tensor) -> tuple[Tensor, Tensor]:
    """Constrained weighted least squares over pairs.

    Args:
        sample: Pairs of coalitions with their weights and strata.
        halves: (n, T) half differences (v(S) - v(complement)) / 2.
        effect: (T,) v(full) - v(empty), which the values must sum to.

    Returns:
        Shapley values (T, P) and their standard errors (T, P), 0 where every pair was asked.

    Raises:
        BudgetError: the pairs do not determine the values.
    """
    signs = sample.masks - 0.5
    # Eliminate the last player: phi_P = effect - sum of the others.
    rows = signs[:, :-1] - signs[:, -1:]
    goals = halves - signs[:, -1:] * effect
    weighted = rows * sample.weights[:, None]
    lower = factor(rows.T @ weighted)
    beta = solve(lower, weighted.T @ goals)
    shapley = torch.cat([beta, effect - beta.sum(dim=0, keepdim=True)]).T
    errors = _standard_errors(sample, rows, goals - rows @ beta, lower)
    return shapley, errors


def _standard_errors(sample: PairSample, rows: Tensor, residuals: Tensor, lower: Tensor) -> Tensor:
    """Sandwich by pairs: HC3, stratified by size, finite-population corrected -> (T, P).

    Strata are sampled without replacement from finitely many pairs, so a stratum that was asked
    completely adds nothing (Cochran, Sampling Techniques, 1977, section 5.6).
    """
    hc3 = leverage_residuals(rows[:, None], sample.weights[:, None], residuals[:, None], lower)[
        :, 0
    ]
    influence = solve(lower, (rows * sample.weights[:, None]).T).T  # (n, P-1): d beta / d goal
    influence = torch.cat([influence, -influence.sum(dim=1, keepdim=True)], dim=1)
    index = sample.stratum
    drawn = sample.drawn[index].clamp_min(2)
    correction = (1 - sample.drawn / sample.existing)[index] * drawn / (drawn - 1)
    variance = []
    for column in hc3.unbind(dim=1):
        score = influence * column[:, None]
        sums = torch.zeros(len(sample.drawn), score.shape[1], dtype=score.dtype)
        mean = sums.index_add_(0, index, score) / sample.drawn[:, None].clamp_min(1)
        variance.append((correction[:, None] * (score - mean[index]) ** 2).sum(dim=0))
    return torch.stack(variance).clamp_min(0).sqrt()
