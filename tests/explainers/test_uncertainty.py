"""Error bars by their formulas and by repetition; what only several baseline draws can tell."""

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.coalitions import PairSample, draw_pairs
from explainers.consult import ask, generator_for
from explainers.explanation import Explanation
from explainers.methods.base import Method
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime
from explainers.methods.rise import Rise, _grids
from explainers.methods.smooth_grad import SmoothGrad
from explainers.moments import SampleMoments
from explainers.pair_regression import regress
from explainers.players import Players
from explainers.question import target_named
from explainers.regression import factor, leverage_residuals
from explainers.report import ConsultRequest
from explainers.superpixels import image_players
from models.case import image_case
from tests.toys import (
    SIDE,
    ToyImageModel,
    game_for,
    generator,
    linear_model,
    product_model,
    question_for,
    toy_case,
)

CASE = toy_case(4)
CELLS = image_players(CASE.payload.pixels, kind="grid", count=9)


def kernel_weights(rows: Tensor, weights: Tensor) -> Tensor:
    """D beta / d goal of weighted least squares, by the textbook: (d, n)."""
    weighted = rows * weights[:, None]
    return torch.linalg.inv(rows.T @ weighted) @ weighted.T


def test_kernel_shap_errors_equal_the_stratified_formula() -> None:
    sample: PairSample = draw_pairs(6, 20, generator(3))
    assert (sample.drawn < sample.existing).any()
    halves = torch.randn(20, 1, generator=generator(4)).double()
    effect = torch.tensor([0.7]).double()
    shapley, errors = regress(sample, halves, effect)
    signs = sample.masks - 0.5
    rows = signs[:, :-1] - signs[:, -1:]
    influence = kernel_weights(rows, sample.weights).T
    influence = torch.cat([influence, -influence.sum(dim=1, keepdim=True)], dim=1)
    residual = (halves - signs[:, -1:] * effect)[:, 0] - rows @ shapley[0, :-1]
    leverage = (rows * kernel_weights(rows, sample.weights).T).sum(dim=1)
    scores = influence * (residual / (1 - leverage))[:, None]
    variance = torch.zeros(6).double()
    for s, (drawn, existing) in enumerate(zip(sample.drawn, sample.existing, strict=True)):
        inside = scores[sample.stratum == s]
        variance += (1 - drawn / existing) * drawn * inside.var(dim=0, unbiased=True)
    torch.testing.assert_close(errors[0], variance.sqrt())


def test_hc3_residual_is_that_of_a_fit_without_the_cluster() -> None:
    draws = generator(8)
    rows, goals = torch.randn(7, 2, 3, generator=draws), torch.randn(7, 2, 1, generator=draws)
    rows, goals = rows.double(), goals.double()
    weights = 0.2 + torch.rand(7, 2, generator=draws).double()
    penalty = 0.3 * torch.eye(3).double()

    def fit(kept: list[int]) -> Tensor:
        x, y = rows[kept].flatten(0, 1), goals[kept].flatten(0, 1)
        w = weights[kept].flatten()[:, None]
        return torch.linalg.solve(x.T @ (w * x) + penalty, x.T @ (w * y))

    everyone = list(range(7))
    x = rows.flatten(0, 1)
    lower = factor(x.T @ (weights.flatten()[:, None] * x) + penalty)
    found = leverage_residuals(rows, weights, goals - rows @ fit(everyone), lower)
    for g in everyone:
        without = fit([other for other in everyone if other != g])
        torch.testing.assert_close(found[g], goals[g] - rows[g] @ without, rtol=1e-6, atol=1e-8)


def test_moments_of_three_samples_by_hand() -> None:
    players = Players(membership=np.array([0, 0, 1, 1]), element_shape=(2, 2), kind="grid cell")
    moments = SampleMoments(players)
    samples = torch.tensor([[[1.0, 1], [0, 0]], [[2, 2], [1, 1]], [[3, 3], [5, 0]]]).double()
    moments.add(samples[:2].flatten(1)[:, None])
    moments.add(samples[2:].flatten(1)[:, None])
    sums = np.array([[2.0, 0], [4, 2], [6, 5]])
    np.testing.assert_allclose(moments.mean[0], sums.mean(axis=0))
    student = 4.302653 / 1.959964  # 97.5 % quantiles, of t with two degrees of freedom above
    np.testing.assert_allclose(
        moments.std_error[0], student * sums.std(axis=0, ddof=1) / np.sqrt(3), rtol=1e-6
    )
    totals = sums.sum(axis=1)
    np.testing.assert_allclose(
        moments.total_error[0], student * totals.std(ddof=1) / np.sqrt(3), rtol=1e-6
    )
    np.testing.assert_allclose(moments.element_mean[0], samples.mean(dim=0).flatten())


