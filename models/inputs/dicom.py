"""DICOM -> Film. Runs only inside the decoding process, which catches whatever a codec throws."""

import io
import zlib
from typing import Final

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from models.errors import DecodeError, TooLargeError
from models.inputs import dicom_header as header
from models.inputs.dicom_grayscale import Rendering, render_grey
from models.inputs.dicom_pixels import check_layout, read_stored, syntax_of, to_grey
from models.inputs.film import Film, Request
from models.inputs.grayscale import StoredValues
from models.inputs.limits import MIB, Limits

# Storage SOP classes of projection radiographs, and of pictures taken of them.
_RADIOGRAPHS: Final[dict[str, str]] = {
    "1.2.840.10008.5.1.4.1.1.1": "computed radiography",
    "1.2.840.10008.5.1.4.1.1.1.1": "digital X-ray",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "digital X-ray",
    "1.2.840.10008.5.1.4.1.1.1.2": "mammogram",
    "1.2.840.10008.5.1.4.1.1.1.2.1": "mammogram",
    "1.2.840.10008.5.1.4.1.1.1.3": "intra-oral X-ray",
    "1.2.840.10008.5.1.4.1.1.1.3.1": "intra-oral X-ray",
    "1.2.840.10008.5.1.4.1.1.7": "secondary capture",
    "1.2.840.10008.5.1.4.1.1.7.1": "secondary capture",
    "1.2.840.10008.5.1.4.1.1.7.2": "secondary capture",
    "1.2.840.10008.5.1.4.1.1.7.3": "secondary capture",
    "1.2.840.10008.5.1.4.1.1.7.4": "secondary capture",
}
_GREY: Final = ("MONOCHROME1", "MONOCHROME2")
_META_START: Final = 132  # 128 bytes of preamble, then "DICM"
_INFLATE_STEP: Final = MIB
_PIXEL_DATA_TAGS: Final = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")  # little, big endian


def decode(data: bytes, request: Request) -> Film:
    """Decode one frame of a DICOM file.

    Raises:
        DecodeError: Not a radiograph, no pixels, a layout or compression that is not supported,
            damage.
        TooLargeError: More bytes, pixels or frames than the limits allow; nothing was decoded.
        FrameChoiceError: Several frames and none chosen.
        InputError: A window that the file does not offer.
    """
    dataset = _read(data, request.limits)
    kind = _radiograph_kind(dataset)
    _check_pixels(data, dataset)
    check_layout(dataset, request.limits)
    syntax = syntax_of(dataset)
    n_frames = max(1, header.whole(dataset, "NumberOfFrames", 1))
    frame = request.limits.choose_frame(n_frames, request.frame)
    stored = read_stored(dataset, frame, n_frames)
    rendering = _render(dataset, stored, request.window)
    spacing_mm, spacing_words = header.spacing(dataset)
    facts = (
        ("Kind", f"DICOM, {kind}"),
        *header.facts(dataset),
        ("Window", rendering.window),
        ("Size", f"{stored.shape[0]} x {stored.shape[1]} pixels"),
        ("Pixel spacing", spacing_words),
        ("Compression", syntax.name),
    )
    return Film(
        pixels=np.ascontiguousarray(np.clip(rendering.pixels, 0, 1), dtype=np.float32),
        spacing_mm=spacing_mm,
        row_direction=header.row_direction(dataset),
        header=facts,
        remarks=(*rendering.remarks, *header.warnings_of(dataset)),
        window_choices=rendering.choices,
        window_index=rendering.index,
        n_frames=n_frames,
        frame_index=frame,
    )


def _render(dataset: Dataset, stored: StoredValues, window: int | None) -> Rendering:
    """Stored values -> grey, by the colour model."""
    if stored.ndim == 2 and header.term(dataset, "PhotometricInterpretation") in _GREY:
        return render_grey(dataset, stored, window)
    remark = "The film is stored in colour; its luminance was taken."
    return Rendering(pixels=to_grey(dataset, stored), remarks=(remark,))


def _read(data: bytes, limits: Limits) -> Dataset:
    """Parse the allow-listed attributes only."""
    try:
        _check_inflation(data, limits)
        dataset = dcmread(io.BytesIO(data), specific_tags=list(header.ALLOWED))
    except (InvalidDicomError, zlib.error, EOFError) as error:
        raise DecodeError("The DICOM file is damaged or cut off.", "Export it again.") from error
    return dataset


def _check_pixels(data: bytes, dataset: Dataset) -> None:
    """Tell a file without pixels from one that ends within them, which dcmread does not."""
    if "PixelData" in dataset:
        return
    if any(tag in data for tag in _PIXEL_DATA_TAGS):
        raise DecodeError("The DICOM file is cut off within its pixels.", "Copy it again.")
    raise DecodeError(
        "The DICOM file holds no pixels: it is a header alone, or cut off before them.",
        "Export it again with its image.",
    )


def _check_inflation(data: bytes, limits: Limits) -> None:
    """Refuse a deflated file that grows beyond the limit; dcmread would inflate it whole."""
    stream = io.BytesIO(data)
    stream.seek(_META_START)
    meta = read_dataset(
        stream,
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=lambda tag, _vr, _length: tag >> 16 != 2,
    )
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    rest, size = data[stream.tell() :], 0
    while rest and not inflater.eof:
        size += len(inflater.decompress(rest, _INFLATE_STEP))
        rest = inflater.unconsumed_tail
        if size > limits.max_inflated:
            raise TooLargeError(
                f"The compressed DICOM file grows beyond {limits.max_inflated / MIB:,.0f} MiB.",
                "Export a single film.",
            )


def _radiograph_kind(dataset: Dataset) -> str:
    """In words; anything else than a radiograph is refused."""
    sop_class = header.term(dataset, "SOPClassUID") or header.term(
        dataset.file_meta, "MediaStorageSOPClassUID"
    )
    if sop_class not in _RADIOGRAPHS:
        raise DecodeError(
            "The DICOM file is not marked as a radiograph (computed or digital X-ray, mammogram or "
            "secondary capture).",
            "Choose a projection X-ray.",
        )
    return _RADIOGRAPHS[sop_class]
