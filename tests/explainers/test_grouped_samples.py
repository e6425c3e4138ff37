"""Samples that are drawn together: what cancels in them, and that each stays what it was."""

import numpy as np
import pytest
import torch

from explainers.explanation import Explanation
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.gradient_x_input import GradientXInput
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.smooth_grad import SmoothGrad
from tests.toys import (
    SIDE,
    ToyImageModel,
    game_for,
    generator,
    linear_model,
    question_for,
    toy_case,
)

# Gradients are linear in the input, so that noise and places on a path enter them linearly.
QUADRATIC = ToyImageModel(lambda x: (x.double() ** 2).sum(dim=(1, 2, 3)) / 10)


def explained(method: GradientShap | SmoothGrad, budget: int = 10**6, seed: int = 0) -> Explanation:
    game = game_for(question_for(QUADRATIC, toy_case()))
    return method.explain(game, budget=budget, generator=generator(seed))[0]


def test_opposite_noise_cancels_where_gradients_are_linear() -> None:
    game = game_for(question_for(QUADRATIC, toy_case()))
    plain = GradientXInput().explain(game, budget=1, generator=generator())[0]
    found = explained(SmoothGrad(samples=8, noise=0.3))
    np.testing.assert_allclose(found.values, plain.values, rtol=1e-6)
    assert found.std_error is not None
    assert found.std_error.max() < 1e-6 * np.abs(found.values).max()


def test_places_on_the_path_leave_no_gap() -> None:
    game = game_for(question_for(QUADRATIC, toy_case()))
    exact = IntegratedGradients(steps=500).explain(game, budget=10**6, generator=generator())[0]
    found = explained(GradientShap(samples=32))
    # A linear integrand goes from 0 to twice its mean; eight places at a random shift are off by
    # at most a sixteenth of that range.
    assert np.all(np.abs(found.values - exact.values) <= np.abs(exact.values) / 8 + 1e-9)
    assert not np.allclose(found.values, exact.values, rtol=1e-6), "the shift is random"


@pytest.mark.parametrize("method", [GradientShap(samples=100), SmoothGrad(samples=51)])
def test_only_whole_groups_are_drawn(method: GradientShap | SmoothGrad) -> None:
    found = explained(method)
    assert found.settings["samples"] == method.samples // method.group * method.group
    few = explained(method, budget=method.group * 5 + 1)
    assert few.settings["samples"] == method.group * 5


def test_a_group_takes_every_draw_of_the_baseline_equally_often() -> None:
    """So a linear model is explained exactly against four draws: a group holds each twice."""
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1)).double()
    draws = torch.rand(4, 1, SIDE, SIDE, generator=generator(2))
    question = question_for(linear_model(weights), toy_case(), baseline=draws)
    assert len(question.origins) == 4
    game = game_for(question)
    found = GradientShap(samples=32).explain(game, budget=32, generator=generator())[0]
    terms = weights * (question.inputs - draws.mean(dim=0)).double()[0]
    exact = question.players.pool(terms.reshape(1, 1, -1).numpy(), how="sum")[0, 0]
    np.testing.assert_allclose(found.values, exact, rtol=1e-5, atol=1e-7)
    assert found.std_error is not None
    assert found.std_error.max() < 1e-5 * np.abs(exact).max()
