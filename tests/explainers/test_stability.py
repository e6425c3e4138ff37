"""Stability under another seed and under small noise, by what should and should not change."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from explainers.asking import ask
from explainers.consult import consult
from explainers.engine import Runtime
from explainers.explanation import MethodId
from explainers.report import BUDGET_OF, ConsultRequest, default_request
from explainers.stability import N_NOISY, rows_of_stability, stability
from explainers.stability_report import StabilityReport, likeness, lines
from models.adapter import ModelAdapter
from models.case import Case
from models.catalog import catalog
from models.errors import ExplainError
from models.samples import records, reports
from models.table_card import schema_of
from tests.toys import SIDE, linear_model, product_model, toy_case

FILM = ConsultRequest(
    methods=("gradient", "kernel_shap"), budget=200, n_players=36, players="grid", baseline="black"
)


def measured(
    model: ModelAdapter, case: Case, request: ConsultRequest, runtime: Runtime | None = None
) -> StabilityReport:
    answers = consult(case, model, request).explanations
    return stability(ask(case, model, request), answers, request, runtime=runtime)


def ramp() -> ModelAdapter:
    return linear_model(torch.linspace(-0.1, 0.1, SIDE**2).reshape(1, SIDE, SIDE))


def test_a_linear_model_has_the_same_gradient_everywhere() -> None:
    runtime = Runtime(max_rows=64)
    model, case = ramp(), toy_case()
    found = measured(model, case, FILM, runtime)
    gradient, shap = found.methods
    assert gradient.reseeded is None
    assert gradient.under_noise is not None
    assert gradient.under_noise.rank_correlation == pytest.approx(1.0)
    assert gradient.under_noise.top_overlap == pytest.approx(1.0)
    assert shap.reseeded is not None
    assert 0.9 < shap.reseeded.rank_correlation <= 1.0
    assert len(shap.noisy) == N_NOISY == len(found.noisy_values)
    assert 0 < np.abs(np.array(found.noisy_values) - found.value).max() < 0.2
    planned = rows_of_stability(ask(case, model, FILM), FILM.methods, FILM)
    assert found.rows == runtime.rows <= planned


def test_a_larger_budget_is_spent_again() -> None:
    """An answer is compared with answers of as many model runs, not of the usual number."""
    usual = replace(FILM, methods=("kernel_shap",), budget=BUDGET_OF["image"])
    spent = [
        measured(ramp(), toy_case(), replace(usual, budget=times * usual.budget)).rows
        for times in (1, 2)
    ]
    assert spent[1] - spent[0] == usual.budget * (1 + N_NOISY)


def test_too_few_rows_make_a_method_unstable() -> None:
    few = replace(FILM, budget=4 * 37, methods=("lime",))
    many = replace(few, budget=2000)
    model = product_model(ask(toy_case(), ramp(), few).players)  # not linear: samples matter
    found = [measured(model, toy_case(), request).methods[0].reseeded for request in (few, many)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].rank_correlation < found[1].rank_correlation


def test_likeness_of_known_values() -> None:
    same = likeness(np.array([3.0, -2.0, 1.0]), np.array([3.0, 2.0, -1.0]), 1)
    assert (same.rank_correlation, same.top_overlap) == (1.0, 1.0)
    turned = likeness(np.array([3.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0]), 1)
    assert (turned.rank_correlation, turned.top_overlap) == (-1.0, 0.0)
    assert np.isnan(likeness(np.zeros(3), np.ones(3), 1).rank_correlation)


CASES: dict[str, MethodId] = {"wisconsin": "integrated_gradients", "report": "attention_rollout"}


@pytest.mark.parametrize("model_id", sorted(CASES))
def test_records_get_noise_and_texts_do_not(model_id: str) -> None:
    model = catalog().load(model_id, torch.device("cpu"))
    if model_id == "report":
        case = reports.load(reports.samples()[0].id)
    else:
        schema = schema_of(model.card.document)
        case = records.load(records.samples(schema)[0].id, schema)
    request = replace(default_request(model.card), methods=(CASES[model_id],))
    found = measured(model, case, request)
    (method,) = found.methods
    if model_id == "report":
        assert method.noisy == ()
        assert "No noisy copies" in found.noise
        assert "under every seed" in lines(found, {})[0]
    else:
        assert method.under_noise is not None
        assert 0.9 < method.under_noise.rank_correlation < 1.0
        assert "1%" in found.noise


def test_document_is_plain_data_and_returns() -> None:
    found = measured(ramp(), toy_case(), FILM)
    document = json.loads(json.dumps(found.to_document(), allow_nan=False))
    assert StabilityReport.from_document(document) == found


def test_nothing_explained_has_no_stability() -> None:
    model, case = ramp(), toy_case()
    with pytest.raises(ExplainError, match="no explanation"):
        stability(ask(case, model, FILM), (), FILM)
