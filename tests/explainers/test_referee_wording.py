"""What the referee found, in sentences that are true in every branch."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from explainers import referee_wording as wording
from explainers.explanation import MethodId, Target
from explainers.referee_limits import limits
from explainers.referee_measure import logistic, measure_of
from explainers.referee_report import Foretold, RefereeReport

TITLES = {"kernel_shap": "SHAP", "lime": "LIME", "grad_cam": "Grad-CAM"}


def log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def found_with(
    before: float,
    after: list[float],
    others: list[float],
    *,
    kind: str = "moved shapes",
    **changed: object,
) -> RefereeReport:
    """Probabilities before, after hiding under each baseline, and after hiding each other part."""
    full, count = log_odds(before), len(after)
    hiding = np.array([full - log_odds(p) for p in after])
    placebos = np.array([[full - log_odds(p)] * count for p in others]).reshape(-1, count)
    fields: dict[str, object] = {
        "case_digest": "d" * 64,
        "players_digest": "p" * 64,
        "part": (3,),
        "target": Target(index=1, name="pneumonia"),
        "scale": "logit",
        "baselines": tuple("abcd"[:count]),
        "value_full": full,
        "hiding": hiding,
        "keeping": hiding / 2,
        "effects": hiding * 2,
        "placebos": placebos,
        "placebo_kind": kind,
        "n_possible": len(others),
        "overlap": 0.3,
        "rows": 100,
        "seconds": 1.0,
        "seed": 0,
    }
    return RefereeReport(**{**fields, **changed})  # type: ignore[arg-type]


def foretold(method: MethodId, change: float, found: RefereeReport) -> Foretold:
    error = abs(change - found.change)
    return Foretold(method=method, rule="sum", change=change, error=error, own_error=error)


CLEAR = found_with(0.91, [0.62, 0.55, 0.70], [0.90] * 20 + [0.92] * 20)
FEW = found_with(0.91, [0.62], [0.90] * 8, kind="other parts")
COMMON = found_with(0.91, [0.80], [0.70] * 12 + [0.90] * 28)
NOTHING = found_with(0.91, [0.91], [0.91] * 40)
UP = found_with(0.2, [0.5, 0.6], [0.2] * 40)
MIXED = found_with(0.5, [0.1, 0.6, 0.1], [0.5] * 40)
ALONE = found_with(0.91, [0.62], [])
TINY = found_with(0.9, [0.8991], [0.9] * 40)
FOUND = (CLEAR, FEW, COMMON, NOTHING, UP, MIXED, ALONE, TINY)


def everything(found: RefereeReport) -> str:
    answers = [
        foretold("kernel_shap", 0.9 * found.change, found),
        foretold("grad_cam", 0.1 * found.change, found),
    ]
    said = (
        wording.measured(found, part="region"),
        wording.compared(found, parts="regions"),
        wording.foretold(answers, found, TITLES, parts="regions"),
        wording.nearest(answers, found, TITLES),
        wording.alone(found, part="region"),
        limits(found),
    )
    return " ".join(sentence for sentence in said if sentence)


def test_a_clear_change_is_said_as_probabilities_with_its_spread() -> None:
    said = wording.measured(CLEAR, part="region")
    mean = logistic(CLEAR.value_full - CLEAR.change)
    assert said == (
        f"Hiding this region lowers P(pneumonia) from 0.91 to {mean:.2f} "
        "(mean of 3 ways of hiding, 0.55 to 0.70)."
    )
    assert wording.compared(CLEAR, parts="regions") == (
        "Hiding 40 other regions of this size changes it by 0.01 at most."
    )


def test_methods_that_said_so_are_told_from_those_that_did_not() -> None:
    size = CLEAR.change
    answers = [
        foretold("kernel_shap", 0.9 * size, CLEAR),
        foretold("lime", 1.8 * size, CLEAR),
        foretold("grad_cam", 0.2 * size, CLEAR),
    ]
    said = wording.foretold(answers, CLEAR, TITLES, parts="regions")
    assert said == (
        "SHAP and LIME said so; Grad-CAM foretold less than half as much (in log-odds)."
    )
    assert wording.nearest(answers, CLEAR, TITLES).startswith("Nearest is SHAP: ")
    opposite = [foretold("lime", -size, CLEAR)]
    assert "LIME foretold the opposite" in wording.foretold(
        opposite, CLEAR, TITLES, parts="regions"
    )
    more = [foretold("lime", 2.1 * size, CLEAR), foretold("grad_cam", 0.0, CLEAR)]
    assert wording.foretold(more, CLEAR, TITLES, parts="regions") == (
        "LIME foretold more than twice as much; "
        "Grad-CAM foretold less than half as much (in log-odds)."
    )


def test_a_rise_is_called_a_rise() -> None:
    assert "raises P(pneumonia) from 0.20 to 0.55" in wording.measured(UP, part="word")
    assert wording.compared(UP, parts="words").endswith("does not change it.")


def test_what_other_parts_do_as_well_is_not_distinguishable() -> None:
    said = wording.compared(COMMON, parts="regions")
    assert "not distinguishable from other regions" in said
    assert "of 40 hidden in the same ways, 12 change it as much or more (p = 0.32)" in said
    more = [foretold("grad_cam", 10.0, COMMON), foretold("lime", 0.1, COMMON)]
    assert wording.foretold(more, COMMON, TITLES, parts="regions") == (
        "Grad-CAM foretold more than hiding this or any of the other regions changes."
    )


def test_few_other_parts_are_too_few() -> None:
    said = wording.compared(FEW, parts="words")
    assert "Hiding any of the 8 other words changes it by 0.01 at most" in said
    assert "too few to tell this from chance (p = 0.11)" in said
    assert "SHAP said so" in everything(FEW)
    assert "no p-value is below 0.11" in limits(FEW)


def test_no_change_is_said_as_such() -> None:
    assert "leaves P(pneumonia) at 0.91" in wording.measured(NOTHING, part="region")
    assert "does not change it" in wording.compared(NOTHING, parts="regions")


def test_ways_of_hiding_that_disagree_are_named() -> None:
    assert "do not agree on the direction" in wording.measured(MIXED, part="region")
    assert "do not agree" not in wording.measured(CLEAR, part="region")


def test_small_changes_get_the_decimals_they_need() -> None:
    assert "from 0.900 to 0.899" in wording.measured(TINY, part="region")


def test_without_other_parts_there_is_nothing_to_compare_with() -> None:
    assert wording.compared(ALONE, parts="words").startswith("There are no other words")
    assert math.isnan(ALONE.p_value)


def test_a_contrast_is_told_in_log_odds() -> None:
    target = Target(index=1, name="pneumonia", contrast=0)
    found = found_with(0.9, [0.5], [0.9] * 40, target=target)
    assert measure_of(found, "healthy").name == "the log-odds of pneumonia against healthy"
    assert "from 2.20 to 0.00" in wording.measured(found, part="region", contrast="healthy")


def test_a_bound_holds() -> None:
    others = [0.91 - 0.0341]
    found = found_with(0.91, [0.2], others * 40)
    assert "by 0.04 at most" in wording.compared(found, parts="regions")


@pytest.mark.parametrize("found", FOUND)
def test_no_sentence_claims_more_than_was_measured(found: RefereeReport) -> None:
    said = everything(found)
    claims = r"\b(correct|trust\w*|right|wrong|true|truth|proves?|disease|locali[sz]\w+)\b"
    assert not re.search(claims, said, re.I), said
    assert "nan" not in said
    assert "  " not in said
    assert "-" not in re.sub(r"(Grad-CAM|log-odds|p-value)", "", said)
    assert all(sentence.strip() for sentence in said.split(". "))


def test_a_method_that_is_right_about_its_own_baseline_said_so() -> None:
    found = found_with(0.91, [0.90, 0.90, 0.25], [0.90] * 40)
    own = float(found.hiding[2])
    answer = replace(foretold("lime", 0.9 * own, found), own_change=own)
    assert wording.stance(answer, found) == "said so"
    unknown = replace(answer, own_change=float("nan"))
    assert wording.stance(unknown, found) == "foretold more than twice as much"
