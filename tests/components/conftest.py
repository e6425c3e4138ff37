"""A queue that is watched; the viewer on a test page of its own, in a real Chromium."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from components.jobs import JobQueue
from tests.components.hall import Clock, Hall
from tests.components.viewer_page import wait_until_drawn
from tests.conftest import ROOT


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> Iterator[JobQueue]:
    made = JobQueue(capacity=20, slots=4, clock=clock)
    yield made
    made.close()


@pytest.fixture
def hall(queue: JobQueue, clock: Clock) -> Hall:
    return Hall(queue, clock)


@pytest.fixture(scope="module")
def viewer_server() -> Iterator[str]:
    """The test page on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = Path(__file__).with_name("viewer_app.py")
    command = [sys.executable, "-m", "streamlit", "run", str(page), "--server.port", str(port)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(Path.home())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/_stcore/health")
        yield address
        process.terminate()


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """One context whose cache all tests share."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1200})
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext, viewer_server: str) -> Iterator[Page]:
    """The page with all answers there; requests that leave the machine and errors are failures."""
    page = window.new_page()
    page.set_default_timeout(30_000)
    bad: list[str] = []
    page.on("request", lambda r: None if _is_local(r.url) else bad.append(r.url))
    page.on("console", lambda m: bad.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: bad.append(str(error)))
    page.goto(viewer_server)
    wait_until_drawn(page)
    yield page
    page.close()
    assert not bad


@pytest.fixture
def sent(page: Page) -> list[object]:
    """Messages that the browser sends to the server from now on."""
    page.wait_for_timeout(500)
    page.evaluate("""() => {
      window.sent = 0;
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (data) {
        window.sent += 1;
        return send.call(this, data);
      };
    }""")

    class Messages(list[object]):
        def __bool__(self) -> bool:
            return bool(page.evaluate("window.sent"))

    return Messages()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own server
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _is_local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:"))