@pytest.mark.parametrize(
    ("method", "budget"),
    [
        (Rise(masks=256), 256),
        (SmoothGrad(samples=16), 16),
        (Lime(masks=100, estimator="regression"), 100),
    ],
    ids=["rise", "smooth_grad", "lime"],
)
def test_errors_are_the_spread_over_seeds(method: Method, budget: int) -> None:
    model = ToyImageModel(lambda x: 5 * torch.tanh(x.double().mean(dim=(1, 2, 3)) * 4 - 2))

    def run(seed: int) -> Explanation:
        game = game_for(question_for(model, CASE), max_rows=256)
        return method.explain(game, budget=budget, generator=generator(seed))[0]

    found = [run(seed) for seed in range(40)]
    spread = np.stack([e.values for e in found]).std(axis=0, ddof=1)
    claimed = np.stack([e.std_error for e in found if e.std_error is not None]).mean(axis=0)
    assert 0.75 <= float(np.median(spread / claimed)) <= 1.33


def test_rise_masks_move_by_pixels_and_show_each_place_equally() -> None:
    rise = Rise(cells=3)
    grids, shifts = rise._draw(600, (SIDE, SIDE), _grids(4, 0.5, generator(2)), generator(3))
    assert len(torch.unique(shifts[:, 0])) == len(torch.unique(shifts[:, 1])) == SIDE // 3
    masks = torch.cat(list(rise._smooth(grids, shifts, (SIDE, SIDE), 64)))
    visible = masks.view(-1, SIDE, SIDE).mean(dim=0)
    assert float((visible - 0.5).abs().max()) < 0.08
    same = rise._smooth(grids[:1].repeat(2, 1, 1), torch.tensor([[0, 0], [5, 3]]), (SIDE, SIDE), 2)
    one, moved = next(same).view(2, SIDE, SIDE)
    torch.testing.assert_close(one[5:, 3:], moved[:-5, :-3])


def test_gap_of_pure_sampling_noise_is_not_called_a_broken_sum() -> None:
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1)) / SIDE * 4
    model = ToyImageModel(lambda x: 4 * torch.tanh((x * weights).sum(dim=(1, 2, 3)) + 0.4))
    remarked = 0
    for seed in range(40):
        game = game_for(question_for(model, CASE), max_rows=256)
        found = GradientShap(samples=256).explain(game, budget=256, generator=generator(seed))[0]
        remarked += any("do not add up" in remark for remark in found.remarks)
    assert remarked <= 2


@pytest.mark.parametrize("n_players", [4, 6, 9, 12, 16])
def test_least_budget_gives_a_result_for_every_seed(n_players: int) -> None:
    cells = image_players(CASE.payload.pixels, kind="grid", count=n_players)
    question = question_for(product_model(cells), CASE, players=cells)
    for method in (KernelShap(), Lime()):
        least = method.least_budget(question)
        for seed in range(30):
            game = game_for(question, max_rows=512)
            method.explain(game, budget=least, generator=generator(seed))


def two_draws() -> Tensor:
    """Two baselines far apart: (2, 1, SIDE, SIDE)."""
    return torch.stack([torch.zeros(1, SIDE, SIDE), torch.full((1, SIDE, SIDE), 0.9)])


def test_masked_values_average_all_draws() -> None:
    model = product_model(CELLS)
    masks = torch.randint(0, 2, (12, 9), generator=generator(1)).double()

    def values(contents: Tensor, max_rows: int = 16) -> Tensor:
        question = question_for(model, CASE, players=CELLS, baseline=contents)
        return game_for(question, max_rows=max_rows)(masks)

    alone = torch.stack([values(draw[None]) for draw in two_draws()]).mean(dim=0)
    for max_rows in (1, 3, 16):
        torch.testing.assert_close(values(two_draws(), max_rows), alone)


