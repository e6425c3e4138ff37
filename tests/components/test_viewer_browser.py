"""The viewer in a real Chromium: what is drawn, picked, zoomed, kept; and that nothing goes out."""

from typing import Literal

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.components.viewer_page import AXES, BOXES, spot, wait_until_drawn

pytestmark = pytest.mark.browser


def test_every_panel_shows_the_film_and_each_result_its_own_overlay(page: Page) -> None:
    assert page.locator(".imagelayer image").count() == 5
    overlays = page.locator(".cs-layer image")
    assert overlays.count() == 4
    assert len({node.get_attribute("href") for node in overlays.all()}) == 4
    assert page.locator(".cs-title b").all_inner_texts() == [
        "Film",
        "Grad-CAM",
        "SHAP",
        "LIME",
        "Disagreement",
    ]


def test_full_screen_is_not_offered(page: Page) -> None:
    # Streamlit writes its full-screen layout back into the figure, whose panels then stay small.
    assert not page.locator("[data-title=Fullscreen]").is_visible()


def test_overlays_lie_exactly_on_the_film_and_panels_are_equal(page: Page) -> None:
    films = np.array(page.evaluate(BOXES, ".imagelayer image"))
    layers = np.array(page.evaluate(BOXES, ".cs-panel"))
    assert films == pytest.approx(layers, abs=0.6)
    assert np.ptp(films[:, 1:], axis=0) == pytest.approx(0, abs=0.6)
    scale = films[1, 2] / 240  # screen pixels a film pixel
    (overlay, *_) = page.evaluate(BOXES, ".cs-layer image")
    expected = [films[1, 0] + 30 * scale, films[1, 1] + 20 * scale, 160 * scale, 160 * scale]
    assert overlay == pytest.approx(expected, abs=0.6)


def test_hovering_names_the_region_and_all_methods_and_outlines_it_everywhere(page: Page) -> None:
    page.mouse.move(*spot(page, panel=2, player=10))
    tip = page.locator(".cs-tip").inner_text()
    assert "row 3, column 3" in tip
    assert "conflict" in tip
    assert [name for name in ("Grad-CAM", "SHAP", "LIME") if name not in tip] == []
    assert "−" in tip
    assert "+" in tip
    outlines = {node.get_attribute("d") for node in page.locator(".cs-hovered").all()}
    assert len(outlines) == 1
    # The square of 40 film pixels that begins at (110, 100), as four border lines.
    assert outlines == {"M110 100H150M110 140H150M110 100V140M150 100V140"}


def test_display_controls_work_by_keyboard_and_never_ask_the_server(
    page: Page, sent: list[object]
) -> None:
    page.get_by_label("Overlay").focus()
    page.keyboard.press("Home")
    assert page.evaluate("getComputedStyle(document.querySelector('.cs-regions')).opacity") == "0"
    page.get_by_label("Invert").check()
    page.get_by_label("Window").fill("50")
    film = "getComputedStyle(document.querySelector('.imagelayer image')).filter"
    assert "url(" in page.evaluate(film)
    slope = float(page.locator("feFuncR").get_attribute("slope") or 0)
    assert slope == pytest.approx(-2)
    page.get_by_label("Region outlines").check()
    assert page.locator(".cs-grid").first.is_visible()
    page.get_by_role("button", name="Reset view settings").click()
    assert page.evaluate(film) == "none"
    assert page.get_by_label("Overlay").input_value() == "80"
    assert not sent


def test_zoom_is_linked_and_survives_picking_a_region_and_choosing_a_row(page: Page) -> None:
    page.mouse.move(*spot(page, panel=1, player=5))
    page.keyboard.down("Control")
    for _ in range(3):
        page.mouse.wheel(0, -240)
        page.wait_for_timeout(50)
    page.keyboard.up("Control")
    page.wait_for_timeout(500)
    zoomed = page.evaluate(AXES)
    assert all(panel[4:] == pytest.approx(zoomed[0][4:]) for panel in zoomed)
    assert zoomed[0][5] - zoomed[0][4] < 200
    page.mouse.click(*spot(page, panel=3, player=6))
    page.get_by_text("selected: 6").wait_for()
    page.get_by_role("button", name="row 3, column 3").click()
    page.get_by_text("selected: 10").wait_for()
    chosen = {node.get_attribute("d") for node in page.locator(".cs-selected").all()}
    assert chosen == {"M110 100H150M110 140H150M110 100V140M150 100V140"}
    assert np.array(page.evaluate(AXES)) == pytest.approx(np.array(zoomed))


@pytest.mark.parametrize(("panel", "player"), [(0, 0), (2, 5), (4, 15)])
def test_a_click_picks_the_region_under_it_and_marks_its_row(
    page: Page, panel: int, player: int
) -> None:
    page.mouse.click(*spot(page, panel=panel, player=player, at=(0.02, 0.98)))
    page.get_by_text(f"selected: {player}").wait_for()
    pressed = page.locator("tr:has([aria-pressed=true])")
    assert pressed.get_attribute("data-player") == str(player)


