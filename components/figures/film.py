"""The film as an 8-bit picture, and lossless PNG bytes. Radiographs are never stored as JPEG."""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

# More pixels than any panel shows at full width; keeps a film near 0.5 MB.
LONG_SIDE: Final = 1024


def film_image(pixels: npt.NDArray[np.float32], *, long_side: int = LONG_SIDE) -> Image.Image:
    """Turn a film (H, W) in [0, 1] into an 8-bit picture of at most `long_side` pixels.

    Averaging happens in floating point before the one rounding to 8 bit.
    """
    height, width = pixels.shape
    scale = min(1.0, long_side / max(height, width))
    picture = Image.fromarray(np.asarray(pixels, dtype=np.float32))
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = picture.resize(size, Image.Resampling.BOX, reducing_gap=None)
    levels = np.clip(np.asarray(picture) * 255.0 + 0.5, 0.0, 255.0)
    return Image.fromarray(levels.astype(np.uint8))


def png_bytes(picture: Image.Image) -> bytes:
    """Encode without loss."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()
