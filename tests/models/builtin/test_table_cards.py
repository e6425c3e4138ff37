"""The shipped tabular models are the ones their commands make, and their cards say what is so."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from models.boosted_trees import TreesTable, margins_of
from models.builtin.table_build import risk_of
from models.builtin.table_study import Study
from models.builtin.table_training import train_logistic, train_network, train_trees
from models.builtin.train_recurrence import EXTERNAL, RECIPES, TEST, recurrence_study
from models.builtin.train_wisconsin import RECIPES as WISCONSIN_RECIPES
from models.builtin.train_wisconsin import TEST as WISCONSIN_TEST
from models.builtin.train_wisconsin import wisconsin_study
from models.builtin.xray_metrics import auroc
from models.catalog import BUILTIN, catalog
from models.tabular_adapters import LinearTable, NetworkTable, TabularClassifier
from models.tabular_classifier import load_tabular_classifier

IDS = ("recurrence", "recurrence-trees", "recurrence-logistic", "wisconsin")
SECTIONS = (
    "intended_use", "not_for", "limits", "schema", "data", "preprocessing", "calibration",
    "metrics", "training", "sample", "input_check", "architecture", "temperature",
    "operating_point",
)  # fmt: skip


@pytest.fixture(scope="module")
def studies() -> dict[str, Study]:
    recurrence = recurrence_study()
    return dict.fromkeys(RECIPES, recurrence) | dict.fromkeys(WISCONSIN_RECIPES, wisconsin_study())


def shipped(model_id: str) -> TabularClassifier:
    return load_tabular_classifier(BUILTIN / model_id, torch.device("cpu"))


@pytest.mark.parametrize("model_id", IDS)
def test_no_section_is_missing_or_empty(model_id: str) -> None:
    document = catalog()[model_id].document
    assert document["id"] == model_id
    for section in SECTIONS:
        assert document[section], section
    assert all(source["licence"] for source in document["data"]["sources"])


@pytest.mark.parametrize("model_id", IDS)
def test_figures_on_the_card_are_those_of_the_shipped_model(
    studies: dict[str, Study], model_id: str
) -> None:
    model, study = shipped(model_id), studies[model_id]
    metrics = model.card.document["metrics"]
    assert set(metrics["groups"]) == set(study.groups)
    for name, cohort in study.groups.items():
        on_card, risk = metrics["groups"][name], risk_of(model, cohort)
        assert on_card["records"] == len(cohort)
        assert on_card["auroc"]["value"] == pytest.approx(auroc(cohort.labels, risk), abs=6e-4)
        low, high = on_card["auroc"]["ci95"]
        assert low < on_card["auroc"]["value"] < high
        called = risk[cohort.labels == 1] >= model.card.operating_point
        assert on_card["sensitivity"]["value"] == pytest.approx(called.mean(), abs=0.01)


@pytest.mark.parametrize("model_id", IDS)
def test_columns_scalings_and_sample_are_those_of_the_study(
    studies: dict[str, Study], model_id: str
) -> None:
    model, study = shipped(model_id), studies[model_id]
    assert model.schema == study.schema
    assert model.encoding.scalings == study.encoding.scalings
    np.testing.assert_array_equal(model.sample, study.development.values[: len(model.sample)])


@pytest.mark.parametrize("model_id", ["recurrence-trees", "recurrence-logistic", "wisconsin"])
def test_training_again_gives_the_shipped_model(studies: dict[str, Study], model_id: str) -> None:
    model, study = shipped(model_id), studies[model_id]
    inputs = study.encoding.encode(study.development.values[:200])
    recipes: dict[str, Any] = {**RECIPES, **WISCONSIN_RECIPES}
    train, encoding = study.development, study.encoding
    if isinstance(model, TreesTable):
        margins = margins_of(train_trees(train, encoding, recipes[model_id]), inputs)
    elif isinstance(model, LinearTable):
        fitted = train_logistic(train, encoding, recipes[model_id])
        margins = fitted(torch.from_numpy(inputs)).detach().numpy()
    else:
        fitted = train_network(train, encoding, recipes[model_id])
        margins = fitted(torch.from_numpy(inputs)).detach().numpy()
    found = model.margins(torch.from_numpy(inputs)).numpy()
    np.testing.assert_allclose(found, margins, atol=0.02)


def test_the_network_is_told_from_its_recipe_by_its_seed(studies: dict[str, Study]) -> None:
    study = studies["recurrence"]
    short = replace(RECIPES["recurrence"], epochs=1)
    first, again = (train_network(study.development, study.encoding, short) for _ in range(2))
    other = train_network(study.development, study.encoding, replace(short, seed=1))
    inputs = torch.from_numpy(study.encoding.encode(study.development.values[:50]))
    with torch.inference_mode():
        assert torch.equal(first(inputs), again(inputs))
        assert not torch.allclose(first(inputs), other(inputs))


@pytest.mark.parametrize("model_id", IDS)
def test_models_beat_chance_within_and_outside_their_hospital(model_id: str) -> None:
    groups = catalog()[model_id].document["metrics"]["groups"]
    for name in (WISCONSIN_TEST,) if model_id == "wisconsin" else (TEST, EXTERNAL):
        assert groups[name]["auroc"]["ci95"][0] > 0.6


@pytest.mark.parametrize("model_id", IDS[:3])
@pytest.mark.parametrize("column", ["nodes", "size", "er"])
def test_what_is_made_of_a_missing_value_is_calibrated(
    studies: dict[str, Study], model_id: str, column: str
) -> None:
    model, test = shipped(model_id), studies[model_id].groups[TEST]
    values = test.values.copy()
    values[:, model.schema.index(column)] = np.nan
    risk = risk_of(model, replace(test, values=values))
    assert risk.mean() == pytest.approx(test.labels.mean(), abs=0.05)
    assert isinstance(model, NetworkTable | TreesTable)
