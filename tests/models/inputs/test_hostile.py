"""Hostile and broken uploads: each gets its own sentence, and none costs more than the limits."""

import io
import struct
import sys
import zipfile

import numpy as np
import pytest
from pydicom import Dataset, Sequence
from pydicom.uid import JPEG2000, MPEG2MPML, JPEGBaseline8Bit, JPEGLosslessSV1, RLELossless

from models.errors import DecodeError, FrameChoiceError, InputError, TooLargeError
from models.inputs.film import Request
from models.inputs.image import decode_image
from models.inputs.limits import MIB, Limits
from models.inputs.wire import pack_request
from tests.models.inputs import builders
from tests.models.inputs.builders import (
    dataset_of,
    dicom_bytes,
    encapsulated,
    image_bytes,
    to_bytes,
)
from tests.models.inputs.conftest import Decode
from tests.models.inputs.fork_server import ForkServer

SIDE = 30_000
GREY = np.arange(4096, dtype=np.uint16).reshape(64, 64)


PLAIN = dicom_bytes()
PIXELS = b"\xe0\x7f\x10\x00"  # the tag of PixelData


def zip_bytes() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("film.dcm", "x" * 200)
    return out.getvalue()


def without(keyword: str) -> bytes:
    dataset = dataset_of(GREY)
    delattr(dataset, keyword)
    return to_bytes(dataset)


