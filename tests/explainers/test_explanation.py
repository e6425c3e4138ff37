"""Explanations: shares and their errors."""

import numpy as np

from explainers.explanation import share_errors


def test_share_errors_follow_the_delta_method() -> None:
    draws = np.random.default_rng(1)
    values, errors = np.array([3.0, -2.0, 0.5, 1.0]), np.array([0.05, 0.1, 0.02, 0.0])
    noisy = values + errors * draws.standard_normal((200_000, 4))
    simulated = (noisy / np.abs(noisy).sum(axis=1, keepdims=True)).std(axis=0)
    total = np.abs(values).sum()
    np.testing.assert_allclose(share_errors(values / total, errors / total), simulated, rtol=0.02)
