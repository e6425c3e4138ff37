"""Verdicts are told apart by pattern alone: all comparisons here are blind to colour."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from components.figures.patterns import SUPERSAMPLE, swatch, verdict_rgba
from explainers.agreement import Verdict
from explainers.players import Players

DRAWN: tuple[Verdict, ...] = ("consensus", "contested", "conflict", "undecided")
PAIRS = list(combinations((*DRAWN, "quiet"), 2))


def field(verdict: Verdict) -> npt.NDArray[np.float64]:
    """Opacity of a large region with one verdict beside a quiet one."""
    membership = np.zeros((40, 80), dtype=np.int32)
    membership[:, 40:] = 1
    players = Players(membership=membership, element_shape=(40, 80), kind="grid cell")
    return verdict_rgba((verdict, "quiet"), players)[..., 3].astype(np.float64)


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_two_verdicts_differ_in_what_is_drawn_not_only_in_colour(
    one: Verdict, two: Verdict
) -> None:
    inside = (slice(40, 120), slice(40, 120))  # away from outlines
    assert np.abs(field(one)[inside] - field(two)[inside]).mean() > 5


@pytest.mark.parametrize("verdict", DRAWN)
def test_a_verdict_is_drawn_on_its_region_only(verdict: Verdict) -> None:
    alpha = field(verdict)
    assert alpha[:, : 40 * SUPERSAMPLE].any()
    assert not alpha[:, 40 * SUPERSAMPLE :].any()


def test_outlines_differ_in_style() -> None:
    edge = 40 * SUPERSAMPLE - 1  # last column of the region
    inked = {v: (field(v)[:, edge] > 200).mean() for v in DRAWN}
    assert inked["consensus"] == inked["conflict"] == 1
    assert 0.3 < inked["contested"] < 0.9
    assert inked["undecided"] < 0.3


def test_elements_that_belong_to_nobody_get_no_pattern() -> None:
    players = Players(
        membership=np.array([0, -1], dtype=np.int32), element_shape=(1, 2), kind="superpixel"
    )
    alpha = verdict_rgba(("consensus",), players)[..., 3]
    assert alpha[:, :SUPERSAMPLE].all()
    assert not alpha[:, SUPERSAMPLE:].any()


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_swatches_differ_in_grey_at_the_size_of_the_legend(one: Verdict, other: Verdict) -> None:
    a, b = (np.asarray(swatch(v).convert("L").resize((30, 18)), float) for v in (one, other))
    # Six dots of "undecided" cover a twentieth; they are brighter by a quarter of the grey scale.
    assert (np.abs(a - b) > 40).mean() > 0.04
