"""The HTML report in a real Chromium: offline, silent, accessible, and whole on A4."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from components.export import html_report
from explainers.report import EvidenceReport
from models.case import ImageFrame, ImagePayload
from tests import cases, reports

pytestmark = pytest.mark.browser
A4_POINTS = (595, 842)


def pages() -> dict[str, tuple[str, int]]:
    """A report on each kind of case, and how many pictures it holds."""
    film = ImagePayload(pixels=np.linspace(0, 1, 400 * 300, dtype=np.float32).reshape(400, 300))
    frame = ImageFrame(top=50.0, left=10.0, height=280.0, width=280.0)
    # Film, two methods, disagreement; five verdicts in the legend.
    return {
        "film": (html_report(reports.report(frame=frame), film), 4 + 5),
        "record": (html_report(cases.record_report(), cases.RECORD), 0),
        "text": (html_report(cases.text_report(), cases.TEXT), 0),
        "long names": (html_report(long_named(), cases.RECORD), 0),
    }


def long_named() -> EvidenceReport:
    """A record whose columns have names that no line holds."""
    report = cases.record_report()
    names = ("n" * 120, "a name of many words " * 8, "c")
    return replace(report, players=replace(report.players, names=names))


@pytest.mark.parametrize("kind", pages())
def test_the_report_works_offline_is_accessible_and_prints_on_a4(
    kind: str, chromium: Browser, tmp_path: Path
) -> None:
    source, n_pictures = pages()[kind]
    path = tmp_path / "report.html"
    path.write_text(source, encoding="utf-8")
    heard: list[str] = []
    page = chromium.new_page(viewport={"width": 703, "height": 1032})  # the printable part of A4
    page.on("request", lambda request: heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    try:
        page.goto(path.as_uri())
        assert [words for words in heard if not words.startswith("data:image/png")] == [page.url]
        drawn = page.evaluate("[...document.images].map(i => i.complete && i.naturalWidth > 0)")
        assert drawn == [True] * n_pictures
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        sheet = page.pdf(prefer_css_page_size=True)
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", sheet)
        assert {(round(float(w)), round(float(h))) for w, h in boxes} == {A4_POINTS}
        found = Axe().run(page).response["violations"]
        assert [f"{v['impact']} {v['id']}" for v in found] == []
    finally:
        page.close()
