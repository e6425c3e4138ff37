"""Calibration of the X-ray model: each reading by itself, on films that its head was not fitted to.

The validation split has few adults (59), so the training films count too, each with the log-odds
of a head that was fitted without its patient (`xray_heads.cross_fitted`).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from scipy.special import expit

from models.builtin.xray_bank import Bank
from models.builtin.xray_encoded import Encoded
from models.builtin.xray_heads import SOURCES, HeadRecipe, cross_fitted
from models.builtin.xray_metrics import (
    Floats,
    auroc,
    fit_calibration,
    fit_operating_point,
)
from models.networks import EvidenceNet

GROUP_OF: Final = {"nih": "adults", "kermany": "children"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading's calibration: (log-odds + offset) / temperature.

    Attributes:
        films: How many films it was fitted on.
        pneumonia_share: Share of them with pneumonia: what the probabilities hold for.
        temperature: Divides the log-odds; part of the shipped weights.
        offset: Added before; part of the shipped weights.
        auroc: Of these films.
    """

    films: int
    pneumonia_share: float
    temperature: float
    offset: float
    auroc: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was fitted on films held out from the heads.

    Attributes:
        readings: Group of films -> its calibration.
        operating_point: Probability from which pneumonia is called present, chosen on adults.
    """

    readings: dict[str, Reading]
    operating_point: float


def calibrate(
    network: EvidenceNet, bank: Bank, train: Encoded, val: Encoded, recipe: HeadRecipe
) -> Calibration:
    """Calibrate each reading, in place, and choose the operating point on adults."""
    readings, point = {}, 0.5
    for number, source in enumerate(SOURCES):
        labels, odds = held_out(bank, train, val, source, recipe)
        temperature, offset = fit_calibration(labels, odds, np.ones(len(odds)))
        network.head.weight.data[number] /= temperature
        network.head.bias.data[number] = (network.head.bias.data[number] + offset) / temperature
        readings[GROUP_OF[source]] = Reading(
            films=len(odds),
            pneumonia_share=round(float(labels.mean()), 3),
            temperature=round(temperature, 4),
            offset=round(offset, 4),
            auroc=round(auroc(labels, odds), 3),
        )
        if number == 0:
            calibrated = expit((odds + offset) / temperature)
            point = fit_operating_point(labels, calibrated, np.ones(len(odds)))
    return Calibration(readings=readings, operating_point=round(point, 4))


def held_out(
    bank: Bank, train: Encoded, val: Encoded, source: str, recipe: HeadRecipe
) -> tuple[Floats, Floats]:
    """Labels and uncalibrated log-odds of a source: training films (cross-fitted), then val."""
    chosen, odds = cross_fitted(bank, train.means, source, recipe)
    member = torch.tensor([name == source for name in val.sources])
    labels = torch.cat([train.films.labels[chosen], val.films.labels[member]])
    return labels.double().numpy(), np.concatenate([odds.double().numpy(), val.odds[member]])
