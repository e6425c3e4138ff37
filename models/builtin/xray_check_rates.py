"""How often the input check refuses: real films, spoilt films, pictures of other things.

Nothing here was used to fit the check.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pydicom
import skimage.data
import torch
from pydicom.data import get_testdata_file
from sklearn.datasets import load_sample_images
from torch import Tensor

from models.builtin.fit_check import ACCEPTED_QUANTILE
from models.builtin.xray_data import read_film
from models.input_check import TESTS, FilmCheck, pooled
from models.networks import EvidenceNet
from models.preprocess import Preprocessing, equalise

SPOILT: Final[dict[str, Callable[[Tensor], Tensor]]] = {
    "grey values inverted": lambda films: 1 - films,
    "turned by 90 degrees": lambda films: films.rot90(1, (2, 3)),
    "turned by 270 degrees": lambda films: films.rot90(3, (2, 3)),
    "upside down": lambda films: films.flip(2),
}
PICTURES: Final = (
    *("astronaut", "brick", "camera", "cat", "cell", "clock", "coffee", "coins", "colorwheel"),
    *("grass", "gravel", "horse", "hubble_deep_field", "immunohistochemistry", "logo"),
    *("microaneurysms", "moon", "page", "retina", "rocket", "shepp_logan_phantom", "text"),
)
OTHER_SCANS: Final = {
    "tibia radiograph": "RG3_UNCR.dcm",
    "head MR": "MR2_UNCR.dcm",
    "body CT slice": "693_UNCR.dcm",
    "ultrasound": "US1_UNCR.dcm",
}


def check_rates(
    check: FilmCheck,
    network: EvidenceNet,
    films: Mapping[str, Tensor],
    localisation: Path,
) -> dict[str, Any]:
    """Refusal rates for the card.

    Args:
        check: The fitted check.
        network: Whose features it reads.
        films: Name of a group of frontal films -> (n, 1, S, S) equalised inputs.
        localisation: Folder of the localisation films.
    """
    preprocessing = Preprocessing()
    extra = [_encode(read_film(path), preprocessing) for path in sorted(localisation.iterdir())]
    groups = {**films, "localisation films": torch.cat(extra)}
    others = {name: _encode(film, preprocessing) for name, film in other_pictures().items()}
    verdicts = _refused(check, network, torch.cat(list(others.values())))
    passed = [name for name, verdict in zip(others, verdicts.tolist(), strict=True) if not verdict]
    return {
        "method": "distance from the training films: principal directions of 28 x 28 thumbnails "
        "and what they leave, correlation with each source's mean film, principal directions of "
        "the features of the film's quarters and what they leave; a value above its limit refuses",
        "fitted_on": "films of the train and val splits, normal ones also with pasted opacities; "
        "share of each source's films that "
        f"passes each test: {ACCEPTED_QUANTILE}; which features to use was chosen with drawn hands "
        "and some of the other pictures at hand",
        "frontal_films_refused": {
            name: _rate(_refused(check, network, inputs)) for name, inputs in groups.items()
        },
        "spoilt_films_refused": {
            kind: {
                name: _rate(_refused(check, network, spoil(inputs)))
                for name, inputs in films.items()
            }
            for kind, spoil in SPOILT.items()
        },
        "other_pictures_refused": {**_rate(verdicts), "wrongly_accepted": passed},
    }


def _refused(check: FilmCheck, network: EvidenceNet, inputs: Tensor) -> Tensor:
    """(n, 1, S, S) -> (n,) bool."""
    limits = torch.tensor([check.limits[test] for test in TESTS])
    return (check.scores(inputs, pooled_features(network, inputs)) > limits).any(1)


def pooled_features(network: EvidenceNet, inputs: Tensor) -> Tensor:
    """(n, 1, S, S) -> (n, D) pooled features, 16 films a pass."""
    with torch.inference_mode():
        return torch.cat([pooled(network.feature_maps(part)) for part in torch.split(inputs, 16)])


def other_pictures() -> dict[str, Tensor]:
    """Name -> (H, W) grey picture that is no chest film: photographs, textures, other scans."""
    pictures = {name: _grey(getattr(skimage.data, name)()) for name in PICTURES}
    for name, picture in zip(("china", "flower"), load_sample_images().images, strict=True):
        pictures[name] = _grey(picture)
    for name, file in OTHER_SCANS.items():
        pictures[name] = _grey(_dicom(file))
    generator = np.random.default_rng(2026)
    pictures["noise"] = _grey(generator.random((300, 300)))
    pictures["blank"] = _grey(np.zeros((300, 300)))
    pictures["ramp"] = _grey(np.tile(np.linspace(0, 1, 300)[:, None], (1, 300)))
    return pictures


def _dicom(file: str) -> np.ndarray[Any, Any]:
    """First frame of a test file of pydicom-data."""
    path = get_testdata_file(file, download=False)
    dataset = pydicom.dcmread(str(path), force=True)
    pixels: np.ndarray[Any, Any] = dataset.pixel_array
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        pixels = pixels.max() - pixels
    return pixels if int(dataset.get("NumberOfFrames", 1)) == 1 else pixels[0]


def _grey(picture: np.ndarray[Any, Any]) -> Tensor:
    """(H, W[, 3 or more]) of any range -> (H, W) float32 in [0, 1], colours averaged."""
    values = picture.astype(np.float32)
    if values.ndim == 3:
        values = values[..., :3].mean(-1)
    span = float(values.max() - values.min()) or 1.0
    return torch.from_numpy((values - values.min()) / span)


def _encode(film: Tensor, preprocessing: Preprocessing) -> Tensor:
    """(H, W) -> (1, 1, S, S), as the adapter encodes."""
    return equalise(preprocessing.cut(film))


def _rate(refused: Tensor) -> dict[str, Any]:
    """Counts and share for the card."""
    return {
        "refused": int(refused.sum()),
        "of": len(refused),
        "share": round(float(refused.float().mean()), 4),
    }
