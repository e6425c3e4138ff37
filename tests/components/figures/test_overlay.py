"""Overlays: in the right place, in one unit, on one scale for all panels."""

from dataclasses import replace

import numpy as np
import pytest

from components.figures.legend import legend_html
from components.figures.overlay import fine_overlay, overlay_rgba, region_overlay
from components.figures.panels import (
    DIMMED,
    DIMMED_NOTE,
    FAINT_NOTE,
    fine_shares,
    largest_share,
    scale_end,
    strength,
)
from components.figures.words import percent
from explainers.players import Players
from tests.components import scenes


def test_a_region_is_painted_on_its_own_elements_only() -> None:
    shares = np.zeros(16)
    shares[6] = 0.5
    alpha = overlay_rgba(shares, scenes.PLAYERS, end=0.5, signed=True)[..., 3]
    rows, columns = np.nonzero(alpha)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (4, 7, 8, 11)
    assert np.count_nonzero(alpha) == 16


def test_elements_that_belong_to_nobody_stay_clear() -> None:
    players = Players(
        membership=np.array([0, 1, -1, 1], dtype=np.int32), element_shape=(2, 2), kind="superpixel"
    )
    alpha = overlay_rgba(np.array([1.0, 1.0]), players, end=1.0, signed=True)[..., 3]
    assert alpha[1, 0] == 0
    assert alpha[0, 0] > 0


def test_all_panels_share_one_scale_so_that_a_flat_map_looks_flat() -> None:
    flat, peaked = scenes.answer("lime", np.ones(16)), scenes.answer("lime", scenes.peaks(p3=9.0))
    end = scale_end(scenes.panels((flat, peaked)))
    assert end == pytest.approx(np.abs(peaked.shares).max())
    strongest = [region_overlay(e, end=end)[..., 3].max() for e in (flat, peaked)]
    assert strongest[0] < strongest[1] / 10


def test_maps_that_are_flat_all_of_them_do_not_reach_full_colour() -> None:
    flat = scenes.panels(
        (scenes.answer("lime", np.ones(16)), scenes.answer("kernel_shap", np.ones(16)))
    )
    assert scale_end(flat) == 2 / 16  # a share of 1 / 16 has half of the colour
    assert "+6.2 % for sick" in legend_html(flat, None)


def test_a_method_that_found_nothing_draws_nothing() -> None:
    silent = scenes.answer("lime", np.zeros(16), element_map=np.zeros(256))
    end = scale_end(scenes.panels((silent,)))
    assert end == 0
    assert not region_overlay(silent, end=end).any()
    assert fine_overlay(silent, end=end) is None


@pytest.mark.parametrize(("kind", "per_element"), [("additive", 1 / 16), ("density", 1.0)])
def test_a_fine_map_that_is_even_inside_regions_equals_the_region_shares(
    kind: str, per_element: float
) -> None:
    values = scenes.peaks(p5=1.0, p10=-0.6)
    element_map = scenes.PLAYERS.scatter(values).reshape(-1) * per_element
    explanation = scenes.answer("grad_cam", values, kind=kind, element_map=element_map)
    fine = fine_shares(explanation)
    assert fine == pytest.approx(scenes.PLAYERS.scatter(explanation.shares).reshape(-1))


def test_methods_without_a_finer_map_have_none() -> None:
    assert fine_overlay(scenes.answers()[0], end=1.0) is None


def test_where_there_is_nothing_to_explain_nothing_reaches_full_colour() -> None:
    loud = scenes.panels()
    dimmed = tuple(replace(panel, is_dimmed=True) for panel in loud)
    assert largest_share(dimmed) == largest_share(loud)
    (strong, faint) = (
        region_overlay(panels[1].explanation, end=scale_end(panels))[..., 3].astype(float)
        for panels in (loud, dimmed)
    )
    np.testing.assert_allclose(faint, strong * DIMMED, atol=0.75)
    assert DIMMED_NOTE in legend_html(dimmed, None)
    assert DIMMED_NOTE not in legend_html(loud, None)
    most = percent(largest_share(loud))
    assert all(f"+{most} for sick" in legend_html(each, None) for each in (loud, dimmed))


def test_a_small_effect_is_drawn_faintly_and_the_legend_says_so() -> None:
    values = scenes.peaks(p5=1.0)
    loud, small = (
        scenes.panels((scenes.answer("kernel_shap", values, value_full=full),))
        for full in (3.0, 0.6)
    )
    assert scale_end(small) == pytest.approx(scale_end(loud) / 0.4)
    assert FAINT_NOTE in legend_html(small, None)
    assert FAINT_NOTE not in legend_html(loud, None)
    silent = scenes.panels((scenes.answer("grad_cam", values, value_empty=None, signed=False),))
    assert strength(silent) == 1
