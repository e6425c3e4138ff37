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
    rows, lower = _design(sample)
    goals = halves - (sample.masks[:, -1:] - 0.5) * effect
    beta = solve(lower, (rows * sample.weights[:, None]).T @ goals)
    shapley = torch.cat([beta, effect - beta.sum(dim=0, keepdim=True)]).T
    if bool((sample.drawn == sample.existing).all()):  # nothing was left to chance
        return shapley, torch.zeros_like(shapley)
    residuals = (goals - rows @ beta)[:, None]
    hc3 = leverage_residuals(rows[:, None], sample.weights[:, None], residuals, lower)[:, 0]
    return shapley, _standard_errors(sample, rows, hc3, lower)


def errors_of_foretold(sample: PairSample, left_out: Tensor) -> Tensor:
    """Standard errors (T, P) of values that rest on an estimator's own foretelling of each pair.

    HC3's residual is what a pair differs by from what the others foretell of it. Here that is
    given, and not made larger once more.

    Args:
        sample: Pairs of coalitions with their weights and strata.
        left_out: (n, T) half differences minus what the other pairs foretell of them.

    Raises:
        BudgetError: the pairs do not determine the values.
    """
    rows, lower = _design(sample)
    return _standard_errors(sample, rows, left_out, lower)


def _design(sample: PairSample) -> tuple[Tensor, Tensor]:
    """Rows (n, P - 1) without the last player, and the Cholesky factor of their Gram matrix."""
    signs = sample.masks - 0.5
    rows = signs[:, :-1] - signs[:, -1:]  # phi_P = effect - sum of the others
    return rows, factor(rows.T @ (rows * sample.weights[:, None]))


def _standard_errors(sample: PairSample, rows: Tensor, hc3: Tensor, lower: Tensor) -> Tensor:
    """Sandwich by pairs -> (T, P)."""
    influence = solve(lower, (rows * sample.weights[:, None]).T).T  # (n, P-1): d beta / d goal
    influence = torch.cat([influence, -influence.sum(dim=1, keepdim=True)], dim=1)
    return torch.stack(
        [stratified_errors(sample, influence * column[:, None]) for column in hc3.unbind(dim=1)]
    )
