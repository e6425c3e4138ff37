"""The grey-scale pipeline against values computed by hand from PS3.3 C.11."""

import numpy as np
import pytest
from pydicom import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from models.errors import DecodeError
from models.inputs.film import Request
from models.inputs.grayscale import LookupTable, VoiTable, Window, is_inverted
from tests.models.inputs.builders import RAMP, dataset_of, dicom_bytes, lut_item, to_bytes
from tests.models.inputs.conftest import Decode

HALF_WINDOW = {"WindowCenter": "1024", "WindowWidth": "1025"}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("LINEAR", [0, 0.125, 0.5, 1, 1]),  # (x - 9.5) / 4 + 0.5
        ("LINEAR_EXACT", [0, 0.1, 0.4, 0.9, 1]),  # (x - 10) / 5 + 0.5
        ("SIGMOID", 1 / (1 + np.exp(-4 * (np.array([0, 8, 9.5, 12, 20]) - 10) / 5))),
    ],
)
def test_window_functions_follow_the_standard(function: str, expected: object) -> None:
    window = Window(center=10, width=5, function=function)  # type: ignore[arg-type]
    values = window.apply(np.array([[0, 8, 9.5, 12, 20]], dtype=np.float32))
    np.testing.assert_allclose(values[0], np.asarray(expected), atol=1e-6)


def test_linear_window_of_width_one_is_a_threshold() -> None:
    values = Window(center=10, width=1).apply(np.array([[9, 9.5, 10]], dtype=np.float32))
    assert values.tolist() == [[0, 0, 1]]


@pytest.mark.parametrize(
    ("width", "function", "valid"),
    [
        (0.5, "LINEAR", False),
        (1, "LINEAR", True),
        (0.5, "LINEAR_EXACT", True),
        (0, "SIGMOID", False),
    ],
)
def test_windows_the_standard_does_not_define_are_invalid(
    width: float,
    function: str,
    valid: bool,  # noqa: FBT001
) -> None:
    assert Window(center=1, width=width, function=function).valid is valid  # type: ignore[arg-type]


def test_lookup_table_clamps_outside_its_range() -> None:
    table = LookupTable(first=-1, bits=8, entries=np.array([5, 6, 255], dtype=np.float32))
    assert table.apply(np.array([[-9, -1, 0, 1, 9]], dtype=np.float32)).tolist() == [
        [5, 5, 6, 255, 255]
    ]
    grey = VoiTable(table=table, label="").apply(np.array([[1]], dtype=np.float32))
    assert grey.tolist() == [[1]]


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted"),
    [
        ("MONOCHROME1", "", True),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME1", "IDENTITY", False),
        ("MONOCHROME2", "", False),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME2", "INVERSE", True),
    ],
)
def test_polarity_is_applied_exactly_once(
    decode: Decode,
    photometric: str,
    shape: str,
    inverted: bool,  # noqa: FBT001
) -> None:
    assert is_inverted(photometric, shape) is inverted
    extra = {"PhotometricInterpretation": photometric, "PresentationLUTShape": shape}
    film = decode(dicom_bytes(extra={**HALF_WINDOW, **extra}))
    assert film.pixels[0, 0] == (1 if inverted else 0)
    assert any("inverted" in remark for remark in film.remarks) is inverted


@pytest.mark.parametrize("bits", range(8, 17))
@pytest.mark.parametrize("signed", [False, True])
def test_every_bit_depth_spans_its_full_range(decode: Decode, bits: int, *, signed: bool) -> None:
    low = -(2 ** (bits - 1)) if signed else 0
    values = np.linspace(low, low + 2**bits - 1, 256).round().reshape(16, 16)
    pixels = values.astype(np.int16 if signed else np.uint16)
    film = decode(dicom_bytes(pixels, bits_stored=bits), Request(window=1))
    assert film.window_choices[1].startswith("full range")
    np.testing.assert_allclose(film.pixels, (values - low) / (2**bits - 1), atol=1e-6)


def test_sixteen_bits_are_not_squeezed_through_eight(decode: Decode) -> None:
    film = decode(dicom_bytes(), Request(window=1))
    assert len(np.unique(film.pixels)) == RAMP.size


def test_bits_above_those_stored_are_ignored(decode: Decode) -> None:
    clean = decode(dicom_bytes(extra=HALF_WINDOW))
    soiled = decode(dicom_bytes(RAMP | 0xA000, extra=HALF_WINDOW))
    np.testing.assert_array_equal(soiled.pixels, clean.pixels)


def test_rescale_comes_before_the_window(decode: Decode) -> None:
    extra = {
        "RescaleSlope": "-2",
        "RescaleIntercept": "100",
        "WindowCenter": "0",
        "WindowWidth": "201",
    }
    film = decode(dicom_bytes(extra=extra))
    expected = np.clip((100 - 2.0 * RAMP + 0.5) / 200 + 0.5, 0, 1)
    np.testing.assert_allclose(film.pixels, expected, atol=1e-6)


def test_modality_table_replaces_the_rescale(decode: Decode) -> None:
    table = lut_item(0, 16, np.arange(4096)[::-1] * 2)
    extra = {"ModalityLUTSequence": Sequence([table]), "RescaleSlope": "7", "RescaleIntercept": "0"}
    film = decode(dicom_bytes(extra={**extra, "WindowCenter": "4095", "WindowWidth": "8191"}))
    np.testing.assert_allclose(
        film.pixels, np.clip((8190 - 2.0 * RAMP - 4094.5) / 8190 + 0.5, 0, 1), atol=1e-6
    )


