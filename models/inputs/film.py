"""What the decoding process is asked and what it answers. numpy only; imports no decoder."""

from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from models.inputs.limits import LIMITS, Limits

Pixels: TypeAlias = npt.NDArray[np.float32]
RowDirection: TypeAlias = Literal["L", "R"]  # the side of the patient that rows run towards
ROW_DIRECTIONS: Final[dict[str, RowDirection]] = {"L": "L", "R": "R"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user chose beside the file itself.

    Attributes:
        frame: 0-based frame of a multi-frame file, None when not asked yet.
        window: Index into the file's window choices, None for the file's own default.
        limits: What decoding may cost.
        instead: What to do with a file that ends its decoding process.
    """

    frame: int | None = None
    window: int | None = None
    limits: Limits = LIMITS
    instead: ClassVar[str] = "Export it uncompressed or at a lower resolution."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Film:
    """One decoded frame; the fields are those of `models.case.ImagePayload` and `Case.remarks`.

    Attributes:
        pixels: (H, W) float32 in [0, 1], larger = brighter, C-contiguous.
        spacing_mm: (row, column) millimetres per pixel, None when unknown.
        row_direction: Side of the patient that image rows run towards, None when not stated.
        header: (label, value) pairs in display order, values from closed vocabularies or numbers.
        remarks: Sentences about what decoding did or could not tell.
        window_choices: Windows on offer, in words.
        window_index: The one used.
        n_frames: Frames in the file.
        frame_index: The one decoded.
    """

    pixels: Pixels
    spacing_mm: tuple[float, float] | None = None
    row_direction: RowDirection | None = None
    header: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    window_choices: tuple[str, ...] = ()
    window_index: int = 0
    n_frames: int = 1
    frame_index: int = 0
