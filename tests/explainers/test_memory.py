"""Answers kept for whoever asks again: whole sets only, each question by itself."""

from dataclasses import replace

import pytest
import torch

from explainers.asking import ask
from explainers.coalitions import all_coalitions
from explainers.engine import MaskedPredictor
from explainers.maskers.names import BASELINES_OF
from explainers.memory import Memory
from explainers.question import Question
from explainers.report import default_request
from models.adapter import ModelAdapter
from models.case import Modality
from tests.toys import linear_model, question_for, toy_case
from tests.toys_table import linear_table_model, table_case
from tests.toys_text import TEXT, linear_text_model, toy_text_case

MODEL = linear_model(torch.arange(24.0 * 24).reshape(24, 24) / 100)


def toy_question(seed: int) -> Question:
    return question_for(MODEL, toy_case(seed))


def test_a_set_is_asked_once_a_question() -> None:
    memory, masks = Memory(), all_coalitions(9)[:40]
    first = MaskedPredictor(toy_question(1), memory=memory)
    values = first.shared(masks)
    again = MaskedPredictor(toy_question(1), memory=memory)
    assert torch.equal(again.shared(masks), values)
    assert again.rows == 0
    assert again.answered == 40 * again.row_cost


@pytest.mark.parametrize("other", ["another question", "another order", "a part"])
def test_what_was_not_asked_as_a_whole_is_asked(other: str) -> None:
    memory, masks = Memory(), all_coalitions(9)[:40]
    MaskedPredictor(toy_question(1), memory=memory).shared(masks)
    seed = 2 if other == "another question" else 1
    game = MaskedPredictor(toy_question(seed), memory=memory)
    asked = {"another order": masks.flip(0), "a part": masks[:20]}.get(other, masks)
    game.shared(asked)
    assert game.rows == len(asked) * game.row_cost


def test_what_is_remembered_cannot_be_changed_from_outside() -> None:
    memory, masks = Memory(), all_coalitions(9)[:8]
    game = MaskedPredictor(toy_question(1), memory=memory)
    values = game.shared(masks)
    expected = values.clone()
    values += 1.0
    assert torch.equal(game.shared(masks), expected)
    ((kept, answers),) = game.remembered()
    assert torch.equal(kept, masks)
    assert torch.equal(answers, expected)


def test_a_game_without_memory_asks_again() -> None:
    game = MaskedPredictor(toy_question(1))
    game.shared(all_coalitions(9)[:8])
    game.shared(all_coalitions(9)[:8])
    assert game.rows == 16 * game.row_cost
    assert not list(game.remembered())


def test_old_questions_are_forgotten() -> None:
    memory, masks = Memory(capacity=2), all_coalitions(9)[:8]
    for seed in (1, 2, 3):
        MaskedPredictor(toy_question(seed), memory=memory).shared(masks)
    kept = [
        bool(list(MaskedPredictor(toy_question(s), memory=memory).remembered())) for s in (1, 2, 3)
    ]
    assert kept == [False, True, True]


def test_a_consultation_has_a_memory_of_its_own_before_that_of_all() -> None:
    shared, (one, other) = Memory(capacity=1), (all_coalitions(9)[:8], all_coalitions(9)[8:20])
    MaskedPredictor(toy_question(1), memory=shared).shared(one)
    own = Memory(behind=shared)
    game = MaskedPredictor(toy_question(1), memory=own)
    assert not list(game.remembered()), "what others asked is none of its business"
    game.shared(one)
    assert game.rows == 0, "but need not be asked again"
    game.shared(other)
    assert [len(masks) for masks, _ in game.remembered()] == [8, 12]
    again = MaskedPredictor(toy_question(1), memory=Memory(behind=shared))
    again.shared(other)
    assert again.rows == 0, "what it asked is there for all"
    MaskedPredictor(toy_question(2), memory=shared).shared(one)
    assert not list(MaskedPredictor(toy_question(1), memory=shared).remembered())
    assert [len(masks) for masks, _ in game.remembered()] == [8, 12], "others push nothing out"


@pytest.mark.parametrize("modality", ["image", "tabular", "text"])
def test_every_baseline_is_a_question_of_its_own(modality: Modality) -> None:
    """Some look alike when every player is absent: words left out and words blanked."""
    model: ModelAdapter
    if modality == "image":
        model, case = MODEL, toy_case(1)
    elif modality == "text":
        model, case = linear_text_model({"effusion": 2.0}), toy_text_case(TEXT)
    else:
        model, case = linear_table_model(), table_case()
    names = BASELINES_OF[modality]
    start = default_request(model.card)
    keys = {ask(case, model, replace(start, baseline=name)).key for name in names}
    assert len(keys) == len(names)
