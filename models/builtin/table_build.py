"""Trains the models of a study, measures them, and writes their folders: weights, sample, card."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import torch
import xgboost
from safetensors.torch import save
from scipy.special import expit

from models.boosted_trees import TREES_NAME, margins_of
from models.builtin.table_card_writer import (
    Calibration,
    Files,
    Recipe,
    card_document,
    write_card,
)
from models.builtin.table_data import Cohort, folds
from models.builtin.table_metrics import (
    calibration_curve,
    fit_temperature,
    measure,
    measure_parts,
)
from models.builtin.table_study import Study
from models.builtin.table_training import (
    NetworkRecipe,
    TreesRecipe,
    train_logistic,
    train_network,
    train_trees,
)
from models.builtin.xray_metrics import fit_operating_point
from models.case import FloatArray
from models.table_card import SAMPLE_NAME, sample_text
from models.table_encoding import TableEncoding
from models.tabular_adapters import TabularClassifier
from models.tabular_classifier import load_tabular_classifier
from models.tabular_networks import MarginNetwork
from models.weights import WEIGHTS_NAME, sha256_of

BUILTIN: Final = Path(__file__).parent
SAMPLE_SIZE: Final = 512
Fitted: TypeAlias = MarginNetwork | xgboost.Booster


def main(make: Callable[[], Study], recipes: Mapping[str, Recipe], about: str | None) -> None:
    """Command line of a study: train its models, or measure those that are shipped.

    Args:
        make: Makes the study.
        recipes: Model id -> how it is trained.
        about: What the command is about; its first line is shown by --help.
    """
    parser = argparse.ArgumentParser(description=about.splitlines()[0] if about else None)
    parser.add_argument("--evaluate", action="store_true", help="measure only")
    options = parser.parse_args()
    torch.set_num_threads(1)  # sums come out the same on every machine
    study = make()
    for model_id, recipe in recipes.items():
        if options.evaluate:
            evaluate(study, model_id)
        else:
            build(study, model_id, recipe)
        sys.stdout.write(f"wrote {BUILTIN / model_id}\n")


def build(study: Study, model_id: str, recipe: Recipe) -> None:
    """Train one model of the study on all development records, write its folder, measure it."""
    fitted = _fit(study.development, study.encoding, recipe)
    calibration = _calibrate(study, recipe)
    folder = BUILTIN / model_id
    folder.mkdir(exist_ok=True)
    name, content = _weights(fitted)
    (folder / name).write_bytes(content)
    sample = study.development.values[:SAMPLE_SIZE]
    (folder / SAMPLE_NAME).write_text(sample_text(sample, study.schema), encoding="ascii")
    files = Files(sha256_of(folder / name), sha256_of(folder / SAMPLE_NAME), len(sample))
    write_card(card_document(study, model_id, recipe, calibration, files), folder)
    evaluate(study, model_id)


def evaluate(study: Study, model_id: str) -> None:
    """Measure the model in its folder again and rewrite its card's figures."""
    folder = BUILTIN / model_id
    model = load_tabular_classifier(folder, torch.device("cpu"))
    document = dict(model.card.document)
    document["metrics"] = {**study.words["metrics"], **figures(study, model)}
    write_card(document, folder)


def figures(study: Study, model: TabularClassifier) -> dict[str, Any]:
    """Everything measured that the card shows."""
    risks = {name: risk_of(model, cohort) for name, cohort in study.groups.items()}
    in_detail = {name: (study.groups[name], risks[name]) for name in study.in_detail}
    found: dict[str, Any] = {
        "groups": {
            name: measure(study.groups[name].labels, risk, model.card.operating_point)
            for name, risk in risks.items()
        }
    }
    if study.parts is not None:
        found["parts"] = {
            name: measure_parts(cohort.labels, risk, study.parts(cohort, study.schema))
            for name, (cohort, risk) in in_detail.items()
        }
    found["calibration_curve"] = {
        name: calibration_curve(cohort.labels, risk) for name, (cohort, risk) in in_detail.items()
    }
    return found


def risk_of(model: TabularClassifier, cohort: Cohort) -> FloatArray:
    """(N,) probability of the second class."""
    with torch.inference_mode():
        logits = model.logits(model.encode_values(cohort.values)).double().numpy()
    return np.asarray(expit(logits[:, 1] - logits[:, 0]))


def _fit(train: Cohort, encoding: TableEncoding, recipe: Recipe) -> Fitted:
    """Train the kind of model that the recipe is for."""
    if isinstance(recipe, NetworkRecipe):
        return train_network(train, encoding, recipe)
    if isinstance(recipe, TreesRecipe):
        return train_trees(train, encoding, recipe)
    return train_logistic(train, encoding, recipe)


def _calibrate(study: Study, recipe: Recipe) -> Calibration:
    """Temperature and operating point from models that were trained without the fold in question.

    A single validation part of some hundred records would leave both to chance.
    """
    development = study.development
    margins = np.empty(len(development))
    for others, inside in folds(development):
        fitted = _fit(others, study.encoding, recipe)
        margins[inside] = _margins(fitted, study.encoding.encode(development.values[inside]))
    temperature = round(fit_temperature(development.labels, margins), 4)
    risk = expit(margins / temperature)
    weights = np.full(len(development), 1 / len(development))
    return Calibration(
        temperature, round(fit_operating_point(development.labels, risk, weights), 4)
    )


def _margins(fitted: Fitted, encoded: np.ndarray[Any, np.dtype[np.float32]]) -> FloatArray:
    """(n,) log-odds before temperature scaling."""
    if isinstance(fitted, xgboost.Booster):
        return margins_of(fitted, encoded).astype(np.float64)
    with torch.inference_mode():
        found: FloatArray = fitted(torch.from_numpy(encoded)).double().numpy()
    return found


def _weights(fitted: Fitted) -> tuple[str, bytes]:
    """File name and content."""
    if isinstance(fitted, xgboost.Booster):
        return TREES_NAME, bytes(fitted.save_raw("json"))
    return WEIGHTS_NAME, save({name: value.detach() for name, value in fitted.state_dict().items()})
