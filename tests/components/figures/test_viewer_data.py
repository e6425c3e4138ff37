"""What the browser is told: regions, texts, and which region lies under a point or in a box."""

import json

import numpy as np
import pytest

from components.figures.panels import Panel, uncut_view
from components.figures.summary import viewer_summary
from components.figures.viewer_data import (
    OverlayUrls,
    membership_runs,
    player_at,
    player_in_box,
    viewer_data,
)
from explainers.players import Players
from models.case import ImagePayload
from tests.components import scenes


@pytest.mark.parametrize(
    "membership", [[0, 0, 1, 1, 0, 2], [2, -1, -1, 0, 1, 1], [0, 1, 2, 3, 4, 5]]
)
def test_run_lengths_give_the_regions_back(membership: list[int]) -> None:
    players = Players(
        membership=np.array(membership, dtype=np.int32), element_shape=(2, 3), kind="superpixel"
    )
    runs = membership_runs(players)
    assert np.repeat(runs[::2], runs[1::2]).tolist() == membership


@pytest.mark.parametrize(
    ("x", "y", "player"),
    [
        (30.0, 20.0, 0),
        (69.9, 59.9, 0),
        (70.0, 59.9, 1),
        (69.9, 60.0, 4),
        (189.9, 179.9, 15),
        (29.9, 100.0, None),
        (100.0, 180.0, None),
    ],
)
def test_the_region_under_a_point_is_found_to_the_pixel(
    x: float, y: float, player: int | None
) -> None:
    assert player_at(scenes.film(), x=x, y=y) == player


def test_a_box_means_the_region_that_fills_most_of_it() -> None:
    film = scenes.film()
    assert player_in_box(film, x=(40.0, 120.0), y=(65.0, 95.0)) == 5
    assert player_in_box(film, x=(120.0, 40.0), y=(95.0, 65.0)) == 5  # drawn from the other corner
    assert player_in_box(film, x=(111.0, 112.0), y=(111.0, 112.0)) == 10
    assert player_in_box(film, x=(0.0, 10.0), y=(0.0, 10.0)) is None


def test_panels_without_an_answer_say_why_and_the_others_stand() -> None:
    panels = (
        *scenes.panels(scenes.answers()[:1]),
        Panel(title="SHAP", subtitle="", message="Running: 320 of 1000."),
        Panel(title="LIME", subtitle=""),
    )
    data = viewer_data(
        scenes.film(),
        panels,
        None,
        names=scenes.PLAYERS.names,
        urls=[OverlayUrls(regions="/a.png"), OverlayUrls(), OverlayUrls(), OverlayUrls()],
    )
    shown = [
        (p["title"], p["overlays"], p.get("message"))
        for p in json.loads(json.dumps(data))["panels"]
    ]
    assert shown == [
        ("Film", [None, None], None),
        ("Grad-CAM", ["/a.png", None], None),
        ("SHAP", [None, None], "Running: 320 of 1000."),
        ("LIME", [None, None], "No answer yet."),
        ("Disagreement", [None, None], "Appears when all methods have answered."),
    ]


def test_hover_texts_carry_errors_and_give_no_sign_to_methods_without_direction() -> None:
    noisy = scenes.answer("lime", scenes.peaks(p2=-0.79), std_error=np.full(16, 0.01))
    data = viewer_data(
        scenes.film(),
        scenes.panels((scenes.answers()[0], noisy)),
        None,
        names=scenes.PLAYERS.names,
        urls=[OverlayUrls()] * 3,
    )
    cells = [method["cells"] for method in json.loads(json.dumps(data))["methods"]]
    assert cells[0][5].startswith("81.")
    assert cells[1][2].startswith("−")
    assert "±" in cells[1][2]
    assert "±" not in cells[0][5]


def test_the_summary_names_the_strongest_region_of_every_panel() -> None:
    words = viewer_summary(scenes.panels(), scenes.agreement(), names=scenes.PLAYERS.names)
    assert words.count("strongest row 2, column 2") == 3
    assert "1 conflict" in words


def test_before_the_model_is_asked_the_film_lies_there_without_regions() -> None:
    film = scenes.film()
    payload = ImagePayload(pixels=film.pixels, row_direction="R")
    data = viewer_data(uncut_view(payload), (), None, names=(), urls=[OverlayUrls()])
    assert data["frame"] == [0, 0, 240, 200]
    assert data["runs"] == [-1, 1]
    assert data["letters"] == ["L", "R"]
    assert player_in_box(uncut_view(payload), x=(0, 240), y=(0, 200)) is None


def test_film_outside_the_models_input_is_told_apart_from_a_film_seen_whole() -> None:
    assert not scenes.film().is_seen_whole
    assert uncut_view(ImagePayload(pixels=scenes.film().pixels)).is_seen_whole
