"""The picture for download: every panel in place, on the pixels of the film, without metadata."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from components.figures.composite import UNSEEN, panel_pictures
from components.figures.panels import Panel
from components.figures.png import panels_png
from tests.components import scenes

# At 240 pixels the panels are as large as the film: film pixel = picture pixel.
ONE_TO_ONE = 240
INSIDE_5, INSIDE_0, UNSEEN_SPOT = (80, 90), (40, 50), (5, 5)


def pictures() -> list[npt.NDArray[np.uint8]]:
    panels, agreement = scenes.panels(), scenes.agreement()
    drawn = panel_pictures(scenes.film(), panels, agreement, long_side=ONE_TO_ONE)
    return [np.asarray(picture) for picture in drawn]


def opened(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    picture.load()
    return picture


def test_the_film_panel_is_the_film_alone() -> None:
    film, *_ = pictures()
    levels = np.round(scenes.film().pixels * 255)
    assert np.abs(film.astype(np.float64) - levels[..., None]).max() <= 1


def test_each_method_colours_the_region_it_weighs_most() -> None:
    film, *methods, _ = pictures()
    for panel in methods:
        moved = np.abs(panel.astype(int) - film).max(axis=-1)
        assert moved[INSIDE_5] > 50
        assert moved[INSIDE_0] < 15


def test_film_that_the_model_did_not_see_is_dimmed_in_every_other_panel() -> None:
    film, *others = pictures()
    for panel in others:
        assert abs(int(panel[UNSEEN_SPOT][0]) - UNSEEN * film[UNSEEN_SPOT][0]) <= 1


def test_one_png_holds_all_panels_side_by_side() -> None:
    picture = opened(panels_png(scenes.film(), scenes.panels(), scenes.agreement()))
    assert picture.format == "PNG"
    assert picture.width > 5 * 240
    assert not picture.info


def test_without_a_comparison_there_is_no_disagreement_panel() -> None:
    found = opened(panels_png(scenes.film(), scenes.panels(), scenes.agreement()))
    alone = opened(panels_png(scenes.film(), scenes.panels(), None))
    assert found.width - alone.width > 240


def test_letters_are_drawn_only_where_the_file_states_the_orientation() -> None:
    stated = panels_png(scenes.film(row_direction="L"), scenes.panels(), None)
    silent = panels_png(scenes.film(row_direction=None), scenes.panels(), None)
    mirrored = panels_png(scenes.film(row_direction="R"), scenes.panels(), None)
    assert len({stated, silent, mirrored}) == 3


def test_a_failed_method_and_unusual_letters_do_not_stop_the_download() -> None:
    panels = (Panel(title="Λ – ä", subtitle="−" * 400, message="Failed: " + "too little " * 30),)
    assert opened(panels_png(scenes.film(), panels, None, footer="x" * 5000)).size[1] > 200
