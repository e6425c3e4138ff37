"""The app on a free port of this machine, as `make run` serves it, and what it weighs."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
START_SECONDS: Final = 300.0  # on a machine that does much else
XSRF: Final = "_streamlit_xsrf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running app.

    Attributes:
        address: Of its first page, on the loopback interface.
        pid: Its process.
        healthy_after: Seconds from the start to the first healthy answer.
        log: What it printed.
    """

    address: str
    pid: int
    healthy_after: float
    log: Path

    def megabytes(self, field: str = "VmRSS") -> float:
        """Memory of the process: "VmRSS" now, "VmHWM" at most so far."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) / 1024
        raise OSError(f"the system does not tell {field}")

    def cpu_seconds(self) -> float:
        """CPU time of all its threads so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def served(log: Path, launcher: Sequence[str] = ("-m", "streamlit")) -> Iterator[Server]:
    """Run the app; it ends with the block.

    Args:
        log: Where its output goes.
        launcher: How the interpreter is told to run Streamlit.

    Raises:
        TimeoutError: it does not answer.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, *launcher, "run", "app.py", "--server.port", str(port)]
    started = time.perf_counter()
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=stream)  # noqa: S603
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/_stcore/health", log)
        yield Server(
            address=address,
            pid=process.pid,
            healthy_after=time.perf_counter() - started,
            log=log,
        )
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, log: Path) -> None:
    """Until the server answers; its log is the reason when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(url, timeout=1) as answer,  # noqa: S310 - our own server
        ):
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise TimeoutError(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def get(url: str) -> bytes:
    """Fetch something of the app."""
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - our own server
        data: bytes = answer.read()
        return data


def put(address: str, path: str, name: str, data: bytes) -> None:
    """Upload a file as the widget does, with the token against forged requests."""
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=60) as answer:  # noqa: S310
        cookies = SimpleCookie(answer.headers["Set-Cookie"])
    token, edge = cookies[XSRF].value, "consilium-benchmark"
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    request = urllib.request.Request(  # noqa: S310
        f"{address}{path}",
        data=head.encode() + data + f"\r\n--{edge}--\r\n".encode(),
        method="PUT",
        headers={
            "Content-Type": f"multipart/form-data; boundary={edge}",
            "X-Xsrftoken": token,
            "Cookie": f"{XSRF}={token}",
        },
    )
    with urllib.request.urlopen(request, timeout=60):  # noqa: S310
        pass
