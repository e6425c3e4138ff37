"""compare(): what is comparable, common players, shares, sentences, and the whole result."""

import numpy as np
import pytest

from explainers.agreement import METRICS, Agreement, compare
from explainers.explanation import Baseline, Explanation, Target
from explainers.players import Players
from explainers.shares import gather, pool
from explainers.wording import percent
from models.case import FloatArray
from models.errors import IncomparableError

TEN = np.array([10.0, 9, 8, 7, 6, 5, 4, 3, 2, 1])
TARGET = Target(index=1, name="pneumonia")


def parts(membership: list[int]) -> Players:
    return Players(
        membership=np.array(membership, dtype=np.int32),
        element_shape=(len(membership),),
        kind="superpixel",
    )


def explanation(values: FloatArray | list[float], **changed: object) -> Explanation:
    fields: dict[str, object] = {
        "method": "lime",
        "case_digest": "c" * 64,
        "model_id": "m",
        "weights_sha256": "0" * 64,
        "players": parts(list(range(len(values)))),
        "values": np.asarray(values, dtype=np.float64),
        "std_error": None,
        "element_map": None,
        "signed": True,
        "kind": "additive",
        "target": TARGET,
        "scale": "logit",
        "baseline": Baseline(name="blur", description=""),
        "value_full": 1.0,
        "value_empty": 0.0,
        "settings": {},
        "diagnostics": {},
        "seed": 0,
        "rows": 1,
        "seconds": 0.1,
        "device": "cpu",
    }
    return Explanation(**{**fields, **changed})  # type: ignore[arg-type]


def flipped() -> FloatArray:
    values = TEN.copy()
    values[[1, 3]] *= -1
    return values


def pair(one: FloatArray, two: FloatArray, **options: int) -> Agreement:
    return compare([explanation(one), explanation(two, method="kernel_shap")], **options)


def test_two_planted_flips_mark_exactly_those_players() -> None:
    """Shares 10/55 .. 1/55 and an equal share of 1/10: five players matter, two are flipped."""
    found = pair(TEN, flipped(), k=5)
    assert found.verdicts == (
        *("consensus", "conflict", "consensus", "conflict", "consensus"),
        *("quiet",) * 5,
    )
    np.testing.assert_array_equal(np.flatnonzero(found.contested), [1, 3])
    # gap = 2 * 9/55, over gap + 1/10
    assert found.contested[1] == pytest.approx((18 / 55) / (18 / 55 + 0.1))
    assert {name: found.metrics[name][0, 1] for name in METRICS} == pytest.approx(
        {
            "feature_agreement": 1.0,
            "rank_agreement": 1.0,
            "sign_agreement": 0.6,
            "signed_rank_agreement": 0.6,
            "rank_correlation": 1.0,
            "pairwise_rank_agreement": 1.0,
        }
    )


def test_sentences_name_methods_and_say_what_they_say() -> None:
    methods = {"lime": "LIME", "kernel_shap": "KernelSHAP"}
    other = flipped()
    other[2] = 0.1
    one, two = explanation(TEN), explanation(other, method="kernel_shap")
    found = compare([one, two], titles=methods)  # type: ignore[arg-type]
    assert found.reasons[0] == (
        "Both methods say it matters, for pneumonia: 18 % to 21 % of their evidence."
    )
    assert found.reasons[1] == (
        "LIME says it speaks for pneumonia (16 % of its evidence), KernelSHAP says against (19 %)."
    )
    assert found.reasons[2] == "LIME gives it 15 % of its evidence, KernelSHAP 0.2 %."
    assert found.reasons[9] == ""


def test_undecided_players_say_which_error_bars_do_not_settle_it() -> None:
    larger = TEN.copy()
    larger[4] = 7.0
    one = explanation(larger, std_error=np.full(10, 4.0))
    found = compare([one, explanation(TEN, method="grad_cam")])
    assert found.verdicts[4] == "undecided"
    assert found.reasons[4] == (
        "Too close to an equal share to call: lime gives 12 % ± 6.8 % of its evidence, "
        "grad_cam gives 11 %."
    )


