"""What the X-ray model answers when something is taken away from a film, or put on it."""

from typing import Any, Final

import torch
from scipy.special import logit
from torch import Tensor

from models.builtin.opacities import paste_opacities
from models.builtin.xray_absence import blurred
from models.builtin.xray_encoded import PASTE_SEED, Encoded
from models.inputs.phantom import phantom
from models.networks import EvidenceNet
from models.preprocess import Preprocessing, equalise

PHANTOMS: Final = range(20_000, 20_040)  # seeds; none is trained on, none is in the gallery
SIDE: Final = 256


def probes(network: EvidenceNet, split: Encoded, operating_point: float) -> dict[str, Any]:
    """Figures for the card.

    Args:
        network: In eval mode.
        split: Films that it was not trained on.
        operating_point: Probability from which pneumonia is called present.
    """
    threshold = float(logit(operating_point))
    found: dict[str, Any] = {
        "meaning": "mean log-odds of pneumonia, and share of films called positive; pasted: "
        "synthetic opacities on the normal films"
    }
    for group, source in (("adults", "nih"), ("children", "kermany")):
        member = torch.tensor([name == source for name in split.sources])
        sick = split.films.labels == 1
        normal = split.inputs[member & ~sick]
        films = {
            "normal": normal,
            "normal, blurred whole": blurred(normal),
            "normal, pasted": _pasted(split, member & ~sick),
            "pneumonia": split.inputs[member & sick],
            "pneumonia, blurred whole": blurred(split.inputs[member & sick]),
        }
        found[group] = {name: _answer(network, part, threshold) for name, part in films.items()}
    found["phantoms"] = {
        name: _answer(network, _phantoms(opacity=opacity), threshold)
        for name, opacity in (("without opacity", False), ("with opacity", True))
    }
    return found


@torch.inference_mode()
def _answer(network: EvidenceNet, inputs: Tensor, threshold: float) -> dict[str, Any]:
    """Mean log-odds and share called positive of (n, 1, S, S)."""
    odds = torch.cat([2 * network(part)[:, 1] for part in torch.split(inputs, 16)])
    return {
        "films": len(odds),
        "log_odds": round(float(odds.mean()), 2),
        "called_positive": round(float((odds >= threshold).float().mean()), 3),
    }


def _pasted(split: Encoded, member: Tensor) -> Tensor:
    """The split's chosen films with synthetic opacities, seeded."""
    generator = torch.Generator().manual_seed(PASTE_SEED)
    squares = [Preprocessing().cut(film.float() / 255) for film in split.films.pixels[member]]
    parts = torch.split(torch.cat(squares), 16)
    return torch.cat([equalise(paste_opacities(part, generator)[0]) for part in parts])


def _phantoms(*, opacity: bool) -> Tensor:
    """Inputs of PHANTOMS."""
    films = [phantom(seed, opacity=opacity, size=SIDE).pixels for seed in PHANTOMS]
    return torch.cat([equalise(Preprocessing().cut(torch.from_numpy(film))) for film in films])
