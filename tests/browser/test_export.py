"""The HTML report in a real Chromium: offline, silent, accessible, and whole on A4."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from components.export import html_report
from models.case import ImageFrame, ImagePayload
from tests import reports

pytestmark = pytest.mark.browser
A4_POINTS = (595, 842)


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[tuple[Page, list[str]]]:
    """The report in a window as wide as the printable part of A4, and what it asked for or said."""
    film = ImagePayload(pixels=np.linspace(0, 1, 400 * 300, dtype=np.float32).reshape(400, 300))
    frame = ImageFrame(top=50.0, left=10.0, height=280.0, width=280.0)
    path = tmp_path / "report.html"
    path.write_text(html_report(reports.report(frame=frame), film), encoding="utf-8")
    heard: list[str] = []
    page = chromium.new_page(viewport={"width": 703, "height": 1032})
    page.on("request", lambda request: heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(path.as_uri())
    yield page, heard
    page.close()


def test_the_report_works_offline_is_accessible_and_prints_on_a4(
    opened: tuple[Page, list[str]],
) -> None:
    page, heard = opened
    assert [words for words in heard if not words.startswith("data:image/png")] == [page.url]
    drawn = page.evaluate("[...document.images].map(i => i.complete && i.naturalWidth > 0)")
    assert len(drawn) == 4 + 5  # film, two methods, disagreement; five verdicts in the legend
    assert all(drawn)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {A4_POINTS}
    found = Axe().run(page).response["violations"]
    assert [f"{v['impact']} {v['id']}" for v in found] == []