def test_voi_table_is_the_default_and_the_windows_are_choices(decode: Decode) -> None:
    table = lut_item(1000, 8, np.array([0, 51, 255]))
    extra = {
        "VOILUTSequence": Sequence([table]),
        "WindowCenter": ["1024", "600"],
        "WindowWidth": ["1025", "100"],
    }
    data = dicom_bytes(extra=extra)
    film = decode(data)
    assert [choice.split(" (")[0] for choice in film.window_choices] == [
        "look-up table 1",
        "1024 / 1025",
        "600 / 100",
        "auto window",
        "full range",
    ]
    assert film.pixels.ravel()[[0, 1000, 1001, 1002, 4095]].tolist() == pytest.approx(
        [0, 0, 0.2, 1, 1]
    )
    second = decode(data, Request(window=2))
    assert second.window_index == 2
    np.testing.assert_allclose(second.pixels, np.clip((RAMP - 599.5) / 99 + 0.5, 0, 1), atol=1e-6)


def test_no_window_means_percentiles_and_says_so(decode: Decode) -> None:
    film = decode(dicom_bytes())
    low, high = np.percentile(RAMP, [0.5, 99.5])
    assert film.window_choices[0].startswith("auto window")
    np.testing.assert_allclose(film.pixels, np.clip((RAMP - low) / (high - low), 0, 1), atol=1e-5)
    assert any("no window" in remark for remark in film.remarks)


def test_unusable_windows_are_not_offered(decode: Decode) -> None:
    film = decode(dicom_bytes(extra={"WindowCenter": "5", "WindowWidth": "0"}))
    assert film.window_choices[0].startswith("auto window")


def test_padding_is_black_and_outside_the_percentiles(decode: Decode) -> None:
    pixels = RAMP + 1000
    pixels[:, :20] = 0xFFF0
    extra = {"PixelPaddingValue": 0xFFF0, "PhotometricInterpretation": "MONOCHROME1"}
    film = decode(dicom_bytes(pixels, bits_stored=16, extra=extra))
    assert (film.pixels[:, :20] == 0).all()
    low, high = np.percentile(pixels[:, 20:], [0.5, 99.5])
    expected = 1 - np.clip((pixels[:, 20:].astype(float) - low) / (high - low), 0, 1)
    np.testing.assert_allclose(film.pixels[:, 20:], expected, atol=1e-5)


def test_padding_range_counts_both_ends(decode: Decode) -> None:
    extra = {"PixelPaddingValue": 0, "PixelPaddingRangeLimit": 63}
    film = decode(dicom_bytes(extra={**extra, "RescaleIntercept": "5000", "RescaleSlope": "1"}))
    assert (film.pixels[0] == 0).all()
    assert film.pixels[40].min() > 0


def test_negative_padding_may_be_written_unsigned(decode: Decode) -> None:
    pixels = RAMP.astype(np.int16) - 2000
    data = dicom_bytes(pixels, bits_stored=16, extra={"PixelPaddingValue": -2000})
    assert data.count(b"SS\x02\x00\x30\xf8") == 1
    unsigned = data.replace(b"SS\x02\x00\x30\xf8", b"US\x02\x00\x30\xf8")
    for film in (decode(data), decode(unsigned)):
        assert "Padding" in film.remarks[0]


@pytest.mark.parametrize(
    "extra",
    [
        {"RescaleSlope": "0", "RescaleIntercept": "0"},
        {"RescaleSlope": "1e30", "RescaleIntercept": "0"},
        {"RescaleSlope": "1", "RescaleIntercept": "-1e30"},
    ],
)
def test_impossible_rescale_is_refused(decode: Decode, extra: dict[str, object]) -> None:
    with pytest.raises(DecodeError, match="makes no sense"):
        decode(dicom_bytes(extra=extra))


@pytest.mark.parametrize(
    "extra",
    [
        {"WindowCenter": "1e300", "WindowWidth": "100"},
        {"WindowCenter": "1", "WindowWidth": "1e-300", "VOILUTFunction": "LINEAR_EXACT"},
    ],
)
def test_impossible_window_is_not_offered(decode: Decode, extra: dict[str, object]) -> None:
    film = decode(dicom_bytes(extra=extra))
    assert film.window_choices[0].startswith("auto window")
    assert np.isfinite(film.pixels).all()


def test_a_uniform_film_decodes_without_dividing_by_zero(decode: Decode) -> None:
    film = decode(dicom_bytes(np.full((8, 8), 7, np.uint16)))
    assert np.isfinite(film.pixels).all()


@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
)
def test_uncompressed_syntaxes_give_the_same_pixels(decode: Decode, syntax: str) -> None:
    reference = decode(dicom_bytes(extra=HALF_WINDOW))
    film = decode(dicom_bytes(syntax=syntax, extra=HALF_WINDOW))
    np.testing.assert_array_equal(film.pixels, reference.pixels)


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless])
@pytest.mark.parametrize("signed", [False, True])
def test_lossless_codecs_give_the_same_pixels(decode: Decode, syntax: str, *, signed: bool) -> None:
    pixels = (RAMP.astype(np.int16) - 2048) if signed else RAMP
    extra = {"WindowCenter": "-900" if signed else "1024", "WindowWidth": "1025"}
    plain = dataset_of(pixels, bits_stored=12, extra=extra)
    reference = decode(to_bytes(plain))
    plain.compress(syntax, generate_instance_uid=False)
    np.testing.assert_array_equal(decode(to_bytes(plain)).pixels, reference.pixels)
