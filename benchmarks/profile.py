"""Where the time of a default consultation goes, from the click to the pixels; and of the start.

`python -m benchmarks profile [--cases film record text] [--no-start]`

A real server with a stopwatch on its parts (`benchmarks/stamps.py`) and a real Chromium on the same
machine. For each modality the first case to try is opened; the model has been loaded before, which
is timed apart. "serial" rows follow one another and sum to the whole; "of which" rows lie inside
them. The start is measured without the stopwatch, twice: the second is the warm one.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from benchmarks.serving import ROOT, served

FLAGS: Final = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")
PATIENCE_MS: Final = 600_000.0
# case -> (page, heading of its first view, words of its report's first heading)
CASES: Final = {
    "film": ("X-ray", "three explanations", "that matter"),
    "record": ("Record", "One record", "that matter"),
    "text": ("Text", "One", "that matter"),
}
DRAWN: Final = "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
# What the first page's script imports; torch comes later, on the worker.
FIRST_PAGE: Final = "import streamlit.web.bootstrap, pages._consultation, pages._image_view"
SHOWN: Final = 10  # packages

Span = tuple[str, float, float, int]


@dataclass
class Line:
    """What arrived in the browser, and when.

    Attributes:
        frames: (time, bytes) of every websocket message.
        fetched: Bytes of pictures and files.
    """

    frames: list[tuple[float, int]] = field(default_factory=list)
    fetched: int = 0

    def listen(self, page: Page) -> None:
        """Count from now on."""

        def frame(data: str | bytes) -> None:
            self.frames.append((time.time(), len(data)))

        page.on("websocket", lambda socket: socket.on("framereceived", frame))
        page.on("response", self._response)

    def _response(self, response: Any) -> None:  # noqa: ANN401 - Playwright's
        if "/media/" in response.url:
            self.fetched += int(response.headers.get("content-length", 0))


def chromium() -> str:
    """Where the browser is.

    Raises:
        FileNotFoundError: nowhere.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise FileNotFoundError("no Chromium is installed (Debian: apt-get install chromium)")
    return path


def consultation(browser: Browser, address: str, case: str, trace: Path) -> dict[str, Any]:
    """Open the first case to try of one modality and follow it until the report is drawn."""
    name, heading, done = CASES[case]
    page, line = browser.new_page(viewport={"width": 1440, "height": 900}), Line()
    page.set_default_timeout(PATIENCE_MS)
    line.listen(page)
    page.goto(address)
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", level=1).filter(has_text=heading).wait_for()
    button = _to_open(page)
    button.wait_for()
    _until_loaded(trace, list(CASES).index(case) + 1)
    page.wait_for_timeout(1500)
    line.frames.clear()
    line.fetched, clicked = 0, time.time()
    button.click()
    page.get_by_test_id("stMetricValue").first.wait_for()
    predicted = time.time()
    page.get_by_role("heading", name=done).first.wait_for()
    page.evaluate(DRAWN)
    pixels, frames, fetched = time.time(), list(line.frames), line.fetched
    page.get_by_role("button", name="Report (JSON)").wait_for()  # the files are timed, too
    page.close()
    spans = [span for span in _spans(trace) if span[2] > clicked]
    return {
        "case": case,
        "to the prediction": predicted - clicked,
        **breakdown(spans, frames, clicked, pixels),
        "megabytes": {"websocket": sum(n for _, n in frames) / 1e6, "pictures": fetched / 1e6},
    }


def _to_open(page: Page) -> Locator:
    """The button of the first case to try; lists to choose from have one of that name, too."""
    return page.get_by_test_id("stButton").get_by_role("button", name="Open", exact=True).first


