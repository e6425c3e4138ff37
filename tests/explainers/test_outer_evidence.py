"""Evidence at the edge of a film is told; evidence inside is not."""

import numpy as np
import pytest

from explainers.outer_evidence import outer_players, outer_remark
from explainers.players import Players
from tests.components import scenes

TITLES = {"kernel_shap": "KernelSHAP", "lime": "LIME"}
SIDE = 60
# Six by six squares of ten pixels: a square at a side lies six tenths in the outermost tenth.
SQUARES = Players(
    membership=np.add.outer(np.arange(SIDE) // 10 * 6, np.arange(SIDE) // 10).astype(np.int32),
    element_shape=(SIDE, SIDE),
    kind="grid cell",
)
AT_THE_SIDE = np.ones((6, 6), dtype=bool)
AT_THE_SIDE[1:-1, 1:-1] = False


def test_regions_that_lie_mostly_in_the_outermost_tenth_are_outer() -> None:
    assert np.array_equal(outer_players(SQUARES).reshape(6, 6), AT_THE_SIDE)
    assert not outer_players(SQUARES, margin=0.04).any()


def remark(share_at_the_side: float) -> str:
    """Of one method that spreads a share over the sides, with both signs, the rest inside."""
    values = np.where(AT_THE_SIDE, share_at_the_side / 20, (1 - share_at_the_side) / 16).ravel()
    values[::2] *= -1
    found = (scenes.answer("kernel_shap", values, players=SQUARES),)
    return outer_remark(found, TITLES)


@pytest.mark.parametrize(("share", "is_told"), [(0.39, False), (0.41, True), (1.0, True)])
def test_much_evidence_at_the_edge_is_told_with_its_share(share: float, *, is_told: bool) -> None:
    text = remark(share)
    assert (f"KernelSHAP {100 * share:.0f} %" in text) is is_told
    assert bool(text) is is_told


def test_a_method_that_found_nothing_is_not_blamed() -> None:
    nothing = scenes.answer("lime", np.zeros(36), players=SQUARES)
    assert outer_remark((nothing,), TITLES) == ""
    assert outer_remark((), TITLES) == ""
