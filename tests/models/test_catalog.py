"""The catalog lists cards without torch and loads only what it lists."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from models.catalog import BUILTIN, Catalog, catalog
from models.errors import ModelError, WeightsError
from models.weights import CARD_NAME, WEIGHTS_NAME

ROOT = Path(__file__).resolve().parents[2]


def test_the_xray_model_is_listed_with_its_card() -> None:
    assert "xray" in catalog()
    assert catalog()["xray"].default_target == "pneumonia or lung opacity"


@pytest.mark.parametrize(
    "model_id", ["recurrence", "recurrence-trees", "recurrence-logistic", "wisconsin"]
)
def test_tabular_models_are_listed_and_load(model_id: str) -> None:
    card = catalog()[model_id]
    assert card.modality == "tabular"
    model = catalog().load(model_id, torch.device("cpu"))
    assert model.card.id == model_id
    assert model.logits(torch.zeros(1, *card.input_shape)).shape == (1, 2)


def test_loading_gives_a_working_adapter() -> None:
    model = catalog().load("xray", torch.device("cpu"))
    assert model.card.id == "xray"
    assert model.logits(torch.zeros(1, *model.card.input_shape)).shape == (1, 2)


@pytest.mark.parametrize("use", [lambda c: c["ct"], lambda c: c.load("ct")])
def test_an_unknown_id_lists_the_known_ones(use: object) -> None:
    with pytest.raises(ModelError, match="xray"):
        use(catalog())  # type: ignore[operator]


def test_changed_weights_refuse_to_load(tmp_path: Path) -> None:
    source = BUILTIN / "xray"
    (tmp_path / CARD_NAME).write_bytes((source / CARD_NAME).read_bytes())
    content = bytearray((source / WEIGHTS_NAME).read_bytes())
    content[-1] ^= 1
    (tmp_path / WEIGHTS_NAME).write_bytes(content)
    with pytest.raises(WeightsError, match="SHA-256"):
        Catalog((tmp_path,)).load("xray", torch.device("cpu"))


def test_two_models_of_the_same_id_are_refused(tmp_path: Path) -> None:
    folders = (tmp_path / "first", tmp_path / "second")
    for folder in folders:
        folder.mkdir()
        (folder / CARD_NAME).write_bytes((BUILTIN / "xray" / CARD_NAME).read_bytes())
    assert list(Catalog(folders[:1])) == ["xray"]
    with pytest.raises(WeightsError, match=r"'xray'.*first.*second"):
        Catalog(folders)


def test_listing_cards_imports_no_torch() -> None:
    code = "import sys, models.catalog as c; list(c.catalog()); sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
