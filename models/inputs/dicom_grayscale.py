"""Stored values -> P-values by what a DICOM data set says. Only inside the decoding process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from pydicom import Dataset

from models.errors import DecodeError, InputError
from models.inputs.dicom_header import numbers, term, whole
from models.inputs.film import Pixels
from models.inputs.grayscale import (
    LARGEST,
    SMALLEST,
    LookupTable,
    Mask,
    Modality,
    Rescale,
    StoredValues,
    Voi,
    VoiTable,
    Window,
    WindowFunction,
    auto_window,
    full_range,
    is_inverted,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rendering:
    """Grey values and how they came about.

    Attributes:
        pixels: (H, W) float32, larger = brighter.
        choices: Windows on offer, in words.
        index: The one used.
        remarks: For the user.
    """

    pixels: Pixels
    choices: tuple[str, ...] = ()
    index: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def window(self) -> str:
        """The window used, in words."""
        return self.choices[self.index] if self.choices else "none (colour)"


def render_grey(dataset: Dataset, stored: StoredValues, wanted: int | None) -> Rendering:
    """Stored values -> P-values.

    Args:
        dataset: For its transforms.
        stored: (H, W) stored values of a MONOCHROME1 or MONOCHROME2 frame.
        wanted: Index into the windows on offer: the file's own, then "auto window" and "full
            range". None takes the first, or the full range of 8 bits that come without a window.

    Raises:
        InputError: There is no such window.
        DecodeError: The rescale is impossible.
        ValueError: A look-up table contradicts its descriptor.
    """
    remarks = []
    padding = _padding(dataset, stored)
    if padding is not None:
        remarks.append("Padding around the image is shown black and left out of the auto window.")
    modality = read_modality(dataset)
    values = modality.apply(stored.astype(np.float32))
    own = read_voi(dataset)
    everything = full_range(_stored_limits(dataset), modality)
    choices: list[Voi] = [*own, auto_window(values, padding), everything]
    # Eight bits without a window are as a display shows them: the same pixels as the film as PNG.
    displayed = not own and whole(dataset, "BitsStored", 16) <= 8
    index = int(displayed) if wanted is None else wanted
    if not 0 <= index < len(choices):
        raise InputError(f"Window {index} does not exist.", f"Choose 0 to {len(choices) - 1}.")
    if not own and not displayed:
        remarks.append("The file states no window; brightness was set from the pixels themselves.")
    pixels = choices[index].apply(values)
    photometric = term(dataset, "PhotometricInterpretation")
    if is_inverted(photometric, term(dataset, "PresentationLUTShape")):
        pixels = 1 - pixels
        remarks.append(f"Stored as {photometric} (small values are bright): inverted once.")
    if padding is not None:
        pixels[padding] = 0
    labels = tuple(choice.label for choice in choices)
    return Rendering(pixels=pixels, choices=labels, index=index, remarks=tuple(remarks))


def _padding(dataset: Dataset, stored: StoredValues) -> Mask | None:
    """Where padding lies (PS3.3 C.7.5.1.1.2); None if nowhere, or if it would leave nothing."""
    value = numbers(dataset, "PixelPaddingValue")
    if not value:
        return None
    limit = numbers(dataset, "PixelPaddingRangeLimit")
    ends = [_as_stored(dataset, int(end)) for end in (*value[:1], *limit[:1])]
    mask = (stored >= min(ends)) & (stored <= max(ends))
    return mask if mask.any() and not mask.all() else None


def _as_stored(dataset: Dataset, value: int) -> int:
    """Undo an unsigned encoding (VR US) of a negative padding value."""
    allocated = whole(dataset, "BitsAllocated", 16)
    lowest, highest = _stored_limits(dataset)
    return value - 2**allocated if lowest < 0 and value > highest else value


def _stored_limits(dataset: Dataset) -> tuple[int, int]:
    bits = whole(dataset, "BitsStored", 16)
    if whole(dataset, "PixelRepresentation", 0) == 1:
        return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    return 0, 2**bits - 1


def read_modality(dataset: Dataset) -> Modality:
    """Look-up table if there is one, else slope and intercept, else identity.

    Raises:
        DecodeError: A slope of zero, or numbers that overflow.
        ValueError: A look-up table that contradicts its descriptor.
    """
    items = dataset.get("ModalityLUTSequence") or []
    if len(items):
        return read_table(items[0])
    slope = (numbers(dataset, "RescaleSlope") or [1.0])[0]
    intercept = (numbers(dataset, "RescaleIntercept") or [0.0])[0]
    if not (SMALLEST <= abs(slope) <= LARGEST and abs(intercept) <= LARGEST):
        raise DecodeError(
            "The rescale slope or intercept of the DICOM file makes no sense.", "Export it again."
        )
    return Rescale(slope=slope, intercept=intercept)


def read_voi(dataset: Dataset) -> list[VoiTable | Window]:
    """The file's own look-up tables, then its valid windows, in file order."""
    items = dataset.get("VOILUTSequence") or []
    tables = [
        VoiTable(table=read_table(item), label=f"look-up table {number}")
        for number, item in enumerate(items, start=1)
    ]
    stated = term(dataset, "VOILUTFunction")
    function: WindowFunction = "LINEAR"
    for known in get_args(WindowFunction):
        if stated == known:
            function = known
    pairs = zip(numbers(dataset, "WindowCenter"), numbers(dataset, "WindowWidth"), strict=False)
    windows = [Window(center=center, width=width, function=function) for center, width in pairs]
    return [*tables, *(window for window in windows if window.valid)]


def read_table(item: Dataset) -> LookupTable:
    """One item of a LUT sequence (PS3.3 C.11.1.1.1): descriptor is entries, first value, bits.

    Raises:
        ValueError: Descriptor and data do not fit.
    """
    n_entries, first, bits = (int(value) for value in item.LUTDescriptor)
    n_entries = n_entries % 65536 or 65536  # 0 means 65,536, which 16 bits cannot hold
    if not 1 <= bits <= 16:
        raise ValueError("look-up table with impossible depth")
    entries = _entries(item["LUTData"].value, n_entries)
    return LookupTable(first=first, bits=bits, entries=entries)


def _entries(data: bytes | Sequence[int] | int, n_entries: int) -> np.ndarray:
    """LUT data comes as numbers (VR US) or as bytes (VR OW), one or two bytes an entry."""
    if isinstance(data, bytes):
        dtype = "<u2" if len(data) >= 2 * n_entries else "u1"
        values = np.frombuffer(data, dtype=dtype)
    else:
        values = np.atleast_1d(np.asarray(data))
    if len(values) < n_entries:
        raise ValueError("look-up table shorter than its descriptor says")
    return (values[:n_entries].astype(np.int64) & 0xFFFF).astype(np.float32)
