"""The shipped card is complete and fits the weights; the model beats chance on real films."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.builtin.train_xray import FOLDER
from models.builtin.xray_absence import blurred
from models.builtin.xray_data import read_films
from models.builtin.xray_encoded import encode_split
from models.builtin.xray_metrics import GROUPS, auroc
from models.image_classifier import ImageClassifier
from models.inputs.phantom import phantom
from models.preprocess import Preprocessing, equalise
from models.weights import WEIGHTS_NAME, sha256_of

SECTIONS = (
    "intended_use", "not_for", "limits", "known_shortcuts", "data", "preprocessing", "architecture",
    "training", "calibration", "input_check", "metrics", "probes", "localisation", "temperature",
)  # fmt: skip


@pytest.fixture(scope="module")
def document(xray: ImageClassifier) -> dict[str, Any]:
    return xray.card.document


@pytest.mark.parametrize("section", SECTIONS)
def test_no_section_is_missing_or_empty(document: dict[str, Any], section: str) -> None:
    assert document[section]


def test_providers_and_licences_are_named(document: dict[str, Any]) -> None:
    nih, kermany = document["data"]["sources"]
    assert nih["provider"] == "NIH Clinical Center"
    assert "CVPR 2017" in nih["citation"]
    assert kermany["licence"] == "CC BY 4.0"
    assert "10.17632/rscbjbr9sj" in kermany["link"]


def test_every_figure_has_its_size_interval_and_command(document: dict[str, Any]) -> None:
    metrics = document["metrics"]
    assert "--evaluate" in metrics["command"]
    assert set(metrics["groups"]) == set(GROUPS)
    for group in metrics["groups"].values():
        assert group["films"] > group["pneumonia"] > 0
        low, high = group["auroc"]["ci95"]
        assert low <= group["auroc"]["value"] <= high


def test_rates_at_the_operating_point_stand_beside_their_intervals(
    document: dict[str, Any],
) -> None:
    rates = document["metrics"]["operating_point_rates"]
    assert set(rates) == {"adults", "children"}
    for group in rates.values():
        assert group["n"] > 100
        for name in ("sensitivity", "false_alarm_rate"):
            low, high = group[name]["ci95"]
            assert 0 <= low <= group[name]["value"] <= high <= 1


def test_with_all_of_a_film_blurred_away_pneumonia_is_no_longer_called(
    document: dict[str, Any],
) -> None:
    for group in ("adults", "children"):
        found = document["probes"][group]
        assert found["pneumonia, blurred whole"]["log_odds"] < found["pneumonia"]["log_odds"] - 1
        assert found["normal, blurred whole"]["log_odds"] < 0.5
        assert found["normal, pasted"]["log_odds"] > found["normal"]["log_odds"] + 1


@pytest.mark.parametrize("method", ["grad_cam", "kernel_shap", "lime"])
def test_on_the_card_explanations_point_into_opacities_more_often_than_chance(
    document: dict[str, Any], method: str
) -> None:
    found = document["localisation"]["methods"][method]["all readings"]
    assert found["films"] == 97
    assert found["hit_rate_over_chance"]["ci95"][0] > 1


def test_blurring_an_opacity_away_lowers_the_answer(xray: ImageClassifier) -> None:
    falls = []
    for seed in range(30_000, 30_010):
        film = phantom(seed, size=256)
        whole = equalise(Preprocessing().cut(torch.from_numpy(film.pixels)))
        mask = Preprocessing().cut(torch.from_numpy(film.opacity_mask.astype(np.float32))) > 0.5
        without = torch.where(mask, blurred(whole), whole)
        with torch.inference_mode():
            before, after = (2 * xray.logits(part)[0, 1] for part in (whole, without))
        falls.append(float(before - after))
    assert np.mean(falls) > 0.2
    assert np.mean(np.array(falls) > 0) > 0.7


def test_pretrained_weights_are_named_with_their_licence(document: dict[str, Any]) -> None:
    assert "Apache-2.0" in document["data"]["pretrained"]["licence"]


def test_weights_stay_within_their_size(xray: ImageClassifier) -> None:
    path = FOLDER / WEIGHTS_NAME
    assert path.stat().st_size <= 16e6
    assert sum(p.numel() for p in xray.network.parameters()) <= 4e6
    assert sha256_of(path) == xray.card.weights_sha256


def test_real_films_are_told_apart_well_above_chance(
    xray: ImageClassifier, xray_data: Path
) -> None:
    adults = read_films(xray_data, "test", source="nih")
    encoded = encode_split(adults, xray.network, Preprocessing())
    found = auroc(adults.labels.double().numpy(), encoded.odds)
    assert found > 0.75
    on_card = xray.card.document["metrics"]["groups"]["NIH adults"]["auroc"]["value"]
    assert found == pytest.approx(on_card, abs=0.005)
