"""What one upload may cost: bytes, pixels, frames, memory and time. Imports no decoder."""

from dataclasses import dataclass
from typing import Final

from models.errors import FrameChoiceError, TooLargeError

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """What decoding one file may cost, whatever is in it.

    Attributes:
        max_bytes: Size of the file.
        memory_bytes: Address space of the decoding process (not enforced by macOS).
        cpu_seconds: Processor time of the decoding process.
        wall_seconds: Time after which the decoding process is killed.
        slot_seconds: Time to wait while other uploads are being decoded.
    """

    max_bytes: int = 64 * MIB
    memory_bytes: int = 2048 * MIB
    cpu_seconds: int = 10
    wall_seconds: float = 20.0
    slot_seconds: float = 60.0

    def check_bytes(self, n_bytes: int) -> None:
        """Refuse a file above `max_bytes`."""
        if n_bytes > self.max_bytes:
            raise TooLargeError(
                f"The file has {n_bytes / MIB:,.0f} MiB; at most {self.max_bytes / MIB:,.0f} MiB "
                "are accepted.",
                "Export a smaller part of it, or compress it.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(ProcessLimits):
    """Bounds that hold for every uploaded film.

    The largest digital radiographs are mammograms of 4,096 x 5,928 pixels (24 megapixels, 49 MB).

    Attributes:
        max_pixels: Rows x columns of one frame.
        max_side: Rows or columns.
        max_frames: Frames in one file; only one of them is ever decoded.
        max_inflated: Bytes after undoing the "deflated" transfer syntax.
    """

    max_pixels: int = 40_000_000
    max_side: int = 20_000
    max_frames: int = 1_000
    max_inflated: int = 256 * MIB

    def check_size(self, rows: int, columns: int) -> None:
        """Refuse a frame above `max_pixels` or `max_side`, before anything is decoded."""
        if rows * columns > self.max_pixels or max(rows, columns) > self.max_side:
            raise TooLargeError(
                f"The image has {rows:,} x {columns:,} pixels; at most "
                f"{self.max_pixels / 1e6:,.0f} million and {self.max_side:,} a side are accepted.",
                "Export it at a lower resolution.",
            )

    def choose_frame(self, n_frames: int, wanted: int | None) -> int:
        """The frame to decode.

        Args:
            n_frames: Frames the file claims, >= 1.
            wanted: The user's choice, 0-based; None when not asked yet.

        Raises:
            TooLargeError: More than `max_frames`.
            FrameChoiceError: Several frames and no (valid) choice.
        """
        if n_frames > self.max_frames:
            raise TooLargeError(
                f"The file claims {n_frames:,} frames; at most {self.max_frames:,} are accepted.",
                "Export the frame of interest alone.",
            )
        if n_frames == 1:
            return 0
        if wanted is None or not 0 <= wanted < n_frames:
            raise FrameChoiceError(n_frames)
        return wanted


LIMITS: Final = Limits()
