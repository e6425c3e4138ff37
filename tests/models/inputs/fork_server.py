"""Many decodes in a short time: a small process with all decoders loaded forks one child per file.

The product starts a fresh interpreter for every file (0.1 to 0.3 s); thousands of fuzzing rounds
cannot afford that. The child here runs the product's own `worker.restrict` and `worker.answer` and
nothing else. Run as a script it is the server; imported, `ForkServer` talks to it.
"""

import os
import select
import signal
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
REQUEST = struct.Struct("<II")  # bytes of the request line, bytes of the file
ANSWER = struct.Struct("<i?QI")  # exit code, timed out, peak resident bytes, bytes of the reply


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one child left behind; a negative code is the signal that ended it."""

    reply: bytes
    code: int
    timed_out: bool
    peak_bytes: int


def serve() -> None:
    """Answer requests on stdin until it closes."""
    from pydicom.pixels import get_decoder
    from pydicom.uid import JPEG2000

    from models.inputs import (  # noqa: F401 - preloaded for the children
        dicom,
        raster,
        text_docx,
        text_pdf,
        worker,
    )
    from models.inputs.wire import unpack_request

    get_decoder(JPEG2000)  # loads the codec plugins
    requests, answers = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while head := requests.read(REQUEST.size):
        line_size, data_size = REQUEST.unpack(head)
        request = unpack_request(requests.read(line_size))
        data = requests.read(data_size)
        readable, writable = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(readable)
            worker.restrict(request.limits)
            with os.fdopen(writable, "wb") as out:
                for part in worker.answer(data, request):
                    out.write(part)
            os._exit(0)
        os.close(writable)
        reply, timed_out = _collect(child, readable, request.limits.wall_seconds)
        _, status, usage = os.wait4(child, 0)
        code, peak = os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024
        answers.write(ANSWER.pack(code, timed_out, peak, len(reply)) + reply)
        answers.flush()


def _collect(child: int, readable: int, seconds: float) -> tuple[bytes, bool]:
    """Read until the child closes its end; kill it when the time is over."""
    parts, deadline, timed_out = [], time.monotonic() + seconds, False
    with os.fdopen(readable, "rb", buffering=0) as pipe:
        while True:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                os.kill(child, signal.SIGKILL)
                timed_out = True
                break
            part = pipe.read(1 << 20)
            if not part:
                break
            parts.append(part)
    return b"".join(parts), timed_out


class ForkServer:
    """Client side: start the server, decode, stop it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            (sys.executable, "-P", "-s", __file__),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )

    def ask(self, line: bytes, data: bytes) -> Answer:
        """Have one packed request answered by a forked child."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(REQUEST.pack(len(line), len(data)) + line + data)
        self.process.stdin.flush()
        code, timed_out, peak, size = ANSWER.unpack(self.process.stdout.read(ANSWER.size))
        reply = self.process.stdout.read(size)
        return Answer(reply=reply, code=code, timed_out=timed_out, peak_bytes=peak)

    def close(self) -> None:
        """End the server."""
        self.process.communicate()


if __name__ == "__main__":
    serve()
