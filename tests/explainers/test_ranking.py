"""Rankings say what chance would give, and when they mean nothing."""

import json

import numpy as np
import pytest

from explainers.engine import Runtime
from explainers.faithfulness import faithfulness
from explainers.method_scores import candidates, method_scores, rows_of_curves, rows_of_scores
from explainers.ranking import (
    MethodRanking,
    friedman,
    holm,
    ranks_of,
    sign_flip,
    verdict,
)
from models.errors import CancelledError
from tests.toys import linear_model, toy_case

TITLES = {"gradient": "Gradient", "lime": "LIME", "kernel_shap": "SHAP"}
METHODS = ("gradient", "lime", "kernel_shap")


def ranking(scores: np.ndarray) -> MethodRanking:
    return MethodRanking(
        model_id="toy",
        measure="faithfulness",
        methods=METHODS,  # type: ignore[arg-type]
        scores=scores,
        refused={},
        rows=0,
        seconds=0.0,
    )


def noisy(means: tuple[float, float, float], *, n_cases: int = 12, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    hard = rng.normal(size=(n_cases, 1))  # some films are harder than others for every method
    return hard + np.array(means) + 0.3 * rng.normal(size=(n_cases, 3))


def test_a_clear_order_is_told_and_paired_by_case() -> None:
    found = ranking(noisy((0.0, 1.0, 2.0)))
    assert found.order == (2, 1, 0)
    assert found.p_value < 0.001
    assert (
        verdict(found, TITLES)
        == "SHAP has the best mean rank on 12 cases, ahead of LIME and Gradient."
    )
    for mean, (low, high) in zip(found.mean_ranks, found.rank_intervals, strict=True):
        assert low <= mean <= high


def test_methods_that_are_alike_are_said_to_be() -> None:
    found = ranking(noisy((2.0, 2.0, 0.0), seed=3))
    said = verdict(found, TITLES)
    assert "ahead of SHAP; not told apart from" in said


def test_no_difference_is_not_distinguishable_from_chance() -> None:
    told = [
        "not distinguishable" not in verdict(ranking(noisy((0, 0, 0), seed=seed)), TITLES)
        for seed in range(60)
    ]
    assert sum(told) <= 7  # 5 % of 60 are 3, and 7 are passed with probability 1 %


def test_too_few_cases_for_any_pair_do_not_make_a_difference_chance() -> None:
    found = ranking(noisy((0, 1, 2), n_cases=5))  # of a pair 2 / 2^5 at best
    assert found.p_value < 0.05
    said = verdict(found, TITLES)
    assert "not all alike on these 5 cases, but no two" in said
    assert "chance" not in said


def test_too_few_cases_rank_nothing() -> None:
    scores = noisy((0, 1, 2), n_cases=5)
    scores[2:, 1] = np.nan
    assert verdict(ranking(scores), TITLES).startswith("Nothing is ranked: 2 cases")


def test_cases_without_every_score_are_left_out() -> None:
    scores = noisy((0, 1, 2))
    scores[3, 0] = np.nan
    assert ranking(scores).n_cases == 11


def test_a_method_without_scores_on_some_cases_does_not_blur_the_others() -> None:
    scores = noisy((0, 5, 10))
    scores[:8, 0] = np.nan  # four cases are left: of a pair 2 / 2^4 at best
    found = ranking(scores)
    assert found.n_cases == 4
    assert found.differ(1, 2)
    assert not found.differ(0, 2)


def test_document_returns() -> None:
    scores = noisy((0, 1, 2))
    scores[0, 0] = np.nan
    found = ranking(scores)
    document = json.loads(json.dumps(found.to_document(), allow_nan=False))
    np.testing.assert_array_equal(MethodRanking.from_document(document).scores, scores)


def test_ranks_share_places_of_ties() -> None:
    np.testing.assert_array_equal(ranks_of(np.array([[1.0, 3.0, 1.0]])), [[2.5, 1, 2.5]])


def test_sign_flips_are_exact_for_few_cases() -> None:
    assert sign_flip(np.ones(6)) == pytest.approx(2 / 64)
    assert sign_flip(np.array([1.0, -1.0])) == 1.0
    assert sign_flip(np.zeros(5)) == 1.0


def test_sign_flip_and_friedman_agree_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    scores = noisy((0.0, 0.1, 0.2), n_cases=30)
    assert friedman(ranks_of(scores)) == pytest.approx(
        stats.friedmanchisquare(*scores.T).pvalue, abs=0.03
    )
    differences = scores[:, 2] - scores[:, 0]
    flipped = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=5000, rng=0
    )
    assert sign_flip(differences) == pytest.approx(flipped.pvalue, abs=0.02)


def test_holm_by_hand() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


def test_every_case_is_scored_by_every_method_that_can_answer() -> None:
    model = linear_model(np_ramp())
    cases = [toy_case(seed) for seed in range(4)]
    runtime = Runtime(max_rows=32)
    asked = ("gradient", "occlusion", "attention_rollout")

    def score(question, answers, _):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        assert question.case in cases
        return {answer.method: float(len(answer.method)) for answer in answers}

    found = method_scores(model, cases, asked, score, runtime=runtime)  # type: ignore[arg-type]
    assert found.methods == ("gradient", "occlusion")
    assert "does not explain image" in found.refused["attention_rollout"]
    np.testing.assert_array_equal(found.scores, [[8, 9]] * 4)
    assert found.rows == rows_of_scores(model, cases, found.methods)
    assert "occlusion" in candidates(model, cases)
    assert not [name for name in candidates(model, cases) if name.startswith("reference")]


def faithful(question, answers, runtime):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    found = faithfulness(question, answers, runtime=runtime)
    return {curves.method: found.mean_score(curves) for curves in found.methods}


def test_rows_of_curves_are_planned_too() -> None:
    model = linear_model(np_ramp())
    cases = [toy_case(seed) for seed in range(2)]
    asked = ("gradient", "occlusion", "kernel_shap", "attention_rollout")
    found = method_scores(model, cases, asked, faithful, runtime=Runtime(max_rows=64))  # type: ignore[arg-type]
    planned = rows_of_scores(model, cases, asked, rows_of_curves)  # type: ignore[arg-type]
    assert found.rows <= planned <= 1.3 * found.rows


def test_it_can_be_cancelled() -> None:
    runtime = Runtime(max_rows=32, cancelled=lambda: True)
    with pytest.raises(CancelledError):
        method_scores(
            linear_model(np_ramp()), [toy_case()], ("gradient",), lambda *_: {}, runtime=runtime
        )


def np_ramp():  # type: ignore[no-untyped-def]  # noqa: ANN201
    import torch

    from tests.toys import SIDE

    return torch.linspace(-0.1, 0.1, SIDE**2).reshape(1, SIDE, SIDE)
