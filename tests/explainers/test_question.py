"""The Question: what is explained on which scale, and when two are the same."""

import numpy as np
import pytest
import torch

from explainers.explanation import Target
from explainers.question import target_named
from explainers.superpixels import image_players
from models.errors import ExplainError
from tests.toys import (
    SIDE,
    game_for,
    generator,
    linear_model,
    product_model,
    question_for,
    toy_case,
)

CASE = toy_case(2)
CELLS = image_players(CASE.film.pixels, kind="grid", count=9)


@pytest.mark.parametrize("scale", ["logit", "probability"])
def test_explained_scale_is_log_odds_or_probability(scale: str) -> None:
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1)) / SIDE
    game = game_for(question_for(linear_model(weights, bias=0.2), CASE, scale=scale))  # type: ignore[arg-type]
    score = 0.2 + float((weights.double() * torch.from_numpy(CASE.film.pixels.copy())).sum())
    expected = score if scale == "logit" else 1 / (1 + np.exp(-score))
    assert float(game.value_full[0]) == pytest.approx(expected, abs=1e-5)


def test_contrast_is_the_difference_of_logits() -> None:
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1)) / SIDE
    model = linear_model(weights)
    target = target_named(model.card, "present", contrast="absent")
    game = game_for(question_for(model, CASE, targets=(target,)))
    logits = model.logits(model.encode(CASE))[0]
    assert float(game.value_full[0]) == pytest.approx(float(logits[1] - logits[0]), abs=1e-5)


def test_unknown_class_lists_the_known_ones() -> None:
    with pytest.raises(ExplainError, match="'absent', 'present'"):
        target_named(linear_model(torch.zeros(1, SIDE, SIDE)).card, "pneumonia")


def test_question_key_changes_with_everything_that_matters() -> None:
    model = product_model(CELLS)
    base = question_for(model, CASE, players=CELLS)
    others = [
        question_for(model, toy_case(9), players=CELLS),
        question_for(model, CASE, n_players=4),
        question_for(model, CASE, players=CELLS, scale="probability"),
        question_for(model, CASE, players=CELLS, targets=(Target(index=0, name="absent"),)),
    ]
    assert question_for(model, CASE, players=CELLS).key == base.key
    assert len({base.key, *(other.key for other in others)}) == 5
