"""One bank for both methods: what is asked once, and by whom."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explainers.coalitions import count_pairs
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Baseline
from explainers.maskers.background import BackgroundMasker
from explainers.memory import Memory
from explainers.methods.base import Method
from explainers.methods.exact_shapley import ExactShapley
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import MOST_FEATURES, Lime
from explainers.methods.many_words import MASKS, MOST_WORDS
from explainers.methods.occlusion import Occlusion
from explainers.players import Players
from explainers.question import Question
from explainers.spending import rows_saved
from models.errors import CancelledError
from tests.explainers.test_bank import P
from tests.toys import ToyImageModel as Model
from tests.toys import game_for, generator, question_for, toy_case
from tests.toys_table import linear_table_model, table_case, table_question_for
from tests.toys_text import LONG_TEXT, linear_text_model, text_question_for, toy_text_case

SHARERS: tuple[Method, ...] = (KernelShap(masks=200), Lime(masks=200))


def question() -> Question:
    model = Model(lambda x: 3 * torch.tanh(x.double().mean(dim=(1, 2, 3)) * 4 - 2))
    return question_for(model, toy_case(4), n_players=36)


def test_both_methods_rest_on_the_same_rows_and_say_what_they_say_alone() -> None:
    alone = [m.explain(game_for(question()), budget=200, generator=generator())[0] for m in SHARERS]
    game = MaskedPredictor(question(), Runtime(max_rows=64), memory=Memory())
    together = [m.explain(game, budget=200, generator=generator())[0] for m in SHARERS]
    assert game.rows == 200 + 2  # and the case with everything present and absent
    for one, other in zip(alone, together, strict=True):
        assert one.values.tobytes() == other.values.tobytes()
        assert one.rows == other.rows == 200
        assert one.settings["estimator"] == "gaussian process"


def test_rows_saved_are_those_of_the_second_that_asks() -> None:
    asked = question()
    assert rows_saved([(method, 200) for method in SHARERS], asked) == 200
    assert rows_saved([(SHARERS[0], 200)], asked) == 0
    # What 300 and 350 have in common is their first round.
    larger = [(KernelShap(masks=350), 350), (Lime(masks=300), 300)]
    assert rows_saved(larger, asked) == 160
    regression = Lime(masks=200, estimator="regression")
    assert rows_saved([(SHARERS[0], 200), (regression, 200), (Occlusion(), 200)], asked) == 0


def test_nothing_is_shared_unless_asked_for() -> None:
    game = game_for(question())
    for method in SHARERS:
        method.explain(game, budget=200, generator=generator())
    assert game.rows == 400 + 2


def test_what_is_equal_of_two_banks_is_asked_once() -> None:
    alone = Lime(masks=300).explain(game_for(question()), budget=400, generator=generator())[0]
    game = MaskedPredictor(question(), memory=Memory())
    KernelShap(masks=350).explain(game, budget=400, generator=generator())
    together = Lime(masks=300).explain(game, budget=400, generator=generator())[0]
    assert game.rows == 350 + 300 - 160 + 2
    assert together.values.tobytes() == alone.values.tobytes()


def test_regression_shares_nothing() -> None:
    game = MaskedPredictor(question(), memory=Memory())
    for method in (KernelShap, Lime):
        found = method(masks=200, estimator="regression").explain(
            game, budget=200, generator=generator()
        )[0]
        assert found.settings["estimator"] == "regression"
    assert game.rows == 400 + 2


def test_over_many_words_both_share_a_larger_bank() -> None:
    text = text_question_for(linear_text_model({"effusion": 2.0}), toy_text_case(LONG_TEXT))
    assert text.players.count > MOST_WORDS
    both = (KernelShap(), Lime())
    for method in both:
        assert method.choice(text, 2000).name == "gaussian process"
        assert 2 * method.n_pairs(text, 2000) == MASKS
        assert 2 * method.n_pairs(text, 1200) == 1200
    assert rows_saved([(method, 2000) for method in both], text) == MASKS
    assert 2 * Lime(masks=300).n_pairs(text, 2000) == 300
    assert 2 * Lime(estimator="regression").n_pairs(text, 2000) == 1000
    game = MaskedPredictor(text, memory=Memory())
    for method in both:
        method.explain(game, budget=300, generator=generator(1))
    assert game.rows == 300 + 2


def test_lime_asks_pairs_of_its_own_over_many_features() -> None:
    model = linear_table_model()
    for count, expected in ((MOST_FEATURES, "gaussian process"), (MOST_FEATURES + 1, "regression")):
        owners = np.arange(count, dtype=np.int32)
        players = Players(membership=owners, element_shape=owners.shape, kind="feature")
        inputs = torch.zeros(1, count)
        masker = BackgroundMasker(
            inputs, inputs + 1, baseline=Baseline(name="ones", description="ones"), players=players
        )
        asked = replace(table_question_for(model, table_case()), inputs=inputs, masker=masker)
        assert Lime().choice(asked, 2000).name == expected
        assert KernelShap().choice(asked, 2000).name == "gaussian process"


def test_a_few_players_are_enumerated_by_both() -> None:
    small = question_for(question().model, toy_case(4), n_players=P)
    game = MaskedPredictor(small, memory=Memory())
    found = [m.explain(game, budget=520, generator=generator())[0] for m in (KernelShap(), Lime())]
    exact = ExactShapley().explain(game_for(small), budget=520, generator=generator())[0]
    assert {e.settings["estimator"] for e in found} == {"enumeration"}
    assert game.rows == 2 * count_pairs(P) + 2
    np.testing.assert_allclose(found[0].values, exact.values, atol=1e-9)


@pytest.mark.parametrize("method", SHARERS, ids=lambda method: method.card.id)
def test_fitting_takes_turns_and_can_be_cancelled(method: Method) -> None:
    seen: list[int] = []
    runtime = Runtime(max_rows=64, on_rows=seen.append)
    game = MaskedPredictor(question(), runtime)
    method.explain(game, budget=200, generator=generator())
    pauses = seen.count(game.rows) - 1  # after the last pass nothing more is asked
    assert pauses > 5
    runtime = Runtime(max_rows=64, cancelled=lambda: runtime.rows == game.rows and bool(left.pop()))
    left = [True, False, False, False]  # the last pass, two pauses, and the reader has gone
    with pytest.raises(CancelledError):
        method.explain(MaskedPredictor(question(), runtime), budget=200, generator=generator())


def test_what_occlusion_asked_is_known_to_others() -> None:
    game = MaskedPredictor(question(), Runtime(max_rows=64), memory=Memory())
    Occlusion().explain(game, budget=36, generator=generator())
    ((masks, values),) = game.remembered()
    assert masks.shape == (36, 36)
    assert values.shape == (36, 1)
