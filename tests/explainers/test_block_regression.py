"""Ridge over parts that each stand for the whole: the fit in closed form, bars that hold."""

import numpy as np
import pytest
import torch

from explainers.block_regression import BLOCKS, block_sizes, fit_blocks
from explainers.local_surrogate import Surrogate, fit_ridge
from explainers.methods.lime_tabular import kernel
from explainers.student import widening
from models.errors import BudgetError

RNG = np.random.default_rng(0)
N = 403  # no multiple of the blocks
ROWS = RNG.random((N, 5)) < [0.2, 0.5, 0.7, 0.9, 0.4]
GOALS = 1e3 + ROWS @ RNG.normal(size=(5, 2)) + RNG.normal(size=(N, 2))
CASE = 1e3 + RNG.normal(size=(1, 2))
SOME = torch.eye(5).double()[:, :3]
KINDS = pytest.mark.parametrize("dtype", [torch.bool, torch.float64], ids=["bins", "values"])


def given(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    design = torch.from_numpy(np.vstack([np.ones((1, 5), dtype=np.bool_), ROWS])).to(dtype)
    return design, torch.from_numpy(np.vstack([CASE, GOALS])), kernel(design, 0.75)


def fit(dtype: torch.dtype = torch.bool, combine: torch.Tensor | None = None) -> Surrogate:
    return fit_blocks(*given(dtype), penalty=1.0, combine=combine)


@KINDS
@pytest.mark.parametrize("combine", [None, SOME], ids=["all", "some"])
def test_values_are_those_of_the_ridge_over_all_rows(
    dtype: torch.dtype, combine: torch.Tensor | None
) -> None:
    found = fit(dtype, combine)
    whole = fit_ridge(*given(dtype), penalty=1.0, cluster=1)
    reported = whole.values if combine is None else whole.values @ combine
    torch.testing.assert_close(found.values, reported, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(found.intercept, whole.intercept, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(found.r2, whole.r2, rtol=1e-9, atol=1e-12)


def test_bars_are_the_jackknife_over_blocks() -> None:
    design, goals, weights = (each.numpy().astype(np.float64) for each in given(torch.bool))
    rows = np.column_stack([design, np.ones(len(design))])
    block = np.append(-1, np.repeat(np.arange(BLOCKS), block_sizes(N)))
    found = []
    for left_out in range(BLOCKS):
        # The other blocks stand for it, too; the case and the penalty keep their part.
        heavy = weights * np.where(block == -1, 1.0, BLOCKS / (BLOCKS - 1))
        heavy[block == left_out] = 0
        gram = rows.T @ (rows * heavy[:, None]) + np.diag([1.0] * 5 + [0.0])
        found.append(np.linalg.solve(gram, rows.T @ (goals * heavy[:, None]))[:-1].T)
    apart = np.array(found) - np.mean(found, axis=0)
    expected = np.sqrt((BLOCKS - 1) / BLOCKS * (apart**2).sum(axis=0)) * widening(BLOCKS)
    np.testing.assert_allclose(fit().std_error.numpy(), expected, rtol=1e-6)


def test_bars_hold_where_rows_are_independent() -> None:
    truth, hits = np.array([0.8, -0.4, 0.2, 0.0, 1.5]), []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rows = rng.random((600, 5)) < 0.5
        goals = rows @ truth + rng.normal(size=600)
        design = torch.from_numpy(np.vstack([np.ones((1, 5), dtype=np.bool_), rows]))
        goals = torch.from_numpy(np.append(truth.sum(), goals)[:, None])
        weights = torch.ones(601, dtype=torch.float64)
        found = fit_blocks(design, goals, weights, penalty=1e-9)
        hits.append(np.abs(found.values[0].numpy() - truth) <= 1.96 * found.std_error[0].numpy())
    assert 0.93 <= np.mean(hits) <= 0.97


def test_goals_that_do_not_differ_have_no_fit_to_speak_of() -> None:
    design, goals, weights = given(torch.bool)
    found = fit_blocks(design, torch.full_like(goals, 3.0), weights, penalty=1.0)
    assert not found.r2.any()
    assert not found.values.any()
    assert not found.std_error.any()


def test_columns_that_cannot_be_told_apart_are_refused() -> None:
    design, goals, weights = given(torch.bool)
    twice = torch.cat([design, design[:, :1]], dim=1)
    with pytest.raises(BudgetError, match="Too few different"):
        fit_blocks(twice, goals, weights, penalty=0.0)


def test_columns_that_one_block_alone_tells_apart_are_refused() -> None:
    rows = np.zeros((16, 2), dtype=np.bool_)
    rows[0, 0] = rows[1, 1] = True  # both in the first block
    design = torch.from_numpy(np.vstack([np.ones((1, 2), dtype=np.bool_), rows]))
    goals, weights = torch.randn(17, 1).double(), torch.ones(17, dtype=torch.float64)
    with pytest.raises(BudgetError, match="Too few different"):
        fit_blocks(design, goals, weights, penalty=0.0)


@pytest.mark.parametrize("count", [8, 12, 20, 57, 5000])
def test_blocks_are_nearly_alike_and_hold_all_rows(count: int) -> None:
    sizes = block_sizes(count)
    assert len(sizes) == BLOCKS
    assert sum(sizes) == count
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1
