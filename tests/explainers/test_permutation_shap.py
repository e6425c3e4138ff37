"""Permutation SHAP against exact values, closed forms and the shap package."""

import numpy as np
import pytest
import torch
from shap import PermutationExplainer
from torch import Tensor

from explainers.engine import MaskedPredictor
from explainers.methods.permutation_shap import LEAST_ORDERS, PermutationShap, ask_once
from explainers.superpixels import image_players
from tests.toys import (
    SIDE,
    ToyImageModel,
    brute_force_shapley,
    game_for,
    generator,
    linear_model,
    product_model,
    question_for,
    toy_case,
)
from tests.toys_text import linear_text_model, text_question_for, toy_text_case

CASE = toy_case(4)


def interacting_game(n_players: int) -> MaskedPredictor:
    cells = image_players(CASE.film.pixels, kind="grid", count=n_players)
    return game_for(question_for(product_model(cells), CASE, players=cells), max_rows=64)


def pairwise_game(n_players: int) -> MaskedPredictor:
    """A game of single players and pairs only."""
    mix = torch.randn(n_players, n_players, generator=generator(5)).double()
    cells = image_players(CASE.film.pixels, kind="grid", count=n_players)
    owner = torch.from_numpy(cells.membership.copy()).long()

    def score(x: Tensor) -> Tensor:
        flat = x.flatten(1).double()
        sums = torch.zeros(len(x), n_players, dtype=torch.float64).index_add(1, owner, flat)
        means = sums / torch.bincount(owner)
        return torch.einsum("ni,ij,nj->n", means, mix, means)

    return game_for(question_for(ToyImageModel(score), CASE, players=cells), max_rows=64)


@pytest.mark.parametrize("n_players", [9, 36])
def test_values_equal_the_shap_package_on_the_same_orders(
    n_players: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    game, budget = interacting_game(n_players), LEAST_ORDERS * 2 * (n_players - 1)
    ours = PermutationShap(masks=budget).explain(game, budget=budget, generator=generator(3))[0]
    places = torch.rand(LEAST_ORDERS, n_players, generator=generator(3)).argsort(dim=1)
    orders = iter(places.argsort(dim=1).numpy())  # what enters first, second, ...

    def deal(players: np.ndarray) -> None:
        players[:] = next(orders)

    def answers(rows: np.ndarray) -> np.ndarray:
        return game(torch.from_numpy(np.asarray(rows, dtype=np.float64)))[:, 0].numpy()

    monkeypatch.setattr("numpy.random.shuffle", deal)
    monkeypatch.setattr("numpy.random.seed", lambda _: None)
    explainer = PermutationExplainer(answers, np.zeros((1, n_players)))
    theirs = explainer(
        np.ones((1, n_players)), max_evals=LEAST_ORDERS * (2 * n_players + 1)
    ).values[0]
    assert next(orders, None) is None
    np.testing.assert_allclose(ours.values, theirs, atol=1e-12 * np.abs(theirs).max(), rtol=0)


@pytest.mark.parametrize("n_players", [2, 9])
def test_one_order_and_its_reverse_solve_games_of_pairs(n_players: int) -> None:
    game = pairwise_game(n_players)
    found = PermutationShap().explain(game, budget=500, generator=generator())[0]
    expected = brute_force_shapley(game)
    np.testing.assert_allclose(found.values, expected, atol=1e-12)
    assert found.std_error is not None
    assert found.std_error.max() < 1e-12


def test_linear_game_is_exact() -> None:
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1)) / SIDE
    question = question_for(linear_model(weights), CASE, n_players=36)
    found = PermutationShap().explain(game_for(question), budget=1000, generator=generator())[0]
    products = (weights[0].double() * torch.from_numpy(CASE.film.pixels.copy()).double()).numpy()
    np.testing.assert_allclose(found.values, question.players.pool(products, how="sum"), atol=1e-5)


def test_values_add_up_to_rounding_at_every_budget() -> None:
    game = interacting_game(12)
    for budget in (264, 300, 1000):
        found = PermutationShap().explain(game, budget=budget, generator=generator(budget))[0]
        assert found.completeness_gap == pytest.approx(0.0, abs=1e-13)


def test_intervals_cover_the_truth_from_the_least_budget_on() -> None:
    game = interacting_game(12)
    truth = brute_force_shapley(game)
    for n_orders in (LEAST_ORDERS, 24):
        hits = []
        for seed in range(60):
            found = PermutationShap().explain(
                game, budget=22 * n_orders, generator=generator(seed)
            )[0]
            hits.append(np.abs(found.values - truth) <= 1.96 * found.std_error)
        assert 0.92 <= float(np.mean(hits)) <= 0.98  # the benchmark prints it over many more


def test_coalitions_that_repeat_are_asked_once() -> None:
    model = product_model(image_players(CASE.film.pixels, kind="grid", count=4))
    game = game_for(question_for(model, CASE, n_players=4), max_rows=64)
    method = PermutationShap(masks=600)
    found = method.explain(game, budget=600, generator=generator())[0]
    assert found.rows == 2**4 - 2  # 100 orders and their reverses pass through no others
    assert method.rows_needed(game.question, 600) == 600
    assert found.settings["orders"] == 200


def test_repeated_masks_get_their_own_values_back() -> None:
    game = interacting_game(9)
    masks = torch.randint(0, 2, (40, 9), generator=generator(8)).double()
    masks = torch.cat([masks, masks.flip(0)])
    before = game.rows
    found = ask_once(game, masks)
    assert game.rows - before == len(torch.unique(masks, dim=0)) < len(masks)
    torch.testing.assert_close(found, game(masks), rtol=0, atol=0)


def test_a_single_word_gets_the_whole_effect() -> None:
    model = linear_text_model({"heart": 2.5})
    game = game_for(text_question_for(model, toy_text_case("Heart")))
    found = PermutationShap().explain(game, budget=0, generator=generator())[0]
    np.testing.assert_allclose(found.values, [2.5])
    assert found.rows == 0
    assert found.std_error is not None
    np.testing.assert_array_equal(found.std_error, [0.0])
