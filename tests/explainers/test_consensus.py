"""An aggregate is shown when it is better, never otherwise; noise has no say in it."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.games import Score, additive, answer, game_question
from explainers.asking import ask
from explainers.consensus import asked_otherwise, consensus, examine
from explainers.consensus_report import Consensus, Trial, aggregate, minority_report, weights_of
from explainers.consult import consult
from explainers.engine import Runtime
from explainers.explanation import MethodId
from explainers.faithfulness import faithfulness
from explainers.faithfulness_report import DIRECTIONS
from explainers.maskers.names import BASELINES_OF
from explainers.orders import area, curve_sizes, every_other
from explainers.question import Question
from explainers.report import ConsultRequest
from models.case import FloatArray
from models.errors import CancelledError, IncomparableError
from tests.games import area_by_hand
from tests.toys import planted_model, toy_case

NAMES: tuple[MethodId, ...] = ("lime", "kernel_shap", "occlusion", "rise")
P = 24


def weights_at(seed: int) -> FloatArray:
    return np.random.default_rng([1, seed]).normal(size=P)


def noisy(values: FloatArray, seed: int, size: float) -> FloatArray:
    """Values with noise of so many of their own standard deviations."""
    draw = np.random.default_rng([2, seed])
    return values + size * values.std() * draw.normal(size=len(values))


def weigh(
    score: Score, told: list[FloatArray], *, seed: int = 0, elsewhere: tuple[Question, ...] = ()
) -> Consensus:
    """The consensus on values told of a game; other baselines show half and a quarter."""
    question = game_question(score, len(told[0]))
    others = elsewhere or tuple(
        game_question(score, len(told[0]), absent=amount) for amount in (0.5, 0.25)
    )
    names = zip(told, NAMES, strict=False)
    explanations = [answer(question, values, name) for values, name in names]
    found = faithfulness(question, explanations, seed=seed)
    return consensus(question, explanations, found, others)


def test_a_method_of_pure_noise_has_next_to_no_weight() -> None:
    noise, present = [], []
    for seed in range(60):
        truth = weights_at(seed)
        told = [noisy(truth, seed, 0.3), np.random.default_rng([3, seed]).normal(size=P)]
        weights = weigh(additive(truth), told, seed=seed).weights
        present.append(weights[0])
        noise.append(weights[1])
    assert np.mean(noise) < 0.02
    assert np.mean(np.array(noise) > 0) <= 0.12
    assert min(present) > 0.5


def test_noise_alone_makes_no_consensus() -> None:
    outcomes = []
    for seed in range(40):
        draw = np.random.default_rng([4, seed])
        told = [draw.normal(size=P) for _ in range(3)]
        outcomes.append(weigh(additive(weights_at(seed)), told, seed=seed).outcome)
    assert np.mean([outcome == "no method counts" for outcome in outcomes]) >= 0.8
    assert outcomes.count("shown") <= 2


def test_methods_whose_errors_differ_make_a_better_whole() -> None:
    shown, ahead = [], []
    for seed in range(30):
        truth = weights_at(seed)
        told = [noisy(truth, 10 * seed + m, 0.7) for m in range(3)]
        found = weigh(additive(truth), told, seed=seed)
        shown.append(found.is_shown)
        ahead.append(found.score > np.nanmax(found.scores))
    assert np.mean(shown) > 0.5
    assert all(a for s, a in zip(shown, ahead, strict=True) if s)


def test_methods_that_say_the_same_make_nothing_better() -> None:
    truth = weights_at(0)
    told = noisy(truth, 1, 0.5)
    found = weigh(additive(truth), [told, 2 * told, 0.1 * told])
    assert found.weights == pytest.approx([1 / 3] * 3)
    assert found.outcome == "not ahead here"
    assert found.minority == ()
    assert found.trials == ()


def test_the_best_there_can_be_is_not_bettered() -> None:
    truth = weights_at(0)
    found = weigh(additive(truth), [truth, noisy(truth, 1, 0.5)])
    assert found.outcome == "not ahead here"
    assert found.methods[found.best or 0] == "lime"


def test_one_method_that_counts_is_no_consensus() -> None:
    truth = weights_at(0)
    found = weigh(additive(truth), [truth, -truth])
    assert found.weights.tolist() == [1.0, 0.0]
    assert found.outcome == "one method counts"
    assert np.isnan(found.score)


def test_a_method_without_an_order_has_no_weight() -> None:
    truth = weights_at(0)
    found = weigh(additive(truth), [truth, np.zeros(P)])
    assert found.weights.tolist() == [1.0, 0.0]
    assert np.isnan(found.scores[1])


def test_a_model_that_does_not_react_gives_no_consensus() -> None:
    told = [weights_at(0), weights_at(1)]
    found = weigh(lambda amounts: 0 * amounts[:, 0], told)
    assert found.outcome == "no method counts"
    assert np.isnan(found.shares).all()
    assert found.best is None


def seed_that_shows() -> int:
    """A seed at which the aggregate of three noisy methods is shown."""
    for seed in range(30):
        truth = weights_at(seed)
        told = [noisy(truth, 10 * seed + m, 0.7) for m in range(3)]
        if weigh(additive(truth), told, seed=seed).is_shown:
            return seed
    raise AssertionError("no aggregate was ever shown")


def test_an_aggregate_that_fails_under_another_baseline_is_not_shown() -> None:
    seed = seed_that_shows()
    truth = weights_at(seed)
    told = [noisy(truth, 10 * seed + m, 0.7) for m in range(3)]
    # There the model follows the first method to the letter.
    against = game_question(additive(told[0]), P)
    found = weigh(additive(truth), told, seed=seed, elsewhere=(against,))
    assert found.outcome == "not ahead elsewhere"
    assert not found.trials[-1].is_ahead
    assert found.methods[found.trials[-1].ahead] == "lime"
    assert found.minority == ()


def test_areas_and_shares_are_those_by_hand() -> None:
    seed = seed_that_shows()
    truth = weights_at(seed)
    told = [noisy(truth, 10 * seed + m, 0.7) for m in range(3)]
    found = weigh(additive(truth), told, seed=seed)
    mixed = sum(w * t / np.abs(t).sum() for w, t in zip(found.weights, told, strict=True))
    shares = mixed / np.abs(mixed).sum()
    np.testing.assert_allclose(found.shares, shares)
    assert found.order.tolist() == np.argsort(-shares).tolist()
    assert found.weights.sum() == pytest.approx(1.0)
    # P = 24 is read at fewer sizes than there are: areas on them are near those of all sizes.
    assert found.insertion_auc == pytest.approx(area_by_hand(additive(truth), found.order), rel=0.1)
    assert len(found.trials) == 2
    assert all(trial.is_ahead for trial in found.trials)
    # Half as much comes and goes when half of everything stays; read at every second size.
    sizes = every_other(curve_sizes(P))
    shown = np.cumsum(np.append(0.0, truth[found.order]))
    hidden = truth.sum() - shown
    gain = float(area(shown[sizes], sizes) - area(hidden[sizes], sizes))
    assert [t.gain for t in found.trials] == pytest.approx([0.5 * gain, 0.75 * gain], abs=1e-4)
    assert gain == pytest.approx(found.insertion_auc - found.deletion_auc, rel=0.1)


def test_weights_are_what_lies_beyond_random_orders() -> None:
    truth = weights_at(3)
    question = game_question(additive(truth), P)
    told = [answer(question, noisy(truth, m, 0.4 + m), name) for m, name in enumerate(NAMES[:3])]
    found = faithfulness(question, told)
    scores = [np.mean([found.score(m, d) for d in DIRECTIONS]) for m in found.methods]
    excess = np.maximum(np.array(scores) - found.edge, 0)
    assert weights_of(found) == pytest.approx(excess / excess.sum())


def test_shares_that_cancel_have_no_aggregate() -> None:
    shares = np.array([[0.5, -0.5], [-0.5, 0.5]])
    assert np.isnan(aggregate(shares, np.array([0.5, 0.5]))).all()
    assert aggregate(shares, np.array([1.0, 0.0])).tolist() == [0.5, -0.5]


def test_the_minority_report_is_that_by_hand() -> None:
    combined = np.array([0.6, 0.3, -0.1, 0.0])  # an equal share is 0.25
    shares = np.array([[0.6, 0.4, 0.0, 0.0], [0.0, -0.3, 0.3, 0.4], [0.0, 0.2, 0.0, 0.8]])
    signed = np.array([True, True, False])
    found = minority_report(("lime", "kernel_shap", "rise"), shares, signed, combined)
    said = {(dissent.method, dissent.player) for dissent in found}
    assert said == {("kernel_shap", 1), ("kernel_shap", 2), ("kernel_shap", 3), ("rise", 3)}
    assert (found[0].method, found[0].player) == ("rise", 3)  # the largest dissent first
    assert minority_report(("lime",), combined[None], signed[:1], combined) == ()


@pytest.mark.parametrize(("given", "is_hidden"), [(0.7, True), (0.59, False), (0.24, False)])
def test_less_than_half_of_an_equal_share_or_more_is_hidden(given: float, is_hidden: bool) -> None:  # noqa: FBT001
    combined, shares = np.array([0.3, 0.3, 0.4, 0.0]), np.array([[given, 0.0, 0.0, 0.0]])
    assert bool(minority_report(("lime",), shares, np.array([True]), combined)) is is_hidden


def test_a_method_without_sign_does_not_dissent_by_sign() -> None:
    combined, shares = np.array([-0.5, 0.5]), np.array([[0.5, 0.5]])
    assert minority_report(("rise",), shares, np.array([False]), combined) == ()
    assert len(minority_report(("rise",), shares, np.array([True]), combined)) == 1


def test_a_trial_is_ahead_of_every_method_that_has_an_order() -> None:
    gains = np.array([0.5, np.nan])
    assert Trial(baseline="mean", gain=0.6, gains=gains).is_ahead
    assert not Trial(baseline="mean", gain=0.5, gains=gains).is_ahead


def test_curves_of_other_methods_are_refused() -> None:
    question = game_question(additive(weights_at(0)), P)
    told = [answer(question, weights_at(0)), answer(question, weights_at(1), "rise")]
    found = faithfulness(question, told)
    with pytest.raises(IncomparableError, match="other methods"):
        consensus(question, told[::-1], found, ())


def test_a_report_is_examined_under_its_baseline_and_two_others() -> None:
    mask = np.zeros((24, 24), dtype=bool)
    mask[8:16, 8:16] = True
    model, case = planted_model(mask), toy_case()
    request = ConsultRequest(methods=("occlusion", "lime"), players="grid", n_players=9, budget=200)
    report = consult(case, model, request)
    others = list(asked_otherwise(case, model, report))
    names = [question.masker.baseline.name for question in others]
    assert names == [name for name in BASELINES_OF["image"] if name != "blur"][:2]
    assert {q.players.digest() for q in others} == {report.players.digest()}
    found, combined = examine(case, model, report)
    assert found.case_digest == combined.case_digest == case.digest
    assert found.players_digest == report.players.digest()
    assert combined.methods == ("occlusion", "lime")
    again = examine(case, model, report)
    np.testing.assert_array_equal(again[0].insertion.aucs, found.insertion.aucs)
    np.testing.assert_array_equal(again[1].shares, combined.shares)
    assert ask(case, model, replace(request, baseline="mean")).masker.baseline.name == names[0]


def test_an_examination_stops_when_cancelled() -> None:
    model, case = planted_model(np.ones((24, 24), dtype=bool)), toy_case()
    request = ConsultRequest(methods=("occlusion",), players="grid", n_players=9, budget=200)
    report = consult(case, model, request)
    with pytest.raises(CancelledError):
        examine(case, model, report, runtime=Runtime(max_rows=8, cancelled=lambda: True))
