"""Our grey values against dcmtk's dcmj2pnm, an independent implementation, within one grey level.

What makes each file comparable:
- a window or look-up table in the file: our default against `+Wi 1` or `+Wl 1`;
- none in the file: our "full range" against `-W`, and our auto window against `+Ww` with the same
  numbers (dcmtk's own percentiles are whole percents, ours are 0.5 %);
- JPEG 2000, which dcmtk cannot read: decompressed first by Pillow (the product uses pylibjpeg);
  JPEG-LS: by dcmdjpls;
- MONOCHROME1, rescale and look-up tables need no option: dcmj2pnm applies them itself;
- colour: the luminance of its RGB output.
dcmtk truncates to 8 bits where we keep the fraction, hence up to one level. Left out: 32-bit files
(refused), JPEG Lossless and 12-bit JPEG (optional codec), SC_rgb_jpeg.dcm (dcmtk cannot read it).
"""

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import Sequence, dcmread
from pydicom.uid import JPEG2000TransferSyntaxes, JPEGLSTransferSyntaxes

from models.inputs.film import Request
from tests.conftest import skip_or_fail
from tests.models.inputs.builders import RAMP, dicom_bytes, lut_item, to_bytes
from tests.models.inputs.conftest import Decode

ONE_LEVEL = 1.0 + 1e-3  # float32 rounding
WINDOWED = [
    *(f"{film}_{kind}.dcm" for film in ("RG1", "RG3") for kind in ("UNCI", "UNCR", "J2KI", "J2KR")),
    "6154",
    "6247",
    "6278",
]
UNWINDOWED = ["mlut_18.dcm", "image_dfl.dcm", "JPEG2000_UNC.dcm", "JPEG2000.dcm"]
UNWINDOWED_LS = ["JPEGLSNearLossless_08.dcm", "JPEGLSNearLossless_16.dcm"]
COLOUR = [
    "SC_rgb.dcm",
    "SC_rgb_16bit.dcm",
    "SC_rgb_expb_16bit.dcm",
    "SC_rgb_rle.dcm",
    "SC_rgb_rle_16bit.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm",
    "SC_rgb_dcmtk_+eb+cr.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "SC_ybr_full_uncompressed.dcm",
    "SC_jpeg_no_color_transform.dcm",
    "SC_rgb_small_odd_jpeg.dcm",
]
SAMPLES = {
    "rg1_cr_pa_monochrome1_15bit_jpeg2000.dcm": ("+Wi", "1"),
    "rg1_half_uncompressed.dcm": ("+Wi", "1"),
    "siim_cr_pa_monochrome2_8bit_jpeg.dcm": ("-W",),
    "siim_fake_monochrome1_tag.dcm": ("-W",),
}


@pytest.fixture(scope="module", autouse=True)
def _dcmtk() -> None:
    if not shutil.which("dcmj2pnm"):
        skip_or_fail("dcmj2pnm is not installed (Debian package dcmtk)")


def oracle(data: bytes, folder: Path, *options: str) -> np.ndarray:
    """Grey levels 0..255, float, of dcmj2pnm."""
    source, target = folder / "in.dcm", folder / "out.png"
    source.write_bytes(_readable_by_dcmtk(data, folder))
    command = ("dcmj2pnm", "--quiet", "--write-png", *options, str(source), str(target))
    subprocess.run(command, check=True, timeout=60)
    levels = np.asarray(Image.open(target)).astype(float)
    return levels @ np.array([0.299, 0.587, 0.114]) if levels.ndim == 3 else levels


def _readable_by_dcmtk(data: bytes, folder: Path) -> bytes:
    dataset = dcmread(io.BytesIO(data))
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax in JPEG2000TransferSyntaxes:
        dataset.decompress(decoding_plugin="pillow", generate_instance_uid=False)
        return to_bytes(dataset)
    if syntax in JPEGLSTransferSyntaxes:
        source, target = folder / "ls.dcm", folder / "plain.dcm"
        source.write_bytes(data)
        subprocess.run(("dcmdjpls", "--quiet", str(source), str(target)), check=True, timeout=60)
        return target.read_bytes()
    return data


def assert_within_one_level(
    decode: Decode,
    data: bytes,
    folder: Path,
    *options: str,
    window: int | None = None,
    tolerance: float = ONE_LEVEL,
) -> None:
    levels = oracle(data, folder, *options)
    film = decode(data, Request(window=window))
    assert film.pixels.shape == levels.shape
    assert np.abs(film.pixels * 255 - levels).max() <= tolerance


