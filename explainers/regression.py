"""Weighted least squares with honest error bars; the common core of LIME and KernelSHAP.

All in float64. Systems are symmetric positive definite, so they are solved by Cholesky. Standard
errors are design-based sandwich estimators: the masks are what is random, not the model.
"""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from explainers.coalitions import PairSample
from models.case import FloatArray
from models.errors import BudgetError

SMALLEST_PIVOT: Final = 1e-7  # of the unit-diagonal matrix's Cholesky factor


def factor(gram: Tensor) -> Tensor:
    """Lower Cholesky factor of a Gram matrix (d, d).

    Raises:
        BudgetError: the masks drawn do not determine the coefficients.
    """
    lower: Tensor
    lower, info = torch.linalg.cholesky_ex(gram)
    if int(info) != 0 or not is_sound(lower.diagonal().numpy(), gram.diagonal().numpy()):
        raise too_few()
    return lower


def is_sound(pivots: FloatArray, diagonal: FloatArray) -> bool:
    """Whether a Cholesky factor's pivots and the matrix's diagonal tell of a usable fit.

    Condition is judged on the unit-diagonal matrix: scale must not decide.
    """
    return bool((pivots / np.sqrt(diagonal)).min() >= SMALLEST_PIVOT)


def too_few() -> BudgetError:
    """What to say where masks do not determine the coefficients."""
    return BudgetError(
        "Too few different coalitions were drawn to tell the players apart.",
        "Raise the budget, or cut the case into fewer parts.",
    )


def solve(lower: Tensor, right: Tensor) -> Tensor:
    """Solve (L L') x = right for right (d, m)."""
    solution: Tensor = torch.cholesky_solve(right, lower)
    return solution


def leverage_residuals(rows: Tensor, weights: Tensor, residuals: Tensor, lower: Tensor) -> Tensor:
    """HC3 residuals of independent clusters: (I - H_gg)^-1 e_g.

    Args:
        rows: (G, m, d) design rows of G clusters of m rows.
        weights: (G, m) regression weights.
        residuals: (G, m, T).
        lower: Cholesky factor of the (penalised) Gram matrix (d, d).

    Returns:
        (G, m, T) residuals as if each cluster had been left out of the fit.

    Reference:
        MacKinnon & White 1985 (HC3); Bell & McCaffrey 2002 for its block form.
    """
    half = torch.linalg.solve_triangular(lower, rows.flatten(0, 1).T, upper=False)  # (d, G*m)
    half = half.T.view(*rows.shape) * weights.sqrt()[..., None]
    hat = half @ half.transpose(1, 2)  # symmetric form W^1/2 X A^-1 X' W^1/2
    identity = torch.eye(rows.shape[1], dtype=rows.dtype)
    # A cluster that the fit reproduces alone (hat = 1) has residual 0: keep the system solvable.
    root = weights.sqrt()[..., None]
    safe = torch.linalg.solve(identity - hat + 1e-10 * identity, residuals * root)
    unweighted: Tensor = safe / root.clamp_min(torch.finfo(rows.dtype).tiny)
    return unweighted


def cluster_influence(
    rows: Tensor, weights: Tensor, residuals: Tensor, lower: Tensor, cluster: int
) -> Tensor:
    """(G, T, d) by how much each of G clusters moves the coefficients.

    Args:
        rows: (G * m, d) design rows, the m of a cluster after each other.
        weights: (G * m,).
        residuals: (G * m, T).
        lower: Cholesky factor of the (penalised) Gram matrix (d, d).
        cluster: m.
    """
    rows = rows.view(-1, cluster, rows.shape[1])
    weights = weights.view(-1, cluster)
    hc3 = leverage_residuals(rows, weights, residuals.view(*weights.shape, -1), lower)
    score = torch.einsum("gmd,gm,gmt->gtd", rows, weights, hc3)
    return solve(lower, score.flatten(0, 1).T).T.view(*score.shape)


def stratified_errors(sample: PairSample, scores: Tensor) -> Tensor:
    """Standard errors (d,) of a sum over a stratified sample of what each pair adds to it (n, d).

    Strata are sampled without replacement from finitely many pairs, so a stratum that was asked
    completely adds nothing (Cochran, Sampling Techniques, 1977, section 5.6).
    """
    index = sample.stratum
    drawn = sample.drawn[index].clamp_min(2)
    correction = (1 - sample.drawn / sample.existing)[index] * drawn / (drawn - 1)
    sums = torch.zeros(len(sample.drawn), scores.shape[1], dtype=scores.dtype)
    mean = sums.index_add_(0, index, scores) / sample.drawn[:, None].clamp_min(1)
    variance = (correction[:, None] * (scores - mean[index]) ** 2).sum(dim=0)
    return variance.clamp_min(0).sqrt()
