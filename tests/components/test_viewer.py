"""Viewer, table and agreement on a page without a browser."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.elements.plotly_chart import PlotlyState
from streamlit.testing.v1 import AppTest

from components import viewer
from components.figures.film import png_bytes

PAGE = Path(__file__).with_name("viewer_app.py")


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(PAGE), default_timeout=30)


def chart(at: AppTest) -> Any:  # noqa: ANN401 - AppTest has no type for charts
    (element,) = at.get("plotly_chart")
    return element.proto


def told(at: AppTest, component: str) -> dict[str, Any]:
    """Data of one of our components."""
    protos = [element.proto for element in at.get("bidi_component")]
    (found,) = [json.loads(p.json) for p in protos if p.component_name == component]
    return dict(found)


def box(x: list[float], y: list[float]) -> PlotlyState:
    drawn = {"xref": "x2", "yref": "y2", "x": x, "y": y}
    empty = {"points": [], "point_indices": [], "lasso": []}
    return PlotlyState({"selection": {**empty, "box": [drawn]}})


def test_the_figure_stays_the_same_while_answers_arrive_and_regions_are_chosen(
    page: AppTest,
) -> None:
    page.query_params["running"] = "1"
    first = chart(page.run())
    seen = [(first.id, first.spec, first.config)]
    for _ in range(2):
        page.button[0].click().run()
        seen.append((chart(page).id, chart(page).spec, chart(page).config))
    page.session_state["selected"] = 7
    page.run()
    assert not page.exception
    seen.append((chart(page).id, chart(page).spec, chart(page).config))
    assert seen == seen[:1] * 4
    assert told(page, "consilium_viewer")["selected"] == 7


def test_panels_fill_one_by_one(page: AppTest) -> None:
    page.query_params["running"] = "1"
    page.run()
    messages = [p.get("message") for p in told(page, "consilium_viewer")["panels"]]
    waiting = "Appears when all methods have answered."
    assert messages == [None, None, "Still running.", "Still running.", waiting]
    page.button[0].click().run()
    page.button[0].click().run()
    assert not any(p.get("message") for p in told(page, "consilium_viewer")["panels"])


def test_pictures_are_served_by_address_and_drawn_once(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    monkeypatch.setattr(viewer, "png_bytes", lambda p: drawn.append(p) or png_bytes(p))

    def addresses() -> list[str]:
        shown = [p["overlays"][0] for p in told(page, "consilium_viewer")["panels"][1:]]
        return [json.loads(chart(page).spec)["layout"]["images"][0]["source"], *shown]

    page.run()
    first = addresses()
    assert len(set(first)) == len(drawn) == 5
    assert all(len(address) < 200 for address in first)
    page.run()
    assert addresses() == first
    assert len(drawn) == 5


def test_a_box_in_any_panel_picks_the_region_that_fills_it_once(page: AppTest) -> None:
    page.run()
    page.session_state["viewer_figure"] = box([75.0, 105.0], [62.0, 98.0])
    page.run()
    assert page.session_state["selected"] == 5
    page.session_state["selected"] = 9  # chosen elsewhere; the old box must not win again
    page.session_state["viewer_figure"] = box([75.0, 105.0], [62.0, 98.0])
    page.run()
    assert page.session_state["selected"] == 9


def test_a_selected_region_is_told_to_viewer_and_table(page: AppTest) -> None:
    page.session_state["selected"] = 10
    page.run()
    assert told(page, "consilium_viewer")["selected"] == 10
    assert told(page, "consilium_regions")["selected"] == 10


def test_the_legend_names_target_unit_and_the_end_of_the_scale(page: AppTest) -> None:
    legend = told(page.run(), "consilium_viewer")["legend"]
    for words in ("for sick", "against sick", "share of all evidence, log-odds scale", "82 %"):
        assert words in legend


def test_the_chart_has_an_accessible_name_and_the_panels_a_summary(page: AppTest) -> None:
    page.run()
    assert chart(page).alt == "The film in 5 panels that zoom and pan as one."
    assert "strongest row 2, column 2" in told(page, "consilium_viewer")["summary"]
