"""Areas as by hand, best orders as by enumeration, and nothing scored that is only chance."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.games import Score, additive, answer, game_question
from explainers.faithfulness import N_FREE_ORDERS, faithfulness
from explainers.faithfulness_report import DIRECTIONS, Direction, Faithfulness, MethodCurves
from explainers.methods import METHODS
from explainers.orders import area, best_order, chains, curve_sizes, order_of
from tests.contracts.subjects import SUBJECTS, Subject, linear_score
from tests.games import area_by_hand
from tests.toys import generator

FOUR = np.array([4.0, 3.0, 2.0, 1.0])
METHOD = {method.card.id: method for method in METHODS}
EVERY_SUBJECT = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=lambda s: s.name)
BOTH = pytest.mark.parametrize("direction", DIRECTIONS)


def curved(n_players: int, seed: int = 0) -> Score:
    """Pairs that help and hinder one another."""
    pairs = torch.randn(n_players, n_players, generator=generator(seed)).double()
    return lambda amounts: ((amounts @ pairs) * amounts).sum(dim=1)


def only(found: Faithfulness) -> MethodCurves:
    (method,) = found.methods
    return method


def areas_of_all_orders(score: Score, n_players: int) -> list[float]:
    return [area_by_hand(score, np.array(o)) for o in permutations(range(n_players))]


def test_areas_of_an_additive_game_are_those_by_hand() -> None:
    question = game_question(additive(FOUR), 4)
    found = faithfulness(question, [answer(question, FOUR)])
    method = only(found)
    assert method.order.tolist() == [0, 1, 2, 3]
    assert method.insertion.tolist() == pytest.approx([0, 4, 7, 9, 10], abs=1e-5)
    assert method.deletion.tolist() == pytest.approx([10, 6, 3, 1, 0], abs=1e-5)
    assert method.insertion_auc == pytest.approx((4 + 7 + 9 + 10 / 2) / 4, abs=1e-5)
    assert method.deletion_auc == pytest.approx((10 / 2 + 6 + 3 + 1) / 4, abs=1e-5)
    assert found.insertion.auc == pytest.approx(5.0, abs=1e-5)
    assert found.insertion.auc_error == 0.0
    assert [found.score(method, d) for d in DIRECTIONS] == pytest.approx([1.0, 1.0])


def test_the_reversed_order_of_an_additive_game_scores_minus_one() -> None:
    question = game_question(additive(FOUR), 4)
    found = faithfulness(question, [answer(question, -FOUR)])
    assert [found.score(only(found), d) for d in DIRECTIONS] == pytest.approx([-1.0, -1.0])
    assert found.insertion.n_beaten(only(found).insertion_auc) == 0
    assert found.p_value(only(found), "insertion") == 1.0


def test_with_few_players_random_and_best_are_those_of_all_orders() -> None:
    score = curved(6)
    question = game_question(score, 6)
    every = areas_of_all_orders(score, 6)
    found = faithfulness(question, [answer(question, np.arange(6.0))])
    assert found.is_complete
    assert found.insertion.best_source == found.deletion.best_source == "every order"
    assert found.insertion.best_auc == pytest.approx(max(every), abs=1e-5)
    assert found.deletion.best_auc == pytest.approx(min(every), abs=1e-5)
    for reference in (found.insertion, found.deletion):
        assert reference.auc == pytest.approx(np.mean(every), abs=1e-5)
        assert reference.n_orders == N_FREE_ORDERS
        assert reference.aucs.std() == pytest.approx(np.std(every), rel=0.15)


@pytest.mark.parametrize("n_players", [1, 2, 5, 7])
def test_the_best_order_is_found_among_all(n_players: int) -> None:
    values = np.random.default_rng(n_players).normal(size=2**n_players)
    sizes, bits = np.arange(n_players + 1), 1 << np.arange(n_players)

    def total(order: np.ndarray) -> float:
        return float(area(values[chains(order[None], sizes)[0] @ bits], sizes))

    best = max(total(np.array(order)) for order in permutations(range(n_players)))
    assert total(best_order(values, n_players)) == pytest.approx(best)


@pytest.mark.parametrize("n_players", [9, 36])
def test_the_true_values_of_an_additive_game_get_the_best_score(n_players: int) -> None:
    weights = np.random.default_rng(5).normal(size=n_players)
    question = game_question(additive(weights), n_players)
    found = faithfulness(question, [answer(question, weights)])
    for direction in DIRECTIONS:
        assert found.score(only(found), direction) == pytest.approx(1.0, abs=1e-4)
        reference = found.reference(direction)
        assert reference.n_beaten(only(found).auc(direction)) == reference.n_orders
        assert reference.auc == pytest.approx(weights.sum() / 2, abs=4 * reference.auc_error + 1e-4)


@pytest.mark.parametrize("n_players", [1, 2, 12, 13, 36, 45, 100, 120])
def test_sizes_are_symmetric_and_hold_the_first_and_last_player(n_players: int) -> None:
    sizes = curve_sizes(n_players)
    assert np.array_equal(sizes[::-1], n_players - sizes)
    assert {0, 1, n_players - 1, n_players} <= set(sizes.tolist())
    assert len(sizes) <= 15


def test_hiding_by_an_order_is_showing_by_its_reverse() -> None:
    question = game_question(curved(20), 20)
    values = np.random.default_rng(0).normal(size=20)
    found = faithfulness(question, [answer(question, values), answer(question, -values, "rise")])
    there, back = found.methods
    assert np.array_equal(there.deletion, back.insertion[::-1])
    assert there.deletion_auc == pytest.approx(back.insertion_auc)


def test_the_seed_decides_the_random_orders_and_nothing_else() -> None:
    question = game_question(curved(15), 15)
    explanations = [answer(question, np.random.default_rng(2).normal(size=15))]
    one, same, other = (faithfulness(question, explanations, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(one.insertion.aucs, same.insertion.aucs)
    assert not np.array_equal(one.insertion.aucs, other.insertion.aucs)
    np.testing.assert_allclose(only(one).insertion, only(other).insertion, atol=1e-6)


@EVERY_SUBJECT
@pytest.mark.parametrize("scale", ["logit", "probability"])
def test_a_method_that_names_the_planted_part_beats_one_that_names_another(
    subject: Subject, scale: str
) -> None:
    score = linear_score({subject.planted: 3.0}, subject.n_players)
    question = replace(subject.question(score, subject.planted), scale=scale)  # type: ignore[arg-type]
    right = np.zeros(subject.n_players)
    right[subject.planted] = 1.0
    sign = np.sign(effect_of(subject, score))
    found = faithfulness(
        question, [answer(question, sign * right), answer(question, -sign * right, "rise")]
    )
    named, missed = found.methods
    for direction in DIRECTIONS:
        assert found.score(named, direction) == pytest.approx(1.0, abs=1e-4)
        assert found.score(missed, direction) < 0


def effect_of(subject: Subject, score: Score) -> float:
    """Whether the planted part speaks for or against."""
    game = subject.game(score, reads=subject.planted)
    return float(game.value_full[0] - game.value_empty[0])


@EVERY_SUBJECT
def test_a_real_method_is_told_from_random_orders(subject: Subject) -> None:
    game = subject.smooth()
    explanation = subject.explain(METHOD["occlusion"], game)
    found = faithfulness(game.question, [explanation])
    assert found.mean_score(only(found)) > 0.5
    assert only(found).completeness_gap == explanation.completeness_gap
    assert found.baseline == game.question.masker.baseline.name


def test_players_of_equal_value_are_not_taken_by_their_number() -> None:
    values = np.zeros(30)
    values[3] = 1.0
    tie_break = np.random.default_rng(0).permutation(30)
    order, n_tied = order_of(values, tie_break)
    assert order[0] == 3
    assert n_tied == 29
    assert order[1:].tolist() == [p for p in tie_break if p != 3]
    assert order_of(np.arange(30.0), tie_break)[1] == 0


@BOTH
def test_no_order_is_better_than_the_best_known(direction: Direction) -> None:
    question = game_question(curved(25), 25)
    values = [np.random.default_rng(s).normal(size=25) for s in range(5)]
    found = faithfulness(question, [answer(question, v) for v in values])
    reference = found.reference(direction)
    assert all(found.score(m, direction) <= 1 + 1e-9 for m in found.methods)
    assert all(reference.score(float(auc)) <= 1 + 1e-9 for auc in reference.aucs)


def test_random_state_elsewhere_is_left_alone() -> None:
    before = torch.get_rng_state()
    question = game_question(additive(FOUR), 4)
    faithfulness(question, [answer(question, FOUR)])
    assert torch.equal(before, torch.get_rng_state())


def test_finer_values_are_pooled_onto_the_players() -> None:
    question = game_question(additive(FOUR), 4)
    pixels: Tensor = torch.linspace(1, 0, question.players.membership.size)
    finer = answer(question, FOUR[::-1])
    whole = replace(finer, players=_pixels(question.players.element_shape), values=pixels.numpy())
    found = faithfulness(question, [whole])
    assert only(found).order.tolist() == [0, 1, 2, 3]


def _pixels(shape: tuple[int, ...]) -> object:
    from explainers.superpixels import pixel_players

    return pixel_players((shape[0], shape[1]))
