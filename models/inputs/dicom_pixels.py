"""Stored pixel values of one DICOM frame: which codec, how large, how many bits.

Runs only inside the decoding process. Codecs are chosen here by name, so that one which merely
happens to be installed (python-gdcm aborted the whole process on mutated files) is never tried.
"""

import importlib.util
from typing import Final

import numpy as np
from pydicom import Dataset, uid
from pydicom.encaps import get_frame
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array

from models.errors import DecodeError
from models.inputs.codestream import stream_size
from models.inputs.dicom_header import term, whole
from models.inputs.film import Pixels
from models.inputs.grayscale import StoredValues
from models.inputs.limits import Limits
from models.inputs.raster import luminance

_NATIVE: Final = frozenset(
    {
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
    }
)
_PLUGINS: Final[dict[str, str]] = {
    uid.JPEGBaseline8Bit: "pillow",
    uid.JPEGExtended12Bit: "pillow",  # its 8-bit form; the 12-bit form needs the GPL codec
    uid.JPEGLSLossless: "pyjpegls",
    uid.JPEGLSNearLossless: "pyjpegls",
    uid.JPEG2000Lossless: "pylibjpeg",
    uid.JPEG2000: "pylibjpeg",
    uid.RLELossless: "pylibjpeg",
}
_NEEDS_GPL: Final = frozenset({uid.JPEGLossless, uid.JPEGLosslessSV1})
_COLOUR: Final = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"})
_MAX_COMPONENTS: Final = 4


def check_layout(dataset: Dataset, limits: Limits) -> None:
    """Refuse what cannot be decoded or would cost too much, by the header alone.

    Raises:
        DecodeError: A pixel layout that is not supported.
        TooLargeError: More rows and columns than allowed.
    """
    rows, columns = whole(dataset, "Rows", 0), whole(dataset, "Columns", 0)
    if rows < 1 or columns < 1:
        raise DecodeError("The DICOM file does not state its rows and columns.", "Export it again.")
    limits.check_size(rows, columns)
    stored, allocated = whole(dataset, "BitsStored", 0), whole(dataset, "BitsAllocated", 0)
    if allocated not in (8, 16) or not 1 <= stored <= allocated:
        raise DecodeError(
            f"The DICOM file stores {stored} bits in {allocated} for each pixel; "
            "up to 16 bits in 8 or 16 are accepted.",
            "Export it as an 8- to 16-bit film.",
        )
    if whole(dataset, "HighBit", stored - 1) != stored - 1:
        raise DecodeError(
            "The DICOM file places its bits in a way that was retired from the standard "
            "(High Bit is not Bits Stored - 1).",
            "Export it again with current software.",
        )
    if whole(dataset, "SamplesPerPixel", 1) not in (1, 3):
        raise DecodeError("The DICOM file has neither one nor three samples per pixel.")


def syntax_of(dataset: Dataset) -> uid.UID:
    """The transfer syntax, if the installed codecs can decode it.

    Raises:
        DecodeError: They cannot; the sentence names the syntax or the optional codec.
    """
    syntax = uid.UID(str(getattr(dataset, "file_meta", Dataset()).get("TransferSyntaxUID", "")))
    if syntax in _NATIVE or _plugin(syntax, whole(dataset, "BitsStored", 0)):
        return syntax
    if syntax in _NEEDS_GPL or syntax == uid.JPEGExtended12Bit:
        raise DecodeError(
            f"The film is compressed as {_title(syntax)}, whose codec is under the GPL and not "
            "installed by default.",
            "Install it with: pip install -r requirements-jpeg-lossless.txt, "
            "or export the film uncompressed.",
        )
    raise DecodeError(
        f"The transfer syntax of the DICOM file is {_title(syntax)}, which is not supported.",
        "Export it uncompressed or as JPEG 2000.",
    )


def _title(syntax: uid.UID) -> str:
    """Name in the DICOM dictionary; an unknown identifier is not repeated."""
    return syntax.name if syntax.name != syntax else "unknown"


def _plugin(syntax: uid.UID, bits_stored: int) -> str | None:
    twelve_bit = syntax == uid.JPEGExtended12Bit and bits_stored > 8
    if syntax in _NEEDS_GPL or twelve_bit:
        return "pylibjpeg" if importlib.util.find_spec("libjpeg") else None
    return _PLUGINS.get(syntax)


def read_stored(dataset: Dataset, frame: int, n_frames: int) -> StoredValues:
    """Stored values of one frame, masked to the bits stored.

    Returns:
        (rows, columns), or (rows, columns, 3) RGB.

    Raises:
        DecodeError: Bytes are missing, or a compressed frame contradicts the header.
    """
    syntax = syntax_of(dataset)
    if syntax in _NATIVE:
        _check_native_length(dataset, n_frames)
        return pixel_array(dataset, index=frame)
    if syntax != uid.RLELossless:  # RLE has no size of its own; it is decoded into the header's
        _check_stream(dataset, frame, n_frames)
    plugin = _plugin(syntax, whole(dataset, "BitsStored", 0)) or ""
    return pixel_array(dataset, index=frame, decoding_plugin=plugin)


def _check_native_length(dataset: Dataset, n_frames: int) -> None:
    """Say how much is missing, rather than fail somewhere inside."""
    samples = whole(dataset, "SamplesPerPixel", 1)
    per_sample = whole(dataset, "BitsAllocated", 16) // 8
    pixels = whole(dataset, "Rows", 0) * whole(dataset, "Columns", 0)
    if term(dataset, "PhotometricInterpretation") == "YBR_FULL_422":
        samples = 2
    needed = pixels * samples * per_sample * n_frames
    if len(dataset.PixelData) < needed:
        raise DecodeError(
            f"The DICOM file is cut off: {len(dataset.PixelData):,} of {needed:,} bytes of pixels "
            "are there.",
            "Export or copy it again.",
        )


def _check_stream(dataset: Dataset, frame: int, n_frames: int) -> None:
    """The codec believes the stream, not the header whose size was checked: they must agree."""
    encoded = get_frame(dataset.PixelData, frame, number_of_frames=n_frames)
    size = stream_size(encoded)
    if size is None:
        raise DecodeError(
            "The compressed image in the DICOM file is damaged: it does not state its size.",
            "Export it again.",
        )
    rows, columns = whole(dataset, "Rows", 0), whole(dataset, "Columns", 0)
    if (size.rows, size.columns) != (rows, columns) or size.components > _MAX_COMPONENTS:
        raise DecodeError(
            f"The compressed image says {size.rows:,} x {size.columns:,} pixels but the DICOM "
            f"header says {rows:,} x {columns:,}.",
            "Export it again.",
        )


def to_grey(dataset: Dataset, stored: StoredValues) -> Pixels:
    """Luminance in [0, 1] of a colour frame: (rows, columns, 3) RGB, or (rows, columns) palette.

    Raises:
        DecodeError: The colour model is none of these.
    """
    model = term(dataset, "PhotometricInterpretation")
    if model == "PALETTE COLOR" and stored.ndim == 2:
        coloured = apply_color_lut(stored, dataset)
        return luminance(coloured[..., :3]) / np.float32(np.iinfo(coloured.dtype).max)
    if model in _COLOUR and stored.ndim == 3:  # pydicom and the codecs have made RGB of them
        return luminance(stored) / np.float32(2 ** whole(dataset, "BitsStored", 8) - 1)
    raise DecodeError(
        "The colour model of the DICOM file is not supported.", "Export it as a grey film."
    )
