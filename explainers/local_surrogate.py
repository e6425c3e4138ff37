"""The weighted ridge regression that imitates a model around one case: the common core of LIME."""

from dataclasses import dataclass

import torch
from torch import Tensor

from explainers.regression import cluster_influence, factor, solve

ROUNDING = 1e-28  # of squares


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surrogate:
    """A fitted local linear model.

    Attributes:
        values: (T, P) coefficients, or what was made of them.
        std_error: (T, P).
        intercept: (T,).
        r2: (T,) weighted R^2 of the fit ("surrogate fidelity").
    """

    values: Tensor
    std_error: Tensor
    intercept: Tensor
    r2: Tensor


def fit_ridge(
    design: Tensor,
    goals: Tensor,
    weights: Tensor,
    *,
    penalty: float,
    cluster: int,
    combine: Tensor | None = None,
) -> Surrogate:
    """Weighted ridge with an unpenalised intercept; standard errors are HC3 by clusters.

    Args:
        design: (1 + n, d) float64; row 0 is the case itself and not random.
        goals: (1 + n, T) the model's values.
        weights: (1 + n,) proximity to the case.
        penalty: Ridge penalty on the coefficients.
        cluster: Consecutive rows that were drawn together; divides n.
        combine: (d, P) what is reported of the coefficients: coefficients @ combine. None reports
            the coefficients themselves.

    Raises:
        BudgetError: the rows do not determine the coefficients.
    """
    rows = torch.cat([design, design.new_ones(len(design), 1)], dim=1)
    weighted = rows * weights[:, None]
    ridge = torch.full((rows.shape[1],), penalty, dtype=rows.dtype)
    ridge[-1] = 0.0
    lower = factor(rows.T @ weighted + ridge.diag())
    beta = solve(lower, weighted.T @ goals)
    residuals = goals - rows @ beta
    moved = cluster_influence(rows[1:], weights[1:], residuals[1:], lower, cluster)
    influence = moved[:, :, :-1]
    coefficients = beta[:-1].T
    return Surrogate(
        values=coefficients if combine is None else coefficients @ combine,
        std_error=((influence if combine is None else influence @ combine) ** 2).sum(dim=0).sqrt(),
        intercept=beta[-1],
        r2=weighted_r2(goals, rows @ beta, weights),
    )


def weighted_r2(goals: Tensor, fitted: Tensor, weights: Tensor) -> Tensor:
    """R^2 (T,) of a fit (n, T) to goals (n, T) under weights (n,); 0 where goals do not differ."""
    centred = goals - (weights[:, None] * goals).sum(dim=0) / weights.sum()
    total = (weights[:, None] * centred**2).sum(dim=0)
    unexplained = (weights[:, None] * (goals - fitted) ** 2).sum(dim=0)
    differ = total > ROUNDING * (weights[:, None] * goals**2).sum(dim=0)
    return torch.where(differ, 1 - unexplained / total, torch.zeros_like(total))