def rle_stream(n_pixels: int) -> bytes:
    return struct.pack("<16I", 1, 64, *[0] * 14) + b"\x81\x00" * (n_pixels // 128)


def nested(depth: int) -> bytes:
    """Sequences within sequences, written by hand: pydicom itself cannot write this deep."""
    plain = dicom_bytes()
    opened = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    end = builders.meta_end(plain)
    return plain[:end] + opened * depth + plain[end:]


# name -> (file, error, words of the sentence)
BROKEN: dict[str, tuple[bytes, type[InputError], str]] = {
    "zero bytes": (b"", DecodeError, "empty"),
    "text file": (b"PatientName: nobody\n" * 9, DecodeError, "text file"),
    "zip renamed to .dcm": (zip_bytes(), DecodeError, "ZIP archive"),
    "PDF": (b"%PDF-1.7\n\xff", DecodeError, "PDF"),
    "noise": (bytes(range(256)) * 4, DecodeError, "unknown kind"),
    "DICOM without file header": (
        PLAIN[builders.meta_end(PLAIN) :],
        DecodeError,
        "without its file header",
    ),
    "truncated PNG": (image_bytes(GREY, "png")[:120], DecodeError, "PNG file is cut off"),
    "truncated JPEG": (
        image_bytes(GREY.astype(np.uint8), "jpeg")[:-500],
        DecodeError,
        "JPEG file is cut off",
    ),
    "truncated TIFF": (image_bytes(GREY, "tiff")[:90], DecodeError, "TIFF file is"),
    "truncated DICOM": (dicom_bytes()[:-1000], DecodeError, "7,192 of 8,192 bytes"),
    "DICOM that ends in its header": (
        PLAIN[: PLAIN.index(PIXELS) - 30],
        DecodeError,
        "holds no pixels",
    ),
    "DICOM that ends at its pixels": (
        PLAIN[: PLAIN.index(PIXELS) + 6],
        DecodeError,
        "cut off within its pixels",
    ),
    "missing PixelData": (without("PixelData"), DecodeError, "holds no pixels"),
    "missing Rows": (without("Rows"), DecodeError, "rows and columns"),
    "missing BitsAllocated": (without("BitsAllocated"), DecodeError, "for each pixel"),
    "more rows than bytes": (
        dicom_bytes(extra={"Rows": 6000}),
        DecodeError,
        "cut off: 8,192 of 768,000 bytes",
    ),
    "rows and columns at their maximum": (
        dicom_bytes(extra={"Rows": 65535, "Columns": 65535}),
        TooLargeError,
        "65,535 x 65,535",
    ),
    "two billion frames": (
        dicom_bytes(extra={"NumberOfFrames": "2000000000"}),
        TooLargeError,
        "2,000,000,000 frames",
    ),
    "high bit in the wrong place": (dicom_bytes(extra={"HighBit": 15}), DecodeError, "High Bit"),
    "five samples per pixel": (dicom_bytes(extra={"SamplesPerPixel": 5}), DecodeError, "samples"),
    "unknown colour model": (
        dicom_bytes(extra={"PhotometricInterpretation": "HSV"}),
        DecodeError,
        "colour model",
    ),
    "not a radiograph": (
        dicom_bytes(extra={"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}),
        DecodeError,
        "not marked as a radiograph",
    ),
    "unsupported transfer syntax": (
        encapsulated(b"\0" * 64, MPEG2MPML, rows=8, columns=8),
        DecodeError,
        "MPEG2",
    ),
    "unknown transfer syntax": (
        encapsulated(b"\0" * 64, MPEG2MPML, rows=8, columns=8).replace(
            MPEG2MPML.encode(), b"1.2.840.99999.1.2.4.100"
        ),
        DecodeError,
        "is unknown",
    ),
    "JPEG Lossless without its codec": (
        encapsulated(b"\0" * 64, JPEGLosslessSV1, rows=8, columns=8),
        DecodeError,
        "requirements-jpeg-lossless.txt",
    ),
    "JPEG larger than its header": (
        encapsulated(
            image_bytes(np.zeros((600, 600), np.uint8), "jpeg"),
            JPEGBaseline8Bit,
            rows=64,
            columns=64,
        ),
        DecodeError,
        "says 600 x 600",
    ),
    "JPEG without a size": (
        encapsulated(b"\xff\xd8" + bytes(60), JPEGBaseline8Bit, rows=8, columns=8),
        DecodeError,
        "does not state its size",
    ),
    "corrupt RLE": (  # pylibjpeg-rle panics: no subclass of Exception
        encapsulated(struct.pack("<16I", 1, 4_000_000, *[0] * 14), RLELossless, rows=8, columns=8),
        DecodeError,
        "damaged or unusual",
    ),
    "100,000 nested sequences": (nested(100_000), DecodeError, "nested too deeply"),
    "too many bytes": (b"\x89PNG\r\n\x1a\n" + bytes(64 * MIB), TooLargeError, "64 MiB"),
}

BOMBS: dict[str, tuple[bytes, type[InputError], str]] = {
    "PNG": (builders.png_bomb(SIDE), TooLargeError, "30,000 x 30,000"),
    "deflated DICOM": (builders.deflated_bomb(SIDE), TooLargeError, "beyond 256 MiB"),
    "deflated DICOM, honest size": (builders.deflated_bomb(19_000), TooLargeError, "beyond"),
    "RLE": (
        encapsulated(rle_stream(SIDE * SIDE), RLELossless, rows=SIDE, columns=SIDE),
        TooLargeError,
        "30,000 x 30,000",
    ),
    "JPEG 2000": (
        encapsulated(builders.jpeg2000_bomb(20_000), JPEG2000, rows=20_000, columns=20_000),
        TooLargeError,
        "20,000 x 20,000",
    ),
    "JPEG 2000 under a small header": (
        encapsulated(builders.jpeg2000_bomb(20_000), JPEG2000, rows=64, columns=64),
        DecodeError,
        "says 20,000 x 20,000",
    ),
}
LARGEST: dict[str, bytes] = {  # just below the limits: must decode, within them
    "PNG": builders.png_bomb(6_000),
    "JPEG 2000": encapsulated(builders.jpeg2000_bomb(6_000), JPEG2000, rows=6_000, columns=6_000),
    "deflated DICOM": builders.deflated_bomb(6_000),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_gets_its_own_sentence(decode: Decode, name: str) -> None:
    data, error, words = BROKEN[name]
    with pytest.raises(error) as caught:
        decode(data)
    assert words in str(caught.value)
    assert caught.value.message.count(". ") == 0
    assert caught.value.message.endswith(".")


def test_sentences_differ(decode: Decode) -> None:
    sentences = set()
    for data, _, _ in BROKEN.values():
        with pytest.raises(InputError) as caught:
            decode(data)
        sentences.add(caught.value.message)
    assert len(sentences) >= len(BROKEN) - 1  # without pixels and cut off before them: one sentence


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_ends_within_the_limits(fork_server: ForkServer, name: str) -> None:
    data, error, words = BOMBS[name]
    answer = fork_server.ask(pack_request(Request()), data)
    assert answer.peak_bytes < 2048 * MIB
    assert not answer.timed_out
    with pytest.raises(error, match=words):  # and through the real thing: a fresh interpreter
        decode_image(data, name=name)


@pytest.mark.parametrize("name", LARGEST)
def test_largest_accepted_film_stays_within_the_limits(fork_server: ForkServer, name: str) -> None:
    answer = fork_server.ask(pack_request(Request()), LARGEST[name])
    assert answer.reply.startswith(b'{"shape": [6000, 6000]')
    assert answer.peak_bytes < 1024 * MIB


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not enforce RLIMIT_AS")
def test_memory_limit_holds_in_the_child(decode: Decode) -> None:
    small = Limits(memory_bytes=200 * MIB)
    with pytest.raises(TooLargeError, match="more than 200 MiB of memory"):
        decode(builders.png_bomb(6_000), Request(limits=small))


def test_multi_frame_dicom_asks_which(decode: Decode) -> None:
    frames = np.stack([GREY, GREY[::-1], GREY // 2])
    data = dicom_bytes(frames, extra={"NumberOfFrames": "3"})
    with pytest.raises(FrameChoiceError) as caught:
        decode(data)
    assert caught.value.n_frames == 3
    film = decode(data, Request(frame=1, window=1))
    np.testing.assert_allclose(film.pixels, GREY[::-1] / 4095, atol=1e-6)
    with pytest.raises(FrameChoiceError):
        decode(data, Request(frame=3))


def test_a_window_that_does_not_exist_is_refused(decode: Decode) -> None:
    with pytest.raises(InputError, match="Window 9 does not exist"):
        decode(dicom_bytes(), Request(window=9))


def test_private_and_deep_but_harmless_sequences_are_skipped(decode: Decode) -> None:
    inner = Dataset()
    inner.PatientName = "x"
    extra = {"ReferencedImageSequence": Sequence([inner])}
    assert decode(dicom_bytes(extra=extra)).pixels.shape == (64, 64)
