"""DICOM attributes -> facts and warnings for display. Runs only inside the decoding process.

Two allow-lists keep patients out: only the attributes in `ALLOWED` are read from the file at all,
and a value is shown only if it is a number or a term of a closed vocabulary (a name typed into Body
Part would not pass).
"""

import math
import re
from typing import Final

from pydicom import Dataset

from models.inputs.film import ROW_DIRECTIONS, RowDirection

ALLOWED: Final[tuple[str, ...]] = (
    # what it is
    "SOPClassUID", "Modality", "PresentationIntentType", "ConversionType",
    # the image pixel module
    "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames", "Rows",
    "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelData",
    "PixelPaddingValue", "PixelPaddingRangeLimit",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    # from stored values to grey
    "ModalityLUTSequence", "RescaleSlope", "RescaleIntercept", "VOILUTSequence", "WindowCenter",
    "WindowWidth", "VOILUTFunction", "PresentationLUTShape",
    # how it is to be read
    "ViewPosition", "PatientOrientation", "ImageLaterality", "Laterality", "BodyPartExamined",
    "PixelSpacing", "ImagerPixelSpacing", "PixelSpacingCalibrationType", "BurnedInAnnotation",
    "LossyImageCompression",
)  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VIEWS: Final = _words(
    "PA AP LL RL RLD LLD RLO LLO LAT LATERAL OBLIQUE LPO RPO LAO RAO CC MLO ML LM XCCL"
)
_BODY_PARTS: Final = _words(
    "CHEST THORAX LUNG RIB RIBS STERNUM CLAVICLE ABDOMEN PELVIS SKULL HEAD NECK JAW SPINE CSPINE "
    "TSPINE LSPINE SSPINE SHOULDER SCAPULA HUMERUS ARM ELBOW FOREARM WRIST HAND FINGER THUMB HIP "
    "FEMUR THIGH KNEE PATELLA LEG LOWERLEG ANKLE HEEL CALCANEUS FOOT TOE EXTREMITY BREAST HEART "
    "WHOLEBODY"
)
_MODALITIES: Final = _words("CR DX RG MG OT SC IO PX RF XA")
_SIDES: Final = {"L": "left", "R": "right", "B": "both", "U": "unpaired"}
_DIRECTION: Final = re.compile(r"[LRAPHF]{1,3}")
NOT_STATED: Final = "not stated"
NOT_SHOWN: Final = "stated in a non-standard term (not shown)"


def term(dataset: Dataset, keyword: str) -> str:
    """First value as stripped upper-case text, "" when absent."""
    values = _values(dataset, keyword)
    return str(values[0]).strip().upper() if values else ""


def numbers(dataset: Dataset, keyword: str) -> list[float]:
    """All values that are finite numbers."""
    found = []
    for value in _values(dataset, keyword):
        try:
            number = float(str(value))
        except ValueError:
            continue
        if math.isfinite(number):
            found.append(number)
    return found


def whole(dataset: Dataset, keyword: str, default: int) -> int:
    """First value as an integer, the default when absent or not a number."""
    found = numbers(dataset, keyword)
    return int(found[0]) if found else default


def _values(dataset: Dataset, keyword: str) -> list[object]:
    """All values of one attribute; an unreadable one counts as absent."""
    try:
        value = dataset.get(keyword)
    except (ValueError, TypeError, OverflowError, NotImplementedError):
        return []
    if value is None or value == "":
        return []
    return [value] if isinstance(value, str | bytes | int | float) else list(value)


def _from_vocabulary(value: str, vocabulary: frozenset[str]) -> str:
    if not value:
        return NOT_STATED
    return value if value in vocabulary else NOT_SHOWN


def view(dataset: Dataset) -> str:
    """View position: PA, AP, LL ..."""
    return _from_vocabulary(term(dataset, "ViewPosition"), _VIEWS)


def body_part(dataset: Dataset) -> str:
    """Body part examined."""
    return _from_vocabulary(term(dataset, "BodyPartExamined"), _BODY_PARTS)


