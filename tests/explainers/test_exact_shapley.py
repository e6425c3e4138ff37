"""Exact Shapley values against brute force, closed forms and the shap package."""

import numpy as np
import pytest
import torch
from shap import ExactExplainer

from explainers.engine import MaskedPredictor
from explainers.methods.exact_shapley import ExactShapley, shapley_values
from explainers.report import EXACT_PLAYERS
from explainers.superpixels import image_players
from models.errors import BudgetError, UnsupportedMethodError
from tests.toys import (
    brute_force_shapley,
    game_for,
    generator,
    linear_model,
    product_model,
    question_for,
    toy_case,
)
from tests.toys_table import linear_table_model, table_case, table_question_for
from tests.toys_text import linear_text_model, negation_model, text_question_for, toy_text_case

CASE = toy_case(4)


def interacting_game(n_players: int) -> MaskedPredictor:
    cells = image_players(CASE.film.pixels, kind="grid", count=n_players)
    return game_for(question_for(product_model(cells), CASE, players=cells), max_rows=64)


def exact(game: MaskedPredictor) -> np.ndarray:
    found = ExactShapley().explain(game, budget=5000, generator=generator())[0]
    assert found.completeness_gap == pytest.approx(0.0, abs=1e-13)
    return found.values


@pytest.mark.parametrize("n_players", [2, 3, 4, 6, 9, 12])
def test_values_equal_brute_force_to_rounding(n_players: int) -> None:
    game = interacting_game(n_players)
    expected = brute_force_shapley(game)
    np.testing.assert_allclose(exact(game), expected, atol=1e-12 * np.abs(expected).max(), rtol=0)


@pytest.mark.parametrize("n_players", [2, 9, 12])
def test_values_equal_the_shap_package(n_players: int) -> None:
    game = interacting_game(n_players)

    def answers(rows: np.ndarray) -> np.ndarray:
        return game(torch.from_numpy(np.asarray(rows, dtype=np.float64)))[:, 0].numpy()

    explainer = ExactExplainer(answers, np.zeros((1, game.n_players)))
    theirs = explainer(np.ones((1, game.n_players))).values[0]
    np.testing.assert_allclose(exact(game), theirs, atol=1e-6 * np.abs(theirs).max(), rtol=0)


def test_every_coalition_is_asked_once() -> None:
    game = interacting_game(9)
    found = ExactShapley().explain(game, budget=510, generator=generator())[0]
    assert found.rows == 2**9 - 2  # none and all are shared by all methods
    with pytest.raises(BudgetError, match="510"):
        ExactShapley().explain(game, budget=509, generator=generator())


def test_too_many_players_are_refused_by_number() -> None:
    question = question_for(linear_model(torch.ones(1, 24, 24)), CASE, n_players=16)
    with pytest.raises(UnsupportedMethodError, match=rf"{EXACT_PLAYERS} players.*16") as refusal:
        ExactShapley().explain(game_for(question), budget=10**9, generator=generator())
    assert "KernelSHAP" in refusal.value.hint


def test_linear_record_pays_each_feature_its_distance_from_the_mean_of_the_draws() -> None:
    model = linear_table_model()
    question = table_question_for(model, table_case())
    draws = question.masker.empty()
    products = ((question.inputs - draws).double() @ torch.diag(model.weights.double())).mean(dim=0)
    expected = question.players.pool(products.numpy(), how="sum")
    found = ExactShapley().explain(game_for(question), budget=5000, generator=generator())[0]
    np.testing.assert_allclose(found.values, expected, atol=1e-6)
    assert found.rows == (2**5 - 2) * len(draws)


def test_negated_finding_is_paid_to_the_negation() -> None:
    question = text_question_for(negation_model(strength=3.0), toy_text_case())
    found = ExactShapley().explain(game_for(question), budget=5000, generator=generator())[0]
    assert found.values[3] == pytest.approx(-3.0, abs=1e-6)  # "No"
    assert found.values[4] == pytest.approx(0.0, abs=1e-6)  # "pneumothorax": +3 alone, -3 with it
    others = np.delete(found.values, [3, 4])
    np.testing.assert_allclose(others, 0, atol=1e-6)


def test_targets_are_solved_together() -> None:
    values = torch.randn(2**5, 3, generator=generator(2), dtype=torch.float64)
    together = shapley_values(values)
    assert together.shape == (3, 5)
    for target in range(3):
        alone = shapley_values(values[:, target : target + 1])[0]
        np.testing.assert_allclose(together[target], alone, atol=1e-15)


def test_glove_game() -> None:
    # Two left gloves (players 0 and 1) and one right (2); a pair is worth 1: 1/6, 1/6, 4/6.
    masks = np.array([[int(code >> i & 1) for i in range(3)] for code in range(8)])
    worth = np.minimum(masks[:, :2].sum(axis=1), masks[:, 2]).astype(float)
    found = shapley_values(torch.from_numpy(worth)[:, None])[0]
    np.testing.assert_allclose(found, [1 / 6, 1 / 6, 4 / 6], atol=1e-15)


def test_a_single_word_gets_the_whole_effect() -> None:
    model = linear_text_model({"heart": 2.5})
    game = game_for(text_question_for(model, toy_text_case("Heart")))
    found = ExactShapley().explain(game, budget=0, generator=generator())[0]
    np.testing.assert_allclose(found.values, [2.5])
    assert found.rows == 0
