"""Records and texts as a reader meets them: rows, changed values, words, downloads, nothing run."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CONSULT_MS, STEP_MS, Visit
from tests.browser.test_app import upload

pytestmark = pytest.mark.browser
WOMEN = b"age;meno;size;grade;nodes;pgr;er;hormon\r\n49;0;18;2;2;0;0;0\r\n71;1;34,5;3;5;12;60;1\r\n"
HOSTILE = (
    "FINDINGS: The heart is mildly enlarged. There is a small left pleural effusion with blunting "
    "of the costophrenic angle. The lungs are otherwise clear. No pneumothorax. "
    "<script>alert(1)</script> \N{GRINNING FACE}\n\n"
    "IMPRESSION: **Cardiomegaly**. Small left pleural effusion."
)


def go(page: Page, name: str, title: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", level=1, name=title).wait_for()


def ask_for_least(page: Page) -> None:
    """The smallest budget; the default consultation may have begun, or be over already."""
    page.get_by_role("button", name="Advanced").click()
    page.get_by_role("slider", name="Model runs").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Explain", exact=True).click()


def wait_for_report(page: Page, parts: str) -> None:
    page.get_by_role("heading", name=f"{parts} that matter").wait_for(timeout=CONSULT_MS)
    page.get_by_role("button", name="Report (JSON)").wait_for(timeout=STEP_MS)


def save(page: Page, label: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def probability(page: Page) -> str:
    return page.get_by_test_id("stMetricValue").first.inner_text()


def test_row_of_a_file_is_explained_and_a_changed_value_moves_the_answer(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit.page
    go(page, "Record", "One record")
    page.get_by_role("button", name="Explain this record").wait_for()
    assert visit.violations() == []
    page.get_by_role("tab", name="Open a file").click()
    upload(page, "women.csv", WOMEN)
    page.get_by_role("combobox", name="Row of the file").click()  # its tab is still the open one
    page.get_by_role("option", name="2: age 71").click()
    page.get_by_role("button", name="Open this row").click()
    page.get_by_role("heading", name="women.csv").wait_for()
    page.locator(".js-plotly-plot .bars").first.wait_for(timeout=CONSULT_MS)
    wait_for_report(page, "Features")
    before = probability(page)
    page.mouse.move(0, 0)
    assert visit.violations() == []

    _change(page, "Positive lymph nodes", "30")
    assert probability(page) != before
    _change(page, "Age", "")  # an emptied number must not spring back
    said = page.get_by_text("Changed:")
    expect(said).to_contain_text("Age 71 years → missing")
    expect(said).to_contain_text("→ 30")
    rows = list(csv.reader(save(page, "Features (CSV)", tmp_path).read_text().splitlines()))
    assert len(rows) == 1 + 8
    page.get_by_role("button", name="Back to the record as opened").click()
    page.get_by_role("heading", name="What the change did").wait_for(state="detached")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(before)


def test_text_is_shown_as_typed_and_a_clicked_word_is_marked_everywhere(visit: Visit) -> None:
    page = visit.page
    page.on("dialog", lambda _: visit.complaints.append("a script of the text ran"))
    go(page, "Text", "One report")
    assert visit.violations() == []
    page.get_by_role("textbox", name="Paste a radiology report").fill(HOSTILE)
    page.get_by_role("button", name="Explain this text").click()
    page.locator(".cs-text-column").first.wait_for(timeout=CONSULT_MS)
    ask_for_least(page)
    wait_for_report(page, "Words")
    columns = page.locator(".cs-text")
    assert columns.count() == 4
    for text in columns.all_text_contents():
        assert text.strip() == HOSTILE
    word = page.locator(".cs-text .cs-word", has_text="Cardiomegaly").first
    word.hover()
    expect(page.locator(".cs-text-tip")).to_contain_text("LIME")
    word.click()
    expect(page.locator(".cs-word.cs-picked")).to_have_count(4)
    expect(page.locator("tr:has([aria-pressed=true])")).to_contain_text("Cardiomegaly")
    page.get_by_role("row").filter(has_text="enlarged").get_by_role("button").first.click()
    marked = page.locator(".cs-word.cs-picked")
    expect(marked.first).to_have_text("enlarged")
    expect(marked).to_have_count(4)
    page.mouse.move(0, 0)
    assert visit.violations() == []


def _change(page: Page, label: str, value: str) -> None:
    """Type a value into the what-if form and wait for the answer."""
    wait_for_report(page, "Features")
    field = page.get_by_role("spinbutton", name=label).last
    field.fill(value)
    field.press("Tab")
    changed = page.get_by_text("Changed:")
    before = changed.inner_text() if changed.count() else ""
    page.get_by_role("button", name="Ask again with these values").click()
    expect(changed).not_to_have_text(before or "-", timeout=CONSULT_MS)
    wait_for_report(page, "Features")
