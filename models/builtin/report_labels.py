"""Which tags of the Indiana University reports make which finding of the `report` model.

The tags are the "major" MeSH headings that curators gave each report, written
"Heading/qualifier/qualifier". The one table that defines the labels is `TAGS`.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from models.case import FloatArray

# A report has a finding when one of its tags has this heading and, where one is named, this
# qualifier anywhere behind it.
TAGS: Final[dict[str, tuple[str, ...]]] = {
    "normal": ("normal",),
    "opacity or pneumonia": (
        "Opacity/lung",
        "Airspace Disease",
        "Infiltrate",
        "Pneumonia",
        "Consolidation",
    ),
    "pleural effusion": (
        "Pleural Effusion",
        "Hydropneumothorax",
        "Hemothorax",
        "Hemopneumothorax",
    ),
    "cardiomegaly": ("Cardiomegaly", "Cardiac Shadow/enlarged"),
    "atelectasis": ("Pulmonary Atelectasis",),
    "nodule or mass": ("Nodule", "Mass", "Density/round"),
    "granuloma": ("Calcified Granuloma", "Granuloma", "Granulomatous Disease"),
    "scarring": ("Cicatrix", "Pulmonary Fibrosis"),
    "emphysema or hyperinflation": (
        "Emphysema",
        "Pulmonary Emphysema",
        "Bullous Emphysema",
        "Pulmonary Disease, Chronic Obstructive",
        "Lung/hyperdistention",
    ),
    "low lung volumes": ("Lung/hypoinflation",),
    "congestion or edema": ("Pulmonary Congestion", "Pulmonary Edema", "Heart Failure"),
    "fracture": ("Fractures, Bone",),
    "medical device": (
        "Catheters, Indwelling",
        "Implanted Medical Device",
        "Medical Device",
        "Tube, Inserted",
    ),
    "pneumothorax": ("Pneumothorax", "Hydropneumothorax", "Hemopneumothorax"),
}
NOT_INDEXED: Final = "No Indexing"  # nobody looked: neither present nor absent
MIN_POSITIVES: Final = 60  # among all reports; rarer findings can be neither learnt nor measured


def is_indexed(tags: Iterable[str]) -> bool:
    """Whether curators tagged the report at all."""
    found = set(tags)
    return bool(found) and NOT_INDEXED not in found


def labels_of(tags: Iterable[str]) -> FloatArray:
    """(14,) 0 or 1 for each finding of TAGS."""
    split = [tuple(tag.split("/")) for tag in tags]
    return np.array(
        [float(any(_fits(tag, wanted) for tag in split for wanted in rule)) for rule in
         TAGS.values()]
    )  # fmt: skip


def common_findings(labels: FloatArray) -> tuple[str, ...]:
    """Findings with at least MIN_POSITIVES among reports (N, 14)."""
    return tuple(
        name for name, count in zip(TAGS, labels.sum(0), strict=True) if count >= MIN_POSITIVES
    )


def _fits(tag: Sequence[str], wanted: str) -> bool:
    heading, _, qualifier = wanted.partition("/")
    return tag[0] == heading and (not qualifier or qualifier in tag[1:])
