"""Exact coefficients and TreeSHAP against brute force on the same background."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.explanation import Target
from explainers.methods.base import Method
from explainers.methods.linear import Linear
from explainers.methods.tree_shap import TreeShap
from explainers.question import Question
from models.errors import UnsupportedMethodError
from tests.toys import brute_force_shapley, game_for, generator
from tests.toys_table import (
    RECORD,
    ToyTableModel,
    TreesTableModel,
    linear_table_model,
    planted_score,
    product_score,
    smooth_score,
    table_case,
    table_question_for,
)

LINEAR, TREES = linear_table_model(), TreesTableModel(smooth_score)
GLASS = pytest.mark.parametrize(
    ("method", "model"), [(Linear(), LINEAR), (TreeShap(), TREES)], ids=lambda x: type(x).__name__
)


def values_of(method: Method, question: Question) -> np.ndarray:
    game = game_for(question)
    found = method.explain(game, budget=0, generator=generator())[0]
    assert found.rows == 0
    assert not found.remarks
    return found.values


@GLASS
def test_equals_brute_force_on_the_same_background(method: Method, model: ToyTableModel) -> None:
    question = table_question_for(model, table_case())
    expected = brute_force_shapley(game_for(question))
    np.testing.assert_allclose(values_of(method, question), expected, atol=1e-6)


@GLASS
def test_a_missing_value_is_explained_like_any_other(method: Method, model: ToyTableModel) -> None:
    values = RECORD.copy()
    values[[0, 4]] = np.nan
    question = table_question_for(model, table_case(values))
    expected = brute_force_shapley(game_for(question))
    np.testing.assert_allclose(values_of(method, question), expected, atol=1e-6)
    assert abs(expected[4]) > 0.05


@GLASS
def test_a_contrast_doubles_the_half_logits(method: Method, model: ToyTableModel) -> None:
    # The toy's logits are -score / 2 and score / 2: their difference is the log-odds themselves.
    alone = table_question_for(model, table_case())
    against = replace(alone, targets=(Target(index=1, name="present", contrast=0),))
    np.testing.assert_allclose(values_of(method, alone), values_of(method, against), atol=1e-9)


@GLASS
def test_probabilities_are_refused(method: Method, model: ToyTableModel) -> None:
    with pytest.raises(UnsupportedMethodError, match="log-odds"):
        values_of(method, table_question_for(model, table_case(), scale="probability"))


@GLASS
def test_one_of_many_classes_is_refused(method: Method, model: ToyTableModel) -> None:
    question = table_question_for(model, table_case())
    card = replace(model.card, classes=("absent", "present", "unclear"))
    other = ToyTableModel(model.score, capabilities=card.capabilities)
    other.card = card
    with pytest.raises(UnsupportedMethodError, match="two classes"):
        values_of(method, replace(question, model=other))


@GLASS
def test_a_baseline_that_depends_on_what_stays_is_refused(
    method: Method, model: ToyTableModel
) -> None:
    question = table_question_for(model, table_case())
    object.__setattr__(question.masker, "has_path", False)
    with pytest.raises(UnsupportedMethodError, match="baseline"):
        values_of(method, question)


@GLASS
def test_a_model_that_only_claims_to_be_open_is_refused(
    method: Method, model: ToyTableModel
) -> None:
    closed = ToyTableModel(smooth_score, capabilities=model.card.capabilities)
    with pytest.raises(UnsupportedMethodError, match="does not show"):
        values_of(method, table_question_for(closed, table_case()))


def test_coefficients_times_distance_from_the_mean_record() -> None:
    question = table_question_for(LINEAR, table_case())
    mean = LINEAR.encode_values(LINEAR.sample[:10]).double().mean(dim=0)
    moved = LINEAR.weights.double() * (question.inputs[0].double() - mean)
    expected = np.bincount(LINEAR.element_columns, moved.numpy())
    np.testing.assert_allclose(values_of(Linear(), question), expected, atol=1e-12)


def test_trees_that_read_one_number_pay_it_alone() -> None:
    model = TreesTableModel(planted_score("marker"))
    found = values_of(TreeShap(), table_question_for(model, table_case()))
    assert np.count_nonzero(found[:4]) == 0
    assert found[4] > 1


def test_trees_share_an_interaction() -> None:
    question = table_question_for(TreesTableModel(product_score), table_case())
    found = values_of(TreeShap(), question)
    assert min(found[:2]) > 0.5
    np.testing.assert_allclose(found, brute_force_shapley(game_for(question)), atol=1e-6)


def test_places_of_one_category_are_paid_apart_from_each_other() -> None:
    """What the card says: pooled places need not be the Shapley value of the category."""

    def nested(inputs: Tensor) -> Tensor:
        # Low or not comes first, high or not below it, age below both: one path reads two places.
        low, high, age = inputs[:, 6].double(), inputs[:, 8].double(), inputs[:, 0].double()
        return 6 * low + high * (1 + 2 * age)

    model = TreesTableModel(nested)
    low = model.encode_values(model.sample[model.sample[:, 3] == 0][:10])
    question = table_question_for(model, table_case(), background=low)
    found = values_of(TreeShap(), question)
    expected = brute_force_shapley(game_for(question))
    assert np.abs(found - expected).max() > 0.01
    np.testing.assert_allclose(found.sum(), expected.sum(), atol=1e-6)


def test_global_random_state_is_left_alone() -> None:
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    values_of(TreeShap(), table_question_for(TREES, table_case()))
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002
