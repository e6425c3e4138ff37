"""KernelSHAP and LIME against brute force, closed forms and the original packages."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from explainers.coalitions import (
    PairSample,
    all_coalitions,
    count_pairs,
    draw_bank,
    draw_pairs,
    pair_classes,
    take_turns,
)
from explainers.consult import generator_for
from explainers.engine import MaskedPredictor
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime, fit_surrogate, kernel
from explainers.methods.reference_lime import ReferenceLime
from explainers.methods.reference_shap import ReferenceShap
from explainers.superpixels import image_players
from models.errors import BudgetError
from tests.toys import (
    SIDE,
    brute_force_shapley,
    game_for,
    generator,
    linear_model,
    product_model,
    question_for,
    toy_case,
)

CASE = toy_case(4)


def interacting_game(n_players: int) -> MaskedPredictor:
    cells = image_players(CASE.payload.pixels, kind="grid", count=n_players)
    return game_for(question_for(product_model(cells), CASE, players=cells), max_rows=64)


@pytest.mark.parametrize("n_players", [2, 3, 4, 6, 9, 10])
def test_full_enumeration_equals_brute_force(n_players: int) -> None:
    game = interacting_game(n_players)
    found = KernelShap(masks=2**game.n_players).explain(
        game, budget=2**game.n_players, generator=generator()
    )[0]
    expected = brute_force_shapley(game)
    assert found.settings["enumerated"] is True
    np.testing.assert_allclose(found.values, expected, atol=1e-9 * np.abs(expected).max())
    assert found.std_error is not None
    # Nothing is left to chance: the error is rounding, not sampling.
    assert found.std_error.max() < 1e-9 * np.abs(expected).max()


def test_brute_force_itself_on_a_linear_game() -> None:
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1)) / SIDE
    game = game_for(question_for(linear_model(weights), CASE))
    products = (weights[0].double() * torch.from_numpy(CASE.payload.pixels.copy()).double()).numpy()
    expected = game.question.players.pool(products, how="sum")
    np.testing.assert_allclose(brute_force_shapley(game), expected, atol=1e-6)


@pytest.mark.parametrize("n_players", [9, 36])
def test_linear_game_is_exact_from_few_masks(n_players: int) -> None:
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1)) / SIDE
    game = game_for(question_for(linear_model(weights), CASE, n_players=n_players))
    found = KernelShap().explain(game, budget=4 * (n_players + 1), generator=generator())[0]
    products = (weights[0].double() * torch.from_numpy(CASE.payload.pixels.copy()).double()).numpy()
    expected = game.question.players.pool(products, how="sum")
    np.testing.assert_allclose(found.values, expected, atol=2e-5 * np.abs(expected).max())


def test_sampling_error_falls_and_intervals_cover() -> None:
    game = interacting_game(12)
    truth = brute_force_shapley(game)
    hits, errors = [], []
    for seed in range(60):
        found = KernelShap(masks=200).explain(game, budget=200, generator=generator(seed))[0]
        assert found.std_error is not None
        hits.append(np.abs(found.values - truth) <= 1.96 * found.std_error)
        errors.append(found.values - truth)
    coverage = float(np.mean(hits))
    assert 0.90 <= coverage <= 0.99  # the benchmark prints it over many more runs
    many = KernelShap(masks=1000).explain(game, budget=1000, generator=generator(1))[0]
    assert np.abs(many.values - truth).max() < np.sqrt(np.mean(np.square(errors)) * 12)


@pytest.mark.parametrize("n_players", [9, 16, 36])
def test_kernel_shap_equals_the_shap_package_on_the_same_coalitions(n_players: int) -> None:
    game = interacting_game(n_players)
    ours, theirs = (
        method.explain(game, budget=400, generator=generator_for(5, method.draws_as, CASE))[0]
        for method in (KernelShap(masks=400, estimator="regression"), ReferenceShap(masks=400))
    )
    largest = np.abs(theirs.values).max()
    np.testing.assert_allclose(ours.values, theirs.values, atol=1e-6 * largest)


@pytest.mark.parametrize("n_players", [9, 16, 36])
def test_lime_equals_the_lime_package_on_the_same_masks(n_players: int) -> None:
    game = interacting_game(n_players)
    ours, theirs = (
        method.explain(game, budget=400, generator=generator_for(5, method.draws_as, CASE))[0]
        for method in (Lime(masks=400, estimator="regression"), ReferenceLime(masks=400))
    )
    largest = np.abs(theirs.values).max()
    np.testing.assert_allclose(ours.values, theirs.values, atol=1e-6 * largest)


def test_lime_recovers_a_linear_model_without_penalty() -> None:
    truth = torch.tensor([[1.0, -2.0, 0.5]], dtype=torch.float64)
    masks = all_coalitions(3)[1:-1].view(-1, 2, 3)
    values = (masks @ truth.T) + 0.3
    fit = fit_surrogate(masks, values, truth.sum(dim=1) + 0.3, kernel_width=0.25, penalty=0.0)
    torch.testing.assert_close(fit.values, truth, atol=1e-9, rtol=0)
    assert float(fit.r2[0]) == pytest.approx(1.0)
    assert float(fit.std_error.max()) < 1e-9


def test_lime_intervals_cover_its_own_estimand() -> None:
    game = interacting_game(9)
    # The estimand: the regression over masks drawn without end, here 200 times as many.
    long = Lime(masks=100_000, estimator="regression")
    truth = long.explain(game, budget=100_000, generator=generator(99))[0].values
    hits = []
    short = Lime(masks=500, penalty=1.0 * 500 / 100_000, estimator="regression")
    for seed in range(60):
        found = short.explain(game, budget=500, generator=generator(seed))[0]
        hits.append(np.abs(found.values - truth) <= 1.96 * found.std_error)
    assert 0.90 <= float(np.mean(hits)) <= 0.99


def test_lime_kernel_matches_its_definition() -> None:
    masks = torch.tensor([[1.0, 1, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0]])
    cosine = np.array([0.0, 1 - 1 / 2, 1.0])  # 1 - cosine similarity with ones; empty: 1
    expected = np.sqrt(np.exp(-(cosine**2) / 0.25**2))
    np.testing.assert_allclose(kernel(masks, 0.25).numpy(), expected, rtol=1e-6)


def test_every_pair_once_when_all_are_asked() -> None:
    for count in range(2, 9):
        total = 2 ** (count - 1) - 1
        sample = draw_pairs(count, total, generator())
        both = torch.cat([sample.masks, 1 - sample.masks])
        codes = (both @ (2.0 ** torch.arange(count)).double()).long()
        assert sorted(codes.tolist()) == list(range(1, 2**count - 1))
        assert float(sample.weights.sum()) == pytest.approx(1.0)


def test_drawn_pairs_are_distinct_and_sized_as_their_stratum() -> None:
    sample = draw_pairs(30, 500, generator(2))
    assert len(torch.unique(sample.masks, dim=0)) == len(sample.masks) == 500
    assert torch.equal(sample.masks.sum(dim=1).long(), sample.stratum + 1)
    codes = {tuple(m.tolist()) for m in sample.masks}
    assert not codes & {tuple((1 - m).tolist()) for m in sample.masks}


@pytest.mark.parametrize("count", [2, 3, 5, 12, 31, 60, 181])
def test_turns_spend_everything_and_never_more_than_exist(count: int) -> None:
    existing, mass = pair_classes(count)
    for wanted in (1, count + 1, 100, 1000):
        n_pairs = min(wanted, sum(existing))
        share = torch.bincount(take_turns(n_pairs, existing, mass), minlength=len(existing))
        assert int(share.sum()) == n_pairs
        if n_pairs >= 2 * len(existing):
            assert all(2 <= n <= m or n == m for n, m in zip(share.tolist(), existing, strict=True))
        # Classes that are neither exhausted nor at their least get what their mass is worth.
        free = [s for s, n in enumerate(share.tolist()) if 2 < n < existing[s]]
        worth = [float(share[s]) / mass[s] for s in free]
        spread = [1 / mass[s] for s in free]
        assert not free or max(worth) - min(worth) <= max(spread) + min(spread)


@pytest.mark.parametrize("draw", [draw_pairs, draw_bank])
@pytest.mark.parametrize("n_players", [7, 18, 36, 50])
def test_draws_are_nested(
    draw: Callable[[int, int, torch.Generator], PairSample], n_players: int
) -> None:
    many = min(700, count_pairs(n_players))
    whole = draw(n_players, many, generator(3))
    for few in (1, n_players, many // 3, many - 1):
        part, own = whole.first(few), draw(n_players, few, generator(3))
        for name in ("masks", "stratum", "weights", "drawn", "existing"):
            assert torch.equal(getattr(part, name), getattr(own, name)), name


def test_coalitions_of_a_size_are_equally_likely_at_every_place() -> None:
    n_players, size, runs = 9, 3, 3000
    first, tenth = (torch.zeros(n_players) for _ in range(2))
    for seed in range(runs):
        sample = draw_pairs(n_players, 120, generator(seed))
        here = sample.masks[sample.stratum == size - 1]
        first += here[0]
        tenth += here[9]
    for counts in (first, tenth):  # each player is in a third of them
        assert float((counts / runs - size / n_players).abs().max()) < 4 * (2 / 9 / runs) ** 0.5


def test_undetermined_regression_is_refused() -> None:
    masks = torch.zeros(4, 2, 3, dtype=torch.float64)
    with pytest.raises(BudgetError, match="Too few different"):
        fit_surrogate(
            masks, torch.zeros(4, 2, 1).double(), torch.zeros(1).double(), kernel_width=1, penalty=0
        )
