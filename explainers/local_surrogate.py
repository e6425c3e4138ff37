"""The weighted ridge regression that imitates a model around one case: the common core of LIME."""

from dataclasses import dataclass

import torch
from torch import Tensor

from explainers.regression import cluster_influence, factor, solve

ROUNDING = 1e-28  # of squares
NEVER_ONE = 1e-10  # added to 1 - leverage: a row that the fit reproduces alone has residual 0


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
    columns = torch.cat([design.T, design.new_ones(1, len(design))])  # (d + 1, 1 + n)
    weighted = columns * weights
    ridge = torch.full((len(columns),), penalty, dtype=columns.dtype)
    ridge[-1] = 0.0
    lower = factor(weighted @ columns.T + ridge.diag())
    beta = solve(lower, weighted @ goals)
    fitted = columns.T @ beta
    residuals = goals - fitted
    drawn = (columns[:, 1:], weights[1:], residuals[1:], lower)
    squares = _alone(*drawn, combine) if cluster == 1 else _together(*drawn, combine, cluster)
    coefficients = beta[:-1].T
    return Surrogate(
        values=coefficients if combine is None else coefficients @ combine,
        std_error=squares.sqrt(),
        intercept=beta[-1],
        r2=weighted_r2(goals, fitted, weights),
    )


def _alone(
    columns: Tensor, weights: Tensor, residuals: Tensor, lower: Tensor, combine: Tensor | None
) -> Tensor:
    """Variances (T, P) where every row was drawn alone: `_together` in two matrix products."""
    solved = solve(lower, columns)  # (d + 1, n)
    leverage = (columns * solved).sum(dim=0) * weights
    score = residuals / (1 - leverage + NEVER_ONE)[:, None] * weights[:, None]
    moved = solved[:-1] if combine is None else combine.T @ solved[:-1]  # (P, n) a unit of score
    return (moved.square_() @ score.square_()).T


def _together(
    columns: Tensor,
    weights: Tensor,
    residuals: Tensor,
    lower: Tensor,
    combine: Tensor | None,
    cluster: int,
) -> Tensor:
    """Variances (T, P) by the sandwich over clusters of consecutive rows."""
    moved = cluster_influence(columns.T.contiguous(), weights, residuals, lower, cluster)
    influence = moved[:, :, :-1]
    return ((influence if combine is None else influence @ combine) ** 2).sum(dim=0)


def weighted_r2(goals: Tensor, fitted: Tensor, weights: Tensor) -> Tensor:
    """R^2 (T,) of a fit (n, T) to goals (n, T) under weights (n,); 0 where goals do not differ."""
    centred = goals - (weights[:, None] * goals).sum(dim=0) / weights.sum()
    total = (weights[:, None] * centred**2).sum(dim=0)
    unexplained = (weights[:, None] * (goals - fitted) ** 2).sum(dim=0)
    differ = total > ROUNDING * (weights[:, None] * goals**2).sum(dim=0)
    return torch.where(differ, 1 - unexplained / total, torch.zeros_like(total))
