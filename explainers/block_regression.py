"""Ridge over rows in independent parts: error bars from leaving parts out.

Rows of one part may be drawn together (`neighbourhood`), so that their residuals would tell too
much or too little of their error. Parts are independent: what the fit moves when one is left out
tells how well the others know it, whatever was drawn in it.
"""

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy.linalg.blas import dgemm
from torch import Tensor

from explainers.local_surrogate import ROUNDING, Surrogate
from explainers.regression import small_factor, too_few
from explainers.student import widening
from models.case import FloatArray

BLOCKS: Final = 8
WIDER: Final = widening(BLOCKS)


def fit_blocks(
    design: Tensor, goals: Tensor, weights: Tensor, *, penalty: float, combine: Tensor | None = None
) -> Surrogate:
    """Weighted ridge with an unpenalised intercept; standard errors are a jackknife over blocks.

    Takes what `local_surrogate.fit_ridge` does, but for the clusters.

    Args:
        design: (1 + n, d), the case first.
        goals: (1 + n, T).
        weights: (1 + n,).
        penalty: On the coefficients.
        combine: (d, P) what is reported of the coefficients: coefficients @ combine. None reports
            the coefficients themselves.

    Raises:
        BudgetError: the rows do not determine the coefficients.
    """
    n_columns, level = design.shape[1], goals[0].numpy()  # less to cancel below
    case, blocks = _moments(design.numpy(), goals.numpy() - level, weights.numpy())
    drawn = blocks.sum(axis=0)
    # Without one block the others stand for it, too: case and penalty keep their part.
    moments = np.empty((1 + BLOCKS, *case.shape))
    moments[0] = case + drawn
    np.multiply(drawn - blocks, BLOCKS / (BLOCKS - 1), out=moments[1:])
    moments[1:] += case
    ridge = moments[:, : n_columns + 1, : n_columns + 1].copy()
    ridge.reshape(len(ridge), -1)[:, : -1 : n_columns + 2] += penalty
    small_factor(ridge[0])  # refuses what is not determined
    try:
        solved = np.linalg.solve(ridge, moments[:, : n_columns + 1, n_columns + 1 :])
    except np.linalg.LinAlgError:
        raise too_few() from None  # without one block they are not determined
    coefficients = solved[:, :-1].transpose(0, 2, 1)  # (1 + BLOCKS, T, d)
    if combine is not None:
        coefficients = coefficients @ combine.numpy()
    apart = coefficients[1:] - coefficients[1:].mean(axis=0)
    spread = np.add.reduce(apart * apart, axis=0) * (1 - 1 / BLOCKS)
    return Surrogate(
        values=torch.from_numpy(coefficients[0]),
        std_error=torch.from_numpy(np.sqrt(spread) * WIDER),
        intercept=torch.from_numpy(solved[0, -1] + level),
        r2=torch.from_numpy(_r2(moments[0], solved[0])),
    )


def block_sizes(count: int) -> list[int]:
    """Rows of each of the blocks that so many are parted into: consecutive, nearly alike."""
    ends = [count * block // BLOCKS for block in range(BLOCKS + 1)]
    return [end - start for start, end in pairwise(ends)]


def _moments(
    design: npt.NDArray[np.generic], goals: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weighted products of columns, one and goals: of the case (m, m), and (BLOCKS, m, m).

    m is d + 1 + T.
    """
    if design.dtype == np.bool_:
        design = design.view(np.uint8)  # the same numbers, converted faster
    n_columns, sizes = design.shape[1], block_sizes(len(design) - 1)
    # Of a block, twice: they stay in the cache.
    rows, heavy = np.ones((2, n_columns + 1 + goals.shape[1], max(sizes)))
    blocks, end = np.empty((BLOCKS, len(rows), len(rows))), 1
    for block, size in zip(blocks, sizes, strict=True):
        part = slice(end, end := end + size)
        own, weighed = rows[:, :size], heavy[:, :size]
        own[:n_columns], own[n_columns + 1 :] = design[part].T, goals[part].T
        np.multiply(own, weights[part], out=weighed)
        # As BLAS sees them, columns come last; numpy's own product takes twice as long here.
        block[:] = dgemm(1.0, own.T, weighed.T, trans_a=1)
    case = np.concatenate([design[0], [1.0], goals[0]])
    return weights[0] * np.outer(case, case), blocks


def _r2(moments: FloatArray, beta: FloatArray) -> FloatArray:
    """(T,) weighted R^2 of coefficients (d + 1, T); 0 where goals do not differ."""
    n = len(beta)
    gram, right = moments[:n, :n], moments[:n, n:]
    squares = moments[n:, n:].diagonal()
    left = squares - 2 * (beta * right).sum(axis=0) + (beta * (gram @ beta)).sum(axis=0)
    total = squares - right[-1] ** 2 / gram[-1, -1]
    differ = total > ROUNDING * squares
    return np.where(differ, 1 - left.clip(0) / np.where(differ, total, 1.0), 0.0)
