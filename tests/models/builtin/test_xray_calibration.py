"""Each reading is calibrated by itself, and the operating point is the adults'."""

import numpy as np
import pytest
import torch
from scipy.special import expit

from models.builtin.xray_bank import Bank
from models.builtin.xray_calibration import calibrate
from models.builtin.xray_data import Films
from models.builtin.xray_encoded import Encoded
from models.builtin.xray_heads import SOURCES, HeadRecipe, fit_heads
from models.networks import EvidenceNet

EACH, WIDTH = 400, 384


def split(seed: int) -> Encoded:
    """Adults told apart by direction 0, children by direction 1, one quarter of labels wrong."""
    draws = torch.Generator().manual_seed(seed)
    rows = tuple({"source": s, "patient_id": f"{s}{seed}{k}"} for s in SOURCES for k in range(EACH))
    adult = (torch.arange(2 * EACH) < EACH).float()
    seen = torch.rand(2 * EACH, generator=draws) < torch.where(adult == 1, 0.3, 0.6)
    means = torch.zeros(2 * EACH, WIDTH)
    means[:, 0], means[:, 1], means[:, 2] = seen * adult, seen * (1 - adult), adult
    means += 0.05 * torch.randn(means.shape, generator=draws)
    labels = (seen ^ (torch.rand(2 * EACH, generator=draws) < 0.25)).long()
    films = Films(pixels=torch.zeros(2 * EACH, 1, 1, dtype=torch.uint8), labels=labels, rows=rows)
    features = means.repeat_interleave(4, dim=1)
    return Encoded(films=films, inputs=torch.empty(0), features=features, odds=np.zeros(2 * EACH))


def test_probabilities_hold_for_each_group_afterwards() -> None:
    train, val = split(1), split(2)
    bank = Bank(
        rows=train.films.rows, means=train.means, removed=0 * train.means.repeat(4, 1, 1),
        film=torch.arange(2 * EACH), labels=train.films.labels.float(),
        pasted=torch.zeros(2 * EACH, dtype=torch.bool), cells=torch.zeros(2 * EACH, WIDTH).half(),
        covered=torch.zeros(2 * EACH), cell_film=torch.arange(2 * EACH),
    )  # fmt: skip
    network = EvidenceNet(widths=(4, 6, 8), blocks=(1, 1))
    recipe = HeadRecipe(
        iterations=10, cell_weight=0.0, nothing_weight=0.0, still_weight=0.0, outer_weight=0.0
    )
    fit_heads(network, bank, recipe)
    with torch.inference_mode():
        val.odds[:] = network.log_odds(val.means).double().numpy()
    calibration = calibrate(network, bank, train, val, recipe)
    fresh = split(3)
    with torch.inference_mode():
        probabilities = expit(network.log_odds(fresh.means).double().numpy())
    labels = fresh.films.labels.numpy()
    for number, group in enumerate(("adults", "children")):
        part = slice(number * EACH, (number + 1) * EACH)
        assert calibration.readings[group].films == 2 * EACH
        assert probabilities[part].mean() == pytest.approx(labels[part].mean(), abs=0.08)
        above, chances = labels[part] == 1, probabilities[part]
        high = chances > 0.5
        assert above[high].mean() == pytest.approx(chances[high].mean(), abs=0.1)
        assert above[~high].mean() == pytest.approx(chances[~high].mean(), abs=0.1)
    assert 0.25 < calibration.operating_point < 0.75
