"""Fetches one file of known content, on request only, and keeps it.

Over https from the named host and no other: no redirect is followed. Nothing is written before
size and SHA-256 are right, and the kept copy is checked again whenever it is read.
"""

import hashlib
import http.client
import ipaddress
import logging
import os
import ssl
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from models.errors import InputError

CHUNK: Final = 65_536
OTHER_HINT: Final = "Choose another sample, or upload a film of your own."

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file on the internet whose content is known.

    Attributes:
        url: https, spaces quoted.
        sha256: Hex digest of the content.
        n_bytes: Its exact size; nothing beyond is read.
    """

    url: str
    sha256: str
    n_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, in seconds.

    Attributes:
        silence: For the connection, and for the next bytes.
        total: For the whole file.
    """

    silence: float = 15.0
    total: float = 60.0


PATIENCE: Final = Patience()


def cache_folder() -> Path:
    """Where fetched samples are kept.

    $CONSILIUM_CACHE/samples, else consilium/samples under $XDG_CACHE_HOME or ~/.cache.
    """
    own = os.environ.get("CONSILIUM_CACHE")
    if own:
        return Path(own).expanduser() / "samples"
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = shared if shared.is_absolute() else Path.home() / ".cache"  # as the XDG standard says
    return base / "consilium" / "samples"


def is_cached(file: RemoteFile) -> bool:
    """Whether a copy of the right size is kept; its content is checked by `read_cached`."""
    try:
        return (cache_folder() / file.sha256).stat().st_size == file.n_bytes
    except OSError:
        return False


def read_cached(file: RemoteFile) -> bytes:
    """The kept copy, checked.

    Raises:
        InputError: There is none, or it is damaged (then it is deleted).
    """
    path = cache_folder() / file.sha256
    try:
        with path.open("rb") as stream:
            data = stream.read(file.n_bytes + 1)
    except OSError as error:
        raise InputError(
            "This sample is on the internet and was not fetched yet.", "Fetch it first."
        ) from error
    if hashlib.sha256(data).hexdigest() != file.sha256:
        path.unlink(missing_ok=True)
        raise InputError(
            "The kept copy of this sample was damaged and has been deleted.", "Fetch it again."
        )
    return data


def fetch(
    file: RemoteFile, *, patience: Patience = PATIENCE, allow_loopback_http: bool = False
) -> None:
    """Download, check, keep.

    Args:
        file: What.
        patience: How long to wait.
        allow_loopback_http: Accept http from this machine itself: for tests with a local server.

    Raises:
        InputError: In one sentence, why not; nothing is kept then.
    """
    _check_address(file.url, allow_loopback_http=allow_loopback_http)
    data = _download(file, patience)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise InputError(
            "What was downloaded is not this sample (its SHA-256 differs) and was thrown away.",
            OTHER_HINT,
        )
    _keep(file, data)
    logger.info("fetched sha256=%s bytes=%d", file.sha256, len(data))


def _check_address(url: str, *, allow_loopback_http: bool) -> None:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        return
    if allow_loopback_http and parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return
    raise InputError("This sample's address is not https, so it is not fetched.", OTHER_HINT)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect to be reported as the error that it is here."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        """Follow nothing."""


def _download(file: RemoteFile, patience: Patience) -> bytes:
    """The body; every failure of the network becomes one sentence."""
    opener = urllib.request.build_opener(_NoRedirect)
    request = urllib.request.Request(file.url, headers={"User-Agent": "Consilium"})  # noqa: S310
    try:
        with opener.open(request, timeout=patience.silence) as response:
            return _read(response, file, patience)
    except urllib.error.HTTPError as error:
        error.close()
        raise _refused(error.code) from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(error) from error


def _read(response: http.client.HTTPResponse, file: RemoteFile, patience: Patience) -> bytes:
    deadline = time.monotonic() + patience.total
    body = bytearray()
    while chunk := response.read1(CHUNK):  # read() would wait for all of CHUNK, however slow
        body += chunk
        if len(body) > file.n_bytes:
            raise InputError(
                f"The server sends more than this sample's {file.n_bytes:,} bytes.", OTHER_HINT
            )
        if time.monotonic() > deadline:
            raise InputError(
                f"The download took longer than {patience.total:g} seconds.",
                "Try again, or choose another sample.",
            )
    if len(body) < file.n_bytes:
        raise InputError(
            f"The download broke off after {len(body):,} of {file.n_bytes:,} bytes.", "Try again."
        )
    return bytes(body)


def _refused(code: int) -> InputError:
    if 300 <= code < 400:
        return InputError("The server points elsewhere, which is not followed.", OTHER_HINT)
    return InputError(f"The server does not hand out this sample (HTTP {code}).", OTHER_HINT)


def _unreachable(error: Exception) -> InputError:
    if isinstance(getattr(error, "reason", error), ssl.SSLError):
        return InputError(
            "The server of this sample could not prove who it is (TLS certificate).", OTHER_HINT
        )
    return InputError(
        "This sample is on the internet, and this machine cannot reach it.",
        "Connect it, or choose a sample that is available.",
    )


def _keep(file: RemoteFile, data: bytes) -> None:
    """Write under another name, then rename: no reader ever sees half a file."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix="part-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(name).replace(folder / file.sha256)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            "The fetched sample could not be kept: the cache folder cannot be written.",
            "Set CONSILIUM_CACHE to a folder that can.",
        ) from error
