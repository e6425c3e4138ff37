"""Two parts of equal size, each named by one method only, hidden one after the other."""

from dataclasses import replace

import numpy as np
import pytest

from explainers.engine import Runtime
from explainers.explanation import Explanation, MethodId
from explainers.question import Question
from explainers.referee import ask_model
from explainers.referee_sides import TwoSided, sides_of
from tests.contracts.subjects import SUBJECTS, smooth_score
from tests.explainers.test_referee import METHOD, film_without, value
from tests.toys import SIDE, game_for, generator, planted_model, question_for, toy_case
from tests.toys_table import ToyTableModel, linear_table_model, table_case, table_question_for
from tests.toys_text import (
    LONG_TEXT,
    N_TOKENS,
    ToyTextModel,
    planted_text_model,
    text_question_for,
    toy_text_case,
)


def says(question: Question, values: np.ndarray, method: MethodId = "lime") -> Explanation:
    (answer,) = METHOD["occlusion"].explain(game_for(question), budget=9000, generator=generator())
    return replace(answer, values=values, method=method)


def only(question: Question, one: np.ndarray, two: np.ndarray, k: int | None = None) -> TwoSided:
    sides = sides_of(says(question, one), says(question, two, "grad_cam"), k=k)
    assert sides is not None
    (found,) = ask_model(question, sides=[sides]).sides
    return found


def test_parts_are_what_one_method_names_and_the_other_does_not() -> None:
    question = SUBJECTS["text"].question(smooth_score(9), None)
    one = np.array([9.0, 8, -7, 1, 0, 0, 0, 0, 0])
    two = np.array([9.0, 0, 0, 1, 0, -8, 7, 0, 0])
    sides = sides_of(says(question, one), says(question, two, "grad_cam"), k=3)
    assert sides is not None
    assert [part.players for part in sides.parts] == [(1, 2), (5, 6)]
    assert sides.methods == ("lime", "grad_cam")
    assert sides_of(says(question, one), says(question, 2 * one), k=3) is None


def test_parts_of_a_film_have_equal_areas_and_share_nothing() -> None:
    question = question_for(planted_model(np.eye(SIDE)), toy_case(), n_players=7)
    sizes = question.players.sizes
    one, two = np.zeros(len(sizes)), np.zeros(len(sizes))
    one[[0, 1]], two[[2, 3]] = (2, 1), (2, 1)
    sides = sides_of(says(question, one), says(question, two), k=2)
    assert sides is not None
    first, second = (part.hides(question.players) for part in sides.parts)
    assert first.sum() == second.sum() == min(sizes[[0, 1]].sum(), sizes[[2, 3]].sum())
    assert not (first & second).any()
    assert sides.parts[0].coverage[0] == sides.parts[1].coverage[0] == 1  # the strongest is whole


def test_changes_equal_a_recomputation_by_hand() -> None:
    question = question_for(planted_model(np.eye(SIDE)), toy_case(), n_players=9)
    one, two = np.eye(9)[4], np.eye(9)[2]
    found = only(question, one, two, k=1)
    full = value(question, question.inputs)
    for row, player in enumerate((4, 2)):
        hidden = question.players.membership == player
        for b, kind in enumerate(found.baselines):
            without = value(question, film_without(question, kind, hidden))
            assert found.hiding[row, b] == pytest.approx(full - without, abs=1e-6)
    assert found.difference == pytest.approx(
        abs(found.hiding[0].mean()) - abs(found.hiding[1].mean())
    )
    assert found.pairs.shape == (40, 2)
    assert found.area == pytest.approx(1 / 9)


PLANTED = {
    "image": (
        lambda: question_for(
            planted_model(np.pad(np.ones((8, 8)), ((8, 8), (16, 0)))), toy_case(), n_players=9
        ),
        5,
    ),
    "tabular": (
        lambda: table_question_for(ToyTableModel(lambda x: 3 * x.double()[:, 2]), table_case()),
        1,
    ),
    "text": (lambda: text_question_for(planted_text_model("effusion"), toy_text_case()), 2),
}


@pytest.mark.parametrize("modality", PLANTED)
def test_the_side_that_holds_a_planted_shortcut_moves_the_model_more(modality: str) -> None:
    make, shortcut = PLANTED[modality]
    question = make()
    count = question.players.count
    found = only(question, np.eye(count)[shortcut], np.eye(count)[(shortcut + 1) % count], k=1)
    assert found.difference > 0.1
    assert abs(found.changes[1]) < 1e-6


def test_p_values_of_sides_no_different_from_others_are_uniform() -> None:
    found = []
    text = LONG_TEXT.replace("is normal", "normal")
    for seed in range(150):
        draw = np.random.default_rng(seed)
        weights = draw.normal(size=N_TOKENS)
        model = ToyTextModel(
            lambda amounts, w=weights: amounts @ amounts.new_tensor(w)  # type: ignore[misc]
        )
        question = text_question_for(model, toy_text_case(text))
        count = question.players.count
        one, two = np.eye(count)[draw.choice(count, 2, replace=False)]
        sides = sides_of(says(question, one), says(question, two), k=1)
        assert sides is not None
        (answer,) = ask_model(question, sides=[sides], seed=seed).sides
        found.append(answer.p_value)
    levels = np.array([2, 4, 10, 20, 30]) / 41
    shares = np.array([(np.array(found) <= level + 1e-9).mean() for level in levels])
    assert (np.abs(shares - levels) / np.sqrt(levels * (1 - levels) / len(found))).max() < 3


def test_a_model_that_ignores_both_sides_tells_them_not_apart() -> None:
    question = text_question_for(planted_text_model("heart"), toy_text_case())
    found = only(question, np.eye(9)[0], np.eye(9)[1], k=1)
    assert found.difference == 0
    assert found.p_value == 1


def test_pairs_of_features_are_all_there_are_and_asked_once() -> None:
    question = table_question_for(linear_table_model(1), table_case())
    sides = sides_of(says(question, np.eye(5)[0]), says(question, np.eye(5)[1]), k=1)
    assert sides is not None
    runtime = Runtime(max_rows=4096)
    (found,) = ask_model(question, sides=[sides], runtime=runtime).sides
    assert len(found.pairs) == 9  # of ten pairs of five features, all but the one asked about
    assert runtime.rows == 1 + found.rows
    assert found.rows % 5 == 0  # five features hidden, each once