def modality(dataset: Dataset) -> str:
    """CR, DX, MG ..."""
    return _from_vocabulary(term(dataset, "Modality"), _MODALITIES)


def laterality(dataset: Dataset) -> str:
    """The side imaged, of paired parts; a chest has none."""
    value = term(dataset, "ImageLaterality") or term(dataset, "Laterality")
    return _SIDES.get(value, NOT_SHOWN) if value else NOT_STATED


def orientation(dataset: Dataset) -> str:
    r"""Patient orientation as the standard writes it: row direction \ column direction."""
    letters = [str(value).strip().upper() for value in _values(dataset, "PatientOrientation")]
    if not any(letters):
        return NOT_STATED
    if len(letters) != 2 or not all(map(_DIRECTION.fullmatch, letters)):
        return NOT_SHOWN
    return "\\".join(letters)


def row_direction(dataset: Dataset) -> RowDirection | None:
    """Towards which side of the patient image rows run, None when not stated or neither."""
    return ROW_DIRECTIONS.get(orientation(dataset)[:1])


def spacing(dataset: Dataset) -> tuple[tuple[float, float] | None, str]:
    """Millimetres per pixel (row, column) and, in words, what they refer to (PS3.3 10.7.1.3)."""
    stored, detector = (
        _positive_pair(dataset, key) for key in ("PixelSpacing", "ImagerPixelSpacing")
    )
    pair = stored or detector
    if pair is None:
        return None, "unknown"
    if term(dataset, "PixelSpacingCalibrationType") in ("GEOMETRY", "FIDUCIAL") and stored:
        kind = "calibrated"
    elif detector is not None and pair == detector:
        kind = "at the detector"
    else:
        kind = "as stored, calibration not stated"
    return pair, f"{pair[0]:.4g} x {pair[1]:.4g} mm, {kind}"


def _positive_pair(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    """Spacing of 0.000 exists in real files and means nothing."""
    found = numbers(dataset, keyword)
    if len(found) != 2 or not all(1e-4 < value < 100 for value in found):
        return None
    return found[0], found[1]


def burned_in(dataset: Dataset) -> str:
    """Whether text is burned into the pixels, as far as the file says."""
    return {"YES": "yes", "NO": "no"}.get(term(dataset, "BurnedInAnnotation"), "unknown")


def _bits(dataset: Dataset) -> str:
    sign = "signed" if whole(dataset, "PixelRepresentation", 0) == 1 else "unsigned"
    stored, allocated = (whole(dataset, key, 0) for key in ("BitsStored", "BitsAllocated"))
    return f"{stored} stored of {allocated}, {sign}"


def facts(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    """What the file states about the film, as (label, value) in display order."""
    return (
        ("View", view(dataset)),
        ("Laterality", laterality(dataset)),
        ("Orientation", orientation(dataset)),
        ("Modality", modality(dataset)),
        ("Body part", body_part(dataset)),
        ("Burned-in text", burned_in(dataset)),
        ("Bits", _bits(dataset)),
    )


def warnings_of(dataset: Dataset) -> list[str]:
    """What a reader must know before trusting the picture's side, scale or look."""
    remarks = []
    direction = orientation(dataset)
    if direction not in (NOT_STATED, NOT_SHOWN):
        row, column = direction.split("\\")
        if row[0] != "L" or column[0] != "F":
            remarks.append(
                f"Rows run towards {row} and columns towards {column} instead of L and F: the film "
                "is shown as stored and may be mirrored, turned or a lateral view."
            )
    if term(dataset, "PresentationIntentType") == "FOR PROCESSING":
        remarks.append(
            "The film is marked FOR PROCESSING: raw detector data, not the clinical look."
        )
    if burned_in(dataset) == "yes":
        remarks.append("Text is burned into the pixels and may name the patient.")
    if term(dataset, "LossyImageCompression") == "01":
        remarks.append("The film was compressed with loss.")
    return remarks
