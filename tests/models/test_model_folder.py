"""A model's folder whose card and weights do not fit each other is refused in words."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from models.catalog import BUILTIN, catalog
from models.errors import WeightsError
from models.image_classifier import load_image_classifier
from models.weights import CARD_NAME, WEIGHTS_NAME

GONE = "(taken away)"


def write_model(folder: Path, change: dict[str, Any]) -> Path:
    """The X-ray model with values of its card changed, or taken away; keys are dotted paths."""
    document = deepcopy(catalog()["xray"].document)
    for path, value in change.items():
        *parents, last = path.split(".")
        inner = document
        for key in parents:
            inner = inner[key]
        if value is GONE:
            del inner[last]
        else:
            inner[last] = value
    (folder / CARD_NAME).write_text(yaml.safe_dump(document))
    (folder / WEIGHTS_NAME).symlink_to(BUILTIN / "xray" / WEIGHTS_NAME)
    return folder


def test_an_unchanged_copy_loads(tmp_path: Path) -> None:
    model = load_image_classifier(write_model(tmp_path, {}), torch.device("cpu"))
    assert model.card.digest == catalog()["xray"].digest


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"architecture": GONE}, "lack 'architecture'"),
        ({"architecture": None}, "cannot be used"),
        ({"architecture.name": GONE}, "lack 'name'"),
        ({"architecture.settings": GONE}, "lack 'settings'"),
        ({"architecture.settings": None}, "cannot be used"),
        ({"architecture.settings": {"widths": []}}, "cannot be used"),
        ({"architecture.settings": {"widths": [16, 32, -1]}}, "cannot be used"),
        ({"architecture.settings": {"widths": [16, 32, 32]}}, "do not fit"),
        ({"architecture.settings": {"mean": "dark"}}, "cannot be run"),
        ({"architecture.settings": {"deviation": 0}}, "finite"),
        ({"temperature": GONE}, "lack 'temperature'"),
        ({"temperature": -1.5}, "temperature is -1.5"),
        ({"temperature": 0}, "temperature is 0"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"temperature": float("inf")}, "temperature is inf"),
        ({"temperature": 10**400}, "cannot be used"),
        ({"temperature": [1.5]}, "cannot be used"),
        ({"preprocessing.parameters.size": "224"}, "size is '224'"),
        ({"preprocessing.parameters.size": 256}, "input shape"),
        ({"preprocessing.parameters.size": 8, "input_shape": [1, 8, 8]}, "cannot be run"),
        ({"preprocessing.parameters.margin": 0.6}, "margin is 0.6"),
        ({"preprocessing.parameters.shift": 1}, "shift"),
        ({"classes": ["normal", "nodule", "pneumonia or lung opacity"]}, "3 classes.*2 outputs"),
        ({"input_check.limits.template": GONE}, "lack 'template'"),
        ({"default_target": "fracture"}, "fracture"),
        ({"operating_point": 1}, "operating_point"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_card_that_does_not_fit_is_refused(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(WeightsError, match=words):
        load_image_classifier(write_model(tmp_path, change), torch.device("cpu"))
