"""Sentences written for training that assert or deny a finding, put into training reports.

The reports deny few findings often ("no pleural effusion or pneumothorax") and the others hardly
ever, so that their names alone give them away. Each name here is asserted as often as it is denied.
None of the sentences of `report_probes.yaml` is used.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import yaml

from models.builtin.report_metrics import PROBES
from models.case import FloatArray

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "opacity or pneumonia": (
        "opacity", "infiltrate", "consolidation", "pneumonia", "airspace disease",
        "airspace opacity",
    ),
    "pleural effusion": ("pleural effusion", "effusion", "pleural fluid"),
    "cardiomegaly": ("cardiomegaly", "enlargement of the heart", "cardiac enlargement"),
    "atelectasis": ("atelectasis", "subsegmental atelectasis", "basilar atelectasis"),
    "nodule or mass": ("nodule", "pulmonary nodule", "mass", "lung mass", "nodular density"),
    "granuloma": ("granuloma", "calcified granuloma", "granulomatous disease"),
    "scarring": ("scarring", "scar", "fibrosis"),
    "emphysema or hyperinflation": ("emphysema", "hyperinflation", "hyperexpansion", "COPD"),
    "low lung volumes": ("hypoinflation", "low lung volumes"),
    "congestion or edema": (
        "edema", "pulmonary edema", "vascular congestion", "pulmonary venous congestion",
        "heart failure",
    ),
    "fracture": ("fracture", "rib fracture", "displaced fracture", "clavicle fracture"),
    "medical device": ("catheter", "central line", "pacemaker", "tube", "port"),
}  # fmt: skip
ASSERTED: Final = (
    "{} is present.", "{} is seen.", "There is {}.", "Findings of {}.", "Mild {} is noted.",
    "Stable {}.", "{} on the left.", "{} on the right.", "Interval development of {}.",
    "{} is again identified.", "{} with no change.", "No change in {}.",
)  # fmt: skip
DENIED: Final = (
    "No {}.", "There is no {}.", "No {} is present.", "No {} is identified.", "Without {}.",
    "Negative for {}.", "No evidence of {}.", "{} is not seen.", "No definite {}.", "No new {}.",
    "There is no evidence for {} on either side.", "{} has resolved.", "Free of {}.",
)  # fmt: skip
NORMAL: Final = "normal"


def put_sentence(
    text: str, labels: FloatArray, classes: Sequence[str], generator: np.random.Generator
) -> tuple[str, FloatArray]:
    """Put a sentence about a finding that the report does not have between its sentences.

    Args:
        text: A section of a report.
        labels: (K,) 0 or 1 for each class.
        classes: (K,) names.
        generator: Draws finding, wording and place.

    Returns:
        The section, and the labels that it has now: an asserted finding is present, and a report
        with one is not normal.
    """
    absent = [k for k, name in enumerate(classes) if name in NAMES and not labels[k]]
    if not absent:
        return text, labels
    k, asserts = int(generator.choice(absent)), bool(generator.random() < 0.5)
    sentence = _sentence(classes[k], generator, asserts=asserts)
    sentences = text.split(". ") if text else []
    place = int(generator.integers(0, len(sentences) + 1))
    sentences.insert(place, sentence if place == len(sentences) else sentence.removesuffix("."))
    if asserts:
        labels = labels.copy()
        labels[k] = 1
        labels[[name == NORMAL for name in classes]] = 0
    return ". ".join(sentences).replace(".. ", ". "), labels


def _sentence(finding: str, generator: np.random.Generator, *, asserts: bool) -> str:
    """One that no probe uses."""
    while True:
        name = str(generator.choice(NAMES[finding]))
        wording = str(generator.choice(ASSERTED if asserts else DENIED)).format(name)
        sentence = wording[:1].upper() + wording[1:]
        if sentence.lower() not in _probes():
            return sentence


@cache
def _probes() -> frozenset[str]:
    findings = yaml.safe_load(PROBES.read_text(encoding="utf-8"))["findings"]
    return frozenset(
        sentence.lower() for lists in findings.values() for kind in lists.values()
        for sentence in kind
    )  # fmt: skip
