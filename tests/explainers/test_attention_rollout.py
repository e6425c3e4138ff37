"""Attention rollout against hand-computed attention."""

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.methods.attention_rollout import AttentionRollout, rollout
from explainers.question import Question
from models.errors import NonFiniteError, UnsupportedMethodError
from tests.toys import game_for, generator
from tests.toys_text import (
    ToyTextModel,
    attention_to,
    linear_text_model,
    text_question_for,
    toy_text_case,
)

CASE = toy_text_case("Small left effusion.")  # [CLS] small left effusion . [SEP]


def explain(question: Question) -> np.ndarray:
    return AttentionRollout().explain(game_for(question), budget=1, generator=generator())[0].values


def model_with(attention: Tensor) -> ToyTextModel:
    return ToyTextModel(lambda amounts: amounts.sum(dim=1), attention=lambda _: attention[None])


def test_two_layers_of_two_heads_by_hand() -> None:
    # Heads of a layer average to W1 = [[0, 1], [1/2, 1/2]] and W2 = [[1/2, 1/2], [0, 1]].
    first = torch.tensor([[[0.0, 1], [1, 0]], [[0, 1], [0, 1]]])
    second = torch.tensor([[[1.0, 0], [0, 1]], [[0, 1], [0, 1]]])
    # A1 = [[1/2, 1/2], [1/4, 3/4]], A2 = [[3/4, 1/4], [0, 1]]; A2 A1 by hand:
    expected = [[7 / 16, 9 / 16], [1 / 4, 3 / 4]]
    found = rollout(torch.stack([first, second]).double())
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-15)


def test_first_token_reads_words_by_the_last_layer_through_the_first() -> None:
    # Layer 1 moves "effusion" (3) into "small" (1); layer 2 lets [CLS] (0) read "small" only.
    one = torch.eye(6)
    one[1] = torch.eye(6)[3]
    two = torch.eye(6)
    two[0] = torch.eye(6)[1]
    question = text_question_for(model_with(torch.stack([one, two])[:, None]), CASE)
    np.testing.assert_allclose(explain(question), [0.25, 0.0, 0.25], atol=1e-15)
    backwards = text_question_for(model_with(torch.stack([two, one])[:, None]), CASE)
    np.testing.assert_allclose(explain(backwards), [0.5, 0.0, 0.0], atol=1e-15)


def test_words_get_the_sum_of_their_tokens_and_the_rest_is_told() -> None:
    case = toy_text_case("No pneumothorax.")  # [CLS] no pneumo ##thorax . [SEP]
    shares = torch.tensor([0.1, 0.2, 0.3, 0.25, 0.1, 0.05])
    question = text_question_for(model_with(shares.expand(1, 1, 6, 6)), case)
    found = AttentionRollout().explain(game_for(question), budget=1, generator=generator())[0]
    np.testing.assert_allclose(found.values, [0.1, 0.275], atol=1e-7)  # half stays at [CLS]
    assert found.diagnostics["outside_players"] == pytest.approx(1 - 0.375)
    assert found.shares == pytest.approx([0.1 / 0.375, 0.275 / 0.375])


def test_it_says_that_the_class_does_not_matter() -> None:
    question = text_question_for(linear_text_model({"left": 1.0}), CASE)
    found = AttentionRollout().explain(game_for(question), budget=1, generator=generator())[0]
    assert "Attention rollout is the same for every class." in found.remarks
    assert not found.signed


def test_attended_word_comes_first_whatever_the_model_makes_of_it() -> None:
    token = linear_text_model({}).encode(toy_text_case("left"))[0, 1]
    model = ToyTextModel(
        lambda amounts: 0 * amounts.sum(dim=1), attention=attention_to((int(token),))
    )
    assert int(np.argmax(explain(text_question_for(model, CASE)))) == 1


def test_broken_attention_is_refused() -> None:
    question = text_question_for(model_with(torch.full((1, 1, 6, 6), torch.nan)), CASE)
    with pytest.raises(NonFiniteError, match="attention"):
        explain(question)


def test_a_model_without_a_special_first_token_is_refused() -> None:
    model = linear_text_model({})
    whole = model.tokens
    model.tokens = lambda case: whole(case)[1:]  # type: ignore[method-assign]
    with pytest.raises(UnsupportedMethodError, match="stands first"):
        explain(text_question_for(model, CASE))