def test_one_method_with_two_seeds_is_told_apart_by_seed() -> None:
    found = compare([explanation(TEN), explanation(flipped(), seed=1)])
    assert "lime (seed 0)" in found.reasons[1]
    assert "lime (seed 1)" in found.reasons[1]
    twice = compare([explanation(TEN), explanation(flipped())])
    assert "lime (1)" in twice.reasons[1]


def test_matrices_are_symmetric_with_unit_diagonal() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(4, 12))
    found = compare([explanation(v, std_error=np.full(12, 0.2)) for v in values])
    for name in METRICS:
        for matrix in (
            found.metrics[name],
            found.chance_floor[name],
            found.chance_band[name],
            found.noise_ceiling[name],
        ):
            np.testing.assert_array_equal(matrix, matrix.T)
        np.testing.assert_allclose(np.diagonal(found.metrics[name]), 1.0)
        assert (found.chance_floor[name] <= found.chance_band[name] + 1e-12).all()


def test_sign_metrics_of_unsigned_methods_are_undefined_not_zero() -> None:
    found = pair_unsigned = compare([explanation(TEN), explanation(TEN, signed=False)])
    for name in ("sign_agreement", "signed_rank_agreement"):
        assert np.isnan(found.metrics[name]).tolist() == [[False, True], [True, True]]
    assert pair_unsigned.metrics["feature_agreement"][0, 1] == 1.0


def test_a_silent_method_has_no_vote_and_no_metrics() -> None:
    found = compare(
        [explanation(TEN), explanation(flipped(), seed=1), explanation(np.zeros(10), method="rise")]
    )
    assert np.isnan(found.shares[2]).all()
    assert all(np.isnan(found.metrics[name][2]).all() for name in METRICS)
    assert found.verdicts[:2] == ("consensus", "conflict")
    assert found.remarks == ("rise has no vote: it gives every part the same value.",)


def test_one_vote_alone_decides_nothing() -> None:
    found = pair(TEN, np.ones(10))
    assert set(found.verdicts) == {"undecided"}
    assert set(found.reasons) == {
        "Fewer than two methods tell the parts apart, so there is nothing to compare."
    }
    assert not found.contested.any()


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"case_digest": "d" * 64}, "cases"),
        ({"model_id": "other"}, "models"),
        ({"weights_sha256": "1" * 64}, "weights"),
        ({"target": Target(index=0, name="normal")}, "targets"),
        ({"target": Target(index=1, name="pneumonia", contrast=0)}, "targets"),
        ({"scale": "probability"}, "scales"),
    ],
)
def test_answers_to_different_questions_are_refused(changed: dict[str, object], what: str) -> None:
    with pytest.raises(IncomparableError, match=f"lime and rise .* different {what}") as refusal:
        compare([explanation(TEN), explanation(TEN, **{**changed, "method": "rise"})])
    assert "c" * 64 not in str(refusal.value)


def test_fewer_than_two_explanations_are_refused() -> None:
    with pytest.raises(IncomparableError, match="at least two"):
        compare([explanation(TEN)])


@pytest.mark.parametrize("k", [0, 11, -1])
def test_k_outside_the_players_is_refused(k: int) -> None:
    with pytest.raises(IncomparableError, match="between 1 and 10"):
        pair(TEN, flipped(), k=k)


def test_different_players_need_common_ones() -> None:
    coarse = explanation([1.0, 2.0], players=parts([0, 0, 1, 1]))
    fine = explanation([1.0, 2.0, 3.0, 4.0])
    with pytest.raises(IncomparableError, match="different parts"):
        compare([coarse, fine])
    found = compare([coarse, fine], onto=coarse.players)
    np.testing.assert_allclose(found.shares, [[1 / 3, 2 / 3], [0.3, 0.7]])


def test_too_many_players_are_refused() -> None:
    values = np.arange(601.0)
    with pytest.raises(IncomparableError, match="limit is 600"):
        compare([explanation(values), explanation(values)])


