"""Masks on texts: polarity, what stands in for a word, what belongs to nobody."""

from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.engine import MaskedPredictor, Runtime
from explainers.maskers.names import TextBaseline
from explainers.maskers.token import TokenMasker
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.gradient_x_input import GradientXInput
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.players import Players
from explainers.question import Question
from models.errors import MaskError, UnsupportedMethodError
from tests.toys import game_for, generator
from tests.toys_text import (
    CLS,
    MASK,
    N_TOKENS,
    PAD,
    SEP,
    STOP,
    TOKENS,
    ToyTextModel,
    linear_text_model,
    text_question_for,
    token_weights,
    toy_text_case,
)

KINDS = pytest.mark.parametrize("kind", get_args(TextBaseline))
CASE = toy_text_case("Small left effusion. No pneumothorax.")
SMALL, LEFT, EFFUSION, NO = (TOKENS[word][0] for word in ("small", "left", "effusion", "no"))
FIRST, SECOND = TOKENS["pneumothorax"]
IDS = [CLS, SMALL, LEFT, EFFUSION, STOP, NO, FIRST, SECOND, STOP, SEP]


def uneven_model() -> ToyTextModel:
    """Every token weighs, padding and special ones too: what is shown can be told apart."""
    weights = torch.randn(N_TOKENS, generator=generator(2)).double()
    return ToyTextModel(lambda amounts: 2 * torch.tanh(amounts @ weights / 4))


def question(kind: TextBaseline, model: ToyTextModel | None = None) -> Question:
    return text_question_for(model or uneven_model(), CASE, baseline=kind)


def shown(kind: TextBaseline, *absent: int) -> list[int]:
    mask = torch.ones(1, 5)
    mask[0, list(absent)] = 0
    applied = question(kind).masker.apply(mask)
    assert applied.shape == (1, 1, len(IDS))
    assert applied.dtype == torch.int64
    return applied[0, 0].tolist()


@KINDS
def test_all_ones_mask_is_the_input(kind: TextBaseline) -> None:
    assert shown(kind) == IDS


def test_absent_word_of_two_tokens_shows_the_mask_token_twice() -> None:
    assert shown("mask", 4) == [*IDS[:6], MASK, MASK, STOP, SEP]
    assert shown("mask", 0, 2) == [CLS, MASK, LEFT, MASK, *IDS[4:]]


def test_deletion_closes_up_in_order_and_pads_the_end() -> None:
    assert shown("deletion", 1, 4) == [CLS, SMALL, EFFUSION, STOP, NO, STOP, SEP, PAD, PAD, PAD]


def test_padding_stays_where_the_word_was() -> None:
    assert shown("padding", 1) == [CLS, SMALL, PAD, *IDS[3:]]


@KINDS
def test_nobody_s_tokens_are_never_replaced(kind: TextBaseline) -> None:
    stand_in = {"mask": MASK, "padding": PAD, "deletion": PAD}[kind]
    (empty,) = question(kind).masker.empty().tolist()
    assert [token for token in empty if token != stand_in] == [CLS, STOP, STOP, SEP]
    if kind != "deletion":
        assert [i for i, token in enumerate(empty) if token != stand_in] == [0, 4, 8, 9]


def test_padding_is_left_out_wherever_it_stands() -> None:
    masks = torch.randint(0, 2, (20, 5), generator=generator(1)).double()
    padded, deleted, masked = (
        game_for(question(kind))(masks) for kind in ("padding", "deletion", "mask")
    )
    torch.testing.assert_close(padded, deleted, atol=0, rtol=0)
    assert (padded - masked).abs().max() > 0.1  # this model reads the mask token


@KINDS
@pytest.mark.parametrize("max_rows", [1, 3, 100])
def test_values_and_rows_do_not_depend_on_the_pass_size(kind: TextBaseline, max_rows: int) -> None:
    masks = torch.randint(0, 2, (25, 5), generator=generator(4)).double()
    expected = game_for(question(kind), max_rows=7)(masks)
    game: MaskedPredictor = game_for(question(kind), max_rows=max_rows)
    torch.testing.assert_close(game(masks), expected, atol=1e-12, rtol=0)
    assert game.rows == 25


