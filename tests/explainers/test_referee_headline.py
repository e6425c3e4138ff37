"""The sentence that is read aloud: what the model did, and who said so."""

import re
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from explainers.explanation import Target
from explainers.placebo import Alike
from explainers.referee_headline import headline, nouns, sides_headline
from explainers.referee_limits import limits
from explainers.referee_report import Foretold, RefereeReport
from explainers.referee_sides import TwoSided
from tests.explainers.test_referee_wording import (
    ALONE,
    CLEAR,
    COMMON,
    FEW,
    FOUND,
    NOTHING,
    TITLES,
    UP,
    foretold,
    found_with,
    log_odds,
)

AREA = replace(
    found_with(0.91, [0.62], [0.90] * 20 + [0.92] * 19 + [0.885]),
    part=(3, 4),
    coverage=(0.5, 1.0),
)


def said(found: RefereeReport, *answers: Foretold) -> str:
    return headline(found, answers, TITLES, part="region", parts="regions")


def everyone(found: RefereeReport) -> tuple[Foretold, ...]:
    return (
        foretold("kernel_shap", 0.9 * found.change, found),
        foretold("lime", 1.5 * found.change, found),
        foretold("grad_cam", 0.1 * found.change, found),
    )


def test_it_reads_as_in_the_report_of_a_colleague() -> None:
    assert said(AREA, *everyone(AREA)) == (
        "Hiding this area lowers P(pneumonia) from 0.91 to 0.62; hiding other areas of this size "
        "changes it by 0.03 at most. SHAP and LIME said so, Grad-CAM did not."
    )


def test_all_and_none_said_so() -> None:
    shap = foretold("kernel_shap", CLEAR.change, CLEAR)
    cam = foretold("grad_cam", 0.0, CLEAR)
    assert said(CLEAR, shap).endswith(" at most. SHAP said so.")
    assert said(CLEAR, cam).endswith(" at most. Grad-CAM did not say so.")
    assert said(CLEAR).endswith(" at most.")


def test_what_others_do_as_well_is_said_at_once() -> None:
    assert "and 12 of 40 change it as much as this one or more." in said(COMMON)
    assert "said so" not in said(COMMON, *everyone(COMMON))


def test_rises_nothing_and_nobody_else_are_said_as_such() -> None:
    assert said(UP).startswith("Hiding this region raises P(pneumonia) from 0.20 to 0.55; ")
    assert said(NOTHING) == (
        "Hiding this region leaves P(pneumonia) at 0.91; "
        "hiding other regions of this size does not change it."
    )
    assert said(ALONE).endswith("; there are no other regions to compare with.")


def test_several_parts_are_called_by_their_number() -> None:
    two = replace(FEW, part=(1, 4))
    assert nouns(two, "word", "words") == ("set of 2 words", "sets of 2 words")
    span = replace(two, placebo_kind="other spans")
    assert nouns(span, "word", "words") == ("run of 2 words", "runs of 2 words")
    assert nouns(replace(CLEAR, part=(1, 4)), "region", "regions")[1] == "areas"
    assert nouns(CLEAR, "region", "regions") == ("region", "regions")


def test_what_was_hidden_instead_holds_nothing_of_the_part() -> None:
    """Else a set of three with a strong word, and that word among "other words", seem at odds."""
    assert "; hiding another word instead changes it " in headline(
        FEW, (), TITLES, part="word", parts="words"
    )
    three = replace(FEW, part=(1, 4, 5))
    assert "; hiding 3 of the other words instead changes it " in headline(
        three, (), TITLES, part="word", parts="words"
    )
    assert "; hiding other runs of 3 words changes it " in headline(
        replace(three, placebo_kind="other spans"), (), TITLES, part="word", parts="words"
    )
    assert "hold nothing of what was hidden" in limits(three)


def test_places_say_what_they_are_like() -> None:
    for alike in get_args(Alike):
        told = limits(replace(CLEAR, alike=alike))
        assert told.startswith("The others are this shape moved to ")
        assert "30 % of their area at most" in told
    assert "too little room" in limits(replace(CLEAR, alike="position and texture, loosely"))
    assert "too few other places" in limits(replace(CLEAR, placebo_kind="same area"))


def test_random_values_are_told_beside_the_least_p_value() -> None:
    drawn = replace(FEW, own_draws=np.zeros(5), other_draws=np.full((8, 5), 9.0))
    assert "no p-value is below 0.11" in limits(drawn)
    assert "of 5 random training records in the same others change the answer 40 times, 40" in (
        limits(drawn)
    )
    assert "random training" not in limits(FEW)


def compared(after: tuple[float, float], pairs: np.ndarray) -> TwoSided:
    """Probabilities after hiding each part, from 0.9; changes of random pairs."""
    full = log_odds(0.9)
    return TwoSided(
        case_digest="d" * 64,
        players_digest="p" * 64,
        methods=("kernel_shap", "grad_cam"),
        parts=((1,), (2,)),
        coverage=((1.0,), (1.0,)),
        k=3,
        area=0.05,
        target=Target(index=1, name="pneumonia"),
        scale="logit",
        baselines=("a", "b"),
        value_full=full,
        hiding=np.array([[full - log_odds(p)] * 2 for p in after]),
        pairs=pairs,
        rows=9,
        seconds=1.0,
        seed=0,
    )


def test_the_side_that_moves_the_model_more_is_named() -> None:
    few = np.linspace(-0.1, 0.1, 80).reshape(40, 2)
    told = sides_headline(compared((0.6, 0.89), few), TITLES)
    assert told == (
        "Hiding what SHAP alone puts among its strongest takes P(pneumonia) from 0.90 to 0.60; "
        "hiding what Grad-CAM alone puts among its strongest takes P(pneumonia) from 0.90 to 0.89. "
        "The part of SHAP moves the model "
        "more; 0 of 40 random pairs of this size differ as much or more (p = 0.02)."
    )
    other = sides_headline(compared((0.89, 0.6), few), TITLES)
    assert "The part of Grad-CAM moves the model more" in other


def test_sides_no_different_from_random_pairs_are_not_told_apart() -> None:
    large = np.stack([np.full(40, 3.0), np.zeros(40)], axis=1)
    told = sides_headline(compared((0.6, 0.89), large), TITLES)
    assert "not distinguishable from chance: 40 of 40" in told
    none = sides_headline(compared((0.6, 0.89), np.empty((0, 2))), TITLES)
    assert none.endswith("There are no other pairs to compare with.")


@pytest.mark.parametrize("found", [*FOUND, AREA])
def test_no_headline_claims_more_than_was_measured(found: RefereeReport) -> None:
    text = f"{said(found, *everyone(found))} {limits(found)}"
    claims = r"\b(correct|trust\w*|right|wrong|true|truth|proves?|disease|locali[sz]\w+)\b"
    assert not re.search(claims, text, re.I), text
    assert "nan" not in text
    assert "  " not in text