def test_integrated_gradients_average_the_paths_of_all_draws() -> None:
    model = product_model(CELLS)

    def values(contents: Tensor, *, budget: int) -> Explanation:
        game = game_for(question_for(model, CASE, players=CELLS, baseline=contents))
        return IntegratedGradients(steps=64).explain(game, budget=budget, generator=generator())[0]

    both = values(two_draws(), budget=128)
    alone = [values(draw[None], budget=64).values for draw in two_draws()]
    np.testing.assert_allclose(both.values, np.mean(alone, axis=0), atol=1e-5)
    assert both.completeness_gap == pytest.approx(0.0, abs=0.02)


def test_gradient_shap_draws_from_all_baselines() -> None:
    weights = torch.ones(1, SIDE, SIDE) / SIDE
    question = question_for(linear_model(weights), CASE, baseline=two_draws())
    found = GradientShap(samples=2000).explain(
        game_for(question, max_rows=256), budget=2000, generator=generator()
    )[0]
    assert found.completeness_gap is not None
    # For a linear model the only spread is which of both baselines was drawn.
    effects = [float(CASE.payload.pixels.sum()) / SIDE, (CASE.payload.pixels - 0.9).sum() / SIDE]
    assert abs(found.completeness_gap) < 4 * np.std(effects) / np.sqrt(2000)
    assert found.completeness_gap != 0


def test_smooth_grad_uses_noise_of_the_stated_size() -> None:
    # A kink at 0.5: the smoothed gradient of relu(x - 0.5) is the normal distribution function.
    flat = image_case(np.full((SIDE, SIDE), 0.45, np.float32), name="flat")
    flat.payload.pixels.setflags(write=True)
    flat.payload.pixels[0, 0], flat.payload.pixels[0, 1] = 0.0, 1.0  # the range is 1
    model = ToyImageModel(lambda x: torch.relu(x - 0.5).sum(dim=(1, 2, 3)))
    found = SmoothGrad(samples=400, noise=0.1).explain(
        game_for(question_for(model, flat)), budget=400, generator=generator()
    )[0]
    expected = 0.3085 * 0.45 * 64  # P(N(0, 0.1) > 0.05) times the distance to black, 64 pixels
    assert found.values[4] == pytest.approx(expected, rel=0.03)


def test_probability_contrast_is_a_difference() -> None:
    model = linear_model(torch.zeros(1, SIDE, SIDE))
    target = target_named(model.card, "present", contrast="absent")
    question = question_for(model, CASE, scale="probability", targets=(target,))
    found = float(question.explained(torch.tensor([[0.0, 1.0]]))[0, 0])
    assert found == pytest.approx(np.tanh(0.5), abs=1e-6)


def test_region_names_follow_the_stated_side() -> None:
    model = linear_model(torch.zeros(1, SIDE, SIDE))
    request = ConsultRequest(players="grid", n_players=9)
    named = {
        side: ask(image_case(CASE.payload.pixels, name="x", row_direction=side), model, request)
        for side in ("L", "R")
    }
    assert named["L"].players.name(0) == "patient's right, upper"
    assert named["R"].players.name(0) == "patient's left, upper"


def test_films_that_differ_in_side_or_remarks_share_no_report() -> None:
    card = linear_model(torch.zeros(1, SIDE, SIDE)).card
    pixels = CASE.payload.pixels
    films = [
        image_case(pixels, name="x", row_direction="L"),
        image_case(pixels, name="x", row_direction="R"),
        image_case(pixels, name="x"),
        image_case(pixels, name="x", remarks=("inverted",)),
    ]
    assert len({ConsultRequest().key(film, card) for film in films}) == 4


def test_random_numbers_depend_on_seed_method_and_case() -> None:
    streams = [
        generator_for(0, "lime", CASE),
        generator_for(1, "lime", CASE),
        generator_for(0, "rise", CASE),
        generator_for(0, "lime", toy_case(5)),
    ]
    assert len({float(torch.rand(1, generator=g)) for g in streams}) == 4