@KINDS
def test_value_of_a_coalition_by_hand(kind: TextBaseline) -> None:
    weights = {"small": 1.0, "left": 2.0, "effusion": 4.0, "no": 8.0, "pneumothorax": 16.0}
    game = game_for(question(kind, linear_text_model(weights, bias=0.5)))
    masks = torch.tensor([[1, 0, 1, 0, 1], [0, 1, 0, 1, 0.0]])
    torch.testing.assert_close(game(masks)[:, 0], torch.tensor([21.5, 10.5]).double())


def test_sentences_go_as_all_their_words_do() -> None:
    model = uneven_model()
    whole = game_for(text_question_for(model, CASE, cut="sentences"))
    words = game_for(question("mask", model))
    torch.testing.assert_close(
        whole(torch.tensor([[1.0, 0], [0, 1]])),
        words(torch.tensor([[1.0, 1, 1, 0, 0], [0, 0, 0, 1, 1]])),
    )


def test_half_a_word_is_refused() -> None:
    with pytest.raises(MaskError, match="0 and 1"):
        game_for(question("mask"))(torch.full((1, 5), 0.5))


def test_players_of_another_text_are_refused() -> None:
    players = Players(membership=np.array([0, 1]), element_shape=(2,), kind="word")
    with pytest.raises(MaskError, match="10"):
        TokenMasker(torch.tensor([IDS]), mask_id=MASK, pad_id=PAD, kind="mask", players=players)


@pytest.mark.parametrize("method", [IntegratedGradients(), GradientXInput(), GradientShap()])
@pytest.mark.parametrize("kind", ["deletion", "padding"])
def test_there_is_no_path_to_a_text_without_the_word(
    method: IntegratedGradients, kind: TextBaseline
) -> None:
    game = game_for(question(kind))
    with pytest.raises(UnsupportedMethodError, match=kind):
        method.explain(game, budget=1000, generator=generator())
    assert game.rows == 0


def test_every_method_without_a_path_still_answers() -> None:
    model = linear_text_model({"effusion": 2.0, "no": -1.0})
    for kind in get_args(TextBaseline):
        found = KernelShap().explain(
            game_for(question(kind, model)), budget=1000, generator=generator()
        )[0]
        np.testing.assert_allclose(found.values, [0, 0, 2, -1, 0], atol=1e-9)


def test_the_path_ends_where_the_masks_do() -> None:
    asked = question("mask")

    def at(points: Tensor) -> Tensor:
        return asked.explained(asked.logits_at(points))[0]

    game = game_for(asked)
    torch.testing.assert_close(at(asked.point), game.value_full)
    torch.testing.assert_close(at(asked.origins), game.value_empty)


def test_a_repeated_word_is_a_player_at_each_place() -> None:
    case = toy_text_case("Small effusion. Small heart.")
    game = game_for(
        text_question_for(ToyTextModel(lambda x: x @ token_weights({"small": 1})), case)
    )
    found = KernelShap().explain(game, budget=100, generator=generator())[0]
    np.testing.assert_allclose(found.values, [1, 0, 1, 0], atol=1e-9)


@KINDS
def test_lengths_are_those_of_the_rows_that_are_read(kind: TextBaseline) -> None:
    masker = question(kind).masker
    assert isinstance(masker, TokenMasker)
    masks = torch.randint(0, 2, (40, 5), generator=generator(3)).double()
    read = (masker.apply(masks)[:, 0] != PAD).sum(dim=1)
    assert masker.lengths(masks).tolist() == read.tolist()


@KINDS
def test_masks_are_asked_by_length_and_answered_in_their_own_order(kind: TextBaseline) -> None:
    widths: list[int] = []

    def weigh(amounts: Tensor) -> Tensor:
        widths.append(int(amounts.sum(dim=1).max()))
        return 2 * torch.tanh(amounts @ torch.arange(N_TOKENS).double() / 40)

    asked = question(kind, ToyTextModel(weigh))
    masks = torch.randint(0, 2, (60, 5), generator=generator(4)).double()
    found = MaskedPredictor(asked, Runtime(max_rows=7))(masks)
    assert widths == sorted(widths, reverse=True)
    assert (len(set(widths)) > 1) == (kind != "mask")
    one_by_one = torch.cat([MaskedPredictor(asked)(mask[None]) for mask in masks])
    torch.testing.assert_close(found, one_by_one, atol=1e-6, rtol=0)
