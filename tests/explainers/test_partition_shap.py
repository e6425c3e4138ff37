"""Partition SHAP against the shap package's own explainer, the definition and closed forms."""

import itertools

import numpy as np
import pytest
import torch
from shap import PartitionExplainer

from explainers.engine import MaskedPredictor
from explainers.hierarchy import count_coalitions, members_of
from explainers.methods.partition_shap import WAVE, PartitionShap, tree_for
from explainers.superpixels import image_players
from models.case import FloatArray
from models.errors import BudgetError
from tests.toys import (
    SIDE,
    brute_force_shapley,
    game_for,
    generator,
    linear_model,
    planted_model,
    product_model,
    question_for,
    toy_case,
)
from tests.toys_table import ToyTableModel, smooth_score, table_case, table_question_for
from tests.toys_text import (
    LONG_TEXT,
    ToyTextModel,
    linear_text_model,
    negation_model,
    text_question_for,
    toy_text_case,
)

CASE = toy_case(4)
ENOUGH = 10**6
EVERYTHING = PartitionShap(masks=ENOUGH)


def image_game(n_players: int) -> MaskedPredictor:
    cells = image_players(CASE.film.pixels, kind="grid", count=n_players)
    return game_for(question_for(product_model(cells), CASE, players=cells), max_rows=64)


def text_game() -> MaskedPredictor:
    mix = torch.randn(200, generator=generator(6)).double()

    def score(amounts: torch.Tensor) -> torch.Tensor:
        first = amounts @ mix[: amounts.shape[1]]
        return 3 * torch.tanh(first + (amounts @ mix[-amounts.shape[1] :]) ** 2 / 5)

    return game_for(text_question_for(ToyTextModel(score), toy_text_case(LONG_TEXT)), max_rows=64)


def table_game() -> MaskedPredictor:
    return game_for(table_question_for(ToyTableModel(smooth_score), table_case()), max_rows=64)


GAMES = {
    "two cells": lambda: image_game(2),
    "nine cells": lambda: image_game(9),
    "36 cells": lambda: image_game(36),
    "words": text_game,
    "features": table_game,
}
each_game = pytest.mark.parametrize("name", GAMES)


class PlayersMasker:
    """The package's view of our players: an input of P ones, zeros where absent."""

    def __init__(self, tree: FloatArray) -> None:
        self.clustering = tree
        self.shape = (1, len(tree) + 1)

    def __call__(self, mask: np.ndarray, _: np.ndarray) -> tuple[FloatArray]:
        return (np.asarray(mask, dtype=np.float64)[None],)


def package_values(game: MaskedPredictor, n_masks: int) -> FloatArray:
    """What shap.PartitionExplainer gives for the same tree, budget and wave size."""

    def answers(rows: FloatArray) -> FloatArray:
        return game(torch.from_numpy(np.array(rows, dtype=np.float64)))[:, 0].numpy()

    explainer = PartitionExplainer(answers, PlayersMasker(tree_for(game.question)))
    found = explainer(
        np.ones((1, game.n_players)), max_evals=n_masks + 2, batch_size=2 * WAVE, silent=True
    )
    return np.asarray(found.values[0])


def owen_by_orders(game: MaskedPredictor) -> FloatArray:
    """Mean contribution over every order that keeps each branch together: the definition."""
    tree, count = tree_for(game.question), game.n_players

    def orders(node: int) -> list[list[int]]:
        if node < count:
            return [[node]]
        left, right = (orders(int(child)) for child in tree[node - count, :2])
        pairs = list(itertools.product(left, right))
        return [a + b for a, b in pairs] + [b + a for a, b in pairs]

    gains = np.zeros(count)
    found = orders(2 * count - 2)
    for order in found:
        masks = torch.zeros(count + 1, count, dtype=torch.float64)
        for step, player in enumerate(order):
            masks[step + 1 :, player] = 1
        gains[order] += np.diff(game(masks)[:, 0].numpy())
    return gains / len(found)


@each_game
def test_values_equal_the_shap_package_on_the_whole_tree(name: str) -> None:
    game = GAMES[name]()
    found = EVERYTHING.explain(game, budget=ENOUGH, generator=generator())[0]
    theirs = package_values(game, 10 * count_coalitions(tree_for(game.question)))
    np.testing.assert_allclose(found.values, theirs, atol=1e-6 * np.abs(theirs).max(), rtol=0)
    assert found.diagnostics == {"divided_evenly": 0.0}
    assert found.remarks == ()


@pytest.mark.parametrize("n_masks", [70, 90, 200, 500, 936])
def test_values_equal_the_shap_package_where_the_budget_ends_first(n_masks: int) -> None:
    game = image_game(36)
    found = PartitionShap(masks=n_masks).explain(game, budget=n_masks, generator=generator())[0]
    theirs = package_values(game, n_masks)
    np.testing.assert_allclose(found.values, theirs, atol=1e-6 * np.abs(theirs).max(), rtol=0)
    assert found.rows == n_masks


