"""Cards and weights: nothing but what the card names is loaded."""

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import save_file

from models.errors import WeightsError
from models.weights import load_weights, read_card, sha256_of

DOCUMENT: dict[str, Any] = {
    "id": "toy",
    "title": "Toy",
    "modality": "image",
    "classes": ["absent", "present"],
    "head": "softmax",
    "input_shape": [1, 8, 8],
    "weights_sha256": "0" * 64,
    "capabilities": ["gradient"],
    "default_target": "present",
    "operating_point": 0.4,
    "intended_use": "Tests.",
    "limits": ["None known."],
}


def write_card(folder: Path, **changes: object) -> Path:
    path = folder / "card.yaml"
    path.write_text(yaml.safe_dump({**DOCUMENT, **changes}))
    return path


def test_weights_come_back_as_saved(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"a": torch.arange(3.0)}, path)
    assert torch.equal(load_weights(path, sha256_of(path))["a"], torch.arange(3.0))


def test_other_bytes_than_the_card_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"a": torch.zeros(3)}, path)
    named = sha256_of(path)
    save_file({"a": torch.ones(3)}, path)
    with pytest.raises(WeightsError, match="SHA-256"):
        load_weights(path, named)


def test_a_damaged_file_is_refused_even_with_the_right_hash(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"not safetensors at all")
    with pytest.raises(WeightsError, match="safetensors"):
        load_weights(path, sha256_of(path))


def test_missing_weights_say_where_they_belong(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=tmp_path.name):
        load_weights(tmp_path / "model.safetensors", "0" * 64)


def test_a_card_is_read_into_typed_fields(tmp_path: Path) -> None:
    card = read_card(write_card(tmp_path, extra={"anything": 1}))
    assert card.classes == ("absent", "present")
    assert card.input_shape == (1, 8, 8)
    assert card.capabilities == {"gradient"}
    assert card.document["extra"] == {"anything": 1}


@pytest.mark.parametrize("field", sorted(DOCUMENT))
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(yaml.safe_dump({k: v for k, v in DOCUMENT.items() if k != field}))
    with pytest.raises(WeightsError, match=field):
        read_card(path)


@pytest.mark.parametrize(
    "change",
    [
        {"head": "argmax"},
        {"modality": "smell"},
        {"capabilities": ["telepathy"]},
        {"default_target": "elsewhere"},
        {"operating_point": 1.5},
        {"operating_point": 0},
        {"operating_point": float("nan")},
        {"operating_point": 10**400},
        {"classes": "absent or present"},
        {"classes": ["absent", "present", "present"]},
        {"limits": "None known."},
        {"input_shape": [1, float("inf"), 8]},
        {"notes": {1: "mixed", "keys": "have no order"}},
        {"input_shape": 5},
    ],
    ids=lambda change: next(f"{k}={str(v)[:24]}" for k, v in change.items()),
)
def test_a_wrong_value_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    with pytest.raises(WeightsError, match="wrong value"):
        read_card(write_card(tmp_path, **change))


@pytest.mark.parametrize("text", ["[1, 2", "just words", "- a\n- list"])
def test_a_card_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(text)
    with pytest.raises(WeightsError):
        read_card(path)
