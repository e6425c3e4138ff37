"""DICOM attributes -> the transforms of `grayscale`. Runs only inside the decoding process."""

from collections.abc import Sequence
from typing import get_args

import numpy as np
from pydicom import Dataset

from models.errors import DecodeError
from models.inputs.dicom_header import numbers, term
from models.inputs.grayscale import (
    LARGEST,
    SMALLEST,
    LookupTable,
    Modality,
    Rescale,
    VoiTable,
    Window,
    WindowFunction,
)


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
