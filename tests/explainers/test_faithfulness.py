"""Areas as by hand, best orders as by enumeration, and nothing scored that is only chance."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.games import Score, additive, answer, game_question
from explainers.bank_orders import draw_orders, with_reverses
from explainers.coalition_values import CoalitionValues
from explainers.consult import generator_for
from explainers.engine import MaskedPredictor, Runtime
from explainers.faithfulness import BANK, N_FREE_ORDERS, N_ORDERS, faithfulness
from explainers.faithfulness_report import DIRECTIONS, Direction, Faithfulness, MethodCurves
from explainers.memory import Memory
from explainers.methods import METHODS
from explainers.orders import area, best_order, chains, curve_sizes, order_of
from explainers.question import Question
from models.errors import CancelledError, IncomparableError
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


def test_the_seed_decides_the_random_orders_and_nothing_else() -> None:
    question = game_question(curved(15), 15)
    explanations = [answer(question, np.random.default_rng(2).normal(size=15))]
    one, same, other = (faithfulness(question, explanations, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(one.insertion.aucs, same.insertion.aucs)
    assert not np.array_equal(one.insertion.aucs, other.insertion.aucs)
    np.testing.assert_allclose(only(one).insertion, only(other).insertion, atol=1e-6)


def chance_scores(n_cases: int, n_players: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores (2, n), their errors and p-values of values drawn without looking at the model."""
    scores, errors, p_values = [], [], []
    for seed in range(n_cases):
        question = game_question(curved(n_players, seed), n_players)
        values = np.random.default_rng([7, seed]).normal(size=n_players)
        found = faithfulness(question, [answer(question, values)], seed=seed)
        pairs = [(found.reference(d), only(found).auc(d)) for d in DIRECTIONS]
        scores.append([reference.score(auc) for reference, auc in pairs])
        errors.append([reference.score_error(auc) for reference, auc in pairs])
        p_values.append([found.p_value(only(found), d) for d in DIRECTIONS])
    return np.array(scores).T, np.array(errors).T, np.array(p_values).T


def test_values_drawn_at_random_score_nothing() -> None:
    scores, errors, p_values = chance_scores(100, 14)
    spread = scores.std(axis=1, ddof=1) / np.sqrt(scores.shape[1])
    assert np.all(np.abs(scores.mean(axis=1)) < 3 * spread)
    assert np.all(errors < 0.2)
    assert np.all((p_values <= 0.05).mean(axis=1) <= 0.12)
    assert np.all(np.abs(p_values.mean(axis=1) - 0.5) < 0.1)


def test_the_expected_area_is_within_its_error() -> None:
    inside = []
    for seed in range(60):
        score = curved(13, seed)
        question = game_question(score, 13)
        found = faithfulness(question, [answer(question, np.arange(13.0))], seed=seed)
        truth = float(np.trapezoid(_expected(score, 13)[found.sizes], found.sizes / 13))
        inside.append(abs(found.insertion.auc - truth) < 1.96 * found.insertion.auc_error)
    assert np.mean(inside) > 0.85


def _expected(score: Score, n_players: int) -> np.ndarray:
    """(P + 1,) mean over all coalitions of each size."""
    codes = np.arange(2**n_players)
    masks = (codes[:, None] >> np.arange(n_players)) & 1
    values = score(torch.from_numpy(masks).double()).numpy()
    sizes = masks.sum(axis=1)
    return np.bincount(sizes, values) / np.bincount(sizes)


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


def test_a_method_that_found_nothing_has_no_order_and_no_score() -> None:
    question = game_question(additive(FOUR), 4)
    found = faithfulness(question, [answer(question, np.zeros(4)), answer(question, FOUR, "rise")])
    nothing, other = found.methods
    assert len(nothing.order) == 0
    assert np.isnan(nothing.deletion_auc)
    assert np.isnan(found.mean_score(nothing))
    assert np.isnan(found.p_value(nothing, "deletion"))
    assert found.mean_score(other) == pytest.approx(1.0)


def test_a_model_that_does_not_react_gives_no_score() -> None:
    question = game_question(lambda amounts: 0 * amounts[:, 0] + 2.0, 20)
    found = faithfulness(question, [answer(question, np.arange(20.0))])
    assert np.isnan(found.mean_score(only(found)))
    assert np.isnan(found.edge)
    assert only(found).deletion_auc == pytest.approx(2.0)


@BOTH
def test_no_order_is_better_than_the_best_known(direction: Direction) -> None:
    question = game_question(curved(25), 25)
    values = [np.random.default_rng(s).normal(size=25) for s in range(5)]
    found = faithfulness(question, [answer(question, v) for v in values])
    reference = found.reference(direction)
    assert all(found.score(m, direction) <= 1 + 1e-9 for m in found.methods)
    assert all(reference.score(float(auc)) <= 1 + 1e-9 for auc in reference.aucs)


def test_the_edge_is_the_best_of_twenty_random_orders() -> None:
    question = game_question(curved(25), 25)
    found = faithfulness(question, [answer(question, np.arange(25.0))])
    assert found.deletion.edge == found.deletion.aucs.min()
    assert found.insertion.edge == found.insertion.aucs.max()
    few = game_question(curved(6), 6)
    reference = faithfulness(few, [answer(few, np.arange(6.0))]).insertion
    assert (reference.aucs > reference.edge).sum() <= 19  # of 400; ties are many with few players


def both_ways(n_players: int, seed: int) -> Score:
    """A game in which every order does as well as its reverse."""
    one_way = curved(n_players, seed)
    return lambda amounts: one_way(amounts) + one_way(1 - amounts)


def test_where_an_order_does_as_well_as_its_reverse_p_values_are_right_all_the_same() -> None:
    p_values = []
    for seed in range(100):
        question = game_question(both_ways(14, seed), 14)
        values = np.random.default_rng([7, seed]).normal(size=14)
        found = faithfulness(question, [answer(question, values)], seed=seed)
        assert only(found).deletion_auc == pytest.approx(only(found).insertion_auc, abs=1e-4)
        p_values.append([found.p_value(only(found), d) for d in DIRECTIONS])
    assert np.mean(np.array(p_values) <= 0.1) <= 0.16


def test_random_orders_come_with_their_reverses() -> None:
    question = game_question(additive(np.arange(20.0)), 20)
    found = faithfulness(question, [answer(question, np.arange(20.0))])
    pairs = found.insertion.aucs.reshape(-1, 2)
    np.testing.assert_allclose(pairs.sum(axis=1), 190.0, atol=1e-3)  # of an additive game
    assert found.insertion.auc_error < 1e-4


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
