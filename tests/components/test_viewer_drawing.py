"""Areas drawn on the films in a real Chromium: by pointer, by keys, and where it is not offered."""

import ast
import re

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.components.viewer_page import AXES, drag, spot, wait_until_drawn

pytestmark = pytest.mark.browser


def test_a_drawn_box_reaches_the_server_and_is_shown_in_every_panel(page: Page) -> None:
    before = page.evaluate(AXES)
    page.get_by_role("button", name="Draw a box").click()
    corners = [spot(page, panel=2, player=p, at=(0.0, 0.0)) for p in (5, 15)]
    drag(page, *corners)
    page.get_by_text("drawn: 4 corners").wait_for()
    area = page.get_by_text("area: ").inner_text().removeprefix("area: ")
    assert np.array(ast.literal_eval(area)) == pytest.approx(
        np.array([[70, 60], [150, 60], [150, 140], [70, 140]]), abs=1
    )
    shown = {node.get_attribute("d") for node in page.locator(".cs-drawn").all()}
    assert len(shown) == 1
    assert shown != {""}
    page.get_by_text("selected: None").wait_for()  # drawing picks nothing, and pans nothing
    assert np.array(page.evaluate(AXES)) == pytest.approx(np.array(before))
    page.get_by_role("button", name="Clear the area").click()
    page.get_by_text("drawn: 0 corners").wait_for()
    assert {node.get_attribute("d") for node in page.locator(".cs-drawn").all()} == {""}


def test_a_free_shape_is_drawn_and_escape_clears_it(page: Page) -> None:
    page.get_by_role("button", name="Draw freely").click()
    ring = [(5, (0, 0)), (6, (1, 0)), (10, (1, 1)), (9, (0, 1)), (5, (0, 0.2))]
    drag(page, *(spot(page, panel=0, player=p, at=at) for p, at in ring))
    page.get_by_text(re.compile(r"drawn: \d\d+ corners")).wait_for()
    assert page.get_by_role("button", name="Draw freely").get_attribute("aria-pressed") == "false"
    page.get_by_text("selected: None").wait_for()
    page.mouse.click(*spot(page, panel=1, player=6))  # the shape stays while a region is picked
    page.get_by_text("selected: 6").wait_for()
    assert page.locator(".cs-drawn").first.get_attribute("d")
    page.keyboard.press("Escape")
    page.get_by_text("drawn: 0 corners").wait_for()


def test_a_box_is_drawn_with_the_keys_alone(page: Page) -> None:
    button = page.get_by_role("button", name="Draw a box")
    button.focus()
    page.keyboard.press("Enter")
    assert "Enter takes it" in page.locator(".cs-draw-note").inner_text()
    for key in ("ArrowLeft", "ArrowUp", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert page.locator(".cs-drawn").first.get_attribute("d")
    page.get_by_text("drawn: 0 corners").wait_for()  # not before it is taken
    page.keyboard.press("Enter")
    page.get_by_text("drawn: 4 corners").wait_for()
    area = page.get_by_text("area: ").inner_text().removeprefix("area: ")
    (x0, y0), _, (x1, y1), _ = ast.literal_eval(area)
    # A quarter of the frame's sides of 160, moved left and up by 2 % of them, then widened by 2 %.
    assert (x0, y0, x1, y1) == pytest.approx((86.8, 76.8, 130, 116.8), abs=0.2)


def test_a_drawing_that_is_given_up_leaves_what_was_drawn(page: Page) -> None:
    button = page.get_by_role("button", name="Draw a box")
    button.click()
    page.mouse.click(*spot(page, panel=1, player=6))  # a click is no box
    page.keyboard.press("Escape")
    assert button.get_attribute("aria-pressed") == "false"
    page.get_by_text("drawn: 0 corners").wait_for()
    page.mouse.click(*spot(page, panel=1, player=6))
    page.get_by_text("selected: 6").wait_for()  # regions are picked again


def test_what_to_do_with_an_area_is_said_beside_it_and_a_button_leads_there(page: Page) -> None:
    page.set_viewport_size({"width": 1000, "height": 700})
    page.wait_for_timeout(600)
    note, ask = page.locator(".cs-draw-note"), page.get_by_role("button", name="Ask the model")
    assert not ask.is_visible()
    page.get_by_role("button", name="Draw a box").click()
    drag(page, *(spot(page, panel=2, player=p, at=(0.0, 0.0)) for p in (5, 15)))
    page.get_by_text("drawn: 4 corners").wait_for()
    assert note.inner_text() == "Area drawn. Ask the model about it below."
    here = page.get_by_text("Asked here.")
    assert (here.bounding_box() or {})["y"] > 700
    ask.click()
    page.wait_for_function(
        "document.querySelector('.st-key-consilium_ask').getBoundingClientRect().top < 700"
    )
    page.get_by_role("button", name="Clear the area").click()
    page.get_by_text("drawn: 0 corners").wait_for()
    assert not ask.is_visible()
    assert not note.is_visible()


def test_before_the_methods_have_answered_the_hint_says_when(
    page: Page, viewer_server: str
) -> None:
    page.goto(f"{viewer_server}/?running=1")
    wait_until_drawn(page, overlays=1)
    page.get_by_role("button", name="Draw a box").click()
    drag(page, *(spot(page, panel=1, player=p, at=(0.0, 0.0)) for p in (5, 15)))
    page.get_by_text("drawn: 4 corners").wait_for()
    assert "once the methods have answered" in page.locator(".cs-draw-note").inner_text()
    assert not page.get_by_role("button", name="Ask the model").is_visible()


def test_where_nothing_can_be_asked_nothing_can_be_drawn(page: Page, viewer_server: str) -> None:
    page.goto(f"{viewer_server}/?closed=1")
    wait_until_drawn(page)
    assert page.locator(".cs-draw-note").inner_text() == "Nothing to ask."
    for name in ("Draw a box", "Draw freely"):
        assert page.get_by_role("button", name=name).is_disabled()
