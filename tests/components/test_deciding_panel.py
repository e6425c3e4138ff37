"""What the section on undecided parts says, in words."""

from typing import cast

import numpy as np
import pytest

from components.deciding_panel import NAMED, certificates, duration, rounded, sentences
from components.scene import Scene
from explainers.agreement import compare
from explainers.deciding import Plan
from explainers.naming import listed
from explainers.report import ConsultRequest
from tests.components import scenes


class Named:
    """What the sentences need of a scene."""

    part, parts = "region", "regions"
    names = tuple(f"cell {i + 1}" for i in range(16))
    titles = scenes.TITLES


SCENE = cast("Scene", Named())


def step(decidable: tuple[int, ...], undecided: tuple[int, ...]) -> Plan:
    return Plan(
        request=ConsultRequest(look=1) if decidable else None,
        rows=3926,
        seconds=29.3,
        most=26_000,
        undecided=undecided,
        decidable=decidable,
    )


def test_the_estimate_says_runs_time_and_how_many_could_be_decided() -> None:
    first, second = sentences(step((1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6, 7)), SCENE)
    assert first == (
        "About 4,000 more model runs, about 30 s: 5 of 7 undecided regions could be decided."
    )
    assert second == "Too close to call within the limit: cell 7 and cell 8."


def test_where_nothing_can_be_decided_that_is_said() -> None:
    (only,) = sentences(step((), (4,)), SCENE)
    assert only.startswith("1 region: too close to call")


@pytest.mark.parametrize(
    ("rows", "text"), [(37, "37"), (101, "110"), (3926, "4,000"), (1_234_567, "1,300,000")]
)
def test_estimates_promise_two_digits(rows: int, text: str) -> None:
    assert rounded(rows) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "about a second"), (29.3, "about 30 s"), (200, "about 4 min")]
)
def test_time_is_said_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_long_lists_are_cut() -> None:
    assert listed(Named.names[:8], most=NAMED) == (
        "cell 1, cell 2, cell 3, cell 4, cell 5, cell 6 and 2 more"
    )


def test_certificates_name_what_is_certain_and_how_often_that_is_wrong() -> None:
    found = (
        scenes.answer("kernel_shap", scenes.peaks(p5=1.0, p10=0.9), std_error=np.full(16, 0.01)),
        scenes.answer("lime", scenes.peaks(p5=1.0, p10=0.2), std_error=np.full(16, 0.06)),
        scenes.answer("grad_cam", scenes.peaks(p5=1.0), signed=False, kind="density"),
    )
    agreement = compare(found, k=2)
    sure, part = certificates(agreement, SCENE)
    assert sure == (
        "SHAP: the 2 regions that matter most to it are certain (wrong in at most 5% of cases): "
        "cell 6 and cell 11."
    )
    assert part.startswith("LIME: of the 2 regions that matter most to it, these are certain")
