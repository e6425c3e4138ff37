"""What-if curves and the global view of tabular models."""

import numpy as np
import pytest
import torch

from explainers import overview as overview_module
from explainers.engine import Runtime
from explainers.ice import grid_of, ice_curve
from explainers.overview import DRAWS, JOINT_DRAWS, REPEATS, overview
from explainers.report import EXACT_PLAYERS
from explainers.surrogate_tree import fit_surrogate_tree
from explainers.table_views import MEASURES
from models.errors import CancelledError, UnsupportedMethodError
from tests.toys import linear_model, question_for, toy_case
from tests.toys_table import (
    RECORD,
    LinearTableModel,
    ToyTableModel,
    linear_table_model,
    planted_score,
    smooth_score,
    table_case,
    table_question_for,
    toy_sample,
    toy_schema,
)


def test_ice_of_a_linear_model_is_its_line() -> None:
    model = linear_table_model()
    curve = ice_curve(table_question_for(model, table_case()), 0)
    slope = float(model.weights[0]) / model.spread[0]
    expected = curve.value + slope * (curve.grid - RECORD[0])
    np.testing.assert_allclose(curve.values, expected, atol=1e-5)


def test_ice_passes_through_the_record() -> None:
    for column in range(5):
        curve = ice_curve(table_question_for(ToyTableModel(smooth_score), table_case()), column)
        (place,) = np.flatnonzero(curve.grid == RECORD[column])
        assert curve.values[place] == pytest.approx(curve.value, abs=1e-6)


def test_ice_says_what_a_missing_value_would_give() -> None:
    model = linear_table_model()
    curve = ice_curve(table_question_for(model, table_case()), 4)
    change = float(model.weights[11]) - float(model.weights[10]) * (
        (RECORD[4] - model.centre[4]) / model.spread[4]
    )
    assert curve.missing - curve.value == pytest.approx(change, abs=1e-5)


def test_ice_of_a_missing_value_has_no_point_of_its_own() -> None:
    values = RECORD.copy()
    values[4] = np.nan
    curve = ice_curve(table_question_for(linear_table_model(), table_case(values)), 4)
    assert np.isnan(curve.at)
    assert np.isfinite(curve.grid).all()
    assert curve.missing == pytest.approx(curve.value)


def test_grid_covers_training_range_categories_and_an_outlying_value() -> None:
    values = RECORD.copy()
    values[0] = 130.0
    question = table_question_for(linear_table_model(), table_case(values))
    ages = grid_of(question, 0)
    schema = toy_schema(toy_sample())
    assert ages[0] == schema.columns[0].low
    assert ages[-1] == 130.0
    assert (np.diff(ages) > 0).all()
    assert grid_of(question, 3).tolist() == [0, 1, 2]
    assert (grid_of(question, 2) % 1 == 0).all()


def test_films_have_no_curve() -> None:
    film = question_for(linear_model(torch.ones(1, 24, 24)), toy_case())
    with pytest.raises((UnsupportedMethodError, TypeError)):
        ice_curve(film, 0)


@pytest.fixture(autouse=True)
def _few_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview_module, "RECORDS", 24)


def test_planted_column_leads_all_three_measures() -> None:
    found = overview(ToyTableModel(planted_score("size")))
    for measure in MEASURES:
        shares = found.importance[measure]
        assert int(shares.argmax()) == 1
        assert shares[1] > 0.99 * shares.sum() or measure == "shap"
    assert found.tree.fidelity > 0.8
    assert "Size" in found.tree.nodes[0].rule


@pytest.mark.parametrize(("most", "n_draws"), [(EXACT_PLAYERS, DRAWS), (4, JOINT_DRAWS)])
def test_shap_of_a_linear_model_is_its_closed_form(
    monkeypatch: pytest.MonkeyPatch, most: int, n_draws: int
) -> None:
    """Of features too many to ask all coalitions, too; then against more records."""
    monkeypatch.setattr(overview_module, "EXACT_PLAYERS", most)
    monkeypatch.setattr(overview_module, "MASKS", 55)
    model = linear_table_model()
    found = overview(model)
    encoded = model.encode_values(model.sample).double()
    centred = encoded[:24] - encoded[:n_draws].mean(dim=0)
    terms = (centred * model.weights.double()).numpy()
    expected = np.stack(
        [terms[:, model.element_columns == c].sum(axis=1) for c in range(5)], axis=1
    )
    np.testing.assert_allclose(found.shap, expected, atol=1e-4)


def test_a_column_that_is_not_read_has_no_importance() -> None:
    weights = torch.zeros(12)
    weights[0], weights[2] = 1.0, 0.3
    found = overview(LinearTableModel(weights))
    for measure in MEASURES:
        assert found.importance[measure][4] == pytest.approx(0, abs=1e-6)
    assert found.rank_correlation[0, 1] > 0.9


def test_constant_model_has_undefined_correlations_not_zero_ones() -> None:
    found = overview(LinearTableModel(torch.zeros(12)))
    assert np.isnan(found.rank_correlation[0, 1])
    assert np.isnan(found.tree.fidelity)
    assert np.isfinite(found.error["permutation"]).all()


def test_overview_can_be_cancelled() -> None:
    with pytest.raises(CancelledError):
        overview(linear_table_model(), cancelled=lambda: True)


def test_overview_reports_its_rows() -> None:
    rows: list[int] = []
    overview(linear_table_model(), on_rows=rows.append)
    assert rows == sorted(rows)
    assert rows[-1] >= REPEATS * 5 * 400
    assert Runtime(max_rows=1).rows == 0


def test_tree_finds_a_rule_and_is_scored_on_records_it_has_not_seen() -> None:
    sample, schema = toy_sample(), toy_schema(toy_sample())
    values = np.where(sample[:, 3] == 2, 2.0, -1.0)
    tree = fit_surrogate_tree(sample, values, columns=schema.columns)
    root = tree.nodes[0]
    assert root.rule == "Grade is high"
    assert root.yes is not None
    assert root.no is not None
    assert tree.nodes[root.yes].value == pytest.approx(2.0)
    assert tree.nodes[root.no].value == pytest.approx(-1.0)
    assert tree.fidelity == pytest.approx(1.0)
    assert tree.importance.tolist() == pytest.approx([0, 0, 0, 1, 0])


def test_tree_that_imitates_noise_has_no_fidelity() -> None:
    sample, schema = toy_sample(), toy_schema(toy_sample())
    noise = np.random.default_rng(1).normal(size=len(sample))
    assert fit_surrogate_tree(sample, noise, columns=schema.columns).fidelity < 0.1
