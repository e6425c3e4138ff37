"""The app as a reader meets it: a film in, panels out, nothing sent elsewhere, usable by all."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from data_store import DataStore
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as TimedOut

from explainers.report_json import from_json
from models.inputs.phantom import phantom
from tests.browser.conftest import CONSULT_MS, STEP_MS, Visit, served

pytestmark = pytest.mark.browser
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
PAGES = ["X-ray", "Record", "Text", "Methods", "Models"]
NAVIGATION = "[data-testid='stTopNavLink'], [data-testid='stSidebarNavLink']"
OVERLAYS = ".cs-layer image.cs-regions"
CLICK_MS = 20_000


@pytest.fixture(scope="session")
def film_png() -> bytes:
    """A phantom with an opacity in the patient's right lower zone, as a file."""
    pixels = np.rint(phantom(11, opacity=True, size=512).pixels * 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def upload(page: Page, name: str, data: bytes) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


def ask_for_little(page: Page) -> None:
    """Stop the default consultation, unless it ends by itself, and ask for the smallest budget."""
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    try:
        cancel.click(timeout=CLICK_MS)
    except TimedOut:  # it ended while the click was on its way
        expect(cancel).to_have_count(0, timeout=CONSULT_MS)
    else:
        page.get_by_text("Stopped.").wait_for()
    page.get_by_role("button", name="Advanced").click()
    page.get_by_role("slider", name="Model runs").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Explain").click()


def wait_for_report(page: Page) -> None:
    page.get_by_role("heading", name="Regions that matter").wait_for(timeout=CONSULT_MS)
    expect(page.locator(OVERLAYS)).to_have_count(4)
    # The model is asked, too, once the methods have answered.
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_have_count(
        0, timeout=CONSULT_MS
    )


def test_first_view_is_accessible_and_shows_films_to_try(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Open").first.wait_for()
    assert page.get_by_role("img").count() >= 4
    assert page.get_by_text("Not for diagnosis").is_visible()
    assert visit.violations() == []


def test_page_is_dark_even_where_the_system_prefers_light(visit: Visit) -> None:
    channels = visit.page.evaluate(BACKGROUND).removeprefix("rgb(").removesuffix(")").split(",")
    assert max(int(channel) for channel in channels) < 64


def test_light_theme_is_light_and_accessible(chromium: Browser, tmp_path: Path) -> None:
    with served(tmp_path / "log", STREAMLIT_THEME_BASE=".streamlit/light.toml") as address:
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        visit = Visit(page, address, [], [])
        for path in ("methods", "", "models"):  # a deep link is a server's first visit
            page.goto(f"{address}/{path}")
            page.get_by_role("heading", level=2).first.wait_for(timeout=STEP_MS)
            assert page.locator(NAVIGATION).all_inner_texts() == PAGES
            assert page.evaluate(BACKGROUND) == "rgb(255, 255, 255)"
            assert visit.violations() == []
        page.close()


def test_printing_points_to_the_report_instead_of_losing_panels(visit: Visit) -> None:
    visit.page.emulate_media(media="print")
    expect(visit.page.locator("h1")).to_be_hidden()
    said = "getComputedStyle(document.querySelector('.stApp'), '::before').content"
    assert "Report (HTML)" in visit.page.evaluate(said)


def test_png_from_upload_to_downloads(visit: Visit, film_png: bytes, tmp_path: Path) -> None:
    page = visit.page
    upload(page, "DOE_JOHN.png", film_png)
    page.get_by_role("heading", name="DOE_JOHN.png").wait_for()
    # The saliency panel is there while SHAP and LIME still run.
    page.locator(OVERLAYS).first.wait_for(timeout=CONSULT_MS)
    assert page.get_by_role("button", name="Cancel", exact=True).is_visible()
    assert page.get_by_text("model runs").is_visible()
    assert page.get_by_text("Log-odds", exact=True).is_visible()
    ask_for_little(page)
    wait_for_report(page)
    assert page.locator(".imagelayer image").count() == 5
    _hover(page)
    _pick(page)
    _download(page, tmp_path)
    page.mouse.move(0, 0)  # away from the last button's tooltip
    expect(page.get_by_role("tooltip")).to_have_count(0)
    assert visit.violations() == []


def test_dicom_is_read_and_a_consultation_can_be_cancelled(visit: Visit) -> None:
    page = visit.page
    film = Path(DataStore().data_path) / "RG1_UNCR.dcm"
    upload(page, "film", film.read_bytes())  # no extension, as PACS exports come
    page.get_by_role("heading", name="film", exact=True).wait_for()
    page.locator(OVERLAYS).first.wait_for(timeout=CONSULT_MS)
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_text("Stopped.").wait_for()
    page.locator(OVERLAYS).first.wait_for()
    page.get_by_role("button", name="About this film").click()
    expect(page.get_by_role("table").filter(has_text="View")).to_be_visible()
    assert visit.violations() == []


def test_bad_file_gives_one_sentence_and_the_next_film_opens(visit: Visit) -> None:
    page = visit.page
    upload(page, "notes.dcm", b"no film at all" * 100)
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert alert.count() == 1
    assert "Traceback" not in alert.inner_text()
    page.get_by_role("button", name="Open").nth(1).click()
    page.get_by_text("Log-odds", exact=True).wait_for()
    assert page.get_by_role("alert").count() == 0


def test_no_label_of_the_case_is_cut_on_a_narrow_window(visit: Visit, film_png: bytes) -> None:
    page = visit.page
    page.set_viewport_size({"width": 800, "height": 900})
    upload(page, "a_name_of_many_letters_from_somewhere.png", film_png)
    page.get_by_text("Log-odds", exact=True).wait_for()
    expect(page.get_by_test_id("stMetricValue").first).to_contain_text("%", timeout=CONSULT_MS)
    cut = """() => [...document.querySelectorAll(
        '.consilium-case, [data-testid=stMetricLabel] p, [data-testid=stPopoverButton] p, button p'
    )].filter((node) => {
        const hides = (each) => getComputedStyle(each).overflowX !== 'visible';
        const box = [node, node.parentElement].find(
          (each) => hides(each) && each.scrollWidth > each.clientWidth + 1);
        return node.offsetParent && box;
    }).map((node) => node.textContent)"""
    assert page.evaluate(cut) == []


def test_name_of_a_file_is_text_whatever_it_says(visit: Visit, film_png: bytes) -> None:
    page = visit.page
    name = "<img src=x onerror=alert(1)> **x** [y](http://z.example) :red[q].png"
    page.on("dialog", lambda _: visit.complaints.append("a script of the file name ran"))
    upload(page, name, film_png)
    page.get_by_role("heading", level=1).filter(has_text="onerror").wait_for()
    assert page.get_by_role("heading", level=1).inner_text() == name
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("name", ["Methods", "Models"])
def test_reference_pages_are_accessible(visit: Visit, name: str) -> None:
    page = visit.page
    page.get_by_role("link", name=name).click()
    page.get_by_role("heading", level=1, name=name).wait_for()
    page.get_by_role("heading", level=3).first.wait_for()
    assert visit.violations() == []


def test_film_and_panels_are_there_after_a_look_at_another_page(
    visit: Visit, film_png: bytes
) -> None:
    page = visit.page
    upload(page, "film.png", film_png)
    # No "Cancel" where the job that another test left behind has ended meanwhile.
    page.locator(OVERLAYS).first.wait_for(timeout=CONSULT_MS)
    ask_for_little(page)  # in the store already, if the first test has run
    wait_for_report(page)
    page.get_by_role("link", name="Methods").click()
    page.get_by_role("heading", level=1, name="Methods").wait_for()
    page.get_by_role("link", name="X-ray").click()
    wait_for_report(page)
    assert page.get_by_role("heading", level=1).inner_text() == "film.png"


def _hover(page: Page) -> None:
    """All methods' values for the region under the cursor."""
    box = page.locator(OVERLAYS).nth(1).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = page.locator(".cs-tip")
    expect(tip).to_be_visible()
    assert [m for m in ("Saliency", "SHAP", "LIME") if m not in tip.inner_text()] == []


def _pick(page: Page) -> None:
    """A row outlines its region in all panels, a click in a panel marks its row."""
    row = page.locator("tr[data-player]").first
    row.get_by_role("button").click()
    page.locator("tr:has([aria-pressed=true])").wait_for()
    player = row.get_attribute("data-player")
    marked = page.locator("tr:has([aria-pressed=true])").get_attribute("data-player")
    assert marked == player
    outlines = {node.get_attribute("d") for node in page.locator(".cs-selected").all()}
    assert len(outlines) == 1
    assert outlines != {""}


def _download(page: Page, folder: Path) -> None:
    """All four files, whole, and named without the patient."""
    files = {}
    for label in ("Report (HTML)", "Panels (PNG)", "Regions (CSV)", "Report (JSON)"):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=label).click()
        given = waiting.value
        assert "DOE_JOHN" not in given.suggested_filename
        path = folder / given.suggested_filename
        given.save_as(path)
        files[path.suffix] = path.read_bytes()
        assert b"DOE_JOHN" not in files[path.suffix]
    report = from_json(files[".json"].decode())
    assert report.request.budget == 200
    rows = list(csv.reader(io.StringIO(files[".csv"].decode())))
    assert len(rows) == 1 + report.players.count
    assert Image.open(io.BytesIO(files[".png"])).width > 2000
    assert files[".html"].startswith(b"<!DOCTYPE html>")
    assert b"http-equiv" in files[".html"]
