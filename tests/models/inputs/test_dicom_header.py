"""Facts beside the film: stated, never guessed, and only from closed vocabularies."""

from pathlib import Path

import numpy as np
import pytest

from models.inputs.film import Film
from tests.models.inputs.builders import dicom_bytes, image_bytes
from tests.models.inputs.conftest import Decode

NOT_SHOWN = "stated in a non-standard term (not shown)"


def facts(film: Film) -> dict[str, str]:
    return dict(film.header)


def test_nothing_is_guessed(decode: Decode) -> None:
    shown = facts(decode(dicom_bytes()))
    for label in ("View", "Laterality", "Orientation", "Body part"):
        assert shown[label] == "not stated"
    assert shown["Burned-in text"] == "unknown"
    assert shown["Pixel spacing"] == "unknown"


def test_what_the_file_states_is_shown(decode: Decode) -> None:
    extra = {
        "ViewPosition": "PA",
        "ImageLaterality": "L",
        "PatientOrientation": ["L", "F"],
        "BodyPartExamined": "CHEST",
        "BurnedInAnnotation": "NO",
        "WindowCenter": "2000.5",
        "WindowWidth": "3000",
    }
    film = decode(dicom_bytes(extra=extra))
    shown = facts(film)
    assert shown["View"] == "PA"
    assert shown["Laterality"] == "left"
    assert shown["Orientation"] == "L\\F"
    assert shown["Body part"] == "CHEST"
    assert shown["Modality"] == "CR"
    assert shown["Burned-in text"] == "no"
    assert shown["Window"] == "2000.5 / 3000"
    assert shown["Bits"] == "12 stored of 16, unsigned"
    assert film.row_direction == "L"
    assert film.remarks == ()


@pytest.mark.parametrize(
    ("keyword", "value", "label"),
    [
        ("ViewPosition", "JANE DOE", "View"),
        ("ImageLaterality", "DOE", "Laterality"),
        ("PatientOrientation", ["DOE", "JANE"], "Orientation"),
        ("PatientOrientation", "L", "Orientation"),
        ("BodyPartExamined", "JANE DOE 1940", "Body part"),
        ("Modality", "DOE", "Modality"),
        ("BurnedInAnnotation", "DOE", "Burned-in text"),
    ],
)
def test_words_outside_the_vocabulary_are_not_shown(
    decode: Decode, keyword: str, value: object, label: str
) -> None:
    shown = facts(decode(dicom_bytes(extra={keyword: value})))
    assert shown[label] == ("unknown" if label == "Burned-in text" else NOT_SHOWN)


@pytest.mark.parametrize(
    ("extra", "spacing", "words"),
    [
        ({"PixelSpacing": ["0.000", "0.000"]}, None, "unknown"),
        ({"PixelSpacing": ["0.2", "0.1"]}, (0.2, 0.1), "calibration not stated"),
        ({"ImagerPixelSpacing": ["0.2", "0.2"]}, (0.2, 0.2), "at the detector"),
        (
            {
                "PixelSpacing": ["0.1", "0.1"],
                "ImagerPixelSpacing": ["0.2", "0.2"],
                "PixelSpacingCalibrationType": "FIDUCIAL",
            },
            (0.1, 0.1),
            "calibrated",
        ),
        ({"PixelSpacing": ["0.1"]}, None, "unknown"),
    ],
)
def test_spacing_says_what_it_refers_to(
    decode: Decode, extra: dict[str, object], spacing: object, words: str
) -> None:
    film = decode(dicom_bytes(extra=extra))
    assert film.spacing_mm == spacing
    assert words in facts(film)["Pixel spacing"]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"PatientOrientation": ["R", "F"]}, "Rows run towards R"),
        ({"PatientOrientation": ["P", "F"]}, "Rows run towards P"),
        ({"PatientOrientation": ["L", "H"]}, "columns towards H"),
        ({"PresentationIntentType": "FOR PROCESSING"}, "FOR PROCESSING"),
        ({"BurnedInAnnotation": "YES"}, "burned into the pixels"),
        ({"LossyImageCompression": "01"}, "compressed with loss"),
        ({"PhotometricInterpretation": "MONOCHROME1"}, "inverted once"),
        ({"PixelPaddingValue": 3}, "Padding"),
    ],
)
def test_what_a_reader_must_know_is_a_remark(
    decode: Decode, extra: dict[str, object], words: str
) -> None:
    film = decode(dicom_bytes(extra=extra))
    assert any(words in remark for remark in film.remarks)


def test_an_unusual_orientation_does_not_turn_the_pixels(decode: Decode) -> None:
    usual = decode(dicom_bytes(extra={"PatientOrientation": ["L", "F"]}))
    mirrored = decode(dicom_bytes(extra={"PatientOrientation": ["R", "F"]}))
    assert (usual.pixels == mirrored.pixels).all()
    assert (usual.row_direction, mirrored.row_direction) == ("L", "R")


def test_real_films(decode: Decode, pydicom_files: dict[str, Path]) -> None:
    chest = decode(pydicom_files["RG1_UNCR.dcm"].read_bytes())
    assert facts(chest)["View"] == "PA"
    assert facts(chest)["Pixel spacing"] == "unknown"  # stored as 0.000
    assert any("MONOCHROME1" in remark for remark in chest.remarks)
    leg = decode(pydicom_files["RG3_UNCR.dcm"].read_bytes())
    assert facts(leg)["Laterality"] == "right"
    assert leg.row_direction == "R"


def test_eight_bits_without_a_window_equal_the_film_as_png(decode: Decode) -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    dicom = decode(dicom_bytes(grey))
    picture = decode(image_bytes(grey, "PNG"))
    np.testing.assert_allclose(dicom.pixels, picture.pixels, atol=1e-6)
