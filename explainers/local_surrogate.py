"""The weighted ridge regression that imitates a model around one case: the common core of LIME."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from scipy.linalg.lapack import dtrtri
from torch import Tensor

from explainers.regression import cluster_influence, small_factor
from models.case import FloatArray

ROUNDING = 1e-28  # of squares
BLOCK = 65_536  # numbers worked on at a time: they stay in the cache, whatever is fitted
NEVER_ONE = 1e-10  # added to 1 - leverage: a row that the fit reproduces alone has residual 0
Numbers: TypeAlias = FloatArray | npt.NDArray[np.bool_]


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
        design: (1 + n, d) float64, or bool; row 0 is the case itself and not random.
        goals: (1 + n, T) the model's values.
        weights: (1 + n,) proximity to the case.
        penalty: Ridge penalty on the coefficients.
        cluster: Consecutive rows that were drawn together; divides n.
        combine: (d, P) what is reported of the coefficients: coefficients @ combine. None reports
            the coefficients themselves.

    Raises:
        BudgetError: the rows do not determine the coefficients.
    """
    # In numpy: a call of torch's takes three times as long, and there may be few numbers.
    rows, values, near = design.numpy(), goals.numpy(), weights.numpy()
    parts = _parts(rows.shape, cluster)
    gram = np.zeros((rows.shape[1] + 1, rows.shape[1] + 1))
    gram.flat[: -1 : len(gram) + 1] = penalty
    right = np.zeros((len(gram), values.shape[1]))
    for part in parts:
        columns = _columns(rows[part])
        weighted = columns * near[part]
        gram += weighted @ columns.T
        right += weighted @ values[part]
    variances = _Variances(
        small_factor(gram), None if combine is None else combine.numpy(), cluster
    )
    beta = variances.inverse @ right
    unexplained, squares = np.empty_like(values), np.zeros(())
    for part in parts:
        if len(parts) > 1:  # a single part is still at hand
            columns = _columns(rows[part])
        residuals = values[part] - columns.T @ beta
        unexplained[part] = residuals * residuals
        drawn = slice(1 if part.start == 0 else 0, None)  # the case is not random
        found = residuals if cluster > 1 else unexplained[part]
        squares = squares + variances(columns[:, drawn], near[part][drawn], found[drawn])
    reported = beta[:-1].T if variances.combine is None else beta[:-1].T @ variances.combine
    return Surrogate(
        values=torch.from_numpy(reported),
        std_error=torch.from_numpy(np.sqrt(squares)),
        intercept=torch.from_numpy(beta[-1]),
        r2=torch.from_numpy(_r2(values, near, near @ unexplained)),
    )


def _parts(shape: tuple[int, ...], cluster: int) -> list[slice]:
    """Rows of a design (1 + n, d) in parts that stay in the cache; the case is in the first."""
    size = max(1, BLOCK // (shape[1] + 1) // cluster) * cluster
    ends = [1, *range(1 + size, shape[0], size), shape[0]]
    return [slice(a if a > 1 else 0, b) for a, b in pairwise(ends)]


def _columns(rows: Numbers) -> FloatArray:
    """Rows (m, d) of any type -> (d + 1, m) float64 with the intercept last."""
    columns = np.empty((rows.shape[1] + 1, len(rows)))
    columns[:-1] = rows.T
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
        combine: As given.
    """

    def __init__(self, lower: FloatArray, combine: FloatArray | None, cluster: int) -> None:
        self.combine, self._lower, self._cluster = combine, lower, cluster
        root = dtrtri(lower, lower=1)[0]
        self.inverse: FloatArray = root.T @ root  # a product with it is faster than solving

    def __call__(self, columns: FloatArray, weights: FloatArray, left: FloatArray) -> FloatArray:
        """Of columns (d + 1, m), which are used up, their weights (m,) and what is left (m, T).

        What is left is a residual where rows were drawn together, else its square.
        """
        if self._cluster > 1:
            return self._together(columns, weights, left)
        solved = self.inverse @ columns  # (d + 1, m)
        moved = solved[:-1]  # (P, m)
        if self.combine is not None:
            moved = (self.combine.T @ self.inverse[:-1]) @ columns
        columns *= solved  # they are read no more
        score = weights / (1 + NEVER_ONE - columns.sum(axis=0) * weights)
        moved *= moved
        return np.asarray((moved @ ((score * score)[:, None] * left)).T)

    def _together(self, columns: FloatArray, weights: FloatArray, left: FloatArray) -> FloatArray:
        """Where consecutive rows were drawn together; the same where a cluster is one row."""
        rows, near, residuals = (
            torch.from_numpy(np.ascontiguousarray(each)) for each in (columns.T, weights, left)
        )
        lower = torch.from_numpy(self._lower)
        moved = cluster_influence(rows, near, residuals, lower, self._cluster)
        influence = moved[:, :, :-1].numpy()
        reported = influence if self.combine is None else influence @ self.combine
        return np.asarray((reported**2).sum(axis=0))


def weighted_r2(goals: Tensor, fitted: Tensor, weights: Tensor) -> Tensor:
    """R^2 (T,) of a fit (n, T) to goals (n, T) under weights (n,); 0 where goals do not differ."""
    left = weights @ (goals - fitted).square()
    return torch.from_numpy(_r2(goals.numpy(), weights.numpy(), left.numpy()))


def _r2(goals: FloatArray, weights: FloatArray, left: FloatArray) -> FloatArray:
    """The same of weighted sums (T,) of squares left."""
    apart = goals - weights @ goals / weights.sum()
    total = weights @ (apart * apart)
    differ = total > ROUNDING * (weights @ (goals * goals))
    return np.where(differ, 1 - left / np.where(differ, total, 1.0), 0.0)
