"""RISE's error bars come from few groups of masks and say so."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
import torch

from benchmarks.toy import toy_question
from explainers.engine import MaskedPredictor
from explainers.methods import rise
from explainers.methods.rise import Rise, _grids
from tests.toys import generator


def answer(masks: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    game = MaskedPredictor(toy_question(3, n_players=12))
    found = Rise(masks=masks).explain(game, budget=10**6, generator=generator(seed))[0]
    assert found.std_error is not None
    return found.values, found.std_error


def test_intervals_hold_the_long_run_mean() -> None:
    truth = answer(20_000, 10**6)[0]
    runs = [answer(256, seed) for seed in range(40)]
    hits = [np.abs(values - truth) <= 1.96 * errors for values, errors in runs]
    assert 0.92 <= float(np.mean(hits)) <= 0.98  # the benchmark prints it over many more


def test_cells_of_a_whole_set_of_grids_do_not_correlate() -> None:
    grids = torch.stack(list(islice(_grids(8, 0.5, generator(3)), 64))).flatten(1)
    signs = 2 * grids - 1
    likeness = signs.T @ signs - 64 * torch.eye(64)
    alone = likeness.abs().sum(dim=0).argmax()  # the cell that has a coin of its own
    assert not likeness[torch.arange(64) != alone][:, torch.arange(64) != alone].any()
    assert signs[:, alone].sum().abs() < 32


@pytest.mark.parametrize(("side", "keep"), [(8, 0.5), (4, 0.3), (6, 0.8)])
def test_cells_are_visible_as_often_as_asked(side: int, keep: float) -> None:
    grids = torch.stack(list(islice(_grids(side, keep, generator(1)), 6400))).flatten(1)
    assert set(grids.unique().tolist()) == {0.0, 1.0}
    assert (grids.mean(dim=0) - keep).abs().max() < 0.03
    first = torch.stack([next(_grids(side, keep, generator(seed))) for seed in range(4000)])
    assert (first.mean(dim=0) - keep).abs().max() < 0.035  # not only all rows together


def test_errors_are_smaller_than_with_a_coin_for_each_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    def coins(side: int, keep: float, random: torch.Generator) -> Iterator[torch.Tensor]:
        while True:
            yield (torch.rand(side, side, generator=random) < keep).float()

    own = np.mean([answer(1024, seed)[1] ** 2 for seed in range(3)])
    monkeypatch.setattr(rise, "_grids", coins)
    assert own < 0.7 * np.mean([answer(1024, seed)[1] ** 2 for seed in range(3)])
