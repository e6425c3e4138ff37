"""A regression over kinds of rows is that over all rows."""

import numpy as np
import pytest
import torch

from explainers.alike import Kinds
from explainers.local_surrogate import Repeats, Surrogate, fit_ridge
from explainers.methods.lime_tabular import kernel

RNG = np.random.default_rng(0)
# Columns lie together, as they are drawn; the last is always no: half of the kinds never occur.
ROWS = np.asfortranarray(RNG.random((400, 5)) < [0.2, 0.5, 0.7, 0.9, 0.0])
GOALS = 1e3 + ROWS @ RNG.normal(size=(5, 2)) + RNG.normal(size=(400, 2))
CASE = 1e3 + RNG.normal(size=(1, 2))


def fit(
    rows: np.ndarray, goals: np.ndarray, repeats: Repeats | None, combine: torch.Tensor | None
) -> Surrogate:
    design = torch.from_numpy(np.vstack([np.ones((1, 5), dtype=np.bool_), rows]))
    return fit_ridge(
        design,
        torch.from_numpy(np.vstack([CASE, goals])),
        kernel(design, 0.75),
        penalty=1.0,
        cluster=1,
        combine=combine,
        repeats=repeats,
    )


@pytest.mark.parametrize("combine", [None, torch.eye(5).double()[:, :3]], ids=["all", "some"])
def test_a_fit_to_kinds_is_the_fit_to_all_rows(combine: torch.Tensor | None) -> None:
    kinds = Kinds.of(ROWS, GOALS)
    counts = torch.from_numpy(np.concatenate([[1.0], kinds.counts]))
    within = torch.from_numpy(np.vstack([np.zeros((1, 2)), kinds.within]))
    short = fit(kinds.design, kinds.means, Repeats(counts=counts, within=within), combine)
    whole = fit(ROWS, GOALS, None, combine)
    for name in ("values", "std_error", "intercept", "r2"):
        torch.testing.assert_close(getattr(short, name), getattr(whole, name), rtol=1e-9, atol=0)


def test_kinds_are_counted_with_the_mean_and_spread_of_their_goals() -> None:
    kinds = Kinds.of(ROWS, GOALS)
    assert len(kinds.design) == 32
    for kind, count, mean, within in zip(
        kinds.design, kinds.counts, kinds.means, kinds.within, strict=True
    ):
        own = GOALS[(kind == ROWS).all(axis=1)]
        assert count == len(own)
        expected = own if len(own) else np.zeros((1, 2))
        np.testing.assert_allclose(mean, expected.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(within, expected.var(axis=0) * len(expected), atol=1e-9)


def test_it_pays_to_count_where_rows_repeat_often() -> None:
    assert Kinds.are_few(5000, 8)
    assert not Kinds.are_few(5000, 10)
    assert not Kinds.are_few(5000, 400)
