"""Runs one decoding process per file, and survives whatever happens in it. Imports no decoder.

A fresh interpreter and not a fork: the caller is a thread of a process with torch in it, where a
forked child can inherit a lock that nobody will release.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from models.errors import DecodeError, InputError
from models.inputs.film import Film, Request
from models.inputs.text_document import Document, DocumentRequest
from models.inputs.wire import (
    MAX_LINE,
    AnyRequest,
    WireError,
    pack_request,
    unpack,
    unpack_document,
)

_ROOT: Final = Path(__file__).resolve().parents[2]
_COMMAND: Final = (sys.executable, "-P", "-s", "-m", "models.inputs.worker")
# The environment may hold secrets; only what finding the libraries can need is handed on.
_INHERITED: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_SLOTS: Final = threading.BoundedSemaphore(2)  # of up to 2 GiB each
_BYTES_PER_PIXEL: Final = 4
_BYTES_PER_CHARACTER: Final = 4  # of UTF-8, at most
_SIGXCPU: Final = int(getattr(signal, "SIGXCPU", 1 << 16))  # Windows has none

Answer = TypeVar("Answer", Film, Document)

logger = logging.getLogger(__name__)


def run(data: bytes, request: Request) -> Film:
    """Decode a film in a child process.

    Args:
        data: The file.
        request: What the user chose, and the limits.

    Raises:
        InputError: In one sentence, why there is no film: as the child said, or because it took
            too long, used too much memory, or died.
    """
    at_most = _BYTES_PER_PIXEL * request.limits.max_pixels
    return _run(data, request, at_most, lambda reply: unpack(reply, request.limits))


def run_document(data: bytes, request: DocumentRequest) -> Document:
    """Read the text of a file in a child process; as `run` otherwise."""
    at_most = _BYTES_PER_CHARACTER * request.limits.max_characters
    return _run(data, request, at_most, unpack_document)


def _run(data: bytes, request: AnyRequest, at_most: int, read: Callable[[bytes], Answer]) -> Answer:
    """Have a child answer with at most so many bytes, and read its answer."""
    if not _SLOTS.acquire(timeout=request.limits.slot_seconds):
        raise InputError(
            "Too many files are being decoded at the moment.", "Try again in a minute."
        )
    try:
        reply, code, timed_out = _converse(data, request, at_most)
    finally:
        _SLOTS.release()
    try:
        return read(reply)
    except WireError as error:
        logger.warning("decoder died code=%d timed_out=%s bytes=%d", code, timed_out, len(data))
        raise _death(code, request, timed_out=timed_out) from error


def _converse(data: bytes, request: AnyRequest, at_most: int) -> tuple[bytes, int, bool]:
    """Send the file, read at most one answer: (reply, exit code, whether time ran out)."""
    expired = threading.Event()
    with subprocess.Popen(  # noqa: S603 - a fixed command; the file comes on stdin
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # codecs quote the file there
        env=_environment(),
        start_new_session=True,
    ) as child:

        def expire() -> None:
            expired.set()
            child.kill()

        timer = threading.Timer(request.limits.wall_seconds, expire)
        feeder = threading.Thread(target=_feed, args=(child, pack_request(request), data))
        timer.start()
        feeder.start()
        try:
            reply = _read(child, MAX_LINE + at_most)
            code = child.wait()
        finally:
            child.kill()
            timer.cancel()
            feeder.join()
    return reply, code, expired.is_set()


def _read(child: "subprocess.Popen[bytes]", at_most: int) -> bytes:
    """Everything the child says; a child that says more is no decoder any more."""
    if child.stdout is None:
        return b""
    reply = child.stdout.read(at_most + 1)
    if len(reply) > at_most:
        child.kill()
    return reply


def _feed(child: "subprocess.Popen[bytes]", *parts: bytes) -> None:
    """Write and close stdin; a child that has already died is not an error here."""
    if child.stdin is None:
        return
    with suppress(BrokenPipeError), child.stdin as pipe:
        for part in parts:
            pipe.write(part)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",  # its threads would each reserve address space
        "OMP_NUM_THREADS": "1",
    }


def _death(code: int, request: AnyRequest, *, timed_out: bool) -> DecodeError:
    """One sentence for a child that ended without an answer."""
    limits = request.limits
    if timed_out:
        return DecodeError(
            f"Decoding the file took longer than {limits.wall_seconds:g} s and was stopped.",
            request.instead,
        )
    if code == -_SIGXCPU:
        return DecodeError(
            f"Decoding took over {limits.cpu_seconds} s of processor time and was stopped.",
            request.instead,
        )
    return DecodeError(
        "The file made its decoder crash; nothing else was affected.",
        request.instead,
    )
