"""Ridge over parts that each stand for the whole: the fit in closed form, bars that hold."""

import numpy as np
import numpy.typing as npt
import pytest
import torch

from explainers import block_regression
from explainers.block_regression import BLOCKS, Columns, Control, block_sizes, fit_blocks
from explainers.local_surrogate import Surrogate, fit_ridge, weighted_r2
from explainers.methods.lime_tabular import kernel
from explainers.student import widening
from models.case import FloatArray
from models.errors import BudgetError

RNG = np.random.default_rng(0)
N = 403  # no multiple of the blocks
ROWS = RNG.random((N, 5)) < [0.2, 0.5, 0.7, 0.9, 0.4]
GOALS = 1e3 + ROWS @ RNG.normal(size=(5, 2)) + RNG.normal(size=(N, 2))
CASE = 1e3 + RNG.normal(size=(1, 2))
BESIDE = np.append(np.zeros((1, 3)), RNG.normal(size=(N, 3)), axis=0)
SOME = np.eye(5)[:, :3]
KINDS = pytest.mark.parametrize("dtype", [np.bool_, np.float64], ids=["bins", "values"])


def given(dtype: npt.DTypeLike) -> tuple[Columns, FloatArray, FloatArray]:
    design = np.vstack([np.ones((1, 5), dtype=np.bool_), ROWS]).astype(dtype)
    return design, np.vstack([CASE, GOALS]), kernel(design, 0.75)


def fit(
    dtype: npt.DTypeLike = np.bool_, combine: FloatArray | None = None
) -> Surrogate[FloatArray]:
    return fit_blocks(*given(dtype), penalty=1.0, combine=combine)


@KINDS
@pytest.mark.parametrize("combine", [None, SOME], ids=["all", "some"])
def test_values_are_those_of_the_ridge_over_all_rows(
    dtype: npt.DTypeLike, combine: FloatArray | None
) -> None:
    found = fit(dtype, combine)
    whole = fit_ridge(*map(torch.from_numpy, given(dtype)), penalty=1.0, cluster=1)
    values = whole.values.numpy()
    reported = values if combine is None else values @ combine
    np.testing.assert_allclose(found.values, reported, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.intercept, whole.intercept, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.r2, whole.r2, rtol=1e-9, atol=1e-12)


def test_rows_added_up_by_kind_give_what_rows_one_by_one_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_kinds = fit()
    monkeypatch.setattr(block_regression, "FEW_COLUMNS", 0)
    one_by_one = fit()
    for part in ("values", "std_error", "intercept", "r2"):
        expected = getattr(one_by_one, part)
        np.testing.assert_allclose(getattr(of_kinds, part), expected, rtol=1e-9, atol=1e-12)


@KINDS
def test_what_is_fitted_beside_is_no_part_of_the_surrogate(dtype: npt.DTypeLike) -> None:
    design, goals, weights = given(dtype)
    found = fit_blocks(design, goals, weights, penalty=1.0, beside=BESIDE)
    wider = np.append(design.astype(np.float64), BESIDE, axis=1)
    whole = fit_ridge(*map(torch.from_numpy, (wider, goals, weights)), penalty=1.0, cluster=1)
    np.testing.assert_allclose(found.values, whole.values[:, :5], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.intercept, whole.intercept, rtol=1e-9, atol=1e-12)
    said = design @ found.values.T + found.intercept
    expected = weighted_r2(*map(torch.from_numpy, (goals, said, weights)))
    np.testing.assert_allclose(found.r2, expected, rtol=1e-7, atol=1e-9)


@KINDS
def test_a_control_is_subtracted_less_what_columns_account_for(dtype: npt.DTypeLike) -> None:
    design, goals, weights = given(dtype)
    control = Control(taken=RNG.normal(size=(N, 2)), given=RNG.normal(size=(6, 2)))
    found = fit_blocks(design, goals, weights, penalty=1.0, control=control)
    columns = np.append(design[1:].astype(np.float64), np.ones((N, 1)), axis=1)
    lower = np.vstack([goals[:1], goals[1:] - (control.taken - columns @ control.given)])
    plain = fit_blocks(design, lower, weights, penalty=1.0)
    np.testing.assert_allclose(found.values, plain.values, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.std_error, plain.std_error, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found.intercept, plain.intercept, rtol=1e-9)
    said = design @ found.values.T + found.intercept  # about the goals as they are
    expected = weighted_r2(*map(torch.from_numpy, (goals, said, weights)))
    np.testing.assert_allclose(found.r2, expected, rtol=1e-7, atol=1e-9)


def test_bars_are_the_jackknife_over_blocks() -> None:
    design, goals, weights = given(np.bool_)
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
    np.testing.assert_allclose(fit().std_error, expected, rtol=1e-6)


def test_bars_hold_where_rows_are_independent() -> None:
    truth, hits = np.array([0.8, -0.4, 0.2, 0.0, 1.5]), []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rows = rng.random((600, 5)) < 0.5
        goals = rows @ truth + rng.normal(size=600)
        design = np.vstack([np.ones((1, 5), dtype=np.bool_), rows])
        goals = np.append(truth.sum(), goals)[:, None]
        found = fit_blocks(design, goals, np.ones(601), penalty=1e-9)
        hits.append(np.abs(found.values[0] - truth) <= 1.96 * found.std_error[0])
    assert 0.93 <= np.mean(hits) <= 0.97


def test_goals_that_do_not_differ_have_no_fit_to_speak_of() -> None:
    design, goals, weights = given(np.bool_)
    found = fit_blocks(design, np.full_like(goals, 3.0), weights, penalty=1.0)
    assert not found.r2.any()
    assert not found.values.any()
    assert not found.std_error.any()


def test_columns_that_cannot_be_told_apart_are_refused() -> None:
    design, goals, weights = given(np.bool_)
    twice = np.append(design, design[:, :1], axis=1)
    with pytest.raises(BudgetError, match="Too few different"):
        fit_blocks(twice, goals, weights, penalty=0.0)


def test_columns_that_one_block_alone_tells_apart_are_refused() -> None:
    rows = np.zeros((16, 2), dtype=np.bool_)
    rows[0, 0] = rows[1, 1] = True  # both in the first block
    design = np.vstack([np.ones((1, 2), dtype=np.bool_), rows])
    with pytest.raises(BudgetError, match="Too few different"):
        fit_blocks(design, RNG.normal(size=(17, 1)), np.ones(17), penalty=0.0)


@pytest.mark.parametrize("count", [8, 12, 20, 57, 5000])
def test_blocks_are_nearly_alike_and_hold_all_rows(count: int) -> None:
    sizes = block_sizes(count)
    assert len(sizes) == BLOCKS
    assert sum(sizes) == count
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1