def test_a_second_click_lets_the_region_go(page: Page) -> None:
    for _ in range(2):
        page.mouse.click(*spot(page, panel=2, player=5))
        page.get_by_text("selected: 5").wait_for()
        page.mouse.click(*spot(page, panel=3, player=5, at=(0.3, 0.3)))
        page.get_by_text("selected: None").wait_for()
    assert page.locator("tr:has([aria-pressed=true])").count() == 0
    assert {node.get_attribute("d") for node in page.locator(".cs-selected").all()} == {""}
    row = page.get_by_role("button", name="row 3, column 3")
    row.click()
    page.get_by_text("selected: 10").wait_for()
    row.click()
    page.get_by_text("selected: None").wait_for()


def test_a_region_carries_the_number_of_its_name_in_every_panel(page: Page) -> None:
    page.mouse.click(*spot(page, panel=1, player=6))
    page.get_by_text("selected: 6").wait_for()
    labels = page.locator(".cs-number")
    assert labels.all_text_contents() == ["3"] * 5  # of "row 2, column 3"
    films = np.array(page.evaluate(BOXES, ".imagelayer image"))
    at = np.array(page.evaluate(BOXES, ".cs-number"))
    middle = at[:, :2] + at[:, 2:] / 2
    inside = (middle - films[:, :2]) / films[:, 2:] * [240, 200]  # film pixels
    # Input elements 8 to 11 of rows 4 to 7: the square of film pixels (110, 60) to (150, 100).
    assert np.all(np.abs(inside - [130, 80]) <= 12)


def test_no_row_of_the_table_is_cut_at_its_lower_edge(page: Page) -> None:
    cut = """() => {
      const box = document.querySelector('.cs-regions-scroll');
      const end = box.getBoundingClientRect().top + box.clientHeight;
      return [...box.querySelectorAll('tr')].map((row) => row.getBoundingClientRect())
        .filter((row) => row.top < end - 1 && row.bottom > end + 1).length;
    }"""
    page.set_viewport_size({"width": 1000, "height": 900})
    page.wait_for_timeout(600)
    scrolls = "document.querySelector('.cs-regions-scroll')"
    assert page.evaluate(f"{scrolls}.scrollHeight > {scrolls}.clientHeight")
    assert page.evaluate(cut) == 0


def test_a_box_picks_the_region_that_fills_it(page: Page) -> None:
    page.locator("[data-val=select]").first.click()
    page.mouse.move(*spot(page, panel=1, player=9, at=(0.1, 0.1)))
    page.mouse.down()
    page.mouse.move(*spot(page, panel=1, player=9, at=(0.9, 0.9)), steps=4)
    page.mouse.up()
    page.get_by_text("selected: 9").wait_for()


def test_a_plain_wheel_scrolls_the_page_and_leaves_the_zoom(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 600})
    page.wait_for_timeout(500)
    before = page.evaluate(AXES)
    page.mouse.move(*spot(page, panel=1, player=5))
    page.mouse.wheel(0, 150)
    page.wait_for_function("document.querySelector('.stMain').scrollTop > 100")
    assert np.array(page.evaluate(AXES)) == pytest.approx(np.array(before))


def test_larger_panels_are_dealt_out_to_two_rows_with_everything_in_place(page: Page) -> None:
    small = page.evaluate(BOXES, ".cs-panel")[0]
    page.get_by_label("Larger panels").check()
    page.wait_for_function("document.querySelector('.cs-panel')?.clientWidth > 380")
    page.wait_for_timeout(700)
    films = np.array(page.evaluate(BOXES, ".imagelayer image"))
    assert films == pytest.approx(np.array(page.evaluate(BOXES, ".cs-panel")), abs=0.6)
    assert len(np.unique(films[:, 1].round())) == 2
    assert films[0, 2] > 1.5 * small[2]


def test_zoom_survives_the_arrival_of_the_other_methods(page: Page, viewer_server: str) -> None:
    page.goto(f"{viewer_server}/?running=1")
    wait_until_drawn(page, overlays=1)
    page.mouse.move(*spot(page, panel=1, player=5))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -240)
    page.keyboard.up("Control")
    page.wait_for_timeout(500)
    zoomed = page.evaluate(AXES)
    for overlays in (2, 4):
        page.get_by_role("button", name="Next answer").click()
        wait_until_drawn(page, overlays=overlays)
    assert np.array(page.evaluate(AXES)) == pytest.approx(np.array(zoomed))


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(page: Page, scheme: Literal["dark", "light"]) -> None:
    page.emulate_media(color_scheme=scheme)
    page.wait_for_timeout(500)
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
