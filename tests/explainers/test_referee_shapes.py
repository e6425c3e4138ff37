"""A drawn shape is hidden pixel by pixel; what cannot be hidden is refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explainers.methods import METHODS
from explainers.referee import N_PLACEBOS, referee
from explainers.referee_part import shape_on
from explainers.referee_report import foretold_by
from models.errors import ExplainError
from tests.contracts.subjects import SUBJECTS
from tests.explainers.test_referee import film_without, smooth_question, value
from tests.toys import (
    SIDE,
    game_for,
    generator,
    linear_model,
    question_for,
    toy_case,
)

METHOD = {method.card.id: method for method in METHODS}


def test_a_shape_is_hidden_pixel_by_pixel() -> None:
    question = question_for(linear_model(torch.rand(1, SIDE, SIDE).double()), toy_case())
    elements = np.zeros((SIDE, SIDE), dtype=bool)
    elements[3:11, 5:10] = True
    part = shape_on(question.players, elements)
    (found,) = referee(question, [part])
    full = value(question, question.inputs)
    for b, kind in enumerate(found.baselines):
        without = value(question, film_without(question, kind, elements))
        assert found.hiding[b] == pytest.approx(full - without, abs=1e-6)
    assert found.part == part.players
    assert found.area == pytest.approx(40 / SIDE**2)
    assert found.is_shape
    assert sum(
        c * s
        for c, s in zip(part.coverage, question.players.sizes[list(part.players)], strict=True)
    ) == pytest.approx(40)
    assert len(found.placebos) == N_PLACEBOS


def test_what_is_foretold_of_a_shape_is_read_from_the_finer_map() -> None:
    question = question_for(linear_model(torch.rand(1, SIDE, SIDE).double()), toy_case())
    (answer,) = METHOD["occlusion"].explain(game_for(question), budget=100, generator=generator())
    elements = np.zeros((SIDE, SIDE), dtype=bool)
    elements[:4, :8] = True  # half of the first cell
    (found,) = referee(question, [shape_on(question.players, elements)])
    coarse = foretold_by(answer, found)
    assert coarse.change == pytest.approx(0.5 * answer.values[0])
    finer = np.zeros(SIDE**2)
    finer[0] = 7.0
    finer[-1] = 1.0
    assert foretold_by(replace(answer, element_map=finer), found).change == 7
    density = replace(answer, element_map=finer, signed=False, kind="density")
    assert foretold_by(density, found).change == pytest.approx(7 / 8 * found.effect)


def test_a_shape_on_anything_but_a_film_or_off_it_is_refused() -> None:
    question = smooth_question(SUBJECTS["text"])
    tokens = np.ones(question.players.membership.size, dtype=bool)
    with pytest.raises(ExplainError, match="on a film only"):
        referee(question, [shape_on(question.players, tokens)])
    film = smooth_question(SUBJECTS["image"]).players
    with pytest.raises(ExplainError, match="holds nothing"):
        shape_on(film, np.zeros(film.membership.size, dtype=bool))


@pytest.mark.parametrize("part", [(), (9,), (-1,), (1, 1)])
def test_parts_that_do_not_exist_are_refused(part: tuple[int, ...]) -> None:
    with pytest.raises(ExplainError, match="9 players"):
        referee(smooth_question(SUBJECTS["image"]), [part])
