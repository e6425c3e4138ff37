"""PNG, JPEG and TIFF: scaling, colour, transparency, orientation, pages."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from models.errors import DecodeError, FrameChoiceError, InputError
from models.inputs.film import Request
from tests.models.inputs.builders import image_bytes, png_chunk
from tests.models.inputs.conftest import Decode

GREY = np.arange(256, dtype=np.uint8).reshape(16, 16)
DEEP = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_eight_bit_grey_is_divided_by_255(decode: Decode, kind: str) -> None:
    film = decode(image_bytes(GREY, kind))
    np.testing.assert_allclose(film.pixels, GREY / 255, atol=1e-7)
    assert film.remarks == ()


def test_jpeg_matches_pillow(decode: Decode) -> None:
    data = image_bytes(GREY, "jpeg")
    assert np.abs(decode(data).pixels - GREY / 255).max() < 0.05


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_sixteen_bit_grey_does_not_clip(decode: Decode, kind: str) -> None:
    film = decode(image_bytes(DEEP, kind))
    np.testing.assert_allclose(film.pixels, DEEP / 65535, atol=1e-6)


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_twelve_bits_in_a_sixteen_bit_file_are_not_black(decode: Decode, kind: str) -> None:
    values = (np.arange(256, dtype=np.uint16) * 16 + 15).reshape(16, 16)
    film = decode(image_bytes(values, kind))
    np.testing.assert_allclose(film.pixels, values / 4095, atol=1e-6)
    assert film.remarks == ("Only 12 of 16 bits are in use; 4,095 was taken as white.",)


def test_white_is_zero_tiff_is_inverted_once(decode: Decode) -> None:
    data = bytearray(image_bytes(DEEP, "tiff"))
    entry = data.find(b"\x06\x01\x03\x00\x01\x00\x00\x00\x01\x00")  # tag 262, SHORT, 1 value: 1
    assert entry > 0
    data[entry + 8] = 0
    film = decode(bytes(data))
    np.testing.assert_allclose(film.pixels, 1 - DEEP / 65535, atol=1e-6)
    assert "inverted" in film.remarks[0]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr"])
def test_every_mode_becomes_luminance(decode: Decode, mode: str) -> None:
    colours = np.zeros((16, 16, 3), np.uint8)
    colours[:, :8] = (200, 100, 50)
    picture = Image.fromarray(colours).convert(mode)
    kind = "tiff" if mode in ("CMYK", "YCbCr") else "png"
    film = decode(image_bytes(picture, kind))
    expected = np.asarray(picture.convert("RGB")).astype(float) @ [0.299, 0.587, 0.114] / 255
    np.testing.assert_allclose(film.pixels, expected, atol=1.5 / 255)
    assert bool(film.remarks) == (mode not in ("1", "L"))


def test_transparency_is_laid_on_black(decode: Decode) -> None:
    pixels = np.full((4, 4, 4), 255, np.uint8)
    pixels[:2, :, 3] = 0
    film = decode(image_bytes(pixels, "png"))
    assert film.pixels[:2].max() == 0
    assert film.pixels[2:].min() == pytest.approx(1)
    assert "transparency" in film.remarks[0]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff"])
def test_exif_orientation_is_applied_and_told(decode: Decode, kind: str, orientation: int) -> None:
    pixels = np.zeros((16, 24), np.uint8)
    pixels[:8, :8] = 255
    data = image_bytes(pixels, kind, orientation=orientation)
    picture = Image.fromarray(pixels)
    picture.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(picture)) / 255
    film = decode(data)
    assert film.pixels.shape == expected.shape
    assert np.abs(film.pixels - expected).max() < 0.1
    assert any("orientation" in remark for remark in film.remarks) is (orientation > 1)


def pages(kind: str) -> bytes:
    out = io.BytesIO()
    frames = [Image.fromarray(np.full((4, 4), value, np.uint8)) for value in (0, 51, 255)]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize("kind", ["TIFF", "PNG"])
def test_several_frames_ask_which(decode: Decode, kind: str) -> None:
    with pytest.raises(FrameChoiceError) as caught:
        decode(pages(kind))
    assert caught.value.n_frames == 3
    with pytest.raises(FrameChoiceError):
        decode(pages(kind), Request(frame=3))
    film = decode(pages(kind), Request(frame=1))
    assert film.pixels.mean() == pytest.approx(0.2)
    assert (film.n_frames, film.frame_index) == (3, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_pixels_without_a_defined_white_are_refused(decode: Decode, dtype: type) -> None:
    with pytest.raises(DecodeError, match="black and white are not defined"):
        decode(image_bytes(GREY.astype(dtype), "tiff"))


def test_sixteen_bit_colour_is_told(decode: Decode) -> None:
    head = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    body = zlib.compress(b"\0" + struct.pack(">6H", 65535, 0, 0, 0, 0, 65535))
    parts = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    film = decode(b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in parts))
    assert film.pixels.ravel().tolist() == pytest.approx([0.299, 0.114])
    assert any("16-bit colours" in remark for remark in film.remarks)


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff"])
def test_every_truncation_ends_in_a_sentence(decode: Decode, kind: str) -> None:
    data = image_bytes(np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8), kind)
    for end in range(12, len(data) - 16, max(1, len(data) // 40)):
        with pytest.raises(InputError):
            decode(data[:end])
