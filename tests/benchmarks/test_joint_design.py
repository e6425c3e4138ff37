"""The joint design: exact where it asks everything or the model adds up, unbiased elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.accuracy_peers import SHAPLEY, shapley_estimators
from benchmarks.joint_design import STEPS, draw, estimators, joint_design, path_effects
from benchmarks.toy_games import GAMES, N_RECORDS, ToyTable, table_question
from explainers.engine import MaskedPredictor, Runtime
from explainers.methods.exact_shapley import ExactShapley
from explainers.question import Question
from models.case import FloatArray
from tests.toys import generator


def game(question: Question) -> MaskedPredictor:
    return MaskedPredictor(question, Runtime(max_rows=4096))


@pytest.fixture(scope="module")
def question() -> Question:
    return replace(table_question(3), scale="probability")


@pytest.fixture(scope="module")
def truth(question: Question) -> FloatArray:
    return ExactShapley().explain(game(question), budget=10**5, generator=generator())[0].values


@pytest.mark.parametrize("variate", [True, False])
def test_asked_about_everything_it_is_exact(
    question: Question, truth: FloatArray, *, variate: bool
) -> None:
    found = joint_design(game(question), 4094 + STEPS, 0, variate=variate)
    np.testing.assert_allclose(found, truth, atol=1e-5)


@pytest.mark.parametrize("variate", [True, False])
def test_errors_cancel_over_many_draws(
    question: Question, truth: FloatArray, *, variate: bool
) -> None:
    runs = np.stack([joint_design(game(question), 60, s, variate=variate) for s in range(200)])
    error = runs.std(axis=0, ddof=1) / len(runs) ** 0.5
    assert (error > 0).all()
    assert (np.abs(runs.mean(axis=0) - truth) < 4 * error).all()
    np.testing.assert_allclose(runs.sum(axis=1), truth.sum(), atol=1e-5)


def test_of_an_additive_model_the_variate_leaves_nothing() -> None:
    question = table_question(1)
    model = ToyTable(generator(1))
    linear = nn.Linear(12, 2)
    model.network = nn.Sequential(linear).requires_grad_(requires_grad=False)
    asked = game(replace(question, model=model))
    weights = (linear.weight[1] - linear.weight[0]).detach().double()
    each = weights * (question.inputs - question.masker.empty()).double()
    torch.testing.assert_close(path_effects(asked), each, atol=1e-5, rtol=0)
    found = joint_design(asked, 20, 0, variate=True)
    np.testing.assert_allclose(found, each.mean(dim=0).numpy(), atol=1e-5)
    without = joint_design(asked, 20, 0, variate=False)
    assert np.abs(without - found).max() > 0.01  # what records differ by is then chance


def test_no_pair_is_asked_twice_and_turns_are_even() -> None:
    sample, records = draw(12, 10, 500, generator())
    rows = torch.cat([sample.masks, records[:, None].double()], dim=1)
    assert len(torch.unique(rows, dim=0)) == 500
    alone = sample.masks.sum(dim=1) == 1
    for turns in (sample.masks[alone].sum(dim=0), torch.bincount(records[alone], minlength=10)):
        assert turns.max() - turns.min() <= 1
    assert float(sample.weights.sum()) == pytest.approx(1)


@pytest.mark.parametrize("price", [0, 1, 3])
def test_rows_are_those_of_the_budget(question: Question, price: int) -> None:
    asked = game(question)
    joint_design(asked, 100, 0, variate=True, price=price)
    gradients, ends = STEPS * N_RECORDS, 1 + N_RECORDS
    assert asked.rows == 100 * N_RECORDS + (1 - price) * gradients + ends


def test_it_takes_part_where_there_is_a_path_from_every_record(question: Question) -> None:
    assert len(estimators(question)) == 2
    assert list(shapley_estimators(question))[: len(SHAPLEY)] == list(SHAPLEY)
    assert not estimators(GAMES["film"](0))
    assert not estimators(GAMES["text"](0))
    trees = ToyTable(generator())
    trees.card = replace(trees.card, capabilities=frozenset())
    assert not estimators(replace(question, model=trees))
