"""Agreement in words and numbers: chance beside each, undefined is never 0, no truth is claimed."""

import re

import numpy as np
import pytest

from components.figures.headline import CAVEAT, WORDS, degree, headline
from components.figures.matrix import matrix_html
from explainers.agreement import Agreement, compare
from explainers.explanation import Explanation, MethodId
from explainers.players import Players
from models.case import FloatArray
from tests import reports
from tests.components import scenes

NOISE = np.random.default_rng(3)


def text_of(agreement: Agreement) -> str:
    return re.sub(r"<[^>]*>", " ", matrix_html(agreement, titles=scenes.TITLES))


def two(one: Explanation, other: Explanation) -> Agreement:
    return scenes.agreement((one, other))


def test_the_same_answer_twice_is_far_above_chance() -> None:
    values = NOISE.normal(size=16)
    same = two(scenes.answer("kernel_shap", values), scenes.answer("lime", values))
    assert headline(same, titles=scenes.TITLES) == "SHAP and LIME agree far above chance."


def test_unrelated_answers_agree_no_more_than_chance() -> None:
    values = np.sort(NOISE.normal(size=16))
    apart = two(scenes.answer("kernel_shap", values), scenes.answer("lime", np.roll(values, 7)))
    assert headline(apart, titles=scenes.TITLES) == f"SHAP and LIME {WORDS['chance']}."


@pytest.mark.parametrize("signed", [True, False])
def test_chance_is_seldom_taken_for_agreement_and_agreement_seldom_for_chance(
    signed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    draws = np.random.default_rng(0).standard_t(3, size=(60, 2, 16))

    def called(one: FloatArray, other: FloatArray) -> str:
        second = other if signed else np.abs(other)
        found = scenes.answer("kernel_shap", one), scenes.answer("lime", second, signed=signed)
        return degree(two(*found), 0, 1)

    unrelated = [called(one, other) for one, other in draws]
    related = [called(one, one + 0.3 * np.abs(one).mean() * noise) for one, noise in draws]
    assert unrelated.count("chance") >= 0.85 * len(unrelated)
    assert related.count("chance") <= 0.05 * len(related)


def test_a_method_apart_from_the_others_is_named_once() -> None:
    values = NOISE.normal(size=16)
    found = (
        scenes.answer("grad_cam", np.abs(np.roll(values, 5)), signed=False, kind="density"),
        scenes.answer("kernel_shap", values),
        scenes.answer("lime", values * 1.01),
    )
    said = headline(scenes.agreement(found), titles=scenes.TITLES)
    assert said.startswith(
        "SHAP and LIME agree far above chance. Grad-CAM and each of SHAP and LIME"
    )


def test_a_silent_method_cannot_be_compared_and_the_table_says_why() -> None:
    silent = two(
        scenes.answer("kernel_shap", np.zeros(16)), scenes.answer("lime", scenes.peaks(p1=1.0))
    )
    assert headline(silent, titles=scenes.TITLES) == "SHAP and LIME cannot be compared."
    assert text_of(silent).count("SHAP found nothing") == 6
    assert "0.00" not in text_of(silent)


def test_sign_metrics_of_a_method_without_direction_are_undefined_with_the_reason() -> None:
    text = text_of(scenes.agreement())
    assert text.count("Grad-CAM has no direction") == 4  # two metrics, two pairs
    assert text.count("undefined") == 4


def test_chance_stands_beside_every_number_and_runs_alike_where_they_are_known() -> None:
    text = text_of(scenes.agreement())
    assert text.count("chance") == text.count("runs alike") == 3 * 6 - 4
    assert "alike" not in text_of(reports.agreement())


@pytest.mark.parametrize("word", ["right", "true", "truth", "correct", "trust", "wrong"])
def test_agreement_is_never_called_truth(word: str) -> None:
    said = " ".join([*WORDS.values(), CAVEAT, headline(scenes.agreement(), titles=scenes.TITLES)])
    assert word not in said.lower().split()


def test_names_are_escaped() -> None:
    titles = {**scenes.TITLES, "lime": "<script>alert(1)</script>"}
    assert "<script>" not in matrix_html(scenes.agreement(), titles=titles)


def flat(method: MethodId, values: list[float]) -> Explanation:
    """One value a player, of as many players as there are values."""
    players = Players(
        membership=np.arange(len(values), dtype=np.int32),
        element_shape=(len(values),),
        kind="feature",
    )
    return scenes.answer(method, np.array(values), players=players)


def at_top(k: int, one: list[float], other: list[float]) -> Agreement:
    """Two maps compared on their k largest."""
    return compare([flat("kernel_shap", one), flat("lime", other)], k=k)


RISING = [12.0, *(float(i) for i in range(1, 12))]
FALLING = [12.0, *(float(i) for i in range(11, 0, -1))]


def test_full_agreement_within_chance_is_not_tinted_and_said_to_be_within_chance() -> None:
    """One of twelve players on top: chance puts it there for both more than once in twenty."""
    found = at_top(1, RISING, FALLING)
    assert found.metrics["feature_agreement"][0, 1] == 1.0
    assert found.chance_band["feature_agreement"][0, 1] == 1.0
    cell = str(matrix_html(found, titles=scenes.TITLES)).split("<td")[1]
    assert "within chance, 0.08" in cell
    assert ',0)"><b>1.00</b>' in cell  # transparent


def test_headline_and_table_do_not_contradict_each_other_at_a_top_of_one() -> None:
    """No metric of a top of one can speak; the two of all players do."""
    assert degree(at_top(1, RISING, RISING), 0, 1) == "far"
    assert degree(at_top(1, RISING, FALLING), 0, 1) == "chance"


def test_where_chance_reaches_everything_nothing_is_claimed() -> None:
    found = at_top(2, [3.0, 2.0, 1.0], [3.0, 2.0, 1.0])
    assert degree(found, 0, 1) == "untold"
    assert "cannot be told from chance" in headline(found, titles=scenes.TITLES)
