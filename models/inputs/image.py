"""Radiograph bytes -> Case: the one public entry for PNG, JPEG, TIFF and DICOM.

The decoders themselves run in a child process (`sandbox`, `worker`); none is imported here.
"""

import logging
from pathlib import PurePath
from typing import Final

from models.case import Case, ImagePayload
from models.inputs import sandbox
from models.inputs.film import Request
from models.inputs.limits import LIMITS, Limits
from models.inputs.sniff import TITLES, ImageKind, probe_kind, require_kind

__all__ = ["decode_image", "probe_kind"]

_SUFFIXES: Final[dict[str, ImageKind]] = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".dcm": "dicom",
    ".dicom": "dicom",
}

logger = logging.getLogger(__name__)


def decode_image(
    data: bytes,
    *,
    name: str,
    frame: int | None = None,
    window: int | None = None,
    limits: Limits = LIMITS,
) -> Case:
    """Decode one radiograph in a short-lived child process.

    Args:
        data: The whole file. What it is, its first bytes say, never its name.
        name: As the user knows it; shown again, never sent to the decoder, logged or keyed on.
        frame: 0-based frame of a multi-frame file.
        window: Index into `payload.window_choices`; None takes the file's own default. Files
            without choices (colour, PNG, JPEG, TIFF) ignore it.
        limits: What decoding may cost.

    Returns:
        A Case whose pixels are float32 in [0, 1], larger = brighter, after the chosen window and
        with the polarity corrected; the digest depends on the pixels alone.

    Raises:
        DecodeError: Not a readable radiograph; the sentence says why.
        TooLargeError: Over a limit.
        FrameChoiceError: The file holds several frames and none was chosen.
        InputError: A window that the file does not offer.
    """
    limits.check_bytes(len(data))
    kind = require_kind(data)
    film = sandbox.run(data, Request(frame=frame, window=window, limits=limits))
    payload = ImagePayload(
        pixels=film.pixels,
        spacing_mm=film.spacing_mm,
        row_direction=film.row_direction,
        header=film.header,
        window_choices=film.window_choices,
        window_index=film.window_index,
        n_frames=film.n_frames,
        frame_index=film.frame_index,
    )
    digest = payload.content_digest()
    logger.info("decoded kind=%s digest=%s rows=%d columns=%d", kind, digest, *film.pixels.shape)
    remarks = (*_mislabelled(name, kind), *film.remarks)
    return Case(digest=digest, name=name, payload=payload, remarks=remarks)


def _mislabelled(name: str, kind: ImageKind) -> tuple[str, ...]:
    """A remark when the name claims another format than the content has."""
    claimed = _SUFFIXES.get(PurePath(name).suffix.lower())
    if claimed in (None, kind):
        return ()
    return (f"The file is named like a {TITLES[claimed]} but is a {TITLES[kind]}.",)
