"""DICOM -> Film. Runs only inside the decoding process, which catches whatever a codec throws."""

import io
import zlib
from typing import Final

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from models.errors import DecodeError, InputError, TooLargeError
from models.inputs import dicom_header as header
from models.inputs.dicom_grayscale import read_modality, read_voi
from models.inputs.dicom_pixels import check_layout, read_stored, syntax_of, to_grey
from models.inputs.film import Film, Pixels, Request
from models.inputs.grayscale import (
    Mask,
    StoredValues,
    Voi,
    auto_window,
    full_range,
    is_inverted,
)
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
    if header.term(dataset, "PhotometricInterpretation") in _GREY and stored.ndim == 2:
        pixels, choices, index, remarks = _grey(dataset, stored, request.window)
    else:
        pixels, choices, index = to_grey(dataset, stored), (), 0
        remarks = ["The film is stored in colour; its luminance was taken."]
    spacing_mm, spacing_words = header.spacing(dataset)
    facts = (
        ("Kind", f"DICOM, {kind}"),
        ("View", header.view(dataset)),
        ("Laterality", header.laterality(dataset)),
        ("Orientation", header.orientation(dataset)),
        ("Modality", header.modality(dataset)),
        ("Body part", header.body_part(dataset)),
        ("Window", choices[index] if choices else "none (colour)"),
        ("Bits", _bits(dataset)),
        ("Size", f"{pixels.shape[0]} x {pixels.shape[1]} pixels"),
        ("Pixel spacing", spacing_words),
        ("Compression", syntax.name),
        ("Burned-in text", header.burned_in(dataset)),
    )
    return Film(
        pixels=np.ascontiguousarray(np.clip(pixels, 0, 1), dtype=np.float32),
        spacing_mm=spacing_mm,
        row_direction=header.row_direction(dataset),
        header=facts,
        remarks=(*remarks, *header.warnings_of(dataset)),
        window_choices=choices,
        window_index=index,
        n_frames=n_frames,
        frame_index=frame,
    )


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


def _grey(
    dataset: Dataset, stored: StoredValues, wanted: int | None
) -> tuple[Pixels, tuple[str, ...], int, list[str]]:
    """Stored values -> P-values, with the windows on offer, the one used and remarks."""
    remarks: list[str] = []
    padding = _padding(dataset, stored)
    if padding is not None:
        remarks.append("Padding around the image is shown black and left out of the auto window.")
    modality = read_modality(dataset)
    values = modality.apply(stored.astype(np.float32))
    own = read_voi(dataset)
    choices: list[Voi] = [
        *own,
        auto_window(values, padding),
        full_range(_stored_limits(dataset), modality),
    ]
    index = 0 if wanted is None else wanted
    if not 0 <= index < len(choices):
        raise InputError(f"Window {index} does not exist.", f"Choose 0 to {len(choices) - 1}.")
    if not own:
        remarks.append("The file states no window; brightness was set from the pixels themselves.")
    pixels = choices[index].apply(values)
    photometric = header.term(dataset, "PhotometricInterpretation")
    if is_inverted(photometric, header.term(dataset, "PresentationLUTShape")):
        pixels = 1 - pixels
        remarks.append(f"Stored as {photometric} (small values are bright): inverted once.")
    if padding is not None:
        pixels[padding] = 0
    return pixels, tuple(choice.label for choice in choices), index, remarks


def _padding(dataset: Dataset, stored: StoredValues) -> Mask | None:
    """Where padding lies (PS3.3 C.7.5.1.1.2); None if nowhere, or if it would leave nothing."""
    value = header.numbers(dataset, "PixelPaddingValue")
    if not value:
        return None
    limit = header.numbers(dataset, "PixelPaddingRangeLimit")
    ends = [_as_stored(dataset, int(end)) for end in (*value[:1], *limit[:1])]
    mask = (stored >= min(ends)) & (stored <= max(ends))
    return mask if mask.any() and not mask.all() else None


def _as_stored(dataset: Dataset, value: int) -> int:
    """Undo an unsigned encoding (VR US) of a negative padding value."""
    allocated = header.whole(dataset, "BitsAllocated", 16)
    lowest, highest = _stored_limits(dataset)
    return value - 2**allocated if lowest < 0 and value > highest else value


def _stored_limits(dataset: Dataset) -> tuple[int, int]:
    bits = header.whole(dataset, "BitsStored", 16)
    if header.whole(dataset, "PixelRepresentation", 0) == 1:
        return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    return 0, 2**bits - 1


def _bits(dataset: Dataset) -> str:
    sign = "signed" if header.whole(dataset, "PixelRepresentation", 0) == 1 else "unsigned"
    stored, allocated = (header.whole(dataset, key, 0) for key in ("BitsStored", "BitsAllocated"))
    return f"{stored} stored of {allocated}, {sign}"
