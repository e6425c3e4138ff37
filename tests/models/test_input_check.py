"""The input check lets frontal films pass and says so when something else comes."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import skimage.data
from PIL import Image

from models.case import image_case
from models.image_classifier import ImageClassifier
from models.input_check import INVERTED, REFUSED, TESTS
from models.inputs.image import decode_image
from models.inputs.phantom import phantom
from models.prediction import InputCheck

Pixels = npt.NDArray[np.float32]


def check(model: ImageClassifier, pixels: npt.NDArray[np.floating]) -> InputCheck:
    result = model.predict(image_case(pixels.astype(np.float32), name="picture")).check
    assert result is not None
    return result


def hand_photograph() -> Pixels:
    """A drawn hand, palm to the viewer: five bright fingers on a dark table."""
    rows, columns = np.mgrid[0:400, 0:400] / 400.0
    hand = (((rows - 0.72) / 0.24) ** 2 + ((columns - 0.5) / 0.2) ** 2) < 1
    for tip, spread in ((0.3, -0.36), (0.12, -0.17), (0.06, 0.0), (0.1, 0.15), (0.22, 0.29)):
        along = np.clip((0.75 - rows) / (0.75 - tip), 0, 1)
        hand |= (np.abs(columns - 0.5 - spread * along) < 0.045) & (rows > tip) & (rows < 0.75)
    shade = 0.75 - 0.2 * np.abs(columns - 0.5)
    return np.where(hand, shade, 0.12 + 0.05 * rows).astype(np.float32)


@pytest.mark.parametrize("name", ["camera", "coins", "astronaut", "cat", "page", "brick"])
def test_photographs_are_refused(xray: ImageClassifier, name: str) -> None:
    picture = getattr(skimage.data, name)().astype(np.float32) / 255
    grey = picture.mean(-1) if picture.ndim == 3 else picture
    result = check(xray, grey)
    assert not result.accepted
    assert result.message == REFUSED


def test_a_hand_is_refused(xray: ImageClassifier) -> None:
    assert not check(xray, hand_photograph()).accepted


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((300, 300)),
        np.random.default_rng(0).random((300, 300)),
        np.tile(np.linspace(0, 1, 300), (300, 1)),
    ],
    ids=["blank", "noise", "ramp"],
)
def test_pictures_of_nothing_are_refused(
    xray: ImageClassifier, picture: npt.NDArray[np.float64]
) -> None:
    assert not check(xray, picture).accepted


def test_an_inverted_film_is_recognised_as_such(xray: ImageClassifier, film: Pixels) -> None:
    result = check(xray, 1 - film)
    assert not result.accepted
    assert result.message == INVERTED


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_film_is_refused(xray: ImageClassifier, film: Pixels, turns: int) -> None:
    assert not check(xray, np.rot90(film, turns)).accepted


@pytest.mark.parametrize("seed", range(4))
def test_chest_phantoms_pass(xray: ImageClassifier, seed: int) -> None:
    result = check(xray, phantom(seed, size=512).pixels)
    assert result.accepted, result.scores
    assert result.message == ""


def test_every_real_sample_passes(xray: ImageClassifier, xray_data: Path) -> None:
    paths = [p for p in (xray_data / "samples").iterdir() if p.suffix in {".png", ".jpg"}]
    assert len(paths) == 10
    for path in sorted(paths):
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("L"), dtype=np.float32) / 255
        result = check(xray, pixels)
        assert result.accepted, (path.name, result.scores)


def test_every_test_shows_its_value_and_limit(xray: ImageClassifier, film: Pixels) -> None:
    result = check(xray, film)
    assert tuple(name for name, _, _ in result.scores) == TESTS
    assert all(0 <= value <= limit for _, value, limit in result.scores)


def test_disease_is_not_taken_for_another_kind_of_picture(
    xray: ImageClassifier, xray_data: Path
) -> None:
    path = xray_data / "samples" / "rg1_half_uncompressed.dcm"  # many round masses
    result = xray.predict(decode_image(path.read_bytes(), name=path.name)).check
    assert result is not None
    assert result.accepted, result.scores
