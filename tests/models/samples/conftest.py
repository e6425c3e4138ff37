"""A cache of its own for every test, and a server on this machine that misbehaves as asked."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

CONTENT = bytes(range(256)) * 40


class Handler(BaseHTTPRequestHandler):
    """Answers by path; counts what it was asked."""

    content = CONTENT
    asked: list[str]
    leave: threading.Event

    def do_GET(self) -> None:
        self.asked.append(self.path)
        name = self.path.strip("/")
        with suppress(BrokenPipeError, ConnectionResetError):  # the client had enough, rightly
            getattr(self, f"answer_{name}", self.answer_missing)()

    def _head(self, code: int = 200, **headers: str) -> None:
        self.send_response(code)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()

    def answer_good(self) -> None:
        self._head(Content_Length=str(len(self.content)))
        self.wfile.write(self.content)

    def answer_wrong(self) -> None:
        self._head()
        self.wfile.write(b"x" + self.content[1:])

    def answer_truncated(self) -> None:
        self._head(Content_Length=str(len(self.content)))
        self.wfile.write(self.content[:1000])

    def answer_oversize(self) -> None:
        self._head()
        while not self.leave.is_set():  # endless: the client must stop by itself
            self.wfile.write(self.content)

    def answer_longer(self) -> None:
        self._head()
        self.wfile.write(self.content + b"x")

    def answer_missing(self) -> None:
        self._head(404, Content_Length="0")

    def answer_redirect(self) -> None:
        self._head(302, Location="/good", Content_Length="0")

    def answer_silent(self) -> None:
        self.leave.wait(30)

    def answer_slow(self) -> None:
        self._head()
        for byte in self.content[:150]:
            if self.leave.wait(0.02):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
        self.asked.append("the client waited to the end")

    def answer_nonsense(self) -> None:
        self.wfile.write(b"this is not http\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[SimpleNamespace]:
    """Where it listens (`url`), what it was asked (`asked`), what it serves (`handler.content`)."""
    leave = threading.Event()
    handler = type("OwnHandler", (Handler,), {"asked": [], "leave": leave})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        url = f"http://127.0.0.1:{http.server_port}"
        yield SimpleNamespace(url=url, handler=handler, asked=handler.asked)
        leave.set()
        http.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONSILIUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("CONSILIUM_SAMPLES", raising=False)
    return tmp_path / "cache" / "samples"
