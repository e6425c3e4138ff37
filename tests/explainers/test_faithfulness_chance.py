"""What is only chance scores nothing, and what is not is told from it."""

import numpy as np
import pytest
import torch

from benchmarks.games import Score, additive, answer, game_question
from explainers.faithfulness import faithfulness
from explainers.faithfulness_report import DIRECTIONS
from tests.explainers.test_faithfulness import curved, only

FOUR = np.array([4.0, 3.0, 2.0, 1.0])


def chance_scores(n_cases: int, n_players: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores (2, n), their errors and p-values of values drawn without looking at the model."""
    scores, errors, p_values = [], [], []
    for seed in range(n_cases):
        question = game_question(curved(n_players, seed), n_players)
        values = np.random.default_rng([7, seed]).normal(size=n_players)
        found = faithfulness(question, [answer(question, values)], seed=seed)
        pairs = [(found.reference(d), only(found).auc(d)) for d in DIRECTIONS]
        scores.append([reference.score(auc) for reference, auc in pairs])
        errors.append([reference.score_error(auc) for reference, auc in pairs])
        p_values.append([found.p_value(only(found), d) for d in DIRECTIONS])
    return np.array(scores).T, np.array(errors).T, np.array(p_values).T


def test_values_drawn_at_random_score_nothing() -> None:
    scores, errors, p_values = chance_scores(100, 14)
    spread = scores.std(axis=1, ddof=1) / np.sqrt(scores.shape[1])
    assert np.all(np.abs(scores.mean(axis=1)) < 3 * spread)
    assert np.all(errors < 0.2)
    assert np.all((p_values <= 0.05).mean(axis=1) <= 0.12)
    assert np.all(np.abs(p_values.mean(axis=1) - 0.5) < 0.1)


def test_the_expected_area_is_within_its_error() -> None:
    inside = []
    for seed in range(60):
        score = curved(13, seed)
        question = game_question(score, 13)
        found = faithfulness(question, [answer(question, np.arange(13.0))], seed=seed)
        truth = float(np.trapezoid(_expected(score, 13)[found.sizes], found.sizes / 13))
        inside.append(abs(found.insertion.auc - truth) < 1.96 * found.insertion.auc_error)
    assert np.mean(inside) > 0.85


def _expected(score: Score, n_players: int) -> np.ndarray:
    """(P + 1,) mean over all coalitions of each size."""
    codes = np.arange(2**n_players)
    masks = (codes[:, None] >> np.arange(n_players)) & 1
    values = score(torch.from_numpy(masks).double()).numpy()
    sizes = masks.sum(axis=1)
    return np.bincount(sizes, values) / np.bincount(sizes)


def test_a_method_that_found_nothing_has_no_order_and_no_score() -> None:
    question = game_question(additive(FOUR), 4)
    found = faithfulness(question, [answer(question, np.zeros(4)), answer(question, FOUR, "rise")])
    nothing, other = found.methods
    assert len(nothing.order) == 0
    assert np.isnan(nothing.deletion_auc)
    assert np.isnan(found.mean_score(nothing))
    assert np.isnan(found.p_value(nothing, "deletion"))
    assert found.mean_score(other) == pytest.approx(1.0)


def test_a_model_that_does_not_react_gives_no_score() -> None:
    question = game_question(lambda amounts: 0 * amounts[:, 0] + 2.0, 20)
    found = faithfulness(question, [answer(question, np.arange(20.0))])
    assert np.isnan(found.mean_score(only(found)))
    assert np.isnan(found.edge)
    assert only(found).deletion_auc == pytest.approx(2.0)


def test_the_edge_is_the_best_of_twenty_random_orders() -> None:
    question = game_question(curved(25), 25)
    found = faithfulness(question, [answer(question, np.arange(25.0))])
    assert found.deletion.edge == found.deletion.aucs.min()
    assert found.insertion.edge == found.insertion.aucs.max()
    few = game_question(curved(6), 6)
    reference = faithfulness(few, [answer(few, np.arange(6.0))]).insertion
    assert (reference.aucs > reference.edge).sum() <= 19  # of 400; ties are many with few players


def both_ways(n_players: int, seed: int) -> Score:
    """A game in which every order does as well as its reverse."""
    one_way = curved(n_players, seed)
    return lambda amounts: one_way(amounts) + one_way(1 - amounts)


def test_where_an_order_does_as_well_as_its_reverse_p_values_are_right_all_the_same() -> None:
    p_values = []
    for seed in range(100):
        question = game_question(both_ways(14, seed), 14)
        values = np.random.default_rng([7, seed]).normal(size=14)
        found = faithfulness(question, [answer(question, values)], seed=seed)
        assert only(found).deletion_auc == pytest.approx(only(found).insertion_auc, abs=1e-4)
        p_values.append([found.p_value(only(found), d) for d in DIRECTIONS])
    assert np.mean(np.array(p_values) <= 0.1) <= 0.16


def test_random_orders_come_with_their_reverses() -> None:
    question = game_question(additive(np.arange(20.0)), 20)
    found = faithfulness(question, [answer(question, np.arange(20.0))])
    pairs = found.insertion.aucs.reshape(-1, 2)
    np.testing.assert_allclose(pairs.sum(axis=1), 190.0, atol=1e-3)  # of an additive game
    assert found.insertion.auc_error < 1e-4
