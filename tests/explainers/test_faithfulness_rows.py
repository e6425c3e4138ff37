"""Which coalitions are asked, how often, and what is known beforehand."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.games import additive, answer, game_question
from explainers.bank_orders import draw_orders, with_reverses
from explainers.coalition_values import CoalitionValues
from explainers.consult import generator_for
from explainers.engine import MaskedPredictor, Runtime
from explainers.faithfulness import BANK, N_ORDERS, faithfulness
from explainers.faithfulness_report import DIRECTIONS
from explainers.memory import Memory
from explainers.methods import METHODS
from explainers.orders import chains, curve_sizes
from explainers.question import Question
from models.errors import CancelledError, IncomparableError
from tests.explainers.test_faithfulness import curved, only

FOUR = np.array([4.0, 3.0, 2.0, 1.0])
METHOD = {method.card.id: method for method in METHODS}


def test_every_coalition_is_asked_once() -> None:
    question = game_question(additive(FOUR), 4)
    twice = [
        answer(question, FOUR),
        answer(question, -FOUR, "rise"),
        answer(question, FOUR, "lime"),
    ]
    found = faithfulness(question, twice)
    assert found.rows == 2**4 == sum(question.model.passes)  # type: ignore[attr-defined]
    values = CoalitionValues(MaskedPredictor(question))
    masks = np.array([[True, False, True, False], [True, False, True, False]])
    assert values(masks).tolist() == pytest.approx([6.0, 6.0], abs=1e-5)
    assert values(masks[None]).shape == (1, 2)
    known, found_values = values.all_known()
    assert len(known) == len(found_values) == 3  # full, empty and this one


def test_rows_stay_few() -> None:
    weights = np.random.default_rng(1).normal(size=36)
    question = game_question(additive(weights), 36)
    noisy = [weights + np.random.default_rng(s).normal(size=36) for s in range(3)]
    found = faithfulness(question, [answer(question, values) for values in noisy])
    assert 200 < found.rows < 350
    assert found.insertion.n_orders == N_ORDERS


def test_the_size_of_passes_changes_nothing() -> None:
    question = game_question(curved(15), 15)
    explanations = [answer(question, np.random.default_rng(2).normal(size=15))]
    one, other = (
        faithfulness(question, explanations, runtime=Runtime(max_rows=rows)) for rows in (7, 512)
    )
    for direction in DIRECTIONS:
        a, b = one.reference(direction), other.reference(direction)
        np.testing.assert_allclose(a.aucs, b.aucs, atol=1e-6)
        np.testing.assert_allclose(a.best_curve, b.best_curve, atol=1e-6)
        scores = [f.score(only(f), direction) for f in (one, other)]
        assert scores[0] == pytest.approx(scores[1], abs=1e-5)
    assert one.rows == other.rows


def banked(question: Question, memory: Memory) -> None:
    """What KernelSHAP asks."""
    game = MaskedPredictor(question, memory=memory)
    stream = generator_for(0, METHOD["kernel_shap"].draws_as, question.case)
    METHOD["kernel_shap"].explain(game, budget=1000, generator=stream)


def test_with_a_bank_of_the_same_seed_random_orders_cost_next_to_nothing() -> None:
    question, memory = game_question(curved(36), 36), Memory()
    banked(question, memory)
    explanations = [answer(question, np.arange(36.0))]
    known = CoalitionValues(MaskedPredictor(question, memory=memory))
    sizes = curve_sizes(36)
    orders = with_reverses(draw_orders(36, generator_for(0, BANK, question.case)))
    assert np.isnan(known.known(chains(orders, sizes).reshape(-1, 36))).sum() < 10
    found = faithfulness(question, explanations, values=known)
    alone = faithfulness(question, explanations)
    assert found.rows < 70 < 200 < alone.rows
    np.testing.assert_allclose(found.insertion.aucs, alone.insertion.aucs, atol=1e-6)
    np.testing.assert_allclose(only(found).insertion, only(alone).insertion, atol=1e-6)


def test_answers_to_another_question_are_refused() -> None:
    question = game_question(additive(FOUR), 4)
    for changed in ({"case_digest": "0" * 64}, {"scale": "probability"}, {"weights_sha256": "1"}):
        with pytest.raises(IncomparableError, match="another question"):
            faithfulness(question, [replace(answer(question, FOUR), **changed)])  # type: ignore[arg-type]


def test_it_stops_when_cancelled_and_says_how_far_it_is() -> None:
    question = game_question(curved(20), 20)
    seen: list[int] = []
    runtime = Runtime(max_rows=16, on_rows=seen.append, cancelled=lambda: len(seen) > 3)
    with pytest.raises(CancelledError):
        faithfulness(question, [answer(question, np.arange(20.0))], runtime=runtime)
    assert seen == sorted(seen)
    assert len(seen) == 4
