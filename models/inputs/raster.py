"""PNG, JPEG and TIFF -> Film, through Pillow. Runs only inside the decoding process."""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from models.errors import DecodeError
from models.inputs.film import Film, Pixels, Request
from models.inputs.sniff import TITLES, ImageKind

# Pillow's own bound is four times ours and speaks of attacks; `Limits.check_size` comes first.
Image.MAX_IMAGE_PIXELS = None

_ORIENTATION: Final = 0x0112
_PHOTOMETRIC: Final = 262
_LUMA: Final = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow and JPEG define grey
_COLOUR_MODES: Final = ("RGB", "RGBX", "P", "CMYK", "YCbCr", "LAB")
_ALPHA_MODES: Final = ("RGBA", "LA", "PA", "La", "RGBa")

_FLIPS: Final[dict[int, str]] = {
    2: "mirrored",
    3: "turned by 180 degrees",
    4: "flipped upside down",
    5: "transposed",
    6: "turned by 90 degrees",
    7: "transposed and turned",
    8: "turned by 270 degrees",
}


def decode(data: bytes, kind: ImageKind, request: Request) -> Film:
    """Decode one frame of a PNG, JPEG or TIFF.

    Raises:
        DecodeError: The content is damaged, cut off or of a kind that has no defined grey value.
        TooLargeError: More pixels or frames than the limits allow; nothing was decoded.
        FrameChoiceError: An animated PNG or multi-page TIFF, and no frame was chosen.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=(TITLES[kind],))
        request.limits.check_size(image.height, image.width)
        # A JPEG with several pictures is a phone's "MPO" with previews: the first one is the film.
        n_frames = 1 if kind == "jpeg" else getattr(image, "n_frames", 1)
        frame = request.limits.choose_frame(n_frames, request.frame)
        if frame:
            image.seek(frame)
            request.limits.check_size(image.height, image.width)
        orientation = int(image.getexif().get(_ORIENTATION, 1))
        image.load()
    except UnidentifiedImageError as error:
        raise _damaged(kind) from error
    except (OSError, SyntaxError, EOFError) as error:
        raise _damaged(kind, truncated="truncated" in str(error).lower()) from error
    remarks: list[str] = []
    pixels = _grey(image, data, remarks)
    if orientation in _FLIPS:
        if kind != "tiff":  # Pillow has already turned a TIFF while loading it
            pixels = _upright(pixels, orientation)
        remarks.append(f"The file's EXIF orientation was applied: {_FLIPS[orientation]}.")
    return Film(
        pixels=np.ascontiguousarray(np.clip(pixels, 0, 1), dtype=np.float32),
        header=_facts(kind, pixels.shape),
        remarks=tuple(remarks),
        n_frames=n_frames,
        frame_index=frame,
    )


def _damaged(kind: ImageKind, *, truncated: bool = False) -> DecodeError:
    what = "is cut off: pixels are missing at its end" if truncated else "is damaged"
    return DecodeError(f"The {TITLES[kind]} file {what}.", "Export or copy it again.")


def _grey(image: Image.Image, data: bytes, remarks: list[str]) -> Pixels:
    """(H, W) in [0, 1] from any accepted Pillow mode."""
    mode = image.mode
    if mode == "1":
        return np.asarray(image).astype(np.float32)
    if mode == "L":
        if _white_is_zero(image):
            remarks.append("The TIFF is stored white-is-zero and was inverted.")
        return np.asarray(image).astype(np.float32) / np.float32(255)
    if mode.startswith("I;16"):
        return _sixteen_bit(image, remarks)
    if mode in _ALPHA_MODES or "transparency" in image.info:
        return _flatten(image, remarks)
    if mode in _COLOUR_MODES:
        return _colour(image, data, remarks)
    raise DecodeError(
        "The file stores signed, 32-bit or floating-point pixels, whose black and white are not "
        "defined.",
        "Export it as DICOM or as 8- or 16-bit unsigned grey.",
    )


def _sixteen_bit(image: Image.Image, remarks: list[str]) -> Pixels:
    """Scale by the number of bits in use, so that 12-bit values in a 16-bit file are not black."""
    values = np.asarray(image).astype(np.uint16)
    bits = max(8, int(values.max()).bit_length())
    pixels = values.astype(np.float32) / np.float32(2**bits - 1)
    if bits < 16:
        remarks.append(f"Only {bits} of 16 bits are in use; {2**bits - 1:,} was taken as white.")
    if _white_is_zero(image):
        remarks.append("The TIFF is stored white-is-zero and was inverted.")
        pixels = 1 - pixels
    return pixels


def _white_is_zero(image: Image.Image) -> bool:
    """TIFF only; Pillow inverts these itself for 8 bits but not for 16."""
    tags = getattr(image, "tag_v2", None)
    return tags is not None and tags.get(_PHOTOMETRIC) == 0


def _colour(image: Image.Image, data: bytes, remarks: list[str]) -> Pixels:
    channels = np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
    remarks.append(
        "The picture is stored in colour; its luminance was taken."
        if np.any(channels[..., 0] != channels[..., 1])
        or np.any(channels[..., 1] != channels[..., 2])
        else "The picture is stored in colour but holds only grey."
    )
    if data[:4] == b"\x89PNG" and data[24:25] == b"\x10":
        remarks.append("Its 16-bit colours were read at 8 bits.")
    return luminance(channels) / np.float32(255)


def _flatten(image: Image.Image, remarks: list[str]) -> Pixels:
    """Lay a transparent picture on black."""
    channels = np.asarray(image.convert("RGBA"))
    remarks.append("The picture has transparency; it was laid on black and its luminance taken.")
    alpha = channels[..., 3].astype(np.float32) / np.float32(255)
    return luminance(channels[..., :3]) / np.float32(255) * alpha


def luminance(channels: npt.NDArray[np.integer]) -> Pixels:
    """ITU-R BT.601 luma in the unit of the input; (H, W, 3) -> (H, W) float32."""
    grey: Pixels = np.zeros(channels.shape[:2], dtype=np.float32)
    for index, weight in enumerate(_LUMA):
        grey += channels[..., index] * np.float32(weight)
    return grey


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Undo an EXIF orientation 2-8 (EXIF 2.3, 4.6.4, tag 274)."""
    if orientation >= 5:
        pixels = pixels.T
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


def _facts(kind: ImageKind, shape: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    """The header strip; these formats state nothing about the patient's position."""
    return (
        ("Kind", TITLES[kind]),
        ("View", "not stated"),
        ("Laterality", "not stated"),
        ("Orientation", "not stated"),
        ("Size", f"{shape[0]} x {shape[1]} pixels"),
        ("Pixel spacing", "unknown"),
        ("Burned-in text", "unknown"),
    )