@pytest.mark.parametrize("n_players", [2, 4])
def test_values_are_the_mean_over_the_orders_that_keep_branches_together(n_players: int) -> None:
    game = image_game(n_players)
    found = EVERYTHING.explain(game, budget=ENOUGH, generator=generator())[0]
    np.testing.assert_allclose(found.values, owen_by_orders(game), atol=1e-12)


def test_features_too() -> None:
    game = table_game()
    found = EVERYTHING.explain(game, budget=ENOUGH, generator=generator())[0]
    np.testing.assert_allclose(found.values, owen_by_orders(game), atol=1e-6)


def test_two_players_get_their_shapley_values() -> None:
    game = image_game(2)
    found = EVERYTHING.explain(game, budget=2, generator=generator())[0]
    np.testing.assert_allclose(found.values, brute_force_shapley(game), atol=1e-12)


@pytest.mark.parametrize("n_players", [9, 36])
def test_linear_game_is_exact(n_players: int) -> None:
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1)) / SIDE
    question = question_for(linear_model(weights), CASE, n_players=n_players)
    found = PartitionShap().explain(game_for(question), budget=1000, generator=generator())[0]
    products = (weights[0].double() * torch.from_numpy(CASE.film.pixels.copy()).double()).numpy()
    np.testing.assert_allclose(found.values, question.players.pool(products, how="sum"), atol=1e-5)


def test_linear_text_is_exact_where_the_budget_suffices() -> None:
    weights = {"effusion": 2.0, "normal": -1.5, "no": -0.5}
    question = text_question_for(linear_text_model(weights), toy_text_case())
    found = PartitionShap().explain(game_for(question), budget=1000, generator=generator())[0]
    words = [question.case.document.word(start).lower() for start, _ in question.players.word_spans]
    np.testing.assert_allclose(found.values, [weights.get(w, 0.0) for w in words], atol=1e-6)


def test_negated_finding_is_paid_to_the_negation() -> None:
    question = text_question_for(negation_model(strength=3.0), toy_text_case())
    found = PartitionShap().explain(game_for(question), budget=1000, generator=generator())[0]
    np.testing.assert_allclose(found.values[3:5], [-3.0, 0.0], atol=1e-6)


def test_a_group_is_paid_as_one_player_would_be() -> None:
    """What a sentence's words get together does not depend on what they do among themselves."""
    game = text_game()
    found = EVERYTHING.explain(game, budget=ENOUGH, generator=generator())[0]
    members = members_of(tree_for(game.question))
    halves = members[tree_for(game.question)[-1, :2].astype(int)]
    alone = game(torch.from_numpy(halves).double())[:, 0]
    effect = float(game.value_full[0] - game.value_empty[0])
    expected = (float(alone[0] - alone[1]) + effect) / 2
    assert found.values[halves[0]].sum() == pytest.approx(expected, abs=1e-9)


def test_values_add_up_at_every_budget() -> None:
    game = image_game(36)
    for masks in (70, 100, 500, 1000):
        found = PartitionShap(masks=masks).explain(game, budget=masks, generator=generator())[0]
        assert found.completeness_gap == pytest.approx(0.0, abs=1e-13)


def test_where_the_budget_ends_the_rest_is_divided_evenly_and_said_so() -> None:
    game = image_game(36)
    shares = []
    for masks in (70, 300, 600, 938):
        found = PartitionShap(masks=masks).explain(game, budget=masks, generator=generator())[0]
        share = found.diagnostics["divided_evenly"]
        assert any(f"{share:.0%}" in remark for remark in found.remarks) == (share > 0.01)
        shares.append(share)
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0.0
    assert len(np.unique(np.round(found.values, 12))) == 36


def test_budget_goes_where_the_effect_is() -> None:
    planted = np.zeros((SIDE, SIDE), dtype=bool)
    planted[4:8, 16:20] = True  # cell 10 of 36
    question = question_for(planted_model(planted), CASE, n_players=36)
    found = PartitionShap(masks=200).explain(game_for(question), budget=200, generator=generator())[
        0
    ]
    assert int(np.argmax(found.values)) == 10
    assert found.values[10] > 0.9 * found.values.sum()


def test_least_budget_splits_as_often_as_there_are_players() -> None:
    game = image_game(9)
    with pytest.raises(BudgetError, match="at least 16"):
        PartitionShap().explain(game, budget=15, generator=generator())
    assert PartitionShap().explain(game, budget=16, generator=generator())[0].rows == 16


def test_a_single_word_gets_the_whole_effect() -> None:
    model = linear_text_model({"heart": 2.5})
    game = game_for(text_question_for(model, toy_text_case("Heart")))
    found = PartitionShap().explain(game, budget=0, generator=generator())[0]
    np.testing.assert_allclose(found.values, [2.5])
    assert found.rows == 0
