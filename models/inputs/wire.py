"""How the two processes talk: one line of JSON, then raw bytes. No pickle in either direction."""

import dataclasses
import json
from typing import Any, Final, TypeAlias

import numpy as np

from models.errors import (
    DecodeError,
    FrameChoiceError,
    InputError,
    TooLargeError,
)
from models.inputs.film import ROW_DIRECTIONS, Film, Pixels, Request
from models.inputs.limits import Limits
from models.inputs.text_document import Document, DocumentLimits, DocumentRequest

AnyRequest: TypeAlias = Request | DocumentRequest
MAX_LINE: Final = 65_536
_ERRORS: Final[dict[str, type[InputError]]] = {
    cls.__name__: cls for cls in (InputError, DecodeError, TooLargeError)
}


class WireError(Exception):
    """The answer is not one that `pack_film`, `pack_document` or `pack_error` wrote."""


def pack_request(request: AnyRequest) -> bytes:
    """The first line to the decoding process, before the file. The file's name is never sent."""
    fields = {"asks": type(request).__name__, **dataclasses.asdict(request)}
    return json.dumps(fields).encode() + b"\n"


def unpack_request(line: bytes) -> AnyRequest:
    """Inverse of `pack_request`."""
    fields = json.loads(line)
    if fields["asks"] == DocumentRequest.__name__:
        return DocumentRequest(limits=DocumentLimits(**fields["limits"]))
    return Request(
        frame=fields["frame"], window=fields["window"], limits=Limits(**fields["limits"])
    )


def pack_film(film: Film) -> tuple[bytes, bytes]:
    """Header line and raw little-endian float32 pixels."""
    fields = {
        field.name: getattr(film, field.name)
        for field in dataclasses.fields(film)
        if field.name != "pixels"
    }
    line = json.dumps({"shape": film.pixels.shape, **fields}).encode() + b"\n"
    return line, film.pixels.astype("<f4", copy=False).tobytes()


def pack_document(document: Document) -> tuple[bytes, bytes]:
    """Header line and the text in UTF-8; half a surrogate pair becomes U+FFFD."""
    line = json.dumps({"remarks": document.remarks}).encode() + b"\n"
    return line, document.text.encode("utf-16", "surrogatepass").decode(
        "utf-16", "replace"
    ).encode()


def pack_error(error: InputError) -> bytes:
    """An error as a header line."""
    fields: dict[str, object] = {"error": type(error).__name__, "message": error.message}
    fields["hint"] = error.hint
    if isinstance(error, FrameChoiceError):
        fields["n_frames"] = error.n_frames
    return json.dumps(fields).encode() + b"\n"


def unpack(reply: bytes, limits: Limits) -> Film:
    """The decoded film, or raise the error that the decoding process sent.

    Raises:
        InputError: As sent.
        WireError: The process ended before it had answered, or answered nonsense.
    """
    fields, start = _header(reply)
    try:
        rows, columns = (int(side) for side in fields["shape"])
        limits.check_size(rows, columns)
        pixels = np.frombuffer(reply, dtype="<f4", offset=start).reshape(rows, columns)
        return _film(fields, pixels)
    except (ValueError, KeyError, TypeError) as error:
        raise WireError from error


def unpack_document(reply: bytes) -> Document:
    """The document's text, or raise the error that the decoding process sent; see `unpack`."""
    fields, start = _header(reply)
    try:
        return Document(text=reply[start:].decode(), remarks=tuple(map(str, fields["remarks"])))
    except (ValueError, KeyError, TypeError) as error:
        raise WireError from error


def _header(reply: bytes) -> tuple[dict[str, Any], int]:
    """The header line's fields and where the rest begins, or raise the error that was sent."""
    end = reply.find(b"\n", 0, MAX_LINE)
    try:
        fields = json.loads(reply[: max(end, 0)])
        if "error" in fields:
            raise _error(fields)
    except (ValueError, KeyError, TypeError) as error:
        raise WireError from error
    return fields, end + 1


def _error(fields: dict[str, Any]) -> InputError:
    if fields["error"] == FrameChoiceError.__name__:
        return FrameChoiceError(int(fields["n_frames"]))
    return _ERRORS[fields["error"]](str(fields["message"]), str(fields["hint"]))


def _film(fields: dict[str, Any], pixels: Pixels) -> Film:
    spacing = fields["spacing_mm"]
    return Film(
        pixels=pixels,
        row_direction=ROW_DIRECTIONS.get(str(fields["row_direction"])),
        spacing_mm=None if spacing is None else (float(spacing[0]), float(spacing[1])),
        header=tuple((str(label), str(value)) for label, value in fields["header"]),
        remarks=tuple(map(str, fields["remarks"])),
        window_choices=tuple(map(str, fields["window_choices"])),
        window_index=int(fields["window_index"]),
        n_frames=int(fields["n_frames"]),
        frame_index=int(fields["frame_index"]),
    )
