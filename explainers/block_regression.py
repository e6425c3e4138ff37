"""Ridge over rows in independent parts: error bars from leaving parts out.

Rows of one part may be drawn together (`neighbourhood`), so that their residuals would tell too
much or too little of their error. Parts are independent: what the fit moves when one is left out
tells how well the others know it, whatever was drawn in it.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.linalg.blas import dgemm
from scipy.linalg.lapack import dposv

from explainers.local_surrogate import ROUNDING, Surrogate
from explainers.regression import is_sound, too_few
from explainers.student import widening
from models.case import FloatArray

BLOCKS: Final = 8
WIDER: Final = widening(BLOCKS)


RIDGE: Final = 1.0  # on what is fitted beside columns, with which it may be collinear
# Rows of so many columns of 0 and 1 are added up by kind before they are multiplied.
FEW_COLUMNS: Final = 8
Columns: TypeAlias = npt.NDArray[np.bool_] | FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Control:
    """What is subtracted from the goals before the fit, because it is known.

    It is taken - design @ given[:d] - given[d]: what is taken, less what of that the columns and
    the intercept account for. From the case's goals nothing is subtracted.

    Attributes:
        taken: (n, T) of each row but the case's.
        given: (d + 1, T) the intercept last.
    """

    taken: npt.NDArray[np.floating]
    given: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moments:
    """Weighted sums of products: of all rows, and of all but each block.

    Where a block is left out the others stand for it, too; the case keeps its part.

    Attributes:
        gram: (1 + BLOCKS, m, m) of the d columns, one and the K beside: m = d + 1 + K.
        right: (1 + BLOCKS, m, T) of the same with goals.
        squares: (T,) of goals, all rows.
    """

    gram: FloatArray
    right: FloatArray
    squares: FloatArray


def fit_blocks(
    design: Columns,
    goals: FloatArray,
    weights: FloatArray,
    *,
    penalty: float,
    beside: FloatArray | None = None,
    combine: FloatArray | None = None,
    control: Control | None = None,
) -> Surrogate[FloatArray]:
    """Weighted ridge with an unpenalised intercept; standard errors are a jackknife over blocks.

    Takes what `local_surrogate.fit_ridge` does, but for the clusters.

    Args:
        design: (1 + n, d), the case first.
        goals: (1 + n, T).
        weights: (1 + n,).
        penalty: On the coefficients.
        beside: (1 + n, K) what is fitted beside the surrogate and is not part of it, its
            R^2 included; penalised by `RIDGE`.
        combine: (d, P) what is reported of the coefficients: coefficients @ combine. None reports
            the coefficients themselves.
        control: Known before; R^2 is that of the goals as they are.

    Raises:
        BudgetError: the rows do not determine the coefficients.
    """
    n_goals, d = goals.shape[1], design.shape[1]
    centred = goals - goals[0]  # less to cancel below
    if control is not None:
        rest = centred.copy()
        rest[1:] -= control.taken
        centred = np.concatenate([centred, rest], axis=1)
    more = np.empty((len(design), 0)) if beside is None else beside
    moments = _moments(design, more, centred, weights)
    right = moments.right[:, :, -n_goals:]
    if control is not None:
        case = _with_one(design[0])  # nothing was taken from it
        right = right + moments.gram @ control.given
        right -= np.outer(weights[0] * case, case @ control.given)
    solved = _solved(moments.gram, right, penalty, intercept=d)
    coefficients = solved[:, :d].transpose(0, 2, 1)  # (1 + BLOCKS, T, d)
    if combine is not None:
        coefficients = coefficients @ combine
    apart = coefficients[1:] - np.add.reduce(coefficients[1:]) / BLOCKS
    spread = np.add.reduce(apart * apart) * (1 - 1 / BLOCKS)
    return Surrogate(
        values=coefficients[0],
        std_error=np.sqrt(spread) * WIDER,
        intercept=solved[0, d] + goals[0],
        r2=_r2(moments, solved[0, : d + 1]),
    )


def _solved(gram: FloatArray, right: FloatArray, penalty: float, *, intercept: int) -> FloatArray:
    """(1 + BLOCKS, m, T) coefficients of columns, the intercept and what is beside (m).

    Raises:
        BudgetError: the rows do not determine the coefficients.
    """
    ridge = gram.copy()
    diagonal = ridge.reshape(len(ridge), -1)[:, :: ridge.shape[1] + 1]
    diagonal[:, :intercept] += penalty
    diagonal[:, intercept + 1 :] += RIDGE
    found = np.empty_like(right)
    for part, (matrix, goal) in enumerate(zip(ridge, right, strict=True)):
        lower, found[part], info = dposv(matrix, goal, lower=1)
        if info != 0 or (part == 0 and not is_sound(lower.diagonal(), matrix.diagonal())):
            raise too_few()  # all rows, or those without one block, do not determine them
    return found


def block_sizes(count: int) -> list[int]:
    """Rows of each of the blocks that so many are parted into: consecutive, nearly alike."""
    ends = [count * block // BLOCKS for block in range(BLOCKS + 1)]
    return [end - start for start, end in pairwise(ends)]


def _moments(
    design: Columns, beside: FloatArray, goals: FloatArray, weights: FloatArray
) -> _Moments:
    """Of columns (1 + n, d) and (1 + n, K), the case first."""
    if design.dtype == np.bool_ and design.shape[1] <= FEW_COLUMNS and not beside.size:
        blocks = _by_kind(design[1:], goals[1:], weights[1:])
    else:
        blocks = _row_by_row(design[1:], beside[1:], goals[1:], weights[1:])
    case = np.concatenate([_with_one(design[0]), beside[0]])
    drawn = np.add.reduce(blocks)
    found = np.empty((1 + BLOCKS, *drawn.shape))
    found[0] = drawn
    np.multiply(drawn - blocks, BLOCKS / (BLOCKS - 1), out=found[1:])
    found += np.outer(weights[0] * case, np.concatenate([case, goals[0]]))
    n = len(case)
    return _Moments(gram=found[:, :, :n], right=found[:, :, n:], squares=weights @ (goals * goals))


def _row_by_row(
    design: Columns, beside: FloatArray, goals: FloatArray, weights: FloatArray
) -> FloatArray:
    """(BLOCKS, m, m + T) products of columns, one and what is beside with the same and goals."""
    # As bytes the same numbers, converted faster.
    columns = design.view(np.uint8).T if design.dtype == np.bool_ else design.T
    d, sizes = design.shape[1], block_sizes(len(design))
    m = d + 1 + beside.shape[1]
    # Of a block, twice: they stay in the cache.
    rows, heavy = np.ones((m + goals.shape[1], max(sizes))), np.empty((m, max(sizes)))
    blocks, end = np.empty((BLOCKS, m, len(rows))), 0
    for block, size in zip(blocks, sizes, strict=True):
        part = slice(end, end := end + size)
        own, weighed = rows[:, :size], heavy[:, :size]
        own[:d], own[d + 1 : m], own[m:] = columns[:, part], beside[part].T, goals[part].T
        np.multiply(own[:m], weights[part], out=weighed)
        # As BLAS sees them, columns come last; numpy's own product takes twice as long here.
        block[:] = dgemm(1.0, weighed.T, own.T, trans_a=1)
    return blocks


def _by_kind(design: Columns, goals: FloatArray, weights: FloatArray) -> FloatArray:
    """The same, where many rows are alike: a kind's number has its columns as binary digits."""
    n, d = design.shape
    kinds, products = _kinds(d)
    kind = np.zeros(n, dtype=np.uint8)
    for column in design.T.view(np.uint8):
        np.add(kind, kind, out=kind)
        np.add(kind, column, out=kind)
    place = kind + _starts(n, len(kinds))
    sums = [
        np.bincount(place, weights=each, minlength=BLOCKS * len(kinds)).reshape(BLOCKS, -1)
        for each in (weights, *(weights * goals.T))
    ]
    gram = (sums[0] @ products).reshape(BLOCKS, d + 1, d + 1)
    return np.concatenate([gram, *((each @ kinds)[:, :, None] for each in sums[1:])], axis=2)


