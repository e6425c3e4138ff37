"""KernelSHAP's regression over pairs of coalitions, with the error bars of its sample."""

import torch
from torch import Tensor

from explainers.coalitions import PairSample
from explainers.regression import factor, leverage_residuals, solve, stratified_errors


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
    if bool((sample.drawn == sample.existing).all()):  # nothing was left to chance
        return shapley, torch.zeros_like(shapley)
    errors = _standard_errors(sample, rows, goals - rows @ beta, lower)
    return shapley, errors


def _standard_errors(sample: PairSample, rows: Tensor, residuals: Tensor, lower: Tensor) -> Tensor:
    """Sandwich by pairs (HC3) -> (T, P)."""
    weights = sample.weights[:, None]
    hc3 = leverage_residuals(rows[:, None], weights, residuals[:, None], lower)[:, 0]
    influence = solve(lower, (rows * weights).T).T  # (n, P-1): d beta / d goal
    influence = torch.cat([influence, -influence.sum(dim=1, keepdim=True)], dim=1)
    return torch.stack(
        [stratified_errors(sample, influence * column[:, None]) for column in hc3.unbind(dim=1)]
    )
