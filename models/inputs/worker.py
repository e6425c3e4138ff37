"""The decoding process: a request and a file on stdin, one answer on stdout, then it ends.

Started by `sandbox`, one process a file. It imports neither torch nor streamlit, takes its limits
before it reads a byte of the file, and never repeats what a decoder says: those messages quote it.
"""

import logging
import os
import sys
import warnings
from collections.abc import Iterable
from contextlib import suppress

from models.errors import DecodeError, InputError, TooLargeError
from models.inputs.film import Film, Request
from models.inputs.limits import MIB, ProcessLimits
from models.inputs.sniff import TITLES, require_kind
from models.inputs.text_document import Document, DocumentRequest
from models.inputs.text_sniff import TEXT_TITLES, require_text_kind
from models.inputs.wire import (
    MAX_LINE,
    AnyRequest,
    pack_document,
    pack_error,
    pack_film,
    unpack_request,
)


def main() -> None:
    """Answer one request and exit."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a codec that prints would otherwise write into the answer
    request = unpack_request(sys.stdin.buffer.readline(MAX_LINE))
    restrict(request.limits)
    for part in answer(sys.stdin.buffer.read(), request):
        answers.write(part)
    answers.flush()


def restrict(limits: ProcessLimits) -> None:
    """Limit this process where the system allows it, and silence what would quote the file."""
    logging.disable(logging.CRITICAL)  # pydicom logs raw values
    warnings.simplefilter("ignore")
    with suppress(ImportError):  # Windows has no resource module: the wall clock has to do
        import resource

        bounds = {
            resource.RLIMIT_AS: (limits.memory_bytes, limits.memory_bytes),
            resource.RLIMIT_CPU: (limits.cpu_seconds, limits.cpu_seconds + 1),  # SIGXCPU, SIGKILL
            resource.RLIMIT_CORE: (0, 0),  # a core dump would hold the film
            resource.RLIMIT_FSIZE: (0, 0),  # no file is ever written
        }
        for kind, bound in bounds.items():
            with suppress(ValueError, OSError):  # macOS refuses some of them
                resource.setrlimit(kind, bound)


def answer(data: bytes, request: AnyRequest) -> Iterable[bytes]:
    """What to send back: film, text or one clear sentence; never raises because of the file."""
    try:
        if isinstance(request, DocumentRequest):
            return pack_document(read_document(data, request))
        return pack_film(decode(data, request))
    except BaseException as error:  # noqa: BLE001 - a Rust codec's PanicException is no Exception
        return (pack_error(_in_words(error, data, request)),)


def decode(data: bytes, request: Request) -> Film:
    """Decode in this process. Hostile files need the limits and the parent around it."""
    request.limits.check_bytes(len(data))
    kind = require_kind(data)
    if kind == "dicom":  # the imports are lazy: a PNG does not wait for pydicom
        from models.inputs import dicom

        return dicom.decode(data, request)
    from models.inputs import raster

    return raster.decode(data, kind, request)


def read_document(data: bytes, request: DocumentRequest) -> Document:
    """Read the text in this process. Hostile files need the limits and the parent around it."""
    limits = request.limits
    limits.check_bytes(len(data))
    if require_text_kind(data) == "pdf":
        from models.inputs import text_pdf

        document = text_pdf.read(data, limits)
    else:
        from models.inputs import text_docx

        document = text_docx.read(data, limits)
    limits.check_characters(len(document.text))
    return document


def _in_words(error: BaseException, data: bytes, request: AnyRequest) -> InputError:
    """Our own sentences pass; everything else is replaced, because it may quote the file."""
    if isinstance(error, InputError):
        return error
    if isinstance(error, MemoryError):
        return TooLargeError(
            f"Decoding the file needs more than {request.limits.memory_bytes / MIB:,.0f} MiB of "
            "memory.",
            request.instead,
        )
    if isinstance(request, DocumentRequest):
        title, again = TEXT_TITLES[require_text_kind(data)], request.instead
    else:
        title, again = TITLES[require_kind(data)], "Export it again, uncompressed if possible."
    if isinstance(error, RecursionError):
        return DecodeError(f"The {title} file is nested too deeply.", again)
    return DecodeError(
        f"The {title} file is damaged or unusual and cannot be decoded ({type(error).__name__}).",
        again,
    )


if __name__ == "__main__":
    main()