@cache
def _kinds(n_columns: int) -> tuple[FloatArray, FloatArray]:
    """All rows of 0 and 1, a 1 behind each (2^d, d + 1); their products (2^d, (d + 1)^2)."""
    digits = np.arange(2**n_columns)[:, None] >> np.arange(n_columns)[::-1] & 1
    rows = np.ones((len(digits), n_columns + 1))
    rows[:, :-1] = digits
    return rows, (rows[:, :, None] * rows[:, None]).reshape(len(rows), -1)


@lru_cache(maxsize=8)
def _starts(count: int, n_kinds: int) -> npt.NDArray[np.int64]:
    """(n,) number of the first kind of each row's block."""
    found = np.repeat(np.arange(BLOCKS) * n_kinds, block_sizes(count))
    found.setflags(write=False)
    return found


def _with_one(row: Columns) -> FloatArray:
    """(d + 1,) a row (d,) with a 1 behind it."""
    found = np.ones(len(row) + 1)
    found[:-1] = row
    return found


def _r2(moments: _Moments, beta: FloatArray) -> FloatArray:
    """(T,) weighted R^2 of coefficients (d + 1, T) alone; 0 where goals do not differ."""
    n, n_goals = beta.shape
    gram, right = moments.gram[0, :n, :n], moments.right[0, :n, :n_goals]
    squares = moments.squares[:n_goals]
    left = squares + np.add.reduce(beta * (gram @ beta - 2 * right))
    total = squares - right[-1] ** 2 / gram[-1, -1]
    differ = total > ROUNDING * squares
    return np.where(differ, 1 - left.clip(0) / np.where(differ, total, 1.0), 0.0)
