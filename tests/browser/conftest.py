"""The real app with the real model, served on a free port, in a Chromium that cannot leave it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, Route

from tests.conftest import ROOT

START_SECONDS = 60.0
STEP_MS = 60_000  # for one reaction of a page on a busy machine
CONSULT_MS = 420_000  # for a default consultation on a busy machine
# Streamlit's own uploader: a button inside a region with a role of its own. Minor; no way around.
TOLERATED = {"presentation-role-conflict"}


@dataclass(frozen=True)
class Visit:
    """A page of the app, and everything that went wrong while it was open.

    Attributes:
        page: Playwright's page.
        address: Of the server.
        outside: Requests that would have left this machine; they were stopped.
        complaints: Console errors and uncaught exceptions.
    """

    page: Page
    address: str
    outside: list[str]
    complaints: list[str]

    def violations(self) -> list[str]:
        """What axe finds beyond the one tolerated minor thing."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{v['impact']} {v['id']}: {v['nodes'][0]['html']}"
            for v in found
            if not (v["id"] in TOLERATED and v["impact"] == "minor")
        ]


@contextmanager
def served(log: Path, **environment: str) -> Iterator[str]:
    """The app as `make run` serves it; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    env = {**os.environ, **environment}
    with (
        log.open("wb") as stream,
        subprocess.Popen(command, cwd=ROOT, env=env, stdout=stream, stderr=stream) as server,
    ):
        try:
            _wait_for_health(f"http://127.0.0.1:{port}/_stcore/health", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all tests."""
    with served(tmp_path_factory.mktemp("server") / "log") as found:
        yield found


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Visit]:
    """A new session; whatever it asked for outside or complained about fails the test."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, accept_downloads=True, color_scheme="light"
    )
    context.set_default_timeout(STEP_MS)
    page = context.new_page()
    made = Visit(page, address, [], [])

    def guard(route: Route, request: Request) -> None:
        if request.url.startswith((f"{address}/", "data:", "blob:")):
            route.continue_()
        else:
            made.outside.append(request.url)
            route.abort()

    context.route("**/*", guard)
    page.on("console", lambda m: made.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    yield made
    context.close()
    assert made.outside == []
    assert made.complaints == []


def _wait_for_health(url: str, log: Path) -> None:
    """Until the server answers; its log is the reason when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own server
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")
