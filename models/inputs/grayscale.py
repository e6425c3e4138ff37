"""The DICOM grey-scale pipeline on plain numbers: modality, VOI, polarity. numpy only.

Order (PS3.3 C.7.6.3, C.11.1, C.11.2; PS3.4 N.2): stored values -> padding mask -> modality
transform -> VOI (look-up table or window) -> polarity -> P-values in [0, 1]. Nothing passes
through 8 bits.
"""

from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from models.inputs.film import Pixels

StoredValues: TypeAlias = npt.NDArray[np.integer]
Mask: TypeAlias = npt.NDArray[np.bool_]
WindowFunction: TypeAlias = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]

# Beyond these, a slope, intercept or window is damage, and float32 would overflow.
LARGEST: Final = 1e12
SMALLEST: Final = 1e-9

_PERCENTILES: Final = (0.5, 99.5)
_PERCENTILE_SAMPLES: Final = 2_000_000  # enough for 1e-3 of the quantile; sorting 40 million is not


class Modality(Protocol):
    """Stored values -> values in the unit that windows are written in."""

    def apply(self, values: Pixels) -> Pixels:
        """Transform (H, W) float32; may work in place."""
        ...


class Voi(Protocol):
    """Values of interest: modality values -> [0, 1]."""

    @property
    def label(self) -> str:
        """In words for the user; numbers and closed vocabulary only."""
        ...

    def apply(self, values: Pixels) -> Pixels:
        """Transform (H, W) float32; may work in place."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescale:
    """Rescale slope and intercept (PS3.3 C.11.1.1.2)."""

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, values: Pixels) -> Pixels:
        """Values * slope + intercept."""
        values *= np.float32(self.slope)
        values += np.float32(self.intercept)
        return values


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LookupTable:
    """A modality or VOI look-up table (PS3.3 C.11.1.1, C.11.2.1.1).

    Attributes:
        first: Input value of the first entry; smaller inputs get it, larger ones the last entry.
        bits: Bits per entry; 2**bits - 1 is white.
        entries: (n,) float32.
        label: In words.
    """

    first: int
    bits: int
    entries: Pixels
    label: str = "look-up table"

    def apply(self, values: Pixels) -> Pixels:
        """The entry of every value, in the table's own unit."""
        index = np.rint(values - np.float32(self.first))
        np.clip(index, 0, len(self.entries) - 1, out=index)
        entries: Pixels = self.entries[index.astype(np.int32)]
        return entries


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoiTable:
    """A VOI look-up table whose white is 2**bits - 1."""

    table: LookupTable
    label: str

    def apply(self, values: Pixels) -> Pixels:
        """Entries scaled to [0, 1]."""
        grey: Pixels = self.table.apply(values)
        grey /= np.float32(2**self.table.bits - 1)
        return np.clip(grey, 0, 1, out=grey)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A window (PS3.3 C.11.2.1.2 and C.11.2.1.3).

    Attributes:
        center: In modality values.
        width: >= 1 for LINEAR, > 0 otherwise.
        function: VOI LUT function.
        name: Words put before the numbers.
    """

    center: float
    width: float
    function: WindowFunction = "LINEAR"
    name: str = ""

    @property
    def label(self) -> str:
        """For example "15000 / 30000" (centre / width)."""
        numbers = f"{self.center:.6g} / {self.width:.6g}"
        kind = "" if self.function == "LINEAR" or self.name else f" ({self.function})"
        return f"{self.name} ({numbers})" if self.name else numbers + kind

    @property
    def valid(self) -> bool:
        """Whether the standard defines this window, and float32 can compute it."""
        smallest = 1.0 if self.function == "LINEAR" else SMALLEST
        return abs(self.center) <= LARGEST and smallest <= self.width <= LARGEST

    def apply(self, values: Pixels) -> Pixels:
        """Window to [0, 1]."""
        if self.function == "SIGMOID":
            exponent = (values - np.float32(self.center)) * np.float32(-4 / self.width)
            grey: Pixels = 1 / (1 + np.exp(np.clip(exponent, -80, 80)))
            return grey
        center, width = self.center, self.width
        if self.function == "LINEAR":
            center, width = center - 0.5, width - 1
        values -= np.float32(center)
        if width == 0:  # LINEAR of width 1 is a threshold
            return (values > 0).astype(np.float32)
        values /= np.float32(width)
        values += np.float32(0.5)
        return np.clip(values, 0, 1, out=values)


def auto_window(values: Pixels, padding: Mask | None) -> Window:
    """Percentiles 0.5 and 99.5 of the unpadded modality values, as an exact linear window."""
    inside = values.ravel() if padding is None else values[~padding]
    inside = inside[:: max(1, inside.size // _PERCENTILE_SAMPLES)]
    low, high = (float(value) for value in np.percentile(inside, _PERCENTILES))
    return _span(low, high, "auto window")


def full_range(stored_limits: tuple[int, int], modality: Modality) -> Window:
    """Everything that the stored bits could hold, as an exact linear window."""
    ends = modality.apply(np.array([stored_limits], dtype=np.float32))
    if isinstance(modality, LookupTable):
        ends = modality.entries
    return _span(float(ends.min()), float(ends.max()), "full range")


def _span(low: float, high: float, name: str) -> Window:
    width = high - low if high > low else 1.0
    return Window(center=(low + high) / 2, width=width, function="LINEAR_EXACT", name=name)


def is_inverted(photometric: str, presentation_shape: str) -> bool:
    """Whether small values are bright after VOI; true means invert, exactly once.

    The presentation shape INVERSE is defined for MONOCHROME1 and says the same thing, so the two
    never add up; the shape IDENTITY states that the output already is in P-values.
    """
    if presentation_shape == "INVERSE":
        return True
    return photometric == "MONOCHROME1" and presentation_shape != "IDENTITY"
