"""RISE's error bars come from few groups of masks and say so."""

import numpy as np
import torch

from benchmarks.toy import toy_question
from explainers.engine import MaskedPredictor
from explainers.methods.rise import Rise


def answer(masks: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    game = MaskedPredictor(toy_question(3, n_players=12))
    generator = torch.Generator().manual_seed(seed)
    found = Rise(masks=masks).explain(game, budget=10**6, generator=generator)[0]
    assert found.std_error is not None
    return found.values, found.std_error


def test_intervals_hold_the_long_run_mean() -> None:
    truth = answer(20_000, 10**6)[0]
    runs = [answer(256, seed) for seed in range(40)]
    hits = [np.abs(values - truth) <= 1.96 * errors for values, errors in runs]
    assert 0.92 <= float(np.mean(hits)) <= 0.98  # the benchmark prints it over many more