@pytest.mark.parametrize("name", WINDOWED)
def test_films_with_a_window(
    decode: Decode, pydicom_files: dict[str, Path], tmp_path: Path, name: str
) -> None:
    assert_within_one_level(decode, pydicom_files[name].read_bytes(), tmp_path, "+Wi", "1")


def test_film_with_a_voi_table(
    decode: Decode, pydicom_files: dict[str, Path], tmp_path: Path
) -> None:
    assert_within_one_level(decode, pydicom_files["vlut_04.dcm"].read_bytes(), tmp_path, "+Wl", "1")


@pytest.mark.parametrize("name", [*UNWINDOWED, *UNWINDOWED_LS])
def test_films_without_a_window(
    decode: Decode, pydicom_files: dict[str, Path], tmp_path: Path, name: str
) -> None:
    data = pydicom_files[name].read_bytes()
    assert_within_one_level(decode, data, tmp_path, "-W", window=1)


@pytest.mark.parametrize("name", UNWINDOWED)
def test_auto_window_is_a_window(
    decode: Decode, pydicom_files: dict[str, Path], tmp_path: Path, name: str
) -> None:
    data = pydicom_files[name].read_bytes()
    numbers = decode(data).window_choices[0].removeprefix("auto window (").rstrip(")").split(" / ")
    center, width = float(numbers[0]) + 0.5, float(numbers[1]) + 1  # LINEAR_EXACT -> LINEAR
    assert_within_one_level(decode, data, tmp_path, "+Ww", str(center), str(width))


@pytest.mark.parametrize("name", COLOUR)
def test_colour_captures(
    decode: Decode, pydicom_files: dict[str, Path], tmp_path: Path, name: str
) -> None:
    assert_within_one_level(decode, pydicom_files[name].read_bytes(), tmp_path)


@pytest.mark.parametrize("name", SAMPLES)
def test_shared_samples(decode: Decode, shared_data: Path, tmp_path: Path, name: str) -> None:
    options = SAMPLES[name]
    data = (shared_data / "xray" / "samples" / name).read_bytes()
    window = 1 if options == ("-W",) else None
    assert_within_one_level(decode, data, tmp_path, *options, window=window)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("bits", [8, 12, 15, 16])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("transform", ["window", "sigmoid", "rescale", "fraction", "tables"])
def test_every_combination_of_attributes(
    decode: Decode, tmp_path: Path, photometric: str, bits: int, transform: str, *, signed: bool
) -> None:
    low = -(2 ** (bits - 1)) if signed else 0
    span = 2**bits - 1
    values = np.linspace(low, low + span, 4096).round().reshape(64, 64)
    pixels = values.astype(np.int16 if signed else np.uint16)
    middle, width = low + span // 2, span // 2
    extra: dict[str, object] = {"WindowCenter": str(middle), "WindowWidth": str(width)}
    options = ["+Wi", "1"]
    if transform == "sigmoid":
        extra["VOILUTFunction"] = "SIGMOID"
        options.append("+Wfs")
    tolerance = ONE_LEVEL
    if transform == "rescale":
        extra |= {"RescaleSlope": "-2", "RescaleIntercept": "-17"}
        extra["WindowCenter"] = str(-2 * middle - 17)
    if transform == "fraction":  # dcmtk cuts the rescaled value to an integer, we do not
        extra |= {"RescaleSlope": "0.5", "RescaleIntercept": "-17.25"}
        extra["WindowCenter"] = f"{middle / 2 - 17:g}"
        tolerance += 255 / (width - 1)
    if transform == "tables":
        first = max(low, middle - 500)
        entries = (np.sqrt(np.arange(1000)) * 8).astype(np.uint16)
        extra = {"VOILUTSequence": Sequence([lut_item(first, 8, entries)])}
        options = ["+Wl", "1"]
    data = dicom_bytes(
        pixels, bits_stored=bits, extra={**extra, "PhotometricInterpretation": photometric}
    )
    assert_within_one_level(decode, data, tmp_path, *options, tolerance=tolerance)


def test_junk_above_the_stored_bits(decode: Decode, tmp_path: Path) -> None:
    extra = {"WindowCenter": "2000", "WindowWidth": "3000"}
    assert_within_one_level(decode, dicom_bytes(RAMP | 0xB000, extra=extra), tmp_path, "+Wi", "1")