def test_additive_values_are_summed_and_densities_averaged() -> None:
    onto = parts([0, 0, 0, 1])
    values, error = [1.0, 2.0, 6.0, 4.0], np.array([3.0, 4.0, 0.0, 2.0])
    summed, summed_error = pool(explanation(values, std_error=error), onto)
    np.testing.assert_allclose(summed, [9.0, 4.0])
    np.testing.assert_allclose(summed_error, [5.0, 2.0])
    averaged, averaged_error = pool(explanation(values, std_error=error, kind="density"), onto)
    np.testing.assert_allclose(averaged, [3.0, 4.0])
    np.testing.assert_allclose(averaged_error, [5 / 3, 2.0])


def test_players_that_overlap_are_split_by_area() -> None:
    """Part 0 (elements 0..2) lies for a third in common part 1."""
    own, onto = parts([0, 0, 0, 1]), parts([0, 0, 1, 1])
    values, _ = pool(explanation([3.0, 5.0], players=own), onto)
    np.testing.assert_allclose(values, [2.0, 6.0])
    density, _ = pool(explanation([3.0, 5.0], players=own, kind="density"), onto)
    np.testing.assert_allclose(density, [3.0, 4.0])


def test_a_finer_map_is_used_where_there_is_one() -> None:
    own, onto = parts([0, 0, 1, 1]), parts([0, 1, 1, 1])
    finer = explanation([3.0, 5.0], players=own, element_map=np.array([1.0, 2.0, 2.0, 3.0]))
    values, _ = pool(finer, onto)
    np.testing.assert_allclose(values, [1.0, 7.0])


def test_players_of_other_places_do_not_fit() -> None:
    with pytest.raises(IncomparableError, match="do not lie on"):
        pool(explanation([1.0, 2.0], players=parts([0, 1, -1])), parts([0, 1, 1]))


def test_differing_baselines_are_remarked() -> None:
    black = explanation(TEN, method="occlusion", baseline=Baseline(name="black", description=""))
    none = explanation(TEN, method="gradient", baseline=None)
    assert compare([explanation(TEN), none]).remarks == ()
    (remark,) = compare([explanation(TEN), black, none]).remarks
    assert "(lime: blur; occlusion: black)" in remark


def test_share_errors_know_that_the_total_is_estimated() -> None:
    """Delta-method errors equal the spread of shares over simulated runs."""
    rng = np.random.default_rng(0)
    values, error = np.array([8.0, -6.0, 4.0, 3.0]), np.array([0.3, 0.4, 0.2, 0.5])
    runs = values + error * rng.standard_normal((40_000, 4))
    spread = (runs / np.abs(runs).sum(axis=1, keepdims=True)).std(axis=0)
    one = explanation(values, std_error=error)
    np.testing.assert_allclose(gather([one], one.players).share_errors[0], spread, rtol=0.03)


def test_comparing_changes_with_units_only_by_nothing() -> None:
    rng = np.random.default_rng(1)
    values, errors = rng.normal(size=(2, 15)), np.full(15, 0.1)
    plain = compare([explanation(v, std_error=errors) for v in values])
    scaled = compare(
        [explanation(v * s, std_error=errors * s) for v, s in zip(values, (1e-4, 3e6), strict=True)]
    )
    assert scaled.verdicts == plain.verdicts
    assert scaled.k == plain.k
    np.testing.assert_allclose(scaled.share_errors, plain.share_errors)
    for name in METRICS:
        np.testing.assert_allclose(scaled.metrics[name], plain.metrics[name])
        np.testing.assert_allclose(scaled.noise_ceiling[name], plain.noise_ceiling[name])


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.1234, "12 %"), (0.0999, "10 %"), (-0.031, "3.1 %"), (0.02, "2 %"), (0.0004, "under 0.1 %")],
)
def test_percents_read_well(fraction: float, text: str) -> None:
    assert percent(fraction) == text
    assert percent(0.0) == "0 %"
