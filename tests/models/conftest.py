"""The built-in X-ray model and films to try it on."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from models.catalog import BUILTIN
from models.image_classifier import ImageClassifier, load_image_classifier


@pytest.fixture(scope="session")
def xray() -> ImageClassifier:
    return load_image_classifier(BUILTIN / "xray", torch.device("cpu"))


@pytest.fixture(scope="session")
def xray_data(shared_data: Path) -> Path:
    return shared_data / "xray"


@pytest.fixture(scope="session")
def film(xray_data: Path) -> npt.NDArray[np.float32]:
    """One real frontal film of an adult."""
    with Image.open(xray_data / "samples" / "normal_adult_pa_1.png") as image:
        return np.asarray(image.convert("L"), dtype=np.float32) / 255