def breakdown(
    spans: Sequence[Span], frames: Sequence[tuple[float, int]], clicked: float, pixels: float
) -> dict[str, Any]:
    """Seconds of each step in order ("serial", their sum is the whole) and of parts inside them."""
    first_run = min(span[1] for span in spans if span[0] == "page")
    _, begun, ended, thread = next(span for span in spans if span[0] == "consultation")
    panels = next(s for s in spans if s[0] == "panels" and s[1] >= ended)
    _, page_from, drawn, _ = next(
        s for s in spans if s[0] == "page" and s[1] <= panels[1] and panels[2] <= s[2]
    )
    # A page that stays until the report is there begins to draw it when the report has come.
    drawn_from, drawn = max(page_from, ended), min(drawn, pixels)
    arrived = max((at for at, _ in frames if at <= pixels), default=drawn)
    arrived = min(max(arrived, drawn), pixels)

    def total(name: str, stop: float = pixels) -> float:
        return sum(s[2] - s[1] for s in spans if s[0] == name and s[2] <= stop)

    passes = sum(
        s[2] - s[1]
        for s in spans
        if s[0] == "passes" and s[3] == thread and begun <= s[1] and s[2] <= ended
    )
    return {
        "serial": {
            "click to server": first_run - clicked,
            "decode": total("decode"),
            "first page run, queue": begun - first_run - total("decode"),
            "engine: passes of the model": passes,
            "statistics and the rest": ended - begun - passes,
            "until the page looks": drawn_from - ended,
            "drawing the page (figures, tables)": drawn - drawn_from,
            "transfer": arrived - drawn,
            "browser": pixels - arrived,
        },
        "whole": pixels - clicked,
        "of which": {
            "asking the model (after the pixels)": total("asking the model", float("inf")),
            "panels, all runs": total("panels"),
            "page scripts, all runs": total("page"),
            "files (after the pixels)": total("files", float("inf")),
        },
    }


def _spans(trace: Path) -> list[Span]:
    """What the stopwatch has written so far, in order of start."""
    lines = trace.read_text(encoding="utf-8").splitlines()
    return sorted((tuple(json.loads(line)) for line in lines if line.endswith("]")), key=_start)


def _start(span: Span) -> float:
    return span[1]


def _until_loaded(trace: Path, count: int) -> None:
    """Wait until so many models are loaded."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while sum(span[0] == "model load" for span in _spans(trace)) < count:
        if time.monotonic() > deadline:
            raise TimeoutError("the model was not loaded")
        time.sleep(0.1)


def start(browser: Browser) -> dict[str, float]:
    """Seconds from the command to a healthy server and to a first page that can be used."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "log") as server:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(server.address)
        _to_open(page).wait_for()
        page.evaluate(DRAWN)
        found = {"healthy": server.healthy_after, "first page": time.perf_counter() - began}
        page.close()
    return found


def imports() -> dict[str, float]:
    """Seconds by package of what is imported before the first page; "" is their sum."""
    code = f"{FIRST_PAGE}; import sys; sys.exit('torch' in sys.modules)"
    command = [sys.executable, "-W", "ignore", "-X", "importtime", "-c", code]
    done = subprocess.run(  # noqa: S603
        command, check=False, cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"the first page pays for torch, or fails: {done.stderr[-500:]}")
    spent: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        own, _, module = line.removeprefix("import time:").split("|") if "|" in line else ("",) * 3
        if own.strip().isdigit():
            spent[module.strip().partition(".")[0]] += int(own)
    return {"": spent.total() / 1e6} | {name: us / 1e6 for name, us in spent.most_common(SHOWN)}


def _print(found: dict[str, Any]) -> None:
    """Tables."""
    for each in found["consultations"]:
        print(f"\n{each['case']}: click to pixels {each['whole']:.2f} s,", end=" ")
        print(f"to the prediction {each['to the prediction']:.2f} s")
        for title in ("serial", "of which"):
            for step, seconds in each[title].items():
                print(f"  {'  ' if title != 'serial' else ''}{step:36} {seconds:8.3f}")
        size = each["megabytes"]
        print(f"  received: {size['websocket']:.2f} MB, pictures {size['pictures']:.2f} MB")
    if found["model load"]:
        print("\nmodel load:", ", ".join(f"{seconds:.2f} s" for seconds in found["model load"]))
    for index, each in enumerate(found["start"]):
        print(f"start {index + 1}: healthy {each['healthy']:.1f} s", end=", ")
        print(f"first page usable {each['first page']:.1f} s")
    if found["imports"]:
        named = [f"{name or 'all'} {seconds:.2f}" for name, seconds in found["imports"].items()]
        print("imports before the first page, s:", ", ".join(named))


def main(arguments: list[str]) -> int:
    """Parse options, measure, print and save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks profile", description=__doc__)
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--no-start", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out/profile.json"))
    options = parser.parse_args(arguments)
    found: dict[str, Any] = {"consultations": [], "model load": [], "start": [], "imports": {}}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        trace = Path(folder) / "trace"
        launcher = ("-W", "ignore", "-m", "benchmarks.stamps", str(trace))
        with served(Path(folder) / "log", launcher) as server:
            for case in options.cases:
                found["consultations"].append(consultation(browser, server.address, case, trace))
            found["model load"] = [s[2] - s[1] for s in _spans(trace) if s[0] == "model load"]
        if not options.no_start:
            found["start"] = [start(browser), start(browser)]
            found["imports"] = imports()
        browser.close()
    _print(found)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
