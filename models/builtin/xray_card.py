"""The X-ray model's card: words from `xray_words.yaml`, figures from the caller."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from models.preprocess import Preprocessing

WORDS: Final = Path(__file__).with_name("xray_words.yaml")
FIRST: Final = ("id", "title", "weights_sha256", "modality", "classes", "head", "input_shape")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """Everything measured that the card shows.

    Attributes:
        sha256: Hex digest of the weights file.
        recipe: Of the training.
        parameters: How many the network has.
        operating_point: Probability from which pneumonia is called present.
        calibration: Of each reading; already part of the weights.
        films: How many films each split has.
        check: Limits of the input check and its rates.
        metrics: Rates at the operating point, and figures by group of films.
        probes: Of `xray_probes.probes`.
        localisation: Table of `benchmarks.localisation` for these weights, None where missing.
    """

    sha256: str
    recipe: Mapping[str, Any]
    parameters: int
    operating_point: float
    calibration: Mapping[str, Any]
    films: Mapping[str, int]
    check: Mapping[str, Any]
    metrics: Mapping[str, Any]
    probes: Mapping[str, Any]
    localisation: Mapping[str, Any] | None


def card_document(figures: Figures, preprocessing: Preprocessing) -> dict[str, Any]:
    """The whole card as plain data."""
    words: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    words["weights_sha256"] = figures.sha256
    words["input_shape"] = [1, preprocessing.size, preprocessing.size]
    words["operating_point"] = figures.operating_point
    words["temperature"] = 1.0  # part of the weights
    words["calibration"]["readings"] = dict(figures.calibration)
    words["preprocessing"]["parameters"] = asdict(preprocessing)
    words["architecture"]["parameters"] = figures.parameters
    words["training"]["recipe"] = dict(figures.recipe)
    words["data"]["films"] = dict(figures.films)
    words["input_check"] = dict(figures.check)
    words["metrics"] |= figures.metrics
    words["probes"] |= figures.probes
    words["localisation"] |= figures.localisation or {"status": "not measured for these weights"}
    return {**{name: words[name] for name in FIRST}, **words}


def write_card(document: Mapping[str, Any], path: Path) -> None:
    """Write the document as YAML, fields in their order."""
    text = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=100)
    path.write_text(text, encoding="utf-8")
