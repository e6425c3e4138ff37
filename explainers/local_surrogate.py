"""The weighted ridge regression that imitates a model around one case: the common core of LIME."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import Tensor

from explainers.regression import cluster_influence, factor, solve

ROUNDING = 1e-28  # of squares
Numbers = TypeVar("Numbers")  # tensors or arrays


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surrogate(Generic[Numbers]):
    """A fitted local linear model.

    Attributes:
        values: (T, P) coefficients, or what was made of them.
        std_error: (T, P).
        intercept: (T,).
        r2: (T,) weighted R^2 of the fit ("surrogate fidelity").
    """

    values: Numbers
    std_error: Numbers
    intercept: Numbers
    r2: Numbers


def fit_ridge(
    design: Tensor, goals: Tensor, weights: Tensor, *, penalty: float, cluster: int
) -> Surrogate[Tensor]:
    """Weighted ridge with an unpenalised intercept; standard errors are HC3 by clusters.

    Args:
        design: (1 + n, d) float64, or bool; row 0 is the case itself and not random.
        goals: (1 + n, T) the model's values.
        weights: (1 + n,) proximity to the case.
        penalty: Ridge penalty on the coefficients.
        cluster: Consecutive rows that were drawn together; divides n.

    Raises:
        BudgetError: the rows do not determine the coefficients.
    """
    rows = torch.cat([design.to(goals), goals.new_ones(len(design), 1)], dim=1)
    weighed = rows * weights[:, None]
    ridge = goals.new_full((rows.shape[1],), penalty)
    ridge[-1] = 0.0
    lower = factor(weighed.T @ rows + ridge.diag())
    beta = solve(lower, weighed.T @ goals)
    fitted = rows @ beta
    # The case is not random.
    moved = cluster_influence(rows[1:], weights[1:], (goals - fitted)[1:], lower, cluster)
    return Surrogate(
        values=beta[:-1].T,
        std_error=moved[:, :, :-1].square().sum(dim=0).sqrt(),
        intercept=beta[-1],
        r2=weighted_r2(goals, fitted, weights),
    )


def weighted_r2(goals: Tensor, fitted: Tensor, weights: Tensor) -> Tensor:
    """R^2 (T,) of a fit (n, T) to goals (n, T) under weights (n,); 0 where goals do not differ."""
    mean = weights @ goals / weights.sum()
    total = weights @ (goals - mean).square()
    left = weights @ (goals - fitted).square()
    differ = total > ROUNDING * (weights @ goals.square())
    return torch.where(differ, 1 - left / total, torch.zeros_like(total))
