"""Sizes read from compressed streams, against what the encoders were given."""

import io

import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import get_frame
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from models.inputs.codestream import StreamSize, stream_size
from models.inputs.dicom_pixels import _PLUGINS
from tests.models.inputs.builders import dataset_of, image_bytes, jpeg2000_bomb

PIXELS = np.zeros((80, 48), np.uint8)
COLOUR = np.zeros((80, 48, 3), np.uint8)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless])
def test_dicom_codecs(syntax: str) -> None:
    dataset = dataset_of(PIXELS)
    dataset.compress(syntax, generate_instance_uid=False)
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    assert stream_size(frame) == StreamSize(80, 48, 1)


@pytest.mark.parametrize(("pixels", "components"), [(PIXELS, 1), (COLOUR, 3)])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg(pixels: np.ndarray, components: int, *, progressive: bool) -> None:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", progressive=progressive, comment=b"\xff\xc0 decoy")
    assert stream_size(out.getvalue()) == StreamSize(80, 48, components)


@pytest.mark.parametrize("between", [b"\xff\xff", b"rubbish"])
def test_what_codecs_skip_between_markers(between: bytes) -> None:
    plain = image_bytes(PIXELS, "jpeg")
    assert stream_size(plain[:2] + between + plain[2:]) == StreamSize(80, 48, 1)


def test_jpeg2000_in_its_file_wrapper() -> None:
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "JPEG2000", no_jp2=False)
    assert stream_size(out.getvalue()) == StreamSize(80, 48, 1)


def test_bomb_tells_its_size() -> None:
    assert stream_size(jpeg2000_bomb(20_000)) == StreamSize(20_000, 20_000, 1)


def test_streams_without_a_size() -> None:
    dataset = dataset_of(PIXELS)
    dataset.compress(RLELossless, generate_instance_uid=False)
    rle = get_frame(dataset.PixelData, 0, number_of_frames=1)
    jpeg = image_bytes(PIXELS, "jpeg")
    for stream in (
        rle,
        b"",
        b"\xff\xd8",
        b"\xff\xd8\x00\x00" + bytes(99),
        jpeg[:20],
        b"\xff\x4f\xff\x51",
    ):
        assert stream_size(stream) is None


def test_no_codec_that_aborts_the_process_is_ever_named() -> None:
    assert "gdcm" not in _PLUGINS.values()
    assert all(_PLUGINS.values())  # "" would let pydicom try whatever is installed
