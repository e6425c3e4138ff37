"""The size that a compressed frame itself claims, read before any codec sees it.

A DICOM header can say 64 x 64 around a JPEG 2000 stream of 20,000 x 20,000 pixels that fits in
1.6 kB and needs 2 GB and 36 s to decode; the codec believes the stream, so the stream is what has
to be checked.
"""

import struct
from typing import Final, NamedTuple

_SOI: Final = b"\xff\xd8"
_J2K_START: Final = b"\xff\x4f\xff\x51"  # SOC, then SIZ, which must come first (ISO 15444-1 A.5.1)
_SOF: Final = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}  # 0xF7: JPEG-LS
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_WRAPPER_BYTES: Final = 4096  # a JP2 box header before the stream is shorter than this


class StreamSize(NamedTuple):
    """What the stream will decode to."""

    rows: int
    columns: int
    components: int


def stream_size(frame: bytes) -> StreamSize | None:
    """Size of a JPEG, JPEG-LS or JPEG 2000 stream; None when no size marker is found.

    Reference:
        ISO/IEC 10918-1 B.2.2 and 14495-1 C.2.2 (SOF), 15444-1 A.5.1 (SIZ).
    """
    if frame[:2] == _SOI:
        return _jpeg_size(frame)
    start = frame.find(_J2K_START, 0, _WRAPPER_BYTES)
    return _jpeg2000_size(frame[start:]) if start >= 0 else None


def _jpeg_size(frame: bytes) -> StreamSize | None:
    position = 2
    while 0 <= position < len(frame) - 9:
        marker = frame[position + 1]
        if frame[position] != 0xFF:  # rubbish, which codecs skip as well
            position = frame.find(b"\xff", position)
        elif marker == 0xFF:  # fill byte
            position += 1
        elif marker in _STANDALONE:
            position += 2
        elif marker in _SOF:
            rows, columns, components = struct.unpack_from(">HHB", frame, position + 5)
            return StreamSize(rows, columns, components)
        else:
            position += 2 + max(2, *struct.unpack_from(">H", frame, position + 2))
    return None


def _jpeg2000_size(stream: bytes) -> StreamSize | None:
    if len(stream) < 42:
        return None
    width, height, left, top = struct.unpack_from(">4I", stream, 8)
    (components,) = struct.unpack_from(">H", stream, 40)
    return StreamSize(height - top, width - left, components)
