"""The Plotly figure: the film in linked panels, and nothing that a result could change."""

import json
from typing import Any

import pytest

from components.figures.viewer_figure import viewer_figure


def spec(*, n_rows: int = 1) -> dict[str, Any]:
    figure = viewer_figure("/media/film.png", height=200, width=240, n_panels=5, n_rows=n_rows)
    return dict(json.loads(figure.to_json()))


@pytest.mark.parametrize("n_rows", [1, 2])
def test_every_panel_shows_the_film_on_film_pixels(n_rows: int) -> None:
    images = spec(n_rows=n_rows)["layout"]["images"]
    assert len({(i["xref"], i["yref"]) for i in images}) == len(images) == 5
    assert {(i["source"], i["sizex"], i["sizey"]) for i in images} == {
        ("/media/film.png", 240, 200)
    }


def test_all_panels_zoom_and_pan_as_one_and_keep_the_shape_of_the_film() -> None:
    layout = spec()["layout"]
    assert layout["yaxis"]["scaleanchor"] == "x"
    for number in (2, 3, 4, 5):
        assert layout[f"xaxis{number}"]["matches"] == "x"
        assert layout[f"yaxis{number}"]["matches"] == "y"
    assert layout["yaxis"]["range"] == [200, 0]  # row 0 on top


def test_panels_are_equal_in_width() -> None:
    layout = spec()["layout"]
    domains = [layout[f"xaxis{n}"]["domain"] for n in ("", 2, 3, 4, 5)]
    assert {round(high - low, 6) for low, high in domains} == {round(domains[0][1], 6)}


def test_nothing_is_drawn_over_the_film_and_the_page_shows_through_around_it() -> None:
    layout = spec()["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert not any(layout[f"{axis}axis"]["visible"] for axis in "xy")


def test_the_figure_is_small() -> None:
    assert (
        len(viewer_figure("/media/film.png", height=200, width=240, n_panels=5).to_json()) < 20_000
    )
