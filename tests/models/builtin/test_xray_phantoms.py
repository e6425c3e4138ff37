"""Phantoms come after the real films and are none of the gallery's."""

import torch
import yaml

from models.builtin.xray_data import Films
from models.builtin.xray_phantoms import FIRST_SEED, with_phantoms
from models.samples.manifest import PATH


def test_phantoms_come_last_and_every_second_has_an_opacity() -> None:
    row = {"source": "nih", "view": "PA", "patient_id": "1"}
    real = Films(
        pixels=torch.zeros(1, 256, 256, dtype=torch.uint8), labels=torch.tensor([1]), rows=(row,)
    )
    both = with_phantoms(real, 4)
    assert both.rows[0] == row
    assert [r["source"] for r in both.rows[1:]] == ["phantom"] * 4
    assert both.labels.tolist() == [1, 0, 1, 0, 1]
    assert both.pixels.shape == (5, 256, 256)
    assert float(both.pixels[1:].float().std()) > 20


def test_no_phantom_of_the_gallery_is_trained_on() -> None:
    shown = yaml.safe_load(PATH.read_text(encoding="utf-8"))["phantoms"]
    assert shown
    assert max(phantom["seed"] for phantom in shown) < FIRST_SEED
