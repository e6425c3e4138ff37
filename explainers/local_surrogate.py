"""The weighted ridge regression that imitates a model around one case: the common core of LIME."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from explainers.regression import cluster_influence, factor

ROUNDING = 1e-28  # of squares
BLOCK = 65_536  # numbers worked on at a time: they stay in the cache, whatever is fitted
NEVER_ONE = 1e-10  # added to 1 - leverage: a row that the fit reproduces alone has residual 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeats:
    """How rows of a regression stand for several whose goals differ.

    Attributes:
        counts: (n,) float64 how many; their mean goal is the row's.
        within: (n, T) summed squares of their goals about that mean.
    """

    counts: Tensor
    within: Tensor


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
    repeats: Repeats | None = None,
) -> Surrogate:
    """Weighted ridge with an unpenalised intercept; standard errors are HC3 by clusters.

    Args:
        design: (1 + n, d) float64, or bool; row 0 is the case itself and not random.
        goals: (1 + n, T) the model's values.
        weights: (1 + n,) proximity to the case.
        penalty: Ridge penalty on the coefficients.
        cluster: Consecutive rows that were drawn together; divides n.
        combine: (d, P) what is reported of the coefficients: coefficients @ combine. None reports
            the coefficients themselves.
        repeats: Where each row stands for several that were drawn by themselves; the case for one.

    Raises:
        BudgetError: the rows do not determine the coefficients.
    """
    if design.dtype == torch.bool:
        design = design.view(torch.uint8)  # the same numbers, converted three times as fast
    mass = weights if repeats is None else weights * repeats.counts
    parts = _parts(design, cluster)
    gram = goals.new_zeros(design.shape[1] + 1, design.shape[1] + 1)
    gram.diagonal()[:-1] = penalty
    right = goals.new_zeros(len(gram), goals.shape[1])
    for part in parts:
        columns = _columns(design[part])
        weighted = columns * mass[part]
        gram.addmm_(weighted, columns.T)
        right.addmm_(weighted, goals[part])
    variances = _Variances(lower=factor(gram), combine=combine, cluster=cluster)
    beta = variances.inverse @ right
    unexplained, squares = torch.empty_like(goals), goals.new_zeros(())
    for part in parts:
        if len(parts) > 1:  # a single part is still at hand
            columns = _columns(design[part])
        residuals = goals[part] - columns.T @ beta
        unexplained[part] = residuals.square()
        if repeats is not None:
            unexplained[part] *= repeats.counts[part, None]
            unexplained[part] += repeats.within[part]
        drawn = slice(1 if part.start == 0 else 0, None)  # the case is not random
        found = residuals if cluster > 1 else unexplained[part]
        squares = squares + variances(columns[:, drawn], weights[part][drawn], found[drawn])
    coefficients = beta[:-1].T
    return Surrogate(
        values=coefficients if combine is None else coefficients @ combine,
        std_error=squares.sqrt(),
        intercept=beta[-1],
        r2=_r2(
            goals,
            weights @ unexplained,
            mass,
            None if repeats is None else weights @ repeats.within,
        ),
    )


def _parts(design: Tensor, cluster: int) -> list[slice]:
    """Rows (1 + n, d) in parts that stay in the cache; the case is beside the first clusters."""
    size = max(1, BLOCK // (design.shape[1] + 1) // cluster) * cluster
    ends = [1, *range(1 + size, len(design), size), len(design)]
    return [slice(a if a > 1 else 0, b) for a, b in pairwise(ends)]


def _columns(design: Tensor) -> Tensor:
    """Rows (m, d) of any type -> (d + 1, m) float64 with the intercept last."""
    columns = torch.empty(design.shape[1] + 1, len(design), dtype=torch.float64)
    columns[:-1] = design.T
    columns[-1] = 1.0
    return columns


class _Variances:
    """Variances (T, P) that parts of the rows add to what is reported: the sandwich, HC3.

    Args:
        lower: Cholesky factor of the penalised Gram matrix (d + 1, d + 1).
        combine: See `fit_ridge`.
        cluster: Likewise.

    Attributes:
        inverse: (d + 1, d + 1) inverse of the Gram matrix.
    """

    def __init__(self, *, lower: Tensor, combine: Tensor | None, cluster: int) -> None:
        self._lower, self._combine, self._cluster = lower, combine, cluster
        self.inverse = torch.cholesky_inverse(lower)  # a product with it is faster than solving

    def __call__(self, columns: Tensor, weights: Tensor, left: Tensor) -> Tensor:
        """Of columns (d + 1, m), which are used up, their weights (m,) and what is left (m, T).

        What is left is a residual where rows were drawn together, else its square, summed over all
        that a row stands for.
        """
        if self._cluster > 1:
            return self._together(columns, weights, left)
        solved = self.inverse @ columns  # (d + 1, m)
        moved = solved[:-1]  # (P, m)
        if self._combine is not None:
            moved = (self._combine.T @ self.inverse[:-1]) @ columns
        leverage = columns.mul_(solved).sum(dim=0) * weights  # columns are read no more
        score = (weights / (1 + NEVER_ONE - leverage)).square()
        return (moved.square_() @ (score[:, None] * left)).T

    def _together(self, columns: Tensor, weights: Tensor, residuals: Tensor) -> Tensor:
        """Where consecutive rows were drawn together; the same where a cluster is one row."""
        rows = columns.T.contiguous()
        moved = cluster_influence(rows, weights, residuals, self._lower, self._cluster)
        influence = moved[:, :, :-1]
        reported = influence if self._combine is None else influence @ self._combine
        return (reported**2).sum(dim=0)


def weighted_r2(goals: Tensor, fitted: Tensor, weights: Tensor) -> Tensor:
    """R^2 (T,) of a fit (n, T) to goals (n, T) under weights (n,); 0 where goals do not differ."""
    return _r2(goals, weights @ (goals - fitted).square(), weights)


def _r2(goals: Tensor, left: Tensor, weights: Tensor, within: Tensor | None = None) -> Tensor:
    """The same of weighted sums (T,): of squares left, and of those about goals that are means."""
    mean = weights @ goals / weights.sum()
    total = weights @ (goals - mean).square()
    if within is not None:
        total = total + within
    differ = total > ROUNDING * (weights @ goals.square())
    return torch.where(differ, 1 - left / total, torch.zeros_like(total))
